package why

import (
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

const (
	mostRows   = 3 // of an aggregate that are shown
	mostFields = 4 // of a row
)

// facts notes the rows of every aggregate of a condition. A rhythm has one for
// each period, which are told by their numbers.
func (w *watcher) facts(x ir.Expr) {
	var all []*Facts
	w.aggregates(w.at, x, func(at ir.Row, a *ir.Agg) { all = append(all, w.factsOf(at, a)) })
	w.n.Facts = append(w.n.Facts, all...)
	if len(all) < 2 || all[0].agg.Span() != all[1].agg.Span() {
		return
	}
	var each []string
	for _, f := range all {
		f.Period, f.Out = true, nil
		each = append(each, grouped(itoa(f.Count)))
	}
	w.n.Says = "rows in each, the latest first: " + strings.Join(each, ", ")
}

// aggregates visits the aggregates of an expression that are read in scope of
// the row, or of one that a lookup leads to.
func (b *builder) aggregates(at ir.Row, x ir.Expr, visit func(ir.Row, *ir.Agg)) {
	if x == nil || at.IsZero() {
		return
	}
	switch x := x.(type) {
	case *ir.Agg:
		visit(at, x)
	case *ir.Follow:
		b.aggregates(must(b.ev.Follow(at, x.By)), x.X, visit)
		return
	case *ir.Bucket:
		b.aggregates(at, x.Value, visit)
	case *ir.Rank:
		b.aggregates(at, x.Value, visit)
	default: // its parts may have some
	}
	for _, c := range ir.Children(x) {
		b.aggregates(at, c, visit)
	}
}

func (b *builder) factsOf(at ir.Row, a *ir.Agg) *Facts {
	rows := must(b.ev.Counted(at, a))
	b.latestFirst(rows, a.Leaf)
	f := &Facts{Fact: a.Leaf.Name, Text: oneLine(a.Span()), Window: b.window(at, a.Window), Count: len(rows), counted: rows, agg: a, at: at}
	read := fieldsOf(a)
	for _, r := range rows[:min(len(rows), mostRows)] {
		shown := b.fact(r, read)
		shown.Then = b.following(r, a, read)
		f.Rows = append(f.Rows, shown)
	}
	if len(rows) < mostRows {
		f.Out = b.leftOut(at, a, rows)
	}
	return f
}

// latestFirst orders rows by time, those without by key.
func (b *builder) latestFirst(rows []ir.Row, leaf *ir.Relation) {
	order := func(r ir.Row) (k value.SortKey) {
		if leaf.Time != nil {
			k = append(k, must(b.ev.Column(r, leaf.Time)))
		}
		for _, c := range leaf.Keys() {
			k = append(k, must(b.ev.Column(r, c)))
		}
		return k
	}
	slices.SortStableFunc(rows, func(x, y ir.Row) int { return order(y).Compare(order(x)) })
}

// fact shows one row: key, time, and the columns that were read.
func (b *builder) fact(r ir.Row, read []*ir.ColumnDef) Fact {
	rel := r.Relation()
	f := Fact{Fact: rel.Name}
	var keys []string
	for _, c := range rel.Keys() {
		v := must(b.ev.Column(r, c))
		switch {
		case v.IsMissing():
		case b.hides(c):
			keys = append(keys, hidden)
		case v.Kind == value.Text:
			keys = append(keys, shorten(v.S))
		default:
			keys = append(keys, value.Key(v))
		}
	}
	f.Key = strings.Join(keys, " ")
	if rel.Time != nil {
		if f.At = b.show(must(b.ev.Column(r, rel.Time))); b.hides(rel.Time) {
			f.At = hidden
		}
	}
	for _, c := range read {
		if len(f.Values) == mostFields {
			break
		}
		if c == rel.Time || slices.Contains(rel.Keys(), c) || c.Internal || !slices.Contains(rel.Columns, c) {
			continue
		}
		s := Seen{Text: c.Name}
		v := must(b.ev.Column(r, c))
		if s.Missing = v.IsMissing(); !s.Missing {
			s.Value = b.show(v)
		}
		f.Values = append(f.Values, b.veil(s, &ir.Column{Col: c}))
	}
	return f
}

// fieldsOf are the columns of the rows of an aggregate that it reads.
func fieldsOf(a *ir.Agg) []*ir.ColumnDef {
	var out []*ir.ColumnDef
	var visit func(x ir.Expr)
	visit = func(x ir.Expr) {
		if x == nil {
			return
		}
		if c, ok := x.(*ir.Column); ok && !slices.Contains(out, c.Col) {
			out = append(out, c.Col)
		}
		for _, c := range ir.Children(x) {
			visit(c)
		}
	}
	visit(a.Value)
	visit(a.Where)
	return out
}

// following are the rows of the sequence that begins with a row.
func (b *builder) following(r ir.Row, a *ir.Agg, read []*ir.ColumnDef) []Fact {
	var out []Fact
	for _, x := range conjuncts(a.Where) {
		s, ok := x.(*ir.Seq)
		if !ok {
			continue
		}
		rows, err := b.chain(r, s)
		if err != nil {
			panic(failed{err})
		}
		for _, next := range rows[min(1, len(rows)):] {
			if !next.IsZero() {
				out = append(out, b.fact(next, read))
			}
		}
	}
	return out
}

func (b *builder) chain(r ir.Row, s *ir.Seq) ([]ir.Row, error) {
	rows, _, err := b.ev.Chain(r, s)
	return rows, err
}

// conjuncts are the conditions that must hold together.
func conjuncts(x ir.Expr) []ir.Expr {
	if x == nil {
		return nil
	}
	if and, ok := x.(*ir.And); ok && !sugar(and, and.Xs) {
		var out []ir.Expr
		for _, part := range and.Xs {
			out = append(out, conjuncts(part)...)
		}
		return out
	}
	return []ir.Expr{x}
}

// leftOut counts the rows that a window, or the first condition that fails,
// kept out of an aggregate.
func (b *builder) leftOut(at ir.Row, a *ir.Agg, in []ir.Row) []LeftOut {
	var out []LeftOut
	add := func(by string, window bool, rows []ir.Row) {
		if len(rows) > 0 {
			out = append(out, LeftOut{By: by, Window: window, Count: len(rows), Nearest: b.fact(rows[0], fieldsOf(a))})
		}
	}
	if a.Window != nil {
		open := *a
		open.Window = nil
		add(a.Window.Text, true, b.without(must(b.ev.Counted(at, &open)), in, a.Leaf))
	}
	every := *a
	every.Where = nil
	kept := b.without(must(b.ev.Counted(at, &every)), in, a.Leaf)
	for _, x := range conjuncts(a.Where) {
		var fail, pass []ir.Row
		for _, r := range kept {
			if must(b.ev.Value(r, x)).True() {
				pass = append(pass, r)
			} else {
				fail = append(fail, r)
			}
		}
		add(oneLine(x.Span()), false, fail)
		kept = pass
	}
	return out
}

// without are the rows that are not in another list, latest first.
func (b *builder) without(rows, in []ir.Row, leaf *ir.Relation) []ir.Row {
	out := slices.DeleteFunc(slices.Clone(rows), func(r ir.Row) bool { return slices.Contains(in, r) })
	b.latestFirst(out, leaf)
	return out
}
