package prove

import (
	"math/big"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// term is a value that atoms speak of: an attribute, a feature, or a value
// worked out from such.
type term struct {
	key    string
	x      ir.Expr
	scope  scope
	typ    value.Type
	known  diagram
	group  int32
	rank   int
	lo, hi *value.Value // declared bounds
	agg    *feature     // of an aggregate
	cuts   []int32      // its atoms of kind atLeast
	points []int32      // its atoms of kind equals
	others []int32      // its atoms of kinds inSet and opaque
}

// feature is an aggregate: op of x over the rows that meet cond.
type feature struct {
	op       ir.AggOp
	distinct bool
	rows     *rows
	cond     diagram
	x        ir.Expr // nil: rows
}

// termOf is the term of an expression without branches.
func (e *engine) termOf(s scope, x ir.Expr) *term {
	switch x := x.(type) {
	case *ir.Agg:
		return e.aggTerm(s, x)
	case *ir.ListCount:
		return e.itemsTerm(s, x)
	default: // named by what it is
	}
	key := s.key() + ir.Key(x)
	if t, ok := e.terms[key]; ok {
		return t
	}
	t := &term{key: key, x: x, scope: s, typ: x.Type(), group: e.group(key)}
	if c, ok := x.(*ir.Column); ok {
		t.lo, t.hi = c.Col.Min, c.Col.Max
	}
	if c, ok := x.(*ir.Call); ok {
		t.lo, t.hi = span(c.Fn)
	}
	e.terms[key] = t
	t.known = e.known(s, x)
	return t
}

// span are the values that a part of a date can have.
func span(fn string) (lo, hi *value.Value) {
	between := func(a, b int64) (*value.Value, *value.Value) {
		x, y := value.NewInt(a), value.NewInt(b)
		return &x, &y
	}
	switch fn {
	case "age":
		return between(0, 9998)
	case "day":
		return between(1, 31)
	case "hour":
		return between(0, 23)
	case "length":
		x := value.NewInt(0)
		return &x, nil
	case "month":
		return between(1, 12)
	case "quarter":
		return between(1, 4)
	case "weekday":
		return between(1, 7)
	case "year":
		return between(1, 9999)
	default:
		return nil, nil
	}
}

// known is the condition that a value is not missing.
func (e *engine) known(s scope, x ir.Expr) diagram {
	switch x := x.(type) {
	case *ir.Const:
		return constant(!x.V.IsMissing())
	case *ir.Column:
		if e.sure[x.Col] {
			return always
		}
		return e.mayMiss(s, x)
	case *ir.Trait:
		return e.known(s, x.X)
	case *ir.Follow:
		return e.and(e.there(s, x.By), e.known(s.along(x.By), x.X))
	case *ir.Case:
		return e.branches(s, x, e.known)
	case *ir.Agg:
		return e.aggKnown(s, x)
	case *ir.AsOf:
		return always
	case *ir.Arith:
		if x.T.Kind == value.Float {
			return e.mayMiss(s, x)
		}
		return e.allKnown(s, ir.Children(x))
	case *ir.Convert, *ir.Neg, *ir.StartOf, *ir.TimeAdd:
		return e.allKnown(s, ir.Children(x))
	case *ir.Div:
		if x.L.Type().Exact() && x.R.Type().Exact() {
			zero := &ir.Const{V: value.NewInt(0), T: value.Of(value.Int)}
			return e.and(e.known(s, x.L), e.and(e.known(s, x.R), e.not(e.cond(s, &ir.Cmp{Op: "=", L: x.R, R: zero}))))
		}
		return e.mayMiss(s, x)
	case *ir.Call:
		return e.callKnown(s, x)
	case *ir.ListCount:
		return e.known(s, x.X)
	default:
		if !ir.Nullable(x) {
			return always
		}
		return e.mayMiss(s, x)
	}
}

func (e *engine) allKnown(s scope, xs []ir.Expr) diagram {
	out := always
	for _, x := range xs {
		out = e.and(out, e.known(s, x))
	}
	return out
}

func (e *engine) callKnown(s scope, x *ir.Call) diagram {
	f := fn.Lookup(x.Fn)
	switch {
	case x.Fn == "coalesce":
		out := never
		for _, a := range x.Args {
			out = e.or(out, e.known(s, a))
		}
		return out
	case x.Fn == "date" && x.Args[0].Type().Temporal(), x.Fn == "age":
		return e.allKnown(s, x.Args)
	case f == nil || f.TakesMissing:
		return e.mayMiss(s, x)
	case f.MaybeMissing:
		return e.and(e.mayMiss(s, x), e.allKnown(s, x.Args))
	default:
		return e.allKnown(s, x.Args)
	}
}

// mayMiss is the atom that the value is known.
func (e *engine) mayMiss(s scope, x ir.Expr) diagram {
	key := s.key() + ir.Key(x)
	return e.atom(e.put("known "+key, &atom{kind: isKnown, x: x, scope: s, group: e.group(key), rank: -1}))
}

// there is the condition that a lookup leads to a row; an owner always does.
func (e *engine) there(s scope, l *ir.Lookup) diagram {
	if l == l.From.Owner {
		return always
	}
	to := s.along(l)
	key := "there " + to.key()
	at := e.atom(e.put(key, &atom{kind: isThere, x: l.By, lookup: l, scope: s, group: e.group(to.key()), rank: -2}))
	return e.and(at, e.known(s, e.form(l.By)))
}

func constant(b bool) diagram {
	if b {
		return always
	}
	return never
}

// branches asks f of the value that a case comes to.
func (e *engine) branches(s scope, x *ir.Case, f func(scope, ir.Expr) diagram) diagram {
	out := f(s, x.Else)
	for i := len(x.Whens) - 1; i >= 0; i-- {
		out = e.choose(e.cond(s, x.Whens[i].Cond), f(s, x.Whens[i].Value), out)
	}
	return out
}

// at is the condition that a term is known and at or above v (open: above).
func (e *engine) at(t *term, v value.Value, open bool) diagram {
	c, all, none := fit(t.typ, v, open)
	switch {
	case none, t.hi != nil && !none && !all && c.above(*t.hi):
		return never
	case all, t.lo != nil && !c.above(*t.lo):
		return t.known
	}
	return e.atCut(t, c)
}

// above reports whether v does not reach the cut.
func (c cut) above(v value.Value) bool {
	n := value.Compare(v, c.at)
	return n < 0 || n == 0 && c.open
}

func (e *engine) atCut(t *term, c cut) diagram {
	if t.agg != nil {
		if f, ok := e.featureAt(t, c); ok {
			return f
		}
	}
	return e.and(t.known, e.cutAtom(t, c))
}

func (e *engine) cutAtom(t *term, c cut) diagram {
	before := len(e.atoms)
	id := e.put("at "+t.key+" "+c.key(), &atom{kind: atLeast, term: t, cut: c, group: t.group, rank: t.rank})
	if len(e.atoms) > before {
		t.cuts = append(t.cuts, id)
	}
	return e.atom(id)
}

// is is the condition that a term is known and the text s.
func (e *engine) is(t *term, s string) diagram {
	if t.typ.Kind == value.Text && len(t.typ.Values) > 0 && !declared(t.typ, s) {
		return never
	}
	before := len(e.atoms)
	id := e.put("is "+t.key+" "+s, &atom{kind: equals, term: t, text: s, group: t.group, rank: t.rank + 1})
	if len(e.atoms) > before {
		t.points = append(t.points, id)
	}
	return e.and(t.known, e.atom(id))
}

func declared(t value.Type, s string) bool {
	for _, v := range t.Values {
		if v == s {
			return true
		}
	}
	return false
}

// compared is `t op v` for a known constant v of an ordered kind.
func (e *engine) compared(t *term, op string, v value.Value) diagram {
	switch op {
	case ">=":
		return e.at(t, v, false)
	case ">":
		return e.at(t, v, true)
	case "<":
		return e.and(t.known, e.not(e.at(t, v, false)))
	case "<=":
		return e.and(t.known, e.not(e.at(t, v, true)))
	case "=":
		return e.and(e.at(t, v, false), e.not(e.at(t, v, true)))
	default:
		return e.and(t.known, e.not(e.compared(t, "=", v)))
	}
}

// linear turns a comparison of plain arithmetic with a constant into one of
// what the arithmetic is about: x + 1 > 5 is x > 4. ok is false where x is no
// such arithmetic any more.
func linear(x ir.Expr, op string, v value.Value) (y ir.Expr, newOp string, w value.Value, ok bool) {
	if !value.Of(v.Kind).Numeric() {
		return x, op, v, false
	}
	switch x := x.(type) {
	case *ir.Convert:
		if x.T.Exact() && x.X.Type().Exact() {
			return x.X, op, v, true
		}
	case *ir.Neg:
		if x.Type().Exact() {
			w, ok := decimalOf(new(big.Rat).Neg(rational(v)))
			return x.X, turned[op], w, ok
		}
	case *ir.Arith:
		return linearArith(x, op, v)
	default: // nothing to take apart
	}
	return x, op, v, false
}

var turned = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}

func linearArith(x *ir.Arith, op string, v value.Value) (ir.Expr, string, value.Value, bool) {
	l, lok := x.L.(*ir.Const)
	r, rok := x.R.(*ir.Const)
	if !x.T.Exact() || lok == rok || lok && l.V.IsMissing() || rok && r.V.IsMissing() {
		return x, op, v, false
	}
	var k *big.Rat
	rest := x.L
	if rok {
		k = rational(r.V)
	} else {
		k, rest = rational(l.V), x.R
	}
	q := rational(v)
	switch x.Op {
	case "+":
		q = new(big.Rat).Sub(q, k)
	case "-":
		if rok {
			q = new(big.Rat).Add(q, k)
		} else {
			q, op = new(big.Rat).Sub(k, q), turned[op]
		}
	default:
		if k.Sign() == 0 {
			return x, op, v, false
		}
		if k.Sign() < 0 {
			op = turned[op]
		}
		q = new(big.Rat).Quo(q, k)
	}
	w, ok := decimalOf(q)
	if !ok {
		return x, op, v, false
	}
	return rest, op, w, true
}

// yearsBack is the last birthday whose age is at least n today.
func yearsBack(n, today int64) int64 {
	lo, hi := calendar.MinDate-1, today
	for lo < hi {
		mid := lo + (hi-lo+1)/2
		if int64(calendar.Age(mid, today)) >= n {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo
}
