package member

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/segql/segql/runtime/duckdb"
)

// Before is a segment in the last complete run before an instant that computed
// it, beside its members now: who has entered and left since.
type Before struct{ Size, Entered, Left int64 }

// Before compares members with what complete runs before an instant have
// stored; a segment that none of them computed is not in the map. The segments
// are of the memberships, each of another name.
func (s *Store) Before(ctx context.Context, refs []Ref, before time.Time, now *duckdb.Memberships) (map[Ref]Before, error) {
	out := map[Ref]Before{}
	since, err := s.Since(ctx, refs, before)
	if err != nil {
		return nil, err
	}
	next, err := s.next(ctx)
	if err != nil {
		return nil, err
	}
	byEntity := map[string][]Ref{}
	for ref := range since {
		byEntity[ref.Entity] = append(byEntity[ref.Entity], ref)
	}
	for entity, refs := range byEntity {
		n, err := s.numbered(ctx, now.Universe(entity), next)
		if err == nil {
			err = s.beforeOf(ctx, n, refs, &beforeAll{before, now, out})
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

type beforeAll struct {
	before time.Time
	now    *duckdb.Memberships
	out    map[Ref]Before
}

// beforeOf compares segments of one entity. Who has entered and left takes
// turns with every customer, so that all changes together, each of them turning
// bits over, give who was in.
func (s *Store) beforeOf(ctx context.Context, n *numbers, refs []Ref, all *beforeAll) error {
	words := wordsFor(n.end)
	for part := range slices.Chunk(refs, max(1, setBytes/8/(words+1))) {
		was := map[int32][]uint64{}
		ids := map[int32]Ref{}
		err := s.each(ctx, "compare with earlier runs", "SELECT id, name FROM {log}.segment WHERE "+among(part, "name"), func(scan func(...any) error) error {
			ref := Ref{Entity: n.of.Entity}
			var id int32
			err := scan(&id, &ref.Segment)
			ids[id], was[id] = ref, make([]uint64, words)
			return err
		})
		if err != nil {
			return err
		}
		err = s.readContainers(ctx, "compare with earlier runs", "SELECT CAST(0 AS BIGINT), "+containerColumns+` FROM {log}.change
WHERE segment IN (SELECT id FROM {log}.segment WHERE `+among(part, "name")+") AND seq IN (SELECT seq FROM {log}.run WHERE as_of < "+instant(all.before)+")", func(_ int64, c *container) error {
			c.flip(was[c.segment])
			return nil
		})
		if err != nil {
			return err
		}
		for id, ref := range ids {
			is := make([]uint64, words)
			if err := n.set(all.now.Sets[ref.Segment], is); err != nil {
				return err
			}
			b := Before{Size: count(was[id]), Entered: count(is)}
			without(is, was[id])
			kept := b.Entered - count(is)
			b.Entered, b.Left = count(is), b.Size-kept
			all.out[ref] = b
		}
	}
	return nil
}

// Turnover is how much a segment changed from run to run: who entered and left
// in Runs runs, and the members there were before each of them, all together.
type Turnover struct {
	Runs                  int
	Before, Entered, Left int64
}

// Turnovers are those of the last runs up to an instant, each beside the run of
// an earlier instant before it; runs of another definition than the one before
// are left out, and so are segments of which nothing is left.
func (s *Store) Turnovers(ctx context.Context, upTo time.Time, runs int) (map[Ref]Turnover, error) {
	out := map[Ref]Turnover{}
	err := s.each(ctx, "compare the runs", fmt.Sprintf(`SELECT s.name, s.entity, count(*), CAST(sum(t.before) AS BIGINT), CAST(sum(t.entered) AS BIGINT), CAST(sum(t."left") AS BIGINT) FROM (
  SELECT g.segment, g.entered, g."left", lag(g.size) OVER w AS before, lag(g.definition) OVER w = g.definition AND lag(r.as_of) OVER w < r.as_of AS counts
  FROM {log}.run_segment g JOIN {log}.run r ON r.seq = g.seq
  WHERE r.seq IN (SELECT seq FROM {log}.run WHERE NOT historical AND as_of <= %s ORDER BY seq DESC LIMIT %d)
  WINDOW w AS (PARTITION BY g.segment ORDER BY g.seq)) t
JOIN {log}.segment s ON s.id = t.segment WHERE t.counts GROUP BY ALL`, instant(upTo), runs+1), func(scan func(...any) error) error {
		var ref Ref
		var t Turnover
		err := scan(&ref.Segment, &ref.Entity, &t.Runs, &t.Before, &t.Entered, &t.Left)
		out[ref] = t
		return err
	})
	return out, err
}
