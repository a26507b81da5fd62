package main

import (
	"encoding/json"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/segql/segql/compiler/cover"
	"github.com/segql/segql/compiler/mutate"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/trial"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/junit"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/runtime/segtest"
)

// testResults are what became of the tests, and of what else was asked for.
type testResults struct {
	report   *segtest.Report
	coverage *cover.Report  // nil: it was not
	mutation *mutate.Report // nil: it was not
}

// tested reports what became of the tests.
func (a *app) tested(r *testResults, dir string, f testFlags) error {
	w := &testWriter{app: a, p: painter(a.colors(terminalOf(a))), dir: dir}
	var err error
	switch f.format {
	case "json":
		err = w.json(r)
	case "junit":
		err = w.junit(r.report)
	default:
		w.pretty(r.report, f)
		if r.coverage != nil {
			w.coverage(r.coverage, r.mutation == nil && r.tooLow(f), f)
		}
		if r.mutation != nil {
			w.mutation(r.mutation, r.tooLow(f), f)
		}
	}
	if err != nil {
		return err
	}
	if r.report.Failed() > 0 || r.tooLow(f) {
		return &failure{exitExpectation}
	}
	return nil
}

type testWriter struct {
	app *app
	p   painter
	dir string
}

func (w *testWriter) line(format string, args ...any) { fmt.Fprintf(w.app.out, format+"\n", args...) }

// file is a file of the project as it is seen from the current folder.
func (w *testWriter) file(f *source.File) string {
	name := filepath.ToSlash(f.Name)
	if dir := path.Clean(filepath.ToSlash(w.dir)); dir != "." && !strings.HasPrefix(name, dir+"/") {
		name = path.Join(dir, name)
	}
	return name
}

// place is file:line.
func (w *testWriter) place(at source.Span) string {
	if at.File == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d", w.file(at.File), at.Pos().Line)
}

// pretty shows the tests that fail, and counts the others by file.
func (w *testWriter) pretty(r *segtest.Report, f testFlags) {
	passed := 0
	var files []*source.File
	count := map[*source.File]int{}
	for _, res := range r.Results {
		file := res.Case.Name.At.File
		if count[file] == 0 {
			files = append(files, file)
		}
		count[file]++
		if res.Passed() {
			passed++
			continue
		}
		w.failed(res)
	}
	if len(r.Results) == passed {
		for _, file := range files {
			w.line("%s %s  %s", w.p.paint(green, "ok"), w.file(file), plural(int64(count[file]), "test"))
		}
	}
	text := fmt.Sprintf("%d passed", passed)
	if n := r.Failed(); n > 0 {
		text = w.p.paint(red, fmt.Sprintf("%d failed", n)) + ", " + text
	}
	if r.Skipped > 0 {
		text += fmt.Sprintf(", %d not run", r.Skipped)
	}
	if len(r.Results) == 0 && r.Skipped > 0 {
		text += fmt.Sprintf(": no test's name matches %s", f.run)
	}
	if isTerminal(terminalOf(w.app)) {
		text += w.p.paint(dim, fmt.Sprintf(" in %s in process and %s in DuckDB", r.InProcess.Round(100*time.Microsecond), r.InDuckDB.Round(time.Millisecond)))
	}
	w.line("%s", text)
}

func (w *testWriter) failed(res *segtest.Result) {
	w.line("%s %s  %s", w.p.paint(red, "FAIL"), w.place(res.Case.Name.At), w.p.paint(bold, clean(res.Case.Name.Text)))
	for _, f := range res.Failures {
		w.line("  %s: %s%s", w.place(f.At), clean(f.Message), w.when(res.Case, f))
		if f.Row != nil {
			w.line("    %s  %s", w.p.paint(dim, clean(f.Shown)), w.p.paint(dim, w.place(f.Row.At)))
		}
		for _, b := range f.Because {
			w.line("    %s  %s", clean(b.String()), w.p.paint(dim, w.place(b.At)))
		}
	}
	w.line("")
}

// when names the instant, where a test has several.
func (w *testWriter) when(k *testform.Case, f *trial.Failure) string {
	if len(k.Instants) < 2 {
		return ""
	}
	return " (as of " + k.Instants[f.Instant].Step.AsOf.Text + ")"
}

type testJSON struct {
	Name        string        `json:"name"`
	File        string        `json:"file"`
	Line        int           `json:"line"`
	Status      string        `json:"status"` // passed, failed
	Nanoseconds int64         `json:"nanoseconds"`
	Failures    []failureJSON `json:"failures,omitempty"`
}

type failureJSON struct {
	Kind    string       `json:"kind"`
	AsOf    string       `json:"as_of"`
	Segment string       `json:"segment,omitempty"`
	Trait   string       `json:"trait,omitempty"`
	Key     string       `json:"key,omitempty"`
	Message string       `json:"message"`
	File    string       `json:"file"`
	Line    int          `json:"line"`
	Column  int          `json:"column"`
	Row     *placeJSON   `json:"row,omitempty"`
	Because []reasonJSON `json:"because,omitempty"`
}

type placeJSON struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

type reasonJSON struct {
	Condition string `json:"condition"`
	Holds     bool   `json:"holds"`
	Value     string `json:"value,omitempty"`
	placeJSON
}

func (w *testWriter) json(all *testResults) error {
	r := all.report
	out := struct {
		Tests    []testJSON    `json:"tests"`
		Passed   int           `json:"passed"`
		Failed   int           `json:"failed"`
		Skipped  int           `json:"skipped"`
		Coverage *coverageJSON `json:"coverage,omitempty"`
		Mutation *mutationJSON `json:"mutation,omitempty"`
	}{Tests: []testJSON{}, Passed: len(r.Results) - r.Failed(), Failed: r.Failed(), Skipped: r.Skipped}
	if all.coverage != nil {
		out.Coverage = w.coverageJSON(all.coverage)
	}
	if all.mutation != nil {
		out.Mutation = w.mutationJSON(all.mutation)
	}
	for _, res := range r.Results {
		at := res.Case.Name.At
		t := testJSON{Name: res.Case.Name.Text, File: w.file(at.File), Line: at.Pos().Line, Status: "passed", Nanoseconds: int64(res.Elapsed)}
		for _, f := range res.Failures {
			t.Status = "failed"
			t.Failures = append(t.Failures, w.failureJSON(res.Case, f))
		}
		out.Tests = append(out.Tests, t)
	}
	enc := json.NewEncoder(w.app.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func (w *testWriter) failureJSON(k *testform.Case, f *trial.Failure) failureJSON {
	j := failureJSON{Kind: string(f.Kind), AsOf: k.Instants[f.Instant].Step.AsOf.Text, Trait: f.Trait, Message: f.Message,
		File: w.file(f.At.File), Line: f.At.Pos().Line, Column: f.At.Pos().Column}
	if f.Segment != nil {
		j.Segment = f.Segment.Name
	}
	if !f.Key.IsMissing() {
		j.Key = value.Key(f.Key)
	}
	if f.Row != nil {
		j.Row = &placeJSON{w.file(f.Row.At.File), f.Row.At.Pos().Line}
	}
	for _, b := range f.Because {
		j.Because = append(j.Because, reasonJSON{b.Text, b.Holds, b.Value, placeJSON{w.file(b.At.File), b.At.Pos().Line}})
	}
	return j
}

func (w *testWriter) junit(r *segtest.Report) error {
	s := junit.Suite{Name: "segql test"}
	name := inRepository(w.dir)
	for _, res := range r.Results {
		c := junit.Case{Class: name(w.file(res.Case.Name.At.File)), Name: res.Case.Name.Text, Elapsed: res.Elapsed}
		if !res.Passed() {
			var text []string
			for _, f := range res.Failures {
				text = append(text, w.place(f.At)+": "+f.Message+w.when(res.Case, f))
				for _, b := range f.Because {
					text = append(text, "  "+b.String()+"  "+w.place(b.At))
				}
			}
			c.Failure = &junit.Fault{Kind: string(res.Failures[0].Kind), Message: res.Failures[0].Message, Text: strings.Join(text, "\n")}
		}
		s.Cases = append(s.Cases, c)
	}
	return junit.Write(w.app.out, s)
}
