package prove_test

import (
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/prove"
)

const soldCatalog = `
timezone: Europe/Berlin
entities:
  customer: {source: c.csv, key: id, attributes: {id: int}}
  product:
    source: p.csv
    key: {column: pid, type: int}
    attributes: {name: text, cost: int, brand: text}
    belongs_to: {maker: {entity: maker, by: brand}}
  maker: {source: m.csv, key: {column: name, type: text}, attributes: {country: text}}
facts:
  sales:
    source: o.csv
    of: customer
    by: cid
    at: at
    attributes: {cid: int, at: time, pk: int, n: int}
    belongs_to: {product: {entity: product, by: pk}}
    fields: {amount: n * product.cost}
`

// TestLookedUp finds rows of facts that lead to other rows, for customers who
// are in a segment and for those who are not.
func TestLookedUp(t *testing.T) {
	for _, where := range []string{
		`any(sales where product.name = "x")`,
		`count(sales where product.name ~contains "mountain") >= 2`,
		`any(sales where product.maker.country = "VN") and none(sales where product.name = "x")`,
		`any(sales where product.name is missing)`,
		`sum(amount of sales) >= 100`,
		`mode(product.name of sales) = "x"`,
		`count(distinct product.name of sales) >= 2`,
	} {
		p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(soldCatalog)}, "a.seg": {Data: []byte("segment a { where " + where + " }")}}, compiler.Options{})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		pr := prove.New(p.Project, prove.Options{})
		for _, a := range []prove.Answer{pr.Never(p.Segments[0]), pr.Always(p.Segments[0])} {
			if !a.Refuted() {
				t.Errorf("%s: %s %s", where, a.Verdict, a.Reason)
			}
		}
	}
}
