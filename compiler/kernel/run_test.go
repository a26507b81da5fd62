package kernel_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/kernel"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
)

const catalog = `timezone: UTC
entities:
  customer: {source: c.csv, key: {column: id, type: int}, attributes: {city: text}}
facts:
  orders:
    source: o.csv
    of: customer
    by: {column: cust}
    at: at
    key: {column: oid, type: int}
    attributes: {cust: int, at: time, amount: "decimal(10, 2)", status: text, due: date}
`

const segments = `
segment a { where count(orders in last 30 days where status = "paid") >= 2 }
segment b { where sum(amount of orders) > 5 and none(orders where status in ["open", "lost"]) }
segment c { where first(status of orders) = "paid" or last(status of orders where amount > 1) is missing }
segment d { where count(distinct status of orders) = 2 or count(distinct amount of orders in last 60 days) > 2 }
segment e { where min(amount of orders) < 1 or max(due of orders) since 2025-03-01 or not any(orders where due is missing) }
segment f { where last(amount of orders) between 1 and 3 and count(amount of orders in 2025-02) = 1 }
segment g { where sum(amount of orders where amount > 1 and status != "paid") >= 2 }
`

// One fact, gone over in batches and in as many runs as memory makes needed,
// gives what the evaluator gives.
func TestRunsAgreeWithTheEvaluator(t *testing.T) {
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "a.seg": {Data: []byte(segments)}}, compiler.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	asOf, _ := p.Calendar.ParseInstant("2025-03-31")
	runs := 0
	rapid.Check(t, func(t *rapid.T) {
		pl, err := p.Plan(asOf, plan.Options{Sets: true})
		if err != nil {
			t.Fatal(err)
		}
		programs := kernel.Build(pl)
		if len(programs) != 1 || len(programs[0].Tables) != passes(pl) {
			t.Fatalf("%d programs", len(programs))
		}
		w := drawOrders(t, p.Project, asOf)
		atoms, n := w.run(t, programs[0], pl)
		runs += n
		want, err := ir.Eval(p.Project, asOf, w.data)
		if err != nil {
			t.Fatal(err)
		}
		sets := kernel.NewSets(w.owners, atoms)
		for _, c := range pl.Columns {
			words := sets.Of(c.Set)
			var got []string
			for i := range w.owners {
				if words[i>>6]>>(i&63)&1 == 1 {
					got = append(got, fmt.Sprint(i))
				}
			}
			var members []string
			for _, k := range want.Members(c.Name) {
				members = append(members, k.String())
			}
			if strings.Join(got, " ") != strings.Join(members, " ") {
				t.Fatalf("%s: %v, not %v", c.Segment.Decl.Text(), got, members)
			}
		}
	})
	if runs < 2 {
		t.Errorf("%d runs in all: memory was never short", runs)
	}
}

func passes(p *plan.Plan) (n int) {
	for _, t := range p.Tables {
		if t.Kind == plan.Pass {
			n++
		}
	}
	return n
}

// world is customers 0 to owners−1, of whom the drawn ones stand apart, and
// their orders.
type world struct {
	owners int
	rows   []ir.Record
	data   ir.Data
	fact   *ir.Relation
}

func drawOrders(t *rapid.T, p *ir.Project, asOf int64) *world {
	const apart = 1030 // so that they do not stand together
	customer, orders := p.Relation("customer"), p.Relation("orders")
	w := &world{owners: 2*apart + 3, fact: orders, data: ir.Data{}}
	for i := range w.owners {
		w.data[customer] = append(w.data[customer], ir.Record{customer.Key: value.NewInt(int64(i))})
	}
	maybe := func(v value.Value) value.Value {
		if rapid.IntRange(0, 5).Draw(t, "missing") == 0 {
			return value.Value{}
		}
		return v
	}
	const day = 24 * 3600 * 1_000_000
	for i := range rapid.IntRange(0, 30).Draw(t, "orders") {
		w.rows = append(w.rows, ir.Record{
			orders.Column("cust"):   value.NewInt(int64(apart*rapid.IntRange(0, 2).Draw(t, "part") + rapid.IntRange(0, 2).Draw(t, "cust"))),
			orders.Column("oid"):    maybe(value.NewInt(int64(i % 7))),
			orders.Column("at"):     value.NewTime(asOf - day*rapid.Int64Range(1, 90).Draw(t, "days")),
			orders.Column("amount"): maybe(kernel.Value(value.DecimalType(10, 2), rapid.Int64Range(-300, 600).Draw(t, "amount"))),
			orders.Column("status"): maybe(value.NewText(rapid.SampledFrom([]string{"paid", "open", "lost", ""}).Draw(t, "status"))),
			orders.Column("due"):    maybe(value.NewDate(asOf/day - rapid.Int64Range(0, 60).Draw(t, "due"))),
		})
	}
	w.data[orders] = w.rows
	return w
}

// run gives the rows to a program in small batches, with room for few of them,
// and answers how many runs that took.
func (w *world) run(t *rapid.T, prog *kernel.Program, pl *plan.Plan) (map[*plan.Atom][]uint64, int) {
	a := prog.Answer(pl.Atoms)
	if len(a.Atoms) != len(pl.Atoms) {
		t.Fatalf("%d of %d atoms are answered", len(a.Atoms), len(pl.Atoms))
	}
	sets := make([][]uint64, len(a.Atoms))
	out := map[*plan.Atom][]uint64{}
	for i, atom := range a.Atoms {
		sets[i] = make([]uint64, (w.owners+63)/64)
		out[atom] = sets[i]
	}
	ev := ir.NewEvaluator(pl.Project, pl.AsOf, ir.Input{Data: w.data})
	rows, err := ev.Rows(w.fact)
	if err != nil {
		t.Fatal(err)
	}
	runs := 0
	for from := 0; from < w.owners; runs++ {
		r := prog.NewRun(w.owners, from, w.owners, rapid.SampledFrom([]int64{60_000, 1 << 20}).Draw(t, "bytes"))
		const each = 7
		var all sync.WaitGroup
		var errs [2]error
		for k := range errs {
			in := r.Intake()
			var batches []*kernel.Batch
			for at := each * k; at < len(rows); at += each * len(errs) {
				batches = append(batches, w.batch(t, ev, prog, rows[at:min(at+each, len(rows))]))
			}
			all.Go(func() {
				for _, b := range batches {
					errs[k] = errors.Join(errs[k], in.Add(b))
				}
			})
		}
		all.Wait()
		if err := errors.Join(errs[:]...); err != nil {
			t.Fatal(err)
		}
		if err := r.Ready(a, sets); err != nil {
			t.Fatal(err)
		}
		var next atomic.Int64
		if err := r.Finish(a, sets, nil, &next, func() bool { return false }, nil); err != nil {
			t.Fatal(err)
		}
		from = r.To
	}
	return out, runs
}

func (w *world) batch(t *rapid.T, ev *ir.Evaluator, prog *kernel.Program, rows []ir.Row) *kernel.Batch {
	b := &kernel.Batch{Rows: len(rows)}
	for _, row := range rows {
		key, err := ev.Value(row, prog.Key)
		if err != nil {
			t.Fatal(err)
		}
		b.Owners = append(b.Owners, int32(key.I))
	}
	for _, in := range prog.Inputs {
		v := kernel.Vector{Known: make([]uint64, 1)}
		for i, row := range rows {
			x, err := ev.Value(row, in.X)
			if err != nil {
				t.Fatal(err)
			}
			n := x.I
			switch {
			case x.IsMissing():
				v.Values = append(v.Values, 0)
				continue
			case x.Kind == value.Text:
				n = int64(in.Text([]byte(x.S)))
			case x.Kind == value.Decimal:
				n = x.D.Int64()
			}
			v.Values = append(v.Values, n)
			v.Known[0] |= 1 << i
		}
		b.Inputs = append(b.Inputs, v)
	}
	return b
}
