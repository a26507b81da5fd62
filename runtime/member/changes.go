package member

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/segql/segql/runtime/duckdb"
)

// Ref names a segment of an entity, as the store knows it: one that was
// renamed is another.
type Ref struct{ Segment, Entity string }

// ChangesSQL is a query that gives who entered and left the segments in the
// complete runs before an instant: segment, entity, customer (the key as
// text), as_of, kind (entered or left). It is for the session the store is
// open in; ChangesOf is the same for everybody else.
func (s *Store) ChangesSQL(refs []Ref, before time.Time) string {
	return s.sql("SELECT segment, entity, customer, as_of, kind FROM {main}.changes WHERE " + among(refs, "segment") + " AND as_of < " + instant(before))
}

// NoChangesSQL is ChangesSQL of a store that does not exist yet.
const NoChangesSQL = "SELECT '' AS segment, '' AS entity, '' AS customer, make_timestamptz(0) AS as_of, '' AS kind WHERE false"

// ChangesOf calls fn for everyone who entered or left one of the segments in a
// complete run before an instant. Run and Cause are left out.
func (s *Store) ChangesOf(ctx context.Context, refs []Ref, before time.Time, fn func(Change) error) error {
	return s.each(ctx, "read the history of segments", s.ChangesSQL(refs, before), func(scan func(...any) error) error {
		var c Change
		var kind string
		if err := scan(&c.Segment, &c.Entity, &c.Customer, &c.AsOf, &kind); err != nil {
			return err
		}
		c.Entered = kind == "entered"
		return fn(c)
	})
}

// Since are the instants of the first complete run of each of the segments,
// among those before an instant; a segment without one is not in the map.
func (s *Store) Since(ctx context.Context, refs []Ref, before time.Time) (map[Ref]time.Time, error) {
	since := map[Ref]time.Time{}
	err := s.each(ctx, "read the history of segments", `SELECT s.name, s.entity, min(r.as_of) FROM {log}.run_segment g
JOIN {log}.segment s ON s.id = g.segment JOIN {log}.run r ON r.seq = g.seq
WHERE NOT r.historical AND `+among(refs, "name")+" AND r.as_of < "+instant(before)+" GROUP BY ALL", func(scan func(...any) error) error {
		var ref Ref
		var first time.Time
		err := scan(&ref.Segment, &ref.Entity, &first)
		since[ref] = first
		return err
	})
	return since, err
}

// among is the condition that a row is of one of the segments.
func among(refs []Ref, column string) string {
	pairs := make([]string, len(refs))
	for i, r := range refs {
		pairs[i] = "(" + duckdb.QuoteText(r.Segment) + ", " + duckdb.QuoteText(r.Entity) + ")"
	}
	return fmt.Sprintf("(%s, entity) IN (%s)", column, strings.Join(pairs, ", "))
}
