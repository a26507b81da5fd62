package check

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// set reads a literal set for values of type t.
func (c *checker) set(s *ast.Set, t value.Type) *ir.Set {
	if s == nil {
		return nil // a syntax error
	}
	c.scalars(s, t)
	out := &ir.Set{}
	ok := true
	for _, e := range s.Elems {
		v, good := c.element(e, t)
		ok = ok && good
		out.Values = append(out.Values, v)
	}
	if !ok {
		return nil
	}
	out.Values = distinct(out.Values)
	return out
}

// setLiteral reads one literal of a set; nil after an error.
func (c *checker) setLiteral(e ast.Expr) (k *ir.Const) {
	switch e := e.(type) {
	case nil:
		return nil // a syntax error
	case *ast.Bool, *ast.Date, *ast.Number, *ast.Text, *ast.Time:
		k = c.literal(e)
		return k
	case *ast.Neg:
		if n, ok := e.X.(*ast.Number); ok {
			if k = c.number(n); k != nil {
				k.V, _ = value.Neg(k.V)
			}
			return k
		}
	default: // a syntax error
	}
	return nil // a syntax error
}

// element reads one literal of a set as a value of type t.
func (c *checker) element(e ast.Expr, t value.Type) (value.Value, bool) {
	k := c.setLiteral(e)
	if k == nil {
		return value.Value{}, false
	}
	if t.Kind == value.Text && k.T.Kind == value.Text {
		return k.V, c.declared(t, k)
	}
	if v, ok := c.convertible(k.V, t); ok {
		return v, true
	}
	d := c.diags.Errorf(wrongType, e.Span(), "%s is %s; the set is compared with %s", e.Span().Text(), article(k.T), article(t))
	switch {
	case t.Kind == value.Version && k.T.Kind == value.Text:
		d.Message, d.Help = fmt.Sprintf("%s is not a version", e.Span().Text()), versionHelp
	case t.Kind == value.Version:
		d.Help = versionHelp
	case t.Kind == value.Text && len(t.Values) == 0:
		d.Help = "write it in double quotes"
		d.Edits = []diag.Edit{{Span: e.Span(), Text: fmt.Sprintf("%q", e.Span().Text())}}
	case t.Kind == value.Text:
		d.Help = "declared in the catalog: " + listQuoted(t.Values)
	case (t.Kind == value.Time || t.Kind == value.Wall) && k.T.Kind == value.Date:
		d.Help = "a day is a window of time: write `on " + e.Span().Text() + "`"
	default:
		d.Help = "all elements have the type of what is looked up"
	}
	return value.Value{}, false
}

// convertible brings a literal's value to a type it is compared with.
func (c *checker) convertible(v value.Value, t value.Type) (value.Value, bool) {
	switch {
	case t.Kind == value.Version && v.Kind == value.Text:
		return value.NewVersion(v.S)
	case t.Kind == value.Float && (v.Kind == value.Int || v.Kind == value.Decimal):
		return value.NewFloat(value.ToFloat(v)), true
	case t.Exact() && (v.Kind == value.Int || v.Kind == value.Decimal):
		return v, true
	case t.Kind == value.Wall && v.Kind == value.Time:
		return value.NewWall(c.cal.Wall(v.I)), true
	case t.Kind == value.Time && v.Kind == value.Wall:
		return value.NewTime(c.cal.Instant(v.I)), true
	default:
		return v, v.Kind == t.Kind
	}
}

func distinct(vs []value.Value) []value.Value {
	sort.SliceStable(vs, func(i, j int) bool { return value.Compare(vs[i], vs[j]) < 0 })
	out := vs[:0]
	for i, v := range vs {
		if i == 0 || value.Compare(v, out[len(out)-1]) != 0 {
			out = append(out, v)
		}
	}
	return out
}

type listDecl struct {
	decl  *ast.List
	texts []cell // of the file, once read
	read  bool
	ok    bool
}

type cell struct {
	text string
	span source.Span
}

// checkList reads a list even when nothing uses it.
func (c *checker) checkList(l *listDecl) {
	if l.read {
		return
	}
	l.read = true
	if l.decl.From == nil {
		if hasScalars(l.decl.Set) { // of a list that nothing uses
			syntax.GuessSet(l.decl.Set)
		}
		l.ok = c.oneKind(l.decl.Set)
		return
	}
	if c.in.ReadList == nil {
		return
	}
	file, err := c.in.ReadList(l.decl.From.Value)
	if err != nil {
		c.diags.Errorf(badList, l.decl.From.Loc, "the list's file cannot be read: %v", err).
			Help = "the path is relative to the project's folder"
		return
	}
	l.texts, l.ok = c.listCells(l, file)
	if l.ok && len(l.texts) == 0 {
		c.diags.Warnf(emptyList, l.decl.From.Loc, "%s holds no values, so nothing is in %s", file.Name, l.decl.Name.Name).
			Help = "check that the file was written completely"
	}
}

// oneKind checks that the elements of a named list can be compared with one
// another, before anything is compared with them.
func (c *checker) oneKind(s *ast.Set) bool {
	if s == nil || len(s.Elems) == 0 {
		return false // a syntax error
	}
	var first *ir.Const
	for _, e := range s.Elems {
		k := c.setLiteral(e)
		switch {
		case k == nil:
			return false
		case first == nil:
			first = k
		case k.T.Kind != first.T.Kind && !(k.T.Numeric() && first.T.Numeric()):
			d := c.diags.Errorf(badList, e.Span(), "%s is %s; the list began with %s", e.Span().Text(), article(k.T), article(first.T))
			d.Help = "all elements of a list have one type"
			return false
		}
	}
	return true
}

// listCells reads the cells of a list: a CSV column, or one value a line.
func (c *checker) listCells(l *listDecl, file *source.File) ([]cell, bool) {
	if l.decl.Column == nil && !strings.HasSuffix(file.Name, ".csv") {
		return lineCells(file), true
	}
	r := csv.NewReader(strings.NewReader(file.Text))
	r.FieldsPerRecord = -1
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, true
	}
	col, ok := 0, true
	if err == nil {
		col, ok = c.listColumn(l, file, header)
	}
	var cells []cell
	for err == nil && ok {
		var row []string
		if row, err = r.Read(); err == nil && col < len(row) && row[col] != "" {
			line, column := r.FieldPos(col)
			start := file.Offset(line, 1) + column - 1
			if file.Text[start] == '"' {
				start++
			}
			cells = append(cells, cell{row[col], source.Span{File: file, Start: start, End: start + len(row[col])}})
		}
	}
	if ok && !errors.Is(err, io.EOF) {
		c.diags.Errorf(badList, l.decl.From.Loc, "%s is not a readable CSV file: %v", file.Name, err).
			Help = "a quote inside a quoted cell is written twice"
		return nil, false
	}
	return cells, ok
}

// listColumn finds the column that a list is read from.
func (c *checker) listColumn(l *listDecl, file *source.File, header []string) (int, bool) {
	if l.decl.Column == nil {
		if len(header) > 1 {
			c.diags.Errorf(badList, l.decl.From.Loc, "%s has several columns", file.Name).
				Help = `name one: list ` + l.decl.Name.Name + ` from "` + l.decl.From.Value + `" column ` + syntax.QuoteName(header[0])
		}
		return 0, len(header) == 1
	}
	id := l.decl.Column
	col := slices.Index(header, id.Name)
	if col < 0 {
		d := c.diags.Errorf(badList, id.Loc, "%s has no column %q", file.Name, id.Name)
		if suggestName(d, id.Loc, id.Name, header); d.Help == "" {
			d.Help = "its columns: " + listNames(header)
		}
	}
	return col, col >= 0
}

func lineCells(file *source.File) []cell {
	var cells []cell
	for i := 1; i <= file.Lines(); i++ {
		if t := strings.TrimSpace(file.Line(i)); t != "" {
			start := file.Offset(i, 1)
			cells = append(cells, cell{t, source.Span{File: file, Start: start, End: start + len(t)}})
		}
	}
	return cells
}

// listFor reads a named list as values of type t, for the use at a place.
func (c *checker) listFor(l *listDecl, t value.Type, use source.Span) *ir.Set {
	c.scalars(l.decl.Set, t)
	c.checkList(l)
	if !l.ok {
		return nil
	}
	if l.decl.Set != nil {
		if !c.listFits(l, t, use) {
			return nil
		}
		s := c.set(l.decl.Set, t)
		if s != nil {
			s.Name = l.decl.Name.Name
		}
		return s
	}
	out := &ir.Set{Name: l.decl.Name.Name}
	for _, cell := range l.texts {
		v, ok := value.Parse(t, cell.text)
		if ok {
			v, ok = c.convertible(v, t)
		}
		if !ok {
			d := c.diags.Errorf(badList, use, "list %s holds %q, which is not %s", l.decl.Name.Name, cell.text, article(t))
			d.Labels = []diag.Label{{Span: cell.span, Text: "here"}}
			d.Help = "correct the file, or compare the list with another attribute"
			return nil
		}
		out.Values = append(out.Values, v)
	}
	out.Values = distinct(out.Values)
	return out
}

// listFits reports a list of another type at the place that uses it; what is
// wrong with single elements is reported at them.
func (c *checker) listFits(l *listDecl, t value.Type, use source.Span) bool {
	k := c.setLiteral(l.decl.Set.Elems[0])
	if _, ok := c.convertible(k.V, t); ok {
		return true
	}
	d := c.diags.Errorf(wrongType, use, "list %s holds %s; it is compared with %s", l.decl.Name.Name, article(k.T), article(t))
	d.Labels = []diag.Label{{Span: l.decl.Set.Elems[0].Span(), Text: "its first element"}}
	d.Help = "use a list of the type of what is looked up"
	return false
}
