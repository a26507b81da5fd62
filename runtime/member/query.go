package member

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/segql/segql/runtime/duckdb"
)

// Member is a current member of a segment.
type Member struct {
	Customer string
	Since    time.Time // instant of the run in which it entered
	Run      string
}

// Change is one entry of the log.
type Change struct {
	Segment, Entity, Customer string
	Run                       string
	AsOf                      time.Time
	Entered                   bool // otherwise left
	Cause                     string
}

// Membership is a segment a customer is in.
type Membership struct {
	Segment string
	Since   time.Time
	Run     string
	Cause   string // why it entered
}

// RunSegment is one segment's part of a stored run.
type RunSegment struct {
	Segment, Entity          string
	Size, Universe           int64
	Entered, Left            int64
	Definition, Expectations string
	Historical               bool // Entered and Left are not known
}

func (s *Store) sql(text string) string {
	return strings.NewReplacer("{log}", s.name+".log", "{main}", s.name+".main").Replace(text)
}

func (s *Store) each(ctx context.Context, doing, text string, fn func(scan func(...any) error) error) error {
	return s.explain(s.session.Each(ctx, doing, s.sql(text), fn))
}

// Last is the last complete run that wrote history, or nil.
func (s *Store) Last(ctx context.Context) (*Run, error) {
	runs, err := s.runs(ctx, "WHERE NOT historical", 1)
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	return &runs[0], nil
}

// Runs are the stored runs, the newest first; limit 0 is all.
func (s *Store) Runs(ctx context.Context, limit int) ([]Run, error) { return s.runs(ctx, "", limit) }

func (s *Store) runs(ctx context.Context, where string, limit int) ([]Run, error) {
	text := "SELECT run, as_of, started, finished, project_hash, data_hash, params, segql, status, historical FROM {log}.run " + where + " ORDER BY seq DESC"
	if limit > 0 {
		text += fmt.Sprintf(" LIMIT %d", limit)
	}
	var runs []Run
	err := s.each(ctx, "list the runs", text, func(scan func(...any) error) error {
		var r Run
		var started, finished sql.NullTime
		err := scan(&r.ID, &r.AsOf, &started, &finished, &r.Project, &r.Data, &r.Params, &r.Version, &r.Status, &r.Historical)
		r.Started, r.Finished = started.Time, finished.Time
		runs = append(runs, r)
		return err
	})
	return runs, err
}

// RunSegments are the segments of a run, by name.
func (s *Store) RunSegments(ctx context.Context, run string) ([]RunSegment, error) {
	var list []RunSegment
	err := s.each(ctx, "list the segments of a run", `SELECT s.name, s.entity, g.size, coalesce(g.universe, 0), coalesce(g.entered, 0), coalesce(g."left", 0), coalesce(g.definition, ''), coalesce(g.expectations, ''), r.historical
FROM {log}.run_segment g JOIN {log}.segment s ON s.id = g.segment JOIN {log}.run r ON r.seq = g.seq WHERE r.run = `+duckdb.QuoteText(run)+" ORDER BY s.name, s.entity", func(scan func(...any) error) error {
		var g RunSegment
		err := scan(&g.Segment, &g.Entity, &g.Size, &g.Universe, &g.Entered, &g.Left, &g.Definition, &g.Expectations, &g.Historical)
		list = append(list, g)
		return err
	})
	return list, err
}

// Has reports whether the store knows a segment of this name.
func (s *Store) Has(ctx context.Context, segment string) (bool, error) {
	var n int
	err := s.session.QueryRow(ctx, "look for a segment", s.sql("SELECT count(*) FROM {log}.segment WHERE name = "+duckdb.QuoteText(segment)), &n)
	return n > 0, s.explain(err)
}

// Members calls fn for every current member of a segment, by key in the order
// of its bytes.
func (s *Store) Members(ctx context.Context, segment string, fn func(Member) error) error {
	return s.each(ctx, "list the members of "+segment, `SELECT customer, since, run FROM {main}.members WHERE segment = `+duckdb.QuoteText(segment)+" ORDER BY customer", func(scan func(...any) error) error {
		var m Member
		if err := scan(&m.Customer, &m.Since, &m.Run); err != nil {
			return err
		}
		return fn(m)
	})
}

// Filter chooses entries of the log; its zero value chooses all.
type Filter struct {
	Segment  string
	Entity   string
	Customer string
	Run      string
	Since    time.Time // runs of this instant and later
	Limit    int       // 0 is no limit
}

// Changes calls fn for the chosen entries: by run, segment, key.
func (s *Store) Changes(ctx context.Context, f Filter, fn func(Change) error) error {
	where := []string{"true"}
	for _, c := range [][2]string{{"segment", f.Segment}, {"entity", f.Entity}, {"customer", f.Customer}, {"run", f.Run}} {
		if c[1] != "" {
			where = append(where, c[0]+" = "+duckdb.QuoteText(c[1]))
		}
	}
	if !f.Since.IsZero() {
		where = append(where, "as_of >= "+instant(f.Since))
	}
	text := "SELECT segment, entity, customer, run, as_of, kind = 'entered', cause FROM {main}.changes WHERE " + strings.Join(where, " AND ") +
		" ORDER BY as_of, run, segment, customer"
	if f.Limit > 0 {
		text += fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	return s.each(ctx, "list changes", text, func(scan func(...any) error) error {
		var c Change
		if err := scan(&c.Segment, &c.Entity, &c.Customer, &c.Run, &c.AsOf, &c.Entered, &c.Cause); err != nil {
			return err
		}
		return fn(c)
	})
}

// SegmentsOf are the segments a customer is in now, by name.
func (s *Store) SegmentsOf(ctx context.Context, entity, customer string) ([]Membership, error) {
	var list []Membership
	// Not by a view: it would take all containers apart, and not those alone in
	// which the customer is.
	err := s.each(ctx, "list the segments of a customer", `SELECT g.name, r.as_of, r.run, ['data', 'time', 'definition'][h.cause]
FROM {log}.customer c JOIN {log}.segment g ON g.entity = c.entity
JOIN {log}.member m ON m.segment = g.id AND m.block = c.id >> 16
JOIN {log}.run r ON r.seq = m.seq
JOIN {log}.change h ON h.segment = m.segment AND h.seq = m.seq AND h.block = m.block AND h.entered
WHERE c.entity = `+duckdb.QuoteText(entity)+` AND c."key" = `+duckdb.QuoteText(customer)+`
  AND CASE WHEN m.words IS NULL THEN list_contains(m.customers, c.id) ELSE m.words[(c.id & 65535) // 64 + 1] >> (c.id & 63) & 1 = 1 END
ORDER BY g.name`, func(scan func(...any) error) error {
		var m Membership
		err := scan(&m.Segment, &m.Since, &m.Run, &m.Cause)
		list = append(list, m)
		return err
	})
	return list, err
}

// Segments are the names of every segment a run has stored, those without
// members and those since removed among them, in order.
func (s *Store) Segments(ctx context.Context) ([]string, error) {
	var names []string
	err := s.each(ctx, "list the segments", "SELECT DISTINCT name FROM {log}.segment ORDER BY name", func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}
