package runtime

import (
	"context"
	"errors"
	"slices"

	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/member"
)

// reserve takes the store before anything is computed: of two runs the second
// fails at its beginning, and so does a run whose store cannot be used. One of
// an older format is brought up to date, for the run reads it before it ends.
func (r *run) reserve(ctx context.Context) (unlock func(), err error) {
	if r.opt.NoStore || r.opt.ReadOnly {
		return func() {}, nil
	}
	path := r.opt.StorePath()
	lock, err := member.Acquire(path)
	if err != nil {
		return nil, err
	}
	unlock = func() { _ = lock.Release() }
	store, err := member.Open(ctx, r.Session, path, member.Read, r.o.Version)
	if errors.Is(err, member.ErrOlder) {
		store, err = member.Open(ctx, r.Session, path, member.Write, r.o.Version)
	}
	var p *duckdb.Problem
	switch {
	case err == nil:
		err = errors.Join(r.tellBefore(ctx, store), store.Close())
	case errors.As(err, &p) && p.Kind == duckdb.StoreMissing:
		err = nil // the run will create it
	}
	if err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
}

// fewRuns are looked through for one that is like this.
const fewRuns = 5

// tellBefore says how long the last run like this took.
func (r *run) tellBefore(ctx context.Context, store *member.Store) error {
	if r.o.Before == nil {
		return nil
	}
	runs, err := store.Runs(ctx, fewRuns)
	if err != nil {
		return err
	}
	for _, last := range runs {
		segments, err := store.RunSegments(ctx, last.ID)
		if err != nil {
			return err
		}
		gone := func(s member.RunSegment) bool { return s.Definition == "" }
		if len(slices.DeleteFunc(segments, gone)) == len(r.selected()) && last.Finished.After(last.Started) {
			r.o.Before(last.Finished.Sub(last.Started))
			return nil
		}
	}
	return nil
}
