package local

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// node is a JSON value and where it stands, so that a mistake can be shown.
type node struct {
	kind    nodeKind
	pos     int    // byte of the document
	end     int    // after it
	text    string // string: unquoted; number, literal: as written
	members []member
	items   []node
}

type member struct {
	name string
	pos  int
	node node
}

type nodeKind uint8

const (
	nullNode nodeKind = iota
	boolNode
	numberNode
	stringNode
	arrayNode
	objectNode
)

func (k nodeKind) String() string {
	return [...]string{"null", "true or false", "a number", "a text", "a list", "an object"}[k]
}

// syntaxError is what is wrong with a document and where.
type syntaxError struct {
	pos    int
	reason string
}

func (e *syntaxError) Error() string { return e.reason }

// maxDepth is how deep documents nest.
const maxDepth = 100

// parser reads one JSON document (RFC 8259). It is its own because
// encoding/json says neither where a value stands nor that a name is twice.
type parser struct {
	text  string
	pos   int
	depth int
	nodes *nodes
}

// nodes are the memory of a document's tree, for one document after the other:
// what an object or list holds is gathered on top of the open ones and, when it
// has ended, moved to where it stays.
type nodes struct {
	members, openMembers []member
	items, openItems     []node
}

// keptNodes is how much of the memory is kept: one huge document must not hold
// on to it for good.
const keptNodes = 1 << 16

func (n *nodes) reset() {
	if cap(n.members) > keptNodes || cap(n.items) > keptNodes {
		*n = nodes{}
	}
	n.members, n.openMembers = n.members[:0], n.openMembers[:0]
	n.items, n.openItems = n.items[:0], n.openItems[:0]
}

// ended moves what is open from mark on to its place.
func ended[T any](kept, open *[]T, mark int) []T {
	start := len(*kept)
	*kept = append(*kept, (*open)[mark:]...)
	*open = (*open)[:mark]
	return (*kept)[start:len(*kept):len(*kept)]
}

// parseJSON reads a document that must hold one value.
func parseJSON(text string) (node, *syntaxError) { return parseInto(&nodes{}, text) }

// parseInto is parseJSON with memory of an earlier document, whose tree is lost.
func parseInto(memory *nodes, text string) (n node, err *syntaxError) {
	memory.reset()
	p := &parser{text: text, nodes: memory}
	defer func() {
		if r := recover(); r != nil {
			fault, ok := r.(*syntaxError)
			if !ok {
				panic(r)
			}
			err = fault
		}
	}()
	n = p.value()
	p.space()
	if p.pos < len(text) {
		p.fail("the document has ended before %q", rest(text[p.pos:]))
	}
	return n, nil
}

func rest(s string) string {
	if len(s) > 12 {
		cut := 12
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		return s[:cut] + "…"
	}
	return s
}

func (p *parser) fail(format string, args ...any) {
	panic(&syntaxError{p.pos, fmt.Sprintf(format, args...)})
}

func (p *parser) space() {
	for p.pos < len(p.text) {
		switch p.text[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *parser) value() node {
	p.space()
	if p.pos == len(p.text) {
		p.fail("the document ends where a value should be")
	}
	n := node{pos: p.pos}
	switch c := p.text[p.pos]; {
	case c == '{':
		n.kind, n.members = objectNode, p.object()
	case c == '[':
		n.kind, n.items = arrayNode, p.array()
	case c == '"':
		n.kind, n.text = stringNode, p.string()
	case c == '-' || c >= '0' && c <= '9':
		n.kind, n.text = numberNode, p.number()
	default:
		n.kind, n.text = p.word()
	}
	n.end = p.pos
	return n
}

func (p *parser) enter() {
	p.pos++
	if p.depth++; p.depth > maxDepth {
		p.fail("values nest deeper than %d", maxDepth)
	}
}

// next reports whether another element follows, after a comma but for the
// first.
func (p *parser) next(first bool, closing byte) bool {
	p.space()
	if p.pos == len(p.text) {
		p.fail("the document ends before %q", closing)
	}
	switch c := p.text[p.pos]; {
	case c == closing:
		p.pos++
		p.depth--
		return false
	case first:
		return true
	case c != ',':
		p.fail("%q stands where a comma or %q should be", rest(p.text[p.pos:]), closing)
	}
	p.pos++
	p.space()
	return true
}

func (p *parser) object() []member {
	p.enter()
	mark := len(p.nodes.openMembers)
	for first := true; p.next(first, '}'); first = false {
		if p.pos == len(p.text) || p.text[p.pos] != '"' {
			p.fail("a name in double quotes should stand before %q", rest(p.text[p.pos:]))
		}
		m := member{pos: p.pos}
		m.name = p.string()
		for _, other := range p.nodes.openMembers[mark:] {
			if other.name == m.name {
				p.pos = m.pos
				p.fail("%q is there twice", m.name)
			}
		}
		p.space()
		if p.pos == len(p.text) || p.text[p.pos] != ':' {
			p.fail("a colon should follow %q", m.name)
		}
		p.pos++
		m.node = p.value()
		p.nodes.openMembers = append(p.nodes.openMembers, m)
	}
	return ended(&p.nodes.members, &p.nodes.openMembers, mark)
}

func (p *parser) array() []node {
	p.enter()
	mark := len(p.nodes.openItems)
	for first := true; p.next(first, ']'); first = false {
		item := p.value()
		p.nodes.openItems = append(p.nodes.openItems, item)
	}
	return ended(&p.nodes.items, &p.nodes.openItems, mark)
}

// string reads a text in quotes; one without escapes is not copied.
func (p *parser) string() string {
	start := p.pos
	p.pos++
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == '"':
			p.pos++
			s := p.text[start+1 : p.pos-1]
			if !utf8.ValidString(s) {
				p.pos = start
				p.fail("the text is not UTF-8")
			}
			return s
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			p.fail("a text holds a control character or does not end on its line")
		default:
			p.pos++
		}
	}
	p.pos = start
	p.fail("the text does not end")
	return ""
}

func (p *parser) escaped(start int) string {
	for p.pos < len(p.text) && p.text[p.pos] != '"' {
		if p.text[p.pos] == '\\' {
			p.pos++
		}
		p.pos++
	}
	if p.pos >= len(p.text) {
		p.pos = start
		p.fail("the text does not end")
	}
	p.pos++
	var s string
	if err := json.Unmarshal([]byte(p.text[start:p.pos]), &s); err != nil || !utf8.ValidString(p.text[start:p.pos]) {
		p.pos = start
		p.fail("the text has an escape or character that JSON does not know")
	}
	return s
}

func (p *parser) number() string {
	start := p.pos
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
			p.pos++
			continue
		}
		break
	}
	s := p.text[start:p.pos]
	if !validNumber(s) {
		p.pos = start
		p.fail("%s is not a number as JSON writes it", s)
	}
	return s
}

// validNumber reports whether s is a number: -? (0 | [1-9][0-9]*) (. [0-9]+)?
// ([eE] [+-]? [0-9]+)?.
func validNumber(s string) bool {
	digits := func() bool {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n > 0
	}
	s = strings.TrimPrefix(s, "-")
	if strings.HasPrefix(s, "0") {
		s = s[1:]
	} else if !digits() {
		return false
	}
	if strings.HasPrefix(s, ".") {
		if s = s[1:]; !digits() {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		if s = s[1:]; s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if !digits() {
			return false
		}
	}
	return s == ""
}

func (p *parser) word() (nodeKind, string) {
	for _, w := range [...]struct {
		text string
		kind nodeKind
	}{{"null", nullNode}, {"true", boolNode}, {"false", boolNode}} {
		if strings.HasPrefix(p.text[p.pos:], w.text) {
			p.pos += len(w.text)
			return w.kind, w.text
		}
	}
	p.fail("%q is no value; texts stand in double quotes", rest(p.text[p.pos:]))
	return nullNode, ""
}
