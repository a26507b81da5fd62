package grammar

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/ebnf"
)

const preface = `# The grammar of segql, edition 1.
#
# Printed from the rules in internal/grammar by "go test ./internal/grammar -update".
# The tests hold the parser to these very rules: over every .seg file of the
# repository, over definitions made at random and under fuzzing, both accept
# and refuse the same texts.
#
# A rule is written  name = … .  and names stand for rules.
#
#   "word"    a word or sign of the language
#   "^word"   the same, in column 0
#   CAPITALS  a token, see the end
#   x?        x or nothing             x*  any number of x     x+  at least one
#   x | y     x, and only where x does not fit, y
#   (?= x)    here x follows; nothing is read
#   (?! x)    here x does not follow; nothing is read
#
# Read from left to right nothing is tried twice: repetitions take as much as
# they can. So after a complete operand a name that no rule goes on with ends
# the condition, and belongs to what comes next, a branch of a split or the
# next word of a fact.
#
# There are two start symbols: file, a .seg file, and expr, an expression in a
# catalog, in YAML or in --set, which fills its text. YAML also has pieces in
# texts of their own: sum (the subject of a leaf, the value of a trait), sum "of"
# fact (an rfm), tail (an operator and its value), split_of, path and name.
#
# What the rules do not say:
#   - Brackets, braces, parentheses and ` + "`not`" + ` nest at most 200 deep; a sum or a
#     product has at most 1000 parts.
#   - The value of a trait is a value: not a condition in parentheses alone,
#     and not any(…), none(…), all(…) or regularly(…) alone.
#   - Nothing but declarations and closing brackets stands in column 0 of a file.
#   - A file is UTF-8 text; it is read in NFC.
`

// section is a part of the file: its rules, in the order in which they are
// best read.
type section struct{ title, rules string }

var sections = []section{
	{"Declarations", "file decl segment expect split split_of branch rest_branch holdout holdout_meta group_start key bare_number group trait rfm list param meta value"},
	{"Conditions", "expr unary pred history tail compare null test in_what has_what has_of nearby rank"},
	{"Windows", "window bounds period duration length unit"},
	{"Values", "sum term factor prim case when set literal path name"},
	{"Calls and facts", "call all_call rhythm_call rows_call counted_rows plain_call args source whose fact step"},
}

// remarks say why a rule is as it is.
var remarks = map[string]string{
	"bare_number":  "a group that lacks its %",
	"compare":      "nothing is equal to null: there is `is missing`",
	"counted_rows": "count(orders …) counts rows of a fact; count(x of orders) is a call like others",
	"expr":         "`and` and `or` are on one level and need parentheses to be mixed",
	"in_what":      "one word after `in` decides",
	"key":          "keys that any definition may have; the checker knows them, these rules only here",
	"period":       "`in last month` could mean two things and is none",
	"rank":         "`of segment` always names one",
	"tail":         "`not` may stand before every word that compares, except `is`",
}

// EBNF prints the rules and the table of tokens as spec/grammar.ebnf.
func EBNF() string {
	tree, err := ebnf.ParseString(files().String())
	if err != nil {
		panic(fmt.Sprintf("grammar: participle prints rules that it cannot read: %v", err))
	}
	rules := map[string]*ebnf.Expression{}
	for _, p := range tree.Productions {
		rules[ruleName(p.Production)] = p.Expression
	}
	var b strings.Builder
	b.WriteString(preface)
	for _, s := range sections {
		fmt.Fprintf(&b, "\n# %s\n\n", s.title)
		for _, name := range strings.Fields(s.rules) {
			if rules[name] == nil {
				panic("grammar: there is no rule " + name)
			}
			if r := remarks[name]; r != "" {
				fmt.Fprintf(&b, "# %s\n", r)
			}
			b.WriteString(rule(name, rules[name]))
			delete(rules, name)
		}
	}
	for name := range rules {
		panic("grammar: the rule " + name + " is in no section")
	}
	b.WriteString(printTokens())
	return b.String()
}

// ruleName makes holdout_meta of HoldoutMeta.
func ruleName(s string) string {
	var b strings.Builder
	for i, r := range s {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// rule prints one rule, on several lines where it is long.
func rule(name string, x *ebnf.Expression) string {
	x = open(x)
	if line := fmt.Sprintf("%s = %s .\n", name, expression(x)); len(line) <= 120 {
		return line
	}
	if len(x.Alternatives) == 1 {
		return fmt.Sprintf("%s = %s .\n", name, wrapped(sequence(x.Alternatives[0]), strings.Repeat(" ", len(name)+3)))
	}
	if !slices.ContainsFunc(x.Alternatives, func(s *ebnf.Sequence) bool { return !plain(s) }) {
		return fmt.Sprintf("%s = %s .\n", name, wrapped(expression(x), strings.Repeat(" ", len(name)+3)))
	}
	var b strings.Builder
	b.WriteString(name)
	for i, alt := range x.Alternatives {
		if i > 0 && plain(alt) && plain(x.Alternatives[i-1]) {
			b.WriteString(" | " + sequence(alt))
			continue
		}
		fmt.Fprintf(&b, "\n  %c %s", "=|"[min(i, 1)], wrapped(sequence(alt), "      "))
	}
	b.WriteString("\n  .\n")
	return b.String()
}

// plain reports an alternative of one token or word.
func plain(s *ebnf.Sequence) bool {
	return len(s.Terms) == 1 && (s.Terms[0].Literal != "" || s.Terms[0].Token != "")
}

// wrapped breaks a long line at blanks outside of parentheses.
func wrapped(text, indent string) string {
	var b strings.Builder
	length, depth, start, quoted := len(indent), 0, 0, false
	for i, c := range text + " " {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == ')':
			depth += map[rune]int{'(': 1, ')': -1}[c]
		case c == ' ' && depth == 0 && (i == len(text) || text[i+1] != '|'):
			piece := text[start:i]
			switch {
			case start > 0 && length+utf8.RuneCountInString(piece) > 110:
				b.WriteString("\n" + indent)
				length = len(indent)
			case start > 0:
				b.WriteByte(' ')
			}
			b.WriteString(piece)
			length += len(piece) + 1
			start = i + 1
		}
	}
	return b.String()
}

// open takes away parentheses around a whole rule or alternative.
func open(x *ebnf.Expression) *ebnf.Expression {
	for len(x.Alternatives) == 1 && len(x.Alternatives[0].Terms) == 1 {
		t := x.Alternatives[0].Terms[0]
		if t.Group == nil || t.Group.Lookahead != ebnf.LookaheadAssertionNone || t.Repetition != "" {
			break
		}
		x = t.Group.Expr
	}
	flat := &ebnf.Expression{}
	for _, s := range x.Alternatives {
		if len(x.Alternatives) > 1 {
			flat.Alternatives = append(flat.Alternatives, open(&ebnf.Expression{Alternatives: []*ebnf.Sequence{s}}).Alternatives...)
		} else {
			flat.Alternatives = append(flat.Alternatives, s)
		}
	}
	return flat
}

func expression(x *ebnf.Expression) string {
	x = open(x)
	alts := make([]string, len(x.Alternatives))
	for i, s := range x.Alternatives {
		alts[i] = sequence(s)
	}
	return strings.Join(alts, " | ")
}

// sequence prints one alternative, without parentheses of its own.
func sequence(s *ebnf.Sequence) string {
	inner := open(&ebnf.Expression{Alternatives: []*ebnf.Sequence{s}})
	if len(inner.Alternatives) > 1 {
		return "(" + expression(inner) + ")"
	}
	terms := make([]string, len(inner.Alternatives[0].Terms))
	for i, t := range inner.Alternatives[0].Terms {
		terms[i] = term(t)
	}
	return strings.Join(terms, " ")
}

func term(t *ebnf.Term) string {
	switch {
	case t.Literal != "":
		return t.Literal + t.Repetition // with its quotes
	case t.Token != "":
		return strings.ToUpper(t.Token) + t.Repetition
	case t.Name != "":
		return ruleName(t.Name) + t.Repetition
	case t.Group.Lookahead != ebnf.LookaheadAssertionNone:
		return "(?" + string(t.Group.Lookahead) + " " + expression(t.Group.Expr) + ")"
	default:
		return "(" + expression(t.Group.Expr) + ")" + t.Repetition
	}
}

// printTokens prints the classes of tokens and the words.
func printTokens() string {
	var b strings.Builder
	b.WriteString(`
# Tokens
#
# Regular expressions as in Go, each taking as much as it can. Of several that
# fit the longest is the token, the first of those as long. Where the one after
# NOT BEFORE fits what follows, the token does not fit. REFUSED is no token: a
# text in which it is the longest is no segql.

`)
	for _, t := range table {
		name := t.name
		if name == "" {
			name = "REFUSED"
		}
		fmt.Fprintf(&b, "%-8s /%s/", name, t.re)
		if t.not != "" {
			fmt.Fprintf(&b, "\n         NOT BEFORE /%s/", t.not)
		}
		if t.remark != "" {
			fmt.Fprintf(&b, "\n         # %s", t.remark)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "\n# Reserved words, which are no NAME:\n#   %s\n", wrapped(strings.Join(reserved, " "), "#   "))
	fmt.Fprintf(&b, "# Words that begin a declaration in column 0; elsewhere each is a NAME:\n#   %s\n", strings.Join(heads, " "))
	return b.String()
}
