package lint

import (
	"bytes"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
	"github.com/segql/segql/lang/yamlform"
)

// Fixed is what Fix did.
type Fixed struct {
	Files   map[string]string // the new texts of the files that change, by name
	Count   int               // fixes made
	Project *compiler.Project // as it is with them
	Left    diag.List         // findings that stay, or the errors of a project that has some
}

// maxRounds bounds the fixes that bring about others.
const maxRounds = 100

// Fix applies the fixes of the findings in a project, until there are none,
// and formats the files they change. The members of every segment stay the
// same. in says what is looked for; its Project and Diags are made here. A
// project with errors is left as it is.
func Fix(fsys fs.FS, o compiler.Options, in Input) Fixed {
	f := &fixer{o: o, in: in, over: overlay{fsys, map[string]string{}}, refused: map[string]bool{}}
	for range maxRounds {
		if !f.round() {
			break
		}
	}
	for name, text := range f.over.files {
		f.over.files[name] = formatted(name, text)
	}
	project, found := f.look()
	return Fixed{Files: f.over.files, Count: f.count, Project: project, Left: found}
}

type fixer struct {
	o       compiler.Options
	in      Input
	over    overlay
	count   int
	refused map[string]bool // fixes after which the project would be wrong
}

func (f *fixer) look() (*compiler.Project, diag.List) {
	in := f.in
	in.Project, in.Diags = compiler.Compile(f.over, f.o)
	return in.Project, Run(in)
}

// round makes the fixes that can be made together, and reports whether there
// were any.
func (f *fixer) round() bool {
	p, found := f.look()
	if found.HasErrors() {
		return false
	}
	list := f.together(p, found)
	if n := f.apply(p, list); n > 0 {
		f.count += n
		return true
	}
	done := false // one of them is wrong: each for itself
	for _, d := range list {
		if !done && f.apply(p, diag.List{d}) > 0 {
			f.count++
			done = true
			continue
		}
		if !done {
			f.refused[identity(d)] = true
		}
	}
	return done
}

// together leaves out fixes that depend on what another fix of the same
// declaration changes: of two conditions that say the same, one must stay.
func (f *fixer) together(p *compiler.Project, found diag.List) (list diag.List) {
	taken := map[place]bool{}
	for _, d := range found {
		if len(d.Edits) == 0 || f.refused[identity(d)] {
			continue
		}
		if r, ok := Find(d.Code); ok && r.around {
			at := declAt(p.Files, d.Span)
			if taken[at] {
				continue
			}
			taken[at] = true
		}
		list = append(list, d)
	}
	return list
}

func identity(d diag.Diagnostic) string { return d.String() + d.Span.Text() }

// declAt is the place of the declaration around a span, or that of the span's
// file.
func declAt(files []*ast.File, s source.Span) place {
	for _, f := range files {
		if f.Source != s.File {
			continue
		}
		for _, d := range f.Decls {
			if at := d.Span(); at.Start <= s.Start && s.End <= at.End {
				return placeOf(at)
			}
		}
	}
	return place{file: s.File}
}

// apply makes fixes and gives their number; none when the project would have
// errors with them.
func (f *fixer) apply(p *compiler.Project, list diag.List) int {
	edits, left := diag.Fixes(list)
	if len(edits) == 0 {
		return 0
	}
	next := overlay{f.over.FS, map[string]string{}}
	for name, text := range f.over.files {
		next.files[name] = text
	}
	for _, file := range sources(p) {
		text, err := diag.Apply(file, edits)
		if err != nil {
			return 0
		}
		if text != file.Text {
			next.files[file.Name] = text
		}
	}
	if _, diags := compiler.Compile(next, f.o); diags.HasErrors() {
		return 0
	}
	f.over = next
	return len(list) - len(left)
}

func sources(p *compiler.Project) []*source.File {
	files := []*source.File{p.Catalog.File}
	for _, f := range p.Files {
		files = append(files, f.Source)
	}
	return files
}

// formatted is the canonical text of a file of definitions; the catalog has
// none.
func formatted(name, text string) string {
	file, _ := syntax.Load(name, []byte(text))
	canonical := ""
	switch {
	case strings.HasSuffix(name, ".seg"):
		canonical, _ = format.Source(file)
	case strings.HasSuffix(name, yamlform.Suffix):
		canonical, _ = yamlform.Format(file)
	}
	if canonical == "" {
		return text
	}
	return canonical
}

// overlay is a file system with some texts in the place of its own.
type overlay struct {
	fs.FS
	files map[string]string
}

func (o overlay) ReadFile(name string) ([]byte, error) {
	if text, ok := o.files[name]; ok {
		return []byte(text), nil
	}
	return fs.ReadFile(o.FS, name)
}

func (o overlay) Open(name string) (fs.File, error) {
	if text, ok := o.files[name]; ok {
		return &openText{Reader: bytes.NewReader([]byte(text)), name: name, size: len(text)}, nil
	}
	return o.FS.Open(name)
}

// openText is a text as an open file.
type openText struct {
	io.Reader
	name string
	size int
}

func (t *openText) Stat() (fs.FileInfo, error) { return t, nil }
func (t *openText) Close() error               { return nil }
func (t *openText) Name() string               { return t.name[strings.LastIndexByte(t.name, '/')+1:] }
func (t *openText) Size() int64                { return int64(t.size) }
func (t *openText) Mode() fs.FileMode          { return 0o444 }
func (t *openText) ModTime() time.Time         { return time.Time{} }
func (t *openText) IsDir() bool                { return false }
func (t *openText) Sys() any                   { return nil }
