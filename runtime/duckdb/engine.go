package duckdb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
)

// Engine runs plans in a session: it describes sources to the compiler,
// prints the plan's SQL with them, and keeps each planned table as a
// temporary table of its name.
type Engine struct {
	*Session
	ctx       context.Context // of the describing calls, which come through the pure compiler
	relations map[*ir.Source]*Relation
	known     *Known // nil: nothing is; see Remember
	made      []made // by Execute, to be removed by Drop
	ascii     map[*Relation][]string
	last      *setRun
	// Strategy is how plans with sets are executed.
	Strategy Strategy
	// KernelBytes bounds the rows that a kernel keeps at a time; 0 is a quarter of
	// the memory limit, up to 1 GiB.
	KernelBytes int64
	// Keeping is for plans with sets.
	Keeping Keeping
	// TimeLimit bounds what is computed for some segments of a plan with sets and
	// not for all; 0: nothing does. Those that take longer are Stale.
	TimeLimit time.Duration
}

// made is a temporary table, or view, that stands in the session.
type made struct {
	name string
	view bool
}

// NewEngine gives an engine over an open session. ctx bounds the describing
// of sources during a compile.
func NewEngine(ctx context.Context, s *Session) *Engine {
	return &Engine{Session: s, ctx: ctx, relations: map[*ir.Source]*Relation{}}
}

// Columns describes a source; it fits check.Input.Columns.
func (e *Engine) Columns(src *ir.Source, declared map[string]value.Type) ([]check.SourceColumn, *diag.Diagnostic) {
	rel, err := e.describe(e.ctx, Source{Path: src.Path, Table: src.Table, SQL: src.SQL, Format: Format(src.Format),
		Delimiter: src.Delimiter, Quote: src.Quote, Encoding: src.Encoding, Header: src.Header}, declared)
	if err != nil {
		return nil, Diagnostic(err)
	}
	e.relations[src] = rel
	cols := make([]check.SourceColumn, len(rel.Columns))
	for i, c := range rel.Columns {
		cols[i] = check.SourceColumn{Name: c.Name, Type: c.Type}
	}
	return cols, nil
}

// Dialect is DuckDB's SQL.
func (e *Engine) Dialect() *sql.Dialect { return sql.DuckDB }

// Close leaves the session open, which is its owner's.
func (e *Engine) Close() error {
	e.forget()
	return nil
}

// forget ends what the plan last executed has open.
func (e *Engine) forget() {
	if e.last != nil {
		e.last.keeper.close()
	}
	e.last = nil
}

// Fingerprint gives the files of a source, of a large table the file of its
// database, and of another table or query what its rows hash to.
func (e *Engine) Fingerprint(ctx context.Context, doing string, src *ir.Source) (files, hashes []string, err error) {
	rel := e.relations[src]
	if files = e.Paths(rel); len(files) > 0 {
		return files, nil, nil
	}
	var n int64
	if rel.Source.Table != "" && e.database != "" {
		if err := e.QueryRow(ctx, doing, "SELECT count(*) FROM "+rel.ScanSQL(), &n); err != nil || n > largeTable {
			return []string{e.fullPath(e.opt.Database)}, []string{fmt.Sprint(n)}, err
		}
	}
	var sum string
	err = e.QueryRow(ctx, doing, "SELECT count(*), coalesce(CAST(bit_xor(hash(t)) AS VARCHAR), '') FROM "+rel.ScanSQL()+" AS t", &n, &sum)
	return nil, []string{fmt.Sprint(n), sum}, err
}

// largeTable is the number of rows of a table beyond which all of them are not
// looked at to see whether one has changed.
const largeTable = 1_000_000

// Diagnostic is a problem with a source, as the compiler reports it.
func Diagnostic(err error) *diag.Diagnostic {
	var p *Problem
	if errors.As(err, &p) {
		d := &diag.Diagnostic{Code: p.Code, Message: p.Message, Help: p.Help}
		if p.Line > 0 {
			d.Message = fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
		}
		return d
	}
	return &diag.Diagnostic{Code: CodeRefused, Message: err.Error()}
}

// Relation is how a source was opened, nil when it was not.
func (e *Engine) Relation(src *ir.Source) *Relation { return e.relations[src] }

// Print writes the SQL of a plan over the sources that were described.
func (e *Engine) Print(p *plan.Plan) []sql.Statement {
	return sql.Print(p, sql.DuckDB, &printed{engine: e, zone: p.Project.Zone})
}

// Readable writes the SQL of a plan for people: the same, with conversions
// that are shorter and slower.
func (e *Engine) Readable(p *plan.Plan) []sql.Statement {
	return sql.Print(p, sql.DuckDB, &printed{engine: e, zone: p.Project.Zone, plain: true})
}

// CutQueries read, from the tables of an executed plan, where it divides the
// population.
func (e *Engine) CutQueries(p *plan.Plan) []sql.CutQuery {
	all := sql.CutQueries(p, sql.DuckDB, &printed{engine: e, zone: p.Project.Zone})
	if e.last == nil {
		return all
	}
	for i, q := range all {
		if rows, ok := e.last.cuts[cutOf{q.Table, q.Col}]; ok {
			all[i].Query, all[i].Rows = "", rows
		}
	}
	return slices.DeleteFunc(all, func(q sql.CutQuery) bool { return e.last.late[q.Table.Name] })
}

// changesTable holds what earlier runs have stored of segments.
const changesTable = "segql_changes"

// LoadChanges gives the session what earlier runs have stored of segments:
// the rows of a query, such as member.Store.ChangesSQL. A plan with Changes
// needs it before Execute.
func (e *Engine) LoadChanges(ctx context.Context, query string) error {
	return e.Exec(ctx, "read the history of segments", "CREATE OR REPLACE TEMP TABLE "+changesTable+" AS "+query)
}

// StoreName is what the SQL of Readable expects the store of memberships to
// be attached as.
const StoreName = "segql_store"

// Execute computes every table of the plan. step is told of each before it
// begins; it may be nil.
func (e *Engine) Execute(ctx context.Context, p *plan.Plan, step func(n, of int, s sql.Statement)) error {
	if p.Sets {
		r, err := e.prepare(ctx, p, e.Strategy)
		if err != nil {
			return err
		}
		r.step, e.last = step, r
		return r.run(ctx)
	}
	statements := e.Print(p)
	for i, s := range statements {
		if step != nil {
			step(i, len(statements), s)
		}
		e.made = append(e.made, made{s.Table.Name, false})
		if err := e.Exec(ctx, "compute the "+s.Comment, sql.DuckDB.Create(s)); err != nil {
			return e.explain(ctx, p, s.Table, err)
		}
	}
	return nil
}

// Drop removes what Execute has made, and tables of the plan that others have,
// so that another plan can be computed.
func (e *Engine) Drop(ctx context.Context, p *plan.Plan) error {
	for _, t := range p.Tables {
		if !slices.ContainsFunc(e.made, func(m made) bool { return m.name == t.Name }) {
			e.made = append(e.made, made{t.Name, false})
		}
	}
	for _, m := range slices.Backward(e.made) {
		kind := "TABLE"
		if m.view {
			kind = "VIEW"
		}
		if err := e.Exec(ctx, "clear up", "DROP "+kind+" IF EXISTS "+QuoteIdent(m.name)); err != nil {
			return err
		}
	}
	e.forget()
	e.made, e.ascii = nil, nil
	return nil
}

// printed gives the printer what this engine knows of its sources.
type printed struct {
	engine *Engine
	zone   string
	plain  bool // for people to read
	// Of one source only the rows where something holds; nil: all of every source.
	only  *ir.Source
	where string
	homes homes
	// Rows of this relation have their numbers beside them.
	numbered *ir.Relation
}

func (p *printed) Number(r *ir.Relation) string {
	if p.numbered != r {
		return ""
	}
	return "rowid"
}

func (p *printed) Scan(r *ir.Relation) string {
	if rel := p.engine.relations[r.Source]; rel != nil {
		if p.only == r.Source {
			return "(SELECT * FROM " + rel.ScanSQL() + " WHERE " + p.where + ")"
		}
		return rel.ScanSQL()
	}
	return QuoteText(r.Source.Path)
}

func (p *printed) Cell(_ *ir.Relation, c *ir.ColumnDef) string { return "s." + sql.DuckDB.Ident(c.Raw) }

func (p *printed) Read(r *ir.Relation, c *ir.ColumnDef, x string) string {
	col := Column{Name: c.Raw, Type: c.RawType}
	if rel := p.engine.relations[r.Source]; rel != nil {
		if known, ok := rel.Column(c.Raw); ok {
			col = known
		}
	}
	opt := p.options(c)
	opt.NFC = opt.NFC && !p.engine.isASCII(p.engine.relations[r.Source], c.Raw)
	return ConvertSQL(x, col, c.Type, opt)
}

func (p *printed) Changes() string {
	if p.plain {
		return StoreName + ".main.changes"
	}
	return "temp.main." + changesTable
}

func (p *printed) options(c *ir.ColumnDef) ConvertOptions {
	return ConvertOptions{Trim: c.Trim, NFC: c.NFC, EmptyMissing: c.EmptyMissing, Separator: c.Separator, Zone: p.zone, Plain: p.plain}
}

// TextOf writes a computed value as value.Value.String does.
func (p *printed) TextOf(x string, t value.Type) string {
	switch t.Kind {
	case value.Text, value.JSON:
		return x
	default:
		return textOf(x, parseEngineType(sqlType(t)))
	}
}

func (p *printed) DateOf(x string) string {
	return converter{}.fromText(x, value.Of(value.Date))
}
