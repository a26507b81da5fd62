package duckdb

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// countRecords counts a file's records, good and broken, without DuckDB.
func countRecords(text []byte, d dialect) int {
	text = bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))
	n := 0
	for len(text) > 0 {
		r := cutRecord(text, d)
		if !r.blank {
			n++
		}
		text = text[r.size:]
	}
	return n
}

// TestNoRowVanishes: of any text, every record is read or reported broken.
func TestNoRowVanishes(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir, Threads: 1})
	rapid.Check(t, func(t *rapid.T) {
		tail := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "bé", "1", " ", ",", ",", "\"", "\n", "\n", "\r\n", "\"x\"", "\"y,\n\"", "\"\""}), 0, 30).Draw(t, "text")
		text := "id,name\n" + string(bytes.Join(toBytes(tail), nil))
		if err := os.WriteFile(filepath.Join(dir, "a.csv"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		rel, err := s.Describe(ctx, Source{Path: "a.csv", Delimiter: ","}, nil)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		var n int
		if err := s.QueryRow(ctx, "count", "SELECT count(*) FROM "+rel.ScanSQL(), &n); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		broken, err := s.Broken(ctx, rel)
		if err != nil {
			t.Fatal(err)
		}
		if want := countRecords([]byte(text), rel.texts[0].dialect) - 1; n+broken.Count != want {
			t.Fatalf("%q: %d rows and %d broken, want %d: %+v", text, n, broken.Count, want, broken.Rows)
		}
	})
}

func toBytes(list []string) [][]byte {
	out := make([][]byte, len(list))
	for i, s := range list {
		out[i] = []byte(s)
	}
	return out
}

// TestWriteThenRead: what WriteFile writes, Describe reads back.
func TestWriteThenRead(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir, Threads: 1})
	cell := rapid.OneOf(rapid.Just("~"), rapid.SampledFrom(cells), rapid.StringOf(rapid.RuneFrom([]rune("a,;\"\t\r\n '|é\\"))))
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 2, 2), 1, 6).Draw(t, "rows")
		name := rapid.SampledFrom([]string{"x.csv", "x.tsv"}).Draw(t, "name")
		query := "SELECT * FROM (VALUES "
		var want []string
		for i, r := range rows {
			if i > 0 {
				query += ", "
			}
			for j := range r {
				r[j] = string(bytes.ReplaceAll([]byte(r[j]), []byte{0}, nil)) // not text for segql
			}
			query += "(" + literal(r[0]) + ", " + literal(r[1]) + ")"
			want = append(want, r[0]+"\x1f"+r[1])
		}
		if _, err := s.WriteFile(ctx, query+") t(a, b)", filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		rel, err := s.Describe(ctx, Source{Path: name}, nil)
		if err != nil {
			var p *Problem
			if errors.As(err, &p) && p.Kind == EmptyFile {
				return // nothing to read
			}
			t.Fatal(err)
		}
		var got []string
		err = s.Each(ctx, "read", "SELECT coalesce(a, '~') || chr(31) || coalesce(b, '~') FROM "+rel.ScanSQL(), func(scan func(...any) error) error {
			var r string
			err := scan(&r)
			got = append(got, r)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("read %q, wrote %q", got, want)
		}
	})
}

func literal(cell string) string {
	if cell == "~" {
		return "NULL"
	}
	return QuoteText(cell)
}
