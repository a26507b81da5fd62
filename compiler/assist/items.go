package assist

import (
	"slices"

	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/syntax"
)

// declarations begin in column 0.
var declarations = []Item{
	snippet("segment", "a group of customers", "segment ${1:name} {\n  title: \"$2\"\n\n  where $0\n}"),
	snippet("split", "every customer falls in exactly one branch", "split ${1:name} {\n  ${2:first} \"${3:Title}\" when ${4:condition}\n  ${5:other} \"${6:Title}\" otherwise\n}"),
	snippet("trait", "a value of a customer", "trait ${1:name} = $0"),
	snippet("list", "values to compare with", "list ${1:name} = [\"$2\"]"),
	snippet("param", "a value that can be set from outside", "param ${1:name} = $0"),
	snippet("holdout", "random groups of a segment", "holdout ${1:name} of segment ${2:segment} {\n  control: ${3:10%}\n  test: otherwise\n}"),
	snippet("rfm", "recency, frequency and monetary scores", "rfm ${1:name} = ${2:amount} of ${3:orders} in last ${4:365} days"),
}

func snippet(label, detail, insert string) Item {
	return Item{Label: label, Kind: SnippetItem, Detail: detail, Insert: insert, Snippet: true}
}

var rollingUnits = []string{"days", "weeks", "months", "quarters", "years", "hours", "minutes", "seconds"}

func unitItems(units []string) (items []Item) {
	for i, u := range units {
		doc := ""
		for _, known := range check.Units() {
			if known.Name == u || known.Name == u+"s" {
				doc = known.Doc
			}
		}
		items = append(items, Item{Label: u, Kind: UnitItem, Detail: doc, Order: i})
	}
	return items
}

// exprItems are those of a condition or value.
func (p *place) exprItems() []Item {
	prev, before := p.prev(0), p.prev(1)
	switch {
	case prev.Kind == syntax.WordToken && prev.Text == "segment" && slices.Contains([]string{"in", "of", "entered", "left"}, before.Text):
		return p.s.segmentItems(p.memberOf())
	case prev.Kind == syntax.WordToken && prev.Text == "in":
		return p.afterIn()
	case prev.Kind == syntax.WordToken && (prev.Text == "last" || prev.Text == "next") && before.Text == "in":
		return append([]Item{snippet("30 days", "", "${1:30} days"), snippet("12 months", "", "${1:12} months"), snippet("24 hours", "", "${1:24} hours")}, p.params(value.Duration)...)
	case prev.Kind == syntax.WordToken && (prev.Text == "this" || prev.Text == "previous") && before.Text == "in":
		return unitItems([]string{"day", "week", "month", "quarter", "year"})
	case prev.Kind == syntax.NumberToken:
		return p.afterNumber()
	case prev.Kind == syntax.WordToken && prev.Text == "is":
		return []Item{{Label: "known", Kind: KeywordItem}, {Label: "missing", Kind: KeywordItem}}
	case prev.Kind == syntax.WordToken && (prev.Text == "starts" || prev.Text == "ends"):
		return []Item{keyword("with", "")}
	case prev.Kind == syntax.WordToken && prev.Text == "followed", prev.Kind == syntax.WordToken && prev.Text == "preceded":
		return []Item{keyword("by", "")}
	case prev.Kind == syntax.WordToken && (prev.Text == "entered" || prev.Text == "left") && !p.complete0():
		return []Item{keyword("segment", "")}
	case prev.Kind == syntax.WordToken && prev.Text == "per":
		return p.attributes(p.top().outer, 0)
	case prev.Kind == syntax.WordToken && prev.Text == "of" && before.Text == "any" || prev.Kind == syntax.WordToken && prev.Text == "of" && before.Text == "all", prev.Kind == syntax.WordToken && prev.Text == "of" && before.Text == "none":
		return p.listItems()
	case p.factExpected():
		return p.factItems()
	case p.complete():
		return p.afterOperand()
	}
	return p.operands()
}

// complete0 reports whether `entered` or `left` is a column's name here.
func (p *place) complete0() bool {
	rel := p.top().rel
	return rel != nil && rel.Column(p.prev(0).Text) != nil
}

// memberOf is the entity of which a segment is asked for; nil: any.
func (p *place) memberOf() *ir.Relation {
	rel := p.top().rel
	if p.prev(1).Text == "of" {
		rel = p.top().outer
	}
	i := 2
	for p.prev(i).Text == "not" {
		i++
	}
	if names, _, _ := p.operand(i); len(names) > 0 && !slices.Contains(operatorWords, names[len(names)-1]) {
		for _, n := range names {
			if rel == nil {
				return nil
			}
			rel = p.s.step(rel, n)
		}
	}
	if rel != nil && !rel.Entity {
		return nil
	}
	return rel
}

var operatorWords = []string{"and", "or", "not", "where", "when", "have"}

// factExpected reports whether the name of a fact comes next.
func (p *place) factExpected() bool {
	prev, top := p.prev(0), p.top()
	switch {
	case prev.Kind == syntax.OperatorToken && prev.Text == "(":
		return slices.Contains(factCalls, top.call) && top.at == len(p.before)-1
	case prev.Kind != syntax.WordToken:
		return false
	case prev.Text == "of":
		return slices.Contains(aggregates, top.call) || p.kind == "rfm"
	case prev.Text == "by":
		return p.prev(1).Text == "followed" || p.prev(1).Text == "preceded"
	}
	return false
}

// factItems are the facts of the row outside, and what else may stand there.
func (p *place) factItems() []Item {
	top := p.top()
	items := p.s.facts(top.outer)
	switch {
	case p.prev(0).Text == "(":
		for _, col := range columnsOf(top.outer) {
			if col.Type.Kind == value.List {
				items = append(items, p.listColumn(top.outer, col))
			}
		}
		if top.outer != nil {
			for _, l := range top.outer.Lookups {
				items = append(items, p.s.lookupItem(l))
			}
		}
		if top.call == "count" {
			items = append(items, keyword("distinct", "different values: count(distinct VALUE of FACT)"))
		}
	case p.prev(0).Text == "of" && p.kind != "rfm":
		items = append(items, Item{Label: "everyone", Kind: KeywordItem, Detail: "all customers"}, keyword("segment", "the members of a segment"))
	}
	return items
}

// facts are the ways from a row to many rows.
func (s *State) facts(rel *ir.Relation) (items []Item) {
	if rel == nil {
		return nil
	}
	for _, f := range s.project.Relations {
		if !f.Entity && f.Owner != nil && f.Owner.To == rel {
			items = append(items, Item{Label: f.Name, Kind: FactItem, Detail: "fact of " + rel.Name, Insert: syntax.QuoteName(f.Name), Doc: s.relationDoc(f), Deprecated: s.outdated(check.RelationSymbol(f))})
		}
	}
	for _, r := range rel.Reverses {
		items = append(items, Item{Label: r.Name, Kind: FactItem, Detail: "rows of " + r.Lookup.From.Name, Insert: syntax.QuoteName(r.Name),
			Deprecated: s.outdated(check.Symbol{Kind: check.Reverse, Of: rel.Name, Name: r.Name})})
	}
	return items
}

// afterIn is what follows `in` or `not in`.
func (p *place) afterIn() []Item {
	i := 1
	if p.prev(i).Text == "not" {
		i++
	}
	_, t, known := p.operand(i)
	words := p.prev(i)
	subject := known || words.Text == ")"
	top := p.top()
	if top.fact && top.rel == top.outer && !known { // the window of a fact
		return windowItems(false)
	}
	var items []Item
	if !known || t.Temporal() {
		items = append(items, windowItems(true)...)
	}
	if !subject || words.Kind == syntax.WordToken && slices.Contains(operatorWords, words.Text) {
		items = append([]Item{keyword("segment", "a segment")}, items...)
	}
	if !known || !t.Temporal() {
		items = append(items, snippet("[…]", "one of these values", setSnippet(t)))
		items = append(items, p.listItems()...)
	}
	if !known || t.Numeric() || t.Temporal() {
		items = append(items, snippet("top", "among the largest", "top ${1:10%}"), snippet("bottom", "among the smallest", "bottom ${1:10%}"))
	}
	return items
}

func setSnippet(t value.Type) string {
	if t.Kind == value.Text {
		return "[\"$1\"]"
	}
	return "[$1]"
}

func windowItems(next bool) []Item {
	items := []Item{snippet("last", "back from as_of", "last ${1:30} ${2:days}"), snippet("this", "the calendar unit of as_of", "this ${1:month}"),
		snippet("previous", "whole calendar units before", "previous ${1:month}"), snippet("2025", "a year", "${1:2025}"), snippet("2025-03", "a month", "${1:2025-03}")}
	if next {
		items = append(items, snippet("next", "ahead of as_of", "next ${1:7} ${2:days}"))
	}
	return items
}

// afterNumber: a unit, or what follows a number.
func (p *place) afterNumber() []Item {
	before := p.prev(1)
	switch before.Text {
	case "last", "next", "within", "after", "every":
		units := rollingUnits
		if before.Text == "within" && !p.top().fact {
			units = []string{"km", "m"}
		}
		return unitItems(units)
	case "previous":
		return unitItems([]string{"days", "weeks", "months", "quarters", "years"})
	case "for":
		return []Item{{Label: "periods", Kind: KeywordItem}}
	case "allowing":
		return []Item{{Label: "missed", Kind: KeywordItem}}
	case "top", "bottom":
		return append([]Item{keyword("per", "within those of one attribute"), snippet("of segment", "of the members of a segment", "of segment $0")}, p.connectors()...)
	}
	items := unitItems(rollingUnits)
	for i := range items {
		items[i].Order += 50
	}
	return append(p.afterOperand(), items...)
}

func (p *place) listItems() (items []Item) {
	for _, d := range p.s.decls("list") {
		items = append(items, Item{Label: d.name, Kind: ListItem, Detail: d.title, Insert: syntax.QuoteName(d.name)})
	}
	for _, col := range columnsOf(p.top().rel) {
		if col.Type.Kind == value.List {
			items = append(items, p.listColumn(p.top().rel, col))
		}
	}
	return items
}

// listColumn is a column that holds a list.
func (p *place) listColumn(rel *ir.Relation, col *ir.ColumnDef) Item {
	return Item{Label: col.Name, Kind: AttributeItem, Detail: col.Type.String(), Insert: syntax.QuoteName(col.Name),
		Deprecated: p.s.outdated(check.ColumnSymbol(rel, col))}
}

// connectors join conditions.
func (p *place) connectors() []Item {
	items := []Item{keyword("and", ""), keyword("or", "")}
	if top := p.top(); top.call == "all" && top.fact {
		items = append(items, keyword("have", "what must hold in every row"))
	}
	return items
}

// afterOperand is what may follow a value or condition.
func (p *place) afterOperand() []Item {
	top := p.top()
	prev := p.prev(0)
	if top.fact && top.rel == top.outer { // after the path or window of a fact
		items := []Item{keyword("where", "which of its rows"), snippet("in last", "a window of time", "in last ${1:30} ${2:days}"), snippet("in this", "", "in this ${1:month}"),
			snippet("in previous", "", "in previous ${1:month}"), keyword("since", ""), keyword("before", ""), keyword("on", ""), snippet("between", "", "between ${1:from} and ${2:to}"),
			keyword("followed by", "a later row"), keyword("preceded by", "an earlier row"), keyword("not followed by", "no later row"), keyword("as", "a name for the row")}
		if top.call == "regularly" {
			items = append(items, snippet("every", "", "every ${1:1} month for ${2:6} periods"))
		}
		if top.call == "all" {
			items = append(items, keyword("have", "what must hold in every row"))
		}
		return items
	}
	if syntax.Unit(prev.Text) != "" && p.prev(1).Kind == syntax.NumberToken {
		return append([]Item{keyword("ago", "so long before as_of")}, p.connectors()...)
	}
	_, t, known := p.operand(0)
	items := p.operators(t, known)
	if top.fact {
		items = append(items, keyword("followed by", "a later row"))
	}
	if slices.Contains(aggregates, top.call) && !top.fact {
		items = append(items, keyword("of", "the fact, everyone or a segment"))
	}
	return items
}

// operators fit a type; all of them where it is not known.
func (p *place) operators(t value.Type, known bool) []Item {
	var items []Item
	add := func(when bool, words ...Item) {
		if when || !known {
			items = append(items, words...)
		}
	}
	kind := t.Kind
	text := kind == value.Text
	add(kind != value.List && kind != value.Place && kind != value.Bool, keyword("=", "is"), keyword("!=", "is not, or is missing"))
	add(t.Numeric() || t.Temporal() || kind == value.Version, keyword(">=", ""), keyword("<=", ""), keyword(">", ""), keyword("<", ""), snippet("between", "both ends in", "between ${1:from} and ${2:to}"))
	add(text, snippet("in", "one of", `in ["$1"]`), snippet("not in", "none of, or missing", `not in ["$1"]`))
	add(t.Numeric(), snippet("in", "one of", "in [$1]"), snippet("in top", "among the largest", "in top ${1:10%}"))
	add(t.Temporal(), snippet("in last", "a window of time", "in last ${1:30} ${2:days}"), snippet("in this", "", "in this ${1:month}"), snippet("in previous", "", "in previous ${1:month}"),
		snippet("in next", "", "in next ${1:7} ${2:days}"), keyword("since", ""), keyword("before", ""), keyword("on", ""))
	add(text, keyword("~=", "without regard to case and accents"), keyword("contains", ""), keyword("~contains", "without regard to case and accents"),
		keyword("starts with", ""), keyword("ends with", ""), snippet("matches", "a pattern", "matches /${1:pattern}/i"))
	add(kind == value.List, snippet("has", "one element", `has "$1"`), snippet("has any of", "", `has any of ["$1"]`), snippet("has all of", "", `has all of ["$1"]`), snippet("has none of", "", `has none of ["$1"]`))
	add(kind == value.Place, snippet("within", "", "within ${1:10} km of point(${2:21.0285}, ${3:105.8542})"))
	add(true, keyword("is known", ""), keyword("is missing", ""))
	for i := range items {
		items[i].Order = i
	}
	return append(items, p.connectors()...)
}

func columnsOf(rel *ir.Relation) (cols []*ir.ColumnDef) {
	if rel == nil {
		return nil
	}
	for _, c := range rel.Columns {
		if !c.Internal && c.Type.Kind != value.Missing {
			cols = append(cols, c)
		}
	}
	return cols
}

// attributes are what a row holds itself.
func (p *place) attributes(rel *ir.Relation, order int) (items []Item) {
	for _, col := range columnsOf(rel) {
		items = append(items, Item{Label: col.Name, Kind: AttributeItem, Detail: col.Type.String(), Insert: syntax.QuoteName(col.Name), Order: order, Doc: p.s.columnDoc(rel, col),
			Deprecated: p.s.outdated(check.ColumnSymbol(rel, col))})
	}
	if rel != nil && !rel.Entity && rel.Time != nil && rel.Column("at") == nil {
		items = append(items, Item{Label: "at", Kind: AttributeItem, Detail: "when it happened", Order: order})
	}
	return items
}
