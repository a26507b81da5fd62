// Package postgres computes plans in a PostgreSQL server, 13 or later.
//
// An [Engine] is one connection and one transaction, begun as repeatable read:
// everything a run reads is of one moment. All it makes are temporary tables
// and views, which nobody else sees and which end with it; the transaction is
// never committed. What a session may have been configured to do differently
// (zone, style of dates, spelling of literals, order of schemas) is set at its
// beginning.
//
// Tables and queries of the catalog are read where they are. Files are read by
// the DuckDB session that the engine is given, with its rules, and copied into
// temporary tables.
//
// What a user can mend comes back as a [duckdb.Problem], like that of any
// engine. Passwords are in none of them.
package postgres
