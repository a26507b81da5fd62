package duckdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/segql/segql/compiler/value"
)

// Table is a file or table that a new project could use.
type Table struct {
	Source  Source
	Rows    int64
	Columns []Profile
	Broken  Broken // rows that could not be read
}

// Profile is what the values of a column look like.
type Profile struct {
	Column
	Known        int64    // values that are not NULL
	Distinct     int64    // exact when the table has at most exactRows rows, else an estimate within a few percent
	Unique       bool     // every row has a value and no two the same: it could be a key
	LeadingZeros bool     // text of digits some of which begin with 0: a code, not a number
	WholeFloats  bool     // a float column without any fraction: an id or a count stored as float
	YesNo        bool     // text with two values such as Yes and No
	Blanks       int64    // text values that are empty or only blanks
	Min, Max     string   // as text; "" when nothing is known
	Samples      []string // up to five values, the most frequent first
}

// NullShare is the share of rows without a value, 0 to 1.
func (t Table) NullShare(p Profile) float64 {
	if t.Rows == 0 {
		return 0
	}
	return 1 - float64(p.Known)/float64(t.Rows)
}

// Skipped is a file that Inspect could not use, with the reason.
type Skipped struct {
	Path string
	Err  error
}

const (
	inspectDepth = 4       // folders below the first
	exactRows    = 2000000 // beyond, distinct values are estimated
)

// Inspect profiles every CSV, TSV, JSON, JSONL and Parquet file of a folder of
// the project ("" is the project itself) and of its sub-folders, and every
// table of the session's database. Files it cannot read are skipped and
// named; only cancellation and a broken engine are errors. Hidden folders are
// left out.
func (s *Session) Inspect(ctx context.Context, dir string) ([]Table, []Skipped, error) {
	sources, err := s.candidates(ctx, dir)
	if err != nil {
		return nil, nil, err
	}
	var tables []Table
	var skipped []Skipped
	for _, src := range sources {
		t, err := s.Profile(ctx, src)
		var p *Problem
		switch {
		case errors.As(err, &p):
			skipped = append(skipped, Skipped{src.Path + src.Table, err})
		case err != nil:
			return nil, nil, err
		default:
			tables = append(tables, *t)
		}
	}
	return tables, skipped, nil
}

// candidates finds files below dir, by path, and then tables, by name.
func (s *Session) candidates(ctx context.Context, dir string) ([]Source, error) {
	root := s.fullPath(dir)
	var sources []Source
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return skip(d)
		}
		rel, _ := filepath.Rel(root, file)
		switch {
		case d.IsDir() && rel != "." && (strings.HasPrefix(d.Name(), ".") || strings.Count(filepath.ToSlash(rel), "/") >= inspectDepth):
			return filepath.SkipDir
		case d.IsDir() || strings.HasPrefix(d.Name(), "."):
			return nil
		}
		if FormatOf(file) != "" && !strings.HasSuffix(strings.ToLower(file), ".txt") {
			sources = append(sources, Source{Path: s.show(file)})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look through %s: %w", dir, err)
	}
	if _, err := os.Stat(root); err != nil {
		return nil, s.missing(dir, root, err)
	}
	sort.Slice(sources, func(i, j int) bool { return sources[i].Path < sources[j].Path })
	if s.database == "" {
		return sources, nil
	}
	err = s.Each(ctx, "list the tables", `SELECT CASE WHEN schema_name = 'main' THEN '' ELSE '"' || replace(schema_name, '"', '""') || '".' END || '"' || replace(table_name, '"', '""') || '"'
FROM (SELECT database_name, schema_name, table_name FROM duckdb_tables() UNION ALL SELECT database_name, schema_name, view_name FROM duckdb_views() WHERE NOT internal)
WHERE database_name = `+QuoteText(s.database)+" ORDER BY 1", func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		sources = append(sources, Source{Table: plainTable(name)})
		return err
	})
	return sources, err
}

// plainTable drops quotes that the name does not need.
func plainTable(quoted string) string {
	plain := strings.ReplaceAll(quoted, `"`, "")
	if QuoteTable(plain) == quoted {
		return plain
	}
	return quoted
}

// Profile opens a source and looks at its values, in two scans.
func (s *Session) Profile(ctx context.Context, src Source) (*Table, error) {
	rel, err := s.Describe(ctx, src, nil)
	if err != nil {
		return nil, err
	}
	t := &Table{Source: src}
	doing := "look through " + src.String()
	if err := s.QueryRow(ctx, doing, "SELECT count(*) FROM "+rel.ScanSQL(), &t.Rows); err != nil {
		return nil, rel.blame(err)
	}
	for _, c := range rel.Columns {
		t.Columns = append(t.Columns, Profile{Column: c})
	}
	const chunk = 30 // columns a scan; each keeps a table of its values
	for from := 0; from < len(t.Columns); from += chunk {
		if err := s.profile(ctx, rel, t, t.Columns[from:min(from+chunk, len(t.Columns))]); err != nil {
			return nil, rel.blame(err)
		}
	}
	t.Broken, err = s.Broken(ctx, rel)
	return t, err
}

// profile fills in the columns by one scan.
func (s *Session) profile(ctx context.Context, rel *Relation, t *Table, columns []Profile) error {
	var exprs []string
	var dest []any
	samples := make([]string, len(columns))
	for i := range columns {
		p := &columns[i]
		exprs = append(exprs, profileSQL(p.Column, t.Rows <= exactRows)...)
		dest = append(dest, &p.Known, &p.Distinct, &p.Min, &p.Max, &p.LeadingZeros, &p.WholeFloats, &p.YesNo, &p.Blanks, &samples[i])
	}
	if len(exprs) == 0 {
		return nil
	}
	if err := s.QueryRow(ctx, "look through "+rel.Source.String(), "SELECT "+strings.Join(exprs, ",\n")+" FROM "+rel.ScanSQL(), dest...); err != nil {
		return err
	}
	for i := range columns {
		p := &columns[i]
		if err := json.Unmarshal([]byte(samples[i]), &p.Samples); err != nil {
			return fmt.Errorf("look through %s: %w", rel.Source, err)
		}
		p.Unique = t.Rows > 0 && t.Rows <= exactRows && p.Known == t.Rows && p.Distinct == t.Rows
	}
	return nil
}

// profileSQL prints a column's nine aggregates.
func profileSQL(c Column, exact bool) []string {
	x := ConvertSQL(QuoteIdent(c.Name), c, c.Type, ConvertOptions{})
	text := "CAST((" + x + ") AS VARCHAR)"
	if c.Type.Kind == value.List || c.Type.Kind == value.Record || c.Type.Kind == value.JSON {
		x = text // has no order worth showing
	}
	distinct := "approx_count_distinct(" + x + ")"
	if exact {
		distinct = "count(DISTINCT " + x + ")"
	}
	zeros, whole, yesNo, blanks := "false", "false", "false", "0"
	switch c.Type.Kind {
	case value.Text:
		known := " FILTER (WHERE " + x + " IS NOT NULL)"
		zeros = "coalesce(bool_and(regexp_full_match(" + x + ", '[0-9]+'))" + known + ", false) AND coalesce(bool_or(regexp_full_match(" + x + ", '0[0-9]+')), false)"
		yesNo = "coalesce(bool_and(lower(" + x + ") IN ('yes', 'no', 'y', 'n', 't', 'f')), false)"
		blanks = "count(*) FILTER (WHERE trim(" + x + ", ' \t') = '')"
	case value.Float:
		whole = "coalesce(bool_and(" + x + " = trunc(" + x + ")), false)"
	}
	return []string{
		"count(" + x + ")", distinct,
		"coalesce(left(CAST(min(" + x + ") AS VARCHAR), 200), '')", "coalesce(left(CAST(max(" + x + ") AS VARCHAR), 200), '')",
		zeros, whole, yesNo, blanks,
		"coalesce(CAST(to_json(list_transform(approx_top_k(left(" + text + ", 200), 5), lambda v: CAST(v AS VARCHAR))) AS VARCHAR), '[]')",
	}
}

// Contained is the share, 0 to 1, of the known values of one column that are
// values of another: 1 for a foreign key that holds. Values are compared as
// text, so that an id written 17 in one file and "17" in another meets.
func (s *Session) Contained(ctx context.Context, from *Relation, column string, in *Relation, key string) (float64, error) {
	a, okA := from.Column(column)
	b, okB := in.Column(key)
	if !okA || !okB {
		return 0, fmt.Errorf("compare %s with %s: no such column", column, key)
	}
	text := value.Of(value.Text)
	asText := func(c Column) string {
		if c.Type.Kind == value.Float { // 17850.0
			c.EngineType = "DOUBLE"
		}
		return ConvertSQL(QuoteIdent(c.Name), c, text, ConvertOptions{})
	}
	var share float64
	err := s.QueryRow(ctx, "compare "+from.Source.String()+" with "+in.Source.String(), fmt.Sprintf(`SELECT coalesce(avg(CASE WHEN k IS NULL THEN 0.0 ELSE 1.0 END), 0) FROM (
  SELECT DISTINCT %s AS v FROM %s) a LEFT JOIN (SELECT DISTINCT %s AS k FROM %s) b ON b.k = a.v WHERE v IS NOT NULL`,
		asText(a), from.ScanSQL(), asText(b), in.ScanSQL()), &share)
	return share, err
}

// Values are the distinct known values of a text column, sorted, at most n.
func (s *Session) Values(ctx context.Context, src Source, column string, n int) ([]string, error) {
	rel, err := s.Describe(ctx, src, nil)
	if err != nil {
		return nil, err
	}
	c := QuoteIdent(column)
	var values []string
	err = s.Each(ctx, "look through "+src.String(), fmt.Sprintf("SELECT DISTINCT CAST(%s AS VARCHAR) AS v FROM %s WHERE %s IS NOT NULL ORDER BY v LIMIT %d", c, rel.ScanSQL(), c, n),
		func(scan func(...any) error) error {
			var v string
			err := scan(&v)
			values = append(values, v)
			return err
		})
	return values, err
}
