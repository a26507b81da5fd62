// Package catalog reads catalog.yaml: which entities and facts a project
// has, where their rows come from, how their columns are typed and how they
// hang together.
//
// Parse turns one file into a Catalog and a list of diagnostics. The catalog
// is usable even when there are errors: what could not be read is left out,
// and chains of `from` and of owners always come to an end. Parse checks
// structure: keys, types, names, references between entities and facts,
// cycles. It does not look inside expressions; they are parsed and kept as
// ast.Expr for the checker, which knows the columns.
//
// # How it reads
//
// Package yamltree gives the file as maps, lists and texts with exact
// places. Each kind of map has a table of keys (keys.go), which is all that
// diagnostics, documentation and completion know about it, and a switch that
// reads the values into a struct. A second pass (resolve.go) ties names to
// what they name.
//
// # What is given and what is inherited
//
// The structs hold what the author wrote. A fact that comes `from` another
// inherits its owner, time and lookups; Fact.Owner, Fact.HasTime and
// Entity.KeyColumn follow those chains, the checker does the rest.
//
// The package is pure: it opens no file and reads no clock. Time zones come
// with the program.
package catalog
