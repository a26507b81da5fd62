package why

import (
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// more adds rows to a fact: like the latest that passes its conditions, like
// the largest, else made of what they ask for; then one row that is large
// enough.
func (b *builder) more(f *Facts) target {
	return func(try func(edit) bool) {
		makers := b.makers(f)
		for _, m := range makers {
			for n := 1; n <= mostNew; n++ {
				c := Change{Kind: More, Fact: f.Fact, Count: n, Like: m.shown, Text: moreText(n, f, m.shown, "")}
				if try(edit{c, m.rows(n)}) {
					return
				}
			}
		}
		for _, m := range makers {
			if m.amount(f, try) {
				return
			}
		}
	}
}

// makers are the ways to make a further row of a fact.
func (b *builder) makers(f *Facts) []maker {
	rel := sourceOf(f.agg.Leaf)
	if rel == nil || rel.Entity {
		return nil
	}
	open := *f.agg
	open.Window = nil
	rows := must(b.ev.Counted(f.at, &open))
	b.latestFirst(rows, f.agg.Leaf)
	if len(rows) == 0 {
		if blank, ok := b.blank(f, rel); ok {
			return []maker{{builder: b, leaf: f.agg.Leaf, rel: rel, like: []ir.Record{blank}}}
		}
		return nil
	}
	out := []maker{b.like(f, rel, rows[0])}
	if largest := b.largestFirst(rows, f.agg)[0]; largest != rows[0] {
		out = append(out, b.like(f, rel, largest))
	}
	return out
}

func (b *builder) like(f *Facts, rel *ir.Relation, r ir.Row) maker {
	shown := b.fact(r, nil)
	return maker{builder: b, leaf: f.agg.Leaf, rel: rel, like: r.Records(), shown: &shown}
}

// largestFirst orders rows by the value that is added up; others stay as they
// are.
func (b *builder) largestFirst(rows []ir.Row, a *ir.Agg) []ir.Row {
	if a.Value == nil || !a.Value.Type().Numeric() {
		return rows
	}
	out := slices.Clone(rows)
	slices.SortStableFunc(out, func(x, y ir.Row) int {
		return value.SortKey{must(b.ev.Value(y, a.Value))}.Compare(value.SortKey{must(b.ev.Value(x, a.Value))})
	})
	return out
}

func moreText(n int, f *Facts, like *Fact, with string) string {
	text := "one more row of " + f.Fact
	if n > 1 {
		text = fmt.Sprintf("%d more rows of %s", n, f.Fact)
	}
	text += with
	where := ""
	for i, x := range conjuncts(f.agg.Where) {
		if i > 0 {
			where += " and "
		}
		where += oneLine(x.Span())
	}
	switch {
	case like != nil && (like.Key != "" || like.At != ""):
		text += ", like " + like.short()
	case where != "":
		text += " where " + where
	}
	return text
}

// maker makes rows like one.
type maker struct {
	*builder
	leaf *ir.Relation
	rel  *ir.Relation // of the source
	like []ir.Record
	// shown is the row it makes others like; nil where there is none.
	shown *Fact
}

// rows is the edit that adds so many.
func (m maker) rows(n int) func(d ir.Data, asOf int64) ir.Data {
	return func(d ir.Data, asOf int64) ir.Data {
		for i := range n {
			d = m.add(d, asOf, i)
		}
		return d
	}
}

// amount looks for the smallest value of one further row that is enough.
func (m maker) amount(f *Facts, try func(edit) bool) bool {
	c := rawOf(f.agg.Value)
	if c == nil || !c.Type.Exact() || len(m.like) != 1 || m.hides(c) {
		return false
	}
	at := func(n int64) (maker, value.Value) {
		v := value.NewInt(n)
		if c.Type.Kind == value.Decimal {
			v = value.NewDecimal(big.NewInt(n), c.Type.Scale)
		}
		with := maps.Clone(m.like[0])
		with[c] = v
		other := m
		other.like = []ir.Record{with}
		return other, v
	}
	enough := func(n int64) bool {
		other, _ := at(n)
		return m.turnsWith(other.rows(1)(m.in.Data, m.asOf))
	}
	last := int64(0)
	for n := int64(1); n < 1<<50; n *= 8 {
		if !enough(n) {
			last = n
			continue
		}
		for n-last > 1 {
			if mid := last + (n-last)/2; enough(mid) {
				n = mid
			} else {
				last = mid
			}
		}
		other, v := at(n)
		change := Change{Kind: More, Fact: f.Fact, Count: 1, Like: m.shown, Text: moreText(1, f, m.shown, " with "+c.Name+" = "+m.show(v))}
		return try(edit{change, other.rows(1)})
	}
	return false
}

// add gives the data with one more row, the i-th, just before an instant.
func (m maker) add(d ir.Data, asOf int64, i int) ir.Data {
	out := maps.Clone(d)
	rows := slices.Clone(d[m.rel])
	for _, like := range m.like {
		r := maps.Clone(like)
		m.move(r, asOf-1)
		fresh := m.rel.Keys()
		if len(m.leaf.GroupBy) > 0 {
			fresh = slices.Clone(fresh)
			for _, x := range m.leaf.GroupBy {
				if c := rawOf(x); c != nil {
					fresh = append(fresh, c)
				}
			}
		}
		for _, c := range fresh {
			if v := m.fresh(r[c], c, i); !v.IsMissing() {
				r[c] = v
			}
		}
		rows = append(rows, r)
	}
	out[m.rel] = rows
	return out
}

// move sets the time of a record, and when it became known.
func (m maker) move(r ir.Record, t int64) {
	cal := m.q.Project.Calendar
	set := func(c *ir.ColumnDef) {
		if c == nil {
			return
		}
		switch c.Type.Kind {
		case value.Date:
			r[c] = value.NewDate(cal.DateOf(t))
		case value.Time:
			r[c] = value.NewTime(t)
		case value.Wall:
			r[c] = value.NewWall(cal.Wall(t))
		default: // no moment
		}
	}
	for rel := m.leaf; rel != nil; rel = rel.From {
		if rel.Time != nil {
			set(rawOf(&ir.Column{Col: rel.Time}))
		}
		if rel.KnownAt != nil {
			set(rawOf(rel.KnownAt))
		}
	}
}

// fresh is a key that no other row has.
func (m maker) fresh(like value.Value, c *ir.ColumnDef, i int) value.Value {
	switch c.Type.Kind {
	case value.Int:
		return value.NewInt(1<<52 + int64(i))
	case value.Text:
		return value.NewText(fmt.Sprintf("%s (new %d)", like.S, i+1))
	default:
		return value.Value{}
	}
}

// rawOf is the column of the source that an expression is, if it is one.
func rawOf(x ir.Expr) *ir.ColumnDef {
	for x != nil {
		switch e := x.(type) {
		case *ir.Column:
			c := e.Col
			for c.Base != nil {
				c = c.Base
			}
			if c.Raw != "" {
				return c
			}
			x = c.Def
		case *ir.Convert:
			x = e.X
		case *ir.GroupAgg:
			x = e.Value
		default:
			return nil
		}
	}
	return nil
}

// blank is a record of the fact that belongs to the row, with what the
// conditions compare its columns with.
func (b *builder) blank(f *Facts, rel *ir.Relation) (ir.Record, bool) {
	a := f.agg
	if len(a.Back) != 1 {
		return nil, false
	}
	anchor := f.at
	for _, l := range a.Anchor {
		if anchor = must(b.ev.Follow(anchor, l)); anchor.IsZero() {
			return nil, false
		}
	}
	by := rawOf(a.Back[0].By)
	if by == nil || !slices.Contains(rel.Columns, by) || a.Back[0].To.Key == nil {
		return nil, false
	}
	r := ir.Record{}
	for _, c := range rel.Columns {
		if c.Raw != "" {
			r[c] = value.Value{}
		}
	}
	wanted := conjuncts(a.Where)
	for from := a.Leaf; from != nil; from = from.From {
		wanted = append(wanted, conjuncts(from.Where)...)
	}
	for _, x := range wanted {
		b.satisfy(r, x)
	}
	r[by] = must(b.ev.Column(anchor, a.Back[0].To.Key))
	for _, c := range rel.Keys() {
		if r[c].IsMissing() {
			r[c] = anyOf(c)
		}
	}
	return r, true
}

// beyond is a number on the far side of one, for < and >.
func beyond(v value.Value, op string) (value.Value, bool) {
	if !value.Of(v.Kind).Exact() {
		return v, false
	}
	var err error
	switch op {
	case "<":
		v, err = value.Sub(v, value.NewInt(1))
	case ">":
		v, err = value.Add(v, value.NewInt(1))
	default:
		return v, false
	}
	return v, err == nil
}

// satisfy sets the column that a plain condition compares with a constant.
func (b *builder) satisfy(r ir.Record, x ir.Expr) {
	set := func(side ir.Expr, v value.Value) {
		if c := rawOf(side); c != nil {
			if fit, ok := value.Fit(v, c.Type); ok {
				r[c] = fit
			}
		}
	}
	switch x := x.(type) {
	case *ir.Cmp:
		if k, ok := x.R.(*ir.Const); ok {
			v := k.V
			if next, ok := beyond(v, x.Op); ok {
				v = next
			}
			set(x.L, v)
		}
	case *ir.InSet:
		if len(x.Set.Values) > 0 {
			set(x.X, x.Set.Values[0])
		}
	case *ir.TextMatch:
		if k, ok := x.Y.(*ir.Const); ok {
			set(x.X, k.V)
		}
	case *ir.Truth:
		set(x.X, value.NewBool(true))
	default: // not told by one value
	}
}
