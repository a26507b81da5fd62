package syntax

import (
	"strings"

	"github.com/segql/segql/lang/diag"
)

// foreignTests are word operators of other languages and the ones meant.
var foreignTests = map[string]string{
	"like": "like", "ilike": "ilike", "rlike": "matches", "regexp": "matches", "similar": "matches",
	"includes": "contains", "include": "contains", "contain": "contains", "containing": "contains",
	"startswith": "starts with", "starts_with": "starts with", "beginswith": "starts with", "begins": "starts with", "begin": "starts with", "start": "starts with",
	"endswith": "ends with", "ends_with": "ends with", "end": "ends with",
}

// foreignTest reports city like "H%" behind a complete operand; t is the
// word, or `not` before it.
func (p *parser) foreignTest(t *token) bool {
	word, value := t, p.at(1)
	if t.word("not") {
		word, value = value, p.at(2)
	}
	if value.word("with") || value.word("to") {
		value = p.at(map[bool]int{true: 3, false: 2}[word != t])
	}
	op := foreignTests[strings.ToLower(word.val)]
	if word.kind != kindWord || op == "" || value.kind != kindText && value.kind != kindRegex && !value.isName() {
		return false
	}
	d := p.errorf(codeForeignOp, p.tokSpan(word), "there is no `%s` here", word.val)
	end := value.start
	text := p.text[value.start:value.end]
	switch {
	case value.kind != kindText && (op == "like" || op == "ilike"):
		d.Help = "write contains, starts with or ends with; ~contains takes no account of capitals and accents"
		return true
	case op == "like" || op == "ilike":
		if op, text = likeMeant(op, value.val); op == "" {
			d.Help = "write matches and a pattern: matches /^a.*b$/; or contains, starts with, ends with"
			return true
		}
		end = value.end
	case op == "matches":
		d.Help = "write matches and a pattern between slashes: matches /^VN[0-9]+$/"
		return true
	}
	d.Help = "write " + op + " " + text
	if end != value.end {
		text = ""
	}
	if word != t && op == "=" { // not stands before words only
		d.Help = "write != " + text
		d.Edits = []diag.Edit{p.edit(t.start, end, "!= "+text)}
		return true
	}
	d.Edits = []diag.Edit{p.edit(word.start, end, op+" "+text)}
	return true
}

// likeMeant is what a pattern of SQL asks for, "" where it takes a regular
// expression.
func likeMeant(op, pattern string) (meant, text string) {
	inner := strings.TrimSuffix(strings.TrimPrefix(pattern, "%"), "%")
	first, last := strings.HasPrefix(pattern, "%"), strings.HasSuffix(pattern, "%")
	switch {
	case strings.ContainsAny(inner, "%_\\") || inner == "":
		return "", ""
	case first && last && op == "ilike":
		return "~contains", Quote(inner)
	case first && last:
		return "contains", Quote(inner)
	case op == "ilike" && (first || last):
		return "", ""
	case first:
		return "ends with", Quote(inner)
	case last:
		return "starts with", Quote(inner)
	case op == "ilike":
		return "~=", Quote(inner)
	}
	return "=", Quote(inner)
}
