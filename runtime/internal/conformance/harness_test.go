package conformance

import (
	"strings"
	"testing"
)

// A case with a wrong expectation fails, whatever it expects.
func TestWrongExpectations(t *testing.T) {
	const world = `
as of: 2025-03-31

-- catalog.yaml --
timezone: UTC
entities:
  customer: {source: c.csv, key: id, attributes: {id: int, city: text}}
-- c.csv --
id,city
1,Huế
2,
-- cases --
case: x
ids: a.1
`
	for _, c := range []struct{ text, says string }{
		{"where: city = \"Huế\"\nmembers: 1", ""},
		{"where: city = \"Huế\"\nmembers: 1 2", `expected ["1" "2"]`},
		{"where: city = \"Huế\"\nmembers:", "expected []"},
		{"where: city = \"Huế\"\nmembers other: 1", "no segment other"},
		{"value: city\nvalues: 1=Huế 2=missing", ""},
		{"value: city\nvalues: 1=Huế", ""},
		{"value: city\nvalues: 1=Hue", `expected ["1"]`},
		{"value: city\nvalues: 1=missing", `got      ["2"]`},
		{"where: cty = \"x\"\nerror: SEG1001 1:1 city", ""},
		{"where: cty = \"x\"\nmembers:", "not expected: error SEG1001"},
		{"where: cty = \"x\"\nerror: SEG1002 1:1 city", "missing: SEG1002"},
		{"where: cty = \"x\"\nerror: SEG1001 1:2 city", "missing: SEG1001 1:2"},
		{"where: cty = \"x\"\nerror: SEG1001 1:1 town", "missing: SEG1001 1:1 town"},
		{"where: city = \"x\"\nerror: SEG1001 1:1 city", "missing: SEG1001"},
		{"where: city != \"x\"\nmembers: 1 2\nnote: SEG2001 1:1", ""},
		{"where: city = \"x\"\nmembers:\nnote: SEG2001 1:1", "missing: SEG2001"},
		{"where: city != \"x\"\nmembers: 1 2\nno: SEG2001", "not expected: note SEG2001"},
		{"where: city = \"x\"\nfails: large", "should stop"},
		{"definitions:\n  segment a {\n    where id > 0\n    expect size >= 2\n  }\nchecks a: passed=2", ""},
		{"definitions:\n  segment a {\n    where id > 0\n    expect size >= 2\n  }\nchecks a: failed=2", `got      ["passed=2"]`},
		{"definitions:\n  segment a {\n    where id > 0\n    expect size >= 2\n  }\nchecks a:", `expected []`},
	} {
		a, err := parseArchive("wrong.txtar", []byte(world+c.text+"\n"))
		if err != nil {
			t.Fatalf("%s: %v", c.text, err)
		}
		failure := a.run(openEval(false)(t, a), a.cases[0])
		if failure == "" != (c.says == "") || !strings.Contains(failure, c.says) {
			t.Errorf("%s\nsays %q, should say %q", c.text, failure, c.says)
		}
	}
}

// What cannot be a case is an error of the file.
func TestBrokenArchives(t *testing.T) {
	for text, says := range map[string]string{
		"-- catalog.yaml --\n":                                       "no case",
		"-- cases --\nids: a\n":                                      "2: no case begun",
		"-- cases --\n\ncase: x\nids: a\n":                           "3: case \"x\" defines nothing",
		"-- cases --\ncase: x\nwhere: true\nmembers: 1\n":            "covers no sentence",
		"-- cases --\ncase: x\nids: a\nwhere: true\n":                "expects nothing",
		"-- cases --\ncase: x\nids: a\nwhere: true\nmembres: 1\n":    "unknown property",
		"-- cases --\ncase: x\nids: a\nvalue: 1\nvalues: 1=\"x\n":    "not closed",
		"-- cases --\ncase: x\nids: a\nthis is no property at all\n": "not `key: value`",
	} {
		if _, err := parseArchive("broken.txtar", []byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, should say %q", text, err, says)
		}
	}
}
