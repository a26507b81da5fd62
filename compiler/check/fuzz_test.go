package check_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"golang.org/x/tools/txtar"
)

// FuzzCheck compiles any definitions with any catalog: nothing panics, every
// diagnostic can be shown, has help and exact edits, and what has no error is
// complete.
func FuzzCheck(f *testing.F) {
	data := standard(f)
	for _, text := range seeds(f) {
		f.Add(text, string(data))
	}
	for _, text := range []string{
		"holdout h of segment a {\n  x: 10%\n  y: otherwise\n}\nsegment a { where in segment h.x }\n",
		"rfm v = amount of orders in last 365 days\nsegment a { where v.recency = 5 and in segment v.group.lost }\n",
		"segment a { where any(orders as o not directly followed by events within 3 days where name = o.status) }\n",
		"segment a { where interests has any of [\"x\"] and all(interests have item = \"y\") or location within 3 km of point(1, 2) }\n",
		"segment a { where anniversary(birthday) in next 7 days and regularly(orders every 1 month for 3 periods allowing 1 missed) }\n",
		"split s of segment a. {\n  x when in segment a\n  y otherwise\n}\nholdout h {\n}\n",
	} {
		f.Add(text, string(data))
	}
	catalogs, _ := filepath.Glob("../../examples/*/catalog.yaml")
	for _, name := range catalogs {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add("segment a { where any(orders) }\n", string(text))
	}
	f.Fuzz(func(t *testing.T, text, catalog string) {
		fsys := fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "a.seg": {Data: []byte(text)},
			"lists/staff.csv": {Data: []byte("email,name\na@x.vn,An\n")}}
		p, diags := compiler.Compile(fsys, compiler.Options{})
		for _, d := range diags {
			if d.Severity == diag.Error && d.Help == "" && strings.HasPrefix(string(d.Code), "SEG10") {
				t.Errorf("no help: %s", d)
			}
			if s := d.Span; s.File != nil && (s.Start < 0 || s.End < s.Start || s.End > len(s.File.Text)) {
				t.Fatalf("span [%d, %d) of %s: %s", s.Start, s.End, s.File.Name, d)
			}
			if len(d.Edits) > 0 {
				if _, err := diag.Apply(d.Edits[0].Span.File, d.Edits); err != nil {
					t.Errorf("%s: %v", d, err)
				}
			}
		}
		if !diags.HasErrors() {
			complete(t, p)
		}
	})
}

// complete checks that nothing the files define is missing, and that it can
// be planned.
func complete(t *testing.T, p *compiler.Project) {
	for _, f := range p.Files {
		for _, d := range f.Decls {
			name := d.DeclName().Name
			switch d := d.(type) {
			case *ast.Segment:
				if p.Segment(name) == nil {
					t.Errorf("segment %s is missing without an error", name)
				}
			case *ast.Split:
				for _, b := range d.Branches {
					if p.Segment(name+"."+b.Name.Name) == nil {
						t.Errorf("branch %s.%s is missing without an error", name, b.Name.Name)
					}
				}
			case *ast.Trait:
				if p.Traits[name] == nil {
					t.Errorf("trait %s is missing without an error", name)
				}
			default: // the others are not in a project
			}
		}
	}
	_, _ = p.Plan(1_700_000_000_000_000, plan.Options{})
}

// seeds are the .seg texts of the examples and of testdata.
func seeds(f *testing.F) []string {
	var out []string
	err := fs.WalkDir(os.DirFS("../../examples"), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".seg") {
			return err
		}
		text, err := os.ReadFile(filepath.Join("../../examples", name))
		out = append(out, string(text))
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	archives, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range append(archives, "../../lang/syntax/testdata/language.seg") {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, string(archive.Comment))
		for _, file := range archive.Files {
			if strings.HasSuffix(file.Name, ".seg") {
				out = append(out, string(strip(file.Data)))
			}
		}
	}
	return out
}
