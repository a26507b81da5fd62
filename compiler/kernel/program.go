// Package kernel computes features of an entity by going over the rows of a
// fact once, whatever their number: an alternative to one SQL statement for
// each pass of a plan, which costs less the more features there are.
//
// It is driven by the plan. A Program is made of the passes over one fact: it
// says what a row must bring (Inputs, which an engine's SQL computes, so that
// expressions keep their one meaning), and which features want which rows. A
// Run takes the rows as they come, keeps those that some feature wants apart
// by owner, and then goes over one owner after the other, whose features fit
// in the fastest memory. What is asked of a feature alone, such as `count >=
// 3`, is answered on the spot as a set of owners; the features themselves are
// given back only where something else asks for them.
//
// Conditions on rows and features are not understood but tabulated, see
// region: the evaluator of package ir is asked what holds where.
package kernel

import (
	"slices"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
)

// Program is the passes over one fact for one entity. It is fixed once built,
// but for the texts that are met.
type Program struct {
	Entity, Fact *ir.Relation
	Key          ir.Expr  // of the owner, at a row of Fact
	Inputs       []*Input // of a row of Fact
	Tables       []*plan.Table
	cal          *calendar.Calendar
	time         int // input of the fact's time, or -1
	features     []*feature
	slots        map[string]int // of Table and Col: feature
	follow       *follow        // nil: nothing is kept of it
}

// feature is one aggregate: what it wants of a row, and what it makes of them.
type feature struct {
	table, col string
	op         ir.AggOp
	distinct   bool
	t          value.Type // of the result
	zero       bool       // of no rows it is 0
	input      int        // of the value, or -1
	lo, hi     int64      // of the time, half open
	tests      []test
	order      []int // first, last: inputs by which rows are ordered
}

// test is a condition on one input.
type test struct {
	key    string // of the condition
	input  int
	region *region
	text   *metTest
}

// maxInputs is how many inputs a row is kept with: each has a bit of a word.
const maxInputs = 16

// Build gives the programs for those passes of a plan that can be done so.
func Build(p *plan.Plan) []*Program {
	var out []*Program
	for _, t := range p.Tables {
		if t.Kind != plan.Pass || !takes(t) {
			continue
		}
		placed := false
		for _, prog := range out {
			if prog.Entity == t.Rel && prog.Fact == t.Leaf && ir.Key(prog.Key) == ir.Key(t.Key) && prog.add(t) {
				placed = true
				break
			}
		}
		if !placed {
			prog := &Program{Entity: t.Rel, Fact: t.Leaf, Key: t.Key, cal: p.Project.Calendar, time: -1, slots: map[string]int{}}
			if prog.add(t) {
				out = append(out, prog)
			}
		}
	}
	for _, prog := range out {
		prog.choose()
	}
	return out
}

// takes reports whether a pass can be done at all: it is of an entity with
// rows, its windows are those of the run, and it reads what a row itself has.
func takes(t *plan.Table) bool {
	if !t.Rel.Entity || t.Outer || t.Bounds != nil || !own(t.Key, t) {
		return false
	}
	for _, x := range t.Where {
		if !own(x, t) {
			return false
		}
	}
	for _, f := range t.Aggs {
		a := f.Agg
		if a.Where != nil && !own(a.Where, t) || a.Value != nil && !own(a.Value, t) {
			return false
		}
		ok := false
		switch a.Op {
		case ir.OpCount:
			ok = a.Value == nil || wholeNumber(a.Value.Type()) && fits(a.Value.Type()) || a.Value.Type().Kind == value.Text
		case ir.OpMax, ir.OpMin:
			ok = !a.Distinct && fits(a.Value.Type())
		case ir.OpSum:
			ok = !a.Distinct && a.Value.Type().Exact() && fits(a.Value.Type())
		case ir.OpFirst, ir.OpLast:
			ok = t.Leaf.Time != nil && (fits(a.Value.Type()) || a.Value.Type().Kind == value.Text)
			for _, k := range t.Leaf.Keys() {
				ok = ok && fits(k.Type)
			}
		default: // median, mode
		}
		if !ok {
			return false
		}
	}
	return true
}

// fits reports whether every value of a type is a whole number of 64 bits.
func fits(t value.Type) bool {
	return wholeNumber(t) && (t.Kind != value.Decimal || t.Prec <= maxDigits)
}

// own reports whether an expression looks at its row, and at rows of small
// tables that it leads to, and at nothing else.
func own(x ir.Expr, t *plan.Table) bool {
	ok := true
	ir.Walk(x, func(e ir.Expr) bool {
		switch e := e.(type) {
		case *ir.Agg, *ir.Earlier, *ir.ListCount, *ir.Seq, *ir.Slot:
			ok = false
		case *ir.Follow:
			ok = ok && e.By.To.Entity && e.By.To != t.Rel
		default: // of what its parts are
		}
		return ok
	})
	return ok
}

// add takes a pass into the program, unless a row would need too many inputs.
func (p *Program) add(t *plan.Table) bool {
	inputs, features, time := len(p.Inputs), len(p.features), p.time
	for _, f := range t.Aggs {
		p.feature(t, f)
	}
	if len(p.Inputs) > maxInputs {
		for _, f := range p.features[features:] {
			delete(p.slots, f.table+"\x00"+f.col)
		}
		p.Inputs, p.features, p.time = p.Inputs[:inputs], p.features[:features], time
		return false
	}
	p.Tables = append(p.Tables, t)
	return true
}

func (p *Program) feature(t *plan.Table, of *plan.Feature) {
	a := of.Agg
	f := &feature{table: t.Name, col: of.Col, op: a.Op, distinct: a.Distinct, t: a.T, zero: a.Op.ZeroOfNone(), input: -1}
	if a.Value != nil {
		f.input = p.input(a.Value)
	}
	if a.Op == ir.OpFirst || a.Op == ir.OpLast {
		p.time = p.input(&ir.Column{Col: t.Leaf.Time})
		f.order = []int{p.time}
		for _, k := range t.Leaf.Keys() {
			f.order = append(f.order, p.input(&ir.Column{Col: k}))
		}
		f.order = append(f.order, f.input)
	}
	f.lo, f.hi = domain(value.Of(value.Int))
	var times []ir.Expr
	for _, x := range append(slices.Clone(t.Where), parts(a.Where)...) {
		if _, c := overRow(p.cal, x); c != nil && c.Col == t.Leaf.Time {
			times = append(times, x)
			continue
		}
		f.tests = append(f.tests, p.test(x))
	}
	if len(times) > 0 {
		p.window(f, &ir.And{Xs: times})
	}
	p.slots[f.table+"\x00"+f.col] = len(p.features)
	p.features = append(p.features, f)
}

// window makes a range of the conditions on the time, where they are one.
func (p *Program) window(f *feature, x ir.Expr) {
	o, c := overRow(p.cal, x)
	if r, ok := o.region(x); ok {
		if lo, hi, one := r.span(); one {
			p.time = p.input(c)
			f.lo, f.hi = lo, hi
			return
		}
	}
	f.tests = append(f.tests, p.test(x))
}

func parts(x ir.Expr) []ir.Expr {
	if and, ok := x.(*ir.And); ok {
		return and.Xs
	}
	if x == nil {
		return nil
	}
	return []ir.Expr{x}
}

// test is a condition on a row: tabulated where it looks at one number or text,
// else an input of its own.
func (p *Program) test(x ir.Expr) test {
	key := ir.Key(x)
	if o, c := overRow(p.cal, x); c != nil {
		if c.Col.Type.Kind == value.Text {
			in := p.input(c)
			for _, t := range p.Inputs[in].tests {
				if ir.Key(t.x) == key {
					return test{key: key, input: in, text: t}
				}
			}
			t := &metTest{over: o, x: x}
			p.Inputs[in].tests = append(p.Inputs[in].tests, t)
			return test{key: key, input: in, text: t}
		}
		if r, ok := o.region(x); ok && fits(c.Col.Type) {
			return test{key: key, input: p.input(c), region: r}
		}
	}
	return test{key: key, input: p.input(x), region: &region{breaks: []int64{1}, in: []bool{false, true}}}
}

func (p *Program) input(x ir.Expr) int {
	key := ir.Key(x)
	for i, in := range p.Inputs {
		if ir.Key(in.X) == key {
			return i
		}
	}
	p.Inputs = append(p.Inputs, &Input{X: x, Numbered: x.Type().Kind == value.Text})
	return len(p.Inputs) - 1
}

// choose gives the inputs with conditions on texts their places in a word of
// classes. With n conditions there are 2^n classes at most, and rarely more
// than one or two for each condition.
func (p *Program) choose() {
	shift := 0
	for _, in := range p.Inputs {
		in.shift = -1
		if n := len(in.tests); n > 0 && n < 1<<classBits/2 && shift+classBits <= 64 {
			in.shift = shift
			shift += classBits
		}
	}
}

// combines reports whether a condition is answered by classes of texts.
func (p *Program) combines(t test) bool { return t.text != nil && p.Inputs[t.input].shift >= 0 }
