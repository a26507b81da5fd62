package yamlform

import (
	"slices"
	"strings"

	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// Format writes a file of definitions in its canonical form, which keeps the
// structure its author chose and all comments. Keys stand in the order of a
// .seg file, texts in the language are formatted as there. The text is ""
// when there are errors.
func Format(f *source.File) (string, diag.List) {
	root, tree, diags := parse(f)
	if diags.HasErrors() {
		return "", diags
	}
	b := &copier{}
	out, single := &node{kind: listNode, column: 1}, true
	switch {
	case root == nil || root.Kind == yamltree.List && len(root.Items) == 0:
	default:
		out.end, single = root.Span.End, root.Kind != yamltree.List
		for _, n := range definitions(root) {
			it := &item{value: b.definition(n), start: n.Span.Start}
			if single {
				it.value.column++ // what begins further left stands outside
			}
			out.items = append(out.items, it)
		}
	}
	attach(f, out, yamltree.Comments(f, root), tree)
	kinds := map[*item]bool{}
	for i, it := range out.items {
		kinds[it] = !hasBody(tree.Decls[i])
		order(it.value)
		it.head = append(it.head, it.value.items[0].head...)
		it.value.items[0].head = nil
	}
	return file(out, single, func(it *item) bool { return kinds[it] }), diags
}

// order brings keys into their canonical order.
func order(n *node) {
	for _, it := range n.items {
		order(it.value)
	}
	if n.kind == mapNode {
		slices.SortStableFunc(n.items, func(a, b *item) int { return a.order - b.order })
	}
}

// copier makes items of a file without errors.
type copier struct{}

// place fills in where a node is in its file.
func place(n *node, src *yamltree.Node) *node {
	n.column, n.end = src.Span.Pos().Column, src.Span.End
	n.flowSource = src.Kind != yamltree.Scalar && strings.IndexByte("[{", src.Span.File.Text[src.Span.Start]) >= 0
	return n
}

// definition copies a definition or a branch of a split.
func (c *copier) definition(src *yamltree.Node) *node {
	table := branchKeys
	for _, e := range src.Entries {
		if t := definition(e.Key.Text); t != nil {
			table = t
		}
	}
	n := place(mapOf(), src)
	for _, e := range src.Entries {
		it := c.entry(e, &word{text: e.Key.Text})
		if it.order = table.Index(e.Key.Text); isMeta(e.Key.Text) && table != branchKeys {
			it.order = table.Index(metaKeys[0].Name) // among themselves as their author has them, as in .seg files
		}
		it.value = place(c.keyed(e.Key.Text, table, e.Value), e.Value)
		n.items = append(n.items, it)
	}
	return n
}

func isMeta(key string) bool {
	return slices.ContainsFunc(metaKeys, func(k Key) bool { return k.Name == key })
}

func (c *copier) entry(e *yamltree.Entry, key *word) *item {
	return &item{key: key, start: e.Key.Span.Start, keyEnd: e.Key.Span.End, end: e.Value.Span.End}
}

// keyed copies the value of a key.
func (c *copier) keyed(key string, table *Table, v *yamltree.Node) *node {
	switch {
	case key == "branches":
		return c.list(v, false, c.definition)
	case key == "expect":
		return c.list(v, false, c.condition)
	case key == "groups":
		return c.list(v, false, c.group)
	case key == "value" && table == paramKeys:
		return c.open(v)
	case key == "value":
		return c.value(v, table)
	case key == "values":
		return c.list(v, true, c.open)
	case key == "when" && v.Kind == yamltree.Scalar && v.Text == otherwise:
		return wordOf(otherwise, syntaxWord)
	case key == "where", key == "when":
		return c.condition(v)
	case v.Kind == yamltree.List:
		return c.list(v, true, func(n *yamltree.Node) *node { return wordOf(textOf(n), textWord) })
	case key == "of" && table != segmentKeys && table != traitKeys:
		return wordOf(splitOfText(v), textWord)
	case key == table.Keys[0].Name, key == "of":
		return wordOf(nameText(v), textWord)
	case key == "priority", key == "valid_from", key == "valid_until", key == "type":
		return wordOf(v.Text, syntaxWord)
	}
	return wordOf(textOf(v), textWord)
}

func nameText(v *yamltree.Node) string {
	id, _ := embedded(v).Name()
	return format.Name(*id)
}

func splitOfText(v *yamltree.Node) string {
	entity, segment, _ := embedded(v).SplitOf()
	if entity != nil {
		return format.Name(*entity)
	}
	return "segment " + format.Path(segment)
}

func (c *copier) list(src *yamltree.Node, flow bool, element func(*yamltree.Node) *node) *node {
	n := &node{kind: listNode, flow: flow}
	for _, e := range src.Items {
		n.items = append(n.items, &item{value: place(element(e), e), start: e.Span.Start, end: e.Span.End})
	}
	return n
}

func (c *copier) group(src *yamltree.Node) *node {
	e := src.Entries[0]
	it := c.entry(e, &word{text: nameText(e.Key)})
	it.value = place(wordOf(e.Value.Text, syntaxWord), e.Value)
	return place(mapOf(it), src)
}

// open copies a value whose type is not known.
func (c *copier) open(src *yamltree.Node) *node {
	n := wordOf(textOf(src), openWord)
	n.word.quoted = src.Quoted
	return n
}

// value copies the value of a trait or rfm.
func (c *copier) value(v *yamltree.Node, table *Table) *node {
	if table == rfmKeys {
		x, fact, read := embedded(v).RFM()
		return laid(read.Comments, func(comments []ast.Comment, width int) (string, int) {
			return format.EmbeddedRFM(&ast.RFM{Value: x, Fact: fact}, comments, width)
		})
	}
	x, read := embedded(v).Trait()
	return laidExpr(x, read.Comments)
}

func laidExpr(x ast.Expr, comments []ast.Comment) *node {
	return laid(comments, func(comments []ast.Comment, width int) (string, int) { return format.Embedded(x, comments, width) })
}

// laid makes a text in the language with its comments; those behind all of it
// stand at its end.
func laid(comments []ast.Comment, lay func(comments []ast.Comment, width int) (string, int)) *node {
	flat, _ := lay(nil, 1<<30)
	return &node{word: word{text: flat, block: len(comments) > 0, lines: func(width int) string {
		s, used := lay(comments, width)
		for i, c := range comments[used:] {
			if i == 0 && !c.OwnLine {
				s += "  " + c.Text
			} else {
				s += "\n" + c.Text
			}
		}
		return s
	}}}
}

func (c *copier) condition(src *yamltree.Node) *node {
	if src.Kind != yamltree.Map {
		x, read := embedded(src).Expr()
		return laidExpr(x, read.Comments)
	}
	e := src.Entries[0]
	it := c.entry(e, &word{text: e.Key.Text})
	n := place(mapOf(it), src)
	switch e.Key.Text {
	case "and", "or":
		it.value = c.list(e.Value, false, c.condition)
	case "not":
		it.value = c.condition(e.Value)
	default:
		x, _ := embedded(e.Key).Sum()
		it.key.text = format.Expr(x)
		it.value = c.leafValue(e.Value)
	}
	place(it.value, e.Value)
	return n
}

func (c *copier) leafValue(v *yamltree.Node) *node {
	if v.Kind != yamltree.Map {
		return c.open(v)
	}
	e := v.Entries[0]
	op := strings.Join(strings.Fields(e.Key.Text), " ")
	it := c.entry(e, opWord(op))
	it.value = place(c.operatorValue(op, e), e.Value)
	n := mapOf(it)
	n.flow = true
	return n
}

func (c *copier) operatorValue(op string, e *yamltree.Entry) *node {
	v := e.Value
	if v.Kind == yamltree.List {
		return c.list(v, true, c.open)
	}
	switch bare := strings.TrimPrefix(op, "not "); bare {
	case "contains", "ends with", "starts with", "~=", "~contains":
		return wordOf(textOf(v), textWord)
	case "before", "in", "matches", "on", "since", "within":
		key := *e.Key
		key.Text = op
		subject := &ast.PathExpr{Path: &ast.Path{Parts: []ast.Ident{{Name: "x"}}}}
		x, _ := syntax.Embedded{Text: op + " " + v.Text, Place: joined(&key, v)}.Predicate(subject)
		return wordOf(strings.TrimPrefix(format.Expr(x), "x "+op+" "), syntaxWord)
	case "has all of", "has any of", "has none of":
		path, _ := embedded(v).Path()
		return wordOf(format.Path(path), syntaxWord)
	case "is":
		return wordOf(v.Text, syntaxWord)
	}
	return c.open(v)
}
