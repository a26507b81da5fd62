// Package member stores who was in which segment, and when.
//
// The store is one DuckDB file, by default .segql/store.duckdb, that any
// DuckDB can read. Its truth is a change log that is only ever appended to:
// this customer entered or left this segment in this run, because the data,
// the clock or the definition changed. Current members are kept beside it so
// that a run is compared with the one before by one join of integers; both are
// written in one transaction, so a process killed at any moment leaves the
// last complete run.
//
//	log.run, log.run_segment     what ran, and each segment's size and changes
//	log.segment, log.customer    numbers for names and keys
//	log.change                   the log
//	log.member                   current members
//	runs, changes, history, members_current    views with names and keys
//
// The tables stand in a schema of their own, because a temporary table of a
// session would take the place of a table that a view names without schema.
//
// A [Store] works through a [duckdb.Session]: the session that computed the
// memberships attaches the file for the moment of the commit. A run holds a
// [Lock] from its beginning, so that of two runs the second fails at once and
// not at its end. Readers only meet DuckDB's own lock during a commit, and
// wait for it.
package member
