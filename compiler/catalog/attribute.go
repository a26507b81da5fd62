package catalog

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/internal/yamltree"
)

// attribute reads `name: type` or `name: {type: …, …}`.
func (r *reader) attribute(rel *Relation, e *yamltree.Entry) {
	a := &Attribute{Name: nameOf(e.Key), Span: e.Span()}
	if !r.columnName(a.Name) {
		return
	}
	switch e.Value.Kind {
	case yamltree.Scalar:
		a.TypeSpan = e.Value.Span
		a.Type, a.Declared = r.typeOf(e.Value)
	default:
		r.entries(e.Value, attributeKeys, func(key string, v *yamltree.Node) { r.property(a, key, v) })
	}
	r.finish(a, e.Value)
	if a.Column.IsZero() && a.Type.Kind != value.Place {
		a.Column = a.Name
	}
	rel.Attributes = append(rel.Attributes, a)
}

// field reads `name: expression` or `name: {expr: …, type: …, …}`.
func (r *reader) field(rel *Relation, e *yamltree.Entry) {
	f := &Field{Attribute: Attribute{Name: nameOf(e.Key), Span: e.Span()}}
	if !r.columnName(f.Name) {
		return
	}
	if e.Value.Kind != yamltree.Map {
		if c := r.cell(e.Value, "an expression"); c != nil {
			f.Expr = c.Expr
		}
	} else {
		r.fieldMap(f, e)
	}
	if f.Expr != nil {
		rel.Fields = append(rel.Fields, f)
	}
}

func (r *reader) fieldMap(f *Field, e *yamltree.Entry) {
	before := len(r.diags)
	r.entries(e.Value, fieldKeys, func(key string, v *yamltree.Node) {
		if key == "expr" {
			f.Expr = r.expr(v)
			return
		}
		r.property(&f.Attribute, key, v)
	})
	r.finish(&f.Attribute, e.Value)
	expr, column := e.Value.Get("expr"), e.Value.Get("column")
	switch {
	case expr != nil && column != nil:
		d := r.diags.Errorf(codeOrigin, f.Name.Span, "the field `%s` has both `expr` and `column`", f.Name.Text)
		d.Help = "keep one of them"
	case expr == nil && column == nil && !r.diags[before:].HasErrors():
		d := r.diags.Errorf(codeRequired, f.Name.Span, "the field `%s` has no `expr`", f.Name.Text)
		d.Help = fmt.Sprintf("write `%s: {expr: Quantity * UnitPrice, type: decimal(12, 2)}`", f.Name.Text)
	case !f.Column.IsZero():
		f.Expr = columnPath(f.Column, true)
	}
}

// property reads one property of an attribute or field.
func (r *reader) property(a *Attribute, key string, v *yamltree.Node) {
	switch key {
	case "column":
		if name := r.text(v, "the name of a column"); !name.IsZero() && r.columnName(name) {
			a.Column = name
		}
	case "deprecated":
		a.Deprecated = r.deprecated(v)
	case "description":
		a.Description = r.text(v, "text")
	case "empty":
		a.Empty = r.choice(v, "what an empty text means", []string{"missing"}) != ""
	case "lat":
		a.Lat = r.text(v, "the name of a column")
	case "lon":
		a.Lon = r.text(v, "the name of a column")
	case "max":
		a.Max = r.bound(v)
	case "min":
		a.Min = r.bound(v)
	case "normalize":
		a.Normalize = r.choice(v, "a Unicode form", []string{"nfc"})
	case "pii":
		a.PII = r.flag(v)
	case "separator":
		if v.Kind != yamltree.Scalar || v.Text == "" {
			r.shape(v, "text").Help = `write it in quotes, as in ";"`
			return
		}
		a.Separator = nameOf(v)
	case "title":
		a.Title = r.text(v, "text")
	case "trim":
		a.Trim = r.flag(v)
	case "type":
		a.TypeSpan = v.Span
		a.Type, a.Declared = r.typeOf(v)
	case "values":
		a.Values = r.values(v)
	default:
		panic("catalog: no reader for the property " + key)
	}
}

func (r *reader) values(v *yamltree.Node) []Name {
	if v.Kind == yamltree.Scalar {
		r.shape(v, "a list").Help = fmt.Sprintf("write `values: [%s]`", v.Text)
		return nil
	}
	var values []Name
	for _, item := range r.texts(v, "texts") {
		again := slices.IndexFunc(values, func(n Name) bool { return n.Text == item.Text })
		if again >= 0 {
			r.diags.Errorf(codeClash, item.Span, "the value `%s` is listed twice", item.Text).Help = "remove one of them"
			continue
		}
		values = append(values, nameOf(item))
	}
	return values
}

func (r *reader) bound(v *yamltree.Node) *Bound {
	text := r.text(v, "a number, a date or a time")
	if text.IsZero() {
		return nil
	}
	return &Bound{Text: text.Text, Span: text.Span}
}

// finish checks that the properties fit the type and each other. Values
// without a type make a text.
func (r *reader) finish(a *Attribute, body *yamltree.Node) {
	if a.Type.Kind == value.Missing && !a.TypeSpan.IsZero() || body.Kind != yamltree.Map {
		return // the type is wrong, or there is nothing but a type
	}
	if len(a.Values) > 0 && !a.Declared {
		a.Type, a.Declared = value.Of(value.Text), true
	}
	for _, e := range body.Entries {
		if a.Declared {
			r.fits(a, e)
		}
	}
	if elem := textPart(&a.Type); elem != nil {
		for _, v := range a.Values {
			elem.Values = append(elem.Values, v.Text)
		}
	}
	if a.Type.Kind == value.Place && (a.Lat.IsZero() || a.Lon.IsZero()) {
		d := r.diags.Errorf(codeRequired, a.Name.Span, "the place `%s` needs `lat` and `lon`", a.Name.Text)
		d.Help = "name the two columns, as in {type: place, lat: latitude, lon: longitude}"
	}
	r.bounds(a)
}

// textPart is the text type in a text or a list of texts, else nil.
func textPart(t *value.Type) *value.Type {
	switch {
	case t.Kind == value.Text:
		return t
	case t.Kind == value.List && t.Elem.Kind == value.Text:
		return t.Elem
	default:
		return nil
	}
}

// fits checks one property against the type.
func (r *reader) fits(a *Attribute, e *yamltree.Entry) {
	t, help := a.Type, ""
	switch e.Key.Text {
	case "values":
		if textPart(&t) != nil {
			return
		}
		help = "only texts have declared values; numbers have `min` and `max`"
	case "normalize", "trim":
		if textPart(&t) != nil {
			return
		}
		help = "only texts have it"
	case "min", "max":
		if t.Numeric() || t.Temporal() {
			return
		}
		help = "only numbers, dates and times have limits"
	case "separator":
		if t.Kind == value.List && t.Elem.Kind != value.List && t.Elem.Kind != value.Record {
			return
		}
		help = "only a list of plain values can be written as one text; its type is, for example, list<text>"
	case "lat", "lon":
		if t.Kind == value.Place {
			return
		}
		help = "only a place has `lat` and `lon`"
	case "column":
		if t.Kind != value.Place {
			return
		}
		help = "a place has two columns, `lat` and `lon`"
	case "empty":
		if t.Kind != value.Place {
			return
		}
		help = "a place is missing when one of its columns is"
	default:
		return
	}
	d := r.diags.Errorf(codeTypeProperty, e.Key.Span, "`%s` does not go with the type %s", e.Key.Text, t)
	d.Help = help
}

var (
	number  = regexp.MustCompile(`^[+-]?\d[\d_]*(\.\d+)?$`)
	dateRE  = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`)
	instant = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?)?$`)
)

// bounds checks that the limits can be read and that min is not above max.
func (r *reader) bounds(a *Attribute) {
	ok := true
	for _, b := range []*Bound{a.Min, a.Max} {
		if b != nil && !r.boundFits(a, b) {
			ok = false
		}
	}
	if !ok || a.Min == nil || a.Max == nil {
		return
	}
	if lo, hi := a.Min.Text, a.Max.Text; above(lo, hi) {
		d := r.diags.Errorf(codeBounds, a.Min.Span, "min %s is above max %s", lo, hi)
		d.Help = "no value could fit; swap the two"
	}
}

func (r *reader) boundFits(a *Attribute, b *Bound) bool {
	want, fits := "a number", number.MatchString(b.Text)
	switch a.Type.Kind {
	case value.Missing:
		want, fits = "a number, a date or a time", fits || instant.MatchString(b.Text)
	case value.Date:
		want, fits = "a date such as 2025-03-08", dateRE.MatchString(b.Text)
	case value.Decimal, value.Float:
	case value.Int:
		want, fits = "a whole number", fits && !strings.Contains(b.Text, ".")
	case value.Time, value.Wall:
		want, fits = "a time such as 2025-03-08T10:30", instant.MatchString(b.Text)
	default:
		return true // reported by fits
	}
	if !fits {
		d := r.diags.Errorf(codeBounds, b.Span, "the limit `%s` is not %s", b.Text, want)
		d.Help = "limits are written like the values of the attribute"
	}
	return fits
}

// above compares two limits of one kind; dates and times order as texts.
func above(lo, hi string) bool {
	x, okX := new(big.Rat).SetString(strings.ReplaceAll(lo, "_", ""))
	y, okY := new(big.Rat).SetString(strings.ReplaceAll(hi, "_", ""))
	if okX && okY {
		return x.Cmp(y) > 0
	}
	return lo > hi
}
