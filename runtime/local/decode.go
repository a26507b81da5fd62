package local

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// DocumentError is what is wrong with a document. Line and Column count from
// 1, Column in characters; Path names the place, "orders[3].amount".
type DocumentError struct {
	Line, Column int
	Path         string
	Reason, Help string
}

func (e *DocumentError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
	}
	return fmt.Sprintf("line %d, column %d, %s: %s", e.Line, e.Column, e.Path, e.Reason)
}

// Misfit is a value that does not fit its declared type, so that it counts as
// missing.
type Misfit struct {
	Line, Column int
	Path         string
	Text         string     // as written; empty where the catalog says `pii`, which is not shown
	Type         value.Type // that the column has
	// Outside: it is of that type, but outside what the catalog declares with
	// `values`, `min` or `max`.
	Outside bool
}

// Decode reads a customer from a JSON object, in place of what it was: its
// attributes by name, its facts as lists of objects, what lookups lead to as
// objects under the lookup's name. Names are those of the catalog or of the
// source's columns, and a row inside another need not repeat the key that
// links them. What is not there, or null, is missing; so is what does not fit
// its declared type, of which misfit (nil: nobody) is told. Rows of an entity
// may be repeated, the first counts. The error is a *DocumentError.
func (c *Customer) Decode(doc []byte, misfit func(Misfit)) error {
	c.Reset()
	d := &c.decoder
	d.begin(c, string(doc), misfit)
	root, fault := parseInto(&d.nodes, d.doc)
	if fault != nil {
		return d.errorAt(fault.pos, "", fault.reason, "")
	}
	if root.kind != objectNode {
		return d.errorAt(root.pos, "", fmt.Sprintf("a customer is an object, not %s", root.kind), "write one object a line for several customers")
	}
	shape := c.evaluator.shape(c.evaluator.Program.Entity, true)
	key, err := d.row(shape, &root, link{})
	if err != nil {
		return err
	}
	if key.IsMissing() {
		name := c.evaluator.Program.Entity.Key.Name
		return d.errorAt(root.pos, "", fmt.Sprintf("the object has no usable %q", name), fmt.Sprintf("%s is the key of %s", name, c.evaluator.Program.Entity.Name))
	}
	c.key = key
	return nil
}

// decoder reads one document after the other with the memory of a customer.
type decoder struct {
	*Customer
	doc    string
	misfit func(Misfit)
	nodes  nodes
	path   []step
	seen   map[entityRow]bool // those that are there
	// cellStack are the cells of the rows that are being read, inner ones on top.
	cellStack []value.Value
}

// step leads from an object to one inside of it: to a row of a list, or with
// index -1 to the row of a lookup.
type step struct {
	name  string
	index int
}

type entityRow struct {
	rel *ir.Relation
	key string
}

func (d *decoder) begin(c *Customer, doc string, misfit func(Misfit)) {
	clear(d.seen)
	d.Customer, d.doc, d.misfit, d.path, d.cellStack = c, doc, misfit, d.path[:0], d.cellStack[:0]
}

// link is the key of an outer row, for columns of an inner one.
type link struct {
	columns []int
	key     value.Value
}

// row reads an object as a row and gives its key.
func (d *decoder) row(s *shape, n *node, from link) (value.Value, error) {
	below := len(d.cellStack)
	if s.table >= 0 {
		for range d.evaluator.Program.Tables[s.table].Columns {
			d.cellStack = append(d.cellStack, value.Value{})
		}
	}
	values := d.cellStack[below:]
	defer func() { d.cellStack = d.cellStack[:below] }()
	key, within := value.Value{}, false
	for i := range n.members {
		m := &n.members[i]
		t := s.names[m.name]
		switch {
		case t == nil:
			reason, help := s.unknown(m.name)
			return key, d.errorAt(m.pos, m.name, reason, help)
		case t.refused != "":
			return key, d.errorAt(m.pos, m.name, t.refused, "")
		case t.key:
			key = d.universeKey(s, m)
		case t.row != nil:
			if err := d.lookup(t.row, m, values); err != nil {
				return key, err
			}
		case t.rows != nil:
			within = true
		default:
			d.cells(s, t, m, values)
		}
	}
	for _, i := range from.columns {
		if values[i].IsMissing() {
			values[i] = from.key
		}
	}
	if s.key >= 0 {
		key = values[s.key]
	}
	if s.table >= 0 && d.first(s, key) {
		d.rows[s.table].Append(values)
	}
	if !within {
		return key, nil
	}
	return key, d.inner(s, n, key)
}

// first reports whether a row is to be kept: of the rows of an entity that
// are written in several places the first.
func (d *decoder) first(s *shape, key value.Value) bool {
	if !s.rel.Entity || key.IsMissing() {
		return true
	}
	if d.seen == nil {
		d.seen = map[entityRow]bool{}
	}
	id := entityRow{s.rel, value.Key(key)}
	was := d.seen[id]
	d.seen[id] = true
	return !was || s.rel.Dedup != nil
}

// inner reads the rows that are written inside a row.
func (d *decoder) inner(s *shape, n *node, key value.Value) error {
	for i := range n.members {
		m := &n.members[i]
		t := s.names[m.name]
		if t.rows == nil || m.node.kind == nullNode {
			continue
		}
		if m.node.kind != arrayNode {
			return d.errorAt(m.node.pos, m.name, fmt.Sprintf("%s are a list of objects, not %s", m.name, m.node.kind), "")
		}
		shape := d.evaluator.shape(t.rows.rel, false)
		for j := range m.node.items {
			d.path = append(d.path, step{m.name, j})
			item := &m.node.items[j]
			if item.kind != objectNode {
				return d.errorAt(item.pos, "", fmt.Sprintf("a row is an object, not %s", item.kind), "")
			}
			if _, err := d.row(shape, item, link{t.rows.links, key}); err != nil {
				return err
			}
			d.path = d.path[:len(d.path)-1]
		}
	}
	return nil
}

// lookup reads the row that a lookup leads to.
func (d *decoder) lookup(t *nested, m *member, values []value.Value) error {
	switch m.node.kind {
	case nullNode:
		return nil
	case objectNode:
	default:
		return d.errorAt(m.node.pos, m.name, fmt.Sprintf("%s is an object with the columns of %s, not %s", m.name, t.rel.Name, m.node.kind), "")
	}
	d.path = append(d.path, step{m.name, -1})
	key, err := d.row(d.evaluator.shape(t.rel, false), &m.node, link{})
	if err != nil {
		return err
	}
	d.path = d.path[:len(d.path)-1]
	for _, i := range t.links {
		if values[i].IsMissing() {
			values[i] = key
		}
	}
	return nil
}

func (d *decoder) cells(s *shape, t *target, m *member, values []value.Value) {
	table := d.evaluator.Program.Tables[s.table]
	told := false
	for _, i := range t.columns {
		col := table.Columns[i]
		v, ok := read(d.evaluator.Program.Project.Calendar, d.doc, &m.node, col)
		if !ok && !told {
			told = true
			d.report(m, col)
		}
		values[i] = v
	}
}

func (d *decoder) universeKey(s *shape, m *member) value.Value {
	v, ok := read(d.evaluator.Program.Project.Calendar, d.doc, &m.node, s.rel.Key)
	if !ok {
		d.report(m, s.rel.Key)
	}
	return v
}

func (d *decoder) report(m *member, c *ir.ColumnDef) {
	if d.misfit == nil {
		return
	}
	line, column := position(d.doc, m.node.pos)
	text := ""
	if !c.PII {
		text = rest(d.doc[m.node.pos:m.node.end])
	}
	_, fits := reader{d.evaluator.Program.Project.Calendar, d.doc, c}.typed(&m.node, c.Type)
	d.misfit(Misfit{line, column, d.at(m.name), text, c.Type, fits})
}

func (d *decoder) at(name string) string {
	steps := make([]string, len(d.path))
	for i, s := range d.path {
		if steps[i] = s.name; s.index >= 0 {
			steps[i] = fmt.Sprintf("%s[%d]", s.name, s.index)
		}
	}
	path := strings.Join(steps, ".")
	switch {
	case path == "":
		return name
	case name == "":
		return path
	default:
		return path + "." + name
	}
}

func (d *decoder) errorAt(pos int, name, reason, help string) error {
	line, column := position(d.doc, pos)
	return &DocumentError{line, column, d.at(name), reason, help}
}

// position is the line and column of a byte.
func position(doc string, pos int) (line, column int) {
	before := doc[:min(pos, len(doc))]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, len([]rune(before[start:])) + 1
}
