package yamlform

import (
	"strings"

	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
)

// A .seg file has three places for a comment at the end of a definition with
// a body: behind its last line, on lines of their own before the closing
// brace, and behind the brace. In YAML these are a comment behind the last
// line, comments further in than the definition begins, and the comment on
// the very next line where the definition begins. placeComments tells them
// apart: the first two lie inside the definition's span, the third becomes a
// comment at the end of a line.
func placeComments(root *yamltree.Node, f *ast.File) {
	for i, d := range f.Decls {
		end := len(f.Source.Text)
		if i+1 < len(f.Decls) {
			end = f.Decls[i+1].Span().Start
		}
		if !hasBody(d) {
			nameComment(f, d, root)
			continue
		}
		column := d.Span().Pos().Column
		if root.Kind == yamltree.Map { // what begins where the keys do stands outside
			column++
		}
		extend(f, d, column, end)
	}
}

// listSpan is the span of a list. One that ends without a bracket takes in the
// comments behind and below its last element, as a bracket would.
func (r *reader) listSpan(n *yamltree.Node) source.Span {
	span := n.Span
	if n.Flow {
		return span
	}
	column := span.Pos().Column
	for _, c := range r.yaml {
		if c.Loc.Start < span.End {
			continue
		}
		if lineBreaks(r.file, span.End, c.Loc.Start) > 0 && (!c.OwnLine || c.Loc.Pos().Column < column) ||
			strings.TrimSpace(r.file.Text[span.End:c.Loc.Start]) != "" {
			break
		}
		span.End = c.Loc.End
	}
	return span
}

// nameComment puts the comment behind the name of a definition without a body
// behind all of it, where it stands in a .seg file.
func nameComment(f *ast.File, d ast.Decl, root *yamltree.Node) {
	start, end := d.Span().Start, d.Span().End
	line := strings.IndexByte(f.Source.Text[start:], '\n')
	for i := range f.Comments {
		c := f.Comments[i]
		if c.OwnLine || c.Loc.Start < d.DeclName().Loc.End || c.Loc.End > start+line || c.Loc.End > end || inText(root, c) {
			continue
		}
		c.Loc.Start, c.Loc.End = end, end
		j := i
		for ; j+1 < len(f.Comments) && f.Comments[j+1].Loc.Start < end; j++ {
			f.Comments[j] = f.Comments[j+1]
		}
		f.Comments[j] = c
		return
	}
}

// inText reports a comment inside of a text in the language.
func inText(n *yamltree.Node, c ast.Comment) bool {
	if n.Kind == yamltree.Scalar {
		return n.Span.Start < c.Loc.Start && c.Loc.End <= n.Span.End && !block(n)
	}
	for _, e := range n.Entries {
		if inText(e.Key, c) || inText(e.Value, c) {
			return true
		}
	}
	for _, item := range n.Items {
		if inText(item, c) {
			return true
		}
	}
	return false
}

// hasBody tells the definitions that have braces in a .seg file.
func hasBody(d ast.Decl) bool {
	switch d.(type) {
	case *ast.Holdout, *ast.Segment, *ast.Split:
		return true
	case *ast.List, *ast.Param, *ast.RFM, *ast.Trait:
		return false
	}
	panic("yamlform: unknown declaration")
}

// extend takes the comments that belong to d into its span, up to end.
func extend(f *ast.File, d ast.Decl, column, end int) {
	last := d.Span().End
	for i := range f.Comments {
		c := &f.Comments[i]
		if c.Loc.Start < last || c.Loc.Start >= end {
			continue
		}
		if c.OwnLine && c.Loc.Pos().Column < column {
			if lineBreaks(f.Source, last, c.Loc.Start) == 1 {
				c.OwnLine = false
			}
			break
		}
		last = c.Loc.End
	}
	switch d := d.(type) {
	case *ast.Holdout:
		d.Loc.End = last
	case *ast.Segment:
		d.Loc.End = last
	case *ast.Split:
		d.Loc.End = last
	case *ast.List, *ast.Param, *ast.RFM, *ast.Trait:
		panic("yamlform: a definition without a body")
	}
}

func lineBreaks(f *source.File, from, to int) int { return strings.Count(f.Text[from:to], "\n") }
