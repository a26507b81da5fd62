package member

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	viewRow  = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| [^|]+ \\| ([^|]+) \\|$")
	sqlBlock = regexp.MustCompile("(?s)```sql\n(.*?)```")
)

// TestDocumentedViews holds docs/store.md, and the same in Vietnamese, to the
// views: their columns, and queries that give rows.
func TestDocumentedViews(t *testing.T) {
	var english []string
	for _, name := range []string{"store.md", "store.vi.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { documentedViews(t, string(text)) })
		blocks := sqlBlock.FindAllString(string(text), -1)
		if english == nil {
			english = blocks
		}
		if !slices.Equal(blocks, english) {
			t.Errorf("%s has other queries: %q", name, blocks)
		}
	}
}

func documentedViews(t *testing.T, text string) {
	s := openStore(t, filepath.Join(t.TempDir(), "s.duckdb"), Write)
	commitOK(t, s, batch(-9, set{"cycle.lapsed": {"a", "b"}}))
	commitOK(t, s, batch(1, set{"cycle.lapsed": {"b"}}))
	views := viewRow.FindAllStringSubmatch(text, -1)
	if len(views) != 4 {
		t.Errorf("%d views", len(views))
	}
	for _, view := range views {
		rows, err := s.session.Query(ctx, "test", s.sql("FROM {main}."+view[1]))
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		rows.Close()
		if want := strings.Split(strings.Trim(view[2], "` "), "`, `"); err != nil || !slices.Equal(columns, want) {
			t.Errorf("%s has the columns %q, documented are %q; %v", view[1], columns, want, err)
		}
	}
	if err := s.exec(ctx, "test", "USE "+s.name); err != nil {
		t.Fatal(err)
	}
	queries := sqlBlock.FindAllStringSubmatch(text, -1)
	if len(queries) == 0 {
		t.Error("no queries")
	}
	for _, query := range queries {
		n := 0
		if err := s.each(ctx, "test", query[1], func(func(...any) error) error { n++; return nil }); err != nil || n == 0 {
			t.Errorf("%d rows, %v:\n%s", n, err, query[1])
		}
	}
	if err := s.exec(ctx, "test", "USE memory"); err != nil {
		t.Fatal(err)
	}
}
