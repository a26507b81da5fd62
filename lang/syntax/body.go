package syntax

import (
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
)

// itemKind tells the items of a body apart.
type itemKind uint8

const (
	itemJunk   itemKind = iota // reported and skipped
	itemBranch                 // NAME [TEXT] (when COND | otherwise)
	itemExpect                 // expect CHECK
	itemGroup                  // NAME: (PERCENT | otherwise)
	itemMeta                   // KEY: VALUE
	itemWhere                  // where COND
)

// item is one item of the body of a segment, split or holdout.
type item struct {
	ast.At
	kind        itemKind
	start, next int         // tokens
	word        source.Span // its first token
	meta        *ast.Meta
	cond        ast.Expr // nil when it could not be read
	name        ast.Ident
	title       *ast.Text
	share       *ast.Number
	rest        bool // otherwise
}

// begin makes an item at the current token.
func (p *parser) begin(kind itemKind) *item {
	return &item{kind: kind, start: p.pos, word: p.tokSpan(p.cur())}
}

// done completes an item that ends with the token just read.
func (p *parser) done(it *item) (got, bool) {
	it.next = p.pos
	it.At = p.from(p.toks[it.start].start)
	return got{item: it}, true
}

// readBody reads { ITEM … }.
func (p *parser) readBody(next func(*parser) (got, bool)) (g got) {
	p.opener()
	for {
		it, ok := next(p)
		if !ok {
			break
		}
		g.items = append(g.items, it.item)
	}
	p.closer()
	return g
}

func (p *parser) readSegmentItem() (got, bool) {
	t := p.cur()
	switch {
	case p.isMeta():
		return p.metaItem()
	case t.word("expect") || t.word("where"):
		it := p.begin(itemWhere)
		if t.val == "expect" {
			it.kind = itemExpect
		}
		p.pos++
		it.cond = p.condition()
		return p.done(it)
	}
	return p.segmentJunk()
}

func (p *parser) readSplitItem() (got, bool) {
	if p.isMeta() {
		return p.metaItem()
	}
	n := 1
	if p.at(n).kind == kindText {
		n++
	}
	if word := p.at(n); !p.cur().isName() || !word.word("when") && !word.word("otherwise") {
		return p.splitJunk()
	}
	it := p.begin(itemBranch)
	it.name = p.ident()
	if t := p.cur(); t.kind == kindText {
		p.pos++
		it.title = &ast.Text{At: p.from(t.start), Value: t.val}
	}
	if it.rest = p.next().val == "otherwise"; !it.rest {
		if it.cond = p.condition(); it.cond == nil {
			it.kind = itemJunk // else it would look like an otherwise
		}
	}
	return p.done(it)
}

func (p *parser) readHoldoutItem() (got, bool) {
	value := p.at(2)
	switch {
	case !p.isMeta():
		return p.holdoutJunk()
	case value.kind != kindPercent && !value.word("otherwise"):
		return p.metaItem()
	}
	it := p.begin(itemGroup)
	it.name = p.ident()
	p.pos++
	if it.rest = p.acceptWord("otherwise"); !it.rest {
		it.share = p.number()
	}
	return p.done(it)
}

// isMeta tells whether a line KEY: VALUE begins here.
func (p *parser) isMeta() bool { return p.cur().isName() && p.at(1).op(":") }

func (p *parser) metaItem() (got, bool) {
	it := p.begin(itemMeta)
	it.meta = &ast.Meta{Key: p.ident()}
	p.pos++
	v, _ := p.readValue()
	it.meta.Value = v.expr
	g, ok := p.done(it)
	it.meta.At = it.At
	return g, ok
}

// condition reads a whole condition up to the next item; nil after an error.
func (p *parser) condition() ast.Expr {
	return p.try(func() ast.Expr {
		if p.itemStart(0) {
			p.noOperand()
		}
		x := p.topExpr()
		p.endOfItem()
		return x
	})
}
