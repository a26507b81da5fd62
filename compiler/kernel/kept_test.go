package kernel

import (
	"slices"
	"testing"
)

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
