package ir

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/source"
)

// Subject is what a check measures.
type Subject string

// Subjects. Share, Overlap and Reachable are one measure: the share of the
// members for whom a condition holds.
const (
	SubjectSize      Subject = "size"
	SubjectShare     Subject = "share"
	SubjectOverlap   Subject = "overlap"   // the condition is membership of another segment
	SubjectReachable Subject = "reachable" // the condition is that of a channel
	SubjectTurnover  Subject = "turnover"
)

// Expect is one check on the members of a segment.
type Expect struct {
	Subject Subject
	Cond    Expr   // what is counted among the members; nil for size and turnover
	Op      string // = != < <= > >= between
	Lo, Hi  Quantity
	At      source.Span
	Text    string
}

// Quantity is a number or a percentage.
type Quantity struct {
	V       value.Value // 500, or 0.80 for 80%
	Percent bool
}

// Channel is a way to reach a row of an entity, and the condition for it.
type Channel struct {
	Name   string
	Entity *Relation
	Cond   Expr
}

// Counts are what a run has counted of a segment, as far as a check asks.
type Counts struct {
	Members, Universe int64
	Holding           int64   // members for whom Expect.Cond holds
	Before            *Before // nil: no complete run of an earlier instant has computed the segment
}

// Before is a segment in the last complete run of an earlier instant that
// computed it, and who has entered and left since.
type Before struct{ Members, Entered, Left int64 }

// Verdict is how a check went. A check that is skipped has passed.
type Verdict struct {
	Passed, Skipped bool
	Got             string // "512", "78.4%", or why there is nothing to compare
}

// What a Verdict has got where there is no share.
const (
	GotNobody    = "no members"
	GotNobodyYet = "no members before"
	GotFirstRun  = "no earlier run"
)

// Judge compares what was counted with what is expected. Shares are compared
// exactly; only what is shown is rounded.
func (e Expect) Judge(n Counts) Verdict {
	got, of := n.Members, int64(1)
	switch e.Subject {
	case SubjectSize:
		if e.Lo.Percent {
			of = n.Universe
		}
	case SubjectShare, SubjectOverlap, SubjectReachable:
		got, of = n.Holding, n.Members
	case SubjectTurnover:
		switch {
		case n.Members == 0: // as the others, below
			of = 0
		case n.Before == nil:
			return Verdict{Passed: true, Skipped: true, Got: GotFirstRun}
		case n.Before.Members == 0:
			return Verdict{Got: GotNobodyYet}
		default:
			got, of = n.Before.Entered+n.Before.Left, n.Before.Members
		}
	default:
		panic("ir: unknown subject " + string(e.Subject))
	}
	if of == 0 {
		if e.Subject != SubjectSize {
			return Verdict{Got: GotNobody} // on an empty segment all but size fail
		}
		got, of = 0, 1
	}
	q := big.NewRat(got, of)
	return Verdict{Passed: e.holds(q), Got: e.shown(q)}
}

func (e Expect) shown(q *big.Rat) string {
	if e.Subject == SubjectSize && !e.Lo.Percent {
		return q.RatString()
	}
	share, _ := q.Float64()
	return fmt.Sprintf("%.1f%%", share*100)
}

func (e Expect) holds(got *big.Rat) bool {
	cmp := func(q Quantity) int {
		bound, _ := new(big.Rat).SetString(q.V.String())
		return got.Cmp(bound)
	}
	c := cmp(e.Lo)
	switch e.Op {
	case "=":
		return c == 0
	case "!=":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	case ">=":
		return c >= 0
	case "between":
		return c >= 0 && cmp(e.Hi) <= 0
	default:
		panic("ir: unknown comparison " + e.Op)
	}
}

// Checks are the verdicts on the checks of a segment, in the order written.
func (r *Result) Checks(segment string) (out []Verdict, err error) {
	s := r.e.project.Segment(segment)
	if s == nil {
		return nil, fmt.Errorf("there is no segment %q", segment)
	}
	err = r.e.try(func() {
		members := r.e.members(s)
		n := Counts{Members: int64(len(members)), Universe: int64(len(r.e.rowsOf(s.Entity))), Before: r.e.before(s)}
		for _, x := range s.Expects {
			n.Holding = 0
			for at := range members {
				if x.Cond != nil && r.e.holds(at, r.e.form(x.Cond)) {
					n.Holding++
				}
			}
			out = append(out, x.Judge(n))
		}
	})
	return out, err
}

// before compares the members of a segment with those that earlier runs have
// stored. Who entered as often as it left is not among them, whatever the
// order of runs of one instant.
func (e *evaluation) before(s *Segment) *Before {
	if !slices.ContainsFunc(e.runs[s], func(at int64) bool { return at < e.asOf }) {
		return nil
	}
	stored := map[string]int{}
	for _, c := range e.changes[s] {
		switch {
		case c.At >= e.asOf:
		case c.Left:
			stored[c.Key]--
		default:
			stored[c.Key]++
		}
	}
	b := &Before{}
	for at := range e.members(s) {
		key := value.Key(e.column(at, s.Entity.Key))
		if stored[key] == 0 {
			b.Entered++
			continue
		}
		b.Members++
		delete(stored, key)
	}
	for _, n := range stored {
		b.Left += int64(n)
	}
	b.Members += b.Left
	return b
}
