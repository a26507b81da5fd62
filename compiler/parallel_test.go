package compiler

import (
	"slices"
	"testing"
)

func TestParallel(t *testing.T) {
	items := make([]int, 1000)
	for i := range items {
		items[i] = i
	}
	double := func(i int) int { return 2 * i }
	got := parallel(items, double)
	for i := range got {
		if got[i] != 2*i {
			t.Fatalf("item %d is %d", i, got[i])
		}
	}
	if got := parallel(nil, double); len(got) != 0 {
		t.Errorf("%d of nothing", len(got))
	}
	defer func() {
		if r := recover(); r != "seven" {
			t.Errorf("recovered %v", r)
		}
	}()
	parallel(slices.Repeat(items, 3), func(i int) int {
		if i == 7 {
			panic("seven")
		}
		return i
	})
	t.Error("no panic")
}
