// Package check gives a project its meaning: it reads the catalog and the
// declarations and answers the typed, two-valued IR. Every name, type, unit,
// declared value and window is checked here, before any data is touched;
// nothing after this package decides what a definition means.
package check

import (
	"sort"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// SourceColumn is one column as a source has it.
type SourceColumn struct {
	Name string
	Type value.Type
}

// Input is everything a check looks at.
type Input struct {
	Catalog *catalog.Catalog
	Files   []*ast.File // in order of name
	// Columns describes a source; types of columns that are declared by the
	// catalog are in declared, by column name. Nil: only what the catalog
	// declares is known. A problem is a diagnostic without span.
	Columns func(src *ir.Source, declared map[string]value.Type) ([]SourceColumn, *diag.Diagnostic)
	// ReadList reads a list's file by its path inside the project.
	ReadList func(path string) (*source.File, error)
	// Set overrides params, name → literal as text.
	Set map[string]string
}

type checker struct {
	in       Input
	diags    diag.List
	proj     *ir.Project
	cal      *calendar.Calendar
	traits   map[string]*traitDecl
	params   map[string]*paramDecl
	lists    map[string]*listDecl
	segments map[string]*segmentDecl // by full name; a split also by its own name, seg nil
	names    map[string]source.Span
}

type traitDecl struct {
	decl   *ast.Trait
	entity *ir.Relation
	x      ir.Expr
	state  int // 0 new, 1 being checked, 2 done
}

type segmentDecl struct {
	seg    *ir.Segment
	name   source.Span
	where  func() ir.Expr
	branch bool
}

// Check gives the project and what there is to say about it. The project is
// usable only when no diagnostic is an error.
func Check(in Input) (*ir.Project, diag.List) {
	c := &checker{in: in, proj: &ir.Project{Traits: map[string]*ir.TraitDef{}},
		traits: map[string]*traitDecl{}, params: map[string]*paramDecl{}, lists: map[string]*listDecl{},
		segments: map[string]*segmentDecl{}, names: map[string]source.Span{}}
	if in.Catalog == nil {
		return c.proj, c.diags
	}
	if !c.zone() {
		return c.proj, c.diags
	}
	c.relations()
	c.declare()
	if len(c.proj.Relations) > 0 {
		c.define()
		c.cycles()
		c.notes()
	}
	c.diags.Sort()
	return c.proj, c.diags
}

func (c *checker) zone() bool {
	cat := c.in.Catalog
	k := calendar.Calendar{Loc: cat.Location, WeekStart: cat.WeekStarts}
	c.cal = &k
	c.proj.Calendar, c.proj.Zone = &k, cat.Timezone.Text
	if cat.AsOf != nil {
		if k := c.literal(cat.AsOf); k != nil {
			t := k.V.I
			if k.V.Kind == value.Date {
				t = c.cal.StartOfDay(t)
			}
			c.proj.AsOf = &t
		}
	}
	return cat.Location != nil
}

// declare enters every name, so that order and files do not matter.
func (c *checker) declare() {
	n := 0
	for _, f := range c.in.Files {
		for _, d := range f.Decls {
			n++
			c.declareOne(d)
		}
	}
	broken := false
	for _, f := range c.in.Files {
		broken = broken || f.Broken
	}
	if n == 0 && !broken {
		c.diags.Errorf(emptyProject, source.Span{File: c.in.Catalog.File}, "the project defines nothing").
			Help = "add a file such as segments/first.seg with\n  segment everyone_known {\n    where id is known\n  }"
	}
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
	switch d := d.(type) {
	case *ast.Holdout:
		if c.claim(d.Name) {
			c.notYet(d, "holdouts")
		}
	case *ast.List:
		if c.claim(d.Name) {
			c.lists[d.Name.Name] = &listDecl{decl: d}
		}
	case *ast.Param:
		if c.claim(d.Name) {
			c.declareParam(d)
		}
	case *ast.RFM:
		if c.claim(d.Name) {
			c.notYet(d, "rfm")
		}
	case *ast.Segment:
		if c.claim(d.Name) {
			c.declareSegment(d)
		}
	case *ast.Split:
		if c.claim(d.Name) {
			c.declareSplit(d)
		}
	case *ast.Trait:
		if c.claim(d.Name) {
			c.declareTrait(d)
		}
	default:
		panic("check: unknown declaration")
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
			return r
		}
		names = append(names, r.Name)
	}
	if of != nil {
		d := c.diags.Errorf(unknownEntity, of.Loc, "there is no entity %q", of.Name)
		if suggestName(d, of.Loc, of.Name, names); d.Help == "" {
			d.Help = "entities of the catalog: " + listNames(names)
		}
	}
	return nil
}

func (c *checker) declareTrait(d *ast.Trait) {
	e := c.entity(d.Of)
	if e == nil {
		return
	}
	if col := e.Column(d.Name.Name); col != nil {
		dg := c.diags.Errorf(duplicateName, d.Name.Loc, "%s already has a column %q", e.Name, d.Name.Name)
		dg.Labels = []diag.Label{{Span: col.At, Text: "from here"}}
		dg.Help = "rename the trait"
		return
	}
	c.traits[d.Name.Name] = &traitDecl{decl: d, entity: e}
}

// traitValue gives the value of a trait, checking it first if need be.
func (c *checker) traitValue(t *traitDecl, id ast.Ident) ir.Expr {
	c.checkTrait(t)
	if t.x == nil {
		return nil
	}
	return &ir.Trait{Loc: ir.Loc{At: id.Loc}, Name: t.decl.Name.Name, X: t.x}
}

func (c *checker) checkTrait(t *traitDecl) {
	switch t.state {
	case 2:
		return
	case 1:
		d := c.diags.Errorf(cycle, t.decl.Name.Loc, "trait %q is defined by way of itself", t.decl.Name.Name)
		d.Help = "write it without using itself"
		return
	}
	t.state = 1
	sc := rowScope(t.entity)
	sc.within = t
	x := c.value(sc, t.decl.Value)
	t.state = 2
	if x == nil {
		return
	}
	if isCondition(x) || x.Type().Kind == value.Bool {
		c.diags.Errorf(needValue, t.decl.Value.Span(), "a trait is a value; this is a condition").
			Help = "make it a segment: segment " + t.decl.Name.Name + " { where … }"
		return
	}
	if x.Type().Kind == value.Duration || x.Type().Kind == value.JSON {
		c.diags.Errorf(needValue, t.decl.Value.Span(), "a trait cannot be %s", article(x.Type())).
			Help = "a duration is a param; a JSON value needs number(), text() or date()"
		return
	}
	t.x = x
	c.proj.Traits[t.decl.Name.Name] = &ir.TraitDef{Name: t.decl.Name.Name, Entity: t.entity, X: x, At: t.decl.Name.Loc}
}

func (c *checker) declareSegment(d *ast.Segment) {
	e := c.entity(d.Of)
	if e == nil {
		return
	}
	seg := &ir.Segment{Name: d.Name.Name, Entity: e, At: d.Name.Loc, Decl: d.Loc}
	c.meta(&seg.Meta, d.Meta)
	c.segments[seg.Name] = &segmentDecl{seg: seg, name: d.Name.Loc, where: func() ir.Expr {
		c.expects(seg, d.Expects)
		return c.cond(rowScope(e), d.Where)
	}}
}

// define checks every definition, in order of name for stable diagnostics.
func (c *checker) define() {
	for _, name := range sortedKeys(c.traits) {
		c.checkTrait(c.traits[name])
	}
	for _, name := range sortedKeys(c.lists) {
		c.checkList(c.lists[name])
	}
	for _, name := range sortedKeys(c.segments) {
		s := c.segments[name]
		if s.seg == nil {
			continue
		}
		s.seg.Where = s.where()
		if s.seg.Where != nil {
			c.proj.Segments = append(c.proj.Segments, s.seg)
		}
	}
	c.checkSet()
}

// segmentRef resolves the name of a segment of entity.
func (c *checker) segmentRef(p *ast.Path, entity *ir.Relation) *ir.Segment {
	name := p.String()
	s := c.segments[name]
	switch {
	case s != nil && s.seg == nil:
		d := c.diags.Errorf(unknownSegment, p.Loc, "%q is a split; name one of its branches", name)
		d.Help = "its branches: " + listNames(c.branches(name))
		return nil
	case s == nil:
		d := c.diags.Errorf(unknownSegment, p.Loc, "there is no segment %q", name)
		var names []string
		for n, o := range c.segments {
			if o.seg != nil && o.seg.Entity == entity {
				names = append(names, n)
			}
		}
		sort.Strings(names)
		if suggestName(d, p.Loc, name, names); d.Help == "" {
			d.Help = "segments: " + listNames(names)
		}
		return nil
	case s.seg.Entity != entity:
		d := c.diags.Errorf(unknownSegment, p.Loc, "segment %q holds rows of %s, not of %s", name, s.seg.Entity.Name, entity.Name)
		d.Labels = []diag.Label{{Span: s.name, Text: "defined here"}}
		d.Help = "use a segment of " + entity.Name
		return nil
	}
	return s.seg
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
