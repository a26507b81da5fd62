package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/kernel"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
)

// Universe is the rows of an entity, numbered from 0.
type Universe struct {
	Entity string
	// Keys is a query of the session that gives the number of every row and its
	// key, (n BIGINT, "key" VARCHAR), in any order. It may be run several times.
	Keys string
	Rows int
	// Ordered says that rows are numbered in the order of their keys, whatever
	// that order is.
	Ordered bool
}

// Memberships are what an executed plan has found of the conditions it was
// built for.
type Memberships struct {
	Universes []Universe // of every entity with conditions, each once
	// Sets are the rows for which a condition holds, as the numbers of the
	// entity's Universe, by the name of the plan's column. Values that were asked
	// for have none, nor has what took too long. Nobody must change them.
	Sets map[string]*roaring.Bitmap
}

// Universe is that of an entity, which must be there.
func (m *Memberships) Universe(entity string) Universe {
	for _, u := range m.Universes {
		if u.Entity == entity {
			return u
		}
	}
	panic("duckdb: no universe of " + entity)
}

// ConditionsOf are the columns of a plan that hold conditions in a table, and
// their names there.
func ConditionsOf(p *plan.Plan, t *plan.Table) (columns []plan.Column) {
	holds := map[string]bool{}
	for _, c := range t.Conds {
		holds[c.Col] = c.X.Type().Kind == value.Bool
	}
	for _, c := range p.Columns {
		if c.Table == t.Name && holds[c.Col] {
			columns = append(columns, c)
		}
	}
	return columns
}

// Memberships reads what an executed plan has found. A row's number is its
// rowid in the planned table of its entity, which nothing was deleted from.
func (e *Engine) Memberships(ctx context.Context, p *plan.Plan) (*Memberships, error) {
	m := &Memberships{Sets: map[string]*roaring.Bitmap{}}
	rows := map[*ir.Relation]int{}
	for _, c := range p.Columns {
		if _, ok := rows[c.Entity]; ok {
			continue
		}
		from := QuoteIdent(plan.RowsOf(c.Entity))
		var n int
		if err := e.QueryRow(ctx, "count "+c.Entity.Name, "SELECT count(*) FROM "+from, &n); err != nil {
			return nil, err
		}
		rows[c.Entity] = n
		m.Universes = append(m.Universes, Universe{Entity: c.Entity.Name, Rows: n, Ordered: e.last != nil && e.last.inKeyOrder(c.Entity),
			Keys: `SELECT rowid AS n, CAST(` + QuoteIdent(sql.ColumnName(p, c.Entity.Key)) + ` AS VARCHAR) AS "key" FROM ` + from})
	}
	for _, c := range p.Columns {
		if c.Set == nil || slices.Contains(e.Stale(), c.Name) {
			continue
		}
		words, _, err := e.Words(ctx, c)
		if err != nil {
			return nil, err
		}
		m.Sets[c.Name] = roaring.FromDense(words, false)
	}
	for _, t := range p.Tables {
		if columns := ConditionsOf(p, t); len(columns) > 0 {
			if err := e.readMembers(ctx, p, t, columns, rows[t.Rel], m); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// readMembers reads the conditions of one table.
func (e *Engine) readMembers(ctx context.Context, p *plan.Plan, t *plan.Table, columns []plan.Column, rows int, m *Memberships) error {
	names := []string{"r.rowid"}
	sets := make([][]uint64, len(columns))
	for i, c := range columns {
		names = append(names, "m."+QuoteIdent(c.Col))
		sets[i] = make([]uint64, (rows+63)/64)
	}
	doing := "gather the members of " + t.Rel.Name
	read := 0
	err := e.Stream(ctx, doing, fmt.Sprintf("SELECT %s FROM %s AS m JOIN %s AS r ON m.%s = r.%s", strings.Join(names, ", "), QuoteIdent(t.Name),
		QuoteIdent(plan.RowsOf(t.Rel)), QuoteIdent(sql.KeyName), QuoteIdent(sql.ColumnName(p, t.Rel.Key))), func(c *Chunk) error {
		numbers := Values[int64](c, 0)
		read += c.Rows
		for i, set := range sets {
			is := Values[bool](c, i+1)
			for from := 0; from < c.Rows; from += 64 {
				to := min(from+64, c.Rows)
				kernel.Pack(set, numbers[from:to], is[from:to])
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if read != rows {
		return fmt.Errorf("%s: %d rows have %d answers", doing, rows, read)
	}
	for i, c := range columns {
		m.Sets[c.Name] = roaring.FromDense(sets[i], false)
	}
	return nil
}
