package testform

import (
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/yamlform"
)

// Format writes tests as a file in its canonical form: one as a map, several as
// a list.
func Format(tests []*Test) string {
	file := source.New("", written(tests))
	root, _ := yamltree.Parse(file)
	return yamlform.Lay(file, root, style)
}

func written(tests []*Test) string {
	w := &writer{}
	if len(tests) == 1 {
		w.test(tests[0], "", "")
		return w.b.String()
	}
	for i, t := range tests {
		if i > 0 {
			w.b.WriteByte('\n')
		}
		w.test(t, "- ", "  ")
	}
	return w.b.String()
}

type writer struct{ b strings.Builder }

func (w *writer) line(parts ...string) {
	for _, p := range parts {
		w.b.WriteString(p)
	}
	w.b.WriteByte('\n')
}

// test writes one test; first stands before its first line, indent before the
// others.
func (w *writer) test(t *Test, first, indent string) {
	w.comment(strings.Repeat(" ", len(indent)-len(first)), t.Comment)
	w.line(first, "test: ", block(t.Name.Text))
	for i, s := range t.Steps {
		in := indent
		if i == 1 {
			w.line(indent, "then:")
		}
		if i > 0 {
			w.line(indent, "  - as_of: ", yamlform.Cell(s.AsOf.Text))
			in += "    "
		} else {
			w.line(in, "as_of: ", yamlform.Cell(s.AsOf.Text))
			w.set(t, in)
		}
		w.step(s, in)
	}
}

func (w *writer) comment(in string, lines []string) {
	for _, text := range lines {
		w.line(in, strings.TrimRight("# "+text, " "))
	}
}

func (w *writer) set(t *Test, in string) {
	if len(t.Set) == 0 {
		return
	}
	var parts []string
	for _, p := range t.Set {
		parts = append(parts, yamlform.Cell(p.Name.Text)+": "+yamlform.Cell(p.Value.Text))
	}
	w.line(in, "set: {", strings.Join(parts, ", "), "}")
}

func (w *writer) step(s *Step, in string) {
	if len(s.Tables) > 0 {
		w.line(in, "rows:")
	}
	for _, t := range s.Tables {
		w.line(in, "  ", yamlform.Cell(t.Relation.Text), ":")
		for _, row := range t.Rows {
			w.comment(in+"    ", row.Comment)
			w.line(in, "    - ", record(row.Cells))
		}
	}
	if len(s.Expects) > 0 {
		w.line(in, "expect:")
	}
	for _, x := range s.Expects {
		w.line(in, "  ", yamlform.Cell(x.Segment.Text), ": {", strings.Join(expected(x), ", "), "}")
	}
	if len(s.Traits) > 0 {
		w.line(in, "traits:")
	}
	for _, t := range s.Traits {
		var parts []string
		for _, v := range t.Values {
			want := "{is: missing}"
			if !v.Missing {
				want = cell(v.Value)
			}
			parts = append(parts, yamlform.Cell(v.Key.Text)+": "+want)
		}
		w.line(in, "  ", yamlform.Cell(t.Name.Text), ": {", strings.Join(parts, ", "), "}")
	}
}

func expected(x *Expect) (parts []string) {
	add := func(key string, texts []Text) {
		if len(texts) == 0 {
			return
		}
		var keys []string
		for _, t := range texts {
			keys = append(keys, yamlform.Cell(t.Text))
		}
		parts = append(parts, key+": ["+strings.Join(keys, ", ")+"]")
	}
	add("in", x.In)
	add("not in", x.NotIn)
	if x.Size != nil {
		parts = append(parts, "size: "+yamlform.Cell(x.Size.Text))
	}
	add("entered", x.Entered)
	add("left", x.Left)
	return parts
}

func record(cells []Cell) string {
	var parts []string
	for _, c := range cells {
		parts = append(parts, yamlform.Cell(c.Column.Text)+": "+cell(c.Value))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// Show writes a row of a relation on one line, without what the catalog marks
// as personal.
func (r *Row) Show(rel *ir.Relation) string {
	cells := make([]Cell, len(r.Cells))
	for i, c := range r.Cells {
		for _, col := range rel.Columns {
			if col.PII && (col.Name == c.Column.Text || col.Raw == c.Column.Text) {
				c.Value = Value{Text: "…"}
			}
		}
		cells[i] = c
	}
	return record(cells)
}

func cell(v Value) string {
	switch v.Kind {
	case List:
		var parts []string
		for _, item := range v.Items {
			parts = append(parts, cell(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case Record:
		return record(v.Fields)
	case Scalar:
	}
	return yamlform.Cell(v.Text)
}

// block writes a text that has a line to itself.
func block(s string) string {
	if yamlform.Plain(s) {
		return s
	}
	return yamlform.Quote(s)
}
