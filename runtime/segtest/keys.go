package segtest

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// renaming gives the keys of each world of a group others. The zero renaming
// changes nothing.
type renaming struct {
	columns map[*ir.ColumnDef]bool
	to      []map[key]int64 // by world: key → its number
	from    []named         // by number, less 1
}

// key is one that is written as a text, or as a number.
type key struct {
	isText bool
	text   string
}

func keyOf(t value.Type, text string) key { return key{t.Kind == value.Text, text} }

// named is what a number stands for.
type named struct {
	world int
	text  string
}

// rename numbers the keys of worlds; within a world the order stays.
func (r *renaming) rename(worlds []*world) {
	if r.columns == nil {
		return
	}
	for i, w := range worlds {
		keys := map[key]value.Value{}
		for _, records := range w.instant().Data {
			for _, record := range records {
				for c, v := range record {
					if r.columns[c] && !v.IsMissing() {
						keys[keyOf(c.Type, value.Key(v))] = v
					}
				}
			}
		}
		numbers := map[key]int64{}
		for _, k := range ordered(keys) {
			r.from = append(r.from, named{i, k.text})
			numbers[k] = int64(len(r.from))
		}
		r.to = append(r.to, numbers)
	}
}

// ordered are keys, numbers by their size and texts by their code points.
func ordered(keys map[key]value.Value) []key {
	out := make([]key, 0, len(keys))
	for k := range keys {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b key) int {
		switch {
		case a.isText && !b.isText:
			return 1
		case b.isText && !a.isText:
			return -1
		}
		return value.Compare(keys[a], keys[b])
	})
	return out
}

// value is what a cell of a world becomes.
func (r *renaming) value(world int, c *ir.ColumnDef, v value.Value) value.Value {
	if r.columns == nil || !r.columns[c] || v.IsMissing() {
		return v
	}
	n := r.to[world][keyOf(c.Type, value.Key(v))]
	if c.Type.Kind == value.Text {
		return value.NewText(padded(n))
	}
	return value.NewInt(n)
}

// padded is a number as a text that sorts as numbers do.
func padded(n int64) string { return fmt.Sprintf("%012d", n) }

// text is what the key of a row of a world, as text, becomes.
func (r *renaming) text(world int, entity *ir.Relation, text string) string {
	if r.columns == nil {
		return text
	}
	n := r.to[world][keyOf(entity.Key.Type, text)]
	if entity.Key.Type.Kind == value.Text {
		return padded(n)
	}
	return strconv.FormatInt(n, 10)
}

// original is the world and the key that a renamed key stands for.
func (r *renaming) original(text string) (world int, key string) {
	if r.columns == nil {
		return 0, text
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > len(r.from) {
		panic("segtest: a key that no world has: " + text)
	}
	return r.from[n-1].world, r.from[n-1].text
}

// separation is what is known of the keys of a project.
type separation struct {
	keys map[*ir.ColumnDef]bool // columns that hold keys; nil: rows cannot be kept apart
	safe map[*ir.Segment]bool
}

// separate finds the columns by which rows meet, and whether the catalog looks
// at them otherwise.
func separate(p *ir.Project) *separation {
	s := &separation{keys: map[*ir.ColumnDef]bool{}, safe: map[*ir.Segment]bool{}}
	for _, rel := range p.Relations {
		ok := true
		for _, l := range rel.Lookups {
			ok = s.key(l.By) && s.column(l.To.Key) && ok
		}
		if rel.Entity {
			ok = rel.Key != nil && s.column(rel.Key) && ok
		}
		for _, u := range rel.Universe {
			ok = s.key(u.Key) && ok
		}
		if !ok {
			s.keys = nil
			return s
		}
	}
	for _, rel := range p.Relations {
		for _, x := range catalogued(rel) {
			if !s.separable(x) {
				s.keys = nil
				return s
			}
		}
	}
	return s
}

// key notes a column that leads to other rows; false when it is computed.
func (s *separation) key(x ir.Expr) bool {
	c, ok := x.(*ir.Column)
	return ok && s.column(c.Col)
}

// column notes a key column, and what it is a copy of.
func (s *separation) column(c *ir.ColumnDef) bool {
	switch c.Type.Kind {
	case value.Int, value.Text:
	case value.Decimal:
		if c.Type.Scale > 0 {
			return false
		}
	default:
		return false
	}
	if c.Trim || c.EmptyMissing || c.Min != nil || c.Max != nil || len(c.Type.Values) > 0 {
		return false // the engine would look at what the key says
	}
	s.keys[c] = true
	switch {
	case c.Base != nil:
		return s.column(c.Base)
	case c.Def != nil:
		return s.key(c.Def)
	}
	return true
}

// catalogued are the expressions of the catalog about a relation, without the
// copies of keys.
func catalogued(rel *ir.Relation) (out []ir.Expr) {
	add := func(xs ...ir.Expr) {
		for _, x := range xs {
			if _, copied := x.(*ir.Column); x != nil && !copied {
				out = append(out, x)
			}
		}
	}
	add(rel.Where, rel.KnownAt, rel.Dedup)
	add(rel.GroupBy...)
	if rel.Exists != nil {
		add(rel.Exists.From, rel.Exists.To)
	}
	for _, c := range rel.Columns {
		add(c.Def)
	}
	return out
}

// allows reports whether a world can be computed among others.
func (s *separation) allows(w *world) bool {
	if s.keys == nil {
		return false
	}
	for _, seg := range w.needed {
		if !s.segment(seg) {
			return false
		}
	}
	for _, v := range w.instant().Values {
		if !s.separable(v.Trait.X) || !s.refs(v.Trait.X) {
			return false
		}
	}
	return true
}

func (s *separation) segment(seg *ir.Segment) bool {
	ok, known := s.safe[seg]
	if !known {
		ok = s.separable(seg.Where) && s.refs(seg.Where)
		s.safe[seg] = ok
	}
	return ok
}

func (s *separation) refs(x ir.Expr) bool {
	for _, other := range ir.Refs(x) {
		if !s.segment(other) {
			return false
		}
	}
	return true
}

// separable reports whether an expression only follows keys, counts them, or
// asks whether they are there, and compares nobody with everybody.
func (s *separation) separable(x ir.Expr) bool {
	ok := true
	ir.Walk(x, func(x ir.Expr) bool {
		switch x := x.(type) {
		case *ir.Agg:
			if c, isColumn := x.Value.(*ir.Column); isColumn && x.Distinct && x.Op == ir.OpCount && s.keys[origin(c.Col)] {
				ok = ok && s.window(x.Window) && (x.Where == nil || s.separable(x.Where))
				return false
			}
		case *ir.Bucket, *ir.PopAgg, *ir.Rank, *ir.Sample:
			ok = false
		case *ir.Column:
			ok = ok && !s.keys[origin(x.Col)]
		case *ir.Known:
			if _, isColumn := x.X.(*ir.Column); isColumn {
				return false
			}
		default:
		}
		return ok
	})
	return ok
}

// origin is the column of a source that a column is a copy of.
func origin(c *ir.ColumnDef) *ir.ColumnDef {
	for {
		copied, ok := c.Def.(*ir.Column)
		switch {
		case c.Base != nil:
			c = c.Base
		case ok:
			c = copied.Col
		default:
			return c
		}
	}
}

func (s *separation) window(w *ir.Window) bool {
	for _, bound := range []ir.Expr{bound(w, true), bound(w, false)} {
		if bound != nil && !s.separable(bound) {
			return false
		}
	}
	return true
}

func bound(w *ir.Window, lo bool) ir.Expr {
	switch {
	case w == nil:
		return nil
	case lo:
		return w.Lo
	default:
		return w.Hi
	}
}
