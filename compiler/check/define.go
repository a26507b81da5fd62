package check

import (
	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
)

// metaKeys are the keys a definition may have, and what they hold.
var metaKeys = map[string]value.Kind{
	"title": value.Text, "description": value.Text, "owner": value.Text, "goal": value.Text,
	"tags": value.List, "channels": value.List, "priority": value.Int,
	"valid_from": value.Date, "valid_until": value.Date,
}

// meta reads the `key: value` lines of a definition.
func (c *checker) meta(m *ir.Meta, lines []ast.Meta) {
	seen := map[string]ast.Ident{}
	for _, l := range lines {
		kind, ok := metaKeys[l.Key.Name]
		if !ok {
			d := c.diags.Errorf(badMeta, l.Key.Loc, "there is no property %q", l.Key.Name)
			if suggestName(d, l.Key.Loc, l.Key.Name, sortedKeys(metaKeys)); d.Help == "" {
				d.Help = "properties: " + listNames(sortedKeys(metaKeys))
			}
			continue
		}
		if before, dup := seen[l.Key.Name]; dup {
			d := c.diags.Errorf(badMeta, l.Key.Loc, "%s is given twice", l.Key.Name)
			d.Labels = []diag.Label{{Span: before.Loc, Text: "first here"}}
			d.Help = "keep one"
			continue
		}
		seen[l.Key.Name] = l.Key
		c.metaValue(m, l, kind)
	}
	if m.ValidFrom != nil && m.ValidUntil != nil && *m.ValidFrom > *m.ValidUntil {
		c.diags.Errorf(badMeta, seen["valid_until"].Loc, "valid_until lies before valid_from").Help = "it would be empty at all times"
	}
}

func (c *checker) metaValue(m *ir.Meta, l ast.Meta, kind value.Kind) {
	bad := func(help string) {
		c.diags.Errorf(badMeta, l.Value.Span(), "%s cannot be %s", l.Key.Name, format.Expr(l.Value)).Help = help
	}
	switch kind {
	case value.Text:
		t, ok := l.Value.(*ast.Text)
		if !ok {
			bad(`write text in double quotes`)
			return
		}
		*map[string]*string{"title": &m.Title, "description": &m.Description, "owner": &m.Owner, "goal": &m.Goal}[l.Key.Name] = t.Value
	case value.List:
		s, ok := l.Value.(*ast.Set)
		var texts []string
		if ok {
			for _, e := range s.Elems {
				t, isText := e.(*ast.Text)
				if !isText {
					ok = false
					break
				}
				texts = append(texts, t.Value)
			}
		}
		if !ok {
			bad(`write a list of texts, as in ["demographic", "vip"]`)
			return
		}
		if l.Key.Name == "tags" {
			m.Tags = texts
		} else {
			m.Channels = texts
			c.channels(l.Value.(*ast.Set))
		}
	case value.Int:
		n, ok := l.Value.(*ast.Number)
		k := (*ir.Const)(nil)
		if ok {
			k = c.number(n)
		}
		if k == nil || k.V.Kind != value.Int || k.V.I < 1 || k.V.I > 1_000_000 {
			bad("a priority is a whole number; 1 comes first")
			return
		}
		m.Priority = int(k.V.I)
	case value.Date:
		d, ok := l.Value.(*ast.Date)
		if !ok || d.Day == 0 {
			bad("write a day, as in 2027-01-15")
			return
		}
		day := calendar.Date(d.Year, d.Month, d.Day)
		if l.Key.Name == "valid_from" {
			m.ValidFrom = &day
		} else {
			m.ValidUntil = &day
		}
	}
}

// channels checks the names against the catalog's channels.
func (c *checker) channels(s *ast.Set) {
	var names []string
	for _, ch := range c.in.Catalog.Channels {
		names = append(names, ch.Name.Text)
	}
	for _, e := range s.Elems {
		t := e.(*ast.Text)
		if indexOf(names, t.Value) >= 0 {
			continue
		}
		d := c.diags.Errorf(badMeta, t.Loc, "the catalog has no channel %q", t.Value)
		if d.Help = didYouMean(t.Value, names); d.Help == "" {
			d.Help = "channels of the catalog: " + listNames(names)
		}
	}
}

// declareSplit makes a segment of every branch: the first that matches wins.
func (c *checker) declareSplit(d *ast.Split) {
	e := c.entity(d.Of)
	if e == nil && d.OfSegment == nil {
		return
	}
	if d.OfSegment != nil {
		e = nil // known once the segment is resolved; splits of a segment follow its entity
		for name := range c.segments {
			if name == d.OfSegment.String() {
				e = c.segments[name].seg.Entity
			}
		}
		if e == nil {
			e = c.entityOfSegment(d.OfSegment)
		}
		if e == nil {
			return
		}
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
			dg.Help = "give each branch its own name"
			continue
		}
		seen[b.Name.Name] = b.Name
		seg := &ir.Segment{Name: d.Name.Name + "." + b.Name.Name, Entity: e, Meta: meta, Split: d.Name.Name, At: b.Name.Loc, Decl: b.Loc}
		if b.Title != nil {
			seg.Meta.Title = b.Title.Value
		}
		c.segments[seg.Name] = &segmentDecl{seg: seg, name: b.Name.Loc, branch: true, where: func() ir.Expr { return memo.branch(i) }}
	}
}

// entityOfSegment finds the entity of a segment by its declaration, since
// the split may stand before it.
func (c *checker) entityOfSegment(p *ast.Path) *ir.Relation {
	for _, f := range c.in.Files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.Segment:
				if d.Name.Name == p.String() {
					return c.entity(d.Of)
				}
			case *ast.Split:
				if d.Name.Name == p.Parts[0].Name && len(p.Parts) == 2 && d.OfSegment == nil {
					return c.entity(d.Of)
				}
			}
		}
	}
	c.diags.Errorf(unknownSegment, p.Loc, "there is no segment %q", p.String()).Help = didYouMean(p.String(), sortedKeys(c.segments))
	return nil
}

// splitConds checks the conditions of a split once for all its branches.
type splitConds struct {
	*checker
	decl   *ast.Split
	entity *ir.Relation
	done   bool
	of     ir.Expr
	conds  []ir.Expr
	bad    bool
}

func (s *splitConds) branch(i int) ir.Expr {
	if !s.done {
		s.check()
	}
	if s.bad {
		return nil
	}
	b := s.decl.Branches[i]
	var xs []ir.Expr
	if s.of != nil {
		xs = append(xs, s.of)
	}
	for _, x := range s.conds[:min(i, len(s.conds))] {
		xs = append(xs, &ir.Not{Loc: at(x.Span()), X: x})
	}
	if i < len(s.conds) {
		xs = append(xs, s.conds[i])
	}
	return &ir.And{Loc: at(b.Loc), Xs: xs}
}

func (s *splitConds) check() {
	s.done = true
	sc := rowScope(s.entity)
	if s.decl.OfSegment != nil {
		seg := s.segmentRef(s.decl.OfSegment, s.entity)
		if seg == nil {
			s.bad = true
			return
		}
		s.of = &ir.Member{Loc: at(s.decl.OfSegment.Loc), Seg: seg}
	}
	for _, b := range s.decl.Branches {
		if b.When == nil {
			continue
		}
		x := s.cond(sc, b.When)
		s.bad = s.bad || x == nil
		s.conds = append(s.conds, x)
	}
}

// expects reads the checks of a segment.
func (c *checker) expects(seg *ir.Segment, lines []ast.Expect) {
	for _, l := range lines {
		if e, ok := c.expect(seg, l); ok {
			seg.Expects = append(seg.Expects, e)
		}
	}
}

func (c *checker) expect(seg *ir.Segment, l ast.Expect) (ir.Expect, bool) {
	out := ir.Expect{At: l.Loc}
	var subject ast.Expr
	ok := true
	switch x := l.Check.(type) {
	case *ast.Between:
		subject, out.Op = x.X, "between"
		ok = !x.Not && c.quantity(x.Lo, &out.Lo) && c.quantity(x.Hi, &out.Hi)
	case *ast.Compare:
		subject, out.Op = x.L, x.Op
		ok = x.Op != "~=" && c.quantity(x.R, &out.Lo)
	}
	if !ok || subject == nil {
		return out, c.badExpect(l)
	}
	if l.Check != nil {
		out.Text = format.Expr(l.Check)
	}
	switch x := subject.(type) {
	case *ast.Call:
		switch x.Name.Name {
		case "share":
			if len(x.Args) != 1 || x.Of != nil {
				return out, c.badExpect(l)
			}
			out.Subject, out.Cond = "share", c.cond(rowScope(seg.Entity), x.Args[0])
			return out, out.Cond != nil
		case "overlap", "reachable":
			c.notYet(l, "expect "+x.Name.Name)
			return out, false
		}
	case *ast.PathExpr:
		switch x.Path.String() {
		case "size":
			out.Subject = "size"
			return out, true
		case "turnover":
			c.notYet(l, "expect turnover")
			return out, false
		}
	}
	return out, c.badExpect(l)
}

func (c *checker) badExpect(l ast.Expect) bool {
	c.diags.Errorf(badExpect, l.Loc, "this is not a check segql knows").
		Help = "as in `expect size >= 500`, `expect size between 1% and 20%`, `expect share(email is known) >= 80%`"
	return false
}

func (c *checker) quantity(e ast.Expr, q *ir.Quantity) bool {
	k, percent := (*ir.Const)(nil), false
	switch e := e.(type) {
	case *ast.Number:
		k, percent = c.number(e), e.Percent
	case *ast.PathExpr:
		if p := c.params[e.Path.String()]; p != nil {
			k, percent = p.value, p.percent
		}
	}
	if k == nil || !k.T.Numeric() {
		return false
	}
	q.V, q.Percent = k.V, percent
	return true
}
