package yamlform

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// embedded hands a scalar to the parser of the language.
func embedded(n *yamltree.Node) syntax.Embedded {
	if start, end, ok := n.Verbatim(); ok {
		return syntax.Embedded{File: n.Span.File, Start: start, End: end}
	}
	text := n.Text
	if !norm.NFC.IsNormalString(text) { // by escapes; then no place inside is exact
		return syntax.Embedded{Text: norm.NFC.String(text), Place: func(int, int) source.Span { return n.Span }}
	}
	return syntax.Embedded{Text: text, Place: n.At}
}

// keep takes over what reading a scalar has found besides the tree, and
// reports whether there were errors.
func (r *reader) keep(n *yamltree.Node, read syntax.Read) (ok bool) {
	r.comments = append(r.comments, read.Comments...)
	if read.Diags.HasErrors() {
		perhapsCut(n, read.Diags)
	}
	r.diags = append(r.diags, read.Diags...)
	return !read.Diags.HasErrors()
}

// keepBare is keep for what stands on one line and cannot hold comments.
func (r *reader) keepBare(n *yamltree.Node, read syntax.Read) (ok bool) {
	if len(read.Comments) > 0 && !read.Diags.HasErrors() {
		d := read.Diags.Errorf(codeShape, read.Comments[0].Loc, "a comment cannot stand inside of this text")
		d.Help = "YAML begins a comment with a blank and #, outside of quotes"
	}
	read.Comments = nil
	return r.keep(n, read)
}

// perhapsCut adds to a syntax error that YAML has ended the text at a comma
// or a comment, if it has.
func perhapsCut(n *yamltree.Node, diags diag.List) {
	rest := strings.TrimLeft(n.Span.File.Text[n.Span.End:], " ")
	if n.Quoted || !strings.HasPrefix(rest, "#") && !(n.Flow && strings.HasPrefix(rest, ",")) {
		return
	}
	d := &diags[0]
	if d.Help != "" {
		d.Help += "; "
	}
	d.Help += "YAML ends the text at the `" + rest[:1] + "` here: put it in single quotes if it goes on"
}

// shape reports a value of the wrong form.
func (r *reader) shape(n *yamltree.Node, want, help string) {
	if n.Kind == yamltree.Null {
		r.diags.Errorf(codeShape, n.Span, "a value is missing, this should be %s", want).Help = help
		return
	}
	r.diags.Errorf(codeShape, n.Span, "this should be %s, it is %s", want, n.Kind).Help = help
}

// scalar reports a value that is not one.
func (r *reader) scalar(n *yamltree.Node, want, help string) bool {
	if n.Kind == yamltree.Scalar {
		return true
	}
	r.shape(n, want, help)
	return false
}

// textOf is a scalar as the text a person reads: in NFC, and without the line
// break with which every block ends.
func textOf(n *yamltree.Node) string {
	s := norm.NFC.String(n.Text)
	if block(n) {
		s = strings.TrimRight(s, "\n")
	}
	return s
}

// block reports a scalar that begins with | or >.
func block(n *yamltree.Node) bool {
	text := n.Span.File.Text
	return n.Quoted && n.Span.Start < len(text) && strings.IndexByte("|>", text[n.Span.Start]) >= 0
}

func textNode(n *yamltree.Node) *ast.Text {
	return &ast.Text{At: ast.At{Loc: n.Span}, Value: textOf(n)}
}

// name reads the name of a definition; it is empty after an error.
func (r *reader) name(n *yamltree.Node, want string) ast.Ident {
	if !r.scalar(n, want, "a name is one word, such as big_spenders; other names stand in backticks: '`Nữ văn phòng`'") {
		return ast.Ident{}
	}
	id, read := embedded(n).Name()
	if !r.keepBare(n, read) || id == nil {
		return ast.Ident{}
	}
	return *id
}

// entity reads an optional `of: ENTITY`.
func (r *reader) entity(n *yamltree.Node) *ast.Ident {
	if n == nil {
		return nil
	}
	id := r.name(n, "the name of an entity")
	return &id
}

// literal reads a scalar by its looks, nil when it looks like a text.
func (r *reader) literal(n *yamltree.Node) ast.Expr {
	x, diags := syntax.Literal(n.Text, n.Span)
	r.diags = append(r.diags, diags...)
	return x
}

func enumerate(words []string) string { return strings.Join(words, ", ") }
