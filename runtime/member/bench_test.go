package member

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/segql/segql/runtime/duckdb"
)

// BenchmarkCommit stores 200 segments of about 90,000 members each: the first
// run, and one in which 2.5% of the memberships changed. The members stand in
// a temporary table, as a run leaves them.
func BenchmarkCommit(b *testing.B) {
	dir := b.TempDir()
	session, err := duckdb.Open(ctx, duckdb.Options{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	defer session.Close()
	var segments []Segment
	for i := range 200 {
		segments = append(segments, Segment{Name: fmt.Sprintf("segment_%d", i), Entity: "customer", Universe: 100_000})
	}
	const rows = "SELECT 'segment_' || s AS segment, printf('C%07d', c) AS customer FROM range(200) a(s), range(100000) b(c) WHERE hash(s * 1000003 + c) % 10 <> 0"
	for table, query := range map[string]string{
		"first": rows, "next": rows + " AND hash(s * 7919 + c * 31 + 5) % 40 <> 0",
	} {
		if err := session.Exec(ctx, "prepare", "CREATE TEMP TABLE "+table+" AS "+query); err != nil {
			b.Fatal(err)
		}
	}
	n := 0
	for b.Loop() {
		n++
		s, err := Open(ctx, session, filepath.Join(dir, fmt.Sprintf("s%d.duckdb", n)), Write, "bench")
		if err != nil {
			b.Fatal(err)
		}
		for day, table := range []string{"first", "next"} {
			batch := batch(day, set{})
			batch.Segments, batch.Members = segments, table
			begin := b.Elapsed()
			if _, err := s.Commit(ctx, batch); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric((b.Elapsed() - begin).Seconds(), "s/"+table)
		}
		begin := b.Elapsed()
		count := 0
		if err := s.Members(ctx, "segment_7", func(Member) error { count++; return nil }); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric((b.Elapsed() - begin).Seconds(), "s/members")
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
