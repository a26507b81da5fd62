package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/internal/golden"
)

const everything = `
list cities = ["Huế", "Vinh"]
trait spend = sum(amount of orders in last 90 days)
trait average = avg(amount of orders in last 90 days)
segment plain { where city in cities }
segment Plain { where city not in cities }
segment recent { where count(orders in last 90 days) >= 3 and spend > 100 }
segment better { where average > avg(amount of orders in last 90 days) / 2 and not in segment recent }
segment top { where spend in top 10% of segment recent and spend in top 20% of segment recent }
segment middling { where spend < median(spend of everyone) and bucket(spend, 5) = 3 }
segment nested { where any(orders where count(items where quantity > 1) > 2) }
segment moving { where any(orders between joined and joined + 30 days) }
segment late of product { where any(items) and title is missing }
`

const planCatalog = `timezone: Asia/Ho_Chi_Minh
entities:
  customer: {source: c.csv, key: {column: id, type: int}, attributes: {city: text, joined: date}}
  product:  {source: p.csv, key: {column: code, type: text}, attributes: {title: text}}
facts:
  orders:
    source: o.csv
    of: customer
    by: {column: cust}
    at: at
    key: {column: oid, type: int}
    attributes: {cust: int, at: time, amount: "decimal(10, 2)"}
  items:
    source: i.csv
    of: orders
    by: {column: oid}
    attributes: {oid: int, quantity: int, code: text}
    belongs_to: {product: {entity: product, by: code, reverse: items}}
`

func build(t *testing.T, definitions string) *plan.Plan {
	t.Helper()
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(planCatalog)}, "a.seg": {Data: []byte(definitions)}}, compiler.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	asOf, _ := p.Calendar.ParseInstant("2025-03-31")
	pl, err := p.Plan(asOf, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return pl
}

func TestPlan(t *testing.T) {
	golden.Check(t, "testdata/everything.golden", show(build(t, everything)))
}

// show writes a plan as text.
func show(p *plan.Plan) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	expr := func(what string, x ir.Expr) {
		if x != nil {
			say("    %s %s", what, ir.Key(x))
		}
	}
	for _, t := range p.Tables {
		say("%d %s %s of %s", t.Level, t.Kind, t.Name, t.Rel.Name)
		for _, c := range t.Used {
			say("    column %s", c.Name)
		}
		for _, x := range t.Where {
			expr("where", x)
		}
		expr("key", t.Key)
		expr("anchor", t.Anchor)
		expr("value", t.Value)
		expr("of", t.Of)
		expr("per", t.Per)
		for _, f := range t.Aggs {
			expr(f.Col+" =", f.Agg)
		}
		for _, r := range t.Ranks {
			say("    position %s", r.Col)
		}
		for _, v := range t.Pop {
			say("    %s", v.Col)
		}
		for _, c := range t.Conds {
			expr(fmt.Sprintf("%q =", c.Col), c.X)
		}
	}
	for _, c := range p.Columns {
		say("%s is %s.%q", c.Name, c.Table, c.Col)
	}
	return b.String()
}

// A table only reads tables of a lower level, or rows printed before it.
func TestLevels(t *testing.T) {
	p := build(t, everything)
	at := map[string]int{}
	for i, t := range p.Tables {
		at[t.Name] = i
	}
	for i, table := range p.Tables {
		xs := append([]ir.Expr{table.Key, table.Anchor, table.Value, table.Of, table.Per}, table.Where...)
		for _, f := range table.Aggs {
			xs = append(xs, f.Agg)
		}
		for _, c := range table.Conds {
			xs = append(xs, c.X)
		}
		for _, x := range xs {
			ir.Walk(x, func(e ir.Expr) bool {
				s, ok := e.(*ir.Slot)
				if !ok {
					return true
				}
				if j, known := at[s.Table]; !known || j >= i || p.Tables[j].Level >= table.Level {
					t.Errorf("%s (level %d) reads %s (%d)", table.Name, table.Level, s.Table, p.Tables[j].Level)
				}
				return true
			})
		}
	}
}

func TestNamesAreUniqueWhateverTheirCase(t *testing.T) {
	p := build(t, "segment a { where true }\nsegment A { where id = 1 }\nsegment a_ { where id = 2 }")
	seen := map[string]string{}
	for _, c := range p.Columns {
		key := strings.ToLower(c.Table + " " + c.Col)
		if other, ok := seen[key]; ok {
			t.Errorf("%s and %s share %s", c.Name, other, key)
		}
		seen[key] = c.Name
	}
	lower, upper := &ir.Relation{Name: "sales"}, &ir.Relation{Name: "Sales"}
	if strings.EqualFold(plan.RowsOf(lower), plan.RowsOf(upper)) {
		t.Errorf("%s and %s are one table", plan.RowsOf(lower), plan.RowsOf(upper))
	}
}
