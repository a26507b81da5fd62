package duckdb

import (
	"slices"
	"testing"
)

// Keys are in order where each is greater than the one before and no number is
// left out, over many chunks too.
func TestKeysInOrder(t *testing.T) {
	s := open(t, Options{})
	for _, test := range []struct {
		name, rows string
		ordered    bool
	}{
		{"none", "SELECT 0 AS n, 0 AS k WHERE false", true},
		{"ascending", "SELECT i AS n, 3 * i AS k FROM range(10_000) r(i)", true},
		{"descending", "SELECT i AS n, -i AS k FROM range(10_000) r(i)", false},
		{"two the same", "SELECT i AS n, i - (i = 5_000)::INTEGER AS k FROM range(10_000) r(i)", false},
		{"two the same at the end of a chunk", "SELECT i AS n, i - (i >= 2048)::INTEGER AS k FROM range(10_000) r(i)", false},
		{"one is gone", "SELECT i AS n, i AS k FROM range(10_000) r(i) WHERE i <> 4_000", false},
	} {
		query := "SELECT CAST(n AS BIGINT), CAST(k AS BIGINT) FROM (" + test.rows + ")"
		keys, err := keysOf[int64](ctx, s, "try", query, true)
		if err != nil || (keys != nil) != test.ordered {
			t.Errorf("%s: %d keys, %v", test.name, len(keys), err)
		}
		if test.ordered && !slices.IsSorted(keys) {
			t.Errorf("%s: they are not in the order of their numbers", test.name)
		}
		texts, err := keysOf[string](ctx, s, "try", "SELECT CAST(n AS BIGINT), 'k' || lpad(CAST(k + 20_000 AS VARCHAR), 9, '0') FROM ("+test.rows+")", true)
		if err != nil || (texts != nil) != test.ordered {
			t.Errorf("%s, as texts: %d keys, %v", test.name, len(texts), err)
		}
	}
}
