package runtime

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/runtime/duckdb"
)

// keys refuses two rows of one key where a key must name one row: in an
// entity, and in a fact that other rows belong to, for each of those would
// belong to both. Elsewhere the key of a fact only breaks ties; that it does
// not is reported.
func (r *run) keys(ctx context.Context) error {
	for _, t := range r.plan.Tables {
		if t.Kind != plan.Rows || t.Rel.Key == nil || len(t.Rel.Universe) > 0 || t.Rel.Dedup != nil || !allUsed(t) || r.Engine.Distinct(r.plan, t.Rel) {
			continue
		}
		users := r.leadTo(t.Rel)
		n, twice, err := r.repeated(ctx, t)
		switch name := t.Rel.Name; {
		case err != nil:
			return err
		case n == 0:
		case t.Rel.Entity:
			return duckdb.NewProblem(duckdb.DuplicateKeys, "%s has several rows with one key %s: %s", name, t.Rel.Key.Name, twice).
				WithHelp("a key names one row: correct the data, or say which row counts with `duplicates: first by COLUMN` in the catalog")
		case len(users) > 0:
			return duckdb.NewProblem(duckdb.DuplicateKeys, "%s has several rows with one key %s, to which rows of %s belong: %s", name, t.Rel.Key.Name, strings.Join(users, " and "), twice).
				WithHelp("each of those would belong to several: correct the data, or give %s a key that names one row", name)
		case t.Rel.Source == nil: // the key of a group is one within its owner
		default:
			r.repeats = append(r.repeats, repeat{t.Rel, n, twice})
		}
	}
	return nil
}

// allUsed reports whether a planned table holds the whole key.
func allUsed(t *plan.Table) bool {
	for _, k := range t.Rel.Keys() {
		if !slices.Contains(t.Used, k) {
			return false
		}
	}
	return true
}

// repeat is a fact whose keys stand in several rows.
type repeat struct {
	rel   *ir.Relation
	keys  int64
	twice string
}

// issue says so in the report.
func (p repeat) issue() Issue {
	what := fmt.Sprintf("%d keys of %s stand in several rows each, and every row counts", p.keys, p.rel.Name)
	if p.keys == 1 {
		what = fmt.Sprintf("1 key of %s stands in several rows, and every row counts", p.rel.Name)
	}
	return Issue{Code: string(duckdb.CodeDuplicateKeys), What: what, Count: p.keys, Examples: []string{p.twice},
		Help: "of rows at one time `first` and `last` then go by the value; correct the data, or give another key"}
}

// leadTo are the relations of the plan whose rows lead to rows of a fact.
func (r *run) leadTo(fact *ir.Relation) []string {
	var names []string
	for _, t := range r.plan.Tables {
		if t.Kind != plan.Rows || fact.Entity {
			continue
		}
		for _, l := range t.Rel.Lookups {
			if l.To == fact && !slices.Contains(names, t.Rel.Name) {
				names = append(names, t.Rel.Name)
			}
		}
	}
	return names
}

// repeated counts the keys that several rows of a planned relation have, with
// the first few.
func (r *run) repeated(ctx context.Context, t *plan.Table) (n int64, examples string, err error) {
	d := r.Engine.Dialect()
	var keys, known, texts []string
	for _, k := range t.Rel.Keys() {
		col := d.Ident(sql.ColumnName(r.plan, k))
		keys, known, texts = append(keys, col), append(known, col+" IS NOT NULL"), append(texts, "CAST("+col+" AS VARCHAR)")
	}
	doing := "check the keys of " + t.Rel.Name
	by := strings.Join(keys, ", ")
	twice := "FROM " + d.Ident(t.Name) + " WHERE " + strings.Join(known, " AND ") + " GROUP BY " + by + " HAVING count(*) > 1"
	if err := r.Engine.QueryRow(ctx, doing, "SELECT count(*) FROM (SELECT 1 AS one "+twice+") AS t", &n); err != nil || n == 0 {
		return 0, "", err
	}
	var list []string
	err = r.Engine.Each(ctx, doing, "SELECT "+strings.Join(texts, " || ' ' || ")+" || ' (' || count(*) || ' rows)' "+twice+" ORDER BY "+by+" LIMIT 4",
		func(scan func(...any) error) error {
			var s string
			err := scan(&s)
			list = append(list, s)
			return err
		})
	return n, strings.Join(list, ", "), err
}
