package runtime

import (
	"context"
	"os"

	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime/duckdb"
)

// Engine computes plans over the data of a project. Tables of a plan stand in
// it under their names, and are seen by it alone. Errors that the user can
// mend are *duckdb.Problem. It serves one caller at a time.
//
// Memberships are not its business: the store is a DuckDB file, and the
// session of a Project holds it whatever the engine is.
type Engine interface {
	// Dialect is how its SQL is spelled.
	Dialect() *sql.Dialect
	// Columns describes a source to the checker; it fits compiler.Options.
	Columns(src *ir.Source, declared map[string]value.Type) ([]check.SourceColumn, *diag.Diagnostic)
	// WrongColumns are the columns of which no value has its declared type.
	WrongColumns(ctx context.Context, p *ir.Project) (diag.List, error)
	// Readable writes the SQL of a plan for people.
	Readable(p *plan.Plan) []sql.Statement
	// LoadChanges gives Execute what earlier runs have stored of segments, for
	// a plan with Changes: the rows of a query to the project's session, as
	// member.Store.ChangesSQL has them.
	LoadChanges(ctx context.Context, query string) error
	// Execute computes every table of a plan; step is told of each before it
	// begins, and may be nil.
	Execute(ctx context.Context, p *plan.Plan, step func(n, of int, s sql.Statement)) error
	// CutQueries read from those tables where the plan divides the population.
	CutQueries(p *plan.Plan) []sql.CutQuery
	// CellsSQL reads rows of a relation with a source, see sql.Cells; what it
	// reads from is at hand from then on.
	CellsSQL(ctx context.Context, p *plan.Plan, t *plan.Table) (string, error)
	// PlaceSQL reads from an executed plan where a row stands in a rank, see
	// sql.PlaceQuery.
	PlaceSQL(p *plan.Plan, t *plan.Table, r *ir.Rank, key value.Value) string
	// Drop removes them.
	Drop(ctx context.Context, p *plan.Plan) error
	// Rows counts the rows of an executed plan's relation.
	Rows(ctx context.Context, p *plan.Plan, t *plan.Table) (int64, error)
	// Distinct reports whether it is known that no two rows of an entity of an
	// executed plan have one key.
	Distinct(p *plan.Plan, entity *ir.Relation) bool
	// Audit says what of an executed plan's relation could not be used.
	Audit(ctx context.Context, p *plan.Plan, t *plan.Table) ([]duckdb.Issue, error)
	// Fingerprint changes when what a source holds does: the paths of files
	// to be hashed, or hashes of rows.
	Fingerprint(ctx context.Context, doing string, src *ir.Source) (files, hashes []string, err error)
	// OpenFile opens such a file until done.
	OpenFile(path string) (f *os.File, done func(), err error)
	// QueryRow and Each read rows; doing, "count customer", begins an error.
	QueryRow(ctx context.Context, doing, query string, dest ...any) error
	Each(ctx context.Context, doing, query string, fn func(scan func(...any) error) error) error
	// Memberships reads what an executed plan has found; the keys are at hand in
	// the project's session for as long as the plan's tables are.
	Memberships(ctx context.Context, p *plan.Plan) (*duckdb.Memberships, error)
	Close() error
}
