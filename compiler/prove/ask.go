package prove

import (
	"maps"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// question asks whether there is no row of an entity of which all parts are
// as they say.
type question struct {
	entity *ir.Relation
	of     []part
}

// part is a segment or a condition, and whether it is to hold.
type part struct {
	segment *ir.Segment
	x       ir.Expr
	holds   bool
}

func member(s *ir.Segment, holds bool) part { return part{segment: s, holds: holds} }

// diagram of the parts together.
func (e *engine) question(q question) diagram {
	out := e.rowOf(q.entity)
	for _, p := range q.of {
		var f diagram
		if p.segment != nil {
			f = e.segment(p.segment)
		} else {
			f = e.cond(scopeOf(q.entity), e.form(p.x))
		}
		if !p.holds {
			f = e.not(f)
		}
		out = e.and(out, f)
	}
	return out
}

// rowOf is what holds of every row of an entity. One that is made of the keys
// of facts has a row of them.
func (e *engine) rowOf(entity *ir.Relation) diagram {
	out := e.baseOf(entity)
	named := never
	for _, u := range canonical(entity).Universe {
		if u.Rel.Owner == nil || u.Rel.Owner.To != canonical(entity) {
			return out
		}
		r := e.rowsOf(scopeOf(entity), &ir.Agg{Op: ir.OpCount, Leaf: u.Rel, Back: []*ir.Lookup{u.Rel.Owner}})
		named = e.or(named, e.someOf(r, e.baseOf(u.Rel)))
	}
	if len(canonical(entity).Universe) > 0 {
		out = e.and(out, named)
	}
	return out
}

// within runs f with a budget; what it says is nothing where it runs out.
func (e *engine) budgeted(nodes int, f func()) (within bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(tooLarge); !ok {
				panic(r)
			}
			within = false
		}
	}()
	e.left = nodes
	f()
	return true
}

// mostModels is how many ways to refute a question are tried before it is
// given up.
const mostModels = 6

func (p *Prover) ask(q question) Answer {
	if p.options.Stop != nil && p.options.Stop() {
		return Answer{Reason: "the work was given up"}
	}
	if a, ok := p.prove(p.proofs, q); ok {
		return a
	}
	if p.options.ProofsOnly {
		return Answer{Reason: "no proof was found, and no witness looked for"}
	}
	var reason string
	p.effort = allTries
	for _, at := range p.instants(q) {
		e := p.at(at)
		w, why := p.refute(e, q)
		switch {
		case w != nil:
			return Answer{Verdict: Refuted, Witness: w}
		case why == "":
			if reason == "" && p.options.AsOf == nil {
				reason = "it holds at " + instantText(p.project, at) + ", but not at every instant as far as is known"
			}
		default:
			reason = why
		}
	}
	return Answer{Reason: reason}
}

// prove reports whether there is a proof, or why none can be looked for.
func (p *Prover) prove(e *engine, q question) (Answer, bool) {
	g := always
	if !e.budgeted(p.options.Budget, func() { g, _ = e.solve(e.question(q)) }) {
		return Answer{Reason: tooMuch}, true
	}
	return Answer{Verdict: Proved}, g == never
}

const tooMuch = "the rules are too large to be taken apart together"

// refute looks for a witness at the instant of an engine. Without one it says
// why; no reason: there is a proof for the instant.
func (p *Prover) refute(e *engine, q question) (w *Witness, reason string) {
	e.effort = p.effort
	defer func() { p.effort = e.effort }()
	ok := e.budgeted(p.options.Budget, func() {
		g, m := e.solve(e.question(q))
		for range mostModels {
			if g == never {
				break
			}
			if s, ok := e.build(q.entity, m, p.options.Keys.numbers()); ok {
				if w = p.checked(s, q); w != nil {
					reason = ""
					return
				}
			}
			if reason == "" {
				reason = e.doubt(m)
			}
			g = e.and(g, e.not(e.cube(m)))
			if g != never {
				g, m = e.solve(g)
			}
		}
	})
	if !ok {
		return nil, tooMuch
	}
	return w, reason
}

// doubt says what of a model keeps it from being a customer: what cannot be
// looked into, in the author's words.
func (e *engine) doubt(m model) string {
	var words []string
	for _, id := range slices.Sorted(keysOf(m)) {
		a := e.atoms[id]
		if a.x == nil || a.kind != opaque && a.kind != less && a.kind != same {
			continue
		}
		if text := strings.Join(strings.Fields(a.x.Span().Text()), " "); text != "" && !slices.Contains(words, text) {
			words = append(words, text)
		}
	}
	if len(words) == 0 {
		return "no rows were found that show the contrary, and no proof that there are none"
	}
	for i, w := range words {
		words[i] = "`" + w + "`"
	}
	return "nothing is known of " + strings.Join(words, ", ") + " but that it is equal to itself"
}

// at is the engine of one instant.
func (p *Prover) at(asOf int64) *engine {
	e := p.instant[asOf]
	if e == nil {
		e = newEngine(p.project, &asOf)
		p.instant[asOf] = e
	}
	return e
}

// mostInstants bounds at how many instants a witness is looked for.
const mostInstants = 8

// instants are those at which a witness is looked for: the one asked about, or
// that of the catalog, and those around the dates that the rules name.
func (p *Prover) instants(q question) []int64 {
	if p.options.AsOf != nil {
		return []int64{*p.options.AsOf}
	}
	cal := p.project.Calendar
	days := map[int64]bool{}
	seen := map[*ir.Segment]bool{}
	var visit func(x ir.Expr)
	segment := func(s *ir.Segment) {
		if seen[s] {
			return
		}
		seen[s] = true
		if s.Meta.ValidFrom != nil {
			days[*s.Meta.ValidFrom] = true
		}
		if s.Meta.ValidUntil != nil {
			days[*s.Meta.ValidUntil] = true
		}
		visit(s.Where)
	}
	visit = func(x ir.Expr) {
		ir.Walk(x, func(y ir.Expr) bool {
			if c, ok := y.(*ir.Const); ok {
				switch c.V.Kind {
				case value.Date:
					days[c.V.I] = true
				case value.Time:
					days[cal.DateOf(c.V.I)] = true
				case value.Wall:
					days[calendar.WallDate(c.V.I)] = true
				default: // no day
				}
			}
			return true
		})
		for _, s := range ir.Refs(x) {
			segment(s)
		}
	}
	for _, part := range q.of {
		if part.segment != nil {
			segment(part.segment)
		} else {
			visit(part.x)
		}
	}
	out := []int64{}
	add := func(at int64) {
		if len(out) < mostInstants && !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	if p.project.AsOf != nil {
		add(*p.project.AsOf)
	}
	sorted := slices.Sorted(maps.Keys(days))
	if p.project.AsOf == nil && len(sorted) == 0 {
		add(cal.StartOfDay(calendar.Date(2026, 7, 15)) + 10*dayMicros/24)
	}
	for _, d := range slices.Backward(sorted) {
		add(cal.StartOfDay(d+14) + 10*dayMicros/24)
		add(cal.StartOfDay(d))
		add(cal.StartOfDay(d - 1))
	}
	return out
}
