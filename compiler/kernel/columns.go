package kernel

import (
	"sync"

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
	mu     sync.Mutex   // over the sets
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

// Adder answers for some rows at a time, of which numbers has the number of
// each; sets has a set for each of Atoms. Several goroutines may each have one.
func (c *Columns) Adder(sets [][]uint64) func(numbers []int64, inputs []Vector) error {
	met := make([][]bool, len(c.of))
	var words []uint64
	return func(numbers []int64, inputs []Vector) error {
		if err := c.know(met); err != nil {
			return err
		}
		words = words[:0]
		for k := range c.of {
			for from := 0; from < len(numbers); from += 64 {
				words = append(words, c.of[k].word(met[k], &inputs[c.of[k].input], from, min(from+64, len(numbers))))
			}
		}
		c.mu.Lock() // the rows of another may have their bits in the same words
		defer c.mu.Unlock()
		left := words
		for k := range c.of {
			for from := 0; from < len(numbers); from += 64 {
				put(sets[k], numbers[from:min(from+64, len(numbers))], left[0])
				left = left[1:]
			}
		}
		return nil
	}
}

// know answers for all that has been met: of each test, by number.
func (c *Columns) know(met [][]bool) error {
	for i, in := range c.Inputs {
		in.mu.Lock()
		err := in.know()
		for k := range c.of {
			if t := &c.of[k]; t.input == i && t.met != nil {
				met[k] = t.met.in
			}
		}
		in.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// word answers for up to 64 rows.
func (t *columnTest) word(met []bool, v *Vector, from, to int) (w uint64) {
	switch {
	case t.met != nil:
		for i, n := range v.Values[from:to] {
			w |= bit(met[n]) << i
		}
	case v.Known == nil && len(t.region.breaks) == 1: // mostly: there is one bound
		at, below := t.region.breaks[0], bit(t.region.in[0])
		above := bit(t.region.in[1]) ^ below
		for i, n := range v.Values[from:to] {
			w |= (bit(n >= at)&above ^ below) << i
		}
	default:
		for i, n := range v.Values[from:to] {
			w |= bit(t.region.holds(n, known(v.Known, from+i))) << i
		}
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

// Unpack is Pack for several sets at once: of up to 64 rows bit i of a word says
// whether something holds for set i.
func Unpack(sets [][]uint64, numbers, words []int64) {
	var block [64]uint64
	for row, w := range words {
		block[row] = uint64(w)
	}
	transpose(&block)
	follow := inRow(numbers)
	for i, set := range sets {
		if follow {
			putInRow(set, numbers, block[i])
		} else {
			putApart(set, numbers, block[i])
		}
	}
}

// transpose makes bit i of word k bit k of word i (Warren, Hacker's Delight,
// 7-3: halves are exchanged, then quarters, and so on).
func transpose(a *[64]uint64) {
	mask := uint64(1)<<32 - 1
	for j := 32; j != 0; j >>= 1 {
		for k := 0; k < 64; k = (k + j + 1) &^ j {
			t := (a[k]>>j ^ a[k+j]) & mask
			a[k] ^= t << j
			a[k+j] ^= t
		}
		mask ^= mask << (j >> 1)
	}
}

// put sets the bits of rows, which mostly follow one another.
func put(set []uint64, numbers []int64, w uint64) {
	if inRow(numbers) {
		putInRow(set, numbers, w)
	} else {
		putApart(set, numbers, w)
	}
}

// inRow reports whether each number is one more than the one before.
func inRow(numbers []int64) bool {
	apart := int64(0)
	for i, n := range numbers {
		apart |= n - numbers[0] - int64(i)
	}
	return apart == 0
}

func putInRow(set []uint64, numbers []int64, w uint64) {
	first, last := numbers[0], numbers[len(numbers)-1]
	shift := first & 63
	set[first>>6] |= w << shift
	if shift > 0 && last>>6 != first>>6 {
		set[last>>6] |= w >> (64 - shift)
	}
}

func putApart(set []uint64, numbers []int64, w uint64) {
	for i, n := range numbers {
		set[n>>6] |= w >> i & 1 << (n & 63)
	}
}
