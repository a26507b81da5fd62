package kernel

import (
	"math/big"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
)

// Answers are what a program answers of the atoms of a plan, and which of its
// columns others ask for.
type Answers struct {
	Atoms   []*plan.Atom
	of      []answer // for each
	Exports []Export
	ranks   []*Rank // what these order by is gathered
}

// Export is a feature that is given back.
type Export struct {
	Table, Col string
	Type       value.Type
	feature    int
}

type answer struct {
	feature int
	region  *region
	text    *metTest
	none    bool // what holds of an owner without rows
}

// Answer takes those atoms that ask for one feature of the program alone.
func (p *Program) Answer(atoms []*plan.Atom) *Answers {
	out := &Answers{}
	for _, a := range atoms {
		if a.Entity != p.Entity || len(a.Slots) == 0 {
			continue
		}
		o, slot := overSlot(p.cal, a.X)
		if slot == nil {
			continue
		}
		i, ok := p.slots[slot.Table+"\x00"+slot.Col]
		if !ok {
			continue
		}
		ans := answer{feature: i}
		none := value.Value{}
		if f := p.features[i]; f.zero {
			none = Value(f.t, 0)
		}
		if o.t.Kind == value.Text {
			ans.text = &metTest{over: o, x: a.X}
		} else if ans.region, ok = o.region(a.X); !ok {
			continue
		}
		is, err := o.eval(a.X, none)
		if err != nil {
			continue
		}
		ans.none = is.True()
		out.Atoms, out.of = append(out.Atoms, a), append(out.of, ans)
	}
	return out
}

// Export gives back the features that some slots ask for, each once.
func (p *Program) Export(a *Answers, slots []*ir.Slot) {
	for _, s := range slots {
		i, ok := p.slots[s.Table+"\x00"+s.Col]
		if !ok || slices.ContainsFunc(a.Exports, func(e Export) bool { return e.feature == i }) {
			continue
		}
		a.Exports = append(a.Exports, Export{s.Table, s.Col, p.features[i].t, i})
	}
	slices.SortStableFunc(a.Exports, func(x, y Export) int { return strings.Compare(x.Table, y.Table) })
}

// TextOf is a text that an exported feature gives by its number.
func (p *Program) TextOf(x Export, number uint64) string {
	return p.Inputs[p.features[x.feature].input].met[number].S
}

// Features is how many the program computes.
func (p *Program) Features() int { return len(p.features) }

// Value is a whole number as a value of a type.
func Value(t value.Type, n int64) value.Value {
	switch t.Kind {
	case value.Bool:
		return value.NewBool(n != 0)
	case value.Date:
		return value.NewDate(n)
	case value.Decimal:
		return value.NewDecimal(big.NewInt(n), t.Scale)
	case value.Time:
		return value.NewTime(n)
	case value.Wall:
		return value.NewWall(n)
	default:
		return value.NewInt(n)
	}
}
