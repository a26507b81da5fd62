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
// fail, but report and go on. One or two tokens decide everything: a key is
// NAME ":", a branch NAME TEXT or NAME "when" or NAME "otherwise".
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
		Name   declName      `parser:"'segment' @@"`
		Of     declName      `parser:"( 'of' @@ )?"`
		Open   opener        `parser:"@@"`
		Items  []segmentItem `parser:"@@*"` // KEY: VALUE | where COND | expect CHECK
		Close  closer        `parser:"@@"`
	}
	splitNode struct {
		Tokens []plex.Token
		Name   declName    `parser:"'split' @@"`
		Of     splitOf     `parser:"( 'of' @@ )?"`
		Open   opener      `parser:"@@"`
		Items  []splitItem `parser:"@@*"` // KEY: VALUE | NAME [TEXT] (when COND | otherwise)
		Close  closer      `parser:"@@"`
	}
	holdoutNode struct {
		Tokens []plex.Token
		Name   declName      `parser:"'holdout' @@"`
		Of     holdoutOf     `parser:"@@"`
		Open   opener        `parser:"@@"`
		Items  []holdoutItem `parser:"@@*"` // KEY: VALUE | NAME: (PERCENT | otherwise)
		Close  closer        `parser:"@@"`
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
	holdoutOf   interface{ holdoutOf() *ast.Path }
	value       interface{ value() ast.Expr }
	plainSum    interface{ plainSum() ast.Expr }
	rfmBody     interface{ rfmBody() (ast.Expr, *ast.Fact) }
	listBody    interface{ listBody() *ast.List }
	opener      interface{ opener() }
	closer      interface{ closer() }
	equals      interface{ equals() }
	segmentItem interface{ segmentItem() *item }
	splitItem   interface{ splitItem() *item }
	holdoutItem interface{ holdoutItem() *item }
)

// got carries what a function of parser read.
type got struct {
	ident *ast.Ident
	path  *ast.Path
	expr  ast.Expr
	fact  *ast.Fact
	list  *ast.List
	item  *item
}

func (g got) declName() *ast.Ident             { return g.ident }
func (g got) splitOf() (*ast.Ident, *ast.Path) { return g.ident, g.path }
func (g got) holdoutOf() *ast.Path             { return g.path }
func (g got) value() ast.Expr                  { return g.expr }
func (g got) plainSum() ast.Expr               { return g.expr }
func (g got) rfmBody() (ast.Expr, *ast.Fact)   { return g.expr, g.fact }
func (g got) listBody() *ast.List              { return g.list }
func (g got) segmentItem() *item               { return g.item }
func (g got) splitItem() *item                 { return g.item }
func (g got) holdoutItem() *item               { return g.item }
func (got) opener()                            {}
func (got) closer()                            {}
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
		production[opener](s, (*parser).readOpener),
		production[closer](s, (*parser).readCloser),
		production[equals](s, (*parser).readEquals),
		production[segmentItem](s, (*parser).readSegmentItem),
		production[splitItem](s, (*parser).readSplitItem),
		production[holdoutItem](s, (*parser).readHoldoutItem),
	)
	return s
}}

// production lets participle call a function of the parser. The function
// reads from p.pos and says whether this is its production at all.
func production[T any](s *session, read func(*parser) (got, bool)) participle.Option {
	return participle.ParseTypeWith(func(lex *plex.PeekingLexer) (T, error) {
		var none T
		cursor := int(lex.RawCursor())
		if g, ok := s.feed.read[cursor]; ok {
			if t, ok := any(g).(T); ok && g.item != nil {
				lex.FastForward(plex.RawCursor(cursor))
				return t, nil
			}
		}
		s.p.pos = s.feed.first[cursor]
		g, ok := read(s.p)
		if !ok {
			return none, participle.NextMatch
		}
		if n := s.feed.cursor(cursor, s.p.pos); n > cursor {
			lex.FastForward(plex.RawCursor(n - 1))
		}
		return any(g).(T), nil
	})
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

// feed hands the tokens of one declaration to participle. The items of a
// body are read on the way and become one token each: participle, which keeps
// 64 bytes a token, then sees a tenth of them.
type feed struct {
	p     *parser
	next  int
	items func(*parser) (got, bool) // nil: this declaration has no body
	body  bool                      // behind the {
	first []int                     // of p.toks, by participle's cursor
	read  map[int]got               // items, by participle's cursor
}

func (f *feed) start(p *parser) {
	f.p, f.next, f.first, f.body = p, p.pos, f.first[:0], false
	switch p.cur().val {
	case "holdout":
		f.items = (*parser).readHoldoutItem
	case "segment":
		f.items = (*parser).readSegmentItem
	case "split":
		f.items = (*parser).readSplitItem
	default:
		f.items = nil
	}
	if f.read == nil {
		f.read = map[int]got{}
	}
	clear(f.read)
}

// Next gives participle a token.
func (f *feed) Next() (plex.Token, error) {
	at := f.next
	f.first = append(f.first, at)
	if f.body {
		f.p.pos = at
		g, ok := f.items(f.p)
		if ok {
			f.read[len(f.first)-1] = g
			f.next = f.p.pos
			return plex.Token{Type: 1, Pos: plex.Position{Offset: at, Line: f.next - 1}}, nil
		}
		f.body, f.items = false, nil
	}
	if at >= f.p.limit {
		return plex.EOFToken(plex.Position{Offset: at, Line: at}), nil
	}
	t := &f.p.toks[at]
	f.next++
	f.body = f.items != nil && t.op("{")
	out := plex.Token{Type: 1, Pos: plex.Position{Offset: at, Line: at}}
	if t.kind == kindWord || t.kind == kindOp { // all others match no tag
		out.Value = t.val
	}
	return out, nil
}

// cursor is participle's place for the parser's, at or behind from.
func (f *feed) cursor(from, pos int) int {
	for from < len(f.first)-1 && f.first[from] < pos {
		from++
	}
	return from
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
