package examples_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/program"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/internal/reference"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/local"
)

// Evaluated one customer at a time, in process, every rule gives the
// reference members too.
func TestReferenceInProcess(t *testing.T) {
	for _, p := range projects {
		t.Run(p.dir, func(t *testing.T) {
			w := openWorld(t, p)
			want := load(t, filepath.Join("testdata", p.dir+".yaml"))
			cuts := w.cuts(t)
			for _, form := range []local.Form{local.Closures, local.Expr} {
				members := w.evaluate(t, form, cuts)
				for _, r := range want.Rules {
					if ids := members[r.ID]; int64(len(ids)) != r.Count || reference.Hash(ids) != r.SHA256 {
						t.Errorf("%s, %s: %d members, want %d", form, r.ID, len(ids), r.Count)
					}
				}
			}
		})
	}
}

// world is the rows of a project's tables, in memory.
type world struct {
	project *ir.Project
	entity  *ir.Relation
	asOf    int64
	rows    map[*ir.Relation][][]value.Value
}

func openWorld(t *testing.T, p project) *world {
	t.Helper()
	ctx := context.Background()
	open, diags, err := runtime.Open(ctx, runtime.Options{Dir: filepath.Join("reference", p.dir), NoStore: true})
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	defer func() { _ = open.Close() }()
	w := &world{project: open.Project.Project, rows: map[*ir.Relation][][]value.Value{}}
	if w.asOf, _, err = open.AsOf("", time.Time{}); err != nil {
		t.Fatal(err)
	}
	for _, r := range w.project.Relations {
		if r.Entity && w.entity == nil {
			w.entity = r
		}
		if r.Source == nil {
			continue
		}
		query := open.Engine.(*duckdb.Engine).RowsSQL(w.project, r, program.Columns(r))
		err := open.Engine.Each(ctx, "read "+r.Name, query, func(scan func(...any) error) error {
			var doc string
			if err := scan(&doc); err != nil {
				return err
			}
			row, err := local.ReadRow(w.project.Calendar, r, doc)
			w.rows[r] = append(w.rows[r], row)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// own are the relations that each customer brings: its row and its facts.
// Where there are no facts, everything is looked up by key.
func (w *world) own() map[*ir.Relation]int {
	own := map[*ir.Relation]int{}
	for _, r := range w.project.Relations {
		if r.Source == nil || r.Owner == nil || r.Owner.To != w.entity {
			continue
		}
		for i, c := range program.Columns(r) {
			if by, ok := r.Owner.By.(*ir.Column); ok && by.Col == c {
				own[r] = i
			}
		}
	}
	if len(own) > 0 && w.entity.Source != nil {
		for i, c := range program.Columns(w.entity) {
			if c == w.entity.Key {
				own[w.entity] = i
			}
		}
	}
	return own
}

// cuts are what a run over everybody would leave.
func (w *world) cuts(t *testing.T) map[string]*program.Cut {
	t.Helper()
	p, err := program.Build(w.project, program.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]*program.Rows, len(p.Tables))
	for i, table := range p.Tables {
		rows[i] = p.Rows(i)
		for _, r := range w.rows[table.Relation] {
			rows[i].Append(r)
		}
	}
	f := p.Frame()
	if err := f.Begin(p.At(w.asOf, nil), value.NewInt(0), rows, 1<<62); err != nil {
		t.Fatal(err)
	}
	cuts, err := f.Cuts(nil)
	if err != nil {
		t.Fatal(err)
	}
	return cuts
}

// evaluate gives the members of every segment, one customer after the other.
func (w *world) evaluate(t *testing.T, form local.Form, cuts map[string]*program.Cut) map[string][]string {
	t.Helper()
	own := w.own()
	o := local.Options{Form: form, Cuts: cuts, Tables: map[string][][]value.Value{}}
	for r, rows := range w.rows {
		if _, ok := own[r]; !ok {
			o.Tables[r.Name] = rows
		}
	}
	e, err := local.New(w.project, o)
	if err != nil {
		t.Fatal(err)
	}
	byKey := map[string]*local.Customer{}
	customer := func(key value.Value) *local.Customer {
		c := byKey[value.Key(key)]
		if c == nil {
			c = e.Customer()
			c.SetKey(key)
			byKey[value.Key(key)] = c
		}
		return c
	}
	for r, column := range own {
		table, err := e.Table(r.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range w.rows[r] {
			if !row[column].IsMissing() {
				customer(row[column]).AppendValues(table, row)
			}
		}
	}
	if len(own) == 0 {
		for i, c := range program.Columns(w.entity) {
			if c == w.entity.Key {
				for _, row := range w.rows[w.entity] {
					customer(row[i])
				}
			}
		}
	}
	members := map[string][]string{}
	var set local.Set
	for key, c := range byKey {
		if err := e.Into(&set, w.asOf, c); err != nil {
			t.Fatal(err)
		}
		for _, name := range set.Names() {
			members[name] = append(members[name], key)
		}
	}
	return members
}
