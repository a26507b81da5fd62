// Package duckdb is the reading side of segql's default engine.
//
// A [Session] is one in-memory DuckDB with one connection: settings, attached
// files and temporary tables belong to a connection, so there is never a
// second. Once what a project needs is attached, the session is locked: SQL
// can read the project's folders and nothing else, cannot load extensions and
// cannot change a setting. Inside the allowed folders DuckDB itself would
// still write (COPY TO, ATTACH), so the SQL that a catalog may contain is
// admitted only when it is one SELECT ([Session.CheckSelect]).
//
// A [Source] says where rows come from; [Session.Describe] opens it and gives
// a [Relation]: its columns with segql's types, and SQL to read it. Types in
// text files (CSV, TSV, JSON) are not DuckDB's guesses: those turn a Yes/No
// column into booleans, drop leading zeros and depend on a sample. Here a
// column has a narrower type than text only when every known value of every
// file has it, canonically written (infer.go).
//
// [ConvertSQL] prints the conversion of a raw column to a declared type. What
// does not fit becomes missing, never an error and never a rounded number,
// and [Session.Quality] counts it.
//
// What a user can mend comes back as a [*Problem] with a code, a sentence and
// a way out. Everything else is an ordinary wrapped error.
package duckdb
