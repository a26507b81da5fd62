// Package health holds the segments of a project against the five tests that
// marketing practice has for a good one: measurable, substantial, accessible,
// stable, distinct.
//
// All segments are counted together: one plan, one pass over the memberships
// of an entity for how segments overlap, and few queries for all the rest,
// however many segments there are.
//
// What a segment says of itself goes first: where it has an `expect` line for
// what a test measures, that line decides, and the general threshold does not.
package health

import (
	"context"
	"errors"
	"math/big"
	"slices"
	"time"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/prove"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/member"
)

// Thresholds that decide where a segment expects nothing of itself, as shares
// from 0 to 1.
const (
	LeastKnown   = 0.80 // measurable: of all rows, those that are known
	LeastSize    = 0.01 // substantial: members of all rows, or their revenue of all
	LeastReach   = 0.50 // accessible: of the members, on one channel
	MostTurnover = 0.20 // stable: from run to run
	MostAlike    = 0.90 // distinct: of the members, and of those of the other
	LastRuns     = 10   // stable looks at so many
)

// Options of Examine.
type Options struct {
	AsOf     int64 // microseconds since 1970
	AsOfFrom string
	Select   []string // segments to report; nil: all. All are compared with
	Store    string   // path; "" where there is none
	Revenue  string   // trait of what a row is worth; one of that name counts for each entity that has it
	Prover   Prover   // tells what holds always from what holds now; may be nil
	Progress func(doing string, done, total int)
}

// Prover is a *prove.Prover.
type Prover interface {
	Equal(a, b *ir.Segment) prove.Answer
	Implies(a, b *ir.Segment) prove.Answer
}

// Report is the health of the segments of a project.
type Report struct {
	AsOf     time.Time `json:"as_of"`
	AsOfFrom string    `json:"as_of_from"` // given, catalog, now
	Zone     string    `json:"timezone"`
	Segments []Segment `json:"segments"`
	// Notes are what the whole project lacks.
	Notes []string `json:"notes,omitempty"`
}

// Weak counts the segments with a test that did not go well.
func (r *Report) Weak() int {
	n := 0
	for _, s := range r.Segments {
		if slices.ContainsFunc(s.Tests, func(t Test) bool { return t.Verdict == Weak }) {
			n++
		}
	}
	return n
}

// Segment is one segment with the five tests, in their order, and what was
// measured for them.
type Segment struct {
	Name       string      `json:"name"`
	Title      string      `json:"title,omitempty"`
	Entity     string      `json:"entity"`
	Members    int64       `json:"members"`
	Universe   int64       `json:"universe"`
	Tests      []Test      `json:"tests"`
	Attributes []Attribute `json:"attributes,omitempty"` // that its rule reads, the least known first
	Revenue    *Revenue    `json:"revenue,omitempty"`
	Channels   []Channel   `json:"channels,omitempty"` // of the catalog
	Turnover   *Turnover   `json:"turnover,omitempty"`
	Overlaps   []Overlap   `json:"overlaps,omitempty"` // with whom members are shared, the most alike first
}

// Verdict is how a test went.
type Verdict string

// Verdicts. Unknown is for want of something to measure with.
const (
	Good    Verdict = "good"
	Weak    Verdict = "weak"
	Unknown Verdict = "unknown"
)

// Test is one of the five.
type Test struct {
	Name       string  `json:"test"`
	Verdict    Verdict `json:"verdict"`
	Got        string  `json:"got"` // in few words
	Reason     string  `json:"reason"`
	Suggestion string  `json:"suggestion,omitempty"` // of Weak and Unknown
}

// Attribute is one that a rule reads, and the share of all rows that have it.
type Attribute struct {
	Name  string  `json:"name"` // of another row by the way there: company.industry
	Known float64 `json:"known"`
}

// Revenue is what the members are worth.
type Revenue struct {
	Trait string  `json:"trait"`
	Total string  `json:"total"` // exact
	Share float64 `json:"share"` // of that of all rows
}

// Channel is the share of members that a channel reaches.
type Channel struct {
	Name  string  `json:"channel"`
	Reach float64 `json:"reachable"`
	Own   bool    `json:"own,omitempty"` // one of the segment's own
}

// Turnover is the share of members that changed, from run to run.
type Turnover struct {
	Runs  int     `json:"runs"`
	Share float64 `json:"share"`
}

// Kind says how two segments lie to each other.
type Kind string

// Kinds of overlap.
const (
	Overlaps Kind = "overlaps"
	Inside   Kind = "inside"   // all members are in the other
	Contains Kind = "contains" // all members of the other are in this one
	Equal    Kind = "equal"
)

// Overlap is what a segment shares with another.
type Overlap struct {
	Segment string  `json:"segment"`
	Members int64   `json:"members"` // that are in both
	Share   float64 `json:"share"`   // of this segment's members
	Back    float64 `json:"back"`    // of the other's members
	Kind    Kind    `json:"kind"`
	Proved  bool    `json:"proved,omitempty"` // the kind follows from the definitions
}

// Examine computes all segments of a project, stores nothing, and tells how
// good they are.
func Examine(ctx context.Context, p *runtime.Project, o Options) (*Report, error) {
	x := &examination{Project: p, o: o,
		report: &Report{AsOf: time.UnixMicro(o.AsOf).UTC(), AsOfFrom: o.AsOfFrom, Zone: p.Zone}}
	x.ask()
	pl, err := p.Plan(o.AsOf, plan.Options{Asks: x.asks})
	if err != nil {
		return nil, err
	}
	if x.report.Notes, err = p.Compute(ctx, pl, o.Progress); err != nil {
		return nil, err
	}
	if err := x.stored(ctx); err != nil {
		return nil, err
	}
	for _, e := range x.entities {
		if err := x.count(ctx, pl, e); err != nil {
			return nil, err
		}
	}
	x.judge()
	return x.report, nil
}

type examination struct {
	*runtime.Project
	o        Options
	report   *Report
	asks     []plan.Ask
	entities []*entity
	turnover map[member.Ref]member.Turnover
	haveRuns bool
}

// entity is one kind of members and what is counted of them.
type entity struct {
	rel      *ir.Relation
	segments []*counted
	attrs    []*attribute
	channels []*channel
	revenue  *ir.TraitDef // nil: none
	worthAsk int
	universe int64
	worth    *big.Rat // of all rows
	both     [][]int64
}

// counted is one segment.
type counted struct {
	seg     *ir.Segment
	at      int // among the entity's
	attrs   []*attribute
	size    int64
	known   int64   // of all rows, those of whom all that the rule reads is known
	reach   []int64 // by channel
	worth   *big.Rat
	holding []int64 // by expect line
	expects []int   // asks of these lines; -1: none
}

type attribute struct {
	name  string
	ask   int
	known int64
}

type channel struct {
	of  *ir.Channel
	ask int
}

// stored reads what earlier runs have kept.
func (x *examination) stored(ctx context.Context) (err error) {
	if x.o.Store == "" {
		return nil
	}
	store, err := member.Open(ctx, x.Session, x.o.Store, member.Read, "")
	var p *duckdb.Problem
	switch {
	case errors.As(err, &p) && p.Kind == duckdb.StoreMissing:
		return nil
	case err != nil:
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	x.haveRuns = true
	x.turnover, err = store.Turnovers(ctx, time.UnixMicro(x.o.AsOf), LastRuns)
	return err
}
