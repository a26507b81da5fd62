package member

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/segql/segql/runtime/duckdb"
)

// Before is a segment in the last complete run before an instant that computed
// it, beside its members now: who has entered and left since.
type Before struct{ Size, Entered, Left int64 }

// Before compares members with what complete runs before an instant have
// stored; a segment that none of them computed is not in the map. members is
// as in Batch, and has of the segments, each of another name, those of now.
func (s *Store) Before(ctx context.Context, refs []Ref, before time.Time, members string) (map[Ref]Before, error) {
	out := map[Ref]Before{}
	since, err := s.Since(ctx, refs, before)
	if err != nil {
		return nil, err
	}
	byName := map[string]Ref{}
	var names []string
	for ref := range since {
		out[ref], byName[ref.Segment] = Before{}, ref // of those of whom no row speaks too
		names = append(names, duckdb.QuoteText(ref.Segment))
	}
	if len(names) == 0 {
		return out, nil
	}
	// Several runs of one instant may each have changed a member; it was in the
	// segment when it entered once more than it left.
	err = s.each(ctx, "compare with earlier runs", `SELECT segment, count(*) FILTER (WHERE was), count(*) FILTER (WHERE now AND NOT was), count(*) FILTER (WHERE was AND NOT now) FROM (
  SELECT segment, customer, sum(step) > 0 AS was, bool_or(now) AS now FROM (
    SELECT segment, customer, CASE kind WHEN 'entered' THEN 1 ELSE -1 END AS step, false AS now FROM (`+s.ChangesSQL(refs, before)+`) c
    UNION ALL SELECT segment, customer, 0, true FROM `+members+` m WHERE segment IN (`+strings.Join(names, ", ")+`)) steps
  GROUP BY segment, customer) rows_
GROUP BY segment`, func(scan func(...any) error) error {
		var name string
		var b Before
		err := scan(&name, &b.Size, &b.Entered, &b.Left)
		if ref, ok := byName[name]; ok {
			out[ref] = b
		}
		return err
	})
	return out, err
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
