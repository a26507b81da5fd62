package yamlform

import (
	"strings"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
)

// attach gives each comment of a file to the item it stands at: one behind
// something to what ends last before it on its line, one on a line of its own
// to what comes next, or, where it stands further in than that, to the end of
// what came before. tree tells which comments a definition ends with.
func attach(f *source.File, root *node, comments []ast.Comment, tree *ast.File) {
	a := &attacher{file: f, root: root}
	a.collect(root)
	end := 0 // of the item or comment before
	for _, c := range comments {
		if c.OwnLine || !a.behind(c) {
			a.ownLine(c, tree, max(end, a.before(c.Loc.Start)))
		}
		end = c.Loc.End
	}
	for _, it := range a.items {
		if it.value.kind != listNode && it.keyLine != "" && it.line != "" { // one line has room for one
			it.head = append(it.head, comment{text: it.keyLine})
			it.keyLine = ""
		}
	}
	for _, it := range root.items {
		from := a.before(it.start)
		for _, c := range comments {
			if c.Loc.End <= it.start {
				from = max(from, c.Loc.End)
			}
		}
		it.blank = lineBreaks(f, from, it.start) > 1
	}
}

type attacher struct {
	file  *source.File
	root  *node
	items []*item // in the order of the file, outer ones first
	lists []*node // maps and lists, likewise
}

func (a *attacher) collect(n *node) {
	if n.kind != wordNode {
		a.lists = append(a.lists, n)
	}
	for _, it := range n.items {
		a.items = append(a.items, it)
		a.collect(it.value)
	}
}

// before is where what is written before an offset ends.
func (a *attacher) before(offset int) (end int) {
	for _, it := range a.items {
		for _, e := range []int{it.keyEnd, it.value.end} {
			if e <= offset {
				end = max(end, e)
			}
		}
	}
	return end
}

// next is the item that a comment stands before; a made-up one, whose comments
// the root ends with, when there is none.
func (a *attacher) next(c ast.Comment) *item {
	for _, it := range a.items {
		if it.start >= c.Loc.End {
			return it
		}
	}
	return &item{}
}

// behind gives a comment to what ends last before it on its line.
func (a *attacher) behind(c ast.Comment) bool {
	var slot *string
	line := strings.LastIndexByte(a.file.Text[:c.Loc.Start], '\n') + 1
	last := -1
	for _, it := range a.items {
		value := it.value
		container := value.kind != wordNode && !value.flowSource
		if it.keyEnd > line && it.keyEnd <= c.Loc.Start && it.keyEnd > last && (container || value.end > c.Loc.Start) {
			slot, last = &it.keyLine, it.keyEnd
		}
		if !container && value.end > line && value.end <= c.Loc.Start && value.end > last {
			slot, last = &it.line, value.end
		}
	}
	if slot == nil || *slot != "" {
		return false
	}
	*slot = c.Text
	return true
}

// ownLine gives a comment to the next item or to the end of a list or map.
func (a *attacher) ownLine(c ast.Comment, tree *ast.File, end int) {
	out := comment{c.Text, lineBreaks(a.file, end, c.Loc.Start) > 1}
	for _, placed := range tree.Comments {
		if placed.Loc == c.Loc && c.OwnLine && !placed.OwnLine { // behind the brace of a .seg file
			a.after(c)
			return
		}
	}
	column := c.Loc.Pos().Column
	next := a.next(c)
	var foot *node
	for _, n := range a.lists {
		if n != a.root && !n.flowSource && n.end <= c.Loc.Start && n.column <= column {
			foot = n
		}
		if n.flowSource && len(n.items) > 0 && n.items[0].start < c.Loc.Start && n.end > c.Loc.End && !contains(n, next) {
			foot = n // before the closing bracket
		}
	}
	switch {
	case foot != nil && (foot.flowSource || column > a.columnOf(next)):
		foot.foot = append(foot.foot, out)
	case next.value == nil:
		a.root.foot = append(a.root.foot, out)
	default:
		next.head = append(next.head, out)
	}
}

// after gives a comment to the last definition before it.
func (a *attacher) after(c ast.Comment) {
	var last *item
	for _, it := range a.root.items {
		if it.value.end <= c.Loc.Start {
			last = it
		}
	}
	last.after = c.Text
}

func contains(n *node, it *item) bool {
	for _, x := range n.items {
		if x == it || contains(x.value, it) {
			return true
		}
	}
	return false
}

// columnOf is the column of the map or list that holds an item.
func (a *attacher) columnOf(it *item) int {
	for _, n := range a.lists {
		for _, x := range n.items {
			if x == it {
				return n.column
			}
		}
	}
	return 0
}
