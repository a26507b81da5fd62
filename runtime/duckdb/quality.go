package duckdb

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/value"
)

// Conversion is one column to check: the raw column and what it is declared as.
type Conversion struct {
	Column  Column
	To      value.Type
	Options ConvertOptions
	Hidden  bool // its values are not shown
}

// Quality is how well a column's values fit their type.
type Quality struct {
	Column   string
	Known    int64    // values that are neither NULL nor blank
	Misfits  int64    // known values that do not fit and so count as missing
	Examples []string // up to three of them, the smallest as text; none of a column that is hidden
}

// Problem is the warning for a report, or nil when everything fits.
func (q Quality) Problem(src Source, to value.Type) *Problem {
	if q.Misfits == 0 {
		return nil
	}
	p := NewProblem(Misfits, "%d of %d values of %s in %s cannot be read as %s and count as missing", q.Misfits, q.Known, q.Column, src, to).
		In(src.Path, nil)
	p.Help = "correct the data, or declare another type"
	if len(q.Examples) == 0 {
		return p
	}
	quoted := make([]string, len(q.Examples))
	for i, e := range q.Examples {
		quoted[i] = fmt.Sprintf("%q", shorten(e))
	}
	p.Help = "for example " + strings.Join(quoted, ", ") + "; " + p.Help
	return p
}

// wrongHelp is the way out where no value fits.
func (q Quality) wrongHelp() string {
	if len(q.Examples) == 0 {
		return "declare the type that its values have, or correct the data"
	}
	return "it holds values such as " + strings.Join(q.Examples, ", ") + "; declare the type they have, or correct the data"
}

// Quality counts the values that conversions lose. One scan finds the columns
// that lose any, which is cheap; only those are looked at for examples.
func (s *Session) Quality(ctx context.Context, rel *Relation, conversions []Conversion) ([]Quality, error) {
	all := make([]Quality, len(conversions))
	var exprs []string
	var dest []any
	kept := make([]int64, len(conversions))
	for i, c := range conversions {
		x := QuoteIdent(c.Column.Name)
		all[i].Column = c.Column.Name
		exprs = append(exprs, "count(*) FILTER (WHERE "+knownValue(x, c)+")", "count("+ConvertSQL(x, c.Column, c.To, c.Options)+") FILTER (WHERE "+knownValue(x, c)+")")
		dest = append(dest, &all[i].Known, &kept[i])
	}
	if len(exprs) == 0 {
		return nil, nil
	}
	if err := s.QueryRow(ctx, "check the values of "+rel.Source.String(), "SELECT "+strings.Join(exprs, ",\n")+" FROM "+rel.ScanSQL(), dest...); err != nil {
		return nil, rel.blame(err)
	}
	var lossy []Conversion
	var at []int
	for i := range all {
		if kept[i] != all[i].Known {
			lossy, at = append(lossy, conversions[i]), append(at, i)
		}
	}
	found, err := s.lost(ctx, rel, lossy)
	for i, q := range found {
		all[at[i]] = q
	}
	return all, err
}

// knownValue is the condition that a raw value is there at all.
func knownValue(x string, c Conversion) string {
	known := x + " IS NOT NULL"
	if k := knownSQL(x, parseEngineType(c.Column.EngineType), c.To); k != "" {
		known += " AND " + k
	}
	return known
}

// lost counts, with examples, the values that conversions lose.
func (s *Session) lost(ctx context.Context, rel *Relation, conversions []Conversion) ([]Quality, error) {
	var all []Quality
	const chunk = 50 // three aggregates each
	for from := 0; from < len(conversions); from += chunk {
		part := conversions[from:min(from+chunk, len(conversions))]
		exprs := make([]string, 0, 3*len(part))
		found := make([]Quality, len(part))
		examples := make([]string, len(part))
		dest := make([]any, 0, 3*len(part))
		for i, c := range part {
			x := QuoteIdent(c.Column.Name)
			known := knownValue(x, c)
			lost := "NOT " + FitsSQL(x, c.Column, c.To, c.Options)
			exprs = append(exprs,
				"count(*) FILTER (WHERE "+known+")",
				"count(*) FILTER (WHERE "+lost+")",
				"coalesce(to_json(list_distinct(min(CAST("+x+" AS VARCHAR), 20) FILTER (WHERE "+lost+"))), '[]')::VARCHAR")
			found[i].Column = c.Column.Name
			dest = append(dest, &found[i].Known, &found[i].Misfits, &examples[i])
		}
		if err := s.QueryRow(ctx, "check the values of "+rel.Source.String(), "SELECT "+strings.Join(exprs, ",\n")+" FROM "+rel.ScanSQL(), dest...); err != nil {
			return nil, rel.blame(err)
		}
		for i := range found {
			if err := json.Unmarshal([]byte(examples[i]), &found[i].Examples); err != nil {
				return nil, fmt.Errorf("check the values of %s: %w", rel.Source, err)
			}
			found[i].Examples = smallest(found[i].Examples, 3)
			if part[i].Hidden {
				found[i].Examples = nil
			}
		}
		all = append(all, found...)
	}
	return all, nil
}

// smallest sorts bytewise and keeps n.
func smallest(list []string, n int) []string {
	slices.Sort(list)
	return list[:min(n, len(list))]
}
