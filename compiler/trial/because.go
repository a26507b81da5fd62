package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/source"
)

// Reason is one condition that decided whether a row is in a segment.
type Reason struct {
	At    source.Span // of the condition
	Text  string      // the condition as its author wrote it, on one line
	Holds bool
	// Value is what the condition compares, where that is one value.
	Value string
}

// String is "✗ count(orders) >= 3: it is 2".
func (r Reason) String() string {
	mark := "✗ "
	if r.Holds {
		mark = "✓ "
	}
	if r.Value != "" {
		return mark + r.Text + ": it is " + r.Value
	}
	return mark + r.Text
}

// Explain says of each failure which conditions decided, where that can be
// told. changes are those before the instant of the failure.
func Explain(k *testform.Case, answers *Answers, failures []*Failure) {
	for _, f := range failures {
		if f.Segment == nil || f.Key.IsMissing() || f.Instant >= len(answers.Instants) {
			continue
		}
		at := k.Instants[f.Instant]
		before := &Answers{Instants: answers.Instants[:f.Instant]}
		x := &explanation{project: *k.Project, at: at, seg: f.Segment, key: f.Key, changes: before.Changes(k)}
		f.Because = x.reasons()
	}
}

// explanation asks about the conditions of one segment for one row.
type explanation struct {
	project ir.Project
	at      *testform.Instant
	seg     *ir.Segment
	key     value.Value
	changes ir.Changes
	result  *ir.Result
	names   map[ir.Expr]string
}

// reasons are those of the segment's condition.
func (x *explanation) reasons() []Reason {
	if !x.ask() {
		return nil
	}
	if !has(x.result.Members(everyone), x.key) {
		return []Reason{{At: x.seg.Entity.At, Text: "the catalog does not count this row of " + x.seg.Entity.Name + " at this instant"}}
	}
	today := x.project.Calendar.DateOf(x.at.AsOf)
	if m := x.seg.Meta; m.ValidFrom != nil && today < *m.ValidFrom || m.ValidUntil != nil && today > *m.ValidUntil {
		return []Reason{{At: x.seg.At, Text: "the segment is not valid on this day"}}
	}
	out := x.decisive(x.seg.Where, x.holds(x.seg.Where))
	const most = 4
	if len(out) > most {
		out = out[:most]
	}
	return out
}

const everyone = " everyone" // a name that no segment has

// ask evaluates every condition of the segment as a segment of its own, and
// every value that one compares as a trait.
func (x *explanation) ask() bool {
	x.names = map[ir.Expr]string{}
	p := x.project
	p.Segments = []*ir.Segment{{Name: everyone, Entity: x.seg.Entity, Where: &ir.And{}}}
	p.Traits = map[string]*ir.TraitDef{}
	add := func(c ir.Expr) {
		name := fmt.Sprintf(" %d", len(x.names))
		x.names[c] = name
		p.Segments = append(p.Segments, &ir.Segment{Name: name, Entity: x.seg.Entity, Where: c})
		if v := Compared(c); v != nil {
			p.Traits[name] = &ir.TraitDef{Name: name, Entity: x.seg.Entity, X: v}
		}
	}
	conditions(x.seg.Where, add)
	var err error
	x.result, err = ir.EvalInput(&p, x.at.AsOf, ir.Input{Data: x.at.Data, Changes: x.changes})
	return err == nil
}

// conditions are the nodes of the tree of and, or and not, and its leaves.
func conditions(c ir.Expr, add func(ir.Expr)) {
	add(c)
	switch c.(type) {
	case *ir.And, *ir.Not, *ir.Or:
		for _, y := range ir.Children(c) {
			conditions(y, add)
		}
	default: // a leaf
	}
}

// Compared is the value that a condition is about; nil when that is not one, or
// is personal.
func Compared(c ir.Expr) ir.Expr {
	var v ir.Expr
	switch c := c.(type) {
	case *ir.Not:
		if c.X.Span() != c.Span() {
			return nil
		}
		return Compared(c.X)
	case *ir.Cmp:
		v = c.L
	case *ir.InRange:
		v = c.X
	case *ir.InSet:
		v = c.X
	case *ir.Rank:
		v = c.Value
	case *ir.TextMatch:
		v = c.X
	default:
		return nil
	}
	if private(v) {
		return nil
	}
	return v
}

// Negated reports whether the text of a condition says `not` itself, as in
// `x not in y`, so that what it says is the contrary of what stands in it. The
// conditions of earlier branches, of which none may hold in a branch of a
// split, do not.
func Negated(where ir.Expr, c *ir.Not) bool {
	and, ok := where.(*ir.And)
	earlier := ok && slices.Contains(and.Xs, ir.Expr(c)) && (c.At.Start < and.At.Start || c.At.End > and.At.End)
	return c.X.Span() == c.Span() && !earlier
}

// private reports whether a value is made of what the catalog marks as
// personal.
func private(v ir.Expr) bool {
	found := false
	ir.Walk(v, func(y ir.Expr) bool {
		if c, ok := y.(*ir.Column); ok && c.Col.PII {
			found = true
		}
		return !found
	})
	return found
}

func (x *explanation) holds(c ir.Expr) bool { return has(x.result.Members(x.names[c]), x.key) }

// decisive are the leaves that make a condition what it is: of a conjunction
// that fails those that fail, of one that holds all; of a disjunction the
// reverse.
func (x *explanation) decisive(c ir.Expr, holds bool) (out []Reason) {
	switch c := c.(type) {
	case *ir.And:
		for _, y := range c.Xs {
			if h := x.holds(y); h == holds {
				out = append(out, x.decisive(y, h)...)
			}
		}
		return out
	case *ir.Not:
		if !Negated(x.seg.Where, c) {
			return x.decisive(c.X, !holds)
		}
	case *ir.Or:
		for _, y := range c.Xs {
			if h := x.holds(y); h == holds {
				out = append(out, x.decisive(y, h)...)
			}
		}
		return out
	default:
	}
	r := Reason{At: c.Span(), Text: oneLine(c.Span().Text()), Holds: holds}
	if v := Compared(c); v != nil {
		if got, err := x.result.Trait(x.names[c], x.key); err == nil {
			r.Value = got.String()
		}
	}
	return []Reason{r}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
