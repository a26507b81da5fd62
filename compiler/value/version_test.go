package value

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// versionsInOrder are the versions of semver.org's example and others, each
// line of equal ones before those of the next.
const versionsInOrder = `0 0.0 v0.0.0
0.0.1
0.9
1-alpha 1.0-alpha V1.0.0-alpha 01.00-alpha
1.0.0-alpha.1
1.0.0-alpha.beta
1.0.0-beta
1.0.0-beta.2 1.0beta.2 1.0.0-beta.02+build.7
1.0.0-beta.11
1.0.0-rc.1
1.0.0-rc.1-x
1.0.0-x--
1 1.0 1.0.0 v1 01 1.0.0.0 1+20250308
1.0.0.1
1.0.1-1
1.0.1-2
1.0.1-10
1.0.1-1a
1.0.1-A
1.0.1-a
1.0.1
1.9
1.10 1.10.0
1.10.1
2
10.0.19041.1
120.0.6099.109
20250308123456
99999999999999999999`

func TestVersionOrder(t *testing.T) {
	var before []Value
	for line := range strings.Lines(versionsInOrder) {
		var same []Value
		for _, text := range strings.Fields(line) {
			v, ok := NewVersion(text)
			if !ok {
				t.Fatalf("%s is no version", text)
			}
			for _, b := range before {
				if Compare(b, v) >= 0 || Compare(v, b) <= 0 || Equal(b, v) {
					t.Errorf("%s does not come before %s (%s, %s)", b, text, b.S, v.S)
				}
			}
			same = append(same, v)
			if !Equal(v, same[0]) {
				t.Errorf("%s is not %s", text, same[0])
			}
			if again, ok := NewVersion(v.String()); !ok || again.S != v.S {
				t.Errorf("%s is written %s, which is another version", text, v)
			}
		}
		before = append(before, same...)
	}
}

func TestNoVersions(t *testing.T) {
	for _, text := range []string{"", "v", "1.", ".1", "1..2", "1,2", "1.2 beta", "1.2.", "x1", "1.0-", "1.0-.a", "1.0-a..b", "1.0+", "1.2.*", "-1", "1.0-é",
		"latest", "999999999999999999999", "1.0-999999999999999999999", "1.0\n", "１.0", "1_0"} {
		if v, ok := NewVersion(text); ok {
			t.Errorf("%q is read as %s", text, v)
		}
	}
}

// TestVersionNumbers: versions of numbers alone are in the order of these.
func TestVersionNumbers(t *testing.T) {
	parts := rapid.SliceOfN(rapid.Uint64Range(0, 120), 1, 5)
	write := func(ns []uint64) Value {
		texts := make([]string, len(ns))
		for i, n := range ns {
			texts[i] = NewInt(int64(n)).String()
		}
		v, _ := NewVersion(strings.Join(texts, "."))
		return v
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := parts.Draw(t, "a"), parts.Draw(t, "b")
		x, y := make([]uint64, 5), make([]uint64, 5)
		copy(x, a)
		copy(y, b)
		if got, want := Compare(write(a), write(b)), slices.Compare(x, y); got != want {
			t.Fatalf("%v and %v: %d, want %d", a, b, got, want)
		}
	})
}
