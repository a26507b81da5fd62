package duckdb

import (
	"context"
	"slices"
	"strconv"

	"github.com/segql/segql/compiler/kernel"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
)

// takeRanks lets programs order the rows of their entity by what they have in
// hand: SQL need not be given it then.
func (r *setRun) takeRanks() {
	for i, prog := range r.programs {
		r.ranks = append(r.ranks, nil)
		if kind := prog.Entity.Key.Type.Kind; kind != value.Int && kind != value.Text {
			continue // other keys have an order of their own
		}
		r.ranks[i] = prog.Ranks(r.plan, r.rest)
		for _, k := range r.ranks[i] {
			r.answers[i].Rank(k)
			r.rest = slices.DeleteFunc(r.rest, func(a *plan.Atom) bool { return slices.Contains(k.Atoms, a) })
		}
	}
}

// isRanked reports whether a table is one that some program has in hand.
func (r *setRun) isRanked(t *plan.Table) bool {
	return slices.ContainsFunc(r.ranks, func(of []*kernel.Rank) bool {
		return slices.ContainsFunc(of, func(k *kernel.Rank) bool { return k.Table == t })
	})
}

// dropRanks leaves the ranks of a program to SQL.
func (r *setRun) dropRanks(program int) {
	for _, k := range r.ranks[program] {
		r.rest = append(r.rest, k.Atoms...)
	}
	r.ranks[program] = nil
}

// rankAll answers the ranks of a program that has gone over all rows.
func (r *setRun) rankAll(ctx context.Context, program int, owners *numbering) error {
	before := owners.before()
	for _, k := range r.ranks[program] {
		sets, err := r.newSets(ctx, k.Table.Rel, k.Atoms)
		if err != nil {
			return err
		}
		k.Order(before)
		k.Answer(sets)
		for _, p := range k.Table.Ranks {
			r.cuts[cutOf{k.Table, p.Col}] = cutRows(k.Cuts(p, before), owners)
		}
		k.Forget()
	}
	return ctx.Err()
}

// before says which of two rows has the lesser key.
func (n *numbering) before() func(a, b int32) bool {
	switch {
	case n.ordered():
		return func(a, b int32) bool { return a < b }
	case n.whole:
		return func(a, b int32) bool { return n.keys[a] < n.keys[b] }
	default:
		return func(a, b int32) bool { return n.names[a] < n.names[b] }
	}
}

// cutOf is a column of a table that divides the population.
type cutOf struct {
	table *plan.Table
	col   string
}

func cutRows(cuts []kernel.Cut, owners *numbering) []sql.CutRow {
	out := make([]sql.CutRow, len(cuts))
	for i, c := range cuts {
		key := ""
		if owners.whole {
			key = strconv.FormatInt(owners.keys[c.Owner], 10)
		} else {
			key = owners.names[c.Owner]
		}
		out[i] = sql.CutRow{Place: c.Place, Value: c.Value.String(), Key: key, Open: c.Open}
	}
	return out
}
