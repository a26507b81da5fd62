package runtime

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
)

// FirstRows are the instants of the first rows of facts, in microseconds since
// 1970, by the fact's name: of those that have a time, and rows before asOf.
func (p *Project) FirstRows(ctx context.Context, asOf int64) (first map[string]int64, err error) {
	var asks []plan.Ask
	for _, rel := range p.Relations {
		if ask, ok := askForTime(rel); ok {
			asks = append(asks, ask)
		}
	}
	first = map[string]int64{}
	if len(asks) == 0 {
		return first, nil
	}
	pl, err := p.Plan(asOf, plan.Options{Segments: []string{}, Asks: asks})
	if err != nil {
		return nil, err
	}
	if err := p.Engine.Execute(ctx, pl, nil); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Engine.Drop(ctx, pl)) }()
	for _, t := range pl.Tables {
		if t.Kind != plan.Rows || t.Rel.Entity || t.Rel.Time == nil || !slices.Contains(t.Used, t.Rel.Time) {
			continue
		}
		at, err := p.firstRow(ctx, t, sql.ColumnName(pl, t.Rel.Time))
		if err != nil {
			return nil, err
		}
		if at != nil {
			first[t.Rel.Name] = p.instantOf(t.Rel.Time.Type, *at)
		}
	}
	return first, nil
}

// askForTime is a condition for which the time of every row of a fact is read.
func askForTime(fact *ir.Relation) (plan.Ask, bool) {
	if fact.Entity || fact.Time == nil || fact.Owner == nil {
		return plan.Ask{}, false
	}
	agg := &ir.Agg{Op: ir.OpMin, Leaf: fact, Value: &ir.Column{Col: fact.Time}, T: fact.Time.Type}
	owner := fact
	for !owner.Entity {
		if owner.Owner == nil {
			return plan.Ask{}, false
		}
		agg.Back = append(agg.Back, owner.Owner)
		owner = owner.Owner.To
	}
	return plan.Ask{Name: "first of " + fact.Name, Entity: owner, Cond: &ir.Known{X: agg}}, true
}

func (p *Project) firstRow(ctx context.Context, t *plan.Table, column string) (at *time.Time, err error) {
	d := p.Engine.Dialect()
	err = p.Engine.QueryRow(ctx, "look when "+t.Rel.Name+" begins", "SELECT min("+d.Ident(column)+") FROM "+d.Ident(t.Name), &at)
	return at, err
}

// instantOf is the instant of a value as a driver gives it: a wall-clock time
// or a date comes as if it were one of UTC.
func (p *Project) instantOf(t value.Type, at time.Time) int64 {
	if t.Kind == value.Time {
		return at.UnixMicro()
	}
	return p.Calendar.Instant(at.UnixMicro())
}
