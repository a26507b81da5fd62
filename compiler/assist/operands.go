package assist

import (
	"strings"

	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/syntax"
)

// operands are what a value or a condition may begin with.
func (p *place) operands() []Item {
	top := p.top()
	rel := top.rel
	var items []Item
	t, compared := p.compared()
	switch {
	case top.open == "[":
		for _, v := range p.declared() {
			items = append(items, Item{Label: quoted(v), Kind: ValueItem, Insert: quoted(v)})
		}
		return items
	case compared:
		for _, v := range t.Values {
			items = append(items, Item{Label: quoted(v), Kind: ValueItem, Insert: quoted(v), Order: -10})
		}
		if t.Kind == value.Bool {
			items = append(items, keyword("true", ""), keyword("false", ""))
		}
		if t.Temporal() {
			items = append(items, snippet("2025-03-08", "a day", "${1:2025-03-08}"), keyword("today", ""), snippet("30 days ago", "an instant", "${1:30} days ago"))
		}
		items = append(items, p.params(t.Kind)...)
	default:
		items = append(items, p.params(0)...)
	}
	if rel == nil { // of a fact that is not written yet
		for _, f := range p.s.project.Relations {
			if !f.Entity && f.Owner != nil && f.Owner.To == top.outer {
				items = append(items, p.attributes(f, 0)...)
			}
		}
		items = uniqueItems(items)
	} else {
		items = append(items, p.attributes(rel, 0)...)
		for _, l := range rel.Lookups {
			items = append(items, p.s.lookupItem(l))
		}
	}
	items = append(items, p.traits(rel)...)
	for name := range top.steps {
		items = append(items, Item{Label: name, Kind: LookupItem, Detail: "a row of the sequence"})
	}
	if rel != nil && rel.Entity && !compared {
		items = append(items, snippet("in segment", "a member of a segment", "in segment $0"), snippet("not in segment", "", "not in segment $0"),
			snippet("entered segment", "", "entered segment ${1:name} in last ${2:30} days"), snippet("left segment", "", "left segment ${1:name} in last ${2:30} days"))
	}
	items = append(items, keyword("not", "the exact complement"), snippet("case", "a value by conditions", "case { when ${1:condition}: ${2:value}  otherwise: ${3:value} }"))
	return append(items, functionItems()...)
}

func uniqueItems(items []Item) (out []Item) {
	seen := map[string]bool{}
	for _, it := range items {
		if !seen[it.Label] {
			seen[it.Label] = true
			out = append(out, it)
		}
	}
	return out
}

func (s *State) lookupItem(l *ir.Lookup) Item {
	return Item{Label: l.Name, Kind: LookupItem, Detail: "its " + l.To.Name, Insert: syntax.QuoteName(l.Name), Order: 1, Deprecated: s.outdated(check.LookupSymbol(l))}
}

// traits of an entity.
func (p *place) traits(rel *ir.Relation) (items []Item) {
	if rel == nil || !rel.Entity {
		return nil
	}
	for _, d := range p.s.decls("trait") {
		if d.entity == rel.Name || d.entity == "" {
			items = append(items, Item{Label: d.name, Kind: TraitItem, Detail: d.title, Insert: syntax.QuoteName(d.name), Order: 1})
		}
	}
	return items
}

// params that hold a literal of a kind; 0: any.
func (p *place) params(kind value.Kind) (items []Item) {
	for _, d := range p.s.decls("param") {
		if t, ok := p.paramType(d.name); kind != 0 && ok && t.Kind != kind && !(t.Numeric() && value.Of(kind).Numeric()) {
			continue
		}
		items = append(items, Item{Label: d.name, Kind: ParamItem, Detail: "= " + d.title, Insert: syntax.QuoteName(d.name), Order: 2})
	}
	return items
}

// partItems are what may follow a dot.
func (p *place) partItems() []Item {
	var names []string
	i := 1
	for ; isName(p.prev(i)); i += 2 {
		names = append([]string{p.prev(i).Text}, names...)
		if t := p.prev(i + 1); t.Kind != syntax.OperatorToken || t.Text != "." {
			i++
			break
		}
	}
	if len(names) == 0 {
		return nil
	}
	if p.prev(i).Text == "segment" {
		return p.s.branches(strings.Join(names, "."))
	}
	top := p.top()
	rel := top.rel
	if step := top.steps[names[0]]; step != nil {
		rel, names = step, names[1:]
	}
	var items []Item
	for j, n := range names {
		if rel == nil {
			break
		}
		next := p.s.step(rel, n)
		if next == nil {
			t, _ := p.typeOf(rel, names[j:])
			for _, f := range t.Fields {
				items = append(items, Item{Label: f.Name, Kind: AttributeItem, Detail: f.Type.String(), Insert: syntax.QuoteName(f.Name)})
			}
			return append(items, p.scores(strings.Join(names[j:], "."))...)
		}
		rel = next
	}
	if rel == nil {
		return nil
	}
	if top.fact && top.rel == top.outer {
		return p.s.facts(rel)
	}
	items = p.attributes(rel, 0)
	for _, l := range rel.Lookups {
		items = append(items, p.s.lookupItem(l))
	}
	return append(items, p.traits(rel)...)
}

// scores are the traits of an rfm.
func (p *place) scores(name string) (items []Item) {
	for _, d := range p.s.decls("rfm") {
		if d.name == name {
			for _, n := range []string{"recency", "frequency", "monetary"} {
				items = append(items, Item{Label: n, Kind: TraitItem, Detail: "a score from 1 to 5"})
			}
		}
	}
	return items
}

// functionItems are the functions and forms, with their documentation.
func functionItems() []Item {
	var items []Item
	seen := map[string]bool{}
	for _, f := range check.Forms() {
		if seen[f.Name] || strings.Contains(f.Name, " ") {
			continue
		}
		seen[f.Name] = true
		insert := f.Name + "($0)"
		switch f.Name {
		case "sum", "avg", "min", "max", "median", "mode", "first", "last":
			insert = f.Name + "(${1:value} of ${2:fact})"
		case "all":
			insert = "all(${1:fact} have ${2:condition})"
		case "regularly":
			insert = "regularly(${1:fact} every ${2:1} month for ${3:6} periods)"
		}
		items = append(items, Item{Label: f.Name, Kind: FunctionItem, Detail: f.Signature, Doc: f.Doc, Insert: insert, Snippet: true, Order: 3})
	}
	for _, name := range fn.Names() {
		f := fn.Lookup(name)
		if f.Internal || seen[name] {
			continue
		}
		items = append(items, Item{Label: name, Kind: FunctionItem, Detail: f.Signature(), Doc: f.Doc, Insert: name + "($0)", Snippet: true, Order: 4})
	}
	return items
}
