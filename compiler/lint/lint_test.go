package lint_test

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/lint"
	"github.com/segql/segql/lang/diag"
)

// upkeep are the rules that ask of every segment what most examples leave out.
var upkeep = []diag.Code{"SEG2070", "SEG2071", "SEG2072", "SEG2073", "SEG2074"}

// TestRules: every rule finds what its page shows, with its code and no other,
// and nothing in the example put right.
func TestRules(t *testing.T) {
	for _, r := range lint.Rules() {
		t.Run(string(r.Code), func(t *testing.T) {
			page, ok := diag.Lookup(string(r.Code))
			if !ok || page.Vietnamese == nil {
				t.Fatal("no page, or none in Vietnamese")
			}
			if r.Checked() {
				return // by TestPages of package compiler
			}
			disable := slices.DeleteFunc(slices.Clone(upkeep), func(c diag.Code) bool { return c == r.Code })
			fails := lintPage(t, page.Fails, disable)
			if len(fails) == 0 {
				t.Error("the failing example gives nothing")
			}
			for _, d := range fails {
				if d.Code != r.Code || d.Help == "" || d.Severity != r.Severity {
					t.Errorf("the failing example gives %s (help %q)", d, d.Help)
				}
				if len(d.Edits) > 0 && !r.Fix {
					t.Errorf("the rule says it has no fix, and brings %v", d.Edits)
				}
			}
			for _, d := range lintPage(t, page.Fixed, disable) {
				t.Errorf("the fixed example gives %s (help %q)", d, d.Help)
			}
		})
	}
}

// TestRulesOfCheck: what package check finds is a rule, with the same severity.
func TestRulesOfCheck(t *testing.T) {
	for _, page := range diag.Pages() {
		if !strings.HasPrefix(string(page.Code), "SEG2") || page.Code == "SEG2091" {
			continue
		}
		r, ok := lint.Find(page.Code)
		if !ok {
			t.Errorf("%s is no rule", page.Code)
			continue
		}
		if !r.Checked() {
			continue
		}
		found := lintPage(t, page.Fails, upkeep)
		if len(found) == 0 || found[0].Code != page.Code || found[0].Severity != r.Severity {
			t.Errorf("%s: the example gives %v, want a %s", page.Code, found, r.Severity)
		}
	}
}

// TestStop: a run that is stopped asks no more.
func TestStop(t *testing.T) {
	fsys, _ := pageFiles(t, []diag.FileBlock{{Name: "example.seg", Text: "segment a { where income > 3 and income > 2 }\nsegment b { where income > 3 }\n"}})
	p, diags := compiler.Compile(fsys, compiler.Options{})
	asked := 0
	whole := lint.Run(lint.Input{Project: p, Diags: diags, Stop: func() bool { asked++; return false }})
	if asked < len(lint.Rules()) || len(whole) == 0 {
		t.Errorf("asked %d times, %d findings", asked, len(whole))
	}
	for after := range asked {
		n := 0
		lint.Run(lint.Input{Project: p, Diags: diags, Stop: func() bool { n++; return n > after }})
		if n > after+2*len(lint.Rules()) {
			t.Errorf("asked %d times more after it was stopped", n-after)
		}
	}
}

// lintPage gives the findings in an example of a page.
func lintPage(t *testing.T, blocks []diag.FileBlock, disable []diag.Code) diag.List {
	t.Helper()
	fsys, first := pageFiles(t, blocks)
	p, diags := compiler.Compile(fsys, compiler.Options{Tests: true})
	if diags.HasErrors() {
		t.Fatalf("the example is wrong: %v", diags)
	}
	return lint.Run(lint.Input{Project: p, Diags: diags, Tests: true, First: first, Disable: disable})
}

// pageFiles is the project of an example; a block --first holds when the rows
// of a fact begin.
func pageFiles(t *testing.T, blocks []diag.FileBlock) (fs.FS, map[string]int64) {
	t.Helper()
	fsys, first := fstest.MapFS{}, map[string]int64(nil)
	for _, b := range blocks {
		if b.Name == "--first" {
			fact, day, _ := strings.Cut(strings.TrimSpace(b.Text), "=")
			at, err := time.Parse(time.DateOnly, day)
			if err != nil {
				t.Fatal(err)
			}
			first = map[string]int64{fact: at.UnixMicro()}
			continue
		}
		fsys[b.Name] = &fstest.MapFile{Data: []byte(b.Text)}
	}
	if fsys[compiler.CatalogName] == nil {
		text, err := os.ReadFile("../testdata/standard/catalog.yaml")
		if err != nil {
			t.Fatal(err)
		}
		fsys[compiler.CatalogName] = &fstest.MapFile{Data: text}
	}
	return fsys, first
}
