package ir

import (
	"fmt"
	"slices"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/value"
)

// Lower turns a checked expression into normal form for one instant:
//
//   - as_of and all that follows from it are constants, windows are pairs of
//     comparisons with constants of the column's own kind, so that a column
//     is never wrapped in a function;
//   - `not` stands only before an atom, and every negated atom says what
//     happens when a side is missing, so that an engine with three-valued
//     logic and one with none agree: an atom that is NULL or false means the
//     same wherever it stands;
//   - traits are unfolded and constants folded.
//
// The error is value.ErrOverflow in a constant.
func Lower(cal *calendar.Calendar, asOf int64, e Expr) (x Expr, err error) {
	return (&lowering{cal: cal, asOf: asOf}).lower(e)
}

// lower starts the recursion and ends it where a constant overflows.
func (l *lowering) lower(e Expr) (x Expr, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(lowerFailure)
			if !ok {
				panic(r)
			}
			err = f.error
		}
	}()
	if e.Type().Kind == value.Bool && !isValue(e) {
		return l.cond(e, false), nil
	}
	return l.value(e), nil
}

// lowerFailure carries an error through the recursion.
type lowerFailure struct{ error }

type lowering struct {
	cal  *calendar.Calendar
	asOf int64
	// whole leaves age and anniversaries in one piece, see Reason; every is
	// that form for no particular instant, where as_of stays as it is.
	whole, every bool
}

// isValue reports whether a Bool expression is a value (which may be
// missing) rather than a condition.
func isValue(e Expr) bool {
	switch e := e.(type) {
	case *Call, *Case, *Column, *Field, *GroupAgg, *ListCount, *PopAgg, *Agg, *Slot:
		return true
	case *Earlier:
		return isValue(e.X)
	case *Follow:
		return isValue(e.X)
	case *Trait:
		return isValue(e.X)
	default:
		return false
	}
}

func constBool(l Loc, b bool) Expr {
	return &Const{l, value.NewBool(b), boolType}
}

// cond lowers a condition, or with neg its complement.
func (l *lowering) cond(e Expr, neg bool) Expr {
	switch e := e.(type) {
	case *And:
		return l.join(e.Loc, e.Xs, neg, !neg)
	case *Anniversary:
		return l.anniversary(e, neg)
	case *Cmp:
		if x := l.compareAge(e, neg); x != nil {
			return x
		}
		return l.compare(e.Loc, e.Op, l.value(e.L), l.value(e.R), neg, false)
	case *Const:
		return constBool(e.Loc, e.V.True() != neg)
	case *Follow:
		x := Expr(&Follow{e.Loc, e.By, l.cond(e.X, false)})
		return negated(x, neg, nil)
	case *Has:
		x, y := l.value(e.X), l.value(e.Y)
		return l.atom(&Has{e.Loc, x, y}, neg, x, y)
	case *History:
		return l.history(e, neg)
	case *InRange:
		return l.inRange(e, neg)
	case *InSet:
		x := l.value(e.X)
		return l.atom(&InSet{e.Loc, x, e.Set}, neg, x)
	case *Known:
		return l.known(e, neg)
	case *Match:
		x := l.value(e.X)
		return l.atom(&Match{e.Loc, x, e.Re}, neg, x)
	case *Member:
		return negated(e, neg, nil)
	case *Not:
		return l.cond(e.X, !neg)
	case *Or:
		return l.join(e.Loc, e.Xs, neg, neg)
	case *Rank:
		c := *e
		c.Value, c.Per = l.value(e.Value), l.maybe(e.Per)
		return negated(&c, neg, nil)
	case *Seq:
		return l.sequence(e, neg)
	case *Sample:
		by := l.value(e.By)
		return l.atom(&Sample{e.Loc, e.From, e.Share, e.Salt, by}, neg, by)
	case *TextMatch:
		x, y := l.value(e.X), l.value(e.Y)
		return l.atom(&TextMatch{e.Loc, e.Op, x, y}, neg, x, y)
	case *Truth:
		x := l.value(e.X)
		return l.atom(&Truth{e.Loc, x}, neg, x)
	default:
		// A value of type bool where a condition stands: true when known and true.
		x := l.value(e)
		return l.atom(&Truth{Loc{e.Span()}, x}, neg, x)
	}
}

// join lowers an and/or, flattened and without constants. all is true for a
// conjunction (after negation).
func (l *lowering) join(loc Loc, xs []Expr, neg, all bool) Expr {
	var out []Expr
	for _, x := range xs {
		x = l.cond(x, neg)
		if and, ok := x.(*And); ok && all {
			out = append(out, and.Xs...)
			continue
		}
		if or, ok := x.(*Or); ok && !all {
			out = append(out, or.Xs...)
			continue
		}
		out = append(out, x)
	}
	return l.joinLowered(loc, out, all)
}

// atom gives an atom or its complement, folded when its sides are constant.
func (l *lowering) atom(e Expr, neg bool, sides ...Expr) Expr {
	if v, ok := l.fold(e); ok {
		return constBool(Loc{e.Span()}, v.True() != neg)
	}
	return negated(e, neg, sides)
}

// negated is the complement of an atom: it fails, or a side is missing.
func negated(e Expr, neg bool, sides []Expr) Expr {
	if !neg {
		return e
	}
	loc := Loc{e.Span()}
	return either(loc, &Not{loc, e}, sides)
}

// either is x, or one of the sides is missing.
func either(loc Loc, x Expr, sides []Expr) Expr {
	out := []Expr{x}
	seen := map[string]bool{}
	for _, s := range sides {
		if k := Key(s); Nullable(s) && !seen[k] {
			seen[k] = true
			out = append(out, &Known{loc, s, true})
		}
	}
	if len(out) == 1 {
		return x
	}
	return &Or{loc, out}
}

func (l *lowering) known(e *Known, neg bool) Expr {
	x := l.value(e.X)
	missing := e.Missing != neg
	if !Nullable(x) {
		return constBool(e.Loc, !missing)
	}
	if c, ok := x.(*Const); ok {
		return constBool(e.Loc, c.V.IsMissing() == missing)
	}
	return &Known{e.Loc, x, missing}
}

var flipped = map[string]string{"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}

// compare lowers x op y. A constant instant is turned into the kind of the
// column it meets; next is the rule of `in next`, where a date counts from
// the day the bound lies in.
func (l *lowering) compare(loc Loc, op string, x, y Expr, neg, next bool) Expr {
	if moves := fixed(x) && !isConst(x) || fixed(y) && !isConst(y); moves {
		x, y = besideEvery(x, y, next)
	} else {
		x, y = l.align(op, x, y, next)
	}
	c := &Cmp{loc, op, x, y}
	if v, ok := l.fold(c); ok {
		return constBool(loc, v.True() != neg)
	}
	if !neg {
		return c
	}
	return either(loc, &Cmp{loc, flipped[op], x, y}, []Expr{x, y})
}

func (l *lowering) align(op string, x, y Expr, next bool) (Expr, Expr) {
	xt, yt := x.Type(), y.Type()
	if !xt.Temporal() || !yt.Temporal() || xt.Kind == yt.Kind {
		return x, y
	}
	if c, ok := y.(*Const); ok && !c.V.IsMissing() {
		return x, l.constAs(c, xt.Kind, op == "<" || op == ">=", next)
	}
	if c, ok := x.(*Const); ok && !c.V.IsMissing() {
		return l.constAs(c, yt.Kind, op == ">" || op == "<=", next), y
	}
	// Neither is a constant: the coarser kind is read as the finer one.
	to := value.Of(value.Time)
	if xt.Kind != value.Time && yt.Kind != value.Time {
		to = value.Of(value.Wall)
	}
	return l.convert(x, to), l.convert(y, to)
}

// constAs reads a constant bound in the kind of the column beside it. A date
// column is compared by the first instant of each day: up is true where the
// first day not before the bound decides.
func (l *lowering) constAs(c *Const, kind value.Kind, up, next bool) Expr {
	t := value.Of(kind)
	if kind != value.Date {
		v, _ := convert(l.cal, c.V, t)
		return &Const{c.Loc, v, t}
	}
	instant := c.V.I
	if c.V.Kind == value.Wall {
		instant = l.cal.Instant(instant)
	}
	day := l.cal.FloorDate(instant)
	if up && !next {
		day = l.cal.CeilDate(instant)
	}
	return &Const{c.Loc, value.NewDate(day), t}
}

func (l *lowering) convert(x Expr, t value.Type) Expr {
	if x.Type().Kind == t.Kind {
		return x
	}
	return l.folded(&Convert{Loc{x.Span()}, x, t})
}

// inRange is Lo <= X and X < Hi; a missing bound makes it empty.
func (l *lowering) inRange(e *InRange, neg bool) Expr {
	x := l.value(e.X)
	var xs []Expr
	if e.Window.Lo != nil {
		xs = append(xs, l.compare(e.Loc, ">=", x, l.value(e.Window.Lo), neg, e.Window.Next))
	}
	if e.Window.Hi != nil {
		xs = append(xs, l.compare(e.Loc, "<", x, l.value(e.Window.Hi), neg, e.Window.Next))
	}
	return l.joinLowered(e.Loc, xs, !neg)
}

// joinLowered is join for parts that are lowered already.
func (l *lowering) joinLowered(loc Loc, xs []Expr, all bool) Expr {
	var out []Expr
	for _, x := range xs {
		if c, ok := x.(*Const); ok {
			if c.V.True() == all {
				continue
			}
			return constBool(loc, !all)
		}
		out = append(out, x)
	}
	switch {
	case len(out) == 0:
		return constBool(loc, all)
	case len(out) == 1:
		return out[0]
	case all:
		return &And{loc, out}
	default:
		return &Or{loc, out}
	}
}

func (l *lowering) maybe(e Expr) Expr {
	if e == nil {
		return nil
	}
	return l.value(e)
}

func (l *lowering) values(es []Expr) []Expr {
	out := make([]Expr, len(es))
	for i, e := range es {
		out[i] = l.value(e)
	}
	return out
}

// value lowers a value; a condition used as one becomes true or false.
func (l *lowering) value(e Expr) Expr {
	switch e := e.(type) {
	case *Agg:
		return l.agg(e)
	case *Arith:
		return l.folded(&Arith{e.Loc, e.Op, l.value(e.L), l.value(e.R), e.T})
	case *AsOf:
		if l.every {
			return e
		}
		return &Const{e.Loc, value.NewTime(l.asOf), value.Of(value.Time)}
	case *Bucket:
		c := *e
		c.Value, c.Per = l.value(e.Value), l.maybe(e.Per)
		return &c
	case *Call:
		return l.call(e)
	case *Case:
		return l.caseOf(e)
	case *Column, *Const, *Slot:
		return e
	case *Convert:
		return l.folded(&Convert{e.Loc, l.value(e.X), e.T})
	case *Div:
		return l.folded(&Div{e.Loc, l.value(e.L), l.value(e.R)})
	case *Field:
		return &Field{e.Loc, l.value(e.X), e.Name, e.T}
	case *Earlier:
		return &Earlier{e.Loc, e.Row, e.Rel, l.value(e.X)}
	case *Follow:
		return l.follow(e)
	case *GroupAgg:
		c := *e
		c.Value = l.maybe(e.Value)
		return &c
	case *ListCount:
		c := &ListCount{e.Loc, l.value(e.X), e.Elem, nil}
		if e.Where != nil {
			c.Where = l.cond(e.Where, false)
		}
		return c
	case *Neg:
		return l.folded(&Neg{e.Loc, l.value(e.X)})
	case *PopAgg:
		c := *e
		c.Value, c.Per = l.value(e.Value), l.maybe(e.Per)
		return &c
	case *StartOf:
		return l.folded(&StartOf{e.Loc, e.Unit, l.value(e.X)})
	case *TimeAdd:
		return l.folded(&TimeAdd{e.Loc, l.value(e.X), e.N, e.Unit})
	case *Trait:
		return l.value(e.X)
	default:
		return l.condValue(e)
	}
}

// condValue is a condition as a value: true or false, never missing.
func (l *lowering) condValue(e Expr) Expr {
	c := l.cond(e, false)
	if k, ok := c.(*Const); ok {
		return k
	}
	loc := Loc{e.Span()}
	return &Case{loc, []When{{c, constBool(loc, true)}}, constBool(loc, false), boolType}
}

func (l *lowering) follow(e *Follow) Expr {
	x := l.value(e.X)
	if c, ok := x.(*Const); ok && e.By == e.By.From.Owner {
		return c
	}
	return &Follow{e.Loc, e.By, x}
}

// call folds constants; age becomes arithmetic over the parts of the date, so
// that every engine computes it alike. The date of a date is left out.
func (l *lowering) call(e *Call) Expr {
	args := l.values(e.Args)
	if e.Fn == "date" && args[0].Type().Kind == value.Date && !l.whole {
		return args[0]
	}
	c := &Call{e.Loc, e.Fn, args, e.T}
	if x := l.folded(c); x != Expr(c) || e.Fn != "age" || l.whole {
		return x
	}
	return ageOf(e.Loc, args[0], args[1].(*Const).V.I)
}

func (l *lowering) caseOf(e *Case) Expr {
	out := &Case{e.Loc, nil, l.value(e.Else), e.T}
	for _, w := range e.Whens {
		cond := l.cond(w.Cond, false)
		if k, ok := cond.(*Const); ok {
			if !k.V.True() {
				continue
			}
			out.Else = l.value(w.Value)
			break
		}
		out.Whens = append(out.Whens, When{cond, l.value(w.Value)})
	}
	if len(out.Whens) == 0 {
		return out.Else
	}
	return out
}

// folded is e, or its value when all it looks at is constant.
func (l *lowering) folded(e Expr) Expr {
	if v, ok := l.fold(e); ok {
		return &Const{Loc{e.Span()}, v, e.Type()}
	}
	return e
}

func (l *lowering) fold(e Expr) (value.Value, bool) {
	children := Children(e)
	if slices.ContainsFunc(children, func(x Expr) bool { return !isConst(x) }) {
		return value.Value{}, false // before there is anything to allocate
	}
	args := make([]value.Value, len(children))
	for i, x := range children {
		args[i] = x.(*Const).V
	}
	v, ok, err := Scalar(l.cal, e, args)
	if err != nil {
		panic(lowerFailure{fmt.Errorf("%s: %w", e.Span().Text(), err)})
	}
	return v, ok
}
