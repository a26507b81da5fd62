// Package conformance runs the cases of spec/conformance on every engine and
// holds them beside the sentences of spec/semantics.md.
//
//	go test ./runtime/internal/conformance                     all of it
//	go test ./runtime/internal/conformance -run /duckdb/window one engine, one folder
//	go test ./runtime/internal/conformance -v -run Sentences   how many cases there are
//
// An engine is one entry of engines (engines_test.go).
package conformance
