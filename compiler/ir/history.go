package ir

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/value"
)

// History holds when the row that Anchor leads to entered (or left) the
// segment in a run of an instant that lies in the window, read in the scope of
// the row itself. It looks at what earlier runs have stored, never at who is
// in the segment now, so a segment may ask for its own history.
type History struct {
	Loc
	Anchor []*Lookup // to a row of the segment's entity; none: the row in scope
	Seg    *Segment
	Left   bool // else entered
	Window *Window
}

// Type of a history is bool.
func (*History) Type() value.Type { return boolType }

func (*History) isExpr() {}

// Changes are what complete runs have stored of segments, in any order. Runs
// of as_of and later may be among them; they do not count.
type Changes map[*Segment][]Change

// Change is one row that entered or left a segment.
type Change struct {
	Key  string // of the row, as value.Key writes it
	At   int64  // the instant of the run, in microseconds since 1970
	Left bool   // else it entered
}

// Histories are the segments whose stored changes e asks for, in order of
// appearance. They are no references as those of Refs are: no definition is
// read, and there is no cycle through them.
func Histories(e Expr) []*Segment {
	var out []*Segment
	seen := map[*Segment]bool{}
	Walk(e, func(e Expr) bool {
		if h, ok := e.(*History); ok && !seen[h.Seg] {
			seen[h.Seg] = true
			out = append(out, h.Seg)
		}
		return true
	})
	return out
}

func (h *History) writeKey(b *strings.Builder) {
	kind := "entered"
	if h.Left {
		kind = "left"
	}
	fmt.Fprintf(b, "(%s [%s] %q of %q", kind, lookupsKey(h.Anchor), h.Seg.Name, h.Seg.Entity.Name)
	h.Window.key(b)
	b.WriteByte(')')
}

// history lowers the bounds of the window.
func (l *lowering) history(h *History, neg bool) Expr {
	c := *h
	c.Window = h.Window.mapBounds(l.maybe)
	return negated(&c, neg, nil)
}

// history looks through the changes of the anchor row.
func (e *evaluation) history(at *row, h *History) bool {
	anchor := at
	for _, l := range h.Anchor {
		if anchor = e.follow(anchor, l); anchor == nil {
			return false
		}
	}
	key := value.Key(e.column(anchor, h.Seg.Entity.Key))
	for _, c := range e.changes[h.Seg] {
		if c.Left == h.Left && c.Key == key && c.At < e.known && e.inWindow(value.NewTime(c.At), false, at, h.Window) {
			return true
		}
	}
	return false
}

// The columns of a table of changes, as relations and engines name them.
const (
	ChangeSegment = "segment" // text
	ChangeKey     = "key"     // of the type of the entity's key
	ChangeKind    = "kind"    // text: entered, left
	ChangeAt      = "as_of"   // time
)

// ChangesOf is a relation of the stored changes of an entity's segments, a
// fact of the entity: what a History asks is a count of its rows (Count). Each
// call makes another one; nothing of the project refers to it. Its name, with
// a blank, is none that a catalog can give.
func ChangesOf(entity *Relation) *Relation {
	r := &Relation{Name: entity.Name + " changes", At: entity.At}
	col := func(name string, t value.Type) *ColumnDef {
		c := &ColumnDef{Name: name, Type: t, NotNull: true, At: entity.At}
		r.Columns = append(r.Columns, c)
		return c
	}
	key := col(ChangeKey, entity.Key.Type)
	col(ChangeSegment, value.Of(value.Text))
	col(ChangeKind, value.Of(value.Text))
	r.Time = col(ChangeAt, value.Of(value.Time))
	r.Owner = &Lookup{Name: entity.Name, From: r, To: entity, By: &Column{Loc{entity.At}, key}, At: entity.At}
	r.Lookups = []*Lookup{r.Owner}
	return r
}

// Count is what h asks as a count over changes, a relation of ChangesOf.
func (h *History) Count(changes *Relation) Expr {
	kind := "entered"
	if h.Left {
		kind = "left"
	}
	is := func(column, v string) Expr {
		c := changes.Column(column)
		return &Cmp{h.Loc, "=", &Column{h.Loc, c}, &Const{h.Loc, value.NewText(v), c.Type}}
	}
	intT := value.Of(value.Int)
	count := &Agg{Loc: h.Loc, Op: OpCount, Anchor: h.Anchor, Leaf: changes, Back: []*Lookup{changes.Owner}, Window: h.Window,
		Where: &And{h.Loc, []Expr{is(ChangeSegment, h.Seg.Name), is(ChangeKind, kind)}}, T: intT}
	return &Cmp{h.Loc, ">=", count, &Const{h.Loc, value.NewInt(1), intT}}
}
