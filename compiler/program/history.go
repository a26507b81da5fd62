package program

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// history looks through the changes that runs have stored of the row.
func (s *scope) history(x *ir.History) test {
	k := s.population(Population{Key: "history of " + x.Seg.Entity.Name + " " + x.Seg.Name, Entity: x.Seg.Entity, Expr: x, Text: x.Span().Text(), Of: x.Seg, History: true})
	var anchor []*link
	for _, l := range x.Anchor {
		anchor = append(anchor, s.link(l))
	}
	key := s.relation(x.Seg.Entity).key
	type end struct {
		op    string
		x     ir.Expr
		bound code
	}
	var ends []end
	for _, e := range []end{{op: ">=", x: x.Window.Lo}, {op: "<", x: x.Window.Hi}} {
		if e.x != nil {
			e.bound = s.code(e.x)
			ends = append(ends, e)
		}
	}
	return test{cost: costly, impure: s.fails(x), one: func(f *Frame, r int32) bool {
		cut := f.at.cuts[k]
		at := r
		for _, l := range anchor {
			if at = l.row(f, at); at < 0 {
				return false
			}
		}
		if cut == nil {
			return false
		}
		changes := cut.Changes[value.Key(key.value(f, at))]
		if !f.spend(len(changes)) {
			return false
		}
		for _, c := range changes {
			in := c.Left == x.Left && c.At < f.at.AsOf
			for i := range ends {
				if in {
					b := ends[i].bound.value(f, r)
					in = !b.IsMissing() && f.compare(ends[i].op, value.NewTime(c.At), b)
				}
			}
			if in {
				return true
			}
		}
		return false
	}}
}
