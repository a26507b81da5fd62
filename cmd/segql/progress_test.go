package main

import (
	"testing"
	"time"
)

func TestProgressLine(t *testing.T) {
	for _, c := range []struct {
		spent time.Duration
		text  string
		left  time.Duration
		want  string
	}{
		{2 * time.Second, "store", 0, "  2 s  store"},
		{2 * time.Second, "features of customer (3 of 9)", 11*time.Second + 600*time.Millisecond, "  2 s, about 12 s left  features of customer (3 of 9)"},
		{20 * time.Second, "store", 200 * time.Millisecond, " 20 s, about 1 s left  store"},
		{21 * time.Second, "store", -time.Second, " 21 s  store"}, // longer than before: nothing is known
		{time.Second, "open", 119 * time.Second, "  1 s, about 119 s left  open"},
		{time.Second, "open", 10*time.Minute + 31*time.Second, "  1 s, about 11 min left  open"},
		{time.Second, "rows of \x1b[2J", 0, "  1 s  rows of �[2J"},
	} {
		if got := progressLine(c.spent, c.text, c.left); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestExpect: of work that is done at once nobody wants to know when.
func TestExpect(t *testing.T) {
	for took, told := range map[time.Duration]bool{time.Second: false, worthTelling - 1: false, worthTelling: true, time.Hour: true} {
		p := &progress{}
		p.expect(took)
		if p.end.IsZero() == told {
			t.Errorf("%v is told: %v", took, !told)
		}
	}
}
