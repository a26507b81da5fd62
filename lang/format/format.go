// Package format writes a syntax tree as canonical text. The layout depends
// on the tree, the comments and a width of 100 columns, and on nothing else
// an author did, but for blank lines between declarations that take one line
// each and around comments outside of declarations: these group things, and
// stay (at most one).
//
// A condition stands on one line when it fits; else every `and` or `or` of
// its level begins a line. The same holds for the elements of a set, the
// branches of a case and the parts of a fact. Nothing is aligned in columns,
// so that a change touches only the lines it means.
//
// Comments keep their order and their kind, on a line of their own or at the
// end of one. A comment in the middle of something that is never broken
// moves to the next place where a line may break.
package format

import (
	"strings"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// Format gives the canonical text of a file. A file with syntax errors comes
// back as it was, for something of it may be missing in the tree.
func Format(f *ast.File) string {
	if f.Broken {
		return f.Source.Text
	}
	w := &writer{comments: f.Comments}
	if f.Source != nil {
		w.text = f.Source.Text
	}
	return render(w.file(f), width)
}

// Source formats a source file; the text is "" when there are errors.
func Source(file *source.File) (string, diag.List) {
	tree, diags := syntax.Parse(file)
	if diags.HasErrors() {
		return "", diags
	}
	return Format(tree), diags
}

// Expr writes an expression on one line, as messages show it.
func Expr(x ast.Expr) string {
	return render((&writer{}).expr(x, levelLogic), 1<<30)
}

// Embedded lays out an expression for a text of its own inside another file,
// and the first of the comments, as many as stand before places of it where a
// line may break. It says how many these are.
func Embedded(x ast.Expr, comments []ast.Comment, width int) (text string, used int) {
	w := &writer{comments: comments}
	text = render(w.expr(x, levelLogic), width)
	return text, w.next
}

// EmbeddedRFM does the same for what follows the `=` of an rfm.
func EmbeddedRFM(d *ast.RFM, comments []ast.Comment, width int) (out string, used int) {
	w := &writer{comments: comments}
	out = render(group(w.expr(d.Value, levelSum), text(" of "), w.fact(d.Fact)), width)
	return out, w.next
}

// Name writes a name, with backticks where it needs them or has them.
func Name(id ast.Ident) string { return name(id) }

// Fact writes `sales in last 30 days where …` on one line.
func Fact(f *ast.Fact) string { return render((&writer{}).fact(f), 1<<30) }

// Window writes `in last 30 days`.
func Window(win *ast.Window) string { return render((&writer{}).window(win), 1<<30) }

// Path writes a dotted name, with backticks where they are needed.
func Path(p *ast.Path) string { return path(p) }

// writer turns a tree into a layout and places the comments.
type writer struct {
	text     string // of the file, to see its blank lines; "" when there is none
	comments []ast.Comment
	next     int // of the comments, the first not yet written
}

// take gives the comments that stand before an offset and are not written.
func (w *writer) take(before int) []ast.Comment {
	from := w.next
	for w.next < len(w.comments) && w.comments[w.next].Loc.Start < before {
		w.next++
	}
	return w.comments[from:w.next]
}

// brk is a place where a line may break, before what begins at offset start.
// Comments that stand before it force the break.
func (w *writer) brk(kind docKind, start int) doc {
	comments := w.take(start)
	if len(comments) == 0 {
		return doc{kind: kind, must: kind == hardLine || kind == blankLine}
	}
	var out []doc
	if !comments[0].OwnLine {
		out = append(out, suffix(comments[0].Text))
		comments = comments[1:]
	}
	if kind == blankLine && len(comments) > 0 {
		out = append(out, doc{kind: blankLine, must: true}, text(comments[0].Text))
		comments = comments[1:]
		kind = hardLine
	}
	for _, c := range comments {
		out = append(out, hard(), text(c.Text))
	}
	if kind == blankLine {
		return cat(append(out, doc{kind: blankLine, must: true})...)
	}
	return cat(append(out, hard())...)
}

// file lays out the declarations, each with the comments before it.
func (w *writer) file(f *ast.File) doc {
	var out []doc
	var last ast.Decl
	end := 0 // of what was written last
	for _, d := range f.Decls {
		start := d.Span().Start
		out = append(out, w.between(last, d, end, start)...)
		out = append(out, w.decl(d))
		last, end = d, d.Span().End
	}
	out = append(out, w.between(last, nil, end, len(w.text)+1)...)
	if len(out) == 0 {
		return text("")
	}
	return cat(append(out, hard())...)
}

// between lays out the comments and blank lines between two declarations,
// up to the start of the second; a nil declaration is the file's edge.
func (w *writer) between(last, next ast.Decl, end, start int) (out []doc) {
	comments := w.take(start)
	blank := last != nil && next != nil && !(oneLine(last) && oneLine(next))
	first := last == nil
	if len(comments) > 0 && !comments[0].OwnLine && last != nil {
		out = append(out, suffix(comments[0].Text))
		end = comments[0].Loc.End
		comments = comments[1:]
	}
	separate := func(to int) {
		switch {
		case first:
		case blank || w.blankIn(end, to):
			out = append(out, doc{kind: blankLine, must: true})
		default:
			out = append(out, hard())
		}
		first = false
	}
	if len(comments) > 0 && last != nil && next == nil && !oneLine(last) {
		blank = true
	}
	for _, c := range comments {
		separate(c.Loc.Start)
		out = append(out, text(c.Text))
		end, blank = c.Loc.End, false
	}
	if next != nil {
		separate(start)
	}
	return out
}

// blankIn tells whether the author left a line blank between two offsets.
func (w *writer) blankIn(from, to int) bool {
	if to > len(w.text) || from > to {
		return false
	}
	lines := strings.Split(w.text[from:to], "\n")
	for i := 1; i < len(lines)-1; i++ {
		if strings.TrimSpace(lines[i]) == "" {
			return true
		}
	}
	return false
}

// oneLine tells the kinds that may stand together without blank lines.
func oneLine(d ast.Decl) bool {
	switch d.(type) {
	case *ast.Holdout, *ast.Segment, *ast.Split:
		return false
	case *ast.List, *ast.Param, *ast.RFM, *ast.Trait:
		return true
	}
	panic("format: unknown declaration")
}
