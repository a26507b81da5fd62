package program

import (
	"fmt"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// code is a value, compiled in the scope of a relation: asked for with a
// frame and the number of a row. value is always there; int where values of
// the type are whole numbers of one scale, float and text for theirs.
type code struct {
	typ   value.Type
	int   func(f *Frame, r int32) (int64, state)
	float func(f *Frame, r int32) (float64, bool)
	text  func(f *Frame, r int32) (string, bool)
	value func(f *Frame, r int32) value.Value

	column *column // when it is one, of the scope's own row
	slot   int     // -1, or the feature that it is at the subject
	of     *code   // what fills the slot
	impure bool    // it may fail (overflow), so it must be evaluated wherever the reference does
	cost   int
}

// test is a condition, compiled in the scope of a relation.
type test struct {
	one    func(f *Frame, r int32) bool
	all    func(f *Frame, t *table, out set) // for every row at once; nil: one by one
	impure bool
	cost   int
	fixed  bool // always or never
	holds  bool
}

// Costs order the parts of a condition, so that what is cheap decides first.
const (
	cheap  = 1
	search = 4
	costly = 50
)

// scope compiles expressions read at the rows of one relation.
type scope struct {
	*builder
	rel *relation
	// depth of the lists whose elements are looked at; elements are in
	// Frame.items.
	depth int
	elem  *ir.Relation
	// begins: relation of each row of the sequence so far.
	chain []*relation
	group bool // the rows of a group are in Frame.among
}

// code compiles a value.
func (s *scope) code(x ir.Expr) code {
	if ir.Fixed(x) {
		return s.constant(x)
	}
	switch x := x.(type) {
	case *ir.Agg:
		return s.agg(x)
	case *ir.Arith:
		return s.arith(x)
	case *ir.Bucket:
		return s.bucket(x)
	case *ir.Call:
		return s.call(x)
	case *ir.Case:
		return s.caseOf(x)
	case *ir.Column:
		return s.columnCode(x)
	case *ir.Convert:
		return s.convert(x)
	case *ir.Div:
		return s.div(x)
	case *ir.Earlier:
		return s.earlier(x)
	case *ir.Follow:
		if x.Type().Kind == value.Bool && !ir.IsValue(x) {
			return s.condCode(x)
		}
		return s.follow(x)
	case *ir.Field, *ir.Neg, *ir.StartOf, *ir.TimeAdd:
		return s.scalarCode(x, ir.Children(x))
	case *ir.GroupAgg:
		return s.groupAgg(x)
	case *ir.ListCount:
		return s.listCount(x)
	case *ir.PopAgg:
		return s.popAgg(x)
	case *ir.Trait:
		return s.code(x.X)
	case *ir.Slot:
		panic("program: a planned table in a checked expression")
	default:
		return s.condCode(x)
	}
}

func (s *scope) codes(xs []ir.Expr) []code {
	out := make([]code, len(xs))
	for i, x := range xs {
		out[i] = s.code(x)
	}
	return out
}

// condCode is a condition as a value: true or false.
func (s *scope) condCode(x ir.Expr) code {
	t := s.test(x)
	c := code{typ: value.Of(value.Bool), slot: -1, impure: t.impure, cost: t.cost}
	c.int = func(f *Frame, r int32) (int64, state) {
		if t.one(f, r) {
			return 1, known
		}
		return 0, known
	}
	return c.complete()
}

// scalarCode is a node that looks at nothing but its children, by its
// meaning in package ir.
func (s *scope) scalarCode(x ir.Expr, children []ir.Expr) code {
	args := s.codes(children)
	c := code{typ: x.Type(), slot: -1, cost: search, impure: s.fails(x)}
	for _, a := range args {
		c.cost += a.cost
		c.impure = c.impure || a.impure
	}
	c.value = func(f *Frame, r int32) value.Value { return f.scalar(x, args, r) }
	return c.complete()
}

// complete derives the forms that are missing from the one that is there.
func (c code) complete() code {
	t := c.typ
	if c.value == nil {
		switch {
		case c.int != nil:
			of := c.int
			c.value = func(f *Frame, r int32) value.Value {
				i, st := of(f, r)
				if st != known { // such forms are never large
					return value.Value{}
				}
				return valueOf(t, i)
			}
		case c.float != nil:
			of := c.float
			c.value = func(f *Frame, r int32) value.Value {
				x, ok := of(f, r)
				if !ok {
					return value.Value{}
				}
				return value.NewFloat(x)
			}
		case c.text != nil:
			of := c.text
			c.value = func(f *Frame, r int32) value.Value {
				x, ok := of(f, r)
				if !ok {
					return value.Value{}
				}
				return value.NewText(x)
			}
		}
	}
	of := c.value
	if c.int == nil && (t.Kind == value.Decimal || formOf(t) == asInt) {
		c.int = func(f *Frame, r int32) (int64, state) {
			v := of(f, r)
			if v.IsMissing() {
				return 0, missing
			}
			i, ok := intOf(t, v)
			if !ok {
				return 0, large
			}
			return i, known
		}
	}
	if c.float == nil && t.Kind == value.Float {
		c.float = func(f *Frame, r int32) (float64, bool) {
			v := of(f, r)
			return v.F, !v.IsMissing()
		}
	}
	if c.text == nil && t.Kind == value.Text {
		c.text = func(f *Frame, r int32) (string, bool) {
			v := of(f, r)
			return v.S, !v.IsMissing()
		}
	}
	return c
}

// constant is what is the same for every row: worked out once an instant.
func (s *scope) constant(x ir.Expr) code {
	k := s.instantValue(x)
	t := x.Type()
	c := code{typ: t, slot: -1}
	c.value = func(f *Frame, _ int32) value.Value {
		if err := f.at.errs[k]; err != nil {
			f.fail(err)
		}
		return f.at.values[k]
	}
	c = c.complete()
	if _, ok := x.(*ir.Const); !ok {
		c.impure = s.fails(x)
	}
	return c
}

// columnCode reads a column of the row in scope.
func (s *scope) columnCode(x *ir.Column) code {
	if s.elem != nil {
		return s.element(x)
	}
	col := s.column(x.Col)
	c := code{typ: col.typ, slot: -1, column: col, cost: cheap, impure: col.impure}
	id, of := col.id, col.rel.id
	if col.impure {
		c.column, c.value = nil, col.row
		return c.complete()
	}
	vec := func(f *Frame) *Vec { return f.tables[of].cols[id] }
	if !col.raw {
		vec = func(f *Frame) *Vec { return f.computed(col) }
	}
	switch formOf(col.typ) {
	case asInt:
		c.int = func(f *Frame, r int32) (int64, state) {
			v := vec(f)
			if !v.known.has(r) {
				return 0, missing
			}
			return v.ints[r], known
		}
		if col.raw {
			c.int = func(f *Frame, r int32) (int64, state) {
				v := f.tables[of].cols[id]
				return v.ints[r], state(v.known[r>>6] >> (uint(r) & 63) & 1)
			}
		}
	case asWide:
		c.int = func(f *Frame, r int32) (int64, state) {
			v := vec(f)
			switch {
			case !v.known.has(r):
				return 0, missing
			case v.large.has(r):
				return 0, large
			}
			return v.ints[r], known
		}
		c.value = func(f *Frame, r int32) value.Value { return vec(f).at(col.typ, r) }
	case asFloat:
		c.float = func(f *Frame, r int32) (float64, bool) { v := vec(f); return v.floats[r], v.known.has(r) }
	case asText:
		c.text = func(f *Frame, r int32) (string, bool) { v := vec(f); return v.texts[r], v.known.has(r) }
	case asValue:
		c.value = func(f *Frame, r int32) value.Value {
			if v := vec(f); v.known.has(r) {
				return v.values[r]
			}
			return value.Value{}
		}
	}
	return c.complete()
}

// element reads a field of the list element that is looked at.
func (s *scope) element(x *ir.Column) code {
	field := -1
	for i, c := range s.elem.Columns {
		if c == x.Col {
			field = i
		}
	}
	if field < 0 {
		panic(fmt.Sprintf("program: %s is no field of the element", x.Col.Name))
	}
	depth := s.depth
	c := code{typ: x.Col.Type, slot: -1, cost: cheap}
	c.value = func(f *Frame, _ int32) value.Value {
		item := f.items[depth]
		if item.Kind == value.Record {
			return item.L[field]
		}
		return item
	}
	return c.complete()
}

// listCount counts the elements for which the condition holds.
func (s *scope) listCount(x *ir.ListCount) code {
	list := s.code(x.X)
	c := code{typ: x.Type(), slot: -1, cost: list.cost + search, impure: list.impure}
	inner := *s
	inner.elem, inner.depth = x.Elem, s.depth
	if s.elem != nil {
		inner.depth = s.depth + 1
	}
	var where *test
	if x.Where != nil {
		t := inner.test(x.Where)
		where, c.impure = &t, c.impure || t.impure
	}
	c.int = func(f *Frame, r int32) (int64, state) {
		l := list.value(f, r)
		if l.IsMissing() {
			return 0, missing
		}
		n := int64(0)
		depth := len(f.items)
		f.items = append(f.items, value.Value{})
		if f.spend(len(l.L)) {
			for _, item := range l.L {
				f.items[depth] = item
				if where == nil || where.one(f, r) {
					n++
				}
			}
		}
		f.items = f.items[:depth]
		return n, known
	}
	return c.complete()
}

// earlier reads a value at the row of an earlier step of the sequence.
func (s *scope) earlier(x *ir.Earlier) code {
	inner := &scope{builder: s.builder, rel: s.relation(x.Rel), chain: s.chain}
	return at(inner.code(x.X), func(f *Frame, _ int32) int32 { return f.chain[x.Row] })
}

// follow reads a value at the row that a lookup leads to.
func (s *scope) follow(x *ir.Follow) code {
	l := s.link(x.By)
	inner := &scope{builder: s.builder, rel: l.to, chain: s.chain}
	c := at(inner.code(x.X), l.row)
	c.impure = c.impure || l.impure
	c.cost += l.cost
	return c
}

// at is a value read at another row; missing when there is none.
func at(in code, row func(f *Frame, r int32) int32) code {
	c := code{typ: in.typ, slot: -1, impure: in.impure, cost: in.cost}
	c.value = func(f *Frame, r int32) value.Value {
		if r = row(f, r); r < 0 {
			return value.Value{}
		}
		return in.value(f, r)
	}
	if in.int != nil {
		c.int = func(f *Frame, r int32) (int64, state) {
			if r = row(f, r); r < 0 {
				return 0, missing
			}
			return in.int(f, r)
		}
	}
	if in.float != nil {
		c.float = func(f *Frame, r int32) (float64, bool) {
			if r = row(f, r); r < 0 {
				return 0, false
			}
			return in.float(f, r)
		}
	}
	if in.text != nil {
		c.text = func(f *Frame, r int32) (string, bool) {
			if r = row(f, r); r < 0 {
				return "", false
			}
			return in.text(f, r)
		}
	}
	return c
}
