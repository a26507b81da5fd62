package local

import (
	"fmt"
	"sort"

	"github.com/segql/segql/compiler/program"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
)

// Customer is one customer with its rows: those of its own entity, its
// facts, and of whatever else its segments look at. It is for one goroutine
// at a time.
type Customer struct {
	evaluator *Evaluator
	key       value.Value
	rows      []*program.Rows
	buffer    []value.Value
	decoder   decoder
}

// Customer makes an empty one. Reset makes it empty again.
func (e *Evaluator) Customer() *Customer {
	c := &Customer{evaluator: e, rows: make([]*program.Rows, len(e.Program.Tables))}
	for i := range c.rows {
		c.rows[i] = e.Program.Rows(i)
	}
	return c
}

// Reset forgets the customer and keeps the memory.
func (c *Customer) Reset() {
	c.key = value.Value{}
	for _, r := range c.rows {
		r.Reset()
	}
}

// SetKey says which customer it is: the key of its entity.
func (c *Customer) SetKey(key value.Value) { c.key = key }

// Key is the customer's key.
func (c *Customer) Key() value.Value { return c.key }

// Begin loads the customer into a frame of the evaluator's program, for
// whoever wants its features.
func (c *Customer) Begin(f *program.Frame, at *program.Instant) error {
	return f.Begin(at, c.key, c.rows, c.evaluator.options.Budget)
}

// Row is a row by the names of its columns; what is not there is missing.
// Values are of the columns' types.
type Row map[string]value.Value

// Append adds a row to a table: an entity or fact of the catalog that has a
// source, by name. The error says which name there is not, or which value is
// of another type. It gives the table's index in Program.Tables.
func (c *Customer) Append(table string, row Row) (int, error) {
	i, err := c.evaluator.Table(table)
	if err != nil {
		return 0, err
	}
	t := c.evaluator.Program.Tables[i]
	if cap(c.buffer) < len(t.Columns) {
		c.buffer = make([]value.Value, len(t.Columns))
	}
	values := c.buffer[:len(t.Columns)]
	clear(values)
	for j, col := range t.Columns {
		v, ok := row[col.Name]
		if !ok {
			v, ok = row[col.Raw]
		}
		if !ok {
			continue
		}
		if !fitsType(v, col.Type) {
			return 0, fmt.Errorf("%s.%s is %s, not %s", table, col.Name, col.Type, value.Of(v.Kind))
		}
		values[j] = v
	}
	if err := unknownColumn(t, row); err != nil {
		return 0, err
	}
	c.rows[i].Append(values)
	return i, nil
}

// AppendValues adds a row: a value for each of the table's columns
// (Program.Tables), of its type or missing, which is not checked. It is the
// quick way.
func (c *Customer) AppendValues(table int, values []value.Value) { c.rows[table].Append(values) }

// Table is the index of a table in Program.Tables.
func (e *Evaluator) Table(name string) (int, error) {
	i, ok := e.tables[name]
	if ok {
		return i, nil
	}
	var names []string
	for n := range e.tables {
		names = append(names, n)
	}
	sort.Strings(names)
	err := fmt.Sprintf("there is no table %q", name)
	if s := diag.Suggest(name, names); s != "" {
		err += fmt.Sprintf("; did you mean %q?", s)
	}
	return 0, fmt.Errorf("%s", err)
}

func unknownColumn(t *program.Table, row Row) error {
	for name := range row {
		if !hasColumn(t, name) {
			err := fmt.Sprintf("%s has no column %q", t.Relation.Name, name)
			if s := diag.Suggest(name, columnNames(t)); s != "" {
				err += fmt.Sprintf("; did you mean %q?", s)
			}
			return fmt.Errorf("%s", err)
		}
	}
	return nil
}

func hasColumn(t *program.Table, name string) bool {
	for _, c := range t.Columns {
		if c.Name == name && !c.Internal || c.Raw == name {
			return true
		}
	}
	return false
}

func columnNames(t *program.Table) []string {
	var names []string
	for _, c := range t.Columns {
		if !c.Internal {
			names = append(names, c.Name)
		}
		if c.Raw != c.Name {
			names = append(names, c.Raw)
		}
	}
	return names
}

// fitsType reports whether a value is of a type, or missing.
func fitsType(v value.Value, t value.Type) bool {
	if v.IsMissing() {
		return true
	}
	if v.Kind != t.Kind {
		return false
	}
	return t.Kind != value.Decimal || v.Scale == t.Scale && v.D != nil
}
