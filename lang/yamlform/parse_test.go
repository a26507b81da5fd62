package yamlform_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
	"github.com/segql/segql/lang/yamlform"
)

// TestMeaning: each YAML is the same as the .seg beside it. Scalars whose
// type only the checker knows are read by their looks.
func TestMeaning(t *testing.T) {
	for _, c := range []struct{ yaml, seg string }{
		{"segment: a\nwhere: income > 3", "segment a { where income > 3 }"},
		{"segment: a\nof: company\nwhere: a and b", "segment a of company { where a and b }"},
		{"where: income > 3\nexpect: [size >= 5, {size: 7}]\ntags: [x, y]\nsegment: '`a b`'\ntitle: \"x\\ty\"",
			"segment `a b` { tags: [\"x\", \"y\"] title: \"x\\ty\" where income > 3 expect size >= 5 expect size = 7 }"},
		{"segment: a\npriority: 1_0\nvalid_from: '2025-01-01'\nvalid_until: 2025-02-01\nwhere: |\n  a\n  and b # c\nowner: |\n  x\n  y\n",
			"segment a { priority: 1_0 valid_from: 2025-01-01 valid_until: 2025-02-01 owner: \"x\\ny\" where a and b }"},
		{"segment: a\nwhere: {and: [a, {or: [b, c = 1]}, {not: {and: [d, e]}}, {not: f}, g or h]}", "segment a { where a and (b or c = 1) and not (d and e) and not f and (g or h) }"},
		{"segment: a\nwhere: {and: [b]}", "segment a { where b }"},
		{"segment: a\nwhere: {and: [a, {and: [b, c]}]}", "segment a { where a and (b and c) }"},
		{"segment: a\nwhere: {gender: female}", `segment a { where gender = "female" }`},
		{"segment: a\nwhere: {x: 5}", "segment a { where x = 5 }"},
		{"segment: a\nwhere: {x: {\"!=\": 2025-03-08}}", "segment a { where x != 2025-03-08 }"},
		{"segment: a\nwhere: {x: true}", "segment a { where x = true }"},
		{"segment: a\nwhere: {x: {\"<=\": -5}}", "segment a { where x <= -5 }"},
		{"segment: a\nwhere: {x: {\">\": 20%}}", "segment a { where x > 20% }"},
		{"segment: a\nwhere: {x: {\"~=\": 5}}", `segment a { where x ~= "5" }`},
		{"segment: a\nwhere: {age(d): {not  between: [1, '2']}}", "segment a { where age(d) not between 1 and 2 }"},
		{"segment: a\nwhere: {d: {between: [2025, 30 days ago]}}", "segment a { where d between 2025 and 30 days ago }"},
		{"segment: a\nwhere: {x: {in: [a, \"b\", 5]}}", `segment a { where x in ["a", "b", "5"] }`},
		{"segment: a\nwhere: {x: {not in: [1, 2.5, -3]}}", `segment a { where x not in [1, 2.5, -3] }`},
		{"segment: a\nwhere: {x: {in: names}}", "segment a { where x in names }"},
		{"segment: a\nwhere: {x: {in: last 90 days}}", "segment a { where x in last 90 days }"},
		{"segment: a\nwhere: {x: {not in: 2025-03}}", "segment a { where x not in 2025-03 }"},
		{"segment: a\nwhere: {x: {in: top 10% of segment b per c}}", "segment a { where x in top 10% of segment b per c }"},
		{"segment: a\nwhere: {customer: {in: segment b.c}}", "segment a { where customer in segment b.c }"},
		{"segment: a\nwhere: {x: {on: today}}", "segment a { where x on today }"},
		{"segment: a\nwhere: {x: {since: y + 30 days}}", "segment a { where x since y + 30 days }"},
		{"segment: a\nwhere: {x: {not before: 2025}}", "segment a { where x not before 2025 }"},
		{"segment: a\nwhere: {x: {contains: 00123}}", `segment a { where x contains "00123" }`},
		{"segment: a\nwhere: {x: {not ends with: no}}", `segment a { where x not ends with "no" }`},
		{"segment: a\nwhere: {x: {~contains: ''}}", `segment a { where x ~contains "" }`},
		{"segment: a\nwhere: {x: {matches: '/a\\/b/i'}}", `segment a { where x matches /a\/b/i }`},
		{"segment: a\nwhere: {x: {has: chạy bộ}}", `segment a { where x has "chạy bộ" }`},
		{"segment: a\nwhere: {x: {has any of: [a]}}", `segment a { where x has any of ["a"] }`},
		{"segment: a\nwhere: {x: {not has none of: names}}", `segment a { where x not has none of names }`},
		{"segment: a\nwhere: {x: {is: missing}}", `segment a { where x is missing }`},
		{"segment: a\nwhere: {x: {within: '10 km of point(21, 105)'}}", `segment a { where x within 10 km of point(21, 105) }`},
		{"- trait: a\n  of: company\n  value: sum(x of y)\n- trait: b\n  value: 1", "trait a of company = sum(x of y)\ntrait b = 1"},
		{"rfm: v\nvalue: amount of orders in last 365 days", "rfm v = amount of orders in last 365 days"},
		{"list: l\nvalues: [a, b]", `list l = ["a", "b"]`},
		{"list: l\nvalues: [1, 2]", `list l = [1, 2]`},
		{"list: l\ntype: text\nvalues: [1, 2]", `list l = ["1", "2"]`},
		{"list: l\nfrom: lists/x.csv\ncolumn: Customer ID", "list l from \"lists/x.csv\" column `Customer ID`"},
		{"list: l\nfrom: lists/x.csv\ncolumn: '`a``b`'", "list l from \"lists/x.csv\" column `a``b`"},
		{"param: p\nvalue: 5_000_000", "param p = 5_000_000"},
		{"param: p\nvalue: Huế", `param p = "Huế"`},
		{"param: p\ntype: text\nvalue: 2025-03-08", `param p = "2025-03-08"`},
		{"param: p\nvalue: '90 days'", `param p = 90 days`},
		{"split: s\nof: segment a\nbranches:\n  - {branch: x, title: X, when: a}\n  - {branch: y, when: otherwise}", "split s of segment a { x \"X\" when a y otherwise }"},
		{"split: s\nof: company\nbranches: [{branch: x, when: {a: 1}}, {title: Y, when: otherwise, branch: rest}]", "split s of company { x when a = 1 rest \"Y\" otherwise }"},
		{"holdout: h\nof: segment a.b\ngoal: g\ngroups: [{c: 10%}, {t: otherwise}]", "holdout h of segment a.b { goal: \"g\" c: 10% t: otherwise }"},
		{"", ""}, {"# only this", ""}, {"[]", ""},
	} {
		got, diags := yamlform.Parse(source.New("a.seg.yaml", c.yaml))
		want, more := syntax.Parse(source.New("a.seg", c.seg))
		for _, d := range append(diags, more...) {
			t.Errorf("%s\n%s", c.yaml, d)
		}
		guess(reflect.ValueOf(got.Decls))
		if !sameDecls(got.Decls, want.Decls) {
			t.Errorf("%s\nis read as\n%s\nand not as\n%s", c.yaml, format.Format(got), format.Format(want))
		}
	}
}

// guess reads all scalars by their looks.
func guess(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		if s, ok := v.Interface().(*ast.Scalar); ok {
			v.Set(reflect.ValueOf(syntax.Guess(s)))
			return
		}
		guess(v.Elem())
	case reflect.Pointer:
		if set, ok := v.Interface().(*ast.Set); ok && set != nil {
			syntax.GuessSet(set)
		}
		if !v.IsNil() && v.Type() != reflect.TypeFor[*source.File]() {
			guess(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			guess(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				guess(v.Field(i))
			}
		}
	}
}

// sameDecls compares trees without their places.
func sameDecls(a, b []ast.Decl) bool {
	return len(a) == 0 && len(b) == 0 || same(reflect.ValueOf(a), reflect.ValueOf(b))
}

func same(a, b reflect.Value) bool {
	if a.Kind() != b.Kind() || a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Interface, reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return same(a.Elem(), b.Elem())
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		if a.Type() == reflect.TypeFor[ast.At]() || a.Type() == reflect.TypeFor[source.Span]() {
			return true
		}
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

// TestTables: each key says what it is for, its example is read, and no word
// leads away from a key of its own table.
func TestTables(t *testing.T) {
	for _, table := range yamlform.Tables() {
		also := map[string]string{}
		for _, k := range table.Keys {
			if k.Purpose == "" || k.Form == "" || len(k.Takes) == 0 {
				t.Errorf("%s: %s lacks something", table.Of, k.Name)
			}
			for _, word := range k.Also {
				if table.Key(word) != nil || also[word] != "" {
					t.Errorf("%s: the word %s leads to %s and to %s", table.Of, word, k.Name, also[word])
				}
				also[word] = k.Name
			}
		}
	}
	for _, table := range yamlform.Definitions() {
		for _, k := range table.Keys {
			var b strings.Builder
			for _, other := range table.Keys {
				if other.Required || other.Name == k.Name || other.Name == "from" && k.Name == "column" || other.Name == "values" && k.Name == "type" && table.Of == "a list" {
					b.WriteString(other.Name + ": " + other.Form + "\n")
				}
			}
			if text := b.String(); table.Of == "a list" && !strings.Contains(text, "values:") && !strings.Contains(text, "from:") {
				b.WriteString("values: [a]\n")
			}
			_, diags := yamlform.Parse(source.New("a.seg.yaml", strings.Replace(b.String(), "type: text\nvalue: 5_000_000", "type: text\nvalue: x", 1)))
			for _, d := range diags {
				t.Errorf("%s with its example of %s:\n%s\n%s", table.Of, k.Name, b.String(), d)
			}
		}
	}
}

// FuzzParse: no input makes the reader panic, and every span lies in the file.
func FuzzParse(f *testing.F) {
	for _, s := range yamlSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, diags := syntax.Load("a.seg.yaml", []byte(text))
		if diags.HasErrors() {
			return
		}
		tree, diags := yamlform.Parse(file)
		yamlform.KeepEdits(diags)
		inside := func(s source.Span) {
			if s.File != file || s.Start < 0 || s.End < s.Start || s.End > len(file.Text) {
				t.Fatalf("span %d-%d of %d bytes", s.Start, s.End, len(file.Text))
			}
		}
		for _, d := range diags {
			inside(d.Span)
			if d.Help == "" && d.Severity == 0 {
				t.Logf("no help: %s", d)
			}
		}
		for _, d := range tree.Decls {
			inside(d.Span())
		}
		last := 0
		for _, c := range tree.Comments {
			if inside(c.Loc); c.Loc.Start < last {
				t.Fatalf("comments are not in order")
			}
			last = c.Loc.Start
		}
	})
}

var yamlSeeds = []string{
	"segment: a\nwhere: income > 3\n", "- segment: a # x\n  where:\n    and: # y\n      - gender: female # z\n      # own\n      - city: {in: [a, 'b', \"c\\u0301\"]}\n# end\n",
	"segment: a\nwhere: |\n  a # x\n  and b\n  # y\nexpect:\n  - size >= 5\n", "split: a\nbranches:\n  - branch: b\n    title: T\n    when: c\n  - branch: d\n    when: otherwise\n",
	"holdout: a\nof: segment b\ngroups:\n  - c: 10%\n  - d: otherwise\n", "list: a\ntype: text\nvalues: [1, no, ~]\n", "list: a\nfrom: x.csv\ncolumn: b\n",
	"param: a\nvalue: 5_000\n", "trait: a\nvalue: sum(b of c)\n", "rfm: a\nvalue: b of c\n", "segment: a\nwhere: >-\n  a\n  = 1\n\n  and b\n",
	"segment: a\nwhere: {x: {matches: '/a/'}}\n", "segment: a\nwhere: {x: {in: last month}}\n", "a: &b c\nd: *b\n", "? a\n: b\n", "segment: a\nwhere:\n",
	"- segment: a\n  where: b\n  # in\n# out\n\n# far\n- trait: c\n  value: d # e\n",
}
