package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/segql/segql/runtime/local"
)

// evalWriter writes the answers.
type evalWriter struct {
	app       *app
	evaluator *local.Evaluator
	format    string
	asOf      int64
	zone      string
	n         int
	misfits   int
	failed    error // of the output
}

// evalLine is an answer as JSON.
type evalLine struct {
	Line       int      `json:"line"`
	Customer   string   `json:"customer,omitempty"`
	Segments   []string `json:"segments"`
	Exists     bool     `json:"exists"`
	Unanswered []string `json:"unanswered,omitempty"`
	Misfits    []string `json:"misfits,omitempty"`
	Error      string   `json:"error,omitempty"`
}

func (w *evalWriter) write(a *answer) {
	w.tellMisfits(a)
	if w.format == "text" {
		w.text(a)
	} else {
		w.json(a)
	}
	if w.failed == nil {
		w.failed = w.app.out.Flush() // whoever waits for an answer gets it
	}
}

func (w *evalWriter) text(a *answer) {
	if a.err != nil {
		return // told on standard error
	}
	segments := strings.Join(a.segments, ", ")
	switch {
	case !a.exists:
		segments = "(no " + w.evaluator.Program.Entity.Name + " as of that instant)"
	case segments == "":
		segments = "(no segment)"
	}
	w.print("%s  %s\n", a.customer, segments)
}

func (w *evalWriter) print(format string, args ...any) {
	if w.failed == nil {
		_, w.failed = fmt.Fprintf(w.app.out, format, args...)
	}
}

func (w *evalWriter) json(a *answer) {
	line := evalLine{Line: a.line, Customer: a.customer, Segments: a.segments, Exists: a.exists}
	if line.Segments == nil {
		line.Segments = []string{}
	}
	if a.err != nil {
		line.Error = a.err.Error()
	}
	for _, u := range w.evaluator.Unanswered() {
		line.Unanswered = append(line.Unanswered, u.Segment)
	}
	for _, m := range a.misfits {
		line.Misfits = append(line.Misfits, m.Path)
	}
	text, err := json.Marshal(line)
	if err != nil {
		panic(err) // texts and lists of them can be written
	}
	before, after := "", "\n"
	if w.format == "json" {
		before, after = ",\n  ", ""
		if w.n == 0 {
			before = fmt.Sprintf("{\"as_of\": %q, \"customers\": [\n  ", w.instant())
		}
	}
	w.n++
	w.print("%s%s%s", before, text, after)
}

func (w *evalWriter) instant() string {
	zone, err := time.LoadLocation(w.zone)
	if err != nil {
		zone = time.UTC
	}
	return time.UnixMicro(w.asOf).In(zone).Format(time.RFC3339)
}

// tellMisfits tells the first values that do not fit their type.
func (w *evalWriter) tellMisfits(a *answer) {
	for _, m := range a.misfits {
		if w.misfits++; w.misfits <= maxTold {
			fmt.Fprintf(w.app.err, "line %d, column %d, %s: %s and counts as missing\n", a.line+m.Line-1, m.Column, m.Path, misfitText(m))
		}
	}
}

// misfitText says what is wrong with a value, without those that are about a
// person.
func misfitText(m local.Misfit) string {
	text := m.Text
	if text == "" {
		text = "the value"
	}
	if m.Outside {
		return text + " is outside what the catalog declares"
	}
	return fmt.Sprintf("%s is no %s", text, m.Type)
}

// end closes the output.
func (w *evalWriter) end() error {
	if w.misfits > maxTold {
		fmt.Fprintf(w.app.err, "%d values do not fit their types and count as missing\n", w.misfits)
	}
	if w.format == "json" {
		if w.n == 0 {
			w.print("{\"as_of\": %q, \"customers\": [", w.instant())
		}
		w.print("\n]}\n")
	}
	return w.failed
}
