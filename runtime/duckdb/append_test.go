package duckdb

import (
	"errors"
	"strings"
	"testing"
)

// TestAppend appends more rows than a chunk holds, and what a transaction
// appended is gone when it is undone.
func TestAppend(t *testing.T) {
	s := open(t, Options{Dir: t.TempDir()})
	ctx := t.Context()
	table := [3]string{"temp", "main", "t"}
	if err := s.Exec(ctx, "test", "CREATE TEMP TABLE t (n BIGINT, s VARCHAR, small INTEGER[], wide UBIGINT[], b BOOLEAN)"); err != nil {
		t.Fatal(err)
	}
	const rows = 5000
	add := func(a *Appender) error {
		for i := range rows {
			Put(a, 0, int64(i))
			PutText(a, 1, []byte(strings.Repeat("ế", i%9)))
			var small []int32
			for j := range i % 5 {
				small = append(small, int32(i+j))
			}
			PutList(a, 2, small)
			wide := make([]uint64, 1024)
			wide[i%1024] = uint64(i)
			if i%3 > 0 {
				wide = nil
			}
			PutList(a, 3, wide)
			Put(a, 4, i%2 == 0)
			if err := a.Next(); err != nil {
				return err
			}
		}
		return nil
	}
	check := func(want int) {
		t.Helper()
		var n, right int
		err := s.QueryRow(ctx, "test", `SELECT count(*), count(*) FILTER (WHERE s = repeat('ế', CAST(n % 9 AS INTEGER)) AND b = (n % 2 = 0)
  AND small IS NOT DISTINCT FROM CASE WHEN n % 5 > 0 THEN range(n, n + n % 5) END
  AND CASE WHEN n % 3 > 0 THEN wide IS NULL ELSE len(wide) = 1024 AND list_sum(wide) = n AND wide[n % 1024 + 1] = n END) FROM t`, &n, &right)
		if err != nil || n != want || right != n {
			t.Errorf("%d rows, %d of them right, want %d; %v", n, right, want, err)
		}
	}
	if err := s.Append(ctx, "test", table, add); err != nil {
		t.Fatal(err)
	}
	check(rows)
	if err := s.Exec(ctx, "test", "BEGIN"); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(ctx, "test", table, add); err != nil {
		t.Fatal(err)
	}
	check(2 * rows)
	if err := s.Exec(ctx, "test", "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	check(rows)
	stop := errors.New("stop")
	err := s.Append(ctx, "test", table, func(a *Appender) error {
		if err := add(a); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Errorf("the function's error became %v", err)
	}
	table[2] = "none"
	if err := s.Append(ctx, "test", table, add); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("append to no table: %v", err)
	}
}
