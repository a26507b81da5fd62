package mutate_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/mutate"
	"github.com/segql/segql/internal/golden"
)

const catalog = `
version: 1
timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: c.csv
    key: {column: id, type: int}
    attributes:
      city: {type: text}
      income: {type: "decimal(14, 2)"}
      score: {type: float}
      birthday: {type: date}
      opt_in: {type: bool}
      tags: {type: list<text>}
      spot: {type: place, lat: lat, lon: lon}
facts:
  orders:
    source: o.csv
    of: customer
    by: customer_id
    at: ordered_at
    attributes: {ordered_at: {type: time}, amount: {type: "decimal(12, 2)"}, status: {type: text}}
`

func compile(t testing.TB, definitions, tests string) *compiler.Project {
	t.Helper()
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "a.seg": {Data: []byte(definitions)}, "a_test.seg.yaml": {Data: []byte(tests)}},
		compiler.Options{Tests: true})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return p
}

const all = `param least = 2
trait spend = sum(amount of orders where status = "paid")
trait newest = last(amount of orders in last 2 months)
trait part = spend - 5
segment compare { where (income >= 1_000 and income < 2_000.5 and score > 0.5) or count(orders) = least or income = 5 }
segment texts { where (city starts with "H" or city ends with "x" or city contains "y" or city ~= "z") and not city = "Huế" and city != "Vinh" }
segment sets { where city in ["a", "b"] and tags has "x" and in segment email_known }
segment email_known { where opt_in and city is known and birthday is missing }
segment places { where spot within 10 km of point(21, 105) }
segment facts { where any(orders in last 90 days where status = "paid" and amount > 5) and none(orders since 2025-01-01) and count(distinct status of orders) >= 2 }
segment dates { where birthday in 2000 and anniversary(birthday) in next 7 days }
segment steps { where any(orders where status = "a" followed by orders within 3 days where status = "b") and none(orders followed by orders) }
segment ranked { where spend in top 10 of segment compare and newest < median(newest of segment compare) }
segment moved { where entered segment facts in last 30 days and not in segment texts }
segment cased { where case { when opt_in: 1 when city = "x": 2 otherwise: 3 } >= 2 and part > 0 }
split stage {
  first when none(orders)
  second when count(orders) = 1
  rest otherwise
}
`

func lines(mutants []*mutate.Mutant) string {
	var b strings.Builder
	for _, m := range mutants {
		fmt.Fprintf(&b, "%d: %s: %s: %s\n", m.At.Pos().Line, m.Definition, m.Text(), m.Change)
	}
	return b.String()
}

// TestMutants: without tests every change survives, and the definitions are
// what they were.
func TestMutants(t *testing.T) {
	p := compile(t, all, "")
	before := keys(p)
	r := mutate.Run(p.Project, nil, mutate.Options{})
	if r.Killed+len(r.Same) != 0 {
		t.Errorf("%d were noticed by no test", r.Killed)
	}
	golden.Check(t, "testdata/mutants.txt", lines(r.Survived))
	if keys(p) != before {
		t.Error("the definitions have changed")
	}
}

func keys(p *compiler.Project) string {
	var b strings.Builder
	for _, s := range p.Segments {
		fmt.Fprintln(&b, s.Name, ir.Key(s.Where))
	}
	for name, d := range p.Traits {
		b.WriteString(name[:0])
		if ir.Key(d.X) == "" {
			b.WriteString("empty")
		}
	}
	return b.String()
}

// TestNoticed: a test on both sides of an edge notices what moves it.
func TestNoticed(t *testing.T) {
	const definitions = "param least = 2\ntrait spend = sum(amount of orders)\nsegment vips { where spend >= 100 and count(orders in last 30 days) >= least }\nsegment rest { where not in segment vips }\n"
	const rows = `
  rows:
    customer: [{id: 1}, {id: 2}, {id: 3}]
    orders:
      - {customer_id: 1, ordered_at: 2025-05-20, amount: 40}
      - {customer_id: 1, ordered_at: 2025-05-02, amount: 60}
      - {customer_id: 2, ordered_at: 2025-05-20, amount: 50}
      - {customer_id: 2, ordered_at: 2025-05-02, amount: 49}
      - {customer_id: 3, ordered_at: 2025-05-20, amount: 500}
      - {customer_id: 3, ordered_at: 2025-05-01T23:59, amount: 500}
`
	good := "- test: edges\n  as_of: 2025-06-01" + rows + "  expect: {vips: {in: [1], not in: [2, 3]}}\n"
	for _, c := range []struct {
		name, tests string
		killed      int
		survived    string
	}{
		{"edges", good, 12, "4: rest: not in segment vips: `not` is dropped\n"},
		{"by way of another", strings.ReplaceAll(good, "vips: {in: [1], not in: [2, 3]}", "rest: {in: [2, 3], not in: [1]}"), 13, ""},
		{"a test that sets a param", strings.ReplaceAll(good, "as_of: 2025-06-01\n", "as_of: 2025-06-01\n  set: {least: 2}\n"), 12, "4: rest: not in segment vips: `not` is dropped\n"},
		{"a test that fails by itself", strings.ReplaceAll(good, "in: [1], not in: [2, 3]", "in: [2]"), 0, ""},
		{"a value", good + "- {test: v, as_of: 2025-06-01, rows: {customer: [{id: 1}]}, expect: {rest: {in: [1]}}, traits: {spend: {1: 0}}}\n", 13, ""},
	} {
		p := compile(t, definitions, c.tests)
		r := mutate.Run(p.Project, p.Tests, mutate.Options{})
		if c.killed == 0 {
			if score, ok := r.Score(); r.Killed != 0 || score != 0 || !ok {
				t.Errorf("%s: %d noticed", c.name, r.Killed)
			}
			continue
		}
		if r.Killed != c.killed || lines(r.Survived) != c.survived {
			t.Errorf("%s: %d noticed, want %d; unnoticed:\n%s", c.name, r.Killed, c.killed, lines(r.Survived))
		}
	}
}

// TestSame: what is proved to change nothing does not count.
func TestSame(t *testing.T) {
	p := compile(t, "split stage {\n  first when none(orders)\n  second when count(orders) = 1\n  rest otherwise\n}\n", `
test: t
as_of: 2025-06-01
rows:
  customer: [{id: 1}, {id: 2}, {id: 3}]
  orders: [{customer_id: 2, ordered_at: 2025-05-20}, {customer_id: 3, ordered_at: 2025-05-20}, {customer_id: 3, ordered_at: 2025-05-21}]
expect: {stage.first: {in: [1], size: 1}, stage.second: {in: [2], size: 1}, stage.rest: {in: [3], size: 1}}
`)
	r := mutate.Run(p.Project, p.Tests, mutate.Options{})
	const want = "2: stage.second: none(orders): who is in this earlier branch may be in `stage.second` too\n" +
		"3: stage.rest: count(orders) = 1: `=` becomes `<=`\n"
	if got := lines(r.Same); got != want || len(r.Survived) > 0 {
		t.Errorf("got\n%swant\n%sand unnoticed\n%s", got, want, lines(r.Survived))
	}
}

// TestStop ends early.
func TestStop(t *testing.T) {
	p := compile(t, all, "")
	n := 0
	r := mutate.Run(p.Project, nil, mutate.Options{Stop: func() bool { n++; return n > 3 }})
	if len(r.Survived) != 3 {
		t.Errorf("%d mutants were tried", len(r.Survived))
	}
	if _, ok := (&mutate.Report{}).Score(); ok {
		t.Error("nothing has a score")
	}
}
