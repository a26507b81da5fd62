// Package catalog reads catalog.yaml: which entities and facts a project
// has, where their rows come from, how their columns are typed and how they
// hang together.
//
// Parse turns one file into a Catalog and a list of diagnostics. The catalog
// is usable even when there are errors: what could not be read is left out.
// Parse checks structure: keys, types, names, references between entities
// and facts, cycles. It does not look inside expressions; they are parsed and
// kept as ast.Expr for the checker, which knows the columns.
//
// The package is pure: it opens no file and reads no clock.
package catalog
