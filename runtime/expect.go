package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/member"
)

// askName names the condition of an expectation in the plan.
func askName(seg string, i int) string { return fmt.Sprintf("expect %d of %s", i+1, seg) }

// asks are the conditions that expectations count among members.
func asks(s *ir.Segment) []plan.Ask {
	var out []plan.Ask
	for i, e := range s.Expects {
		if e.Cond != nil {
			out = append(out, plan.Ask{Name: askName(s.Name, i), Entity: s.Entity, Cond: &ir.And{Xs: []ir.Expr{&ir.Member{Seg: s}, e.Cond}}})
		}
	}
	return out
}

// expectations judges every check of every segment.
func (r *run) expectations(ctx context.Context) error {
	before, err := r.before(ctx)
	if err != nil {
		return err
	}
	for i := range r.report.Segments {
		row := &r.report.Segments[i]
		s := r.Segment(row.Name)
		for j, e := range s.Expects {
			n := ir.Counts{Members: row.Members, Universe: row.Universe, Holding: r.size(askName(s.Name, j))}
			if b, ok := before[ref(s)]; ok {
				n.Before = &ir.Before{Members: b.Size, Entered: b.Entered, Left: b.Left}
			}
			if r.stale[askName(s.Name, j)] {
				row.Checks = append(row.Checks, Check{Text: e.Text, Skipped: true, Got: "took too long"})
				continue
			}
			v := e.Judge(n)
			if v.Skipped && r.opt.NoStore {
				v.Got = "no store"
			}
			row.Checks = append(row.Checks, Check{Text: e.Text, Passed: v.Passed, Skipped: v.Skipped, Got: v.Got})
		}
	}
	return nil
}

// ref is a segment as the store knows it.
func ref(s *ir.Segment) member.Ref { return member.Ref{Segment: s.Name, Entity: s.Entity.Name} }

// before reads from the store what segments with a check of their turnover
// were; nothing where there is no store, or not yet.
func (r *run) before(ctx context.Context) (out map[member.Ref]member.Before, err error) {
	var refs []member.Ref
	for _, s := range r.selected() {
		for _, e := range s.Expects {
			if e.Subject == ir.SubjectTurnover {
				refs = append(refs, ref(s))
				break
			}
		}
	}
	if len(refs) == 0 || r.opt.NoStore {
		return nil, nil
	}
	err = r.reading(ctx, func(store *member.Store) error {
		out, err = store.Before(ctx, refs, time.UnixMicro(r.o.AsOf), r.found)
		return err
	})
	return out, err
}

// reading reads the store, where there is one yet.
func (p *Project) reading(ctx context.Context, do func(*member.Store) error) (err error) {
	store, err := member.Open(ctx, p.Session, p.opt.StorePath(), member.Read, "")
	var missing *duckdb.Problem
	switch {
	case errors.As(err, &missing) && missing.Kind == duckdb.StoreMissing:
		return nil
	case err != nil:
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return do(store)
}

// checksJSON is how the store keeps the checks of a segment.
func checksJSON(list []Check) string {
	if len(list) == 0 {
		return "[]"
	}
	b, err := json.Marshal(list)
	if err != nil {
		panic(err) // texts and truth values
	}
	return string(b)
}

// priority orders the report: 1 first, those without one last.
func priority(s *ir.Segment) int {
	if s.Meta.Priority == 0 {
		return 1 << 30
	}
	return s.Meta.Priority
}
