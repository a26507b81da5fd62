package health_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/prove"
	"github.com/segql/segql/internal/golden"
	"github.com/segql/segql/internal/pgtest"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/health"
)

// shop writes testdata/shop.txtar to a folder.
func shop(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	archive, err := txtar.ParseFile("testdata/shop.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// examine reports on a project; run does so after runs of these instants.
func examine(t testing.TB, o runtime.Options, ho health.Options, runs ...string) *health.Report {
	t.Helper()
	ctx := context.Background()
	p, diags, err := runtime.Open(ctx, o)
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, text := range runs {
		at, from, err := p.AsOf(text, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Run(ctx, runtime.RunOptions{AsOf: at, AsOfFrom: from, Now: time.Now, Version: "test"}); err != nil {
			t.Fatal(err)
		}
	}
	ho.AsOf, ho.AsOfFrom, err = p.AsOf("", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if ho.Revenue == "" {
		ho.Revenue = "revenue"
	}
	r, err := health.Examine(ctx, p, ho)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func text(t testing.TB, r *health.Report) string {
	t.Helper()
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

// The whole report, checked by hand.
func TestReport(t *testing.T) {
	r := examine(t, runtime.Options{Dir: shop(t), NoStore: true}, health.Options{})
	golden.Check(t, "testdata/shop.json", text(t, r))
}

// A server counts what DuckDB does.
func TestPostgres(t *testing.T) {
	server := pgtest.URL(t)
	dir := shop(t)
	want := text(t, examine(t, runtime.Options{Dir: dir, NoStore: true}, health.Options{}))
	got := text(t, examine(t, runtime.Options{Dir: dir, NoStore: true, Engine: server}, health.Options{}))
	if got != want {
		t.Errorf("PostgreSQL:\n%s\nDuckDB:\n%s", got, want)
	}
}

// Stable looks at stored runs of one rule, each beside the one before.
func TestStable(t *testing.T) {
	dir := shop(t)
	o := runtime.Options{Dir: dir}
	recent := "segment recent { where any(orders in last 5 days) }\n"
	if err := os.WriteFile(filepath.Join(dir, "recent.seg"), []byte(recent), 0o644); err != nil {
		t.Fatal(err)
	}
	stable := func(runs ...string) health.Test {
		r := examine(t, o, health.Options{Store: o.StorePath(), Select: []string{"recent"}}, runs...)
		return r.Segments[0].Tests[3]
	}
	for _, c := range []struct {
		runs    []string
		verdict health.Verdict
		got     string
	}{
		{nil, health.Unknown, "–"},
		{[]string{"2025-03-02"}, health.Unknown, "–"},                            // 1 is in; only one run
		{[]string{"2025-03-02T10:00"}, health.Weak, "100.0%"},                    // 2 enters: 1 of 1
		{[]string{"2025-03-02T10:00"}, health.Weak, "100.0%"},                    // a run of the same instant is none
		{[]string{"2025-03-03"}, health.Weak, "33.3%"},                           // nothing changes: 1 of 3
		{[]string{"2025-03-03T01:00", "2025-03-03T02:00"}, health.Good, "14.3%"}, // 1 of 7
	} {
		if got := stable(c.runs...); got.Verdict != c.verdict || got.Got != c.got {
			t.Errorf("after %q: %s %q (%s), want %s %q", c.runs, got.Verdict, got.Got, got.Reason, c.verdict, c.got)
		}
	}
	// Another rule begins anew, and what the segment expects of itself decides.
	expects := "segment recent {\n  where any(orders in last 6 days)\n  expect turnover <= 5%\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "recent.seg"), []byte(expects), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := stable("2025-03-04"); got.Got != "14.3%" || got.Verdict != health.Weak || got.Suggestion == "" {
		t.Errorf("after a change of the rule: %+v", got)
	}
}

// believer proves everything.
type believer struct{}

func (believer) Equal(_, _ *ir.Segment) prove.Answer   { return prove.Answer{Verdict: prove.Proved} }
func (believer) Implies(_, _ *ir.Segment) prove.Answer { return prove.Answer{Verdict: prove.Proved} }

// What is proved is said, of what the data shows alone.
func TestProved(t *testing.T) {
	for _, c := range []struct {
		prover health.Prover
		says   string
	}{{believer{}, "by its definition always"}, {nil, "at this instant"}} {
		r := examine(t, runtime.Options{Dir: shop(t), NoStore: true}, health.Options{Prover: c.prover, Select: []string{"rich_buyers"}})
		for _, o := range r.Segments[0].Overlaps {
			if o.Proved != (c.prover != nil && o.Kind != health.Overlaps) {
				t.Errorf("%+v", o)
			}
		}
		if reason := r.Segments[0].Tests[4].Reason; !strings.Contains(reason, c.says) {
			t.Errorf("%q does not say %q", reason, c.says)
		}
	}
}

func TestSelect(t *testing.T) {
	r := examine(t, runtime.Options{Dir: shop(t), NoStore: true}, health.Options{Select: []string{"buyers"}, Revenue: "none"})
	if len(r.Segments) != 1 || r.Segments[0].Revenue != nil || r.Weak() != 1 {
		t.Errorf("%+v", r)
	}
	if o := r.Segments[0].Overlaps; len(o) == 0 || o[0].Segment != "buyers_again" || o[0].Kind != health.Equal {
		t.Errorf("compared with those that were not selected: %+v", o)
	}
}
