package member

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/segql/segql/runtime/duckdb"
)

// population is what a run finds of many segments, and what the next does, when
// about one membership of 38 has ended and as many have begun. Segments have
// from none to more than a third of the customers, 9% on average. The rows are
// in an order that is not that of the keys.
type population struct {
	customers, segments int
	days                [2][]Segment
}

func populate(customers, segments int) *population {
	p := &population{customers: customers, segments: segments}
	const ending = 0.0262
	for i := range segments {
		share := float64(i) / float64(segments-1)
		share *= 0.36 * share * share
		begin := share * ending / (1 - share)
		words := [2][]uint64{make([]uint64, (customers+63)/64), make([]uint64, (customers+63)/64)}
		state := uint64(i)
		for c := range customers {
			was := random(&state) < share
			is := was
			if change := random(&state); was && change < ending || !was && change < begin {
				is = !was
			}
			for day, in := range []bool{was, is} {
				if in {
					words[day][c>>6] |= 1 << (c & 63)
				}
			}
		}
		for day := range p.days {
			p.days[day] = append(p.days[day], Segment{Name: fmt.Sprintf("segment_%d", i), Entity: "customer", Members: roaring.FromDense(words[day], false)})
		}
	}
	return p
}

// random is splitmix64.
func random(state *uint64) float64 {
	*state += 0x9e3779b97f4a7c15
	z := *state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>11) / (1 << 53)
}

func (p *population) batch(n int) Batch {
	b := batch(n, set{})
	b.Segments = p.days[n%2]
	b.Universes = []duckdb.Universe{{Entity: "customer", Rows: p.customers, Keys: `SELECT n, "key" FROM temp.main.population`}}
	return b
}

// session has the keys of the population.
func (p *population) session(b *testing.B, dir string) *duckdb.Session {
	session, err := duckdb.Open(ctx, duckdb.Options{Dir: dir, MemoryLimit: "4GB"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = session.Close() })
	if err := session.Exec(ctx, "prepare", fmt.Sprintf("CREATE TEMP TABLE population AS SELECT n, printf('C%%08d', n * 7919 %% %d) AS \"key\" FROM range(%[1]d) t(n)", p.customers)); err != nil {
		b.Fatal(err)
	}
	return session
}

func BenchmarkCommit(b *testing.B) {
	for _, size := range [][2]int{{1_000_000, 200}, {3_000_000, 1000}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			if size[1] > 200 && testing.Short() {
				b.Skip("long")
			}
			benchmarkCommit(b, populate(size[0], size[1]))
		})
	}
}

func benchmarkCommit(b *testing.B, p *population) {
	dir := b.TempDir()
	session := p.session(b, dir)
	n := 0
	for b.Loop() {
		n++
		path := filepath.Join(dir, fmt.Sprintf("s%d.duckdb", n))
		s, err := Open(ctx, session, path, Write, "bench")
		if err != nil {
			b.Fatal(err)
		}
		timed := func(name string, do func() error) {
			begin := b.Elapsed()
			if err := do(); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric((b.Elapsed() - begin).Seconds(), "s/"+name)
		}
		var members, changes int64
		for day, name := range []string{"first", "next"} {
			timed(name, func() error {
				out, err := s.Commit(ctx, p.batch(day))
				members, changes = 0, 0
				for _, o := range out {
					members, changes = members+o.Size, changes+o.Entered+o.Left
				}
				return err
			})
		}
		b.ReportMetric(float64(members), "members")
		b.ReportMetric(float64(changes), "changes")
		timed("close", s.Close)
		info, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size())/1e6, "MB")
		if s, err = Open(ctx, session, path, Read, "bench"); err != nil {
			b.Fatal(err)
		}
		timed("segment", func() error {
			return s.Members(ctx, fmt.Sprintf("segment_%d", p.segments*2/3), func(Member) error { return nil })
		})
		read := func(name, query string) {
			timed(name, func() error {
				var n int64
				return session.QueryRow(ctx, "read", s.sql(query), &n)
			})
		}
		read("sizes", "SELECT max(n) FROM (SELECT segment, count(*) AS n FROM {main}.members GROUP BY segment)")
		read("all", "SELECT CAST(max(hash(segment, customer, since)) >> 1 AS BIGINT) FROM {main}.members")
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		_ = os.Remove(path)
	}
}

// BenchmarkDifference finds who has entered and left since the last run beside
// EXCEPT, both ways, over rows of two numbers in memory. sets is the difference
// of the bitmaps alone; compare begins with what the store holds and with sets
// of rows in another order, and ends with what the store will hold.
func BenchmarkDifference(b *testing.B) {
	p := populate(1_000_000, 200)
	dir := b.TempDir()
	session := p.session(b, dir)
	s, err := Open(ctx, session, filepath.Join(dir, "s.duckdb"), Write, "bench")
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Commit(ctx, p.batch(0)); err != nil {
		b.Fatal(err)
	}
	for day, name := range []string{"before", "after"} {
		if err := p.rows(session, name, p.days[day]); err != nil {
			b.Fatal(err)
		}
	}
	var ours, theirs, sets float64
	for b.Loop() {
		begin := b.Elapsed()
		moved := uint64(0)
		for i, g := range p.days[1] {
			old := p.days[0][i].Members
			moved += roaring.AndNot(g.Members, old).GetCardinality() + roaring.AndNot(old, g.Members).GetCardinality()
		}
		sets += (b.Elapsed() - begin).Seconds()
		c := &commit{Store: s, b: p.batch(1), numbers: map[string]*numbers{}}
		for _, step := range []func(context.Context) error{c.begin, c.segments, c.number} {
			if err := step(ctx); err != nil {
				b.Fatal(err)
			}
		}
		begin = b.Elapsed()
		if err := c.compare(ctx); err != nil {
			b.Fatal(err)
		}
		ours += (b.Elapsed() - begin).Seconds()
		var changes, entered, left int64
		for _, p := range c.parts {
			changes += p.entered + p.left
		}
		begin = b.Elapsed()
		if err := session.QueryRow(ctx, "compare", "SELECT (SELECT count(*) FROM (FROM after EXCEPT FROM before)), (SELECT count(*) FROM (FROM before EXCEPT FROM after))", &entered, &left); err != nil {
			b.Fatal(err)
		}
		theirs += (b.Elapsed() - begin).Seconds()
		if changes != entered+left || int64(moved) != changes {
			b.Fatalf("%d changes, by bitmaps alone %d, EXCEPT finds %d", changes, moved, entered+left)
		}
	}
	b.ReportMetric(ours/float64(b.N), "s/compare")
	b.ReportMetric(theirs/float64(b.N), "s/EXCEPT")
	b.ReportMetric(sets/float64(b.N), "s/sets")
	b.ReportMetric(ours/theirs, "compare/EXCEPT")
	b.ReportMetric(sets/theirs, "sets/EXCEPT")
}

// rows makes a table of memberships as rows.
func (p *population) rows(session *duckdb.Session, table string, segments []Segment) error {
	if err := session.Exec(ctx, "prepare", "CREATE TEMP TABLE "+table+" (segment INTEGER, customer INTEGER)"); err != nil {
		return err
	}
	return session.Append(ctx, "prepare", [3]string{"temp", "main", table}, func(a *duckdb.Appender) error {
		for i, g := range segments {
			for it := g.Members.Iterator(); it.HasNext(); {
				duckdb.Put(a, 0, int32(i))
				duckdb.Put(a, 1, int32(it.Next()))
				if err := a.Next(); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
