package syntax_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/segql/segql/internal/grammar"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"
)

// agree holds the parser to the reference grammar: both accept a text, or
// both refuse it, as a file and as one expression.
func agree(t interface {
	Helper()
	Errorf(string, ...any)
}, text string) (file, expr bool) {
	t.Helper()
	text = norm.NFC.String(text)
	if !utf8.ValidString(text) || beyondLimits(text) {
		return false, false
	}
	_, diags := syntax.Parse(source.New("x.seg", text))
	err := grammar.CheckFile(text)
	if file = err == nil; file == diags.HasErrors() {
		t.Errorf("as a file: the grammar says %v, the parser %v\n%s", err, diags, text)
	}
	_, diags = syntax.ParseExpr(source.New("x", text), 0, len(text))
	err = grammar.CheckExpr(text)
	if expr = err == nil; expr == diags.HasErrors() {
		t.Errorf("as an expression: the grammar says %v, the parser %v\n%s", err, diags, text)
	}
	return file, expr
}

// beyondLimits: the grammar has no limits on how deep and how long.
func beyondLimits(text string) bool {
	return strings.Count(text, "(")+strings.Count(text, "[")+strings.Count(text, "{")+strings.Count(text, "not") >= grammar.MaxDepth ||
		strings.Count(text, "+")+strings.Count(text, "-")+strings.Count(text, "*")+strings.Count(text, "/") >= grammar.MaxParts
}

// TestGrammarOfFiles: every .seg file of the repository, also those in test
// archives, and every expression of the tables.
func TestGrammarOfFiles(t *testing.T) {
	files := 0
	each := func(text string) {
		agree(t, text)
		files++
	}
	root := os.DirFS(filepath.Join("..", ".."))
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != "." {
			return fs.SkipDir
		}
		switch filepath.Ext(name) {
		case ".seg":
			text, err := fs.ReadFile(root, name)
			each(string(text))
			return err
		case ".txtar":
			text, err := fs.ReadFile(root, name)
			for _, f := range txtar.Parse(text).Files {
				if strings.HasSuffix(f.Name, ".seg") {
					each(string(f.Data))
				}
			}
			return err
		}
		return nil
	})
	if err != nil || files < 100 {
		t.Errorf("%d files, %v", files, err)
	}
	for _, text := range accepted {
		if _, expr := agree(t, text); !expr {
			t.Errorf("refused: %s", text)
		}
	}
	for _, text := range rejected {
		if _, expr := agree(t, text); expr && text != "x > 5.000" { // which is a warning
			t.Errorf("accepted: %s", text)
		}
	}
	for _, text := range brokenFiles {
		agree(t, text)
	}
}

// words of which changes are made, beside the tokens of the texts themselves.
var words = strings.Fields(`5 2025 0000 20% "x" 2025-03-08 2025-03 2025-03-08T10:30 as_of true ( ) [ ] , . + - * / = != <= < ~= ~contains
	and or not in segment is known missing between on since before contains starts ends with has any all none of within km days day m d
	ago case { when : otherwise } where as by after directly followed preceded every for periods allowing missed last next this previous
	top bottom per everyone entered left count sum distinct expect title priority column from have matches /x/ item city ` + "`a b`" + ` 1,000 AND y`)

// TestGrammarOfChanges: texts of the language with a few words changed.
func TestGrammarOfChanges(t *testing.T) {
	var texts []string
	for _, s := range seeds(t) {
		if agree(t, s); len(s) < 2000 && utf8.ValidString(s) {
			texts = append(texts, s)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	taken := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(texts).Draw(t, "text")
		expr := rapid.Bool().Draw(t, "expr")
		if expr {
			text = rapid.SampledFrom(accepted).Draw(t, "accepted")
		}
		pieces := split(text)
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			at := rapid.IntRange(0, len(pieces)-1).Draw(t, "at")
			word := rapid.SampledFrom(words).Draw(t, "word")
			switch rapid.IntRange(0, 3).Draw(t, "change") {
			case 0:
				pieces[at] = word
			case 1:
				pieces = slices.Insert(pieces, at, " "+word+" ")
			case 2:
				if len(pieces) > 1 {
					pieces = slices.Delete(pieces, at, at+1)
				}
			case 3:
				pieces = slices.Insert(pieces, at, pieces[rapid.IntRange(0, len(pieces)-1).Draw(t, "again")])
			}
		}
		asFile, asExpr := agree(t, strings.Join(pieces, ""))
		taken[asFile || asExpr]++
	})
	t.Logf("%d accepted, %d refused", taken[true], taken[false])
	if taken[true] == 0 || taken[false] == 0 {
		t.Errorf("%d accepted, %d refused: that proves little", taken[true], taken[false])
	}
}

// split takes a text apart before every word, blank and sign.
func split(text string) (out []string) {
	start := 0
	for i, r := range text {
		if i > start && (strings.ContainsRune(" \n()[]{},.:+-*/=<>", r) || strings.ContainsRune(" \n()[]{},.:+-*/=<>", rune(text[i-1]))) {
			out = append(out, text[start:i])
			start = i
		}
	}
	return append(out, text[start:])
}

// FuzzGrammar: the parser and the reference grammar accept the same texts.
func FuzzGrammar(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	for _, s := range accepted {
		f.Add(s)
	}
	for _, s := range rejected {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) { agree(t, text) })
}
