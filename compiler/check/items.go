package check

import (
	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/format"
)

// has is `list has x` and `list has any|all|none of …`.
func (c *checker) has(sc scope, e *ast.Has) ir.Expr {
	list := c.listValue(sc, e.X)
	if list == nil {
		return nil
	}
	elem := *list.Type().Elem
	c.settle(&e.Y, elem)
	if !scalarItem(elem) {
		c.diags.Errorf(wrongType, e.X.Span(), "%s holds records; `has` compares plain values", format.Expr(e.X)).
			Help = "test the fields of one element: any(" + format.Expr(e.X) + " where …)"
		return nil
	}
	items := c.items(sc, e.Y, elem)
	if items == nil {
		return nil
	}
	one := make([]ir.Expr, len(items))
	for i, y := range items {
		one[i] = &ir.Has{Loc: loc(e), X: list, Y: y}
	}
	var x ir.Expr
	switch {
	case len(one) == 1:
		x = one[0]
	case e.Quant == "all":
		x = &ir.And{Loc: loc(e), Xs: one}
	default:
		x = &ir.Or{Loc: loc(e), Xs: one}
	}
	return c.negate(e.Not != (e.Quant == "none"), e, x)
}

// listValue checks that e is a list attribute.
func (c *checker) listValue(sc scope, e ast.Expr) ir.Expr {
	x := c.value(sc, e)
	if x == nil {
		return nil
	}
	if x.Type().Kind != value.List {
		d := c.diags.Errorf(wrongType, e.Span(), "%s is %s, not a list", format.Expr(e), article(x.Type()))
		if x.Type().Kind == value.Text {
			d.Help = "write `contains` for a part of a text, or declare it {type: list<text>, separator: \";\"}"
		} else {
			d.Help = "`has` looks into a list attribute"
		}
		return nil
	}
	return x
}

func scalarItem(t value.Type) bool {
	return t.Kind != value.Record && t.Kind != value.List && t.Kind != value.JSON && t.Kind != value.Place
}

// items are the values after `has`: one, a set, or a named list.
func (c *checker) items(sc scope, y ast.Expr, elem value.Type) []ir.Expr {
	var set *ir.Set
	switch y := y.(type) {
	case *ast.Set:
		if set = c.set(y, elem); set == nil {
			return nil
		}
	case *ast.PathExpr:
		if l := c.lists[y.Path.String()]; l != nil && c.column(sc, y.Path.Parts[0]) == nil {
			c.useList(y.Loc, l)
			if set = c.listFor(l, elem, y.Loc); set == nil {
				return nil
			}
		}
	default: // reported below
	}
	if set == nil {
		v := c.value(sc, y)
		if v == nil || !c.itemFits(y, &v, elem) {
			return nil
		}
		return []ir.Expr{v}
	}
	out := make([]ir.Expr, len(set.Values))
	for i, v := range set.Values {
		out[i] = &ir.Const{Loc: loc(y), V: v, T: elem}
	}
	return out
}

// itemFits brings one value to the type of the elements.
func (c *checker) itemFits(y ast.Expr, v *ir.Expr, elem value.Type) bool {
	t := (*v).Type()
	if k, ok := (*v).(*ir.Const); ok {
		if elem.Kind == value.Text && t.Kind == value.Text {
			return c.declared(elem, k)
		}
		if conv, ok := c.convertible(k.V, elem); ok {
			*v = &ir.Const{Loc: k.Loc, V: conv, T: elem}
			return true
		}
	}
	if t.Kind == elem.Kind || t.Numeric() && elem.Numeric() {
		return true
	}
	c.diags.Errorf(wrongType, y.Span(), "%s is %s; the elements are %s", format.Expr(y), article(t), article(elem)).Help = "compare elements with a value of their type"
	return false
}

// listFact reports whether a fact is a list attribute of the row, and counts
// the elements for which its condition holds.
func (c *checker) listFact(sc scope, f *ast.Fact) (count ir.Expr, isList bool) {
	if f == nil || f.Path == nil || !c.namesList(sc, f.Path) {
		return nil, false
	}
	x := c.path(sc, f.Path)
	if x == nil {
		return nil, true
	}
	if f.Window != nil || len(f.Steps) > 0 || f.As != nil {
		c.diags.Errorf(badWindow, f.Loc, "%s is a list; its elements have no time", f.Path.String()).Help = "keep only `where`"
		return nil, true
	}
	elem := elementOf(f.Path.String(), *x.Type().Elem)
	out := &ir.ListCount{Loc: loc(f), X: x, Elem: elem}
	if f.Where != nil {
		if out.Where = c.cond(scope{rel: elem, catalog: sc.catalog}, f.Where); out.Where == nil {
			return nil, true
		}
	}
	return out, true
}

// namesList reports whether a path ends in a list attribute.
func (c *checker) namesList(sc scope, p *ast.Path) bool {
	rel := sc.rel
	for _, part := range p.Parts[:len(p.Parts)-1] {
		l := rel.Lookup(part.Name)
		if l == nil {
			return false
		}
		rel = l.To
	}
	col := rel.Column(p.Parts[len(p.Parts)-1].Name)
	return col != nil && col.Type.Kind == value.List
}

// elementOf is the scope of one element: the fields of a record, or the
// element of a plain list under the name `item`.
func elementOf(name string, t value.Type) *ir.Relation {
	rel := &ir.Relation{Name: name, Record: t.Kind == value.Record}
	if !rel.Record {
		rel.Columns = []*ir.ColumnDef{{Name: "item", Type: t}}
		return rel
	}
	for _, f := range t.Fields {
		rel.Columns = append(rel.Columns, &ir.ColumnDef{Name: f.Name, Type: f.Type})
	}
	return rel
}

// listCond is any(LIST …) and none(LIST …); a missing list has no element.
func (c *checker) listCond(n ast.Node, count ir.Expr, some bool) ir.Expr {
	x := ir.Expr(&ir.Cmp{Loc: loc(n), Op: ">=", L: count, R: intConst(n, 1)})
	if !some {
		x = &ir.Not{Loc: loc(n), X: x}
	}
	return x
}

// inList is `x in LIST`, where the list is an attribute of the row.
func (c *checker) inList(e *ast.InName, x, list ir.Expr) ir.Expr {
	if !c.itemFits(e.X, &x, *list.Type().Elem) {
		return nil
	}
	return c.negate(e.Not, e, &ir.Has{Loc: loc(e), X: list, Y: x})
}

// anniversary is `anniversary(date) in WINDOW`.
func (c *checker) anniversary(sc scope, e *ast.InWindow, call *ast.Call) ir.Expr {
	if len(call.Args) != 1 || call.Of != nil {
		c.diags.Errorf(wrongArguments, call.Loc, "anniversary takes one date").Help = "as in anniversary(birthday) in next 7 days"
		return nil
	}
	x := c.value(sc, call.Args[0])
	w := c.window(sc, e.Window)
	if x == nil || w == nil {
		return nil
	}
	if !x.Type().Temporal() {
		c.diags.Errorf(wrongArguments, call.Args[0].Span(), "%s is %s; an anniversary is of a date", format.Expr(call.Args[0]), article(x.Type())).
			Help = "declare the column {type: date} in the catalog"
		return nil
	}
	for _, bound := range []ir.Expr{w.Lo, w.Hi} {
		if bound != nil && dependsOnRow(bound) {
			c.diags.Errorf(badWindow, e.Window.Loc, "the window of an anniversary is the same for everyone").Help = "use dates or durations, as in `in next 7 days`"
			return nil
		}
	}
	day := c.apply(call, fn.Lookup("date"), []ir.Expr{x})
	return c.negate(e.Not, e, &ir.Anniversary{Loc: loc(e), X: day, Window: w})
}

// dependsOnRow reports whether a value is read from a row.
func dependsOnRow(x ir.Expr) bool {
	found := false
	ir.Walk(x, func(e ir.Expr) bool {
		switch e.(type) {
		case *ir.Agg, *ir.Column, *ir.Follow, *ir.PopAgg:
			found = true
		default: // perhaps in a part of it
		}
		return !found
	})
	return found
}

// allOfList is all(LIST have COND): none of the elements fails it.
func (c *checker) allOfList(sc scope, e *ast.AllCall, count ir.Expr) ir.Expr {
	if count == nil {
		return nil
	}
	items := count.(*ir.ListCount)
	have := c.cond(scope{rel: items.Elem, catalog: sc.catalog}, e.Have)
	if have == nil {
		return nil
	}
	fails := ir.Expr(&ir.Not{Loc: loc(e.Have), X: have})
	if items.Where != nil {
		fails = &ir.And{Loc: loc(e), Xs: []ir.Expr{items.Where, fails}}
	}
	return c.listCond(e, &ir.ListCount{Loc: items.Loc, X: items.X, Elem: items.Elem, Where: fails}, false)
}
