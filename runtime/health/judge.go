package health

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/runtime/member"
)

// judge makes the report of what was counted.
func (x *examination) judge() {
	for _, e := range x.entities {
		for _, c := range e.segments {
			if x.o.Select == nil || slices.Contains(x.o.Select, c.seg.Name) {
				x.report.Segments = append(x.report.Segments, x.segment(e, c))
			}
		}
	}
	slices.SortStableFunc(x.report.Segments, func(a, b Segment) int {
		return cmp.Compare(priority(x.Segment(a.Name)), priority(x.Segment(b.Name)))
	})
	if len(x.Channels) == 0 {
		x.report.Notes = append(x.report.Notes, "accessible is not known: the catalog has no `channels:`, which say how a customer is reached")
	}
	if !x.haveRuns {
		x.report.Notes = append(x.report.Notes, "stable is not known before `segql run` has stored two runs")
	}
	if x.Traits[x.o.Revenue] == nil {
		x.report.Notes = append(x.report.Notes, "revenue is left out: no trait says what a customer is worth; call one `revenue`, or name it with --revenue TRAIT")
	}
}

func priority(s *ir.Segment) int {
	if s.Meta.Priority == 0 {
		return 1 << 30
	}
	return s.Meta.Priority
}

func (x *examination) segment(e *entity, c *counted) Segment {
	s := Segment{Name: c.seg.Name, Title: c.seg.Meta.Title, Entity: e.rel.Name, Members: c.size, Universe: e.universe}
	for _, a := range c.attrs {
		s.Attributes = append(s.Attributes, Attribute{a.name, share(a.known, e.universe)})
	}
	slices.SortStableFunc(s.Attributes, func(a, b Attribute) int { return cmp.Compare(a.Known, b.Known) })
	if e.revenue != nil {
		s.Revenue = &Revenue{Trait: e.revenue.Name, Total: decimal(c.worth)}
		if e.worth.Sign() > 0 {
			s.Revenue.Share, _ = new(big.Rat).Quo(c.worth, e.worth).Float64()
		}
	}
	for i, ch := range e.channels {
		s.Channels = append(s.Channels, Channel{ch.of.Name, share(c.reach[i], c.size), slices.Contains(c.seg.Meta.Channels, ch.of.Name)})
	}
	if t := x.turnover[ref(c)]; t.Before > 0 {
		s.Turnover = &Turnover{t.Runs, share(t.Entered+t.Left, t.Before)}
	}
	s.Overlaps = x.overlaps(e, c)
	s.Tests = []Test{measurable(&s, c), x.substantial(&s, c), x.accessible(&s, c), x.stable(&s, c), x.distinct(&s, c)}
	return s
}

func ref(c *counted) member.Ref { return member.Ref{Segment: c.seg.Name, Entity: c.seg.Entity.Name} }

func share(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

func percent(share float64) string { return fmt.Sprintf("%.1f%%", share*100) }

// decimal is an exact sum of decimals.
func decimal(q *big.Rat) string {
	n, _ := q.FloatPrec()
	return q.FloatString(n)
}

// test names a test and what it got.
func test(name string, good bool, got string) Test {
	v := Weak
	if good {
		v = Good
	}
	return Test{Name: name, Verdict: v, Got: got}
}

func measurable(s *Segment, c *counted) Test {
	known := share(c.known, s.Universe)
	t := test("measurable", known >= LeastKnown, percent(known))
	switch {
	case len(s.Attributes) == 0:
		t.Verdict, t.Got, t.Reason = Good, "all", "the rule reads no attribute of a "+s.Entity
	case s.Universe == 0:
		t.Verdict, t.Got, t.Reason = Unknown, "–", "there is no "+s.Entity
		t.Suggestion = "look at the data that the run reads"
	default:
		var parts []string
		for _, a := range s.Attributes {
			if a.Known < 1 {
				parts = append(parts, a.Name+" of "+percent(a.Known))
			}
		}
		t.Reason = "all that the rule reads is known of " + percent(known) + " of all"
		if len(parts) > 0 && (len(parts) > 1 || t.Verdict == Weak) {
			t.Reason += ": " + strings.Join(parts[:min(3, len(parts))], ", ")
		}
	}
	if t.Verdict == Weak {
		t.Suggestion = "say what becomes of those without " + s.Attributes[0].Name + " (`" + s.Attributes[0].Name + " is missing`), or ask for it; wanted is " + percent(LeastKnown)
	}
	return t
}

func (x *examination) substantial(s *Segment, c *counted) Test {
	part := share(s.Members, s.Universe)
	t := test("substantial", part >= LeastSize, fmt.Sprintf("%d (%s)", s.Members, percent(part)))
	t.Reason = fmt.Sprintf("%d of %d are in it, %s", s.Members, s.Universe, percent(part))
	if s.Revenue != nil {
		t.Reason += fmt.Sprintf("; they have %s of all %s", percent(s.Revenue.Share), s.Revenue.Trait)
		if s.Revenue.Share >= LeastSize {
			t.Verdict = Good
		}
	}
	x.expected(&t, c, ir.SubjectSize)
	switch {
	case t.Verdict != Weak:
	case s.Members == 0:
		t.Suggestion = "nobody is in it at this instant: see whether the rule says what is meant, or take it out"
	case random(c.seg):
		t.Suggestion = "take a larger share, or divide a larger segment; wanted is " + wanted(c, percent(LeastSize), ir.SubjectSize)
	default:
		t.Suggestion = "loosen a threshold, or join it with a segment like it; wanted is " + wanted(c, percent(LeastSize), ir.SubjectSize)
	}
	return t
}

// random reports whether a segment is a part that chance decides, as the groups
// of a holdout are.
func random(s *ir.Segment) bool {
	found := false
	ir.Walk(s.Where, func(x ir.Expr) bool {
		_, sample := x.(*ir.Sample)
		found = found || sample
		return !found
	})
	return found
}

func (x *examination) accessible(s *Segment, c *counted) Test {
	t := Test{Name: "accessible", Verdict: Unknown, Got: "–"}
	switch {
	case len(s.Channels) == 0:
		t.Reason = "the catalog says no way to reach a " + s.Entity
		t.Suggestion = "write `channels:` in catalog.yaml, with the condition for each"
		return t
	case s.Members == 0:
		t.Reason = "nobody is in it"
		return t
	}
	usable := slices.Clone(s.Channels)
	if slices.ContainsFunc(usable, func(ch Channel) bool { return ch.Own }) {
		usable = slices.DeleteFunc(usable, func(ch Channel) bool { return !ch.Own })
	}
	slices.SortStableFunc(usable, func(a, b Channel) int { return cmp.Compare(b.Reach, a.Reach) })
	t = test("accessible", usable[0].Reach >= LeastReach, usable[0].Name+" "+percent(usable[0].Reach))
	var parts []string
	for _, ch := range usable {
		parts = append(parts, ch.Name+" reaches "+percent(ch.Reach))
	}
	t.Reason = strings.Join(parts, ", ")
	x.expected(&t, c, ir.SubjectReachable)
	if t.Verdict == Weak {
		t.Suggestion = "collect what the channel needs of those without"
		for _, ch := range s.Channels {
			if ch.Reach >= LeastReach && !slices.Contains(usable, ch) {
				t.Suggestion = fmt.Sprintf("use %s too, which reaches %s of them", ch.Name, percent(ch.Reach))
			}
		}
		t.Suggestion += "; wanted is " + wanted(c, percent(LeastReach), ir.SubjectReachable)
	}
	return t
}

func (x *examination) stable(s *Segment, c *counted) Test {
	if s.Turnover == nil {
		t := Test{Name: "stable", Verdict: Unknown, Got: "–", Reason: "there are no two stored runs of this rule to compare", Suggestion: "`segql run` stores one each time"}
		if run := x.turnover[ref(c)]; run.Runs > 0 {
			t.Reason, t.Suggestion = "nobody was in it in the runs before", ""
		}
		return t
	}
	t := test("stable", s.Turnover.Share <= MostTurnover, percent(s.Turnover.Share))
	t.Reason = fmt.Sprintf("%s entered or left from run to run, over %d of them", percent(s.Turnover.Share), s.Turnover.Runs)
	if s.Turnover.Runs == 1 {
		t.Reason = percent(s.Turnover.Share) + " entered or left since the run before"
	}
	x.expected(&t, c, ir.SubjectTurnover)
	if t.Verdict == Weak {
		t.Suggestion = "look at a longer window; of a segment that is meant to move, say so with `expect turnover <= …`; wanted is " +
			wanted(c, "at most "+percent(MostTurnover), ir.SubjectTurnover)
	}
	return t
}

// expected lets the segment's own checks of a subject decide.
func (x *examination) expected(t *Test, c *counted, of ir.Subject) {
	e := x.entityOf(c)
	n := ir.Counts{Members: c.size, Universe: e.universe}
	if run := x.turnover[ref(c)]; run.Runs > 0 {
		n.Before = &ir.Before{Members: run.Before, Entered: run.Entered, Left: run.Left}
	}
	decided := false
	for i, line := range c.seg.Expects {
		if line.Subject != of {
			continue
		}
		n.Holding = c.holding[i]
		v := line.Judge(n)
		switch {
		case v.Skipped:
		case !v.Passed:
			t.Verdict, decided = Weak, true
		case !decided:
			t.Verdict, decided = Good, true
		}
	}
}

func (x *examination) entityOf(c *counted) *entity {
	for _, e := range x.entities {
		if e.rel == c.seg.Entity {
			return e
		}
	}
	panic("health: no entity " + c.seg.Entity.Name)
}

// wanted is the general threshold, or what the segment expects of itself.
func wanted(c *counted, general string, of ir.Subject) string {
	var own []string
	for _, line := range c.seg.Expects {
		if line.Subject == of {
			own = append(own, "`"+line.Text+"`")
		}
	}
	if len(own) > 0 {
		return strings.Join(own, " and ")
	}
	return general
}
