package check

import (
	"encoding/csv"
	"fmt"
	"sort"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

type paramDecl struct {
	decl    *ast.Param
	value   *ir.Const
	percent bool
}

// declareParam reads the literal of a param, or its override.
func (c *checker) declareParam(d *ast.Param) {
	v, percent := c.paramValue(d.Value)
	if v == nil {
		return
	}
	p := &paramDecl{decl: d, value: v, percent: percent}
	if text, ok := c.in.Set[d.Name.Name]; ok {
		c.override(p, text)
	}
	c.params[d.Name.Name] = p
}

func (c *checker) paramValue(e ast.Expr) (*ir.Const, bool) {
	negative := false
	if n, ok := e.(*ast.Neg); ok {
		e, negative = n.X, true
	}
	var k *ir.Const
	percent := false
	switch e := e.(type) {
	case *ast.Bool, *ast.Date, *ast.Text, *ast.Time:
		k = c.literal(e)
	case *ast.Duration:
		if v, ok := c.durationValue(e); ok && !e.Ago {
			k = &ir.Const{Loc: loc(e), V: v, T: value.Of(value.Duration)}
		}
	case *ast.Number:
		k, percent = c.number(e), e.Percent
	}
	if k == nil || negative && !k.T.Numeric() {
		c.diags.Errorf(badParam, e.Span(), "a param is one literal").
			Help = `as in: param min_spend = 5_000_000, param city = "Huế", param lookback = 90 days`
		return nil, false
	}
	if negative {
		k.V, _ = value.Neg(k.V)
	}
	return k, percent
}

// override puts a value given from outside in the place of the declared one.
func (c *checker) override(p *paramDecl, text string) {
	name := p.decl.Name.Name
	file := source.New("--set "+name, text)
	e, diags := syntax.ParseExpr(file, 0, len(text))
	if diags.HasErrors() || e == nil {
		// A bare word is text when text is what the param holds.
		if p.value.T.Kind != value.Text {
			c.diags.Errorf(badParam, source.Span{File: file, End: len(text)}, "%q is not a value for %s", text, name).
				Help = "give a literal of the same kind as in the definition, " + p.decl.Value.Span().Text()
			return
		}
	}
	if p.value.T.Kind == value.Text {
		if t, ok := e.(*ast.Text); ok {
			text = t.Value
		}
		p.value = &ir.Const{Loc: p.value.Loc, V: value.NewText(text), T: p.value.T}
		return
	}
	k, percent := c.paramValue(e)
	if k == nil {
		return
	}
	if k.T.Kind != p.value.T.Kind && !(k.T.Numeric() && p.value.T.Numeric()) || percent != p.percent {
		c.diags.Errorf(badParam, source.Span{File: file, End: len(text)}, "%s is %s, the param %s holds %s", text, article(k.T), name, article(p.value.T)).
			Help = "give a literal of the same kind as in the definition, " + p.decl.Value.Span().Text()
		return
	}
	p.value = k
}

// checkSet refuses overrides of params that do not exist.
func (c *checker) checkSet() {
	for _, name := range sortedKeys(c.in.Set) {
		if c.params[name] != nil {
			continue
		}
		file := source.New("--set "+name, c.in.Set[name])
		d := c.diags.Errorf(badParam, source.Span{File: file}, "there is no param %q to set", name)
		if d.Help = didYouMean(name, sortedKeys(c.params)); d.Help == "" {
			d.Help = "params: " + listNames(sortedKeys(c.params))
		}
	}
}

// set reads a literal set for values of type t.
func (c *checker) set(s *ast.Set, t value.Type) *ir.Set {
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

// element reads one literal of a set as a value of type t.
func (c *checker) element(e ast.Expr, t value.Type) (value.Value, bool) {
	var k *ir.Const
	switch e := e.(type) {
	case *ast.Neg:
		if n, ok := e.X.(*ast.Number); ok {
			if k = c.number(n); k != nil {
				k.V, _ = value.Neg(k.V)
			}
		}
	case *ast.Bool, *ast.Date, *ast.Number, *ast.Text, *ast.Time:
		k = c.literal(e)
	default:
		c.diags.Errorf(badList, e.Span(), "a set holds literals only").Help = "write numbers, dates or text in double quotes"
		return value.Value{}, false
	}
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
	if t.Kind == value.Text {
		d.Help = "write it in double quotes"
		d.Edits = []diag.Edit{{Span: e.Span(), Text: fmt.Sprintf("%q", e.Span().Text())}}
	} else {
		d.Help = "all elements have the type of what is looked up"
	}
	return value.Value{}, false
}

// convertible brings a literal's value to a type it is compared with.
func (c *checker) convertible(v value.Value, t value.Type) (value.Value, bool) {
	switch {
	case t.Kind == value.Float && (v.Kind == value.Int || v.Kind == value.Decimal):
		return value.NewFloat(value.ToFloat(v)), true
	case t.Exact() && (v.Kind == value.Int || v.Kind == value.Decimal):
		return v, true
	case t.Kind == value.Wall && v.Kind == value.Time:
		return value.NewWall(c.cal.Wall(v.I)), true
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

// numberFor widens X for a set of floats.
func numberFor(x ir.Expr, _ *ir.Set) ir.Expr { return x }

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

// checkList reads the file of a list even when nothing uses it.
func (c *checker) checkList(l *listDecl) {
	if l.decl.From == nil || l.read {
		return
	}
	l.read = true
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
}

// listCells reads the cells of a list: a CSV column, or one value a line.
func (c *checker) listCells(l *listDecl, file *source.File) ([]cell, bool) {
	if l.decl.Column == nil && !strings.HasSuffix(file.Name, ".csv") {
		return lineCells(file), true
	}
	r := csv.NewReader(strings.NewReader(file.Text))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		c.diags.Errorf(badList, l.decl.From.Loc, "%s is not a readable CSV file: %v", file.Name, err).Help = "the first line names the columns"
		return nil, false
	}
	col := 0
	if l.decl.Column != nil {
		if col = indexOf(rows[0], l.decl.Column.Name); col < 0 {
			d := c.diags.Errorf(badList, l.decl.Column.Loc, "%s has no column %q", file.Name, l.decl.Column.Name)
			if suggestName(d, l.decl.Column.Loc, l.decl.Column.Name, rows[0]); d.Help == "" {
				d.Help = "its columns: " + listNames(rows[0])
			}
			return nil, false
		}
	} else if len(rows[0]) > 1 {
		c.diags.Errorf(badList, l.decl.From.Loc, "%s has several columns", file.Name).
			Help = `name one: list ` + l.decl.Name.Name + ` from "` + l.decl.From.Value + `" column ` + rows[0][0]
		return nil, false
	}
	var cells []cell
	for i, row := range rows[1:] {
		if col < len(row) && row[col] != "" {
			start := file.Offset(i+2, 1)
			cells = append(cells, cell{row[col], source.Span{File: file, Start: start, End: start}})
		}
	}
	return cells, true
}

func indexOf(names []string, name string) int {
	for i, n := range names {
		if strings.TrimPrefix(n, "\ufeff") == name {
			return i
		}
	}
	return -1
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

// listFor reads a named list as values of type t.
func (c *checker) listFor(l *listDecl, t value.Type, use source.Span) *ir.Set {
	if l.decl.Set != nil {
		s := c.set(l.decl.Set, t)
		if s != nil {
			s.Name = l.decl.Name.Name
		}
		return s
	}
	c.checkList(l)
	if !l.ok {
		return nil
	}
	out := &ir.Set{Name: l.decl.Name.Name}
	for _, cell := range l.texts {
		v, ok := value.Parse(t, cell.text)
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
