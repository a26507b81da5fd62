// Package fn is the one table of segql's functions: name, signature, what a
// missing value does, evaluation in Go, SQL per dialect and documentation.
// The checker, the evaluator, every SQL printer and the reference read it.
package fn

import (
	"fmt"
	"sort"
	"strings"

	"github.com/segql/segql/compiler/value"
)

// Func is one function of the language. Unless TakesMissing is set, a
// missing argument makes the result missing, and Eval never sees one.
type Func struct {
	Name     string
	Params   []Param
	Variadic bool // the last parameter may be repeated
	// Same widens all arguments to one type before the call.
	Same         bool
	TakesMissing bool
	// Wall asks that instants be read as wall-clock times first.
	Wall bool
	// Result is the type of the result; err says in plain words what is wrong.
	Result func(args []value.Type) (value.Type, error)
	Eval   func(args []value.Value) (value.Value, error)
	// SQL is a template per dialect, "" being every dialect without its own:
	// {0} {1} are the arguments, {*} all of them with commas, {t} the result
	// type.
	SQL map[string]string
	// MaybeMissing: known arguments can give a missing result.
	MaybeMissing bool

	// Internal functions are made by the checker; no author can call them.
	Internal bool

	Doc     string // one sentence
	Returns string // the type of the result, in words
	// Missing says when the result is missing, besides a missing argument;
	// or, with TakesMissing, when it is at all.
	Missing string
	Example string // a condition of the standard catalog
	// Examples with their values; a test evaluates each.
	Examples []Example
}

// Example is an expression over the standard catalog and what it gives, as
// the value prints: 3, 2.50, text without quotes, true, 2025-03-08, missing.
type Example struct{ Expr, Gives string }

// Param is one parameter.
type Param struct {
	Name string
	Is   Class
}

// Class is what an argument may be.
type Class string

// Classes of arguments, in the words of a message.
const (
	Number  Class = "a number"
	Text    Class = "text"
	Day     Class = "a date or a time"
	Moment  Class = "a time"
	Any     Class = "a value"
	Printed Class = "text, a number, a date or part of a JSON value"
	Dated   Class = "a date, a time, text or part of a JSON value"
	Counted Class = "a number, text or part of a JSON value"
)

// Takes reports whether an argument of type t is of the class.
func (c Class) Takes(t value.Type) bool {
	switch c {
	case Any:
		return t.Kind != value.Duration && t.Kind != value.Record && t.Kind != value.JSON
	case Counted:
		return t.Numeric() || t.Kind == value.Text || t.Kind == value.JSON
	case Dated:
		return t.Temporal() || t.Kind == value.Text || t.Kind == value.JSON
	case Day:
		return t.Temporal()
	case Moment:
		return t.Kind == value.Time || t.Kind == value.Wall
	case Number:
		return t.Numeric()
	case Printed:
		return t.Numeric() || t.Temporal() || t.Kind == value.Text || t.Kind == value.JSON || t.Kind == value.Bool
	case Text:
		return t.Kind == value.Text
	default:
		panic("fn: class " + string(c))
	}
}

// Lookup finds a function by name.
func Lookup(name string) *Func { return byName[name] }

// Names of all functions, sorted.
func Names() []string {
	names := make([]string, 0, len(byName))
	for n, f := range byName {
		if !f.Internal {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	return names
}

// Signature is the function as documentation shows it.
func (f *Func) Signature() string {
	parts := make([]string, len(f.Params))
	for i, p := range f.Params {
		parts[i] = p.Name
	}
	if f.Variadic {
		parts = append(parts, "…")
	}
	return f.Name + "(" + strings.Join(parts, ", ") + ")"
}

// Check says why the argument types do not fit, or gives the result type.
func (f *Func) Check(args []value.Type) (value.Type, error) {
	n := len(f.Params)
	if len(args) < n || len(args) > n && !f.Variadic {
		return value.Type{}, fmt.Errorf("%s takes %s, not %d", f.Signature(), count(n, f.Variadic), len(args))
	}
	for i, t := range args {
		p := f.Params[min(i, n-1)]
		if !p.Is.Takes(t) {
			return value.Type{}, fmt.Errorf("%s takes %s as %s, not %s", f.Signature(), p.Is, p.Name, t)
		}
	}
	return f.Result(args)
}

func count(n int, variadic bool) string {
	s := fmt.Sprintf("%d arguments", n)
	if n == 1 {
		s = "1 argument"
	}
	if variadic {
		s = "at least " + s
	}
	return s
}

var byName = map[string]*Func{}

func init() {
	for _, f := range table {
		if byName[f.Name] != nil {
			panic("fn: two functions " + f.Name)
		}
		byName[f.Name] = f
	}
}

// Widest is the type both numbers fit in; a float makes it a float.
func Widest(a, b value.Type) value.Type {
	t, err := value.CommonType(a, b)
	if err != nil {
		return value.Of(value.Float)
	}
	return t
}
