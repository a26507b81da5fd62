// Package difftest holds segql's engines against the reference evaluator: on
// drawn catalogs, rows, definitions and instants, ir.Eval, the normal form
// read in three-valued logic, and DuckDB through plan and sql must give every
// segment the same members.
//
//	go test ./runtime/internal/difftest                          a quick look
//	go test ./runtime/internal/difftest -rapid.checks 20000      a long one
//	go test ./runtime/internal/difftest -fuzz FuzzWorlds         until it fails
package difftest
