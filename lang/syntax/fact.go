package syntax

import (
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
)

// fact reads path [as N] [window] [where COND] {step}.
func (p *parser) fact() *ast.Fact {
	start := p.cur()
	if !start.isName() && (start.kind != kindWord || reserved[start.val] == reservedCore) {
		p.errorf(codeUnexpected, p.tokSpan(start), "the name of a fact is expected here, not %s", p.describe(start)).
			Help = "such as orders: count(orders in last 90 days)"
		p.bail()
	}
	f := &ast.Fact{Path: p.path()}
	p.fixCase()
	f.As = p.alias()
	p.fixCase()
	f.Window = p.window()
	f.Where = p.factWhere()
	p.windowAfterWhere(f)
	for p.stepAhead() {
		f.Steps = append(f.Steps, p.step())
	}
	f.At = p.from(start.start)
	return f
}

func (p *parser) alias() *ast.Ident {
	if !p.acceptWord("as") {
		return nil
	}
	id := p.ident()
	return &id
}

func (p *parser) factWhere() ast.Expr {
	p.fixCase()
	if !p.acceptWord("where") {
		return nil
	}
	return p.expr()
}

// windowAfterWhere reports count(orders where paid in last 90 days).
func (p *parser) windowAfterWhere(f *ast.Fact) {
	t := p.cur()
	if f.Where == nil && f.Window == nil || t.kind != kindWord {
		return
	}
	switch t.val {
	case "before", "between", "in", "on", "since":
	default:
		return
	}
	if f.Where == nil {
		p.errorf(codeFactOrder, p.tokSpan(t), "a fact has one window").Help = "join the two into one: between A and B"
		p.bail()
	}
	w := p.window()
	d := p.errorf(codeFactOrder, p.span(t.start, p.prev().end), "the window of a fact comes before `where`")
	if w == nil || f.Window != nil {
		d.Help = "write count(orders in last 90 days where status = \"paid\")"
		return
	}
	f.Window = w
	d.Help = "what is inside the parentheses has this order: fact, window, where"
	if p.place != nil {
		return
	}
	at := f.Path.Loc.End
	if f.As != nil {
		at = f.As.Loc.End
	}
	end := f.Where.Span().End
	d.Edits = []diag.Edit{
		p.edit(at, at, " "+w.Loc.Text()),
		p.edit(end, w.Loc.End, ""),
	}
}

// stepAhead tells whether [not] [directly] followed|preceded stands here.
func (p *parser) stepAhead() bool {
	i := 0
	if p.at(i).word("not") {
		i++
	}
	if p.at(i).word("directly") {
		i++
	}
	return p.at(i).word("followed") || p.at(i).word("preceded")
}

func (p *parser) step() ast.Step {
	start := p.cur().start
	var s ast.Step
	s.Not = p.acceptWord("not")
	s.Directly = p.acceptWord("directly")
	word := p.next()
	s.Preceded = word.val == "preceded"
	if !p.acceptWord("by") {
		d := p.errorf(codeUnexpected, p.tokSpan(word), "`%s` is written `%s by`", word.val, word.val)
		d.Edits = []diag.Edit{p.edit(word.end, word.end, " by")}
		d.Help = "write carts followed by orders within 3 days"
	}
	s.Path = p.path()
	s.As = p.alias()
	if p.acceptWord("after") {
		s.After = p.durationOrParam()
	}
	if p.acceptWord("within") {
		s.Within = p.durationOrParam()
	}
	if t := p.cur(); t.word("after") {
		p.errorf(codeFactOrder, p.tokSpan(t), "`after` comes before `within`").
			Help = "write followed by orders after 1 day within 7 days"
		p.bail()
	}
	s.Where = p.factWhere()
	p.stepOrder(s.Where != nil)
	s.At = p.from(start)
	return s
}

// stepOrder reports what comes too late in a step, or not at all.
func (p *parser) stepOrder(where bool) {
	t := p.cur()
	switch {
	case where && (t.word("within") || t.word("after")):
		p.errorf(codeFactOrder, p.tokSpan(t), "`%s` comes before `where`", t.val).
			Help = "write followed by orders within 7 days where status = \"paid\""
		p.bail()
	case t.word("in") || t.word("since") || t.word("on") || t.word("before") || t.word("between"):
		p.errorf(codeFactOrder, p.tokSpan(t), "a step has no window of its own").
			Help = "say how long after the step before: within 7 days"
		p.bail()
	}
}

// window reads the window of a fact; nil when there is none.
func (p *parser) window() *ast.Window {
	t := p.cur()
	if t.kind != kindWord {
		return nil
	}
	switch t.val {
	case "before", "on", "since":
		p.pos++
		return p.dateWindow(t)
	case "between":
		p.pos++
		lo, hi := p.bounds()
		return &ast.Window{At: p.from(t.start), Kind: ast.WindowBetween, Lo: lo, Hi: hi}
	case "in":
		p.pos++
		w := p.period(t)
		if w == nil {
			p.notPeriod(t)
		}
		return w
	}
	return nil
}

// dateWindow reads what follows on, since, before.
func (p *parser) dateWindow(op *token) *ast.Window {
	w := &ast.Window{}
	x := p.sum()
	switch op.val {
	case "before":
		w.Kind, w.Hi = ast.WindowBefore, x
	case "on":
		w.Kind, w.Lo = ast.WindowOn, x
	case "since":
		w.Kind, w.Lo = ast.WindowSince, x
	}
	w.At = p.from(op.start)
	return w
}

// period reads what may follow `in` as a window; nil when it is none.
func (p *parser) period(in *token) *ast.Window {
	t := p.cur()
	w := &ast.Window{}
	switch {
	case t.word("last") || t.word("next"):
		p.pos++
		w.Kind = ast.WindowLast
		if t.val == "next" {
			w.Kind = ast.WindowNext
		}
		p.unitWithoutNumber(t)
		p.wordForNumber()
		w.Duration = p.durationOrParam()
	case t.word("this"):
		p.pos++
		w.Kind, w.Unit = ast.WindowThis, p.unit("calendar")
	case t.word("previous"):
		p.pos++
		w.Kind = ast.WindowPrevious
		if p.cur().kind == kindNumber {
			w.Count = p.number()
		}
		w.Unit = p.unit("calendar")
	case t.kind == kindMonth:
		p.pos++
		w.Kind, w.Year, w.Month = ast.WindowMonth, atoi(t.val[:4]), atoi(t.val[5:7])
	case year(t) > 0:
		p.thousandsComma()
		p.pos++
		w.Kind, w.Year = ast.WindowYear, year(t)
	default:
		return nil
	}
	w.At = p.from(in.start)
	return w
}

// unitWithoutNumber reports `in last month`.
func (p *parser) unitWithoutNumber(word *token) {
	t := p.cur()
	unit := units[t.val]
	if t.kind != kindWord || unit == "" {
		return
	}
	one := unit
	if len(unit) > 2 {
		one = unit[:len(unit)-1]
	}
	d := p.errorf(codeWindow, p.span(word.start, t.end), "`in %s %s` does not say how many %s", word.val, t.val, unit)
	d.Help = "write in previous " + one + " (the whole calendar " + one + " before this one) or in last 1 " + one + " (up to now)"
	if word.val == "next" {
		d.Help = "write in next 1 " + one + " (from now on); for the present calendar " + one + " write in this " + one
	}
	p.bail()
}

// wordForNumber reports `in last few days`.
func (p *parser) wordForNumber() {
	t, next := p.cur(), p.at(1)
	if t.isName() && next.kind == kindWord && units[next.val] != "" && !next.first && !p.branchAt(1) {
		d := p.errorf(codeUnit, p.tokSpan(t), "a number is expected before `%s`, not `%s`", next.val, t.val)
		d.Help = "write in last 30 days; a param holds number and unit: param recent = 30 days"
		p.bail()
	}
}

func (p *parser) notPeriod(in *token) {
	t := p.cur()
	p.inDate(in, t)
	p.errorf(codeUnexpected, p.tokSpan(t), "a window is expected after `in`, not %s", p.describe(t)).
		Help = "write in last 30 days, in this month, in previous month, in 2025 or in 2025-03"
	p.bail()
}

func (p *parser) inDate(in, date *token) {
	if date.kind != kindDate && !date.word("today") && !date.word("yesterday") && !date.word("tomorrow") {
		return
	}
	d := p.errorf(codeIn, p.tokSpan(in), "a single day follows `on`, not `in`")
	d.Help = "write on " + date.val
	d.Edits = []diag.Edit{p.edit(in.start, in.end, "on")}
	p.bail()
}

// in reads what follows `x [not] in`; the token after it decides.
func (p *parser) in(of tailOf, in *token) ast.Expr {
	t := p.cur()
	switch {
	case t.op("["):
		set := p.set()
		return &ast.InSet{At: p.from(of.start), Not: of.not, X: of.x, Set: set}
	case t.op("("):
		set := p.setInParens()
		return &ast.InSet{At: p.from(of.start), Not: of.not, X: of.x, Set: set}
	case t.word("segment"):
		p.pos++
		ref := p.path()
		return &ast.InSegment{At: p.from(of.start), Not: of.not, X: of.x, Ref: ref}
	case t.word("bottom") || t.word("top"):
		rank := p.rank()
		return &ast.InRank{At: p.from(of.start), Not: of.not, X: of.x, Rank: rank}
	}
	if w := p.period(in); w != nil {
		return &ast.InWindow{At: p.from(of.start), Not: of.not, X: of.x, Window: w}
	}
	if t.isName() || t.kind == kindWord && reserved[t.val] == reservedLater {
		name := p.path()
		return &ast.InName{At: p.from(of.start), Not: of.not, X: of.x, Name: name}
	}
	p.inWhat(of, in)
	return nil
}

// inWhat reports `in` before something that is neither a set nor a window.
func (p *parser) inWhat(of tailOf, in *token) {
	t := p.cur()
	p.inDate(in, t)
	switch t.kind {
	case kindNumber, kindPercent, kindText, kindTime:
		d := p.errorf(codeIn, p.tokSpan(t), "`in` needs a set in brackets, not a single value")
		raw := p.text[t.start:t.end]
		d.Help = "write [" + raw + "], or = " + raw
		if of.not {
			d.Help = "write [" + raw + "], or != " + raw
		}
		d.Edits = []diag.Edit{p.edit(t.start, t.start, "["), p.edit(t.end, t.end, "]")}
		if p.at(1).op(",") {
			d.Edits = nil
		}
	default:
		p.errorf(codeUnexpected, p.tokSpan(t), "a set, a list or a window is expected after `in`, not %s", p.describe(t)).
			Help = "write city in [\"Huế\"], city in big_cities or signup_at in last 30 days"
	}
	p.bail()
}

// rank reads top|bottom N|P%|NAME [of segment REF] [per PATH].
func (p *parser) rank() *ast.Rank {
	t := p.next()
	r := &ast.Rank{Bottom: t.val == "bottom"}
	n := p.cur()
	switch {
	case n.kind == kindNumber || n.kind == kindPercent:
		r.N = p.number()
	case n.isName():
		r.N = p.pathExpr()
	default:
		p.errorf(codeUnexpected, p.tokSpan(n), "a number or a percentage is expected after `%s`, not %s", t.val, p.describe(n)).
			Help = "write in top 10% or in top 500"
		p.bail()
	}
	if p.cur().word("of") && p.at(1).word("segment") {
		p.pos += 2
		r.Of = p.path()
	}
	if p.acceptWord("per") {
		r.Per = p.path()
	}
	r.At = p.from(t.start)
	return r
}
