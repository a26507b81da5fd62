package lint_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/lint"
	"github.com/segql/segql/lang/diag"
)

// oldCatalog deprecates one of each kind of name: some of them only have
// another name, others mean something else.
const oldCatalog = `
version: 1
timezone: Asia/Ho_Chi_Minh
as_of: 2025-07-01
entities:
  customer:
    source: c.csv
    key: id
    attributes:
      id: {type: int}
      city: {type: text}
      income: {type: int}
      joined: {type: date}
      ok: {type: bool}
      town: {column: city, type: text, deprecated: "use city instead"}
      place: {column: city, type: text, trim: true, deprecated: "use city instead"}
      deprecated: {column: ok, type: bool}
      firm_id: {type: int}
    fields:
      wealth: {expr: income, deprecated: "write ` + "`income`" + `, as all others"}
      yearly: {expr: income * 12, deprecated: "use income instead"}
    belongs_to:
      firm: {entity: firm, by: firm_id, reverse: staff}
      employer: {entity: firm, by: firm_id, reverse: people, deprecated: "use firm instead, or its staff"}
  firm:
    source: f.csv
    key: id
    attributes: {id: {type: int}, name: {type: text}}
  shop: {source: s.csv, key: id, deprecated: "use firm instead", attributes: {id: {type: int}}}
facts:
  orders:
    source: o.csv
    of: customer
    by: customer_id
    at: at
    attributes: {customer_id: {type: int}, at: {type: time}, amount: {type: int}, sum: {type: int, column: amount, deprecated: use amount}}
  sales: {from: orders, deprecated: use orders}
  large: {from: orders, where: amount > 10, deprecated: use orders}
`

func deprecatedIn(t *testing.T, name, text string) (diag.List, fstest.MapFS) {
	t.Helper()
	fsys := fstest.MapFS{"catalog.yaml": {Data: []byte(oldCatalog)}, name: {Data: []byte(text)}}
	p, diags := compiler.Compile(fsys, compiler.Options{})
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags, text)
	}
	return lint.Run(lint.Input{Project: p, Diags: diags, Only: []diag.Code{"SEG2064"}}), fsys
}

// TestDeprecated: which uses are found, what is said of them, and what is
// written in their place.
func TestDeprecated(t *testing.T) {
	const base = `segment b { where income > 20 }
segment a { deprecated: "use b instead" where income >= 21 }
segment other { deprecated: "use b instead" where income > 21 }
segment gone { deprecated: "use nothing of the kind" where income >= 21 }
segment both { deprecated: "use b or c" where income >= 21 }
segment c { where income > 20 }
split now { poor when income < 10  rich otherwise }
split was { deprecated: "use now" poor when not (income >= 10) and income is known  rich otherwise }
holdout trial of segment b { deprecated: "it is over"  control: 10%  deprecated: 5%  test: otherwise }
`
	for _, c := range []struct{ in, found, fixed string }{
		{"where in segment a", "the segment a is deprecated: use b instead", "where in segment b"},
		{"where not in segment a and ok", "the segment a is deprecated: use b instead", "where not in segment b and ok"},
		{"where in segment other", "the segment other is deprecated: use b instead", ""},
		{"where in segment gone", "the segment gone is deprecated: use nothing of the kind", ""},
		{"where in segment both", "the segment both is deprecated: use b or c", ""},
		{"where income in top 10 of segment a", "the segment a is deprecated: use b instead", "where income in top 10 of segment b"},
		{"where entered segment a in last 30 days", "the segment a is deprecated: use b instead", ""},
		{"where ok expect overlap(a) >= 1%", "the segment a is deprecated: use b instead", "where ok expect overlap(b) >= 1%"},
		{"where in segment was.poor", "the split was is deprecated: use now", "where in segment now.poor"},
		{"where in segment trial.control", "the holdout trial is deprecated: it is over", ""},
		{"where in segment trial.deprecated", "the holdout trial is deprecated: it is over", ""},
		{"where deprecated", "", ""},
		{`where town = "x"`, "the attribute town is deprecated: use city instead", `where city = "x"`},
		{`where place = "x"`, "the attribute place is deprecated: use city instead", ""},
		{`where wealth > 3`, "the attribute wealth is deprecated: write `income`, as all others", `where income > 3`},
		{`where yearly > 3`, "the attribute yearly is deprecated: use income instead", ""},
		{`where wealth in top 10%`, "the attribute wealth is deprecated: write `income`, as all others", `where income in top 10%`},
		{`where any(orders where customer.town = "x" and amount > 3)`, "the attribute town is deprecated: use city instead", `where any(orders where customer.city = "x" and amount > 3)`},
		{`where any(orders where sum > 3)`, "the field sum is deprecated: use amount", `where any(orders where amount > 3)`},
		{`where any(orders as amount where sum > 3 followed by orders where at > amount.at)`, "the field sum is deprecated: use amount", ""},
		{`where sum(sum of large) > 3`, "the field sum is deprecated: use amount\nthe fact large is deprecated: use orders", `where sum(amount of large) > 3`},
		{`where any(sales in last 30 days)`, "the fact sales is deprecated: use orders", `where any(orders in last 30 days)`},
		{`where employer.name = "x"`, "the lookup employer is deprecated: use firm instead, or its staff", `where firm.name = "x"`},
		{`of firm where any(people)`, "the way back people is deprecated: use firm instead, or its staff", ""},
		{`of shop where id > 3`, "the entity shop is deprecated: use firm instead", ""},
		{`deprecated: "it goes" where in segment a and town = "x"`, "", ""},
	} {
		head, rest := "segment test ", c.in
		if of, body, ok := strings.Cut(c.in, " where"); ok && strings.HasPrefix(of, "of ") {
			head, rest = head+of+" ", "where"+body
		}
		text := base + head + "{ " + rest + " }\n"
		found, fsys := deprecatedIn(t, "a.seg", text)
		var said []string
		for _, d := range found {
			said = append(said, d.Message+": "+d.Help)
			if len(d.Labels) != 1 || d.Severity != diag.Warning {
				t.Errorf("%s: %v", c.in, d)
			}
		}
		if got := strings.Join(said, "\n"); got != c.found {
			t.Errorf("%s gives\n%s\nwant\n%s", c.in, got, c.found)
		}
		edits, _ := diag.Fixes(found)
		file := fsys["a.seg"].Data
		got, want := string(file), string(file)
		if len(edits) > 0 {
			var err error
			if got, err = diag.Apply(edits[0].Span.File, edits); err != nil {
				t.Fatal(err)
			}
		}
		if c.fixed != "" {
			want = strings.Replace(want, c.in, c.fixed, 1)
		}
		if got != want {
			t.Errorf("%s becomes\n%s", c.in, got)
		}
	}
}

// TestDeprecatedElsewhere: what would make a circle of definitions is not offered,
// and a trait, a list or an rfm that uses what is deprecated is told so.
func TestDeprecatedElsewhere(t *testing.T) {
	found, _ := deprecatedIn(t, "a.seg", `segment b { where in segment a }
segment a { deprecated: "use b instead" where income > 3 }
trait value = sum(sum of orders)
segment c { where value > 3 and in segment d and v.recency = 5 }
segment d { deprecated: "use e" where in segment e }
segment e { where income > 4 }
trait twin = bucket(sum(amount of orders) of segment d, 5)
rfm v = sum of orders
`)
	want := "a.seg:1:30: warning[SEG2064]: the segment a is deprecated, a.seg:3:19: warning[SEG2064]: the field sum is deprecated → amount, " +
		"a.seg:4:44: warning[SEG2064]: the segment d is deprecated → e, a.seg:7:54: warning[SEG2064]: the segment d is deprecated → e, a.seg:8:9: warning[SEG2064]: the field sum is deprecated → amount"
	if got := listed(found); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func listed(found diag.List) string {
	var out []string
	for _, d := range found {
		text := d.String()
		for _, e := range d.Edits {
			text += " → " + e.Text
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// TestDeprecatedYAML: the same in definitions in YAML.
func TestDeprecatedYAML(t *testing.T) {
	found, _ := deprecatedIn(t, "a.seg.yaml", `- segment: b
  where: income > 20
- segment: a
  deprecated: use b instead
  where: income >= 21
- segment: c
  where:
    and:
      - in segment a
      - town: {in: [x, y]}
- holdout: h
  of: segment a
  groups: [{control: 10%}, {deprecated: otherwise}]
`)
	want := "a.seg.yaml:9:20: warning[SEG2064]: the segment a is deprecated → b, a.seg.yaml:10:9: warning[SEG2064]: the attribute town is deprecated → city, " +
		"a.seg.yaml:12:15: warning[SEG2064]: the segment a is deprecated → b"
	if got := listed(found); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestReplacementsKeepMembers: whatever a text offers in the place of a
// deprecated segment, attribute or fact, nobody comes or goes when it is taken.
func TestReplacementsKeepMembers(t *testing.T) {
	fixes := 0
	rapid.Check(t, func(t *rapid.T) {
		x := condition(t, 1)
		y := rapid.SampledFrom([]string{x, "not (not (" + x + "))", condition(t, 1)}).Draw(t, "y")
		text := fmt.Sprintf("segment other { where income >= 20 }\nsegment b { where %s }\nsegment a { deprecated: \"use b\" where %s }\n"+
			"segment c { where in segment a or town = \"a\" and wealth > 10 }\nsegment d { where not in segment a and count(sales in last 60 days) > 1 and none(large) }\n", x, y)
		text = strings.Replace(text, `in segment a or town = "a" and wealth > 10`, `in segment a or (town = "a" and wealth > 10)`, 1)
		catalog := strings.Replace(worldCatalog, "ok: {type: bool}}", "ok: {type: bool}, town: {column: city, type: text, deprecated: use city}}\n    fields: {wealth: {expr: income, deprecated: use income}}", 1) +
			"  sales: {from: orders, deprecated: use orders}\n  large: {from: orders, where: amount > 10, deprecated: use orders}\n"
		fsys := fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "a.seg": {Data: []byte(text)}}
		r := lint.Fix(fsys, compiler.Options{}, lint.Input{Only: []diag.Code{"SEG2064"}})
		if r.Left.HasErrors() {
			t.Fatalf("%v\n%s", r.Left, text)
		}
		fixes += r.Count
		p, _ := compiler.Compile(fsys, compiler.Options{})
		rows := drawRows(t)
		if before, after := members(t, p, rows), members(t, r.Project, rows); before != after {
			t.Fatalf("before %s, after %s\n%s\n%s", before, after, text, r.Files["a.seg"])
		}
	})
	if fixes == 0 {
		t.Error("nothing was fixed")
	}
}
