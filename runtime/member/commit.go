package member

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/segql/segql/runtime/duckdb"
)

// Run is one run of a project.
type Run struct {
	ID         string    // unique; ordered by time, see NewID
	AsOf       time.Time // the instant the memberships are of
	Started    time.Time
	Finished   time.Time
	Project    string // hash of the definitions
	Data       string // fingerprint of the data
	Params     string // JSON object
	Version    string // of segql
	Status     string // "complete"; others never reach the store
	Historical bool   // dated before the last run: recorded without members and history
}

// Cause says why a membership changed.
type Cause uint8

// Causes. When definition and data changed both, the definition is named; when
// neither did, only the clock moved.
const (
	ByData Cause = 1 + iota
	ByTime
	ByDefinition
)

func (c Cause) String() string { return [...]string{"", "data", "time", "definition"}[c] }

// Segment is one segment's part of a run.
type Segment struct {
	Name         string // "vip", "lifecycle.loyal"
	Entity       string // whose keys the members are
	Universe     int64  // members of the entity
	Definition   string // hash of the definition, with all it refers to
	Expectations string // JSON list of checks and their results
}

// Outcome is what a commit found for a segment.
type Outcome struct {
	Name                string
	Size, Entered, Left int64
}

// Batch is what is committed.
type Batch struct {
	Run      Run
	Segments []Segment
	// Members is a table or query of the session, to stand after FROM, with
	// the columns segment VARCHAR and customer VARCHAR (the key as text), each
	// pair once.
	Members string
	// Partial leaves segments that are not listed as they are. Otherwise their
	// members leave, because the definition is gone.
	Partial bool
}

// NewID makes a run's ID: 26 characters that sort by time, in the alphabet and
// form of ULID.
func NewID(t time.Time) string {
	var b [16]byte
	ms := uint64(t.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	if _, err := rand.Read(b[6:]); err != nil {
		panic("no random numbers: " + err.Error())
	}
	// 130 bits for 128: the two added stand in front, as ULID has them.
	padded := append([]byte{0, 0, 0, 0}, b[:]...)
	return ulid.EncodeToString(padded)[6:]
}

var ulid = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// CheckAsOf reports a RunTooOld problem when a run of this instant would be
// dated before the last one in the store. Such a run may be printed and, as
// Historical, recorded, but it changes no members and no history.
func (s *Store) CheckAsOf(ctx context.Context, asOf time.Time) error {
	last, err := s.Last(ctx)
	if err != nil || last == nil || !asOf.Before(last.AsOf) {
		return err
	}
	return duckdb.NewProblem(duckdb.RunTooOld, "the run's instant %s lies before that of the last run in the store, %s",
		asOf.UTC().Format(time.RFC3339), last.AsOf.UTC().Format(time.RFC3339)).
		WithHelp("history is written forwards only: run without a store to look back, or begin another store")
}

// Commit records a run in one transaction: either all of it is in the store
// afterwards or nothing. The outcome has one entry per segment, in order.
func (s *Store) Commit(ctx context.Context, b Batch) ([]Outcome, error) {
	if s.mode != Write {
		return nil, errors.New("commit a run: the store is open for reading only")
	}
	c := &commit{Store: s, b: b}
	defer c.drop()
	if err := s.inTransaction(ctx, "store the run", c.write); err != nil {
		return nil, err
	}
	return c.outcome, nil
}

// commit is one commit under way. Its temporary tables:
//
//	segs   the run's segments and those that are gone: id, name, entity, cause, ord
//	coded  the run's members as numbers
//	diff   what changed: segment, customer, rid (row of log.member, NULL: entered)
type commit struct {
	*Store
	b                 Batch
	seq               int
	segs, coded, diff string
	outcome           []Outcome
}

const doing = "store the run"

func (c *commit) write(ctx context.Context) error {
	c.segs, c.coded, c.diff = c.session.TempName("segs"), c.session.TempName("coded"), c.session.TempName("diff")
	steps := []func(context.Context) error{c.begin, c.segments, c.customers, c.compare, c.apply, c.report}
	if c.b.Run.Historical {
		steps = []func(context.Context) error{c.begin, c.segments, c.sizesOnly, c.report}
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c *commit) drop() {
	// After a rollback the tables are gone already.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, t := range []string{c.segs, c.coded, c.diff} {
		if t != "" {
			_ = c.session.Exec(ctx, doing, "DROP TABLE IF EXISTS temp.main."+t)
		}
	}
}

// sql replaces the tables' short names: {log} the store's schema, {segs},
// {coded}, {diff}, {seq} the run's number, {members} what is to be stored.
func (c *commit) sql(text string) string {
	return strings.NewReplacer("{log}", c.name+".log", "{segs}", "temp.main."+c.segs, "{coded}", "temp.main."+c.coded,
		"{diff}", "temp.main."+c.diff, "{seq}", fmt.Sprint(c.seq), "{members}", c.b.Members).Replace(text)
}

func (c *commit) run(ctx context.Context, text string) error { return c.exec(ctx, doing, c.sql(text)) }

// begin gives the run its number. The instant is checked inside the
// transaction, whatever the caller found before.
func (c *commit) begin(ctx context.Context) error {
	r := c.b.Run
	if !r.Historical {
		if err := c.CheckAsOf(ctx, r.AsOf); err != nil {
			return err
		}
	}
	var same int
	if err := c.session.QueryRow(ctx, doing, c.sql("SELECT coalesce(max(seq), 0) + 1, count(*) FILTER (WHERE run = "+duckdb.QuoteText(r.ID)+") FROM {log}.run"), &c.seq, &same); err != nil {
		return c.explain(err)
	}
	if same > 0 || r.ID == "" {
		return fmt.Errorf("store the run: its ID %q is empty or taken", r.ID)
	}
	status := r.Status
	if status == "" {
		status = "complete"
	}
	return c.run(ctx, fmt.Sprintf("INSERT INTO {log}.run VALUES ({seq}, %s, %s, %s, %s, %s, %s, %s, %s, %s, %t)",
		duckdb.QuoteText(r.ID), instant(r.AsOf), instant(r.Started), instant(r.Finished), duckdb.QuoteText(r.Project), duckdb.QuoteText(r.Data),
		duckdb.QuoteText(r.Params), duckdb.QuoteText(r.Version), duckdb.QuoteText(status), r.Historical))
}

func instant(t time.Time) string {
	if t.IsZero() {
		return "NULL"
	}
	return fmt.Sprintf("make_timestamptz(%d)", t.UnixMicro())
}

// segments numbers the run's segments and finds the cause of their changes.
func (c *commit) segments(ctx context.Context) error {
	if err := c.run(ctx, "CREATE TEMP TABLE {segs} (ord INTEGER, id INTEGER, name VARCHAR, entity VARCHAR, universe BIGINT, definition VARCHAR, expectations VARCHAR, cause UTINYINT)"); err != nil {
		return err
	}
	const chunk = 500 // a statement of thousands of rows parses slowly
	for from := 0; from < len(c.b.Segments); from += chunk {
		var rows []string
		for i, g := range c.b.Segments[from:min(from+chunk, len(c.b.Segments))] {
			rows = append(rows, fmt.Sprintf("(%d, NULL, %s, %s, %d, %s, %s, NULL)", from+i, duckdb.QuoteText(g.Name), duckdb.QuoteText(g.Entity),
				g.Universe, duckdb.QuoteText(g.Definition), duckdb.QuoteText(g.Expectations)))
		}
		if err := c.run(ctx, "INSERT INTO {segs} VALUES "+strings.Join(rows, ",\n")); err != nil {
			return err
		}
	}
	if err := c.checkSegments(ctx); err != nil {
		return err
	}
	if err := c.run(ctx, `INSERT INTO {log}.segment
SELECT (SELECT coalesce(max(id), 0) FROM {log}.segment) + row_number() OVER (ORDER BY ord), name, entity FROM {segs} s
WHERE NOT EXISTS (FROM {log}.segment k WHERE k.name = s.name AND k.entity = s.entity)`); err != nil {
		return err
	}
	return c.run(ctx, fmt.Sprintf(`UPDATE {segs} AS s SET id = k.id,
  cause = CASE WHEN p.definition IS DISTINCT FROM s.definition THEN %d WHEN %s THEN %d ELSE %d END
FROM {log}.segment k LEFT JOIN (
  SELECT segment, arg_max(definition, seq) AS definition FROM {log}.run_segment
  WHERE seq IN (SELECT seq FROM {log}.run WHERE NOT historical) GROUP BY segment) p ON p.segment = k.id
WHERE k.name = s.name AND k.entity = s.entity`, ByDefinition, c.sameData(), ByTime, ByData))
}

// sameData is SQL that is true when the data is that of the last run.
func (c *commit) sameData() string {
	return c.sql("coalesce((SELECT arg_max(data_hash, seq) FROM {log}.run WHERE seq < {seq} AND NOT historical) = " + duckdb.QuoteText(c.b.Run.Data) + ", false)")
}

func (c *commit) checkSegments(ctx context.Context) error {
	var twice int
	err := c.session.QueryRow(ctx, doing, c.sql("SELECT count(*) - count(DISTINCT name) FROM {segs}"), &twice)
	if err == nil && twice > 0 {
		return errors.New("store the run: a segment is listed twice")
	}
	return c.explain(err)
}

// customers numbers keys that the store has not seen, in the keys' order, so
// that the numbers do not depend on threads.
func (c *commit) customers(ctx context.Context) error {
	if err := c.run(ctx, `INSERT INTO {log}.customer
SELECT (SELECT coalesce(max(id), 0) FROM {log}.customer) + row_number() OVER (ORDER BY entity, "key"), entity, "key" FROM (
  SELECT DISTINCT s.entity, m.customer AS "key" FROM {members} m JOIN {segs} s ON s.name = m.segment WHERE m.customer IS NOT NULL) n
WHERE NOT EXISTS (FROM {log}.customer k WHERE k."key" = n."key" AND k.entity = n.entity)`); err != nil {
		return err
	}
	if err := c.run(ctx, `CREATE TEMP TABLE {coded} AS
SELECT s.id AS segment, k.id AS customer FROM {members} m JOIN {segs} s ON s.name = m.segment
JOIN {log}.customer k ON k."key" = m.customer AND k.entity = s.entity`); err != nil {
		return err
	}
	var lost int64
	if err := c.session.QueryRow(ctx, doing, c.sql("SELECT (SELECT count(*) FROM {members} m) - (SELECT count(*) FROM {coded})"), &lost); err != nil {
		return c.explain(err)
	}
	if lost != 0 {
		return fmt.Errorf("store the run: %d members have no key or belong to a segment that is not listed", lost)
	}
	return nil
}

// compare finds the changes. Segments that are gone take part with no members.
func (c *commit) compare(ctx context.Context) error {
	if !c.b.Partial {
		if err := c.run(ctx, fmt.Sprintf(`INSERT INTO {segs} (id, name, entity, cause)
SELECT id, name, entity, %d FROM {log}.segment k WHERE id NOT IN (SELECT id FROM {segs}) AND id IN (SELECT segment FROM {log}.member)`, ByDefinition)); err != nil {
			return err
		}
	}
	return c.run(ctx, `CREATE TEMP TABLE {diff} AS
SELECT coalesce(n.segment, o.segment) AS segment, coalesce(n.customer, o.customer) AS customer, o.rid
FROM {coded} n FULL OUTER JOIN (
  SELECT segment, customer, rowid AS rid FROM {log}.member WHERE segment IN (SELECT id FROM {segs})) o
ON n.segment = o.segment AND n.customer = o.customer
WHERE n.customer IS NULL OR o.customer IS NULL`)
}

func (c *commit) apply(ctx context.Context) error {
	for _, text := range []string{
		`INSERT INTO {log}.change SELECT {seq}, d.segment, d.customer, d.rid IS NULL, s.cause FROM {diff} d JOIN {segs} s ON s.id = d.segment ORDER BY ALL`,
		`DELETE FROM {log}.member WHERE rowid IN (SELECT rid FROM {diff} WHERE rid IS NOT NULL)`,
		`INSERT INTO {log}.member SELECT segment, customer, {seq} FROM {diff} WHERE rid IS NULL`,
		`INSERT INTO {log}.run_segment
SELECT {seq}, s.id, coalesce(n.size, 0), s.universe, coalesce(d.entered, 0), coalesce(d.gone, 0), s.definition, s.expectations
FROM {segs} s
LEFT JOIN (SELECT segment, count(*) AS size FROM {coded} GROUP BY segment) n ON n.segment = s.id
LEFT JOIN (SELECT segment, count(*) FILTER (WHERE rid IS NULL) AS entered, count(rid) AS gone FROM {diff} GROUP BY segment) d ON d.segment = s.id`,
	} {
		if err := c.run(ctx, text); err != nil {
			return err
		}
	}
	var members, coded int64
	if err := c.session.QueryRow(ctx, doing, c.sql("SELECT (SELECT count(*) FROM {log}.member WHERE segment IN (SELECT id FROM {segs})), (SELECT count(*) FROM {coded})"), &members, &coded); err != nil {
		return c.explain(err)
	}
	if members != coded {
		return fmt.Errorf("store the run: %d members were given, %d would be stored; is a pair given twice?", coded, members)
	}
	return nil
}

// sizesOnly records a run that is dated before the last.
func (c *commit) sizesOnly(ctx context.Context) error {
	return c.run(ctx, `INSERT INTO {log}.run_segment
SELECT {seq}, s.id, coalesce(n.size, 0), s.universe, NULL, NULL, s.definition, s.expectations FROM {segs} s
LEFT JOIN (SELECT m.segment, count(*) AS size FROM {members} m GROUP BY ALL) n ON n.segment = s.name`)
}

func (c *commit) report(ctx context.Context) error {
	return c.explain(c.session.Each(ctx, doing, c.sql(`SELECT s.name, r.size, coalesce(r.entered, 0), coalesce(r."left", 0)
FROM {segs} s JOIN {log}.run_segment r ON r.segment = s.id AND r.seq = {seq} WHERE s.ord IS NOT NULL ORDER BY s.ord`), func(scan func(...any) error) error {
		var o Outcome
		if err := scan(&o.Name, &o.Size, &o.Entered, &o.Left); err != nil {
			return err
		}
		c.outcome = append(c.outcome, o)
		return nil
	}))
}
