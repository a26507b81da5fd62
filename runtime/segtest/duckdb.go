package segtest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/trial"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/runtime/duckdb"
)

// world is one instant of one test: rows that have nothing to do with those of
// others.
type world struct {
	result  *Result
	i       int
	changes ir.Changes
	needed  []*ir.Segment
	answer  *trial.Answer // DuckDB's
	err     error         // that stopped it
}

func (w *world) instant() *testform.Instant { return w.result.Case.Instants[w.i] }

// inProcess is what the evaluator says.
func (w *world) inProcess() *trial.Answer { return w.result.Answers.Instants[w.i] }

// inDuckDB computes tests again and adds failures where the answers differ.
func inDuckDB(ctx context.Context, results []*Result, progress func(string, int, int)) (err error) {
	session, err := duckdb.Open(ctx, duckdb.Options{Threads: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	e := &engine{Engine: duckdb.NewEngine(ctx, session), loaded: map[*ir.Relation]*duckdb.TypedTable{}}
	all := worlds(results)
	batches := batch(all)
	for i, b := range batches {
		if progress != nil {
			progress("test in DuckDB", i, len(batches))
		}
		if err := e.together(ctx, b); err != nil {
			return err
		}
	}
	for _, r := range results {
		compare(r, all)
	}
	return nil
}

// worlds are all instants that the evaluator has answered.
func worlds(results []*Result) map[*Result][]*world {
	all := map[*Result][]*world{}
	for _, r := range results {
		needed := trial.Needed(r.Case)
		for i := range r.Answers.Instants {
			before := &trial.Answers{Instants: r.Answers.Instants[:i]}
			all[r] = append(all[r], &world{result: r, i: i, needed: needed, changes: before.Changes(r.Case)})
		}
	}
	return all
}

func compare(r *Result, all map[*Result][]*world) {
	answers := &trial.Answers{}
	for _, w := range all[r] {
		if w.err != nil {
			r.Failures = append(r.Failures, &trial.Failure{Kind: trial.Disagree, Instant: w.i, At: w.instant().Step.AsOf.At,
				Message: fmt.Sprintf("the engines disagree: %s answers, %s stops: %v", names[0], names[1], w.err)})
			break
		}
		answers.Instants = append(answers.Instants, w.answer)
	}
	r.Failures = append(r.Failures, trial.Compare(r.Case, r.Answers, answers, names)...)
}

// engine computes worlds in one session of DuckDB.
type engine struct {
	*duckdb.Engine
	loaded map[*ir.Relation]*duckdb.TypedTable
}

// changesTable holds the history of a batch.
const changesTable = "segql_test_changes"

// together computes the worlds of a batch, each half of them if it stops. The
// error is about the environment: what stops a single world is kept with it.
func (e *engine) together(ctx context.Context, b *group) error {
	err := e.compute(ctx, b)
	if err == nil || ctx.Err() != nil {
		return errors.Join(err, ctx.Err())
	}
	var p *duckdb.Problem
	if errors.As(err, &p) && (p.Kind == duckdb.OutOfMemory || p.Kind == duckdb.DiskFull) {
		return err
	}
	if len(b.worlds) == 1 {
		b.worlds[0].err = err
		return nil
	}
	for _, half := range b.halves() {
		if err := e.together(ctx, half); err != nil {
			return err
		}
	}
	return nil
}

func (e *engine) compute(ctx context.Context, b *group) (err error) {
	pl, err := b.plan()
	if err != nil {
		return err
	}
	if err := e.load(ctx, b, pl); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Drop(ctx, pl)) }()
	for _, s := range sql.Print(pl, sql.DuckDB, e.Typed(b.project, e.loaded, changesTable)) {
		if err := e.Exec(ctx, "test the "+s.Comment, sql.DuckDB.Create(s)); err != nil {
			return err
		}
	}
	return e.read(ctx, b, pl)
}

// load puts the rows of all worlds of a batch into typed tables.
func (e *engine) load(ctx context.Context, b *group, pl *plan.Plan) error {
	for _, t := range pl.Tables {
		if t.Kind == plan.Rows && t.Rel.Source != nil {
			if err := e.rows(ctx, b, t.Rel); err != nil {
				return err
			}
		}
	}
	if len(pl.Changes) == 0 {
		return nil
	}
	rows := []string{"SELECT '' AS segment, '' AS entity, '' AS customer, '' AS kind, make_timestamptz(0) AS as_of WHERE false"}
	for i, w := range b.worlds {
		for _, s := range pl.Changes {
			for _, c := range w.changes[s] {
				kind := "entered"
				if c.Left {
					kind = "left"
				}
				rows = append(rows, fmt.Sprintf("SELECT %s, %s, %s, '%s', make_timestamptz(%d)", sql.DuckDB.Text(s.Name), sql.DuckDB.Text(s.Entity.Name),
					sql.DuckDB.Text(b.keys.text(i, s.Entity, c.Key)), kind, c.At))
			}
		}
	}
	return e.Exec(ctx, "load the history of segments", "CREATE OR REPLACE TEMP TABLE "+changesTable+" AS\n"+strings.Join(rows, "\nUNION ALL\n"))
}

func (e *engine) rows(ctx context.Context, b *group, rel *ir.Relation) error {
	t := e.loaded[rel]
	if t == nil {
		t = &duckdb.TypedTable{Name: fmt.Sprintf("segql_test_%d", len(e.loaded))}
		for _, c := range rel.Columns {
			if c.Raw != "" {
				t.Columns = append(t.Columns, c)
			}
		}
		e.loaded[rel] = t
	}
	if err := e.CreateTyped(ctx, t); err != nil {
		return err
	}
	return e.AppendTyped(t, func(add func([]value.Value) error) error {
		row := make([]value.Value, len(t.Columns))
		for i, w := range b.worlds {
			for _, record := range w.instant().Data[rel] {
				for n, c := range t.Columns {
					row[n] = b.keys.value(i, c, record[c])
				}
				if err := add(row); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// read gives each world its members and values.
func (e *engine) read(ctx context.Context, b *group, pl *plan.Plan) error {
	for _, w := range b.worlds {
		w.answer = &trial.Answer{Members: map[*ir.Segment][]value.Value{}}
	}
	asked := map[string]map[string]bool{} // asked condition → keys for which it holds
	columns := map[string][]plan.Column{}
	for _, c := range pl.Columns {
		columns[c.Table] = append(columns[c.Table], c)
		asked[c.Name] = map[string]bool{}
	}
	for _, t := range pl.Tables {
		if len(columns[t.Name]) == 0 {
			continue
		}
		err := e.table(ctx, t.Name, columns[t.Name], func(key string, holds []plan.Column) {
			world, text := b.keys.original(key)
			for _, c := range holds {
				if c.Segment != nil {
					b.worlds[world].member(c.Segment, text)
				} else {
					asked[c.Name][key] = true
				}
			}
		})
		if err != nil {
			return err
		}
	}
	b.values(asked)
	return nil
}

// table tells of each row of a table which of the columns are true.
func (e *engine) table(ctx context.Context, name string, columns []plan.Column, found func(key string, holds []plan.Column)) error {
	cols := make([]string, len(columns))
	cells := make([]bool, len(columns))
	var key string
	dest := []any{&key}
	for i, c := range columns {
		cols[i] = duckdb.QuoteIdent(c.Col)
		dest = append(dest, &cells[i])
	}
	query := "SELECT CAST(\"key\" AS VARCHAR), " + strings.Join(cols, ", ") + " FROM " + duckdb.QuoteIdent(name)
	return e.Each(ctx, "read members", query, func(scan func(...any) error) error {
		if err := scan(dest...); err != nil {
			return err
		}
		var holds []plan.Column
		for i, c := range columns {
			if cells[i] {
				holds = append(holds, c)
			}
		}
		found(key, holds)
		return nil
	})
}
