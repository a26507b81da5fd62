package bench

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segql/segql/internal/golden"
)

// copyPage puts a page and the results of a folder beside each other.
func copyPage(t *testing.T, text, results string) string {
	t.Helper()
	page := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if results != "" {
		if err := os.CopyFS(strings.TrimSuffix(page, ".md"), os.DirFS(results)); err != nil {
			t.Fatal(err)
		}
	}
	return page
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// TestPage renders results of two sizes of data.
func TestPage(t *testing.T) {
	page := copyPage(t, "# Title\n\n"+pageBegin+"\nold\n"+pageEnd+"\n\nafter\n", "testdata/page")
	changed, err := WritePage(page)
	if err != nil || len(changed) != 4 {
		t.Fatalf("%q, %v", changed, err)
	}
	golden.Check(t, "testdata/page.golden.md", read(t, page))
	for _, name := range []string{"by-segments.svg", "by-customers.svg", "memory.svg"} {
		svg := read(t, filepath.Join(strings.TrimSuffix(page, ".md"), name))
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		golden.Check(t, "testdata/"+name, svg)
	}
	if changed, err := WritePage(page); err != nil || len(changed) > 0 {
		t.Errorf("rendered again: %q, %v", changed, err)
	}
}

// TestCommittedPage holds docs/performance.md to the results beside it.
func TestCommittedPage(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	results := filepath.Join(docs, "performance")
	if _, err := os.Stat(results); err != nil {
		results = "" // nothing measured yet
	}
	page := copyPage(t, read(t, filepath.Join(docs, "performance.md")), results)
	if results != "" { // the charts' links name the folder
		to := filepath.Join(filepath.Dir(page), "performance")
		if err := os.Rename(strings.TrimSuffix(page, ".md"), to); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(page, to+".md"); err != nil {
			t.Fatal(err)
		}
		page = to + ".md"
	}
	if changed, err := WritePage(page); err != nil || len(changed) > 0 {
		t.Errorf("stale: %q, %v; run `segql bench page docs/performance.md`", changed, err)
	}
}

// TestPageMistakes says what is wrong with a page or a result.
func TestPageMistakes(t *testing.T) {
	good := pageBegin + "\n" + pageEnd
	for name, tc := range map[string]struct{ page, result, want string }{
		"no place":     {"# Title\n", `{"version": 1, "cases": []}`, "the lines between which results stand are missing"},
		"no JSON":      {good, "{", "bad.json: unexpected end of JSON input"},
		"another form": {good, `{"version": 99}`, "bad.json: has the form 99, not 1; measure again"},
	} {
		page := copyPage(t, tc.page, "testdata/page")
		if err := os.WriteFile(filepath.Join(strings.TrimSuffix(page, ".md"), "bad.json"), []byte(tc.result), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := WritePage(page); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
		if got := read(t, page); got != tc.page {
			t.Errorf("%s: the page was changed: %s", name, got)
		}
	}
	page := copyPage(t, good, "")
	if _, err := WritePage(page); err != nil || !strings.Contains(read(t, page), "Nothing has been measured yet.") {
		t.Errorf("without results: %v\n%s", err, read(t, page))
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[float64]string{0.04: "0.04", 0.384: "0.38", 3.42: "3.4", 35.24: "35.2", 203: "203", 1000: "1,000", 100_000: "100,000", 1e6: "1 M", 3e6: "3 M"} {
		if got := number(n); got != want {
			t.Errorf("%g is %s, not %s", n, got, want)
		}
	}
	for n, want := range map[int64]string{1: "1", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is %s, not %s", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 KiB", 700 << 10: "700 KiB", 300 << 20: "300 MiB", 1932735283: "1.80 GiB"} {
		if got := bytes(n); got != want {
			t.Errorf("%d bytes are %s, not %s", n, got, want)
		}
	}
}
