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
// with the key k of the row they are of or, where keys are texts, its number.
type exportTable struct {
	name     string
	prog     *kernel.Program
	owners   *numbering
	exports  []kernel.Export
	appender bindings.Appender
	types    []bindings.LogicalType
}

func (e *Engine) exportTable(ctx context.Context, prog *kernel.Program, owners *numbering, a *kernel.Answers) (*exportTable, error) {
	t := &exportTable{name: e.TempName("features"), prog: prog, owners: owners, exports: a.Exports}
	columns := "k BIGINT"
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
	for i := range len(a.Exports) + 1 {
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

// add appends what was found.
func (t *exportTable) add(f *kernel.Found) error {
	chunk := bindings.CreateDataChunk(t.types)
	defer bindings.DestroyDataChunk(&chunk)
	most := int(bindings.VectorSize())
	for from := 0; from < len(f.Owners); from += most {
		to := min(from+most, len(f.Owners))
		bindings.DataChunkReset(chunk)
		ids := column[int64](chunk, 0, to-from)
		for i, owner := range f.Owners[from:to] {
			if ids[i] = int64(owner); t.owners.whole {
				ids[i] = t.owners.keys[owner]
			}
		}
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

// column writes one feature of some rows.
func (t *exportTable) column(chunk bindings.DataChunk, i int, x kernel.Export, values []kernel.Wide, known []bool) {
	vector := bindings.DataChunkGetVector(chunk, bindings.IdxT(i+1))
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
		narrow(column[uint8](chunk, i+1, len(values)), values)
	case 2:
		narrow(column[int16](chunk, i+1, len(values)), values)
	case 4:
		narrow(column[int32](chunk, i+1, len(values)), values)
	case 16:
		copy(column[kernel.Wide](chunk, i+1, len(values)), values)
	default:
		narrow(column[int64](chunk, i+1, len(values)), values)
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
