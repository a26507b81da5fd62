package prove

import (
	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// fewValues is the size up to which a set is the values it holds.
const fewValues = 24

// cond is the diagram of a condition in the form for reasoning. Every
// condition is true or false; what is missing makes it false.
func (e *engine) cond(s scope, x ir.Expr) diagram {
	switch x := x.(type) {
	case *ir.And:
		out := always
		for _, y := range x.Xs {
			out = e.and(out, e.cond(s, y))
		}
		return out
	case *ir.Or:
		out := never
		for _, y := range x.Xs {
			out = e.or(out, e.cond(s, y))
		}
		return out
	case *ir.Not:
		return e.not(e.cond(s, x.X))
	case *ir.Const:
		return constant(x.V.True())
	case *ir.Follow:
		if ir.IsValue(x) {
			return e.truth(s, x)
		}
		return e.and(e.there(s, x.By), e.cond(s.along(x.By), x.X))
	case *ir.Member:
		return e.segment(x.Seg)
	case *ir.Known:
		if x.Missing {
			return e.not(e.known(s, x.X))
		}
		return e.known(s, x.X)
	case *ir.Cmp:
		return e.compare(s, x)
	case *ir.InRange:
		return e.inRange(s, x)
	case *ir.InSet:
		return e.resolved(s, x.X, func(s scope, y ir.Expr) diagram { return e.inSet(s, &ir.InSet{Loc: x.Loc, X: y, Set: x.Set}) })
	case *ir.TextMatch:
		if _, ok := x.Y.(*ir.Const); ok {
			return e.resolved(s, x.X, func(s scope, y ir.Expr) diagram {
				return e.about(s, y, &ir.TextMatch{Loc: x.Loc, Op: x.Op, X: y, Y: x.Y})
			})
		}
		return e.opaque(s, x)
	case *ir.Match:
		return e.resolved(s, x.X, func(s scope, y ir.Expr) diagram { return e.about(s, y, &ir.Match{Loc: x.Loc, X: y, Re: x.Re}) })
	case *ir.Has:
		return e.has(s, x)
	case *ir.Truth:
		return e.truth(s, x.X)
	case *ir.Sample:
		return e.sampled(s, x)
	case *ir.Anniversary, *ir.History, *ir.Rank, *ir.Seq:
		return e.opaque(s, x)
	default:
		return e.truth(s, x)
	}
}

// resolved asks f of the plain value that x comes to: lookups are followed,
// and of a case the branch is taken that holds. f must be false of missing.
func (e *engine) resolved(s scope, x ir.Expr, f func(scope, ir.Expr) diagram) diagram {
	switch x := x.(type) {
	case *ir.Trait:
		return e.resolved(s, x.X, f)
	case *ir.Follow:
		return e.and(e.there(s, x.By), e.resolved(s.along(x.By), x.X, f))
	case *ir.Case:
		return e.branches(s, x, func(s scope, y ir.Expr) diagram { return e.resolved(s, y, f) })
	case *ir.Call:
		switch {
		case x.Fn == "coalesce":
			out := never
			for i := len(x.Args) - 1; i >= 0; i-- {
				out = e.choose(e.known(s, x.Args[i]), e.resolved(s, x.Args[i], f), out)
			}
			return out
		case x.Fn == "date" && x.Args[0].Type().Kind == value.Date:
			return e.resolved(s, x.Args[0], f)
		}
	case *ir.Const:
		if x.V.IsMissing() {
			return never
		}
	default: // a plain value
	}
	return f(s, x)
}

// truth is the condition that a bool is known and true.
func (e *engine) truth(s scope, x ir.Expr) diagram {
	return e.resolved(s, x, func(s scope, y ir.Expr) diagram {
		if c, ok := y.(*ir.Const); ok {
			return constant(c.V.True())
		}
		if y.Type().Kind == value.Bool && !ir.IsValue(y) {
			return e.cond(s, y)
		}
		return e.is(e.termOf(s, y), "true")
	})
}

func (e *engine) inRange(s scope, x *ir.InRange) diagram {
	out := always
	if w := x.Window; w.Lo != nil {
		out = e.and(out, e.compare(s, &ir.Cmp{Loc: x.Loc, Op: ">=", L: x.X, R: w.Lo}))
	}
	if w := x.Window; w.Hi != nil {
		out = e.and(out, e.compare(s, &ir.Cmp{Loc: x.Loc, Op: "<", L: x.X, R: w.Hi}))
	}
	return out
}

// compare is the condition L op R.
func (e *engine) compare(s scope, c *ir.Cmp) diagram {
	return e.resolved(s, c.L, func(sl scope, l ir.Expr) diagram {
		return e.resolved(s, c.R, func(sr scope, r ir.Expr) diagram {
			switch {
			case ir.Fixed(l) && ir.Fixed(r):
				return e.fixedCompare(c, l, r)
			case ir.Fixed(r):
				return e.against(sl, &ir.Cmp{Loc: c.Loc, Op: c.Op, L: l, R: r})
			case ir.Fixed(l):
				return e.against(sr, &ir.Cmp{Loc: c.Loc, Op: turned[c.Op], L: r, R: l})
			default:
				return e.related(place{sl, l}, c, place{sr, r})
			}
		})
	})
}

// fixedCompare compares what is the same for every row.
func (e *engine) fixedCompare(c *ir.Cmp, l, r ir.Expr) diagram {
	a, aok := l.(*ir.Const)
	b, bok := r.(*ir.Const)
	if aok && bok {
		return e.constantly(&ir.Cmp{Op: c.Op, L: a, R: b}, a.V, b.V)
	}
	x := &ir.Cmp{Loc: c.Loc, Op: c.Op, L: l, R: r}
	return e.opaque(scope{root: "every"}, x)
}

func (e *engine) constantly(x ir.Expr, args ...value.Value) diagram {
	v, ok, err := ir.Scalar(e.project.Calendar, x, args)
	return constant(ok && err == nil && v.True())
}

// against compares a plain value with what is the same for every row.
func (e *engine) against(s scope, c *ir.Cmp) diagram {
	k, isConst := c.R.(*ir.Const)
	if !isConst {
		if at, ok := temporalBound(c.R, c.L.Type()); ok {
			return e.againstBound(e.termOf(s, c.L), c.Op, at)
		}
		return e.opaqueOf(s, c, c.L)
	}
	if k.V.IsMissing() {
		return never
	}
	x, op, v := c.L, c.Op, k.V
	for more := true; more; {
		x, op, v, more = linear(x, op, v)
	}
	if _, branching := x.(*ir.Case); branching || !plain(x) {
		return e.compare(s, &ir.Cmp{Loc: c.Loc, Op: op, L: x, R: &ir.Const{Loc: k.Loc, V: v, T: k.T}})
	}
	if f, ok := e.datePart(s, x, op, v); ok {
		return f
	}
	t := e.termOf(s, x)
	switch kind := t.typ.Kind; {
	case t.typ.Numeric() && value.Of(v.Kind).Numeric(), t.typ.Temporal() && v.Kind == kind, kind == value.Version && v.Kind == kind:
		return e.compared(t, op, v)
	case kind == value.Text && v.Kind == value.Text && op == "=":
		return e.is(t, v.S)
	case kind == value.Text && v.Kind == value.Text && op == "!=":
		return e.and(t.known, e.not(e.is(t, v.S)))
	case kind == value.Bool && v.Kind == value.Bool && (op == "=" || op == "!="):
		is := e.is(t, "true")
		if v.True() != (op == "=") {
			is = e.and(t.known, e.not(is))
		}
		return is
	default:
		return e.opaqueOf(s, c, c.L)
	}
}

// plain reports whether resolved leaves a value as it is.
func plain(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Case, *ir.Follow, *ir.Trait:
		return false
	case *ir.Call:
		return x.Fn != "coalesce"
	default:
		return true
	}
}

func (e *engine) againstBound(t *term, op string, at cut) diagram {
	ge := e.atCut(t, at)
	above := func() diagram { // above, not at: the bound of the next moment
		next := at
		b := *at.moves
		b.key = "after " + b.key
		b.days, b.of, b.start = false, nil, ""
		b.exact++
		b.hi++
		next.moves = &b
		return e.and(ge, e.atCut(t, next))
	}
	switch op {
	case ">=":
		return ge
	case "<":
		return e.and(t.known, e.not(ge))
	case ">":
		return above()
	case "<=":
		return e.and(t.known, e.not(above()))
	case "=":
		return e.and(ge, e.not(above()))
	default:
		return e.and(t.known, e.not(e.and(ge, e.not(above()))))
	}
}

// datePart turns a comparison of an age or a year into one of the date.
func (e *engine) datePart(s scope, x ir.Expr, op string, v value.Value) (diagram, bool) {
	call, ok := x.(*ir.Call)
	if !ok || !value.Of(v.Kind).Numeric() {
		return never, false
	}
	whole, all, none := fit(value.Of(value.Int), v, false)
	if all || none || op == "=" && value.Compare(whole.at, v) != 0 {
		return never, false
	}
	n := whole.at.I
	if value.Compare(whole.at, v) == 0 && (op == ">" || op == "<=") {
		n++ // x > 5 is x >= 6
	}
	var since func(n int64) diagram // the part is at least n
	switch {
	case call.Fn == "age":
		today, fixed := call.Args[1].(*ir.Const)
		if !fixed || n < 1 || n > 9000 {
			return never, false
		}
		since = func(n int64) diagram {
			return e.compare(s, &ir.Cmp{Loc: call.Loc, Op: "<", L: call.Args[0], R: dateConst(yearsBack(n, today.V.I) + 1)})
		}
	case call.Fn == "year" && call.Args[0].Type().Kind == value.Date:
		if n < 1 || n > 9998 {
			return never, false
		}
		since = func(n int64) diagram {
			return e.compare(s, &ir.Cmp{Loc: call.Loc, Op: ">=", L: call.Args[0], R: dateConst(calendar.Date(int(n), 1, 1))})
		}
	default:
		return never, false
	}
	known := e.known(s, call.Args[0])
	switch op {
	case ">", ">=":
		return since(n), true
	case "<", "<=":
		return e.and(known, e.not(since(n))), true
	case "=":
		return e.and(since(n), e.not(since(n+1))), true
	default:
		return e.and(known, e.not(e.and(since(n), e.not(since(n+1))))), true
	}
}

func dateConst(day int64) *ir.Const {
	return &ir.Const{V: value.NewDate(day), T: value.Of(value.Date)}
}

// today is the condition that the day of as_of is not before a day.
func (e *engine) today(day int64) diagram {
	if e.asOf != nil {
		return constant(e.project.Calendar.DateOf(*e.asOf) >= day)
	}
	key := "today"
	t, ok := e.terms[key]
	if !ok {
		t = &term{key: key, x: &ir.AsOf{}, typ: value.Of(value.Date), known: always, group: e.group(key)}
		e.terms[key] = t
	}
	return e.at(t, value.NewDate(day), false)
}

// inSet is the condition that a plain value is in a set.
func (e *engine) inSet(s scope, x *ir.InSet) diagram {
	if c, ok := x.X.(*ir.Const); ok {
		return e.constantly(&ir.InSet{X: c, Set: x.Set}, c.V)
	}
	t := e.termOf(s, x.X)
	if len(x.Set.Values) > fewValues && len(t.typ.Values) == 0 {
		before := len(e.atoms)
		id := e.put("in "+t.key+" "+ir.Key(x), &atom{kind: inSet, term: t, set: x.Set, x: x, scope: s, group: t.group, rank: t.rank + 2})
		if len(e.atoms) > before {
			t.others = append(t.others, id)
		}
		return e.and(t.known, e.atom(id))
	}
	out := never
	for _, v := range x.Set.Values {
		out = e.or(out, e.against(s, &ir.Cmp{Loc: x.Loc, Op: "=", L: x.X, R: &ir.Const{Loc: x.Loc, V: v, T: x.X.Type()}}))
	}
	return out
}

// about is a condition that looks at nothing but one plain value y: of
// declared values each is tried, of others it is opaque.
func (e *engine) about(s scope, y, x ir.Expr) diagram {
	if c, ok := y.(*ir.Const); ok {
		args := []value.Value{c.V}
		if m, ok := x.(*ir.TextMatch); ok {
			args = append(args, m.Y.(*ir.Const).V)
		}
		return e.constantly(x, args...)
	}
	t := e.termOf(s, y)
	if len(t.typ.Values) > 0 && len(t.typ.Values) <= fewValues {
		out := never
		for _, v := range t.typ.Values {
			if e.holdsOf(x, value.NewText(v)) {
				out = e.or(out, e.is(t, v))
			}
		}
		return out
	}
	return e.opaqueOf(s, x, y)
}

// holdsOf evaluates an atom about one value for that value.
func (e *engine) holdsOf(x ir.Expr, v value.Value) bool {
	args := []value.Value{v}
	if m, ok := x.(*ir.TextMatch); ok {
		args = append(args, m.Y.(*ir.Const).V)
	}
	got, ok, err := ir.Scalar(e.project.Calendar, x, args)
	return ok && err == nil && got.True()
}

// opaqueOf is a condition that is not looked into, about the value y: it
// holds only where y is known.
func (e *engine) opaqueOf(s scope, x, y ir.Expr) diagram {
	t := e.termOf(s, y)
	before := len(e.atoms)
	id := e.put("about "+s.key()+ir.Key(x), &atom{kind: opaque, term: t, x: x, scope: s, group: t.group, rank: t.rank + 3})
	if len(e.atoms) > before {
		t.others = append(t.others, id)
	}
	return e.and(t.known, e.atom(id))
}

// opaque is a condition that is equal to itself and nothing else. Where it
// cannot hold of something missing, that much is known of it.
func (e *engine) opaque(s scope, x ir.Expr) diagram {
	guard := always
	switch x := x.(type) {
	case *ir.Anniversary:
		guard = e.known(s, x.X)
	case *ir.Rank:
		guard = e.known(s, x.Value)
	case *ir.TextMatch:
		guard = e.allKnown(s, []ir.Expr{x.X, x.Y})
	default: // nothing is known of it
	}
	key := "opaque " + s.key() + ir.Key(x)
	return e.and(guard, e.atom(e.put(key, &atom{kind: opaque, x: x, scope: s, group: e.group(key)})))
}

// place is an expression and where it is read.
type place struct {
	s scope
	x ir.Expr
}

// related compares two values of a row.
func (e *engine) related(l place, c *ir.Cmp, r place) diagram {
	lt, rt := e.termOf(l.s, l.x), e.termOf(r.s, r.x)
	both := e.and(lt.known, rt.known)
	op := c.Op
	if lt.key > rt.key {
		lt, rt, op = rt, lt, turned[op]
	}
	if lt == rt {
		return e.and(both, constant(op == "=" || op == "<=" || op == ">="))
	}
	relation := func(k kind) diagram {
		name := "less "
		if k == same {
			name = "same "
		}
		key := lt.key + " " + rt.key
		return e.atom(e.put(name+key, &atom{kind: k, term: lt, other: rt, x: c, scope: l.s, group: e.group("related " + key), rank: int(k)}))
	}
	eq := relation(same)
	var out diagram
	switch op {
	case "=":
		out = eq
	case "!=":
		out = e.not(eq)
	case "<":
		out = e.and(relation(less), e.not(eq))
	case "<=":
		out = e.or(relation(less), eq)
	case ">":
		out = e.not(e.or(relation(less), eq))
	default:
		out = e.not(e.and(relation(less), e.not(eq)))
	}
	return e.and(both, out)
}
