package syntax_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/syntax"
)

// TestPages checks the pages of the syntax codes: the first example gives
// the page's code and no other, the second gives nothing; and every code of
// codes.go has a page.
func TestPages(t *testing.T) {
	example := regexp.MustCompile("(?s)~~~segql example.seg\n(.*?)~~~\n")
	pages, _ := filepath.Glob("../diag/pages/SEG0*.md")
	for _, name := range pages {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code := diag.Code(strings.TrimSuffix(filepath.Base(name), ".md"))
		examples := example.FindAllSubmatch(raw, -1)
		if len(examples) != 2 {
			t.Errorf("%s has %d examples", name, len(examples))
			continue
		}
		fails := read(examples[0][1])
		if len(fails) == 0 {
			t.Errorf("%s: the failing example gives nothing", code)
		}
		for _, d := range fails {
			if d.Code != code || d.Help == "" {
				t.Errorf("%s: the failing example gives %s (help %q)", code, d, d.Help)
			}
		}
		for _, d := range read(examples[1][1]) {
			t.Errorf("%s: the fixed example gives %s", code, d)
		}
	}
	raw, err := os.ReadFile("codes.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range regexp.MustCompile(`SEG0\d+`).FindAllString(string(raw), -1) {
		if _, err := os.Stat("../diag/pages/" + code + ".md"); err != nil {
			t.Errorf("%s has no page", code)
		}
	}
}

func read(text []byte) diag.List {
	file, diags := syntax.Load("example.seg", text)
	_, more := syntax.Parse(file)
	return append(diags, more...)
}
