package prove

import (
	"maps"
	"slices"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
)

// Condition is one of several that are to hold, or not, of the same row.
type Condition struct {
	X     ir.Expr // in the scope of the entity
	Holds bool
}

// Nobody asks whether there is no row of an entity of which all conditions are
// as they say; the witness against it is one.
func (p *Prover) Nobody(entity *ir.Relation, of ...Condition) Answer {
	return p.ask(together(entity, of))
}

// Shows reports whether the conditions are as they say of the customer of a
// witness.
func (p *Prover) Shows(w *Witness, of ...Condition) bool {
	return p.holds(w, together(w.Entity, of))
}

func together(entity *ir.Relation, of []Condition) question {
	q := question{entity: entity}
	for _, c := range of {
		q.of = append(q.of, part{x: c.X, holds: c.Holds})
	}
	return q
}

// Instant is the first of those at which witnesses about segments are looked
// for that lies in the validity of them all; where the catalog names none it
// is the start of a day.
func (p *Prover) Instant(segments []*ir.Segment) int64 {
	q := question{}
	for _, s := range segments {
		q.of = append(q.of, member(s, true))
	}
	cal := p.project.Calendar
	var out []int64
	for _, at := range p.instants(q) {
		if p.project.AsOf == nil || at != *p.project.AsOf {
			at = cal.StartOfDay(cal.DateOf(at))
		}
		out = append(out, at)
	}
	for _, at := range out {
		if !slices.ContainsFunc(segments, func(s *ir.Segment) bool { return !validOn(cal, s, at) }) {
			return at
		}
	}
	return out[0]
}

func validOn(cal *calendar.Calendar, s *ir.Segment, at int64) bool {
	today := cal.DateOf(at)
	return (s.Meta.ValidFrom == nil || *s.Meta.ValidFrom <= today) && (s.Meta.ValidUntil == nil || today <= *s.Meta.ValidUntil)
}

// Keys are those that witnesses have got, so that the rows of several can
// stand in one test. The zero Keys begins at 1.
type Keys struct{ used map[*ir.ColumnDef]int64 }

// Take keeps the keys of a witness from those that are looked for later.
func (k *Keys) Take(w *Witness) { k.used = w.keys }

// numbers are how far the keys of each column have been used.
func (k *Keys) numbers() map[*ir.ColumnDef]int64 {
	if k == nil || k.used == nil {
		return map[*ir.ColumnDef]int64{}
	}
	return maps.Clone(k.used)
}

// fewest leaves out rows of facts without which the witness is one as well.
// Those that hang on others come first, so that none is left alone.
func (p *Prover) fewest(w *Witness, q question) {
	for again := true; again; {
		again = false
		for _, rel := range slices.Backward(p.project.Relations) {
			if rel.Entity {
				continue
			}
			for i := len(w.Data[rel]) - 1; i >= 0; i-- {
				without := *w
				without.Data = maps.Clone(w.Data)
				without.Data[rel] = slices.Delete(slices.Clone(w.Data[rel]), i, i+1)
				if p.holds(&without, q) {
					w.Data, again = without.Data, true
				}
			}
		}
	}
}
