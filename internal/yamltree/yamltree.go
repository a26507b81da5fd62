// Package yamltree reads a YAML file as a plain tree of maps, lists and
// texts in which every node knows its exact place.
//
// It takes the part of YAML that people write by hand and leaves the rest:
// anchors, aliases and merge keys are refused, tags are ignored, keys are
// texts, a file is one document. A scalar is its text; whether `no`, `00123`
// or `1_000` is a bool, a number or a text is decided by who reads the tree,
// never by YAML's guess.
//
// One rule is added. Inside `{…}` and `[…]` YAML ends an unquoted scalar at
// a comma, which would cut `decimal(14, 0)` and `round(a, 2)` in two; a comma
// inside open parentheses belongs to the scalar here.
//
// This file is the only one that imports a YAML library.
package yamltree

import (
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// Codes of what can be wrong with any YAML file.
const (
	CodeSyntax    diag.Code = "SEG1500" // not valid YAML, or a part of YAML that is not read
	CodeDuplicate diag.Code = "SEG1501" // a key twice in one map
	CodeAlias     diag.Code = "SEG1502" // anchor, alias or merge key
)

// Kind is the form of a node.
type Kind uint8

// Forms of a node.
const (
	Null   Kind = iota // nothing, `~` or an unquoted `null`
	Scalar             // Text
	Map                // Entries
	List               // Items
)

func (k Kind) String() string {
	return [...]string{"nothing", "text", "a map", "a list"}[k]
}

// Node is one value of the file.
type Node struct {
	Kind Kind
	// Span is tight around what was written, quotes and brackets included.
	// A Null that was not written has the span of its key.
	Span    source.Span
	Text    string   // of a Scalar, after quotes and escapes
	Quoted  bool     // a Scalar in quotes or a block (| or >)
	Flow    bool     // written in, or as, […] or {…}
	Entries []*Entry // of a Map, in order, each key once
	Items   []*Node  // of a List

	offsets []int // see At
}

// Entry is one `key: value` of a map.
type Entry struct {
	Key   *Node // always a Scalar
	Value *Node // never nil
}

// Span of the entry, from its key to the end of its value.
func (e *Entry) Span() source.Span { return e.Key.Span.To(e.Value.Span) }

// Get finds the value of a key, nil if there is none.
func (n *Node) Get(key string) *Entry {
	for _, e := range n.Entries {
		if e.Key.Text == key {
			return e
		}
	}
	return nil
}

// Verbatim gives the range of the file that holds Text byte for byte; ok is
// false where escapes or folded lines make the two differ.
func (n *Node) Verbatim() (start, end int, ok bool) {
	if n.Kind != Scalar || n.offsets != nil {
		return 0, 0, false
	}
	start, end = n.Span.Start, n.Span.End
	if n.Quoted {
		start, end = start+1, end-1
	}
	if start > end || n.Span.File.Text[start:end] != n.Text {
		return 0, 0, false
	}
	return start, end, true
}

// At is the place in the file of Text[start:end].
func (n *Node) At(start, end int) source.Span {
	if from, to, ok := n.Verbatim(); ok {
		return source.Span{File: n.Span.File, Start: min(from+start, to), End: min(from+end, to)}
	}
	if end >= len(n.offsets) || start > end {
		return n.Span
	}
	from, to := n.offsets[start], n.offsets[end]
	if whole := len(n.Span.File.Text); from > whole || to > whole || end > start && n.offsets[end-1] >= whole {
		return n.Span // line ends that YAML and we count differently
	}
	if end > start {
		// The end of the last character, not the start of the next one:
		// between the two may lie a fold of the line.
		last := n.offsets[end-1]
		if _, size := utf8.DecodeRuneInString(n.Span.File.Text[last:]); n.Span.File.Text[last] != '\\' {
			to = min(to, max(last+size, from))
		}
	}
	return source.Span{File: n.Span.File, Start: from, End: max(from, to)}
}

// Parse reads one document. The node is nil when the file is empty or is
// not YAML at all.
func Parse(file *source.File) (*Node, diag.List) {
	t := &tree{file: file, lines: lineStarts(file.Text)}
	if !utf8.ValidString(file.Text) {
		t.diags.Errorf(CodeSyntax, source.Span{File: file}, "%s is not UTF-8 text", file.Name).Help =
			"save the file as UTF-8"
		return nil, t.diags
	}
	dec := yaml.NewDecoder(strings.NewReader(file.Text))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		t.syntaxError(err)
		return nil, t.diags
	}
	if err := dec.Decode(&second); err == nil {
		at := t.offset(second.Line, second.Column)
		t.diags.Errorf(CodeSyntax, t.lineSpan(at), "the file holds more than one YAML document").Help =
			"remove the line `---` and what follows, or move it to a file of its own"
	} else if !errors.Is(err, io.EOF) {
		t.syntaxError(err)
	}
	if len(doc.Content) == 0 {
		return nil, t.diags
	}
	root := t.node(doc.Content[0], source.Span{File: file})
	return root, t.diags
}

// readable reports whether a text is YAML; used to find where it stops
// being so.
func readable(text string) bool {
	var n yaml.Node
	err := yaml.Unmarshal([]byte(text), &n)
	return err == nil
}

// tree is the state of one Parse.
type tree struct {
	file  *source.File
	lines []int
	diags diag.List
}

func (t *tree) span(start, end int) source.Span {
	return source.Span{File: t.file, Start: start, End: end}
}

// node turns a YAML node into ours. key is the place to blame for a value
// that is not written.
func (t *tree) node(y *yaml.Node, key source.Span) *Node {
	at := t.offset(y.Line, y.Column)
	start := t.skipProperties(at)
	if y.Anchor != "" && y.Kind != yaml.AliasNode {
		t.refuse(t.span(at, at+1+len(y.Anchor)), "an anchor")
	}
	switch y.Kind {
	case yaml.AliasNode:
		t.refuse(t.span(at, min(at+1+len(y.Value), len(t.file.Text))), "an alias")
		return &Node{Kind: Null, Span: t.span(at, min(at+1+len(y.Value), len(t.file.Text)))}
	case yaml.MappingNode:
		return t.mapping(y, start)
	case yaml.SequenceNode:
		return t.sequence(y, start)
	default:
		return t.scalar(y, start, key)
	}
}

func (t *tree) scalar(y *yaml.Node, start int, key source.Span) *Node {
	const quoting = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	n := &Node{Kind: Scalar, Text: y.Value, Quoted: y.Style&quoting != 0}
	if !n.Quoted {
		switch y.Value {
		case "":
			return &Node{Kind: Null, Span: key}
		case "~", "null", "Null", "NULL":
			n.Kind = Null
		}
	}
	text, end := t.file.Text, 0
	var offsets []int
	switch {
	case y.Style&yaml.DoubleQuotedStyle != 0:
		end = endOfDouble(text, start)
		offsets = follow(y.Value, text[:end], start+1, '"')
	case y.Style&yaml.SingleQuotedStyle != 0:
		end = endOfSingle(text, start)
		offsets = follow(y.Value, text[:end], start+1, '\'')
	case n.Quoted:
		offsets = follow(y.Value, text, endOfLine(text, start), 0)
		end = endOfBlock(offsets, text, start)
	case strings.HasPrefix(text[start:], y.Value):
		end = start + len(y.Value)
	default:
		offsets = follow(y.Value, text, start, 0)
		end = endOfBlock(offsets, text, start)
	}
	n.Span = t.span(start, end)
	if strings.ContainsRune(y.Value, 0) { // which the language has no text with, nor have databases
		t.diags.Errorf(CodeSyntax, n.Span, "a text cannot hold the character with number 0").Help =
			`leave out \0: a backslash that is meant stands as \\ in double quotes, and as it is in single ones`
	}
	if _, _, ok := n.Verbatim(); !ok {
		n.offsets = offsets
	}
	return n
}

func (t *tree) mapping(y *yaml.Node, start int) *Node {
	n := &Node{Kind: Map, Flow: y.Style&yaml.FlowStyle != 0}
	seen := map[string]*Node{}
	end := start
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := t.node(y.Content[i], t.span(start, start))
		if y.Content[i+1].Kind == yaml.AliasNode {
			end = max(end, t.node(y.Content[i+1], key.Span).Span.End)
			continue // reported; what it stood for is left out
		}
		value := t.node(y.Content[i+1], key.Span)
		for n.Flow && i+3 < len(y.Content) && open(value) && y.Content[i+3].Value == "" && y.Content[i+3].Kind == yaml.ScalarNode {
			value = t.join(value, t.node(y.Content[i+2], key.Span))
			i += 2
		}
		value.Flow = value.Flow || n.Flow
		end = max(end, key.Span.End, value.Span.End)
		if t.keyRefused(key, y.Content[i]) {
			continue
		}
		if first := seen[key.Text]; first != nil {
			d := t.diags.Errorf(CodeDuplicate, key.Span, "the key `%s` stands here twice", key.Text)
			d.Labels = []diag.Label{{Span: first.Span, Text: "first given here"}}
			d.Help = "keep one of the two"
			continue
		}
		seen[key.Text] = key
		n.Entries = append(n.Entries, &Entry{Key: key, Value: value})
	}
	n.Span = t.span(start, t.endOfFlow(start, end, '{', '}'))
	return n
}

// keyRefused reports keys that are not plain names.
func (t *tree) keyRefused(key *Node, y *yaml.Node) bool {
	switch {
	case key.Kind == Map || key.Kind == List:
		t.diags.Errorf(CodeSyntax, key.Span, "a key must be a name, this is %s", key.Kind).Help =
			"text that holds brackets or braces needs quotes"
		return true
	case key.Kind == Scalar && key.Text == "<<" && !key.Quoted:
		t.refuse(key.Span, "a merge key")
		return true
	case y.Kind == yaml.AliasNode:
		return true // reported
	case key.Kind == Null:
		// `null:` and `~:` are names like any other; only nothing is not.
		key.Kind, key.Text = Scalar, y.Value
		if y.Value == "" {
			t.diags.Errorf(CodeSyntax, key.Span, "a value without a key").Help = "write `name: value`"
			return true
		}
	}
	return false
}

func (t *tree) sequence(y *yaml.Node, start int) *Node {
	n := &Node{Kind: List, Flow: y.Style&yaml.FlowStyle != 0}
	end := start + 1
	for i := 0; i < len(y.Content); i++ {
		item := t.node(y.Content[i], t.span(start, min(start+1, len(t.file.Text))))
		if y.Content[i].Kind == yaml.AliasNode {
			end = max(end, item.Span.End)
			continue
		}
		for n.Flow && i+1 < len(y.Content) && open(item) {
			i++
			item = t.join(item, t.node(y.Content[i], item.Span))
		}
		item.Flow = item.Flow || n.Flow
		end = max(end, item.Span.End)
		n.Items = append(n.Items, item)
	}
	n.Span = t.span(start, min(t.endOfFlow(start, end, '[', ']'), len(t.file.Text)))
	return n
}

// open reports whether an unquoted text has a parenthesis to be closed.
func open(n *Node) bool {
	if n.Kind != Scalar || n.Quoted {
		return false
	}
	depth, quoted := 0, false
	for i := 0; i < len(n.Text); i++ {
		switch c := n.Text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		}
	}
	return depth > 0
}

// join makes one scalar of two that a comma inside parentheses has parted.
func (t *tree) join(a, b *Node) *Node {
	span := a.Span.To(b.Span)
	return &Node{Kind: Scalar, Span: span, Text: span.Text(), Flow: true}
}

func (t *tree) refuse(span source.Span, what string) {
	t.diags.Errorf(CodeAlias, span, "%s is not read here", what).Help =
		"write the value out; what stands in a file is what holds"
}
