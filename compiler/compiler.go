// Package compiler reads a folder of definitions and answers what they mean:
//
//	project, diags := compiler.Compile(fsys, compiler.Options{})
//	plan, err := project.Plan(asOf, plan.Options{})
//	statements := sql.Print(plan, sql.DuckDB, sources)
//
// It is pure: files come from any fs.FS, the clock from the caller, and what
// must be known of the data through Options.Columns.
package compiler

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ignore"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
	"github.com/segql/segql/lang/yamlform"
)

// CatalogName is the file that makes a folder a project.
const CatalogName = "catalog.yaml"

// Codes of this package.
const (
	noCatalog  diag.Code = "SEG1033" // the folder has no catalog.yaml
	unreadable diag.Code = "SEG1034" // a file of the project cannot be read
)

// Options of Compile. The zero Options compiles what the catalog declares,
// without looking at data.
type Options struct {
	// Set overrides params: name → literal as text, "3_000_000".
	Set map[string]string
	// Columns describes a source of data; see check.Input.
	Columns func(src *ir.Source, declared map[string]value.Type) ([]check.SourceColumn, *diag.Diagnostic)
	// Uses is told what each name stands for; see check.Input.
	Uses func(check.Use)
	// Only limits the check to one of the files; see check.Input.
	Only *ast.File
	// Tests also reads and checks the files of tests.
	Tests bool
}

// Project is a folder of definitions, read and checked.
type Project struct {
	*ir.Project
	Catalog *catalog.Catalog
	Files   []*ast.File // the .seg and .seg.yaml files, by name
	// Tests are those without errors, by file; none without Options.Tests, nor
	// where the definitions have errors.
	Tests []*testform.Case
	// TestFiles are the files of tests, by name, with Options.Tests.
	TestFiles []*source.File

	// Ignores are the comments that hide advice, Hidden what they hid of it.
	Ignores *ignore.Set
	Hidden  diag.List

	// DeprecatedUses are the places of definitions that name what is deprecated.
	DeprecatedUses []check.Use
	deprecated     map[named]Deprecation
}

// Compile reads every definition below the root of fsys. The diagnostics are
// sorted; when one is an error the project is only partly usable.
func Compile(fsys fs.FS, o Options) (*Project, diag.List) {
	s := Sources{Lists: fsys}
	s.Catalog, s.Diags = ReadCatalog(fsys)
	if s.Catalog != nil || !s.Diags.HasErrors() || s.Diags[0].Code != noCatalog {
		var more diag.List
		var tests []string
		s.Files, tests, more = parseAll(fsys)
		s.Diags = append(s.Diags, more...)
		if o.Tests {
			s.Tests, more = readTests(fsys, tests)
			s.Diags = append(s.Diags, more...)
		}
	}
	return CompileSources(s, o)
}

// Guessed reports, of a project compiled without data, whether it has columns
// of which the catalog does not declare the type.
func (p *Project) Guessed() bool {
	for _, rel := range p.Relations {
		for _, c := range rel.Columns {
			if c.Raw != "" && !c.Declared && !c.Internal {
				return true
			}
		}
	}
	return false
}

// Sources are the files of a project, read; a caller that keeps them between
// two checks reads only what has changed.
type Sources struct {
	Catalog *catalog.Catalog // nil: it cannot be read
	Files   []*ast.File      // by name; a check settles their scalars (ast.Scalar)
	Tests   []*source.File   // the files of tests, looked at with Options.Tests
	Diags   diag.List        // what reading has found
	Lists   fs.FS            // where the files of lists are
}

// CompileSources is Compile of files that have been read.
func CompileSources(s Sources, o Options) (*Project, diag.List) {
	p := &Project{Project: &ir.Project{}, Catalog: s.Catalog, Files: s.Files}
	diags := slices.Clone(s.Diags)
	in := check.Input{Catalog: p.Catalog, Files: p.Files, Columns: remembered(o.Columns), Set: o.Set, Uses: p.watched(o.Uses), Only: o.Only,
		ReadList: func(name string) (*source.File, error) { return readList(s.Lists, name) }, Blamed: errorSpans(diags)}
	if p.Catalog != nil && usable(p.Catalog) {
		var more diag.List
		p.Project, more = check.Check(in)
		diags = append(diags, more...)
	}
	if o.Tests {
		t := &tester{project: p, in: in, usable: !diags.HasErrors(), variants: map[string]*ir.Project{}}
		p.TestFiles = s.Tests
		t.files(s.Tests)
		diags = append(diags, t.diags...)
	}
	ignores, more := ignore.Read(p.Files, p.Catalog)
	p.Ignores = ignores
	diags, p.Hidden = ignores.Apply(append(diags, more...))
	diags.Sort()
	catalogFirst(diags)
	yamlform.KeepEdits(diags)
	return p, diags
}

// ReadCatalog reads the catalog at the root of fsys and nothing else; nil when
// it cannot be read at all.
func ReadCatalog(fsys fs.FS) (*catalog.Catalog, diag.List) {
	var diags diag.List
	text, err := fs.ReadFile(fsys, CatalogName)
	if err != nil {
		diags.Errorf(noCatalog, source.Span{}, "there is no %s here", CatalogName).
			Help = "go to the project's folder or name it; `segql init DIR` writes a catalog from a folder of data"
		if !errors.Is(err, fs.ErrNotExist) {
			diags[0].Message = fmt.Sprintf("%s cannot be read: %v", CatalogName, reason(err))
		}
		return nil, diags
	}
	return ParseCatalog(text)
}

// ParseCatalog reads the text of a catalog.
func ParseCatalog(text []byte) (*catalog.Catalog, diag.List) {
	file, diags := syntax.Load(CatalogName, text)
	if diags.HasErrors() {
		return nil, diags
	}
	cat, more := catalog.Parse(file)
	return cat, append(diags, more...)
}

// usable reports whether a catalog with errors still has what checking the
// definitions needs, so that one mistake there does not hide the others.
func usable(c *catalog.Catalog) bool {
	if len(c.Entities) == 0 || c.Location == nil {
		return false
	}
	for _, e := range c.Entities {
		if e.Source == nil && e.From == nil && len(e.Universe) == 0 {
			return false
		}
	}
	for _, f := range c.Facts {
		if f.Source == nil && f.From == nil {
			return false
		}
	}
	return true
}

func errorSpans(diags diag.List) []source.Span {
	var spans []source.Span
	for _, d := range diags {
		if d.Severity == diag.Error {
			spans = append(spans, d.Span)
		}
	}
	return spans
}

// parseAll parses the files of definitions of the project, and names those of
// tests.
func parseAll(fsys fs.FS) (files []*ast.File, tests []string, _ diag.List) {
	var diags diag.List
	var texts []definitions
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			diags.Errorf(unreadable, source.Span{}, "%s cannot be read: %v", name, reason(err)).Help = "check the permissions"
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != ".":
			return fs.SkipDir
		case d.IsDir() && name != "." && isProject(fsys, name):
			return fs.SkipDir
		case d.IsDir():
			return nil
		case strings.HasSuffix(name, yamlform.TestSuffix):
			tests = append(tests, name)
		case IsDefinitions(name):
			text, err := fs.ReadFile(fsys, name)
			texts = append(texts, definitions{name, text, err})
		}
		return nil
	})
	if err != nil {
		diags.Errorf(unreadable, source.Span{}, "the project cannot be read: %v", reason(err))
	}
	for _, p := range parallel(texts, definitions.parse) {
		files, diags = append(files, p.file), append(diags, p.diags...)
	}
	return files, tests, diags
}

// isProject reports whether a sub-folder is a project of its own.
func isProject(fsys fs.FS, dir string) bool {
	_, err := fs.Stat(fsys, path.Join(dir, CatalogName))
	return err == nil
}

// unread stands for a file that may define anything.
func unread(name string) *ast.File { return &ast.File{Source: source.New(name, ""), Broken: true} }

// definitions are a file of definitions as it was read.
type definitions struct {
	name string
	text []byte
	err  error
}

type parsed struct {
	file  *ast.File
	diags diag.List
}

func (d definitions) parse() (p parsed) {
	if d.err != nil {
		p.file = unread(d.name)
		p.diags.Errorf(unreadable, source.Span{File: source.New(d.name, "")}, "%s cannot be read: %v", d.name, reason(d.err)).Help = "check the permissions"
		return p
	}
	p.file, p.diags = ParseFile(d.name, d.text)
	return p
}

// IsDefinitions reports whether a file of a project holds definitions.
func IsDefinitions(name string) bool {
	return strings.HasSuffix(name, ".seg") || strings.HasSuffix(name, yamlform.Suffix) && !strings.HasSuffix(name, yamlform.TestSuffix)
}

// ParseFile reads the text of one file of definitions.
func ParseFile(name string, text []byte) (*ast.File, diag.List) {
	file, diags := syntax.Load(name, text)
	if diags.HasErrors() {
		return &ast.File{Source: file, Broken: true}, diags
	}
	read := syntax.Parse
	if strings.HasSuffix(name, yamlform.Suffix) {
		read = yamlform.Parse
	}
	f, more := read(file)
	return f, append(diags, more...)
}

func readList(fsys fs.FS, name string) (*source.File, error) {
	clean := path.Clean(strings.ReplaceAll(name, "\\", "/"))
	if !fs.ValidPath(clean) {
		return nil, fmt.Errorf("%q leaves the project", name)
	}
	text, err := fs.ReadFile(fsys, clean)
	if err != nil {
		return nil, errors.New(reason(err))
	}
	file, diags := syntax.Load(clean, text)
	if diags.HasErrors() {
		return nil, errors.New(diags[0].Message)
	}
	return file, nil
}

// reason is an error without the path that messages give already.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return err.Error()
}

// Plan plans the project's segments for one instant (microseconds since 1970).
func (p *Project) Plan(asOf int64, o plan.Options) (*plan.Plan, error) {
	return plan.Build(p.Project, asOf, o)
}

// catalogFirst puts what is said of the catalog before what is said of the
// definitions, which may follow from it.
func catalogFirst(diags diag.List) {
	of := func(d diag.Diagnostic) int {
		if d.Span.File == nil || d.Span.File.Name == CatalogName {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(diags, func(a, b diag.Diagnostic) int { return of(a) - of(b) })
}
