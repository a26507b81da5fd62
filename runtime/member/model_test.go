package member

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"pgregory.net/rapid"

	"github.com/segql/segql/runtime/duckdb"
)

// model is the store as plain rows: what the views must show.
type model struct {
	runs     []modelRun
	segments []Ref // in the order of their numbers, from 1
	last     map[Ref]string
	data     string
	members  map[modelMember]int // the run of entering
	log      []modelChange
	keys     map[string][]string // that the store has seen, by entity
}

type modelMember struct {
	Ref
	key string
}

type modelRun struct {
	Run
	seq      int
	segments []Ref // those of its batch, and those that are gone
}

type modelChange struct {
	modelMember
	seq     int
	entered bool
	cause   Cause
}

// modelBatch is a run: a segment's definition and members.
type modelBatch struct {
	run      Run
	partial  bool
	segments []modelSegment
	keys     map[string][]string // of all rows, by entity
}

type modelSegment struct {
	Ref
	definition string
	members    []string
}

func (m *model) commit(b modelBatch) {
	seq := len(m.runs) + 1
	m.runs = append(m.runs, modelRun{Run: b.run, seq: seq})
	listed := map[Ref]bool{}
	for _, g := range b.segments {
		m.runs[seq-1].segments = append(m.runs[seq-1].segments, g.Ref)
		listed[g.Ref] = true
		if !slices.Contains(m.segments, g.Ref) {
			m.segments = append(m.segments, g.Ref)
		}
	}
	if b.run.Historical {
		return
	}
	for entity, keys := range b.keys {
		for _, key := range keys {
			if !slices.Contains(m.keys[entity], key) {
				m.keys[entity] = append(m.keys[entity], key)
			}
		}
	}
	change := func(member modelMember, entered bool, cause Cause) {
		m.log = append(m.log, modelChange{member, seq, entered, cause})
		if entered {
			m.members[member] = seq
		} else {
			delete(m.members, member)
		}
	}
	for _, g := range b.segments {
		cause := ByData
		if definition, ok := m.last[g.Ref]; !ok || definition != g.definition {
			cause = ByDefinition
		} else if seq > 1 && m.data == b.run.Data {
			cause = ByTime
		}
		for _, key := range g.members {
			if member := (modelMember{g.Ref, key}); m.members[member] == 0 {
				change(member, true, cause)
			}
		}
		for member := range maps.Clone(m.members) {
			if member.Ref == g.Ref && !slices.Contains(g.members, member.key) {
				change(member, false, cause)
			}
		}
		m.last[g.Ref] = g.definition
	}
	for member := range maps.Clone(m.members) {
		if !listed[member.Ref] && !b.partial {
			m.runs[seq-1].segments = append(m.runs[seq-1].segments, member.Ref)
			change(member, false, ByDefinition)
		}
	}
	m.data = b.run.Data
}

func (m *model) run(seq int) Run { return m.runs[seq-1].Run }

func at(t time.Time) string { return t.UTC().Format("2006-01-02") }

// views are the rows of the views, in order.
func (m *model) views() map[string][]string {
	out := map[string][]string{"members": {}, "members_current": {}, "changes": {}, "history": {}, "runs": {}}
	add := func(view string, cells ...any) { out[view] = append(out[view], fmt.Sprint(cells...)) }
	line := func(cells ...string) string { return strings.Join(cells, "|") }
	for member, seq := range m.members {
		text := line(member.Segment, member.Entity, member.key, at(m.run(seq).AsOf), m.run(seq).ID)
		add("members", text)
		add("members_current", text)
	}
	for i, c := range m.log {
		run := m.run(c.seq)
		kind := "left"
		if c.entered {
			kind = "entered"
		}
		add("changes", line(c.Segment, c.Entity, c.key, run.ID, at(run.AsOf), kind, c.cause.String()))
		if !c.entered {
			continue
		}
		left := "||"
		for _, d := range m.log[i+1:] {
			if d.modelMember == c.modelMember {
				left = line(at(m.run(d.seq).AsOf), m.run(d.seq).ID, d.cause.String())
				break
			}
		}
		add("history", line(c.Segment, c.Entity, c.key, at(run.AsOf), run.ID, c.cause.String(), left))
	}
	for _, r := range m.runs {
		add("runs", line(r.ID, at(r.AsOf), r.Data, fmt.Sprint(r.Historical)))
	}
	for _, rows := range out {
		slices.Sort(rows)
	}
	return out
}

var viewQueries = map[string]string{
	"members":         "concat_ws('|', segment, entity, customer, strftime(since, '%Y-%m-%d'), run)",
	"members_current": "concat_ws('|', segment, entity, customer, strftime(since, '%Y-%m-%d'), run)",
	"changes":         "concat_ws('|', segment, entity, customer, run, strftime(as_of, '%Y-%m-%d'), kind, cause)",
	"history":         "concat_ws('|', segment, entity, customer, strftime(entered_at, '%Y-%m-%d'), entered_run, entered_cause, coalesce(strftime(left_at, '%Y-%m-%d'), ''), coalesce(left_run, ''), coalesce(left_cause, ''))",
	"runs":            "concat_ws('|', run, strftime(as_of, '%Y-%m-%d'), data_hash, historical)",
}

// show reads the views as the model gives them, of one segment if named.
func show(t rapid.TB, s *Store, segment string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for view, columns := range viewQueries {
		out[view] = []string{}
		where := ""
		if segment != "" && view != "runs" {
			where = " WHERE segment = " + duckdb.QuoteText(segment)
		}
		err := s.each(ctx, "test", "SELECT "+columns+" FROM {main}."+view+where, func(scan func(...any) error) error {
			var row string
			err := scan(&row)
			out[view] = append(out[view], row)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(out[view])
	}
	return out
}

func (m *model) check(t rapid.TB, s *Store) {
	t.Helper()
	want, got := m.views(), show(t, s, "")
	for view := range want {
		if !slices.Equal(want[view], got[view]) {
			t.Fatalf("%s after %d runs:\n%s\nwant\n%s", view, len(m.runs), strings.Join(got[view], "\n"), strings.Join(want[view], "\n"))
		}
	}
	one := show(t, s, "a")
	for view, rows := range want {
		rows = slices.DeleteFunc(slices.Clone(rows), func(row string) bool { return view != "runs" && !strings.HasPrefix(row, "a|") })
		if !slices.Equal(rows, one[view]) {
			t.Fatalf("%s of a after %d runs:\n%s\nwant\n%s", view, len(m.runs), strings.Join(one[view], "\n"), strings.Join(rows, "\n"))
		}
	}
}

// batch gives the store a run of the model, its rows numbered as they come.
func (b modelBatch) batch() Batch {
	out := Batch{Run: b.run, Partial: b.partial}
	for _, entity := range slices.Sorted(maps.Keys(b.keys)) {
		u := universe(entity, b.keys[entity])
		u.Ordered = slices.IsSorted(b.keys[entity])
		out.Universes = append(out.Universes, u)
	}
	for _, g := range b.segments {
		set := roaring.New()
		for _, key := range g.members {
			set.Add(uint32(slices.Index(b.keys[g.Entity], key)))
		}
		out.Segments = append(out.Segments, Segment{Name: g.Segment, Entity: g.Entity, Definition: g.definition, Members: set})
	}
	return out
}

var modelKeys = []string{"1", "2", "10", "ế", "x'y", "", "Z"}

// drawHistory draws runs: whole and partial ones, of the past, of segments that
// come, go, change their entity and their definition.
func drawHistory(t *rapid.T) (list []modelBatch) {
	day0 := 0
	for i := range rapid.IntRange(1, 7).Draw(t, "runs") {
		day0 += rapid.IntRange(0, 2).Draw(t, "days")
		b := modelBatch{keys: map[string][]string{}, partial: rapid.Bool().Draw(t, "partial"),
			run: Run{ID: fmt.Sprintf("run-%03d", i), AsOf: day(day0), Data: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "data"), Params: "{}"}}
		if i > 0 && rapid.IntRange(0, 5).Draw(t, "historical") == 0 {
			b.run.Historical, b.run.AsOf = true, day(day0-5)
		}
		for _, entity := range []string{"customer", "company"} {
			b.keys[entity] = rapid.Permutation(modelKeys).Draw(t, "keys")[:rapid.IntRange(0, len(modelKeys)).Draw(t, "rows")]
			if rapid.Bool().Draw(t, "ordered") {
				slices.Sort(b.keys[entity])
			}
		}
		for _, name := range []string{"a", "b", "c.d"} {
			if rapid.IntRange(0, 3).Draw(t, "has "+name) == 0 {
				continue
			}
			g := modelSegment{Ref: Ref{name, rapid.SampledFrom([]string{"customer", "customer", "customer", "company"}).Draw(t, "entity")},
				definition: rapid.SampledFrom([]string{"1", "1", "1", "2"}).Draw(t, "definition")}
			for _, key := range b.keys[g.Entity] {
				if rapid.Bool().Draw(t, "in") {
					g.members = append(g.members, key)
				}
			}
			b.segments = append(b.segments, g)
		}
		list = append(list, b)
	}
	return list
}

func newModel() *model {
	return &model{last: map[Ref]string{}, members: map[modelMember]int{}, keys: map[string][]string{}}
}

// TestViewsShowPlainRows: after any sequence of runs the views show what a
// store of plain rows would hold, also when an older format kept the first of
// them.
func TestViewsShowPlainRows(t *testing.T) {
	dir := t.TempDir()
	trial := 0
	session, err := duckdb.Open(ctx, duckdb.Options{Dir: dir, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	rapid.Check(t, func(t *rapid.T) {
		trial++
		path := filepath.Join(dir, fmt.Sprintf("s%d.duckdb", trial))
		list := drawHistory(t)
		m := newModel()
		for range rapid.IntRange(-1, len(list)).Draw(t, "older format") {
			m.commit(list[0])
			list = list[1:]
		}
		if len(m.runs) > 0 {
			m.writeOld(t, session, path)
		}
		s, err := Open(ctx, session, path, Write, "test")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _, _ = s.Close(), os.Remove(path) }()
		for _, b := range list {
			if _, err := s.Commit(ctx, b.batch()); err != nil {
				t.Fatal(err)
			}
			m.commit(b)
		}
		m.check(t, s)
		m.checkNumbers(t, s)
		m.checkBefore(t, s)
	})
}

// checkBefore compares a new run with what those before an instant have stored.
func (m *model) checkBefore(t *rapid.T, s *Store) {
	now := drawHistory(t)[0]
	before := day(rapid.IntRange(-3, 9).Draw(t, "before"))
	was, ran := map[modelMember]bool{}, map[Ref]bool{}
	for _, c := range m.log {
		if m.run(c.seq).AsOf.Before(before) {
			was[c.modelMember] = c.entered
		}
	}
	for _, r := range m.runs {
		if !r.Historical && r.AsOf.Before(before) {
			for _, ref := range r.segments {
				ran[ref] = true
			}
		}
	}
	found := &duckdb.Memberships{Sets: map[string]*roaring.Bitmap{}}
	want := map[Ref]Before{}
	var refs []Ref
	b := now.batch()
	found.Universes = b.Universes
	for i, g := range now.segments {
		found.Sets[g.Segment] = b.Segments[i].Members
		refs = append(refs, g.Ref)
		if !ran[g.Ref] {
			continue
		}
		var w Before
		for _, key := range g.members {
			if !was[modelMember{g.Ref, key}] {
				w.Entered++
			}
		}
		for member, in := range was {
			if in && member.Ref == g.Ref {
				w.Size++
				if !slices.Contains(g.members, member.key) {
					w.Left++
				}
			}
		}
		want[g.Ref] = w
	}
	if len(refs) == 0 {
		return
	}
	got, err := s.Before(ctx, refs, before, found)
	if err != nil || !maps.Equal(got, want) {
		t.Fatalf("before %s: %v, want %v; %v", before, got, want, err)
	}
}

// checkNumbers: every key that an entity had has a number of its own.
func (m *model) checkNumbers(t rapid.TB, s *Store) {
	want := 0
	for _, keys := range m.keys {
		want += len(keys)
	}
	var n, keys, ids int
	if err := s.session.QueryRow(ctx, "test", s.sql(`SELECT count(*), count(DISTINCT (entity, "key")), count(DISTINCT id) FROM {log}.customer`), &n, &keys, &ids); err != nil {
		t.Fatal(err)
	}
	if n != want || keys != want || ids != want {
		t.Fatalf("%d customers, %d keys, %d numbers, want %d", n, keys, ids, want)
	}
}

// formatTwo are the tables before sets were kept as containers.
const formatTwo = `
CREATE SCHEMA o.log;
CREATE TABLE o.log.meta (format INTEGER, segql VARCHAR, created TIMESTAMPTZ);
CREATE TABLE o.log.run (
  seq INTEGER, run VARCHAR, as_of TIMESTAMPTZ, started TIMESTAMPTZ, finished TIMESTAMPTZ,
  project_hash VARCHAR, data_hash VARCHAR, params VARCHAR, segql VARCHAR, status VARCHAR, historical BOOLEAN);
CREATE TABLE o.log.run_segment (
  seq INTEGER, segment INTEGER, size BIGINT, universe BIGINT, entered BIGINT, "left" BIGINT,
  definition VARCHAR, expectations VARCHAR);
CREATE TABLE o.log.segment (id INTEGER, name VARCHAR, entity VARCHAR);
CREATE TABLE o.log.customer (id INTEGER, entity VARCHAR, "key" VARCHAR);
CREATE TABLE o.log.change (seq INTEGER, segment INTEGER, customer INTEGER, entered BOOLEAN, cause UTINYINT);
CREATE TABLE o.log.member (segment INTEGER, customer INTEGER, seq INTEGER);
CREATE VIEW o.main.members_current AS SELECT segment, customer, seq FROM log.member;
CREATE VIEW o.main.changes AS SELECT segment, customer, seq FROM log.change;
INSERT INTO o.log.meta VALUES (1, 'test', now());
`

// writeOld writes what the model holds in format 1.
func (m *model) writeOld(t rapid.TB, session *duckdb.Session, path string) {
	t.Helper()
	text := []string{"ATTACH " + duckdb.QuoteText(path) + " AS o", formatTwo}
	insert := func(table string, values ...any) {
		text = append(text, fmt.Sprintf("INSERT INTO o.log.%s VALUES (%s)", table, strings.TrimSuffix(strings.Repeat("%v, ", len(values)), ", ")))
		text[len(text)-1] = fmt.Sprintf(text[len(text)-1], values...)
	}
	numbers := map[modelMember]int{}
	for _, entity := range slices.Sorted(maps.Keys(m.keys)) {
		for _, key := range m.keys[entity] {
			of := modelMember{Ref{Entity: entity}, key}
			numbers[of] = len(numbers) + 1
			insert("customer", numbers[of], duckdb.QuoteText(entity), duckdb.QuoteText(key))
		}
	}
	number := func(member modelMember) int { return numbers[modelMember{Ref{Entity: member.Entity}, member.key}] }
	for i, ref := range m.segments {
		insert("segment", i+1, duckdb.QuoteText(ref.Segment), duckdb.QuoteText(ref.Entity))
	}
	segment := func(ref Ref) int { return slices.Index(m.segments, ref) + 1 }
	current := 0
	for _, r := range m.runs {
		insert("run", r.seq, duckdb.QuoteText(r.ID), instant(r.AsOf), "NULL", "NULL", "''", duckdb.QuoteText(r.Data), "'{}'", "''", "'complete'", r.Historical)
		if !r.Historical {
			current = r.seq
		}
	}
	for _, r := range m.runs {
		for _, ref := range r.segments {
			insert("run_segment", r.seq, segment(ref), 0, 0, 0, 0, "NULL", "NULL")
		}
	}
	for ref, definition := range m.last {
		insert("run_segment", current, segment(ref), 0, 0, 0, 0, duckdb.QuoteText(definition), "''")
	}
	for _, c := range m.log {
		insert("change", c.seq, segment(c.Ref), number(c.modelMember), c.entered, uint8(c.cause))
	}
	for member, seq := range m.members {
		insert("member", segment(member.Ref), number(member), seq)
	}
	if err := session.Exec(ctx, "test", strings.Join(append(text, "DETACH o"), ";\n")); err != nil {
		t.Fatal(err)
	}
}
