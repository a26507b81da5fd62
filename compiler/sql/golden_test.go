package sql_test

import (
	"math/big"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/internal/golden"
)

// plainSources reads tables that hold every column as it is declared.
type plainSources struct{ d *sql.Dialect }

func (p plainSources) Scan(r *ir.Relation) string { return p.d.Ident(r.Source.Path) }

func (p plainSources) Cell(_ *ir.Relation, c *ir.ColumnDef) string {
	return "s." + p.d.Ident(c.Raw)
}

func (plainSources) Read(_ *ir.Relation, _ *ir.ColumnDef, x string) string { return x }

func (plainSources) TextOf(x string, _ value.Type) string { return "CAST(" + x + " AS VARCHAR)" }

func (plainSources) DateOf(x string) string { return "TRY_CAST(" + x + " AS DATE)" }

func (plainSources) Changes() string { return "changes" }

func (plainSources) Examples(x, filter string) string { return "list(" + x + ")" + filter }

const shopCatalog = `timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: c.csv
    key: {column: id, type: int}
    attributes: {co: int, city: text, joined: time, "it's \"q\"": {column: "it's \"q\"", type: text}}
    belongs_to: {company: {entity: company, by: co, reverse: employees}}
  company: {source: co.csv, key: {column: cid, type: int}, attributes: {size: int}}
facts:
  orders:
    source: o.csv
    of: customer
    by: {column: cust}
    at: at
    key: {column: oid, type: int}
    where: amount > 0
    fields: {gross: "amount * 1.1", weekend: "case { when not weekday(at) in [6, 7]: 0  otherwise: 1 }"}
    attributes: {cust: int, at: time, amount: "decimal(10, 2)", status: text}
`

const shopSegments = `
trait spend = sum(amount of orders in last 90 days)
segment vietnamese { where city in ["Huế", "it's"] and not (city ~= "hue") }
segment buyers { where spend >= 100 and avg(gross of orders) < 50 and last(status of orders) != "open" }
segment lookups { where company.size > 3 or count(company.employees.orders) = 0 }
segment moving { where any(orders between joined and joined + 1 month) }
segment top { where spend in top 10% of segment buyers and spend > median(spend of everyone) }
segment returned { where left segment buyers in last 30 days and not (entered segment returned since joined) }
segment ordered { where any(orders where customer entered segment buyers in previous month) }
segment drawn { where sample(10%, "it's") and ` + "`it's \"q\"`" + ` contains "\\" }
`

func TestGolden(t *testing.T) {
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(shopCatalog)}, "a.seg": {Data: []byte(shopSegments)}}, compiler.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	asOf, _ := p.Calendar.ParseInstant("2025-03-31")
	pl, err := p.Plan(asOf, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []*sql.Dialect{sql.DuckDB, sql.Postgres} {
		var b strings.Builder
		for _, s := range sql.Print(pl, d, plainSources{d}) {
			b.WriteString("-- " + s.Comment + "\n" + d.Create(s) + ";\n\n")
		}
		golden.Check(t, "testdata/shop."+d.Name+".golden", b.String())
	}
}

func TestDialectIsWhole(t *testing.T) {
	for _, d := range []*sql.Dialect{sql.DuckDB, sql.Postgres} {
		if err := d.Validate(); err != nil {
			t.Error(err)
		}
	}
	holed := *sql.DuckDB
	holed.Contains = ""
	if err := holed.Validate(); err == nil || !strings.Contains(err.Error(), "Contains") {
		t.Errorf("a dialect without contains is accepted: %v", err)
	}
}

func TestNamesAndTextsNeverLeaveTheirQuotes(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{sql.DuckDB.Ident(`a"; DROP TABLE x; --`), `"a""; DROP TABLE x; --"`},
		{sql.DuckDB.Text(`it's \' "`), `'it''s \'' "'`},
		{sql.DuckDB.Literal(value.NewInt(-3), value.Of(value.Int)), "(-3)"},
		{sql.DuckDB.Literal(value.Value{}, value.DecimalType(4, 2)), "CAST(NULL AS DECIMAL(4, 2))"},
		{sql.DuckDB.Literal(value.NewFloat(1e300), value.Of(value.Float)), "CAST('1e+300' AS DOUBLE)"},
		{sql.Postgres.Ident(`a"; DROP TABLE x; --`), `"a""; DROP TABLE x; --"`},
		{sql.Postgres.Ident(strings.Repeat("ế", 21)), `"` + strings.Repeat("ế", 21) + `"`},
		{sql.Postgres.Ident(strings.Repeat("ế", 22)), `"` + strings.Repeat("ế", 17) + `~4d2958486b"`},
		{sql.Postgres.Text(`it's \' "`), `'it''s \'' "'`},
		{sql.Postgres.Literal(value.NewInt(-3), value.Of(value.Int)), "(-3)::bigint"},
		{sql.Postgres.Literal(value.NewDecimal(big.NewInt(12345), 2), value.DecimalType(5, 2)), "123.45"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}
