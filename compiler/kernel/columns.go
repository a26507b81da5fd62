package kernel

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
)

// Columns answers those atoms that look at one column of an entity's own rows,
// over one reading of these columns: a text or a date is looked at once for all
// rows that have it.
type Columns struct {
	Entity *ir.Relation
	Inputs []*Input
	Atoms  []*plan.Atom
	of     []columnTest // of each atom
}

type columnTest struct {
	input  int
	region *region
	met    *metTest
}

// BuildColumns takes what it can of the atoms of an entity. few says of a
// column of texts whether it has so few that they can be numbered.
func BuildColumns(p *plan.Plan, entity *ir.Relation, atoms []*plan.Atom, few func(*ir.ColumnDef) bool) *Columns {
	c := &Columns{Entity: entity}
	for _, a := range atoms {
		if a.Entity != entity || len(a.Slots) > 0 {
			continue
		}
		o, column := overRow(p.Project.Calendar, a.X)
		if column == nil {
			continue
		}
		t := columnTest{}
		switch kind := column.Col.Type.Kind; {
		case kind == value.Text && few(column.Col):
			t.met = &metTest{over: o, x: a.X}
		case kind == value.Text || !fits(column.Col.Type):
			continue
		default:
			var ok bool
			if t.region, ok = o.region(a.X); !ok && kind != value.Date {
				continue
			} else if !ok { // there are not so many days
				t.met = &metTest{over: o, x: a.X}
			}
		}
		t.input = c.input(column, t.met != nil)
		if t.met != nil {
			c.Inputs[t.input].tests = append(c.Inputs[t.input].tests, t.met)
		}
		c.Atoms, c.of = append(c.Atoms, a), append(c.of, t)
	}
	return c
}

func (c *Columns) input(column *ir.Column, numbered bool) int {
	for i, in := range c.Inputs {
		if in.Numbered == numbered && in.X.(*ir.Column).Col == column.Col {
			return i
		}
	}
	c.Inputs = append(c.Inputs, &Input{X: column, Numbered: numbered})
	return len(c.Inputs) - 1
}

// Add answers for some rows, of which numbers has the number of each; sets has
// a set for each of Atoms.
func (c *Columns) Add(numbers []int64, inputs []Vector, sets [][]uint64) error {
	for _, in := range c.Inputs {
		if err := in.know(); err != nil {
			return err
		}
	}
	for k := range c.of {
		t := &c.of[k]
		v := &inputs[t.input]
		for from := 0; from < len(numbers); from += 64 {
			to := min(from+64, len(numbers))
			put(sets[k], numbers[from:to], t.word(v, from, to))
		}
	}
	return nil
}

// word answers for up to 64 rows.
func (t *columnTest) word(v *Vector, from, to int) (w uint64) {
	if t.met != nil {
		in := t.met.in
		for i, n := range v.Values[from:to] {
			w |= bit(in[n]) << i
		}
		return w
	}
	for i, n := range v.Values[from:to] {
		w |= bit(t.region.holds(n, known(v.Known, from+i))) << i
	}
	return w
}

func known(bits []uint64, i int) bool { return bits == nil || bits[i>>6]&(1<<(i&63)) != 0 }

// bit is 1 for true, without a branch.
func bit(is bool) (n uint64) {
	if is {
		n = 1
	}
	return n
}

// Pack puts whether something holds of up to 64 rows into a set.
func Pack(set []uint64, numbers []int64, is []bool) {
	w := uint64(0)
	for i, b := range is {
		w |= bit(b) << i
	}
	put(set, numbers, w)
}

// put sets the bits of rows, which mostly follow one another.
func put(set []uint64, numbers []int64, w uint64) {
	first, last := numbers[0], numbers[len(numbers)-1]
	apart := int64(0)
	for i, n := range numbers {
		apart |= n - first - int64(i)
	}
	if apart == 0 {
		shift := first & 63
		set[first>>6] |= w << shift
		if shift > 0 && last>>6 != first>>6 {
			set[last>>6] |= w >> (64 - shift)
		}
		return
	}
	for i, n := range numbers {
		set[n>>6] |= w >> i & 1 << (n & 63)
	}
}
