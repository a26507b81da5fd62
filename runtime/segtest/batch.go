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
// gets keys of its own, in the same order as those of the test; and they meet
// in populations, which are those of a world (plan.Options.Apart). That changes
// no answer as long as a key is only ever followed, counted or asked whether it
// is there (separable).

// group are worlds that are computed together.
type group struct {
	project *ir.Project
	asOf    int64
	worlds  []*world
	keys    *renaming
}

// mostWorlds are computed at once: enough to share what they can share.
const mostWorlds = 2000

// alone is a world as a group, computed as a run would.
func alone(w *world) *group {
	return &group{project: w.result.Case.Project, asOf: w.instant().AsOf, worlds: []*world{w}, keys: &renaming{}}
}

// batch sorts worlds into groups, in the order of the tests.
func batch(all map[*Result][]*world) []*group {
	var groups []*group
	shared := map[string]*group{}
	analysed := map[*ir.Project]*separation{}
	for _, w := range inOrder(all) {
		p, asOf := w.result.Case.Project, w.instant().AsOf
		if analysed[p] == nil {
			analysed[p] = separate(p)
		}
		if !analysed[p].allows(w) {
			groups = append(groups, alone(w))
			continue
		}
		id := fmt.Sprintf("%p %d", p, asOf)
		g := shared[id]
		if g == nil || len(g.worlds) == mostWorlds {
			g = &group{project: p, asOf: asOf, keys: &renaming{columns: analysed[p].keys}}
			shared[id] = g
			groups = append(groups, g)
		}
		g.worlds = append(g.worlds, w)
	}
	return groups
}

func inOrder(all map[*Result][]*world) []*world {
	var out []*world
	for _, worlds := range all {
		out = append(out, worlds...)
	}
	slices.SortFunc(out, func(a, b *world) int {
		x, y := a.result.Case.Name.At, b.result.Case.Name.At
		return cmp.Or(strings.Compare(x.File.Name, y.File.Name), x.Start-y.Start, a.i-b.i)
	})
	return out
}

// halves are two groups instead of one.
func (g *group) halves() [2]*group {
	half := func(worlds []*world) *group {
		if len(worlds) == 1 {
			return alone(worlds[0])
		}
		return &group{project: g.project, asOf: g.asOf, worlds: worlds, keys: &renaming{columns: g.keys.columns}}
	}
	n := len(g.worlds) / 2
	return [2]*group{half(g.worlds[:n]), half(g.worlds[n:])}
}

// plan plans what the worlds need, and gives them their keys: in the order of
// the tables that answer them, so that few rows of a table are asked for.
func (g *group) plan() (*plan.Plan, error) {
	o := plan.Options{Asks: g.asks()}
	if g.keys.columns != nil {
		g.keys.measure(g.worlds)
		o.Small, o.Apart = true, g.keys.world
	}
	pl, err := plan.Build(g.subset(), g.asOf, o)
	if err != nil || g.keys.columns == nil {
		return pl, err
	}
	table := map[string]string{}
	for _, c := range pl.Columns {
		table[c.Name] = c.Table
	}
	first := map[*world]string{}
	for _, w := range g.worlds {
		if questions := w.questions(); len(questions) > 0 {
			first[w] = table[questions[0]]
		}
	}
	slices.SortStableFunc(g.worlds, func(a, b *world) int { return strings.Compare(first[a], first[b]) })
	g.keys.rename(g.worlds)
	g.narrow(pl)
	return pl, nil
}

// questions are the names of the plan's columns that answer the world.
func (w *world) questions() []string {
	var names []string
	for _, s := range w.needed {
		names = append(names, s.Name)
	}
	for n, v := range w.instant().Values {
		names = append(names, ask(v.Trait, w.inProcess().Values[n]))
	}
	return names
}

// narrow leaves out of each table of members the rows of worlds that do not
// look at any of its columns, be it by way of other segments.
func (g *group) narrow(pl *plan.Plan) {
	looking := map[string][]int{} // column → worlds, in their order
	for i, w := range g.worlds {
		for _, name := range w.looksAt() {
			looking[name] = append(looking[name], i)
		}
	}
	for _, t := range pl.Tables {
		if t.Kind != plan.Members {
			continue
		}
		var worlds []int
		for _, c := range t.Conds {
			worlds = append(worlds, looking[c.Name]...)
		}
		slices.Sort(worlds)
		if len(worlds) > 0 {
			t.Where = []ir.Expr{g.keys.among(t.Rel, slices.Compact(worlds))}
		}
	}
}

// looksAt are questions, and the segments that their answers depend on.
func (w *world) looksAt() []string {
	names := w.questions()
	seen := map[*ir.Segment]bool{}
	var look func(s *ir.Segment)
	look = func(s *ir.Segment) {
		if !seen[s] {
			seen[s] = true
			names = append(names, s.Name)
			for _, other := range ir.Refs(s.Where) {
				look(other)
			}
		}
	}
	for _, s := range w.needed {
		look(s)
	}
	for _, v := range w.instant().Values {
		for _, s := range ir.Refs(v.Trait.X) {
			look(s)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
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

// member adds a member that DuckDB has found to its world, by its key as it is
// in the test.
func (w *world) member(s *ir.Segment, text string) {
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
