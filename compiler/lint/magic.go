package lint

import (
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
	"github.com/segql/segql/lang/yamlform"
)

// threshold is a number that a value is compared with.
type threshold struct {
	subject ast.Expr
	op      string
	number  *ast.Number
	decl    ast.Decl
}

// magic finds one number that one value is compared with in three definitions:
// who changes the threshold in one of them forgets the others. Within a
// definition, such as the bands of a split, they are seen together.
func magic(p *pass) {
	groups, order := map[string][]threshold{}, []string{}
	for i := range p.sites {
		s := &p.sites[i]
		for _, t := range thresholds(s) {
			e := p.exprOf(t.subject)
			if s.decl == nil || e == nil || isPart(e) || len(t.number.Text) < 2 {
				continue // 0 to 9 say what they are
			}
			t.decl = s.decl
			key := ir.Key(e) + " " + literalKey(t.number)
			if t.number.Percent {
				key += "%"
			}
			if groups[key] == nil {
				order = append(order, key)
			}
			groups[key] = append(groups[key], t)
		}
	}
	names := p.taken()
	for _, key := range order {
		decls := map[ast.Decl]bool{}
		for _, t := range groups[key] {
			decls[t.decl] = true
		}
		if len(decls) >= 3 {
			p.reportMagic(groups[key], names)
		}
	}
}

func thresholds(s *site) []threshold {
	switch x := s.n.(type) {
	case *ast.Between:
		var out []threshold
		for _, b := range []struct {
			op string
			x  ast.Expr
		}{{">=", x.Lo}, {"<=", x.Hi}} {
			if n, ok := b.x.(*ast.Number); ok {
				out = append(out, threshold{x.X, b.op, n, nil})
			}
		}
		return out
	case *ast.Compare:
		if n, ok := x.R.(*ast.Number); ok {
			return []threshold{{x.L, x.Op, n, nil}}
		}
	default: // compares with no number
	}
	return nil
}

// isPart reports a part of a date, whose numbers have names of their own.
func isPart(e ir.Expr) bool {
	c, ok := stripped(e).(*ir.Call)
	return ok && slices.Contains([]string{"day", "hour", "month", "quarter", "weekday", "year"}, c.Fn)
}

func (p *pass) reportMagic(g []threshold, names map[string]bool) {
	name := p.paramName(g[0], names)
	d := p.report(g[0].number.Loc, "%s is compared with %s in %d places", format.Expr(g[0].subject), format.Expr(g[0].number), len(g))
	d.Help = "give the number a name: param " + name + " = " + format.Expr(g[0].number)
	insert := p.newParam(g[0].number, "param "+name+" = "+format.Expr(g[0].number))
	for _, t := range g[1:] {
		d.Labels = append(d.Labels, diag.Label{Span: t.number.Loc, Text: "and here"})
	}
	if insert == nil {
		return
	}
	for _, t := range g {
		d.Edits = append(d.Edits, diag.Edit{Span: t.number.Loc, Text: name})
	}
	d.Edits = append(d.Edits, *insert)
}

// paramName makes a name that nothing has: min_total_spend.
func (*pass) paramName(t threshold, names map[string]bool) string {
	base := plainName(format.Expr(t.subject))
	switch {
	case strings.HasPrefix(t.op, ">"):
		base = "min_" + base
	case strings.HasPrefix(t.op, "<"):
		base = "max_" + base
	default:
		base += "_value"
	}
	base = strings.Trim(base, "_")
	for name := base; ; name += "_" {
		if !names[name] && syntax.IsName(name) {
			names[name] = true
			return name
		}
	}
}

// taken are the names that a param must not have.
func (p *pass) taken() map[string]bool {
	names := map[string]bool{}
	for _, f := range p.Files {
		for _, d := range f.Decls {
			names[d.DeclName().Name] = true
		}
	}
	for _, r := range p.Relations {
		names[r.Name] = true
		for _, c := range r.Columns {
			names[c.Name] = true
		}
		for _, l := range r.Lookups {
			names[l.Name] = true
		}
		for _, v := range r.Reverses {
			names[v.Name] = true
		}
	}
	return names
}

// newParam puts a declaration after the last param of a file, or at its end:
// of the file in which the number first stands or, where that is YAML, of
// another one; nil when there is none.
func (p *pass) newParam(n *ast.Number, text string) *diag.Edit {
	var in *ast.File
	for _, f := range p.Files {
		switch {
		case strings.HasSuffix(f.Source.Name, yamlform.Suffix):
		case f.Source == n.Loc.File:
			in = f
		case in == nil || len(paramsOf(in)) == 0 && in.Source != n.Loc.File && len(paramsOf(f)) > 0:
			in = f
		}
	}
	if in == nil {
		return nil
	}
	content := in.Source.Text
	if ps := paramsOf(in); len(ps) > 0 {
		end := ps[len(ps)-1].Loc.End
		if i := strings.IndexByte(content[end:], '\n'); i >= 0 {
			end += i
		} else {
			end = len(content)
		}
		return insertion(in.Source, end, "\n"+text)
	}
	if !strings.HasSuffix(content, "\n") && content != "" {
		text = "\n" + text
	}
	return insertion(in.Source, len(content), "\n"+text+"\n")
}

func insertion(f *source.File, at int, text string) *diag.Edit {
	return &diag.Edit{Span: source.Span{File: f, Start: at, End: at}, Text: text}
}

func paramsOf(f *ast.File) (out []*ast.Param) {
	for _, d := range f.Decls {
		if p, ok := d.(*ast.Param); ok {
			out = append(out, p)
		}
	}
	return out
}
