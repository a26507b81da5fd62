// Package sql prints a plan as the SQL of an engine. It decides nothing: what
// a condition means is settled in the IR it is given, and what engines do not
// share is data in a Dialect.
package sql

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/text"
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
	NameBytes int // longer names are cut, and told apart by a hash

	IntLiteral, WholeLiteral  string // {0} digits, of an int and of a decimal without a point
	VersionLiteral            string // {0} the text that orders it
	TrueLiteral, FalseLiteral string
	DateLiteral               string // {0} 2025-03-08
	WallLiteral               string // {0} 2025-03-08 10:30:00.000000
	TimeLiteral               string // {0} the same, in UTC

	ToWall, ToInstant string // {0} an instant or wall-clock time, {1} the zone as text
	DateToWall        string
	AddDate           string // {0} date, {1} number, {2} unit, in the singular
	AddWall           string
	DivideWhole       string            // of whole numbers, cut off
	StartOf           map[string]string // {0} a date or wall-clock time

	// FloatArith is + - * / of floats, missing where the result is not finite
	// or the divisor 0.
	FloatArith map[string]string
	// Exact makes the engine fail where {0}, exact arithmetic of type {1}, has
	// more than 38 digits.
	Exact string
	// FloatDigits is the number of digits up to which CAST makes of an exact
	// number the nearest float. Engines that convert longer ones in two steps
	// round twice.
	FloatDigits int
	SameGroup   string // {0} and {1} are equal, or both missing
	OneOf       string // {0} is one of the texts {1}

	Contains, StartsWith, EndsWith string
	Matches                        string // {0} text, {1} pattern
	Regex                          func(*text.Regex) string
	Lower, Fold                    string // {0} text
	Number, TextOf                 string // conversions of text or JSON: {0}, {1} type
	JSONField                      string // {0} JSON, {1} name as text, {2} the name in double quotes as text
	JSONText                       string
	RecordField                    string // {0} record, {1} name as text, {2} type
	MD5                            string // 32 hexadecimal digits in small letters

	Sum string // {0} value, {1} filter with a leading blank or nothing, {2} type of the sum
	// First is the value of the first row by an order: {0} value, {1} order,
	// {2} filter.
	First, Mode, SortedList string
	ListItem, ListLength    string // items count from 1
	ListHas                 string // {0} list, {1} element
	ListCount               string // {0} list, {1} name of the element, {2} condition
	NextRow                 NextRow
	RowCount                string // of a group, {0} being the row's alias; also inside a subquery
	CreateTable             string // {0} name, {1} query

	// Lacks names what the engine cannot do as the language means it, and the
	// way out; see Unsupported.
	Lacks map[Lack]string
}

// NextRow is how the very next row of a fact is found.
type NextRow string

// Ways to the next row: by one window over all times, where a subquery is
// turned into joins; or by asking an index for each row, where it is not.
const (
	NextByWindow NextRow = "window"
	NextByIndex  NextRow = "index"
)

// Lack is something an engine may not be able to do.
type Lack string

// What engines may lack.
const (
	FloatMod Lack = "`mod` of float numbers"
)

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
	if len(name) > d.NameBytes {
		sum := sha256.Sum256([]byte(name))
		hash := "~" + hex.EncodeToString(sum[:5])
		cut := d.NameBytes - len(hash)
		for !utf8.RuneStart(name[cut]) {
			cut--
		}
		name = name[:cut] + hash
	}
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

// typeName is Type, or nothing for lists and records, which have no name.
func (d *Dialect) typeName(t value.Type) string {
	if _, ok := d.Types[t.Kind]; !ok {
		return ""
	}
	return d.Type(t)
}

// AsText prints a value as text whose order is that of its code points.
func (d *Dialect) AsText(x string) string { return fill(d.TextOf, x) }

// Multiply prints the product of two floats.
func (d *Dialect) Multiply(a, b string) string { return fill(d.FloatArith["*"], a, b) }

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
	case value.Decimal:
		if v.Scale == 0 {
			return fill(d.WholeLiteral, negative(v.String()))
		}
		return negative(v.String())
	case value.Float:
		return "CAST('" + v.String() + "' AS " + d.Type(t) + ")"
	case value.Int:
		return fill(d.IntLiteral, negative(v.String()))
	case value.Missing:
		return "CAST(NULL AS " + d.Type(t) + ")"
	case value.Text:
		return d.Text(v.S)
	case value.Time:
		return fill(d.TimeLiteral, wallText(v.I))
	case value.Version:
		return fill(d.VersionLiteral, d.Text(v.S))
	case value.Wall:
		return fill(d.WallLiteral, wallText(v.I))
	default:
		panic(fmt.Sprintf("sql: literal of kind %d", v.Kind))
	}
}

// bare is a literal where it meets a value of its type: an exact number stands
// there as its digits.
func (d *Dialect) bare(v value.Value, t value.Type) string {
	if v.Kind == value.Int || v.Kind == value.Decimal {
		return negative(v.String())
	}
	return d.Literal(v, t)
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
