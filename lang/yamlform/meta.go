package yamlform

import (
	"slices"

	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
)

// meta reads the keys that all definitions with a body share, in their order
// in the file.
func (r *reader) meta(d def) (out []ast.Meta) {
	for _, e := range d.n.Entries {
		i := slices.IndexFunc(metaKeys, func(k Key) bool { return k.Name == e.Key.Text })
		if i < 0 || e.Value.Kind == yamltree.Null {
			continue
		}
		x := r.metaValue(metaKeys[i], e.Value)
		if x == nil {
			continue
		}
		key := ast.Ident{At: ast.At{Loc: e.Key.Span}, Name: metaKeys[i].Name}
		out = append(out, ast.Meta{At: ast.At{Loc: e.Span().To(x.Span())}, Key: key, Value: x})
	}
	return out
}

// metaValue reads the value of a key by what the key takes; nil after an error.
func (r *reader) metaValue(key Key, n *yamltree.Node) ast.Expr {
	help := "for example `" + key.Name + ": " + key.Form + "`"
	switch form := key.Takes[0]; {
	case form.List != nil:
		if n.Kind != yamltree.List || len(n.Items) == 0 {
			r.shape(n, "a list of texts", help)
			return nil
		}
		set := &ast.Set{At: ast.At{Loc: r.listSpan(n)}}
		for _, item := range n.Items {
			if !r.scalar(item, "a text", help) {
				return nil
			}
			set.Elems = append(set.Elems, textNode(item))
		}
		return set
	case form.Number:
		if !r.scalar(n, "a whole number", help) {
			return nil
		}
		if x, ok := r.literal(n).(*ast.Number); ok {
			return x
		}
		r.diags.Errorf(codeOperand, n.Span, "`%s` is not a whole number", n.Text).Help = help
		return nil
	case form.Pattern != "":
		if !r.scalar(n, "a day", help) {
			return nil
		}
		if x, ok := r.literal(n).(*ast.Date); ok {
			return x
		}
		r.diags.Errorf(codeOperand, n.Span, "`%s` is not a day", n.Text).Help = "write year-month-day, " + help
		return nil
	}
	if !r.scalar(n, "a text", help) {
		return nil
	}
	return textNode(n)
}

// literalType reads the type key of a list or param; "" when there is none.
func (r *reader) literalType(n *yamltree.Node) string {
	if n == nil {
		return ""
	}
	if n.Kind == yamltree.Scalar && slices.Contains(literalTypes, n.Text) {
		return n.Text
	}
	d := r.diags.Errorf(codeOperand, n.Span, "`%s` is not a type of values", n.Span.Text())
	d.Help = "the types are " + enumerate(literalTypes) + "; without one, values are read by their looks"
	meant := diag.Suggest(n.Text, literalTypes)
	if other := map[string]string{"int": "number", "integer": "number", "decimal": "number", "float": "number", "string": "text", "str": "text",
		"boolean": "bool", "datetime": "time", "timestamp": "time"}[n.Text]; other != "" {
		meant = other
	}
	if meant != "" {
		d.Help = "did you mean `" + meant + "`? " + d.Help
		d.Edits = []diag.Edit{{Span: n.Span, Text: meant}}
	}
	return ""
}

// typed reads a literal of a type; without one, by its looks.
func (r *reader) typed(n *yamltree.Node, kind string) ast.Expr {
	if kind == "text" {
		return textNode(n)
	}
	x := r.literal(n)
	if x == nil && kind == "" {
		return textNode(n)
	}
	if kind == "" || kind == literalKind(x) {
		return x
	}
	r.diags.Errorf(codeOperand, n.Span, "`%s` is no literal of the type %s", n.Text, kind).Help = "write for example " + map[string]string{
		"number": "5_000_000 or 20%", "date": "2025-03-08", "time": "2025-03-08T10:30", "bool": "true or false", "duration": "90 days"}[kind]
	return nil
}

// literalKind is the word for the type of a literal, "" for what is none.
func literalKind(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Bool:
		return "bool"
	case *ast.Date:
		return "date"
	case *ast.Duration:
		if !x.Ago {
			return "duration"
		}
	case *ast.Neg, *ast.Number:
		return "number"
	case *ast.Text:
		return "text"
	case *ast.Time:
		return "time"
	default: // no literal
	}
	return ""
}

// listValues reads the values of a named list. Without a type they are read
// by the type of what they are first compared with.
func (r *reader) listValues(n *yamltree.Node, typ *yamltree.Node) *ast.Set {
	if n.Kind != yamltree.List || len(n.Items) == 0 {
		r.shape(n, "a list of values", "write `values: [Hà Nội, Huế]`, or each value on a line of its own after `- `")
		return nil
	}
	kind := r.literalType(typ)
	set := &ast.Set{At: ast.At{Loc: r.listSpan(n)}}
	for _, item := range n.Items {
		if !r.element(item) {
			return nil
		}
		var x ast.Expr = scalarNode(item)
		if kind != "" {
			if x = r.typed(item, kind); x == nil {
				return nil
			}
		}
		set.Elems = append(set.Elems, x)
	}
	return set
}

// element reports an element of a list that is no value.
func (r *reader) element(n *yamltree.Node) bool {
	switch n.Kind {
	case yamltree.Null:
		r.diags.Errorf(codeNull, n.Span, "a list holds values, and null is none").Help = "ask for customers without the value by itself: `is missing`"
	case yamltree.List, yamltree.Map:
		r.shape(n, "a value", "a list holds plain values; text that holds brackets or braces needs quotes")
	case yamltree.Scalar:
		return true
	}
	return false
}

func scalarNode(n *yamltree.Node) *ast.Scalar {
	return &ast.Scalar{At: ast.At{Loc: n.Span}, Text: textOf(n)}
}
