package yamltree

import (
	"strings"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
)

// Comments finds the comments of a file in order: each # that begins a word
// outside of every scalar. root is what Parse gave for the file; it may be
// nil. Comments inside of a block scalar are part of its text.
func Comments(file *source.File, root *Node) []ast.Comment {
	c := &commenter{file: file}
	if root != nil {
		c.node(root)
	}
	c.upTo(len(file.Text))
	return c.found
}

type commenter struct {
	file  *source.File
	pos   int
	found []ast.Comment
}

func (c *commenter) node(n *Node) {
	for _, e := range n.Entries {
		c.scalar(e.Key)
		c.node(e.Value)
	}
	for _, item := range n.Items {
		c.node(item)
	}
	c.scalar(n)
}

// scalar looks at what stands before a scalar and passes it.
func (c *commenter) scalar(n *Node) {
	if n.Kind == Map || n.Kind == List || n.Span.Start < c.pos {
		return
	}
	c.upTo(n.Span.Start)
	if n.Quoted && n.Span.Start < len(c.file.Text) && strings.IndexByte("|>", c.file.Text[n.Span.Start]) >= 0 {
		c.upTo(endOfLine(c.file.Text, n.Span.Start)) // of its header
	}
	c.pos = max(c.pos, n.Span.End)
}

// upTo looks for comments up to an offset.
func (c *commenter) upTo(end int) {
	text := c.file.Text
	for i := c.pos; i < end; i++ {
		if text[i] != '#' || i > 0 && !isSpace(text[i-1]) && !strings.HasSuffix(text[:i], byteOrderMark) {
			continue
		}
		start, stop := i, i
		for stop < len(text) && breakAt(text, stop) == 0 {
			stop++
		}
		words := strings.TrimRight(text[start:stop], " \t")
		line := strings.LastIndexByte(text[:start], '\n') + 1
		at := ast.At{Loc: source.Span{File: c.file, Start: start, End: start + len(words)}}
		c.found = append(c.found, ast.Comment{At: at, Text: words,
			OwnLine: strings.Trim(text[line:start], " \t\r\ufeff") == ""})
		i = stop - 1
	}
	c.pos = max(c.pos, end)
}
