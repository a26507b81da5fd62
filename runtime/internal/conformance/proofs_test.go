package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/prove"
)

// TestProofs holds proofs against the members of every case: a segment that is
// proved to be empty has none, and so on.
func TestProofs(t *testing.T) {
	asked, proved := 0, 0
	for _, a := range loadArchives(t) {
		if !a.runs() {
			continue
		}
		s := openEval(false)(t, a)
		for _, c := range a.cases {
			if len(c.errors)+len(c.fails) > 0 {
				continue
			}
			p, diags := compiler.Compile(a.project(c), compiler.Options{Set: c.set, Columns: s.columns})
			if diags.HasErrors() {
				continue // TestConformance says so
			}
			q := question{project: p, runs: []int64{}}
			if p.AsOf != nil {
				q.asOf = *p.AsOf
			}
			if c.asOf != "" {
				q.asOf, _ = p.Calendar.ParseInstant(c.asOf)
			}
			got, err := s.members(q)
			if err != nil || c.runs != nil {
				continue // a run that stops, or that asks for runs before
			}
			for _, asOf := range []*int64{nil, &q.asOf} {
				pr := prove.New(p.Project, prove.Options{AsOf: asOf, ProofsOnly: true})
				for _, f := range contradicted(pr, p.Project, got, &asked, &proved) {
					t.Errorf("spec/conformance/%s:%d: %s: %s", a.path, c.line, c.title, f)
				}
			}
		}
	}
	t.Logf("%d questions, %d proved", asked, proved)
	if proved == 0 {
		t.Error("nothing is proved at all")
	}
}

// contradicted are the proofs that members contradict.
func contradicted(pr *prove.Prover, p *ir.Project, got map[string][]string, asked, proved *int) []string {
	var out []string
	holds := func(a prove.Answer, is bool, words ...string) {
		*asked++
		if a.Proved() {
			*proved++
			if !is {
				out = append(out, strings.Join(words, " ")+" is proved, and is not so")
			}
		}
	}
	for i, a := range p.Segments {
		holds(pr.Never(a), len(got[a.Name]) == 0, "never", a.Name)
		for _, b := range p.Segments[:min(i, 6)] {
			if a.Entity != b.Entity {
				continue
			}
			inB := func(k string) bool { return slices.Contains(got[b.Name], k) }
			inA := func(k string) bool { return slices.Contains(got[a.Name], k) }
			notB := func(k string) bool { return !inB(k) }
			notA := func(k string) bool { return !inA(k) }
			holds(pr.Implies(a, b), !slices.ContainsFunc(got[a.Name], notB), a.Name, "implies", b.Name)
			holds(pr.Implies(b, a), !slices.ContainsFunc(got[b.Name], notA), b.Name, "implies", a.Name)
			holds(pr.Disjoint(a, b), !slices.ContainsFunc(got[a.Name], inB), a.Name, "disjoint", b.Name)
		}
	}
	return out
}
