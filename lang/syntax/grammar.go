package syntax

import (
	"io"
	"sync"

	"github.com/alecthomas/participle/v2"
	plex "github.com/alecthomas/participle/v2/lexer"
	"github.com/segql/segql/lang/ast"
)

// The declarations, as tags. A Position's Offset and Line are the first and
// last of the parser's tokens that stand behind one of participle's.
// The fields of interface types are read by functions of parser; these never
// fail, but report and go on.
type (
	declNode struct {
		Segment *segmentNode `parser:"  @@"`
		Split   *splitNode   `parser:"| @@"`
		Holdout *holdoutNode `parser:"| @@"`
		Trait   *traitNode   `parser:"| @@"`
		RFM     *rfmNode     `parser:"| @@"`
		List    *listNode    `parser:"| @@"`
		Param   *paramNode   `parser:"| @@"`
	}
	segmentNode struct {
		Tokens []plex.Token
		Name   declName `parser:"'segment' @@"`
		Of     declName `parser:"( 'of' @@ )?"`
		Body   body     `parser:"@@"` // "{" { KEY: VALUE | where COND | expect CHECK } "}"
	}
	splitNode struct {
		Tokens []plex.Token
		Name   declName `parser:"'split' @@"`
		Of     splitOf  `parser:"( 'of' @@ )?"`
		Body   body     `parser:"@@"` // "{" { KEY: VALUE | NAME [TEXT] (when COND | otherwise) } "}"
	}
	holdoutNode struct {
		Tokens []plex.Token
		Name   declName  `parser:"'holdout' @@"`
		Of     holdoutOf `parser:"@@"`
		Body   body      `parser:"@@"` // "{" { KEY: VALUE | NAME: (PERCENT | otherwise) } "}"
	}
	traitNode struct {
		Tokens []plex.Token
		Name   declName `parser:"'trait' @@"`
		Of     declName `parser:"( 'of' @@ )?"`
		Equals equals   `parser:"@@"`
		Value  plainSum `parser:"@@"`
	}
	rfmNode struct {
		Tokens []plex.Token
		Name   declName `parser:"'rfm' @@"`
		Equals equals   `parser:"@@"`
		Body   rfmBody  `parser:"@@"`
	}
	listNode struct {
		Tokens []plex.Token
		Name   declName `parser:"'list' @@"`
		Body   listBody `parser:"@@"`
	}
	paramNode struct {
		Tokens []plex.Token
		Name   declName `parser:"'param' @@"`
		Equals equals   `parser:"@@"`
		Value  value    `parser:"@@"`
	}
)

// participle wants one interface type for each production read by a function.
type (
	declName interface{ declName() *ast.Ident }
	splitOf  interface {
		splitOf() (*ast.Ident, *ast.Path)
	}
	holdoutOf interface{ holdoutOf() *ast.Path }
	value     interface{ value() ast.Expr }
	plainSum  interface{ plainSum() ast.Expr }
	rfmBody   interface{ rfmBody() (ast.Expr, *ast.Fact) }
	listBody  interface{ listBody() *ast.List }
	body      interface{ body() []*item }
	equals    interface{ equals() }
)

// got carries what a function of parser read.
type got struct {
	ident *ast.Ident
	path  *ast.Path
	expr  ast.Expr
	fact  *ast.Fact
	list  *ast.List
	item  *item
	items []*item
}

func (g got) declName() *ast.Ident             { return g.ident }
func (g got) splitOf() (*ast.Ident, *ast.Path) { return g.ident, g.path }
func (g got) holdoutOf() *ast.Path             { return g.path }
func (g got) value() ast.Expr                  { return g.expr }
func (g got) plainSum() ast.Expr               { return g.expr }
func (g got) rfmBody() (ast.Expr, *ast.Fact)   { return g.expr, g.fact }
func (g got) listBody() *ast.List              { return g.list }
func (g got) body() []*item                    { return g.items }
func (got) equals()                            {}

// session is a participle parser together with the tokens it works on.
// Building one costs about a millisecond, so they are kept.
type session struct {
	p    *parser
	feed feed
	tree *participle.Parser[declNode]
}

var sessions = sync.Pool{New: func() any {
	s := &session{}
	s.tree = participle.MustBuild[declNode](
		participle.Lexer(tokenTypes{}),
		participle.UseLookahead(2),
		production[declName](s, (*parser).readDeclName),
		production[splitOf](s, (*parser).readSplitOf),
		production[holdoutOf](s, (*parser).readHoldoutOf),
		production[value](s, (*parser).readValue),
		production[plainSum](s, (*parser).readPlainSum),
		production[rfmBody](s, (*parser).readRFM),
		production[listBody](s, (*parser).readList),
		participle.ParseTypeWith(s.readBody),
		production[equals](s, (*parser).readEquals),
	)
	return s
}}

// production lets participle call a function of the parser. The function
// reads from p.pos and says whether this is its production at all.
func production[T any](s *session, read func(*parser) (got, bool)) participle.Option {
	return participle.ParseTypeWith(func(lex *plex.PeekingLexer) (T, error) {
		var none T
		cursor := int(lex.RawCursor())
		s.p.pos = s.feed.first[cursor]
		g, ok := read(s.p)
		if !ok {
			return none, participle.NextMatch
		}
		s.advance(lex, cursor)
		return any(g).(T), nil
	})
}

// advance moves participle to where the parser is, from its cursor on.
func (s *session) advance(lex *plex.PeekingLexer, cursor int) {
	to := cursor
	for to < len(s.feed.first)-1 && s.feed.first[to] < s.p.pos {
		to++
	}
	if to > cursor {
		lex.FastForward(plex.RawCursor(to - 1))
	}
}

// readBody gives the body that was read when its brace was fed, or, where
// the brace is missing, reads it now.
func (s *session) readBody(lex *plex.PeekingLexer) (body, error) {
	cursor := int(lex.RawCursor())
	if cursor == s.feed.bodyAt {
		lex.FastForward(plex.RawCursor(cursor))
		return s.feed.body, nil
	}
	s.p.pos = s.feed.first[cursor]
	g := s.p.readBody(s.feed.items)
	s.advance(lex, cursor)
	return g, nil
}

// tokenTypes is all that participle must know of the lexer: the tags name no
// token types, only words and punctuation.
type tokenTypes struct{}

func (tokenTypes) Symbols() map[string]plex.TokenType {
	return map[string]plex.TokenType{"EOF": plex.EOF, "Token": 1}
}

func (tokenTypes) Lex(string, io.Reader) (plex.Lexer, error) {
	panic("syntax: participle reads tokens, never text")
}

// feed hands the tokens of one declaration to participle. A body is read
// when its brace comes and becomes one token: participle keeps 64 bytes a
// token, and then sees a dozen of them.
type feed struct {
	p      *parser
	next   int
	items  func(*parser) (got, bool) // nil: this declaration has no body
	body   got
	bodyAt int   // participle's cursor of the body; -1: not read yet
	first  []int // of p.toks, by participle's cursor
}

func (f *feed) start(p *parser) {
	*f = feed{p: p, next: p.pos, bodyAt: -1, first: f.first[:0]}
	switch p.cur().val {
	case "holdout":
		f.items = (*parser).readHoldoutItem
	case "segment":
		f.items = (*parser).readSegmentItem
	case "split":
		f.items = (*parser).readSplitItem
	}
}

// Next gives participle a token.
func (f *feed) Next() (plex.Token, error) {
	at := f.next
	f.first = append(f.first, at)
	if at >= f.p.limit {
		return plex.EOFToken(plex.Position{Offset: at, Line: at}), nil
	}
	t := &f.p.toks[at]
	if t.op("{") && f.items != nil && f.bodyAt < 0 {
		f.p.pos = at
		f.body, f.bodyAt = f.p.readBody(f.items), len(f.first)-1
		f.next = f.p.pos
		return plex.Token{Type: 1, Pos: plex.Position{Offset: at, Line: f.next - 1}}, nil
	}
	f.next++
	out := plex.Token{Type: 1, Pos: plex.Position{Offset: at, Line: at}}
	if t.kind == kindWord || t.kind == kindOp { // all others match no tag
		out.Value = t.val
	}
	return out, nil
}

// decl reads the declaration at p.pos, whose first word is a keyword.
func (s *session) decl() ast.Decl {
	s.p.headless = false
	s.feed.start(s.p)
	lex, err := plex.Upgrade(&s.feed)
	if err != nil {
		panic(err) // feed gives no errors
	}
	node, err := s.tree.ParseFromLexer(lex, participle.AllowTrailing(true))
	if err != nil {
		panic("syntax: a declaration's parts never fail: " + err.Error())
	}
	s.p.pos = s.feed.first[lex.RawCursor()]
	return s.p.build(node)
}
