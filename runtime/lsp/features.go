package lsp

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/assist"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/yamlform"
)

// asked is what a request is about: a document, and a state of its project
// that knows its text as it is now.
type asked struct {
	s      *server
	doc    *document
	file   *source.File
	state  *assist.State
	offset int // in file
}

// about finds the document of a request; nil when it is not open. which
// chooses the state.
func (s *server) about(uri string, which func(p *project, name string) *assist.State) *asked {
	d := s.docs[uri]
	if d == nil {
		return nil
	}
	a := &asked{s: s, doc: d}
	if d.project == nil {
		f := d.loose()
		p := &compiler.Project{}
		if f.tree != nil {
			p.Files = []*ast.File{f.tree}
		}
		p.Project = emptyProject()
		a.file, a.state = f.source, assist.New(p, nil, nil)
		return a
	}
	a.state = which(d.project, d.name)
	f := d.project.files[d.name]
	f.parse()
	a.file = f.source
	return a
}

// at is about for a position in a document.
func (s *server) at(p positionParams, which func(p *project, name string) *assist.State) *asked {
	a := s.about(p.Document.URI, which)
	if a != nil {
		a.offset = a.doc.text.fileOffset(p.Position)
	}
	return a
}

func (s *server) anyState(p *project, _ string) *assist.State { return s.latest(p) }

func (a *asked) rangeOf(at source.Span) Range { return a.doc.text.rangeOf(at.Start, at.End) }

// location of a span in any file of the project.
func (a *asked) location(at source.Span) location {
	if a.doc.project == nil || at.File.Name == a.doc.name {
		return location{a.doc.uri, a.rangeOf(at)}
	}
	return a.doc.project.location(at)
}

func (s *server) hover(raw json.RawMessage) (any, error) {
	p, err := params[positionParams](raw)
	if err != nil {
		return nil, err
	}
	a := s.at(p, s.stateFor)
	if a == nil {
		return nil, nil
	}
	info, ok := a.state.Hover(a.file, a.offset)
	if !ok {
		return nil, nil
	}
	return hoverResult{markdown(info.Text), a.rangeOf(info.Span)}, nil
}

// kinds of completion items in the numbers of the protocol.
var itemKinds = map[assist.ItemKind]int{
	assist.KeywordItem: 14, assist.AttributeItem: 5, assist.BranchItem: 20, assist.ChannelItem: 20, assist.EntityItem: 22, assist.FactItem: 22,
	assist.FunctionItem: 3, assist.KeyItem: 10, assist.ListItem: 21, assist.LookupItem: 18, assist.ParamItem: 21, assist.SegmentItem: 7,
	assist.SnippetItem: 15, assist.TraitItem: 6, assist.UnitItem: 11, assist.ValueItem: 12,
}

func (s *server) completion(raw json.RawMessage) (any, error) {
	p, err := params[positionParams](raw)
	if err != nil {
		return nil, err
	}
	a := s.at(p, s.anyState)
	list := completionList{Items: []completionItem{}}
	if a == nil {
		return list, nil
	}
	for i, it := range a.state.Complete(a.file, a.offset) {
		out := completionItem{Label: it.Label, Kind: itemKinds[it.Kind], Detail: it.Detail, Format: 1,
			SortText: fmt.Sprintf("%04d%04d", it.Order+100, i), Edit: textEdit{a.rangeOf(it.Edit), it.Insert}}
		switch shown := s.client.TextDocument.Completion.Item; {
		case it.Deprecated == "":
		case slices.Contains(shown.Tags.Values, deprecatedItem):
			out.Tags = []int{deprecatedItem}
		default:
			out.Deprecated = shown.Deprecated
		}
		if it.Doc != "" {
			doc := markdown(it.Doc)
			out.Documentation = &doc
		}
		switch {
		case it.Snippet && s.client.TextDocument.Completion.Item.Snippets:
			out.Format = 2
		case it.Snippet:
			out.Edit.Text = withoutStops(it.Insert)
		}
		if text := it.Edit.Text(); strings.HasPrefix(text, `"`) || strings.HasPrefix(text, "`") {
			out.FilterText = text[:1] + it.Label // what stands there decides what is shown
		}
		list.Items = append(list.Items, out)
	}
	return list, nil
}

// withoutStops writes a snippet as plain text: ${1:30} is 30.
func withoutStops(snippet string) string {
	var b strings.Builder
	for i := 0; i < len(snippet); i++ {
		switch {
		case snippet[i] != '$' || i+1 == len(snippet):
			b.WriteByte(snippet[i])
		case snippet[i+1] == '{':
			end := i + strings.IndexByte(snippet[i:], '}')
			_, text, _ := strings.Cut(snippet[i+2:end], ":")
			b.WriteString(text)
			i = end
		default:
			i++
		}
	}
	return b.String()
}

func (s *server) signatureHelp(raw json.RawMessage) (any, error) {
	p, err := params[positionParams](raw)
	if err != nil {
		return nil, err
	}
	a := s.at(p, s.anyState)
	if a == nil {
		return nil, nil
	}
	sig, ok := a.state.Signature(a.file, a.offset)
	if !ok {
		return nil, nil
	}
	out := signature{Label: sig.Label, Parameters: []parameter{}}
	for _, label := range sig.Params {
		out.Parameters = append(out.Parameters, parameter{label})
	}
	if sig.Doc != "" {
		doc := markdown(sig.Doc)
		out.Documentation = &doc
	}
	return signatureHelp{[]signature{out}, 0, sig.Active}, nil
}

func (s *server) definition(raw json.RawMessage) (any, error) {
	p, err := params[positionParams](raw)
	if err != nil {
		return nil, err
	}
	a := s.at(p, s.stateFor)
	if a == nil {
		return nil, nil
	}
	at, ok := a.state.Definition(a.file, a.offset)
	if !ok || at.File == nil {
		return nil, nil
	}
	return a.location(at), nil
}

func (s *server) references(raw json.RawMessage) (any, error) {
	p, err := params[struct {
		positionParams
		Context struct {
			Declaration bool `json:"includeDeclaration"`
		} `json:"context"`
	}](raw)
	if err != nil {
		return nil, err
	}
	out := []location{}
	if a := s.at(p.positionParams, s.exact); a != nil {
		for _, at := range a.state.References(a.file, a.offset, p.Context.Declaration) {
			out = append(out, a.location(at))
		}
	}
	return out, nil
}

// highlights are the references in the same file.
func (s *server) highlights(raw json.RawMessage) (any, error) {
	p, err := params[positionParams](raw)
	if err != nil {
		return nil, err
	}
	type highlight struct {
		Range Range `json:"range"`
	}
	out := []highlight{}
	if a := s.at(p, s.stateFor); a != nil {
		for _, at := range a.state.References(a.file, a.offset, true) {
			if at.File.Name == a.doc.name {
				out = append(out, highlight{a.rangeOf(at)})
			}
		}
	}
	return out, nil
}

// kinds of symbols in the numbers of the protocol.
var symbolKinds = map[check.SymbolKind]int{
	check.Attribute: 8, check.Branch: 22, check.Channel: 10, check.Entity: 23, check.Fact: 23, check.Holdout: 10, check.List: 18,
	check.Lookup: 20, check.Param: 14, check.RFM: 10, check.Segment: 5, check.Split: 10, check.Trait: 7, "test": 12,
}

func (s *server) documentSymbols(raw json.RawMessage) (any, error) {
	p, err := params[documentParams](raw)
	if err != nil {
		return nil, err
	}
	a := s.about(p.Document.URI, s.stateFor)
	if a == nil {
		return []documentSymbol{}, nil
	}
	return a.symbols(a.state.Outline(a.file)), nil
}

func (a *asked) symbols(list []assist.Symbol) []documentSymbol {
	out := []documentSymbol{}
	for _, sym := range list {
		out = append(out, documentSymbol{Name: sym.Name, Detail: sym.Detail, Kind: symbolKinds[sym.Kind],
			Range: a.rangeOf(sym.Span), At: a.rangeOf(sym.At), Children: a.symbols(sym.Children)})
	}
	return out
}

func (s *server) workspaceSymbols(raw json.RawMessage) (any, error) {
	p, err := params[struct {
		Query string `json:"query"`
	}](raw)
	if err != nil {
		return nil, err
	}
	out := []symbolInformation{}
	for _, root := range sortedRoots(s.projects) {
		project := s.projects[root]
		for _, sym := range s.stateFor(project, compiler.CatalogName).Find(p.Query) {
			out = append(out, symbolInformation{sym.Name, symbolKinds[sym.Kind], project.location(sym.At), sym.Detail})
		}
	}
	return out, nil
}

func (s *server) semanticTokens(raw json.RawMessage) (any, error) {
	p, err := params[documentParams](raw)
	if err != nil {
		return nil, err
	}
	out := semanticTokens{Data: []uint32{}}
	a := s.about(p.Document.URI, s.stateFor)
	if a == nil {
		return out, nil
	}
	last := Position{}
	for _, t := range a.state.Tokens(a.file) {
		r := a.doc.text.rangeOf(t.Start, t.End)
		if r.Start.Line != r.End.Line || r.Start.Character >= r.End.Character {
			continue
		}
		column := r.Start.Character
		if r.Start.Line == last.Line {
			column -= last.Character
		}
		declares := uint32(0)
		if t.Declares {
			declares = 1
		}
		out.Data = append(out.Data, uint32(r.Start.Line-last.Line), uint32(column), uint32(r.End.Character-r.Start.Character), uint32(t.Type), declares)
		last = r.Start
	}
	return out, nil
}

func (s *server) inlayHints(raw json.RawMessage) (any, error) {
	p, err := params[struct {
		Document documentID `json:"textDocument"`
		Range    Range      `json:"range"`
	}](raw)
	if err != nil {
		return nil, err
	}
	out := []inlayHint{}
	a := s.about(p.Document.URI, s.stateFor)
	if a == nil {
		return out, nil
	}
	for _, h := range a.state.Hints(a.file) {
		at := a.doc.text.position(a.doc.text.fromFile(h.Offset))
		if at.Line >= p.Range.Start.Line && at.Line <= p.Range.End.Line {
			out = append(out, inlayHint{at, h.Text, h.Doc})
		}
	}
	return out, nil
}

// codeLenses run commands of the editor's extension, which starts segql in a
// terminal: {project, name, file}.
func (s *server) codeLenses(raw json.RawMessage) (any, error) {
	p, err := params[documentParams](raw)
	if err != nil {
		return nil, err
	}
	out := []codeLens{}
	a := s.about(p.Document.URI, s.stateFor)
	if a == nil || a.doc.project == nil {
		return out, nil
	}
	for _, l := range a.state.Lenses(a.file) {
		out = append(out, codeLens{a.rangeOf(l.At), command{l.Title, "segql." + l.Command,
			[]any{map[string]string{"project": a.doc.project.root, "name": l.Args[0], "file": a.doc.name}}}})
	}
	return out, nil
}

func (s *server) folds(raw json.RawMessage) (any, error) {
	p, err := params[documentParams](raw)
	if err != nil {
		return nil, err
	}
	out := []foldingRange{}
	a := s.about(p.Document.URI, s.anyState)
	if a == nil {
		return out, nil
	}
	folds := assist.Folds
	if strings.HasSuffix(a.file.Name, ".yaml") {
		folds = assist.YAMLFolds
	}
	for _, f := range folds(a.file) {
		r := a.rangeOf(f.Span)
		fold := foldingRange{StartLine: r.Start.Line, EndLine: r.End.Line}
		if f.Comment {
			fold.Kind = "comment"
		}
		out = append(out, fold)
	}
	return out, nil
}

func (s *server) selections(raw json.RawMessage) (any, error) {
	p, err := params[struct {
		Document  documentID `json:"textDocument"`
		Positions []Position `json:"positions"`
	}](raw)
	if err != nil {
		return nil, err
	}
	out := []*selectionRange{}
	a := s.about(p.Document.URI, s.anyState)
	if a == nil {
		return out, nil
	}
	for _, at := range p.Positions {
		var outer *selectionRange
		list := assist.Selections(a.file, a.doc.text.fileOffset(at))
		for i := len(list) - 1; i >= 0; i-- {
			outer = &selectionRange{a.rangeOf(list[i]), outer}
		}
		out = append(out, outer)
	}
	return out, nil
}

// isTest reports files of tests.
func isTest(name string) bool { return strings.HasSuffix(name, yamlform.TestSuffix) }
