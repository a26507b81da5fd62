package member

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"pgregory.net/rapid"

	"github.com/segql/segql/runtime/duckdb"
)

// TestContainers: sets come out of containers as they went in, and what is
// within another set is their intersection.
func TestContainers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) []uint64 {
			set := make([]uint64, 3*blockWords)
			for block := range 3 {
				every := rapid.SampledFrom([]int{0, 1, 2, 7, 8, 9, 60000}).Draw(t, name)
				from := rapid.IntRange(0, 1<<blockBits-1).Draw(t, "from")
				for n := from; n < 1<<blockBits && every > 0; n += every {
					n := block<<blockBits + n
					set[n>>6] |= 1 << (n & 63)
				}
			}
			return set
		}
		a, b := draw("a"), draw("b")
		list, size := packAll(a, container{segment: 7, seq: 3})
		if size != count(a) {
			t.Fatalf("size %d of %d", size, count(a))
		}
		back, both := make([]uint64, len(a)), make([]uint64, len(a))
		for _, c := range list {
			if (c.size > longest) != (c.words != nil) || (c.list == nil) != (c.words != nil) || c.segment != 7 || c.seq != 3 {
				t.Fatalf("%d members as %d numbers and %d words", c.size, len(c.list), len(c.words))
			}
			c.flip(back)
			rest := c.within(b)
			rest.flip(both)
		}
		if !slices.Equal(a, back) {
			t.Fatal("a set changed on its way through containers")
		}
		for i := range both {
			if both[i] != a[i]&b[i] {
				t.Fatalf("word %d of both is %x, want %x", i, both[i], a[i]&b[i])
			}
		}
	})
}

// TestLargeSets reads sets of several blocks through the views: lists, bits,
// those just between, and the customers at the edges of words and blocks.
func TestLargeSets(t *testing.T) {
	const customers = 200_000
	s := openStore(t, filepath.Join(t.TempDir(), "s.duckdb"), Write)
	every := func(n, from int) *roaring.Bitmap {
		set := roaring.New()
		for c := from; c < customers; c += n {
			set.Add(uint32(c))
		}
		return set
	}
	first := map[string]*roaring.Bitmap{"all": every(1, 0), "half": every(2, 1), "list": every(8, 0), "bits": every(8, 0), "edges": roaring.BitmapOf(0, 63, 64, 65535, 65536, 131071, 131072, customers-1)}
	first["bits"].Add(1)
	next := map[string]*roaring.Bitmap{"all": every(3, 0), "half": every(5, 0), "list": every(8, 4), "bits": every(8, 0), "edges": roaring.New()}
	for day, sets := range []map[string]*roaring.Bitmap{first, next} {
		b := batch(day, set{"all": nil, "half": nil, "list": nil, "bits": nil, "edges": nil})
		// Numbers of the run go down where those of the keys go up.
		b.Universes = []duckdb.Universe{{Entity: "customer", Rows: customers, Keys: fmt.Sprintf(`SELECT %d - c AS n, printf('%%06d', c) AS "key" FROM range(%[2]d) t(c)`, customers-1, customers)}}
		for i := range b.Segments {
			b.Segments[i].Members = sets[b.Segments[i].Name]
		}
		commitOK(t, s, b)
	}
	look := func(query, what string, want *roaring.Bitmap) {
		t.Helper()
		got := roaring.New()
		err := s.each(ctx, "test", query, func(scan func(...any) error) error {
			var c int
			err := scan(&c)
			if !got.CheckedAdd(uint32(customers - 1 - c)) {
				t.Errorf("%s: %d is there twice", what, c)
			}
			return err
		})
		if err != nil || !got.Equals(want) {
			t.Errorf("%s: %d customers, want %d; %v", what, got.GetCardinality(), want.GetCardinality(), err)
		}
	}
	for name := range first {
		of := " WHERE segment = " + duckdb.QuoteText(name)
		look("SELECT CAST(customer AS INTEGER) FROM {main}.members"+of, "members of "+name, next[name])
		look("SELECT CAST(customer AS INTEGER) FROM {main}.members"+of+" AND run = 'run-000'", "old members of "+name, roaring.And(first[name], next[name]))
		look("SELECT CAST(customer AS INTEGER) FROM {main}.changes"+of+" AND run = 'run-000'", "first of "+name, first[name])
		look("SELECT CAST(customer AS INTEGER) FROM {main}.changes"+of+" AND run = 'run-001' AND kind = 'entered'", "entered "+name, roaring.AndNot(next[name], first[name]))
		look("SELECT CAST(customer AS INTEGER) FROM {main}.history"+of+" AND left_run = 'run-001'", "left "+name, roaring.AndNot(first[name], next[name]))
	}
	for _, c := range []int{0, 63, 64, 65535, 65536, customers - 1} {
		in, err := s.SegmentsOf(ctx, "customer", fmt.Sprintf("%06d", customers-1-c))
		var got, want []string
		for _, m := range in {
			got = append(got, m.Segment)
		}
		for _, name := range []string{"all", "bits", "edges", "half", "list"} {
			if next[name].Contains(uint32(c)) {
				want = append(want, name)
			}
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%d is in %q, want %q; %v", c, got, want, err)
		}
	}
}
