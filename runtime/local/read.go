package local

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/text"
	"github.com/segql/segql/compiler/value"
)

// read reads a JSON value as a column, by the rules by which cells of files
// are read; ok is false when it does not fit, which makes it missing and
// counted.
func read(cal *calendar.Calendar, doc string, n *node, c *ir.ColumnDef) (v value.Value, ok bool) {
	r := reader{cal, doc, c}
	v, ok = r.typed(n, c.Type)
	if !ok || v.IsMissing() {
		return value.Value{}, ok
	}
	switch {
	case len(c.Type.Values) > 0 && !slices.Contains(c.Type.Values, v.S),
		c.Min != nil && value.Compare(v, *c.Min) < 0,
		c.Max != nil && value.Compare(v, *c.Max) > 0:
		return value.Value{}, false
	}
	return v, true
}

type reader struct {
	cal *calendar.Calendar
	doc string
	col *ir.ColumnDef
}

func (r reader) typed(n *node, t value.Type) (value.Value, bool) {
	if n.kind == nullNode {
		return value.Value{}, true
	}
	switch t.Kind {
	case value.JSON:
		return r.json(n)
	case value.List:
		return r.list(n, t)
	case value.Record:
		return r.record(n, t)
	case value.Text:
		if n.kind == arrayNode || n.kind == objectNode {
			return value.Value{}, false
		}
		return r.text(n.text), true
	}
	if n.kind == arrayNode || n.kind == objectNode {
		return value.Value{}, false
	}
	return r.scalar(n, t)
}

func (r reader) scalar(n *node, t value.Type) (value.Value, bool) {
	cell := n.text
	if n.kind == numberNode && strings.ContainsAny(cell, "eE") && t.Exact() {
		var ok bool
		if cell, ok = plainNumber(cell); !ok {
			return value.Value{}, false
		}
	}
	v, ok := value.Parse(t, cell)
	switch {
	case v.Kind == value.Time && t.Kind == value.Wall:
		v = value.NewWall(r.cal.Wall(v.I))
	case v.Kind == value.Wall && t.Kind == value.Time:
		v = value.NewTime(r.cal.Instant(v.I))
	}
	return v, ok
}

// plainNumber writes a number without its exponent, which must be one that
// exact numbers can have.
func plainNumber(cell string) (string, bool) {
	i := strings.IndexAny(cell, "eE")
	exponent, err := strconv.Atoi(cell[i+1:])
	if err != nil || exponent < -value.MaxPrec || exponent > value.MaxPrec || i > 2*value.MaxPrec {
		return "", false
	}
	q, ok := new(big.Rat).SetString(cell)
	if !ok {
		return "", false
	}
	return q.FloatString(3 * value.MaxPrec), true
}

func (r reader) text(s string) value.Value {
	if r.col.Trim {
		s = strings.Trim(s, value.Blank)
	}
	if !ascii(s) {
		s = text.NFC(s)
	}
	if r.col.EmptyMissing && s == "" {
		return value.Value{}
	}
	return value.NewText(s)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// list reads element by element; elements that do not fit are left out.
func (r reader) list(n *node, t value.Type) (value.Value, bool) {
	switch {
	case n.kind == stringNode && r.col.Separator != "":
		var items []node
		for _, s := range strings.Split(n.text, r.col.Separator) {
			if s = strings.Trim(s, value.Blank); s != "" {
				items = append(items, node{kind: stringNode, text: s})
			}
		}
		n = &node{kind: arrayNode, items: items}
	case n.kind == stringNode:
		inner, err := parseJSON(n.text)
		if err != nil {
			return value.Value{}, false
		}
		r.doc, n = n.text, &inner
	}
	if n.kind != arrayNode {
		return value.Value{}, false
	}
	out := []value.Value{}
	for i := range n.items {
		if v, ok := r.typed(&n.items[i], *t.Elem); ok && !v.IsMissing() {
			out = append(out, v)
		}
	}
	return value.NewList(out...), true
}

func (r reader) record(n *node, t value.Type) (value.Value, bool) {
	if n.kind == stringNode {
		inner, err := parseJSON(n.text)
		if err != nil {
			return value.Value{}, false
		}
		r.doc, n = n.text, &inner
	}
	if n.kind != objectNode {
		return value.Value{}, false
	}
	fields := make([]value.Value, len(t.Fields))
	for i, f := range t.Fields {
		for j := range n.members {
			if strings.EqualFold(n.members[j].name, f.Name) {
				fields[i], _ = r.typed(&n.members[j].node, f.Type)
			}
		}
	}
	return value.NewRecord(fields...), true
}

// json keeps a part of the document as it is written; a text must hold one.
func (r reader) json(n *node) (value.Value, bool) {
	if n.kind != stringNode {
		return value.Value{Kind: value.JSON, S: r.doc[n.pos:n.end]}, true
	}
	if _, err := parseJSON(n.text); err != nil {
		return value.Value{}, false
	}
	return value.Value{Kind: value.JSON, S: n.text}, true
}
