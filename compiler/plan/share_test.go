package plan_test

import (
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/plan"
)

const shop = `timezone: UTC
entities:
  customer: {source: customers.csv, key: {column: id, type: int}}
  product:  {source: products.csv, key: {column: code, type: text}}
facts:
  orders:
    source: orders.csv
    of: customer
    by: customer_id
    at: ordered_at
    key: {column: order_id, type: int}
    attributes: {amount: {type: "decimal(10, 2)"}}
  items:   {source: items.csv, of: orders, by: order_id, attributes: {quantity: {type: int}}}
  refunds: {source: refunds.csv, of: orders, by: order_id}
`

// kinds counts the tables of each kind in the plan of a project.
func kinds(t *testing.T, segments string) map[plan.Kind]int {
	t.Helper()
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(shop)}, "a.seg": {Data: []byte(segments)}}, compiler.Options{})
	if diags.HasErrors() {
		t.Fatal(diags[0].Message)
	}
	pl, err := p.Plan(0, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := map[plan.Kind]int{}
	for _, table := range pl.Tables {
		n[table.Kind]++
		n[table.Kind+" features"] += len(table.Aggs)
		n[table.Kind+" positions"] += len(table.Ranks)
		n[table.Kind+" values"] += len(table.Pop)
	}
	return n
}

func TestWhatIsAlikeIsComputedOnce(t *testing.T) {
	n := kinds(t, `
segment a { where sum(amount of orders) in top 10% and count(orders where count(items) > 2) > 1 }
segment b { where sum(amount of orders) in top 20% and count(orders where count(items) > 2) > 5 }
segment c { where sum(amount of orders) > median(sum(amount of orders) of everyone) }
segment d { where sum(amount of orders) > max(sum(amount of orders) of everyone) / 2 }
`)
	want := map[plan.Kind]int{plan.Rank: 1, "rank positions": 2, plan.Values: 1, "values values": 2, "pass features": 3}
	for k, w := range want {
		if n[k] != w {
			t.Errorf("%d %s, want %d", n[k], k, w)
		}
	}
}

// What differs only below another aggregate must not be taken for the same.
func TestWhatDiffersIsNotShared(t *testing.T) {
	n := kinds(t, `
segment a { where sum(amount of orders) in top 10% and count(orders where count(items) > 2) > 1 }
segment b { where count(orders) in top 10% and count(orders where count(refunds) > 2) > 1 }
segment c { where sum(amount of orders) > median(sum(amount of orders) of everyone) }
segment d { where count(orders) > median(count(orders) of everyone) }
segment e { where sum(amount of orders) > median(sum(amount of orders) of segment a) }
segment f { where sum(quantity of orders.items) in top 1 }
segment g { where sum(quantity of orders.items) in top 100% }
`)
	want := map[plan.Kind]int{plan.Rank: 3, "rank positions": 4, plan.Values: 3, "values values": 3, "pass features": 7}
	for k, w := range want {
		if n[k] != w {
			t.Errorf("%d %s, want %d", n[k], k, w)
		}
	}
}
