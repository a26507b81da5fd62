package check

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
)

// earlierRow is a row of a sequence that a later step may name.
type earlierRow struct {
	name string
	row  int
	rel  *ir.Relation
	at   source.Span // of the name
}

// sequence checks the steps of a fact: a condition on its row.
func (c *checker) sequence(sc scope, f *ast.Fact, r *rows) ir.Expr {
	if !c.stepTime(f.Path, r.leaf) {
		return nil
	}
	seq := &ir.Seq{Loc: ir.Loc{At: f.Steps[0].Span().To(f.Steps[len(f.Steps)-1].Span())}, Back: r.back}
	named := c.nameRow(nil, f.As, 0, r.leaf)
	before := r.leaf
	ok := true
	for i := range f.Steps {
		st := &f.Steps[i]
		step, next := c.step(sc, r, st, before, named)
		if step == nil {
			ok = false
			continue
		}
		seq.Steps = append(seq.Steps, step)
		named = c.nameRow(named, st.As, i+1, next)
		if !st.Not {
			before = next
		} else if st.As != nil {
			c.diags.Errorf(wrongScope, st.As.Loc, "a step that must not happen has no row to name").Help = "remove `as " + st.As.Name + "`"
			ok = false
		}
	}
	if !ok {
		return nil
	}
	return seq
}

func (c *checker) nameRow(named []earlierRow, as *ast.Ident, row int, rel *ir.Relation) []earlierRow {
	if as == nil {
		return named
	}
	for _, n := range named {
		if n.name == as.Name {
			c.diags.Errorf(duplicateName, as.Loc, "two steps of a sequence are called %q", as.Name).Help = "give each step its own name"
		}
	}
	return append(named[:len(named):len(named)], earlierRow{as.Name, row, rel, as.Loc})
}

func (c *checker) stepTime(p *ast.Path, rel *ir.Relation) bool {
	if rel.Time != nil {
		return true
	}
	if !c.isLost(rel, "at") {
		c.diags.Errorf(badWindow, p.Loc, "%s has no time, so nothing of it comes before or after", p.String()).
			Help = "declare `at:` for " + rel.Name + " in the catalog"
	}
	return false
}

// step checks one step after a row of before; next is the fact of its row.
func (c *checker) step(sc scope, first *rows, st *ast.Step, before *ir.Relation, named []earlierRow) (*ir.Step, *ir.Relation) {
	r, ok := c.factPath(sc, st.Path)
	if !ok || !c.stepTime(st.Path, r.leaf) {
		return nil, nil
	}
	if len(r.anchor) != len(first.anchor) || r.back[len(r.back)-1].To != first.back[len(first.back)-1].To {
		c.diags.Errorf(wrongScope, st.Path.Loc, "the steps of a sequence belong to one and the same row").Help = "begin every step's path like the first one's"
		return nil, nil
	}
	out := &ir.Step{Not: st.Not, Directly: st.Directly, Preceded: st.Preceded, Leaf: r.leaf, Back: r.back}
	ok = c.reach(&out.After, st.After, before, st.Preceded) && c.reach(&out.Within, st.Within, before, st.Preceded)
	if ok && st.Not && st.Within != nil && !st.Preceded {
		out.Due = due(st, out.Within, before)
	}
	if st.Where != nil {
		out.Where = c.cond(scope{rel: r.leaf, earlier: named}, st.Where)
		ok = ok && out.Where != nil
	}
	if !ok {
		return nil, nil
	}
	return out, r.leaf
}

// reach is the time of the row before, moved by a duration of the step.
func (c *checker) reach(out *ir.Expr, d *ast.Duration, before *ir.Relation, back bool) bool {
	if d == nil {
		return true
	}
	v, ok := c.durationValue(d)
	if !ok {
		return false
	}
	if before.Time.Type.Kind == value.Date && !calendarUnit(v.S) {
		c.diags.Errorf(badUnit, d.Loc, "%s has dates only, so a step is counted in days, weeks, months, quarters or years", before.Name).
			Help = "write whole days"
		return false
	}
	n := v.I
	if back {
		n = -n
	}
	*out = &ir.TimeAdd{Loc: loc(d), X: &ir.Column{Loc: loc(d), Col: before.Time}, N: n, Unit: v.S}
	return true
}

// due: what did not happen within a time counts once that time is over; a
// date's time is over when the day is.
func due(st *ast.Step, end ir.Expr, before *ir.Relation) ir.Expr {
	l := loc(st.Within)
	if before.Time.Type.Kind == value.Date {
		end = &ir.TimeAdd{Loc: l, X: end, N: 1, Unit: "days"}
	}
	return &ir.Cmp{Loc: l, Op: "<=", L: end, R: &ir.AsOf{Loc: l}}
}

// earlier resolves NAME.REST where NAME is a step of the sequence around.
func (c *checker) earlier(sc scope, p *ast.Path) (x ir.Expr, isStep bool) {
	for _, n := range sc.earlier {
		if n.name != p.Parts[0].Name {
			continue
		}
		if len(p.Parts) == 1 {
			c.diags.Errorf(needValue, p.Loc, "%s is a row of the sequence; name one of its fields", n.name).
				Help = "write " + n.name + ".FIELD; " + n.rel.Name + " has " + listNames(columnNames(n.rel))
			return nil, true
		}
		c.use(p.Parts[0].Loc, Symbol{Kind: StepName, Name: n.name, At: n.at})
		rest := &ast.Path{At: ast.At{Loc: p.Loc}, Parts: p.Parts[1:]}
		rest.Loc.Start = p.Parts[1].Loc.Start
		inner := c.path(scope{rel: n.rel, through: true}, rest)
		if inner == nil {
			return nil, true
		}
		return &ir.Earlier{Loc: loc(p), Row: n.row, Rel: n.rel, X: inner}, true
	}
	return nil, false
}

// mostPeriods bounds the periods of a rhythm: each is a window of its own.
const mostPeriods = 120

// regularly counts the periods, each stepped from as_of, that have a row.
func (c *checker) regularly(sc scope, e *ast.Regularly) ir.Expr {
	bad := func(span ast.Node, msg string) ir.Expr {
		c.diags.Errorf(wrongArguments, span.Span(), "%s", msg).Help = "as in regularly(orders every 1 month for 6 periods allowing 1 missed)"
		return nil
	}
	if e.Fact.Window != nil {
		return bad(e.Fact.Window, "the periods are the window of a rhythm")
	}
	every, ok := c.durationValue(e.Every)
	periods, missed := c.small(e.Periods), int64(0)
	if e.Missed != nil {
		missed = c.small(e.Missed)
	}
	switch {
	case !ok:
		return nil
	case periods < 1 || periods > mostPeriods:
		return bad(e.Periods, "a rhythm has 1 to 120 periods")
	case missed < 0 || missed >= periods:
		return bad(e, "fewer periods may be missed than there are")
	}
	intT := value.Of(value.Int)
	var sum ir.Expr
	for k := int64(1); k <= periods; k++ {
		r, ok := c.fact(sc, e.Fact)
		if !ok || !c.stepTime(e.Fact.Path, r.leaf) {
			return nil
		}
		asOf := &ir.AsOf{Loc: loc(e)}
		step := func(n int64) ir.Expr {
			return &ir.TimeAdd{Loc: loc(e), X: asOf, N: -n * every.I, Unit: every.S}
		}
		r.window = &ir.Window{Lo: step(k), Hi: step(k - 1), Text: e.Every.Loc.Text()}
		one := ir.Expr(&ir.Case{Loc: loc(e), T: intT,
			Whens: []ir.When{{Cond: c.countCond(e, r, "any"), Value: intConst(e, 1)}}, Else: intConst(e, 0)})
		if sum == nil {
			sum = one
		} else {
			sum = &ir.Arith{Loc: loc(e), Op: "+", L: sum, R: one, T: intT}
		}
	}
	return &ir.Cmp{Loc: loc(e), Op: ">=", L: sum, R: intConst(e, periods-missed)}
}

func intConst(n ast.Node, i int64) ir.Expr {
	return &ir.Const{Loc: loc(n), V: value.NewInt(i), T: value.Of(value.Int)}
}

// small is a whole number of a definition, -1 when it is none.
func (c *checker) small(n *ast.Number) int64 {
	k := c.number(n)
	if k == nil || n.Percent || k.V.Kind != value.Int {
		return -1
	}
	return k.V.I
}
