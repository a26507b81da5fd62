// Package value holds segql's types and values: exact numbers, text, dates,
// instants, and "missing", which is a value like any other here and is made
// explicit before anything reaches an engine.
package value

import (
	"fmt"
	"strings"
)

// Kind is the kind of a type or value.
type Kind uint8

// Kinds, in the order language.md §5 lists them.
const (
	Missing Kind = iota // the kind of a missing value; never a declared type
	Bool
	Text
	Int     // 64 bit
	Decimal // exact, up to 38 digits
	Float
	Date // a calendar day
	Time // an instant (with zone)
	Wall // a wall-clock time without zone, read in the project's zone; authors call both "time"
	Duration
	Place
	Version
	List
	Record
	JSON // part of a JSON document; usable only through number(), text(), date()
)

// Type is the static type of an expression. The zero Type is invalid.
type Type struct {
	Kind   Kind
	Prec   int      // Decimal: digits in all, 1 to 38
	Scale  int      // Decimal: digits after the point, 0 to Prec
	Elem   *Type    // List
	Fields []Field  // Record
	Values []string // Text with declared values, else nil
}

// Field is one field of a Record.
type Field struct {
	Name string
	Type Type
}

// MaxPrec is the number of digits exact arithmetic has on every engine.
const MaxPrec = 38

// DecimalType is decimal(prec, scale).
func DecimalType(prec, scale int) Type { return Type{Kind: Decimal, Prec: prec, Scale: scale} }

// Of is the type of a kind without parameters.
func Of(k Kind) Type { return Type{Kind: k} }

// Exact reports whether the type is an exact number.
func (t Type) Exact() bool { return t.Kind == Int || t.Kind == Decimal }

// Numeric reports whether the type is a number.
func (t Type) Numeric() bool { return t.Exact() || t.Kind == Float }

// Temporal reports whether the type is a date or a time.
func (t Type) Temporal() bool { return t.Kind == Date || t.Kind == Time || t.Kind == Wall }

// String is the type as the catalog spells it.
func (t Type) String() string {
	switch t.Kind {
	case Bool:
		return "bool"
	case Text:
		return "text"
	case Int:
		return "int"
	case Decimal:
		return fmt.Sprintf("decimal(%d, %d)", t.Prec, t.Scale)
	case Float:
		return "float"
	case Date:
		return "date"
	case Time, Wall:
		return "time"
	case Duration:
		return "duration"
	case Place:
		return "place"
	case Version:
		return "version"
	case List:
		return "list<" + t.Elem.String() + ">"
	case Record:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = f.Name + ": " + f.Type.String()
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case JSON:
		return "json"
	default:
		return "missing"
	}
}
