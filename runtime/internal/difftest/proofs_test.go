package difftest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/prove"
	"github.com/segql/segql/lang/diag"
)

// TestProofs asks proofs about drawn definitions: what is proved must hold of
// the drawn customers, and no definition may bring the prover down.
func TestProofs(t *testing.T) {
	e := open(t)
	n := &proofTally{verdicts: map[prove.Verdict]int{}}
	rapid.Check(t, func(t *rapid.T) { proofsHold(t, e, n) })
	t.Logf("%d worlds: %v", n.worlds, n.verdicts)
}

func FuzzProofs(f *testing.F) {
	e := open(f)
	f.Fuzz(fuzzed(func(t *rapid.T) { proofsHold(t, e, &proofTally{verdicts: map[prove.Verdict]int{}}) }))
}

type proofTally struct {
	worlds   int
	verdicts map[prove.Verdict]int
}

func proofsHold(t *rapid.T, e *engine, n *proofTally) {
	w := drawWorld(t)
	if err := e.load(w); err != nil {
		t.Fatal(err)
	}
	c := drawProject(t, e, w, &tally{codes: map[diag.Code]int{}})
	if c == nil {
		return
	}
	p := withNeighbours(t, e, c)
	if p == nil {
		return
	}
	members, err := evaluated(p.Project, w.asOf, w.input(p.Project))
	if err != nil {
		return // an overflow stops a run; nobody is in anything then
	}
	n.worlds++
	for _, asOf := range []*int64{nil, &w.asOf} {
		pr := prove.New(p.Project, prove.Options{AsOf: asOf, Budget: 20_000})
		for _, pair := range drawPairs(t, p.Project) {
			if failure := n.check(pr, pair, members); failure != "" {
				t.Fatalf("%s (%v)\n%s\n%s", failure, asOf != nil, w, strings.Join(c.lines, "\n"))
			}
		}
	}
}

// check says which proof the members contradict.
func (n *proofTally) check(pr *prove.Prover, pair [2]*ir.Segment, members map[string][]string) string {
	a, b := pair[0], pair[1]
	in, other := members[a.Name], members[b.Name]
	proved := func(x prove.Answer) bool {
		n.verdicts[x.Verdict]++
		return x.Verdict == prove.Proved
	}
	switch {
	case proved(pr.Never(a)) && len(in) > 0:
		return fmt.Sprintf("%s never, and holds %v", a.Name, in)
	case proved(pr.Implies(a, b)) && slices.ContainsFunc(in, func(k string) bool { return !slices.Contains(other, k) }):
		return fmt.Sprintf("%s implies %s: %v, %v", a.Name, b.Name, in, other)
	case proved(pr.Disjoint(a, b)) && slices.ContainsFunc(in, func(k string) bool { return slices.Contains(other, k) }):
		return fmt.Sprintf("%s and %s disjoint: %v, %v", a.Name, b.Name, in, other)
	default:
		return ""
	}
}

var numberOrOrder = regexp.MustCompile(`\b[0-9]+\b| (=|!=|<|<=|>|>=) `)

// withNeighbours adds to each segment one that differs in a number or a
// comparison.
func withNeighbours(t *rapid.T, e *engine, c *comparison) *compiler.Project {
	for _, l := range slices.Clone(c.lines) {
		name, body, ok := strings.Cut(strings.TrimPrefix(l, "segment "), " ")
		places := numberOrOrder.FindAllStringIndex(body, -1)
		if !strings.HasPrefix(l, "segment ") || !ok || len(places) == 0 {
			continue
		}
		at := places[rapid.IntRange(0, len(places)-1).Draw(t, "place")]
		other := rapid.SampledFrom([]string{"1", "2", "7", "90"}).Draw(t, "number")
		if body[at[0]] == ' ' {
			other = rapid.SampledFrom([]string{" < ", " <= ", " = ", " >= ", " != "}).Draw(t, "order")
		}
		c.lines = append(c.lines, "segment near_"+name+" "+body[:at[0]]+other+body[at[1]:])
	}
	for {
		p, diags := e.compile(c.w.catalog, strings.Join(c.lines, "\n"))
		if !diags.HasErrors() {
			return p
		}
		kept := dropRefused(c.lines, diags)
		if len(kept) == len(c.lines) || len(kept) == 0 {
			return nil
		}
		c.lines = kept
	}
}

// drawPairs are segments of one entity: those that differ in a word, and some
// others.
func drawPairs(t *rapid.T, p *ir.Project) [][2]*ir.Segment {
	var out [][2]*ir.Segment
	for _, s := range p.Segments {
		if near := p.Segment("near_" + s.Name); near != nil {
			out = append(out, [2]*ir.Segment{s, near}, [2]*ir.Segment{near, s})
		}
	}
	for range min(8, len(p.Segments)) {
		a := rapid.SampledFrom(p.Segments).Draw(t, "a")
		b := rapid.SampledFrom(p.Segments).Draw(t, "b")
		if a.Entity == b.Entity {
			out = append(out, [2]*ir.Segment{a, b})
		}
	}
	return out
}
