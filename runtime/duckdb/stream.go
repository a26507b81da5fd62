package duckdb

import (
	"context"
	"database/sql/driver"
	"errors"
	"math"
	"reflect"
	"sync"
	"time"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"
	driverpkg "github.com/duckdb/duckdb-go/v2"
)

// Chunk is some rows of a query, column by column, as they lie in the engine's
// memory: about ten times as fast to read as by Scan. It is only good until
// the function that it was given to returns.
type Chunk struct {
	Rows    int
	vectors []bindings.Vector
}

// Values are those of a column, of which T must be the engine's form:
// int64 for BIGINT and TIMESTAMP, int32 for DATE, bool for BOOLEAN, Text for
// VARCHAR and so on, and for a DECIMAL the whole number that its digits fit in.
func Values[T any](c *Chunk, i int) []T {
	return unsafe.Slice((*T)(bindings.VectorGetData(c.vectors[i])), c.Rows)
}

// List is the elements of all lists of a column, one after the other; Span
// says which are whose.
func List[T any](c *Chunk, i int) []T {
	child := bindings.ListVectorGetChild(c.vectors[i])
	n := int(bindings.ListVectorGetSize(c.vectors[i]))
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(bindings.VectorGetData(child)), n)
}

// Span is what Values gives of a column of lists: where the list of a row
// begins among the elements, and how many it has.
type Span struct{ From, Len uint64 }

// Known says which values of a column are not missing, a bit for each row from
// the lowest of the first word; nil: all of them.
func (c *Chunk) Known(i int) []uint64 {
	p := bindings.VectorGetValidity(c.vectors[i])
	if p == nil {
		return nil
	}
	words := unsafe.Slice((*uint64)(p), (c.Rows+63)/64)
	for i, w := range words {
		if rest := c.Rows - 64*i; rest < 64 {
			w |= math.MaxUint64 << rest
		}
		if w != math.MaxUint64 {
			return words
		}
	}
	return nil // often there is a mask, and nothing is missing
}

// IsKnown reports whether a row has a bit in what Known gives.
func IsKnown(known []uint64, row int) bool {
	return known == nil || known[row>>6]&(1<<(row&63)) != 0
}

// Text is a VARCHAR in the engine's memory: its length, and then its bytes or,
// of more than twelve, four of them and where all are. Two of up to twelve
// bytes are equal when the structs are.
type Text struct {
	Len    uint32
	Prefix [4]byte
	Rest   [8]byte
}

// inlineText is the length up to which the bytes of a text are in the struct.
const inlineText = 12

// words are all of a short text.
func (t *Text) words() (a, b uint64) {
	p := (*[2]uint64)(unsafe.Pointer(t))
	return p[0], p[1]
}

// Bytes are good for as long as the chunk is.
func (t *Text) Bytes() []byte {
	if t.Len <= inlineText {
		return unsafe.Slice(&t.Prefix[0], t.Len)
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&t.Rest)), t.Len)
}

// String is a copy.
func (t *Text) String() string { return string(t.Bytes()) }

// Stream runs a query and gives its rows as they come, in no order but the
// query's own, without ever holding all of them.
func (s *Session) Stream(ctx context.Context, doing, query string, fn func(*Chunk) error) error {
	return s.each(ctx, doing, asked{query: query}, fn)
}

// Whole is Stream of rows that are all computed first, and held: that keeps
// every core busy, where a stream is made by little more than one.
func (s *Session) Whole(ctx context.Context, doing, query string, fn func(*Chunk) error) error {
	return s.each(ctx, doing, asked{query: query, whole: true}, fn)
}

// asked is a query, and whether all of its rows are computed first.
type asked struct {
	query string
	whole bool
}

func (s *Session) each(ctx context.Context, doing string, q asked, fn func(*Chunk) error) error {
	var own error // of fn, which is given back as it is
	err := s.Raw(func(conn driver.Conn) error {
		return fetch(ctx, handle(conn), q, func(chunk bindings.DataChunk) error {
			defer bindings.DestroyDataChunk(&chunk)
			own = fn(chunkOf(chunk))
			return own
		})
	})
	if own != nil {
		return own
	}
	return s.wrap(ctx, doing, err)
}

// StreamTo is Stream to several at once, each of which is given some of the
// chunks, one at a time.
func (s *Session) StreamTo(ctx context.Context, doing, query string, to []func(*Chunk) error) error {
	chunks := make(chan bindings.DataChunk, 2*len(to))
	errs := make([]error, len(to))
	failed := errors.New("no more is wanted")
	stop := make(chan struct{})
	var once sync.Once
	var all sync.WaitGroup
	for i, fn := range to {
		all.Go(func() {
			for chunk := range chunks {
				if errs[i] == nil {
					if errs[i] = fn(chunkOf(chunk)); errs[i] != nil {
						once.Do(func() { close(stop) })
					}
				}
				bindings.DestroyDataChunk(&chunk)
			}
		})
	}
	err := s.Raw(func(conn driver.Conn) error {
		return fetch(ctx, handle(conn), asked{query: query}, func(chunk bindings.DataChunk) error {
			select {
			case chunks <- chunk:
				return nil
			case <-stop:
				bindings.DestroyDataChunk(&chunk)
				return failed
			}
		})
	})
	close(chunks)
	all.Wait()
	if own := errors.Join(errs...); own != nil {
		return own
	}
	return s.wrap(ctx, doing, err)
}

// handle is the C API's connection beneath the driver's, which it does not
// show: only through it are rows to be had as they lie in memory.
func handle(conn driver.Conn) bindings.Connection {
	field := reflect.ValueOf(conn.(*driverpkg.Conn)).Elem().FieldByName("conn")
	return bindings.Connection{Ptr: field.FieldByName("Ptr").UnsafePointer()}
}

// fetch gives the chunks of a query away: they are to be destroyed.
func fetch(ctx context.Context, conn bindings.Connection, q asked, fn func(bindings.DataChunk) error) error {
	var prepared bindings.PreparedStatement
	defer bindings.DestroyPrepare(&prepared)
	if bindings.Prepare(conn, q.query, &prepared) == bindings.StateError {
		return &driverpkg.Error{Msg: bindings.PrepareError(prepared)}
	}
	var pending bindings.PendingResult
	defer bindings.DestroyPending(&pending)
	begin := bindings.PendingPreparedStreaming
	if q.whole {
		begin = bindings.PendingPrepared
	}
	if begin(prepared, &pending) == bindings.StateError {
		return &driverpkg.Error{Msg: bindings.PendingError(pending)}
	}
	defer interruptible(ctx, conn)()
	var result bindings.Result
	defer bindings.DestroyResult(&result)
	if bindings.ExecutePending(pending, &result) == bindings.StateError {
		return &driverpkg.Error{Msg: bindings.ResultError(&result)}
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		chunk := bindings.FetchChunk(result)
		if chunk.Ptr == nil {
			if text := bindings.ResultError(&result); text != "" {
				return &driverpkg.Error{Msg: text}
			}
			return nil
		}
		if err := fn(chunk); err != nil {
			return err
		}
	}
}

func chunkOf(chunk bindings.DataChunk) *Chunk {
	c := &Chunk{Rows: int(bindings.DataChunkGetSize(chunk))}
	for i := range bindings.DataChunkGetColumnCount(chunk) {
		c.vectors = append(c.vectors, bindings.DataChunkGetVector(chunk, i))
	}
	return c
}

// interruptible ends what the connection does when ctx is done, again and
// again, for an interrupt before a statement has begun is lost. After stop none
// comes any more: it would meet the next statement.
func interruptible(ctx context.Context, conn bindings.Connection) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-done:
			return
		case <-ctx.Done():
		}
		for {
			bindings.Interrupt(conn)
			select {
			case <-done:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
