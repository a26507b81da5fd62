package assist_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/assist"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/lang/source"
)

const shopCatalog = `timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: c.csv
    key: {column: id, type: int}
    attributes:
      gender: {type: text, values: [female, male, other]}
      city: {type: text, title: Thành phố}
      email: {type: text, pii: true}
      birthday: {type: date}
      active: {type: bool}
      income:
        type: decimal(14, 0)
        min: 0
      interests: {type: list<text>, separator: ";", values: []}
      addresses: {type: "list<{city: text, primary: bool}>"}
      firm_id: {type: int}
    belongs_to:
      firm: {entity: company, by: firm_id, reverse: staff}
  company: {source: f.csv, key: {column: id, type: int}, attributes: {name: {type: text}, size: {type: int}}}
facts:
  orders:
    source: s.csv
    of: customer
    by: customer_id
    at: ordered_at
    attributes: {customer_id: {type: int}, ordered_at: {type: time}, amount: {type: "decimal(9, 2)"}, status: {type: text, values: [paid, refunded]}}
  visits: {source: v.csv, of: customer, by: customer_id, at: seen_at, attributes: {customer_id: {type: int}, seen_at: {type: time}, page: {type: text}}}
channels: {email: email is known, zalo: active}
`

const shopDefs = `list big_cities = ["Huế", "Vinh"]
param min_spend = 5_000
param back = 30 days
# Spent in all
trait spend = sum(amount of orders)
rfm value = amount of orders
segment vip {
  title: "Khách quý"
  where spend >= min_spend and city in big_cities
}
segment good_firms of company { where size > 10 }
split cycle {
  title: "Vòng đời"
  new "Khách mới" when none(orders)
  old "Khách cũ" otherwise
}
holdout tet of segment vip {
  control: 10%
  test: otherwise
}
`

const shopTest = `test: who is a vip
as_of: 2025-06-01
set: {min_spend: 100}
rows:
  customer:
    - {id: 1, city: Huế}
  orders:
    - {customer_id: 1, ordered_at: 2025-05-30, amount: 200}
expect:
  vip: {in: [1]}
  cycle.old: {in: [1]}
`

// state compiles the shop with one more file, and gives that file and the
// offset of the mark | in it, which is taken out.
func state(t *testing.T, name, text string) (*assist.State, *source.File, int) {
	t.Helper()
	offset := strings.Index(text, "|")
	text = strings.Replace(text, "|", "", 1)
	files := fstest.MapFS{"catalog.yaml": {Data: []byte(shopCatalog)}, "shop.seg": {Data: []byte(shopDefs)}, "shop_test.seg.yaml": {Data: []byte(shopTest)}}
	files[name] = &fstest.MapFile{Data: []byte(text)}
	var uses []check.Use
	p, _ := compiler.Compile(files, compiler.Options{Uses: func(u check.Use) { uses = append(uses, u) }})
	var tests []*source.File
	for _, n := range []string{"shop_test.seg.yaml", name} {
		if strings.HasSuffix(n, "_test.seg.yaml") {
			tests = append(tests, source.New(n, string(files[n].Data)))
		}
	}
	file := source.New(name, text)
	for _, f := range p.Files {
		if f.Source.Name == name {
			file = f.Source
		}
	}
	if name == "catalog.yaml" {
		file = p.Catalog.File
	}
	return assist.New(p, uses, tests), file, offset
}

// TestComplete: what must, and what must not, be offered at the mark.
func TestComplete(t *testing.T) {
	for _, c := range []struct{ name, text, want, not string }{
		{"a.seg", `|`, "segment split trait list param holdout rfm", "and"},
		{"a.seg", "segment a { where in segment vip }\n\ns|", "segment split", "vip"},
		{"a.seg", `segment a of |`, "customer company", "orders"},
		{"a.seg", "split a of |", "customer segment", ""},
		{"a.seg", "split a of segment |", "vip cycle.new tet.control", "orders"},
		{"a.seg", "segment a {\n  |\n}", "title owner where channels", "and expect segment"},
		{"a.seg", "segment a {\n  title: \"x\"\n  |\n}", "owner where", "title"},
		{"a.seg", "segment a {\n  channels: [\"|\"]\n}", "email zalo", "female"},
		{"a.seg", "segment a {\n  where |\n}", "gender spend min_spend age count not `in segment` firm any", "orders amount big_cities good_firms"},
		{"a.seg", "segment a {\n  where gen|\n}", "gender", "amount"},
		{"a.seg", "segment a {\n  where gender |\n}", "= != in `not in` contains `is known`", ">= between"},
		{"a.seg", "segment a {\n  where gender = |\n}", `"female" "male"`, "orders"},
		{"a.seg", "segment a {\n  where gender = \"|", "female male other", "gender"},
		{"a.seg", "segment a {\n  where gender = \"fe|\"\n}", "female male other", "gender"},
		{"a.seg", "segment a {\n  where gender in [\"female\", |]\n}", `"female" "male"`, "gender"},
		{"a.seg", "segment a {\n  where gender in |\n}", "[…] big_cities", "last vip"},
		{"a.seg", "segment a {\n  where birthday in |\n}", "last next this previous", "[…]"},
		{"a.seg", "segment a {\n  where birthday in last |\n}", "`30 days` back", "min_spend"},
		{"a.seg", "segment a {\n  where birthday in last 3 |\n}", "days weeks months", "km"},
		{"a.seg", "segment a {\n  where birthday in this |\n}", "day month year", "days"},
		{"a.seg", "segment a {\n  where in segment |\n}", "vip cycle.new tet.test", "good_firms spend"},
		{"a.seg", "segment a {\n  where not in segment cycle.|\n}", "new old", "vip"},
		{"a.seg", "segment a of company {\n  where in segment |\n}", "good_firms", "vip"},
		{"a.seg", "segment a of company {\n  where |\n}", "name size", "gender spend"},
		{"a.seg", "segment a {\n  where firm.|\n}", "name size", "gender"},
		{"a.seg", "segment a {\n  where firm in segment |\n}", "good_firms", "vip"},
		{"a.seg", "segment a {\n  where any(|\n}", "orders visits interests firm", "gender spend"},
		{"a.seg", "segment a {\n  where any(orders |\n}", "where `in last` since `followed by`", "= and"},
		{"a.seg", "segment a {\n  where any(orders in |\n}", "last this previous", "big_cities"},
		{"a.seg", "segment a {\n  where any(orders in last 30 days where |\n}", "amount status at customer", "gender spend"},
		{"a.seg", "segment a {\n  where any(orders where status = \"|\n}", "paid refunded", "female"},
		{"a.seg", "segment a {\n  where any(orders where customer.|\n}", "gender spend", "amount"},
		{"a.seg", "segment a {\n  where any(orders followed by |\n}", "orders visits", "gender"},
		{"a.seg", "segment a {\n  where any(orders as o followed by visits where |)\n}", "page o", "amount"},
		{"a.seg", "segment a {\n  where any(orders as o followed by visits where o.|)\n}", "amount status", "page"},
		{"a.seg", "segment a {\n  where sum(|\n}", "amount page", "gender"},
		{"a.seg", "segment a {\n  where sum(| of orders)\n}", "amount status", "page gender"},
		{"a.seg", "segment a {\n  where sum(amount |\n}", "of", ""},
		{"a.seg", "segment a {\n  where sum(amount of |\n}", "orders visits everyone segment", "gender"},
		{"a.seg", "segment a {\n  where all(orders have |\n}", "amount", "gender"},
		{"a.seg", "segment a {\n  where any(addresses where |\n}", "city primary", "gender"},
		{"a.seg", "segment a {\n  where interests |\n}", "has `has any of`", ">="},
		{"a.seg", "segment a {\n  where spend |\n}", ">= between", "contains"},
		{"a.seg", "segment a {\n  where spend >= |\n}", "min_spend spend", "back"},
		{"a.seg", "segment a {\n  where email is |\n}", "known missing", "gender"},
		{"a.seg", "segment a {\n  where email is known\n  |\n}", "and or expect", "gender"},
		{"a.seg", "segment a {\n  where email is known and |\n}", "gender", "expect"},
		{"a.seg", "segment a {\n  where email is known\n  expect |\n}", "size share turnover", "gender"},
		{"a.seg", "split a {\n  x \"X\" |\n}", "when otherwise", "gender"},
		{"a.seg", "split a {\n  x \"X\" when |\n}", "gender", "otherwise"},
		{"a.seg", "trait a = |", "gender sum", "orders"},
		{"a.seg", "segment a { where value.| }", "recency frequency monetary", "gender"},
		{"a.seg", "# segment |", "", "vip"},
		{"a.seg", "segment broken { where ((( \nsegment a {\n  where gender = \"|\"\n}", "female", ""},

		{"a.seg.yaml", "|", "segment split trait", "gender"},
		{"a.seg.yaml", "segment: a\n|", "title owner where expect", "gender"},
		{"a.seg.yaml", "segment: a\nwhere: |", "gender spend", "title"},
		{"a.seg.yaml", "segment: a\nwhere: gender = \"|", "female", "title"},
		{"a.seg.yaml", "segment: a\nwhere:\n  and:\n    - |", "gender and:", "title"},
		{"a.seg.yaml", "segment: a\nwhere:\n  and:\n    - gender: |", "female male", "gender"},
		{"a.seg.yaml", "segment: a\nwhere:\n  and:\n    - gender: {in: [|", "female male", "title"},
		{"a.seg.yaml", "segment: a\nwhere:\n  and:\n    - gender: {|", "in =", "title"},
		{"a.seg.yaml", "segment: a\nwhere: >-\n  email is known\n  and count(orders where status = \"|", "paid", "title"},
		{"a.seg.yaml", "- segment: a\n  of: |", "customer company", "orders"},
		{"a.seg.yaml", "- segment: a\n  of: company\n  where: |", "name size", "gender"},

		{"catalog.yaml", strings.Replace(shopCatalog, "source: c.csv", "source: c.csv\n    |", 1), "belongs_to attributes fields", "of timezone"},
		{"catalog.yaml", shopCatalog + "|", "week_starts database", "attributes"},
		{"catalog.yaml", strings.Replace(shopCatalog, "of: customer\n", "of: |\n", 1), "customer orders", "gender"},
		{"catalog.yaml", strings.Replace(shopCatalog, "email: {type: text, pii: true}", "email: {type: text, pii: |}", 1), "true false", "type"},
		{"catalog.yaml", strings.Replace(shopCatalog, "email: {type: text, pii: true}", "email: {type: text, |}", 1), "trim empty", "female"},
		{"catalog.yaml", "week_starts: |\n" + shopCatalog, "monday sunday", "timezone"},

		{"b_test.seg.yaml", "test: x\n|", "as_of rows expect", "where"},
		{"b_test.seg.yaml", "test: x\nexpect:\n  |", "vip cycle.new", "where"},
		{"b_test.seg.yaml", "test: x\nexpect:\n  vip: {|", "in size", "where"},
		{"b_test.seg.yaml", "test: x\nrows:\n  |", "customer orders", "vip"},
		{"b_test.seg.yaml", "test: x\nrows:\n  customer:\n    - {id: 1, |", "gender city", "amount"},
		{"b_test.seg.yaml", "test: x\nrows:\n  customer:\n    - {id: 1, gender: |", "female", "amount"},
	} {
		s, f, offset := state(t, c.name, c.text)
		var labels []string
		for _, it := range s.Complete(f, offset) {
			labels = append(labels, it.Label)
			if it.Edit.File == nil || it.Edit.Start > offset || it.Edit.End < it.Edit.Start || it.Insert == "" {
				t.Errorf("%s %q: item %q replaces %v with %q", c.name, c.text, it.Label, it.Edit, it.Insert)
			}
		}
		for _, w := range words(c.want) {
			if !slices.Contains(labels, w) {
				t.Errorf("%s\n%s\n  does not offer %q but %q", c.name, around(c.text), w, labels)
			}
		}
		for _, w := range words(c.not) {
			if slices.Contains(labels, w) {
				t.Errorf("%s\n%s\n  offers %q", c.name, around(c.text), w)
			}
		}
	}
}

func around(text string) string {
	i := strings.Index(text, "|")
	return text[max(0, i-120):min(len(text), i+40)]
}

// words splits at blanks outside of backticks.
func words(text string) (out []string) {
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			out = append(out, part)
		} else {
			out = append(out, strings.Fields(part)...)
		}
	}
	return out
}

// TestCompleteInserts: an item writes what is needed around it, also a name
// that needs backticks, and quotes where they stand already.
func TestCompleteInserts(t *testing.T) {
	s, f, offset := state(t, "a.seg", "segment a { where gender = \"fe|\" }\nlist `lớn nhất` = [\"a\"]\n")
	for _, it := range s.Complete(f, offset) {
		if it.Label == "female" && (it.Insert != `"female"` || it.Edit.Text() != `"fe"`) {
			t.Errorf("%q for %q", it.Insert, it.Edit.Text())
		}
	}
	s, f, offset = state(t, "a.seg", "segment a { where city in | }\nlist `lớn nhất` = [\"a\"]\n")
	if !slices.ContainsFunc(s.Complete(f, offset), func(it assist.Item) bool { return it.Insert == "`lớn nhất`" }) {
		t.Error("no backticks")
	}
}
