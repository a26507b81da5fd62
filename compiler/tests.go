package compiler

import (
	"fmt"
	"io/fs"
	"maps"
	"strings"

	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// readTests reads the files of tests.
func readTests(fsys fs.FS, names []string) (files []*source.File, diags diag.List) {
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			diags.Errorf(unreadable, source.Span{File: source.New(name, "")}, "%s cannot be read: %v", name, reason(err)).Help = "check the permissions"
			continue
		}
		file, more := syntax.Load(name, text)
		diags = append(diags, more...)
		if !more.HasErrors() {
			files = append(files, file)
		}
	}
	return files, diags
}

// tester checks the files of tests against a project.
type tester struct {
	project *Project
	in      check.Input
	usable  bool // the definitions have no errors
	// variants are the project with the params of tests that set some.
	variants map[string]*ir.Project
	diags    diag.List
}

func (t *tester) files(files []*source.File) {
	type read struct {
		tests []*testform.Test
		diags diag.List
	}
	for _, f := range parallel(files, func(file *source.File) (r read) {
		r.tests, r.diags = testform.Read(file)
		return r
	}) {
		t.diags = append(t.diags, f.diags...)
		if t.usable {
			t.cases(f.tests)
		}
	}
}

// cases checks the tests of one file, each against the project with its
// params.
func (t *tester) cases(tests []*testform.Test) {
	for _, test := range tests {
		p := t.variant(test)
		if p == nil {
			continue
		}
		cases, diags := testform.Check(p, []*testform.Test{test})
		t.project.Tests = append(t.project.Tests, cases...)
		t.diags = append(t.diags, diags...)
	}
}

// asker describes a source; see Options.Columns.
type asker = func(*ir.Source, map[string]value.Type) ([]check.SourceColumn, *diag.Diagnostic)

// remembered asks for each source once, however often the definitions are
// checked. The catalog, and with it the types it declares, stays the same.
func remembered(ask asker) asker {
	if ask == nil {
		return nil
	}
	type answer struct {
		columns []check.SourceColumn
		problem *diag.Diagnostic
	}
	known := map[source.Span]answer{}
	return func(src *ir.Source, declared map[string]value.Type) ([]check.SourceColumn, *diag.Diagnostic) {
		a, ok := known[src.At]
		if !ok {
			a.columns, a.problem = ask(src, declared)
			known[src.At] = a
		}
		return a.columns, a.problem
	}
}

// variant is the project with the params of a test; nil when they are wrong.
func (t *tester) variant(test *testform.Test) *ir.Project {
	if len(test.Set) == 0 {
		return t.project.Project
	}
	set, key := maps.Clone(t.in.Set), ""
	if set == nil {
		set = map[string]string{}
	}
	for _, p := range test.Set {
		set[p.Name.Text] = p.Value.Text
		key += fmt.Sprintf("%q=%q ", p.Name.Text, p.Value.Text)
	}
	if p, ok := t.variants[key]; ok {
		return p
	}
	in := t.in
	in.Set, in.Uses = set, nil
	p, diags := check.Check(in)
	if !diags.HasErrors() {
		t.variants[key] = p
		return p
	}
	for _, d := range diags {
		if d.Severity == diag.Error {
			t.diags = append(t.diags, inTest(d, test))
		}
	}
	return nil
}

// inTest moves what is said of a param that was set to the place where the
// test sets it.
func inTest(d diag.Diagnostic, test *testform.Test) diag.Diagnostic {
	for _, p := range test.Set {
		if d.Span.File != nil && strings.TrimPrefix(d.Span.File.Name, "--set ") == p.Name.Text {
			d.Span, d.Edits = p.Value.At, nil
			if strings.HasPrefix(d.Message, "there is no param") {
				d.Span = p.Name.At
			}
		}
	}
	return d
}
