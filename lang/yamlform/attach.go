package yamlform

import (
	"slices"
	"sort"
	"strings"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
)

// attach gives each comment of a file to the item it stands at: one behind
// something to what ends last before it on its line, one on a line of its own
// to what comes next, or, where it stands further in than that, to the end of
// what came before. tree tells which comments a definition ends with.
func attach(f *source.File, root *node, comments []ast.Comment, tree *ast.File) {
	a := &attacher{file: f, root: root, braced: map[int]bool{}}
	for _, c := range tree.Comments {
		a.braced[c.Loc.Start] = !c.OwnLine
	}
	a.collect(root, 0)
	slices.SortStableFunc(a.ends, func(x, y end) int { return x.at - y.at })
	last := 0 // where the comment before ends
	for _, c := range comments {
		if c.OwnLine || !a.behind(c) {
			a.ownLine(c, max(last, a.before(c.Loc.Start)))
		}
		last = c.Loc.End
	}
	for _, it := range a.items {
		if it.value.kind != listNode && it.keyLine != "" && it.line != "" { // one line has room for one
			it.head = append(it.head, comment{text: it.keyLine})
			it.keyLine = ""
		}
	}
	for _, it := range root.items {
		from := a.before(it.start)
		if n := sort.Search(len(comments), func(i int) bool { return comments[i].Loc.End > it.start }); n > 0 {
			from = max(from, comments[n-1].Loc.End)
		}
		it.blank = lineBreaks(f, from, it.start) > 1
	}
}

type attacher struct {
	file   *source.File
	root   *node
	braced map[int]bool  // by their start: the comments behind the brace of a .seg file
	items  []*item       // in the order of the file, outer ones first
	column map[*item]int // of the map or list that holds an item
	lists  []list        // maps and lists, likewise
	ends   []end         // of keys and values, in order
}

// list is a map or list of the definition with a number.
type list struct {
	*node
	definition int
}

// end is where a key or value ends, and the place for a comment behind it;
// nil where its line goes on.
type end struct {
	at   int
	slot *string
	// until is the end of the value behind a key, whose comment stands there
	// only when it comes before that.
	until int
}

func (a *attacher) collect(n *node, definition int) {
	if a.column == nil {
		a.column = map[*item]int{}
	}
	if len(n.items) > 0 {
		a.lists = append(a.lists, list{n, definition})
	}
	for i, it := range n.items {
		if n == a.root {
			definition = i
		}
		a.items = append(a.items, it)
		a.column[it] = n.column
		value, last := it.value, end{at: it.value.end}
		block := value.kind != wordNode && !value.flowSource
		if !block {
			last.slot = &it.line
		}
		key := end{at: it.keyEnd, slot: &it.keyLine}
		if !block {
			key.until = value.end
		}
		if it.keyEnd > 0 {
			a.ends = append(a.ends, key)
		}
		a.ends = append(a.ends, last)
		a.collect(value, definition)
	}
}

// before is where what is written before an offset ends.
func (a *attacher) before(offset int) int {
	if n := a.endsUpTo(offset); n > 0 {
		return a.ends[n-1].at
	}
	return 0
}

// endsUpTo counts the ends up to an offset.
func (a *attacher) endsUpTo(offset int) int {
	return sort.Search(len(a.ends), func(i int) bool { return a.ends[i].at > offset })
}

// next is the item that a comment stands before; a made-up one, whose comments
// the root ends with, when there is none.
func (a *attacher) next(c ast.Comment) *item {
	n := sort.Search(len(a.items), func(i int) bool { return a.items[i].start >= c.Loc.End })
	if n == len(a.items) {
		return &item{}
	}
	return a.items[n]
}

// behind gives a comment to what ends last before it on its line.
func (a *attacher) behind(c ast.Comment) bool {
	line := strings.LastIndexByte(a.file.Text[:c.Loc.Start], '\n') + 1
	var found *end
	for i := a.endsUpTo(c.Loc.Start) - 1; i >= 0 && a.ends[i].at > line; i-- {
		e := &a.ends[i]
		if e.slot == nil || e.until > 0 && e.until <= c.Loc.Start || found != nil && e.at < found.at {
			continue
		}
		found = e // of several that end here the outermost
	}
	if found == nil || *found.slot != "" {
		return false
	}
	*found.slot = c.Text
	return true
}

// ownLine gives a comment to the next item or to the end of a list or map.
func (a *attacher) ownLine(c ast.Comment, end int) {
	if c.OwnLine && a.braced[c.Loc.Start] {
		a.after(c)
		return
	}
	out := comment{c.Text, lineBreaks(a.file, end, c.Loc.Start) > 1}
	column, next := c.Loc.Pos().Column, a.next(c)
	foot := a.foot(c, next)
	switch {
	case foot != nil && (foot.flowSource || column > a.column[next]):
		foot.foot = append(foot.foot, out)
	case next.value == nil:
		a.root.foot = append(a.root.foot, out)
	default:
		next.head = append(next.head, out)
	}
}

// foot is the innermost map or list that a comment may stand at the end of, by
// its column or before the closing bracket.
func (a *attacher) foot(c ast.Comment, next *item) *node {
	column := c.Loc.Pos().Column
	from := sort.Search(len(a.lists), func(i int) bool {
		return len(a.lists[i].items) > 0 && a.lists[i].items[0].start > c.Loc.Start
	}) - 1
	for i := from; i >= 0 && a.lists[i].definition == a.lists[from].definition; i-- {
		n := a.lists[i].node
		switch {
		case n == a.root:
		case n.flowSource && n.end > c.Loc.End && !contains(n, next), !n.flowSource && n.end <= c.Loc.Start && n.column <= column:
			return n
		}
	}
	return nil
}

// after gives a comment to the last definition before it.
func (a *attacher) after(c ast.Comment) {
	n := sort.Search(len(a.root.items), func(i int) bool { return a.root.items[i].value.end > c.Loc.Start })
	a.root.items[n-1].after = c.Text
}

func contains(n *node, it *item) bool {
	for _, x := range n.items {
		if x == it || contains(x.value, it) {
			return true
		}
	}
	return false
}
