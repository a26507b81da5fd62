package generate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/cover"
	"github.com/segql/segql/compiler/generate"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/mutate"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/trial"
	"github.com/segql/segql/internal/golden"
)

const catalog = `
version: 1
timezone: Asia/Ho_Chi_Minh
as_of: 2025-06-01
entities:
  customer:
    source: c.csv
    key: {column: id, type: int}
    attributes:
      gender:   {type: text, values: [female, male]}
      city:     {type: text}
      age:      {type: int, min: 0, max: 120}
      email:    {type: text, pii: true}
      signup:   {type: time}
      a: bool
      b: bool
      c: bool
      d: bool
      e: bool
      f: bool
      g: bool
facts:
  orders:
    source: o.csv
    of: customer
    by: customer_id
    at: ordered_at
    key: no
    attributes: {customer_id: int, no: int, ordered_at: {type: time}, status: {type: text, values: [paid, open]}, amount: {type: "decimal(12, 2)", min: 0}}
`

const definitions = `
param least = 100
segment grown { where age >= 18 }
segment women { where gender = "female" and age between 20 and 40 and city not in ["Huế"] }
segment regulars { where count(orders in last 90 days where status = "paid") >= 3 or sum(amount of orders) >= least }
segment both { where in segment women and any(orders) }
segment best { where sum(amount of orders) in top 10% and age >= 18 }
segment back { where entered segment grown in last 7 days }
segment nobody { where age > 5 and age < 6 }
segment many { where (a or b) and (c or d) and (e or f) and (g or age > 3) and (city = "x" or city = "y" or gender = "male") }
segment summer { valid_from: 2025-07-01 valid_until: 2025-08-31 where age >= 18 }
split stage {
  none "None yet" when none(orders)
  new when count(orders) = 1 and any(orders in last 30 days)
  old otherwise
}
holdout drawn of segment grown { control: 10% test: otherwise }
`

func compile(t *testing.T, more string) *compiler.Project {
	t.Helper()
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "a.seg": {Data: []byte(definitions + more)}}, compiler.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return p
}

func named(p *compiler.Project, name string) (out []*ir.Segment) {
	for _, s := range p.Segments {
		if s.Name == name || s.Split == name {
			out = append(out, s)
		}
	}
	return out
}

func tests(t *testing.T, p *compiler.Project, name string) *generate.File {
	t.Helper()
	f, err := generate.Tests(p.Project, named(p, name), generate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// What is written passes as the tests of the project, and says the same again.
func TestPass(t *testing.T) {
	p := compile(t, "")
	done := map[string]bool{}
	for _, s := range p.Segments {
		name := s.Name
		if s.Split != "" {
			name = s.Split
		}
		if done[name] {
			continue
		}
		done[name] = true
		f := tests(t, p, name)
		if again := tests(t, p, name); again.Text != f.Text {
			t.Errorf("%s is written differently the second time", name)
		}
		with, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "a.seg": {Data: []byte(definitions)}, "a_test.seg.yaml": {Data: []byte(f.Text)}}, compiler.Options{Tests: true})
		if f.Customers == 0 {
			continue
		}
		if diags.HasErrors() || len(with.Tests) != len(f.Tests) {
			t.Fatalf("%s: %v\n%s", name, diags, f.Text)
		}
		for _, k := range with.Tests {
			answers, err := trial.Evaluate(k)
			if err != nil {
				t.Fatal(err)
			}
			for _, wrong := range trial.Judge(k, answers) {
				t.Errorf("%s: %s\n%s", name, wrong.Message, f.Text)
			}
		}
	}
}

func TestText(t *testing.T) {
	p := compile(t, "")
	for _, name := range []string{"women", "regulars", "best", "stage"} {
		golden.Check(t, "testdata/"+name+".yaml", tests(t, p, name).Text)
	}
}

// The tests see what can be seen, and notice what can be noticed.
func TestSees(t *testing.T) {
	p := compile(t, "")
	for _, name := range []string{"grown", "women", "regulars", "both", "stage", "drawn"} {
		f := tests(t, p, name)
		if len(f.Unshown) > 0 || f.More {
			t.Errorf("%s: unshown %v", name, f.Unshown)
		}
		i := slices.IndexFunc(cover.Measure(p.Project, f.Tests).Definitions, func(d *cover.Definition) bool { return d.Name == name })
		seen, all := cover.Measure(p.Project, f.Tests).Definitions[i].Points()
		if name != "drawn" && seen < all { // a holdout's conditions do not decide alone
			t.Errorf("%s: %d of %d seen\n%s", name, seen, all, f.Text)
		}
		if r := mutate.Run(p.Project, f.Tests, mutate.Options{Of: named(p, name)}); name != "drawn" {
			for _, m := range r.Survived {
				t.Errorf("%s: nothing notices that %s: %s", name, m.Text(), m.Change)
			}
		}
	}
}

// What cannot be shown is said, with the reason; what cannot be is counted.
func TestUnshown(t *testing.T) {
	p := compile(t, "")
	for _, c := range []struct {
		name, reason string
		never        int
	}{
		{"best", "it compares customers with each other, and these stand alone", 0},
		{"back", "it reads what earlier runs have stored, and there are none", 0},
		{"nobody", "", 1},
		{"drawn", "", 1},
	} {
		f := tests(t, p, c.name)
		if c.reason == "" && len(f.Unshown) > 0 || f.Never < c.never {
			t.Errorf("%s: %d impossible, %v", c.name, f.Never, f.Unshown)
		}
		if c.reason == "" {
			continue
		}
		if len(f.Unshown) == 0 || f.Unshown[0].Reason != c.reason || !strings.Contains(f.Text, "#     because "+c.reason) {
			t.Errorf("%s: %v\n%s", c.name, f.Unshown, f.Text)
		}
	}
}

// There is a bound, and the file says that it was met. By then every condition
// has decided.
func TestMany(t *testing.T) {
	p := compile(t, "")
	f := tests(t, p, "many")
	if !f.More || !strings.Contains(f.Text, fmt.Sprintf("# There are more than %d combinations.", generate.MostRegions)) || f.Customers > generate.MostRegions+generate.MostMore {
		t.Errorf("%d customers, more: %t\n%s", f.Customers, f.More, f.Text)
	}
	for _, d := range cover.Measure(p.Project, f.Tests).Definitions {
		for _, c := range d.Conditions {
			if d.Name == "many" && c.Gap() != "" {
				t.Errorf("%s: %s", c.At.Text(), c.Gap())
			}
		}
	}
}

// A definition is tested within its validity.
func TestValid(t *testing.T) {
	f := tests(t, compile(t, ""), "summer")
	if as := f.Tests[0].Instants[0].Step.AsOf.Text; as < "2025-07-01" || as > "2025-08-31" {
		t.Errorf("as of %s", as)
	}
}

// Params that were set are set by the tests, too.
func TestSet(t *testing.T) {
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "a.seg": {Data: []byte(definitions)}}, compiler.Options{Set: map[string]string{"least": "5"}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	f, err := generate.Tests(p.Project, named(p, "regulars"), generate.Options{Set: []testform.Param{{Name: testform.Text{Text: "least"}, Value: testform.Text{Text: "5"}}}})
	if err != nil || !strings.Contains(f.Text, "\nset: {least: 5}\n") {
		t.Errorf("%v\n%s", err, f.Text)
	}
}

// Who stops it gets nothing.
func TestStop(t *testing.T) {
	p := compile(t, "")
	n := 0
	_, err := generate.Tests(p.Project, named(p, "regulars"), generate.Options{Stop: func() bool { n++; return n > 3 }, Progress: func(string, int, int) {}})
	if err == nil {
		t.Error("it went on")
	}
}
