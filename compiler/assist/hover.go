package assist

import (
	"slices"
	"strings"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// Info explains what stands at a place, in markdown.
type Info struct {
	Span source.Span
	Text string
}

// Hover explains the name, function or word at an offset.
func (s *State) Hover(f *source.File, offset int) (Info, bool) {
	if o, ok := s.at(f, offset); ok {
		if text := s.symbolDoc(o.Symbol); text != "" {
			return Info{o.At, text}, true
		}
	}
	if !strings.HasSuffix(f.Name, ".seg") {
		y := s.yamlAt(f, offset)
		if y.key != nil {
			return Info{wordAround(f, offset), paragraphs("**"+y.key.Name+"**: "+plain(y.key.Purpose), "for example `"+y.key.Name+": "+y.key.Form+"`")}, true
		}
		if y.text == nil {
			return Info{}, false
		}
		return y.text.explain()
	}
	return s.placeAt(f, offset).explain()
}

// wordAround is the run of letters around an offset.
func wordAround(f *source.File, offset int) source.Span {
	in := func(i int) bool {
		return i >= 0 && i < len(f.Text) && !strings.ContainsRune(" \t\r\n:{}[](),\"'=", rune(f.Text[i]))
	}
	start, end := offset, offset
	for in(start - 1) {
		start--
	}
	for in(end) {
		end++
	}
	return source.Span{File: f, Start: start, End: end}
}

// explain tells of the word at the place by what it looks like: the text
// around may be broken, so that the check has told nothing of it.
func (p *place) explain() (Info, bool) {
	t := p.word
	if t.End <= t.Start || p.inText {
		return Info{}, false
	}
	next := syntax.Token{}
	if len(p.after) > 0 {
		next = p.after[0]
	}
	prev := p.prev(0)
	info := func(text string) (Info, bool) {
		return Info{source.Span{File: p.file, Start: t.Start, End: t.End}, text}, text != ""
	}
	switch {
	case next.Text == "(" && t.Kind == syntax.WordToken:
		return info(functionDoc(t.Text))
	case len(p.before) == 0 && slices.Contains(declWords, t.Text):
		return info("**" + t.Text + "**: " + plain(strings.TrimPrefix(definitionTable(t.Text).Keys[0].Purpose, "that this is ")))
	case t.First && len(p.before) > 0 && (next.Text == ":" || t.Text == "where" || t.Text == "expect"):
		if k := definitionTable(p.kind).Key(t.Text); k != nil {
			return info("**" + k.Name + "**: " + plain(k.Purpose))
		}
	case prev.Text == "in" && prev.Kind == syntax.WordToken, slices.Contains([]string{"since", "before", "on"}, t.Text):
		if text := windowDoc(t.Text); text != "" {
			return info(text)
		}
		if t.Text == "top" || t.Text == "bottom" {
			return info(functionDoc("in top"))
		}
	case prev.Kind == syntax.NumberToken:
		for _, u := range check.Units() {
			if syntax.Unit(t.Text) == u.Name {
				return info("**" + u.Name + "**: " + plain(u.Doc))
			}
		}
	}
	if names, _, ok := p.pathAt(); ok {
		return info(p.pathDoc(names))
	}
	return Info{}, false
}

// windowDoc tells of the forms of a window that begin with a word.
func windowDoc(word string) string {
	var lines []string
	for _, w := range check.WindowForms() {
		if slices.Contains(strings.Fields(w.Form), word) {
			lines = append(lines, "- `"+w.Form+"`: "+w.Doc)
		}
	}
	return strings.Join(lines, "\n")
}

// pathAt is the path that the word ends.
func (p *place) pathAt() (names []string, start int, ok bool) {
	if !isName(p.word) {
		return nil, 0, false
	}
	names, start = []string{p.word.Text}, p.word.Start
	for i := 0; p.prev(i).Kind == syntax.OperatorToken && p.prev(i).Text == "." && isName(p.prev(i+1)); i += 2 {
		names, start = append([]string{p.prev(i + 1).Text}, names...), p.prev(i+1).Start
	}
	return names, start, true
}

// pathDoc tells of a path by looking its names up in what the row has.
func (p *place) pathDoc(names []string) string {
	if sym, ok := p.lookUp(names); ok {
		return p.s.symbolDoc(sym)
	}
	return ""
}

// lookUp finds what a path stands for in the rows at hand.
func (p *place) lookUp(names []string) (check.Symbol, bool) {
	rel := p.top().rel
	if rel == nil {
		rel = p.top().outer
	}
	for i, name := range names {
		if rel == nil {
			break
		}
		last := i == len(names)-1
		if col := rel.Column(name); col != nil {
			if last {
				return check.ColumnSymbol(rel, col), true
			}
			return check.Symbol{}, false
		}
		if l := rel.Lookup(name); l != nil && last {
			return check.LookupSymbol(l), true
		}
		next := p.s.step(rel, name)
		if next != nil && last {
			return check.RelationSymbol(next), true
		}
		if next == nil {
			break
		}
		rel = next
	}
	if d := p.s.decl(names[0]); d != nil {
		kind := kindOf(d)
		if len(names) == 2 && (divides(kind)) {
			return check.Symbol{Kind: check.Branch, Of: names[0], Name: names[0] + "." + names[1]}, true
		}
		return check.Symbol{Kind: kind, Name: names[0], At: d.DeclName().Loc}, true
	}
	return check.Symbol{}, false
}

// symbolDoc tells of a symbol, first of all that it is deprecated.
func (s *State) symbolDoc(sym check.Symbol) string {
	doc := s.meaningDoc(sym)
	if text := s.outdated(sym); text != "" && doc != "" {
		return paragraphs(deprecatedDoc(text), doc)
	}
	return doc
}

func (s *State) meaningDoc(sym check.Symbol) string {
	switch sym.Kind {
	case check.Attribute:
		if rel := s.project.Relation(sym.Of); rel != nil {
			if col := rel.Column(sym.Name); col != nil {
				return s.columnDoc(rel, col)
			}
			if rel.Time != nil && sym.Name == rel.Time.Name {
				return code(sym.Of + "." + sym.Name + ": when it happened")
			}
		}
		return code(sym.Of + "." + sym.Name)
	case check.Branch:
		return s.branchDoc(sym)
	case check.Channel:
		return s.channelDoc(sym.Name)
	case check.Entity, check.Fact:
		if rel := s.project.Relation(sym.Name); rel != nil {
			return s.relationDoc(rel)
		}
	case check.Holdout, check.List, check.Param, check.RFM, check.Segment, check.Split, check.Trait:
		if d := s.decl(sym.Name); d != nil {
			return s.declDoc(d)
		}
	case check.Lookup:
		if rel := s.project.Relation(sym.Of); rel != nil {
			if l := rel.Lookup(sym.Name); l != nil {
				return paragraphs(code(sym.Of+"."+syntax.QuoteName(sym.Name)+": a row of "+l.To.Name), s.relationDoc(l.To))
			}
		}
	case check.Part:
		return code(sym.Name + ": " + sym.Type.String())
	case check.Reverse:
		if rel := s.project.Relation(sym.Of); rel != nil {
			if r := rel.Reverse(sym.Name); r != nil {
				return paragraphs(code(sym.Of+"."+syntax.QuoteName(sym.Name)+": rows of "+r.Lookup.From.Name), s.relationDoc(r.Lookup.From))
			}
		}
	case check.StepName:
		return code(sym.Name + ": an earlier row of the sequence")
	}
	return ""
}

func (s *State) channelDoc(name string) string {
	if s.project.Catalog == nil {
		return ""
	}
	for _, ch := range s.project.Catalog.Channels {
		if ch.Name.Text == name {
			return code("channel " + name + ": " + ch.When.Span().Text())
		}
	}
	return ""
}

// Signature is the function whose arguments are being written.
type Signature struct {
	Label  string
	Doc    string
	Params []string // parts of Label; the one being written
	Active int
}

// Signature gives the function around an offset, and which of its parameters
// is being written there.
func (s *State) Signature(f *source.File, offset int) (Signature, bool) {
	p := s.exprPlace(f, offset)
	if p == nil {
		return Signature{}, false
	}
	for i := len(p.frames) - 1; i > 0; i-- {
		fr := p.frames[i]
		if fr.open != "(" || fr.call == "" {
			continue
		}
		label, doc := signatureOf(fr.call)
		if label == "" {
			return Signature{}, false
		}
		sig := Signature{Label: label, Doc: doc}
		if open, end := strings.IndexByte(label, '('), strings.IndexByte(label, ')'); open >= 0 && end > open {
			sig.Params = strings.Split(label[open+1:end], ", ")
		}
		sig.Active = min(commas(p.before[fr.at+1:]), max(len(sig.Params)-1, 0))
		return sig, true
	}
	return Signature{}, false
}

// commas counts those outside of inner brackets.
func commas(toks []syntax.Token) (n int) {
	depth := 0
	for _, t := range toks {
		if t.Kind != syntax.OperatorToken {
			continue
		}
		switch t.Text {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			depth--
		case ",":
			if depth == 0 {
				n++
			}
		}
	}
	return n
}

func signatureOf(name string) (label, doc string) {
	for _, it := range functionItems() {
		if it.Label == name {
			return it.Detail, it.Doc
		}
	}
	return "", ""
}

// exprPlace is the text in the language at an offset, nil where there is none.
func (s *State) exprPlace(f *source.File, offset int) *place {
	switch {
	case strings.HasSuffix(f.Name, ".seg"):
		return s.placeAt(f, offset)
	case strings.HasSuffix(f.Name, ".yaml"):
		return s.yamlAt(f, offset).text
	}
	return nil
}

// isCatalog reports the file of the catalog.
func isCatalog(f *source.File) bool { return f.Name == compiler.CatalogName }
