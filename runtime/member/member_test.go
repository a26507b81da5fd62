package member

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/segql/segql/runtime/duckdb"
)

var ctx = context.Background()

// set is memberships: segment to keys.
type set map[string][]string

// batch makes a set a run of day n: every key that is in one of the segments is
// a row of the entity, and so is one more.
func batch(n int, m set) Batch {
	b := Batch{Run: Run{ID: fmt.Sprintf("run-%03d", n), AsOf: day(n), Started: day(n), Finished: day(n), Data: fmt.Sprint("data", n), Params: "{}", Version: "test"}}
	keys := []string{"nobody"}
	numbers := map[string]uint32{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		members := roaring.New()
		for _, key := range m[name] {
			if _, ok := numbers[key]; !ok {
				numbers[key] = uint32(len(keys))
				keys = append(keys, key)
			}
			members.Add(numbers[key])
		}
		b.Segments = append(b.Segments, Segment{Name: name, Entity: "customer", Members: members, Definition: "d-" + name})
	}
	b.Universes = []duckdb.Universe{universe("customer", keys)}
	return b
}

// universe has keys, in the order of their numbers.
func universe(entity string, keys []string) duckdb.Universe {
	rows := []string{`SELECT NULL::BIGINT AS n, NULL::VARCHAR AS "key" WHERE false`}
	for i, key := range keys {
		rows = append(rows, fmt.Sprintf("SELECT %d, %s", i, duckdb.QuoteText(key)))
	}
	return duckdb.Universe{Entity: entity, Keys: strings.Join(rows, " UNION ALL "), Rows: len(keys)}
}

func day(n int) time.Time { return time.Date(2025, 1, 1+n, 0, 0, 0, 0, time.UTC) }

func openStore(t testing.TB, path string, mode Mode) *Store {
	t.Helper()
	s, err := OpenFile(ctx, path, mode, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func commitOK(t testing.TB, s *Store, b Batch) []Outcome {
	t.Helper()
	out, err := s.Commit(ctx, b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// current reads all current members through the API.
func current(t testing.TB, s *Store, names []string) set {
	t.Helper()
	m := set{}
	for _, name := range names {
		var keys []string
		err := s.Members(ctx, name, func(mem Member) error { keys = append(keys, mem.Customer); return nil })
		if err != nil {
			t.Fatal(err)
		}
		if len(keys) > 0 {
			m[name] = keys
		}
	}
	return m
}

func problemKind(err error) duckdb.Kind {
	var p *duckdb.Problem
	if errors.As(err, &p) {
		return p.Kind
	}
	return ""
}

func TestCommitAndRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "store.duckdb")
	s := openStore(t, path, Write)
	if last, err := s.Last(ctx); err != nil || last != nil {
		t.Fatalf("last of an empty store: %v, %v", last, err)
	}
	out := commitOK(t, s, batch(1, set{"vip": {"b", "a", "Ă"}, "new": {"a"}}))
	want := []Outcome{{"new", 1, 1, 0}, {"vip", 3, 3, 0}}
	if !slices.Equal(out, want) {
		t.Errorf("outcome %v, want %v", out, want)
	}
	b := batch(2, set{"vip": {"a", "c"}})
	b.Universes[0] = universe("customer", []string{"x", "a", "c", "d", "e", "f", "b"})
	out = commitOK(t, s, b)
	if want := []Outcome{{"vip", 2, 1, 2}}; !slices.Equal(out, want) {
		t.Errorf("outcome %v, want %v", out, want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = openStore(t, path, Read)
	if got := current(t, s, []string{"vip", "new"}); fmt.Sprint(got) != "map[vip:[a c]]" {
		t.Errorf("members %v", got)
	}
	var log []string
	err := s.Changes(ctx, Filter{Since: day(2)}, func(c Change) error {
		log = append(log, fmt.Sprint(c.Segment, " ", c.Customer, " ", c.Entered, " ", c.Cause))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wantLog := []string{"new a false definition", "vip b false data", "vip c true data", "vip Ă false data"}
	if !slices.Equal(log, wantLog) {
		t.Errorf("changes %q, want %q", log, wantLog)
	}
	in, err := s.SegmentsOf(ctx, "customer", "a")
	if err != nil || len(in) != 1 || in[0].Segment != "vip" || !in[0].Since.Equal(day(1)) || in[0].Run != "run-001" || in[0].Cause != "definition" {
		t.Errorf("segments of a: %+v, %v", in, err)
	}
	runs, err := s.Runs(ctx, 0)
	if err != nil || len(runs) != 2 || runs[0].ID != "run-002" || !runs[1].AsOf.Equal(day(1)) {
		t.Errorf("runs %+v, %v", runs, err)
	}
	segs, err := s.RunSegments(ctx, "run-002")
	if err != nil || len(segs) != 2 || segs[0].Size != 0 || segs[0].Left != 1 || segs[1].Universe != 7 {
		t.Errorf("segments of the run: %+v, %v", segs, err)
	}
	if _, err := s.Commit(ctx, batch(3, set{})); err == nil {
		t.Error("a store open for reading took a run")
	}
}

func TestCauses(t *testing.T) {
	s := openStore(t, filepath.Join(t.TempDir(), "s.duckdb"), Write)
	commit := func(n int, data, definition string, members ...string) string {
		b := batch(n, set{"s": members})
		b.Run.Data, b.Segments[0].Definition = data, definition
		commitOK(t, s, b)
		var c string
		if err := s.Changes(ctx, Filter{Run: b.Run.ID}, func(ch Change) error { c = ch.Cause; return nil }); err != nil {
			t.Fatal(err)
		}
		return c
	}
	got := []string{
		commit(1, "x", "1", "a"), commit(2, "x", "1", "b"), commit(3, "y", "1", "a"), commit(4, "y", "2", "b"), commit(5, "z", "3", "a"),
	}
	if want := []string{"definition", "time", "data", "definition", "definition"}; !slices.Equal(got, want) {
		t.Errorf("causes %v, want %v", got, want)
	}
}

func TestPartialRunLeavesOthersAlone(t *testing.T) {
	s := openStore(t, filepath.Join(t.TempDir(), "s.duckdb"), Write)
	commitOK(t, s, batch(1, set{"a": {"1"}, "b": {"2"}}))
	b := batch(2, set{"a": {"3"}})
	b.Partial = true
	commitOK(t, s, b)
	if got := current(t, s, []string{"a", "b"}); fmt.Sprint(got) != "map[a:[3] b:[2]]" {
		t.Errorf("members %v", got)
	}
}

func TestOlderRunWritesNoHistory(t *testing.T) {
	s := openStore(t, filepath.Join(t.TempDir(), "s.duckdb"), Write)
	commitOK(t, s, batch(5, set{"a": {"1"}}))
	if err := s.CheckAsOf(ctx, day(5)); err != nil {
		t.Errorf("the same instant again: %v", err)
	}
	if err := s.CheckAsOf(ctx, day(4)); problemKind(err) != duckdb.RunTooOld {
		t.Errorf("an older instant: %v", err)
	}
	b := batch(4, set{"a": {"2", "3"}})
	if _, err := s.Commit(ctx, b); problemKind(err) != duckdb.RunTooOld {
		t.Fatalf("an older run: %v", err)
	}
	b.Run.Historical = true
	out := commitOK(t, s, b)
	if len(out) != 1 || out[0].Size != 2 {
		t.Errorf("outcome %v", out)
	}
	if got := current(t, s, []string{"a"}); fmt.Sprint(got) != "map[a:[1]]" {
		t.Errorf("members %v", got)
	}
	last, err := s.Last(ctx)
	if err != nil || last.ID != "run-005" {
		t.Errorf("last %+v, %v", last, err)
	}
}

func TestCommitRefuses(t *testing.T) {
	s := openStore(t, filepath.Join(t.TempDir(), "s.duckdb"), Write)
	commitOK(t, s, batch(1, set{"a": {"1"}}))
	cases := map[string]Batch{"ID taken": batch(1, set{"a": {"2"}})}
	wrong := func(name string, change func(*Batch)) {
		b := batch(2, set{"a": {"2"}})
		change(&b)
		cases[name] = b
	}
	wrong("a segment twice", func(b *Batch) { b.Segments = append(b.Segments, b.Segments[0]) })
	wrong("no such entity", func(b *Batch) { b.Segments[0].Entity = "company" })
	wrong("entity twice", func(b *Batch) { b.Universes = append(b.Universes, b.Universes[0]) })
	for _, key := range []string{"1", "2"} { // one that is known, and one that is not
		wrong("a key twice in order: "+key, func(b *Batch) {
			b.Universes[0] = universe("customer", []string{key, key})
			b.Universes[0].Ordered = true
		})
	}
	wrong("no such row", func(b *Batch) { b.Segments[0].Members.Add(7) })
	wrong("a new key twice", func(b *Batch) { b.Universes[0] = universe("customer", []string{"2", "2"}) })
	wrong("a known key twice", func(b *Batch) { b.Universes[0] = universe("customer", []string{"1", "1"}) })
	wrong("no key", func(b *Batch) { b.Universes[0].Keys += " UNION ALL SELECT 2, NULL"; b.Universes[0].Rows++ })
	wrong("numbers from 1", func(b *Batch) { b.Universes[0].Keys = "SELECT n + 1 AS n, \"key\" FROM (" + b.Universes[0].Keys + ")" })
	wrong("too few rows", func(b *Batch) { b.Universes[0].Rows = 3 })
	wrong("too many rows", func(b *Batch) { b.Universes[0].Rows = 1 })
	for name, b := range cases {
		if _, err := s.Commit(ctx, b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if got := current(t, s, []string{"a"}); fmt.Sprint(got) != "map[a:[1]]" {
		t.Errorf("members %v", got)
	}
}

func TestNewID(t *testing.T) {
	a, b := NewID(day(1)), NewID(day(1).Add(time.Millisecond))
	if len(a) != 26 || a >= b {
		t.Errorf("IDs %s, %s", a, b)
	}
	if got := NewID(time.UnixMilli(1469918176385))[:10]; got != "01ARYZ6S41" {
		t.Errorf("time part %s, the ULID specification has 01ARYZ6S41", got)
	}
}
