package bench

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// aloneVariable makes this test's binary the process of its own that measures
// one contender: the options, as JSON.
const aloneVariable = "SEGQL_BENCH_ALONE"

func TestMain(m *testing.M) {
	if text := os.Getenv(aloneVariable); text != "" {
		if err := alone(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

type aloneOptions struct {
	Dir, Contender string
	Size           Size
	Segments       int
}

func alone(text string) error {
	var o aloneOptions
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	taken, err := Alone(context.Background(), Options{Dir: o.Dir, Size: o.Size, Segments: []int{o.Segments}}, o.Contender)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(taken)
}

// TestEqual compares the very members of 60 segments, as SQL by hand and segql
// find them.
func TestEqual(t *testing.T) {
	ctx := context.Background()
	o := Options{Dir: t.TempDir(), Size: Standard(2_000)}
	trial, err := o.prepare(ctx, 60)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, name := range []string{ByHand, "segql"} {
		c, err := contender(name)
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.run(ctx, trial, t.TempDir())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		table := map[string]string{ByHand: "a", "segql": "b"}[name]
		if err := execute(ctx, db, "ATTACH "+quote(out.file)+" AS found (READ_ONLY)", "USE found",
			"CREATE TABLE memory."+table+" AS SELECT segment, k FROM ("+out.members+") AS m(segment, k)", "USE memory", "DETACH found"); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range []string{"a EXCEPT FROM b", "b EXCEPT FROM a"} {
		rows, err := db.QueryContext(ctx, "SELECT segment, count(*) FROM (FROM "+q+") GROUP BY segment ORDER BY segment")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			var n int
			if err := rows.Scan(&name, &n); err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(trial.segments, func(s Segment) bool { return s.Name == name })
			t.Errorf("%s: %d members only on one side (%s)\n%s\n%s", name, n, q, trial.segments[i].File, trial.segments[i].ByHand)
		}
	}
	checkMembers(t, db, len(trial.segments))
}

// checkMembers holds that there was something to compare.
func checkMembers(t *testing.T, db *sql.DB, segments int) {
	t.Helper()
	var members, filled int
	if err := db.QueryRow("SELECT count(*), count(DISTINCT segment) FROM a").Scan(&members, &filled); err != nil {
		t.Fatal(err)
	}
	if share := float64(members) / float64(segments) / 2_000; share < 0.05 || share > 0.20 {
		t.Errorf("a segment has %.0f%% of the customers on average", 100*share)
	}
	if filled < segments*8/10 {
		t.Errorf("only %d of %d segments have members", filled, segments)
	}
}

// TestMeasure lets all contenders take turns, over both formats of data.
func TestMeasure(t *testing.T) {
	for _, format := range []string{DuckDB, Parquet} {
		t.Run(format, func(t *testing.T) {
			o := Options{Dir: t.TempDir(), Size: Standard(2_000), Segments: []int{6}, Runs: 2, RunsOf: map[string]int{"by-hand-temp": 0, "scan": 1}, Command: "segql bench"}
			o.Size.Format = format
			var said []string
			o.Progress = func(doing string) { said = append(said, doing) }
			o.Child = func(ctx context.Context, contender string, segments int) (*exec.Cmd, error) {
				text, err := json.Marshal(aloneOptions{o.Dir, contender, o.Size, segments})
				if err != nil {
					return nil, err
				}
				cmd := exec.CommandContext(ctx, os.Args[0])
				cmd.Env = append(os.Environ(), aloneVariable+"="+string(text))
				return cmd, nil
			}
			r, err := Measure(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			checkCase(t, &r.Cases[0])
			if !slices.Contains(said, "6 segments, run 2 of 2: segql") {
				t.Errorf("progress: %q", said)
			}
			if parts, _ := filepath.Glob(filepath.Join(o.Dir, "*.part-*")); len(parts) > 0 {
				t.Errorf("left behind: %s", parts)
			}
		})
	}
}

func checkCase(t *testing.T, c *Case) {
	t.Helper()
	var names []string
	for _, e := range c.Entries {
		names = append(names, fmt.Sprintf("%s %d", e.Name, len(e.Samples)))
		if e.Median <= 0 || e.Min > e.Median || e.Median > e.Max {
			t.Errorf("%s: %f to %f, median %f", e.Name, e.Min, e.Max, e.Median)
		}
		if p := e.Process; thisProcess() != nil && (p == nil || p.PeakBytes < 10<<20 || p.ReadBytes <= 0) {
			t.Errorf("%s: %+v", e.Name, p)
		}
	}
	if got := strings.Join(names, ", "); got != "by-hand 2, segql 2, scan 1, group 2" {
		t.Errorf("runs: %s", got)
	}
	if c.Members == 0 || c.Ratio("segql") <= 0 || c.Ratio("by-hand") != 1 || c.Ratio("by-hand-temp") != 0 {
		t.Errorf("%d members, ratios %f, %f and %f", c.Members, c.Ratio("segql"), c.Ratio("by-hand"), c.Ratio("by-hand-temp"))
	}
	phases := c.Entry("segql").Phases()
	if len(phases) < 3 || phases[0].Name != "open" {
		t.Errorf("phases: %v", phases)
	}
}

// TestDifferent holds that members which differ are found.
func TestDifferent(t *testing.T) {
	list := Segments(1, 3)
	a := map[string]digest{"s0001": {1, 7, 49}, "s0002": {2, 3, 5}}
	for name, tc := range map[string]struct {
		b    map[string]digest
		want string
	}{
		"same":    {map[string]digest{"s0001": {1, 7, 49}, "s0002": {2, 3, 5}}, ""},
		"other":   {map[string]digest{"s0001": {1, 8, 64}, "s0002": {2, 3, 5}}, "1 of 3 segments: s0001 (1 and 1 members)"},
		"missing": {map[string]digest{"s0001": {1, 7, 49}}, "s0002 (2 and 0 members)"},
		"more":    {map[string]digest{"s0001": {1, 7, 49}, "s0002": {2, 3, 5}, "x": {1, 1, 1}}, "x, which nobody asked for"},
	} {
		err := differ(list, a, tc.b)
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v, not %q", name, err, tc.want)
		}
	}
}

// TestVersions holds that what is made changes with its version only: a cached
// folder must never be another one's.
func TestVersions(t *testing.T) {
	s := Standard(1_000_000)
	var segments strings.Builder
	for _, seg := range Segments(42, 1000) {
		segments.WriteString(seg.File + seg.ByHand)
	}
	for _, tc := range []struct {
		what, text, want string
	}{
		{"data, dataVersion 1", s.customersSQL() + s.ordersSQL() + s.eventsSQL(), "a4b88da211386a2a"},
		{"segments, segmentVersion 3", segments.String() + catalog(DuckDB) + catalog(Parquet) + sharedText, "8e7f3cb5551a2e8f"},
	} {
		if got := fmt.Sprintf("%x", sha256.Sum256([]byte(tc.text)))[:16]; got != tc.want {
			t.Errorf("%s: what is made is now %s, was %s; raise the version in size.go and change both here", tc.what, got, tc.want)
		}
	}
}

// TestSegments holds the segments to what they should be like: many conditions
// come again and again.
func TestSegments(t *testing.T) {
	shape := ShapeOf(Segments(42, 200))
	if shape.Conditions < 520 || shape.Conditions > 600 || shape.Distinct < 280 || shape.Distinct > 330 || shape.Aggregates < 140 || shape.Aggregates > 180 {
		t.Errorf("the shape is off: %+v", shape)
	}
	few, many := Segments(7, 10), Segments(7, 100)
	for i := range few {
		if few[i].File != many[i].File || few[i].ByHand != many[i].ByHand {
			t.Errorf("segment %d depends on how many there are", i)
		}
	}
	if Segments(8, 10)[0].File == few[0].File {
		t.Error("the seed changes nothing")
	}
}

// TestData holds that the data is the same whatever the threads, and what its
// shape is.
func TestData(t *testing.T) {
	ctx := context.Background()
	s := Standard(2_000)
	for _, q := range []struct{ what, sql string }{
		{"customers", s.customersSQL()}, {"orders", s.ordersSQL()}, {"events", s.eventsSQL()},
	} {
		var sums [2]string
		for i, threads := range []int{1, 4} {
			db, err := sql.Open("duckdb", "")
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			db.SetMaxOpenConns(1)
			if err := execute(ctx, db, fmt.Sprintf("SET threads = %d", threads), "CREATE TABLE t AS "+q.sql); err != nil {
				t.Fatal(err)
			}
			if err := db.QueryRow("SELECT md5(string_agg(t::VARCHAR, '\n' ORDER BY rowid)) FROM t").Scan(&sums[i]); err != nil {
				t.Fatal(err)
			}
		}
		if sums[0] != sums[1] {
			t.Errorf("%s depend on the number of threads", q.what)
		}
	}
	if _, err := MakeData(ctx, t.TempDir(), Size{Customers: 0, Orders: 1, Events: 1, Format: DuckDB}, nil); err == nil {
		t.Error("no customers are a size")
	}
}

// TestActivity holds the data to be skewed: few customers do most.
func TestActivity(t *testing.T) {
	folder, err := MakeData(context.Background(), t.TempDir(), Standard(2_000), nil)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", filepath.Join(folder, databaseFile)+"?access_mode=read_only")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, tc := range []struct{ what, sql string }{
		{"a fifth has no orders", "SELECT count(*) BETWEEN 300 AND 500 FROM customers WHERE id NOT IN (SELECT customer_id FROM orders)"},
		{"a twelfth has no events", "SELECT count(*) BETWEEN 100 AND 260 FROM customers WHERE id NOT IN (SELECT customer_id FROM events)"},
		{"the busiest have most", "SELECT max(n) > 20 * median(n) FROM (SELECT count(*) AS n FROM events GROUP BY customer_id)"},
		{"nobody acts before coming", "SELECT count(*) = 0 FROM customers JOIN events ON customer_id = id WHERE happened_at < date_trunc('day', signup_at)"},
		{"nothing is after the run", "SELECT max(happened_at) < TIMESTAMP '" + asOf + "' AND (SELECT max(ordered_at) < TIMESTAMP '" + asOf + "' FROM orders) FROM events"},
		{"facts are sorted by time", "SELECT bool_and(ok) FROM (SELECT happened_at >= lag(happened_at, 1, happened_at) OVER (ORDER BY rowid) AS ok FROM events)"},
		{"no customer orders twice at once", "SELECT count(*) = count(DISTINCT (customer_id, ordered_at)) FROM orders"},
		{"values are missing", "SELECT count(gender) < count(*) AND count(income) < 0.7 * count(*) AND count(lat) < count(*) AND count(email) < count(*) FROM customers"},
		{"all is of a known customer", "SELECT count(*) = 0 FROM events WHERE customer_id NOT BETWEEN 1 AND 2000"},
	} {
		var ok bool
		if err := db.QueryRow(tc.sql).Scan(&ok); err != nil || !ok {
			t.Errorf("%s: %v, %v", tc.what, ok, err)
		}
	}
}

// TestNext runs a day after another, with what is new in the meantime.
func TestNext(t *testing.T) {
	o := Options{Dir: t.TempDir(), Size: Standard(2_000), Segments: []int{20}, RunsOf: map[string]int{ByHand: 1, "next-1%": 2, "next-day": 1}}
	result, err := Measure(context.Background(), o) // which compares the members
	if err != nil {
		t.Fatal(err)
	}
	if c := result.Cases[0]; len(c.Entries) != 3 || len(c.Entry("next-1%").Samples) != 2 || c.Members == 0 {
		t.Errorf("measured %+v", c)
	}
	data, err := next{100}.data(context.Background(), &trial{data: filepath.Join(o.Dir, o.Size.folder())})
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if err := execute(context.Background(), db, "ATTACH "+quote(filepath.Join(data, "before", databaseFile))+" AS b (READ_ONLY)", "ATTACH "+quote(filepath.Join(data, "after", databaseFile))+" AS a (READ_ONLY)"); err != nil {
		t.Fatal(err)
	}
	var moved int
	var share float64
	if err := db.QueryRow("SELECT (SELECT count(*) FROM (SELECT rowid, * FROM b.events EXCEPT SELECT rowid, * FROM a.events)), 1 - (SELECT count(*) FROM b.events) / (SELECT count(*) FROM a.events)").Scan(&moved, &share); err != nil {
		t.Fatal(err)
	}
	if moved != 0 || share < 0.01 || share > 0.013 {
		t.Errorf("%d rows do not stand where they stood, and %.4f are new", moved, share)
	}
	o.Size.Format = Parquet
	if _, err := Measure(context.Background(), o); err == nil {
		t.Error("rows were inserted into Parquet files")
	}
}
