package difftest

import (
	"fmt"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/syntax"
)

// gen draws definitions as text, over the relations of a checked catalog.
type gen struct {
	*rapid.T
	w        *world
	p        *ir.Project
	traits   []trait
	segments map[string][]string // entity → names of segments to refer to
}

type trait struct {
	name, entity string
	typ          value.Type
}

// scope is where an expression stands: a row of rel.
type scope struct {
	rel *ir.Relation
	// row: a row of an entity outside facts, where traits, segments and the
	// population can be used.
	row bool
	// catalog: nothing but the row's own columns.
	catalog bool
	depth   int
}

func (s scope) deeper() scope { s.depth--; return s }

func pick[T any](g *gen, xs ...T) T { return rapid.SampledFrom(xs).Draw(g.T, "pick") }

func (g *gen) chance(n int) bool { return rapid.IntRange(0, n-1).Draw(g.T, "chance") == 0 }

func (g *gen) number(lo, hi int) int { return rapid.IntRange(lo, hi).Draw(g.T, "n") }

// paths are the columns and traits that a name can lead to, of wanted types.
func (g *gen) paths(s scope, want func(value.Type) bool) []string {
	var out []string
	var visit func(rel *ir.Relation, prefix string, row bool, hops int)
	visit = func(rel *ir.Relation, prefix string, row bool, hops int) {
		for _, c := range rel.Columns {
			if !c.Internal && want(c.Type) {
				out = append(out, prefix+syntax.QuoteName(c.Name))
			}
		}
		if rel.Time != nil && rel.Time.Internal && want(rel.Time.Type) && !rel.Entity {
			out = append(out, prefix+"at")
		}
		for _, t := range g.traits {
			if row && !s.catalog && t.entity == rel.Name && want(t.typ) {
				out = append(out, prefix+t.name)
			}
		}
		for _, l := range rel.Lookups {
			if hops > 0 {
				visit(l.To, prefix+l.Name+".", l.To.Entity, hops-1)
			}
		}
	}
	visit(s.rel, "", s.row, 2)
	return out
}

func exact(t value.Type) bool    { return t.Exact() }
func isReal(t value.Type) bool   { return t.Kind == value.Float }
func isText(t value.Type) bool   { return t.Kind == value.Text }
func isBool(t value.Type) bool   { return t.Kind == value.Bool }
func isVers(t value.Type) bool   { return t.Kind == value.Version }
func isDate(t value.Type) bool   { return t.Kind == value.Date }
func isTime(t value.Type) bool   { return t.Kind == value.Wall || t.Kind == value.Time }
func temporal(t value.Type) bool { return t.Temporal() }

// path draws one of the paths, or "" when there is none.
func (g *gen) path(s scope, want func(value.Type) bool) string {
	ps := g.paths(s, want)
	if len(ps) == 0 {
		return ""
	}
	return pick(g, ps...)
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

var numbers = []string{"0", "1", "2", "3", "-1", "10", "0.5", "0.1", "12.50", "-3.33", "100", "9007199254740993", "0.3333333333333333", "7.000001", "20%"}

func (g *gen) literalNumber() string { return pick(g, numbers...) }

// num draws an exact number.
func (g *gen) num(s scope) string {
	if s.depth <= 0 || g.chance(4) {
		if g.chance(3) {
			return g.literalNumber()
		}
		return orElse(g.path(s, exact), g.literalNumber())
	}
	d := s.deeper()
	switch g.number(0, 15) {
	case 0, 1, 2, 3, 4, 5:
		if a := g.aggregate(s); a != "" {
			return a
		}
		return orElse(g.path(s, exact), "1")
	case 6, 7:
		return "(" + g.small(d) + " " + pick(g, "+", "-", "*") + " " + g.small(d) + ")"
	case 8:
		return pick(g, "abs", "floor", "ceil", "round") + "(" + g.num(d) + ")"
	case 9:
		return pick(g, "least", "greatest", "coalesce") + "(" + g.num(d) + ", " + g.num(d) + ")"
	case 10:
		return "mod(" + g.num(d) + ", " + g.num(d) + ")"
	case 11:
		return "length(" + g.text(d) + ")"
	case 12:
		return pick(g, "year", "month", "day", "weekday", "quarter") + "(" + g.moment(d, temporal) + ")"
	case 13:
		if g.chance(2) {
			return "hour(" + g.moment(d, isTime) + ")"
		}
		return "age(" + g.moment(d, temporal) + ")"
	case 14:
		return "days_between(" + g.moment(d, temporal) + ", " + g.moment(d, temporal) + ")"
	default:
		return "case { when " + g.cond(d) + ": " + g.num(d) + "  otherwise: " + g.num(d) + " }"
	}
}

// small draws a number that seldom overflows when it is multiplied.
func (g *gen) small(s scope) string {
	if g.chance(3) {
		return pick(g, "0", "1", "2", "0.5", "-3")
	}
	var names []string
	for _, p := range g.paths(s, exact) {
		if !strings.Contains(p, "huge") && !strings.Contains(p, "big") {
			names = append(names, p)
		}
	}
	if len(names) == 0 || g.chance(5) {
		return g.num(s)
	}
	return pick(g, names...)
}

// real draws a float.
func (g *gen) real(s scope) string {
	d := s.deeper()
	if s.depth > 0 {
		switch g.number(0, 8) {
		case 0, 1, 2:
			return "(" + g.num(d) + " / " + g.num(d) + ")"
		case 3:
			return "(" + g.real(d) + " " + pick(g, "+", "-", "*", "/") + " " + pick(g, g.num(d), g.real(d)) + ")"
		case 4:
			return pick(g, "least", "greatest", "coalesce") + "(" + g.real(d) + ", " + g.num(d) + ")"
		case 5:
			return pick(g, "abs", "floor", "ceil", "round") + "(" + g.real(d) + ")"
		case 6:
			if a := g.average(s); a != "" {
				return a
			}
		}
	}
	return orElse(g.path(s, isReal), "(1 / 3)")
}

func literalText(s string) string {
	s = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s)
	return `"` + s + `"`
}

// text draws a text.
func (g *gen) text(s scope) string {
	d := s.deeper()
	if s.depth > 0 {
		switch g.number(0, 9) {
		case 0:
			return "lower(" + g.text(d) + ")"
		case 1:
			return "concat(" + g.text(d) + ", " + g.text(d) + ")"
		case 2:
			return "text(" + pick(g, g.num(d), g.text(d), g.moment(d, temporal), g.real(d)) + ")"
		case 3:
			return "coalesce(" + g.text(d) + ", " + g.text(d) + ")"
		case 4:
			if f := g.fact(s, true); f != nil {
				if v := g.path(f.scope, isText); v != "" {
					return pick(g, f.firstOr("mode")...) + "(" + v + " of " + f.text + ")"
				}
			}
		case 5:
			return "case { when " + g.cond(d) + ": " + g.text(d) + "  otherwise: " + g.text(d) + " }"
		}
	}
	return orElse(g.path(s, func(t value.Type) bool { return isText(t) && (len(t.Values) == 0 || g.chance(2)) }), literalText(pick(g, texts...)))
}

func (g *gen) literalDate() string {
	v := g.w.dateCell(g.T)
	return day(v.I)
}

// literalVersion is a literal of the type of what it meets.
func (g *gen) literalVersion() string {
	return literalText(pick(g, "1.9", "1.10", "1.10-beta.2", "1.10.0", "v2", "0.1"))
}

// version draws a version; none stands for itself where there is one beside it.
func (g *gen) version(s scope) string {
	d := s.deeper()
	if s.depth > 0 {
		switch g.number(0, 5) {
		case 0:
			return pick(g, "least", "greatest", "coalesce") + "(" + g.version(d) + ", " + pick(g, g.version(d), g.literalVersion()) + ")"
		case 1, 2:
			if f := g.fact(s, false); f != nil {
				if v := g.path(f.scope, isVers); v != "" {
					return pick(g, f.firstOr("min", "max", "mode")...) + "(" + v + " of " + f.text + ")"
				}
			}
		case 3:
			return "case { when " + g.cond(d) + ": " + g.version(d) + "  otherwise: " + g.literalVersion() + " }"
		}
	}
	return orElse(g.path(s, isVers), g.literalVersion())
}

// moment draws a date or a time of a wanted kind.
func (g *gen) moment(s scope, want func(value.Type) bool) string {
	d := s.deeper()
	if s.depth > 0 {
		switch g.number(0, 7) {
		case 0:
			if want(timeType) {
				return g.moment(d, isTime) + pick(g, " + ", " - ") + g.span(true)
			}
			return g.moment(d, isDate) + pick(g, " + ", " - ") + g.span(false)
		case 1:
			if want(dateType) {
				return pick(g, "start_of("+pick(g, "day", "week", "month", "quarter", "year")+", ", "date(") + g.moment(d, temporal) + ")"
			}
		case 2:
			x := g.moment(d, want)
			return pick(g, "least", "greatest", "coalesce") + "(" + x + ", " + g.moment(d, want) + ")"
		case 3:
			if f := g.fact(s, false); f != nil {
				if v := g.path(f.scope, want); v != "" {
					return pick(g, f.firstOr("min", "max", "mode")...) + "(" + v + " of " + f.text + ")"
				}
			}
		}
	}
	if p := g.path(s, want); p != "" && !g.chance(4) {
		return p
	}
	if want(dateType) && (!want(timeType) || g.chance(2)) {
		return pick(g, "today", "yesterday", "tomorrow", g.literalDate())
	}
	return pick(g, "as_of", g.span(true)+" ago", g.literalTime())
}

func (g *gen) literalTime() string {
	v := g.w.wallCell(g.T).String()
	if i := strings.IndexByte(v, '.'); i > 0 {
		v = v[:i]
	}
	return v + pick(g, "", "", "+07:00", "-05:00", "Z")
}

// span draws a duration.
func (g *gen) span(clock bool) string {
	units := []string{"days", "weeks", "months", "quarters", "years"}
	if clock {
		units = append(units, "hours", "minutes", "seconds")
	}
	return pick(g, "1", "1", "2", "7", "30", "90") + " " + pick(g, units...)
}

// window draws a window, read in the scope.
func (g *gen) window(s scope, future bool) string {
	d := s.deeper()
	d.depth = min(d.depth, 1)
	switch g.number(0, 11) {
	case 0, 1, 2:
		return "in last " + g.span(true)
	case 3:
		if future {
			return "in next " + g.span(true)
		}
		return "in last " + g.span(true)
	case 4:
		return "in this " + pick(g, "day", "week", "month", "quarter", "year")
	case 5:
		return "in previous " + pick(g, "day", "week", "month", "quarter", "year", "2 days", "3 weeks", "2 months", "2 quarters", "2 years")
	case 6:
		return pick(g, "in 2025", "in 2024-02", "in 2025-03", "in 2025-10", "in 2024", "since 2025", "before 2025-03")
	case 7:
		return "on " + g.moment(d, isDate)
	case 8:
		return "since " + g.moment(d, temporal)
	case 9:
		return "before " + g.moment(d, temporal)
	case 10:
		x := g.moment(d, temporal)
		return "between " + x + " and " + x + " + " + g.span(false)
	default:
		return "between " + g.moment(d, temporal) + " and " + g.moment(d, temporal)
	}
}

// fact is a drawn FACT and the scope of its rows.
type fact struct {
	text  string
	scope scope
	timed bool
}

// firstOr adds first and last to the names of aggregates where they exist.
func (f *fact) firstOr(names ...string) []string {
	if f.timed {
		return append(names, "first", "last")
	}
	return names
}

// way is a path to the rows of a fact.
type way struct {
	path   string
	leaf   *ir.Relation
	anchor string // the lookups before the way back
}

// ways are the paths of facts that can be written in a scope.
func (g *gen) ways(s scope) []way {
	var ways []way
	anchor := ""
	var visit func(rel *ir.Relation, prefix string, hops int, back bool)
	visit = func(rel *ir.Relation, prefix string, hops int, back bool) {
		if !back {
			defer func(outer string) { anchor = outer }(anchor)
			anchor = prefix
		}
		for _, f := range g.p.Relations {
			if f.Owner != nil && f.Owner.To == rel && !f.Entity {
				ways = append(ways, way{prefix + f.Name, f, anchor})
				if hops > 0 {
					visit(f, prefix+f.Name+".", hops-1, true)
				}
			}
		}
		for _, r := range rel.Reverses {
			ways = append(ways, way{prefix + r.Name, r.Lookup.From, anchor})
			if hops > 0 {
				visit(r.Lookup.From, prefix+r.Name+".", hops-1, true)
			}
		}
		for _, l := range rel.Lookups {
			if !back && hops > 0 {
				visit(l.To, prefix+l.Name+".", hops-1, false)
			}
		}
	}
	visit(s.rel, "", 2, false)
	return ways
}

// fact draws path [window] [where COND]; nil where there is none.
func (g *gen) fact(s scope, _ bool) *fact {
	if s.catalog || s.depth <= 0 {
		return nil
	}
	ways := g.ways(s)
	if len(ways) == 0 {
		return nil
	}
	w := pick(g, ways...)
	f := &fact{text: w.path, timed: w.leaf.Time != nil, scope: scope{rel: w.leaf, depth: min(s.depth-1, 2)}}
	steps := f.timed && g.chance(4)
	named := steps && g.chance(2)
	if named {
		f.text += " as first_row"
	}
	if f.timed && !g.chance(3) {
		f.text += " " + g.window(s, w.leaf.KnownAt != nil || w.leaf.Always)
	}
	if g.chance(2) {
		f.text += " where " + g.cond(f.scope)
	}
	if !steps {
		return f
	}
	for range g.number(1, 3) {
		next := pick(g, ways...)
		if next.anchor != w.anchor || next.leaf.Time == nil {
			next = w
		}
		f.text += pick(g, " ", " ", " not ") + pick(g, "", "", "directly ") + pick(g, "followed", "followed", "preceded") + " by " + next.path
		if g.chance(4) {
			f.text += " after " + pick(g, "1 day", "0 days", "3 days", "1 month")
		}
		if g.chance(2) {
			f.text += " within " + pick(g, "1 day", "2 days", "7 days", "1 month", "1 year")
		}
		in := scope{rel: next.leaf, depth: min(s.depth-1, 1)}
		switch {
		case named && g.chance(3):
			if p := g.path(scope{rel: w.leaf}, exact); p != "" {
				f.text += " where first_row." + p + g.order() + g.num(in)
			}
		case g.chance(2):
			f.text += " where " + g.cond(in)
		}
	}
	return f
}

// aggregate draws an exact number over a fact.
func (g *gen) aggregate(s scope) string {
	f := g.fact(s, false)
	if f == nil {
		return ""
	}
	v := g.num(scope{rel: f.scope.rel, depth: min(f.scope.depth, 1)})
	if p := g.path(f.scope, exact); p != "" && !g.chance(3) {
		v = p
	}
	switch g.number(0, 8) {
	case 0, 1:
		return "count(" + f.text + ")"
	case 2:
		return "count(" + pick(g, "", "distinct ") + pick(g, v, g.text(f.scope), g.moment(f.scope, temporal), g.version(f.scope)) + " of " + f.text + ")"
	case 3, 4:
		return "sum(" + pick(g, "", "", "distinct ") + v + " of " + f.text + ")"
	default:
		return pick(g, f.firstOr("min", "max", "mode")...) + "(" + v + " of " + f.text + ")"
	}
}

// average draws avg, median or a float's own aggregates.
func (g *gen) average(s scope) string {
	f := g.fact(s, false)
	if f == nil {
		return ""
	}
	if v := g.path(f.scope, isReal); v != "" && g.chance(3) {
		return pick(g, f.firstOr("median", "min", "max", "mode", "median")...) + "(" + v + " of " + f.text + ")"
	}
	v := orElse(g.path(f.scope, exact), "1")
	return pick(g, "avg", "median") + "(" + pick(g, "", "", "distinct ") + v + " of " + f.text + ")"
}

// list draws a literal set, at times longer than what is printed in place.
func (g *gen) list(one func() string, many string) string {
	if many != "" && g.chance(6) {
		return "[" + many + "]"
	}
	xs := []string{one(), one(), one()}
	return "[" + strings.Join(xs[:g.number(1, 3)], ", ") + "]"
}

var manyInts = func() string {
	xs := make([]string, 130)
	for i := range xs {
		xs[i] = strconv.Itoa(3 * i)
	}
	return strings.Join(xs, ", ")
}()

var manyTexts = func() string {
	xs := make([]string, 0, 130)
	for i := range 110 {
		xs = append(xs, fmt.Sprintf("%q", fmt.Sprint("t", i)))
	}
	return strings.Join(append(xs, `"hue"`, `"ab"`, `"it's"`, `"😀"`, `""`), ", ")
}()
