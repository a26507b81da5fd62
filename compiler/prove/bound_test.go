package prove

import (
	"testing"

	"github.com/segql/segql/compiler/calendar"
)

// Five hours ago is never before seven hours ago, as an instant. On the wall
// it is, when the clock has been put back in between.
func TestLengthsOfTimeAreOrdered(t *testing.T) {
	ago := func(n int64, u calendar.Unit, key string) *bound {
		b := (&bound{days: true, fixed: true}).moved(-n, u)
		b.key = key
		return b
	}
	five, seven := ago(5, calendar.Hours, "5h"), ago(7, calendar.Hours, "7h")
	minutes := ago(300, calendar.Minutes, "300m")
	for _, c := range []struct {
		name       string
		a, b       *bound
		wall, want bool
	}{
		{"the earlier is not after the later", seven, five, false, true},
		{"the later is after the earlier", five, seven, false, false},
		{"the same in other units", five, minutes, false, true},
		{"and the other way round", minutes, five, false, true},
		{"on the wall nothing is known", seven, five, true, false},
		{"a week lies before five hours on any clock", ago(7, calendar.Days, "7d"), five, true, true},
	} {
		if got := c.a.notAfter(c.b, c.wall); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
