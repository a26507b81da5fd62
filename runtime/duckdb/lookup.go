package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/kernel"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
)

// lookups answers atoms over single columns of what was computed outside SQL,
// which would join each table to all rows of the entity; the others are left.
func (r *setRun) lookups(ctx context.Context) error {
	if r.strategy == BySQL {
		return nil
	}
	for _, l := range kernel.BuildLookups(r.plan, r.rest) {
		entity := l.Table.Rel
		if r.owners[entity] == nil && entity.Key.Type.Kind != value.Int {
			continue // to number texts is no less work than to join them
		}
		r.tell(sql.Statement{Comment: fmt.Sprintf("%d conditions on %s of %s", len(l.Atoms), l.Table.Name, entity.Name)})
		if err := r.readLookup(ctx, l); err != nil {
			return err
		}
		r.rest = slices.DeleteFunc(r.rest, func(a *plan.Atom) bool { return slices.Contains(l.Atoms, a) })
	}
	return nil
}

func (r *setRun) readLookup(ctx context.Context, l *kernel.Lookup) error {
	owners, err := r.numbering(ctx, l.Table.Rel)
	if err != nil {
		return err
	}
	sets, err := r.newSets(ctx, l.Table.Rel, l.Atoms)
	if err != nil {
		return err
	}
	l.None(owners.n, sets)
	key := QuoteIdent(sql.KeyName)
	if !owners.whole {
		key = "CAST(" + key + " AS VARCHAR)"
	}
	names := []string{key}
	inputs := make([]*kernel.Input, len(l.Columns))
	for i, slot := range l.Columns {
		names = append(names, "CAST("+QuoteIdent(slot.Col)+" AS "+sql.DuckDB.Type(slot.T)+")")
		inputs[i] = &kernel.Input{X: ir.Expr(slot)}
	}
	read := newReader(inputs)
	var numbers []int32
	query := "SELECT " + strings.Join(names, ", ") + " FROM " + QuoteIdent(l.Table.Name)
	return r.Stream(ctx, "compute conditions on "+l.Table.Rel.Name, query, func(c *Chunk) error {
		numbers = grown(numbers, c.Rows)
		owners.of(c, 0, numbers)
		l.Add(numbers, read.inputs(c), sets)
		return nil
	})
}
