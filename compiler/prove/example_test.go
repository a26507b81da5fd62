package prove_test

import (
	"fmt"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/prove"
	"github.com/segql/segql/compiler/testform"
)

// A question is proved, or refuted by a customer that a test can hold.
func Example() {
	p, _ := compiler.Compile(fstest.MapFS{
		"catalog.yaml": {Data: []byte(`
timezone: Asia/Ho_Chi_Minh
entities:
  customer: {source: customers.csv, key: id, attributes: {id: int}}
facts:
  orders: {source: orders.csv, of: customer, by: customer_id, at: at, attributes: {customer_id: int, at: time, amount: int}}
`)},
		"all.seg": {Data: []byte(`
segment lately { where any(orders in last 30 days) }
segment buyers { where any(orders in last 90 days) }
`)},
	}, compiler.Options{})
	lately, buyers := p.Segment("lately"), p.Segment("buyers")

	pr := prove.New(p.Project, prove.Options{})
	fmt.Println(pr.Implies(lately, buyers).Verdict)

	a := pr.Implies(buyers, lately)
	fmt.Println(a.Verdict)
	t := a.Witness.Test(p.Project, "bought, but not lately", a.Witness.In(p.Project, p.Segments))
	fmt.Print(testform.Format([]*testform.Test{t}))
	// Output:
	// proved
	// refuted
	// test: bought, but not lately
	// as_of: 2026-07-15T10:00
	// rows:
	//   customer:
	//     - {id: 1}
	//   orders:
	//     - {customer_id: 1, at: 2026-04-16T10:00:00}
	// expect:
	//   buyers: {in: [1]}
	//   lately: {not in: [1]}
}
