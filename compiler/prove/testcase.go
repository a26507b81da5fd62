package prove

import (
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/value"
)

// Membership says of a segment whether the customer of a witness is in it.
type Membership struct {
	Segment *ir.Segment
	In      bool
}

// Test writes the witness as a test of the project given to New, which
// expects the memberships.
func (w *Witness) Test(p *ir.Project, name string, of []Membership) *testform.Test {
	step := &testform.Step{AsOf: testform.Text{Text: instantText(p, w.AsOf)}}
	for _, rel := range p.Relations {
		if len(w.Data[rel]) == 0 {
			continue
		}
		t := &testform.Table{Relation: testform.Text{Text: rel.Name}}
		for _, r := range w.Data[rel] {
			t.Rows = append(t.Rows, rowOf(rel, r))
		}
		step.Tables = append(step.Tables, t)
	}
	for _, m := range of {
		x := &testform.Expect{Segment: testform.Text{Text: m.Segment.Name}}
		key := testform.Text{Text: value.Key(w.Key)}
		if m.In {
			x.In = []testform.Text{key}
		} else {
			x.NotIn = []testform.Text{key}
		}
		step.Expects = append(step.Expects, x)
	}
	return &testform.Test{Name: testform.Text{Text: name}, Steps: []*testform.Step{step}}
}

// instantText writes an instant as it is read: a day where it is its start.
func instantText(p *ir.Project, at int64) string {
	text := value.NewWall(p.Calendar.Wall(at)).String()
	for _, short := range []string{text[:10], text[:min(len(text), 16)], text} {
		if back, err := p.Calendar.ParseInstant(short); err == nil && back == at {
			return short
		}
	}
	return value.NewTime(at).String()
}

// rowOf writes the cells of a row by the names that a test gives them: each
// cell of the source once, in the order of the catalog.
func rowOf(rel *ir.Relation, r ir.Record) *testform.Row {
	row := &testform.Row{}
	put := func(name string, v testform.Value) {
		row.Cells = append(row.Cells, testform.Cell{Column: testform.Text{Text: name}, Value: v})
	}
	given := map[string]bool{} // by column of the source
	for _, c := range rel.Columns {
		if c.LatCol == nil || r[c.LatCol].IsMissing() || r[c.LonCol].IsMissing() {
			continue
		}
		given[c.LatCol.Raw], given[c.LonCol.Raw] = true, true
		put(c.Name, testform.Value{Kind: testform.List, Items: []testform.Value{written(c.LatCol.Type, r[c.LatCol]), written(c.LonCol.Type, r[c.LonCol])}})
	}
	for _, internal := range []bool{false, true} {
		for _, c := range rel.Columns {
			if c.Internal != internal || c.Raw == "" || given[c.Raw] || r[c].IsMissing() {
				continue
			}
			given[c.Raw] = true
			put(nameOf(rel, c), written(c.Type, r[c]))
		}
	}
	slices.SortStableFunc(row.Cells, func(a, b testform.Cell) int { return rank(rel, a) - rank(rel, b) })
	return row
}

// nameOf is the name of the first column with a name that reads the same cell.
func nameOf(rel *ir.Relation, c *ir.ColumnDef) string {
	for _, o := range rel.Columns {
		if o.Raw == c.Raw && !o.Internal {
			return o.Name
		}
	}
	return c.Raw
}

// rank puts the key first, then the owner, then the columns in their order.
func rank(rel *ir.Relation, c testform.Cell) int {
	name := c.Column.Text
	if rel.Key != nil && name == nameOf(rel, rel.Key) {
		return -2
	}
	if rel.Owner != nil {
		if by, ok := rel.Owner.By.(*ir.Column); ok && name == nameOf(rel, by.Col) {
			return -1
		}
	}
	return slices.IndexFunc(rel.Columns, func(o *ir.ColumnDef) bool { return o.Name == name || o.Raw == name })
}

// written is a value as a test has it.
func written(t value.Type, v value.Value) testform.Value {
	switch t.Kind {
	case value.List:
		out := testform.Value{Kind: testform.List}
		for _, item := range v.L {
			out.Items = append(out.Items, written(*t.Elem, item))
		}
		return out
	case value.Record:
		out := testform.Value{Kind: testform.Record}
		for i, f := range t.Fields {
			if !v.L[i].IsMissing() {
				out.Fields = append(out.Fields, testform.Cell{Column: testform.Text{Text: f.Name}, Value: written(f.Type, v.L[i])})
			}
		}
		return out
	default:
		return testform.Value{Text: v.Short()}
	}
}

// In asks ir.Eval of which segments the customer of the witness is a member.
func (w *Witness) In(p *ir.Project, segments []*ir.Segment) []Membership {
	xs := []ir.Expr{&ir.Column{Col: w.Entity.Key}}
	for _, s := range segments {
		xs = append(xs, &ir.Member{Seg: s})
	}
	rows, err := ir.Start(p, w.AsOf, ir.Input{Data: w.Data}).Values(w.Entity, xs)
	if err != nil {
		return nil
	}
	var out []Membership
	for _, row := range rows {
		if value.Equal(row[0], w.Key) {
			for i, s := range segments {
				out = append(out, Membership{s, row[i+1].True()})
			}
		}
	}
	return out
}
