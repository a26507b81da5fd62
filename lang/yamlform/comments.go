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
		if !hasBody(d) {
			continue
		}
		end := len(f.Source.Text)
		if i+1 < len(f.Decls) {
			end = f.Decls[i+1].Span().Start
		}
		extend(f, d, column(root), end)
	}
}

// column where the definitions of a file begin, from 1.
func column(root *yamltree.Node) int {
	if root == nil {
		return 1
	}
	return root.Span.Pos().Column
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
		if c.OwnLine && c.Loc.Pos().Column <= column {
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
