package format

import (
	"fmt"
	"strings"

	"github.com/segql/segql/lang/ast"
)

func (w *writer) call(x *ast.Call) doc {
	head := name(x.Name) + "("
	if x.Distinct {
		head += "distinct "
	}
	var args []doc
	for i, a := range x.Args {
		if i > 0 {
			args = append(args, text(","), w.brk(spaceLine, a.Span().Start))
		}
		args = append(args, w.expr(a, levelLogic))
		if x.Of != nil && x.OfArg == i {
			args = append(args, w.source(x.Of)...)
		}
	}
	if x.By != nil {
		args = append(args, text(", by "+path(x.By)))
	}
	return group(text(head), nest(args...), text(")"))
}

func (w *writer) source(s *ast.Source) (out []doc) {
	switch {
	case s.Everyone:
		out = append(out, text(" of everyone"))
	case s.Fact != nil:
		out = append(out, text(" of "), w.fact(s.Fact))
	case s.Segment != nil:
		out = append(out, text(" of segment "+path(s.Segment)))
	}
	if s.Per != nil {
		out = append(out, text(" per "+path(s.Per)))
	}
	return out
}

// fact breaks before where and before each step, or nowhere.
func (w *writer) fact(f *ast.Fact) doc {
	out := []doc{text(path(f.Path) + as(f.As))}
	if f.Window != nil {
		out = append(out, text(" "), w.window(f.Window))
	}
	var rest []doc
	if f.Where != nil {
		rest = append(rest, w.brk(spaceLine, f.Where.Span().Start), text("where "), w.expr(f.Where, levelLogic))
	}
	for _, s := range f.Steps {
		rest = append(rest, w.brk(spaceLine, s.Span().Start), w.step(s))
	}
	return group(append(out, nest(rest...))...)
}

func as(id *ast.Ident) string {
	if id == nil {
		return ""
	}
	return " as " + name(*id)
}

func (w *writer) step(s ast.Step) doc {
	line := not(s.Not)
	if s.Directly {
		line += "directly "
	}
	if s.Preceded {
		line += "preceded by "
	} else {
		line += "followed by "
	}
	line += path(s.Path) + as(s.As)
	if s.After != nil {
		line += " after " + duration(s.After)
	}
	if s.Within != nil {
		line += " within " + duration(s.Within)
	}
	if s.Where == nil {
		return text(line)
	}
	return group(text(line), nest(w.brk(spaceLine, s.Where.Span().Start), text("where "), w.expr(s.Where, levelLogic)))
}

func (w *writer) regularly(x *ast.Regularly) doc {
	tail := "every " + duration(x.Every) + " for " + number(x.Periods) + " periods"
	if x.Periods.Text == "1" {
		tail = strings.TrimSuffix(tail, "s")
	}
	if x.Missed != nil {
		tail += " allowing " + number(x.Missed) + " missed"
	}
	return group(text("regularly("), w.fact(x.Fact), nest(w.brk(spaceLine, x.Every.Span().Start), text(tail)), text(")"))
}

// window lays out a window with its first word.
func (w *writer) window(win *ast.Window) doc {
	switch win.Kind {
	case ast.WindowBefore:
		return cat(text("before "), w.expr(win.Hi, levelSum))
	case ast.WindowBetween:
		return cat(text("between "), w.expr(win.Lo, levelSum), text(" and "), w.expr(win.Hi, levelSum))
	case ast.WindowLast:
		return text("in last " + duration(win.Duration))
	case ast.WindowMonth:
		return text(fmt.Sprintf("in %04d-%02d", win.Year, win.Month))
	case ast.WindowNext:
		return text("in next " + duration(win.Duration))
	case ast.WindowOn:
		return cat(text("on "), w.expr(win.Lo, levelSum))
	case ast.WindowPrevious:
		if win.Count == nil {
			return text("in previous " + unit(win.Unit, "1"))
		}
		return text("in previous " + number(win.Count) + " " + unit(win.Unit, win.Count.Text))
	case ast.WindowSince:
		return cat(text("since "), w.expr(win.Lo, levelSum))
	case ast.WindowThis:
		return text("in this " + unit(win.Unit, "1"))
	case ast.WindowYear:
		return text(fmt.Sprintf("in %04d", win.Year))
	}
	panic("format: unknown window")
}

// unit writes the singular for one.
func unit(plural, count string) string {
	if count == "1" {
		return strings.TrimSuffix(plural, "s")
	}
	return plural
}

func duration(d *ast.Duration) string {
	if d.Name != nil {
		return path(d.Name)
	}
	s := number(d.Number) + " " + unit(d.Unit, d.Number.Text)
	if d.Ago {
		s += " ago"
	}
	return s
}

// number writes a number as its author grouped it.
func number(n *ast.Number) string {
	switch {
	case n.Raw != "":
		return n.Raw
	case n.Percent:
		return n.Text + "%"
	}
	return n.Text
}

func date(d *ast.Date) string {
	if d.Day == 0 {
		return fmt.Sprintf("%04d-%02d", d.Year, d.Month)
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

func instant(t *ast.Time) string {
	s := fmt.Sprintf("%04d-%02d-%02dT%02d:%02d", t.Year, t.Month, t.Day, t.Hour, t.Min)
	if t.Sec != 0 {
		s += fmt.Sprintf(":%02d", t.Sec)
	}
	if !t.HasOffset {
		return s
	}
	sign, off := '+', t.OffsetMin
	if off < 0 {
		sign, off = '-', -off
	}
	return s + fmt.Sprintf("%c%02d:%02d", sign, off/60, off%60)
}

// regex escapes what would end the pattern.
func regex(r *ast.Regex) string {
	var b strings.Builder
	b.WriteByte('/')
	for i := 0; i < len(r.Pattern); i++ {
		switch c := r.Pattern[i]; {
		case c == '\\' && i+1 < len(r.Pattern):
			b.WriteString(r.Pattern[i : i+2])
			i++
		case c == '/':
			b.WriteString(`\/`)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + "/" + r.Flags
}

// listName quotes the words that mean something else right after `in`.
func listName(p *ast.Path) string {
	switch p.Parts[0].Name {
	case "bottom", "last", "next", "previous", "segment", "this", "top":
		id := p.Parts[0]
		id.Quoted = true
		return path(&ast.Path{Parts: append([]ast.Ident{id}, p.Parts[1:]...)})
	}
	return path(p)
}

func rank(r *ast.Rank) string {
	s := "top "
	if r.Bottom {
		s = "bottom "
	}
	switch n := r.N.(type) {
	case *ast.Number:
		s += number(n)
	default: // the name of a parameter
		s += path(n.(*ast.PathExpr).Path)
	}
	if r.Of != nil {
		s += " of segment " + path(r.Of)
	}
	if r.Per != nil {
		s += " per " + path(r.Per)
	}
	return s
}
