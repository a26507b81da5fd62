package grammar

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"
)

// token is a class of tokens: a regular expression, which takes as much as it
// can, and what may not follow it. The longest token wins, the first of
// several as long. A class without a name is no token: the text is refused.
type token struct {
	name   string
	re     string
	not    string // a regular expression
	remark string
}

// Parts of the expressions below.
const (
	letter = `[\p{L}_]`
	inName = `[\p{L}\p{M}\p{Nd}_]`
	digits = `[0-9]+(?:_[0-9]+)*`
	ymd    = `[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])`
	clock  = `(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?`
	zone   = `[+-](?:0[0-9]|1[0-8]):[0-5][0-9]`
	// 5,000 as a number of other languages, where a group begins with 0.
	thousands = `(?:,[0-9]{3})*,0[0-9]{2}(?:,[0-9]{3})*(?:[^0-9._%,]|,[^0-9]|$)`
	hidden    = `\x{202A}-\x{202E}\x{2066}-\x{2069}\x00-\x08\x0A-\x1F\x7F`
	unit      = `(?:seconds?|minutes?|hours?|days?|weeks?|months?|quarters?|years?|km?|m)`
)

var table = []token{
	{"TIME", ymd + `T` + clock + `(?:` + zone + `)?`, `[0-9]|[.:][0-9]|Z(?:` + "[^" + inName[1:] + `|$)|[+-][0-9]{2}:[0-9]{2}(?:[^0-9]|$)`, "the day is one of the calendar"},
	{"DATE", ymd, `T?[0-9]`, "the day is one of the calendar"},
	{"", `[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}`, `[0-9]`, "a date of another form"},
	{"", `[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}`, `[0-9]`, "a date of another form"},
	{"", `[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}`, `[0-9]`, "a date of another form"},
	{"", `[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}`, `[0-9]`, "a date of another form"},
	{"MONTH", `[0-9]{4}-(?:0[1-9]|1[0-2])`, `[0-9]`, ""},
	{"", `[0-9]{4}-[0-9]{2}`, `[0-9]`, "a month that there is not"},
	{"PERCENT", digits + `(?:\.` + digits + `)?%`, ``, ""},
	{"YEAR", `[0-9]{4}`, `\.[0-9]|` + thousands, "a number, and after `in` a year; not 0000; a letter may follow only where a unit does"},
	{"NUMBER", digits + `(?:\.` + digits + `)?`, `\.[0-9]|` + thousands, "every other number; a letter may follow only where a unit does"},
	{"TEXT", `"(?:[^"\\` + hidden + `]|\\["\\nt]|\\u\{[0-9A-Fa-f]{1,6}\})*"`, ``, "the number after \\u is that of a character"},
	{"QUOTED", "`(?:``|[^`" + hidden + "])+`", ``, "a name of any other form"},
	{"REGEX", `/(?:\\[^` + hidden + `]|[^/\\` + hidden + `])+/i?`, inName, "only after the word matches"},
	{"NAME", letter + inName + `*`, ``, "a word that is not reserved"},
	{"", `--`, ``, "where it begins a line: a comment of another language"},
	{"SIGN", `~contains`, inName, ""},
	{"SIGN", `!=|<=|>=|~=|[=<>+*/()\[\]{},.:-]`, ``, ""},
	{"SPACE", `[ \t\r\n]+`, ``, "between any two tokens"},
	{"COMMENT", `#[^\n]*`, ``, "between any two tokens"},
}

// Words of the language. A reserved word is no name; a word that begins a
// declaration does so in column 0.
var (
	reserved = strings.Fields(`and or not true false is in of as on since before between within has contains starts ends matches
		where when otherwise case expect everyone as_of today yesterday tomorrow
		after until during by with from to import let per using`)
	heads = strings.Fields(`segment split holdout trait rfm list param`)
)

type compiledToken struct {
	token
	re, not *regexp.Regexp
}

var compiled = func() (out []compiledToken) {
	for _, t := range table {
		c := compiledToken{token: t, re: regexp.MustCompile(`^(?:` + t.re + `)`)}
		if t.not != "" {
			c.not = regexp.MustCompile(`^(?:` + t.not + `)`)
		}
		out = append(out, c)
	}
	return out
}()

var (
	nextWord = regexp.MustCompile(`^` + letter + inName + `*`)
	unitWord = regexp.MustCompile(`^` + unit + `$`)
	escape   = regexp.MustCompile(`\\(?:u\{([0-9A-Fa-f]+)\}|.)`)
)

// names of the tokens as participle knows them; a sign or word stands for itself.
var names = []string{"TIME", "DATE", "MONTH", "PERCENT", "YEAR", "NUMBER", "TEXT", "QUOTED", "REGEX", "NAME", "WORD", "SIGN"}

type tokens struct{}

func (tokens) Symbols() map[string]lexer.TokenType {
	out := map[string]lexer.TokenType{"EOF": lexer.EOF}
	for i, n := range names {
		out[n] = lexer.TokenType(i + 1)
	}
	return out
}

func (tokens) Lex(string, io.Reader) (lexer.Lexer, error) {
	panic("grammar: participle reads tokens, never text")
}

// scanner is a place in a text.
type scanner struct {
	text    string
	pos     int
	columns bool // column 0 is for declarations
	last    string
}

// tokenise takes a text apart. With columns, a word in column 0 begins a
// declaration, and nothing but closing brackets stands there besides.
func tokenise(text string, columns bool) (out []lexer.Token, err error) {
	s := &scanner{text: text, columns: columns}
	for s.pos < len(text) {
		t, length := s.longest()
		if t == nil || t.name == "" {
			return nil, fmt.Errorf("byte %d begins no token", s.pos)
		}
		tok := text[s.pos : s.pos+length]
		if err := s.sound(t.name, tok); err != nil {
			return nil, fmt.Errorf("byte %d: %w", s.pos, err)
		}
		if t.name != "SPACE" && t.name != "COMMENT" {
			kind, value, err := s.kind(t.name, tok)
			if err != nil {
				return nil, fmt.Errorf("byte %d: %w", s.pos, err)
			}
			out = append(out, lexer.Token{Type: lexer.TokenType(slices.Index(names, kind) + 1), Value: value})
			s.last = value
		}
		s.pos += length
	}
	return out, nil
}

func (s *scanner) longest() (best *compiledToken, length int) {
	rest := s.text[s.pos:]
	for i := range compiled {
		t := &compiled[i]
		n := len(t.re.FindString(rest))
		switch {
		case n <= length || t.not != nil && t.not.MatchString(rest[n:]):
		case t.name == "REGEX" && s.last != "matches":
		case t.re.String() == `^(?:--)` && strings.TrimLeft(s.line(), " \t\r") != "":
		default:
			best, length = t, n
		}
	}
	return best, length
}

// line is what stands before this place on its line.
func (s *scanner) line() string {
	return s.text[strings.LastIndexByte(s.text[:s.pos], '\n')+1 : s.pos]
}

// sound checks what the expressions of the table do not.
func (s *scanner) sound(name, tok string) error {
	switch name {
	case "DATE", "TIME":
		if _, err := time.Parse(time.DateOnly, tok[:10]); err != nil {
			return err
		}
	case "NUMBER", "YEAR":
		word := nextWord.FindString(s.text[s.pos+len(tok):])
		if word != "" && !unitWord.MatchString(word) {
			return fmt.Errorf("%s%s is neither number nor name", tok, word)
		}
	case "TEXT":
		for _, m := range escape.FindAllStringSubmatch(tok, -1) {
			if n, err := strconv.ParseUint(m[1], 16, 32); m[1] != "" && (err != nil || n == 0 || !utf8.ValidRune(rune(n))) {
				return fmt.Errorf("%s is no character", m[0])
			}
		}
	}
	return nil
}

// kind tells words apart and gives what literals of the rules stand for.
func (s *scanner) kind(name, tok string) (kind, value string, err error) {
	column0 := s.columns && s.line() == ""
	switch {
	case column0 && slices.Contains(heads, tok):
		return "WORD", "^" + tok, nil
	case column0 && !strings.Contains(")]}", tok):
		return "", "", fmt.Errorf("only declarations stand in column 0")
	case name == "NAME" && slices.Contains(reserved, tok):
		return "WORD", tok, nil
	case name == "NAME" && strings.EqualFold(tok, "null"):
		return "NAME", "null", nil
	case name == "YEAR" && tok == "0000":
		return "NUMBER", tok, nil
	}
	return name, tok, nil
}
