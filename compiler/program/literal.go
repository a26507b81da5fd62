package program

import (
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// Most comparisons are with a literal, of which nothing waits for an instant:
// what it is compared by is part of the closure.

// against is the constant side of a comparison, in the kind of the other.
type against struct {
	side    int   // of an instant
	literal *side // nil when instants differ in it, or when it is missing
}

func (b *builder) against(x sideAt) against {
	a := against{side: b.addSide(x)}
	if _, ok := b.literal(x.x); ok {
		if k := x.at(b.program, 0); k.err == nil && k.known {
			a.literal = &k
		}
	}
	return a
}

// literal is a constant of the definitions themselves; what follows from
// as_of is left to features.
func (b *builder) literal(x ir.Expr) (value.Value, bool) {
	if !ir.Fixed(x) || b.fails(x) || asksNow(x) {
		return value.Value{}, false
	}
	v, err := constantAt(b.program, 0, x)
	return v, err == nil && !v.IsMissing()
}

// asksNow reports whether a constant follows from as_of.
func asksNow(x ir.Expr) (now bool) {
	ir.Walk(x, func(e ir.Expr) bool {
		_, is := e.(*ir.AsOf)
		now = now || is
		return !now
	})
	return now
}

// literalInt reports whether an integer is in the span of a literal; general
// answers where there is no such integer.
func literalInt(c code, k *side, general func(f *Frame, r int32) bool) func(f *Frame, r int32) bool {
	lo, span := uint64(k.lo), uint64(k.hi)-uint64(k.lo)
	if slot, work := c.slot, c.of; slot >= 0 && !work.impure && work.int != nil {
		of := work.int
		return func(f *Frame, row int32) bool {
			if row != f.row {
				return general(f, row)
			}
			s := &f.slots[slot]
			if s.epoch != f.epoch {
				f.workInt(s, of)
			}
			if s.state == known {
				return uint64(s.int)-lo <= span
			}
			return general(f, row)
		}
	}
	if col := c.column; col != nil && col.raw && formOf(col.typ) == asInt {
		rel, id := col.rel.id, col.id
		return func(f *Frame, row int32) bool {
			v := f.tables[rel].cols[id]
			return uint64(v.ints[row])-lo <= span && v.known.has(row)
		}
	}
	return general
}

// literalText compares a column with a literal, by its head first.
func literalText(col *column, want bool, k spanned) func(f *Frame, r int32) bool {
	rel, id, head, short, text := col.rel.id, col.id, k.head, k.short, k.text
	if want && short {
		return func(f *Frame, row int32) bool {
			v := f.tables[rel].cols[id]
			return v.ints[row] == head && v.known.has(row)
		}
	}
	return func(f *Frame, row int32) bool {
		v := f.tables[rel].cols[id]
		return v.known.has(row) && (v.ints[row] == head && (short || v.texts[row] == text)) == want
	}
}

// fewTexts are compared one by one, which is quicker than to hash.
func fewTexts(c code, texts map[string]bool) test {
	var list []string
	for t := range texts {
		list = append(list, t)
	}
	slices.Sort(list)
	out := test{cost: c.cost + search, one: func(f *Frame, r int32) bool {
		t, ok := c.text(f, r)
		return ok && slices.Contains(list, t)
	}}
	if c.column == nil || !c.column.raw {
		return out
	}
	rel, id, heads := c.column.rel.id, c.column.id, make([]int64, len(list))
	for i, t := range list {
		heads[i] = head(t)
	}
	out.one = func(f *Frame, row int32) bool {
		v := f.tables[rel].cols[id]
		own := v.ints[row]
		for i, h := range heads {
			if h == own && v.texts[row] == list[i] {
				return v.known.has(row)
			}
		}
		return false
	}
	return out
}
