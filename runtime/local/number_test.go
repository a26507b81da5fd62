package local

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

// TestValidNumber: numbers are what encoding/json takes for one.
func TestValidNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`-?[0-9]{0,2}(\.[0-9]{0,2})?([eE][-+]?[0-9]{0,2})?[-+.e0-9]{0,2}`).Draw(t, "number")
		if got, want := validNumber(s), json.Valid([]byte(s)); got != want {
			t.Errorf("%q: %t, not %t", s, got, want)
		}
	})
}
