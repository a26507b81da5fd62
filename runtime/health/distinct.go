package health

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
)

// overlaps are the other segments that share members with one, those that are
// most like it first.
func (x *examination) overlaps(e *entity, c *counted) []Overlap {
	var out []Overlap
	for _, other := range e.segments {
		n := e.both[c.at][other.at]
		if other == c || n == 0 {
			continue
		}
		o := Overlap{Segment: other.seg.Name, Members: n, Share: share(n, c.size), Back: share(n, other.size), Kind: Overlaps}
		switch {
		case n == c.size && n == other.size:
			o.Kind, o.Proved = Equal, x.o.Prover != nil && x.o.Prover.Equal(c.seg, other.seg).Proved()
		case n == c.size:
			o.Kind, o.Proved = Inside, x.o.Prover != nil && x.o.Prover.Implies(c.seg, other.seg).Proved()
		case n == other.size:
			o.Kind, o.Proved = Contains, x.o.Prover != nil && x.o.Prover.Implies(other.seg, c.seg).Proved()
		}
		out = append(out, o)
	}
	slices.SortStableFunc(out, func(a, b Overlap) int { return cmp.Compare(b.alike(), a.alike()) })
	return out
}

// alike is the part of the members of either that is in both.
func (o Overlap) alike() float64 { return o.Share * o.Back / (o.Share + o.Back - o.Share*o.Back) }

func (x *examination) distinct(s *Segment, c *counted) Test {
	if s.Members == 0 {
		return Test{Name: "distinct", Verdict: Unknown, Got: "–", Reason: "nobody is in it"}
	}
	t := test("distinct", true, "alone")
	t.Reason = "it shares no members with another segment"
	if len(s.Overlaps) > 0 {
		near := s.Overlaps[0]
		t.Got, t.Reason = near.got(), near.reason()
		if near.Kind == Equal || near.Share >= MostAlike && near.Back >= MostAlike {
			t.Verdict = Weak
			t.Suggestion = "keep one of the two, or say what sets them apart"
		}
		t.Reason += s.more(near)
	}
	if s.Members == s.Universe {
		t.Verdict, t.Got = Weak, "everyone"
		t.Reason = "every " + s.Entity + " is in it"
		t.Suggestion = "it separates nobody from anybody: narrow it, or take it out"
	}
	before := t.Verdict
	x.expected(&t, c, ir.SubjectOverlap)
	if t.Verdict == Weak && before != Weak {
		t.Suggestion = "leave the other out (`and not in segment …`), or narrow it; wanted is " + wanted(c, "", ir.SubjectOverlap)
	}
	if t.Verdict != Weak {
		t.Suggestion = ""
	}
	return t
}

func (o Overlap) got() string {
	switch o.Kind {
	case Equal:
		return "same as " + o.Segment
	case Inside:
		return "inside " + o.Segment
	case Contains, Overlaps:
	}
	return percent(o.Share) + " in " + o.Segment
}

func (o Overlap) reason() string {
	always := " at this instant"
	if o.Proved {
		always = ", by its definition always"
	}
	switch o.Kind {
	case Equal:
		return "it has the same members as " + o.Segment + always
	case Inside:
		return fmt.Sprintf("all members are in %s%s; they are %s of it", o.Segment, always, percent(o.Back))
	case Contains:
		return fmt.Sprintf("it holds all of %s%s, which is %s of it", o.Segment, always, percent(o.Share))
	case Overlaps:
	}
	return fmt.Sprintf("%s are in %s too, and %s of that are in this", percent(o.Share), o.Segment, percent(o.Back))
}

// more names other segments that are equal to it or hold all of it, the most
// alike first.
func (s *Segment) more(but Overlap) string {
	const most = 3
	var equal, around []string
	for _, o := range s.Overlaps {
		switch {
		case o.Segment == but.Segment:
		case o.Kind == Equal:
			equal = append(equal, o.Segment)
		case o.Kind == Inside:
			around = append(around, o.Segment)
		}
	}
	out := ""
	if len(equal) > 0 {
		out += "; the same as " + some(equal, most)
	}
	if len(around) > 0 {
		out += "; inside " + some(around, most)
	}
	return out
}

// some are the first few of names.
func some(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d others", strings.Join(names[:most], ", "), len(names)-most)
}
