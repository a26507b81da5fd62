package assist

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// symbolAt is the symbol that an offset names, found in the text where the
// check has told nothing.
func (s *State) symbolAt(f *source.File, offset int) (check.Symbol, source.Span, bool) {
	if o, ok := s.at(f, offset); ok {
		return o.Symbol, o.At, true
	}
	p := s.exprPlace(f, offset)
	if p == nil || p.inText {
		return check.Symbol{}, source.Span{}, false
	}
	names, _, ok := p.pathAt()
	if !ok {
		return check.Symbol{}, source.Span{}, false
	}
	sym, ok := p.lookUp(names)
	return sym, source.Span{File: f, Start: p.word.Start, End: p.word.End}, ok
}

// Definition is where the name at an offset is declared.
func (s *State) Definition(f *source.File, offset int) (at source.Span, ok bool) {
	sym, _, ok := s.symbolAt(f, offset)
	if !ok {
		return at, false
	}
	if at, ok = s.declaration(sym); ok {
		return at, true
	}
	// A column that only the source declares: the entity or fact that has it.
	if rel := s.catalogRelation(sym.Of); sym.Kind == check.Attribute && rel != nil {
		return rel.Name.Span, true
	}
	return at, false
}

// References are the places that name what is named at an offset.
func (s *State) References(f *source.File, offset int, declaration bool) (out []source.Span) {
	sym, _, ok := s.symbolAt(f, offset)
	if !ok {
		return nil
	}
	for _, o := range s.occurrences(sym) {
		if !o.decl || declaration {
			out = append(out, o.At)
		}
	}
	return out
}

// Refusal says in one sentence why something cannot be renamed.
type Refusal string

func (r Refusal) Error() string { return string(r) }

func refuse(format string, args ...any) error { return Refusal(fmt.Sprintf(format, args...)) }

// CanRename gives the place of the name at an offset and the name as it is, or
// says why it cannot be renamed (a Refusal).
func (s *State) CanRename(f *source.File, offset int) (source.Span, string, error) {
	o, ok := s.at(f, offset)
	if !ok {
		return source.Span{}, "", refuse("there is no name here that could be renamed")
	}
	switch o.Symbol.Kind {
	case check.Part:
		return source.Span{}, "", refuse("the field %s of a record is called so by the data", o.Symbol.Name)
	case check.StepName:
		return source.Span{}, "", refuse("the name of a step cannot be renamed here; change it by hand")
	}
	if !slices.ContainsFunc(s.occurrences(o.Symbol), func(o occurrence) bool { return o.decl }) {
		return source.Span{}, "", refuse("%s is a column of the data, which catalog.yaml does not declare; declare it there with another name and `column: %s`", o.Symbol.Name, o.Symbol.Name)
	}
	at := inner(o.At)
	return at, strings.ReplaceAll(at.Text(), "``", "`"), nil
}

// inner is a name's place without quotes.
func inner(at source.Span) source.Span {
	if text := at.Text(); len(text) > 1 && strings.IndexByte("`\"'", text[0]) >= 0 && text[len(text)-1] == text[0] {
		at.Start, at.End = at.Start+1, at.End-1
	}
	return at
}

// Rename gives the edits that rename what is named at an offset, in all files,
// or says why it cannot be (a Refusal).
func (s *State) Rename(f *source.File, offset int, to string) ([]diag.Edit, error) {
	if _, _, err := s.CanRename(f, offset); err != nil {
		return nil, err
	}
	o, _ := s.at(f, offset)
	to = strings.TrimSpace(to)
	if len(to) > 1 && strings.HasPrefix(to, "`") && strings.HasSuffix(to, "`") {
		to = strings.ReplaceAll(to[1:len(to)-1], "``", "`")
	}
	if to == "" || strings.ContainsAny(to, "\n\r\t") {
		return nil, refuse("a name is one line of text")
	}
	for _, file := range s.project.Files {
		if file.Broken {
			return nil, refuse("%s has errors, so that not all uses of %s can be seen; mend it first", file.Source.Name, o.Symbol.Name)
		}
	}
	if err := s.conflict(o.Symbol, to); err != nil {
		return nil, err
	}
	var edits []diag.Edit
	for _, place := range s.occurrences(o.Symbol) {
		edit, err := s.renameAt(place, to)
		if err != nil {
			return nil, err
		}
		edits = append(edits, edit)
	}
	return append(edits, s.keepColumn(o.Symbol)...), nil
}

// conflict says what the new name already stands for.
func (s *State) conflict(sym check.Symbol, to string) error {
	local := sym.Name
	if sym.Kind == check.Branch {
		local = strings.TrimPrefix(sym.Name, sym.Of+".")
	}
	if to == local {
		return nil
	}
	taken := func(what string) error {
		return refuse("there is a %s %s already; choose another name", what, to)
	}
	switch sym.Kind {
	case check.Attribute, check.Lookup, check.Reverse:
		return s.relationConflict(sym, to, taken)
	case check.Branch:
		if s.branchExists(sym.Of, to) {
			return taken("branch")
		}
		return nil
	case check.Channel:
		for _, ch := range s.project.Catalog.Channels {
			if ch.Name.Text == to {
				return taken("channel")
			}
		}
		return nil
	case check.Entity, check.Fact:
		if rel := s.project.Relation(to); rel != nil {
			return taken(string(check.RelationSymbol(rel).Kind))
		}
	}
	if d := s.decl(to); d != nil {
		return taken(string(kindOf(d)))
	}
	for _, rel := range s.project.Relations {
		if col := rel.Column(to); col != nil && sym.Kind != check.Segment && sym.Kind != check.Split {
			return refuse("%s has a column %s already, and a name must mean one thing", rel.Name, to)
		}
	}
	return nil
}

func (s *State) relationConflict(sym check.Symbol, to string, taken func(string) error) error {
	rel := s.project.Relation(sym.Of)
	if rel == nil {
		return nil
	}
	for _, r := range s.project.Relations { // those that inherit it, too
		inherits := r == rel
		for base := r.From; base != nil && !inherits; base = base.From {
			inherits = base == rel
		}
		if !inherits {
			continue
		}
		switch {
		case r.Column(to) != nil:
			return refuse("%s has a column %s already", r.Name, to)
		case r.Lookup(to) != nil:
			return refuse("%s has a lookup %s already", r.Name, to)
		case r.Reverse(to) != nil:
			return refuse("%s has rows called %s already", r.Name, to)
		}
	}
	if d := s.decl(to); d != nil {
		return taken(string(kindOf(d)))
	}
	return nil
}

func (s *State) branchExists(split, name string) bool {
	if d := s.decl(split); d != nil {
		for _, n := range s.parts(d) {
			if n.name == split+"."+name {
				return true
			}
		}
	}
	return false
}

// renameAt writes the new name at one place, as what stands there is written.
func (s *State) renameAt(o occurrence, to string) (diag.Edit, error) {
	file, old := o.At.File, o.At.Text()
	edit := diag.Edit{Span: o.At, Text: syntax.QuoteName(to)}
	first := byte(0)
	if old != "" {
		first = old[0]
	}
	switch {
	case o.Symbol.Kind == check.Channel && first == '"':
		edit.Text = syntax.Quote(to)
	case first == '"' || first == '\'':
		if strings.ContainsAny(to, "\"'\\`") {
			return edit, refuse("the name stands in quotes at %s:%d; choose one without quotes", file.Name, o.At.Pos().Line)
		}
		edit.Text = old[:1] + to + old[:1]
	case s.isKey(o):
		edit.Text = yamlValue(to)
	case strings.HasSuffix(file.Name, ".yaml") && strings.ContainsAny(edit.Text, ":#{}[],\"'"):
		return edit, refuse("%s:%d is YAML, where this name would mean something else; choose a plain one", file.Name, o.At.Pos().Line)
	}
	return edit, nil
}

// isKey reports names that are keys or values of YAML themselves, not parts
// of a text in the language.
func (s *State) isKey(o occurrence) bool {
	if isCatalog(o.At.File) {
		return o.decl || o.Symbol.Kind == check.Entity || o.Symbol.Kind == check.Fact
	}
	return strings.HasSuffix(o.At.File.Name, "_test.seg.yaml")
}

// keepColumn adds `column:` to an attribute that went by the name of its
// column.
func (s *State) keepColumn(sym check.Symbol) []diag.Edit {
	rel := s.catalogRelation(sym.Of)
	if sym.Kind != check.Attribute || rel == nil {
		return nil
	}
	a := rel.Attribute(sym.Name)
	if a == nil || a.Column.Text != a.Name.Text || a.Column.Span.File != nil && a.Column.Span != a.Name.Span || a.Lat.Text != "" {
		return nil
	}
	body := source.Span{File: a.Span.File, Start: a.Name.Span.End, End: a.Span.End}
	text := body.Text()
	column := "column: " + yamlValue(sym.Name)
	i := strings.IndexFunc(text, func(r rune) bool { return r != ':' && r != ' ' })
	if i < 0 {
		return nil
	}
	at := source.Span{File: body.File, Start: body.Start + i, End: body.Start + i}
	switch {
	case text[i] == '{':
		at.Start, at.End = at.Start+1, at.End+1
		if strings.TrimSpace(text[i+1:]) != "}" {
			column += ", "
		}
		return []diag.Edit{{Span: at, Text: column}}
	case strings.HasPrefix(strings.TrimLeft(text, ": "), "\n") || strings.HasPrefix(strings.TrimLeft(text, ": "), "\r\n"):
		if entry := firstEntry(a.Span); entry.File != nil {
			entry.End = entry.Start
			indent := strings.Repeat(" ", entry.Pos().Column-1)
			return []diag.Edit{{Span: entry, Text: column + "\n" + indent}}
		}
	}
	return nil
}

// firstEntry is the first key inside of the map of a span.
func firstEntry(in source.Span) source.Span {
	root, _ := yamltree.Parse(in.File)
	var found source.Span
	var visit func(n *yamltree.Node)
	visit = func(n *yamltree.Node) {
		if n == nil {
			return
		}
		for _, e := range n.Entries {
			if k := e.Key.Span; k.Start > in.Start && k.End <= in.End && (found.File == nil || k.Start < found.Start) {
				found = k
			}
			visit(e.Value)
		}
		for _, item := range n.Items {
			visit(item)
		}
	}
	visit(root)
	return found
}
