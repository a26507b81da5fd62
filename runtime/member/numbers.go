package member

import (
	"bytes"
	"context"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/segql/segql/runtime/duckdb"
)

// numbers translates the numbers that a run has for the rows of an entity into
// the store's own.
type numbers struct {
	of   duckdb.Universe
	to   []uint32 // the store's, by the run's
	same bool     // they are the same
	end  int      // all that the store has now, of any entity, are below
	// fresh are the rows whose keys the store has not seen, in the order of their
	// numbers there, which begin at from.
	fresh  []uint32
	from   int
	keys   *keyList
	staged string // the table of the session that has them
}

// next is the number that the next customer gets.
func (s *Store) next(ctx context.Context) (n int, err error) {
	err = s.explain(s.session.QueryRow(ctx, looking, s.sql("SELECT coalesce(max(id) + 1, 0) FROM {log}.customer"), &n))
	return n, err
}

const looking = "look for keys in the store"

// numbered finds the store's numbers of a universe. Keys that the store has not
// seen get those from next on, in the order that rows stand in or else of their
// bytes, so that numbers do not depend on threads; whether they are stored, is
// for the caller to decide.
func (s *Store) numbered(ctx context.Context, u duckdb.Universe, next int) (*numbers, error) {
	n := &numbers{of: u, end: next, to: make([]uint32, u.Rows), from: next, keys: newKeyList(u.Rows)}
	if err := s.readKeys(ctx, n); err != nil {
		return n, err
	}
	known, err := s.known(ctx, n)
	if err != nil {
		return n, err
	}
	for row := range n.to {
		switch {
		case known == nil || known[row] < 0:
			n.fresh = append(n.fresh, uint32(row))
		default:
			n.to[row] = uint32(known[row])
		}
	}
	if !u.Ordered {
		n.keys.byKey(n.fresh)
	}
	again := 0 // keys of two rows
	for i, row := range n.fresh {
		n.to[row] = uint32(next + i)
		if i > 0 && bytes.Equal(n.keys.of(int(row)), n.keys.of(int(n.fresh[i-1]))) {
			again++
		}
	}
	if again > 0 {
		return n, n.repeated(again)
	}
	n.end = next + len(n.fresh)
	n.same = true
	for row, id := range n.to {
		n.same = n.same && uint32(row) == id
	}
	return n, nil
}

// straight reports whether all rows are new, and get numbers as they stand.
func (n *numbers) straight() bool {
	return n.of.Ordered && len(n.fresh) == n.of.Rows && len(n.fresh) > 0
}

func (n *numbers) repeated(keys int) error {
	return fmt.Errorf(looking+": %d keys of %s are in it twice", keys, n.of.Entity)
}

// readKeys reads the keys of all rows.
func (s *Store) readKeys(ctx context.Context, n *numbers) error {
	rows, missing := 0, 0
	err := s.explain(s.session.Stream(ctx, looking, `SELECT CAST(n AS BIGINT), CAST("key" AS VARCHAR) FROM (`+n.of.Keys+`) u`, func(c *duckdb.Chunk) error {
		known, keys := c.Known(1), duckdb.Values[duckdb.Text](c, 1)
		for i, row := range duckdb.Values[int64](c, 0) {
			switch {
			case row < 0 || row >= int64(n.of.Rows) || n.keys.size[row] >= 0:
				return fmt.Errorf(looking+": the rows of %s are not numbered from 0 to %d", n.of.Entity, n.of.Rows-1)
			case !duckdb.IsKnown(known, i):
				missing++
			default:
				n.keys.set(int(row), keys[i].Bytes())
			}
			rows++
		}
		return nil
	}))
	switch {
	case err != nil:
		return err
	case missing > 0:
		return fmt.Errorf(looking+": %d rows of %s have no key", missing, n.of.Entity)
	case rows != n.of.Rows:
		return fmt.Errorf(looking+": %s has %d rows, but %d are numbered", n.of.Entity, n.of.Rows, rows)
	}
	return nil
}

// known are the numbers that the store has for rows, −1 where it has none; nil:
// it has none at all.
func (s *Store) known(ctx context.Context, n *numbers) (known []int64, err error) {
	if n.from == 0 {
		return nil, nil
	}
	f := &finder{keys: n.keys}
	if n.of.Ordered {
		if again := n.keys.repeated(); again > 0 {
			return nil, n.repeated(again)
		}
	} else if f.index = n.keys.index(); f.index.again > 0 {
		return nil, n.repeated(f.index.again)
	}
	stored := s.sql("SELECT CAST(id AS BIGINT), \"key\" FROM {log}.customer WHERE entity = " + duckdb.QuoteText(n.of.Entity))
	err = s.explain(s.session.Stream(ctx, looking, stored, func(c *duckdb.Chunk) error {
		if known == nil {
			known = make([]int64, n.of.Rows)
			for i := range known {
				known[i] = -1
			}
		}
		keys := duckdb.Values[duckdb.Text](c, 1)
		for i, id := range duckdb.Values[int64](c, 0) {
			row := f.find(id, keys[i].Bytes())
			if row < 0 {
				continue
			}
			if known[row] >= 0 || id < 0 || id >= int64(n.from) {
				return fmt.Errorf(looking+": it has a key of %s twice, or numbers that it has not given", n.of.Entity)
			}
			known[row] = id
		}
		return nil
	}))
	return known, err
}

// finder finds the rows of stored keys. Where rows stand in the order of their
// keys, mostly all of them stand as they stood in the run before.
type finder struct {
	keys   *keyList
	index  *index // nil until one does not
	behind int64  // the number of a key less its row, of the last that was found
}

func (f *finder) find(id int64, key []byte) (row int) {
	if at := id - f.behind; at >= 0 && at < int64(len(f.keys.at)) && bytes.Equal(f.keys.of(int(at)), key) {
		return int(at)
	}
	if f.index == nil {
		f.index = f.keys.index()
	}
	if row = f.index.find(key); row >= 0 {
		f.behind = id - int64(row)
	}
	return row
}

// set writes the store's numbers of some rows into words that are all zero.
func (n *numbers) set(rows *roaring.Bitmap, words []uint64) error {
	if rows == nil || rows.IsEmpty() {
		return nil
	}
	if last := rows.Maximum(); int(last) >= len(n.to) {
		return fmt.Errorf("%s has no row %d, but it is a member", n.of.Entity, last)
	}
	if n.same {
		rows.WriteDenseTo(words)
		return nil
	}
	buffer := make([]uint32, 4096)
	for it := rows.ManyIterator(); ; {
		got := it.NextMany(buffer)
		if got == 0 {
			return nil
		}
		for _, row := range buffer[:got] {
			id := n.to[row]
			words[id>>6] |= 1 << (id & 63)
		}
	}
}
