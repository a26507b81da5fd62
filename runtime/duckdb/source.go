package duckdb

import (
	"path/filepath"
	"strings"
)

// Format is how a file is written.
type Format string

// Formats of files.
const (
	CSV     Format = "csv"
	TSV     Format = "tsv"
	JSON    Format = "json"
	JSONL   Format = "jsonl"
	Parquet Format = "parquet"
)

// Source says where rows come from: exactly one of Path, Table and SQL is set.
type Source struct {
	Path      string // of files, relative to the project; globs: * ? [a-z] {a,b} **
	Table     string // in the attached database: table, schema.table
	SQL       string // one SELECT statement
	Format    Format // "" goes by the file's ending
	Delimiter string // of CSV; "" is found out
	Quote     string // of CSV; "" is the double quote; "none" is no quoting
	Encoding  string // of CSV: "" is utf-8 (or what the byte order mark says), utf-16, latin-1
	Header    *bool  // of CSV: nil is true
}

// String is how messages name the source.
func (src Source) String() string {
	switch {
	case src.Path != "":
		return src.Path
	case src.Table != "":
		return "table " + src.Table
	default:
		return "the SQL of a source"
	}
}

var endings = map[string]Format{
	".csv": CSV, ".txt": CSV, ".tsv": TSV, ".tab": TSV, ".json": JSON,
	".jsonl": JSONL, ".ndjson": JSONL, ".parquet": Parquet, ".pq": Parquet, ".parq": Parquet,
}

// FormatOf is the format a file's ending says, or "". A second ending .gz or
// .zst is looked through.
func FormatOf(path string) Format {
	lower := strings.ToLower(path)
	lower = strings.TrimSuffix(strings.TrimSuffix(lower, ".gz"), ".zst")
	return endings[filepath.Ext(lower)]
}

func (src Source) format() (Format, error) {
	if src.Format != "" {
		return Format(strings.ToLower(string(src.Format))), nil
	}
	if f := FormatOf(src.Path); f != "" {
		return f, nil
	}
	return "", NewProblem(DamagedFile, "%s has an ending that says no format", src.Path).In(src.Path, nil).
		WithHelp("write `format:` beside the source: csv, tsv, json, jsonl or parquet")
}
