package lint

import (
	"strings"
	"time"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
)

// Rules about windows of time.

// windowOf is the window of a node, if it has one.
func windowOf(x ir.Expr) *ir.Window {
	switch x := x.(type) {
	case *ir.Agg:
		return x.Window
	case *ir.Anniversary:
		return x.Window
	case *ir.History:
		return x.Window
	case *ir.InRange:
		return x.Window
	default:
		return nil
	}
}

// someInstant stands for as_of where it does not matter which it is.
var someInstant = time.Date(2025, 6, 15, 12, 0, 0, 0, time.UTC).UnixMicro()

// edge is the instant of a bound, where it depends on nothing but as_of.
func (p *pass) edge(bound ir.Expr, asOf int64) (int64, bool) {
	if bound == nil || !ir.Fixed(bound) {
		return 0, false
	}
	x, err := ir.Lower(p.Calendar, asOf, bound)
	k, ok := x.(*ir.Const)
	if err != nil || !ok || k.V.IsMissing() {
		return 0, false
	}
	switch k.V.Kind {
	case value.Date:
		return p.Calendar.StartOfDay(k.V.I), true
	case value.Time:
		return k.V.I, true
	case value.Wall:
		return p.Calendar.Instant(k.V.I), true
	default:
		return 0, false
	}
}

// emptyWindow finds windows that end before they begin.
func emptyWindow(p *pass) {
	asOf, dated := p.in.instant()
	if !dated {
		asOf = someInstant
	}
	for _, n := range p.nodes {
		w := windowOf(n.x)
		if w == nil {
			continue
		}
		lo, ok := p.edge(w.Lo, asOf)
		hi, too := p.edge(w.Hi, asOf)
		if ok && too && lo >= hi {
			p.report(n.x.Span(), "the window `%s` ends before it begins, so nothing lies in it", oneLine(w.Text)).Help =
				"write the earlier bound first, as in `between 60 days ago and 30 days ago`"
		}
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// beyondHistory finds windows that reach back before the first row of a fact.
func beyondHistory(p *pass) {
	asOf, _ := p.in.instant()
	seen := map[source.Span]bool{}
	for _, n := range p.nodes {
		agg, ok := n.x.(*ir.Agg)
		if !ok || agg.Window == nil || seen[agg.Span()] {
			continue
		}
		first, known := p.in.First[agg.Leaf.Name]
		lo, ok := p.edge(agg.Window.Lo, asOf)
		hi, bounded := p.edge(agg.Window.Hi, asOf)
		if !bounded {
			hi = asOf
		}
		// Data rarely begins in the first hour of a window: a tenth of it is
		// what a report would round away.
		if !known || !ok || lo >= first || first-lo <= (hi-lo)/10 {
			continue
		}
		seen[agg.Span()] = true
		days := (first - lo) / int64(24*time.Hour/time.Microsecond)
		d := p.report(agg.Span(), "`%s` reaches back %d days before the first of %s, which is of %s",
			oneLine(agg.Window.Text), days, agg.Leaf.Name, p.day(first))
		d.Help = "until the data is as long as the window, this says the same as a shorter one; shorten it, or load older rows"
	}
}

// day writes the day of an instant in the project's zone.
func (p *pass) day(instant int64) string {
	return time.UnixMicro(instant).In(p.Calendar.Loc).Format(time.DateOnly)
}

// asked is a condition about what lies in a rolling window.
type asked struct {
	key   string // of all but the window
	wider bool   // a wider window takes in more
	unit  string
	n     int64 // units back from as_of
}

// askedOf reads `any(F in last N)`, `count(F in last N) >= k`, their opposites
// and `x in last N`.
func askedOf(x ir.Expr) (a asked, ok bool) {
	wider := true
	if n, isNot := x.(*ir.Not); isNot {
		x, wider = n.X, false
	}
	switch y := x.(type) {
	case *ir.Cmp:
		agg, isAgg := y.L.(*ir.Agg)
		if !isAgg || agg.Window == nil || agg.Op != ir.OpCount {
			return a, false
		}
		op := y.Op
		if k, isConst := y.R.(*ir.Const); isConst && op == "=" && k.V.Kind == value.Int && k.V.I == 0 {
			op = "<=" // none
		}
		switch op {
		case ">", ">=":
		case "<", "<=":
			wider = !wider
		default:
			return a, false
		}
		bare := *agg
		bare.Window = nil
		cmp := &ir.Cmp{Op: op, L: &bare, R: y.R}
		a.key = ir.Key(cmp)
		a.wider = wider
		return a, a.last(agg.Window)
	case *ir.InRange:
		a.key, a.wider = ir.Key(y.X), wider
		return a, !y.Window.Next && a.last(y.Window)
	default:
		return a, false
	}
}

// last reads the window `in last N UNIT`.
func (a *asked) last(w *ir.Window) bool {
	add, ok := w.Lo.(*ir.TimeAdd)
	_, toNow := w.Hi.(*ir.AsOf)
	if !ok || !toNow || add.N >= 0 {
		return false
	}
	_, fromNow := add.X.(*ir.AsOf)
	a.unit, a.n = add.Unit, -add.N
	return fromNow
}

// redundantWindow finds two conditions of which one window holds the other.
func redundantWindow(p *pass, s *site) {
	l, ok := s.n.(*ast.Logic)
	if !ok {
		return
	}
	for i, x := range l.Operands {
		for j, y := range l.Operands[:i] {
			a, aOK := askedOf(p.exprOf(unparen(y)))
			b, bOK := askedOf(p.exprOf(unparen(x)))
			if !aOK || !bOK || a.key != b.key || a.unit != b.unit || a.wider != b.wider || a.n == b.n {
				continue
			}
			// Of an and the weaker one says nothing, of an or the stronger.
			drop, keep := i, j
			if firstIsWeaker := (a.n > b.n) == a.wider; firstIsWeaker == (l.Op == "and") {
				drop, keep = j, i
			}
			p.reportRedundant(l, drop, keep)
			return
		}
	}
}

func (p *pass) reportRedundant(l *ast.Logic, drop, keep int) {
	d := p.report(l.Operands[drop].Span(), "the other window decides: this condition changes nothing")
	d.Labels = []diag.Label{{Span: l.Operands[keep].Span(), Text: "this one decides"}}
	d.Help = "take it out, or write the window that was meant"
	d.Edits = []diag.Edit{p.without(l, drop)}
}

// without takes operand i and the word that joins it out of an and or or.
func (p *pass) without(l *ast.Logic, i int) diag.Edit {
	if i > 0 {
		return p.drop(l, i)
	}
	return cut(l.Loc.File, l.Operands[0].Span().Start, l.Operands[1].Span().Start)
}

// instantForDay finds moments where a day was meant.
func instantForDay(p *pass, s *site) {
	switch x := s.n.(type) {
	case *ast.Between:
		p.endOfDay(x.Hi)
	case *ast.Compare:
		t, isTime := x.R.(*ast.Time)
		if !isTime {
			return
		}
		switch x.Op {
		case "=", "!=":
			d := p.report(x.Loc, "a time is a moment: this asks for one second of one day")
			d.Help = "for the whole day write `on " + format.Expr(t)[:len("2025-03-08")] + "`"
		case "<", "<=":
			p.endOfDay(t)
		}
	case *ast.Window:
		if x.Kind == ast.WindowBefore || x.Kind == ast.WindowBetween {
			p.endOfDay(x.Hi)
		}
	default: // has no bound
	}
}

// endOfDay finds 23:59 as the end of something: the last moments of the day
// are left out.
func (p *pass) endOfDay(x ast.Expr) {
	if t, ok := x.(*ast.Time); ok && t.Hour == 23 && t.Min == 59 {
		p.report(t.Loc, "what happens after 23:59 is left out").Help =
			"a day stands for all of it: `between 2025-03-01 and 2025-03-08` ends with the 8th, `before 2025-03-09` too"
	}
}
