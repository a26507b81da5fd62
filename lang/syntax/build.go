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
	var where *segmentItem
	junk := false
	for _, it := range n.Items {
		switch {
		case it.Expect != nil:
			if where == nil && !junk {
				p.misplaced(p.around(it.Tokens[:1]).Loc, "`expect` comes after `where`", "first the keys, then where, then expect")
			}
			seg.Expects = append(seg.Expects, ast.Expect{At: p.around(it.Tokens), Check: it.Expect.expression()})
		case it.Meta != nil:
			m := *it.Meta.metaLine()
			if where != nil {
				p.misplaced(m.Key.Loc, "`"+m.Key.Name+"` comes before `where`", "first the keys, then where, then expect")
			}
			seg.Meta = append(seg.Meta, m)
		case it.Where != nil:
			if where != nil {
				p.secondWhere(where, it)
				break
			}
			where = it
			seg.Where = it.Where.expression()
		default:
			junk = true
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

func (p *parser) secondWhere(first, second *segmentItem) {
	loc := p.around(second.Tokens[:1]).Loc
	d := p.errorf(codeTwoWheres, loc, "a segment has one `where`")
	d.Labels = append(d.Labels, label(p.around(first.Tokens[:1]).Loc, "the first is here"))
	d.Help = "join the conditions with and, or with or"
	a, b := first.Where.expression(), second.Where.expression()
	follows := second.Tokens[0].Pos.Offset == first.Tokens[len(first.Tokens)-1].Pos.Line+1
	if a != nil && b != nil && follows && !isOr(a) && !isOr(b) {
		d.Edits = append(d.Edits, p.edit(loc.Start, loc.End, "and"))
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
	for _, it := range n.Items {
		switch {
		case it.Branch != nil:
			b := it.Branch
			out := ast.Branch{At: p.around(b.Tokens), Name: *b.Name.itemName()}
			if b.Title != nil {
				out.Title = b.Title.title()
			}
			if b.When != nil {
				out.When = b.When.expression()
				junk = junk || out.When == nil
			}
			split.Branches = append(split.Branches, out)
		case it.Meta != nil:
			m := *it.Meta.metaLine()
			if len(split.Branches) > 0 {
				p.misplaced(m.Key.Loc, "`"+m.Key.Name+"` comes before the branches", "first the keys, then the branches")
			}
			split.Meta = append(split.Meta, m)
		default:
			junk = true
		}
	}
	var groups []otherwise
	for _, b := range split.Branches {
		groups = append(groups, otherwise{b.Loc, b.When == nil})
	}
	if !junk && !p.headless {
		p.checkOtherwise(split.Name, groups, `active "Everybody else" otherwise`)
	}
	return split
}

func (p *parser) buildHoldout(n *holdoutNode) *ast.Holdout {
	h := &ast.Holdout{At: p.around(n.Tokens), Name: ident(n.Name), Of: n.Of.holdoutOf()}
	var groups []otherwise
	junk := false
	for _, it := range n.Items {
		switch {
		case it.Group != nil:
			g := ast.Group{At: p.around(it.Group.Tokens), Name: *it.Group.Name.itemName()}
			if it.Group.Share != nil {
				g.Share = it.Group.Share.share()
			}
			h.Groups = append(h.Groups, g)
			groups = append(groups, otherwise{g.Loc, g.Share == nil})
		case it.Meta != nil:
			m := *it.Meta.metaLine()
			if num, ok := m.Value.(*ast.Number); ok && metaKeys[m.Key.Name] == 0 {
				p.shareWithoutPercent(m.Key, num)
				junk = true
				break
			}
			if len(h.Groups) > 0 {
				p.misplaced(m.Key.Loc, "`"+m.Key.Name+"` comes before the groups", "first the keys, then the groups")
			}
			h.Meta = append(h.Meta, m)
		default:
			junk = true
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
