package segtest

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// renaming gives the keys of each world of a group others. The zero renaming
// changes nothing.
type renaming struct {
	columns map[*ir.ColumnDef]bool
	to      []map[key]int64 // by world: key → its number
	from    [][]string      // by world, by what its numbers are more than its first
	width   int64           // how many numbers each world has, more than it has keys
}

// key is one that is written as a text, or as a number.
type key struct {
	isText bool
	text   string
}

func keyOf(t value.Type, text string) key { return key{t.Kind == value.Text, text} }

// keys are those that the rows of a world have.
func (r *renaming) keys(w *world) map[key]value.Value {
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
	return keys
}

// measure finds how many numbers a world needs.
func (r *renaming) measure(worlds []*world) {
	r.width = 1
	for _, w := range worlds {
		r.width = max(r.width, int64(len(r.keys(w)))+1)
	}
}

// rename numbers the keys of worlds; within a world the order stays. The keys
// of world i are numbers from (i + 1) × width on, so that no key is 0.
func (r *renaming) rename(worlds []*world) {
	if r.columns == nil {
		return
	}
	for i, w := range worlds {
		numbers := map[key]int64{}
		var texts []string
		for _, k := range ordered(r.keys(w)) {
			numbers[k] = r.first(i) + int64(len(texts))
			texts = append(texts, k.text)
		}
		r.to, r.from = append(r.to, numbers), append(r.from, texts)
	}
}

// first is the first number of a world.
func (r *renaming) first(world int) int64 { return int64(world+1) * r.width }

// world is an expression that tells the rows of an entity apart by their
// worlds: the first number of the world.
func (r *renaming) world(entity *ir.Relation) ir.Expr {
	x := ir.Expr(&ir.Column{Col: entity.Key})
	if entity.Key.Type.Kind == value.Text {
		t, err := fn.Lookup("number").Result([]value.Type{entity.Key.Type})
		if err != nil {
			panic("segtest: " + err.Error())
		}
		x = &ir.Call{Fn: "number", Args: []ir.Expr{x}, T: t}
	}
	width := &ir.Const{V: value.NewInt(r.width), T: x.Type()}
	return &ir.Arith{Op: "-", L: x, R: &ir.Call{Fn: "mod", Args: []ir.Expr{x, width}, T: x.Type()}, T: x.Type()}
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

// keyDigits is the most that the number of a key has.
const keyDigits = 12

// padded is a number as a text that sorts as numbers do.
func padded(n int64) string { return fmt.Sprintf("%0*d", keyDigits, n) }

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

// smallGap is how many worlds that were not asked for are taken along, rather
// than to end a range before them.
const smallGap = 20

// among is the condition that a row of an entity belongs to one of some
// worlds, which are in order, or to one between them.
func (r *renaming) among(entity *ir.Relation, worlds []int) ir.Expr {
	key := &ir.Column{Col: entity.Key}
	is := func(op string, n int64) ir.Expr {
		v := value.NewInt(n)
		if key.Type().Kind == value.Text {
			v = value.NewText(padded(n))
		}
		return &ir.Cmp{Op: op, L: key, R: &ir.Const{V: v, T: key.Type()}}
	}
	any := &ir.Or{}
	for i := 0; i < len(worlds); {
		end := i + 1
		for end < len(worlds) && worlds[end]-worlds[end-1] <= smallGap {
			end++
		}
		any.Xs = append(any.Xs, &ir.And{Xs: []ir.Expr{is(">=", r.first(worlds[i])), is("<", r.first(worlds[end-1]+1))}})
		i = end
	}
	return any
}

// original is the world and the key that a renamed key stands for.
func (r *renaming) original(text string) (world int, key string) {
	if r.columns == nil {
		return 0, text
	}
	n, err := strconv.Atoi(text)
	world = n/int(r.width) - 1
	if err != nil || world < 0 || world >= len(r.from) || n%int(r.width) >= len(r.from[world]) {
		panic("segtest: a key that no world has: " + text)
	}
	return world, r.from[world][n%int(r.width)]
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
		if c.Type.Scale > 0 || c.Type.Prec < keyDigits {
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
// asks whether they are there.
func (s *separation) separable(x ir.Expr) bool {
	ok := true
	ir.Walk(x, func(x ir.Expr) bool {
		switch x := x.(type) {
		case *ir.Agg:
			if c, isColumn := x.Value.(*ir.Column); isColumn && x.Distinct && x.Op == ir.OpCount && s.keys[origin(c.Col)] {
				ok = ok && s.window(x.Window) && (x.Where == nil || s.separable(x.Where))
				return false
			}
		case *ir.Sample:
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
