package lsp

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/yamlform"
)

// Kinds of code actions.
const (
	quickFix = "quickfix"
	fixAll   = "source.fixAll"
)

func emptyProject() *ir.Project { return &ir.Project{Calendar: &calendar.Calendar{}} }

func sortedRoots(projects map[string]*project) []string { return slices.Sorted(maps.Keys(projects)) }

// formatting writes a file in its canonical form; a file with errors stays as
// it is. Lines keep the ends that the file has.
func (s *server) formatting(raw json.RawMessage) (any, error) {
	p, err := params[documentParams](raw)
	if err != nil {
		return nil, err
	}
	d := s.docs[p.Document.URI]
	if d == nil {
		return nil, nil
	}
	f := d.loose()
	if d.project != nil {
		f = d.project.files[d.name]
		f.parse()
	}
	formatted, ok := f.canonical()
	if !ok {
		return nil, nil
	}
	if i := strings.IndexByte(d.text.raw, '\n'); i > 0 && d.text.raw[i-1] == '\r' {
		formatted = strings.ReplaceAll(formatted, "\n", "\r\n")
	}
	return lineEdits(d.text, formatted), nil
}

// canonical is the canonical form of a file; false where it has errors or, as
// the catalog, none.
func (f *file) canonical() (string, bool) {
	form := yamlform.Format
	switch {
	case f.source == nil || f.diags.HasErrors():
		return "", false
	case isTest(f.name):
		form = testform.Canonical
	case f.tree == nil:
		return "", false
	case !strings.HasSuffix(f.name, ".yaml"):
		return format.Format(f.tree), true
	}
	text, diags := form(f.source)
	return text, !diags.HasErrors()
}

// lineEdits replaces the lines between the first and the last that differ.
func lineEdits(t *text, with string) []textEdit {
	if t.raw == with {
		return []textEdit{}
	}
	start := 0
	for i := 0; i < len(with) && i < len(t.raw) && with[i] == t.raw[i]; i++ {
		if with[i] == '\n' {
			start = i + 1
		}
	}
	end := 0 // from the end
	for i := 1; i <= len(with)-start && i <= len(t.raw)-start && with[len(with)-i] == t.raw[len(t.raw)-i]; i++ {
		if i < len(with)-start && i < len(t.raw)-start && with[len(with)-i-1] == '\n' && t.raw[len(t.raw)-i-1] == '\n' {
			end = i
		}
	}
	return []textEdit{{Range{t.position(start), t.position(len(t.raw) - end)}, with[start : len(with)-end]}}
}

// edit is a change of several files.
func (s *server) edit(p *project, edits []diag.Edit) workspaceEdit {
	byFile := map[string][]textEdit{}
	for _, e := range edits {
		if e.Span.File != nil {
			name := e.Span.File.Name
			byFile[name] = append(byFile[name], textEdit{p.textOf(name).rangeOf(e.Span.Start, e.Span.End), e.Text})
		}
	}
	out := workspaceEdit{}
	for _, name := range slices.Sorted(maps.Keys(byFile)) {
		uri := p.uri(name)
		if !s.client.Workspace.Edit.DocumentChanges {
			if out.Changes == nil {
				out.Changes = map[string][]textEdit{}
			}
			out.Changes[uri] = byFile[name]
			continue
		}
		id := versionedID{URI: uri}
		if f := p.files[name]; f != nil && f.doc != nil {
			version := f.doc.version
			id.Version = &version
		}
		out.Documents = append(out.Documents, documentEdit{id, byFile[name]})
	}
	return out
}

// codeActions are the exact fixes of the diagnostics in a range, and one that
// applies all fixes of a file that go together.
func (s *server) codeActions(raw json.RawMessage) (any, error) {
	p, err := params[struct {
		Document documentID `json:"textDocument"`
		Range    Range      `json:"range"`
		Context  struct {
			Only []string `json:"only"`
		} `json:"context"`
	}](raw)
	if err != nil {
		return nil, err
	}
	out := []codeAction{}
	d := s.docs[p.Document.URI]
	if d == nil {
		return out, nil
	}
	project, diags := s.findings(d)
	wants := func(kind string) bool {
		return len(p.Context.Only) == 0 || slices.ContainsFunc(p.Context.Only, func(k string) bool { return kind == k || strings.HasPrefix(kind, k+".") })
	}
	start, end := d.text.fileOffset(p.Range.Start), d.text.fileOffset(p.Range.End)
	var here diag.List
	for _, found := range diags {
		if found.Span.File == nil || found.Span.File.Name != d.name || len(found.Edits) == 0 {
			continue
		}
		here = append(here, found)
		if wants(quickFix) && found.Span.Start <= end && start <= found.Span.End {
			out = append(out, codeAction{Title: fixTitle(found), Kind: quickFix, Preferred: true,
				Diagnostics: []diagnostic{s.shown(project, d.name, found)}, Edit: s.edit(project, found.Edits)})
		}
	}
	if edits, _ := diag.Fixes(here); wants(fixAll) && len(edits) > 0 && (len(p.Context.Only) > 0 || len(here) > 1) {
		out = append(out, codeAction{Title: "Apply all fixes of segql", Kind: fixAll, Edit: s.edit(project, edits)})
	}
	return out, nil
}

// findings are the diagnostics of a document's project, or of the document
// alone.
func (s *server) findings(d *document) (*project, diag.List) {
	if p := d.project; p != nil {
		if s.stateFor(p, d.name); p.full.generation != p.generation {
			return p, p.quick.diags
		}
		return p, p.full.diags
	}
	f := d.loose()
	return &project{files: map[string]*file{d.name: f}}, f.diags
}

// fixTitle says what a fix does.
func fixTitle(d diag.Diagnostic) string {
	if help, _, _ := strings.Cut(d.Help, "\n"); help != "" {
		r, size := utf8.DecodeRuneInString(help)
		return string(unicode.ToUpper(r)) + help[size:]
	}
	if len(d.Edits) == 1 && d.Edits[0].Text != "" {
		return "Write " + d.Edits[0].Text
	}
	return "Fix " + string(d.Code)
}

func (s *server) prepareRename(raw json.RawMessage) (any, error) {
	p, err := params[positionParams](raw)
	if err != nil {
		return nil, err
	}
	a := s.at(p, s.stateFor)
	if a == nil {
		return nil, nil
	}
	at, name, err := a.state.CanRename(a.file, a.offset)
	if err != nil {
		return nil, err
	}
	return map[string]any{"range": a.rangeOf(at), "placeholder": name}, nil
}

func (s *server) rename(raw json.RawMessage) (any, error) {
	p, err := params[struct {
		positionParams
		Name string `json:"newName"`
	}](raw)
	if err != nil {
		return nil, err
	}
	a := s.at(p.positionParams, s.exact)
	if a == nil || a.doc.project == nil {
		return nil, &rpcError{requestFailed, "the file belongs to no project: there is no " + compiler.CatalogName + " above it"}
	}
	edits, err := a.state.Rename(a.file, a.offset, p.Name)
	if err != nil {
		return nil, err
	}
	return s.edit(a.doc.project, edits), nil
}
