package duckdb

import (
	"context"
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/value"
)

// Classes of a cell, one bit each. A column's set of classes decides its type;
// text swallows everything, so a column found to be text in a sample need not
// be looked at again.
const (
	isInt = 1 << iota
	isDecimal
	isFloat
	isDate
	isWall
	isTime
	isBool
	isText
)

// sampleRows settles most text columns before the whole source is read.
const sampleRows = 2048

// Canonical forms. They are narrower than what a declared type accepts: a
// leading zero, a plus or a yes says that the author should decide.
const (
	canonicalDecimal = `^-?(0|[1-9][0-9]*)\.[0-9]+$`
	canonicalFloat   = `^-?(0|[1-9][0-9]*)(\.[0-9]+)?[eE][+-]?[0-9]+$`
)

// classSQL classifies a VARCHAR cell. Missing cells have no class, and neither
// has the empty text: programs that quote everything write missing so. The
// first letter is asked first, so that text costs next to nothing; a number
// is an int when writing it again gives the same text, which is cheaper than
// a pattern.
func classSQL(x string, numbers bool) string {
	dates := fmt.Sprintf(`WHEN length(%[1]s) >= 10 AND regexp_matches(%[1]s, %[2]s) AND TRY_CAST(left(%[1]s, 10) AS DATE) IS NOT NULL AND NOT starts_with(%[1]s, '0000') THEN
  CASE WHEN length(%[1]s) = 10 THEN %[3]d WHEN %[4]s THEN %[5]d ELSE %[6]d END`,
		x, QuoteText(calendar.ISOPattern), isDate, hasZone(x), isTime, isWall)
	if !numbers {
		return fmt.Sprintf("CASE WHEN %[1]s IS NULL OR %[1]s = '' THEN 0 WHEN ascii(%[1]s) NOT BETWEEN 48 AND 57 THEN %[2]d %[3]s ELSE %[2]d END", x, isText, dates)
	}
	return fmt.Sprintf(`CASE WHEN %[1]s IS NULL OR %[1]s = '' THEN 0
WHEN ascii(%[1]s) NOT BETWEEN 48 AND 57 AND ascii(%[1]s) <> 45 THEN CASE WHEN length(%[1]s) <= 5 AND lower(%[1]s) IN ('true', 'false') THEN %[2]d ELSE %[3]d END
WHEN CAST(TRY_CAST(%[1]s AS BIGINT) AS VARCHAR) = %[1]s THEN %[4]d
WHEN regexp_matches(%[1]s, %[5]s) THEN %[6]d
WHEN regexp_matches(%[1]s, %[7]s) AND isfinite(TRY_CAST(%[1]s AS DOUBLE)) THEN %[8]d
%[9]s ELSE %[3]d END`,
		x, isBool, isText, isInt, QuoteText(canonicalDecimal), isDecimal, QuoteText(canonicalFloat), isFloat, dates)
}

// found is what inference learns about a column.
type found struct {
	classes int
	whole   int // most digits before the point
	places  int // most digits after it
}

// infer finds the types of text columns: names of rel.Columns by index. JSON
// text may only become a date or a time: "007" in quotes is text there.
func (s *Session) infer(ctx context.Context, rel *Relation, columns []int) error {
	facts := map[int]*found{}
	for _, i := range columns {
		facts[i] = &found{}
	}
	if err := s.classify(ctx, rel, columns, facts, sampleRows); err != nil {
		return err
	}
	var open []int
	for _, i := range columns {
		if facts[i].classes&isText == 0 {
			open = append(open, i)
		}
	}
	if err := s.classify(ctx, rel, open, facts, 0); err != nil {
		return err
	}
	if err := s.measure(ctx, rel, open, facts); err != nil {
		return err
	}
	for _, i := range columns {
		rel.Columns[i].Type = facts[i].typ()
	}
	return nil
}

// classify adds the classes of columns; limit 0 is every row.
func (s *Session) classify(ctx context.Context, rel *Relation, columns []int, facts map[int]*found, limit int) error {
	exprs := make([]string, len(columns))
	for n, i := range columns {
		c := rel.Columns[i]
		exprs[n] = "coalesce(bit_or(" + classSQL(QuoteIdent(c.Name), !c.quotedText) + "), 0)::INTEGER"
	}
	return s.aggregate(ctx, rel, exprs, limit, func(n int, v int) {
		facts[columns[n]].classes |= v
	})
}

// measure finds how many digits the decimal columns have.
func (s *Session) measure(ctx context.Context, rel *Relation, columns []int, facts map[int]*found) error {
	var decimals []int
	var exprs []string
	for _, i := range columns {
		if facts[i].classes&^isInt == isDecimal {
			x := QuoteIdent(rel.Columns[i].Name)
			decimals = append(decimals, i)
			exprs = append(exprs,
				"coalesce(max(length(ltrim(split_part("+x+", '.', 1), '-'))), 0)::INTEGER",
				"coalesce(max(length(split_part("+x+", '.', 2))), 0)::INTEGER")
		}
	}
	return s.aggregate(ctx, rel, exprs, 0, func(n int, v int) {
		f := facts[decimals[n/2]]
		if n%2 == 0 {
			f.whole = v
		} else {
			f.places = v
		}
	})
}

// aggregate runs integer aggregates over the relation, a few hundred at a time.
func (s *Session) aggregate(ctx context.Context, rel *Relation, exprs []string, limit int, set func(n, v int)) error {
	const chunk = 200
	for from := 0; from < len(exprs); from += chunk {
		part := exprs[from:min(from+chunk, len(exprs))]
		source := rel.ScanSQL()
		if limit > 0 {
			source = fmt.Sprintf("(SELECT * FROM %s LIMIT %d)", source, limit)
		}
		values := make([]int, len(part))
		dest := make([]any, len(part))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := s.QueryRow(ctx, "read "+rel.Source.String(), "SELECT "+strings.Join(part, ",\n")+" FROM "+source, dest...); err != nil {
			return rel.blame(err)
		}
		for i, v := range values {
			set(from+i, v)
		}
	}
	return nil
}

func (f found) typ() value.Type {
	switch f.classes {
	case isInt:
		return value.Of(value.Int)
	case isDecimal, isInt | isDecimal:
		if p := f.whole + f.places; p <= value.MaxPrec {
			return value.DecimalType(p, f.places)
		}
	case isFloat, isInt | isFloat, isDecimal | isFloat, isInt | isDecimal | isFloat:
		return value.Of(value.Float)
	case isDate:
		return value.Of(value.Date)
	case isWall, isDate | isWall:
		return value.Of(value.Wall)
	case isTime:
		return value.Of(value.Time)
	case isBool:
		return value.Of(value.Bool)
	}
	return value.Of(value.Text) // nothing known, or a mixture
}
