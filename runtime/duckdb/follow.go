package duckdb

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/kernel"
	"github.com/segql/segql/compiler/plan"
)

// Keeping is where an engine keeps features from one run to the next. The zero
// Keeping keeps nothing.
type Keeping struct {
	Path string // of a file
	// Afresh goes over all rows, whatever is kept.
	Afresh bool
}

// Followed is how many programs a run took over from the one before, of how many
// owners in all, and of how many of them it went over all rows again.
type Followed struct{ Programs, Owners, Again int }

// keeper is the part of a run that keeps features.
type keeper struct {
	Keeping
	old      *keepFile // of the run before, nil: nothing is taken over
	now      *keepFile // for the next one, nil: nothing is kept
	marks    *Marks    // of the program that was found
	own      map[*keptEntity][]*plan.Atom
	taken    map[*plan.Atom][]byte // over from old
	followed Followed
	failed   error // the file could not be made
}

// unfinished is what the name of the file ends with while it is written. A run
// has the store for itself, so that no other does.
const unfinished = ".new"

func (e *Engine) keeper(p *plan.Plan) *keeper {
	k := &keeper{Keeping: e.Keeping, own: map[*keptEntity][]*plan.Atom{}, taken: map[*plan.Atom][]byte{}}
	if k.Path == "" {
		return k
	}
	if !k.Afresh {
		if k.old = readKeep(k.Path); k.old != nil && k.old.AsOf > p.AsOf {
			k.forgetOld()
		}
	}
	if k.now, k.failed = newKeep(k.Path+unfinished, p.AsOf); k.failed != nil {
		k.close()
	}
	return k
}

// close forgets what is not to be kept.
func (k *keeper) close() {
	k.forgetOld()
	if k.now != nil {
		_ = k.now.f.Close()
		_ = os.Remove(k.now.f.Name())
	}
	k.now = nil
}

// forgetOld takes nothing over.
func (k *keeper) forgetOld() {
	if k.old != nil {
		_ = k.old.f.Close() // only read
	}
	k.old = nil
}

// Followed says what the plan last executed went over.
func (e *Engine) Followed() Followed {
	if e.last == nil {
		return Followed{}
	}
	return e.last.keeper.followed
}

// Keep ends the file of what the plan last executed has found of features, for
// the next run. It is for the caller to say when, because a run that fails has
// not been.
func (e *Engine) Keep() error {
	if e.last == nil {
		return nil
	}
	if e.last.keeper.now == nil {
		return e.last.keeper.failed
	}
	if err := e.last.keepAtoms(); err != nil {
		return err
	}
	k := e.last.keeper
	if err := k.now.finish(k.Path); err != nil {
		return err
	}
	k.now = nil
	return nil
}

// find is what is kept of a program, with its owners numbered as they are now;
// fresh are those who have come.
func (k *keeper) find(prog *kernel.Program, owners *numbering) (fresh []int32, ok bool, err error) {
	if k.old == nil || !owners.ordered() {
		return nil, false, nil
	}
	for i := range k.old.Programs {
		old := &k.old.Programs[i]
		if old.Entity != prog.Entity.Name || old.Fact != prog.Fact.Name || old.Key != ir.Key(prog.Key) || old.Whole != owners.whole {
			continue
		}
		features, err := k.old.features(old)
		if err != nil {
			return nil, false, err
		}
		if prog.Follows(features) {
			k.marks = old.Marks
			fresh, err = k.number(prog, old, owners)
			return fresh, err == nil, err
		}
	}
	return nil, false, nil
}

// number numbers the owners of what is kept as they are now.
func (k *keeper) number(prog *kernel.Program, old *keptProgram, owners *numbering) (fresh []int32, err error) {
	var to []int32
	if n := old.Features.Owners; owners.whole {
		keys := make([]int64, n)
		if err := k.old.numbers(old.Keys, keys); err != nil {
			return nil, err
		}
		to, fresh = matched(keys, owners.keys)
	} else {
		names, err := k.old.texts(old.Keys, n)
		if err != nil {
			return nil, err
		}
		to, fresh = matched(names, owners.names)
	}
	switch last := len(to) - 1; {
	case len(fresh) == 0 && len(to) == owners.n:
		return nil, nil
	case last >= 0 && int(to[last]) == last: // they are in order, so that all are as they were
		prog.More(owners.n)
		return fresh, nil
	}
	return fresh, prog.Renumber(to, owners.n, k.now.newParts(owners.n))
}

// matched finds the places of old keys among new ones, both in order; −1: it is
// no more. fresh are the places of the others.
func matched[K int64 | string](old, now []K) (to, fresh []int32) {
	to = make([]int32, len(old))
	n := 0
	for i, k := range old {
		for n < len(now) && now[n] < k {
			fresh = append(fresh, int32(n))
			n++
		}
		if to[i] = -1; n < len(now) && now[n] == k {
			to[i] = int32(n)
			n++
		}
	}
	for ; n < len(now); n++ {
		fresh = append(fresh, int32(n))
	}
	return to, fresh
}

// add notes what a program has found, for the next run.
func (k *keeper) add(prog *kernel.Program, owners *numbering, found *kernel.Kept, marks *Marks) (err error) {
	if !owners.ordered() {
		return nil
	}
	found.Seal(prog)
	of := keptProgram{Entity: prog.Entity.Name, Fact: prog.Fact.Name, Key: ir.Key(prog.Key), Whole: owners.whole, Marks: marks, Parts: found.Parts.(*fileParts).parts}
	if of.Keys, err = k.now.putKeys(owners.keys, owners.names); err != nil {
		return err
	}
	if of.Digests, err = k.now.putNumbers(found.Digests); err != nil {
		return err
	}
	small := *found
	small.Digests, small.Parts = nil, nil
	of.Features = &small
	k.now.Programs = append(k.now.Programs, of)
	return nil
}

// newKept begins to keep what all rows make, nil where nothing is to be kept.
func (k *kernelRun) newKept(ctx context.Context) (*kernel.Kept, error) {
	if k.keeper.now == nil {
		return nil, nil
	}
	if g := k.growing(); g != nil && k.marks == nil {
		if marks, _, err := g.marks(ctx, nil); err == nil {
			k.marks = marks
		}
	}
	return k.prog.NewKept(k.answers, k.owners.n, k.keeper.now.newParts(k.owners.n)), ctx.Err()
}

// mostAgain is the share of owners above which all rows are gone over: to pick
// out those of many costs more.
const mostAgain = 0.25

// follow brings what is kept of a program up to date. It is false where that is
// not possible, or not worth it.
func (k *kernelRun) follow(ctx context.Context, query string, mostBytes int64) (done bool, err error) {
	fresh, ok, err := k.keeper.find(k.prog, k.owners)
	if !ok || err != nil {
		return false, k.damaged(err)
	}
	n := k.owners.n
	r := k.prog.NewSlide(n, mostBytes)
	if done, err = k.read(ctx, query, r); err != nil || !done || r.To < n {
		return false, err
	}
	kept := k.prog.NewKept(k.answers, n, k.keeper.now.newParts(n))
	changed := &kernel.Changed{Again: r.Digested(kept)}
	for _, owner := range fresh {
		changed.Again[owner>>6] |= 1 << (owner & 63)
	}
	if err := r.Ready(k.answers, k.sets); err != nil {
		return false, err
	}
	known := count(changed.Again)
	if changed.Since, err = k.unsure(ctx, r, changed.Again); err != nil {
		return false, k.damaged(err)
	}
	if known > 0 {
		changed.Since = kernel.Earliest
	}
	again := count(changed.Again)
	if float64(again) > mostAgain*float64(n)+1 {
		return false, ctx.Err()
	}
	if again > 0 {
		changed.Fresh = k.prog.NewRun(n, 0, n, mostBytes)
		if err := k.streamOf(ctx, query, changed); err != nil || changed.Fresh.To < n {
			return false, err
		}
	}
	r.Keep(kept)
	k.looked = looked{kept.Rows, kept.Lost}
	if err := k.finish(ctx, r, changed); err != nil {
		return false, err
	}
	f := &k.keeper.followed
	f.Programs, f.Owners, f.Again = f.Programs+1, f.Owners+n, f.Again+again
	return true, k.keeper.add(k.prog, k.owners, kept, k.marks)
}

func count(set []uint64) (n int) {
	for _, w := range set {
		n += bits.OnesCount64(w)
	}
	return n
}

// unsure finds those of whom changed rows do not say all, and since when rows
// of theirs are needed.
func (k *kernelRun) unsure(ctx context.Context, r *kernel.Run, again []uint64) (since int64, err error) {
	since = kernel.Latest
	var one sync.Mutex
	errs := k.onAllCores(ctx, func(next *atomic.Int64, stop func() bool) error {
		lost, err := r.Unsure(again, next, stop)
		one.Lock()
		defer one.Unlock()
		since = min(since, lost)
		return err
	})
	return since, errors.Join(errs...)
}

// damaged lets all rows be gone over where what is kept cannot be read.
func (k *kernelRun) damaged(err error) error {
	if errors.Is(err, errDamaged) {
		k.keeper.forgetOld()
		return nil
	}
	return err
}

// read gives a run of changed rows those that may be: of a table that has only
// grown few, else all.
func (k *kernelRun) read(ctx context.Context, query string, r *kernel.Run) (done bool, err error) {
	if g := k.growing(); g != nil {
		end := int64(0)
		if k.keeper.marks != nil {
			end = k.keeper.marks.End
		}
		marks, grown, err := g.marks(ctx, k.keeper.marks)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err == nil {
			k.marks = marks
		}
		if err == nil && grown {
			r.DigestMore()
			if done, err = g.streamGrown(ctx, query, r, end); done || err != nil {
				return done, err
			}
		}
	}
	r.Digest()
	return true, k.stream(ctx, k.wrap(query), r)
}

// streamOf gives the rows of the owners that are gone over again to their run.
func (k *kernelRun) streamOf(ctx context.Context, query string, changed *kernel.Changed) error {
	const doing = "look at those who changed"
	name := k.TempName("again")
	form, key := "BIGINT", "v.k"
	if !k.owners.whole {
		form, key = "VARCHAR", "CAST(v.k AS VARCHAR)"
	}
	if err := k.Exec(ctx, doing, "CREATE TEMP TABLE "+name+" (k "+form+")"); err != nil {
		return err
	}
	err := k.Append(ctx, doing, [3]string{"temp", "main", name}, func(a *Appender) error {
		for i, w := range changed.Again {
			for ; w != 0; w &= w - 1 {
				owner := i<<6 + bits.TrailingZeros64(w)
				if k.owners.whole {
					Put(a, 0, k.owners.keys[owner])
				} else {
					PutText(a, 0, []byte(k.owners.names[owner]))
				}
				if err := a.Next(); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	where := ""
	if at := k.prog.Time(); at >= 0 {
		if times, ok := atTimes(fmt.Sprintf("v.c%d", at), k.prog.Inputs[at].X.Type(), [][2]int64{{changed.Since, kernel.Latest}}); ok {
			where = "\nWHERE " + times[0]
		}
	}
	err = k.stream(ctx, k.wrap("SELECT v.* FROM (\n"+query+"\n) AS v("+k.names()+") SEMI JOIN temp.main."+name+" AS a ON a.k = "+key+where), changed.Fresh)
	if err != nil {
		return err
	}
	return k.Exec(ctx, doing, "DROP TABLE temp.main."+name)
}

// onAllCores lets every core do some of what next counts.
func (k *kernelRun) onAllCores(ctx context.Context, do func(next *atomic.Int64, stop func() bool) error) []error {
	var next atomic.Int64
	errs := make([]error, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = do(&next, func() bool { return ctx.Err() != nil }) })
	}
	all.Wait()
	return errs
}
