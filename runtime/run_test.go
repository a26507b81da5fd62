package runtime_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
)

// project writes an archive of files to a folder of its own.
func project(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files(archive) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// files are those of an archive, by name.
func files(archive string) map[string]string {
	out := map[string]string{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		out[f.Name] = string(f.Data)
	}
	return out
}

// run opens and runs a project as of its catalog's instant, or asOf.
func run(t *testing.T, dir, asOf string) (*runtime.Report, error) {
	t.Helper()
	ctx := context.Background()
	p, diags, err := runtime.Open(ctx, runtime.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if diags.HasErrors() {
		t.Fatalf("definitions: %v", diags)
	}
	at, from, err := p.AsOf(asOf, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return p.Run(ctx, runtime.RunOptions{AsOf: at, AsOfFrom: from, Now: time.Now, Version: "test"})
}

// members runs a project without a store and gives each segment's keys.
func members(t *testing.T, dir string) map[string][]string {
	t.Helper()
	return membersBy(t, dir, duckdb.Auto)
}

func membersBy(t *testing.T, dir string, strategy duckdb.Strategy) map[string][]string {
	t.Helper()
	ctx := context.Background()
	p, diags, err := runtime.Open(ctx, runtime.Options{Dir: dir, NoStore: true})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if diags.HasErrors() {
		t.Fatalf("definitions: %v", diags)
	}
	at, _, err := p.AsOf("", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(ctx, runtime.RunOptions{AsOf: at, Now: time.Now, Strategy: strategy}); err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, s := range p.Segments {
		err := p.Members(ctx, s.Name, func(key string) error { got[s.Name] = append(got[s.Name], key); return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	return got
}

func sizes(r *runtime.Report) string {
	var out []string
	for _, s := range r.Segments {
		out = append(out, s.Name+"="+strings.TrimSpace(strings.Join([]string{num(s.Members), "+" + num(s.Entered), "-" + num(s.Left)}, " ")))
	}
	sort.Strings(out)
	return strings.Join(out, ", ")
}

func num(n int64) string {
	s := ""
	for ; n > 9; n /= 10 {
		s = string(rune('0'+n%10)) + s
	}
	return string(rune('0'+n)) + s
}

const people = `
-- catalog.yaml --
version: 1
timezone: Asia/Ho_Chi_Minh
as_of: 2025-03-10
entities:
  customer:
    source: c.csv
    key: id
    attributes:
      gender: {type: text, values: [female, male]}
      income: {type: int, min: 0}
facts:
  orders: {source: o.csv, of: customer, by: cid, at: at}
-- c.csv --
id,gender,income
1,female,100
2,male,-5
3,robot,50
-- o.csv --
cid,at,n
1,2025-01-01,9000000000000000000
1,2025-03-09,9000000000000000000
2,2025-03-09,1
`

func TestOverflowNamesSegmentAndCustomer(t *testing.T) {
	dir := project(t, people+`
-- a.seg --
segment tripled { where sum(n * 3 of orders) > 10 }
`)
	_, err := run(t, dir, "")
	var p *duckdb.Problem
	if !errors.As(err, &p) || p.Kind != duckdb.Overflow {
		t.Fatalf("want an overflow, got %v", err)
	}
	for _, want := range []string{"segment tripled", "customer 1"} {
		if !strings.Contains(p.Message, want) {
			t.Errorf("message %q lacks %q", p.Message, want)
		}
	}
}

func TestSumOfWholeNumbersIsExact(t *testing.T) {
	dir := project(t, people+`
-- a.seg --
segment exact { where sum(n of orders) = 18_000_000_000_000_000_000 }
`)
	r, err := run(t, dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := sizes(r); got != "exact=1 +1 -0" {
		t.Error(got)
	}
}

// A limit may be written with _, as numbers are everywhere.
func TestLimitWithUnderscores(t *testing.T) {
	dir := project(t, strings.Replace(people, "{type: int, min: 0}", "{type: int, max: 0_075}", 1)+`
-- a.seg --
segment no_income { where income is missing }
`)
	r, err := run(t, dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := sizes(r); got != "no_income=1 +1 -0" {
		t.Error(got)
	}
}

func TestValuesOutsideTheDeclarationAreMissing(t *testing.T) {
	dir := project(t, people+`
-- a.seg --
segment no_gender { where gender is missing }
segment no_income { where income is missing }
`)
	r, err := run(t, dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := sizes(r); got != "no_gender=1 +1 -0, no_income=1 +1 -0" {
		t.Error(got)
	}
	var issues []string
	for _, s := range r.Sources {
		for _, i := range s.Issues {
			issues = append(issues, i.What+" "+strings.Join(i.Examples, ","))
		}
	}
	all := strings.Join(issues, "\n")
	for _, want := range []string{"gender", "robot", "income", "-5"} {
		if !strings.Contains(all, want) {
			t.Errorf("issues lack %q:\n%s", want, all)
		}
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "customer") {
		t.Errorf("notes: %q", r.Notes)
	}
}

func TestValidityBoundsASegmentAndItsReferences(t *testing.T) {
	dir := project(t, people+`
-- a.seg --
segment spring {
  valid_from: 2025-03-01
  valid_until: 2025-03-31
  where id is known
}
segment others { where not in segment spring }
`)
	for _, c := range []struct{ asOf, want string }{
		{"2025-02-28", "others=3 +3 -0, spring=0 +0 -0"},
		{"2025-03-01", "others=0 +0 -3, spring=3 +3 -0"},
		{"2025-03-31T23:59", "others=0 +0 -0, spring=3 +0 -0"},
		{"2025-04-01", "others=3 +3 -0, spring=0 +0 -3"},
	} {
		r, err := run(t, dir, c.asOf)
		if err != nil {
			t.Fatal(err)
		}
		if got := sizes(r); got != c.want {
			t.Errorf("as of %s: %s, want %s", c.asOf, got, c.want)
		}
	}
}

func TestWindowsMoveWithTheInstant(t *testing.T) {
	dir := project(t, people+`
-- a.seg --
segment recent { where any(orders in last 7 days) }
`)
	for _, c := range []struct{ asOf, want string }{
		{"2025-03-09", "recent=0 +0 -0"}, // the orders of that day are still to come
		{"2025-03-10", "recent=2 +2 -0"},
		{"2025-03-16", "recent=2 +0 -0"}, // exactly seven days: still in
		{"2025-03-17", "recent=0 +0 -2"},
	} {
		r, err := run(t, dir, c.asOf)
		if err != nil {
			t.Fatal(err)
		}
		if got := sizes(r); got != c.want {
			t.Errorf("as of %s: %s, want %s", c.asOf, got, c.want)
		}
	}
}

func TestDuplicateKeysAreRefusedUnlessDecided(t *testing.T) {
	const twice = `
-- catalog.yaml --
version: 1
timezone: UTC
as_of: 2025-03-10
entities:
  customer: {source: c.csv, key: id%s}
-- c.csv --
id,city,seen
1,Huế,2025-01-02
1,Vinh,2025-01-01
2,Vinh,2025-01-01
-- a.seg --
segment vinh { where city = "Vinh" }
`
	_, err := run(t, project(t, strings.Replace(twice, "%s", "", 1)), "")
	var p *duckdb.Problem
	if !errors.As(err, &p) || p.Kind != duckdb.DuplicateKeys || !strings.Contains(p.Message, "1 (2 rows)") {
		t.Errorf("want duplicate keys, got %v", err)
	}
	r, err := run(t, project(t, strings.Replace(twice, "%s", ", duplicates: first by seen", 1)), "")
	if err != nil {
		t.Fatal(err)
	}
	if got := sizes(r); got != "vinh=2 +2 -0" {
		t.Error(got)
	}
}

// TestRunsOnAnOlderStore: a run goes on with what an older version has stored.
func TestRunsOnAnOlderStore(t *testing.T) {
	dir := project(t, people+`
-- a.seg --
segment women { where gender = "female" }
`)
	if _, err := run(t, dir, "2025-03-10"); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	session, err := duckdb.Open(ctx, duckdb.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	err = session.Exec(ctx, "test", "ATTACH "+duckdb.QuoteText(filepath.Join(dir, ".segql", "store.duckdb"))+` AS o;
CREATE TABLE o.log.rows AS SELECT seq, segment, unnest(customers) AS customer, entered, cause FROM o.log.change;
DROP TABLE o.log.change;
ALTER TABLE o.log.rows RENAME TO change;
CREATE TABLE o.log.rows AS SELECT segment, unnest(customers) AS customer, seq FROM o.log.member;
DROP TABLE o.log.member;
ALTER TABLE o.log.rows RENAME TO member;
UPDATE o.log.meta SET format = 2;
DETACH o`)
	if err := errors.Join(err, session.Close()); err != nil {
		t.Fatal(err)
	}
	report, err := run(t, dir, "2025-03-11")
	if err != nil {
		t.Fatal(err)
	}
	if got := sizes(report); report.Previous == nil || got != "women=1 +0 -0" {
		t.Errorf("after %v: %s", report.Previous, got)
	}
}

// TestBefore: a run is told how long the last one like it took, and none that
// computed other segments, or failed.
func TestBefore(t *testing.T) {
	dir := project(t, people+`
-- a.seg --
segment a { where income > 1 }
segment b { where income > 2 }
`)
	now := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	step := time.Duration(0)
	clock := func() time.Time { now = now.Add(step); return now }
	ran := func(perLook time.Duration, segments ...string) (told []time.Duration) {
		t.Helper()
		ctx := context.Background()
		p, diags, err := runtime.Open(ctx, runtime.Options{Dir: dir})
		if err != nil || diags.HasErrors() {
			t.Fatal(err, diags)
		}
		defer p.Close()
		step = perLook
		_, err = p.Run(ctx, runtime.RunOptions{AsOf: *p.Project.Project.AsOf, Now: clock, Select: segments, Before: func(took time.Duration) { told = append(told, took) }})
		if err != nil {
			t.Fatal(err)
		}
		return told
	}
	if told := ran(time.Second); told != nil {
		t.Errorf("the first: %v", told)
	}
	if told := ran(time.Minute, "a"); told != nil {
		t.Errorf("of one segment: %v", told)
	}
	first := ran(time.Hour)
	if len(first) != 1 || first[0] < time.Second || first[0] >= time.Minute {
		t.Errorf("after one of seconds: %v", first)
	}
	if told := ran(time.Second, "b"); len(told) != 1 || told[0] < time.Minute || told[0] >= time.Hour {
		t.Errorf("of one segment, after one of minutes: %v", told)
	}
}
