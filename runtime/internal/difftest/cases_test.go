package difftest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/value"
)

// The cases are what the comparison of drawn worlds has found, and the corners
// it was built to look into, each with its answer by the language's reference.

const shopCatalog = `timezone: Europe/Berlin
entities:
  customer:
    source: {sql: select * from raw_customers}
    key: id
    belongs_to: {company: {entity: company, by: co, reverse: employees}}
  company: {source: {sql: select * from raw_companies}, key: id}
facts:
  orders:
    source: {sql: select * from raw_orders}
    of: customer
    by: cust
    at: at
    key: oid
    belongs_to: {seller: {entity: company, by: co, reverse: sales}}
    fields: {kind: "case { when not status = \"paid\": \"other\"  otherwise: \"paid\" }", soon: "at in last 1 day"}
  baskets: {from: orders, group_by: basket, fields: {lines: count(orders), newest: last(status), total: sum(amount)}}
  dues: {from: orders, at: due}
`

func shop() *world {
	cal, err := calendar.New("Europe/Berlin", "sunday")
	if err != nil {
		panic(err)
	}
	asOf, _ := cal.ParseInstant("2025-10-26T12:00")
	return &world{zone: "Europe/Berlin", week: "sunday", cal: cal, asOf: asOf, catalog: strings.Replace(shopCatalog, "entities", "week_starts: sunday\nentities", 1), tables: []*table{
		sheet("customers", "id:int name:text n:int huge:int wealth:wide ratio:float seen:wall joined:time co:int",
			"1|Huế|1|9223372036854775807|123456789012345678.654321|1e308|2025-10-26T02:30:00|2025-10-26T00:30:00Z|1",
			"2|it's|2|9223372036854775807|0.3|-|-|2025-10-20T00:00:00Z|9",
			"3|-|-|-9223372036854775808|9007199254740993|0.1|2025-10-25T12:00:00|-|-"),
		sheet("companies", "id:int size:int", "1|-", "2|5"),
		sheet("orders", "oid:int cust:int at:wall status:text amount:money basket:int co:int due:wall",
			"1|1|2025-10-25T02:00:00|paid|0.10|1|2|2025-10-27T00:00:00", "2|1|2025-10-25T02:00:00|open|0.20|1|2|2025-10-26T01:00:00", "3|1|2025-10-26T02:15:00|-|-|2|2|-",
			"4|7|2025-10-01T00:00:00|paid|9.00|3|2|-", "5|1|2025-10-27T00:00:00|paid|8.00|1|2|-", "6|2|-|paid|8.00|1|2|-", "7|-|2025-10-01T00:00:00|paid|8.00|1|2|-"),
	}}
}

var sheetTypes = map[string]col{"int": {sql: "BIGINT", typ: intType}, "text": {sql: "VARCHAR", typ: textType}, "money": {sql: "DECIMAL(12,2)", typ: money},
	"wide": {sql: "DECIMAL(30,6)", typ: wide}, "float": {sql: "DOUBLE", typ: realType}, "wall": {sql: "TIMESTAMP", typ: wallType}, "time": {sql: "TIMESTAMPTZ", typ: timeType},
	"date": {sql: "DATE", typ: dateType}, "bool": {sql: "BOOLEAN", typ: boolType}}

// sheet reads a table from text: "-" is missing.
func sheet(name, header string, rows ...string) *table {
	t := &table{name: name}
	for _, h := range strings.Fields(header) {
		column, typ, _ := strings.Cut(h, ":")
		c := sheetTypes[typ]
		c.name = column
		t.cols = append(t.cols, c)
	}
	for _, r := range rows {
		var row []value.Value
		for i, cell := range strings.Split(r, "|") {
			v := value.Value{}
			if cell != "-" {
				var ok bool
				if v, ok = value.Parse(t.cols[i].typ, cell); !ok {
					panic("cannot read " + cell)
				}
			}
			row = append(row, v)
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func TestFoundCases(t *testing.T) {
	cases := []struct{ name, lines, where, want string }{
		{"a negation takes in missing", "", `not name = "Huế"`, "2 3"},
		{"names alike but for case", "segment S { where n = 2 }\nsegment `it's \"q\"` { where in segment S }", `in segment S or in segment s0 or in segment ` + "`it's \"q\"`", "1 2"},
		{"a count through a missing lookup is 0", "", "count(company.sales) = 0", "1 2 3"},
		{"a trait of a missing row is missing", "trait sold of company = count(sales)", "company.sold = 0", "1"},
		{"so is one that is known without columns", "trait one of company = coalesce(size, 1)", "company.one = 1", "1"},
		{"orders of unknown owners are left out", "trait sold of company = count(sales)\nsegment sellers of company { where sold = 3 }", "true", "1 2 3"},
		{"first of a tie goes by key", "", `first(status of orders) = "paid"`, "1"},
		{"last is missing when its row's value is", "", `count(orders) > 0 and last(status of orders) is missing`, "1"},
		{"wall-clock times meet the wall of as_of", "", "any(orders in last 10 hours)", "1"},
		{"a negation in a field of the catalog", "", `count(orders where kind = "other") = 2`, "1"},
		{"a window in a field of the catalog", "", `count(orders where soon) = 1`, "1"},
		{"a count of the rows of a group", "", `any(baskets where lines = 2 and newest = "open")`, "1"},
		{"a window of the customer over orders of the company", "", "count(company.sales since joined) >= 0 and none(company.employees.orders since joined)", "2 3"},
		{"a fixed bound beside a moving one", "", "any(orders between joined and as_of)", "1"},
		{"long decimals become the nearest float", "", "wealth / 1 = 9007199254740993 or wealth / 1 = 9007199254740994", "3"},
		{"and so do they in comparisons", "", "ratio + wealth >= 9007199254740992", "1 3"},
		{"decimals divide at one scale", "", "wealth / 0.1 = 3", "2"},
		{"the middle of two large ints", "", "median(huge of company.employees) = 9223372036854775807", "1"},
		{"the middle of one large float", "", "median(ratio of company.employees) > 1", "1"},
		{"rounding keeps a large int", "", "round(huge) = 9223372036854775807", "1 2"},
		{"the smallest int has no positive", "", "huge / 1 < 0", "3"},
		{"the mode of a literal", "", `mode("a" of orders) = "a" and first(1 of orders) = 1 and median(2 of orders) = 2`, "1"},
		{"overflow of floats is missing", "", "ratio * 10 is missing", "1 2"},
		{"the autumn overlap reads the second hour", "", "seen > joined", "1"},
		{"weeks begin on sunday", "", "start_of(week, as_of) = 2025-10-26", "1 2 3"},
		{"sum of none is 0, the rest missing", "", "sum(amount of orders) = 0 and avg(amount of orders) is missing", "2 3"},
		{"the average is one division", "", "avg(amount of orders) = 0.15", "1"},
		{"nobody born in the future has an age below 0", "", "age(2025-10-27) = 0 and age(2026-01-01) = 0 and age(2024-10-26) = 1", "1 2 3"},
		{"a million years are beyond all times", "", "joined + 1_000_000 years > as_of and joined - 1_000_000 years < as_of and date(joined) + 1_000_000 quarters > today", "1 2"},
		{"the sum of a group without known values is 0", "", "any(baskets where total = 0 and lines = 1)", "1"},
		{"a time of its own hides what lies ahead of it", "", "count(dues) = 1 and count(orders) = 3", "1"},
		{"a window that moves with the rows of a fact", "", "any(orders where count(customer.orders between at - 2 days and at) = 2)", "1"},
		{"and over the rows of another", "", "any(orders where none(seller.sales before at) and count(seller.sales since at + 12 hours) >= 1)", "1"},
		{"and bounded on one side, through two lookups", "", "sum(customer.n of orders where count(customer.company.sales since at) = 0) = 3", "1"},
		{"a step beyond the calendar ends with it", "", "year(joined + 9_000 years) = 9999 and joined + 9_000 years = joined + 10_000 months + 9_000 years", "1 2"},
		{"and so does one back, of dates too", "", "year(date(seen) - 150_000 weeks) = 1 and date(seen) - 150_000 weeks = 0001-01-01 and seen - 3_000 years = seen - 4_000 years", "1 3"},
		{"a set of many", "", "n in [" + manyInts + ", 2]", "2"},
	}
	e := withPostgres(t, open(t))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := shop()
			if err := e.load(w); err != nil {
				t.Fatal(err)
			}
			lines := append(strings.Split(c.lines, "\n"), "segment s0 { where n = 1 }", "segment asked { where "+c.where+" }")
			comp := &comparison{w, lines}
			if _, diags := e.compile(w.catalog, strings.Join(lines, "\n")); diags.HasErrors() {
				t.Fatal(diags)
			}
			if failure := comp.compare(e, &tally{}); failure != "" {
				t.Fatal(failure)
			}
			p, _ := e.compile(w.catalog, strings.Join(lines, "\n"))
			got, err := evaluated(p.Project, w.asOf, w.input(p.Project))
			if err != nil {
				t.Fatal(err)
			}
			if s := strings.Join(got["asked"], " "); s != c.want {
				t.Errorf("%s: got %q, want %q", c.where, s, c.want)
			}
			if sellers, ok := got["sellers"]; ok && fmt.Sprint(sellers) != "[2]" {
				t.Errorf("sellers: %v", sellers)
			}
		})
	}
}
