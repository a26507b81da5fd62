// Package member stores who was in which segment, and when.
//
// The store is one DuckDB file, by default .segql/store.duckdb, that any
// DuckDB can read. Its truth is a change log that is only ever appended to:
// this customer entered or left this segment in this run, because the data,
// the clock or the definition changed. Current members are kept beside it so
// that a run is compared with the one before by the difference of two sets of
// bits; both are written in one transaction, so a process killed at any moment
// leaves the last complete run.
//
//	log.run, log.run_segment     what ran, and each segment's size and changes
//	log.segment, log.customer    numbers for names and keys
//	log.change                   the log, as sets of customers
//	log.member                   current members, as sets of customers
//	log.cut                      where the last run divided everybody
//	runs, members, changes, history    views with names and keys, a row for each
//	members_current                    members, by the name it had first
//
// A set is a row for each block of 65,536 numbers of customers in which it has
// any: a list of the numbers, or a bit for each, see container. The views take
// the rows apart; what they are asked of one segment or run, they read of the
// rows of that alone.
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
