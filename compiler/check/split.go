package check

import (
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/syntax"
)

// declareSplit makes a segment of every branch: the first that matches wins.
func (c *checker) declareSplit(d *ast.Split, e *ir.Relation) bool {
	if e == nil {
		return false
	}
	var meta ir.Meta
	c.meta(&meta, d.Meta)
	c.segments[d.Name.Name] = &segmentDecl{name: d.Name.Loc}
	memo := &splitConds{checker: c, decl: d, entity: e}
	seen := map[string]ast.Ident{}
	for i, b := range d.Branches {
		if before, dup := seen[b.Name.Name]; dup {
			dg := c.diags.Errorf(badSplit, b.Name.Loc, "branch %q stands twice in split %s", b.Name.Name, d.Name.Name)
			dg.Labels = []diag.Label{{Span: before.Loc, Text: "first here"}}
			dg.Help = "give each branch its own name; two conditions of one branch are joined with `or`"
			continue
		}
		seen[b.Name.Name] = b.Name
		seg := &ir.Segment{Name: d.Name.Name + "." + b.Name.Name, Entity: e, Meta: meta, Split: d.Name.Name, At: b.Name.Loc, Decl: b.Loc}
		if b.Title != nil {
			seg.Meta.Title = b.Title.Value
		}
		c.segments[seg.Name] = &segmentDecl{seg: seg, name: b.Name.Loc, where: func() ir.Expr { return memo.branch(i) }}
	}
	return true
}

// splitsOfSegments declares splits once the segment they divide is declared,
// which may itself be a branch of such a split.
func (c *checker) splitsOfSegments(splits []*ast.Split) {
	for again := true; again; {
		again = false
		var left []*ast.Split
		for _, d := range splits {
			of := c.segments[d.OfSegment.String()]
			if of == nil || of.seg == nil {
				left = append(left, d)
				continue
			}
			c.declareSplit(d, of.seg.Entity)
			again = true
		}
		splits = left
	}
	for _, d := range splits {
		c.noSegmentToSplit(d, splits)
	}
	for _, d := range splits {
		c.lose(nil, d.Name.Name)
	}
}

// noSegmentToSplit reports a split whose segment is unknown, or hangs on the
// split itself.
func (c *checker) noSegmentToSplit(d *ast.Split, splits []*ast.Split) {
	name := d.OfSegment.String()
	way, round := splitCycle(d, splits)
	switch of := c.segments[name]; {
	case of != nil:
		c.diags.Errorf(unknownSegment, d.OfSegment.Loc, "%q is a split; name one of its branches", name).
			Help = "its branches: " + listNames(c.branches(name))
	case round:
		if d.Name.Name == slices.Min(way) { // once for all of them
			c.diags.Errorf(cycle, d.OfSegment.Loc, "split %q is defined by way of itself: %s", d.Name.Name, joinArrows(append(way, d.Name.Name))).
				Help = "divide another segment"
		}
	case len(way) > 1: // divides a split that has been reported
	default:
		c.unknownSegment(d.OfSegment, nil)
	}
}

// splitCycle follows a split to the split whose branch it divides, and on,
// and reports whether that leads back to it.
func splitCycle(d *ast.Split, splits []*ast.Split) (way []string, round bool) {
	for next := d; next != nil && len(way) <= len(splits); {
		way = append(way, next.Name.Name)
		of := next.OfSegment.Parts[0].Name
		if of == d.Name.Name {
			return way, true
		}
		i := slices.IndexFunc(splits, func(s *ast.Split) bool { return s.Name.Name == of })
		if i < 0 {
			return way, false
		}
		next = splits[i]
	}
	return way, false
}

// quotePath is a segment's name as a path, with backticks where needed.
func quotePath(name string, s *ir.Segment) string {
	if s == nil || s.Split == "" {
		return syntax.QuoteName(name)
	}
	return syntax.QuoteName(s.Split) + "." + syntax.QuoteName(strings.TrimPrefix(name, s.Split+"."))
}

// splitConds checks the conditions of a split once for all its branches.
type splitConds struct {
	*checker
	decl   *ast.Split
	entity *ir.Relation
	done   bool
	of     ir.Expr
	conds  []ir.Expr // by branch; that of `otherwise` is nil
	bad    bool
}

func (s *splitConds) branch(i int) ir.Expr {
	if !s.done {
		s.check()
	}
	if s.bad {
		return nil
	}
	var xs []ir.Expr
	if s.of != nil {
		xs = append(xs, s.of)
	}
	for _, x := range s.conds[:i] {
		xs = append(xs, &ir.Not{Loc: at(x.Span()), X: x})
	}
	if x := s.conds[i]; x != nil {
		xs = append(xs, x)
	}
	return &ir.And{Loc: at(s.decl.Branches[i].Loc), Xs: xs}
}

func (s *splitConds) check() {
	s.done = true
	if s.decl.OfSegment != nil {
		seg := s.segmentRef(s.decl.OfSegment, s.entity)
		s.of = &ir.Member{Loc: at(s.decl.OfSegment.Loc), Seg: seg}
	}
	last := len(s.decl.Branches) - 1
	var before []ir.Expr
	for i, b := range s.decl.Branches {
		x := s.cond(rowScope(s.entity), b.When)
		s.written = append(s.written, written{x, before})
		before = append(before[:len(before):len(before)], &ir.Not{X: x})
		s.conds = append(s.conds, x)
		s.bad = s.bad || x == nil && i < last || b.When != nil && x == nil
	}
	if !s.bad {
		s.fallThrough(s.decl, s.conds[:last])
	}
}
