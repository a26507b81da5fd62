package yamlform

import (
	"slices"

	"golang.org/x/text/unicode/norm"

	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
)

// Line says on how many lines a map or list stands.
type Line uint8

// Lines of a value. Where there are comments inside of it, or nothing, it
// stands as it can.
const (
	Below  Line = iota // each entry on a line of its own
	Fits               // on one line, if that is not too long
	Always             // on one line
)

// Style is how a value of a file of another kind than definitions is laid out.
type Style struct {
	Line Line
	Keys *Table // gives the order of a map's keys; nil: that of its author
	Text bool   // a scalar is words for people, else a value of a type of its own
}

// Lay writes a file in YAML, which must be without errors, in a canonical form
// with all its comments. It holds one map, or a list of maps. style is asked
// for each value in them by the keys that lead to it; an element of a list has
// the key "-".
func Lay(f *source.File, root *yamltree.Node, style func(path []string) Style) string {
	l := &layer{style: style}
	out, single := &node{kind: listNode, column: 1}, true
	if root != nil && root.Kind != yamltree.Null {
		out.end, single = root.Span.End, root.Kind != yamltree.List
		for _, n := range definitions(root) {
			it := &item{value: l.value(n, nil), start: n.Span.Start}
			if single {
				it.value.column++ // what begins further left stands outside
			}
			out.items = append(out.items, it)
		}
	}
	attach(f, out, yamltree.Comments(f, root), &ast.File{Source: f})
	for _, it := range out.items {
		order(it.value)
		if first := it.value.items; len(first) > 0 {
			it.head = append(it.head, first[0].head...)
			first[0].head = nil
		}
	}
	return file(out, single, func(*item) bool { return false })
}

type layer struct{ style func(path []string) Style }

func (l *layer) value(src *yamltree.Node, path []string) *node {
	style := l.style(path)
	n := &node{flow: style.Line != Below, always: style.Line == Always}
	below := func(v *yamltree.Node, key string) *node { return l.value(v, append(slices.Clip(path), key)) }
	switch src.Kind {
	case yamltree.List:
		n.kind = listNode
		for _, e := range src.Items {
			n.items = append(n.items, &item{value: below(e, "-"), start: e.Span.Start, end: e.Span.End})
		}
	case yamltree.Map:
		n.kind = mapNode
		for _, e := range src.Entries {
			it := (&copier{}).entry(e, cellOf(e.Key))
			if it.value = below(e.Value, e.Key.Text); style.Keys != nil {
				it.order = style.Keys.Index(e.Key.Text)
			}
			n.items = append(n.items, it)
		}
	case yamltree.Null, yamltree.Scalar:
		n.word = *cellOf(src)
		if style.Text {
			n.word.style = textWord
		}
	}
	if n.kind != wordNode && len(n.items) == 0 {
		n.flow, n.always = true, true // it has no other form
	}
	return place(n, src)
}

func cellOf(n *yamltree.Node) *word {
	return &word{text: norm.NFC.String(n.Text), style: cellWord, quoted: n.Quoted}
}
