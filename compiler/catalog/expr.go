package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// parseExpr hands a scalar to the parser of the language, with exact spans
// also where escapes or folded lines stand between the two.
func parseExpr(v *yamltree.Node) (ast.Expr, diag.List) {
	if start, end, ok := v.Verbatim(); ok {
		return syntax.ParseExpr(v.Span.File, start, end)
	}
	return syntax.ParseExprText(v.Text, v.At)
}

// expr reads an expression; nil after an error.
func (r *reader) expr(v *yamltree.Node) ast.Expr {
	if v.Kind != yamltree.Scalar {
		d := r.shape(v, "an expression")
		if v.Kind != yamltree.Null {
			d.Help = "write it as text, in quotes where it begins with a bracket or a quote"
		}
		return nil
	}
	x, diags := parseExpr(v)
	for i := range diags {
		diags[i].Edits = editsFor(v, diags[i].Edits)
	}
	r.diags = append(r.diags, diags...)
	if diags.HasErrors() {
		r.perhapsCut(v, len(r.diags)-len(diags))
		return nil
	}
	return x
}

// perhapsCut adds to the syntax errors since before that YAML has ended the
// text at a comma or a comment, if it has.
func (r *reader) perhapsCut(v *yamltree.Node, before int) {
	rest := strings.TrimLeft(v.Span.File.Text[v.Span.End:], " ")
	if v.Quoted || !strings.HasPrefix(rest, "#") && !(v.Flow && strings.HasPrefix(rest, ",")) {
		return
	}
	d := &r.diags[before]
	if d.Help != "" {
		d.Help += "; "
	}
	d.Help += fmt.Sprintf("YAML ends the text at the %q here: put it in single quotes if it goes on", rest[:1])
}

// editsFor keeps the edits that leave the YAML around them whole.
func editsFor(v *yamltree.Node, edits []diag.Edit) []diag.Edit {
	breaking := "#\n"
	switch _, _, verbatim := v.Verbatim(); {
	case !verbatim:
		return nil
	case v.Quoted:
		breaking = "\"'\\\n"
	case v.Flow:
		breaking = "#\n:,[]{}"
	}
	for _, e := range edits {
		first := !v.Quoted && e.Span.Start == v.Span.Start
		if strings.ContainsAny(e.Text, breaking) || strings.Contains(e.Text, ": ") ||
			first && strings.IndexAny(e.Text, "\"'`[{&*!|>%@") == 0 {
			return nil
		}
	}
	return edits
}

// cell reads a column or an expression: `by: customer_id`, `by: lower(code)`,
// `by: {column: "Customer ID"}`; nil after an error.
func (r *reader) cell(v *yamltree.Node, what string) *Cell {
	switch {
	case v.Kind == yamltree.Map:
		var name Name
		r.entries(v, cellKeys, func(_ string, v *yamltree.Node) { name = r.text(v, "the name of a column") })
		if name.IsZero() || !r.columnName(name) {
			return nil
		}
		return columnCell(name, true)
	case v.Kind != yamltree.Scalar:
		r.shape(v, what)
		return nil
	case isIdent(v.Text) && !isWord(v.Text):
		return columnCell(nameOf(v), false)
	}
	before := len(r.diags)
	x := r.expr(v)
	if x == nil {
		r.perhapsColumn(v, before)
		return nil
	}
	c := &Cell{Span: v.Span, Expr: x}
	if p, ok := x.(*ast.PathExpr); ok && len(p.Path.Parts) == 1 {
		c.Column = p.Path.Parts[0].Name
	}
	return c
}

// isWord reports whether a lone name is a value of the language.
func isWord(name string) bool {
	switch name {
	case "as_of", "today", "yesterday", "tomorrow", "true", "false":
		return true
	}
	return false
}

func columnCell(name Name, quoted bool) *Cell {
	return &Cell{Span: name.Span, Column: name.Text, Expr: columnPath(name, quoted)}
}

// columnPath is the expression that reads a column.
func columnPath(name Name, quoted bool) ast.Expr {
	at := ast.At{Loc: name.Span}
	return &ast.PathExpr{At: at, Path: &ast.Path{At: at, Parts: []ast.Ident{{At: at, Name: name.Text, Quoted: quoted}}}}
}

var looksLikeColumn = regexp.MustCompile(`^[\pL_][\pL\pM\pN _./?-]*$`)

// perhapsColumn puts an error of its own in place of the syntax errors since
// before, where the text is the name of a column with blanks in it.
func (r *reader) perhapsColumn(v *yamltree.Node, before int) {
	if !looksLikeColumn.MatchString(v.Text) || slices.ContainsFunc(strings.Fields(v.Text), syntax.Reserved) {
		return
	}
	form := fmt.Sprintf("{column: %q}", v.Text)
	r.diags = r.diags[:before]
	d := r.diags.Errorf(codeShape, v.Span, "`%s` is not an expression", v.Text)
	d.Help = fmt.Sprintf("if it is the name of a column, write `%s`", form)
	d.Edits = []diag.Edit{{Span: v.Span, Text: form}}
}

var firstBy = regexp.MustCompile(`^first\s+by\s+(\S.*)$`)

// duplicates reads `first by COLUMN`.
func (r *reader) duplicates(v *yamltree.Node) *Duplicates {
	text := r.text(v, "`first by COLUMN`")
	if text.IsZero() {
		return nil
	}
	m := firstBy.FindStringSubmatchIndex(text.Text)
	if m == nil {
		d := r.diags.Errorf(codeChoice, v.Span, "`%s` does not say which row stays", text.Text)
		d.Help = "write `first by COLUMN`; the row with the smallest value of the column stays"
		return nil
	}
	by := Name{Text: text.Text[m[2]:m[3]], Span: v.At(m[2], m[3])}
	if isIdent(by.Text) {
		return &Duplicates{Span: v.Span, By: columnCell(by, false)}
	}
	if name, ok := backticked(by.Text); ok {
		by.Text = name
		return &Duplicates{Span: v.Span, By: columnCell(by, true)}
	}
	x, diags := syntax.ParseExprText(by.Text, func(start, end int) source.Span { return v.At(m[2]+start, m[2]+end) })
	r.diags = append(r.diags, diags...)
	if diags.HasErrors() || x == nil {
		return nil
	}
	return &Duplicates{Span: v.Span, By: &Cell{Span: by.Span, Expr: x}}
}

// backticked takes a name out of backticks, a doubled one standing for itself.
func backticked(text string) (string, bool) {
	if len(text) < 3 || text[0] != '`' || text[len(text)-1] != '`' {
		return "", false
	}
	inner := text[1 : len(text)-1]
	if strings.Contains(strings.ReplaceAll(inner, "``", ""), "`") {
		return "", false
	}
	return strings.ReplaceAll(inner, "``", "`"), true
}
