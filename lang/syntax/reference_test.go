package syntax_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
	"pgregory.net/rapid"
)

// grammar is the reference the parser is compared with: the expressions of
// the specification's grammar, written as plain rules and recognised by a
// general algorithm that knows nothing of the parser. Capitals are classes of
// tokens; ? and * belong to a group or to the symbol before them.
const grammar = `
expr    = unary ( and unary )* | unary ( or unary )*
unary   = not unary | pred
pred    = in segment path | ( entered | left ) segment path window | sum | sum tail
tail    = ( = | != | < | <= | > | >= | ~= ) sum | is ( known | missing ) | not? word
word    = between sum and sum | ( entered | left ) segment path window | in ( set | LIST | LIST ( . NAME )* | period | rank | segment path )
        | ( on | since | before ) sum | ( contains | ~contains | starts with | ends with ) sum | matches REGEX
        | has ( ( any | all | none ) of )? ( sum | set ) | within NUMBER UNIT of sum
sum     = term ( ( + | - ) term )*
term    = factor ( ( * | / ) factor )*
factor  = prim | - prim
prim    = literal | NUMBER UNIT ago? | path | call | WORD | '(' expr ')' | case { ( when expr : sum )* when expr : sum otherwise : sum }
literal = NUMBER | PERCENT | TEXT | DATE | MONTH | TIME | true | false
call    = ( any | none | count ) '(' fact ')' | all '(' fact have expr ')'
        | regularly '(' fact every dur for NUMBER periods ( allowing NUMBER missed )? ')'
        | CALL '(' ')' | CALL '(' distinct? expr ( , expr )* source? ( , expr )* ( , by path )? ')'
source  = of ( fact | everyone | segment path ) ( per path )? | per path
fact    = path ( as NAME )? window? ( where expr )? step*
step    = not? directly? ( followed | preceded ) by path ( as NAME )? ( after dur )? ( within dur )? ( where expr )?
window  = in period | ( on | since | before ) sum | between sum and sum
period  = ( last | next ) dur | this UNIT | previous NUMBER? UNIT | YEAR | MONTH
dur     = NUMBER UNIT | PARAM ( . NAME )*
rank    = ( top | bottom ) ( NUMBER | PERCENT | path ) ( of segment path )? ( per path )?
set     = [ element ( , element )* ]
element = literal | NUMBER UNIT | - NUMBER | - PERCENT
path    = NAME ( . NAME )*
`

var plainNames = []string{"gender", "city", "orders", "any", "last", "top", "known", "distinct", "item", "followed", "have", "left", "days"}

// class tells whether a token belongs to a class of the grammar.
func class(name, tok string) bool {
	one := map[string][]string{
		"DATE": {"2025-03-08"}, "MONTH": {"2025-03"}, "NUMBER": {"5", "2025"}, "PERCENT": {"20%"}, "REGEX": {"/x/"},
		"TEXT": {`"x"`}, "TIME": {"2025-03-08T10:30"}, "UNIT": {"days"}, "WORD": {"as_of", "today", "yesterday", "tomorrow"}, "YEAR": {"2025"},
	}
	if list, ok := one[name]; ok {
		return slices.Contains(list, tok)
	}
	if !syntax.IsName(tok) {
		return false
	}
	switch name {
	case "CALL":
		return !slices.Contains([]string{"any", "none", "all", "regularly"}, tok)
	case "LIST":
		return !slices.Contains([]string{"last", "next", "this", "previous", "top", "bottom", "segment"}, tok)
	case "NAME":
		return true
	case "PARAM":
		return tok != "days"
	}
	return false
}

// rules maps a nonterminal to its right-hand sides; groups have made names.
type rules map[string][][]string

// readGrammar takes the text apart.
func readGrammar() rules {
	bodies := map[string][]string{}
	name := ""
	for line := range strings.Lines(strings.TrimSpace(grammar)) {
		if head, rest, ok := strings.Cut(line, " = "); ok && !strings.HasPrefix(line, " ") {
			name, line = strings.TrimSpace(head), rest
		}
		bodies[name] = append(bodies[name], strings.Fields(line)...)
	}
	r := rules{}
	for name, body := range bodies {
		b := &ruleReader{rules: r, toks: body, name: name}
		r[name] = b.choice()
	}
	return r
}

type ruleReader struct {
	rules rules
	toks  []string
	name  string
	made  int
}

func (b *ruleReader) next() string {
	tok := b.toks[0]
	b.toks = b.toks[1:]
	return tok
}

// choice reads alternatives up to the end or a closing parenthesis.
func (b *ruleReader) choice() (out [][]string) {
	seq := []string{}
	for len(b.toks) > 0 && b.toks[0][0] != ')' {
		switch tok := b.next(); {
		case tok == "|":
			out = append(out, seq)
			seq = []string{}
		case tok == "(":
			inner := b.choice()
			seq = append(seq, b.group(inner, b.next()[1:]))
		case len(tok) > 1 && strings.ContainsRune("?*", rune(tok[len(tok)-1])):
			seq = append(seq, b.group([][]string{{tok[:len(tok)-1]}}, tok[len(tok)-1:]))
		default:
			seq = append(seq, strings.Trim(tok, "'"))
		}
	}
	return append(out, seq)
}

func (b *ruleReader) group(inner [][]string, suffix string) string {
	b.made++
	name := b.name + "." + strings.Repeat("i", b.made)
	b.rules[name] = inner
	switch suffix {
	case "*":
		b.rules[name+"*"] = [][]string{{}, {name + "*", name}}
		return name + "*"
	case "?":
		b.rules[name+"?"] = [][]string{{}, {name}}
		return name + "?"
	}
	return name
}

// state is an Earley item: a rule, how far it has come, where it began.
type state struct {
	name      string
	alt, dot  int
	beginning int
}

// recognises runs Earley's algorithm; J. Earley, "An efficient context-free
// parsing algorithm", 1970.
func (r rules) recognises(toks []string) bool {
	chart := make([][]state, len(toks)+1)
	seen := make([]map[state]bool, len(toks)+1)
	for i := range seen {
		seen[i] = map[state]bool{}
	}
	add := func(i int, s state) {
		if !seen[i][s] {
			seen[i][s] = true
			chart[i] = append(chart[i], s)
		}
	}
	for alt := range r["expr"] {
		add(0, state{"expr", alt, 0, 0})
	}
	for i := range chart {
		for grown := -1; grown != len(chart[i]); { // again for rules that are empty
			grown = len(chart[i])
			for k := 0; k < len(chart[i]); k++ {
				r.step(chart, toks, i, chart[i][k], add)
			}
		}
	}
	return slices.ContainsFunc(chart[len(toks)], func(s state) bool {
		return s.name == "expr" && s.beginning == 0 && s.dot == len(r["expr"][s.alt])
	})
}

func (r rules) step(chart [][]state, toks []string, i int, s state, add func(int, state)) {
	rule := r[s.name][s.alt]
	if s.dot == len(rule) {
		for _, waiting := range chart[s.beginning] {
			w := r[waiting.name][waiting.alt]
			if waiting.dot < len(w) && w[waiting.dot] == s.name {
				waiting.dot++
				add(i, waiting)
			}
		}
		return
	}
	symbol := rule[s.dot]
	if alts, ok := r[symbol]; ok {
		for alt := range alts {
			add(i, state{symbol, alt, 0, i})
		}
		return
	}
	if i < len(toks) && (symbol == toks[i] || class(symbol, toks[i])) {
		s.dot++
		add(i+1, s)
	}
}

// tokens of which random expressions are made.
var tokens = append([]string{
	"5", "2025", "20%", `"x"`, "2025-03-08", "2025-03", "as_of", "true", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/", "=", "<",
	"~contains", "and", "or", "not", "in", "segment", "is", "missing", "between", "on", "since", "contains", "starts", "with",
	"has", "all", "of", "within", "ago", "case", "{", "when", ":", "otherwise", "}", "where", "as", "by", "after", "directly",
	"preceded", "every", "for", "periods", "next", "this", "previous", "bottom", "per", "everyone", "entered", "none", "sum",
}, plainNames...)

// TestReference compares the parser with the grammar on token sequences:
// those of the accepted expressions, with a few tokens changed.
func TestReference(t *testing.T) {
	r := readGrammar()
	var sentences [][]string
	for _, text := range accepted {
		if toks := tokenise(text); len(toks) > 0 && len(toks) <= 30 {
			sentences = append(sentences, toks)
		}
	}
	both := [2]int{}
	rapid.Check(t, func(t *rapid.T) {
		toks := slices.Clone(rapid.SampledFrom(sentences).Draw(t, "sentence"))
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			at := rapid.IntRange(0, len(toks)-1).Draw(t, "at")
			tok := rapid.SampledFrom(tokens).Draw(t, "token")
			switch rapid.IntRange(0, 2).Draw(t, "change") {
			case 0:
				toks[at] = tok
			case 1:
				toks = slices.Insert(toks, at, tok)
			case 2:
				if len(toks) > 1 {
					toks = slices.Delete(toks, at, at+1)
				}
			}
		}
		text := strings.Join(toks, " ")
		_, diags := syntax.ParseExpr(source.New("x", text), 0, len(text))
		want := r.recognises(toks)
		if want == diags.HasErrors() && !(want && decidedByOneToken(text)) {
			t.Fatalf("%s\nthe grammar says %v, the parser %v", text, want, diags)
		}
		if want {
			both[1]++
		} else {
			both[0]++
		}
	})
	t.Logf("%d sentences refused, %d accepted", both[0], both[1])
}

// tokenise splits an accepted expression and renames what the grammar's
// classes do not know.
func tokenise(text string) []string {
	var out []string
	for _, f := range strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ", "[", " [ ", "]", " ] ", ",", " , ", ":", " : ",
		"{", " { ", "}", " } ", "+", " + ", "*", " * ").Replace(text)) {
		known := slices.Contains(tokens, f) || syntax.Reserved(f)
		switch {
		case known:
			out = append(out, f)
		case syntax.IsName(f):
			out = append(out, "city")
		case strings.Trim(f, "0123456789_") == "":
			out = append(out, "5")
		case strings.HasPrefix(f, `"`) && strings.HasSuffix(f, `"`) && len(f) > 1:
			out = append(out, `"x"`)
		default:
			return nil
		}
	}
	return out
}

// decidedByOneToken are the places where the language looks at one token and
// the grammar, being ambiguous, could go on another way.
func decidedByOneToken(text string) bool {
	return strings.Contains(text, "count (") || strings.Contains(text, "of segment") || strings.Contains(text, "in segment")
}
