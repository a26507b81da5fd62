package grammar_test

import (
	"testing"

	"github.com/segql/segql/internal/golden"
	"github.com/segql/segql/internal/grammar"
)

// TestEBNF holds spec/grammar.ebnf to the rules that the parser is tested with.
func TestEBNF(t *testing.T) {
	golden.Check(t, "../../spec/grammar.ebnf", grammar.EBNF())
}

// TestRules: a first look at the rules themselves; the tests of lang/syntax
// compare them with the parser.
func TestRules(t *testing.T) {
	for text, ok := range map[string]bool{
		"segment s { where a }":                            true,
		"segment s {\n where a\n expect size > 5 }\n":      true,
		"segment s {\nwhere a\n}":                          false,
		" segment s { where a }":                           false,
		"segment s { }":                                    false,
		"split s { a when b  c otherwise }":                true,
		"split s { a when b }":                             false,
		"holdout h of segment s { a: 10% b: otherwise }":   true,
		"holdout h of segment s { a: 10 b: otherwise }":    false,
		"holdout h of s { a: otherwise }":                  false,
		"trait t = sum(a of b)":                            true,
		"trait t = (a > 5)":                                false,
		"trait t = (any(b))":                               false,
		"trait t = coalesce(any(b), false)":                true,
		"rfm r = amount of orders in last 365 days":        true,
		"list l = [1, -2, 5%, \"x\"]":                      true,
		"list l = []":                                      false,
		"list l from \"a.csv\" column `e mail`":            true,
		"param p = 90 days":                                true,
		"param p = 2025-02-30":                             false,
		"param p = 5k":                                     false,
		"param p = \"\\u{110000}\"":                        false,
		"param p = 5 + 5":                                  false,
		"param p = 1 param q = 2":                          false,
		"segment s { where a matches /x/i }":               true,
		"segment s { where a / 2 > 5 and b / 2 < 3 }":      true,
		"segment s { where a and b or c }":                 false,
		"segment s { where a in last month }":              false,
		"segment s { where any(a not followed by b) }":     true,
		"segment s { where a = null }":                     false,
		"# nothing but a comment":                          true,
		"segment s { where a\n  -- b\n}":                   false,
		"segment s { where count(a in b) > 1 }":            false,
		"segment s { where count(distinct a of b) > 1 }":   true,
		"segment s { where f(x in top 5 of segment) > 1 }": false,
	} {
		if err := grammar.CheckFile(text); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}
