package compiler_test

import (
	"fmt"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
)

// shop is a project as it would lie in a folder: any fs.FS will do.
var shop = fstest.MapFS{
	"catalog.yaml": {Data: []byte(`version: 1
edition: 1
timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: data/customers.csv
    key: {column: id, type: int}
    attributes:
      gender: {type: text, values: [female, male, other]}
      city: {type: text}
facts:
  orders:
    source: data/orders.csv
    of: customer
    by: customer_id
    at: ordered_at
    attributes:
      customer_id: {type: int}
      ordered_at: {type: time}
      amount: {type: "decimal(12, 2)"}
`)},
	"segments/women.seg": {Data: []byte(`segment big_spenders {
  title: "Chi tiêu nhiều"
  where sum(amount of orders in last 90 days) >= min_spend
}

param min_spend = 5_000_000
`)},
}

// Definitions are checked before any data is touched. What is wrong comes back
// as values with places and exact fixes, beside what could be understood.
func ExampleCompile() {
	fsys := fstest.MapFS{
		"catalog.yaml": shop["catalog.yaml"],
		"women.seg":    {Data: []byte("segment women {\n  where gender = \"femal\"\n}\n")},
	}
	_, diags := compiler.Compile(fsys, compiler.Options{})
	for _, d := range diags {
		fmt.Println(d)
		fmt.Println("help:", d.Help)
		fmt.Println("fix: ", d.Span.Text(), "→", d.Edits[0].Text)
	}
	// Output:
	// women.seg:2:18: error[SEG1006]: "femal" is not one of the declared values
	// help: did you mean "female"? Declared: "female", "male", "other"
	// fix:  "femal" → "female"
}

// A project that has no errors knows its segments, with what their authors say
// about them. Params can be set from outside.
func ExampleCompile_segments() {
	project, diags := compiler.Compile(shop, compiler.Options{Set: map[string]string{"min_spend": "3_000_000"}})
	if diags.HasErrors() {
		fmt.Println(diags)
		return
	}
	for _, s := range project.Segments {
		fmt.Println(s.Name, "of", s.Entity.Name+":", s.Meta.Title)
	}
	// Output:
	// big_spenders of customer: Chi tiêu nhiều
}

// Once an instant is chosen, the segments of a project are planned together
// and printed for an engine, each table once however many segments need it.
func ExampleProject_Plan() {
	project, diags := compiler.Compile(shop, compiler.Options{})
	if diags.HasErrors() {
		fmt.Println(diags)
		return
	}
	asOf, err := project.Calendar.ParseInstant("2025-03-31")
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := project.Plan(asOf, plan.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	statements := sql.Print(plan, sql.DuckDB, files{})
	for i, s := range statements {
		fmt.Printf("%d. %s\n", i+1, s.Comment)
	}
	fmt.Println(statements[len(statements)-1].Query)
	// Output:
	// 1. rows of customer
	// 2. rows of orders
	// 3. features of customer from orders
	// 4. segments of customer
	// SELECT
	//   r."id" AS "key",
	//   ((coalesce(j1."sum_1", 0) >= 5000000)) IS TRUE AS "big_spenders"
	// FROM "customer_rows" AS r
	// LEFT JOIN "customer_orders_1" AS j1 ON j1."key" = r."id"
}

// files reads sources the simplest way: the values of a file are taken to have
// the types that the catalog declares.
type files struct{}

func (files) Scan(r *ir.Relation) string { return "'" + r.Source.Path + "'" }

func (files) Cell(_ *ir.Relation, c *ir.ColumnDef) string { return "s." + sql.DuckDB.Ident(c.Raw) }

func (files) Read(_ *ir.Relation, _ *ir.ColumnDef, x string) string { return x }

func (files) TextOf(x string, _ value.Type) string { return "CAST(" + x + " AS VARCHAR)" }

func (files) DateOf(x string) string { return "TRY_CAST(" + x + " AS DATE)" }

func (files) Changes() string { return "changes" }

func (files) Examples(x, filter string) string { return "list(" + x + ")" + filter }
