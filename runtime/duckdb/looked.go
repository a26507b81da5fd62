package duckdb

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
)

// looked is how many rows of its fact a program went over, and of how many of
// these the owner is unknown; −1: that was not counted.
type looked struct{ rows, lost int64 }

// unknownOwners counts the rows of a fact whose owner has no row that counts.
func (r *setRun) unknownOwners(ctx context.Context, t *plan.Table) (n int64, err error) {
	owner := t.Rel.Owner
	for k, prog := range r.programs {
		if prog.Fact == t.Rel && prog.Entity == owner.To && r.looked[k].lost >= 0 && ir.Key(prog.Key) == ir.Key(owner.By) {
			return r.looked[k].lost, nil
		}
	}
	if !slices.ContainsFunc(r.plan.Tables, func(o *plan.Table) bool { return o.Kind == plan.Rows && o.Rel == owner.To }) {
		return 1, nil // their rows are not at hand: count
	}
	owners, err := r.numbering(ctx, owner.To)
	if err != nil {
		return 0, err
	}
	query := sql.Values(r.plan, sql.DuckDB, r.printed(), t.Rel, []ir.Expr{owner.By})
	switch {
	case owners.dense: // sources often know their least and greatest value; who has none was looked for
		last := owners.first + int64(owners.n) - 1
		query = fmt.Sprintf("SELECT k FROM (\n%s\n) AS v(k) WHERE k < %d OR k > %d", query, owners.first, last)
	case !owners.whole:
		query = "SELECT CAST(k AS VARCHAR) FROM (\n" + query + "\n) AS v(k)"
	}
	counts := make([]int64, runtime.GOMAXPROCS(0))
	to := make([]func(*Chunk) error, len(counts))
	for i := range to {
		var numbers []int32
		to[i] = func(c *Chunk) error {
			numbers = grown(numbers, c.Rows)
			owners.of(c, 0, numbers)
			for _, number := range numbers {
				if number < 0 {
					counts[i]++
				}
			}
			return nil
		}
	}
	err = r.StreamTo(ctx, "check the owners of "+t.Rel.Name, query, to)
	for _, some := range counts {
		n += some
	}
	return n, err
}

// Rows counts the rows of a planned relation; the plan must have been executed.
func (e *Engine) Rows(ctx context.Context, p *plan.Plan, t *plan.Table) (n int64, err error) {
	if e.last != nil && e.last.plan == p {
		for k, prog := range e.last.programs {
			if prog.Fact == t.Rel && k < len(e.last.looked) && e.last.looked[k].rows >= 0 {
				return e.last.looked[k].rows, nil
			}
		}
	}
	err = e.QueryRow(ctx, "count "+t.Rel.Name, "SELECT count(*) FROM "+QuoteIdent(t.Name), &n)
	return n, err
}
