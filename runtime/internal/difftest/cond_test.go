package difftest

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/value"
)

// cond draws a condition.
func (g *gen) cond(s scope) string {
	if s.depth > 0 {
		d := s.deeper()
		switch g.number(0, 9) {
		case 0:
			op := pick(g, " and ", " or ")
			return "((" + g.cond(d) + ")" + op + "(" + g.cond(d) + "))"
		case 1, 2:
			return "not (" + g.cond(d) + ")"
		}
	}
	if s.row && !s.catalog && g.chance(3) {
		return g.people(s)
	}
	if !s.row && !s.catalog && g.chance(8) {
		if h := g.whose(s); h != "" {
			return h
		}
	}
	return g.plain(s)
}

// plain draws one predicate over the row.
func (g *gen) plain(s scope) string {
	d := s.deeper()
	not := pick(g, "", "", "not ")
	switch g.number(0, 20) {
	case 19:
		return g.version(s) + g.order() + pick(g, g.version(d), g.literalVersion())
	case 20:
		p := orElse(g.path(s, isVers), "")
		if p == "" {
			return "true"
		}
		return p + " " + not + pick(g, "in "+g.list(g.literalVersion, ""), "between \"1.9\" and "+g.literalVersion(), "is known")
	case 17:
		if p := g.path(s, temporal); p != "" {
			if w := g.window(scope{rel: s.rel}, true); fixedWindow(w) {
				return "anniversary(" + p + ") " + not + w
			}
		}
		return "true"
	case 18:
		if f := g.fact(s, false); f != nil && f.timed && !strings.Contains(f.text, " ") {
			return "regularly(" + f.text + " every " + pick(g, "1 month", "2 weeks", "10 days", "1 year") + pick(g, "", " where "+g.cond(f.scope)) + " for " + pick(g, "1", "2", "4") + " periods)"
		}
		return "true"
	case 0:
		if p := g.path(s, isBool); p != "" {
			return pick(g, p, p+" = true", p+" != false", "not "+p)
		}
		return "true"
	case 1, 2:
		return g.num(s) + g.order() + g.num(d)
	case 3:
		return g.real(s) + g.order() + pick(g, g.real(d), g.num(d), "0.3333333333333333")
	case 4:
		return g.num(s) + " " + not + "between " + g.literalNumber() + " and " + g.num(d)
	case 5:
		return orElse(g.path(s, exact), "1") + " " + not + "in " + g.list(g.literalNumber, manyInts)
	case 6:
		return g.text(s) + pick(g, " = ", " != ", " ~= ") + pick(g, g.text(d), literalText(pick(g, texts...)))
	case 7:
		return g.text(s) + " " + not + "in " + pick(g, g.list(func() string { return literalText(pick(g, texts...)) }, manyTexts), "words")
	case 8:
		return g.text(s) + " " + not + pick(g, "contains", "~contains", "starts with", "ends with") + " " + pick(g, g.text(d), literalText(pick(g, texts...)))
	case 9:
		return g.text(s) + " " + not + "matches " + pick(g, `/^h/i`, `/a.b/`, `/[0-9]+/`, `/^$/`, `/\w/`, `/[^a-z]/i`, `/(a|b){2}$/i`, `/ế/i`, `/ß/i`, `/\s/`, `/k/i`, `/./`, `/^.\z*/`)
	case 10, 11:
		x := pick(g, g.num(s), g.text(s), g.real(s), g.moment(s, temporal))
		return x + pick(g, " is known", " is missing")
	case 12, 13, 14:
		return g.moment(s, temporal) + " " + not + g.window(s, true)
	case 15:
		if g.chance(2) {
			return g.moment(s, isDate) + g.order() + g.moment(d, isDate)
		}
		return g.moment(s, isTime) + g.order() + g.moment(d, isTime)
	default:
		f := g.fact(s, false)
		if f == nil {
			return g.num(d) + g.order() + g.literalNumber()
		}
		if g.chance(3) {
			return "all(" + f.text + " have " + g.cond(f.scope) + ")"
		}
		return pick(g, "any", "none") + "(" + f.text + ")"
	}
}

func (g *gen) order() string { return pick(g, " = ", " != ", " < ", " <= ", " > ", " >= ") }

// people draws what looks at segments and the whole population.
func (g *gen) people(s scope) string {
	d := s.deeper()
	not := pick(g, "", "not ")
	of, per := "", ""
	if names := g.segments[s.rel.Name]; len(names) > 0 && g.chance(3) {
		of = " of segment " + pick(g, names...)
	}
	if g.chance(3) {
		per = " per " + orElse(g.path(scope{rel: s.rel}, func(t value.Type) bool { return !isReal(t) || g.chance(4) }), "id")
	}
	ranked := pick(g, g.num(d), g.real(d), g.moment(d, temporal), orElse(g.path(d, isVers), "n"))
	everyone := orElse(of, " of everyone") + per
	switch g.number(0, 7) {
	case 0:
		if names := g.segments[s.rel.Name]; len(names) > 0 {
			return not + "in segment " + pick(g, names...)
		}
		return "true"
	case 7:
		if names := g.segments[s.rel.Name]; len(names) > 0 {
			return not + g.history(s, names)
		}
		return "true"
	case 1, 2:
		return "(" + ranked + ") " + not + "in " + pick(g, "top", "bottom") + " " + pick(g, "1", "2", "3", "10%", "50%", "33.3%", "100%", "0.1%") + of + per
	case 3:
		return "bucket(" + ranked + of + per + ", " + pick(g, "1", "2", "3", "5") + ")" + g.order() + pick(g, "1", "2", "3")
	case 4:
		op := pick(g, "median", "min", "max", "mode", "sum", "avg", "count")
		return g.num(d) + g.order() + op + "(" + g.num(d) + everyone + ")"
	case 5:
		return g.num(d) + g.order() + "percentile(" + pick(g, "0", "10", "50", "80", "99.5", "100", "33%") + ", " + pick(g, g.num(d), g.real(d)) + everyone + ")"
	default:
		by := ""
		if g.chance(2) {
			by = ", by " + orElse(g.path(scope{rel: s.rel}, func(t value.Type) bool { return isText(t) || t.Kind == value.Int }), "id")
		}
		return "sample(" + pick(g, "10%", "50%", "0%", "100%", "33.33%") + `, "s-` + pick(g, "1", "'", "ế") + `"` + by + ")"
	}
}

// history draws what asks for the changes of one of the segments.
func (g *gen) history(s scope, names []string) string {
	return pick(g, "entered", "left") + " segment " + pick(g, names...) + " " + g.window(s, false)
}

// whose draws a condition on the segments of the row that a lookup leads to.
func (g *gen) whose(s scope) string {
	for _, l := range s.rel.Lookups {
		if names := g.segments[l.To.Name]; len(names) > 0 && g.chance(2) {
			return l.Name + pick(g, " ", " not ") + pick(g, "in segment "+pick(g, names...), g.history(s, names))
		}
	}
	return ""
}

// definitions draws traits and segments; names of segments come in pairs, the
// second the complement of the first.
func (g *gen) definitions() []string {
	var out []string
	entities := []string{"customer", "customer", "company", "rich"}
	if g.p.Relation("basketful") != nil {
		entities = append(entities, "basketful")
	}
	out = append(out, `list words = ["Huế", "it's", "", "a\\b", "paid"]`)
	for i := range g.number(0, 3) {
		t := trait{name: fmt.Sprintf("t%d", i), entity: pick(g, entities...)}
		s := scope{rel: g.p.Relation(t.entity), row: true, depth: 2}
		var x string
		switch g.number(0, 4) {
		case 0:
			x, t.typ = g.text(s), textType
		case 1:
			x, t.typ = g.real(s), realType
		case 2:
			x, t.typ = g.moment(s, isDate), dateType
		default:
			x, t.typ = g.num(s), intType
		}
		out = append(out, fmt.Sprintf("trait %s of %s = %s", t.name, t.entity, x))
		g.traits = append(g.traits, t)
	}
	for i := range g.number(1, 6) {
		entity := pick(g, entities...)
		name := pick(g, fmt.Sprintf("s%d", i), fmt.Sprintf("S%d", max(i-1, 0)), fmt.Sprintf("`it's \"%d\"`", i))
		for _, n := range g.segments[entity] {
			if n == name {
				name = fmt.Sprintf("s%d", i)
			}
		}
		where := g.cond(scope{rel: g.p.Relation(entity), row: true, depth: g.number(1, 3)})
		valid := pick(g, "", "", "", "", fmt.Sprintf("\n  valid_%s: %s\n ", pick(g, "from", "until"), g.literalDate()))
		out = append(out, fmt.Sprintf("segment %s of %s {%s where %s }", name, entity, valid, where))
		if valid == "" {
			out = append(out, fmt.Sprintf("segment not_%d of %s { where not (%s) }", i, entity, where))
		}
		g.segments[entity] = append(g.segments[entity], name)
	}
	if g.chance(3) {
		s := scope{rel: g.p.Relation("customer"), row: true, depth: 1}
		if names := g.segments["customer"]; len(names) > 0 {
			out = append(out, fmt.Sprintf("holdout ho of segment %s {\n  a: 30%%\n  b: 33.3%%\n  c: otherwise\n}", pick(g, names...)))
		}
		out = append(out, fmt.Sprintf("split sp {\n  a when %s\n  b when %s\n  c otherwise\n}", g.cond(s), g.cond(s)))
	}
	return out
}

// extras draws the expressions of a catalog.
func (g *gen) extras() extras {
	var x extras
	in := func(name string) scope { return scope{rel: g.p.Relation(name), catalog: true, depth: 2} }
	some := func(draw func() string) string {
		if g.chance(3) {
			return draw()
		}
		return ""
	}
	any := func(s scope) string { return pick(g, g.num(s), g.text(s), g.moment(s, temporal), g.real(s)) }
	x.orderWhere = some(func() string { return g.cond(in("orders")) })
	x.orderField = some(func() string { return any(in("orders")) })
	x.paidWhere = some(func() string { return g.cond(in("paid")) })
	x.paidField = some(func() string { return any(in("paid")) })
	x.customerField = some(func() string { return any(in("customer")) })
	x.basketWhere = some(func() string { return g.cond(in("baskets")) })
	x.basketField = some(func() string {
		s := in("orders")
		return pick(g, "sum("+g.num(s)+")", "avg("+g.num(s)+")", "median("+g.num(s)+")", "first("+g.text(s)+")", "last("+g.num(s)+")", "count(distinct "+g.text(s)+")", "mode("+g.text(s)+")", "max("+g.moment(s, temporal)+")")
	})
	return x
}

// fixedWindow reports whether a drawn window is the same for every row.
func fixedWindow(w string) bool {
	for _, dynamic := range []string{"opened", "closed", "seen", "birthday", "at", "due", "starts", "booked", "(", "day"} {
		for _, word := range strings.FieldsFunc(w, func(r rune) bool { return r == ' ' || r == ',' }) {
			if word == dynamic || strings.HasPrefix(word, dynamic+"(") {
				return false
			}
		}
	}
	return true
}
