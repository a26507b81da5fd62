package testform_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/internal/golden"
	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/yamlform"
)

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkCanonical demands that the canonical form says what the text says, has
// its comments, and is its own. It gives "" where the text has errors.
func checkCanonical(t failer, text string) string {
	t.Helper()
	file := source.New("a_test.seg.yaml", text)
	out, diags := testform.Canonical(file)
	if diags.HasErrors() {
		return ""
	}
	before, _ := testform.Read(file)
	after, diags := testform.Read(source.New("b_test.seg.yaml", out))
	if diags.HasErrors() {
		t.Fatalf("of\n%s\nbecame\n%s\nwhich has errors\n%v", text, out, diags)
	}
	if a, b := testform.Format(before), testform.Format(after); a != b {
		t.Fatalf("of\n%s\nbecame\n%s\nwhich says\n%s\nnot\n%s", text, out, b, a)
	}
	if a, b := comments(text), comments(out); !slices.Equal(a, b) {
		t.Fatalf("of\n%s\nbecame\n%s\nwith the comments\n%q\nnot\n%q", text, out, b, a)
	}
	if again, _ := testform.Canonical(source.New("c_test.seg.yaml", out)); again != out {
		t.Fatalf("of\n%s\nbecame\n%s\nand of that\n%s", text, out, again)
	}
	return out
}

// comments are those of a file, sorted: keys that change places take theirs
// along.
func comments(text string) (out []string) {
	file := source.New("a_test.seg.yaml", text)
	root, _ := yamltree.Parse(file)
	for _, c := range yamltree.Comments(file, root) {
		out = append(out, c.Text)
	}
	slices.Sort(out)
	return out
}

// TestCanonical shows what is brought into order.
func TestCanonical(t *testing.T) {
	raw, err := os.ReadFile("testdata/untidy_test.seg.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tidy := checkCanonical(t, string(raw))
	if tidy == "" {
		t.Fatal("the file has errors")
	}
	golden.Check(t, "testdata/tidy_test.seg.yaml", tidy)
	for _, text := range []string{"", "# nothing yet\n", "[]\n"} {
		if out := checkCanonical(t, text); text != "[]\n" && out != text {
			t.Errorf("%q became %q", text, out)
		}
	}
	if out, diags := testform.Canonical(source.New("a_test.seg.yaml", "tset: x\n")); out != "" || !diags.HasErrors() {
		t.Errorf("%q, %v", out, diags)
	}
}

// TestWrittenIsCanonical: what Format writes has no other form.
func TestWrittenIsCanonical(t *testing.T) {
	raw, err := os.ReadFile("testdata/all_test.seg.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if out := checkCanonical(t, string(raw)); out != string(raw) {
		t.Errorf("became\n%s", out)
	}
	for _, text := range testFiles(t) {
		tests, _ := testform.Read(source.New("a_test.seg.yaml", text))
		if len(tests) == 0 {
			continue
		}
		tests[0].Comment = []string{"why", "", "and how"}
		if rows := tests[0].Steps[0].Tables; len(rows) > 0 && len(rows[0].Rows) > 0 {
			rows[0].Rows[0].Comment = []string{"one of many"}
		}
		written := testform.Format(tests)
		if out := checkCanonical(t, written); out != written {
			t.Errorf("of\n%s\nbecame\n%s", written, out)
		}
	}
}

// testFiles are the files of tests of the examples and of this package.
func testFiles(t *testing.T) (texts []string) {
	t.Helper()
	for _, root := range []string{"../../examples", "testdata"} {
		err := filepath.WalkDir(root, func(name string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(name, yamlform.TestSuffix) {
				return err
			}
			raw, err := os.ReadFile(name)
			texts = append(texts, string(raw))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(texts) < 20 {
		t.Fatalf("only %d files", len(texts))
	}
	return texts
}

// TestCommentsStay puts comments, blank lines and other blanks into real tests
// wherever YAML takes them.
func TestCommentsStay(t *testing.T) {
	texts := testFiles(t)
	for _, text := range texts {
		checkCanonical(t, text)
	}
	formatted, tried := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		lines := strings.Split(rapid.SampledFrom(texts).Draw(t, "text"), "\n")
		from := rapid.IntRange(0, len(lines)-1).Draw(t, "from")
		for from > 0 && !strings.HasPrefix(lines[from], "- test:") && !strings.HasPrefix(lines[from], "test:") {
			from--
		}
		to, most := from+1, rapid.IntRange(20, 60).Draw(t, "lines")
		for to < len(lines) && (to < from+most || !strings.HasPrefix(lines[to], "- test:")) { // whole tests
			to++
		}
		var b strings.Builder
		for i, line := range lines[from:to] {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				line += "   # behind " + string(rune('a'+i%26))
			case 1:
				b.WriteString(strings.Repeat(" ", rapid.IntRange(0, 8).Draw(t, "indent")) + "# before " + string(rune('a'+i%26)) + "\n")
			case 2:
				b.WriteString("\n")
			case 3:
				line = strings.Replace(line, "{", "{  ", 1)
			case 4: // several lines, with a comment inside
				if head, rest, ok := strings.Cut(line, "{"); ok {
					line = head + "{" + strings.Replace(rest, ", ", ", # within\n          ", 1)
				}
			case 5: // as a map or list of its own
				if head, row, ok := strings.Cut(line, "- {"); ok && !strings.ContainsAny(row, "[{#\"") {
					line = head + "- " + strings.ReplaceAll(strings.TrimSuffix(row, "}"), ", ", "\n"+head+"  ")
				}
			}
			b.WriteString(line + "\n")
		}
		tried++
		if checkCanonical(t, b.String()) != "" {
			formatted++
		}
	})
	if formatted*2 < tried {
		t.Errorf("only %d of %d texts were without errors", formatted, tried)
	}
}

// FuzzCanonical: any text.
func FuzzCanonical(f *testing.F) {
	for _, pattern := range []string{"testdata/*_test.seg.yaml", "testdata/wrong/*_test.seg.yaml"} {
		files, _ := filepath.Glob(pattern)
		for _, name := range files {
			raw, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(raw))
		}
	}
	f.Fuzz(func(t *testing.T, text string) { checkCanonical(t, text) })
}
