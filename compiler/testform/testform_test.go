package testform_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/internal/golden"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

const catalog = `
version: 1
timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: c.csv
    key: {column: id, type: int}
    attributes:
      gender:    {type: text, values: [female, male]}
      city:      {type: text, trim: true, empty: missing}
      income:    {column: "Thu nhập", type: "decimal(14, 2)", min: 0, max: 1_000_000}
      birthday:  {type: date}
      signup_at: {type: time}
      opt_in:    {type: bool}
      app:       {type: version}
      score:     {type: float}
      tags:      {type: list<text>}
      homes:     {type: "list<{city: text, since: int}>"}
      home:      {type: "{city: text, since: int}"}
      spot:      {type: place, lat: lat, lon: lon}
    fields: {rich: income > 1000}
  household: {universe: [orders.household]}
  women: {from: customer, where: gender = "female"}
facts:
  orders:
    source: o.csv
    of: customer
    by: customer_id
    at: ordered_at
    key: no
    attributes: {ordered_at: {type: time}, amount: {type: "decimal(12, 2)"}, household: {type: text}, no: {type: text}}
  days: {from: orders, group_by: date(ordered_at)}
`

const definitions = `
param min_spend = 100
param min_count = 2
trait spend = sum(amount of orders)
trait mean = avg(amount of orders)
segment buyers { where any(orders in last 90 days) }
segment vips { where spend >= min_spend }
segment ladies of women { where city is known }
split stage {
  new when count(orders) <= 1
  old otherwise
}
`

func project(tests map[string]string) (*compiler.Project, diag.List) {
	files := fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "a.seg": {Data: []byte(definitions)}}
	for name, text := range tests {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return compiler.Compile(files, compiler.Options{Tests: true})
}

// TestValues reads each type by its column, whatever YAML would make of it.
func TestValues(t *testing.T) {
	for _, c := range []struct{ column, text, want string }{
		{"gender", "female", "female"}, {"gender", `"male"`, "male"}, {"city", "no", "no"}, {"city", "00123", "00123"}, {"city", "1_000", "1_000"},
		{"city", "2025-03-08", "2025-03-08"}, {"city", "' Huế '", "Huế"}, {"city", `""`, "missing"}, {"city", "'null'", "null"},
		{"income", "5_000", "5000.00"}, {"income", "0.5", "0.50"}, {"income", `"7"`, "7.00"},
		{"birthday", "1990-02-28", "1990-02-28"}, {"birthday", "'1990-02-28'", "1990-02-28"},
		{"signup_at", "2025-03-08", "2025-03-08T00:00:00"}, {"signup_at", "2025-03-08T10:30", "2025-03-08T10:30:00"},
		{"signup_at", "2025-03-08T10:30Z", "2025-03-08T17:30:00"},
		{"opt_in", "true", "true"}, {"opt_in", `"false"`, "false"}, {"app", "2.10", "2.10.0"}, {"score", "1e3", "1000"},
		{"tags", "[a, b, 1]", `["a", "b", "1"]`}, {"tags", "[]", "[]"}, {"homes", "[{city: Huế, since: 2_020}, {}]", `[{"Huế", 2020}, {missing, missing}]`},
		{"home", "{city: Huế}", `{"Huế", missing}`}, {"spot", "[21.0285, 105.8542]", "(21.0285, 105.8542)"},
	} {
		p, diags := project(map[string]string{"x_test.seg.yaml": "test: t\nas_of: 2025-06-01\nrows:\n  customer:\n    - {id: 1, " + c.column + ": " + c.text + "}\nexpect: {buyers: {not in: [1]}}\n"})
		if len(diags) > 0 {
			t.Errorf("%s: %s: %v", c.column, c.text, diags)
			continue
		}
		rel := p.Relation("customer")
		record := p.Tests[0].Instants[0].Data[rel][0]
		col := rel.Column(c.column)
		got := record[col]
		if col.LatCol != nil {
			got = value.NewPlace(record[col.LatCol].F, record[col.LonCol].F)
		}
		if got.String() != c.want {
			t.Errorf("%s: %s is read as %s, want %s", c.column, c.text, got, c.want)
		}
	}
}

// TestMistakes shows what is said of files that are wrong: testdata/wrong
// holds one file for each kind of mistake and what it gives.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/wrong/*_test.seg.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, diags := project(map[string]string{filepath.Base(name): string(raw)})
		var b strings.Builder
		if err := diag.Render(&b, diags, diag.Options{}); err != nil {
			t.Fatal(err)
		}
		if len(diags) == 0 {
			t.Errorf("%s gives nothing", name)
		}
		golden.Check(t, strings.TrimSuffix(name, "_test.seg.yaml")+".txt", b.String())
	}
}

// TestSteps: later rows come beside those before, and one of an entity in the
// place of that with its key.
func TestSteps(t *testing.T) {
	p, diags := project(map[string]string{"x_test.seg.yaml": `
test: a life
as_of: 2025-06-01
set: {min_spend: 50}
rows:
  customer: [{id: 1, city: Huế}, {id: 2}]
  orders: [{customer_id: 1, ordered_at: 2025-05-30, no: a, amount: 60}]
expect:
  vips: {in: [1], not in: [2], size: 1}
  stage.new: {size: 2}
traits:
  spend: {1: 60, 2: 0}
  mean: {1: 60, 2: {is: missing}}
then:
  - as_of: 2025-07-01
    rows:
      customer: [{id: 2, city: Vinh}, {id: 3}]
      orders: [{customer_id: 2, ordered_at: 2025-06-30, no: b, amount: 50.00}]
    expect: {vips: {entered: [2]}}
`})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	k := p.Tests[0]
	if k.Project == p.Project {
		t.Error("the param is not set")
	}
	customer, orders := k.Project.Relation("customer"), k.Project.Relation("orders")
	var sizes []int
	for _, at := range k.Instants {
		sizes = append(sizes, len(at.Data[customer]), len(at.Data[orders]), len(at.Rows[customer]), len(at.Wants), len(at.Values))
		r, err := ir.Eval(k.Project, at.AsOf, at.Data)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range at.Values {
			if got, _ := r.Trait(v.Trait.Name, v.Key.V); !v.Meets(got) {
				t.Errorf("%s of %s is %s", v.Trait.Name, v.Key.V, got)
			}
		}
	}
	if want := []int{2, 1, 2, 2, 4, 3, 2, 3, 1, 0}; !slices.Equal(sizes, want) {
		t.Errorf("rows and expectations are %v, want %v", sizes, want)
	}
	if got := k.Instants[1].Data[customer][1][customer.Column("city")].S; got != "Vinh" {
		t.Errorf("the later row says %q", got)
	}
	if got := k.Instants[0].Data[customer][1][customer.Column("city")]; !got.IsMissing() {
		t.Errorf("the later row has come before its time: %s", got)
	}
}

// TestFloats: a float agrees with what it rounds to.
func TestFloats(t *testing.T) {
	for _, c := range []struct {
		got    float64
		want   string
		digits int
		meets  bool
	}{{1.0 / 3, "0.33", 2, true}, {1.0 / 3, "0.34", 2, false}, {1.0 / 3, "0", 0, true}, {2.5, "2.5", 1, true}, {2.5, "2.50", 2, true}, {-0.125, "-0.13", 2, false}, {-0.125, "-0.12", 2, true}} {
		want, _ := value.Parse(value.Of(value.Float), c.want)
		if w := (&testform.ValueWant{Want: want, Digits: c.digits}); w.Meets(value.NewFloat(c.got)) != c.meets {
			t.Errorf("%v for %s: %v", c.got, c.want, !c.meets)
		}
	}
	if (&testform.ValueWant{}).Meets(value.NewInt(0)) || !(&testform.ValueWant{}).Meets(value.Value{}) {
		t.Error("0 is not missing")
	}
}

// TestFormat writes what it read, and reads what it wrote.
func TestFormat(t *testing.T) {
	raw, err := os.ReadFile("testdata/all_test.seg.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tests, diags := testform.Read(source.New("all_test.seg.yaml", string(raw)))
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	golden.Check(t, "testdata/all_test.seg.yaml", testform.Format(tests))
	tests[0].Comment = []string{"one of several", ""}
	if got := testform.Format(tests[:1]); !strings.HasPrefix(got, "# one of several\n#\ntest: ") {
		t.Error(got)
	}
	if got := testform.Format(tests); !strings.HasPrefix(got, "# one of several\n#\n- test: ") {
		t.Error(got)
	}
}

// FuzzRead: any text is read without a panic, and what is read can be written
// and reads the same again.
func FuzzRead(f *testing.F) {
	for _, pattern := range []string{"testdata/*_test.seg.yaml", "testdata/wrong/*_test.seg.yaml"} {
		files, _ := filepath.Glob(pattern)
		for _, name := range files {
			raw, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(raw))
		}
	}
	p, _ := project(nil)
	f.Fuzz(func(t *testing.T, text string) {
		tests, _ := testform.Read(source.New("x_test.seg.yaml", text))
		if len(tests) == 0 {
			return
		}
		testform.Check(p.Project, tests)
		written := testform.Format(tests)
		again, diags := testform.Read(source.New("y_test.seg.yaml", written))
		if diags.HasErrors() {
			t.Fatalf("%v in\n%s", diags, written)
		}
		if twice := testform.Format(again); twice != written {
			t.Errorf("written first\n%s\nand then\n%s", written, twice)
		}
	})
}
