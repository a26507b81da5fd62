package check

import (
	"sort"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

type segmentDecl struct {
	seg   *ir.Segment // nil: the name of a split
	name  source.Span
	where func() ir.Expr
}

func (c *checker) declareSegment(d *ast.Segment) bool {
	e := c.entity(d.Of)
	if e == nil {
		return false
	}
	seg := &ir.Segment{Name: d.Name.Name, Entity: e, At: d.Name.Loc, Decl: d.Loc}
	c.meta(&seg.Meta, d.Meta)
	c.segments[seg.Name] = &segmentDecl{seg: seg, name: d.Name.Loc, where: func() ir.Expr {
		x := c.cond(rowScope(e), d.Where)
		c.written = append(c.written, written{x: x})
		c.expects(seg, d.Expects)
		return x
	}}
	return true
}

// segmentRef resolves the name of a segment of entity.
func (c *checker) segmentRef(p *ast.Path, entity *ir.Relation) *ir.Segment {
	name := p.String()
	s := c.segments[name]
	switch {
	case s == nil:
		c.unknownSegment(p, entity)
		return nil
	case s.seg == nil:
		d := c.diags.Errorf(unknownSegment, p.Loc, "%q is a split; name one of its branches", name)
		d.Help = "its branches: " + listNames(c.branches(name))
		return nil
	case s.seg.Entity != entity:
		d := c.diags.Errorf(unknownSegment, p.Loc, "segment %q holds rows of %s, not of %s", name, s.seg.Entity.Name, entity.Name)
		d.Labels = []diag.Label{{Span: s.name, Text: "defined here"}}
		d.Help = "use a segment of " + entity.Name
		return nil
	}
	c.useSegment(p, s.seg)
	return s.seg
}

// unknownSegment reports a name no segment has; entity nil stands for any.
func (c *checker) unknownSegment(p *ast.Path, entity *ir.Relation) {
	name := p.String()
	if c.lost[lostName{nil, name}] || c.lost[lostName{nil, p.Parts[0].Name}] {
		return
	}
	d := c.diags.Errorf(unknownSegment, p.Loc, "there is no segment %q", name)
	var names []string
	for n, o := range c.segments {
		if o.seg != nil && (entity == nil || o.seg.Entity == entity) {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	if s := diag.Suggest(name, names); s != "" {
		d.Help = didYouMean(name, names)
		d.Edits = []diag.Edit{{Span: p.Loc, Text: quotePath(s, c.segments[s].seg)}}
		return
	}
	switch c.kind(name) {
	case "":
		d.Help = "segments: " + listNames(names)
		if len(names) == 0 {
			d.Help = "define it: segment " + name + " { where … }"
		}
	default:
		d.Help = name + " is a " + c.kind(name)
	}
}

// kind says what a name of the project stands for, if it is no segment.
func (c *checker) kind(name string) string {
	switch {
	case c.lists[name] != nil:
		return "list: write `in " + name + "` after an attribute"
	case c.params[name] != nil:
		return "param"
	case c.traits[name] != nil:
		return "trait, a value; compare it"
	default:
		return ""
	}
}

func (c *checker) branches(split string) []string {
	var names []string
	for n, s := range c.segments {
		if s.seg != nil && s.seg.Split == split {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	return names
}
