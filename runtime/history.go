package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/member"
)

// history gives the engine what earlier runs have stored of the segments that
// the plan asks it of. Only runs of an earlier instant count, so that a run
// repeated gives the same.
func (r *run) history(ctx context.Context) (err error) {
	if len(r.plan.Changes) == 0 {
		return nil
	}
	if r.opt.NoStore {
		return r.needsStore()
	}
	r.progress("read the history of segments", 0, 1)
	var refs []member.Ref
	for _, s := range r.plan.Changes {
		refs = append(refs, ref(s))
	}
	before := time.UnixMicro(r.o.AsOf)
	since := map[member.Ref]time.Time{}
	query := member.NoChangesSQL
	store, err := member.Open(ctx, r.Session, r.opt.StorePath(), member.Read, r.o.Version)
	var p *duckdb.Problem
	switch {
	case errors.As(err, &p) && p.Kind == duckdb.StoreMissing:
		// This run will create it.
	case err != nil:
		return err
	default:
		defer func() { err = errors.Join(err, store.Close()) }()
		if since, err = store.Since(ctx, refs, before); err != nil {
			return err
		}
		query = store.ChangesSQL(refs, before)
	}
	for _, ref := range refs {
		r.report.Notes = append(r.report.Notes, r.historyNote(ref, since))
	}
	return r.Engine.LoadChanges(ctx, query)
}

// historyNote says how far back the store remembers a segment.
func (r *run) historyNote(ref member.Ref, since map[member.Ref]time.Time) string {
	first, ok := since[ref]
	if !ok {
		return fmt.Sprintf("the store holds no earlier run of %s: nobody has entered or left it yet", ref.Segment)
	}
	return fmt.Sprintf("the store remembers %s since the run of %s; those who were in it then count as entered then",
		ref.Segment, first.In(r.Calendar.Loc).Format("2006-01-02 15:04"))
}

// needsStore names a segment that asks for history in a run without a store.
func (r *run) needsStore() error {
	asked := r.plan.Changes[0].Name
	name := ""
	seen := map[*ir.Segment]bool{}
	var visit func(s *ir.Segment)
	visit = func(s *ir.Segment) {
		if seen[s] {
			return
		}
		seen[s] = true
		for _, of := range ir.Histories(s.Where) {
			if of.Name == asked && name == "" {
				name = s.Name
			}
		}
		for _, ref := range ir.Refs(s.Where) {
			visit(ref)
		}
	}
	for _, s := range r.selected() {
		visit(s)
	}
	what := "segment " + name
	if name == "" {
		what = "an expectation" // a condition of its own
	}
	return duckdb.NewProblem(duckdb.StoreMissing, "%s asks who has entered or left %s, which only a store remembers, and this run has none", what, asked).
		WithHelp("run without --no-store, or choose segments that do not ask for history with --select")
}
