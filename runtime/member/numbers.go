package member

import (
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
	// fresh is a table of the session with the keys that the store has not seen:
	// n, "key", id.
	fresh, known string
}

// next is the number that the next customer gets.
func (s *Store) next(ctx context.Context) (n int, err error) {
	err = s.explain(s.session.QueryRow(ctx, "look for keys in the store", s.sql("SELECT coalesce(max(id) + 1, 0) FROM {log}.customer"), &n))
	return n, err
}

// numbered finds the store's numbers of a universe. Keys that the store has not
// seen get those from next on, in the order of their bytes, so that numbers do
// not depend on threads; whether they are stored, is for the caller to decide.
// drop removes the tables.
func (s *Store) numbered(ctx context.Context, u duckdb.Universe, next int) (*numbers, error) {
	const doing = "look for keys in the store"
	n := &numbers{of: u, end: next, to: make([]uint32, u.Rows), fresh: s.session.TempName("fresh"), known: s.session.TempName("known")}
	entity := duckdb.QuoteText(u.Entity)
	if err := s.exec(ctx, doing, s.sql(`CREATE TEMP TABLE `+n.known+` AS SELECT u.n, u."key", c.id FROM (`+u.Keys+`) u
LEFT JOIN (SELECT id, "key" FROM {log}.customer WHERE entity = `+entity+`) c ON c."key" = u."key";
CREATE TEMP TABLE `+n.fresh+` AS SELECT n, "key", `+fmt.Sprint(next)+` + row_number() OVER w - 1 AS id,
  coalesce(lag("key") OVER w = "key", false) AS again
FROM `+n.known+` WHERE id IS NULL WINDOW w AS (ORDER BY "key")`)); err != nil {
		return n, err
	}
	var missing, again int64
	if err := s.explain(s.session.QueryRow(ctx, doing, `SELECT count(*) FILTER (WHERE "key" IS NULL), count(*) FILTER (WHERE again) FROM `+n.fresh, &missing, &again)); err != nil {
		return n, err
	}
	if missing > 0 {
		return n, fmt.Errorf(doing+": %d rows of %s have no key", missing, u.Entity)
	}
	rows := 0
	seen := make([]bool, u.Rows)
	taken := make([]bool, next+u.Rows)
	err := s.explain(s.session.Stream(ctx, doing, "SELECT CAST(n AS BIGINT), CAST(id AS BIGINT) FROM "+n.known+" WHERE id IS NOT NULL UNION ALL SELECT CAST(n AS BIGINT), CAST(id AS BIGINT) FROM "+n.fresh, func(c *duckdb.Chunk) error {
		ids := duckdb.Values[int64](c, 1)
		for i, row := range duckdb.Values[int64](c, 0) {
			if row < 0 || row >= int64(u.Rows) || seen[row] {
				return fmt.Errorf(doing+": the rows of %s are not numbered from 0 to %d", u.Entity, u.Rows-1)
			}
			if taken[ids[i]] {
				again++
			}
			seen[row], taken[ids[i]] = true, true
			n.to[row] = uint32(ids[i])
			n.end = max(n.end, int(ids[i])+1)
			rows++
		}
		return nil
	}))
	switch {
	case err != nil:
		return n, err
	case again > 0:
		return n, fmt.Errorf(doing+": %d keys of %s are in it twice", again, u.Entity)
	case rows != u.Rows:
		return n, fmt.Errorf(doing+": %s has %d rows, but %d are numbered", u.Entity, u.Rows, rows)
	}
	n.same = true
	for row, id := range n.to {
		n.same = n.same && uint32(row) == id
	}
	return n, nil
}

// drop removes the tables.
func (n *numbers) drop(ctx context.Context, s *Store) {
	for _, name := range []string{n.fresh, n.known} {
		_ = s.session.Exec(ctx, "clear up", "DROP TABLE IF EXISTS temp.main."+name)
	}
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
