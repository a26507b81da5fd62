package postgres

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/runtime/duckdb"
)

// Memberships reads what an executed plan has found: the server numbers the
// rows of each entity, and the session gets their keys.
func (e *Engine) Memberships(ctx context.Context, p *plan.Plan) (*duckdb.Memberships, error) {
	m := &duckdb.Memberships{Sets: map[string]*roaring.Bitmap{}}
	numbers := map[*ir.Relation]string{}
	for _, c := range p.Columns {
		if numbers[c.Entity] != "" {
			continue
		}
		numbers[c.Entity] = "pg_temp." + e.tempName("numbers")
		u, err := e.number(ctx, p, c.Entity, numbers[c.Entity])
		if err != nil {
			return nil, err
		}
		m.Universes = append(m.Universes, u)
	}
	for _, t := range p.Tables {
		if columns := duckdb.ConditionsOf(p, t); len(columns) > 0 {
			if err := e.readMembers(ctx, t, columns, numbers[t.Rel], m); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range numbers {
		if err := e.Exec(ctx, "clear up", "DROP TABLE "+name); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// number numbers the rows of an entity in a table of the server, and copies the
// keys to the session.
func (e *Engine) number(ctx context.Context, p *plan.Plan, entity *ir.Relation, table string) (duckdb.Universe, error) {
	keys := e.files.TempName("keys")
	u := duckdb.Universe{Entity: entity.Name, Keys: "SELECT * FROM temp.main." + keys}
	doing := "number the rows of " + entity.Name
	key := sql.Postgres.Ident(sql.ColumnName(p, entity.Key))
	if err := e.Exec(ctx, doing, "CREATE TEMP TABLE "+strings.TrimPrefix(table, "pg_temp.")+" AS SELECT row_number() OVER () - 1 AS n, "+key+` AS "key" FROM `+
		sql.Postgres.Ident(plan.RowsOf(entity))+"; ANALYZE "+table); err != nil {
		return u, err
	}
	if err := e.files.Exec(ctx, doing, "CREATE TEMP TABLE "+keys+` (n BIGINT, "key" VARCHAR)`); err != nil {
		return u, err
	}
	err := e.files.Append(ctx, doing, [3]string{"temp", "main", keys}, func(a *duckdb.Appender) error {
		return e.eachRaw(ctx, doing, `SELECT n, CAST("key" AS text) FROM `+table, func(cells [][]byte) error {
			u.Rows++
			duckdb.Put(a, 0, int64(binary.BigEndian.Uint64(cells[0])))
			duckdb.PutText(a, 1, cells[1])
			return a.Next()
		})
	})
	return u, err
}

// readMembers reads the conditions of one table.
func (e *Engine) readMembers(ctx context.Context, t *plan.Table, columns []plan.Column, numbers string, m *duckdb.Memberships) error {
	u := m.Universe(t.Rel.Name)
	names := []string{"k.n"}
	sets := make([][]uint64, len(columns))
	for i, c := range columns {
		names = append(names, "m."+sql.Postgres.Ident(c.Col))
		sets[i] = make([]uint64, (u.Rows+63)/64)
	}
	doing := "gather the members of " + t.Rel.Name
	read := 0
	query := fmt.Sprintf(`SELECT %s FROM %s AS m JOIN %s AS k ON m.%s = k."key"`, strings.Join(names, ", "), sql.Postgres.Ident(t.Name), numbers, sql.Postgres.Ident(sql.KeyName))
	err := e.eachRaw(ctx, doing, query, func(cells [][]byte) error {
		n := binary.BigEndian.Uint64(cells[0])
		read++
		for i, set := range sets {
			set[n>>6] |= uint64(cells[i+1][0]) << (n & 63) // 1 for true
		}
		return nil
	})
	if err != nil {
		return err
	}
	if read != u.Rows {
		return fmt.Errorf("%s: %d rows have %d answers", doing, u.Rows, read)
	}
	for i, c := range columns {
		m.Sets[c.Name] = roaring.FromDense(sets[i], false)
	}
	return nil
}

// eachRaw gives the cells of a query's rows in PostgreSQL's binary format, good
// until fn returns.
func (e *Engine) eachRaw(ctx context.Context, doing, query string, fn func(cells [][]byte) error) error {
	binary := []int16{1} // for every column
	rows := e.conn.PgConn().ExecParams(ctx, query, nil, nil, nil, binary)
	for rows.NextRow() {
		if err := fn(rows.Values()); err != nil {
			_, _ = rows.Close() // the first error says more
			return err
		}
	}
	_, err := rows.Close()
	return e.wrap(ctx, doing, err)
}
