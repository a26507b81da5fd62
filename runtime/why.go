package runtime

import (
	"context"
	"errors"
	"time"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/program"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/compiler/why"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/member"
)

// Known is what the sources and the store hold of a few rows of a segment's
// entity, as far as the segment looks at it. It is made by Project.Known.
type Known struct {
	project *Project
	segment *ir.Segment
	asOf    int64
	input   ir.Input
	plan    *plan.Plan // executed, where the segment looks at everybody
	// Unknown are the keys for which no source has a row.
	Unknown []value.Value
	// Notes are facts a reader should know, such as a store without runs.
	Notes []string
}

// Known reads what a segment looks at of the rows with some keys. Where it
// looks at everybody (ranks, values of everyone), these are computed over all
// rows, as of the same instant. Close ends what that has taken.
func (p *Project) Known(ctx context.Context, s *ir.Segment, asOf int64, keys []value.Value) (*Known, error) {
	k := &Known{project: p, segment: s, asOf: asOf}
	data, err := p.fetch(ctx, asOf, s, keys)
	if err != nil {
		return nil, err
	}
	k.input.Data = data
	f := &fetcher{ev: ir.NewEvaluator(p.Project.Project, asOf, k.input)}
	if k.Unknown, err = f.unknownKeys(s.Entity, keys); err != nil {
		return nil, err
	}
	if err := k.history(ctx); err != nil {
		return nil, err
	}
	if why.UsesPopulation(s) {
		if err := k.everyone(ctx); err != nil {
			return nil, errors.Join(err, k.Close(ctx))
		}
	}
	return k, nil
}

// Question asks about one of the rows.
func (k *Known) Question(ctx context.Context, key value.Value) why.Question {
	q := why.Question{Project: k.project.Project.Project, Segment: k.segment, Key: key, AsOf: k.asOf, Input: k.input}
	if k.plan != nil {
		q.Position = func(r *ir.Rank) (at, n int64, ok bool) { return k.position(ctx, r, key) }
	}
	return q
}

// Close removes what was computed over everybody.
func (k *Known) Close(ctx context.Context) error {
	if k.plan == nil {
		return nil
	}
	return k.project.Engine.Drop(ctx, k.plan)
}

// everyone computes where the population is divided.
func (k *Known) everyone(ctx context.Context) error {
	p := k.project
	var err error
	if k.plan, err = p.Plan(k.asOf, plan.Options{Segments: []string{k.segment.Name}}); err != nil {
		return err
	}
	r := &run{Project: p, plan: k.plan, o: RunOptions{AsOf: k.asOf}, report: &Report{}}
	if err := r.history(ctx); err != nil {
		return err
	}
	if err := p.Engine.Execute(ctx, k.plan, nil); err != nil {
		return err
	}
	rows, err := Cuts(ctx, p.Engine, k.plan)
	if err != nil {
		return err
	}
	all := map[string]*program.Cut{}
	for _, e := range p.Relations {
		if !e.Entity {
			continue
		}
		prog, err := program.Build(p.Project.Project, program.Options{Entity: e.Name})
		if err != nil {
			return err
		}
		cuts, err := ParseCuts(prog, rows)
		if err != nil {
			return err
		}
		for name, c := range cuts {
			all[name] = c
		}
	}
	k.input.Everyone = why.NewCuts(all)
	return nil
}

// position reads the place of a row in a rank; ok is false when it has none, or
// the run did not need the rank.
func (k *Known) position(ctx context.Context, r *ir.Rank, key value.Value) (at, n int64, ok bool) {
	t, _ := k.plan.Find(k.segment.Entity, r)
	if t == nil {
		return 0, 0, false
	}
	e := k.project.Engine
	err := e.QueryRow(ctx, "read a place", e.PlaceSQL(k.plan, t, r, key), &at, &n)
	return at, n, err == nil
}

// history reads what runs have stored of the segments that are asked about.
func (k *Known) history(ctx context.Context) (err error) {
	asked := why.Histories(k.segment)
	if len(asked) == 0 {
		return nil
	}
	p := k.project
	k.input.Changes = ir.Changes{}
	store, err := member.Open(ctx, p.Session, p.opt.StorePath(), member.Read, "")
	var problem *duckdb.Problem
	if errors.As(err, &problem) && problem.Kind == duckdb.StoreMissing {
		k.Notes = append(k.Notes, "there is no store of runs yet, so nobody has entered or left a segment")
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	for _, s := range asked {
		refs := []member.Ref{{Segment: s.Name, Entity: s.Entity.Name}}
		err := store.ChangesOf(ctx, refs, time.UnixMicro(k.asOf), func(c member.Change) error {
			k.input.Changes[s] = append(k.input.Changes[s], ir.Change{Key: c.Customer, At: c.AsOf.UnixMicro(), Left: !c.Entered})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// EachKey reads every key of an entity as its source has it, for finding one
// that was mistyped.
func (p *Project) EachKey(ctx context.Context, e *ir.Relation, fn func(key value.Value)) error {
	rel, key := e, ir.Expr(&ir.Column{Col: e.Key})
	for rel.Source == nil && key != nil {
		switch c, ok := key.(*ir.Column); {
		case len(rel.Universe) > 0 && ok && c.Col == rel.Key:
			rel, key = rel.Universe[0].Rel, rel.Universe[0].Key
		case rel.From != nil:
			rel, key = rel.From, unfold(rel, key)
		default:
			return nil
		}
	}
	if key != nil {
		key = unfold(rel, key)
	}
	c, ok := key.(*ir.Column)
	if !ok || c.Col.Raw == "" || rel.Source == nil {
		return nil
	}
	t := &plan.Table{Name: plan.RowsOf(rel), Kind: plan.Rows, Rel: rel, Used: []*ir.ColumnDef{c.Col}}
	query, err := p.Engine.CellsSQL(ctx, &plan.Plan{Project: p.Project.Project}, t)
	if err != nil {
		return err
	}
	return p.Engine.Each(ctx, "read the keys of "+e.Name, query, func(scan func(...any) error) error {
		var cell *string
		if err := scan(&cell); err != nil || cell == nil {
			return err
		}
		if v, ok := program.ParseText(c.Col.Type, *cell); ok && !v.IsMissing() {
			fn(v)
		}
		return nil
	})
}
