package yamlform_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/segql/segql/internal/golden"
	"github.com/segql/segql/internal/treegen"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
	"github.com/segql/segql/lang/yamlform"
)

type failer interface {
	Helper()
	Fatalf(string, ...any)
}

// canonical formats a .seg file; "" when it has errors.
func canonical(text string) string {
	file, diags := syntax.Load("a.seg", []byte(text))
	out, more := format.Source(file)
	if diags.HasErrors() || more.HasErrors() {
		return ""
	}
	return out
}

// fromYAML is the .seg file of a YAML file, its types unknown.
func fromYAML(t failer, text string) string {
	t.Helper()
	tree, diags := yamlform.Parse(source.New("a.seg.yaml", text))
	if diags.HasErrors() {
		t.Fatalf("%s\nhas errors\n%v", text, diags)
	}
	yamlform.Settle(tree)
	return format.Format(tree)
}

// checkSeg demands of a canonical .seg file: written in YAML, which is
// canonical there too, and back it is the same to the last byte.
func checkSeg(t failer, seg string) string {
	t.Helper()
	tree, diags := syntax.Parse(source.New("a.seg", seg))
	if diags.HasErrors() {
		t.Fatalf("%s\nhas errors\n%v", seg, diags)
	}
	yaml := yamlform.FromSeg(tree)
	if back := fromYAML(t, yaml); back != seg {
		t.Fatalf("of\n%s\ncame\n%s\nand of that\n%s", seg, yaml, back)
	}
	checkYAML(t, yaml, yaml)
	return yaml
}

// checkYAML demands of a YAML file without errors: formatting it keeps its
// meaning and its comments, formatting again changes nothing, and so it is
// with what becomes of it as a .seg file.
func checkYAML(t failer, yaml, want string) {
	t.Helper()
	file := source.New("a.seg.yaml", yaml)
	out, diags := yamlform.Format(file)
	if diags.HasErrors() {
		return
	}
	if want != "" && out != want {
		t.Fatalf("formatting\n%s\ngives\n%s\nand not\n%s", yaml, out, want)
	}
	before, _ := yamlform.Parse(file)
	after, diags := yamlform.Parse(source.New("a.seg.yaml", out))
	if diags.HasErrors() {
		t.Fatalf("formatting\n%s\ngives\n%s\nwhich has errors\n%v", yaml, out, diags)
	}
	if !sameDecls(before.Decls, after.Decls) {
		t.Fatalf("formatting\n%s\ngives\n%s\nwhich means something else", yaml, out)
	}
	if a, b := commentTexts(before), commentTexts(after); a != b {
		t.Fatalf("formatting\n%s\ngives\n%s\nwith other comments\n%s\n%s", yaml, out, a, b)
	}
	if again, _ := yamlform.Format(source.New("a.seg.yaml", out)); again != out {
		t.Fatalf("formatting\n%s\ngives\n%s\nand formatting that\n%s", yaml, out, again)
	}
	seg := fromYAML(t, out)
	if c := canonical(seg); c != seg {
		t.Fatalf("of\n%s\ncame\n%s\nwhich formatted is\n%s", out, seg, c)
	}
	tree, _ := syntax.Parse(source.New("a.seg", seg))
	if a, b := commentTexts(before), commentTexts(tree); a != b {
		t.Fatalf("of\n%s\ncame\n%s\nwith other comments\n%s\n%s", out, seg, a, b)
	}
	back := yamlform.FromSeg(tree)
	if seg2 := fromYAML(t, back); seg2 != seg {
		t.Fatalf("of\n%s\ncame\n%s\nand of that\n%s", seg, back, seg2)
	}
}

// commentTexts are the comments of a file, in order of their text: keys may
// change places and take their comments with them.
func commentTexts(f *ast.File) string {
	var lines []string
	for _, c := range f.Comments {
		lines = append(lines, c.Text)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestExamples: every .seg file of the examples goes to YAML and back.
func TestExamples(t *testing.T) {
	count := 0
	for _, root := range []string{"../../examples", "../syntax/testdata", "../format/testdata"} {
		err := fs.WalkDir(os.DirFS(root), ".", func(name string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(name, ".seg") {
				return err
			}
			raw, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				return err
			}
			if seg := canonical(string(raw)); seg != "" {
				count++
				t.Run(name, func(t *testing.T) { checkSeg(t, seg) })
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if count < 12 {
		t.Errorf("only %d files were looked at", count)
	}
}

// TestRandomFiles: so does every tree, with comments anywhere.
func TestRandomFiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := treegen.New(t, rapid.IntRange(3, 60).Draw(t, "budget"))
		text := withComments(t, format.Format(&ast.File{Decls: []ast.Decl{g.Decl(), g.Decl(), g.Decl()}}))
		seg := canonical(text)
		if seg == "" {
			return // a comment inside of something that must stay together
		}
		checkSeg(t, seg)
	})
}

// withComments puts comments between words.
func withComments(t *rapid.T, text string) string {
	var b strings.Builder
	often := rapid.SampledFrom([]int{0, 5, 30}).Draw(t, "often")
	for i, word := range strings.Split(text, " ") {
		b.WriteString(word)
		line := b.String()[strings.LastIndexByte(b.String(), '\n')+1:]
		open := strings.Count(line, `"`)%2 == 1 || strings.Count(line, "`")%2 == 1
		if !open && rapid.IntRange(0, 99).Draw(t, "comment") < often {
			fmt.Fprintf(&b, " # c%d\n   ", i)
			if rapid.Bool().Draw(t, "own") {
				fmt.Fprintf(&b, "# o%d\n   ", i)
			}
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// TestGolden shows what canonical YAML looks like.
func TestGolden(t *testing.T) {
	raw, err := os.ReadFile("testdata/all.seg")
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "testdata/all.seg.yaml", checkSeg(t, canonical(string(raw))))
}

func FuzzRoundTrip(f *testing.F) {
	for _, s := range yamlSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, diags := syntax.Load("a.seg.yaml", []byte(text))
		if diags.HasErrors() {
			return
		}
		checkYAML(t, file.Text, "")
	})
}
