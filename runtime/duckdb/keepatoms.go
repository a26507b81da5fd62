package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
)

// keptEntity is the rows of an entity as a run found them, and which of its
// atoms held of whom: those that look at nothing but a row's own columns.
type keptEntity struct {
	Entity string
	Rows   string            // what they hash to, with their numbers
	Atoms  map[string][]byte // by what they ask: a bitmap of rows
}

// ownAlone reports whether an atom looks at a row's own columns alone.
func ownAlone(a *plan.Atom) bool { return len(a.Slots) == 0 && ofARow(a.X) }

// takeOver answers atoms as the run before did, where it looked at the same
// rows; the others are left.
func (r *setRun) takeOver(ctx context.Context) error {
	if r.keeper.now == nil || r.strategy == BySQL { // which is asked to be shown at work
		return nil
	}
	for _, s := range r.tables {
		if s.Table.Kind != plan.Rows || !s.Table.Rel.Entity {
			continue
		}
		var atoms []*plan.Atom
		for _, a := range r.rest {
			if a.Entity == s.Table.Rel && ownAlone(a) {
				atoms = append(atoms, a)
			}
		}
		if len(atoms) == 0 {
			continue
		}
		rows, err := r.hashed(ctx, s.Table)
		if err != nil {
			return err
		}
		now := &keptEntity{Entity: s.Table.Rel.Name, Rows: rows}
		r.keeper.own[now] = atoms
		if old := r.keeper.entity(now); old != nil {
			if err := r.restore(ctx, s.Table.Rel, atoms, old); err != nil {
				return err
			}
		}
	}
	return nil
}

// hashed is what the rows of an entity hash to, with how they are read.
func (r *setRun) hashed(ctx context.Context, t *plan.Table) (string, error) {
	names, from := []string{"rowid"}, QuoteIdent(t.Name)
	if r.views[t.Rel] != "" {
		from = r.relations[t.Rel.Source].ScanSQL()
		for _, c := range sql.RawColumns(r.plan, sql.DuckDB, r.printed(), t) {
			names = append(names, QuoteIdent(c.Raw))
		}
	} else {
		for _, c := range t.Used {
			names = append(names, QuoteIdent(sql.ColumnName(r.plan, c)))
		}
	}
	columns := strings.Join(names, ", ")
	var n int64
	var sum string
	err := r.QueryRow(ctx, "see what has changed of "+t.Rel.Name, "SELECT count(*), CAST(coalesce(bit_xor(hash("+columns+")), 0) AS VARCHAR) FROM "+from, &n, &sum)
	return fmt.Sprintf("%s %s of %d: %s", r.views[t.Rel], columns, n, sum), err
}

// entity is what is kept of the same rows.
func (k *keeper) entity(now *keptEntity) *keptEntity {
	if k.old == nil {
		return nil
	}
	for i, old := range k.old.Entities {
		if old.Entity == now.Entity && old.Rows == now.Rows {
			return &k.old.Entities[i]
		}
	}
	return nil
}

func (r *setRun) restore(ctx context.Context, entity *ir.Relation, atoms []*plan.Atom, old *keptEntity) error {
	n, err := r.count(ctx, entity)
	if err != nil {
		return err
	}
	for _, a := range atoms {
		set := roaring.New()
		raw, ok := old.Atoms[ir.Key(a.X)]
		if !ok || set.UnmarshalBinary(raw) != nil || !set.IsEmpty() && int(set.Maximum()) >= n {
			continue
		}
		sets, err := r.newSets(ctx, entity, []*plan.Atom{a})
		if err != nil {
			return err
		}
		set.WriteDenseTo(sets[0])
		r.keeper.taken[a] = raw
		r.rest = slices.DeleteFunc(r.rest, func(x *plan.Atom) bool { return x == a })
	}
	return nil
}

// keepAtoms notes what was found of atoms, for the next run.
func (r *setRun) keepAtoms() error {
	for now, atoms := range r.keeper.own {
		now.Atoms = map[string][]byte{}
		for _, a := range atoms {
			words := r.sets[a]
			if words == nil || r.lateFor[a] {
				continue
			}
			raw := r.keeper.taken[a]
			if raw == nil {
				set := roaring.FromDense(words, false)
				set.RunOptimize()
				var err error
				if raw, err = set.ToBytes(); err != nil {
					return fmt.Errorf("keep what held of %s: %w", now.Entity, err)
				}
			}
			now.Atoms[ir.Key(a.X)] = raw
		}
		r.keeper.now.Entities = append(r.keeper.now.Entities, *now)
	}
	slices.SortFunc(r.keeper.now.Entities, func(a, b keptEntity) int { return strings.Compare(a.Entity, b.Entity) })
	return nil
}
