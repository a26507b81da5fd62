package lint

import (
	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/yamlform"
)

// head is what a declaration says of a segment.
type head struct {
	decl   ast.Decl
	branch *ast.Branch // of a split
	seg    *ir.Segment
}

// gather walks the project once for all rules.
func (p *pass) gather() {
	p.typed, p.logics, p.heads, p.segments = map[place]ir.Expr{}, map[place]*ast.Logic{}, map[string]head{}, map[string]*ir.Segment{}
	for _, s := range p.Segments {
		p.segments[s.Name] = s
	}
	for _, f := range p.Files {
		for _, d := range f.Decls {
			p.walk(d, nil, d)
		}
	}
	for _, x := range catalogExprs(p.Catalog) {
		p.walk(x, nil, nil)
	}
	for _, r := range p.Relations {
		p.learn(r.Where)
		for _, c := range r.Columns {
			p.learn(c.Def)
		}
	}
	p.gatherRoots()
	for i := range p.roots {
		p.parts(p.roots[i].x, &p.roots[i], true)
	}
}

func (p *pass) walk(n, parent ast.Node, d ast.Decl) {
	p.sites = append(p.sites, site{n, parent, d})
	if l, ok := n.(*ast.Logic); ok {
		p.logics[placeOf(l.Loc)] = l
	}
	for _, c := range ast.Children(n) {
		p.walk(c, n, d)
	}
}

// catalogExprs are the expressions of the catalog that an author wrote as such.
func catalogExprs(c *catalog.Catalog) (out []ast.Expr) {
	add := func(xs ...ast.Expr) {
		for _, x := range xs {
			if x != nil {
				out = append(out, x)
			}
		}
	}
	rel := func(r *catalog.Relation) {
		add(r.Where)
		for _, f := range r.Fields {
			if f.Column.IsZero() {
				add(f.Expr)
			}
		}
	}
	for _, e := range c.Entities {
		rel(&e.Relation)
	}
	for _, f := range c.Facts {
		rel(&f.Relation)
	}
	for _, ch := range c.Channels {
		add(ch.When)
	}
	return out
}

// gatherRoots finds what the checker made of each declaration.
func (p *pass) gatherRoots() {
	for _, f := range p.Files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.Holdout:
				for _, g := range d.Groups {
					p.head(d.Name.Name+"."+g.Name.Name, d, nil)
				}
			case *ast.Segment:
				if s := p.head(d.Name.Name, d, nil); s != nil {
					p.root(root{s.Where, s.Entity, d, s.Name})
					for _, e := range s.Expects {
						p.learn(e.Cond)
					}
				}
			case *ast.Split:
				p.split(d)
			case *ast.Trait:
				if t := p.Traits[d.Name.Name]; t != nil {
					p.root(root{t.X, t.Entity, d, t.Name})
				}
			case *ast.List, *ast.Param, *ast.RFM:
			}
		}
	}
}

func (p *pass) head(name string, d ast.Decl, b *ast.Branch) *ir.Segment {
	s := p.segments[name]
	if s != nil {
		p.heads[name] = head{d, b, s}
	}
	return s
}

// split has the conditions of its branches as the last part of what each
// segment is: that no earlier one holds, and this one does.
func (p *pass) split(d *ast.Split) {
	for i := range d.Branches {
		b := &d.Branches[i]
		s := p.head(d.Name.Name+"."+b.Name.Name, d, b)
		if s == nil || b.When == nil {
			continue
		}
		if and, ok := s.Where.(*ir.And); ok && len(and.Xs) > 0 {
			p.root(root{and.Xs[len(and.Xs)-1], s.Entity, d, s.Name})
		}
	}
}

func (p *pass) root(r root) {
	p.roots = append(p.roots, r)
	p.learn(r.x)
}

// learn notes what stands where. A node that the checker made beside the one
// that was written has its place; the outer one is the written one.
func (p *pass) learn(x ir.Expr) {
	if x == nil {
		return
	}
	ir.Walk(x, func(x ir.Expr) bool {
		if at := placeOf(x.Span()); at.file != nil {
			if _, known := p.typed[at]; !known {
				p.typed[at] = x
			}
		}
		_, named := x.(*ir.Trait) // what is below stands elsewhere
		return !named
	})
}

func (p *pass) parts(x ir.Expr, r *root, outer bool) {
	if x == nil {
		return
	}
	p.nodes = append(p.nodes, node{x, r, outer})
	if _, named := x.(*ir.Trait); named {
		return
	}
	for _, c := range ir.Children(x) {
		p.parts(c, r, outer)
	}
	for _, c := range ir.Inner(x) {
		p.parts(c, r, false)
	}
}

// keepEdits takes away the fixes that would lose a comment or do something
// else in YAML than they are meant to.
func keepEdits(list diag.List, p *compiler.Project) {
	comments := map[*source.File][]ast.Comment{p.Catalog.File: p.Catalog.Comments}
	for _, f := range p.Files {
		comments[f.Source] = f.Comments
	}
	for i := range list {
		for _, e := range list[i].Edits {
			for _, c := range comments[e.Span.File] {
				if list[i].Code != unusedIgnore && c.Loc.Start < e.Span.End && e.Span.Start < c.Loc.End {
					list[i].Edits = nil
				}
			}
		}
	}
	yamlform.KeepEdits(list)
}
