package kernel_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/kernel"
	"github.com/segql/segql/compiler/plan"
)

// moving are segments whose windows move.
const moving = segments + `
segment h { where max(amount of orders in last 30 days) > 2 or min(amount of orders in last 7 days) < 1 }
segment i { where first(status of orders in last 40 days) = "paid" or last(status of orders in last 20 days) = "paid" }
segment j { where count(distinct status of orders in last 30 days) >= 2 or sum(amount of orders in last 30 days where status = "paid") > 4 }
segment k { where last(amount of orders in last 20 days where status = "open") > 1 and count(orders in last 7 days) < 3 }
`

// What is kept of one run, and the rows that have changed since, give what the
// evaluator gives of all rows: over and over, with time going on, and rows that
// are new, late, corrected and gone.
func TestKeptFeaturesFollowTheRows(t *testing.T) {
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "a.seg": {Data: []byte(moving)}}, compiler.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	begin, _ := p.Calendar.ParseInstant("2025-03-31")
	const day = 24 * 3600 * 1_000_000
	again, moved := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		asOf := begin
		w := drawOrders(t, p.Project, asOf)
		var kept *kernel.Kept
		for range rapid.IntRange(2, 5).Draw(t, "runs") {
			pl, err := p.Plan(asOf, plan.Options{Sets: true})
			if err != nil {
				t.Fatal(err)
			}
			prog := kernel.Build(pl)[0]
			var atoms map[*plan.Atom][]uint64
			var n int
			atoms, kept, n = w.follow(t, prog, pl, kept)
			again += n
			w.compare(t, pl, atoms)
			asOf += day * rapid.SampledFrom([]int64{0, 1, 2, 3, 7, 10, 40}).Draw(t, "days")
			moved += w.change(t, p.Project, asOf)
		}
	})
	if again == 0 || moved == 0 {
		t.Errorf("%d owners were gone over again, %d rows changed", again, moved)
	}
}

// parts are kept in memory.
type parts [][]byte

func (p parts) Part(i int) ([]byte, error) { return p[i], nil }

func (p parts) SetPart(i int, part []byte) error {
	p[i] = slices.Clone(part)
	return nil
}

func (w *world) compare(t *rapid.T, pl *plan.Plan, atoms map[*plan.Atom][]uint64) {
	want, err := ir.Eval(pl.Project, pl.AsOf, w.data)
	if err != nil {
		t.Fatal(err)
	}
	sets := kernel.NewSets(w.owners, atoms)
	for _, c := range pl.Columns {
		words := sets.Of(c.Set)
		var got, members []string
		for i := range w.owners {
			if words[i>>6]>>(i&63)&1 == 1 {
				got = append(got, fmt.Sprint(i))
			}
		}
		for _, k := range want.Members(c.Name) {
			members = append(members, k.String())
		}
		if strings.Join(got, " ") != strings.Join(members, " ") {
			for _, r := range w.rows {
				t.Log(r)
			}
			t.Fatalf("%s: %v, not %v", c.Segment.Decl.Text(), got, members)
		}
	}
}

// change makes rows come, change and go before an instant.
func (w *world) change(t *rapid.T, p *ir.Project, asOf int64) (n int) {
	for range rapid.IntRange(0, 4).Draw(t, "changes") {
		n++
		fresh := drawOrders(t, p, asOf).rows
		at := 0
		if len(w.rows) > 0 {
			at = rapid.IntRange(0, len(w.rows)-1).Draw(t, "row")
		}
		switch {
		case len(fresh) > 0 && rapid.Bool().Draw(t, "new"):
			w.rows = append(w.rows, fresh[0])
		case len(w.rows) == 0:
		case len(fresh) > 0 && rapid.Bool().Draw(t, "corrected"):
			w.rows[at] = fresh[0]
		default:
			w.rows = slices.Delete(w.rows, at, at+1)
		}
	}
	w.data[w.fact] = w.rows
	return n
}

// follow brings what is kept up to date; n is of how many owners all rows were
// gone over.
func (w *world) follow(t *rapid.T, prog *kernel.Program, pl *plan.Plan, kept *kernel.Kept) (out map[*plan.Atom][]uint64, k *kernel.Kept, n int) {
	a := prog.Answer(pl.Atoms)
	sets := make([][]uint64, len(a.Atoms))
	out = map[*plan.Atom][]uint64{}
	for i, atom := range a.Atoms {
		sets[i] = make([]uint64, (w.owners+63)/64)
		out[atom] = sets[i]
	}
	ev := ir.NewEvaluator(pl.Project, pl.AsOf, ir.Input{Data: w.data})
	rows, err := ev.Rows(w.fact)
	if err != nil {
		t.Fatal(err)
	}
	follows := prog.Follows(kept)
	if kept != nil && !follows {
		t.Fatal("it does not follow what was kept of the same definitions")
	}
	read := func(r *kernel.Run, of []uint64) {
		const each = 7
		in := r.Intake()
		for at := 0; at < len(rows); at += each {
			b := w.batch(t, ev, prog, rows[at:min(at+each, len(rows))])
			for i, owner := range b.Owners {
				if of != nil && of[owner>>6]>>(owner&63)&1 == 0 {
					b.Owners[i] = -1
				}
			}
			if err := in.Add(b); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Ready(a, sets); err != nil {
			t.Fatal(err)
		}
	}
	never := func() bool { return false }
	r := prog.NewRun(w.owners, 0, w.owners, 1<<30)
	if follows {
		r = prog.NewSlide(w.owners, 1<<30)
	}
	r.Digest()
	read(r, nil)
	k = prog.NewKept(a, w.owners, make(parts, kernel.PartsOf(w.owners)))
	var changed *kernel.Changed
	others := r.Digested(k)
	if follows {
		var next atomic.Int64
		since := int64(kernel.Earliest)
		some := slices.ContainsFunc(others, func(w uint64) bool { return w != 0 })
		if lost, err := r.Unsure(others, &next, never); err != nil {
			t.Fatal(err)
		} else if !some {
			since = lost
		}
		changed = &kernel.Changed{Again: others, Since: since, Fresh: prog.NewRun(w.owners, 0, w.owners, 1<<30)}
		read(changed.Fresh, others)
		for i := range w.owners {
			n += int(others[i>>6] >> (i & 63) & 1)
		}
	}
	r.Keep(k)
	var next atomic.Int64
	if err := r.Finish(a, sets, changed, &next, never, nil); err != nil {
		t.Fatal(err)
	}
	k.Seal(prog)
	return out, k, n
}
