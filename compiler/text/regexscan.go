package text

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// regexScan walks over a pattern before it is parsed, to refuse what is outside
// the subset at its place and with the reason.
type regexScan struct {
	pattern string
	pos     int
	open    []int // where the groups not closed yet begin
	err     *RegexError
}

func scanRegex(pattern string) error {
	if !utf8.ValidString(pattern) {
		return &RegexError{0, "the pattern is not UTF-8"}
	}
	s := &regexScan{pattern: pattern}
	for s.pos < len(pattern) && s.err == nil {
		s.step()
	}
	if len(s.open) > 0 {
		s.fail(s.open[len(s.open)-1], "the group is not closed by )")
	}
	if s.err != nil {
		return s.err
	}
	return nil
}

func (s *regexScan) fail(at int, format string, args ...any) {
	if s.err == nil {
		s.err = &RegexError{at, fmt.Sprintf(format, args...)}
	}
}

func (s *regexScan) rest() string { return s.pattern[s.pos:] }

// step passes one escape, class, group opening, quantifier or character.
func (s *regexScan) step() {
	switch s.pattern[s.pos] {
	case 0:
		s.fail(s.pos, "text has no character U+0000")
	case '\\':
		s.escape()
	case '[':
		s.class()
	case '(':
		s.group()
	case ')':
		s.close()
	case '*', '+', '?':
		s.pos++
		s.afterRepeat()
	case '{':
		s.counted()
	default:
		s.pos++
	}
}

func (s *regexScan) escape() {
	if len(s.rest()) < 2 {
		s.fail(s.pos, "a backslash stands before nothing")
		return
	}
	c := s.pattern[s.pos+1]
	switch {
	case strings.IndexByte(`dwsDWSntr`, c) >= 0, c < utf8.RuneSelf && !alphanumeric(c) && c > ' ' && c != 0x7F:
	case c == 'b' || c == 'B':
		s.fail(s.pos, `\%c is not supported: engines disagree about what a word is; spell out what may stand around it, such as (^|[^a-z])`, c)
	case c == 'p' || c == 'P':
		s.fail(s.pos, `\%c is not supported: engines know different versions of Unicode; list the characters in [ ]`, c)
	case '1' <= c && c <= '9' || c == 'k':
		s.fail(s.pos, "a reference back to a group is not supported")
	case c == 'A' || c == 'z' || c == 'Z':
		s.fail(s.pos, `\%c is not supported: ^ and $ are the ends of the text`, c)
	default:
		r, _ := utf8.DecodeRuneInString(s.pattern[s.pos+1:])
		s.fail(s.pos, `\%c is not supported; the escapes are \d \w \s \D \W \S \n \t \r and a backslash before punctuation`, r)
	}
	s.pos += 2
}

func alphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func (s *regexScan) class() {
	start := s.pos
	s.pos++
	if strings.HasPrefix(s.rest(), "^") {
		s.pos++
	}
	if strings.HasPrefix(s.rest(), "]") {
		s.fail(start, "a class cannot be empty; for the character ] write \\]")
		return
	}
	for s.pos < len(s.pattern) && s.err == nil {
		switch c := s.pattern[s.pos]; {
		case c == ']':
			s.pos++
			return
		case c == '\\':
			s.escape()
		case c == 0:
			s.fail(s.pos, "text has no character U+0000")
		case c == '[' && len(s.rest()) > 1 && strings.IndexByte(":.=", s.pattern[s.pos+1]) >= 0:
			s.fail(s.pos, "[:names:] are not supported; list the characters, or use \\d \\w \\s")
		default:
			s.pos++
		}
	}
	s.fail(start, "the class is not closed by ]")
}

func (s *regexScan) close() {
	if len(s.open) == 0 {
		s.fail(s.pos, "this ) closes nothing; for the character itself write \\)")
		return
	}
	s.open = s.open[:len(s.open)-1]
	s.pos++
}

func (s *regexScan) group() {
	s.open = append(s.open, s.pos)
	switch rest := s.rest(); {
	case strings.HasPrefix(rest, "(?:"):
		s.pos += len("(?:")
	case strings.HasPrefix(rest, "(?=") || strings.HasPrefix(rest, "(?!") ||
		strings.HasPrefix(rest, "(?<=") || strings.HasPrefix(rest, "(?<!"):
		s.fail(s.pos, "looking ahead or behind is not supported; write two conditions")
	case strings.HasPrefix(rest, "(?P<") || strings.HasPrefix(rest, "(?<") || strings.HasPrefix(rest, "(?'"):
		s.fail(s.pos, "groups have no names here: a condition only asks whether there is a match")
	case strings.HasPrefix(rest, "(?"):
		s.fail(s.pos, "flags inside the pattern are not supported; the flag i stands after the closing /")
	default:
		s.pos++
	}
}

// counted passes {m}, {m,} or {m,n}; other braces must be escaped, since
// engines read them differently.
func (s *regexScan) counted() {
	start := s.pos
	body, _, closed := strings.Cut(s.rest()[1:], "}")
	low, high, two := strings.Cut(body, ",")
	m, okLow := count(low)
	n, okHigh := count(high)
	switch {
	case !closed || !okLow || two && high != "" && !okHigh:
		s.fail(start, `a brace counts repetitions, as in {3} or {1,3}; for the character itself write \{`)
	case m > MaxRepeat || n > MaxRepeat:
		s.fail(start, "more than %d repetitions are not supported", MaxRepeat)
	case two && high != "" && n < m:
		s.fail(start, "the counts are in the wrong order")
	}
	s.pos += len(body) + 2
	s.afterRepeat()
}

// count reads up to three digits.
func count(text string) (n int, ok bool) {
	if text == "" || len(text) > 3 {
		return 0, false
	}
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// afterRepeat refuses a second quantifier.
func (s *regexScan) afterRepeat() {
	if s.err != nil || s.pos >= len(s.pattern) {
		return
	}
	switch s.pattern[s.pos] {
	case '?':
		s.fail(s.pos, "a lazy repetition matches the same texts; leave out this ?")
	case '+':
		s.fail(s.pos, "a possessive repetition is not supported")
	case '*', '{':
		s.fail(s.pos, "a repetition cannot be repeated; put it in ( )")
	}
}
