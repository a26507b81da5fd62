package kernel

import (
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
)

// Lookup answers those atoms that look at one column of a table which has a row
// for some of an entity's, over one reading of these columns.
type Lookup struct {
	Table   *plan.Table
	Columns []*ir.Slot
	Atoms   []*plan.Atom
	of      []lookupTest // of each atom
}

type lookupTest struct {
	column int
	region *region
	none   bool // what holds of who has no row
}

// BuildLookups takes what it can of the atoms of a plan: those over whole
// numbers in tables by the key of their entity.
func BuildLookups(p *plan.Plan, atoms []*plan.Atom) (out []*Lookup) {
	for _, a := range atoms {
		o, slot := overSlot(p.Project.Calendar, a.X)
		if slot == nil || !fits(slot.T) {
			continue
		}
		at := slices.IndexFunc(p.Tables, func(t *plan.Table) bool { return t.Name == slot.Table })
		if at < 0 {
			continue
		}
		t := p.Tables[at]
		if t.Rel != a.Entity || t.Bounds != nil || t.Kind != plan.Pass && t.Kind != plan.Rank {
			continue
		}
		r, ok := o.region(a.X)
		if !ok {
			continue
		}
		test := lookupTest{region: r, none: r.holds(0, slot.Zero)}
		i := slices.IndexFunc(out, func(l *Lookup) bool { return l.Table == t })
		if i < 0 {
			i, out = len(out), append(out, &Lookup{Table: t})
		}
		out[i].add(a, slot, test)
	}
	return out
}

func (l *Lookup) add(a *plan.Atom, slot *ir.Slot, test lookupTest) {
	test.column = slices.IndexFunc(l.Columns, func(s *ir.Slot) bool { return s.Col == slot.Col })
	if test.column < 0 {
		test.column, l.Columns = len(l.Columns), append(l.Columns, slot)
	}
	l.Atoms, l.of = append(l.Atoms, a), append(l.of, test)
}

// None answers for n rows of the entity as if the table had none for them. sets
// has a set for each of Atoms.
func (l *Lookup) None(n int, sets [][]uint64) {
	for k := range l.of {
		if l.of[k].none {
			fill(sets[k], 0, n)
		}
	}
}

// Add answers for rows of the table, of which numbers has those of the entity's
// rows; −1: there is none.
func (l *Lookup) Add(numbers []int32, columns []Vector, sets [][]uint64) {
	for k := range l.of {
		t, set := &l.of[k], sets[k]
		v := &columns[t.column]
		zero := l.Columns[t.column].Zero
		for i, n := range numbers {
			if n < 0 {
				continue
			}
			x, is := v.Values[i], known(v.Known, i)
			if !is && zero {
				x, is = 0, true
			}
			if t.region.holds(x, is) != t.none {
				set[n>>6] ^= 1 << (n & 63)
			}
		}
	}
}
