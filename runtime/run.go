package runtime

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/member"
)

// RunOptions of one run. AsOf is in microseconds since 1970; Now is the
// caller's clock, for the run's own record.
type RunOptions struct {
	AsOf     int64
	AsOfFrom string
	Now      func() time.Time
	Select   []string // segments; nil: all
	Version  string   // of segql, kept with the run
	// Strategy is how features are computed in DuckDB.
	Strategy duckdb.Strategy
	// TimeLimit bounds what DuckDB computes for some segments and not for all.
	// One that takes longer keeps the members it had; 0: there is no limit.
	TimeLimit time.Duration
	// Full goes over all facts, also over those that earlier runs have seen.
	Full bool
	// Progress is told what is being done, with done of total steps.
	Progress func(doing string, done, total int)
	// Before is told, before anything is computed, how long the last run of as
	// many segments took, where the store knows one.
	Before func(took time.Duration)
}

// Run computes every segment and stores the memberships in one transaction.
// Expectations that fail are in the report, not an error.
func (p *Project) Run(ctx context.Context, o RunOptions) (*Report, error) {
	r := &run{Project: p, o: o, report: &Report{RunID: member.NewID(o.Now()), AsOf: time.UnixMicro(o.AsOf), AsOfFrom: o.AsOfFrom, Zone: p.Zone}}
	r.started = o.Now()
	unlock, err := r.reserve(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"plan", r.makePlan}, {"history", r.history}, {"compute", r.compute}, {"check rows", r.audit}, {"members", r.members}, {"expectations", r.expectations}, {"store", r.store},
	}
	for _, s := range steps {
		began := o.Now()
		if err := s.do(ctx); err != nil {
			return nil, err
		}
		r.report.Phases = append(r.report.Phases, Phase{s.name, o.Now().Sub(began)})
	}
	sort.SliceStable(r.report.Segments, func(i, j int) bool {
		return priority(r.Segment(r.report.Segments[i].Name)) < priority(r.Segment(r.report.Segments[j].Name))
	})
	return r.report, nil
}

type run struct {
	*Project
	o       RunOptions
	report  *Report
	plan    *plan.Plan
	started time.Time
	repeats []repeat
	stale   map[string]bool // plan columns that took too long
}

func (r *run) progress(doing string, done, total int) {
	if r.o.Progress != nil {
		r.o.Progress(doing, done, total)
	}
}

func (r *run) selected() []*ir.Segment {
	if r.o.Select == nil {
		return r.Segments
	}
	var out []*ir.Segment
	for _, name := range r.o.Select {
		if s := r.Segment(name); s != nil {
			out = append(out, s)
		}
	}
	return out
}

// computed are the selected segments but those that took too long.
func (r *run) computed() []*ir.Segment {
	var out []*ir.Segment
	for _, s := range r.selected() {
		if !r.stale[s.Name] {
			out = append(out, s)
		}
	}
	return out
}

// noteStale says whose members stay as they were.
func (r *run) noteStale(columns []string) {
	r.stale = map[string]bool{}
	for _, name := range columns {
		r.stale[name] = true
		if r.Segment(name) != nil {
			r.report.Stale = append(r.report.Stale, name)
		}
	}
	if n := len(r.report.Stale); n > 0 {
		r.report.Notes = append(r.report.Notes, fmt.Sprintf("not computed within %s, with the members of earlier runs: %s; give more time with --segment-timeout, or see what is dear with `segql lint`",
			r.o.TimeLimit, strings.Join(r.report.Stale, ", ")))
	}
}

func (r *run) makePlan(context.Context) error {
	r.progress("plan", 0, 1)
	o := plan.Options{Segments: []string{}}
	for _, s := range r.selected() {
		o.Segments = append(o.Segments, s.Name)
		o.Asks = append(o.Asks, asks(s)...)
	}
	if engine, ok := r.Engine.(*duckdb.Engine); ok {
		o.Sets, engine.Strategy, engine.TimeLimit, engine.Keeping = true, r.o.Strategy, r.o.TimeLimit, r.keeping()
	}
	var err error
	r.plan, err = r.Plan(r.o.AsOf, o)
	return err
}

// keeping is where features are kept for the next run: beside the store.
func (r *run) keeping() duckdb.Keeping {
	if r.opt.NoStore || r.opt.ReadOnly {
		return duckdb.Keeping{}
	}
	return duckdb.Keeping{Path: r.opt.StorePath() + ".features", Afresh: r.o.Full}
}

// keep does so after the run is stored; to go without costs time in the next
// run, and is no reason to fail.
func (r *run) keep() {
	engine, ok := r.Engine.(*duckdb.Engine)
	if !ok {
		return
	}
	if f := engine.Followed(); f.Programs > 0 {
		r.report.Reused = &Reused{Facts: f.Programs, Owners: f.Owners, Again: f.Again}
	}
	if r.report.Historical || r.o.Select != nil || len(r.stale) > 0 {
		return
	}
	if err := engine.Keep(); err != nil {
		r.report.Notes = append(r.report.Notes, fmt.Sprintf("the next run will go over all facts again: %v", err))
	}
}

// Compute computes the tables of a plan of the project, which stand in the
// engine until the next Compute or Run, and stores nothing. progress may be
// nil. notes are facts a reader should know, such as how far history reaches.
func (p *Project) Compute(ctx context.Context, pl *plan.Plan, progress func(doing string, done, total int)) (notes []string, err error) {
	r := &run{Project: p, o: RunOptions{AsOf: pl.AsOf, Progress: progress}, report: &Report{}, plan: pl}
	if engine, ok := p.Engine.(*duckdb.Engine); ok {
		engine.Keeping = duckdb.Keeping{}
	}
	if err := r.history(ctx); err != nil {
		return nil, err
	}
	return r.report.Notes, r.compute(ctx)
}

func (r *run) compute(ctx context.Context) error {
	if last := r.ran; last != nil {
		if err := r.Engine.Drop(ctx, last); err != nil {
			return err
		}
	}
	r.ran, r.found = r.plan, nil
	err := r.Engine.Execute(ctx, r.plan, func(n, of int, s sql.Statement) { r.progress(s.Comment, n, of) })
	if err != nil {
		return err
	}
	return r.keys(ctx)
}

// members reads who is in what, and counts.
func (r *run) members(ctx context.Context) (err error) {
	r.progress("gather members", 0, 1)
	if r.found, err = r.Engine.Memberships(ctx, r.plan); err != nil {
		return err
	}
	if engine, ok := r.Engine.(*duckdb.Engine); ok {
		r.noteStale(engine.Stale())
	}
	for _, s := range r.computed() {
		r.report.Segments = append(r.report.Segments, SegmentRow{Name: s.Name, Title: s.Meta.Title, Entity: s.Entity.Name,
			Members: r.size(s.Name), Universe: int64(r.found.Universe(s.Entity.Name).Rows), New: true})
	}
	return nil
}

// size is how many rows a condition of the plan holds for.
func (r *run) size(column string) int64 {
	set := r.found.Sets[column]
	if set == nil {
		return 0
	}
	return int64(set.GetCardinality())
}

// store commits the run, or only counts when there is no store or the run is
// dated before the last one.
func (r *run) store(ctx context.Context) (err error) {
	if r.opt.NoStore || r.opt.ReadOnly {
		return nil
	}
	r.progress("store", 0, 1)
	path := r.opt.StorePath()
	st, err := member.Open(ctx, r.Session, path, member.Write, r.o.Version)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	r.report.Store = path
	last, err := st.Last(ctx)
	if err != nil {
		return err
	}
	if last != nil {
		r.report.Previous = &Previous{last.ID, last.AsOf}
		if r.report.AsOf.Before(last.AsOf) {
			r.report.Historical = true
		}
	}
	if err := r.commit(ctx, st); err != nil {
		return err
	}
	r.keep()
	return nil
}

func (r *run) commit(ctx context.Context, st *member.Store) error {
	data, err := r.fingerprint(ctx)
	if err != nil {
		return err
	}
	before := map[string]bool{}
	b := member.Batch{Universes: r.found.Universes, Partial: r.o.Select != nil || len(r.stale) > 0,
		Run: member.Run{ID: r.report.RunID, AsOf: r.report.AsOf, Started: r.started, Finished: r.o.Now(), Project: r.projectHash(), Data: data,
			Params: paramsJSON(r.opt.Set), Version: r.o.Version, Status: "complete", Historical: r.report.Historical}}
	for i, s := range r.computed() {
		has, err := st.Has(ctx, s.Name)
		if err != nil {
			return err
		}
		before[s.Name] = has
		b.Segments = append(b.Segments, member.Segment{Name: s.Name, Entity: s.Entity.Name, Members: r.found.Sets[s.Name], Definition: definitionHash(s),
			Expectations: checksJSON(r.report.Segments[i].Checks)})
	}
	if b.Cuts, err = Cuts(ctx, r.Engine, r.plan); err != nil {
		return err
	}
	out, err := st.Commit(ctx, b)
	if err != nil {
		return err
	}
	for i := range out {
		row := &r.report.Segments[i]
		row.New = !before[row.Name]
		if !r.report.Historical {
			row.Entered, row.Left = out[i].Entered, out[i].Left
		}
	}
	return nil
}
