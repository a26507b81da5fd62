// Package generate writes tests of a definition for review: customers that are
// made up from its rule, one for each combination of its conditions that there
// can be, then some just below, at and just above its thresholds and windows,
// and some of whom a small mistake in the rule would make something else.
//
//	file, err := generate.Tests(project, segments, generate.Options{})
//	os.WriteFile(name, []byte(file.Text), 0o644)
//
// Each customer is found by package prove and confirmed by ir.Eval. What the
// tests say is what the rule says today: whether that is what was meant, who
// reads them decides.
package generate

import (
	"fmt"
	"slices"

	"github.com/segql/segql/compiler/cover"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/mutate"
	"github.com/segql/segql/compiler/prove"
	"github.com/segql/segql/compiler/testform"
)

// MostRegions bounds how many combinations of conditions get a customer,
// MostMore how many more customers there are beside them. A file with more
// would not be read.
const (
	MostRegions = 40
	MostMore    = 40
)

// Options of Tests. The zero Options is what the checked project says.
type Options struct {
	// Set are the params that the project was checked with, for the tests to set
	// as well.
	Set []testform.Param
	// Progress is told what is done; it may be nil.
	Progress func(doing string, done, total int)
	// Stop ends the search early; it may be nil.
	Stop func() bool
}

// File is what was generated.
type File struct {
	Text      string
	Tests     []*testform.Case
	Customers int
	Regions   int // combinations of conditions that a customer shows
	Never     int // combinations that are proved to be of nobody
	// Unshown are combinations of which no customer was found, and why.
	Unshown []Unshown
	// More: there are more combinations than MostRegions.
	More bool
}

// Unshown is a combination of conditions without a customer.
type Unshown struct{ Conditions, Reason string }

// customer is one that is shown.
type customer struct {
	*prove.Witness
	in     []bool // by segment
	region bool   // shows a combination of its own
	alone  bool   // does not go together with others in one test
}

// generator collects customers.
type generator struct {
	project   *ir.Project
	segments  []*ir.Segment
	options   Options
	keys      *prove.Keys
	at        *prove.Prover // for the instant that all tests have, where that can be
	ever      *prove.Prover // for any other
	customers []*customer
	file      *File
	seen      []bool              // what cover counts
	written   map[ir.Expr]ir.Expr // leaves as they are written
	blocked   map[string]int      // conditions of which no customer was found, how often
	misses    int                 // by how many searches in vain outnumber the others
}

// Tests generates the tests of a segment, or of all branches of a split, in
// the order they are written in.
func Tests(p *ir.Project, segments []*ir.Segment, o Options) (*File, error) {
	g := &generator{project: p, segments: segments, options: o, keys: &prove.Keys{}, file: &File{}, written: map[ir.Expr]ir.Expr{}, blocked: map[string]int{}}
	for _, s := range segments {
		asWritten(s.Where, s.Where, g.written)
	}
	g.ever = prove.New(p, prove.Options{Keys: g.keys})
	asOf := g.ever.Instant(segments)
	g.at = prove.New(p, prove.Options{AsOf: &asOf, Keys: g.keys})
	if !g.all("conditions", pairs(segments), func() bool { return g.shown() < MostRegions }, g.newRegion) {
		g.file.More = true
	}
	g.regions()
	before := len(g.customers)
	enough := func() bool { return len(g.customers)-before < MostMore }
	g.all("edges", edges(segments), enough, g.newPoint)
	g.all("changes", g.unnoticed(), enough, func(*customer) bool { return true })
	if g.stopped() {
		return nil, fmt.Errorf("stopped")
	}
	return g.file, g.write()
}

func (g *generator) stopped() bool { return g.options.Stop != nil && g.options.Stop() }

// shown is how many combinations have a customer.
func (g *generator) shown() (n int) {
	for _, c := range g.customers {
		if c.region {
			n++
		}
	}
	return n
}

// mostMisses ends the search in a rule that cannot be taken apart: each search
// in vain takes seconds.
const mostMisses = 24

// all looks for a customer of each goal while more is wanted, and reports
// whether it came to the end. Those are kept of whom keep says so.
func (g *generator) all(what string, goals []goal, more func() bool, keep func(*customer) bool) bool {
	for i, of := range goals {
		if g.stopped() {
			return false
		}
		if g.options.Progress != nil {
			g.options.Progress("find customers: "+what, i, len(goals))
		}
		if slices.ContainsFunc(of, g.inhabited) {
			continue
		}
		if !more() {
			return false
		}
		for _, r := range of {
			if w := g.find(r); w != nil {
				g.add(w, keep)
				break
			}
		}
	}
	return true
}

// inhabited reports whether one of the customers is in a region.
func (g *generator) inhabited(r region) bool {
	return slices.ContainsFunc(g.customers, func(c *customer) bool { return g.at.Shows(c.Witness, r.conditions()...) })
}

// add keeps a customer, if it is wanted.
func (g *generator) add(w *prove.Witness, keep func(*customer) bool) bool {
	c := &customer{Witness: w}
	for _, m := range w.In(g.project, g.segments) {
		c.in = append(c.in, m.In)
	}
	if len(c.in) != len(g.segments) || !g.passes(c) || !keep(c) {
		return false
	}
	g.note(c)
	g.keys.Take(w)
	g.customers = append(g.customers, c)
	return true
}

// passes reports whether a test of a customer alone can be written.
func (g *generator) passes(c *customer) bool {
	alone := []*customer{c}
	_, failed, err := g.run(testform.Format([]*testform.Test{g.test("one", alone)}), [][]*customer{alone})
	return err == nil && len(failed) == 0
}

func (g *generator) newRegion(c *customer) bool {
	c.region = true
	return true
}

// newPoint reports whether a customer shows something that is counted as
// coverage and that no other has shown.
func (g *generator) newPoint(c *customer) bool {
	for i, seen := range g.points(c) {
		if seen && (i >= len(g.seen) || !g.seen[i]) {
			return true
		}
	}
	return false
}

func (g *generator) note(c *customer) {
	for i, seen := range g.points(c) {
		if i >= len(g.seen) {
			g.seen = append(g.seen, false)
		}
		g.seen[i] = g.seen[i] || seen
	}
}

// points are what is seen of the definition by way of a customer.
func (g *generator) points(c *customer) []bool {
	cases, _ := testform.Check(g.project, []*testform.Test{g.test("one", []*customer{c})})
	for _, d := range cover.Measure(g.project, cases).Definitions {
		if d.At == g.segments[0].At || d.Name == g.segments[0].Split && d.Name != "" {
			return d.Seen()
		}
	}
	return nil
}

// regions finds a customer of each combination of conditions that has none.
func (g *generator) regions() {
	entity := g.segments[0].Entity
	none := prove.New(g.project, prove.Options{ProofsOnly: true})
	enter := func(r region) bool {
		if g.stopped() {
			return false
		}
		if g.inhabited(r) || !none.Nobody(entity, r.conditions()...).Proved() {
			return true
		}
		g.file.Never++
		return false
	}
	paths(g.segments, enter, func(r region) bool {
		if g.inhabited(r) {
			g.file.Regions++
			return true
		}
		if g.file.Regions+len(g.file.Unshown) >= MostRegions {
			g.file.More = true
			return false
		}
		if reason := g.region(entity, r); reason != "" {
			g.file.Unshown = append(g.file.Unshown, Unshown{g.words(r), reason})
		}
		return true
	})
}

// find looks for a customer in a region at the instant of all tests.
func (g *generator) find(r region) *prove.Witness {
	if g.hopeless(r) || g.misses > mostMisses {
		return nil
	}
	a := g.at.Nobody(g.segments[0].Entity, r.conditions()...)
	switch a.Verdict {
	case prove.Refuted:
		g.misses = max(0, g.misses-1)
	case prove.Unknown:
		g.misses++
	case prove.Proved: // which is quick
	}
	for _, l := range r {
		switch {
		case a.Refuted():
			g.blocked[l.id()] = -1 << 20
		case lone(l.X) != "":
			g.blocked[l.id()]++
		}
	}
	return a.Witness
}

// hopeless reports whether a region asks for what compares customers with each
// other, and did so in vain before.
func (g *generator) hopeless(r region) bool {
	return slices.ContainsFunc(r, func(l lit) bool { return g.blocked[l.id()] >= 2 })
}

// region finds a customer of a combination; else it says why there is none.
func (g *generator) region(entity *ir.Relation, r region) (reason string) {
	tired := g.misses > mostMisses
	w := g.find(r)
	if w == nil && !tired && !g.hopeless(r) {
		a := g.ever.Nobody(entity, r.conditions()...)
		if a.Proved() {
			g.file.Never++
			return ""
		}
		w = a.Witness
	}
	if w != nil && g.add(w, g.newRegion) {
		g.file.Regions++
		return ""
	}
	for _, l := range r {
		if why := lone(l.X); why != "" {
			return why
		}
	}
	if tired {
		return "it was not looked for, since too many others were not found"
	}
	return "no rows were found that show it, nor a proof that there are none"
}

// unnoticed are goals that would make the tests fail if something in the rule
// were a little different: of each such change a customer whom it would let in
// or leave out.
func (g *generator) unnoticed() (out []goal) {
	cases, _ := testform.Check(g.project, g.tests())
	r := mutate.Run(g.project, cases, mutate.Options{Progress: g.options.Progress, Stop: g.options.Stop, Of: g.segments})
	for _, m := range r.Survived {
		var of goal
		for _, t := range m.Turns {
			if slices.Contains(g.segments, t.Segment) {
				of = append(of, append(is(t.Was, true), is(t.Now, false)...), append(is(t.Was, false), is(t.Now, true)...))
			}
		}
		out = append(out, of)
	}
	return out
}
