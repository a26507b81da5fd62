package cover_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/cover"
)

const catalog = `
version: 1
timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: c.csv
    key: {column: id, type: int}
    attributes: {city: {type: text}, income: {type: "decimal(14, 2)"}, birthday: {type: date}, opt_in: {type: bool}}
facts:
  orders:
    source: o.csv
    of: customer
    by: customer_id
    at: ordered_at
    attributes: {ordered_at: {type: time}, amount: {type: "decimal(12, 2)"}, status: {type: text}}
`

// measured are the gaps of a project's tests.
func measured(t *testing.T, definitions, tests string) string {
	t.Helper()
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "a.seg": {Data: []byte(definitions)}, "a_test.seg.yaml": {Data: []byte(tests)}},
		compiler.Options{Tests: true})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var b strings.Builder
	for _, d := range cover.Measure(p.Project, p.Tests).Definitions {
		seen, all := d.Points()
		fmt.Fprintf(&b, "%s %d/%d", d.Name, seen, all)
		for _, c := range d.Conditions {
			if c.Gap() != "" {
				fmt.Fprintf(&b, "; %s: %s", c.At.Text(), c.Gap())
			}
		}
		for _, e := range d.Edges {
			if e.Gap() != "" {
				fmt.Fprintf(&b, "; %s: %s", e.At.Text(), e.Gap())
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func test(rows, expect string) string {
	return "test: t\nas_of: 2025-06-01\nrows: {" + rows + "}\nexpect: " + expect + "\n"
}

func TestMeasure(t *testing.T) {
	for _, c := range []struct{ name, definitions, tests, want string }{
		{"no tests", `segment a { where opt_in and city = "x" }`, "", "a 0/4; opt_in: never seen; city = \"x\": never seen\n"},
		{"masked", `segment a { where opt_in and city = "x" }`,
			test(`customer: [{id: 1, opt_in: true, city: x}, {id: 2}]`, `{a: {in: [1], not in: [2]}}`),
			"a 2/4; opt_in: never decides by being false; city = \"x\": never decides by being false\n"},
		{"decided", `segment a { where opt_in and city = "x" }`,
			test(`customer: [{id: 1, opt_in: true, city: x}, {id: 2, opt_in: true}, {id: 3, city: x}]`, `{a: {in: [1], not in: [2, 3]}}`), "a 4/4\n"},
		{"either", `segment a { where opt_in or not city = "x" }`,
			test(`customer: [{id: 1, opt_in: true, city: x}, {id: 2, city: x}]`, `{a: {in: [1], size: 1}}`),
			"a 3/4; city = \"x\": never false\n"},
		{"rows of which nothing is expected", `segment a { where opt_in }`,
			test(`customer: [{id: 1, opt_in: true}, {id: 2}]`, `{a: {in: [1]}}`), "a 1/2; opt_in: never false\n"},
		{"all rows, where the size is expected", `segment a { where opt_in }`,
			test(`customer: [{id: 1, opt_in: true}, {id: 2}]`, `{a: {size: 1}}`), "a 2/2\n"},
		{"a threshold", `segment a { where income >= 1_000 }`,
			test(`customer: [{id: 1, income: 1000}, {id: 2, income: 999}, {id: 3, income: 5000}]`, `{a: {size: 2}}`),
			"a 4/5; income >= 1_000: nothing just above the threshold\n"},
		{"dates", `segment a { where birthday in 2000 }`,
			test(`customer: [{id: 1, birthday: 2000-01-01}, {id: 2, birthday: 1999-12-31}, {id: 3, birthday: 2000-12-31}]`, `{a: {size: 2}}`),
			"a 5/8; birthday in 2000: nothing just after the beginning of the window; birthday in 2000: nothing at, just after the end of the window\n"},
		{"rows of a fact", `segment a { where count(orders in last 30 days where status = "paid" and amount > 5) >= 2 }`,
			test(`customer: [{id: 1}, {id: 2}], orders: [{customer_id: 1, ordered_at: 2025-05-02, status: paid, amount: 6}, {customer_id: 1, ordered_at: 2025-05-20, status: paid, amount: 5}, `+
				`{customer_id: 2, ordered_at: 2025-05-01T20:00, status: open, amount: 9}]`, `{a: {size: 0}}`),
			"a 9/15; count(orders in last 30 days where status = \"paid\" and amount > 5) >= 2: never true; status = \"paid\": never false; " +
				"count(orders in last 30 days where status = \"paid\" and amount > 5) >= 2: nothing at, just above the threshold; " +
				"count(orders in last 30 days where status = \"paid\" and amount > 5): nothing just after the beginning of the window; " +
				"amount > 5: nothing just below the threshold\n"},
		{"a split", "split s {\n  one when opt_in\n  rest otherwise\n}",
			test(`customer: [{id: 1, opt_in: true}, {id: 2}]`, `{s.one: {in: [1]}, s.rest: {in: [2]}}`), "s 2/2\n"},
		{"another param", "param least = 5\nsegment a { where income >= least }",
			strings.Replace(test(`customer: [{id: 1, income: 9}, {id: 2, income: 8.99}, {id: 3, income: 9.01}]`, `{a: {size: 2}}`), "rows:", "set: {least: 9}\nrows:", 1), "a 5/5\n"},
		{"a later instant", `segment a { where any(orders in last 30 days) }`,
			test(`customer: [{id: 1}], orders: [{customer_id: 1, ordered_at: 2025-05-02}]`, `{a: {in: [1]}}`) + "then: [{as_of: 2025-06-02, expect: {a: {left: [1]}}}]\n",
			"a 4/5; any(orders in last 30 days): nothing just after the beginning of the window\n"},
	} {
		if got := measured(t, c.definitions, c.tests); got != c.want {
			t.Errorf("%s:\n got %swant %s", c.name, got, c.want)
		}
	}
}
