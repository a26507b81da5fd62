package why

import (
	"fmt"
	"strings"
)

// Style is how a line of an explanation stands out, where there are colours.
type Style int

// Styles.
const (
	Plain Style = iota
	Bold
	Dim
)

// Line is a line of an explanation for people.
type Line struct {
	Indent int
	Mark   string // ✓, ✗ or none
	Text   string
	Style  Style
}

// Marks of conditions.
const (
	Yes = "✓"
	No  = "✗"
)

func (l Line) String() string {
	mark := ""
	if l.Mark != "" {
		mark = l.Mark + " "
	}
	return strings.TrimRight(strings.Repeat(" ", l.Indent)+mark+l.Text, " ")
}

// Lines writes an explanation for people.
func (x *Explanation) Lines() []Line {
	t := &textWriter{}
	title := x.Segment
	if x.Title != "" {
		title += "  " + x.Title
	}
	t.add(Line{Text: title, Style: Bold})
	is := "is not in"
	if x.In {
		is = "is in"
	}
	mark := No
	if x.In {
		mark = Yes
	}
	t.add(Line{Mark: mark, Text: fmt.Sprintf("%s %s %s, as of %s", x.Entity, x.Key, is, x.Moment)})
	for _, why := range []string{x.Absent, x.Invalid} {
		if why != "" {
			t.add(Line{Indent: 2, Text: why})
		}
	}
	if x.Branch != nil {
		t.add(Line{Indent: 2, Text: x.Branch.text(x)})
	}
	t.rule(x.Rule)
	if n := x.Conditions; n != nil {
		t.gap()
		if n.Kind == All {
			for _, c := range n.Of {
				t.node(c, 2)
			}
		} else {
			t.node(n, 2)
		}
	}
	t.changes(x)
	t.time(x)
	for _, note := range x.Notes {
		t.gap()
		t.add(Line{Text: "note: " + note, Style: Dim})
	}
	return t.lines
}

// Reasons are the conditions that keep a row out (or in), one line each: what
// is told of many rows at once.
func (x *Explanation) Reasons() []string {
	switch {
	case x.Absent != "":
		return []string{x.Absent}
	case x.Invalid != "":
		return []string{x.Invalid}
	}
	var out []string
	var visit func(n *Node)
	visit = func(n *Node) {
		switch {
		case !n.Counts:
		case n.Kind == Condition, len(n.Of) == 0:
			text := n.tick() + " " + n.Text
			if n.Missing != "" {
				text = n.tick() + " " + n.Missing
			} else if saw := n.saw(); saw != "" {
				text += " — " + saw
			}
			out = append(out, text)
		case n.Kind == Before && !n.Holds:
			out = append(out, n.tick()+" "+n.Name+" comes first and has it")
		case n.Kind == Before:
		default:
			for _, c := range n.Of {
				visit(c)
			}
		}
	}
	visit(x.Conditions)
	return out
}

// Blockers are the conditions that keep a row out, without what they saw.
func (x *Explanation) Blockers() []string {
	switch {
	case !x.Exists:
		return []string{"there is no such " + x.Entity}
	case x.Invalid != "":
		return []string{x.Invalid}
	}
	var out []string
	var visit func(n *Node)
	visit = func(n *Node) {
		switch {
		case !n.Counts:
		case n.Kind == Before && n.Holds:
		case n.Kind == Before:
			out = append(out, No+" "+n.Name+" comes first")
		case len(n.Of) == 0:
			out = append(out, n.tick()+" "+n.Text)
		default:
			for _, c := range n.Of {
				visit(c)
			}
		}
	}
	visit(x.Conditions)
	return out
}

func (n *Node) tick() string {
	if n.Holds {
		return Yes
	}
	return No
}

func (b *Branch) text(x *Explanation) string {
	taken := b.Taken
	if b.Title != "" {
		taken += " (" + b.Title + ")"
	}
	switch {
	case b.Taken == "":
		return "no branch of the split " + b.Split + " has it"
	case x.In:
		return "the split " + b.Split + " puts it here: no branch before this one takes it"
	case b.First:
		return taken + " has it, which comes first in the split " + b.Split
	default:
		return taken + " has it, of the split " + b.Split
	}
}

type textWriter struct{ lines []Line }

func (t *textWriter) add(l Line) { t.lines = append(t.lines, l) }

func (t *textWriter) gap() { t.add(Line{}) }

func (t *textWriter) rule(r Rule) {
	if r.Text == "" {
		return
	}
	t.gap()
	t.add(Line{Indent: 2, Text: fmt.Sprintf("%s:%d", r.File, r.Line), Style: Dim})
	for line := range strings.Lines(r.Text) {
		t.add(Line{Indent: 4, Text: strings.TrimRight(line, "\n")})
	}
}

func (t *textWriter) node(n *Node, indent int) {
	text := n.Text
	inner := n.Of
	switch n.Kind {
	case All, Any, Not:
		text = map[Kind]string{All: "all of", Any: "one of", Not: "not"}[n.Kind]
	case Before:
		if n.Holds {
			text, inner = "not in "+n.Name+", which comes first: "+shorten(n.Of[0].Text), nil
		} else {
			text = n.Name + " comes first and takes it"
		}
	case Condition, Otherwise, Segment:
	}
	t.add(Line{Indent: indent, Mark: n.tick(), Text: text})
	below := indent + 4
	if saw := n.saw(); saw != "" {
		t.add(Line{Indent: below, Text: saw})
	}
	if n.Missing != "" {
		t.add(Line{Indent: below, Text: n.Missing})
	}
	if n.Counts {
		for _, f := range n.Facts {
			if !f.Period {
				t.facts(f, below)
			}
		}
	}
	if n.Kind == Segment && !n.Counts {
		return
	}
	if len(inner) == 1 && inner[0].Kind == All { // of a segment or branch: its conditions
		inner = inner[0].Of
	}
	for _, c := range inner {
		t.node(c, indent+4)
	}
}

// saw is what a condition looked at, in one line.
func (n *Node) saw() string {
	var parts []string
	for _, s := range n.Saw {
		if !s.Missing {
			parts = append(parts, s.String())
		}
	}
	if n.Says != "" {
		parts = append(parts, n.Says)
	}
	if n.Distance != "" {
		parts = append(parts, n.Distance)
	}
	return strings.Join(parts, "; ")
}

// String says what a value is: `city is "Huế"`.
func (s Seen) String() string {
	means := ""
	if s.Means != "" {
		means = " (" + s.Means + ")"
	}
	switch {
	case s.Missing:
		return s.Text + " is missing" + means
	case s.Hidden:
		return s.Text + " is " + hidden
	default:
		return s.Text + " is " + s.Value + means
	}
}

func (t *textWriter) facts(f *Facts, indent int) {
	head := rowsOf(f.Count, f.Fact)
	if f.Window != "" {
		head += " " + f.Window
	}
	if f.Count > len(f.Rows) {
		head += ", the latest:"
	} else if f.Count > 0 {
		head += ":"
	}
	t.add(Line{Indent: indent, Text: head, Style: Dim})
	for _, r := range f.Rows {
		t.fact(r, indent+2)
	}
	for _, o := range f.Out {
		text := rowsOf(o.Count, f.Fact)
		if o.Window {
			text += " outside `" + o.By + "`"
		} else {
			text += " where not `" + o.By + "`"
		}
		t.add(Line{Indent: indent, Text: text + ", the latest " + o.Nearest.short(), Style: Dim})
		if len(o.Nearest.Values) > 0 && !o.Window {
			t.lines[len(t.lines)-1].Text += "  " + values(o.Nearest.Values)
		}
	}
}

func rowsOf(n int, fact string) string {
	if n == 0 {
		return "no row of " + fact
	}
	return plural(int64(n), "row") + " of " + fact
}

// short names a row whose fact is known already.
func (f Fact) short() string {
	return strings.TrimPrefix(f.String(), f.Fact+" ")
}

func (t *textWriter) fact(f Fact, indent int) {
	text := f.String()
	if v := values(f.Values); v != "" {
		text += "  " + v
	}
	t.add(Line{Indent: indent, Text: text, Style: Dim})
	for _, next := range f.Then {
		t.add(Line{Indent: indent + 2, Text: "then " + next.String(), Style: Dim})
	}
}

func values(list []Seen) string {
	var parts []string
	for _, s := range list {
		switch {
		case s.Missing:
			parts = append(parts, s.Text+" missing")
		case s.Hidden:
			parts = append(parts, s.Text+" "+hidden)
		default:
			parts = append(parts, s.Text+" "+s.Value)
		}
	}
	return strings.Join(parts, ", ")
}

const mostTold = 3 // changes

func (t *textWriter) changes(x *Explanation) {
	if !x.Exists || x.Invalid != "" || x.Time == nil {
		return
	}
	t.gap()
	if len(x.Changes) == 0 {
		t.add(Line{Text: "No change of one attribute, or of a few rows of a fact, was found that turns it"})
		return
	}
	head, verb := "This", "put it in"
	if len(x.Changes) > 1 {
		head = "Any one of these"
	}
	if x.In {
		verb = "take it out"
	}
	t.add(Line{Text: head + " would " + verb, Style: Bold})
	for _, c := range x.Changes[:min(len(x.Changes), mostTold)] {
		t.add(Line{Indent: 2, Text: c.String()})
	}
}

func (t *textWriter) time(x *Explanation) {
	if x.Time == nil {
		return
	}
	t.gap()
	t.add(Line{Text: x.Time.String(), Style: Bold})
}

// String says what time alone will do.
func (t *Turn) String() string {
	verb := "leaves"
	if t.In {
		verb = "enters"
	}
	switch {
	case t.Timeless:
		return "Time alone changes nothing: no condition looks at the date"
	case !t.Turns:
		return "Time alone does not change it before " + t.Shown
	case t.Hidden != nil:
		return "Time alone will change it; when, follows from " + joined(t.Hidden) + ", which is personal (--show-pii)"
	}
	text := "By time alone it " + verb + " on " + t.Shown
	if len(t.Because) > 0 {
		text += ", when " + joined(t.Because)
	}
	return text
}
