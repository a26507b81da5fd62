// Package runtime runs segment projects on data: it opens an engine, lets the
// compiler see the sources, computes the plan and keeps the memberships.
package runtime

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/member"
	"github.com/segql/segql/runtime/postgres"
)

// Options say where a project and its data are. The zero Options are the
// project in the current folder, with its store.
type Options struct {
	Dir  string // the project's folder; "" is the current one
	Data string // another folder for relative sources; ""
	// Store is the file of memberships; "" is .segql/store.duckdb in Dir.
	// NoStore runs without one.
	Store   string
	NoStore bool
	// ReadOnly reads the store, for the history of segments, and leaves it as
	// it is.
	ReadOnly bool
	// Engine is the address of a PostgreSQL server, postgres://…, that
	// computes; "" is DuckDB, in this process.
	Engine string
	// Set overrides params.
	Set map[string]string
	// Files holds the definitions, where they are not to be read from Dir: an
	// earlier version of the project. Data is looked for in Dir all the same.
	Files fs.FS
	// Uses is told what each name stands for; see compiler.Options.
	Uses func(check.Use)
	// AllowDirs may be read, and written to by Out.
	AllowDirs                       []string
	MemoryLimit, TempDir, TempLimit string
	Threads                         int
	// Tests also checks the files of tests.
	Tests bool
}

// StorePath is where the memberships are kept.
func (o Options) StorePath() string {
	if o.Store != "" {
		return o.Store
	}
	return filepath.Join(o.Dir, ".segql", "store.duckdb")
}

// Project is an open project: its definitions, checked against its data, and
// the engine over that data. Close it.
type Project struct {
	*compiler.Project
	Engine Engine
	// Session reads files and holds the store and the keys of the last run.
	Session *duckdb.Session
	opt     Options
	ran     *plan.Plan          // whose tables stand in the engine, of the last Run
	found   *duckdb.Memberships // what that Run has found
}

// Open opens a project and checks it. The diagnostics say whether it can run;
// the error is about the environment (a *duckdb.Problem where the user can
// mend it). With error diagnostics the project is still open.
func Open(ctx context.Context, o Options) (*Project, diag.List, error) { return open(ctx, o, nil) }

func open(ctx context.Context, o Options, known *duckdb.Known) (*Project, diag.List, error) {
	dir := o.Dir
	if dir == "" {
		dir = "."
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, nil, duckdb.NewProblem(duckdb.MissingFile, "there is no folder %s", dir).In(dir, err).
			WithHelp("name the folder that holds the project's catalog.yaml")
	}
	// The catalog names the database that must be attached before the session
	// is locked.
	fsys := o.Files
	if fsys == nil {
		fsys = os.DirFS(dir)
	}
	cat, _ := compiler.ReadCatalog(fsys)
	if cat == nil { // then nothing needs data
		_, diags := compiler.Compile(fsys, compiler.Options{Set: o.Set, Tests: o.Tests, Uses: o.Uses})
		return nil, diags, nil
	}
	so := duckdb.Options{Dir: dir, Data: o.Data, AllowDirs: append([]string{}, o.AllowDirs...),
		MemoryLimit: o.MemoryLimit, TempDir: o.TempDir, TempLimit: o.TempLimit, Threads: o.Threads, Late: known != nil}
	if !cat.Database.IsZero() && o.Engine == "" {
		so.Database = cat.Database.Text
	}
	if !o.NoStore {
		so.AllowPaths = member.Files(o.StorePath())
	}
	session, err := duckdb.Open(ctx, so)
	if err != nil {
		return nil, nil, err
	}
	p := &Project{Session: session, opt: o}
	if p.Engine, err = openEngine(ctx, o, session, known); err != nil {
		return nil, nil, errors.Join(err, session.Close())
	}
	project, diags := compiler.Compile(fsys, compiler.Options{Set: o.Set, Columns: p.Engine.Columns, Tests: o.Tests, Uses: o.Uses})
	p.Project = project
	if p.Project.Project != nil && !diags.HasErrors() {
		diags = append(diags, sql.Unsupported(p.Project.Project, p.Engine.Dialect())...)
	}
	return p, diags, nil
}

// openEngine is what computes: the session itself, or a server.
func openEngine(ctx context.Context, o Options, session *duckdb.Session, known *duckdb.Known) (Engine, error) {
	local := duckdb.NewEngine(ctx, session)
	if known != nil {
		if err := local.Remember(ctx, known); err != nil {
			return nil, err
		}
	}
	if o.Engine == "" {
		return local, nil
	}
	return postgres.Open(ctx, o.Engine, local)
}

// Close ends the engine; the store is safe.
func (p *Project) Close() error {
	if p.Engine == nil { // definitions alone
		return nil
	}
	return errors.Join(p.Engine.Close(), p.Session.Close())
}

// AsOf is the instant a run is of: the one given, else the catalog's, else
// now. text is what the caller was given ("" for none).
func (p *Project) AsOf(text string, now time.Time) (micros int64, from string, err error) {
	switch {
	case text != "":
		micros, err = p.Calendar.ParseInstant(text)
		return micros, "given", err
	case p.Project.Project.AsOf != nil:
		return *p.Project.Project.AsOf, "catalog", nil
	default:
		return now.UnixMicro(), "now", nil
	}
}

// ErrDefinitions says that a project cannot run before its errors are mended.
var ErrDefinitions = errors.New("the definitions have errors")
