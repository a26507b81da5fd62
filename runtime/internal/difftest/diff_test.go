package difftest

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/segql/segql/lang/diag"
)

// TestWorlds compares the evaluator, the normal form and DuckDB.
func TestWorlds(t *testing.T) {
	e := open(t)
	n := &tally{codes: map[diag.Code]int{}}
	rapid.Check(t, func(t *rapid.T) { compareWorld(t, e, n) })
	t.Log(n)
}

// TestWorldsPostgres compares PostgreSQL besides.
func TestWorldsPostgres(t *testing.T) {
	e := *open(t)
	e.postgres = postgresServer(t)
	n := &tally{codes: map[diag.Code]int{}}
	rapid.Check(t, func(t *rapid.T) { compareWorld(t, &e, n) })
	t.Log(n)
}

func FuzzWorldsPostgres(f *testing.F) {
	e := *open(f)
	e.postgres = postgresServer(f)
	f.Fuzz(fuzzed(func(t *rapid.T) { compareWorld(t, &e, &tally{codes: map[diag.Code]int{}}) }))
}

func FuzzWorlds(f *testing.F) {
	e := open(f)
	f.Fuzz(fuzzed(func(t *rapid.T) { compareWorld(t, e, &tally{codes: map[diag.Code]int{}}) }))
}

// fuzzed reads what is drawn from the fuzzer's input, and after its end from
// random numbers that follow from it: a world takes far more than the inputs
// that a fuzzer makes, and without them every input would be skipped.
func fuzzed(prop func(*rapid.T)) func(*testing.T, []byte) {
	run := rapid.MakeFuzz(prop)
	return func(t *testing.T, input []byte) {
		t.Helper()
		all := make([]byte, len(input)+1<<20)
		copy(all, input)
		if _, err := rand.NewChaCha8(sha256.Sum256(input)).Read(all[len(input):]); err != nil {
			t.Fatal(err)
		}
		run(t, all)
		if t.Skipped() {
			t.Fatal("a world takes more than was drawn")
		}
	}
}

// tally counts what was compared, so that a generator gone astray is seen.
type tally struct {
	worlds, segments, empty, full, refused, overflows int
	codes                                             map[diag.Code]int
}

func (n *tally) String() string {
	return fmt.Sprintf("%d worlds, %d segments, %d empty, %d full; %d definitions refused %v, %d overflows", n.worlds, n.segments, n.empty, n.full, n.refused, n.codes, n.overflows)
}

func compareWorld(t *rapid.T, e *engine, n *tally) {
	w := drawWorld(t)
	if err := e.load(w); err != nil {
		t.Fatal(err)
	}
	c := drawProject(t, e, w, n)
	if c == nil {
		return
	}
	n.worlds++
	if failure := c.compare(e, n); failure != "" {
		c.reduce(e)
		t.Fatalf("%s", c.compare(e, n))
	}
}

// drawProject draws a catalog and definitions the checker accepts.
func drawProject(t *rapid.T, e *engine, w *world, n *tally) *comparison {
	s := drawShape(t)
	w.catalog = s.text(w, extras{})
	p, diags := e.compile(w.catalog, "segment a { where true }")
	if diags.HasErrors() {
		t.Fatalf("catalog: %v\n%s", diags, w.catalog)
	}
	g := &gen{T: t, w: w, p: p.Project, segments: map[string][]string{}}
	withExtras := s.text(w, g.extras())
	if p, diags := e.compile(withExtras, "segment a { where true }"); !diags.HasErrors() {
		w.catalog, g.p = withExtras, p.Project
	} else {
		n.refuse(diags)
	}
	lines := g.definitions()
	for {
		text := strings.Join(lines, "\n")
		p, diags := e.compile(w.catalog, text)
		if !diags.HasErrors() {
			w.drawChanges(t, p)
			if err := e.loadChanges(w); err != nil {
				t.Fatal(err)
			}
			return &comparison{w: w, lines: lines}
		}
		n.refuse(diags)
		kept := dropRefused(lines, diags)
		if len(kept) == len(lines) || len(kept) == 0 {
			if len(kept) > 0 {
				t.Fatalf("%v\n%s", diags, text)
			}
			return nil
		}
		lines = kept
	}
}

func (n *tally) refuse(diags diag.List) {
	n.refused++
	for _, d := range diags {
		if d.Severity == diag.Error {
			n.codes[d.Code]++
		}
	}
}

// dropRefused leaves out the definitions that have an error.
func dropRefused(lines []string, diags diag.List) []string {
	bad := map[int]bool{}
	for _, d := range diags {
		if d.Severity != diag.Error {
			continue
		}
		at := 0
		for i, l := range lines {
			if d.Span.Start >= at && d.Span.Start <= at+len(l) {
				bad[i] = true
			}
			at += len(l) + 1
		}
	}
	var kept []string
	for i, l := range lines {
		if !bad[i] {
			kept = append(kept, l)
		}
	}
	return kept
}
