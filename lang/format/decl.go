package format

import (
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/syntax"
)

func (w *writer) decl(d ast.Decl) doc {
	switch d := d.(type) {
	case *ast.Holdout:
		return w.holdout(d)
	case *ast.List:
		head := "list " + name(d.Name)
		if d.From != nil {
			head += " from " + syntax.Quote(d.From.Value)
			if d.Column != nil {
				head += " column " + name(*d.Column)
			}
			return text(head)
		}
		return cat(text(head+" = "), w.set(d.Set))
	case *ast.Param:
		return cat(text("param "+name(d.Name)+" = "), w.expr(d.Value, levelSum))
	case *ast.RFM:
		return group(text("rfm "+name(d.Name)+" = "), w.expr(d.Value, levelSum), text(" of "), w.fact(d.Fact))
	case *ast.Segment:
		return w.segment(d)
	case *ast.Split:
		return w.split(d)
	case *ast.Trait:
		return cat(text("trait "+name(d.Name)+of(d.Of)+" = "), w.expr(d.Value, levelSum))
	}
	panic("format: unknown declaration")
}

func of(id *ast.Ident) string {
	if id == nil {
		return ""
	}
	return " of " + name(*id)
}

// segment stands on one line when there is only a condition and it fits.
func (w *writer) segment(d *ast.Segment) doc {
	head := text("segment " + name(d.Name) + of(d.Of) + " {")
	if len(d.Meta) == 0 && len(d.Expects) == 0 {
		where := nest(w.brk(spaceLine, d.Where.Span().Start), text("where "), w.expr(d.Where, levelLogic))
		return group(head, where, w.brk(spaceLine, d.Span().End), text("}"))
	}
	body := w.meta(d.Meta)
	gap := hardLine
	if len(d.Meta) > 0 {
		gap = blankLine
	}
	body = append(body, w.brk(gap, d.Where.Span().Start), text("where "), w.expr(d.Where, levelLogic))
	for i, e := range d.Expects {
		gap = hardLine
		if i == 0 {
			gap = blankLine
		}
		body = append(body, w.brk(gap, e.Span().Start), text("expect "), w.expr(e.Check, levelLogic))
	}
	return cat(head, nest(body...), w.closing(d), text("}"))
}

// closing is the break before the `}` of a declaration; comments before it
// belong to the body and are indented so.
func (w *writer) closing(d ast.Decl) doc {
	return w.last(w.take(d.Span().End))
}

func (w *writer) last(comments []ast.Comment) doc {
	var out []doc
	for i, c := range comments {
		if i == 0 && !c.OwnLine {
			out = append(out, suffix(c.Text))
			continue
		}
		out = append(out, nest(hard(), text(c.Text)))
	}
	return cat(append(out, hard())...)
}

func (w *writer) meta(metas []ast.Meta) (out []doc) {
	for _, m := range metas {
		out = append(out, w.brk(hardLine, m.Span().Start), text(name(m.Key)+": "), w.expr(m.Value, levelSum))
	}
	return out
}

func (w *writer) split(d *ast.Split) doc {
	head := "split " + name(d.Name) + of(d.Of)
	if d.OfSegment != nil {
		head += " of segment " + path(d.OfSegment)
	}
	body := w.meta(d.Meta)
	for _, b := range d.Branches {
		body = append(body, w.brk(hardLine, b.Span().Start))
		line := name(b.Name)
		if b.Title != nil {
			line += " " + syntax.Quote(b.Title.Value)
		}
		if b.When == nil {
			body = append(body, text(line+" otherwise"))
			continue
		}
		body = append(body, text(line+" when "), w.expr(b.When, levelLogic))
	}
	return cat(text(head+" {"), nest(body...), w.closing(d), text("}"))
}

func (w *writer) holdout(d *ast.Holdout) doc {
	body := w.meta(d.Meta)
	for _, g := range d.Groups {
		share := "otherwise"
		if g.Share != nil {
			share = number(g.Share)
		}
		body = append(body, w.brk(hardLine, g.Span().Start), text(name(g.Name)+": "+share))
	}
	return cat(text("holdout "+name(d.Name)+" of segment "+path(d.Of)+" {"), nest(body...), w.closing(d), text("}"))
}

// name writes a name as its author did, with backticks where they are needed.
func name(id ast.Ident) string {
	if id.Quoted {
		return syntax.Backtick(id.Name)
	}
	return syntax.QuoteName(id.Name)
}

func path(p *ast.Path) string {
	s := name(p.Parts[0])
	for _, id := range p.Parts[1:] {
		s += "." + name(id)
	}
	return s
}
