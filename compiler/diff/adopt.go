package diff

import (
	"slices"

	"github.com/segql/segql/compiler/ir"
)

// adoption says conditions of the older version in terms of the newer one, so
// that both can be asked about one and the same row. What they read has the
// same meaning in both by then (see apart); where the newer version does not
// have it at all, there is no saying so.
type adoption struct {
	was, is  *meaning
	columns  map[*ir.ColumnDef]*ir.ColumnDef
	lookups  map[*ir.Lookup]*ir.Lookup
	rows     map[*ir.Relation]*ir.Relation
	segments map[*ir.Segment]*ir.Segment
	lost     string // what the newer version has not
}

func adopt(was, is *meaning) *adoption {
	a := &adoption{was: was, is: is, columns: map[*ir.ColumnDef]*ir.ColumnDef{}, lookups: map[*ir.Lookup]*ir.Lookup{},
		rows: map[*ir.Relation]*ir.Relation{}, segments: map[*ir.Segment]*ir.Segment{}}
	for _, old := range was.project.Relations {
		rel := is.project.Relation(old.Name)
		if rel == nil {
			continue
		}
		a.rows[old] = rel
		columns := columnsOf(rel)
		for _, c := range columnsOf(old) {
			i := slices.IndexFunc(columns, func(n *ir.ColumnDef) bool { return n.Name == c.Name && n.Internal == c.Internal })
			if i >= 0 {
				a.columns[c] = columns[i]
			}
		}
		for _, l := range old.Lookups {
			if n := rel.Lookup(l.Name); n != nil {
				a.lookups[l] = n
			}
		}
	}
	return a
}

// condition is x in terms of the newer version; false where that has not what
// x reads, which lost then names.
func (a *adoption) condition(x ir.Expr) (ir.Expr, bool) {
	a.lost = ""
	out := a.expr(x)
	return out, a.lost == ""
}

func (a *adoption) lose(what string) {
	if a.lost == "" {
		a.lost = what
	}
}

func (a *adoption) row(r *ir.Relation) *ir.Relation {
	if r == nil || r.Record {
		return r // the elements of a list, which no relation holds
	}
	n := a.rows[r]
	if n == nil {
		a.lose(r.Name)
	}
	return n
}

func (a *adoption) ways(ls []*ir.Lookup) []*ir.Lookup {
	out := make([]*ir.Lookup, len(ls))
	for i, l := range ls {
		out[i] = a.way(l)
	}
	return out
}

func (a *adoption) way(l *ir.Lookup) *ir.Lookup {
	n := a.lookups[l]
	if n == nil {
		a.lose(l.From.Name + "." + l.Name)
	}
	return n
}

// segment is that of the newer version where it means the same, else a copy
// under a name that no definition can have.
func (a *adoption) segment(s *ir.Segment) *ir.Segment {
	if s == nil {
		return nil
	}
	if n := a.segments[s]; n != nil {
		return n
	}
	if n := a.is.project.Segment(s.Name); n != nil && a.was.segment(s) == a.is.segment(n) {
		a.segments[s] = n
		return n
	}
	c := *s
	c.Name += " (before)"
	a.segments[s] = &c // no cycle can come back to it
	c.Entity, c.Where = a.row(s.Entity), a.expr(s.Where)
	return &c
}

func (a *adoption) expr(x ir.Expr) ir.Expr {
	return ir.Map(x, func(x ir.Expr) ir.Expr {
		switch x := x.(type) {
		case *ir.Agg:
			c := *x
			c.Anchor, c.Back, c.Leaf = a.ways(x.Anchor), a.ways(x.Back), a.row(x.Leaf)
			return &c
		case *ir.Bucket:
			c := *x
			c.Of = a.segment(x.Of)
			return &c
		case *ir.Column:
			if n := a.columns[x.Col]; n != nil {
				return &ir.Column{Loc: x.Loc, Col: n}
			}
			if a.was.owner[x.Col] != "" {
				a.lose(a.was.owner[x.Col] + "." + x.Col.Name)
			}
			return x // a field of an element
		case *ir.Earlier:
			return &ir.Earlier{Loc: x.Loc, Row: x.Row, Rel: a.row(x.Rel), X: x.X}
		case *ir.Follow:
			return &ir.Follow{Loc: x.Loc, By: a.way(x.By), X: x.X}
		case *ir.History: // the store knows segments by name
			c := *x
			c.Anchor = a.ways(x.Anchor)
			if n := a.is.project.Segment(x.Seg.Name); n != nil && n.Entity == a.rows[x.Seg.Entity] {
				c.Seg = n
			} else {
				a.lose("segment " + x.Seg.Name)
			}
			return &c
		case *ir.Member:
			return &ir.Member{Loc: x.Loc, Seg: a.segment(x.Seg)}
		case *ir.PopAgg:
			c := *x
			c.Of = a.segment(x.Of)
			return &c
		case *ir.Rank:
			c := *x
			c.Of = a.segment(x.Of)
			return &c
		case *ir.Seq:
			c := &ir.Seq{Loc: x.Loc, Back: a.ways(x.Back)}
			for _, s := range x.Steps {
				n := *s
				n.Leaf, n.Back = a.row(s.Leaf), a.ways(s.Back)
				c.Steps = append(c.Steps, &n)
			}
			return c
		default: // holds nothing of its project but its parts
			return x
		}
	})
}
