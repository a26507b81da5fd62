// Package grammar is the grammar of segql as plain rules: struct tags for
// participle and a table of tokens, no code that knows better. It is slow and
// says nothing helpful about mistakes; it only tells what is segql and what
// is not. The parser of lang/syntax is held to it by tests, and
// spec/grammar.ebnf is printed from it, so that neither can drift.
//
// The rules are read in order, as in a parsing expression grammar: of several
// alternatives the first that fits is taken, repetitions take as much as they
// can, and nothing is tried again later. `(?= x)` holds where x follows and
// `(?! x)` where it does not; both read nothing.
//
// The package is imported by tests only.
package grammar

import (
	"fmt"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// The start symbols. Every alternative is tried to its end: participle then
// goes back as far as it must.
var (
	files = sync.OnceValue(func() *participle.Parser[File] {
		return participle.MustBuild[File](participle.Lexer(tokens{}), participle.UseLookahead(participle.MaxLookahead))
	})
	exprs = sync.OnceValues(func() (*participle.Parser[Expr], error) {
		return participle.ParserForProduction[Expr](files())
	})
)

// Limits that the rules do not express: brackets and `not` nest at most so
// deep, and a sum or product has at most so many parts.
const (
	MaxDepth = 200
	MaxParts = 1000
)

// CheckFile says why a text is no .seg file, or gives nil.
func CheckFile(text string) error {
	lex, err := lexed(text, true)
	if err != nil {
		return err
	}
	file, err := files().ParseFromLexer(lex)
	if err != nil {
		return err
	}
	for _, d := range file.Decls {
		if d.Trait != nil && d.Trait.Value.isCondition() {
			return fmt.Errorf("trait %s is a condition", d.Trait.Name.Text)
		}
	}
	return nil
}

// CheckExpr says why a text is no expression, or gives nil.
func CheckExpr(text string) error {
	p, err := exprs()
	if err != nil {
		return err
	}
	lex, err := lexed(text, false)
	if err != nil {
		return err
	}
	_, err = p.ParseFromLexer(lex)
	return err
}

// isCondition: the rules of a sum let a condition in parentheses and a call
// that answers yes or no stand for a value, as in `coalesce(any(orders), …)`;
// the value of a trait is not such a thing alone.
func (s *Sum) isCondition() bool {
	if len(s.Terms) > 1 || len(s.Terms[0].Factors) > 1 || s.Terms[0].Factors[0].Minus {
		return false
	}
	switch p := s.Terms[0].Factors[0].Prim; {
	case p.Paren != nil:
		return p.Paren.isCondition()
	case p.Call != nil:
		return p.Call.Facts != nil && p.Call.Facts.Count == "" || p.Call.All != nil || p.Call.Rhythm != nil
	default:
		return false
	}
}

func (x *Expr) isCondition() bool {
	u := x.First
	if len(x.And)+len(x.Or) > 0 || u.Not != nil {
		return true
	}
	p := u.Pred
	return p.Value == nil || p.Tail != nil || p.Value.isCondition()
}

func lexed(text string, columns bool) (*lexer.PeekingLexer, error) {
	toks, err := tokenise(text, columns)
	if err != nil {
		return nil, err
	}
	return lexer.Upgrade(&feed{toks})
}

// feed hands tokens to participle.
type feed struct{ toks []lexer.Token }

func (f *feed) Next() (lexer.Token, error) {
	if len(f.toks) == 0 {
		return lexer.EOFToken(lexer.Position{}), nil
	}
	t := f.toks[0]
	f.toks = f.toks[1:]
	return t, nil
}
