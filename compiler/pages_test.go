package compiler_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/lint"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/lang/diag"
)

// TestPages compiles the examples of every page: the failing one gives the
// page's code and no other, the fixed one gives nothing. An example without a
// catalog has the standard one; one that is a catalog alone has a definition
// beside it. A block `--set` holds a param as it is given from outside.
func TestPages(t *testing.T) {
	for _, page := range diag.Pages() {
		if page.Code.AtRunTime() {
			continue // needs data; the form is checked by package diag
		}
		if rule, ok := lint.Find(page.Code); ok && !rule.Checked() {
			continue // by TestRules of package lint
		}
		t.Run(string(page.Code), func(t *testing.T) {
			own := slices.ContainsFunc(append(page.Fails, page.Fixed...), isCatalog)
			fails, fixed := compilePage(t, page.Fails, own), compilePage(t, page.Fixed, own)
			if len(fails) == 0 {
				t.Error("the failing example gives nothing")
			}
			for _, d := range fails {
				if d.Code != page.Code || d.Help == "" {
					t.Errorf("the failing example gives %s (help %q)", d, d.Help)
				}
			}
			for _, d := range fixed {
				t.Errorf("the fixed example gives %s (help %q)", d, d.Help)
			}
		})
	}
}

func isCatalog(b diag.FileBlock) bool { return b.Name == compiler.CatalogName }

func compilePage(t *testing.T, blocks []diag.FileBlock, ownCatalog bool) diag.List {
	t.Helper()
	project := denying{fstest.MapFS{}, map[string]bool{}}
	if !ownCatalog {
		project.MapFS[compiler.CatalogName] = &fstest.MapFile{Data: standard(t)}
	}
	defines := false
	o := compiler.Options{Tests: true}
	for _, b := range blocks {
		if b.Name == "--set" {
			name, value, _ := strings.Cut(strings.TrimSpace(b.Text), "=")
			o.Set = map[string]string{name: value}
			continue
		}
		project.MapFS[b.Name] = &fstest.MapFile{Data: []byte(b.Text)}
		project.denied[b.Name] = b.Lang == "denied"
		defines = defines || strings.HasSuffix(b.Name, ".seg") || strings.HasSuffix(b.Name, ".seg.yaml")
	}
	if !defines {
		project.MapFS["example.seg"] = &fstest.MapFile{Data: []byte("param unused = 1\n")}
	}
	p, diags := compiler.Compile(project, o)
	if p.Project != nil && !diags.HasErrors() { // SEG3002 depends on the engine
		diags = append(diags, sql.Unsupported(p.Project, sql.Postgres)...)
	}
	return diags
}

func standard(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/standard/catalog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// denying is a file system that does not let some files be read; pages show
// them as blocks of the language "denied".
type denying struct {
	fstest.MapFS
	denied map[string]bool
}

func (d denying) Open(name string) (fs.File, error) {
	if d.denied[name] {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.MapFS.Open(name)
}

func (d denying) ReadFile(name string) ([]byte, error) {
	if d.denied[name] {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.MapFS.ReadFile(name)
}

// TestEveryCodeHasItsPage: a code that the program gives has a page, and a
// page's code is given by the program.
func TestEveryCodeHasItsPage(t *testing.T) {
	used := map[string]string{}
	literal := regexp.MustCompile(`"(SEG[0-4][0-9]{3})"`)
	err := fs.WalkDir(os.DirFS(".."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(os.DirFS(".."), name)
		for _, m := range literal.FindAllSubmatch(text, -1) {
			used[string(m[1])] = name
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for code, file := range used {
		if _, ok := diag.Lookup(code); !ok {
			t.Errorf("%s of %s has no page", code, file)
		}
	}
	for _, page := range diag.Pages() {
		if used[string(page.Code)] == "" {
			t.Errorf("nothing gives %s", page.Code)
		}
	}
}
