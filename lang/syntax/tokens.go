package syntax

import (
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
)

// TokenKind is the kind of a token.
type TokenKind uint8

// Kinds of tokens. Whether a word is a name or a keyword, the parser decides.
const (
	WordToken     TokenKind = TokenKind(kindWord)
	QuotedToken   TokenKind = TokenKind(kindQuoted) // a name in backticks
	TextToken     TokenKind = TokenKind(kindText)
	NumberToken   TokenKind = TokenKind(kindNumber)
	PercentToken  TokenKind = TokenKind(kindPercent)
	DateToken     TokenKind = TokenKind(kindDate)
	MonthToken    TokenKind = TokenKind(kindMonth)
	TimeToken     TokenKind = TokenKind(kindTime)
	RegexToken    TokenKind = TokenKind(kindRegex)
	OperatorToken TokenKind = TokenKind(kindOp) // punctuation
)

func (k TokenKind) String() string {
	return [...]string{"end", "word", "quoted", "text", "number", "percent", "date", "month", "time", "regex", "operator"}[k]
}

// Token is one lexeme of a text, which may be broken.
type Token struct {
	Kind       TokenKind
	First      bool // on its line
	Column0    bool // where declarations begin
	Start, End int  // offsets in the file
	// Text is what the token means: without quotes, after escapes; the
	// operator meant where another was written.
	Text string
}

// Tokens gives the tokens and comments of a part of a file, for whoever looks
// at text that no tree can be made of yet.
func Tokens(file *source.File, start, end int) ([]Token, []ast.Comment) {
	lx := &lexer{file: file, text: file.Text[:end], pos: start, lineStart: start}
	lx.run()
	out := make([]Token, len(lx.toks))
	for i, t := range lx.toks {
		out[i] = Token{Kind: TokenKind(t.kind), First: t.first, Column0: t.col0, Start: t.start, End: t.end, Text: t.val}
	}
	return out, lx.comments
}

// Unit gives the canonical plural of a unit of time or distance, "" for what
// is none.
func Unit(word string) string { return units[word] }
