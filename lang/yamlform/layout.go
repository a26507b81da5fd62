package yamlform

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// width is how many columns a line should take at most, as in .seg files.
const width = 100

// printer lays out items. A map or list whose flow form fits and that holds
// no comments stands on one line; else each entry has lines of its own, two
// columns further in.
type printer struct {
	out strings.Builder
}

// file writes the definitions, as one map or as a list; oneLine tells the
// kinds of which several may stand together without blank lines.
func file(root *node, single bool, oneLine func(*item) bool) string {
	p := &printer{}
	first := true
	separate := func(blank bool) {
		if blank && !first {
			p.out.WriteByte('\n')
		}
		first = false
	}
	var last *item
	for _, it := range root.items {
		blank := last != nil && !(oneLine(last) && oneLine(it))
		for _, c := range it.head {
			separate(blank || c.blank)
			p.comment(c, 0)
			blank = false
		}
		separate(blank || it.blank)
		if single {
			p.entries(it.value, 0)
			p.comments(it.value.foot, 2)
		} else {
			p.element(it, 0)
		}
		if it.after != "" {
			p.comment(comment{text: it.after}, 0)
		}
		last = it
	}
	blank := last != nil && !oneLine(last)
	for _, c := range root.foot {
		separate(blank || c.blank)
		p.comment(c, 0)
		blank = false
	}
	return p.out.String()
}

func (p *printer) comment(c comment, indent int) {
	p.out.WriteString(strings.Repeat(" ", indent) + c.text + "\n")
}

func (p *printer) comments(list []comment, indent int) {
	for _, c := range list {
		p.comment(c, indent)
	}
}

// entries writes the entries of a map on lines of their own.
func (p *printer) entries(n *node, indent int) {
	for i, it := range n.items {
		if i > 0 || indent > 0 || it.key == nil {
			p.comments(it.head, indent)
		}
		p.out.WriteString(strings.Repeat(" ", indent))
		p.entry(it, indent)
	}
}

// entry writes `key: value` from where the line has come to.
func (p *printer) entry(it *item, indent int) {
	key := it.key.write(false) + ":"
	p.out.WriteString(key)
	p.value(it, indent, indent+utf8.RuneCountInString(key)+1)
}

// element writes `- value`; the comments before it are written.
func (p *printer) element(it *item, indent int) {
	p.out.WriteString(strings.Repeat(" ", indent) + "-")
	if it.value.kind == mapNode && !p.fits(it, indent+2) {
		n := it.value
		behindLast(it)
		p.out.WriteByte(' ')
		p.entry(n.items[0], indent+2)
		p.entries(&node{kind: mapNode, items: n.items[1:]}, indent+2)
		p.comments(n.foot, indent+2)
		return
	}
	p.value(it, indent, indent+2)
}

// value writes a blank and the value, which would begin in a column, and ends
// the line.
func (p *printer) value(it *item, indent, column int) {
	n := it.value
	if n.kind == mapNode && !p.fits(it, column) {
		behindLast(it)
	}
	switch {
	case n.kind == wordNode && (n.word.block || n.word.lines != nil && column+utf8.RuneCountInString(n.word.write(false)) > width):
		p.block(it, indent+2)
	case n.kind == wordNode:
		p.end(" "+n.word.write(false), it.keyLine, it.line)
	case p.fits(it, column):
		p.end(" "+flow(n), it.keyLine, it.line)
	case n.kind == listNode && it.line != "" && words(n):
		p.brackets(it, indent)
	default:
		if it.keyLine != "" && it.line != "" { // one line has room for one
			n.foot, it.line = append(n.foot, comment{text: it.line}), ""
		}
		p.end("", it.keyLine, it.line)
		p.below(n, indent+2)
	}
}

// words reports a list of scalars, which may stand in brackets.
func words(n *node) bool {
	return n.flow && !slices.ContainsFunc(n.items, func(it *item) bool { return it.value.kind != wordNode })
}

// behindLast moves the comment behind a value of several lines behind the last
// one, or below it where there is one already.
func behindLast(it *item) {
	if it.line == "" {
		return
	}
	if l := last(it.value); l.line == "" {
		l.line = it.line
	} else {
		it.value.foot = append(it.value.foot, comment{text: it.line})
	}
	it.line = ""
}

// last is the item that is written last of a value.
func last(n *node) *item {
	it := n.items[len(n.items)-1]
	if it.value.kind == wordNode || it.value.flow {
		return it
	}
	return last(it.value)
}

// below writes what stands in the lines below a key.
func (p *printer) below(n *node, indent int) {
	if n.kind == mapNode {
		p.entries(n, indent)
		p.comments(n.foot, indent)
		return
	}
	for _, it := range n.items {
		p.comments(it.head, indent)
		p.hoisted(it, indent)
		p.element(it, indent)
	}
	p.comments(n.foot, indent)
}

// hoisted writes the comments before the first entry of an element, which
// begins on the line of its dash.
func (p *printer) hoisted(it *item, indent int) {
	if it.value.kind == mapNode && len(it.value.items) > 0 {
		p.comments(it.value.items[0].head, indent)
	}
}

// end writes the rest of a line and the comments behind it.
func (p *printer) end(text string, comments ...string) {
	p.out.WriteString(text)
	for _, c := range comments {
		if c != "" {
			p.out.WriteString("  " + c)
		}
	}
	p.out.WriteByte('\n')
}

// block writes a text on lines of its own.
func (p *printer) block(it *item, indent int) {
	w := it.value.word
	text := w.lines(max(width-indent, 40))
	line := it.line
	if w.tail && line != "" {
		text, line = text+"  "+line, ""
	}
	p.end(" |", it.keyLine, line)
	for _, l := range strings.Split(text, "\n") {
		p.out.WriteString(strings.TrimRight(strings.Repeat(" ", indent)+l, " ") + "\n")
	}
}

// brackets writes a list that has a comment behind it and does not fit.
func (p *printer) brackets(it *item, indent int) {
	p.end(" [", it.keyLine)
	for i, e := range it.value.items {
		p.comments(e.head, indent+2)
		comma := ","
		if i == len(it.value.items)-1 {
			comma = ""
		}
		p.end(strings.Repeat(" ", indent+2)+e.value.word.write(true)+comma, e.line)
	}
	p.comments(it.value.foot, indent+2)
	p.end(strings.Repeat(" ", indent)+"]", it.line)
}

// fits reports whether a value can stand on one line from a column on.
func (p *printer) fits(it *item, column int) bool {
	n := it.value
	return it.keyLine == "" && n.flow && calm(n) && (n.always || column+utf8.RuneCountInString(flow(n)) <= width)
}

// calm reports that no comments stand inside a value.
func calm(n *node) bool {
	if len(n.foot) > 0 || n.word.block {
		return false
	}
	for _, it := range n.items {
		if len(it.head) > 0 || it.keyLine != "" || it.line != "" || !calm(it.value) {
			return false
		}
	}
	return true
}

// flow writes a value on one line.
func flow(n *node) string {
	if n.kind == wordNode {
		return n.word.write(true)
	}
	parts := make([]string, len(n.items))
	for i, it := range n.items {
		if it.key != nil {
			parts[i] = it.key.write(true) + ": "
		}
		parts[i] += flow(it.value)
	}
	if n.kind == mapNode {
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
