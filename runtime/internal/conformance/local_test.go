package conformance

import (
	"testing"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/program"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/runtime/local"
)

// localSession evaluates one row of an entity after the other in process. Each
// is given the rows of all, of which it must take its own.
type localSession struct {
	evalSession
	form local.Form
}

func openLocal(form local.Form) func(*testing.T, *archive) session {
	return func(_ *testing.T, a *archive) session { return &localSession{evalSession{a: a}, form} }
}

func (s *localSession) members(q question) (map[string][]string, error) {
	in, err := s.input(q)
	if err != nil {
		return nil, err
	}
	got := map[string][]string{}
	for _, entity := range q.project.Relations {
		if !entity.Entity {
			continue
		}
		if err := s.entity(q, entity, in, got); err != nil {
			return nil, err
		}
	}
	return got, nil
}

func (*localSession) checks(question) (map[string][]string, error) { return nil, nil }

// entity adds the members of the segments of one entity.
func (s *localSession) entity(q question, entity *ir.Relation, in ir.Input, got map[string][]string) error {
	cuts, err := cuts(q, entity, in)
	if err != nil {
		return err
	}
	e, err := local.New(q.project.Project, local.Options{Entity: entity.Name, Form: s.form, Cuts: cuts})
	if err != nil {
		return err
	}
	keys, err := keys(q, entity, in)
	if err != nil {
		return err
	}
	for _, key := range keys {
		c := e.Customer()
		c.SetKey(key)
		for i, t := range e.Program.Tables {
			for _, record := range in.Data[t.Relation] {
				c.AppendValues(i, values(record, t.Columns))
			}
		}
		set, err := e.Segments(q.asOf, c)
		if err != nil {
			return err
		}
		for _, name := range set.Names() {
			got[name] = append(got[name], value.Key(key))
		}
	}
	return nil
}

func values(record ir.Record, columns []*ir.ColumnDef) []value.Value {
	out := make([]value.Value, len(columns))
	for i, c := range columns {
		out[i] = record[c]
	}
	return out
}

// cuts are what a run over everybody would leave of ranks and the like.
func cuts(q question, entity *ir.Relation, in ir.Input) (map[string]*program.Cut, error) {
	prog, err := program.Build(q.project.Project, program.Options{Entity: entity.Name})
	if err != nil {
		return nil, err
	}
	rows := make([]*program.Rows, len(prog.Tables))
	for i, t := range prog.Tables {
		rows[i] = prog.Rows(i)
		for _, record := range in.Data[t.Relation] {
			rows[i].Append(values(record, t.Columns))
		}
	}
	known := map[string]*program.Cut{}
	for _, p := range prog.Populations {
		if !p.History {
			continue
		}
		known[p.Key] = &program.Cut{Changes: map[string][]ir.Change{}}
		for _, ch := range in.Changes[p.Of] {
			known[p.Key].Changes[ch.Key] = append(known[p.Key].Changes[ch.Key], ch)
		}
	}
	f := prog.Frame()
	if err := f.Begin(prog.At(q.asOf, known), value.NewInt(1), rows, 1<<62); err != nil {
		return nil, err
	}
	return f.Cuts(known)
}

// keys are those of all rows of an entity.
func keys(q question, entity *ir.Relation, in ir.Input) ([]value.Value, error) {
	everyone := *q.project.Project
	everyone.Segments = []*ir.Segment{{Name: "all", Entity: entity, Where: &ir.And{}}}
	r, err := ir.EvalInput(&everyone, q.asOf, in)
	if err != nil {
		return nil, err
	}
	return r.Members("all"), nil
}
