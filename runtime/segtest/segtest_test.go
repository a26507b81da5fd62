package segtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/trial"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
)

const catalog = `
version: 1
timezone: Europe/Berlin
entities:
  customer:
    source: c.csv
    key: {column: id, type: int}
    attributes:
      city:      {type: text, trim: true}
      income:    {type: "decimal(14, 2)"}
      birthday:  {type: date}
      signup_at: {type: time}
      opt_in:    {type: bool}
      app:       {type: version}
      score:     {type: float}
      tags:      {type: list<text>}
      homes:     {type: "list<{city: text, year: int}>"}
      spot:      {type: place, lat: lat, lon: lon}
    belongs_to:
      company: {entity: company, by: company_id, reverse: staff}
  company:
    source: co.csv
    key: {column: code, type: text}
    attributes: {industry: {type: text}}
  household: {universe: [visits]}
facts:
  orders:
    source: o.csv
    of: customer
    by: customer_id
    at: ordered_at
    key: no
    attributes: {ordered_at: {type: time}, amount: {type: "decimal(12, 2)"}, no: {type: text}}
  visits: {source: v.csv, of: household, by: home, attributes: {home: {type: text}}}
  items: {source: i.csv, of: orders, by: order_no, attributes: {sku: {type: text}}}
  days: {from: orders, group_by: date(ordered_at), fields: {spent: sum(amount)}}
`

const definitions = `
param min_spend = 100
trait spend = sum(amount of orders)
trait mean = avg(amount of orders)
trait latest = last(ordered_at of orders)
trait years = age(birthday)
trait towns = count(homes where year >= 2020)
segment buyers { where any(orders in last 90 days) }
segment vips { where spend >= min_spend }
segment locals { where city ~= "hue" or tags has "vip" }
segment workers { where company.industry = "bank" and company_id is known }
segment near { where spot within 10 km of point(21.03, 105.85) }
segment updated { where app >= "2.1" and number(more.plan) > 2 }
segment basket { where any(orders.items where sku = "x") }
segment busy { where count(days where spent > 10) >= 2 }
segment banks of company { where industry = "bank" and count(staff) >= 2 }
segment big_homes of household { where count(visits) > 1 }
segment best { where spend in top 50% }
segment third { where sample(50%, "x") }
segment first_id { where id = 1 }
segment came_back { where entered segment buyers in last 100 days and in segment buyers }
split stage {
  new when count(orders) <= 1
  old otherwise
}
`

// columns are what the catalog declares, and what the data has besides.
func columns(src *ir.Source, declared map[string]value.Type) (out []check.SourceColumn, _ *diag.Diagnostic) {
	for name, t := range declared {
		out = append(out, check.SourceColumn{Name: name, Type: t})
	}
	more := map[string]map[string]value.Kind{"c.csv": {"more": value.JSON, "lat": value.Float, "lon": value.Float, "company_id": value.Text, "signup_at": value.Wall},
		"o.csv": {"customer_id": value.Int, "ordered_at": value.Time}, "i.csv": {"order_no": value.Text}}
	for name, k := range more[src.Path] {
		out = append(out, check.SourceColumn{Name: name, Type: value.Of(k)})
	}
	return out, nil
}

func project(t testing.TB, tests string) []*testform.Case {
	t.Helper()
	return compiled(t, definitions, tests)
}

func compiled(t testing.TB, definitions, tests string) []*testform.Case {
	t.Helper()
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "a.seg": {Data: []byte(definitions)}, "a_test.seg.yaml": {Data: []byte(tests)}},
		compiler.Options{Tests: true, Columns: columns})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return p.Tests
}

func run(t testing.TB, cases []*testform.Case, o Options) *Report {
	t.Helper()
	o.Now = func() time.Time { return time.Unix(0, 0) }
	r, err := Run(context.Background(), cases, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func failures(r *Report) string {
	var b strings.Builder
	for _, res := range r.Results {
		for _, f := range res.Failures {
			fmt.Fprintf(&b, "%s: %s: %s\n", res.Case.Name.Text, f.Kind, f.Message)
		}
	}
	return b.String()
}

const everything = `
- test: every type of column
  as_of: 2025-06-01
  rows:
    company: [{code: a, industry: bank}, {code: b, industry: shop}]
    customer:
      - {id: 1, city: " Huế ", birthday: 2000-01-01, signup_at: 2025-01-01, opt_in: true, app: v2.10, score: 0.5, income: 12.50, company_id: a, spot: [21.03, 105.85], more: {plan: 3}}
      - {id: 2, tags: [a, vip], homes: [{city: Vinh, year: 2021}, {year: 2019}, {}], birthday: 2010-01-01, company_id: a, more: {plan: x}}
      - {id: 30, company_id: b, app: "2.0", spot: [10.7, 106.7], homes: []}
    orders:
      - {customer_id: 1, ordered_at: 2025-05-30T10:00, amount: 60, no: a}
      - {customer_id: 1, ordered_at: 2025-05-31, amount: 40.00, no: b}
      - {customer_id: 2, ordered_at: 2025-01-30, amount: 5, no: c}
    items: [{order_no: a, sku: x}, {order_no: c, sku: y}]
    visits: [{home: h1}, {home: h1}, {home: h2}]
  expect:
    buyers: {in: [1], size: 1}
    vips: {in: [1], not in: [2, 30]}
    locals: {in: [1, 2], not in: [30]}
    workers: {in: [1, 2], size: 2}
    near: {in: [1], size: 1}
    updated: {in: [1], size: 1}
    basket: {in: [1], size: 1}
    busy: {in: [1], size: 1}
    banks: {in: [a], not in: [b]}
    big_homes: {in: [h1], not in: [h2]}
    stage.new: {in: [2, 30], not in: [1]}
  traits:
    spend: {1: 100, 2: 5, 30: 0}
    mean: {1: 50, 30: {is: missing}}
    latest: {1: 2025-05-31, 30: {is: missing}}
    years: {1: 25, 30: {is: missing}}
    towns: {1: {is: missing}, 2: 1, 30: 0}
- test: others of the same instant
  as_of: 2025-06-01
  rows:
    customer: [{id: 1}, {id: 2}]
    orders: [{customer_id: 2, ordered_at: 2025-05-30T10:00, amount: 1, no: a}]
    visits: [{home: h1}]
  expect:
    buyers: {in: [2], not in: [1], size: 1}
    big_homes: {size: 0}
- test: everybody, a key and a sample
  as_of: 2025-06-01
  rows:
    customer: [{id: 1}, {id: 2}]
    orders: [{customer_id: 2, ordered_at: 2025-05-30T10:00, amount: 1, no: a}]
  expect: {best: {in: [2], not in: [1]}, first_id: {in: [1], size: 1}, third: {size: 0}}
- test: a history
  as_of: 2025-01-01
  rows:
    customer: [{id: 1}, {id: 2}]
    orders: [{customer_id: 1, ordered_at: 2024-12-30, amount: 1, no: a}]
  expect: {buyers: {in: [1]}, came_back: {size: 0}}
  then:
    - as_of: 2025-06-01
      expect: {buyers: {left: [1]}, came_back: {size: 0}}
    - as_of: 2025-06-03
      rows: {orders: [{customer_id: 1, ordered_at: 2025-06-02, amount: 1, no: b}, {customer_id: 2, ordered_at: 2025-06-02, amount: 1, no: c}]}
      expect: {buyers: {entered: [1, 2], size: 2}, came_back: {size: 0}}
    - as_of: 2025-06-04
      expect: {came_back: {entered: [1, 2]}}
- test: another param
  as_of: 2025-06-01
  set: {min_spend: 1}
  rows:
    customer: [{id: 1}]
    orders: [{customer_id: 1, ordered_at: 2025-05-30, amount: 1, no: a}]
  expect: {vips: {in: [1]}}
`

// TestRun: what holds passes, in both engines.
func TestRun(t *testing.T) {
	r := run(t, project(t, everything), Options{})
	if text := failures(r); text != "" {
		t.Error(text)
	}
	if len(r.Results) != 5 {
		t.Errorf("%d tests", len(r.Results))
	}
	r = run(t, project(t, everything), Options{Match: regexp.MustCompile("every type|param")})
	if len(r.Results) != 2 || r.Skipped != 3 || r.Failed() != 0 {
		t.Errorf("%d run, %d skipped", len(r.Results), r.Skipped)
	}
}

// TestWrong: each expectation that does not hold is a failure that says so.
func TestWrong(t *testing.T) {
	cases := project(t, `
test: wrong
as_of: 2025-06-01
rows:
  customer: [{id: 1, birthday: 2000-01-01}, {id: 2}]
  orders: [{customer_id: 1, ordered_at: 2025-05-30, amount: 1, no: a}]
expect: {buyers: {in: [2], not in: [1], size: 2}}
traits: {spend: {1: 2, 2: {is: missing}}, mean: {2: 1}}
then:
  - as_of: 2025-06-02
    expect: {buyers: {entered: [1], left: [2], size: 1}}
`)
	const want = `wrong: not in: 2 should be in buyers and is not
wrong: in: 1 should not be in buyers and is
wrong: size: buyers should have the size 2 and has 1 (1)
wrong: value: spend of 1 should be 2.00 and is 1.00
wrong: value: spend of 2 should be no value and is 0.00
wrong: value: mean of 2 should be 1 and is none
wrong: not entered: 1 should have entered buyers: it was in it before and still is
wrong: not left: 2 should have left buyers: it was not in it before and is not now
`
	if got := failures(run(t, cases, Options{})); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestOverflow: what cannot be evaluated fails, and the tests beside it do not.
func TestOverflow(t *testing.T) {
	cases := compiled(t, definitions+"\nsegment huge { where id * id > 0 }\n", "- {test: a, as_of: 2025-06-01, rows: {customer: [{id: 9_000_000_000_000}]}, expect: {huge: {size: 0}}}\n"+
		"- {test: b, as_of: 2025-06-01, rows: {customer: [{id: 3}]}, expect: {huge: {in: [3]}}}\n")
	got := failures(run(t, cases, Options{}))
	if !strings.HasPrefix(got, "a: stopped: the test cannot be evaluated as of 2025-06-01: segment huge, customer 9000000000000") || strings.Count(got, "\n") != 1 {
		t.Error(got)
	}
}

// TestApart: rows of a test that stop another's segment do not stop the other.
func TestApart(t *testing.T) {
	cases := compiled(t, definitions+"\nsegment vast { where income * income * income * income > 1 }\n",
		"- {test: a, as_of: 2025-06-01, rows: {customer: [{id: 1, income: 999_999_999_999}]}, expect: {locals: {size: 0}}}\n"+
			"- {test: b, as_of: 2025-06-01, rows: {customer: [{id: 1, income: 3}]}, expect: {vast: {in: [1]}}}\n"+
			"- {test: c, as_of: 2025-06-01, rows: {customer: [{id: 1, city: hue}]}, expect: {locals: {in: [1]}, vast: {size: 0}}}\n")
	r := run(t, cases, Options{InProcess: true})
	groups := batch(worlds(r.Results))
	if len(groups) != 1 {
		t.Fatalf("%d groups", len(groups))
	}
	if err := computed(t, groups); err == nil || !strings.Contains(err.Error(), "overflow") && !strings.Contains(err.Error(), "Overflow") {
		t.Errorf("together: %v", err)
	}
	if got := failures(run(t, cases, Options{})); got != "" {
		t.Error(got)
	}
}

// TestDisagreement: a test whose expectations hold fails where DuckDB finds
// something else.
func TestDisagreement(t *testing.T) {
	cases := project(t, `
test: a
as_of: 2025-06-01
rows:
  customer: [{id: 1}, {id: 2}]
  orders: [{customer_id: 1, ordered_at: 2025-05-30, amount: 1, no: a}]
expect: {buyers: {in: [1]}, vips: {size: 0}}
traits: {spend: {1: 1}}
`)
	k := cases[0]
	answers, err := trial.Evaluate(k)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := trial.Evaluate(k)
	other.Instants[0].Members[k.Instants[0].Wants[0].Segment] = []value.Value{value.NewInt(1), value.NewInt(2)}
	other.Instants[0].Members[k.Instants[0].Wants[1].Segment] = []value.Value{value.NewInt(2)}
	other.Instants[0].Values[0] = value.NewInt(7)
	r := &Result{Case: k, Answers: answers}
	worlds := map[*Result][]*world{r: {{result: r, answer: other.Instants[0]}}}
	compare(r, worlds)
	const want = `a: disagreement: the engines disagree on buyers: the evaluator finds 1, DuckDB finds 1, 2
a: disagreement: the engines disagree on vips: the evaluator finds nobody, DuckDB finds 2
a: disagreement: the engines disagree on spend of 1: the evaluator finds 1.00, DuckDB something else
`
	if got := failures(&Report{Results: []*Result{r}}); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	r.Failures = nil
	worlds[r][0].err = context.DeadlineExceeded
	compare(r, worlds)
	if got := failures(&Report{Results: []*Result{r}}); !strings.Contains(got, "DuckDB stops: context deadline") {
		t.Error(got)
	}
}

// TestTogether: tests that are computed together give what each gives alone.
func TestTogether(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for i := range 60 {
		fmt.Fprintf(&b, "- test: t%d\n  as_of: 2025-06-01\n  rows:\n    company: [{code: a, industry: bank}, {code: b, industry: shop}]\n    customer:\n", i)
		n := 1 + rnd.IntN(4)
		for id := range n {
			fmt.Fprintf(&b, "      - {id: %d, city: %s, company_id: %s}\n", 7*id+1, []string{"Huế", "Vinh"}[rnd.IntN(2)], []string{"a", "b", "c"}[rnd.IntN(3)])
		}
		b.WriteString("    orders:\n")
		for o := range 1 + rnd.IntN(6) {
			fmt.Fprintf(&b, "      - {customer_id: %d, ordered_at: 2025-05-%02d, amount: %d, no: %d}\n", 7*rnd.IntN(n+1)+1, 1+rnd.IntN(30), rnd.IntN(100), 10-o)
		}
		fmt.Fprintf(&b, "    items: [{order_no: 9, sku: x}, {order_no: 8, sku: x}, {order_no: 77, sku: x}]\n")
		b.WriteString("  expect: {buyers: {size: 0}, vips: {size: 0}, locals: {size: 0}, workers: {size: 0}, basket: {size: 0}, busy: {size: 0}, banks: {size: 0}, big_homes: {size: 0}, stage.new: {size: 0}}\n")
		b.WriteString("  traits: {latest: {1: {is: missing}}, mean: {1: 5}}\n")
	}
	r := run(t, project(t, b.String()), Options{})
	if got := failures(r); strings.Contains(got, "disagree") || !strings.Contains(got, "size") {
		t.Error(got)
	}
	all := worlds(r.Results)
	groups := batch(all)
	if len(groups) != 1 || len(groups[0].worlds) != 60 {
		t.Errorf("%d groups, not one of 60 tests", len(groups))
	}
}

// TestBatches: what looks at keys is computed alone.
func TestBatches(t *testing.T) {
	r := run(t, project(t, everything), Options{InProcess: true})
	sizes := ""
	for _, g := range batch(worlds(r.Results)) {
		sizes += fmt.Sprint(len(g.worlds), " ")
	}
	// Everything and others of 2025-06-01 with the third instant of the
	// history, keys and samples alone, three other instants, another param.
	if want := "3 1 1 1 1 1 "; sizes != want {
		t.Errorf("groups of %sworlds, want %s", sizes, want)
	}
}

// BenchmarkRun is the target: 1,000 tests of 1,000 segments.
func BenchmarkRun(b *testing.B) {
	files := fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}}
	var seg, tests strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&seg, "segment s%d { where spend >= %d and any(orders in last %d days) and city = \"Huế\" }\n", i, i%50, 1+i%60)
		fmt.Fprintf(&tests, "- test: t%d\n  as_of: 2025-06-01\n  rows:\n    customer: [{id: 1, city: Huế}, {id: 2}]\n    orders: [{customer_id: 1, ordered_at: 2025-05-31, amount: 500, no: a}]\n  expect: {s%d: {in: [1], not in: [2]}}\n", i, i)
	}
	files["a.seg"] = &fstest.MapFile{Data: []byte("trait spend = sum(amount of orders)\n" + seg.String())}
	files["a_test.seg.yaml"] = &fstest.MapFile{Data: []byte(tests.String())}
	for _, inProcess := range []bool{true, false} {
		b.Run(map[bool]string{true: "in-process", false: "both"}[inProcess], func(b *testing.B) {
			for b.Loop() {
				p, diags := compiler.Compile(files, compiler.Options{Tests: true})
				if diags.HasErrors() {
					b.Fatal(diags)
				}
				if r := run(b, p.Tests, Options{InProcess: inProcess}); r.Failed() > 0 || len(r.Results) != 1000 {
					b.Fatal(failures(r))
				}
			}
		})
	}
}
