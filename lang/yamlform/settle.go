package yamlform

import (
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/syntax"
)

// Settle reads the scalars that are left in a tree by their looks, as nothing
// has said of what type they are, and gives those for which that is a guess:
// they look like a number, a date, true or false, and may be meant as text.
func Settle(f *ast.File) (guessed []*ast.Scalar) {
	s := &settler{}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.List:
			s.set(d.Set)
		case *ast.Segment:
			s.expr(d.Where)
			for _, e := range d.Expects {
				s.expr(e.Check)
			}
		case *ast.Split:
			for _, b := range d.Branches {
				s.expr(b.When)
			}
		case *ast.Holdout, *ast.Param, *ast.RFM, *ast.Trait:
		}
	}
	return s.guessed
}

type settler struct{ guessed []*ast.Scalar }

// expr walks as far as the structure of YAML goes; texts hold no scalars.
func (s *settler) expr(x ast.Expr) {
	switch x := x.(type) {
	case *ast.Between:
		x.Lo, x.Hi = s.literal(x.Lo), s.literal(x.Hi)
	case *ast.Compare:
		x.R = s.literal(x.R)
	case *ast.Has:
		if set, ok := x.Y.(*ast.Set); ok {
			s.set(set)
		} else {
			x.Y = s.literal(x.Y)
		}
	case *ast.InSet:
		s.set(x.Set)
	case *ast.Logic:
		for _, o := range x.Operands {
			s.expr(o)
		}
	case *ast.Not:
		s.expr(x.X)
	case *ast.Paren:
		s.expr(x.X)
	default: // holds none
	}
}

func (s *settler) literal(x ast.Expr) ast.Expr {
	scalar, ok := x.(*ast.Scalar)
	if !ok {
		return x
	}
	y := syntax.Guess(scalar)
	if _, isText := y.(*ast.Text); !isText {
		s.guessed = append(s.guessed, scalar)
	}
	return y
}

func (s *settler) set(set *ast.Set) {
	if set == nil {
		return
	}
	before := append([]ast.Expr{}, set.Elems...)
	syntax.GuessSet(set)
	for i, e := range set.Elems {
		scalar, ok := before[i].(*ast.Scalar)
		if _, isText := e.(*ast.Text); ok && !isText {
			s.guessed = append(s.guessed, scalar)
		}
	}
}
