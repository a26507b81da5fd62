package runtime

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/segql/segql/compiler/guess"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/runtime/duckdb"
)

// Draft is a first catalog for a folder of data, not yet written.
type Draft struct {
	Catalog *guess.Catalog
	Tables  []*guess.Table
	Skipped []duckdb.Skipped // files that could not be read, with the reason
	Broken  []duckdb.Table   // tables with rows that could not be read
}

// DraftProject looks through the data files of a folder, or the tables of a
// DuckDB file in it (database, relative to dir; ""), and guesses a catalog.
func DraftProject(ctx context.Context, dir, database string, progress func(doing string, done, total int)) (d *Draft, err error) {
	s, err := duckdb.Open(ctx, duckdb.Options{Dir: dir, Database: database})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if progress != nil {
		progress("look through the data", 0, 1)
	}
	tables, skipped, err := s.Inspect(ctx, "")
	if err != nil {
		return nil, err
	}
	d = &Draft{Skipped: skipped}
	names := map[string]bool{}
	for i, t := range tables {
		if progress != nil {
			progress("look through "+t.Source.String(), i, len(tables))
		}
		if len(t.Columns) == 0 {
			continue
		}
		g, err := draftTable(ctx, s, t)
		if err != nil {
			return nil, err
		}
		for names[strings.ToLower(g.Name)] {
			g.Name += "_2"
		}
		names[strings.ToLower(g.Name)] = true
		d.Tables = append(d.Tables, g)
		if t.Broken.Count > 0 {
			d.Broken = append(d.Broken, t)
		}
	}
	d.Catalog = guess.From(d.Tables)
	return d, nil
}

func draftTable(ctx context.Context, s *duckdb.Session, t duckdb.Table) (*guess.Table, error) {
	g := &guess.Table{Source: t.Source.String(), Rows: t.Rows}
	base := filepath.Base(filepath.ToSlash(t.Source.Path))
	g.Name = guess.Name(strings.SplitN(base, ".", 2)[0])
	if t.Source.Table != "" {
		g.Source = t.Source.Table
		g.Name = guess.Name(t.Source.Table[strings.LastIndex(t.Source.Table, ".")+1:])
	}
	for _, p := range t.Columns {
		c := guess.Column{Name: p.Name, Type: p.Type, Missing: t.Rows - p.Known, Distinct: p.Distinct, Note: note(p)}
		if p.WholeFloats {
			c.Type = value.Of(value.Int)
		}
		if p.Type.Kind == value.Text && p.Distinct > 1 && p.Distinct <= guess.Few && p.Blanks == 0 {
			values, err := s.Values(ctx, t.Source, p.Name, guess.Few)
			if err != nil {
				return nil, err
			}
			c.Values = values
		}
		g.Columns = append(g.Columns, c)
	}
	return g, nil
}

func note(p duckdb.Profile) string {
	switch {
	case p.LeadingZeros:
		return "text, to keep its leading zeros"
	case p.WholeFloats:
		return "stored as numbers with a fraction of 0"
	case p.YesNo:
		return "two values; bool would read them as true and false"
	default:
		return ""
	}
}
