package expand

import (
	"fmt"
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/lang/ast"
)

// deep unfolds definitions until they refer to nothing that can be written in
// their place.
func (x *indexed) deep(decls []ast.Decl) []ast.Decl {
	var out []ast.Decl
	for _, d := range decls {
		switch d := d.(type) {
		case *ast.Segment:
			c := *d
			u := &unfolding{indexed: x, row: x.entity(d.Of)}
			c.Where = u.expr(d.Where)
			c.Expects = nil
			for _, e := range d.Expects {
				c.Expects = append(c.Expects, ast.Expect{Check: u.expect(e.Check)})
			}
			out = append(out, &c)
		case *ast.Trait:
			c := *d
			c.Value = (&unfolding{indexed: x, row: x.entity(d.Of)}).expr(d.Value)
			out = append(out, &c)
		case *ast.Holdout, *ast.RFM, *ast.Split:
			out = append(out, x.deep(x.parts(d))...)
		case *ast.List, *ast.Param:
			out = append(out, d)
		default:
			panic(fmt.Sprintf("expand: %T", d))
		}
	}
	return out
}

// entity is the one that `of NAME` names, else the first.
func (x *indexed) entity(of *ast.Ident) *ir.Relation {
	if of == nil {
		return x.p.Relation(x.p.Catalog.Entities[0].Name.Text)
	}
	return x.p.Relation(of.Name)
}

// unfolding rewrites expressions of one scope.
type unfolding struct {
	*indexed
	// row is the entity whose rows are asked about; nil inside a fact, where a
	// bare name is a field and only params and lists can be unfolded.
	row *ir.Relation
}

// inner is the scope of the rows of a fact or of the elements of a list.
func (u *unfolding) inner() *unfolding { return &unfolding{indexed: u.indexed} }

func (u *unfolding) exprs(xs []ast.Expr) []ast.Expr {
	out := make([]ast.Expr, len(xs))
	for i, x := range xs {
		out[i] = u.expr(x)
	}
	return out
}

// path is what a name as a value stands for.
func (u *unfolding) path(e *ast.PathExpr) ast.Expr {
	name := e.Path.String()
	if u.row != nil && u.row.Column(e.Path.Parts[0].Name) == nil {
		if t, ok := u.decls[name].(*ast.Trait); ok && u.p.Traits[name] != nil && u.p.Traits[name].Entity == u.row {
			return u.expr(t.Value)
		}
	}
	if p, ok := u.decls[name].(*ast.Param); ok && len(e.Path.Parts) == 1 {
		return p.Value
	}
	return e
}

// membership is what `in segment S` stands for; a segment that is valid for a
// time only stays, for a condition has no such time.
func (u *unfolding) membership(e *ast.InSegment) ast.Expr {
	s, ok := u.decls[e.Ref.String()].(*ast.Segment)
	if !ok || e.X != nil || u.row == nil || limited(s.Meta) {
		return e
	}
	cond := u.expr(s.Where)
	if e.Not {
		return negated(cond)
	}
	return cond
}

func limited(meta []ast.Meta) bool {
	return slices.ContainsFunc(meta, func(m ast.Meta) bool { return m.Key.Name == "valid_from" || m.Key.Name == "valid_until" })
}

// set is the literal set that a list's name stands for, nil when it is none:
// a list attribute, or a list in a file.
func (u *unfolding) set(name *ast.Path) *ast.Set {
	l, ok := u.decls[name.String()].(*ast.List)
	if !ok || len(name.Parts) > 1 || u.isColumn(name.Parts[0].Name) {
		return nil
	}
	return l.Set
}

// isColumn reports whether any row has a column of the name.
func (u *unfolding) isColumn(name string) bool {
	for _, r := range u.p.Relations {
		for _, c := range r.Columns {
			if c.Name == name {
				return true
			}
			t := c.Type
			for t.Elem != nil {
				t = *t.Elem
			}
			for _, f := range t.Fields {
				if f.Name == name {
					return true
				}
			}
		}
	}
	return false
}

// expect unfolds a check: its subject has names of its own.
func (u *unfolding) expect(check ast.Expr) ast.Expr {
	subject := func(e ast.Expr) ast.Expr {
		if c, ok := e.(*ast.Call); ok && c.Name.Name == "share" {
			return u.expr(c)
		}
		return e
	}
	switch e := check.(type) {
	case *ast.Between:
		c := *e
		c.X, c.Lo, c.Hi = subject(e.X), u.expr(e.Lo), u.expr(e.Hi)
		return &c
	case *ast.Compare:
		c := *e
		c.L, c.R = subject(e.L), u.expr(e.R)
		return &c
	default:
		return check
	}
}

func (u *unfolding) fact(f *ast.Fact) *ast.Fact {
	if f == nil {
		return nil
	}
	c, in := *f, u.inner()
	c.Window, c.Where = u.window(f.Window), in.expr(f.Where)
	c.Steps = slices.Clone(f.Steps)
	for i := range c.Steps {
		s := &c.Steps[i]
		s.After, s.Within, s.Where = u.duration(s.After), u.duration(s.Within), in.expr(s.Where)
	}
	return &c
}

func (u *unfolding) window(w *ast.Window) *ast.Window {
	if w == nil {
		return nil
	}
	c := *w
	c.Duration, c.Lo, c.Hi = u.duration(w.Duration), u.expr(w.Lo), u.expr(w.Hi)
	return &c
}

// duration is that of a param, where one is named.
func (u *unfolding) duration(d *ast.Duration) *ast.Duration {
	if d == nil || d.Name == nil {
		return d
	}
	p, ok := u.decls[d.Name.String()].(*ast.Param)
	if !ok {
		return d
	}
	of, ok := p.Value.(*ast.Duration)
	if !ok {
		return d
	}
	c := *of
	c.Ago = d.Ago
	return &c
}

// call unfolds arguments in the scope they are read in: what is aggregated
// over a fact is a field of it.
func (u *unfolding) call(e *ast.Call) ast.Expr {
	c, args := *e, u
	if e.Of != nil {
		of := *e.Of
		of.Fact = u.fact(of.Fact)
		if c.Of = &of; of.Fact != nil {
			args = u.inner()
		}
	}
	c.Args = args.exprs(e.Args)
	if e.Name.Name == "start_of" && len(e.Args) > 0 {
		c.Args[0] = e.Args[0] // the name of a unit
	}
	return &c
}
