package why_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/compiler/why"
)

var update = flag.Bool("update", false, "rewrite golden files")

const catalogText = `version: 1
edition: 1
timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: {table: customers}
    key: {column: id, type: int}
    attributes:
      id:        {type: int}
      city:      {type: text}
      tier:      {type: text, values: [gold, silver, none]}
      income:    {type: "decimal(12, 0)"}
      birthday:  {type: date}
      signup_at: {type: time}
      email:     {type: text, pii: true}
      born:      {type: date, pii: true}
      vip:       {type: bool}
      interests: {type: list<text>}
      company_id: {type: int}
      app:       {type: version}
      location:  {type: place, lat: lat, lon: lon}
    belongs_to: {company: {entity: company, by: company_id, reverse: employees}}
  company:
    source: {table: companies}
    key: {column: id, type: int}
    attributes: {id: {type: int}, industry: {type: text}}
facts:
  orders:
    source: {table: orders}
    of: customer
    by: cust
    at: at
    key: no
    attributes: {no: {type: int}, cust: {type: int}, at: {type: time}, amount: {type: "decimal(12, 0)"}, status: {type: text, values: [paid, refunded]}, phone: {type: text, pii: true}}
  returns:
    source: {table: returns}
    of: customer
    by: cust
    at: at
    attributes: {cust: {type: int}, at: {type: time}}
`

// rows are of each table, one a line, cells by |; an empty cell is missing.
var tables = map[string]string{
	"customer": `id|city|tier|income|birthday|signup_at|email|born|vip|company_id|app|lat|lon
1|Huế|gold|20000000|1990-05-20|2025-01-10T09:00|an@shop.vn|1990-05-20|true|7|2.9|16.46|107.59
2||silver||2000-03-31|2025-03-30T09:14|||false||2.10||
3|Hà Nội|none|9000000|||binh@shop.vn|1988-12-01||8|||
4|Huế|gold|11000000|1999-02-28|2024-02-29T10:00||||7|1.0|21.03|105.85`,
	"company": "id|industry\n7|Tài chính\n8|Bán lẻ",
	"orders": `no|cust|at|amount|status|phone
991|1|2025-01-05T09:14|300000|paid|0901
992|1|2025-03-20T20:00|500000|paid|0902
993|1|2025-03-25T08:00|700000|refunded|
994|1|2024-06-01T08:00|100000|paid|
995|4|2025-03-28T08:00|900000|paid|`,
	"returns": "cust|at\n1|2025-03-27T10:00",
}

const asOf = "2025-03-31T00:00"

type world struct {
	*testing.T
	p  *compiler.Project
	in ir.Input
	at int64
}

func newWorld(t *testing.T, definitions string) *world {
	t.Helper()
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(catalogText)}, "a.seg": {Data: []byte(definitions)}}, compiler.Options{})
	if diags.HasErrors() {
		t.Fatalf("%s\n%v", definitions, diags)
	}
	w := &world{t, p, ir.Input{Data: ir.Data{}}, 0}
	for name, text := range tables {
		w.in.Data[p.Relation(name)] = w.records(p.Relation(name), text)
	}
	var err error
	if w.at, err = p.Calendar.ParseInstant(asOf); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) records(rel *ir.Relation, text string) []ir.Record {
	var out []ir.Record
	lines := strings.Split(text, "\n")
	heads := strings.Split(lines[0], "|")
	for _, line := range lines[1:] {
		r := ir.Record{}
		for i, cell := range strings.Split(line, "|") {
			for _, c := range rel.Columns {
				if c.Raw != heads[i] {
					continue
				}
				v, ok := value.Parse(c.Type, cell)
				if !ok {
					w.Fatalf("%s.%s cannot be %q", rel.Name, c.Name, cell)
				}
				if v.Kind == value.Wall && c.Type.Kind == value.Time {
					v = value.NewTime(w.p.Calendar.Instant(v.I))
				}
				if c.Type.Kind == value.Text && cell == "" {
					v = value.Value{}
				}
				r[c] = v
			}
		}
		if rel.Name == "customer" {
			r[rel.Column("interests")] = value.NewList(value.NewText("chạy bộ"), value.NewText("trà"))
		}
		out = append(out, r)
	}
	return out
}

func (w *world) ask(segment string, key int64) why.Question {
	return why.Question{Project: w.p.Project, Segment: w.p.Segment(segment), Key: value.NewInt(key), AsOf: w.at, Input: w.in}
}

func explain(t *testing.T, q why.Question) *why.Explanation {
	t.Helper()
	x, err := why.Explain(q)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ir.EvalInput(q.Project, q.AsOf, q.Input)
	if err != nil {
		t.Fatal(err)
	}
	in := false
	for _, k := range r.Members(q.Segment.Name) {
		in = in || value.Equal(k, q.Key)
	}
	if in != x.In || x.Exists && x.Invalid == "" && x.Conditions.Holds != in {
		t.Errorf("%s of %s: explained as %t, evaluated as %t", q.Segment.Name, value.Key(q.Key), x.In, in)
	}
	return x
}

func text(x *why.Explanation) string {
	var b strings.Builder
	for _, l := range x.Lines() {
		fmt.Fprintln(&b, l)
	}
	return b.String()
}

// conditions are explained one by one, for each of some customers; what they
// say is in the golden file, by kind.
var conditions = []string{
	`city = "Huế"`,
	`city != "Huế"`,
	`city in ["Hà Nội", "Vinh"]`,
	`city not in ["Hà Nội", "Vinh"]`,
	`city ~= "hue"`,
	`city contains "Nội"`,
	`city matches /^H/`,
	`city is known`,
	`city is missing`,
	`income >= 12_000_000`,
	`income >= min_income`,
	`income between 10_000_000 and 15_000_000`,
	`income * 12 < 200_000_000`,
	`vip`,
	`not vip`,
	`tier = "gold" and (income > 50_000_000 or city = "Huế")`,
	`not (tier = "gold" and city = "Huế")`,
	`interests has "chạy bộ"`,
	`interests has any of ["bơi", "trà"]`,
	`any(interests where item starts with "t")`,
	`app >= "2.10"`,
	`age(birthday) between 23 and 35`,
	`signup_at in last 90 days`,
	`signup_at in this month`,
	`anniversary(birthday) in next 7 days`,
	`location within 10 km of point(16.4, 107.6)`,
	`count(orders in last 90 days where status = "paid") >= 3`,
	`any(orders in last 90 days)`,
	`none(orders in last 180 days)`,
	`all(orders have amount >= 200_000)`,
	`sum(amount of orders where status = "paid") >= 1_000_000`,
	`spend / count(orders) > 450_000`,
	`last(at of orders) before 30 days ago`,
	`any(orders followed by returns within 3 days)`,
	`none(orders in last 7 days where amount > 100_000 not followed by returns within 3 days)`,
	`regularly(orders every 1 month for 3 periods allowing 1 missed)`,
	`company.industry = "Tài chính"`,
	`count(company.employees) >= 2`,
	`spend in top 1`,
	`income in top 50% per city`,
	`bucket(income, 2) = 2`,
	`income > median(income of everyone)`,
	`in segment rich`,
	`not in segment rich`,
	`in segment stage.fresh`,
	`sample(50%, "tet")`,
	`entered segment rich in last 30 days`,
	`email is known and email contains "@shop.vn"`,
	`age(born) >= 30`,
	`any(orders where phone starts with "09")`,
}

const shared = `param min_income = 12_000_000
trait spend = sum(amount of orders where status = "paid")
segment rich { where income >= 10_000_000 }
split stage {
  never "Chưa mua" when none(orders)
  fresh "Mới" when count(orders in last 30 days) >= 1
  rest otherwise
}
`

func TestConditions(t *testing.T) {
	var got strings.Builder
	for i, cond := range conditions {
		name := fmt.Sprintf("s%d", i)
		w := newWorld(t, shared+"segment "+name+" {\n  where "+cond+"\n}\n")
		w.in.Changes = ir.Changes{w.p.Segment("rich"): {{Key: "1", At: w.at - 86_400_000_000}, {Key: "4", At: w.at, Left: true}}}
		fmt.Fprintf(&got, "# %s\n\n", cond)
		for key := range int64(3) {
			x := explain(t, w.ask(name, key+1))
			lines := strings.SplitN(text(x), "\n\n", 3)
			fmt.Fprintf(&got, "%s%s\n", strings.SplitN(lines[0], "\n", 2)[1]+"\n", lines[2])
		}
	}
	golden(t, "conditions.golden", got.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a, b := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			t.Fatalf("%s differs in line %d; go test ./compiler/why -update, and read the difference: got %q", name, i+1, a[min(i, len(a)-1)])
		}
	}
}
