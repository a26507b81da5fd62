package duckdb

import (
	"context"
	"database/sql/driver"
	"fmt"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"
	driverpkg "github.com/duckdb/duckdb-go/v2"

	"github.com/segql/segql/compiler/kernel"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
)

// exportTable takes the features that a kernel gives back, as a temporary table
// with the number n of the row that they are of and, where keys are whole
// numbers, its key k. Every row of the entity has one there: those of whom
// nothing was found come last, and have nothing in it.
type exportTable struct {
	name     string
	prog     *kernel.Program
	owners   *numbering
	exports  []kernel.Export
	appender bindings.Appender
	types    []bindings.LogicalType
	first    int      // column of a feature
	met      []uint64 // a bit for each row that is there
}

func (e *Engine) exportTable(ctx context.Context, prog *kernel.Program, owners *numbering, a *kernel.Answers) (*exportTable, error) {
	t := &exportTable{name: e.TempName("features"), prog: prog, owners: owners, exports: a.Exports, first: 1, met: make([]uint64, (owners.n+63)/64)}
	columns := "n BIGINT"
	if owners.whole {
		columns += ", k BIGINT"
		t.first++
	}
	for i, x := range a.Exports {
		columns += fmt.Sprintf(", f%d %s", i, sql.DuckDB.Type(x.Type))
	}
	if err := e.Exec(ctx, "keep features", "CREATE TEMP TABLE "+t.name+" ("+columns+")"); err != nil {
		return nil, err
	}
	err := e.Raw(func(conn driver.Conn) error {
		if bindings.AppenderCreateExt(handle(conn), "temp", "main", t.name, &t.appender) == bindings.StateError {
			return &driverpkg.Error{Msg: bindings.AppenderError(t.appender)}
		}
		return nil
	})
	for i := range t.first + len(a.Exports) {
		t.types = append(t.types, bindings.AppenderColumnType(t.appender, bindings.IdxT(i)))
	}
	return t, e.wrap(ctx, "keep features", err)
}

// close ends the appending; the table stays.
func (t *exportTable) close() error {
	failed := bindings.AppenderClose(t.appender) == bindings.StateError
	text := ""
	if failed {
		text = bindings.AppenderError(t.appender)
	}
	for i := range t.types {
		bindings.DestroyLogicalType(&t.types[i])
	}
	bindings.AppenderDestroy(&t.appender)
	if failed {
		return &driverpkg.Error{Msg: text}
	}
	return nil
}

// complete appends those who were not found.
func (t *exportTable) complete() error {
	most := int(bindings.VectorSize())
	rest := &kernel.Found{Values: make([][]kernel.Wide, len(t.exports)), Known: make([][]bool, len(t.exports))}
	for i := range t.exports {
		rest.Values[i], rest.Known[i] = make([]kernel.Wide, most), make([]bool, most)
	}
	for owner := range t.owners.n {
		if t.met[owner>>6]&(1<<(owner&63)) != 0 {
			continue
		}
		if rest.Owners = append(rest.Owners, int32(owner)); len(rest.Owners) == most {
			if err := t.add(rest); err != nil {
				return err
			}
			rest.Owners = rest.Owners[:0]
		}
	}
	return t.add(rest)
}

// add appends what was found.
func (t *exportTable) add(f *kernel.Found) error {
	chunk := bindings.CreateDataChunk(t.types)
	defer bindings.DestroyDataChunk(&chunk)
	most := int(bindings.VectorSize())
	for from := 0; from < len(f.Owners); from += most {
		to := min(from+most, len(f.Owners))
		bindings.DataChunkReset(chunk)
		t.rows(chunk, f.Owners[from:to])
		for i, x := range t.exports {
			t.column(chunk, i, x, f.Values[i][from:to], f.Known[i][from:to])
		}
		bindings.DataChunkSetSize(chunk, bindings.IdxT(to-from))
		if bindings.AppendDataChunk(t.appender, chunk) == bindings.StateError {
			return &driverpkg.Error{Msg: bindings.AppenderError(t.appender)}
		}
	}
	return nil
}

// rows writes which rows these are.
func (t *exportTable) rows(chunk bindings.DataChunk, owners []int32) {
	numbers := column[int64](chunk, 0, len(owners))
	for i, owner := range owners {
		numbers[i] = int64(owner)
		t.met[owner>>6] |= 1 << (owner & 63)
	}
	if !t.owners.whole {
		return
	}
	keys := column[int64](chunk, 1, len(owners))
	for i, owner := range owners {
		keys[i] = t.owners.keys[owner]
	}
}

// column writes one feature of some rows.
func (t *exportTable) column(chunk bindings.DataChunk, i int, x kernel.Export, values []kernel.Wide, known []bool) {
	i += t.first
	vector := bindings.DataChunkGetVector(chunk, bindings.IdxT(i))
	bindings.VectorEnsureValidityWritable(vector)
	valid := unsafe.Slice((*uint64)(bindings.VectorGetValidity(vector)), (len(known)+63)/64)
	for row, is := range known {
		if is {
			valid[row>>6] |= 1 << (row & 63)
		} else {
			valid[row>>6] &^= 1 << (row & 63)
		}
	}
	if x.Type.Kind == value.Text {
		for row, v := range values {
			if known[row] {
				bindings.VectorAssignStringElement(vector, bindings.IdxT(row), t.prog.TextOf(x, v.Lo))
			}
		}
		return
	}
	switch widthOf(x.Type) {
	case 1:
		narrow(column[uint8](chunk, i, len(values)), values)
	case 2:
		narrow(column[int16](chunk, i, len(values)), values)
	case 4:
		narrow(column[int32](chunk, i, len(values)), values)
	case 16:
		copy(column[kernel.Wide](chunk, i, len(values)), values)
	default:
		narrow(column[int64](chunk, i, len(values)), values)
	}
}

func column[T any](chunk bindings.DataChunk, i, n int) []T {
	return unsafe.Slice((*T)(bindings.VectorGetData(bindings.DataChunkGetVector(chunk, bindings.IdxT(i)))), n)
}

func narrow[T uint8 | int16 | int32 | int64](out []T, values []kernel.Wide) {
	for i, v := range values {
		out[i] = T(v.Lo)
	}
}
