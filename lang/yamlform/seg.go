package yamlform

import (
	"slices"
	"strings"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/syntax"
)

// FromSeg writes the definitions of a .seg file in YAML. Canonical text is
// best: comments that stand in the middle of something move to the next place
// where a line may break, as they do when a .seg file is formatted.
//
// A condition becomes a structure where and, or and not join others, and a
// leaf where its subject is short and its value is a literal that looks like
// what it is; else it stays a text. So it means the same whether or not the
// types of the subjects are known when it is read.
func FromSeg(f *ast.File) string {
	b := &builder{comments: f.Comments, source: f.Source.Text}
	root := &node{kind: listNode}
	end := 0
	for i, d := range f.Decls {
		it := &item{}
		b.between(it, d.Span().Start, end, i > 0)
		it.value = b.decl(d)
		if b.slot = &it.after; !hasBody(d) {
			b.slot = &it.value.items[0].line
		}
		root.items = append(root.items, it)
		end = d.Span().End
	}
	rest := &item{}
	b.between(rest, len(b.source)+1, end, len(f.Decls) > 0)
	root.foot = rest.head
	kinds := map[*item]bool{}
	for i, d := range f.Decls {
		kinds[root.items[i]] = !hasBody(d)
	}
	return file(root, len(root.items) == 1, func(it *item) bool { return kinds[it] })
}

// builder makes items of a tree. Like the formatter it places each comment at
// the next place where a line may break.
type builder struct {
	source   string
	comments []ast.Comment // not yet placed
	slot     *string       // for a comment behind what was built last
}

// take places the comments that stand before an offset: one behind something
// goes into the slot, the others come back.
func (b *builder) take(before int) (head []comment) {
	for _, c := range b.before(before) {
		if !c.OwnLine && len(head) == 0 && b.slot != nil && *b.slot == "" {
			*b.slot = c.Text
			continue
		}
		head = append(head, comment{text: c.Text})
	}
	return head
}

func (b *builder) before(offset int) []ast.Comment {
	n := 0
	for n < len(b.comments) && b.comments[n].Loc.Start < offset {
		n++
	}
	found := b.comments[:n]
	b.comments = b.comments[n:]
	return found
}

// between places the comments before a definition that begins at start; the
// one before it ended at end.
func (b *builder) between(it *item, start, end int, behind bool) {
	comments := b.before(start)
	if len(comments) > 0 && !comments[0].OwnLine && behind {
		*b.slot = comments[0].Text
		end = comments[0].Loc.End
		comments = comments[1:]
	}
	for _, c := range comments {
		it.head = append(it.head, comment{c.Text, b.blankIn(end, c.Loc.Start)})
		end = c.Loc.End
	}
	it.blank = b.blankIn(end, start)
}

// blankIn tells whether there is a blank line between two offsets.
func (b *builder) blankIn(from, to int) bool {
	if to > len(b.source) || from > to {
		return false
	}
	lines := strings.Split(b.source[from:to], "\n")
	for i := 1; i < len(lines)-1; i++ {
		if strings.TrimSpace(lines[i]) == "" {
			return true
		}
	}
	return false
}

// definition begins a map with the kind and name, and what it is of.
func (b *builder) definition(kind string, name ast.Ident, of string) *node {
	n := mapOf(entry(kind, wordOf(format.Name(name), textWord)))
	if of != "" {
		n.items = append(n.items, entry("of", wordOf(of, textWord)))
	}
	b.slot = &n.items[len(n.items)-1].line
	return n
}

func nameOf(id *ast.Ident) string {
	if id == nil {
		return ""
	}
	return format.Name(*id)
}

func (b *builder) decl(d ast.Decl) *node {
	switch d := d.(type) {
	case *ast.Holdout:
		n := b.definition("holdout", d.Name, "segment "+format.Path(d.Of))
		b.meta(n, d.Meta)
		l := b.list(n, "groups")
		for _, g := range d.Groups {
			b.element(l, g.Loc.Start).value = b.group(g)
		}
		return b.closed(n, d)
	case *ast.List:
		return b.listDecl(d)
	case *ast.Param:
		n := b.definition("param", d.Name, "")
		value, kind := b.literal(d.Value)
		if kind != "" {
			n.items = append(n.items, entry("type", wordOf(kind, syntaxWord)))
		}
		n.items = append(n.items, entry("value", value))
		return n
	case *ast.RFM:
		n := b.definition("rfm", d.Name, "")
		n.items = append(n.items, entry("value", b.embed(d.Loc.End, func(comments []ast.Comment, width int) (string, int) {
			return format.EmbeddedRFM(d, comments, width)
		})))
		return n
	case *ast.Segment:
		return b.segment(d)
	case *ast.Split:
		of := nameOf(d.Of)
		if d.OfSegment != nil {
			of = "segment " + format.Path(d.OfSegment)
		}
		n := b.definition("split", d.Name, of)
		b.meta(n, d.Meta)
		l := b.list(n, "branches")
		for _, br := range d.Branches {
			b.element(l, br.Loc.Start).value = b.branch(br)
		}
		return b.closed(n, d)
	case *ast.Trait:
		n := b.definition("trait", d.Name, nameOf(d.Of))
		n.items = append(n.items, entry("value", b.expr(d.Value)))
		return n
	}
	panic("yamlform: unknown declaration")
}

func (b *builder) segment(d *ast.Segment) *node {
	n := b.definition("segment", d.Name, nameOf(d.Of))
	b.meta(n, d.Meta)
	where := entry("where", nil)
	n.items = append(n.items, where)
	where.head = b.take(d.Where.Span().Start)
	where.value = b.condition(d.Where, where)
	var l *item
	for i, e := range d.Expects {
		if i == 0 {
			l = b.list(n, "expect")
		}
		it := b.element(l, e.Loc.Start)
		it.value = b.condition(e.Check, it)
	}
	return b.closed(n, d)
}

// list adds a key with a list.
func (b *builder) list(n *node, key string) *item {
	list := entry(key, &node{kind: listNode})
	n.items = append(n.items, list)
	return list
}

// element adds an element that begins at an offset. The comments before the
// first one stand before the key.
func (b *builder) element(list *item, start int) *item {
	it := &item{}
	if head := b.take(start); len(list.value.items) == 0 {
		list.head = head
	} else {
		it.head = head
	}
	list.value.items = append(list.value.items, it)
	b.slot = &it.line
	return it
}

// closed takes the comments before the closing brace.
func (b *builder) closed(n *node, d ast.Decl) *node {
	n.foot = b.take(d.Span().End)
	return n
}

func (b *builder) meta(n *node, metas []ast.Meta) {
	for _, m := range metas {
		it := entry(m.Key.Name, nil)
		it.head = b.take(m.Loc.Start)
		n.items = append(n.items, it)
		switch x := m.Value.(type) {
		case *ast.Set:
			it.value = b.set(x, it, textWord)
		case *ast.Text:
			it.value = wordOf(x.Value, textWord)
		default:
			it.value = wordOf(format.Expr(x), syntaxWord)
		}
		b.slot = &it.line
	}
}

// set makes a list of literals.
func (b *builder) set(set *ast.Set, in *item, style wordStyle) *node {
	n := &node{kind: listNode, flow: true}
	b.slot = &in.keyLine
	for _, e := range set.Elems {
		it := &item{head: b.take(e.Span().Start), value: literalWord(e, style)}
		n.items = append(n.items, it)
		b.slot = &it.line
	}
	n.foot = b.take(set.Loc.End)
	return n
}

// literalWord is a literal without the quotes of the language.
func literalWord(x ast.Expr, style wordStyle) *node {
	if t, ok := x.(*ast.Text); ok {
		return wordOf(t.Value, style)
	}
	return wordOf(format.Expr(x), syntaxWord)
}

func (b *builder) group(g ast.Group) *node {
	share := otherwise
	if g.Share != nil {
		share = format.Expr(g.Share)
	}
	it := entry(format.Name(g.Name), wordOf(share, syntaxWord))
	b.slot = &it.line
	return mapOf(it)
}

func (b *builder) branch(br ast.Branch) *node {
	n := mapOf(entry("branch", wordOf(format.Name(br.Name), textWord)))
	if br.Title != nil {
		n.items = append(n.items, entry("title", wordOf(br.Title.Value, textWord)))
	}
	when := entry("when", wordOf(otherwise, syntaxWord))
	n.items = append(n.items, when)
	b.slot = &when.line
	if br.When != nil {
		when.value = b.condition(br.When, when)
	}
	return n
}

// listDecl writes a list, with its type where the looks of its values say
// something else.
func (b *builder) listDecl(d *ast.List) *node {
	n := b.definition("list", d.Name, "")
	if d.From != nil {
		n.items = append(n.items, entry("from", wordOf(d.From.Value, textWord)))
		if d.Column != nil {
			n.items = append(n.items, entry("column", wordOf(columnText(*d.Column), textWord)))
		}
		return n
	}
	if !guessedRight(d.Set) {
		n.items = append(n.items, entry("type", wordOf(literalKind(d.Set.Elems[0]), syntaxWord)))
	}
	values := entry("values", nil)
	n.items = append(n.items, values)
	values.value = b.set(d.Set, values, textWord)
	return n
}

// columnText is the name of a column as YAML has it, which keeps the
// backticks that a name does not need.
func columnText(id ast.Ident) string {
	if id.Quoted == syntax.IsName(id.Name) || strings.HasPrefix(id.Name, "`") {
		return format.Name(id)
	}
	return id.Name
}

// literal writes the literal of a param, and the type where its looks say
// something else.
func (b *builder) literal(x ast.Expr) (*node, string) {
	t, ok := x.(*ast.Text)
	if !ok {
		return wordOf(format.Expr(x), syntaxWord), ""
	}
	if y, _ := syntax.Literal(t.Value, t.Loc); y != nil {
		return wordOf(t.Value, textWord), "text"
	}
	return wordOf(t.Value, textWord), ""
}

// guessedRight reports whether the elements of a set are read back as what
// they are, by their looks.
func guessedRight(set *ast.Set) bool {
	copied := &ast.Set{}
	for _, e := range set.Elems {
		copied.Elems = append(copied.Elems, &ast.Scalar{Text: literalWord(e, textWord).word.text})
	}
	syntax.GuessSet(copied)
	return slices.EqualFunc(set.Elems, copied.Elems, sameLiteral)
}

func sameLiteral(a, b ast.Expr) bool {
	_, aText := a.(*ast.Text)
	_, bText := b.(*ast.Text)
	return aText == bText && format.Expr(a) == format.Expr(b)
}

// embed makes a text in the language of what lay lays out; the comments up to
// an offset may lie in it.
func (b *builder) embed(end int, lay func(comments []ast.Comment, width int) (string, int)) *node {
	inner := b.comments
	for i, c := range inner {
		if c.Loc.Start >= end {
			inner = inner[:i]
			break
		}
	}
	flat, _ := lay(nil, 1<<30)
	_, used := lay(inner, width)
	inner = inner[:used]
	b.comments = b.comments[used:]
	w := word{text: flat, block: used > 0, tail: true, lines: func(width int) string {
		s, _ := lay(inner, width)
		return s
	}}
	return &node{word: w}
}

func (b *builder) expr(x ast.Expr) *node {
	return b.embed(x.Span().End, func(comments []ast.Comment, width int) (string, int) { return format.Embedded(x, comments, width) })
}
