package diff_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/diff"
	"github.com/segql/segql/internal/golden"
)

const standard = "../testdata/standard/catalog.yaml"

// project is the standard catalog with definitions, and files in "-- name --"
// sections; a section catalog.yaml holds OLD => NEW lines that change it.
func project(t *testing.T, text string) fs.FS {
	t.Helper()
	cat, err := os.ReadFile(standard)
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	sections := strings.Split("\n"+text, "\n-- ")
	for _, s := range sections[1:] {
		name, body, _ := strings.Cut(s, " --\n")
		if name != "catalog.yaml" {
			files[name] = &fstest.MapFile{Data: []byte(body)}
			continue
		}
		for line := range strings.Lines(body) {
			from, to, _ := strings.Cut(strings.TrimSpace(line), " => ")
			if !strings.Contains(string(cat), from) {
				t.Fatalf("the catalog has no %q", from)
			}
			cat = []byte(strings.Replace(string(cat), from, to, 1))
		}
	}
	files["a.seg"] = &fstest.MapFile{Data: []byte(sections[0])}
	files["catalog.yaml"] = &fstest.MapFile{Data: cat}
	return files
}

func read(t *testing.T, fsys fs.FS) *diff.Version {
	t.Helper()
	v, diags := diff.Read(fsys, compiler.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return v
}

// show is a report as text.
func show(r *diff.Report) string {
	var b strings.Builder
	for _, c := range r.Changes {
		name := c.Name
		if c.Was != "" {
			name = c.Was + " -> " + name
		}
		fmt.Fprintf(&b, "%s: %s", name, c.Kind)
		for _, x := range []struct {
			is   bool
			says string
		}{{c.Empty, "empty"}, {c.WasEmpty, "was empty"}, {c.Entering != nil, "somebody enters"}, {c.Leaving != nil, "somebody leaves"}} {
			if x.is {
				b.WriteString(", " + x.says)
			}
		}
		if c.Reason != "" {
			b.WriteString(" (" + c.Reason + ")")
		}
		b.WriteString("\n")
		for _, cause := range c.Causes {
			b.WriteString("  " + showCause(cause) + "\n")
		}
		for _, e := range c.Meta {
			fmt.Fprintf(&b, "  %s\n", showEdit(e))
		}
	}
	fmt.Fprintf(&b, "same: %d\n", r.Same)
	for _, d := range r.Definitions {
		b.WriteString("edited " + showCause(d) + "\n")
	}
	return b.String()
}

func showCause(c diff.Cause) string {
	text := strings.TrimSpace(c.Kind+" "+c.Name) + " " + c.How
	for _, e := range c.Edits {
		text += "; " + showEdit(e)
	}
	if len(c.Via) > 0 {
		text += " via " + strings.Join(c.Via, ", ")
	}
	if !c.At.IsZero() {
		text += fmt.Sprintf(" @%s:%d", c.At.File.Name, c.At.Pos().Line)
	}
	return text
}

func showEdit(e diff.Edit) string {
	return strings.TrimPrefix(fmt.Sprintf("%s: %q => %q", e.Key, e.Before, e.After), ": ")
}

// TestCompare: testdata/*.txt hold two versions, the second below a line of
// three equals signs; what differs is golden beside them.
func TestCompare(t *testing.T) {
	found, err := fs.Glob(os.DirFS("testdata"), "*.txt")
	if err != nil || len(found) == 0 {
		t.Fatal(found, err)
	}
	for _, name := range found {
		t.Run(strings.TrimSuffix(name, ".txt"), func(t *testing.T) {
			text, err := os.ReadFile("testdata/" + name)
			if err != nil {
				t.Fatal(err)
			}
			before, after, ok := strings.Cut(string(text), "\n===\n")
			if !ok {
				t.Fatal("no second version")
			}
			a, b := read(t, project(t, before)), read(t, project(t, after))
			golden.Check(t, "testdata/"+strings.TrimSuffix(name, ".txt")+".golden", show(diff.Compare(a, b)))
			// A version differs in nothing from itself.
			for _, v := range []*diff.Version{a, b} {
				if r := diff.Compare(v, v); len(r.Changes)+len(r.Definitions) > 0 || r.Same != len(v.Segments) {
					t.Errorf("differs from itself:\n%s", show(r))
				}
			}
			// There and back: what was wider is narrower.
			back := map[diff.Kind]diff.Kind{diff.Removed: diff.Added, diff.Added: diff.Removed, diff.Wider: diff.Narrower, diff.Narrower: diff.Wider}
			kinds := map[string]diff.Kind{}
			for _, c := range diff.Compare(a, b).Changes {
				kinds[c.Name+c.Was] = c.Kind
			}
			for _, c := range diff.Compare(b, a).Changes {
				there := kinds[c.Name+c.Was]
				if c.Was != "" {
					there = kinds[c.Was+c.Name]
				}
				if want, ok := back[there]; !ok && c.Kind != there || ok && c.Kind != want {
					t.Errorf("%s: %s there, %s back", c.Name, there, c.Kind)
				}
			}
		})
	}
}

// TestExample: a customer of a proof is told in one line.
func TestExample(t *testing.T) {
	a := read(t, project(t, "segment a { where city = \"Huế\" and count(orders) >= 3 }"))
	b := read(t, project(t, "segment a { where city = \"Huế\" }"))
	c := diff.Compare(a, b).Changes[0]
	if got := diff.Example(c.Entering); c.Kind != diff.Wider || !strings.HasPrefix(got, "customer {city: \"Huế\"") {
		t.Errorf("%s %s", c.Kind, got)
	}
	c = diff.Compare(b, a).Changes[0]
	if got := diff.Example(c.Leaving); c.Kind != diff.Narrower || !strings.Contains(got, "Huế") || diff.Example(nil) != "" {
		t.Errorf("%s %s", c.Kind, got)
	}
}

// TestNothingBefore: a project that was not there is added.
func TestNothingBefore(t *testing.T) {
	empty, diags := diff.Read(fstest.MapFS{}, compiler.Options{})
	if !diags.HasErrors() {
		t.Error("a folder without a catalog is a project")
	}
	v := read(t, project(t, "segment a { where city = \"Huế\" }"))
	if got := diff.Compare(empty, v); len(got.Changes) != 1 || got.Changes[0].Kind != diff.Added {
		t.Errorf("%s", show(got))
	}
	if got := diff.Compare(v, empty); len(got.Changes) != 1 || got.Changes[0].Kind != diff.Removed {
		t.Errorf("%s", show(got))
	}
}

// TestListFile: who is on a list may be personal, so it is not told.
func TestListFile(t *testing.T) {
	def := "list staff from \"staff.csv\"\nsegment a { where email in staff }"
	a := project(t, def).(fstest.MapFS)
	b := maps.Clone(a)
	a["staff.csv"] = &fstest.MapFile{Data: []byte("lan@shop.vn\n")}
	b["staff.csv"] = &fstest.MapFile{Data: []byte("lan@shop.vn\nminh@shop.vn\n")}
	got := show(diff.Compare(read(t, a), read(t, b)))
	if !strings.Contains(got, "list staff changed; \"1 lines") || strings.Contains(got, "@shop.vn") {
		t.Errorf("%s", got)
	}
}
