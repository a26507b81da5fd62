package check

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// notes says what a reader may overlook in a correct definition.
func (c *checker) notes() {
	for _, w := range c.written {
		if w.x != nil {
			c.negations(w.x, alsoKnown(nil, w.beside), false)
			c.misread(w.x, w.beside, false)
		}
	}
}

// negations notes each negation that also takes in rows without the value.
// known are the keys of values that a condition beside it requires known; neg
// says that e stands under an odd number of `not`.
func (c *checker) negations(e ir.Expr, known map[string]bool, neg bool) {
	switch e := e.(type) {
	case *ir.And:
		if !neg {
			known = alsoKnown(known, e.Xs)
		}
		for _, x := range e.Xs {
			c.negations(x, known, neg)
		}
	case *ir.Cmp, *ir.InRange, *ir.InSet, *ir.Match, *ir.TextMatch, *ir.Truth:
		if neg {
			c.negation(e, known)
		}
	case *ir.Not:
		c.negations(e.X, known, !neg)
	case *ir.Or:
		for _, x := range e.Xs {
			c.negations(x, known, neg)
		}
	default: // never missing
	}
}

func alsoKnown(known map[string]bool, xs []ir.Expr) map[string]bool {
	out := map[string]bool{}
	for k := range known {
		out[k] = true
	}
	for _, x := range xs {
		addKnown(out, x, false)
	}
	return out
}

// addKnown adds the values that must be known for x to hold; with neg, for it
// not to hold. A place is known when both its numbers are.
func addKnown(known map[string]bool, x ir.Expr, neg bool) {
	switch x := x.(type) {
	case *ir.And:
		for _, y := range x.Xs {
			if !neg {
				addKnown(known, y, neg)
			}
		}
	case *ir.Known:
		if x.Missing == neg {
			known[ir.Key(x.X)] = true
		}
	case *ir.Not:
		addKnown(known, x.X, !neg)
	case *ir.Or:
		for _, y := range x.Xs {
			if neg {
				addKnown(known, y, neg)
			}
		}
	default: // holds of what is missing, or says nothing of it
	}
}

// negation notes the attributes in a negated atom that may be missing.
func (c *checker) negation(atom ir.Expr, known map[string]bool) {
	for _, v := range ir.Children(atom) {
		if !ir.Nullable(v) {
			continue // as coalesce(city, "") never is
		}
		for _, x := range attributes(v) {
			if known[ir.Key(x)] || known[ir.Key(v)] || !ir.Nullable(x) {
				continue
			}
			name := x.Span().Text()
			c.diags.Notef(negationTakesMissing, atom.Span(), "this also takes in rows whose %s is missing", name).
				Help = "if they should stay out, add `and " + name + " is known`"
		}
	}
}

// attributes are the columns a value is made of, and what aggregates of no
// rows leave missing; each is what `is known` can be asked of.
func attributes(v ir.Expr) []ir.Expr {
	switch v := v.(type) {
	case *ir.Column, *ir.Follow, *ir.Field:
		return []ir.Expr{v}
	case *ir.Agg, *ir.Trait:
		if ir.Nullable(v) && v.Type().Kind != value.Missing {
			return []ir.Expr{v}
		}
		return nil
	case *ir.Case, *ir.Bucket, *ir.PopAgg:
		return nil
	default: // as its parts are, below
	}
	var out []ir.Expr
	for _, x := range ir.Children(v) {
		out = append(out, attributes(x)...)
	}
	return out
}
