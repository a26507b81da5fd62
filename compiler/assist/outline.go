package assist

import (
	"slices"
	"strings"

	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/text"
	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
	"github.com/segql/segql/lang/yamlform"
)

// Symbol is one line of a file's outline.
type Symbol struct {
	Name, Detail string
	Kind         check.SymbolKind
	Span         source.Span // all of it
	At           source.Span // its name, inside of Span
	Children     []Symbol
}

// Outline of a file of definitions, of the catalog or of tests.
func (s *State) Outline(f *source.File) []Symbol {
	switch {
	case isCatalog(f):
		return s.catalogOutline(f)
	case strings.HasSuffix(f.Name, yamlform.TestSuffix):
		return testOutline(f)
	}
	if tree := s.file(f.Name); tree != nil {
		return OutlineOf(tree)
	}
	return nil
}

// OutlineOf is the outline of a file of definitions alone.
func OutlineOf(f *ast.File) (out []Symbol) {
	for _, d := range f.Decls {
		id := d.DeclName()
		if id.Name == "" || id.Loc.File == nil {
			continue
		}
		sym := Symbol{Name: id.Name, Kind: kindOf(d), Span: d.Span().To(id.Loc), At: id.Loc}
		child := func(of ast.Ident, at source.Span, title string) {
			sym.Children = append(sym.Children, Symbol{Name: of.Name, Detail: title, Kind: check.Branch, Span: at.To(of.Loc), At: of.Loc})
		}
		switch d := d.(type) {
		case *ast.Holdout:
			sym.Detail = metaText(d.Meta, "title")
			for _, g := range d.Groups {
				child(g.Name, g.Loc, "")
			}
		case *ast.List:
			sym.Detail = listText(d)
		case *ast.Segment:
			sym.Detail = metaText(d.Meta, "title")
		case *ast.Split:
			sym.Detail = metaText(d.Meta, "title")
			for _, b := range d.Branches {
				title := ""
				if b.Title != nil {
					title = b.Title.Value
				}
				child(b.Name, b.Loc, title)
			}
		default: // its name says enough
		}
		out = append(out, sym)
	}
	return out
}

func (s *State) catalogOutline(f *source.File) (out []Symbol) {
	cat := s.project.Catalog
	if cat == nil || cat.File == nil || cat.File.Name != f.Name {
		return nil
	}
	relation := func(kind check.SymbolKind, r *catalog.Relation) {
		sym := Symbol{Name: r.Name.Text, Detail: r.Title.Text, Kind: kind, Span: r.Span, At: r.Name.Span}
		for _, a := range r.Attributes {
			sym.Children = append(sym.Children, Symbol{Name: a.Name.Text, Detail: a.Type.String(), Kind: check.Attribute, Span: a.Span, At: a.Name.Span})
		}
		for _, fl := range r.Fields {
			sym.Children = append(sym.Children, Symbol{Name: fl.Name.Text, Kind: check.Attribute, Span: fl.Span, At: fl.Name.Span})
		}
		for _, l := range r.BelongsTo {
			sym.Children = append(sym.Children, Symbol{Name: l.Name.Text, Detail: l.Entity.Text, Kind: check.Lookup, Span: l.Span, At: l.Name.Span})
		}
		out = append(out, sym)
	}
	for _, e := range cat.Entities {
		relation(check.Entity, &e.Relation)
	}
	for _, f := range cat.Facts {
		relation(check.Fact, &f.Relation)
	}
	for _, ch := range cat.Channels {
		out = append(out, Symbol{Name: ch.Name.Text, Kind: check.Channel, Span: ch.Span, At: ch.Name.Span})
	}
	return slices.DeleteFunc(out, func(s Symbol) bool { return s.Span.File == nil || s.At.File == nil || s.Name == "" })
}

// test is one test of a file of tests.
type test struct {
	name string
	at   source.Span // of the key `test`
	span source.Span
	uses []string // segments and traits it speaks of
}

func testsOf(f *source.File) (out []test) {
	root, _ := yamltree.Parse(f)
	if root == nil {
		return nil
	}
	nodes := root.Items
	if root.Kind != yamltree.List {
		nodes = []*yamltree.Node{root}
	}
	for _, n := range nodes {
		e := n.Get("test")
		if e == nil {
			continue
		}
		t := test{name: e.Value.Text, at: e.Span(), span: n.Span}
		instants := []*yamltree.Node{n}
		if then := n.Get("then"); then != nil {
			instants = append(instants, then.Value.Items...)
		}
		for _, i := range instants {
			for _, key := range []string{"expect", "traits"} {
				if v := i.Get(key); v != nil {
					for _, e := range v.Value.Entries {
						t.uses = append(t.uses, e.Key.Text)
					}
				}
			}
		}
		out = append(out, t)
	}
	return out
}

func testOutline(f *source.File) (out []Symbol) {
	for _, t := range testsOf(f) {
		if t.name != "" {
			out = append(out, Symbol{Name: t.name, Kind: "test", Span: t.span.To(t.at), At: t.at})
		}
	}
	return out
}

// Find gives the definitions, entities, facts and tests of a project whose
// names or titles hold the letters of a text in order, without regard to case
// and accents; those that begin with it first. At most 500.
func (s *State) Find(query string) (out []Symbol) {
	query = text.Fold(query)
	var rest []Symbol
	consider := func(list []Symbol) {
		for _, sym := range list {
			switch name := text.Fold(sym.Name); {
			case strings.HasPrefix(name, query):
				out = append(out, sym)
			case subsequence(name, query), strings.Contains(text.Fold(sym.Detail), query):
				rest = append(rest, sym)
			}
		}
	}
	for _, f := range s.project.Files {
		consider(OutlineOf(f))
	}
	if s.project.Catalog != nil && s.project.Catalog.File != nil {
		consider(s.catalogOutline(s.project.Catalog.File))
	}
	for _, f := range s.tests {
		consider(testOutline(f))
	}
	out = append(out, rest...)
	return out[:min(len(out), 500)]
}

func subsequence(name, query string) bool {
	for _, r := range query {
		i := strings.IndexRune(name, r)
		if i < 0 {
			return false
		}
		name = name[i+len(string(r)):]
	}
	return true
}

// Fold is a range of lines that an editor can hide.
type Fold struct {
	Span    source.Span
	Comment bool
}

// Folds are the declarations, brackets and runs of comments that take several
// lines.
func Folds(f *source.File) (out []Fold) {
	toks, comments := syntax.Tokens(f, 0, len(f.Text))
	var open []syntax.Token
	add := func(start, end int, comment bool) {
		sp := source.Span{File: f, Start: start, End: end}
		if f.Position(end).Line > sp.Pos().Line {
			out = append(out, Fold{sp, comment})
		}
	}
	for _, t := range toks {
		if t.Kind != syntax.OperatorToken {
			continue
		}
		switch t.Text {
		case "{", "(", "[":
			open = append(open, t)
		case "}", ")", "]":
			if len(open) > 0 {
				add(open[len(open)-1].Start, t.Start, false)
				open = open[:len(open)-1]
			}
		}
	}
	for i := 0; i < len(comments); i++ {
		first := i
		for i+1 < len(comments) && comments[i+1].OwnLine && comments[first].OwnLine &&
			f.Position(comments[i+1].Loc.Start).Line == f.Position(comments[i].Loc.Start).Line+1 {
			i++
		}
		add(comments[first].Loc.Start, comments[i].Loc.End, true)
	}
	return out
}

// YAMLFolds are the maps and lists of a YAML file that take several lines.
func YAMLFolds(f *source.File) (out []Fold) {
	root, _ := yamltree.Parse(f)
	var visit func(n *yamltree.Node)
	visit = func(n *yamltree.Node) {
		if n == nil {
			return
		}
		for _, e := range n.Entries {
			if sp := e.Span(); f.Position(sp.End).Line > sp.Pos().Line {
				out = append(out, Fold{Span: sp})
			}
			visit(e.Value)
		}
		for _, item := range n.Items {
			if item.Kind == yamltree.Map && f.Position(item.Span.End).Line > item.Span.Pos().Line {
				out = append(out, Fold{Span: item.Span})
			}
			visit(item)
		}
	}
	visit(root)
	return out
}

// Selections are the ranges around an offset, from the word to the file, each
// inside of the next.
func Selections(f *source.File, offset int) (out []source.Span) {
	add := func(start, end int) {
		sp := source.Span{File: f, Start: start, End: end}
		if n := len(out); n == 0 || out[n-1].Start >= start && out[n-1].End <= end && out[n-1] != sp {
			out = append(out, sp)
		}
	}
	toks, _ := syntax.Tokens(f, 0, len(f.Text))
	for _, t := range toks {
		if t.Start <= offset && offset <= t.End && t.Kind != syntax.OperatorToken {
			add(t.Start, t.End)
			break
		}
	}
	if len(out) == 0 {
		add(offset, offset)
	}
	p := f.Position(offset)
	start := f.Offset(p.Line, 1)
	line := f.Line(p.Line)
	trimmed := strings.TrimLeft(line, " \t")
	var brackets []source.Span
	var open []int
	for _, t := range toks {
		if t.Kind != syntax.OperatorToken {
			continue
		}
		switch t.Text {
		case "{", "(", "[":
			open = append(open, t.Start)
		case "}", ")", "]":
			if n := len(open); n > 0 {
				if open[n-1] <= offset && offset <= t.End {
					brackets = append(brackets, source.Span{File: f, Start: open[n-1], End: t.End})
				}
				open = open[:n-1]
			}
		}
	}
	lineSpan := source.Span{File: f, Start: start + len(line) - len(trimmed), End: start + len(strings.TrimRight(line, " \t"))}
	all := append(brackets, lineSpan)
	from, to := declarationAround(f, offset)
	all = append(all, source.Span{File: f, Start: from, End: from + len(strings.TrimRight(f.Text[from:to], " \t\r\n"))})
	slices.SortStableFunc(all, func(a, b source.Span) int { return (a.End - a.Start) - (b.End - b.Start) })
	for _, sp := range all {
		if sp.Start <= offset && offset <= sp.End && sp.End >= sp.Start {
			add(sp.Start, sp.End)
		}
	}
	add(0, len(f.Text))
	return out
}
