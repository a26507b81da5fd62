// Package expand writes what a definition stands for as definitions of a
// simpler kind: an rfm as its segment, traits and split, a split and a holdout
// as one segment for each part. What it writes can stand in the place of the
// original and means the same, names included.
package expand

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// Options of Text. The zero Options unfolds one level.
type Options struct {
	// Deep also puts what they stand for in the place of traits, params,
	// lists and segments that are referred to, as far as there is a way to
	// write it: not of another row (customer.TRAIT), of a segment that is
	// valid for a time only, nor of a list that stands in a file.
	Deep bool
}

// Text is what a definition stands for, in canonical form; ok is false when
// there is none of that name. Parts have names too: the branch of a split, the
// group of a holdout, and what an rfm gives. The project has no errors.
func Text(p *compiler.Project, name string, o Options) (text string, ok bool) {
	x := index(p)
	decls := x.find(name)
	if decls == nil {
		return "", false
	}
	if o.Deep {
		decls = x.deep(decls)
	}
	return format.Format(&ast.File{Decls: decls}), true
}

// Names are all the names that Text knows, in the order of the project.
func Names(p *compiler.Project) []string { return index(p).names }

// indexed are the definitions of a project by name, those that others stand
// for among them.
type indexed struct {
	p     *compiler.Project
	names []string
	decls map[string]ast.Decl
}

func index(p *compiler.Project) *indexed {
	x := &indexed{p: p, decls: map[string]ast.Decl{}}
	var add func(d ast.Decl)
	add = func(d ast.Decl) {
		name := d.DeclName().Name
		if x.decls[name] == nil {
			x.names = append(x.names, name)
			x.decls[name] = d
		}
		for _, part := range x.parts(d) {
			add(part)
		}
	}
	for _, f := range p.Files {
		for _, d := range f.Decls {
			add(d)
		}
	}
	return x
}

// find gives the definitions that a name stands for, nil when it is unknown.
func (x *indexed) find(name string) []ast.Decl {
	d := x.decls[name]
	if d == nil {
		return nil
	}
	if parts := x.parts(d); parts != nil {
		return parts
	}
	return []ast.Decl{d}
}

// parts are what a definition stands for; nil when for nothing but itself.
func (x *indexed) parts(d ast.Decl) []ast.Decl {
	switch d := d.(type) {
	case *ast.Holdout:
		return x.groups(d)
	case *ast.RFM:
		f, diags := syntax.Parse(source.New(d.Name.Name+" (rfm)", check.ExpandRFM(d, ".")))
		if diags.HasErrors() {
			panic(fmt.Sprintf("expand: rfm expands to a syntax error: %v", diags))
		}
		return f.Decls
	case *ast.Split:
		return x.branches(d)
	case *ast.List, *ast.Param, *ast.Segment, *ast.Trait:
		return nil
	default:
		panic(fmt.Sprintf("expand: %T", d))
	}
}

// branches are the segments of a split: each holds what none before it takes.
func (x *indexed) branches(d *ast.Split) []ast.Decl {
	var out []ast.Decl
	var before []ast.Expr
	if d.OfSegment != nil {
		before = append(before, &ast.InSegment{Ref: d.OfSegment})
	}
	for _, b := range d.Branches {
		conds := slices.Clone(before)
		if b.When != nil {
			conds = append(conds, b.When)
			before = append(before, negated(b.When))
		}
		name := d.Name.Name + "." + b.Name.Name
		meta := d.Meta
		if b.Title != nil {
			meta = titled(d.Meta, b.Title.Value)
		}
		out = append(out, &ast.Segment{Name: named(name), Of: x.of(name), Meta: meta, Where: all(conds)})
	}
	return out
}

// groups are the segments of a holdout: its draw is one sample by the
// holdout's name, cut where the shares end.
func (x *indexed) groups(d *ast.Holdout) []ast.Decl {
	var out []ast.Decl
	end := value.NewInt(0)
	sample := func(percent value.Value) ast.Expr {
		return &ast.Call{Name: ast.Ident{Name: "sample"}, Args: []ast.Expr{
			&ast.Number{Text: percentText(percent), Percent: true}, &ast.Text{Value: d.Name.Name}}}
	}
	for _, g := range d.Groups {
		conds := []ast.Expr{&ast.InSegment{Ref: d.Of}}
		from := end
		if g.Share != nil {
			share, _ := value.ParseDecimal(g.Share.Text)
			end, _ = value.Add(from, share)
			conds = append(conds, sample(end))
		}
		if value.Compare(from, value.NewInt(0)) > 0 {
			conds = append(conds, negated(sample(from)))
		}
		name := d.Name.Name + "." + g.Name.Name
		meta := d.Meta
		if s := x.p.Segment(name); s != nil && s.Meta.Title != "" {
			meta = titled(d.Meta, s.Meta.Title)
		}
		out = append(out, &ast.Segment{Name: named(name), Of: x.of(name), Meta: meta, Where: all(conds)})
	}
	return out
}

// percentText is a number of percent without zeros at its end.
func percentText(v value.Value) string {
	text := v.String()
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// of is the entity of a segment as a definition names it: nothing for the
// first of the catalog.
func (x *indexed) of(segment string) *ast.Ident {
	s := x.p.Segment(segment)
	if s == nil || s.Entity.Name == x.p.Catalog.Entities[0].Name.Text {
		return nil
	}
	return &ast.Ident{Name: s.Entity.Name}
}

// named is a name that is written in backticks where it needs them.
func named(name string) ast.Ident { return ast.Ident{Name: name, Quoted: !syntax.IsName(name)} }

// titled is meta with another title, in its place or in front.
func titled(meta []ast.Meta, title string) []ast.Meta {
	m := ast.Meta{Key: ast.Ident{Name: "title"}, Value: &ast.Text{Value: title}}
	out := []ast.Meta{m}
	for _, old := range meta {
		if old.Key.Name != "title" {
			out = append(out, old)
		}
	}
	return out
}

// all joins conditions with `and`; of none it is true.
func all(conds []ast.Expr) ast.Expr {
	var out []ast.Expr
	for _, c := range conds {
		if l, ok := c.(*ast.Logic); ok && l.Op == "and" {
			out = append(out, l.Operands...)
			continue
		}
		out = append(out, c)
	}
	switch len(out) {
	case 0:
		return &ast.Bool{Value: true}
	case 1:
		return conds[0]
	}
	return &ast.Logic{Op: "and", Operands: out}
}

func negated(x ast.Expr) ast.Expr {
	if n, ok := x.(*ast.Not); ok {
		return n.X
	}
	return &ast.Not{X: x}
}
