package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/segql/segql/runtime/duckdb"
)

// Exec runs one statement, or several.
func (e *Engine) Exec(ctx context.Context, doing, query string) error {
	_, err := e.conn.PgConn().Exec(ctx, query).ReadAll()
	return e.wrap(ctx, doing, err)
}

// try is Exec that leaves the transaction usable when the statement fails.
func (e *Engine) try(ctx context.Context, doing, query string) error {
	return e.within(ctx, func() error { return e.Exec(ctx, doing, query) })
}

// within undoes what fn did where it fails: in PostgreSQL an error otherwise
// ends the whole transaction.
func (e *Engine) within(ctx context.Context, fn func() error) error {
	if err := e.Exec(ctx, "begin a step", "SAVEPOINT step"); err != nil {
		return err
	}
	if err := fn(); err != nil {
		if undo := e.Exec(ctx, "undo a step", "ROLLBACK TO SAVEPOINT step; RELEASE SAVEPOINT step"); undo != nil {
			return errors.Join(err, undo)
		}
		return err
	}
	return e.Exec(ctx, "end a step", "RELEASE SAVEPOINT step")
}

// QueryRow runs a query that gives exactly one row and scans it.
func (e *Engine) QueryRow(ctx context.Context, doing, query string, dest ...any) error {
	return e.wrap(ctx, doing, e.conn.QueryRow(ctx, query).Scan(dest...))
}

// Each runs a query and calls fn for every row, with the row's scan.
func (e *Engine) Each(ctx context.Context, doing, query string, fn func(scan func(...any) error) error) error {
	rows, err := e.conn.Query(ctx, query)
	if err != nil {
		return e.wrap(ctx, doing, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	return e.wrap(ctx, doing, rows.Err())
}

// Close ends the transaction, and with it everything it made.
func (e *Engine) Close() error {
	if e.conn == nil || e.conn.IsClosed() {
		return nil
	}
	return e.conn.Close(context.Background())
}

// wrap gives a server's error the words of what was being done, and turns
// what a user can mend into a Problem.
func (e *Engine) wrap(ctx context.Context, doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", doing, ctx.Err())
	case errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("%s: %w", doing, err)
	}
	var own *duckdb.Problem
	if errors.As(err, &own) {
		return err
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		if e.conn != nil && e.conn.IsClosed() {
			return duckdb.NewProblem(duckdb.NoServer, "%s: the connection to the server was lost", doing).In("", err).
				WithHelp("run again; if it happens again, the server's log says why")
		}
		return fmt.Errorf("%s: %w", doing, err)
	}
	for _, r := range rules {
		if strings.HasPrefix(pg.Code, r.code) {
			return duckdb.NewProblem(r.kind, "%s: %s", doing, pg.Message).In("", err).WithHelp("%s", r.help)
		}
	}
	return duckdb.NewProblem(duckdb.Refused, "%s: %s", doing, pg.Message).In("", err).
		WithHelp("if the SQL is in your catalog, correct it there; otherwise report it, with this message")
}

// rules recognise errors by their SQLSTATE, or the beginning of it.
var rules = []struct {
	code string
	kind duckdb.Kind
	help string
}{
	{"22003", duckdb.Overflow, "a number became larger than its type can hold; declare the column with more digits"},
	{"22021", duckdb.DamagedFile, "PostgreSQL keeps no NUL character in a text: remove it from the data"},
	{"22P05", duckdb.DamagedFile, "PostgreSQL keeps no NUL character in a text: remove it from the data"},
	{"25006", duckdb.NoServer, "segql makes temporary tables: connect to the primary server, as a user who is not held to read only"},
	{"3F000", duckdb.MissingTable, "check the name of the schema"},
	{"42501", duckdb.Unreadable, "let the user read the tables and make temporary ones: GRANT USAGE ON SCHEMA …, GRANT SELECT ON … and GRANT TEMPORARY ON DATABASE …"},
	{"42P01", duckdb.MissingTable, "check the name of the table, with its schema: `source: schema.table`"},
	{"53100", duckdb.DiskFull, "the server's disk is full: free some space there"},
	{"53200", duckdb.OutOfMemory, "the server is out of memory"},
	{"53400", duckdb.DiskFull, "the server allows no larger temporary files (temp_file_limit)"},
	{"55P03", duckdb.NoServer, "another session holds a table that is read: run again when it has ended, or let this user wait longer (lock_timeout)"},
	{"57014", duckdb.NoServer, "the server ends statements that take long: let this user's take longer (statement_timeout)"},
	{"57P", duckdb.NoServer, "the server was stopped, or is starting: run again"},
	{"08", duckdb.NoServer, "run again; if it happens again, the server's log says why"},
}
