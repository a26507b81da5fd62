package examples_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/segql/segql/internal/pgtest"
	"github.com/segql/segql/internal/reference"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/member"
)

// shared is where the whole data sets are, beside the repository. Without it
// the tests run on what ships with the examples.
const shared = "../../shared/data"

// project is an example project whose segments have known members.
type project struct {
	dir  string // in examples/reference
	data string // of the set in shared
	full bool   // what ships is the whole set, not a sample
	// engine is the address of a server; "" is DuckDB.
	engine string
}

var projects = []project{
	{dir: "adventureworks", data: "adventureworks-retail", full: true},
	{dir: "customer-personality", data: "customer-personality", full: true},
	{dir: "online-retail", data: "online-retail"},
	{dir: "vietnam-places", data: "vietnam-places", full: true},
}

// What ships with an example gives the reference members, by way of the store.
func TestReferenceProjects(t *testing.T) {
	for _, p := range projects {
		t.Run(p.dir, func(t *testing.T) {
			p.check(t, load(t, filepath.Join("testdata", p.dir+".yaml")), "")
		})
	}
}

// The whole retail set gives its reference members with the same definitions.
func TestReferenceFullSets(t *testing.T) {
	needShared(t)
	for _, p := range projects {
		if p.full {
			continue
		}
		t.Run(p.dir, func(t *testing.T) {
			dir := filepath.Join(shared, p.data)
			p.check(t, load(t, filepath.Join(dir, "reference.yaml")), dir)
		})
	}
}

// PostgreSQL gives the same members, of what ships and of the whole sets.
func TestReferencePostgres(t *testing.T) {
	server := pgtest.URL(t)
	for _, p := range projects {
		p.engine = server
		t.Run(p.dir, func(t *testing.T) {
			p.check(t, load(t, filepath.Join("testdata", p.dir+".yaml")), "")
		})
		if !p.full && !testing.Short() {
			t.Run(p.dir+" whole", func(t *testing.T) {
				needShared(t)
				dir := filepath.Join(shared, p.data)
				p.check(t, load(t, filepath.Join(dir, "reference.yaml")), dir)
			})
		}
	}
}

// What ships is what the data sets hold, and what is expected is theirs.
func TestReferenceIsUpToDate(t *testing.T) {
	needShared(t)
	for _, p := range projects {
		file := "reference.yaml"
		if !p.full {
			file = "reference_sample.yaml"
		}
		ours, theirs := load(t, filepath.Join("testdata", p.dir+".yaml")), load(t, filepath.Join(shared, p.data, file))
		if len(ours.Rules) != len(theirs.Rules) {
			t.Errorf("%s: %d rules, the data set has %d", p.dir, len(ours.Rules), len(theirs.Rules))
			continue
		}
		for i, r := range ours.Rules {
			if w := theirs.Rules[i]; r.ID != w.ID || r.Count != w.Count || r.SHA256 != w.SHA256 {
				t.Errorf("%s: rule %s is not the data set's", p.dir, r.ID)
			}
		}
		files, err := filepath.Glob(filepath.Join("reference", p.dir, "data", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			a, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(filepath.Join(shared, p.data, filepath.Base(f)))
			if filepath.Ext(f) == ".csv" {
				b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")) // as the repository keeps text
			}
			if err != nil || !bytes.Equal(a, b) {
				t.Errorf("%s differs from the data set's file (%v)", f, err)
			}
		}
	}
}

func needShared(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(shared); err != nil {
		t.Skip("the whole data sets are not here: no ", shared)
	}
}

func load(t *testing.T, path string) *reference.Set {
	t.Helper()
	s, err := reference.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// check runs the project and compares every rule's segment with the set.
func (p project) check(t *testing.T, want *reference.Set, data string) {
	t.Helper()
	compare(t, compute(t, runtime.Options{Dir: filepath.Join("reference", p.dir), Data: data, Engine: p.engine}), want)
}

// compare holds the members of segments to the rules of a set.
func compare(t *testing.T, c *computed, want *reference.Set) {
	t.Helper()
	for _, r := range want.Rules {
		ids, ok := c.members[r.ID]
		switch {
		case !ok:
			t.Errorf("%s: no such segment", r.ID)
		case int64(len(ids)) != r.Count:
			t.Errorf("%s: %d members, want %d", r.ID, len(ids), r.Count)
		case reference.Hash(ids) != r.SHA256:
			t.Errorf("%s: the number of members is right (%d), the members are not", r.ID, r.Count)
		}
	}
}

// computed is what a run of a project gave.
type computed struct {
	options runtime.Options // with the store of the runs
	report  *runtime.Report
	members map[string][]string // of each segment, as text
}

// compute runs a project, whose definitions must raise no error and no
// warning, and reads the members of every segment from the store. Runs as of
// earlier go before it, so that the store has a history.
func compute(t *testing.T, o runtime.Options, earlier ...string) *computed {
	t.Helper()
	ctx := context.Background()
	o.Store = filepath.Join(t.TempDir(), "store.duckdb")
	c := &computed{options: o, members: map[string][]string{}}
	for _, asOf := range append(earlier, "") {
		open, diags, err := runtime.Open(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range diags {
			if d.Severity != diag.Note {
				t.Errorf("%s: %s", d.Code, d.Message)
			}
		}
		at, from, err := open.AsOf(asOf, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		c.report, err = open.Run(ctx, runtime.RunOptions{AsOf: at, AsOfFrom: from, Now: time.Now})
		_ = open.Close()
		if err != nil {
			t.Fatal(err)
		}
	}
	st, err := member.OpenFile(ctx, o.Store, member.Read, "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	for _, s := range c.report.Segments {
		ids := []string{}
		err := st.Members(ctx, s.Name, func(m member.Member) error {
			ids = append(ids, m.Customer)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(ids)) != s.Members {
			t.Errorf("%s: %d members are stored, %d reported", s.Name, len(ids), s.Members)
		}
		c.members[s.Name] = ids
	}
	return c
}
