package testform

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// Values are read by their type from their text. What data may hold and would
// be missing then, such as a text that is no number, is an error here: a test
// that says something else than its author thinks is worse than none.

// problem is why a value does not fit; the zero problem is none.
type problem struct{ reason, help, edit string }

func (c *checker) report(p problem, at source.Span, context string) {
	d := c.diags.Errorf(codeValue, at, "%s", p.reason)
	if d.Help = p.help; d.Help == "" {
		d.Help = context
	}
	if p.edit != "" {
		d.Edits = []diag.Edit{{Span: at, Text: p.edit}}
	}
}

// typed reads a value of a column as a type.
func (c *checker) typed(col *ir.ColumnDef, t value.Type, v Value) (value.Value, problem) {
	switch t.Kind {
	case value.JSON:
		doc, err := json.Marshal(document(v))
		if err != nil {
			panic(err) // maps, lists and texts
		}
		return value.Value{Kind: value.JSON, S: string(doc)}, problem{}
	case value.List:
		return c.list(col, t, v)
	case value.Place:
		return c.point(v)
	case value.Record:
		return c.record(col, t, v)
	}
	if v.Kind != Scalar {
		return value.Value{}, problem{reason: fmt.Sprintf("%s is %s, which is one value", col.Name, typeName(t)), help: "write it without brackets"}
	}
	return c.scalar(col, t, v.Text)
}

// document is a value of a column that holds JSON, whose scalars are texts:
// number(), date() and text() read them.
func document(v Value) any {
	switch v.Kind {
	case List:
		out := []any{}
		for _, item := range v.Items {
			out = append(out, document(item))
		}
		return out
	case Record:
		out := map[string]any{}
		for _, f := range v.Fields {
			out[f.Column.Text] = document(f.Value)
		}
		return out
	case Scalar:
	}
	return v.Text
}

func (c *checker) list(col *ir.ColumnDef, t value.Type, v Value) (value.Value, problem) {
	if v.Kind == Scalar {
		p := problem{reason: fmt.Sprintf("%s is a list, this is one value", col.Name), help: "write [" + v.Text + "]"}
		if t.Elem.Kind != value.Record {
			p.edit = "[" + v.At.Text() + "]"
		}
		return value.Value{}, p
	}
	if v.Kind != List {
		return value.Value{}, problem{reason: fmt.Sprintf("%s is a list, this is a map", col.Name), help: "write the map in brackets: [{…}]"}
	}
	var items []value.Value
	for _, item := range v.Items {
		x, p := c.typed(col, *t.Elem, item)
		if p.reason != "" {
			return value.Value{}, p
		}
		if !x.IsMissing() {
			items = append(items, x)
		}
	}
	return value.NewList(items...), problem{}
}

func (c *checker) record(col *ir.ColumnDef, t value.Type, v Value) (value.Value, problem) {
	if v.Kind != Record {
		return value.Value{}, problem{reason: fmt.Sprintf("%s holds records, this is none", col.Name), help: "write a map with its fields: " + t.String()}
	}
	fields := make([]value.Value, len(t.Fields))
	for _, f := range v.Fields {
		i := slices.IndexFunc(t.Fields, func(x value.Field) bool { return x.Name == f.Column.Text })
		if i < 0 {
			var names []string
			for _, x := range t.Fields {
				names = append(names, x.Name)
			}
			p := problem{reason: fmt.Sprintf("%s has no field `%s`", col.Name, f.Column.Text), help: "its fields are " + strings.Join(names, ", ")}
			if near := diag.Suggest(f.Column.Text, names); near != "" {
				p.help = "did you mean `" + near + "`? " + p.help
			}
			return value.Value{}, p
		}
		x, p := c.typed(&ir.ColumnDef{Name: col.Name + "." + f.Column.Text, Type: t.Fields[i].Type, NFC: true}, t.Fields[i].Type, f.Value)
		if p.reason != "" {
			return value.Value{}, p
		}
		fields[i] = x
	}
	return value.NewRecord(fields...), problem{}
}

// point reads latitude and longitude.
func (c *checker) point(v Value) (value.Value, problem) {
	bad := problem{reason: "a place is its latitude and its longitude", help: "write [21.0285, 105.8542]"}
	if v.Kind != List || len(v.Items) != 2 {
		return value.Value{}, bad
	}
	var degrees [2]value.Value
	for i, item := range v.Items {
		x, ok := value.Parse(value.Of(value.Float), item.Text)
		if !ok || item.Kind != Scalar || x.IsMissing() {
			return value.Value{}, bad
		}
		degrees[i] = x
	}
	place := value.NewPlace(degrees[0].F, degrees[1].F)
	if place.IsMissing() {
		return place, problem{reason: "this place is not on the globe", help: "the latitude is between -90 and 90, the longitude between -180 and 180"}
	}
	return place, problem{}
}

// scalar reads a text as a type that is written in one.
func (c *checker) scalar(col *ir.ColumnDef, t value.Type, text string) (value.Value, problem) {
	if t.Kind == value.Text {
		return c.text(col, t, text)
	}
	if t.Kind == value.Bool && text != "true" && text != "false" {
		p := problem{reason: fmt.Sprintf("`%s` is not true or false", text), help: "write true or false"}
		p.edit = map[string]string{"yes": "true", "y": "true", "on": "true", "1": "true", "no": "false", "n": "false", "off": "false", "0": "false"}[strings.ToLower(text)]
		return value.Value{}, p
	}
	cell := text
	if t.Numeric() {
		cell = withoutUnderscores(text)
	}
	v, ok := value.Parse(t, cell)
	if !ok || v.IsMissing() {
		return value.Value{}, misfit(t, text)
	}
	switch {
	case v.Kind == value.Time && t.Kind == value.Wall:
		v = value.NewWall(c.p.Calendar.Wall(v.I))
	case v.Kind == value.Wall && t.Kind == value.Time:
		v = value.NewTime(c.p.Calendar.Instant(v.I))
	}
	return v, bounds(col, v)
}

func (c *checker) text(col *ir.ColumnDef, t value.Type, text string) (value.Value, problem) {
	if col.Trim {
		text = strings.Trim(text, value.Blank)
	}
	if col.EmptyMissing && text == "" {
		return value.Value{}, problem{}
	}
	if len(t.Values) == 0 || slices.Contains(t.Values, text) {
		return value.NewText(text), problem{}
	}
	p := problem{reason: fmt.Sprintf("`%s` is none of the values of %s", text, col.Name), help: "the catalog declares " + strings.Join(t.Values, ", ")}
	if near := diag.Suggest(text, t.Values); near != "" {
		p.help, p.edit = "did you mean `"+near+"`? "+p.help, near
	}
	return value.Value{}, p
}

// withoutUnderscores takes away those between digits, as in literals.
func withoutUnderscores(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '_' && i > 0 && digit(s[i-1]) && i+1 < len(s) && digit(s[i+1]) {
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func digit(b byte) bool { return b >= '0' && b <= '9' }

func bounds(col *ir.ColumnDef, v value.Value) problem {
	switch {
	case col.Min != nil && value.Compare(v, *col.Min) < 0:
		return problem{reason: fmt.Sprintf("%s is at least %s by the catalog, so %s would count as missing", col.Name, col.Min, v), help: "leave the column out, or give a value that may occur"}
	case col.Max != nil && value.Compare(v, *col.Max) > 0:
		return problem{reason: fmt.Sprintf("%s is at most %s by the catalog, so %s would count as missing", col.Name, col.Max, v), help: "leave the column out, or give a value that may occur"}
	}
	return problem{}
}

func misfit(t value.Type, text string) problem {
	p := problem{reason: fmt.Sprintf("`%s` is not %s", text, typeName(t))}
	switch {
	case t.Kind == value.Int:
		p.help = "write digits, as in 42 or 5_000_000"
	case t.Kind == value.Decimal:
		p.help = fmt.Sprintf("write digits, as in 12.50; at most %d in all and %d after the point", t.Prec, t.Scale)
	case t.Kind == value.Float:
		p.help = "write digits, as in 0.5"
	case t.Kind == value.Date:
		p.help = "write a day, as in 2025-03-08"
	case t.Temporal():
		p.help = "write a time, as in 2025-03-08T10:30, or a day for its midnight"
	case t.Kind == value.Version:
		p.help = "write a version, as in 2.10.1"
	default:
		p.help = "columns of this type cannot be given"
	}
	return p
}

// typeName is a type with its article.
func typeName(t value.Type) string {
	switch t.Kind {
	case value.Int:
		return "a whole number"
	case value.Decimal, value.Float:
		return "a number (" + t.String() + ")"
	case value.Bool:
		return "true or false"
	case value.Text:
		return "a text"
	case value.Date:
		return "a date"
	case value.Time, value.Wall:
		return "a time"
	case value.Version:
		return "a version"
	case value.Place:
		return "a place"
	case value.List:
		return "a list"
	default:
		return "of type " + t.String()
	}
}
