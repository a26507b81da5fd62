package why

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// condition explains one condition and what it saw.
func (b *builder) condition(at ir.Row, x ir.Expr) *Node {
	n := b.leafAt(at, Condition, x)
	inner := x
	for {
		not, ok := inner.(*ir.Not)
		if !ok {
			break
		}
		inner = not.X
	}
	w := &watcher{builder: b, n: n, at: at}
	w.watch(inner)
	w.missing(inner)
	if !n.Holds {
		n.Distance = w.distance(inner)
	}
	return n
}

// watcher notes what one condition saw.
type watcher struct {
	*builder
	n  *Node
	at ir.Row
}

func (w *watcher) watch(x ir.Expr) {
	switch x := x.(type) {
	case *ir.Anniversary:
		if x.X.Span() == x.Span() || strings.HasPrefix(oneLine(x.X.Span()), "anniversary") {
			for _, part := range ir.Children(x.X) {
				w.see(part)
			}
			if c, ok := x.X.(*ir.Column); ok {
				w.add(Seen{Text: c.Col.Name}, c, "")
			}
		} else {
			w.see(x.X)
		}
		w.sayWindow(x.Window)
	case *ir.Cmp:
		w.compare(x)
	case *ir.History:
		w.n.Says = w.history(x)
	case *ir.InRange:
		w.see(x.X)
		w.sayWindow(x.Window)
	case *ir.Rank:
		w.see(x.Value)
		w.n.Says = w.rank(x)
	case *ir.Sample:
		w.n.Says = "the draw is by the hash of the key: the same on every run"
	default:
		for _, part := range slices.Concat(ir.Children(x), followed(x)) {
			switch part.(type) {
			case *ir.And, *ir.Cmp, *ir.Not, *ir.Or: // parts of one written condition
				w.watch(part)
			default:
				w.see(part)
			}
		}
	}
	w.facts(x)
}

func (w *watcher) sayWindow(x *ir.Window) {
	if win := w.window(w.at, x); win != "" && x.Text != "" {
		w.n.Says = "`" + x.Text + "` is " + win
	}
}

// followed is the condition a lookup leads to, which is read there.
func followed(x ir.Expr) []ir.Expr {
	if f, ok := x.(*ir.Follow); ok {
		return []ir.Expr{f}
	}
	return nil
}

func (w *watcher) compare(x *ir.Cmp) {
	own := func(side ir.Expr) bool { return side.Span() == x.Span() }
	call, isCall := x.L.(*ir.Call)
	_, isAgg := x.L.(*ir.Agg)
	switch {
	case isCall && call.Fn == fn.Distance:
		w.add(Seen{Text: "the distance"}, x.L, " km")
		for i := 0; i+1 < len(call.Args); i += 2 {
			w.place(call.Args[i], call.Args[i+1])
		}
		return
	case own(x.L) && isAgg: // any, none, all: the rows say it
		return
	case own(x.L):
		w.add(Seen{Text: "periods with a row"}, x.L, "")
		return
	}
	w.see(x.L)
	w.see(x.R)
}

// place notes a place that is no literal.
func (w *watcher) place(lat, lon ir.Expr) {
	if ir.Fixed(lat) {
		return
	}
	s := Seen{Text: oneLine(lat.Span())}
	a, b := must(w.ev.Value(w.at, lat)), must(w.ev.Value(w.at, lon))
	if s.Missing = a.IsMissing() || b.IsMissing(); !s.Missing {
		s.Value = value.NewPlace(a.F, b.F).String()
	}
	w.n.Saw = append(w.n.Saw, w.veil(s, lat))
}

// see notes the value of an expression, and of what it is worked out from.
func (w *watcher) see(x ir.Expr) {
	for {
		c, ok := x.(*ir.Convert)
		if !ok {
			break
		}
		x = c.X
	}
	switch x := x.(type) {
	case nil, *ir.AsOf:
		return
	case *ir.Const:
		if !named(x) {
			return
		}
		w.add(Seen{Text: oneLine(x.Span())}, x, "")
		return
	case *ir.Trait:
		w.add(Seen{Text: x.Name, Means: means(w.q.Project, x)}, x, "")
		return
	default:
		w.add(Seen{Text: oneLine(x.Span())}, x, "")
	}
	for _, part := range ir.Children(x) {
		if _, isWindow := x.(*ir.Agg); isWindow || ir.Fixed(part) && !isConst(part) {
			continue
		}
		w.see(part)
	}
}

func isConst(x ir.Expr) bool {
	_, ok := x.(*ir.Const)
	return ok
}

// named: the constant is a param, not a literal.
func named(c *ir.Const) bool {
	text := oneLine(c.Span())
	if text == "" || text == "true" || text == "false" {
		return false
	}
	first := text[0]
	return first == '`' || first == '_' || first >= 'a' && first <= 'z' || first >= 'A' && first <= 'Z' || first >= 0x80
}

func means(p *ir.Project, t *ir.Trait) string {
	if def := p.Traits[t.Name]; def != nil {
		return oneLine(def.X.Span())
	}
	return ""
}

// add notes the value of x under the text of s, once.
func (w *watcher) add(s Seen, x ir.Expr, unit string) {
	for _, other := range w.n.Saw {
		if other.Text == s.Text {
			return
		}
	}
	v := must(w.ev.Value(w.at, x))
	if s.Missing = v.IsMissing(); !s.Missing {
		s.Value = w.show(v) + unit
	}
	w.n.Saw = append(w.n.Saw, w.veil(s, x))
}

// veil hides a value that is personal, unless it is asked for. That it is
// missing is not hidden.
func (b *builder) veil(s Seen, x ir.Expr) Seen {
	if !b.q.ShowPII && !s.Missing && private(x) != nil {
		s.Hidden, s.Value = true, ""
	}
	return s
}

// missing says plainly what came of a value that is not there.
func (w *watcher) missing(x ir.Expr) {
	if _, asks := x.(*ir.Known); asks {
		return
	}
	var names []string
	for _, s := range w.n.Saw {
		// What is worked out from something missing need not be named.
		from := func(o Seen) bool {
			return o.Missing && o.Text != s.Text && (strings.Contains(s.Text, o.Text) || s.Text == "the distance")
		}
		if s.Missing && !slices.ContainsFunc(w.n.Saw, from) {
			names = append(names, s.Text)
		}
	}
	if len(names) == 0 {
		return
	}
	truth := "false"
	if w.n.Holds {
		truth = "true"
	}
	verb := "is"
	if len(names) > 1 {
		verb = "are"
	}
	w.n.Missing = fmt.Sprintf("%s %s missing, so `%s` is %s", joined(names), verb, w.n.Text, truth)
}

func joined(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// distance is how far a condition is from holding.
func (w *watcher) distance(x ir.Expr) string {
	if !w.q.ShowPII && private(x) != nil {
		return ""
	}
	switch x := x.(type) {
	case *ir.And: // between: the bound that fails
		for _, part := range x.Xs {
			if !must(w.ev.Value(w.at, part)).True() {
				return w.distance(part)
			}
		}
	case *ir.Cmp:
		if _, negated := w.n.Expr.(*ir.Not); !negated {
			return w.compared(x)
		}
	case *ir.InRange:
		return w.outside(x)
	case *ir.Rank:
		return w.behind(x)
	default: // there is no measure of it
	}
	return ""
}

func (w *watcher) compared(x *ir.Cmp) string {
	have, need := must(w.ev.Value(w.at, x.L)), must(w.ev.Value(w.at, x.R))
	if have.IsMissing() || need.IsMissing() || ir.Fixed(x.L) && !ir.Fixed(x.R) {
		return ""
	}
	if call, ok := x.L.(*ir.Call); ok && call.Fn == fn.Distance {
		return number(have.F-need.F) + " km too far"
	}
	if x.L.Type().Temporal() {
		cal := w.q.Project.Calendar
		if micros(cal, have) < micros(cal, need) {
			return w.apart(have, need, "too early")
		}
		return w.apart(have, need, "too late")
	}
	lt, rt := x.L.Type(), x.R.Type()
	_, parts := x.L.(*ir.Bucket)
	_, rows := x.L.(*ir.Agg)
	switch {
	case !lt.Exact() && lt.Kind != value.Float || lt.Exact() != rt.Exact():
		return ""
	case parts, rows && x.L.Span() == x.Span(), lt.Kind == value.Float && x.Op == "=":
		return "" // any and none: the rows say it
	}
	low := value.Compare(have, need) < 0
	word := "more"
	diff, err := value.Sub(need, have)
	if !low {
		word = "less"
		diff, err = value.Sub(have, need)
	}
	if err != nil { // so far that no number holds it
		return ""
	}
	amount := w.show(diff)
	switch {
	case x.Op == "<" || x.Op == ">":
		if diff.Kind == value.Int {
			amount = w.show(must(value.Add(diff, value.NewInt(1))))
		} else if zero(diff) {
			amount = "a little"
		} else {
			amount = "over " + amount
		}
	case x.Op == "=" && diff.Kind != value.Int:
		return ""
	}
	if a, ok := x.L.(*ir.Agg); ok && a.Op == ir.OpCount && low && a.Span() != x.Span() {
		return fmt.Sprintf("%s of %s: %s more", w.show(have), w.show(need), amount)
	}
	return amount + " " + word + " needed"
}

func zero(v value.Value) bool {
	none, err := value.Sub(v, v)
	return err == nil && value.Compare(v, none) == 0
}

// outside is how far a moment is from a window.
func (w *watcher) outside(x *ir.InRange) string {
	v := must(w.ev.Value(w.at, x.X))
	if v.IsMissing() {
		return ""
	}
	before := &ir.InRange{X: x.X, Window: &ir.Window{Lo: x.Window.Lo, Next: x.Window.Next}}
	bound, word := x.Window.Hi, "after the window"
	if x.Window.Lo != nil && !must(w.ev.Value(w.at, before)).True() {
		bound, word = x.Window.Lo, "before the window"
	}
	if bound == nil {
		return ""
	}
	edge := must(w.ev.Value(w.at, bound))
	if edge.IsMissing() {
		return ""
	}
	return w.apart(v, edge, word)
}

// apart says how long there is between two moments.
func (b *builder) apart(v, edge value.Value, word string) string {
	cal := b.q.Project.Calendar
	a, c := micros(cal, v), micros(cal, edge)
	if a > c {
		a, c = c, a
	}
	if days := calendar.DaysBetween(cal.DateOf(a), cal.DateOf(c)); days > 0 {
		return plural(days, "day") + " " + word
	}
	return span(c-a) + " " + word
}

// micros is the instant a date or time begins at.
func micros(cal *calendar.Calendar, v value.Value) int64 {
	switch v.Kind {
	case value.Date:
		return cal.StartOfDay(v.I)
	case value.Wall:
		return cal.Instant(v.I)
	default:
		return v.I
	}
}

// window is a window as moments.
func (b *builder) window(at ir.Row, win *ir.Window) string {
	if win == nil || !b.q.ShowPII && (private(win.Lo) != nil || private(win.Hi) != nil) {
		return ""
	}
	bound := func(x ir.Expr) string {
		if x == nil {
			return ""
		}
		v := must(b.ev.Value(at, x))
		if v.IsMissing() {
			return "(missing)"
		}
		return b.show(v)
	}
	lo, hi := bound(win.Lo), bound(win.Hi)
	switch {
	case lo == "":
		return "before " + hi
	case hi == "":
		return "from " + lo + " on"
	default:
		return "from " + lo + " to before " + hi
	}
}

// history lists what runs have stored of the row.
func (w *watcher) history(h *ir.History) string {
	at := w.at
	for _, l := range h.Anchor {
		if at = must(w.ev.Follow(at, l)); at.IsZero() {
			return ""
		}
	}
	key := value.Key(must(w.ev.Column(at, h.Seg.Entity.Key)))
	var list []string
	for _, c := range w.in.Changes[h.Seg] {
		known := w.asOf
		if w.in.KnownBefore != nil {
			known = min(known, *w.in.KnownBefore)
		}
		if c.Key != key || c.At >= known {
			continue
		}
		kind := "entered "
		if c.Left {
			kind = "left "
		}
		list = append(list, moment(w.q.Project.Calendar, c.At)+" "+kind+h.Seg.Name)
	}
	if list == nil {
		return "no run has seen it enter or leave " + h.Seg.Name
	}
	slices.Sort(list)
	return strings.Join(list, "; ")
}

// rank says where the row stands.
func (w *watcher) rank(r *ir.Rank) string {
	s, ok := must2(w.ev.Standing(w.at, r.Value, r.Of, r.Per))
	switch {
	case !ok && r.Of != nil && !must(w.ev.Member(w.at, r.Of)):
		return "not in " + r.Of.Name + ", and the rank is among those"
	case !ok:
		return ""
	case !w.q.ShowPII && private(r.Value) != nil:
		return ""
	}
	at, n := w.position(r)
	var parts []string
	if n > 0 {
		parts = append(parts, fmt.Sprintf("place %s of %s", grouped(fmt.Sprint(at)), grouped(fmt.Sprint(n))))
	}
	if cuts, ok := w.in.Everyone.(*Cuts); ok {
		if last := cuts.last(r, s.Group); !last.IsMissing() {
			parts = append(parts, "the last one in has "+w.show(last))
		}
	}
	return strings.Join(parts, "; ")
}

func (w *watcher) position(r *ir.Rank) (at, n int64) {
	if w.in.Everyone == nil {
		at, n, err := w.ev.Position(w.at, r)
		if err != nil {
			panic(failed{err})
		}
		return at, n
	}
	if w.q.Position == nil || w.asOf != w.q.AsOf || w.at != w.root {
		return 0, 0
	}
	at, n, ok := w.q.Position(r)
	if !ok {
		return 0, 0
	}
	return at, n
}

// behind is how far a value is from the last one that is in.
func (w *watcher) behind(r *ir.Rank) string {
	cuts, ok := w.in.Everyone.(*Cuts)
	s, placed := must2(w.ev.Standing(w.at, r.Value, r.Of, r.Per))
	if !ok || !placed || !r.Value.Type().Numeric() {
		return ""
	}
	last := cuts.last(r, s.Group)
	if last.IsMissing() || last.Kind != s.Value.Kind {
		return ""
	}
	diff, err := value.Sub(last, s.Value)
	if r.Bottom {
		diff, err = value.Sub(s.Value, last)
	}
	if err != nil || zero(diff) {
		return ""
	}
	return w.show(diff) + " behind it"
}

func must2[T any](v T, ok bool, err error) (T, bool) {
	if err != nil {
		panic(failed{err})
	}
	return v, ok
}
