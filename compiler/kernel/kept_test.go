package kernel

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler/ir"
)

// What is written of a feature is read as it was, and its value and its end are
// found without reading it all.
func TestEntriesAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-200, 200))
		count := rapid.OneOf(rapid.Int64Range(1, 300), rapid.Int64Range(1, math.MaxInt64/2))
		f := rapid.SampledFrom([]*feature{{op: ir.OpCount, input: -1}, {op: ir.OpSum}, {op: ir.OpMin}, {op: ir.OpCount, distinct: true}, {op: ir.OpLast, order: []int{0, 1, 2}}}).Draw(t, "feature")
		w := newPartWriter(1)
		var want []entry
		for owner := range int32(ownersEach) {
			if rapid.IntRange(0, 99).Draw(t, "there") > 3 {
				continue
			}
			e := entry{owner: owner}
			switch f.kind() {
			case collect:
				for n := rapid.IntRange(1, 5).Draw(t, "values"); n > 0; n-- {
					e.words = append(e.words, uint64(number.Draw(t, "value")), uint64(count.Draw(t, "often")))
				}
			case pick:
				e.words = []uint64{uint64(rapid.IntRange(0, 7).Draw(t, "known"))}
				for range f.order {
					e.words = append(e.words, uint64(number.Draw(t, "value")))
				}
			default:
				e.n = count.Draw(t, "rows")
				if f.kind() != countRows {
					e.v = narrow(number.Draw(t, "value"))
				}
				if f.kind() == add && rapid.Bool().Draw(t, "wide") {
					e.v = Wide{e.v.Lo, number.Draw(t, "high")}
				}
			}
			want = append(want, e)
			w.put(0, f, &e)
		}
		c := &counter{Run: &Run{Program: &Program{features: []*feature{f}}}}
		r := entriesOf(f, split(w.bytes(), 1)[0])
		var got entry
		for _, e := range want {
			if !r.seek(e.owner) {
				t.Fatalf("owner %d is not found", e.owner)
			}
			r.read(&got)
			v, known := r.value()
			wantV, wantKnown := c.resultOf(0, &e)
			if got.n != e.n || got.v != e.v || !slices.Equal(got.words, e.words) || v != wantV || known != wantKnown {
				t.Fatalf("%+v is read as %+v, and is %v %v", e, got, v, known)
			}
		}
		if r.next() || r.to != len(r.raw) {
			t.Fatal("there is more")
		}
	})
}

// Rows that differ anywhere have other hashes: in a value, in which column has
// it, and in whether it is known at all.
func TestHashesTellRowsApart(t *testing.T) {
	b := &Batch{Rows: 5, Inputs: []Vector{
		{Values: []int64{0, 0, 7, 0, 0}, Known: []uint64{0b11101}},
		{Values: []int64{0, 0, 0, 7, 0}, Known: []uint64{0b01111}},
	}}
	s := &sums{}
	got := slices.Clone(s.hash(b))
	slices.Sort(got)
	if n := len(slices.Compact(got)); n != b.Rows {
		t.Errorf("%d hashes of %d rows", n, b.Rows)
	}
	for i, h := range s.hash(b) {
		if h == 0 {
			t.Errorf("row %d adds nothing", i)
		}
	}
}
