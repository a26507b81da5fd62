package check

import (
	"math/big"

	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/format"
)

// within is `place within 10 km of place`.
func (c *checker) within(sc scope, e *ast.Within) ir.Expr {
	if e.Distance == nil || e.Distance.Number == nil {
		return nil
	}
	if e.Distance.Unit != "m" && e.Distance.Unit != "km" {
		c.diags.Errorf(badUnit, e.Distance.Loc, "%s is a time, not a distance", e.Distance.Loc.Text()).Help = "write metres or kilometres, as in `within 10 km of`"
		return nil
	}
	k := c.number(e.Distance.Number)
	a, b := c.place(sc, e.X), c.place(sc, e.Of)
	if k == nil || a == nil || b == nil {
		return nil
	}
	km := value.ToFloat(k.V)
	if e.Distance.Unit == "m" {
		km = value.Div(k.V, value.NewInt(1000)).F
	}
	float := value.Of(value.Float)
	distance := &ir.Call{Loc: loc(e), Fn: fn.Distance, Args: append(a, b...), T: float}
	return c.negate(e.Not, e, &ir.Cmp{Loc: loc(e), Op: "<=", L: distance, R: &ir.Const{Loc: loc(e.Distance), V: value.NewFloat(km), T: float}})
}

// place gives latitude and longitude, in degrees, of an attribute or point.
func (c *checker) place(sc scope, e ast.Expr) []ir.Expr {
	switch e := e.(type) {
	case *ast.Call:
		if e.Name.Name == "point" {
			return c.point(sc, e)
		}
	case *ast.Paren:
		return c.place(sc, e.X)
	default: // a value, which must be a place
	}
	x := c.value(sc, e)
	if x == nil {
		return nil
	}
	if x.Type().Kind != value.Place {
		c.diags.Errorf(wrongType, e.Span(), "%s is %s; a place is needed here", format.Expr(e), article(x.Type())).
			Help = "declare it in the catalog: {type: place, lat: COLUMN, lon: COLUMN}, or write point(21.0285, 105.8542)"
		return nil
	}
	return coordinates(x)
}

// coordinates are the two numbers a place is kept as.
func coordinates(x ir.Expr) []ir.Expr {
	switch x := x.(type) {
	case *ir.Column:
		return []ir.Expr{&ir.Column{Loc: x.Loc, Col: x.Col.LatCol}, &ir.Column{Loc: x.Loc, Col: x.Col.LonCol}}
	case *ir.Earlier:
		in := coordinates(x.X)
		return []ir.Expr{&ir.Earlier{Loc: x.Loc, Row: x.Row, Rel: x.Rel, X: in[0]}, &ir.Earlier{Loc: x.Loc, Row: x.Row, Rel: x.Rel, X: in[1]}}
	default: // a place is a column, here or elsewhere
		f := x.(*ir.Follow)
		in := coordinates(f.X)
		return []ir.Expr{&ir.Follow{Loc: f.Loc, By: f.By, X: in[0]}, &ir.Follow{Loc: f.Loc, By: f.By, X: in[1]}}
	}
}

// point is point(latitude, longitude).
func (c *checker) point(sc scope, e *ast.Call) []ir.Expr {
	if len(e.Args) != 2 || e.Of != nil {
		c.diags.Errorf(wrongArguments, e.Loc, "point takes a latitude and a longitude in degrees").Help = "as in point(21.0285, 105.8542)"
		return nil
	}
	out := make([]ir.Expr, 2)
	for i, most := range []int64{90, 180} {
		x := c.value(sc, e.Args[i])
		if x == nil {
			return nil
		}
		if !x.Type().Numeric() {
			c.diags.Errorf(wrongType, e.Args[i].Span(), "%s is %s; degrees are a number", format.Expr(e.Args[i]), article(x.Type())).Help = "as in point(21.0285, 105.8542)"
			return nil
		}
		if v, ok := constNumber(x); ok && new(big.Rat).Abs(v).Cmp(big.NewRat(most, 1)) > 0 {
			d := c.diags.Errorf(wrongArguments, e.Args[i].Span(), "%s is outside -%d to %d", format.Expr(e.Args[i]), most, most)
			d.Help = "latitude comes first, from -90 (south) to 90; then longitude, from -180 to 180"
			return nil
		}
		if x.Type().Kind != value.Float {
			x = toFloat(x)
		}
		out[i] = x
	}
	return out
}

// constNumber is the value of a literal, or of a negated one.
func constNumber(x ir.Expr) (*big.Rat, bool) {
	switch x := x.(type) {
	case *ir.Const:
		return new(big.Rat).SetString(x.V.String())
	case *ir.Neg:
		v, ok := constNumber(x.X)
		if ok {
			v = new(big.Rat).Neg(v)
		}
		return v, ok
	default:
		return nil, false
	}
}

// knownPlace: a place is known when both its numbers are.
func knownPlace(l ir.Loc, x ir.Expr, missing bool) ir.Expr {
	in := coordinates(x)
	if missing {
		return &ir.Or{Loc: l, Xs: []ir.Expr{&ir.Known{Loc: l, X: in[0], Missing: true}, &ir.Known{Loc: l, X: in[1], Missing: true}}}
	}
	return &ir.And{Loc: l, Xs: []ir.Expr{&ir.Known{Loc: l, X: in[0]}, &ir.Known{Loc: l, X: in[1]}}}
}
