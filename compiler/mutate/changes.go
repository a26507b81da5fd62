package mutate

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// site is a node and where it stands.
type site struct {
	x, parent ir.Expr
	def       definition
}

// one is one change of a node.
type one struct {
	text  string
	build func(ir.Expr) ir.Expr
	at    ir.Expr // what is changed, when not the node
}

func not(x ir.Expr) ir.Expr { return &ir.Not{Loc: ir.Loc{At: x.Span()}, X: x} }

// changes are what might be written instead of a node by mistake.
func changes(s site) []one {
	switch x := s.x.(type) {
	case *ir.Agg:
		return append(aggregate(x), window(x.Window, func(y ir.Expr, w *ir.Window) ir.Expr {
			c := *y.(*ir.Agg)
			c.Window = w
			return &c
		}, func(y ir.Expr) *ir.Window { return y.(*ir.Agg).Window })...)
	case *ir.And:
		return s.joined(x.Xs, "and", "or")
	case *ir.Anniversary:
		return append(s.negated(), window(x.Window, func(y ir.Expr, w *ir.Window) ir.Expr {
			c := *y.(*ir.Anniversary)
			c.Window = w
			return &c
		}, func(y ir.Expr) *ir.Window { return y.(*ir.Anniversary).Window })...)
	case *ir.Arith:
		return arithmetic(x)
	case *ir.Case:
		return cases(x)
	case *ir.Cmp:
		return s.comparison(x)
	case *ir.Has, *ir.InSet, *ir.Known, *ir.Match, *ir.Member, *ir.Seq, *ir.Truth:
		out := s.negated()
		if seq, ok := s.x.(*ir.Seq); ok {
			out = append(out, sequence(seq)...)
		}
		return out
	case *ir.History:
		return append(append(s.negated(), one{text: "`entered` and `left` change places", build: func(y ir.Expr) ir.Expr {
			c := *y.(*ir.History)
			c.Left = !c.Left
			return &c
		}}), window(x.Window, func(y ir.Expr, w *ir.Window) ir.Expr {
			c := *y.(*ir.History)
			c.Window = w
			return &c
		}, func(y ir.Expr) *ir.Window { return y.(*ir.History).Window })...)
	case *ir.InRange:
		return append(s.negated(), window(x.Window, func(y ir.Expr, w *ir.Window) ir.Expr {
			c := *y.(*ir.InRange)
			c.Window = w
			return &c
		}, func(y ir.Expr) *ir.Window { return y.(*ir.InRange).Window })...)
	case *ir.ListCount:
		if x.Where == nil {
			return nil
		}
		return []one{{text: "the condition on its elements is dropped", build: func(y ir.Expr) ir.Expr {
			c := *y.(*ir.ListCount)
			c.Where = nil
			return &c
		}}}
	case *ir.Not:
		if s.made() {
			return nil
		}
		return []one{{text: "`not` is dropped", build: func(y ir.Expr) ir.Expr { return y.(*ir.Not).X }}}
	case *ir.Or:
		return s.joined(x.Xs, "or", "and")
	case *ir.PopAgg, *ir.Rank:
		return population(s.x)
	case *ir.TextMatch:
		return append(s.negated(), textMatch(x)...)
	default:
		return nil
	}
}

// made reports a `not` that the checker made: of the branches before one of a
// split, or of `!=` and the like, which the condition inside stands for.
func (s site) made() bool {
	n, ok := s.x.(*ir.Not)
	return ok && s.def.segment != nil && s.def.segment.Split != "" && s.parent == s.def.segment.Where && n.Span() == n.X.Span()
}

// negated turns a condition round, unless it stands in a `not`, of which that
// would be the same change.
func (s site) negated() []one {
	if _, ok := s.parent.(*ir.Not); ok {
		return nil
	}
	return []one{{text: "it is negated", build: not}}
}

// joined changes an and or an or.
func (s site) joined(xs []ir.Expr, word, other string) []one {
	branch := s.def.segment != nil && s.def.segment.Split != "" && s.parent == nil
	var out []one
	for i, x := range xs {
		text := "this condition is dropped"
		if n, ok := x.(*ir.Not); ok && branch && n.Span() == n.X.Span() {
			text = "who is in this earlier branch may be in `" + s.def.segment.Name + "` too"
		}
		if len(xs) < 2 {
			break
		}
		out = append(out, one{text: text, at: x, build: func(y ir.Expr) ir.Expr {
			switch y := y.(type) {
			case *ir.And:
				return &ir.And{Loc: y.Loc, Xs: slices.Delete(slices.Clone(y.Xs), i, i+1)}
			case *ir.Or:
				return &ir.Or{Loc: y.Loc, Xs: slices.Delete(slices.Clone(y.Xs), i, i+1)}
			default:
				return y
			}
		}})
	}
	if len(xs) < 2 || branch {
		return out
	}
	return append(out, one{text: fmt.Sprintf("`%s` becomes `%s`", word, other), build: func(y ir.Expr) ir.Expr {
		switch y := y.(type) {
		case *ir.And:
			return &ir.Or{Loc: y.Loc, Xs: y.Xs}
		case *ir.Or:
			return &ir.And{Loc: y.Loc, Xs: y.Xs}
		default:
			return y
		}
	}})
}

// comparison changes the operator of a comparison, and the number it compares
// with by one unit as that is written. A change that a test which notices
// another change must notice, too, is left out.
func (s site) comparison(x *ir.Cmp) []one {
	op := func(text, op string) one {
		return one{text: text, build: func(y ir.Expr) ir.Expr {
			return &ir.Cmp{Loc: y.(*ir.Cmp).Loc, Op: op, L: y.(*ir.Cmp).L, R: y.(*ir.Cmp).R}
		}}
	}
	out := s.negated()
	if k := constant(x.R); k != nil && k.Span() == x.Span() { // any, none, all
		switch {
		case x.Op == ">=":
			return append(out, shifted("one row is not enough", 1))
		case x.Op == "=":
			return append(out, one{text: "one row is allowed", build: func(y ir.Expr) ir.Expr {
				c := shift(y.(*ir.Cmp), 1)
				c.Op = "<="
				return c
			}})
		}
		return out
	}
	if !ordered(x.L.Type()) {
		return out
	}
	other := map[string]string{">=": ">", ">": ">=", "<=": "<", "<": "<="}
	if x.Op == "=" {
		return append(out, op("`=` becomes `>=`", ">="), op("`=` becomes `<=`", "<="))
	}
	if c, ok := x.L.(*ir.Call); !ok || c.Fn != fn.Distance { // no row lies on the edge of a circle
		out = append(out, op(fmt.Sprintf("`%s` becomes `%s`", x.Op, other[x.Op]), other[x.Op]))
	}
	if constant(x.R) == nil {
		return out
	}
	switch x.Op {
	case ">=", "<":
		return append(out, shifted("the threshold is one unit lower", -1))
	default:
		return append(out, shifted("the threshold is one unit higher", 1))
	}
}

func ordered(t value.Type) bool { return t.Numeric() || t.Temporal() }

func shifted(text string, by int64) one {
	return one{text: text, build: func(y ir.Expr) ir.Expr { return shift(y.(*ir.Cmp), by) }}
}

// shift moves the constant that a comparison is with.
func shift(c *ir.Cmp, by int64) *ir.Cmp {
	var move func(x ir.Expr) ir.Expr
	move = func(x ir.Expr) ir.Expr {
		if k, ok := x.(*ir.Const); ok {
			return &ir.Const{Loc: k.Loc, V: moved(k.V, k.Span().Text(), by), T: k.T}
		}
		return ir.MapChildren(x, move)
	}
	return &ir.Cmp{Loc: c.Loc, Op: c.Op, L: c.L, R: move(c.R)}
}

// constant is the one constant that a side of a comparison is, perhaps
// converted; nil when it is something else.
func constant(x ir.Expr) *ir.Const {
	switch x := x.(type) {
	case *ir.Const:
		return x
	case *ir.Convert:
		return constant(x.X)
	default:
		return nil
	}
}

// moved is a value some units further: of the last digit that is written, a
// day, or a second.
func moved(v value.Value, written string, by int64) value.Value {
	switch v.Kind {
	case value.Date:
		return value.NewDate(v.I + by)
	case value.Decimal:
		scale := 0
		if _, fraction, point := strings.Cut(written, "."); point {
			scale = min(len(fraction), v.Scale)
		}
		unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(v.Scale-scale)), nil)
		return value.NewDecimal(unit.Mul(unit, big.NewInt(by)).Add(unit, v.D), v.Scale)
	case value.Float:
		unit := 1.0
		if _, fraction, point := strings.Cut(written, "."); point {
			unit = math.Pow10(-len(fraction))
		}
		return value.NewFloat(v.F + float64(by)*unit)
	case value.Int:
		return value.NewInt(v.I + by)
	case value.Time:
		return value.NewTime(v.I + by*1_000_000)
	case value.Wall:
		return value.NewWall(v.I + by*1_000_000)
	default:
		return v
	}
}
