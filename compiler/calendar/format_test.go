package calendar

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestFormatAsFmt: dates are written as fmt would write them.
func TestFormatAsFmt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		date, clock := rapid.Int64Range(Date(-12_000, 1, 1), Date(12_000, 1, 1)).Draw(t, "date"), rapid.Int64Range(0, day-1).Draw(t, "clock")
		if rapid.Bool().Draw(t, "whole") {
			clock -= clock % second
		}
		y, m, d := Civil(date)
		want := fmt.Sprintf("%04d-%02d-%02d", y, m, d)
		if got := FormatDate(date); got != want {
			t.Errorf("%s, not %s", got, want)
		}
		want += fmt.Sprintf("T%02d:%02d:%02d", clock/hour, clock/minute%60, clock/second%60)
		if micros := clock % second; micros != 0 {
			want += fmt.Sprintf(".%06d", micros)
		}
		if got := FormatWall(date*day + clock); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	})
}
