package duckdb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// reading is how rows are to be had.
type reading func(context.Context, string, string, func(*Chunk) error) error

func ways(s *Session) map[string]reading {
	return map[string]reading{"streamed": s.Stream, "whole": s.Whole}
}

func TestStream(t *testing.T) {
	s := open(t, Options{Dir: t.TempDir()})
	for name, read := range ways(s) {
		t.Run(name, func(t *testing.T) { streams(t, read) })
	}
}

func streams(t *testing.T, read reading) {
	const rows = 10_000 // several chunks
	query := fmt.Sprintf(`SELECT CAST(i AS BIGINT), CASE WHEN i %% 3 > 0 THEN CAST(i AS DECIMAL(9, 2)) END, i %% 2 = 0,
  CASE WHEN i %% 5 = 0 THEN 'a text that is longer than twelve' || i ELSE 'x' || i END, range(i %% 4), DATE '1970-01-01' + CAST(i AS INTEGER)
FROM range(%d) t(i) ORDER BY i`, rows)
	n := 0
	err := read(t.Context(), "read", query, func(c *Chunk) error {
		ints, amounts, even, texts, lists, dates := Values[int64](c, 0), Values[int32](c, 1), Values[bool](c, 2), Values[Text](c, 3), Values[Span](c, 4), Values[int32](c, 5)
		known, elements := c.Known(1), List[int64](c, 4)
		for row := range c.Rows {
			i := n + row
			text := fmt.Sprintf("x%d", i)
			if i%5 == 0 {
				text = fmt.Sprintf("a text that is longer than twelve%d", i)
			}
			list := elements[lists[row].From:][:lists[row].Len]
			if ints[row] != int64(i) || even[row] != (i%2 == 0) || texts[row].String() != text || int(dates[row]) != i ||
				IsKnown(known, row) != (i%3 > 0) || IsKnown(known, row) && amounts[row] != int32(i*100) || !slices.Equal(list, []int64{0, 1, 2, 3}[:i%4]) {
				t.Fatalf("row %d: %d %v %v %q %v %v", i, ints[row], amounts[row], even[row], texts[row].String(), list, dates[row])
			}
		}
		n += c.Rows
		return nil
	})
	if err != nil || n != rows {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestStreamFails(t *testing.T) {
	s := open(t, Options{Dir: t.TempDir()})
	for name, read := range ways(s) {
		t.Run(name, func(t *testing.T) { fails(t, s, read) })
	}
}

func fails(t *testing.T, s *Session, read reading) {
	never := func(*Chunk) error { return nil }
	for query, want := range map[string]string{
		"SELEC 1":              "read: syntax error",
		"SELECT x":             `read: Referenced column "x" was not found`,
		"SELECT error('stop')": "read: stop",
		"SELECT CAST(2147483647 AS INTEGER) + CAST(i AS INTEGER) FROM range(3) t(i)": "Overflow in addition",
	} {
		if err := read(t.Context(), "read", query, never); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, not %q", query, err, want)
		}
	}
	mine := errors.New("mine")
	err := read(t.Context(), "read", "FROM range(1000000)", func(*Chunk) error { return mine })
	if !errors.Is(err, mine) {
		t.Errorf("the caller's error comes back as %v", err)
	}
	if err := s.Exec(t.Context(), "go on", "SELECT 1"); err != nil {
		t.Errorf("after all that: %v", err)
	}
}

// What is cancelled ends at once, before the first row and after it.
func TestStreamIsCancelled(t *testing.T) {
	s := open(t, Options{Dir: t.TempDir()})
	for name, c := range map[string]struct {
		query string
		read  reading
	}{
		"before the first row": {"SELECT count(*) FROM range(1000000) a, range(1000000) b", s.Stream},
		"between rows":         {"SELECT a.range FROM range(1000000) a, range(1000000) b", s.Stream},
		"of the whole":         {"SELECT count(*) FROM range(1000000) a, range(1000000) b", s.Whole},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		ended := make(chan error)
		go func() { ended <- c.read(ctx, "read", c.query, func(*Chunk) error { return nil }) }()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(20 * time.Second): // a hang, not a speed
			t.Fatalf("%s: it goes on", name)
		}
		if err := s.Exec(t.Context(), "go on", "SELECT 1"); err != nil {
			t.Errorf("after that: %v", err)
		}
	}
}

// A context that ends right after a query does not disturb the next one.
func TestStreamInterruptsNothingElse(t *testing.T) {
	s := open(t, Options{Dir: t.TempDir()})
	for range 300 {
		ctx, cancel := context.WithCancel(t.Context())
		if err := s.Stream(ctx, "read", "SELECT 1", func(*Chunk) error { return nil }); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := s.Exec(t.Context(), "go on", "SELECT count(*) FROM range(100000)"); err != nil {
			t.Fatal(err)
		}
	}
}
