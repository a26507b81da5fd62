package lsp

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/segql/segql/compiler/assist"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/lint"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// schedule checks a project a little later, once no more changes come. While a
// check runs another one waits for its end.
func (s *server) schedule(p *project) {
	if p.waiting {
		return
	}
	p.waiting = true
	generation := p.generation
	time.AfterFunc(s.opt.Delay, func() {
		s.later(func() {
			p.waiting = false
			switch {
			case s.projects[p.root] != p:
			case p.generation != generation && !p.running: // somebody types
				s.schedule(p)
			case !p.running:
				s.start(p)
			}
		})
	})
}

// start checks a project beside the editing. A check that a change has
// outdated says nothing, and is followed by another one.
func (s *server) start(p *project) {
	if p.full != nil && p.full.generation == p.generation {
		return
	}
	p.running = true
	in, known := p.inputs(), s.opt.Columns != nil
	s.beside("the check of "+p.root, func() {
		var snap *snapshot
		defer s.later(func() {
			p.running = false
			if snap != nil {
				s.install(p, snap)
			}
			if snap != nil && p.generation != in.generation {
				s.schedule(p)
			}
		})
		snap = in.check("", known)
	})
}

// advise looks for advice on a project without errors, which takes longer than
// its check, and adds it to what was said. Of a large project it takes seconds:
// it is given up as soon as the project changes.
func (s *server) advise(p *project) {
	if !s.opt.Lint || p.advising || p.full.pending || p.full.diags.HasErrors() {
		return
	}
	p.advising = true
	snap, checked, diags, stop := p.full, p.full.state.Project(), p.full.diags, &atomic.Bool{}
	p.outdated = stop
	s.beside("advice on "+p.root, func() {
		var found diag.List
		done := false
		defer s.later(func() {
			p.advising = false
			switch {
			case p.full == snap && done:
				snap.diags = append(found, withoutAdvice(diags)...)
				if snap.generation == p.generation {
					s.publishProject(p)
				}
			case p.full != snap && p.full.generation == p.generation:
				s.advise(p)
			}
		})
		found = lint.Run(lint.Input{Project: checked, Diags: diags, Stop: func() bool { return s.givesWay(stop) }})
		done = !stop.Load()
	})
}

// givesWay waits while the editor does, and reports whether nobody wants the
// advice any more.
func (s *server) givesWay(outdated *atomic.Bool) bool {
	for s.answering.Load() && !outdated.Load() && s.ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	return outdated.Load() || s.ctx.Err() != nil
}

// withoutAdvice leaves out what package lint finds again, or was told to
// ignore.
func withoutAdvice(diags diag.List) (out diag.List) {
	for _, d := range diags {
		if d.Severity == diag.Error || !strings.HasPrefix(string(d.Code), "SEG2") {
			out = append(out, d)
		}
	}
	return out
}

// Source is a source of data whose columns are asked for.
type Source struct {
	Source   *ir.Source
	Declared map[string]value.Type // by column, see check.Input
}

// Columns are what a source holds, or why that is not known.
type Columns struct {
	Columns []check.SourceColumn
	Problem *diag.Diagnostic
}

// columnTable keeps the columns of sources, by what was asked.
type columnTable map[string]Columns

func (t columnTable) copied() columnTable { return maps.Clone(t) }

func sourceKey(src *ir.Source, declared map[string]value.Type) string {
	shown := *src
	shown.At, shown.Header = source.Span{}, nil
	key := fmt.Sprintf("%+v", shown)
	if src.Header != nil {
		key += fmt.Sprint(*src.Header)
	}
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		key += "\x00" + name + "\x00" + declared[name].String()
	}
	return key
}

// asking answers a check from the table and notes what is not in it.
type asking struct {
	table   columnTable
	missed  []Source
	pending bool // an answer is still to come
}

// pending is said of a source that is not known yet, unknown of one that could
// not be looked at; nobody gets to see either.
const (
	pending diag.Code = "pending"
	unknown diag.Code = "unknown"
)

func (a *asking) describe(src *ir.Source, declared map[string]value.Type) ([]check.SourceColumn, *diag.Diagnostic) {
	known, ok := a.table[sourceKey(src, declared)]
	if !ok {
		a.missed = append(a.missed, Source{src, declared})
	}
	switch {
	case !ok || known.Problem != nil && known.Problem.Code == pending:
		a.pending = true
		return nil, &diag.Diagnostic{Code: pending, Severity: diag.Note}
	case known.Problem == nil && known.Columns == nil:
		return nil, &diag.Diagnostic{Code: unknown, Severity: diag.Note}
	case known.Problem != nil:
		// That the data is not at hand keeps nobody from writing definitions.
		d := *known.Problem
		d.Severity = max(d.Severity, diag.Warning)
		return nil, &d
	}
	return known.Columns, nil
}

// readColumns asks the data for columns beside the editing, and checks the
// project again when they are there.
func (s *server) readColumns(p *project, sources []Source) {
	for _, src := range sources { // asked for once
		p.columns[sourceKey(src.Source, src.Declared)] = Columns{Problem: &diag.Diagnostic{Code: pending, Severity: diag.Note}}
	}
	s.beside("reading the columns of "+p.root, func() {
		found := make([]Columns, len(sources))
		defer s.later(func() {
			for i, src := range sources {
				p.columns[sourceKey(src.Source, src.Declared)] = found[i]
			}
			p.reshaped()
			s.schedule(p)
		})
		copy(found, s.opt.Columns(s.ctx, p.root, sources))
	})
}

func (p *project) forgetColumns() {
	p.columns = columnTable{}
	p.reshaped()
}

// readSizes looks at the last run beside the editing.
func (s *server) readSizes(p *project) {
	if s.opt.Sizes == nil {
		return
	}
	s.beside("reading the sizes of "+p.root, func() {
		sizes := s.opt.Sizes(s.ctx, p.root)
		s.later(func() { s.setSizes(p, sizes) })
	})
}

func (s *server) setSizes(p *project, sizes map[string]assist.Size) {
	if maps.Equal(sizes, p.sizes) {
		return
	}
	p.sizes = sizes
	for _, snap := range []*snapshot{p.full, p.quick} {
		if snap != nil {
			snap.state = snap.state.WithSizes(sizes)
		}
	}
	if s.client.Workspace.InlayHint.Refresh {
		s.call("workspace/inlayHint/refresh", nil)
	}
	if s.client.Workspace.CodeLens.Refresh {
		s.call("workspace/codeLens/refresh", nil)
	}
}

// publishProject says what the last check has found, file by file; what it no
// longer finds is cleared.
func (s *server) publishProject(p *project) {
	byFile := map[string][]diagnostic{}
	for _, d := range p.full.diags {
		if d.Code == pending || d.Code == unknown {
			continue
		}
		name := "catalog.yaml"
		if d.Span.File != nil && p.files[d.Span.File.Name] != nil {
			name = d.Span.File.Name
		}
		byFile[name] = append(byFile[name], s.shown(p, name, d))
	}
	said := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(p.files)) {
		uri, list := p.uri(name), byFile[name]
		if len(list) == 0 && !p.said[uri] && p.files[name].doc == nil {
			continue
		}
		said[uri] = len(list) > 0
		var version *int
		if doc := p.files[name].doc; doc != nil {
			version = &doc.version
		}
		s.publish(uri, version, list)
	}
	for uri := range p.said {
		if _, again := said[uri]; !again {
			s.publish(uri, nil, nil)
		}
	}
	maps.DeleteFunc(said, func(_ string, some bool) bool { return !some })
	p.said = said
}

// shown is a diagnostic as the protocol has it. The way out is part of the
// message: few editors show it otherwise.
func (s *server) shown(p *project, name string, d diag.Diagnostic) diagnostic {
	out := diagnostic{Severity: int(d.Severity) + 1, Code: string(d.Code), Source: "segql", Message: d.Message}
	if d.Code == lint.Deprecated && slices.Contains(s.client.TextDocument.Publish.Tags.Values, deprecatedDiagnostic) {
		out.Tags = []int{deprecatedDiagnostic}
	}
	if d.Help != "" {
		out.Message += "\n" + d.Help
	}
	if d.Span.File != nil && d.Span.File.Name == name {
		out.Range = p.textOf(name).rangeOf(d.Span.Start, d.Span.End)
	}
	for _, l := range d.Labels {
		if l.Span.File == nil || strings.HasSuffix(l.Span.File.Name, " (rfm)") {
			continue
		}
		out.Related = append(out.Related, relatedPlace{p.location(l.Span), l.Text})
	}
	return out
}

func (p *project) location(at source.Span) location {
	return location{p.uri(at.File.Name), p.textOf(at.File.Name).rangeOf(at.Start, at.End)}
}

// publish says what there is to say of a file, unless that was said last.
func (s *server) publish(uri string, version *int, list []diagnostic) {
	if list == nil {
		list = []diagnostic{}
	}
	said := fmt.Sprintf("%+v", list)
	if version != nil {
		said = fmt.Sprint(*version, said)
	}
	if s.published[uri] == said || len(list) == 0 && version == nil && s.published[uri] == "" {
		return
	}
	s.published[uri] = said
	if len(list) == 0 && version == nil {
		delete(s.published, uri)
	}
	s.out.notify("textDocument/publishDiagnostics", publishParams{uri, version, list})
}

// publishLoose says what is wrong with the syntax of a file that belongs to no
// project.
func (s *server) publishLoose(d *document) {
	f := d.loose()
	list := []diagnostic{}
	p := &project{files: map[string]*file{d.name: f}}
	for _, found := range f.diags {
		list = append(list, s.shown(p, d.name, found))
	}
	s.publish(d.uri, &d.version, list)
}

// loose is a document outside of any project, parsed.
func (d *document) loose() *file {
	f := &file{name: d.name, text: d.text, doc: d}
	f.parse()
	return f
}
