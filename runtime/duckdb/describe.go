package duckdb

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/segql/segql/compiler/value"
)

// Column is one column of a source.
type Column struct {
	Name       string     // as in the source
	Type       value.Type // segql's type: the declared one, or what the values are
	EngineType string     // DuckDB's type of the raw column that ScanSQL gives
	Declared   bool       // Type was declared

	quotedText bool // JSON text: never a number
}

// Relation is a source that was opened: its columns, and how to read it.
type Relation struct {
	Source  Source
	Columns []Column
	Files   []string // as messages name them; empty for tables and SQL

	paths     []string // of Files, absolute
	scan      string   // what ScanSQL gives
	texts     []*textFile
	rejects   []rejects // of CSV and TSV
	jsonLines []string  // absolute paths of JSONL files
	known     *knownRelation
}

// ScanSQL is the source as raw relation, to stand after FROM. Columns have the
// engine's types, in files of text VARCHAR; ConvertSQL gives them segql's.
func (r *Relation) ScanSQL() string { return r.scan }

// Column finds a column by name.
func (r *Relation) Column(name string) (Column, bool) {
	for _, c := range r.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// Describe opens a source and finds its columns. Columns of text files whose
// type is declared are not looked through, except for time: whether the values
// carry a zone decides between Wall and Time. The others cost one scan.
func (s *Session) Describe(ctx context.Context, src Source, declared map[string]value.Type) (*Relation, error) {
	rel := &Relation{Source: src}
	var err error
	switch {
	case src.Path != "":
		err = s.describeFiles(ctx, rel)
	case src.Table != "":
		rel.scan = QuoteTable(src.Table)
		err = s.describeSQL(ctx, rel)
	case src.SQL != "":
		if err = s.CheckSelect(ctx, src.SQL); err != nil {
			return nil, err
		}
		rel.scan = "(\n" + strings.TrimRight(strings.TrimSpace(src.SQL), ";") + "\n)" // the line end closes a comment
		err = s.describeSQL(ctx, rel)
	default:
		return nil, errors.New("describe a source: it names no file, table or SQL")
	}
	if err != nil {
		return nil, err
	}
	return rel, s.types(ctx, rel, declared)
}

func (s *Session) describeFiles(ctx context.Context, rel *Relation) error {
	format, err := rel.Source.format()
	if err != nil {
		return err
	}
	files, err := s.resolve(ctx, rel.Source.Path)
	if err != nil {
		return err
	}
	for _, f := range files {
		rel.Files = append(rel.Files, s.show(f))
		rel.paths = append(rel.paths, f)
	}
	switch format {
	case CSV, TSV:
		return s.describeText(rel, format, files)
	case JSON, JSONL:
		return s.describeJSON(ctx, rel, format, files)
	case Parquet:
		options := ""
		if len(files) > 1 {
			options = ", union_by_name = true"
		}
		rel.scan = "read_parquet(" + fileList(files) + options + ")"
		return s.describeSQL(ctx, rel)
	default:
		return NewProblem(DamagedFile, "the format %s is not known", format).In(rel.Source.Path, nil).
			WithHelp("formats are csv, tsv, json, jsonl and parquet")
	}
}

func fileList(files []string) string {
	escaped := make([]string, len(files))
	for i, f := range files {
		escaped[i] = escapeGlob(f)
	}
	return quoteTexts(escaped)
}

// describeSQL takes columns and types from the engine.
func (s *Session) describeSQL(ctx context.Context, rel *Relation) error {
	doing := "read " + rel.Source.String()
	err := s.Each(ctx, doing, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "+rel.scan+")", func(scan func(...any) error) error {
		var name, typ string
		if err := scan(&name, &typ); err != nil {
			return err
		}
		rel.Columns = append(rel.Columns, Column{Name: name, EngineType: typ, Type: parseEngineType(typ).value()})
		return nil
	})
	var p *Problem
	if errors.As(err, &p) && p.Kind == MissingTable && rel.Source.Table != "" {
		return s.missingTable(ctx, rel.Source.Table, err)
	}
	return rel.blame(err)
}

// blame names the source's file in a problem of the engine.
func (r *Relation) blame(err error) error {
	var p *Problem
	if errors.As(err, &p) && p.File == "" && r.Source.Path != "" {
		p.File = r.Source.Path
	}
	return err
}

func (s *Session) missingTable(ctx context.Context, table string, cause error) error {
	p := NewProblem(MissingTable, "there is no table %s", table).In("", cause)
	if s.database == "" {
		return p.WithHelp("tables live in the DuckDB file that the catalog names with `database:`; without one, sources are files. For a table in a PostgreSQL server give --engine postgres://USER@HOST/DATABASE")
	}
	wanted := SplitTable(strings.ToLower(table))
	var near []string
	err := s.Each(ctx, "list the tables", "SELECT table_name FROM duckdb_tables() WHERE database_name = "+QuoteText(s.database)+
		" UNION SELECT view_name FROM duckdb_views() WHERE database_name = "+QuoteText(s.database)+" AND NOT internal ORDER BY 1", func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		if distance(strings.ToLower(name), wanted[len(wanted)-1]) <= max(2, len(name)/3) {
			near = append(near, name)
		}
		return err
	})
	if err != nil || len(near) == 0 {
		return p.WithHelp("check the name; the database is %s", s.opt.Database)
	}
	return p.WithHelp("did you mean %s?", strings.Join(near[:min(3, len(near))], " or "))
}

// types sets declared types and infers those of text columns.
func (s *Session) types(ctx context.Context, rel *Relation, declared map[string]value.Type) error {
	var open []int
	for i := range rel.Columns {
		c := &rel.Columns[i]
		t, ok := declared[c.Name]
		c.Declared = ok
		inText := c.EngineType == "VARCHAR" && (len(rel.texts) > 0 || c.Type.Kind == value.Missing)
		switch {
		case ok && t.Kind != value.Time && t.Kind != value.Wall:
			c.Type = t
		case inText:
			open = append(open, i)
		case ok && c.Type.Kind != value.Wall && c.Type.Kind != value.Time:
			c.Type = value.Of(value.Wall) // a text or date column of an engine, declared time
		}
	}
	if err := s.infer(ctx, rel, open); err != nil {
		return err
	}
	for _, i := range open {
		c := &rel.Columns[i]
		if c.Declared && c.Type.Kind != value.Time {
			c.Type = value.Of(value.Wall)
		}
	}
	return nil
}

// describeText prepares CSV and TSV files. Files with the same header are read
// together; columns are matched by name, so that another order in one file
// cannot mix them up. A column that a file lacks is missing there.
func (s *Session) describeText(rel *Relation, format Format, files []string) error {
	type group struct {
		d     dialect
		files []string
	}
	groups := map[string]*group{}
	var order []string
	seen := map[string]bool{}
	for _, f := range files {
		t, err := s.prepare(rel.Source, format, f)
		if err != nil {
			return err
		}
		rel.texts = append(rel.texts, t)
		common := 0
		for _, n := range t.dialect.names {
			if seen[n] {
				common++
			} else {
				seen[n] = true
				rel.Columns = append(rel.Columns, Column{Name: n, EngineType: "VARCHAR", Type: value.Of(value.Text)})
			}
		}
		if len(rel.texts) > 1 && common == 0 {
			return NewProblem(Disagreement, "%s has no column in common with %s", t.written, rel.texts[0].written).In(rel.Source.Path, nil).
				WithHelp("the files of one source need the same header; check that both have one, or name them as two sources")
		}
		key := fmt.Sprintf("%q %q", []byte{t.dialect.delim, t.dialect.quote}, t.dialect.names)
		if groups[key] == nil {
			groups[key] = &group{d: t.dialect}
			order = append(order, key)
		}
		groups[key].files = append(groups[key].files, t.path)
	}
	sort.Strings(order)
	var parts []string
	for _, key := range order {
		r := rejects{table: s.TempName("rejects"), scans: s.TempName("scans")}
		rel.rejects = append(rel.rejects, r)
		parts = append(parts, readCSV(groups[key].d, groups[key].files, r))
	}
	rel.scan = parts[0]
	if len(parts) > 1 {
		rel.scan = "(SELECT * FROM " + strings.Join(parts, "\nUNION ALL BY NAME SELECT * FROM ") + ")"
	}
	return nil
}

func readCSV(d dialect, files []string, r rejects) string {
	columns := make([]string, len(d.names))
	for i, n := range d.names {
		columns[i] = QuoteText(n) + ": 'VARCHAR'"
	}
	quote := ""
	if d.quote != 0 {
		quote = string(rune(d.quote))
	}
	return "read_csv(" + fileList(files) + ", auto_detect = false" +
		", delim = " + QuoteText(string(rune(d.delim))) + ", quote = " + QuoteText(quote) + ", escape = " + QuoteText(quote) +
		fmt.Sprintf(", header = %t, columns = {%s}", d.header, strings.Join(columns, ", ")) +
		", nullstr = '', allow_quoted_nulls = false, hive_partitioning = false" +
		", store_rejects = true, rejects_limit = 0, rejects_table = " + QuoteText(r.table) + ", rejects_scan = " + QuoteText(r.scans) + ")"
}

// columnar reports whether rows are kept by column and with their types, so
// that they are read at no more cost than a copy would be.
func (r *Relation) columnar() bool {
	if r.Source.Path == "" {
		return r.Source.Table != ""
	}
	format, err := r.Source.format()
	return err == nil && format == Parquet
}
