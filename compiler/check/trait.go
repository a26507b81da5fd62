package check

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

type traitDecl struct {
	decl   *ast.Trait
	entity *ir.Relation
	x      ir.Expr
	state  int // 0 new, 1 being checked, 2 done
}

func (c *checker) declareTrait(d *ast.Trait) bool {
	e := c.entity(d.Of)
	if e == nil || d.Value == nil {
		return false
	}
	if what, there := c.taken(e, d.Name.Name); what != "" {
		dg := c.diags.Errorf(duplicateName, d.Name.Loc, "%s already has a %s %q", e.Name, what, d.Name.Name)
		dg.Labels = []diag.Label{{Span: there, Text: "from here"}}
		dg.Help = "rename the trait: a name must mean one thing"
		return false
	}
	c.traits[d.Name.Name] = &traitDecl{decl: d, entity: e}
	return true
}

// taken says what a name stands for in the rows of an entity already.
func (c *checker) taken(e *ir.Relation, name string) (what string, at source.Span) {
	if col := e.Column(name); col != nil {
		return "column", col.At
	}
	if l := e.Lookup(name); l != nil {
		return "lookup", l.At
	}
	if l := c.many(e, name); l != nil {
		return "fact", l.From.At
	}
	return "", source.Span{}
}

// traitValue gives the value of a trait, checking it first if need be.
func (c *checker) traitValue(t *traitDecl, id ast.Ident) ir.Expr {
	c.checkTrait(t)
	if t.x == nil {
		return nil
	}
	c.useTrait(id.Loc, t)
	return &ir.Trait{Loc: ir.Loc{At: id.Loc}, Name: t.decl.Name.Name, X: t.x}
}

func (c *checker) checkTrait(t *traitDecl) {
	switch t.state {
	case 2:
		return
	case 1:
		c.traitCycle(t)
		return
	}
	t.state = 1
	c.tracing = append(c.tracing, t)
	x := c.value(rowScope(t.entity), t.decl.Value)
	c.tracing = c.tracing[:len(c.tracing)-1]
	t.state = 2
	if x == nil || !c.traitType(t, x) {
		return
	}
	t.x = x
	c.proj.Traits[t.decl.Name.Name] = &ir.TraitDef{Name: t.decl.Name.Name, Entity: t.entity, X: x, At: t.decl.Name.Loc}
}

func (c *checker) traitType(t *traitDecl, x ir.Expr) bool {
	span := t.decl.Value.Span()
	switch kind := x.Type().Kind; {
	case isCondition(x) || kind == value.Bool:
		c.diags.Errorf(needValue, span, "a trait is a value; this is a condition").
			Help = "make it a segment: segment " + t.decl.Name.Name + " { where … }"
	case kind == value.Duration:
		c.diags.Errorf(needValue, span, "a trait cannot be a duration").
			Help = "make it a param: param " + t.decl.Name.Name + " = " + span.Text()
	case kind == value.JSON:
		c.jsonHelp(span)
	default:
		return true
	}
	return false
}

// traitCycle reports a trait that needs its own value, and prints the way round.
func (c *checker) traitCycle(t *traitDecl) {
	i := len(c.tracing) - 1
	for c.tracing[i] != t {
		i--
	}
	var names []string
	var labels []diag.Label
	for _, u := range c.tracing[i:] {
		names = append(names, u.decl.Name.Name)
		if u != t {
			labels = append(labels, diag.Label{Span: u.decl.Name.Loc, Text: "by way of " + u.decl.Name.Name})
		}
	}
	d := c.diags.Errorf(cycle, t.decl.Name.Loc, "trait %q is defined by way of itself: %s", t.decl.Name.Name, joinArrows(append(names, t.decl.Name.Name)))
	d.Labels = labels
	d.Help = "write one of them without the others"
}
