package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime/duckdb"
)

// Distinct reports whether it is known that no two rows of an entity have one
// key: it is not.
func (e *Engine) Distinct(*plan.Plan, *ir.Relation) bool { return false }

// Rows counts the rows of an executed plan's relation.
func (e *Engine) Rows(ctx context.Context, _ *plan.Plan, t *plan.Table) (n int64, err error) {
	err = e.QueryRow(ctx, "count "+t.Rel.Name, "SELECT count(*) FROM "+e.Dialect().Ident(t.Name), &n)
	return n, err
}

// Audit finds what of a planned relation could not be used. The plan must
// have been executed.
func (e *Engine) Audit(ctx context.Context, p *plan.Plan, t *plan.Table) ([]duckdb.Issue, error) {
	var issues []duckdb.Issue
	if src := t.Rel.Source; src != nil {
		var err error
		if src.Path != "" {
			issues, err = e.files.AuditSource(ctx, p, t)
		} else {
			issues, err = e.misfits(ctx, p, t)
		}
		if err != nil {
			return nil, err
		}
	}
	query, kinds := sql.Audit(p, sql.Postgres, e.sources(p.Project), t)
	lost, err := duckdb.LostRows(t, kinds, func(dest ...any) error {
		return e.QueryRow(ctx, "check the rows of "+t.Rel.Name, query, dest...)
	})
	return append(issues, lost...), err
}

func (e *Engine) misfits(ctx context.Context, p *plan.Plan, t *plan.Table) ([]duckdb.Issue, error) {
	quality, columns, err := e.quality(ctx, p.Project, t.Rel, t.Used)
	if err != nil {
		return nil, err
	}
	types := make([]value.Type, len(columns))
	for i, c := range columns {
		types[i] = c.Type
	}
	return duckdb.MisfitIssues(e.relations[t.Rel.Source].source, quality, types)
}

// WrongColumns reports the columns of which no value fits the type that the
// catalog declares.
func (e *Engine) WrongColumns(ctx context.Context, p *ir.Project) (diag.List, error) {
	diags, err := e.files.WrongColumns(ctx, p)
	if err != nil {
		return nil, err
	}
	for _, r := range p.Relations {
		if r.Source == nil || e.relations[r.Source] == nil {
			continue
		}
		quality, columns, err := e.quality(ctx, p, r, r.Columns)
		if err != nil {
			return nil, err
		}
		for i, q := range quality {
			if q.Wrong() {
				diags = append(diags, q.WrongColumn(r, columns[i]))
			}
		}
	}
	return diags, nil
}

// sameType reports whether values of a column are of a type as they are, so
// that none can be lost.
func sameType(own, t value.Type) bool {
	switch {
	case t.Kind == value.Text:
		return true
	case t.Kind == value.Decimal || t.Kind == value.List:
		return false
	default:
		return own.Kind == t.Kind
	}
}

// quality counts the values that the conversions of columns lose, and gives
// examples.
func (e *Engine) quality(ctx context.Context, p *ir.Project, r *ir.Relation, columns []*ir.ColumnDef) ([]duckdb.Quality, []*ir.ColumnDef, error) {
	rel, src := e.relations[r.Source], e.sources(p)
	var quality []duckdb.Quality
	var of []*ir.ColumnDef
	var list []string
	for _, c := range columns {
		col, ok := rel.column(c.Raw)
		if c.Raw == "" || !ok || sameType(col.typ, c.Type) {
			continue
		}
		x := src.Cell(r, c)
		known := knownSQL(x, col, c.Type)
		lost := " FILTER (WHERE " + known + " AND " + src.Read(r, c, x) + " IS NULL)"
		list = append(list, "count(*) FILTER (WHERE "+known+")", "count(*)"+lost, src.Examples(cast(x, "text"), lost))
		quality, of = append(quality, duckdb.Quality{Column: c.Raw}), append(of, c)
	}
	if len(list) == 0 {
		return nil, nil, nil
	}
	examples := make([]string, len(quality))
	var dest []any
	for i := range quality {
		dest = append(dest, &quality[i].Known, &quality[i].Misfits, &examples[i])
	}
	doing := "check the values of " + rel.source.String()
	if err := e.QueryRow(ctx, doing, "SELECT "+strings.Join(list, ",\n")+"\nFROM "+rel.scan+" AS s", dest...); err != nil {
		return nil, nil, err
	}
	for i := range quality {
		if err := json.Unmarshal([]byte(examples[i]), &quality[i].Examples); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", doing, err)
		}
		if of[i].PII {
			quality[i].Examples = nil // not shown
		}
	}
	return quality, of, nil
}
