package duckdb

import (
	"context"
	"database/sql/driver"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"
	driverpkg "github.com/duckdb/duckdb-go/v2"
)

// Appender adds rows to a table, written as they will lie in the engine's
// memory: within the session's transaction, if there is one.
type Appender struct {
	session  *Session
	ctx      context.Context
	doing    string
	appender bindings.Appender
	chunk    bindings.DataChunk
	types    []bindings.LogicalType
	vectors  []bindings.Vector
	data     []unsafe.Pointer // of the vectors
	lists    []int            // how many elements a column has
	bytes    int              // of them, and of texts
	held     int              // bytes that the engine has, but not yet in the table
	row      int              // the next
}

// Append lets fn add rows to a table, which is named in parts: the database,
// "temp" for a temporary one, its schema and its name.
func (s *Session) Append(ctx context.Context, doing string, table [3]string, fn func(*Appender) error) error {
	a := &Appender{session: s, ctx: ctx, doing: doing}
	defer a.drop()
	err := s.Raw(func(conn driver.Conn) error {
		return a.must(bindings.AppenderCreateExt(handle(conn), table[0], table[1], table[2], &a.appender))
	})
	if err != nil {
		return s.wrap(ctx, doing, err)
	}
	for i := range int(bindings.AppenderColumnCount(a.appender)) {
		a.types = append(a.types, bindings.AppenderColumnType(a.appender, bindings.IdxT(i)))
	}
	a.chunk = bindings.CreateDataChunk(a.types)
	for i := range a.types {
		a.vectors = append(a.vectors, bindings.DataChunkGetVector(a.chunk, bindings.IdxT(i)))
		a.data = append(a.data, bindings.VectorGetData(a.vectors[i]))
	}
	a.lists = make([]int, len(a.types))
	if err := fn(a); err != nil {
		return err
	}
	if err := a.flush(); err != nil {
		return err
	}
	return s.wrap(ctx, doing, a.must(bindings.AppenderFlush(a.appender)))
}

func (a *Appender) must(state bindings.State) error {
	if state == bindings.StateError {
		return &driverpkg.Error{Msg: bindings.AppenderError(a.appender)}
	}
	return nil
}

func (a *Appender) drop() {
	for i := range a.types {
		bindings.DestroyLogicalType(&a.types[i])
	}
	bindings.DestroyDataChunk(&a.chunk)
	if a.appender.Ptr != nil {
		bindings.AppenderClear(a.appender) // destroying it would add what is left of a failure
		bindings.AppenderDestroy(&a.appender)
	}
}

// Put sets a column of the row that is being written; T must be the engine's
// form, as for Values.
func Put[T any](a *Appender, col int, v T) {
	*(*T)(unsafe.Add(a.data[col], a.row*int(unsafe.Sizeof(v)))) = v
}

// PutText sets a VARCHAR.
func PutText(a *Appender, col int, text []byte) {
	if len(text) <= inlineText {
		t := Text{Len: uint32(len(text))}
		copy(t.Rest[:], text[copy(t.Prefix[:], text):])
		Put(a, col, t)
		return
	}
	bindings.VectorAssignStringElementLen(a.vectors[col], bindings.IdxT(a.row), text)
	a.bytes += len(text)
}

// PutList sets a list of fixed-size values; nil is no list at all.
func PutList[T any](a *Appender, col int, values []T) {
	from := a.lists[col]
	if values == nil {
		bindings.VectorEnsureValidityWritable(a.vectors[col])
		bindings.ValiditySetRowInvalid(bindings.VectorGetValidity(a.vectors[col]), bindings.IdxT(a.row))
		Put(a, col, Span{From: uint64(from)})
		return
	}
	Put(a, col, Span{uint64(from), uint64(len(values))})
	to := from + len(values)
	bindings.ListVectorReserve(a.vectors[col], bindings.IdxT(to))
	child := (*T)(bindings.VectorGetData(bindings.ListVectorGetChild(a.vectors[col])))
	copy(unsafe.Slice(child, to)[from:], values)
	a.lists[col] = to
	a.bytes += len(values) * int(unsafe.Sizeof(values[0]))
}

// What lists and texts of a chunk may take, about, and what the engine may
// hold beside the table, which then has it a second time.
const (
	appendBytes = 8 << 20
	holdBytes   = 32 << 20
)

// Next ends a row, of which every column has been set.
func (a *Appender) Next() error {
	a.row++
	if a.row == int(bindings.VectorSize()) || a.bytes >= appendBytes {
		return a.flush()
	}
	return nil
}

func (a *Appender) flush() error {
	if err := a.ctx.Err(); err != nil || a.row == 0 {
		return err
	}
	for i, n := range a.lists {
		if n > 0 {
			bindings.ListVectorSetSize(a.vectors[i], bindings.IdxT(n))
		}
	}
	bindings.DataChunkSetSize(a.chunk, bindings.IdxT(a.row))
	if err := a.must(bindings.AppendDataChunk(a.appender, a.chunk)); err != nil {
		return a.session.wrap(a.ctx, a.doing, err)
	}
	bindings.DataChunkReset(a.chunk)
	clear(a.lists)
	a.held += a.bytes
	a.row, a.bytes = 0, 0
	for i, v := range a.vectors {
		a.data[i] = bindings.VectorGetData(v)
	}
	if a.held < holdBytes {
		return nil
	}
	a.held = 0
	return a.session.wrap(a.ctx, a.doing, a.must(bindings.AppenderFlush(a.appender)))
}
