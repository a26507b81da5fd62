package diff

import (
	"slices"
	"strings"

	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/lang/source"
)

// relate finds which definition names which: those it was written with, and
// those that go without saying, such as the entity of a segment.
func (v *Version) relate(uses []check.Use) {
	for _, u := range uses {
		if d := v.around(u.At); d != nil {
			v.use(d, u.Symbol)
		}
	}
	for _, s := range v.Segments {
		if d := v.definitionOf(s); d != nil {
			d.add(relationID(s.Entity))
		}
	}
	for _, r := range v.Relations {
		d := v.defs[relationID(r)]
		if d == nil {
			continue
		}
		if r.From != nil {
			d.add(relationID(r.From))
		}
		if r.Owner != nil {
			d.add(relationID(r.Owner.To))
		}
		for _, u := range r.Universe {
			d.add(relationID(u.Rel))
		}
	}
	for _, d := range v.order {
		if d.kind != setting && d.kind != check.Entity && d.kind != check.Fact {
			continue
		}
		if d.kind == setting {
			continue
		}
		// Days and weeks of everything are those of the project.
		d.add(id{setting, "", "timezone"})
		d.add(id{setting, "", "week_starts"})
		d.add(id{setting, "", "database"})
	}
}

func relationID(r *ir.Relation) id { return idOf(check.RelationSymbol(r)) }

func (d *definition) add(use id) {
	if use != d.id && !slices.Contains(d.uses, use) {
		d.uses = append(d.uses, use)
	}
}

// around is the innermost definition that a place lies in.
func (v *Version) around(at source.Span) *definition {
	var best *definition
	for _, d := range v.order {
		if d.at.File == at.File && d.at.Start <= at.Start && at.End <= d.at.End && (best == nil || d.at.End-d.at.Start <= best.at.End-best.at.Start) {
			best = d
		}
	}
	return best
}

// use notes that a definition names a symbol; with a column or a lookup come
// the rows it belongs to.
func (v *Version) use(d *definition, s check.Symbol) {
	switch s.Kind {
	case check.Attribute, check.Lookup:
		d.add(idOf(s))
		if r := v.Relation(s.Of); r != nil {
			d.add(relationID(r))
			if l := r.Lookup(s.Name); l != nil && s.Kind == check.Lookup {
				d.add(relationID(l.To))
			}
		}
	case check.Reverse:
		if r := v.Relation(s.Of); r != nil && r.Reverse(s.Name) != nil {
			l := r.Reverse(s.Name).Lookup
			d.add(idOf(check.LookupSymbol(l)))
			d.add(relationID(l.From))
		}
	case check.Part, check.StepName: // of an attribute or a fact that is named too
	default:
		d.add(idOf(s))
	}
}

// definitionOf is the definition that gives a segment: its own, that of the
// branch, or of the rfm it comes from.
func (v *Version) definitionOf(s *ir.Segment) *definition {
	if d := v.defs[idOf(check.SegmentSymbol(s))]; d != nil {
		return d
	}
	for i := len(s.Name); i > 0; i = strings.LastIndex(s.Name[:i], ".") {
		if d := v.defs[id{check.RFM, "", s.Name[:i]}]; d != nil {
			return d
		}
	}
	return nil
}
