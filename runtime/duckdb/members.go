package duckdb

import (
	"context"
	"database/sql/driver"
	"fmt"
	"math/bits"

	bindings "github.com/duckdb/duckdb-go-bindings"
	driverpkg "github.com/duckdb/duckdb-go/v2"

	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
)

// LoadSets gives the session's segql_members (segment and key as text) what the
// sets of some columns of the plan last executed hold, and counts them by name.
func (e *Engine) LoadSets(ctx context.Context, columns []plan.Column) (sizes map[string]int64, err error) {
	const doing = "gather members"
	bitsOf, names := e.TempName("bits"), e.TempName("names")
	for _, q := range []string{
		"CREATE TEMP TABLE " + bitsOf + " (segment INTEGER, n BIGINT)",
		"CREATE TEMP TABLE " + names + " (segment INTEGER, name VARCHAR)",
	} {
		if err := e.Exec(ctx, doing, q); err != nil {
			return nil, err
		}
	}
	e.made = append(e.made, made{bitsOf, false}, made{names, false})
	sizes = map[string]int64{}
	sets := make([][]uint64, len(columns))
	for i, c := range columns {
		if sets[i], _, err = e.Words(ctx, c); err != nil {
			return nil, err
		}
	}
	w := &pairs{}
	err = e.Raw(func(conn driver.Conn) error {
		if bindings.AppenderCreateExt(handle(conn), "temp", "main", bitsOf, &w.appender) == bindings.StateError {
			return &driverpkg.Error{Msg: bindings.AppenderError(w.appender)}
		}
		defer w.destroy()
		for i, c := range columns {
			n := int64(0)
			for at, word := range sets[i] {
				n += int64(bits.OnesCount64(word))
				if c.Segment == nil {
					continue
				}
				for ; word != 0; word &= word - 1 {
					if err := w.put(int32(i), int64(at*64+bits.TrailingZeros64(word))); err != nil {
						return err
					}
				}
			}
			sizes[c.Name] = n
		}
		return w.close()
	})
	if err != nil {
		return nil, e.wrap(ctx, doing, err)
	}
	view := ""
	for i, c := range columns {
		if c.Segment == nil {
			continue
		}
		if err := e.Exec(ctx, doing, fmt.Sprintf("INSERT INTO %s VALUES (%d, %s)", names, i, QuoteText(c.Name))); err != nil {
			return nil, err
		}
	}
	seen := map[string]bool{}
	for _, c := range columns {
		rows := plan.RowsOf(c.Entity)
		if seen[rows] || c.Segment == nil {
			continue
		}
		seen[rows] = true
		if view != "" {
			view += " UNION ALL "
		}
		view += "SELECT s.name AS segment, CAST(r." + QuoteIdent(sql.ColumnName(e.last.plan, c.Entity.Key)) + " AS VARCHAR) AS customer FROM " + bitsOf + " b JOIN " + names +
			" s USING (segment) JOIN " + QuoteIdent(rows) + " r ON r.rowid = b.n WHERE s.segment IN (" + numbersOf(columns, c) + ")"
	}
	if view == "" {
		view = "SELECT '' AS segment, '' AS customer WHERE false"
	}
	e.made = append(e.made, made{"segql_members", true})
	return sizes, e.Exec(ctx, doing, "CREATE OR REPLACE TEMP VIEW segql_members AS "+view)
}

// numbersOf lists the columns of one entity.
func numbersOf(columns []plan.Column, like plan.Column) string {
	list := ""
	for i, c := range columns {
		if c.Segment != nil && c.Entity == like.Entity {
			list += fmt.Sprintf(", %d", i)
		}
	}
	return list[2:]
}

// pairs appends rows of two numbers.
type pairs struct {
	appender bindings.Appender
	chunk    bindings.DataChunk
	types    []bindings.LogicalType
	segments []int32
	rows     []int64
	n        int
}

func (w *pairs) put(segment int32, row int64) error {
	if w.types == nil {
		w.types = []bindings.LogicalType{bindings.AppenderColumnType(w.appender, 0), bindings.AppenderColumnType(w.appender, 1)}
		w.chunk = bindings.CreateDataChunk(w.types)
		most := int(bindings.VectorSize())
		w.segments, w.rows = column[int32](w.chunk, 0, most), column[int64](w.chunk, 1, most)
	}
	w.segments[w.n], w.rows[w.n] = segment, row
	if w.n++; w.n == len(w.rows) {
		return w.flush()
	}
	return nil
}

func (w *pairs) flush() error {
	bindings.DataChunkSetSize(w.chunk, bindings.IdxT(w.n))
	w.n = 0
	if bindings.AppendDataChunk(w.appender, w.chunk) == bindings.StateError {
		return &driverpkg.Error{Msg: bindings.AppenderError(w.appender)}
	}
	return nil
}

func (w *pairs) close() error {
	if w.n > 0 {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if bindings.AppenderClose(w.appender) == bindings.StateError {
		return &driverpkg.Error{Msg: bindings.AppenderError(w.appender)}
	}
	return nil
}

func (w *pairs) destroy() {
	if w.types != nil {
		bindings.DestroyDataChunk(&w.chunk)
		for i := range w.types {
			bindings.DestroyLogicalType(&w.types[i])
		}
	}
	bindings.AppenderDestroy(&w.appender)
}
