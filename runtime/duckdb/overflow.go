package duckdb

import (
	"context"
	"errors"

	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/runtime/internal/overflow"
)

// explain says which segment and which key overflowed, as far as can be found.
func (e *Engine) explain(ctx context.Context, p *plan.Plan, t *plan.Table, err error) error {
	f := &overflow.Finder{Plan: p, Dialect: sql.DuckDB, Sources: &printed{engine: e, zone: p.Project.Zone}, Temp: "temp.main", Force: "bit_xor(hash(t))",
		Fails: func(query string) bool { return IsOverflow(e.Exec(ctx, "find the overflow", query)) },
		Row: func(query string, dest ...any) bool {
			return e.QueryRow(ctx, "find the overflow", query, dest...) == nil
		}}
	return ExplainOverflow(f, t, err)
}

// IsOverflow reports whether an error is the overflow of a number.
func IsOverflow(err error) bool {
	var p *Problem
	return errors.As(err, &p) && p.Kind == Overflow
}

// ExplainOverflow names the segment and the key in an error of computing t,
// where that was an overflow; any other error is returned as it is.
func ExplainOverflow(f *overflow.Finder, t *plan.Table, err error) error {
	var problem *Problem
	if !errors.As(err, &problem) || problem.Kind != Overflow {
		return err
	}
	what := f.What(t)
	if what == "" {
		return NewProblem(Overflow, "a number is too large while reading %s: %s", t.Rel.Name, problem.Message).
			WithHelp("look at the fields of %s in the catalog: numbers have 64 bits when whole, 38 digits when decimal", t.Rel.Name)
	}
	return NewProblem(Overflow, "a number is too large %s: %s", what, problem.Message).
		WithHelp("whole numbers have 64 bits: declare the column decimal(38, 0), or leave such rows out with `where:`")
}
