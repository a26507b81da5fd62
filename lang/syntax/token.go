package syntax

import (
	"strings"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// kind of a token.
type kind uint8

const (
	kindEOF     kind = iota
	kindWord         // name or keyword, which of both the parser decides
	kindQuoted       // `name`, val without the backticks
	kindText         // "…", val after escapes
	kindNumber       // val without _
	kindPercent      // val without _ and %
	kindDate         // 2025-03-08
	kindMonth        // 2025-03
	kindTime         // 2025-03-08T10:30
	kindRegex        // /…/i, val as written
	kindOp           // punctuation; val is the operator meant
)

// token is one lexeme. val is what it means where that differs from the
// text, as for `==`, which is reported and read as `=`.
type token struct {
	kind       kind
	first      bool // first on its line
	col0       bool // starts in column 0
	start, end int
	val        string
}

func (t *token) op(s string) bool   { return t.kind == kindOp && t.val == s }
func (t *token) word(s string) bool { return t.kind == kindWord && t.val == s }

// isName reports whether the token can be a name: a word that is not
// reserved, or anything in backticks.
func (t *token) isName() bool {
	return t.kind == kindQuoted || t.kind == kindWord && reserved[t.val] == 0
}

// Reserved words of edition 1. An edition never gets a new one, so the words
// kept for later are refused as names from the start.
const (
	reservedCore  = 1
	reservedLater = 2
)

var reserved = wordSet(map[int]string{
	reservedCore: `and or not true false in of as on since before between within has contains starts ends
		matches where when otherwise case expect everyone as_of today yesterday tomorrow is`,
	reservedLater: `after until during by with from to import let per using`,
})

func wordSet(lists map[int]string) map[string]int {
	set := map[string]int{}
	for class, words := range lists {
		for _, w := range strings.Fields(words) {
			set[w] = class
		}
	}
	return set
}

// Reserved reports whether a name needs backticks because it is a keyword.
func Reserved(name string) bool { return reserved[name] != 0 }

// declWords begin a declaration when they stand in column 0.
var declWords = map[string]bool{
	"segment": true, "split": true, "holdout": true, "trait": true, "rfm": true, "list": true, "param": true,
}

// metaKeys are the keys a declaration may carry; whether one fits, the
// checker says. Here they only help to tell what an author meant.
var metaKeys = wordSet(map[int]string{
	1: "title description owner tags goal priority channels valid_from valid_until deprecated",
})

// tailWords are the word operators that may follow an operand, and `not`.
var tailWords = wordSet(map[int]string{
	1: "between in on since before contains starts ends matches has within",
})

// units gives the canonical plural of every unit.
var units = map[string]string{
	"second": "seconds", "minute": "minutes", "hour": "hours", "day": "days", "week": "weeks",
	"month": "months", "quarter": "quarters", "year": "years",
	"seconds": "seconds", "minutes": "minutes", "hours": "hours", "days": "days", "weeks": "weeks",
	"months": "months", "quarters": "quarters", "years": "years", "m": "m", "km": "km",
}

// unitAliases are what people write for a unit in other places.
var unitAliases = map[string]string{
	"d": "days", "h": "hours", "hr": "hours", "hrs": "hours", "min": "minutes", "mins": "minutes",
	"s": "seconds", "sec": "seconds", "secs": "seconds", "w": "weeks", "wk": "weeks", "wks": "weeks",
	"mo": "months", "mth": "months", "mths": "months", "y": "years", "yr": "years", "yrs": "years",
	"q": "quarters", "ngày": "days", "tháng": "months", "năm": "years", "tuần": "weeks", "giờ": "hours",
	"phút": "minutes", "giây": "seconds", "quý": "quarters", "meter": "m", "meters": "m", "metres": "m",
	"kilometers": "km", "kilometres": "km", "kms": "km",
}

// parser holds the tokens of one text and a place in them. The declarations
// and the expressions share it.
type parser struct {
	file  *source.File
	text  string
	place func(start, end int) source.Span // nil: offsets are the file's own
	lexed *lexer
	toks  []token
	pos   int
	limit int // tokens from here on belong to the next declaration
	end   token
	depth int
	cases int // open around this place
	// headless says that the declaration at hand has no body to speak of.
	headless bool
	diags    diag.List
}

func newParser(file *source.File, text string, start, end int) *parser {
	lx := &lexer{file: file, text: text[:end], pos: start, lineStart: start}
	lx.run()
	p := &parser{file: file, text: text, lexed: lx, toks: lx.toks, diags: lx.diags}
	p.setLimit(len(p.toks))
	return p
}

// setLimit makes the tokens from i on invisible.
func (p *parser) setLimit(i int) {
	p.limit = i
	at := p.lexed.pos
	if i > 0 && i <= len(p.toks) {
		at = p.toks[i-1].end
	}
	p.end = token{kind: kindEOF, start: at, end: at, first: true}
}

// at is the token i places ahead.
func (p *parser) at(i int) *token {
	if p.pos+i >= p.limit {
		return &p.end
	}
	return &p.toks[p.pos+i]
}

func (p *parser) cur() *token { return p.at(0) }

// prev is the token just read; only asked when one was.
func (p *parser) prev() *token { return &p.toks[max(p.pos-1, 0)] }

func (p *parser) next() *token {
	t := p.cur()
	if t.kind != kindEOF {
		p.pos++
	}
	return t
}

// acceptOp and acceptWord move on when the token is the one given.
func (p *parser) acceptOp(s string) bool {
	if p.cur().op(s) {
		p.pos++
		return true
	}
	return false
}

func (p *parser) acceptWord(s string) bool {
	if p.cur().word(s) {
		p.pos++
		return true
	}
	return false
}

func (p *parser) span(start, end int) source.Span {
	if p.place != nil {
		return p.place(start, end)
	}
	return source.Span{File: p.file, Start: start, End: end}
}

func (p *parser) tokSpan(t *token) source.Span { return p.span(t.start, t.end) }

// from is the place of a node that began at offset start and ends with the
// token just read.
func (p *parser) from(start int) ast.At {
	return ast.At{Loc: p.span(start, max(start, p.prev().end))}
}

func (p *parser) errorf(code diag.Code, span source.Span, format string, args ...any) *diag.Diagnostic {
	return p.diags.Errorf(code, span, format, args...)
}

// edit replaces the text from start to end.
func (p *parser) edit(start, end int, text string) diag.Edit {
	return diag.Edit{Span: p.span(start, end), Text: text}
}

func (p *parser) comments() []ast.Comment { return p.lexed.comments }

// finish gives the diagnostics in order. What the parser says about a line
// whose tokens are already known to be damaged is dropped: it would only
// repeat the lexer's word in a worse way.
func (p *parser) finish() diag.List {
	lexed := len(p.lexed.diags)
	kept := p.diags[:lexed:lexed]
	for _, d := range p.diags[lexed:] {
		if p.place != nil || !p.lexed.damagedLine(d.Span.Start) {
			kept = append(kept, d)
		}
	}
	if p.place != nil {
		for i := range lexed {
			kept[i].Span = p.place(kept[i].Span.Start, kept[i].Span.End)
		}
	}
	kept.Sort()
	return kept
}

// bailout unwinds an expression that cannot be read further; what is wrong
// has been reported. It never leaves the package.
type bailout struct{}

func (p *parser) bail() { panic(bailout{}) }

// rescue runs f and reports whether it came to its end.
func (p *parser) rescue(f func()) (ok bool) {
	depth, cases := p.depth, p.cases
	defer func() {
		switch r := recover(); r.(type) {
		case nil:
		case bailout:
			p.depth, p.cases, ok = depth, cases, false
		default:
			panic(r)
		}
	}()
	f()
	return true
}
