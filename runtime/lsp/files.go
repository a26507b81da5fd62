package lsp

import (
	"encoding/json"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/segql/segql/compiler"
)

// document is a file that is open in the editor.
type document struct {
	uri      string
	path     string // on disk; "" when it has none
	language string
	version  int
	text     *text
	project  *project // nil: outside of any
	name     string   // inside of the project, else its base name
}

// pathOf gives the path of a file URI, "" for others.
func pathOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return ""
	}
	p := u.Path
	if runtime.GOOS == "windows" {
		p = strings.TrimPrefix(p, "/")
		if len(p) > 1 && p[1] == ':' {
			p = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return filepath.Clean(filepath.FromSlash(p))
}

// uriOf is the URI of a path.
func uriOf(p string) string {
	p = filepath.ToSlash(p)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	return (&url.URL{Scheme: "file", Path: p}).String()
}

// rootOf is the folder of the nearest catalog above a file; "" if there is
// none.
func rootOf(file string) string {
	if file == "" {
		return ""
	}
	for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(filepath.Join(dir, compiler.CatalogName)); err == nil && !info.IsDir() {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// place finds the project of a document.
func (s *server) place(d *document) {
	root := ""
	switch {
	case d.path != "" && filepath.Base(d.path) == compiler.CatalogName:
		root = filepath.Dir(d.path)
	default:
		root = rootOf(d.path)
		for dir := range s.projects { // a catalog that is not saved yet
			if p := s.projects[dir]; len(dir) > len(root) && within(dir, d.path) && p.hasCatalog() {
				root = dir
			}
		}
	}
	if root == "" {
		d.project = nil
		d.name = path.Base(d.uri)
		if unescaped, err := url.PathUnescape(d.name); err == nil {
			d.name = unescaped
		}
		if d.language == "segql" && !strings.HasSuffix(d.name, ".seg") && !strings.HasSuffix(d.name, ".yaml") {
			d.name += ".seg"
		}
		return
	}
	rel, err := filepath.Rel(root, d.path)
	if err != nil {
		return
	}
	d.name = filepath.ToSlash(rel)
	d.project = s.open(root)
}

// within reports whether a file lies in a folder.
func within(dir, file string) bool {
	rel, err := filepath.Rel(dir, file)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func (s *server) addFolder(uri string) {
	if p := pathOf(uri); p != "" && !slices.Contains(s.folders, p) {
		s.folders = append(s.folders, p)
	}
}

// findProjects opens the projects below some folders. The folders are walked
// beside the editing.
func (s *server) findProjects(folders []string) {
	folders = slices.Clone(folders)
	s.beside("looking for projects", func() {
		var roots []string
		for _, folder := range folders {
			roots = append(roots, projectsBelow(folder)...)
		}
		s.later(func() {
			for _, root := range roots {
				s.open(root)
			}
		})
	})
}

const (
	mostProjects = 100 // opened without a file of theirs being open
	mostEntries  = 20_000
)

func projectsBelow(folder string) (roots []string) {
	seen := 0
	_ = filepath.WalkDir(folder, func(p string, d fs.DirEntry, err error) error { // what cannot be read holds no project
		seen++
		switch {
		case len(roots) >= mostProjects || seen > mostEntries:
			return fs.SkipAll
		case err != nil:
			return fs.SkipDir
		case d.IsDir() && p != folder && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules"):
			return fs.SkipDir
		case !d.IsDir() && d.Name() == compiler.CatalogName:
			roots = append(roots, filepath.Dir(p))
		}
		return nil
	})
	return roots
}

func (s *server) didOpen(raw json.RawMessage) {
	p, err := params[openParams](raw)
	if err != nil {
		return
	}
	d := &document{uri: p.Document.URI, path: pathOf(p.Document.URI), language: p.Document.Language, version: p.Document.Version, text: newText(p.Document.Text)}
	s.docs[d.uri] = d
	if filepath.Base(d.path) == compiler.CatalogName {
		s.replace() // files that are open may belong to it
	} else {
		s.place(d)
	}
	s.touched(d)
}

// replace finds the projects of all documents anew.
func (s *server) replace() {
	for _, d := range s.docs {
		s.place(d)
	}
}

// touched tells a document's project of its text.
func (s *server) touched(d *document) {
	if d.project == nil {
		s.publishLoose(d)
		return
	}
	d.project.put(d.name, d.text, d)
	s.schedule(d.project)
}

func (s *server) didChange(raw json.RawMessage) {
	p, err := params[changeParams](raw)
	if err != nil {
		return
	}
	d := s.docs[p.Document.URI]
	if d == nil {
		return
	}
	for _, c := range p.Changes {
		d.text = newText(d.text.edited(c.Range, c.Text))
	}
	d.version = p.Document.Version
	s.touched(d)
}

// didClose: from now on what is on disk counts.
func (s *server) didClose(raw json.RawMessage) {
	p, err := params[documentParams](raw)
	if err != nil {
		return
	}
	d := s.docs[p.Document.URI]
	delete(s.docs, p.Document.URI)
	if d == nil {
		return
	}
	if d.project == nil {
		s.publish(d.uri, nil, nil)
		return
	}
	d.project.reread(d.name)
	s.schedule(d.project)
}

// didSave: a run or another program may have left new sizes and columns.
func (s *server) didSave(raw json.RawMessage) {
	p, err := params[documentParams](raw)
	if err != nil {
		return
	}
	d := s.docs[p.Document.URI]
	if d == nil || d.project == nil {
		return
	}
	if d.name == compiler.CatalogName {
		d.project.forgetColumns()
		s.schedule(d.project)
	}
	if !s.client.Workspace.WatchedFiles.Dynamic && d.project.rescan() {
		s.schedule(d.project)
	}
	s.readSizes(d.project)
}

// didChangeWatchedFiles brings projects up to what is on disk.
func (s *server) didChangeWatchedFiles(raw json.RawMessage) {
	p, err := params[watchedParams](raw)
	if err != nil {
		return
	}
	stale := map[*project]bool{}
	for _, c := range p.Changes {
		file := pathOf(c.URI)
		if filepath.Base(file) == compiler.CatalogName && c.Type != 2 {
			s.catalogCame(file)
			continue
		}
		for root, project := range s.projects {
			if !within(root, file) {
				continue
			}
			stale[project] = true
			switch {
			case filepath.Ext(file) == ".duckdb":
				s.readSizes(project)
			case !isText(file):
				project.forgetColumns()
			}
		}
	}
	for project := range stale {
		project.rescan()
		project.changed()
		s.schedule(project)
	}
}

// isText reports the files that a project reads itself.
func isText(name string) bool {
	return strings.HasSuffix(name, ".seg") || strings.HasSuffix(name, ".yaml")
}

// catalogCame: a project has come or gone, so that files around it belong to
// another one.
func (s *server) catalogCame(file string) {
	for root, p := range s.projects {
		if within(root, file) || within(filepath.Dir(file), filepath.Join(root, "x")) {
			s.drop(p)
		}
	}
	if _, err := os.Stat(file); err == nil {
		s.open(filepath.Dir(file))
	}
	for _, d := range s.docs {
		s.place(d)
		s.touched(d)
	}
}

func (s *server) didChangeFolders(raw json.RawMessage) {
	p, err := params[foldersParams](raw)
	if err != nil {
		return
	}
	var added []string
	for _, f := range p.Event.Added {
		if dir := pathOf(f.URI); dir != "" {
			added = append(added, dir)
		}
		s.addFolder(f.URI)
	}
	s.findProjects(added)
}
