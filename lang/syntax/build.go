package syntax

import (
	plex "github.com/alecthomas/participle/v2/lexer"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// build makes a declaration of what participle read.
func (p *parser) build(n *declNode) ast.Decl {
	switch {
	case n.Holdout != nil:
		return p.buildHoldout(n.Holdout)
	case n.List != nil:
		list := n.List.Body.listBody()
		list.At, list.Name = p.around(n.List.Tokens), ident(n.List.Name)
		return list
	case n.Param != nil:
		return &ast.Param{At: p.around(n.Param.Tokens), Name: ident(n.Param.Name), Value: n.Param.Value.value()}
	case n.RFM != nil:
		x, fact := n.RFM.Body.rfmBody()
		return &ast.RFM{At: p.around(n.RFM.Tokens), Name: ident(n.RFM.Name), Value: x, Fact: fact}
	case n.Segment != nil:
		return p.buildSegment(n.Segment)
	case n.Split != nil:
		return p.buildSplit(n.Split)
	case n.Trait != nil:
		t := n.Trait
		return &ast.Trait{At: p.around(t.Tokens), Name: ident(t.Name), Of: maybeIdent(t.Of), Value: t.Value.plainSum()}
	}
	panic("syntax: participle read no declaration")
}

// around is the place of the tokens a node was read from.
func (p *parser) around(toks []plex.Token) ast.At {
	first, last := toks[0].Pos.Offset, toks[len(toks)-1].Pos.Line
	return ast.At{Loc: p.span(p.toks[first].start, p.toks[max(first, last)].end)}
}

func ident(n declName) ast.Ident { return *n.declName() }

func maybeIdent(n declName) *ast.Ident {
	if n == nil {
		return nil
	}
	return n.declName()
}

// buildSegment also checks what the tags leave open, so that the messages
// can be better than "unexpected token": the order of the lines, one where.
func (p *parser) buildSegment(n *segmentNode) *ast.Segment {
	seg := &ast.Segment{At: p.around(n.Tokens), Name: ident(n.Name), Of: maybeIdent(n.Of)}
	var where *item
	junk := false
	for _, it := range n.Body.body() {
		switch it.kind {
		case itemExpect:
			if where == nil && !junk {
				p.misplaced(it.word, "`expect` comes after `where`", "first the keys, then where, then expect")
			}
			seg.Expects = append(seg.Expects, ast.Expect{At: it.At, Check: it.cond})
		case itemJunk:
			junk = true
		case itemMeta:
			if where != nil {
				p.misplaced(it.meta.Key.Loc, "`"+it.meta.Key.Name+"` comes before `where`", "first the keys, then where, then expect")
			}
			seg.Meta = append(seg.Meta, *it.meta)
		case itemWhere:
			if where != nil {
				p.secondWhere(where, it)
				break
			}
			where, seg.Where = it, it.cond
		}
	}
	if where == nil && !junk && !p.headless {
		d := p.errorf(codeNoWhere, seg.Name.Loc, "segment `%s` has no `where`", seg.Name.Name)
		d.Help = "a segment says who is in it: where email is known"
	}
	return seg
}

func (p *parser) misplaced(span source.Span, message, help string) {
	p.errorf(codeOrder, span, "%s", message).Help = help
}

func (p *parser) secondWhere(first, second *item) {
	d := p.errorf(codeTwoWheres, second.word, "a segment has one `where`")
	d.Labels = append(d.Labels, label(first.word, "the first is here"))
	d.Help = "join the conditions with and, or with or"
	known := first.cond != nil && second.cond != nil
	if known && first.next == second.start && !isOr(first.cond) && !isOr(second.cond) {
		d.Edits = append(d.Edits, p.edit(second.word.Start, second.word.End, "and"))
	}
}

func isOr(x ast.Expr) bool {
	l, ok := x.(*ast.Logic)
	return ok && l.Op == "or"
}

func (p *parser) buildSplit(n *splitNode) *ast.Split {
	split := &ast.Split{At: p.around(n.Tokens), Name: ident(n.Name)}
	if n.Of != nil {
		split.Of, split.OfSegment = n.Of.splitOf()
	}
	junk := false
	var groups []otherwise
	for _, it := range n.Body.body() {
		switch it.kind {
		case itemBranch:
			split.Branches = append(split.Branches, ast.Branch{At: it.At, Name: it.name, Title: it.title, When: it.cond})
			groups = append(groups, otherwise{it.Loc, it.rest})
		case itemJunk:
			junk = true
		case itemMeta:
			p.metaFirst(it.meta, len(split.Branches), "branches")
			split.Meta = append(split.Meta, *it.meta)
		}
	}
	if !junk && !p.headless {
		p.checkOtherwise(split.Name, groups, `active "Everybody else" otherwise`)
	}
	return split
}

func (p *parser) metaFirst(m *ast.Meta, before int, what string) {
	if before > 0 {
		p.misplaced(m.Key.Loc, "`"+m.Key.Name+"` comes before the "+what, "first the keys, then the "+what)
	}
}

func (p *parser) buildHoldout(n *holdoutNode) *ast.Holdout {
	h := &ast.Holdout{At: p.around(n.Tokens), Name: ident(n.Name), Of: n.Of.holdoutOf()}
	var groups []otherwise
	junk := false
	for _, it := range n.Body.body() {
		switch it.kind {
		case itemGroup:
			h.Groups = append(h.Groups, ast.Group{At: it.At, Name: it.name, Share: it.share})
			groups = append(groups, otherwise{it.Loc, it.rest})
		case itemJunk:
			junk = true
		case itemMeta:
			if num, ok := it.meta.Value.(*ast.Number); ok && (metaKeys[it.meta.Key.Name] == 0 || it.meta.Key.Quoted) {
				p.shareWithoutPercent(it.meta.Key, num)
				junk = true
				break
			}
			p.metaFirst(it.meta, len(h.Groups), "groups")
			h.Meta = append(h.Meta, *it.meta)
		}
	}
	if !junk && !p.headless {
		p.checkOtherwise(h.Name, groups, "test: otherwise")
	}
	return h
}

func (p *parser) shareWithoutPercent(key ast.Ident, num *ast.Number) {
	d := p.errorf(codeLiteral, num.Loc, "the share of the group `%s` is a percentage", key.Name)
	d.Help = "write " + num.Text + "%"
	d.Edits = append(d.Edits, p.edit(num.Loc.End, num.Loc.End, "%"))
}

// otherwise is a branch or group and whether it takes the rest.
type otherwise struct {
	loc  source.Span
	rest bool
}

// checkOtherwise demands one otherwise, at the end.
func (p *parser) checkOtherwise(name ast.Ident, groups []otherwise, example string) {
	for i, g := range groups {
		if g.rest && i < len(groups)-1 {
			p.errorf(codeOtherwise, g.loc, "`otherwise` takes everybody who is left, so it comes last").
				Help = "move it to the end; a second one is not needed"
			return
		}
	}
	if len(groups) == 0 || !groups[len(groups)-1].rest {
		d := p.errorf(codeOtherwise, name.Loc, "`%s` does not say where everybody else belongs", name.Name)
		d.Help = "end with a line such as: " + example
	}
}

func label(span source.Span, text string) diag.Label { return diag.Label{Span: span, Text: text} }
