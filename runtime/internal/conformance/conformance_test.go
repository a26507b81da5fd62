package conformance

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/lang/diag"
)

// TestConformance asks every engine every case.
func TestConformance(t *testing.T) {
	archives := loadArchives(t)
	for i, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			for _, a := range archives {
				if i > 0 && !a.runs() {
					continue // checking is the same for all
				}
				t.Run(strings.TrimSuffix(a.path, ".txtar"), func(t *testing.T) {
					s := e.open(t, a)
					done := map[*testCase]bool{}
					if e.together {
						done = a.askTogether(t, s)
					}
					for _, c := range a.cases {
						if done[c] || i > 0 && len(c.errors) > 0 {
							continue // checking is the same for all
						}
						if failure := a.run(s, c); failure != "" {
							t.Errorf("spec/conformance/%s:%d: %s\n%s", a.path, c.line, c.title, failure)
						}
					}
				})
			}
		})
	}
}

// askTogether asks the cases of one instant that define nothing but what they
// ask, in one run. Those that it does not answer are left for one by one.
func (a *archive) askTogether(t *testing.T, s session) map[*testCase]bool {
	t.Helper()
	groups := map[string][]*testCase{}
	for _, c := range a.cases {
		if c.where+c.value != "" && c.seg+c.yaml+c.catalog == "" && c.runs == nil && len(c.set)+len(c.fails)+len(c.errors) == 0 {
			groups[c.asOf] = append(groups[c.asOf], c)
		}
	}
	done := map[*testCase]bool{}
	for asOf, cases := range groups {
		files := a.sources()
		for i, c := range cases {
			name := fmt.Sprintf("%s_%d", asked, i)
			definition, _ := c.definition(name)
			questions, _ := c.questions(name)
			files[name+".seg"] = &fstest.MapFile{Data: []byte(definition + questions)}
		}
		p, diags := compiler.Compile(files, compiler.Options{Columns: s.columns})
		at, err := int64(0), error(nil)
		if asOf != "" && !diags.HasErrors() {
			at, err = p.Calendar.ParseInstant(asOf)
		}
		if diags.HasErrors() || asOf == "" || err != nil {
			continue
		}
		got, err := s.members(question{project: p, files: files, asOf: at})
		if err != nil {
			continue
		}
		for i, c := range cases {
			done[c] = true
			if failure := compare(p, c.expected(fmt.Sprintf("%s_%d", asked, i)), got); failure != "" {
				t.Errorf("spec/conformance/%s:%d: %s\n%s", a.path, c.line, c.title, failure)
			}
		}
	}
	return done
}

// runs reports whether a case of the archive is more than a mistake to find.
func (a *archive) runs() bool {
	return slices.ContainsFunc(a.cases, func(c *testCase) bool { return len(c.errors) == 0 })
}

// run asks one case; "" when the answer is the one expected.
func (a *archive) run(s session, c *testCase) string {
	files := a.project(c)
	p, diags := compiler.Compile(files, compiler.Options{Set: c.set, Columns: s.columns})
	if failure := c.diagnosed(diags); failure != "" || len(c.errors) > 0 {
		return failure
	}
	q := question{project: p, files: files, set: c.set, stops: len(c.fails) > 0}
	if p.AsOf != nil {
		q.asOf = *p.AsOf
	}
	var err error
	if c.asOf != "" {
		q.asOf, err = p.Calendar.ParseInstant(c.asOf)
	}
	if c.runs != nil {
		q.runs = []int64{}
	}
	for _, text := range c.runs {
		at, problem := p.Calendar.ParseInstant(text)
		q.runs, err = append(q.runs, at), errors.Join(err, problem)
	}
	if err != nil {
		return err.Error()
	}
	got, err := s.members(q)
	switch {
	case len(c.fails) > 0 && err == nil:
		return "the run goes through and should stop: " + strings.Join(c.fails, " ")
	case len(c.fails) > 0:
		return lacks(err.Error(), c.fails)
	case err != nil:
		return "the run stops: " + err.Error()
	}
	failure := compare(p, c.expected(asked), got)
	if len(c.checks) > 0 {
		checks, err := s.checks(q)
		if err != nil {
			return "the checks stop: " + err.Error()
		}
		for _, name := range slices.Sorted(maps.Keys(c.checks)) {
			if want := c.checks[name]; checks != nil && !slices.Equal(want, checks[name]) {
				failure += fmt.Sprintf("checks of %s\n  expected %q\n  got      %q\n", name, want, checks[name])
			}
		}
	}
	return failure
}

// verdict is how a case writes that of a check.
func verdict(passed, skipped bool, got string) string {
	switch {
	case skipped:
		return "skipped=" + got
	case passed:
		return "passed=" + got
	}
	return "failed=" + got
}

// compare the members of segments.
func compare(p *compiler.Project, want, got map[string][]string) string {
	var out strings.Builder
	for name, keys := range want {
		seg := p.Segment(name)
		if seg == nil {
			fmt.Fprintf(&out, "there is no segment %s\n", name)
			continue
		}
		x, y := sorted(keys), sorted(got[name])
		if !slices.Equal(x, y) {
			fmt.Fprintf(&out, "%s\n  expected %q\n  got      %q\n", seg.Decl.Text(), x, y)
		}
	}
	return out.String()
}

func sorted(keys []string) []string {
	keys = slices.Clone(keys)
	slices.Sort(keys)
	return keys
}

// diagnosed compares the errors, which must be exactly those expected, and
// looks for the notes.
func (c *testCase) diagnosed(diags diag.List) string {
	var out strings.Builder
	left := slices.Clone(c.errors)
	for _, d := range diags {
		if d.Severity != diag.Error {
			if slices.Contains(c.without, string(d.Code)) {
				fmt.Fprintf(&out, "not expected: %s\n", c.show(d))
			}
			continue
		}
		i := slices.IndexFunc(left, func(e expectation) bool { return c.meets(d, e) })
		if i < 0 {
			fmt.Fprintf(&out, "not expected: %s\n", c.show(d))
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, n := range c.notes {
		if !slices.ContainsFunc(diags, func(d diag.Diagnostic) bool { return d.Severity != diag.Error && c.meets(d, n) }) {
			left = append(left, n)
		}
	}
	for _, e := range left {
		fmt.Fprintf(&out, "missing: %s %s %s\n", e.code, e.place, strings.Join(e.words, " "))
	}
	if len(left) > 0 {
		for _, d := range diags {
			fmt.Fprintf(&out, "  there is %s\n", c.show(d))
		}
	}
	return out.String()
}

func (c *testCase) meets(d diag.Diagnostic, e expectation) bool {
	return string(d.Code) == e.code && c.place(d) == e.place && lacks(d.Message+" "+d.Help, e.words) == ""
}

// place is where a diagnostic points to, counted from the beginning of the
// condition for `where` and `value`.
func (c *testCase) place(d diag.Diagnostic) string {
	if d.Span.File == nil {
		return "-"
	}
	pos := d.Span.Pos()
	switch d.Span.File.Name {
	case askedFile:
		_, prefix := c.definition(asked)
		return fmt.Sprintf("%d:%d", pos.Line, pos.Column-utf8.RuneCountInString(prefix))
	case segFile, yamlFile:
		return fmt.Sprintf("%d:%d", pos.Line, pos.Column)
	default:
		return fmt.Sprintf("%s:%d:%d", d.Span.File.Name, pos.Line, pos.Column)
	}
}

func (c *testCase) show(d diag.Diagnostic) string {
	return fmt.Sprintf("%s %s %s %q (%s)", d.Severity, d.Code, c.place(d), d.Message, d.Help)
}

// lacks names the words that a message should have and has not.
func lacks(message string, words []string) string {
	for _, w := range words {
		if !strings.Contains(strings.ToLower(message), strings.ToLower(w)) {
			return fmt.Sprintf("%q is not said in: %s", w, message)
		}
	}
	return ""
}
