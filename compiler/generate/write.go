package generate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/segql/segql/compiler/cover"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/trial"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/source"
)

// name of what is tested.
func (g *generator) name() string {
	if s := g.segments[0]; len(g.segments) == 1 {
		return s.Name
	}
	return g.segments[0].Split
}

// write puts the customers into tests that pass. One who does not go together
// with the others, such as where a rule looks at everybody, has a test alone.
func (g *generator) write() error {
	for {
		text := testform.Format(g.tests())
		cases, failed, err := g.run(text, g.groups())
		if err != nil {
			return err
		}
		if len(failed) == 0 {
			g.file.Text, g.file.Tests, g.file.Customers = text, cases, len(g.customers)
			return nil
		}
		g.part(failed)
	}
}

// part sets customers of whom a test fails apart from the others, and leaves
// those out who were apart already.
func (g *generator) part(failed []*customer) {
	g.customers = slices.DeleteFunc(g.customers, func(c *customer) bool {
		if !slices.Contains(failed, c) {
			return false
		}
		if !c.alone {
			c.alone = true
			return false
		}
		g.file.Unshown = append(g.file.Unshown, Unshown{strings.Join(g.because(c), ", "), "its rows cannot be written as a test"})
		return true
	})
}

// run runs a file of tests, one for each group of customers, and says of which
// customers it fails. A test that cannot be run at all fails of all of them.
func (g *generator) run(text string, groups [][]*customer) (cases []*testform.Case, failed []*customer, err error) {
	read, diags := testform.Read(source.New(g.name(), text))
	if diags.HasErrors() {
		return nil, nil, fmt.Errorf("the generated tests cannot be read: %v", diags)
	}
	if len(read) != len(groups) {
		return nil, nil, fmt.Errorf("%d generated tests read as %d", len(groups), len(read))
	}
	for i, t := range read {
		k, diags := testform.Check(g.project, []*testform.Test{t})
		if diags.HasErrors() {
			failed = append(failed, groups[i]...)
			continue
		}
		answers, err := trial.Evaluate(k[0])
		if err != nil {
			failed = append(failed, groups[i]...)
			continue
		}
		for _, f := range trial.Judge(k[0], answers) {
			for _, c := range groups[i] {
				of := f.Key.IsMissing() || value.Equal(c.Key, f.Key)
				if of && !slices.Contains(failed, c) {
					failed = append(failed, c)
				}
			}
		}
		cases = append(cases, k...)
	}
	return cases, failed, nil
}

// groups are the customers of each test: those of one instant, then those who
// stand alone.
func (g *generator) groups() (out [][]*customer) {
	at := map[int64]int{}
	for _, c := range g.customers {
		if c.alone {
			continue
		}
		i, ok := at[c.AsOf]
		if !ok {
			i = len(out)
			at[c.AsOf] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], c)
	}
	for _, c := range g.customers {
		if c.alone {
			out = append(out, []*customer{c})
		}
	}
	return out
}

func (g *generator) tests() []*testform.Test {
	var out []*testform.Test
	names := map[string]bool{}
	for _, group := range g.groups() {
		name := "generated: " + g.name()
		if group[0].alone {
			name += ", " + value.Key(group[0].Key) + " alone"
		}
		for n := 2; names[name]; n++ {
			name = fmt.Sprintf("generated: %s (%d)", g.name(), n)
		}
		names[name] = true
		out = append(out, g.test(name, group))
	}
	if len(out) > 0 {
		out[0].Comment = g.head()
	}
	return out
}

// test is one test with the rows of customers, what is expected of them, and
// why above the first row of each.
func (g *generator) test(name string, of []*customer) *testform.Test {
	step := &testform.Step{}
	tables := map[string]*testform.Table{}
	expects := g.expects(of)
	for _, c := range of {
		one := c.Test(g.project, name, nil).Steps[0]
		step.AsOf = one.AsOf
		note := append([]string{g.place(c)}, g.because(c)...)
		for _, t := range one.Tables {
			if tables[t.Relation.Text] == nil {
				tables[t.Relation.Text] = &testform.Table{Relation: t.Relation}
			}
			t.Rows[0].Comment, note = note, nil
			tables[t.Relation.Text].Rows = append(tables[t.Relation.Text].Rows, t.Rows...)
		}
	}
	for _, rel := range g.project.Relations {
		if t := tables[rel.Name]; t != nil {
			step.Tables = append(step.Tables, t)
		}
	}
	step.Expects = expects
	return &testform.Test{Name: testform.Text{Text: name}, Set: g.options.Set, Steps: []*testform.Step{step}}
}

// expects names for each segment who is in it and who is not. Of a split it is
// enough to say in which branch everyone is, and that nobody else is.
func (g *generator) expects(of []*customer) []*testform.Expect {
	var out []*testform.Expect
	for i, s := range g.segments {
		x := &testform.Expect{Segment: testform.Text{Text: s.Name}}
		for _, c := range of {
			key := testform.Text{Text: value.Key(c.Key)}
			switch {
			case c.in[i]:
				x.In = append(x.In, key)
			case len(g.segments) == 1 || !slices.Contains(c.in, true):
				x.NotIn = append(x.NotIn, key)
			}
		}
		if len(g.segments) > 1 && len(x.In) > 0 && onlyThem(of) {
			x.Size = &testform.Text{Text: strconv.Itoa(len(x.In))}
		}
		if len(x.In)+len(x.NotIn) > 0 {
			out = append(out, x)
		}
	}
	return out
}

// onlyThem reports whether there are no other rows of the entity.
func onlyThem(of []*customer) bool {
	return !slices.ContainsFunc(of, func(c *customer) bool {
		rel := c.Entity
		for rel.From != nil {
			rel = rel.From
		}
		return len(c.Data[rel]) > 1
	})
}

// place says where a customer is.
func (g *generator) place(c *customer) string {
	key := value.Key(c.Key)
	if i := slices.Index(c.in, true); i >= 0 {
		return key + " is in " + g.segments[i].Name
	}
	return key + " is not in " + g.name()
}

// because says of each condition that counts whether it holds, in the words of
// the rule. Of a split those up to the branch of the customer count.
func (g *generator) because(c *customer) []string {
	last := slices.Index(c.in, true)
	of := g.segments
	if last >= 0 {
		of = g.segments[last : last+1]
	}
	var shown []ir.Expr
	xs := []ir.Expr{&ir.Column{Col: c.Entity.Key}}
	for _, leaf := range leavesOf(of...) {
		x := g.written[leaf]
		if slices.Contains(shown, x) {
			continue
		}
		shown = append(shown, x)
		about := trial.Compared(leaf)
		if about == nil || made(leaf) {
			about = x
		}
		xs = append(xs, x, about)
	}
	rows, err := ir.Start(g.project, c.AsOf, ir.Input{Data: c.Data}).Values(c.Entity, xs)
	if err != nil {
		return nil
	}
	var out []string
	for _, row := range rows {
		if !value.Equal(row[0], c.Key) {
			continue
		}
		for i, x := range shown {
			r := trial.Reason{Text: oneLine(x), Holds: row[2*i+1].True()}
			if xs[2*i+2] != x {
				r.Value = g.readable(row[2*i+2])
			}
			out = append(out, "  "+r.String())
		}
	}
	return out
}

// readable is a value as the project's zone has it.
func (g *generator) readable(v value.Value) string {
	if v.Kind == value.Time {
		v = value.NewWall(g.project.Calendar.Wall(v.I))
	}
	return v.Short()
}

// made reports whether a comparison is the checker's, such as that of any.
func made(x ir.Expr) bool {
	c, ok := x.(*ir.Cmp)
	return ok && c.R.Span() == c.Span()
}

func oneLine(x ir.Expr) string { return strings.Join(strings.Fields(x.Span().Text()), " ") }

// words are the conditions of a region, each that the rule has as one once.
func (g *generator) words(r region) string {
	var out []string
	for _, l := range r {
		x := g.written[l.X]
		holds, ok := r.known(x)
		if text := (trial.Reason{Text: oneLine(x), Holds: holds}).String(); ok && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return strings.Join(out, ", ")
}

// asWritten finds for each leaf of x the condition that is written, which may
// be more than one leaf (`between`) or say the contrary (`not in`).
func asWritten(where, x ir.Expr, out map[ir.Expr]ir.Expr) {
	whole := func() {
		cover.Leaves(x, func(leaf ir.Expr) {
			if out[leaf] == nil {
				out[leaf] = x
			}
		})
	}
	switch n := x.(type) {
	case *ir.And, *ir.Or:
		parts := ir.Children(x)
		if slices.ContainsFunc(parts, func(y ir.Expr) bool { return len(parts) > 1 && y.Span() == x.Span() }) {
			whole()
			return
		}
		for _, y := range parts {
			asWritten(where, y, out)
		}
	case *ir.Not:
		if trial.Negated(where, n) {
			whole()
			return
		}
		asWritten(where, n.X, out)
	default:
		whole()
	}
}

// head says above the first test what the file is and what it lacks.
func (g *generator) head() []string {
	f := g.file
	out := []string{
		"Written by `segql test --generate " + g.name() + "` for review: is each of these customers where",
		"they should be? They are made up from the rule: one for each combination of its",
		"conditions, then some at the edges of its numbers and windows. ✓ holds, ✗ does not.",
	}
	if f.Never > 0 {
		out = append(out, fmt.Sprintf("Combinations that nobody can be in are left out: %d.", f.Never))
	}
	if f.More {
		out = append(out, fmt.Sprintf("There are more than %d combinations. Those in which a condition alone decides", MostRegions), "come first; the others are left out.")
	}
	if len(f.Unshown) > 0 {
		out = append(out, "No customer was found for these:")
	}
	for _, u := range f.Unshown {
		out = append(out, "  "+u.Conditions, "    because "+u.Reason)
	}
	return out
}
