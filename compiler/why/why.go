// Package why explains why a row is in a segment, or why not:
//
//	x, err := why.Explain(why.Question{Project: p, Segment: s, Key: key, AsOf: asOf, Input: rows})
//	x.In                  // what ir.Eval says
//	x.Conditions          // each condition with what it saw
//	x.Changes             // the smallest changes that would turn the answer
//	x.Time                // when time alone will turn it
//
// There is no second meaning here: every truth and every value is one that the
// evaluator of package ir gives. What would change the answer is found by
// trying: a change is only told when the evaluator, asked again with it, gives
// the other answer, and an instant only when it gives one answer just before
// and the other from then on.
//
// Personal data (columns marked `pii`, and what is worked out from them) is
// left out of an explanation unless Question.ShowPII asks for it.
package why

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/source"
)

// Question asks about one row of a segment's entity.
type Question struct {
	Project *ir.Project
	Segment *ir.Segment
	Key     value.Value
	AsOf    int64 // microseconds since 1970
	// Input holds the row and whatever it leads to. Where it does not hold
	// everybody, Input.Everyone answers for ranks and the like; see Cuts.
	Input ir.Input
	// Position is the place of the row in a rank (1 the best, or the worst of
	// `in bottom`) among n, where Input does not hold everybody; may be nil.
	Position func(r *ir.Rank) (at, n int64, ok bool)
	ShowPII  bool
	// Brief leaves Changes and Time out: they take many evaluations.
	Brief bool
}

// Explanation is the answer, without anything that only this package knows:
// it can be written as JSON as it is.
type Explanation struct {
	Segment string `json:"segment"`
	Title   string `json:"title,omitempty"`
	Entity  string `json:"entity"`
	Key     string `json:"key"`
	AsOf    string `json:"as_of"` // RFC 3339, in the project's zone
	Moment  string `json:"-"`     // the same as people read it
	Zone    string `json:"timezone"`
	In      bool   `json:"in"`
	// Exists: there is such a row as of the instant. One that is not there is
	// in no segment, and Absent says why.
	Exists bool   `json:"exists"`
	Absent string `json:"absent,omitempty"`
	// Invalid says that the instant is outside the segment's validity.
	Invalid    string   `json:"invalid,omitempty"`
	Branch     *Branch  `json:"branch,omitempty"`
	Rule       Rule     `json:"rule"`
	Conditions *Node    `json:"conditions,omitempty"`
	Changes    []Change `json:"changes,omitempty"`
	Time       *Turn    `json:"time,omitempty"`
	Notes      []string `json:"notes,omitempty"`
}

// Rule is the condition as it was written.
type Rule struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Text string `json:"text"` // whole lines, the common indentation taken away
}

// Branch says which branch of the segment's split has the row.
type Branch struct {
	Split string `json:"split"`
	Taken string `json:"taken,omitempty"` // full name of the branch; none of a split of a segment
	Title string `json:"title,omitempty"`
	First bool   `json:"first,omitempty"` // it stands before the branch that was asked about
}

// Kind is what a Node is.
type Kind string

// Kinds of nodes.
const (
	All       Kind = "all"       // holds when all of Of do
	Any       Kind = "any"       // holds when one of Of does
	Not       Kind = "not"       // holds when Of does not
	Segment   Kind = "segment"   // Of is the rule of another segment
	Before    Kind = "before"    // an earlier branch, which does not have the row; Of is its condition
	Otherwise Kind = "otherwise" // the last branch of a split
	Condition Kind = "condition"
)

// Node is a condition of the rule and what it saw.
type Node struct {
	Kind  Kind   `json:"kind"`
	Text  string `json:"text"`           // as written, on one line
	Name  string `json:"name,omitempty"` // Segment, Before: whose rule Of is
	File  string `json:"file,omitempty"`
	Line  int    `json:"line,omitempty"`
	Holds bool   `json:"holds"`
	// Decides: if it alone were otherwise, so would the answer be.
	Decides bool `json:"decides,omitempty"`
	// Counts: it has its part in the answer. Of conditions joined by `and` that
	// fail, those that hold have none.
	Counts bool     `json:"counts"`
	Saw    []Seen   `json:"saw,omitempty"`
	Facts  []*Facts `json:"facts,omitempty"`
	// Missing says plainly what a missing value did.
	Missing string `json:"missing,omitempty"`
	// Distance is how far off a condition is that does not hold.
	Distance string  `json:"distance,omitempty"`
	Says     string  `json:"says,omitempty"` // ranks, samples, history: one sentence
	Of       []*Node `json:"of,omitempty"`

	Expr ir.Expr     `json:"-"`
	Span source.Span `json:"-"`

	row ir.Row
}

// Seen is a value that a condition looked at.
type Seen struct {
	Text   string `json:"text"`            // the expression
	Value  string `json:"value,omitempty"` // as people read it; none when Hidden
	Means  string `json:"means,omitempty"` // of a trait its definition
	Hidden bool   `json:"hidden,omitempty"`
	// Missing: there is no value.
	Missing bool `json:"missing,omitempty"`
}

// Facts are the rows that an aggregate is of.
type Facts struct {
	Fact   string `json:"fact"`
	Text   string `json:"text"`
	Window string `json:"window,omitempty"` // as instants
	Period bool   `json:"period,omitempty"` // one of the periods of a rhythm
	Count  int    `json:"count"`
	Rows   []Fact `json:"rows,omitempty"` // the latest few
	// Out are rows that nearly counted, by what kept them out.
	Out []LeftOut `json:"left_out,omitempty"`

	counted []ir.Row
	agg     *ir.Agg
	at      ir.Row
}

// Fact is one row of a fact.
type Fact struct {
	Fact   string `json:"fact"`
	Key    string `json:"key,omitempty"`
	At     string `json:"at,omitempty"`
	Values []Seen `json:"values,omitempty"`
	// Then are the rows of a sequence that follow it.
	Then []Fact `json:"then,omitempty"`
}

// LeftOut counts rows that a window or a condition kept out.
type LeftOut struct {
	By      string `json:"by"` // the window or condition
	Window  bool   `json:"window,omitempty"`
	Count   int    `json:"count"`
	Nearest Fact   `json:"nearest"`
}

// failed carries an error of the evaluator through the builder.
type failed struct{ error }

func must[T any](v T, err error) T {
	if err != nil {
		panic(failed{err})
	}
	return v
}

// Explain answers a question. The error is one of the evaluator: an overflow,
// or two rows of one key.
func Explain(q Question) (x *Explanation, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(failed)
			if !ok {
				panic(r)
			}
			x, err = nil, f.error
		}
	}()
	b := newBuilder(&q, q.AsOf, q.Input)
	return b.explain(), nil
}

// builder makes the explanation as of one instant.
type builder struct {
	q    *Question
	asOf int64
	in   ir.Input
	ev   *ir.Evaluator
	root ir.Row
}

func newBuilder(q *Question, asOf int64, in ir.Input) *builder {
	b := &builder{q: q, asOf: asOf, in: in, ev: ir.NewEvaluator(q.Project, asOf, in)}
	b.root = must(b.ev.Find(q.Segment.Entity, q.Key))
	return b
}

func (b *builder) explain() *Explanation {
	s := b.q.Segment
	x := &Explanation{Segment: s.Name, Title: s.Meta.Title, Entity: s.Entity.Name, AsOf: b.instant(b.asOf), Moment: second(b.q.Project.Calendar, b.asOf), Zone: b.q.Project.Zone, Rule: ruleOf(s)}
	x.Key = value.Key(b.q.Key)
	if s.Entity.Key.PII && !b.q.ShowPII {
		x.Key = hidden
	}
	today := b.q.Project.Calendar.DateOf(b.asOf)
	if !s.ValidOn(today) {
		x.Invalid = validity(s, today)
	}
	if b.root.IsZero() {
		x.Absent = b.absent()
	} else {
		x.Exists = true
		x.In = must(b.ev.Member(b.root, s))
		x.Conditions = b.rule(s)
		x.Conditions.mark(x.Conditions.Holds, true, x.Invalid == "")
		x.Branch = b.branchOf(s)
		x.Notes = b.notes()
	}
	if !b.q.Brief {
		if x.Exists && x.Invalid == "" {
			x.Changes = b.changes(x.Conditions)
		}
		x.Time = b.turn(x)
	}
	return x
}

// mark says which nodes have their part in the answer, and which decide it.
func (n *Node) mark(root, counts, decides bool) {
	n.Counts, n.Decides = counts, decides
	against := 0 // children that alone make it what it is
	for _, c := range n.Of {
		if n.Kind == Any && c.Holds || n.Kind != Any && !c.Holds {
			against++
		}
	}
	for _, c := range n.Of {
		switch n.Kind {
		case All, Segment:
			c.mark(root, counts && (n.inner() || !c.Holds), decides && (n.inner() || against == 1 && !c.Holds))
		case Any:
			c.mark(root, counts && (!n.Holds || c.Holds), decides && (!n.Holds || against == 1 && c.Holds))
		case Before, Condition, Not, Otherwise:
			c.mark(root, counts, decides)
		}
	}
}

// inner is the truth of what the children of All or Segment say; a segment may
// stand behind a `not`.
func (n *Node) inner() bool {
	if n.Kind == Segment {
		return true // of its one child everything counts
	}
	return n.Holds
}

// notes are what a reader must know of how the answer was found.
func (b *builder) notes() []string {
	var out []string
	if b.in.Everyone != nil && b.usesPopulation() {
		out = append(out, "ranks and values of everyone are as of this instant; the changes and times told here leave everybody else as they are")
	}
	return out
}

func validity(s *ir.Segment, today int64) string {
	switch {
	case s.Meta.ValidFrom != nil && today < *s.Meta.ValidFrom:
		return "valid_from is " + date(*s.Meta.ValidFrom) + ": before it the segment is empty"
	default:
		return "valid_until is " + date(*s.Meta.ValidUntil) + ": after it the segment is empty"
	}
}

// ruleOf gives the lines of the rule, as they are written.
func ruleOf(s *ir.Segment) Rule {
	span := s.Where.Span()
	if span.IsZero() {
		span = s.At
	}
	if span.IsZero() {
		return Rule{}
	}
	f := span.File
	first, last := span.Pos().Line, f.Position(max(span.Start, span.End-1)).Line
	// The word before the rule, `where`, may stand on the line above.
	if line := strings.TrimSpace(f.Line(first)); first > 1 && !strings.HasPrefix(line, "where") {
		if above := strings.TrimSpace(f.Line(first - 1)); above == "where" || above == "where:" {
			first--
		}
	}
	var lines []string
	for n := first; n <= last; n++ {
		lines = append(lines, strings.TrimRight(f.Line(n), " \t"))
	}
	return Rule{File: f.Name, Line: first, Text: dedent(lines)}
}

func dedent(lines []string) string {
	indent := -1
	for _, l := range lines {
		if n := len(l) - len(strings.TrimLeft(l, " ")); l != "" && (indent < 0 || n < indent) {
			indent = n
		}
	}
	for i, l := range lines {
		lines[i] = l[min(max(indent, 0), len(l)):]
	}
	return strings.Join(lines, "\n")
}

// branches are the segments of a split, in the order in which they stand.
func (b *builder) branches(split string) []*ir.Segment {
	var out []*ir.Segment
	for _, s := range b.q.Project.Segments {
		if s.Split == split {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, c *ir.Segment) int { return a.At.Start - c.At.Start })
	return out
}

// branchOf finds the branch of the segment's split that has the row.
func (b *builder) branchOf(s *ir.Segment) *Branch {
	if s.Split == "" {
		return nil
	}
	out := &Branch{Split: s.Split}
	before := true
	for _, other := range b.branches(s.Split) {
		before = before && other != s
		if must(b.ev.Member(b.root, other)) {
			out.Taken, out.Title, out.First = other.Name, other.Meta.Title, before
			break
		}
	}
	return out
}

// absent says why there is no row with the key.
func (b *builder) absent() string {
	e := b.q.Segment.Entity
	shown := value.Key(b.q.Key)
	if e.Key.PII && !b.q.ShowPII {
		shown = hidden
	}
	for _, r := range must(b.ev.Candidates(e)) {
		if !value.Equal(must(b.ev.Column(r, e.Key)), b.q.Key) {
			continue
		}
		if e.Where != nil && !must(b.ev.Value(r, e.Where)).True() {
			return fmt.Sprintf("%s %s does not pass the catalog's `where: %s`", e.Name, shown, oneLine(e.Where.Span()))
		}
		return fmt.Sprintf("%s %s does not count as of this instant: see `exists` and `known_at` of %s in the catalog", e.Name, shown, e.Name)
	}
	return fmt.Sprintf("there is no %s %s", e.Name, shown)
}

func (b *builder) instant(micros int64) string {
	return time.UnixMicro(micros).In(b.q.Project.Calendar.Loc).Format(time.RFC3339Nano)
}
