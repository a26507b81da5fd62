package duckdb

import (
	"context"
	"errors"
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
)

// limited computes a table for no longer than the time limit. One that takes
// longer is given up, with all that reads it, so that the others go on. Tables
// of atoms are halved first, for one of the conditions may be to blame alone.
func (r *setRun) limited(ctx context.Context, t *plan.Table, compute func(context.Context) error) error {
	if slices.ContainsFunc(t.Slots(), r.isLate) {
		r.late[t.Name] = true
		return nil
	}
	if r.TimeLimit <= 0 {
		return compute(ctx)
	}
	within, cancel := context.WithTimeout(ctx, r.TimeLimit)
	defer cancel()
	err := compute(within)
	if err == nil || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if t.Kind == plan.Atoms {
		return r.halve(ctx, t)
	}
	r.late[t.Name] = true
	return nil
}

// limitedPass answers atoms, and computes tables for others, in one going over
// a fact outside SQL. What only some segments look at is given up when it takes
// longer than the time limit.
func (r *setRun) limitedPass(ctx context.Context, atoms []*plan.Atom, tables []*plan.Table, compute func(context.Context) error) error {
	if r.TimeLimit <= 0 || r.servesAll(atoms, tables) {
		return compute(ctx)
	}
	within, cancel := context.WithTimeout(ctx, r.TimeLimit)
	defer cancel()
	err := compute(within)
	if err == nil || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	for _, a := range atoms {
		r.lateFor[a] = true
	}
	for _, t := range tables {
		r.late[t.Name] = true
	}
	return nil
}

// servesAll reports whether nothing could be told of any segment without some
// atoms and tables.
func (r *setRun) servesAll(atoms []*plan.Atom, tables []*plan.Table) bool {
	reads := map[string]bool{}
	isRead := func(s *ir.Slot) bool { return reads[s.Table] }
	for _, t := range tables {
		reads[t.Name] = true
	}
	for _, t := range r.plan.Tables { // those that are read come first
		if slices.ContainsFunc(t.Slots(), isRead) {
			reads[t.Name] = true
		}
	}
	readers := r.plan.Readers(func(a *plan.Atom) bool {
		return slices.Contains(atoms, a) || slices.ContainsFunc(a.Slots, isRead)
	})
	return len(readers) == len(r.plan.Columns)
}

// halve reads the atoms of a table in two goings, or gives up the only one.
func (r *setRun) halve(ctx context.Context, t *plan.Table) error {
	if len(t.Conds) == 1 {
		r.lateFor[t.Conds[0].Atom] = true
		return nil
	}
	for _, conds := range [][]plan.Cond{t.Conds[:len(t.Conds)/2], t.Conds[len(t.Conds)/2:]} {
		half := *t
		half.Conds = conds
		s := r.printAtoms([]*plan.Table{&half})[0]
		err := r.limited(ctx, &half, func(ctx context.Context) error { return r.readAtoms(ctx, s) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *setRun) isLate(s *ir.Slot) bool { return r.late[s.Table] }

// giveUp reports whether an atom reads what took too long.
func (r *setRun) giveUp(a *plan.Atom) bool {
	late := slices.ContainsFunc(a.Slots, r.isLate)
	if late {
		r.lateFor[a] = true
	}
	return late
}

// markStale finds the columns whose sets are not known, and leaves these empty.
func (r *setRun) markStale(ctx context.Context) error {
	if len(r.lateFor) == 0 {
		return nil
	}
	for a := range r.lateFor {
		if _, err := r.newSets(ctx, a.Entity, []*plan.Atom{a}); err != nil {
			return err
		}
	}
	r.stale = r.plan.Readers(func(a *plan.Atom) bool { return r.lateFor[a] })
	return nil
}

// Stale are the columns, by name, of the plan last executed that took longer
// than the time limit: nothing is known of their sets.
func (e *Engine) Stale() []string {
	if e.last == nil {
		return nil
	}
	return e.last.stale
}
