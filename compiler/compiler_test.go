package compiler_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
)

// TestFiles: which files belong to a project, and what is said of those that
// cannot be read.
func TestFiles(t *testing.T) {
	const good = "segment good { where id is known }\n"
	for _, c := range []struct {
		name  string
		files map[string]string // "" denies reading
		want  string            // what is said, one diagnostic a line
		segs  string
	}{
		{"sub-folders", map[string]string{"a/b/c.seg": good, "d.seg": "segment d { where in segment good }\n"}, "", "d good"},
		{"hidden folders and other projects", map[string]string{"a.seg": good, ".git/b.seg": "bad", "other/catalog.yaml": "bad", "other/c.seg": "bad"}, "", "good"},
		{"tests are no definitions", map[string]string{"a.seg": good, "a_test.seg.yaml": "bad", "notes.txt": "bad"}, "", "good"},
		{"definitions in YAML", map[string]string{"a.seg": good, "b.seg.yaml": "segment: b\nwhere: in segment good\n"}, "", "b good"},
		{"definitions in YAML with an error", map[string]string{"a.seg.yaml": "segment: a\n"},
			"a.seg.yaml:1:1: error[SEG1602]: a segment has no `where`", ""},
		{"denied", map[string]string{"a.seg": good, "b.seg": ""}, "b.seg:1:1: error[SEG1034]: b.seg cannot be read: permission denied", "good"},
		{"only denied", map[string]string{"b.seg": ""}, "b.seg:1:1: error[SEG1034]: b.seg cannot be read: permission denied", ""},
		{"not UTF-8", map[string]string{"a.seg": "segment a { where name = \"\xff\" }\n", "b.seg": "segment b { where in segment a }\n"},
			"a.seg:1:27: error[SEG0003]: line 1 is not UTF-8 text (byte 0xFF)", ""},
		{"a list outside", map[string]string{"a.seg": good + "list l from \"../l.txt\"\n"},
			`a.seg:2:13: error[SEG1020]: the list's file cannot be read: "../l.txt" leaves the project`, "good"},
		{"a denied list", map[string]string{"a.seg": good + "list l from \"l.txt\"\n", "l.txt": ""},
			"a.seg:2:13: error[SEG1020]: the list's file cannot be read: permission denied", "good"},
		{"a list that is no text", map[string]string{"a.seg": good + "list l from \"l.txt\"\n", "l.txt": "\xff\n"},
			"a.seg:2:13: error[SEG1020]: the list's file cannot be read: line 1 is not UTF-8 text (byte 0xFF)", "good"},
		{"denied catalog", map[string]string{"catalog.yaml": "", "a.seg": good}, "error[SEG1033]: catalog.yaml cannot be read: permission denied", ""},
		{"broken catalog", map[string]string{"catalog.yaml": "timezone: UTC\nentities: {customer: {key: id}}\n", "a.seg": good},
			"catalog.yaml:2:12: error[SEG1514]: nothing says where the rows of `customer` come from", ""},
	} {
		project := denying{fstest.MapFS{compiler.CatalogName: {Data: standard(t)}}, map[string]bool{}}
		for name, text := range c.files {
			project.MapFS[name] = &fstest.MapFile{Data: []byte(text)}
			project.denied[name] = text == ""
		}
		p, diags := compiler.Compile(project, compiler.Options{})
		var said, segs []string
		for _, d := range diags {
			said = append(said, d.String())
		}
		for _, s := range p.Segments {
			segs = append(segs, s.Name)
		}
		if got := strings.Join(said, "\n"); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if got := strings.Join(segs, " "); got != c.segs {
			t.Errorf("%s: segments %q, want %q", c.name, got, c.segs)
		}
	}
}

// TestNoFolder: a project that is not there at all is an error, not a panic.
func TestNoFolder(t *testing.T) {
	_, diags := compiler.Compile(nowhere{}, compiler.Options{})
	if len(diags) != 1 || diags[0].Code != "SEG1033" {
		t.Error(diags)
	}
}

// nowhere is a folder that has gone.
type nowhere struct{}

func (nowhere) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func TestCatalogComesFirst(t *testing.T) {
	_, diags := compiler.Compile(fstest.MapFS{
		"a.seg":        {Data: []byte("segment a { where agge > 3 }\n")},
		"catalog.yaml": {Data: []byte("version: 1\ntimezone: UTC\nweek_starts: sunnday\nentities:\n  customer: {source: c.csv, key: {column: id, type: int}, attributes: {age: int}}\n")},
	}, compiler.Options{})
	var files []string
	for _, d := range diags {
		files = append(files, d.Span.File.Name)
	}
	if want := []string{"catalog.yaml", "a.seg"}; !slices.Equal(files, want) {
		t.Errorf("in the order %v, want %v: %v", files, want, diags)
	}
}

// TestReadCatalog: the catalog is read without a look at the definitions.
func TestReadCatalog(t *testing.T) {
	project := denying{fstest.MapFS{compiler.CatalogName: {Data: standard(t)}, "a.seg": {Data: []byte("bad")}}, map[string]bool{"a.seg": true}}
	cat, diags := compiler.ReadCatalog(project)
	if cat == nil || len(diags) > 0 || cat.Timezone.Text != "Asia/Ho_Chi_Minh" {
		t.Errorf("%v, %v", cat, diags)
	}
	for name, text := range map[string]string{"no catalog": "", "no text": "\xff"} {
		files := fstest.MapFS{}
		if text != "" {
			files[compiler.CatalogName] = &fstest.MapFile{Data: []byte(text)}
		}
		if cat, diags := compiler.ReadCatalog(files); cat != nil || !diags.HasErrors() {
			t.Errorf("%s: %v, %v", name, cat, diags)
		}
	}
}
