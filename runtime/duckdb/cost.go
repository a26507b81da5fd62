package duckdb

import (
	"context"
	"os"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/kernel"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
)

// Way is how the features of one fact are computed, and what it is estimated
// to cost.
type Way struct {
	Entity, Fact     string
	Passes, Features int
	Data             kernel.Data
	kernel.Cost
	Kernel bool
}

// Ways are those of a plan, by cost or as a strategy says. They are worked out
// from what sources say of themselves; rows are not read.
func (e *Engine) Ways(ctx context.Context, p *plan.Plan, strategy Strategy) ([]Way, error) {
	_, ways, err := e.ways(ctx, p, strategy)
	return ways, err
}

func (e *Engine) ways(ctx context.Context, p *plan.Plan, strategy Strategy) (programs []*kernel.Program, ways []Way, err error) {
	for _, prog := range kernel.Build(p) {
		w := Way{Entity: prog.Entity.Name, Fact: prog.Fact.Name, Passes: len(prog.Tables), Features: prog.Features()}
		if w.Data, err = e.data(ctx, prog); err != nil {
			return nil, nil, err
		}
		w.Cost = prog.Cost(w.Data)
		w.Kernel = strategy == ByKernel || strategy == Auto && w.Together < w.OneByOne
		if w.Kernel {
			programs = append(programs, prog)
		}
		ways = append(ways, w)
	}
	return programs, ways, nil
}

// data is what the sources say.
func (e *Engine) data(ctx context.Context, prog *kernel.Program) (d kernel.Data, err error) {
	if d.Owners, _, _, err = e.extent(ctx, prog.Entity); err != nil {
		return d, err
	}
	d.Rows, d.First, d.Last, err = e.extent(ctx, prog.Fact)
	return d, err
}

// bytesPerRow is what a row of a text file is taken to need.
const bytesPerRow = 64

// extent is how many rows a relation has at the most, and their first and last
// time where its source knows them; of files of text, guessed by their size.
func (e *Engine) extent(ctx context.Context, r *ir.Relation) (rows, first, last int64, err error) {
	if len(r.Universe) > 0 {
		return e.extent(ctx, r.Universe[0].Rel)
	}
	at := r.Time
	for r.From != nil {
		if r = r.From; at != nil {
			at = at.Base
		}
	}
	rel := e.relations[r.Source]
	if rel == nil || !rel.columnar() {
		for _, path := range e.Paths(rel) {
			if info, err := os.Stat(path); err == nil {
				rows += info.Size() / bytesPerRow
			}
		}
		return rows, 0, 0, nil
	}
	span := ""
	if at != nil && at.Raw != "" && at.Type.Kind == value.Wall {
		span = ", coalesce(epoch_us(min(" + QuoteIdent(at.Raw) + ")), 0), coalesce(epoch_us(max(" + QuoteIdent(at.Raw) + ")), 0)"
	}
	dest := []any{&rows}
	if span != "" {
		dest = append(dest, &first, &last)
	}
	err = e.QueryRow(ctx, "look at "+r.Name, "SELECT count(*)"+span+" FROM "+rel.ScanSQL(), dest...)
	return rows, first, last, err
}
