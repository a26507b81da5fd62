// Package sql prints a plan as the SQL of an engine. It decides nothing: what
// a condition means is settled in the IR it is given, and what engines do not
// share is data in a Dialect.
package sql

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/value"
)

// Dialect is what the printer must know of an engine. Templates hold {0} {1}
// for their arguments. Every field must be set; Validate says which is not.
type Dialect struct {
	Name  string
	Types map[value.Kind]string // decimal: a format with precision and scale

	// Quotes of names and text; both double an inner quote. TextLiteral
	// overrides how text is written where that is not enough.
	NameQuote string

	TrueLiteral, FalseLiteral string
	DateLiteral               string // {0} 2025-03-08
	WallLiteral               string // {0} 2025-03-08 10:30:00.000000
	TimeLiteral               string // {0} the same, in UTC

	ToWall, ToInstant string // {0} an instant or wall-clock time, {1} the zone as text
	DateToWall        string
	AddDate           string // {0} date, {1} number, {2} unit, in the singular
	AddWall           string
	DivideWhole       string            // of whole numbers, cut off
	Finite            string            // condition on a float
	StartOf           map[string]string // {0} a date or wall-clock time

	Contains, StartsWith, EndsWith string
	Matches                        string // {0} text, {1} pattern
	Lower, Fold                    string // {0} text
	Number, TextOf                 string // conversions of text or JSON: {0}, {1} type
	JSONField, JSONText            string // {0} JSON, {1} name as text
	RecordField                    string
	MD5                            string // 32 hexadecimal digits in small letters

	// First is the value of the first row by an order: {0} value, {1} order,
	// {2} filter with a leading blank or nothing.
	First, Mode, SortedList string
	ListItem, ListLength    string // items count from 1
	ListHas                 string // {0} list, {1} element
	ListFilter              string // {0} list, {1} name of the element, {2} condition
	CreateTable             string // {0} name, {1} query
}

// Validate says which field is unset, so that a dialect with a hole never
// prints wrong SQL.
func (d *Dialect) Validate() error {
	v := reflect.ValueOf(*d)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			return fmt.Errorf("sql: dialect %q lacks %s", d.Name, v.Type().Field(i).Name)
		}
	}
	return nil
}

// fill puts arguments into a template, in one go: an argument may hold a text
// that looks like a place of the template.
func fill(template string, args ...string) string {
	return fillNamed(template, nil, args)
}

// fillNamed also fills places that have names: pairs of a place and its text.
func fillNamed(template string, named, args []string) string {
	pairs := slices.Clone(named)
	for i, a := range args {
		pairs = append(pairs, fmt.Sprintf("{%d}", i), a)
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

// Ident quotes a name; it can never break out of its quotes.
func (d *Dialect) Ident(name string) string {
	q := d.NameQuote
	return q + strings.ReplaceAll(name, q, q+q) + q
}

// Text quotes a text. A NUL, which no engine takes, cannot be in a literal:
// the lexer refuses it.
func (d *Dialect) Text(s string) string {
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// Type is the engine's name of a type.
func (d *Dialect) Type(t value.Type) string {
	s, ok := d.Types[t.Kind]
	if !ok {
		panic(fmt.Sprintf("sql: %s has no type for %s", d.Name, t))
	}
	if t.Kind == value.Decimal {
		return fmt.Sprintf(s, t.Prec, t.Scale)
	}
	return s
}

// Literal prints a constant of type t.
func (d *Dialect) Literal(v value.Value, t value.Type) string {
	switch v.Kind {
	case value.Bool:
		if v.True() {
			return d.TrueLiteral
		}
		return d.FalseLiteral
	case value.Date:
		return fill(d.DateLiteral, calendar.FormatDate(v.I))
	case value.Decimal, value.Int:
		return negative(v.String())
	case value.Float:
		return "CAST('" + v.String() + "' AS " + d.Type(t) + ")"
	case value.Missing:
		return "CAST(NULL AS " + d.Type(t) + ")"
	case value.Text, value.Version:
		return d.Text(v.S)
	case value.Time:
		return fill(d.TimeLiteral, wallText(v.I))
	case value.Wall:
		return fill(d.WallLiteral, wallText(v.I))
	default:
		panic(fmt.Sprintf("sql: literal of kind %d", v.Kind))
	}
}

func wallText(micros int64) string {
	return strings.Replace(calendar.FormatWall(micros), "T", " ", 1)
}

func negative(s string) string {
	if strings.HasPrefix(s, "-") {
		return "(" + s + ")"
	}
	return s
}
