package sql

import (
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
)

// pass computes features: one row for each anchor that has rows.
func (p *printer) pass(t *plan.Table) string {
	s := p.scope()
	key := s.expr("f", s.lower(t.Key))
	outer := ""
	var bounds []string // that are part of the key
	switch {
	case t.Bounds != nil:
		outer = s.windows(t, key)
		key = s.col(outer, KeyName)
		for _, b := range boundsOf(t) {
			bounds = append(bounds, s.col(outer, b.name))
		}
	case t.Outer:
		outer, key = s.outer(t, key)
	}
	conds := s.exprs("f", t.Where)
	conds = append(conds, key+" IS NOT NULL")
	list := "SELECT\n  " + key + " AS " + p.d.Ident(KeyName)
	for _, b := range bounds {
		list += ",\n  " + b
	}
	for _, f := range t.Aggs {
		list += "," + source(f) + "\n  " + s.feature(t, f, outer) + " AS " + p.d.Ident(f.Col)
	}
	return list + "\n" + s.from(p.d.Ident(rowsName(t.Leaf))+" AS f") + where(conds) + "\nGROUP BY " + strings.Join(append([]string{key}, bounds...), ", ")
}

// boundOf is a bound of the windows of a pass, and the column it stands in.
type boundOf struct {
	name, op string
	x        ir.Expr
}

func boundsOf(t *plan.Table) []boundOf {
	var bounds []boundOf
	if t.Bounds.Lo != nil {
		bounds = append(bounds, boundOf{"lo", ">=", t.Bounds.Lo})
	}
	if t.Bounds.Hi != nil {
		bounds = append(bounds, boundOf{"hi", "<", t.Bounds.Hi})
	}
	return bounds
}

// anchorOf is the key of the anchor, read at a row of t.Rel.
func (s *scope) anchorOf(t *plan.Table, alias string) string {
	if t.Anchor == nil {
		return s.col(alias, s.name(t.Rel.Key))
	}
	return s.expr(alias, s.lower(t.Anchor))
}

// sameWindow is the condition that a row {0} of the pass is for the anchor and
// the window of the row under alias.
func (s *scope) sameWindow(alias string, t *plan.Table) string {
	on := "{0}." + s.d.Ident(KeyName) + " = " + s.anchorOf(t, alias)
	for _, b := range boundsOf(t) {
		on += " AND {0}." + s.d.Ident(b.name) + " = " + s.expr(alias, b.x)
	}
	return on
}

// windows joins the windows that the rows of a fact ask for, each once with
// its anchor, to the rows of the leaf that lie in them.
func (s *scope) windows(t *plan.Table, anchor string) (alias string) {
	inner := s.scope()
	cols := []string{inner.anchorOf(t, "r") + " AS " + s.d.Ident(KeyName)}
	for _, b := range boundsOf(t) {
		cols = append(cols, inner.expr("r", b.x)+" AS "+s.d.Ident(b.name))
	}
	asked := "(SELECT DISTINCT " + strings.Join(cols, ", ") + "\n" + inner.from(s.d.Ident(rowsName(t.Rel))+" AS r") + ")"
	at := s.col("f", s.name(t.Leaf.Time))
	return s.joinOn(asked, func(alias string) string {
		on := s.col(alias, KeyName) + " = " + anchor
		for _, b := range boundsOf(t) {
			on += " AND " + s.convert(at, t.Leaf.Time.Type, b.x.Type()) + " " + b.op + " " + s.col(alias, b.name)
		}
		return on
	})
}

// source is a comment with the feature as the author wrote it.
func source(f *plan.Feature) string {
	text := strings.Join(strings.Fields(f.Agg.Span().Text()), " ")
	if text == "" {
		return ""
	}
	return "\n  -- " + text
}

// outer joins the rows of t.Rel whose anchor the row of the leaf leads to, and
// answers their alias and key.
func (s *scope) outer(t *plan.Table, anchor string) (alias, key string) {
	rows, own := s.d.Ident(rowsName(t.Rel)), s.d.Ident(s.name(t.Rel.Key))
	if t.Anchor == nil {
		alias = s.joinTo(rows, "{0}."+own+" = "+anchor)
		return alias, anchor
	}
	inner := s.scope()
	by := inner.expr("r", s.lower(t.Anchor))
	alias = s.joinTo("(SELECT r.*, "+by+` AS "$anchor" `+inner.from(rows+" AS r")+")", `{0}."$anchor" = `+anchor)
	return alias, alias + "." + own
}

func (s *scope) feature(t *plan.Table, f *plan.Feature, outer string) string {
	a := aggregate{op: f.Agg.Op, distinct: f.Agg.Distinct, typ: f.Agg.T}
	if f.Agg.Value != nil {
		a = a.of(s, "f", f.Agg.Value)
	}
	var filter []string
	if w := f.Agg.Window; w != nil && t.Bounds == nil {
		if w.Lo != nil {
			filter = append(filter, s.bound(t.Leaf, ">=", w.Lo, outer))
		}
		if w.Hi != nil {
			filter = append(filter, s.bound(t.Leaf, "<", w.Hi, outer))
		}
	}
	if f.Agg.Where != nil {
		filter = append(filter, s.expr("f", f.Agg.Where))
	}
	a.filter = strings.Join(filter, " AND ")
	if a.op == ir.OpFirst || a.op == ir.OpLast {
		a.order = s.firstOrder("f", t.Leaf, a.value, a.op == ir.OpLast)
	}
	return s.agg(a)
}

// bound compares the fact's time with a bound of the anchor's row.
func (s *scope) bound(leaf *ir.Relation, op string, b ir.Expr, outer string) string {
	at := s.col("f", s.name(leaf.Time))
	return "(" + s.convert(at, leaf.Time.Type, b.Type()) + " " + op + " " + s.expr(outer, b) + ")"
}
