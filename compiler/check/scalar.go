package check

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/syntax"
)

// Scalars of YAML become literals here, by the type they meet, and nowhere
// else: each stands in the tree as the literal that its author would have
// written in a .seg file, and all that follows knows only literals.

// scalar reads e, if it is a scalar of YAML, as a literal of type t. What
// does not fit is read by its looks, so that it is reported as the same
// literal in a .seg file would be.
func (c *checker) scalar(e ast.Expr, t value.Type) ast.Expr {
	s, ok := e.(*ast.Scalar)
	if !ok {
		return e
	}
	switch {
	case t.Kind == value.Text || t.Kind == value.Version:
		return &ast.Text{At: s.At, Value: s.Text}
	case t.Kind == value.Bool || t.Kind == value.Duration || t.Numeric() || t.Temporal():
	default: // no literals are of this type
		return syntax.Guess(s)
	}
	x, diags := syntax.Literal(s.Text, s.Loc)
	c.diags = append(c.diags, diags...)
	if !literalOf(x, t) {
		c.noLiteralOf(s, t)
		return nil
	}
	return x
}

// literalOf reports whether a literal can be compared with values of a type;
// dates and times among each other are for the comparison to report.
func literalOf(x ast.Expr, t value.Type) bool {
	switch x := x.(type) {
	case *ast.Bool:
		return t.Kind == value.Bool
	case *ast.Date, *ast.Time, *ast.Word:
		return t.Temporal()
	case *ast.Duration:
		return x.Ago && t.Temporal() || !x.Ago && t.Kind == value.Duration
	case *ast.Neg, *ast.Number:
		return t.Numeric()
	default: // none
	}
	return false
}

func (c *checker) noLiteralOf(s *ast.Scalar, t value.Type) {
	d := c.diags.Errorf(wrongType, s.Loc, "%q is compared with %s and is none", s.Text, article(t))
	switch {
	case t.Kind == value.Bool:
		d.Message = fmt.Sprintf("%q is not true or false", s.Text)
		d.Help = "write true or false"
		if meant := map[string]string{"yes": "true", "y": "true", "on": "true", "1": "true", "no": "false", "n": "false", "off": "false", "0": "false"}[strings.ToLower(s.Text)]; meant != "" {
			d.Edits = []diag.Edit{{Span: s.Loc, Text: meant}}
		}
	case t.Kind == value.Duration:
		d.Help = "write a number and a unit, as in 30 days"
	case t.Numeric():
		d.Help = "write digits, as in 5_000_000 or 0.5; to compare with a param or another value write the whole condition as a text"
	default:
		d.Help = "write a day, as in 2025-03-08, or a time, as in 2025-03-08T10:30"
	}
}

// settle reads the scalar at a place of the tree. Trees without scalars are
// never written to, so that several checks may share them.
func (c *checker) settle(e *ast.Expr, t value.Type) {
	if _, ok := (*e).(*ast.Scalar); ok {
		*e = c.scalar(*e, t)
	}
}

func (c *checker) settleBounds(e *ast.Between, t value.Type) {
	for _, b := range []*ast.Expr{&e.Lo, &e.Hi} {
		if _, ok := (*b).(*ast.Scalar); ok {
			*b = c.bound(*b, t)
		}
	}
}

// bound does the same for a bound of between, which may be a year.
func (c *checker) bound(e ast.Expr, t value.Type) ast.Expr {
	if s, ok := e.(*ast.Scalar); ok && t.Temporal() {
		if n, isNumber := syntax.Guess(s).(*ast.Number); isNumber && yearOf(n) > 0 {
			return n
		}
	}
	return c.scalar(e, t)
}

// scalars does the same for the elements of a set.
func (c *checker) scalars(set *ast.Set, t value.Type) {
	if set == nil {
		return
	}
	if !hasScalars(set) {
		return
	}
	for i, e := range set.Elems {
		set.Elems[i] = c.scalar(e, t)
	}
}

// hasScalars reports a set whose elements no type has been found for yet.
func hasScalars(set *ast.Set) bool {
	if set == nil || len(set.Elems) == 0 {
		return false
	}
	_, ok := set.Elems[0].(*ast.Scalar)
	return ok
}
