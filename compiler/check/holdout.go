package check

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
)

// declareHoldout makes a segment of every group: one hash of the holdout's
// name and the key is cut into ranges in the order written.
func (c *checker) declareHoldout(d *ast.Holdout, entity *ir.Relation) bool {
	if entity == nil {
		return false
	}
	var meta ir.Meta
	c.meta(&meta, d.Meta)
	c.segments[d.Name.Name] = &segmentDecl{name: d.Name.Loc}
	seen := map[string]ast.Ident{}
	from := value.NewInt(0)
	for i := range d.Groups {
		g := &d.Groups[i]
		if before, dup := seen[g.Name.Name]; dup {
			dg := c.diags.Errorf(badSplit, g.Name.Loc, "group %q stands twice in holdout %s", g.Name.Name, d.Name.Name)
			dg.Labels = []diag.Label{{Span: before.Loc, Text: "first here"}}
			dg.Help = "give each group its own name"
			continue
		}
		seen[g.Name.Name] = g.Name
		to, ok := c.groupEnd(d, g, from)
		if !ok {
			return false
		}
		lo, hi := from, to
		meta := meta
		if meta.Title != "" {
			meta.Title += " · " + g.Name.Name // groups have no titles of their own
		}
		seg := &ir.Segment{Name: d.Name.Name + "." + g.Name.Name, Entity: entity, Meta: meta, Split: d.Name.Name, At: g.Name.Loc, Decl: g.Loc}
		c.segments[seg.Name] = &segmentDecl{seg: seg, name: g.Name.Loc, where: func() ir.Expr { return c.groupCond(d, g, entity, lo, hi) }}
		from = to
	}
	return true
}

// groupEnd is where a group's range ends, a share of all hashes.
func (c *checker) groupEnd(d *ast.Holdout, g *ast.Group, from value.Value) (value.Value, bool) {
	if g.Share == nil {
		return value.NewInt(1), true
	}
	k := c.number(g.Share)
	if k == nil {
		return from, false
	}
	to, err := value.Add(from, k.V)
	if !g.Share.Percent || err != nil || value.Compare(k.V, value.NewInt(0)) <= 0 || value.Compare(to, value.NewInt(1)) > 0 {
		c.diags.Errorf(badSplit, g.Share.Loc, "the groups of holdout %s take more than everyone, or nobody", d.Name.Name).
			Help = "shares are percentages above 0% that add up to at most 100%"
		return from, false
	}
	return to, true
}

func (c *checker) groupCond(d *ast.Holdout, g *ast.Group, entity *ir.Relation, from, to value.Value) ir.Expr {
	of := c.segmentRef(d.Of, entity)
	if of == nil {
		return nil
	}
	if !sampleKey(entity.Key.Type) {
		c.diags.Errorf(wrongType, d.Name.Loc, "a holdout hashes whole numbers or text, not %s", article(entity.Key.Type)).
			Help = "give the key the type int or text in the catalog"
		return nil
	}
	l := loc(g)
	draw := &ir.Sample{Loc: l, Share: to, Salt: d.Name.Name, By: &ir.Column{Loc: l, Col: entity.Key}}
	if value.Compare(from, value.NewInt(0)) > 0 {
		draw.From = from
	}
	return &ir.And{Loc: l, Xs: []ir.Expr{&ir.Member{Loc: loc(d.Of), Seg: of}, draw}}
}

// sampleKey reports whether keys of a type can be drawn from.
func sampleKey(t value.Type) bool {
	return t.Kind == value.Int || t.Kind == value.Text || t.Kind == value.Decimal && t.Scale == 0
}

// holdouts declares holdouts once the segment they divide is declared, which
// may itself be a group of one.
func (c *checker) holdouts(all []*ast.Holdout) {
	for again := true; again; {
		again = false
		var left []*ast.Holdout
		for _, d := range all {
			of := c.segments[d.Of.String()]
			if of == nil || of.seg == nil {
				left = append(left, d)
				continue
			}
			if !c.declareHoldout(d, of.seg.Entity) {
				c.lose(nil, d.Name.Name)
			}
			again = true
		}
		all = left
	}
	for _, d := range all {
		if c.segments[d.Of.String()] != nil {
			c.diags.Errorf(unknownSegment, d.Of.Loc, "%q is divided itself; name one of its parts", d.Of.String()).
				Help = "its parts: " + listNames(c.branches(d.Of.String()))
		} else {
			c.unknownSegment(d.Of, nil)
		}
		c.lose(nil, d.Name.Name)
	}
}
