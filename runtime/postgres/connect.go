package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/runtime/duckdb"
)

// Is reports whether an address is one of PostgreSQL: postgres://… or
// postgresql://….
func Is(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// oldest is the oldest version that is known to work.
const oldest = 130000

// Open connects to a server and begins the transaction. files reads the files
// of a project. ctx also bounds the describing of sources during a compile.
// What address does not say comes from the usual places: PGPASSWORD, .pgpass,
// PGSSLMODE and so on.
func Open(ctx context.Context, address string, files *duckdb.Engine) (*Engine, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, duckdb.NewProblem(duckdb.NoServer, "the address of the server cannot be read").
			WithHelp("write postgres://USER@HOST:PORT/DATABASE; in a name, a user or a password every character\nbut letters, digits and - . _ ~ is written as %%XX")
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		// The server is told to stop; closing the connection alone leaves it at work.
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: 5 * time.Second}
	}
	config.RuntimeParams["application_name"] = "segql"
	e := &Engine{files: files, ctx: ctx, server: serverName(config), relations: map[*ir.Source]*relation{}}
	if e.conn, err = pgx.ConnectConfig(ctx, config); err != nil {
		return nil, e.unreachable(ctx, config, err)
	}
	if err := e.setUp(ctx); err != nil {
		_ = e.Close()
		return nil, err
	}
	return e, nil
}

// serverName is how messages name the server; it has no password.
func serverName(c *pgx.ConnConfig) string {
	host := net.JoinHostPort(c.Host, fmt.Sprint(c.Port))
	if strings.HasPrefix(c.Host, "/") {
		host = c.Host
	}
	return fmt.Sprintf("database %s on %s as %s", c.Database, host, c.User)
}

// unreachable says why there is no connection.
func (e *Engine) unreachable(ctx context.Context, c *pgx.ConnConfig, err error) error {
	if cause := ctx.Err(); cause != nil {
		return fmt.Errorf("connect to %s: %w", e.server, cause)
	}
	problem := func(help, format string, args ...any) error {
		return duckdb.NewProblem(duckdb.NoServer, format, args...).In("", err).WithHelp("%s", help)
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return problem("check host and port, that the server runs, and that this machine may reach it",
			"no PostgreSQL server answers at %s", strings.TrimPrefix(e.server, "database "+c.Database+" on "))
	}
	switch pg.Code {
	case "28P01", "28000":
		return problem("give the password in PGPASSWORD or ~/.pgpass, and check that user and database may be used from here (pg_hba.conf)",
			"the server refuses %s: %s", c.User, pg.Message)
	case "3D000":
		return problem("check the name after the last / of the address", "%s", pg.Message)
	case "53300":
		return problem("wait until others have left, or let the server take more (max_connections)", "the server takes no more connections: %s", pg.Message)
	default:
		return problem("the server's log may say more", "%s cannot be used: %s", e.server, pg.Message)
	}
}

// settings of the transaction. Zone and styles are those in which values are
// printed; row-level estimates and compiled expressions do not pay for
// statements that run once.
var settings = []string{
	"SET LOCAL TimeZone = 'UTC'", "SET LOCAL DateStyle = 'ISO, YMD'", "SET LOCAL IntervalStyle = 'postgres'",
	"SET LOCAL standard_conforming_strings = on", "SET LOCAL extra_float_digits = 1", "SET LOCAL client_encoding = 'UTF8'",
	"SET LOCAL array_nulls = on", "SET LOCAL jit = off",
	"SELECT set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')), 64 * 1024 * 1024) / 1024 || 'kB', true)",
	// Functions are PostgreSQL's own, whatever a schema holds besides.
	"SELECT set_config('search_path', array_to_string(array_prepend('pg_catalog', array_remove(ARRAY(SELECT quote_ident(s) FROM unnest(current_schemas(false)) AS s), 'pg_catalog')), ', '), true)",
}

func (e *Engine) setUp(ctx context.Context) error {
	if err := e.Exec(ctx, "begin", "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE"); err != nil {
		return err
	}
	for _, s := range settings {
		if err := e.Exec(ctx, "set up the session", s); err != nil {
			return err
		}
	}
	var encoding, replica string
	var version int64
	err := e.QueryRow(ctx, "ask the server", "SELECT current_setting('server_encoding'), current_setting('server_version_num')::bigint, pg_is_in_recovery()::text", &encoding, &version, &replica)
	problem := func(help, format string, args ...any) error {
		return duckdb.NewProblem(duckdb.NoServer, format, args...).WithHelp("%s", help)
	}
	switch {
	case err != nil:
		return err
	case version < oldest:
		return problem("use PostgreSQL 13 or newer", "the server is PostgreSQL %d", version/10000)
	case encoding != "UTF8":
		return problem("use a database whose encoding is UTF8", "the %s has the encoding %s", e.server, encoding)
	case replica == "true":
		return problem("connect to the primary server", "the server is a read-only copy, on which no temporary tables can be made")
	}
	return nil
}
