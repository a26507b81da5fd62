// Package diag holds what segql tells an author about a definition:
// diagnostics are values, returned beside a usable partial result, never
// Go errors.
package diag

import (
	"fmt"
	"sort"

	"github.com/segql/segql/lang/source"
)

// Code names a kind of diagnostic: SEG0xxx syntax, SEG1xxx names and types,
// SEG2xxx lint, SEG3xxx not supported here, SEG4xxx data and environment.
// Codes never change their meaning; each has a page (Pages, Lookup).
type Code string

// Severity orders diagnostics.
type Severity uint8

// Only errors stop a definition from being used.
const (
	Error Severity = iota
	Warning
	Note
)

func (s Severity) String() string {
	return [...]string{"error", "warning", "note"}[s]
}

// Label marks another place that explains the diagnostic.
type Label struct {
	Span source.Span
	Text string
}

// Edit replaces a span by a text; applied exactly, it fixes the problem.
type Edit struct {
	Span source.Span
	Text string
}

// Diagnostic is one message to the author.
type Diagnostic struct {
	Code     Code
	Severity Severity
	Message  string      // one sentence, no final full stop
	Span     source.Span // the tight subject
	Labels   []Label     // other places
	Help     string      // the way out
	Edits    []Edit      // one exact fix, applied together; may be empty
}

// String is the one-line form; see Plain for what may go to a terminal.
func (d Diagnostic) String() string {
	if d.Span.IsZero() {
		return fmt.Sprintf("%s[%s]: %s", d.Severity, d.Code, d.Message)
	}
	p := d.Span.Pos()
	return fmt.Sprintf("%s:%d:%d: %s[%s]: %s", d.Span.File.Name, p.Line, p.Column, d.Severity, d.Code, d.Message)
}

// List collects diagnostics. The zero List is ready to use.
type List []Diagnostic

// Errorf adds an error and returns it for further detail (Help, Labels, Edits).
func (l *List) Errorf(code Code, span source.Span, format string, args ...any) *Diagnostic {
	return l.add(code, Error, span, format, args)
}

// Warnf adds a warning.
func (l *List) Warnf(code Code, span source.Span, format string, args ...any) *Diagnostic {
	return l.add(code, Warning, span, format, args)
}

// Notef adds a note.
func (l *List) Notef(code Code, span source.Span, format string, args ...any) *Diagnostic {
	return l.add(code, Note, span, format, args)
}

func (l *List) add(code Code, sev Severity, span source.Span, format string, args []any) *Diagnostic {
	*l = append(*l, Diagnostic{Code: code, Severity: sev, Span: span, Message: fmt.Sprintf(format, args...)})
	return &(*l)[len(*l)-1]
}

// HasErrors reports whether any diagnostic is an error.
func (l List) HasErrors() bool {
	for _, d := range l {
		if d.Severity == Error {
			return true
		}
	}
	return false
}

// Sort orders by file, position, severity, code; equal ones are kept once.
func (l *List) Sort() {
	name := func(d Diagnostic) string {
		if d.Span.File == nil {
			return ""
		}
		return d.Span.File.Name
	}
	sort.SliceStable(*l, func(i, j int) bool {
		a, b := (*l)[i], (*l)[j]
		switch {
		case name(a) != name(b):
			return name(a) < name(b)
		case a.Span.Start != b.Span.Start:
			return a.Span.Start < b.Span.Start
		case a.Severity != b.Severity:
			return a.Severity < b.Severity
		default:
			return a.Code < b.Code
		}
	})
	kept := (*l)[:0]
	for i, d := range *l {
		if i > 0 && d.Code == (*l)[i-1].Code && d.Span == (*l)[i-1].Span && d.Message == (*l)[i-1].Message {
			continue
		}
		kept = append(kept, d)
	}
	*l = kept
}
