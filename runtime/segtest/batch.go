package segtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
)

// Worlds of one project and one instant can be computed as one, if a row of
// one can never meet a row of another. Rows meet by their keys, so each world
// gets keys of its own, in the same order as those of the test. That changes
// no answer as long as a key is only ever followed, counted or asked whether it
// is there (separable), and as long as nobody is compared with everybody.

// group are worlds that are computed together.
type group struct {
	project *ir.Project
	asOf    int64
	worlds  []*world
	keys    *renaming
	// segments that the worlds need.
	segments map[*ir.Segment]bool
	// features are the rows of facts that these look at, see looks.
	features map[string]bool
}

// full reports whether a world should go into another group.
func (g *group) full(features []string) bool {
	more := 0
	for _, f := range features {
		if !g.features[f] {
			more++
		}
	}
	return len(g.segments) >= mostSegments || len(g.worlds) >= mostWorlds || len(g.features) > 0 && more > 0 && len(g.features)+more > mostFeatures
}

func (g *group) add(w *world, features []string) {
	g.worlds = append(g.worlds, w)
	for _, s := range w.needed {
		g.segments[s] = true
	}
	for _, f := range features {
		g.features[f] = true
	}
}

// How much is computed at once. A statement takes its time to be planned, for
// each table that it joins and each condition; so tests that look at the same
// rows of a fact stand together.
var (
	mostSegments = 100
	mostFeatures = 12
	mostWorlds   = 500
)

func newGroup(p *ir.Project, asOf int64, w *world) *group {
	return &group{project: p, asOf: asOf, worlds: []*world{w}, keys: &renaming{}}
}

// batch sorts worlds into groups.
func batch(all map[*Result][]*world) []*group {
	var groups []*group
	shared := map[string]*group{}
	analysed := map[*ir.Project]*separation{}
	looked := looks{}
	for _, w := range inOrder(all, looked) {
		p, asOf := w.result.Case.Project, w.instant().AsOf
		if analysed[p] == nil {
			analysed[p] = separate(p)
		}
		if !analysed[p].allows(w) {
			groups = append(groups, newGroup(p, asOf, w))
			continue
		}
		id := fmt.Sprintf("%p %d", p, asOf)
		g := shared[id]
		if g == nil || g.full(looked.of(w)) {
			g = &group{segments: map[*ir.Segment]bool{}, features: map[string]bool{}, project: p, asOf: asOf, keys: &renaming{columns: analysed[p].keys}}
			shared[id] = g
			groups = append(groups, g)
		}
		g.add(w, looked.of(w))
	}
	for _, g := range groups {
		g.keys.rename(g.worlds)
	}
	return groups
}

// inOrder are the worlds, those that look at the same side by side, else in the
// order of their tests.
func inOrder(all map[*Result][]*world, looked looks) []*world {
	var out []*world
	for _, worlds := range all {
		out = append(out, worlds...)
	}
	slices.SortStableFunc(out, func(a, b *world) int {
		x, y := a.result.Case.Name.At, b.result.Case.Name.At
		return cmp.Or(slices.Compare(looked.of(a), looked.of(b)), strings.Compare(x.File.Name, y.File.Name), x.Start-y.Start, a.i-b.i)
	})
	return out
}

// looks remembers which rows of facts segments look at: those of one fact, in
// one window, with one condition, are features of one pass.
type looks map[*ir.Segment][]string

func (l looks) of(w *world) []string {
	if len(w.needed) == 1 && len(w.instant().Values) == 0 {
		return l.segment(w.needed[0])
	}
	var all []string
	for _, s := range w.needed {
		all = append(all, l.segment(s)...)
	}
	for _, v := range w.instant().Values {
		all = append(all, l.expr(v.Trait.X)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (l looks) segment(s *ir.Segment) []string {
	if f, ok := l[s]; ok {
		return f
	}
	l[s] = nil
	l[s] = l.expr(s.Where)
	return l[s]
}

func (l looks) expr(x ir.Expr) []string {
	var out []string
	ir.Walk(x, func(x ir.Expr) bool {
		if a, ok := x.(*ir.Agg); ok {
			rows := *a
			rows.Op, rows.Value, rows.Distinct = ir.OpCount, nil, false
			out = append(out, ir.Key(&rows))
		}
		return true
	})
	for _, s := range ir.Refs(x) {
		out = append(out, l.segment(s)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// subset is the project with the segments that the worlds need.
func (g *group) subset() *ir.Project {
	p := *g.project
	p.Segments = nil
	seen := map[*ir.Segment]bool{}
	for _, w := range g.worlds {
		for _, s := range w.needed {
			if !seen[s] {
				seen[s] = true
				p.Segments = append(p.Segments, s)
			}
		}
	}
	return &p
}

// asks are questions whether traits have the values that the evaluator found.
func (g *group) asks() []plan.Ask {
	var asks []plan.Ask
	seen := map[string]bool{}
	for _, w := range g.worlds {
		for n, v := range w.instant().Values {
			cond := equals(v.Trait.X, w.inProcess().Values[n])
			name := ask(v.Trait, w.inProcess().Values[n])
			if cond == nil || seen[name] {
				continue
			}
			seen[name] = true
			asks = append(asks, plan.Ask{Name: name, Entity: v.Trait.Entity, Cond: cond})
		}
	}
	return asks
}

// ask names the question; segments have no blanks in their names.
func ask(t *ir.TraitDef, v value.Value) string { return " " + t.Name + " is " + v.String() }

// equals is the condition that x has a value; nil where values of its type
// cannot be compared.
func equals(x ir.Expr, v value.Value) ir.Expr {
	loc := ir.Loc{At: x.Span()}
	switch v.Kind {
	case value.Bool:
		if v.True() {
			return &ir.Truth{Loc: loc, X: x}
		}
		return &ir.And{Loc: loc, Xs: []ir.Expr{&ir.Known{Loc: loc, X: x}, &ir.Not{Loc: loc, X: &ir.Truth{Loc: loc, X: x}}}}
	case value.Date, value.Decimal, value.Float, value.Int, value.Text, value.Time, value.Version, value.Wall:
		return &ir.Cmp{Loc: loc, Op: "=", L: x, R: &ir.Const{Loc: loc, V: v, T: x.Type()}}
	case value.Missing:
		return &ir.Known{Loc: loc, X: x, Missing: true}
	default: // lists, records, places
		return nil
	}
}

// member adds a member that DuckDB has found, by its key as text.
func (g *group) member(s *ir.Segment, key string) {
	i, text := g.keys.original(key)
	w := g.worlds[i]
	if !slices.Contains(w.needed, s) {
		return // another test of the batch asks for it
	}
	v, ok := value.Parse(s.Entity.Key.Type, text)
	if !ok {
		v = value.NewText(text)
	}
	w.answer.Members[s] = append(w.answer.Members[s], v)
}

// values gives each world the values that were found to be right.
func (g *group) values(asked map[string]map[string]bool) {
	for i, w := range g.worlds {
		for n, want := range w.instant().Values {
			v := w.inProcess().Values[n]
			key := g.keys.text(i, want.Trait.Entity, value.Key(want.Key.V))
			if equals(want.Trait.X, v) != nil && !asked[ask(want.Trait, v)][key] {
				v = value.NewText("another value")
			}
			w.answer.Values = append(w.answer.Values, v)
		}
	}
	for _, w := range g.worlds {
		for _, members := range w.answer.Members {
			slices.SortFunc(members, value.Compare)
		}
	}
}
