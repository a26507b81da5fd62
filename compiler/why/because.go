package why

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
)

// because says what is different from the instant on.
func (b *builder) because(out *Turn, before, after *builder) {
	s := b.q.Segment
	add := func(text string) {
		if !slices.Contains(out.Because, text) {
			out.Because = append(out.Because, text)
		}
	}
	cal := b.q.Project.Calendar
	switch {
	case s.ValidOn(cal.DateOf(before.asOf)) != s.ValidOn(cal.DateOf(after.asOf)):
		if s.ValidOn(cal.DateOf(after.asOf)) {
			add("its `valid_from`, " + date(*s.Meta.ValidFrom) + ", begins")
		} else {
			add("its `valid_until`, " + date(*s.Meta.ValidUntil) + ", is over")
		}
		return
	case before.root.IsZero() || after.root.IsZero():
		xs := []ir.Expr{s.Entity.Where, s.Entity.KnownAt}
		if e := s.Entity.Exists; e != nil {
			xs = append(xs, e.From, e.To)
		}
		for _, x := range xs {
			if x != nil && !b.q.ShowPII {
				out.Hidden = append(out.Hidden, private(x)...)
			}
		}
		if after.root.IsZero() {
			add("there is no such " + s.Entity.Name + " any more, by the catalog")
		} else {
			add("there is such a " + s.Entity.Name + ", by the catalog")
		}
		return
	}
	x, y := before.rule(s), after.rule(s)
	x.mark(x.Holds, true, true)
	y.mark(y.Holds, true, true)
	b.compare(x, y, func(text string, hides []string) {
		add(text)
		for _, h := range hides {
			if !slices.Contains(out.Hidden, h) {
				out.Hidden = append(out.Hidden, h)
			}
		}
	})
	if out.Hidden != nil {
		out.Because = nil
	}
}

// compare tells of the conditions that are different in two explanations.
func (b *builder) compare(x, y *Node, tell func(text string, hides []string)) {
	if x.Holds == y.Holds && len(x.Of) == 0 || !x.Counts && !y.Counts {
		return
	}
	if len(x.Of) == len(y.Of) && len(x.Of) > 0 {
		for i := range x.Of {
			b.compare(x.Of[i], y.Of[i], tell)
		}
		return
	}
	var hides []string
	if !b.q.ShowPII && x.Expr != nil {
		hides = private(x.Expr)
	}
	for _, text := range b.difference(x, y) {
		tell(text, hides)
	}
}

// difference says what made a condition another.
func (b *builder) difference(x, y *Node) []string {
	var out []string
	for i, f := range x.Facts {
		if i >= len(y.Facts) {
			break
		}
		g := y.Facts[i]
		window := "what counts"
		if f.Period {
			window = "its period"
		} else if f.agg.Window != nil {
			window = "`" + f.agg.Window.Text + "`"
		}
		if gone := missingFrom(f.counted, g.counted); len(gone) > 0 {
			out = append(out, b.some(gone)+" "+verb(gone, "falls", "fall")+" out of "+window)
		}
		if come := missingFrom(g.counted, f.counted); len(come) > 0 {
			out = append(out, b.some(come)+" "+verb(come, "comes", "come")+" into "+window)
		}
	}
	if out != nil {
		return out
	}
	for i, s := range x.Saw {
		if i < len(y.Saw) && s.Value != y.Saw[i].Value && !s.Hidden {
			if t := y.Saw[i]; t.Missing {
				out = append(out, s.Text+" is missing from then on")
			} else if !fixedSeen(x.Expr, s.Text) {
				out = append(out, s.Text+" becomes "+t.Value)
			}
		}
	}
	if out == nil {
		out = append(out, fmt.Sprintf("`%s` becomes %t", x.Text, y.Holds))
	}
	return out
}

// fixedSeen reports whether what was seen is the same for every row, such as
// `30 days ago`: that it moves is no news.
func fixedSeen(x ir.Expr, text string) bool {
	fixed, found := false, false
	ir.Walk(x, func(x ir.Expr) bool {
		if !found && oneLine(x.Span()) == text {
			found, fixed = true, ir.Fixed(x)
		}
		return !found
	})
	return fixed
}

func verb(rows []ir.Row, one, many string) string {
	if len(rows) == 1 {
		return one
	}
	return many
}

// some names the first of some rows and counts the others.
func (b *builder) some(rows []ir.Row) string {
	text := b.fact(rows[0], nil).String()
	if more := len(rows) - 1; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// String names a row: "orders 991 of 2026-09-04 09:14".
func (f Fact) String() string {
	parts := []string{f.Fact}
	if f.Key != "" {
		parts = append(parts, f.Key)
	}
	if f.At != "" {
		parts = append(parts, "of "+f.At)
	}
	return strings.Join(parts, " ")
}

// missingFrom are the rows of a list that another list, of another evaluator
// over the same records, does not have.
func missingFrom(rows, others []ir.Row) []ir.Row {
	has := map[string]bool{}
	for _, r := range others {
		has[identity(r)] = true
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r ir.Row) bool { return has[identity(r)] })
}

// identity tells rows apart by the records they are made of.
func identity(r ir.Row) string {
	var b strings.Builder
	for _, record := range r.Records() {
		fmt.Fprintf(&b, "%p ", record)
	}
	return b.String()
}
