package check

import (
	"regexp"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// declare enters every name, so that order and files do not matter. Splits of
// a segment come last: their entity is that of the segment.
func (c *checker) declare() {
	n := 0
	var later []*ast.Split
	var holdouts []*ast.Holdout
	for _, f := range c.in.Files {
		for _, d := range f.Decls {
			n++
			if s, ok := d.(*ast.Split); ok && s.OfSegment != nil && !c.blamed(s.Loc) {
				if c.claim(s.Name) {
					later = append(later, s)
				}
				continue
			}
			if h, ok := d.(*ast.Holdout); ok {
				switch {
				case !c.claim(h.Name):
				case h.Of == nil || len(h.Of.Parts) == 0: // a syntax error
					c.lose(nil, h.Name.Name)
				default:
					holdouts = append(holdouts, h)
				}
				continue
			}
			c.declareOne(d)
		}
	}
	c.splitsOfSegments(later)
	c.holdouts(holdouts)
	broken := c.loseBroken()
	if n == 0 && !broken {
		c.diags.Errorf(emptyProject, source.Span{File: c.in.Catalog.File}, "the project defines nothing").
			Help = "add a file such as segments/first.seg with\n  segment everyone_known {\n    where id is known\n  }"
	}
}

// headLine is the head of a declaration, also of one that cannot be read.
// In YAML a colon follows the kind, and all may be inside of a list.
var headLine = regexp.MustCompile("(?m)^[ \t{-]*(?:segment|split|holdout|trait|rfm|list|param)(?::[ \t]*[\"']?|[ \t]+)(`[^`\n]+`|[\\pL_][\\pL\\pM\\pN_]*)")

// loseBroken keeps definitions that a syntax error hides from being reported
// as unknown wherever they are used, and reports whether there may be some.
func (c *checker) loseBroken() bool {
	broken := false
	for _, f := range c.in.Files {
		if !f.Broken {
			continue
		}
		broken = true
		for _, m := range headLine.FindAllStringSubmatch(f.Source.Text, -1) {
			c.lose(nil, strings.Trim(m[1], "`"))
		}
	}
	return broken
}

// claim takes a name in the project's one namespace.
func (c *checker) claim(id ast.Ident) bool {
	if id.Name == "" {
		return false
	}
	if before, taken := c.names[id.Name]; taken {
		d := c.diags.Errorf(duplicateName, id.Loc, "%q is defined twice", id.Name)
		d.Labels = []diag.Label{{Span: before, Text: "first defined here"}}
		d.Help = "all definitions share one namespace; rename one of them"
		return false
	}
	c.names[id.Name] = id.Loc
	return true
}

func (c *checker) declareOne(d ast.Decl) {
	name := d.DeclName()
	if !c.claim(name) {
		return
	}
	if c.blamed(d.Span()) {
		c.lose(nil, name.Name)
		return
	}
	ok := false
	switch d := d.(type) {
	case *ast.Holdout:
		panic("check: a holdout is declared after the segments it divides")
	case *ast.List:
		c.lists[name.Name], ok = &listDecl{decl: d}, true
	case *ast.Param:
		ok = c.declareParam(d)
	case *ast.RFM:
		ok = c.declareRFM(d)
	case *ast.Segment:
		ok = c.declareSegment(d)
	case *ast.Split:
		ok = c.declareSplit(d, c.entity(d.Of))
	case *ast.Trait:
		ok = c.declareTrait(d)
	default:
		panic("check: unknown declaration")
	}
	if !ok {
		c.lose(nil, name.Name)
	}
}

// entity is the one a definition is about: `of NAME`, else the catalog's first.
func (c *checker) entity(of *ast.Ident) *ir.Relation {
	var names []string
	for _, r := range c.proj.Relations {
		if !r.Entity {
			continue
		}
		if of == nil || r.Name == of.Name {
			if of != nil {
				c.use(of.Loc, RelationSymbol(r))
			}
			return r
		}
		names = append(names, r.Name)
	}
	if of != nil && len(names) > 0 && of.Name != "" {
		d := c.diags.Errorf(unknownEntity, of.Loc, "there is no entity %q", of.Name)
		if suggestName(d, of.Loc, of.Name, names); d.Help == "" {
			d.Help = "entities of the catalog: " + listNames(names)
		}
	}
	return nil
}

// outside reports whether a declaration is not to be looked into, see
// Input.Only.
func (c *checker) outside(name source.Span) bool {
	return c.in.Only != nil && name.File != c.in.Only.Source
}

// define checks every definition, in order of name for stable diagnostics.
func (c *checker) define() {
	for _, d := range c.rfms {
		if !c.checkRFM(d) {
			c.dropRFM(d)
		}
	}
	for _, name := range sortedKeys(c.traits) {
		if t := c.traits[name]; !c.outside(t.decl.Name.Loc) {
			c.checkTrait(t)
		}
	}
	for _, name := range sortedKeys(c.lists) {
		if l := c.lists[name]; !hasScalars(l.decl.Set) && !c.outside(l.decl.Name.Loc) { // else once its uses are known
			c.checkList(l)
		}
	}
	c.checkChannels()
	for _, name := range sortedKeys(c.segments) {
		s := c.segments[name]
		if s.seg == nil || c.outside(s.name) {
			continue
		}
		s.seg.Where = s.where()
		if s.seg.Where != nil {
			c.proj.Segments = append(c.proj.Segments, s.seg)
		}
	}
	for _, name := range sortedKeys(c.lists) {
		if l := c.lists[name]; !c.outside(l.decl.Name.Loc) {
			c.checkList(l)
		}
	}
	c.checkSet()
}

// checkChannels checks the catalog's channels: conditions on a row of its
// first entity.
func (c *checker) checkChannels() {
	e := c.entity(nil)
	for _, ch := range c.in.Catalog.Channels {
		c.proj.Channels = append(c.proj.Channels, &ir.Channel{Name: ch.Name.Text, Entity: e, Cond: c.cond(rowScope(e), ch.When)})
	}
}
