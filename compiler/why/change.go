package why

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// ChangeKind is what is changed.
type ChangeKind string

// Kinds of changes.
const (
	Value ChangeKind = "value" // an attribute has another value
	More  ChangeKind = "more"  // there are further rows of a fact
	Fewer ChangeKind = "fewer" // rows of a fact are not there
)

// Change is a change of the data that turns the answer, found by asking again
// with it.
type Change struct {
	Kind ChangeKind `json:"kind"`
	Text string     `json:"text"`
	// Value: the attribute, what it is and what would do; Hidden when that is
	// personal. A missing value is empty.
	Attribute string `json:"attribute,omitempty"`
	From      string `json:"from,omitempty"`
	To        string `json:"to,omitempty"`
	Hidden    bool   `json:"hidden,omitempty"`
	// More, Fewer: how many rows of which fact; Like is one that the new ones
	// are like, Rows are those that would be gone.
	Fact  string `json:"fact,omitempty"`
	Count int    `json:"count,omitempty"`
	Like  *Fact  `json:"like,omitempty"`
	Rows  []Fact `json:"rows,omitempty"`
	// By: the new rows would do until just before this instant (RFC 3339).
	By string `json:"by,omitempty"`
	// With are further changes that are needed together with this one.
	With []Change `json:"with,omitempty"`
}

// edit is a change that can be tried.
type edit struct {
	change Change
	// apply gives the data with the change, as it would be for an evaluation as
	// of an instant: new rows happen just before it.
	apply func(d ir.Data, asOf int64) ir.Data
}

// target tries the changes of one thing, the smallest first, until one does.
type target func(try func(edit) bool)

const (
	mostChanges = 6
	mostNew     = 12 // rows of a fact that are added or taken away
	mostRemoved = 12
)

// changes finds the smallest changes that turn the answer.
func (b *builder) changes(root *Node) []Change {
	s := b.search(b.knownData())
	want := !root.Holds
	var out []Change
	for _, t := range b.targets(root) {
		if len(out) == mostChanges {
			return out
		}
		t(func(e edit) bool {
			if s.left <= 0 {
				return true // enough was tried
			}
			d := e.apply(s.data, s.asOf)
			if s.member(s.asOf, d) != want || e.change.Kind == Fewer && !s.there(d) {
				return false
			}
			if e.change.Kind == More && want {
				b.deadline(s, &e)
			}
			if !slices.ContainsFunc(out, func(c Change) bool { return c.Text == e.change.Text }) {
				out = append(out, e.change)
			}
			return true
		})
	}
	if out == nil && want {
		if c, ok := b.together(s, root); ok {
			out = append(out, c)
		}
	}
	return out
}

// deadline finds until when the new rows would do.
func (b *builder) deadline(s *search, e *edit) {
	at, _ := s.first(func(t int64) bool { return s.holds(t, e.apply(s.data, t), t, nil) }, true)
	if at == 0 {
		return
	}
	e.change.By = b.instant(at)
	e.change.Text += ", until " + second(b.q.Project.Calendar, at-1)
	if days := (at - b.asOf) / (24 * 3600 * 1_000_000); days > 0 {
		e.change.Text += " (within " + plural(days, "day") + ")"
	}
}

// together mends every condition that fails, one after the other.
func (b *builder) together(s *search, root *Node) (Change, bool) {
	data := s.data
	var found []Change
	for _, n := range failing(root) {
		if s.holds(s.asOf, data, s.asOf, n.Expr) {
			continue // mended with another
		}
		done := false
		for _, t := range b.targets(n) {
			t(func(e edit) bool {
				if done || s.left <= 0 {
					return true
				}
				d := e.apply(data, s.asOf)
				if s.holds(s.asOf, d, s.asOf, n.Expr) {
					data, done = d, true
					found = append(found, e.change)
				}
				return done
			})
			if done {
				break
			}
		}
		if !done {
			return Change{}, false
		}
	}
	if len(found) < 2 || !s.member(s.asOf, data) {
		return Change{}, false
	}
	out := found[0]
	out.With = found[1:]
	return out, true
}

// failing are the conditions that must hold together, of those that do not.
func failing(n *Node) []*Node {
	var out []*Node
	switch {
	case n.Holds:
	case n.Kind == All:
		for _, c := range n.Of {
			out = append(out, failing(c)...)
		}
	case n.Kind == Segment && len(n.Of) == 1 && !n.Of[0].Holds:
		return failing(n.Of[0])
	case n.Expr != nil:
		out = append(out, n)
	}
	return out
}

// targets are the things that the counting conditions below a node look at.
func (b *builder) targets(n *Node) []target {
	c := &collector{builder: b, seen: map[string]int{}}
	c.node(n)
	var out []target
	for _, a := range c.attributes {
		out = append(out, a.tries)
	}
	return append(out, c.facts...)
}

type collector struct {
	*builder
	attributes []*attribute
	facts      []target
	seen       map[string]int
}

func (c *collector) node(n *Node) {
	for _, part := range n.Of {
		c.node(part)
	}
	if n.Kind != Condition || n.Expr == nil {
		return
	}
	c.columns(n.row, n.Expr, "", n.Expr)
	for _, f := range n.Facts {
		key := "fact " + f.Text + identity(f.at)
		if _, ok := c.seen[key]; !ok {
			c.seen[key] = 0
			c.facts = append(c.facts, c.more(f), c.fewer(f))
		}
	}
}

// columns finds the columns that a condition reads in the row, or in one that
// lookups lead to.
func (c *collector) columns(at ir.Row, x ir.Expr, path string, whole ir.Expr) {
	if x == nil || at.IsZero() {
		return
	}
	switch x := x.(type) {
	case *ir.Agg:
		return
	case *ir.Column:
		c.column(at, x.Col, path, whole)
		return
	case *ir.Follow:
		c.columns(must(c.ev.Follow(at, x.By)), x.X, path+x.By.Name+".", whole)
		return
	case *ir.Rank:
		c.columns(at, x.Value, path, whole)
	default: // its parts may read some
	}
	for _, part := range ir.Children(x) {
		c.columns(at, part, path, whole)
	}
}

func (c *collector) column(at ir.Row, col *ir.ColumnDef, path string, whole ir.Expr) {
	name := path + col.Name
	for col.Base != nil {
		col = col.Base
	}
	records := at.Records()
	rel := sourceOf(at.Relation())
	switch {
	case col.Def != nil && len(records) == 1:
		c.columns(at, col.Def, path, whole)
		return
	case col.Raw == "" || len(records) != 1 || rel == nil || col.Internal || slices.Contains(rel.Keys(), col):
		return
	}
	key := name + identity(at)
	if i, ok := c.seen[key]; ok {
		c.attributes[i].conditions = append(c.attributes[i].conditions, whole)
		return
	}
	c.seen[key] = len(c.attributes)
	c.attributes = append(c.attributes, &attribute{builder: c.builder, rel: rel, record: records[0], col: col, name: name, conditions: []ir.Expr{whole}})
}

// sourceOf is the relation whose source a relation's rows come from.
func sourceOf(r *ir.Relation) *ir.Relation {
	for r.From != nil {
		r = r.From
	}
	if r.Source == nil {
		return nil
	}
	return r
}

// replace gives the data with one record in the place of another; nil takes it
// away.
func replace(d ir.Data, rel *ir.Relation, old, with ir.Record) ir.Data {
	out := maps.Clone(d)
	var rows []ir.Record
	for _, r := range d[rel] {
		switch {
		case !same(r, old):
			rows = append(rows, r)
		case with != nil:
			rows = append(rows, with)
		}
	}
	out[rel] = rows
	return out
}

// fewer takes rows away that count, the latest first.
func (b *builder) fewer(f *Facts) target {
	return func(try func(edit) bool) {
		rel := sourceOf(f.agg.Leaf)
		if rel == nil {
			return
		}
		rows := b.largestFirst(f.counted, f.agg)
		for n := 1; n <= min(len(rows), mostRemoved); n++ {
			gone := rows[:n]
			c := Change{Kind: Fewer, Fact: f.Fact, Count: n}
			for _, r := range gone[:min(n, mostRows)] {
				c.Rows = append(c.Rows, b.fact(r, nil))
			}
			c.Text = b.some(gone) + " taken away"
			apply := func(d ir.Data, _ int64) ir.Data {
				for _, r := range gone {
					for _, record := range r.Records() {
						d = replace(d, rel, record, nil)
					}
				}
				return d
			}
			if try(edit{c, apply}) {
				return
			}
		}
	}
}

// attribute is a column of a row of a source.
type attribute struct {
	*builder
	rel        *ir.Relation
	record     ir.Record
	col        *ir.ColumnDef
	name       string
	conditions []ir.Expr // that read it
}

func (a *attribute) tries(try func(edit) bool) {
	for _, v := range a.candidates() {
		if nearer, ok := a.nearest(v); ok {
			v = nearer
		}
		if try(a.edit(v, "")) {
			return
		}
	}
	if now := a.record[a.col]; now.Kind == value.Int || now.Kind == value.Decimal {
		if a.approach(try) {
			return
		}
	}
	if !a.record[a.col].IsMissing() {
		try(a.edit(value.Value{}, ""))
		return
	}
	if v := anyOf(a.col); !v.IsMissing() {
		try(a.edit(v, "any value"))
	}
}

// edit sets the attribute; label stands for a value that is one of many.
func (a *attribute) edit(v value.Value, label string) edit {
	now := a.record[a.col]
	c := Change{Kind: Value, Attribute: a.name, Hidden: a.hides(a.col)}
	if !now.IsMissing() {
		c.From = a.show(now)
	}
	switch {
	case label != "":
		c.Text = label + " of " + a.name + " (it is missing)"
	case v.IsMissing():
		c.Text = "no value of " + a.name + " (it is " + c.From + ")"
	case now.IsMissing():
		c.To = a.show(v)
		c.Text = a.name + " = " + c.To + " (it is missing)"
	default:
		c.To = a.show(v)
		c.Text = a.name + " = " + c.To + " (it is " + c.From + ")"
	}
	if c.Hidden {
		c.From, c.To, c.Text = "", "", "another value of "+a.name
	}
	return edit{c, func(d ir.Data, _ int64) ir.Data {
		record := a.current(d)
		with := maps.Clone(record)
		with[a.col] = v
		return replace(d, a.rel, record, with)
	}}
}

// current is the record in data in which another of its columns may have been
// set: the one with its key.
func (a *attribute) current(d ir.Data) ir.Record {
	key := a.rel.Key
	for _, r := range d[a.rel] {
		if same(r, a.record) || key != nil && key.Raw != "" && value.Equal(r[key], a.record[key]) && a.rel.Dedup == nil {
			return r
		}
	}
	return a.record
}

// same reports whether two records are one and the same.
func same(a, b ir.Record) bool { return fmt.Sprintf("%p", a) == fmt.Sprintf("%p", b) }

// String is the change and all that it needs beside it.
func (c Change) String() string {
	parts := []string{c.Text}
	for _, w := range c.With {
		parts = append(parts, w.Text)
	}
	return strings.Join(parts, ", and ")
}
