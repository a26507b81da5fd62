package text

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
)

// Regex is a regular expression of segql's subset, parsed: literals, classes
// [a-z] [^a-z], ^ $ ( ) (?:) | * + ? {m} {m,} {m,n}, `.` for any character but
// a newline, ASCII \d \w \s \D \W \S, \n \t \r, and a backslash before any
// punctuation. It is found anywhere; ^ and $ are the ends of the text. Every
// engine gets the tree, in which the flag i is already spelled out.
type Regex struct {
	tree  *syntax.Regexp
	match *regexp.Regexp
}

// RegexError says where and why a pattern is not of the subset.
type RegexError struct {
	Offset int // bytes into the pattern
	Reason string
}

func (e *RegexError) Error() string { return e.Reason }

// MaxRepeat is the largest count in {m,n}: PostgreSQL takes no larger one.
const MaxRepeat = 255

// ParseRegex reads a pattern with its flags, "" or "i" (letters match in
// either case, by Unicode's simple folding). The error is a *RegexError.
func ParseRegex(pattern, flags string) (*Regex, error) {
	if flags != "" && flags != "i" {
		return nil, &RegexError{len(pattern), fmt.Sprintf("the only flag is i, not %q", flags)}
	}
	if err := scanRegex(pattern); err != nil {
		return nil, err
	}
	mode := syntax.ClassNL | syntax.OneLine | syntax.PerlX
	if flags == "i" {
		mode |= syntax.FoldCase
	}
	tree, err := syntax.Parse(pattern, mode)
	if err != nil {
		return nil, explain(pattern, err)
	}
	spellCases(tree)
	// Matching what is printed, not what was written, keeps Go to the same tree.
	match, err := regexp.Compile(printTree(tree, re2))
	if err != nil {
		return nil, explain(pattern, err)
	}
	return &Regex{tree: tree, match: match}, nil
}

// MatchString reports whether the expression is found anywhere in a text.
func (r *Regex) MatchString(s string) bool { return r.match.MatchString(s) }

// RE2 prints the tree for engines with RE2 (DuckDB: regexp_matches(x, '…')
// without options). Printed twice it is the same, so it serves to compare.
func (r *Regex) RE2() string { return printTree(r.tree, re2) }

// Postgres prints the tree as an advanced regular expression of PostgreSQL
// (x ~ '…').
func (r *Regex) Postgres() string { return printTree(r.tree, postgres) }

// explain turns an error of the parser into one with a place.
func explain(pattern string, err error) error {
	var e *syntax.Error
	if !errors.As(err, &e) {
		return &RegexError{0, err.Error()}
	}
	reason := map[syntax.ErrorCode]string{
		syntax.ErrInvalidCharRange:      "the range runs backwards",
		syntax.ErrInvalidUTF8:           "the pattern is not UTF-8",
		syntax.ErrMissingBracket:        "the class is not closed by ]",
		syntax.ErrMissingParen:          "the group is not closed by )",
		syntax.ErrMissingRepeatArgument: "nothing stands before this to be repeated",
		syntax.ErrInvalidRepeatOp:       "a repetition cannot be repeated; put it in ( )",
		syntax.ErrInvalidRepeatSize:     "counts inside counts may multiply to 1000 at most",
		syntax.ErrUnexpectedParen:       "this ) closes nothing",
		syntax.ErrNestingDepth:          "the groups are nested too deeply",
		syntax.ErrLarge:                 "the expression is too large",
		syntax.ErrTrailingBackslash:     "a backslash stands before nothing",
		syntax.ErrInvalidCharClass:      "the class cannot be read",
		syntax.ErrInvalidEscape:         "this escape is not supported",
		syntax.ErrInvalidPerlOp:         "this group is not supported",
		syntax.ErrInvalidNamedCapture:   "groups have no names here",
		syntax.ErrInternalError:         "the expression cannot be read",
	}[e.Code]
	return &RegexError{max(0, strings.Index(pattern, e.Expr)), reason}
}

// spellCases replaces every literal that matches either case by classes.
// Classes are folded by the parser already.
func spellCases(tree *syntax.Regexp) {
	for _, sub := range tree.Sub {
		spellCases(sub)
	}
	if tree.Op != syntax.OpLiteral || tree.Flags&syntax.FoldCase == 0 {
		return
	}
	letters := make([]*syntax.Regexp, len(tree.Rune))
	for i, r := range tree.Rune {
		letters[i] = oneOf(orbit(r))
	}
	if len(letters) == 1 {
		*tree = *letters[0]
		return
	}
	*tree = syntax.Regexp{Op: syntax.OpConcat, Sub: letters}
}

// orbit is a character and all that differ from it by case only.
func orbit(r rune) []rune {
	all := []rune{r}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		all = append(all, f)
	}
	return all
}

func oneOf(runes []rune) *syntax.Regexp {
	if len(runes) == 1 {
		return &syntax.Regexp{Op: syntax.OpLiteral, Rune: runes}
	}
	class := &syntax.Regexp{Op: syntax.OpCharClass}
	for _, r := range runes {
		class.Rune = append(class.Rune, r, r)
	}
	return class
}
