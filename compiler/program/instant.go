package program

import (
	"fmt"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// Instant is what a program knows of one instant before it has seen a row:
// the bounds of its windows and all that follows from as_of. It is immutable
// and shared by all goroutines.
type Instant struct {
	AsOf   int64 // microseconds since 1970
	values []value.Value
	errs   []error
	sides  []side
	spans  []spanned
	days   []days
	valid  []bool
	cuts   []*Cut
	shared *Frame
}

// spanned is a side as a span of integers; of a text, as its head.
type spanned struct {
	lo, hi    int64
	ok, known bool
	short     bool // the head is all of the text
	head      int64
	text      string
}

type days struct {
	first, after int64
	ok           bool
}

// pending is what must be worked out for an instant.
type pending struct {
	values []ir.Expr
	sides  []sideAt
	days   []*ir.Window
	key    map[string]int
}

// sideAt is a constant side of a comparison.
type sideAt struct {
	typ  value.Type // beside it
	op   string
	x    ir.Expr
	next *bool // bound of a window
}

// At prepares a program for an instant. cuts are those of the population
// constructs, by Population.Key; nil where none are known. Preparing takes
// some microseconds for each window, so callers keep an Instant for as long
// as a window may stand still.
func (p *Program) At(asOf int64, cuts map[string]*Cut) *Instant {
	cal := p.Project.Calendar
	t := &Instant{AsOf: asOf, values: make([]value.Value, len(p.at.values)), errs: make([]error, len(p.at.values)),
		sides: make([]side, len(p.at.sides)), days: make([]days, len(p.at.days)), valid: make([]bool, len(p.Segments)), cuts: make([]*Cut, len(p.Populations))}
	for i, x := range p.at.values {
		t.values[i], t.errs[i] = constantAt(p, asOf, x)
	}
	for i, s := range p.at.sides {
		t.sides[i] = s.at(p, asOf)
		t.spans = append(t.spans, t.sides[i].spanned())
	}
	for i, w := range p.at.days {
		t.days[i].first, t.days[i].after, t.days[i].ok = ir.Days(cal, asOf, w)
	}
	today := cal.DateOf(asOf)
	for i, s := range p.Segments {
		t.valid[i] = (s.Meta.ValidFrom == nil || *s.Meta.ValidFrom <= today) && (s.Meta.ValidUntil == nil || today <= *s.Meta.ValidUntil)
	}
	for i, pop := range p.Populations {
		t.cuts[i] = cuts[pop.Key]
	}
	return t
}

func constantAt(p *Program, asOf int64, x ir.Expr) (value.Value, error) {
	low, err := ir.Lower(p.Project.Calendar, asOf, x)
	if err != nil {
		return value.Value{}, err
	}
	c, ok := low.(*ir.Const)
	if !ok {
		panic(fmt.Sprintf("program: %s is not the same for every row", x.Span().Text()))
	}
	return c.V, nil
}

// at is the constant that the normal form of a comparison with it has: of
// the kind of the other side.
func (s sideAt) at(p *Program, asOf int64) side {
	other := &ir.Slot{T: s.typ}
	cond := ir.Expr(&ir.Cmp{Op: s.op, L: other, R: s.x})
	if s.next != nil {
		w := &ir.Window{Next: *s.next}
		if s.op == "<" {
			w.Hi = s.x
		} else {
			w.Lo = s.x
		}
		cond = &ir.InRange{X: other, Window: w}
	}
	low, err := ir.Lower(p.Project.Calendar, asOf, cond)
	if err != nil {
		return side{err: err, spans: true, lo: 1}
	}
	cmp, ok := low.(*ir.Cmp)
	if !ok {
		panic(fmt.Sprintf("program: comparison with %s became %T", s.x.Span().Text(), low))
	}
	return sideOf(s.typ, s.op, cmp.R.(*ir.Const).V)
}

// side is the value of a constant side, for the slow ways.
func (t *Instant) side(f *Frame, i int) value.Value {
	if err := t.sides[i].err; err != nil {
		f.fail(err)
	}
	return t.sides[i].value
}

func (b *builder) instantValue(x ir.Expr) int {
	key := fmt.Sprintf("value %d %s", x.Type().Kind, ir.Key(x))
	if i, ok := b.at.key[key]; ok {
		return i
	}
	i := len(b.at.values)
	b.at.values, b.at.key[key] = append(b.at.values, x), i
	return i
}

// instantBound is a bound of a window around a value of type t.
func (b *builder) instantBound(t value.Type, op string, x ir.Expr, next bool) int {
	return b.addSide(sideAt{typ: t, op: op, x: x, next: &next})
}

func (b *builder) addSide(s sideAt) int {
	window := "-"
	if s.next != nil {
		window = fmt.Sprint(*s.next)
	}
	key := fmt.Sprintf("side %d %s %s %s %s", s.typ.Kind, s.typ, s.op, window, ir.Key(s.x))
	if i, ok := b.at.key[key]; ok {
		return i
	}
	i := len(b.at.sides)
	b.at.sides, b.at.key[key] = append(b.at.sides, s), i
	return i
}

func (b *builder) instantDays(w *ir.Window) int {
	b.at.days = append(b.at.days, w)
	return len(b.at.days) - 1
}
