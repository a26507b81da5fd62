package testform

import (
	"fmt"
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
)

// shape is how rows of a relation are written.
type shape struct {
	columns map[string]*column
	names   []string          // of the columns that can be given
	refused map[string]string // names that cannot, and why
	also    map[string]string // names of the source, and what the catalog calls them
}

// column is what a name stands for: a column of the source, which the catalog
// may read as several columns of the language.
type column struct {
	def  *ir.ColumnDef
	also []*ir.ColumnDef
	// lat and lon are the columns of the two numbers of a place.
	lat, lon []*ir.ColumnDef
}

func (c *checker) shape(rel *ir.Relation) *shape {
	if s := c.shapes[rel]; s != nil {
		return s
	}
	s := &shape{columns: map[string]*column{}, refused: map[string]string{}, also: map[string]string{}}
	c.shapes[rel] = s
	byRaw := map[string][]*ir.ColumnDef{}
	for _, col := range rel.Columns {
		if col.Raw != "" {
			byRaw[col.Raw] = append(byRaw[col.Raw], col)
		}
	}
	place := map[*ir.ColumnDef]bool{}
	for _, col := range rel.Columns {
		switch {
		case col.Internal:
		case col.LatCol != nil:
			s.add(col.Name, &column{def: col, lat: byRaw[col.LatCol.Raw], lon: byRaw[col.LonCol.Raw]})
			place[col.LatCol], place[col.LonCol] = true, true
		case col.Raw != "":
			s.add(col.Name, &column{def: col, also: without(byRaw[col.Raw], col)})
		default:
			s.refused[col.Name] = "the catalog computes it from other columns: give those"
		}
	}
	for _, col := range rel.Columns { // such as the keys of lookups
		if col.Raw == "" || s.columns[col.Raw] != nil || place[col] {
			continue
		}
		if named := first(byRaw[col.Raw]); named != nil {
			s.also[col.Raw] = named.Name
		} else {
			s.add(col.Raw, &column{def: col, also: without(byRaw[col.Raw], col)})
		}
	}
	slices.Sort(s.names)
	return s
}

func (s *shape) add(name string, c *column) {
	s.columns[name] = c
	s.names = append(s.names, name)
}

func without(all []*ir.ColumnDef, one *ir.ColumnDef) []*ir.ColumnDef {
	return slices.DeleteFunc(slices.Clone(all), func(c *ir.ColumnDef) bool { return c == one })
}

// first is the column that has a name in the language.
func first(all []*ir.ColumnDef) *ir.ColumnDef {
	for _, c := range all {
		if !c.Internal {
			return c
		}
	}
	return nil
}

// table reads the rows of one relation.
func (c *checker) table(at *Instant, t *Table) {
	rel := c.p.Relation(t.Relation.Text)
	if rel == nil {
		var names []string
		for _, r := range c.p.Relations {
			if r.Source != nil {
				names = append(names, r.Name)
			}
		}
		c.unknown(t.Relation, "entity or fact", names)
		return
	}
	if rel.Source == nil {
		c.derived(rel, t.Relation)
		return
	}
	here := map[string]*Row{} // keys of this step
	for _, row := range t.Rows {
		record, ok := c.row(rel, row)
		if !ok && rel.Key != nil && record[rel.Key].IsMissing() {
			c.blind[rel] = true // its key may be any
		}
		c.place(at, rel, placed{row, record, here})
	}
}

func (c *checker) derived(rel *ir.Relation, t Text) {
	d := c.diags.Errorf(codeName, t.At, "%s has no rows of its own", rel.Name)
	switch {
	case len(rel.Universe) > 0:
		d.Help = "its rows are the keys that others name: give rows of " + rel.Universe[0].Rel.Name
	default:
		from := rel
		for from.From != nil {
			from = from.From
		}
		d.Help = "the catalog makes them of the rows of " + from.Name + ": give those"
	}
}

// placed is a row that is to be put among the others; here are the keys that
// the step at hand has given.
type placed struct {
	row    *Row
	record ir.Record
	here   map[string]*Row
}

// place adds a row, or puts it in the place of the one with its key.
func (c *checker) place(at *Instant, rel *ir.Relation, p placed) {
	replace := -1
	if key, unique := c.uniqueKey(rel, p.record); unique {
		if other := p.here[key]; other != nil {
			d := c.diags.Errorf(codeRow, p.row.At, "%s has a row with this %s already", rel.Name, rel.Key.Name)
			d.Labels = []diag.Label{{Span: other.At, Text: "the other one"}}
			d.Help = "give it a key of its own; what happens to a customer later stands under `then`"
			return
		}
		p.here[key] = p.row
		if c.keys[rel][key] {
			replace = slices.IndexFunc(at.Data[rel], func(r ir.Record) bool { return value.Key(r[rel.Key]) == key })
		}
	}
	if rel.Key != nil && len(rel.KeyRest) == 0 && !p.record[rel.Key].IsMissing() {
		if c.keys[rel] == nil {
			c.keys[rel] = map[string]bool{}
		}
		c.keys[rel][value.Key(p.record[rel.Key])] = true
	}
	if replace >= 0 {
		at.Data[rel][replace], at.Rows[rel][replace] = p.record, p.row
		return
	}
	at.Data[rel], at.Rows[rel] = append(at.Data[rel], p.record), append(at.Rows[rel], p.row)
}

// uniqueKey is the key of a row of a relation that has one row of each key.
func (c *checker) uniqueKey(rel *ir.Relation, record ir.Record) (string, bool) {
	if !rel.Entity || rel.Dedup != nil || rel.Key == nil || record[rel.Key].IsMissing() {
		return "", false
	}
	return value.Key(record[rel.Key]), true
}

// row reads the cells of a row.
func (c *checker) row(rel *ir.Relation, row *Row) (ir.Record, bool) {
	s, record, ok := c.shape(rel), ir.Record{}, true
	for _, cell := range row.Cells {
		col := s.columns[cell.Column.Text]
		if col == nil {
			c.noColumn(rel, s, cell.Column)
			ok = false
			continue
		}
		ok = c.cell(record, col, cell) && ok
	}
	return record, ok && c.whole(rel, row, record)
}

func (c *checker) noColumn(rel *ir.Relation, s *shape, t Text) {
	if why := s.refused[t.Text]; why != "" {
		c.diags.Errorf(codeColumn, t.At, "a row of %s cannot give `%s`", rel.Name, t.Text).Help = why
		return
	}
	d := c.diags.Errorf(codeColumn, t.At, "%s has no column `%s`", rel.Name, t.Text)
	if name := s.also[t.Text]; name != "" {
		d.Help = "the catalog calls it `" + name + "`"
		d.Edits = []diag.Edit{{Span: t.At, Text: name}}
		return
	}
	c.offer(d, t, s.names)
}

// cell reads one value into all columns that are made of it.
func (c *checker) cell(record ir.Record, col *column, cell Cell) bool {
	def := col.def
	v, problem := c.typed(def, def.Type, cell.Value)
	if problem.reason != "" {
		c.report(problem, cell.Value.At, fmt.Sprintf("%s is %s", cell.Column.Text, typeName(def.Type)))
		return false
	}
	if def.LatCol != nil {
		c.others(record, col.lat, cell.Value.Items[0])
		c.others(record, col.lon, cell.Value.Items[1])
		return true
	}
	if !v.IsMissing() {
		record[def] = v
	}
	c.others(record, col.also, cell.Value)
	return true
}

// others reads a value as the other columns that are made of it. What does not
// fit one of them is missing there, as it is in data.
func (c *checker) others(record ir.Record, columns []*ir.ColumnDef, v Value) {
	for _, col := range columns {
		if x, problem := c.typed(col, col.Type, v); problem.reason == "" && !x.IsMissing() {
			record[col] = x
		}
	}
}

// whole reports rows that could never count: without key, owner or time.
func (c *checker) whole(rel *ir.Relation, row *Row, record ir.Record) bool {
	need := func(col *ir.ColumnDef, why string) bool {
		if col == nil || col.Raw == "" || !record[col].IsMissing() {
			return true
		}
		name := col.Name
		if col.Internal {
			name = col.Raw
		}
		c.diags.Errorf(codeRow, row.At, "this row of %s has no `%s`, %s", rel.Name, name, why).Help = "add it; rows without are left out of every run"
		return false
	}
	ok := true
	if rel.Entity {
		ok = need(rel.Key, "the key by which it is known")
	}
	if rel.Owner != nil {
		ok = need(columnOf(rel.Owner.By), "so it belongs to no "+rel.Owner.To.Name) && ok
	}
	return need(rel.Time, "the time when it happened") && ok
}

// columnOf is the column that an expression is, nil when it is computed.
func columnOf(x ir.Expr) *ir.ColumnDef {
	if col, ok := x.(*ir.Column); ok {
		return col.Col
	}
	return nil
}

// owners warns of rows that belong to nobody at any instant of the test.
func (c *checker) owners() {
	last := c.k.Instants[len(c.k.Instants)-1]
	for _, rel := range c.p.Relations {
		if rel.Owner == nil || rel.Source == nil || columnOf(rel.Owner.By) == nil {
			continue
		}
		to, by := sourceOf(rel.Owner.To), columnOf(rel.Owner.By)
		if to == nil || c.blind[to] || to.Key == nil || to.Key.Raw == "" {
			continue
		}
		for i, record := range last.Data[rel] {
			key := record[by]
			if key.IsMissing() || c.keys[to][value.Key(key)] {
				continue
			}
			d := c.diags.Warnf(codeLost, last.Rows[rel][i].At, "this row of %s belongs to no row of %s: none has the %s %s", rel.Name, to.Name, to.Key.Name, value.Key(key))
			d.Help = "rows of unknown owners are left out of every run; give a row of " + to.Name + " with that key, or correct the key"
		}
	}
}
