package lsp

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/assist"
	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
	"github.com/segql/segql/lang/yamlform"
)

// project is a folder with a catalog. Files are read once and parsed when
// their text changes.
type project struct {
	root  string
	base  fs.FS
	files map[string]*file
	// generation grows with every change; what was worked out of an earlier
	// one is outdated.
	generation int
	// shape is the last generation that changed more than the texts of files:
	// which there are, or what is known of the data.
	shape    int
	full     *snapshot // of the last check of all files
	quick    *snapshot // of the last check of one file, newer than full
	waiting  bool      // a check is due
	running  bool      // a check runs beside the editing
	advising bool      // advice is being looked for beside the editing
	// outdated tells those who look for advice that it will not be heard.
	outdated *atomic.Bool
	columns  columnTable
	sizes    map[string]assist.Size
	said     map[string]bool // URIs with diagnostics of this project
}

// file is one file of a project.
type file struct {
	name       string
	text       *text
	doc        *document // that has it open
	generation int       // in which it got its text
	before     *file     // whose place it took; nil once its names are compared
	// What the text was parsed to, once that was needed: source for all kinds,
	// and by the kind tree or catalog, with what was found.
	source  *source.File
	tree    *ast.File
	catalog *catalog.Catalog
	diags   diag.List
}

// snapshot is a checked project.
type snapshot struct {
	generation int
	of         string // the one file that was checked; "" for all
	state      *assist.State
	diags      diag.List
	missed     []Source // columns that were asked for and not known
	pending    bool     // an answer about columns is still to come
}

// open gives the project of a folder, which is read the first time.
func (s *server) open(root string) *project {
	if p := s.projects[root]; p != nil {
		return p
	}
	p := &project{root: root, base: os.DirFS(root), files: map[string]*file{}, said: map[string]bool{}, columns: columnTable{}}
	s.projects[root] = p
	p.rescan()
	p.changed()
	s.readSizes(p)
	s.schedule(p)
	return p
}

// drop forgets a project.
func (s *server) drop(p *project) {
	delete(s.projects, p.root)
	p.changed()
	for uri := range p.said {
		s.publish(uri, nil, nil)
	}
}

// changed notes that what was worked out is outdated.
func (p *project) changed() {
	p.generation++
	p.quick = nil
	if p.outdated != nil {
		p.outdated.Store(true)
	}
}

// reshaped notes that not only texts have changed.
func (p *project) reshaped() {
	p.changed()
	p.shape = p.generation
}

func (p *project) hasCatalog() bool { return p.files[compiler.CatalogName] != nil }

func belongs(name string) bool {
	return name == compiler.CatalogName || compiler.IsDefinitions(name) || strings.HasSuffix(name, yamlform.TestSuffix)
}

// rescan brings the files that are not open up to what is on disk, and reports
// whether anything has changed.
func (p *project) rescan() bool {
	seen := map[string]bool{}
	changed := false
	_ = fs.WalkDir(p.base, ".", func(name string, d fs.DirEntry, err error) error { // a folder that cannot be read has nothing to offer
		switch {
		case err != nil:
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || p.isProject(name)):
			return fs.SkipDir
		case d.IsDir() || !belongs(name):
			return nil
		}
		seen[name] = true
		if f := p.files[name]; f != nil && f.doc != nil {
			return nil
		}
		raw, err := fs.ReadFile(p.base, name)
		if f := p.files[name]; err == nil && (f == nil || f.text.raw != string(raw)) {
			p.put(name, newText(string(raw)), nil)
			changed = true
		}
		return nil
	})
	for name, f := range p.files {
		if !seen[name] && f.doc == nil {
			delete(p.files, name)
			p.reshaped()
			changed = true
		}
	}
	return changed
}

func (p *project) isProject(dir string) bool {
	_, err := fs.Stat(p.base, dir+"/"+compiler.CatalogName)
	return err == nil
}

// put sets the text of a file; doc is the document that has it open, if one
// has. A file that does not belong, such as a list that is open, is kept too.
func (p *project) put(name string, t *text, doc *document) {
	before := p.files[name]
	p.changed()
	p.files[name] = &file{name: name, text: t, doc: doc, generation: p.generation}
	if before == nil {
		p.shape = p.generation
		return
	}
	if p.full == nil || before.generation <= p.full.generation { // it is what the last check has seen
		before.before = nil
		p.files[name].before = before
		return
	}
	p.files[name].before = before.before
}

// reread takes a file from disk again.
func (p *project) reread(name string) {
	raw, err := fs.ReadFile(p.base, name)
	if err != nil || !belongs(name) {
		delete(p.files, name)
		p.reshaped()
		return
	}
	p.put(name, newText(string(raw)), nil)
}

// parse reads a file's text once.
func (f *file) parse() {
	if f.source != nil {
		return
	}
	raw := []byte(f.text.raw)
	switch {
	case f.name == compiler.CatalogName:
		f.catalog, f.diags = compiler.ParseCatalog(raw)
		if f.catalog != nil {
			f.source = f.catalog.File
		}
	case compiler.IsDefinitions(f.name):
		f.tree, f.diags = compiler.ParseFile(f.name, raw)
		f.source = f.tree.Source
	}
	if f.source == nil {
		f.source, _ = syntax.Load(f.name, raw)
	}
}

// inputs are copies of what a check reads, so that it may run beside the
// editing.
type inputs struct {
	generation int
	files      []*file // by name
	lists      fs.FS
	columns    columnTable
}

func (p *project) inputs() inputs {
	in := inputs{generation: p.generation, columns: p.columns.copied()}
	open := map[string]string{}
	for name, f := range p.files {
		if f.doc != nil {
			open[name] = f.text.raw
		}
		if belongs(name) {
			f.parse()
			in.files = append(in.files, f)
		}
	}
	slices.SortFunc(in.files, func(a, b *file) int { return strings.Compare(a.name, b.name) })
	in.lists = overlay{p.base, open}
	return in
}

// check checks a project, or only one of its files. A check settles the
// scalars of YAML by the types it finds, so that of a whole project has trees
// of its own.
func (in inputs) check(only string, known bool) *snapshot {
	out := &snapshot{generation: in.generation, of: only}
	s := compiler.Sources{Lists: in.lists}
	o := compiler.Options{}
	var tests []*source.File
	if only != "" {
		o.Only = &ast.File{}
	}
	for _, f := range in.files {
		switch {
		case f.name == compiler.CatalogName:
			s.Catalog = f.catalog
			s.Diags = append(s.Diags, f.diags...)
		case f.tree == nil:
			tests = append(tests, f.source)
		default:
			tree := f.tree
			if (only == "" || only == f.name) && strings.HasSuffix(f.name, yamlform.Suffix) {
				tree, _ = compiler.ParseFile(f.name, []byte(f.text.raw))
			}
			if only == f.name {
				o.Only = tree
			}
			s.Files = append(s.Files, tree)
			s.Diags = append(s.Diags, renamed(f.diags, f.tree, tree)...)
		}
	}
	asked := asking{table: in.columns}
	if known {
		o.Columns = asked.describe
	}
	var uses []check.Use
	o.Uses = func(u check.Use) { uses = append(uses, u) }
	p, diags := compiler.CompileSources(s, o)
	out.state = assist.New(p, uses, tests)
	out.missed, out.pending = asked.missed, asked.pending
	switch {
	case asked.pending: // what is said of types now may be wrong
		out.diags = s.Diags
	case only == "":
		out.diags = append(diags, checkTests(p, tests, diags)...)
	default:
		out.diags = diags
	}
	return out
}

// renamed brings diagnostics to another tree of the same text.
func renamed(diags diag.List, from, to *ast.File) diag.List {
	if from == to {
		return diags
	}
	out := slices.Clone(diags)
	for i := range out {
		if out[i].Span.File == from.Source {
			out[i].Span.File = to.Source
		}
	}
	return out
}

// checkTests reads the project's tests. What they mean can be said only of a
// project without errors.
func checkTests(p *compiler.Project, files []*source.File, found diag.List) (out diag.List) {
	for _, f := range files {
		tests, diags := testform.Read(f)
		out = append(out, diags...)
		if p.Project != nil && !found.HasErrors() {
			_, diags = testform.Check(p.Project, tests)
			out = append(out, diags...)
		}
	}
	return out
}

// checked is the state of the whole project as it is now. Where it is not
// known yet, the check runs at once.
func (s *server) checked(p *project) *snapshot {
	if p.full == nil || p.full.generation != p.generation {
		s.install(p, p.inputs().check("", s.opt.Columns != nil))
	}
	return p.full
}

// stateFor is the state that a question about one file needs: that of the
// whole project where it is up to date, else that of the file.
func (s *server) stateFor(p *project, name string) *assist.State {
	switch {
	case p.full != nil && p.full.generation == p.generation:
		return p.full.state
	case p.full == nil || strings.HasSuffix(name, yamlform.TestSuffix):
		return s.checked(p).state
	}
	return s.partly(p, name).state
}

// partly checks one file, and takes what the last check of the whole project
// has found in the others.
func (s *server) partly(p *project, name string) *snapshot {
	if p.quick == nil || p.quick.of != name || p.quick.generation != p.generation {
		p.quick = p.inputs().check(name, s.opt.Columns != nil)
		p.quick.state = p.quick.state.Over(p.full.state, name).WithSizes(p.sizes)
	}
	return p.quick
}

// exact is the state for what must see all uses of a name. Where nothing but
// the insides of one file's definitions has changed since the last check of
// the whole project, the other files use names as they did then.
func (s *server) exact(p *project, name string) *assist.State {
	if p.full == nil || p.full.generation == p.generation || p.shape > p.full.generation || strings.HasSuffix(name, yamlform.TestSuffix) {
		return s.checked(p).state
	}
	for _, f := range p.files {
		if f.generation > p.full.generation && (f.name != name || !f.declaresAsBefore()) {
			return s.checked(p).state
		}
	}
	return s.partly(p, name).state
}

// declaresAsBefore reports whether a file declares the same names as the text
// that the last check of the whole project has seen, so that nothing changes
// for other files.
func (f *file) declaresAsBefore() bool {
	if f.before == nil || f.before.tree == nil {
		return false
	}
	f.parse()
	a, aOK := declared(f.before.tree)
	b, bOK := declared(f.tree)
	return aOK && bOK && a == b
}

// declared is what other files can see of a file; false when it has errors
// that hide some of it.
func declared(f *ast.File) (string, bool) {
	var b strings.Builder
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.Holdout, *ast.List, *ast.Param, *ast.RFM, *ast.Trait:
			fmt.Fprintf(&b, "%s\n", d.Span().Text())
		case *ast.Segment:
			fmt.Fprintf(&b, "segment %s", d.Name.Name)
			if d.Of != nil {
				b.WriteString(" of " + d.Of.Name)
			}
			b.WriteByte('\n')
		case *ast.Split:
			fmt.Fprintf(&b, "split %s %v %v\n", d.Name.Name, d.Of, d.OfSegment)
			for _, br := range d.Branches {
				fmt.Fprintf(&b, "  %s\n", br.Name.Name)
			}
		}
	}
	return b.String(), !f.Broken
}

// latest is a state that need not be up to date: what may be written at a
// place is found out from its text and the names of the project.
func (s *server) latest(p *project) *assist.State {
	if p.full == nil {
		return s.checked(p).state
	}
	if p.quick != nil {
		return p.quick.state
	}
	return p.full.state
}

// install takes the result of a check of the whole project.
func (s *server) install(p *project, snap *snapshot) {
	if s.projects[p.root] != p || p.full != nil && snap.generation < p.full.generation {
		return
	}
	snap.state = snap.state.WithSizes(p.sizes)
	p.full = snap
	if len(snap.missed) > 0 {
		s.readColumns(p, snap.missed)
	}
	if snap.generation == p.generation {
		s.publishProject(p)
		s.advise(p)
	}
}

// fileAt is the text of a file of a project, also of one that is only read to
// show a place in it, such as a list.
func (p *project) textOf(name string) *text {
	if f := p.files[name]; f != nil {
		return f.text
	}
	raw, err := fs.ReadFile(p.base, name)
	if err != nil {
		return newText("")
	}
	return newText(string(raw))
}

// uri of a file: as the editor calls it, where it is open.
func (p *project) uri(name string) string {
	if f := p.files[name]; f != nil && f.doc != nil {
		return f.doc.uri
	}
	return uriOf(filepath.Join(p.root, filepath.FromSlash(name)))
}
