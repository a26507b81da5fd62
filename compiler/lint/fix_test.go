package lint_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/lint"
	"github.com/segql/segql/lang/diag"
)

// TestFixes writes what each fix does, and that doing it again changes nothing.
func TestFixes(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"double negation", `not (not city is known)`, `city is known`},
		{"negation of known", `not city is known`, `city is missing`},
		{"negation of a negation", `not (city not in ["a", "b"])`, `city in ["a", "b"]`},
		{"negation of !=", `not (city != "a") and any(orders)`, `city = "a" and any(orders)`},
		{"negation of =", `not (city = "a")`, `city != "a"`},
		{"negation of a segment", `not (in segment other)`, `not in segment other`},
		{"negation of a set", `not city in ["a", "b"]`, `city not in ["a", "b"]`},
		{"negation of any", `not any(orders where amount > 10)`, `none(orders where amount > 10)`},
		{"negation of none", `not (none(orders))`, `any(orders)`},
		{"a count that is at least one", `count(orders in last 9 days where status = "paid") > 0`, `any(orders in last 9 days where status = "paid")`},
		{"a count that is none", `income > 7 and count(orders) < 1`, `income > 7 and none(orders)`},
		{"the count of a list stays", `count(interests) = 0`, `count(interests) = 0`},
		{"both", `not (count(orders) = 0)`, `any(orders)`},
		{"a set of one", `city in ["a"] and not gender in ["male"]`, `city = "a" and gender != "male"`},
		{"a set of one with has", `interests has any of ["a"]`, `interests has "a"`},
		{"has none of one stays", `interests has none of ["a"]`, `interests has none of ["a"]`},
		{"choices", `city = "a" or city = "b" or any(orders) or city = "a"`, `city in ["a", "b"] or any(orders)`},
		{"choices with and", `city != "a" and city != "b" and income > 0`, `city not in ["a", "b"] and income > 0`},
		{"a range", `income >= 10 and any(orders) and income <= 20`, `income between 10 and 20 and any(orders)`},
		{"a range the other way round", `income <= 20 and income >= 10`, `income between 10 and 20`},
		{"no range", `income >= 10 and birthday since 2000-01-01`, `income >= 10 and birthday since 2000-01-01`},
		{"equal bounds", `income not between 10 and 10`, `income != 10`},
		{"equal days", `signup_at between 2025-01-01 and 2025-01-01`, `signup_at on 2025-01-01`},
		{"true", `email_opt_in = true`, `email_opt_in`},
		{"a pattern", `name matches /^a\.b/ and name not matches /c$/ and city matches /^x$/`, `name starts with "a.b" and name not ends with "c" and city = "x"`},
		{"a real pattern stays", `name matches /^a.b/`, `name matches /^a.b/`},
		{"values twice", `city in ["a", "a", "b", "a"]`, `city in ["a", "b"]`},
		{"conditions twice", `city = "a" and (city = "a") and income > 0`, `city = "a" and income > 0`},
		{"windows in each other", `any(orders in last 90 days) and any(orders in last 30 days)`, `any(orders in last 30 days)`},
		{"windows joined by or", `any(orders in last 90 days) or any(orders in last 30 days)`, `any(orders in last 90 days)`},
		{"windows with none", `none(orders in last 90 days) and none(orders in last 30 days)`, `none(orders in last 90 days)`},
		{"dates in windows", `birthday in last 90 days and birthday in last 30 days`, `birthday in last 30 days`},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := "segment a { where " + c.in + " }\n\nsegment other { where income > 77 }\n"
			want := strings.Replace(before, c.in, c.want, 1)
			if tidy := strings.Replace(want, "segment a { where "+c.want+" }", "segment a {\n  where "+c.want+"\n}", 1); len(c.want) > 70 {
				want = tidy
			}
			if got := fixed(t, before); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
			if got := fixed(t, want); got != want {
				t.Errorf("again it gives\n%s", got)
			}
		})
	}
}

// fixed is a file after Fix.
func fixed(t *testing.T, text string) string {
	t.Helper()
	fsys, _ := pageFiles(t, []diag.FileBlock{{Name: "example.seg", Text: text}})
	r := lint.Fix(fsys, compiler.Options{}, lint.Input{})
	if r.Left.HasErrors() {
		t.Fatalf("%v", r.Left)
	}
	if (len(r.Files) > 0) != (r.Count > 0) {
		t.Errorf("%d fixes in %d files", r.Count, len(r.Files))
	}
	if after, ok := r.Files["example.seg"]; ok {
		return after
	}
	return text
}

func TestFixMagicNumbers(t *testing.T) {
	got := fixed(t, `segment a { where income >= 5_000 }
segment b { where income >= 5000 and any(orders) }
param limit = 7 # of something
segment c { where income between 1 and 5_000 and count(orders) < limit }
`)
	want := `segment a { where income >= min_income }

segment b { where income >= min_income and any(orders) }

param limit = 7  # of something
param min_income = 5_000

segment c { where income between 1 and min_income and count(orders) < limit }
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

// TestFixKeepsComments: a fix that would lose a comment is not made.
func TestFixKeepsComments(t *testing.T) {
	text := `segment a {
  where city = "a"
    # and its old name
    or city = "b"
}
`
	if got := fixed(t, text); got != text {
		t.Errorf("got\n%s", got)
	}
}

// TestFixYAML: in YAML a fix changes the texts of conditions, never the
// structure around them.
func TestFixYAML(t *testing.T) {
	fsys, _ := pageFiles(t, nil)
	fsys.(fstest.MapFS)["example.seg.yaml"] = &fstest.MapFile{Data: []byte(`segment: a
where:
  and:
    - count(orders in last 30 days where status = "paid") >= 1
    - city: {in: [Huế]}
    - gender: female
    - gender: female
`)}
	r := lint.Fix(fsys, compiler.Options{}, lint.Input{Disable: upkeep})
	want := `segment: a
where:
  and:
    - any(orders in last 30 days where status = "paid")
    - city: {in: [Huế]}
    - gender: female
    - gender: female
`
	if got := r.Files["example.seg.yaml"]; got != want {
		t.Errorf("got\n%s", got)
	}
	var codes []string
	for _, d := range r.Left {
		codes = append(codes, string(d.Code))
	}
	if got := strings.Join(codes, " "); got != "SEG2049 SEG2029" {
		t.Errorf("left are %s", got)
	}
}

// TestFixLeavesErrors: a project with errors is not touched.
func TestFixLeavesErrors(t *testing.T) {
	fsys, _ := pageFiles(t, []diag.FileBlock{{Name: "example.seg", Text: "segment a { where not not citty is known }\n"}})
	r := lint.Fix(fsys, compiler.Options{}, lint.Input{})
	if len(r.Files) > 0 || !r.Left.HasErrors() {
		t.Errorf("got %v, %v", r.Files, r.Left)
	}
	var _ fs.FS = fsys
}
