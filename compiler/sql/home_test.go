package sql_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/internal/golden"
)

// home keeps all features of a customer's orders in one table, and those of
// visits in another.
type home struct {
	plainSources
	plan *plan.Plan
}

func (h home) Home(x *ir.Slot) (sql.Home, bool) {
	table := h.table(x)
	return sql.Home{Table: table, Col: x.Table + "_" + x.Col, Key: "n", Row: "rowid"}, table != ""
}

func (h home) table(x *ir.Slot) string {
	for _, t := range h.plan.Tables {
		if t.Name == x.Table && t.Kind == plan.Pass {
			return "features_" + t.Leaf.Name
		}
	}
	return ""
}

// TestFeaturesAreJoinedOnce holds the printed conditions on features that live
// together: a table that has many passes is joined once, and where nothing else
// is looked at the rows themselves are not.
func TestFeaturesAreJoinedOnce(t *testing.T) {
	const catalog = `timezone: UTC
entities: {customer: {source: c.csv, key: {column: id, type: text}, attributes: {limit: int, rowid: text}}}
facts:
  orders: {source: o.csv, of: customer, by: {column: cust}, at: at, attributes: {cust: text, at: time, amount: int, status: text}}
  visits: {source: v.csv, of: customer, by: {column: cust}, at: at, attributes: {cust: text, at: time}}
`
	const segments = `
segment dear { where sum(amount of orders where status = "paid") / count(orders in last 90 days) > 10 }
segment dearer { where sum(amount of orders where status = "paid") / count(orders in last 90 days) > 20 }
segment steady { where count(orders in previous month) > count(orders in last 90 days) }
segment buys { where count(orders) / count(visits) > 0.5 }
segment over { where sum(amount of orders) > limit }
segment above { where sum(amount of orders) > median(sum(amount of orders) of everyone) }
segment tagged { where rowid = "x" }
`
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "a.seg": {Data: []byte(segments)}}, compiler.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	asOf, _ := p.Calendar.ParseInstant("2025-03-31")
	pl, err := p.Plan(asOf, plan.Options{Sets: true})
	if err != nil {
		t.Fatal(err)
	}
	h := home{plainSources{sql.DuckDB}, pl}
	var b strings.Builder
	for _, s := range sql.PrintAtoms(pl, sql.DuckDB, h, pl.AtomTables(pl.Atoms, h.table), "rowid") {
		b.WriteString("-- " + s.Table.Name + "\n" + s.Query + ";\n\n")
	}
	golden.Check(t, "testdata/atoms.golden", b.String())
}
