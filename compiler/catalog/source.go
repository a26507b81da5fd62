package catalog

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/diag"
)

var formats = []string{"csv", "tsv", "json", "jsonl", "parquet"}

// formatByEnding tells the format of a file from its name; .ndjson is
// another name of .jsonl.
var formatByEnding = map[string]Format{
	".csv": CSVFormat, ".tsv": TSVFormat, ".json": JSONFormat, ".jsonl": JSONLFormat,
	".ndjson": JSONLFormat, ".parquet": ParquetFormat,
}

// otherEndings are files that people name and segql does not read.
var otherEndings = []string{
	".xlsx", ".xls", ".txt", ".dat", ".gz", ".zst", ".zip", ".avro", ".orc", ".feather", ".arrow", ".pq",
	".duckdb", ".db", ".sqlite", ".sql", ".yaml", ".yml", ".xml", ".tab", ".psv",
}

// source reads where rows come from; nil after an error.
func (r *reader) source(v *yamltree.Node) *Source {
	if v.Kind == yamltree.Map {
		return r.sourceMap(v)
	}
	text := r.text(v, "a file, a table or {sql: …}")
	if text.IsZero() {
		return nil
	}
	s := &Source{Span: v.Span}
	ending := strings.ToLower(path.Ext(text.Text))
	if formatByEnding[ending] != "" || slices.Contains(otherEndings, ending) || strings.ContainsAny(text.Text, `/\*?`) {
		return r.sourceFile(s, text, Name{})
	}
	s.Kind, s.Table = SourceTable, text
	return s
}

func (r *reader) sourceMap(v *yamltree.Node) *Source {
	s := &Source{Span: v.Span, CSV: CSV{Quote: `"`, Encoding: "utf-8", Header: true}}
	var path, format Name
	var kinds, options []*yamltree.Entry
	before := len(r.diags)
	r.entries(v, sourceKeys, func(key string, value *yamltree.Node) {
		e := v.Get(key)
		switch key {
		case "file":
			path, kinds = r.text(value, "the path of a file"), append(kinds, e)
		case "table":
			s.Table, kinds = r.text(value, "the name of a table"), append(kinds, e)
		case "sql":
			s.SQL, kinds = r.text(value, "a query"), append(kinds, e)
		case "format":
			format = Name{Text: r.choice(value, "a format", formats), Span: value.Span}
		default:
			options = append(options, e)
			r.csvOption(s, key, value)
		}
	})
	failed := r.diags[before:].HasErrors()
	switch {
	case len(kinds) == 1 && failed:
		return nil
	case len(kinds) != 1:
		if !failed || len(kinds) > 1 {
			d := r.diags.Errorf(codeOrigin, v.Span, "a source is one of `file`, `table` and `sql`, here are %d of them", len(kinds))
			d.Help = "write one of {file: data/x.csv}, {table: customers} and {sql: select …}"
		}
		return nil
	case path.IsZero():
		s.Kind = SourceTable
		if s.Table.IsZero() {
			s.Kind = SourceSQL
		}
		r.noOptions(options, "a "+strings.ToLower(kinds[0].Key.Text))
		if !format.IsZero() {
			r.diags.Errorf(codeFile, format.Span, "only a file has a format").Help = "remove `format`"
		}
		return s
	}
	if s = r.sourceFile(s, path, format); s != nil && s.Format != CSVFormat && s.Format != TSVFormat {
		r.noOptions(options, string(s.Format))
	}
	return s
}

// noOptions reports options of csv on what is none.
func (r *reader) noOptions(options []*yamltree.Entry, what string) {
	for _, e := range options {
		d := r.diags.Errorf(codeFile, e.Span(), "`%s` is an option of csv and tsv files, this is %s", e.Key.Text, what)
		d.Help = fmt.Sprintf("remove `%s`", e.Key.Text)
	}
}

// sourceFile completes the source of a file; format is zero when the ending tells it.
func (r *reader) sourceFile(s *Source, path, format Name) *Source {
	s.Kind, s.Path = SourceFile, path
	if strings.Contains(path.Text, `\`) {
		d := r.diags.Errorf(codeFile, path.Span, "paths are written with /, on every system")
		slashed := strings.ReplaceAll(path.Text, `\`, "/")
		d.Help = fmt.Sprintf("write `%s`", slashed)
		d.Edits = []diag.Edit{{Span: path.Span, Text: slashed}}
		return nil
	}
	s.Format = Format(format.Text)
	if format.IsZero() {
		s.Format = formatByEnding[strings.ToLower(ending(path.Text))]
	}
	if s.Format == "" {
		d := r.diags.Errorf(codeFile, path.Span, "the ending of `%s` does not tell its format", path.Text)
		switch strings.ToLower(ending(path.Text)) {
		case ".duckdb", ".db":
			d.Help = fmt.Sprintf("name the file once, as `database: %s`, and its tables in `source`", path.Text)
		case "", ".txt", ".dat", ".tab", ".psv", ".pq":
			d.Help = fmt.Sprintf("files are %s; say which one, as in {file: %s, format: csv}", oneOf(formats), path.Text)
		default:
			d.Help = fmt.Sprintf("save it as one of %s", oneOf(formats))
		}
		return nil
	}
	if s.CSV.Encoding == "" {
		s.CSV = CSV{Quote: `"`, Encoding: "utf-8", Header: true}
	}
	if s.CSV.Delimiter == "" && s.Format == TSVFormat {
		s.CSV.Delimiter = "\t"
	}
	return s
}

func ending(file string) string { return path.Ext(file) }

func (r *reader) csvOption(s *Source, key string, v *yamltree.Node) {
	switch key {
	case "delimiter":
		s.CSV.Delimiter = r.character(v, "a delimiter")
	case "quote":
		if v.Kind == yamltree.Scalar && v.Text == "" {
			s.CSV.Quote = ""
			return
		}
		s.CSV.Quote = r.character(v, "a quote")
	case "encoding":
		s.CSV.Encoding = r.choice(v, "an encoding", []string{"utf-8", "utf-16", "latin-1"})
	case "header":
		s.CSV.Header = r.flag(v)
	}
}

// character reads one character; after an error it is "".
func (r *reader) character(v *yamltree.Node, what string) string {
	if v.Kind != yamltree.Scalar {
		r.shape(v, "one character")
		return ""
	}
	text := v.Text
	if text == `\t` {
		text = "\t" // what people write where YAML does not unescape
	}
	if utf8.RuneCountInString(text) == 1 && text != "\n" && text != "\r" {
		return text
	}
	d := r.diags.Errorf(codeFile, v.Span, "%s is one character", what)
	d.Help = `write it in quotes, as in ";" or "\t"`
	return ""
}

// database reads the DuckDB file that holds the tables of sources.
func (r *reader) database(v *yamltree.Node) Name {
	name := r.text(v, "the path of a DuckDB file")
	if formatByEnding[strings.ToLower(path.Ext(name.Text))] != "" {
		d := r.diags.Errorf(codeFile, v.Span, "`%s` is not a DuckDB file", name.Text)
		d.Help = fmt.Sprintf("write `source: %s` in the entity or fact whose rows these are", name.Text)
		return Name{}
	}
	return name
}
