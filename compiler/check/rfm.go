package check

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// rfmGroups are the eleven customary groups by recency R (1 to 5) and the
// sum of frequency and monetary FM (2 to 10); the first that matches wins.
var rfmGroups = []struct{ name, title, when string }{
	{"champions", "Champions", "R = 5 and FM >= 7"},
	{"loyal", "Loyal customers", "R between 3 and 4 and FM >= 7"},
	{"potential_loyalist", "Potential loyalists", "R >= 4 and FM >= 3"},
	{"new", "New customers", "R = 5"},
	{"promising", "Promising", "R = 4"},
	{"need_attention", "Need attention", "R = 3 and FM >= 5"},
	{"about_to_sleep", "About to sleep", "R = 3"},
	{"cant_lose", "Cannot lose them", "R <= 2 and FM >= 9"},
	{"at_risk", "At risk", "R <= 2 and FM >= 5"},
	{"hibernating", "Hibernating", "R = 2 or (R = 1 and FM >= 3)"},
	{"lost", "Lost", "R = 1"},
}

// ExpandRFM writes what an rfm stands for: the segment of those who bought,
// the three scores among them, and the groups. sep stands between the rfm's
// name and those it gives: "." as they are called in definitions, "_" for a
// file of one's own.
func ExpandRFM(d *ast.RFM, sep string) string {
	name := func(part string) string { return syntax.QuoteName(d.Name.Name + sep + part) }
	use := func(part string) string {
		if sep == "." {
			return syntax.QuoteName(d.Name.Name) + "." + part
		}
		return name(part)
	}
	fact, v := format.Fact(d.Fact), format.Expr(d.Value)
	var b strings.Builder
	fmt.Fprintf(&b, "segment %s { where any(%s) }\n\n", name("buyers"), fact)
	fmt.Fprintf(&b, "trait %s = bucket(last(at of %s), 5)\n", name("recency"), fact)
	fmt.Fprintf(&b, "trait %s = bucket(count(%s) of segment %s, 5)\n", name("frequency"), fact, use("buyers"))
	fmt.Fprintf(&b, "trait %s = bucket(sum(%s of %s) of segment %s, 5)\n\n", name("monetary"), v, fact, use("buyers"))
	fmt.Fprintf(&b, "split %s {\n", name("group"))
	words := strings.NewReplacer("FM", "("+use("frequency")+" + "+use("monetary")+")", "R", use("recency"))
	for _, g := range rfmGroups {
		fmt.Fprintf(&b, "  %s %q when %s\n", g.name, g.title, words.Replace(g.when))
	}
	b.WriteString("  no_purchase \"No purchase\" otherwise\n}\n")
	return b.String()
}

// declareRFM declares what the rfm stands for. Its own value and fact are
// checked first, so that mistakes are shown where they were written.
func (c *checker) declareRFM(d *ast.RFM) bool {
	e := c.entity(nil)
	if e == nil || d.Fact == nil || d.Value == nil {
		return false
	}
	if len(d.Fact.Steps) > 0 {
		c.diags.Errorf(badAggregate, d.Fact.Steps[0].Span(), "the scores of an rfm are taken of a fact, not of a sequence").Help = "remove the steps"
		return false
	}
	c.rfms = append(c.rfms, d)
	file := source.New(d.Name.Name+" (rfm)", ExpandRFM(d, "."))
	f, diags := syntax.Parse(file)
	if diags.HasErrors() {
		panic(fmt.Sprintf("check: rfm expands to a syntax error: %v", diags))
	}
	for _, decl := range f.Decls {
		c.declareOne(decl)
	}
	return true
}

// checkRFM checks the value and fact where the author wrote them; only when
// they are right are the definitions they expand to checked at all.
func (c *checker) checkRFM(d *ast.RFM) bool {
	r, ok := c.fact(rowScope(c.entity(nil)), d.Fact)
	if !ok || !c.stepTime(d.Fact.Path, r.leaf) {
		return false
	}
	v := c.value(scope{rel: r.leaf}, d.Value)
	if v == nil {
		return false
	}
	if !v.Type().Exact() {
		c.diags.Errorf(badAggregate, d.Value.Span(), "%s is %s; an rfm needs an exact number", format.Expr(d.Value), article(v.Type())).
			Help = "declare it int or decimal(p, s) in the catalog"
		return false
	}
	_, err := value.SumType(v.Type())
	return err == nil
}

// dropRFM takes back the definitions of an rfm that is wrong, so that its
// mistake is shown once.
func (c *checker) dropRFM(d *ast.RFM) {
	prefix := d.Name.Name + "."
	for name := range c.traits {
		if strings.HasPrefix(name, prefix) {
			delete(c.traits, name)
		}
	}
	for name := range c.segments {
		if strings.HasPrefix(name, prefix) {
			delete(c.segments, name)
		}
	}
	c.lose(nil, d.Name.Name)
}
