package member

import (
	"context"
	"fmt"

	"github.com/segql/segql/runtime/duckdb"
)

// Format is the version of the tables. It grows when they change.
const Format = 3

// cutTable holds where the last run of each construct that looks at everybody
// divided them, see Cut.
const cutTable = `
CREATE TABLE IF NOT EXISTS {log}.cut (
  seq INTEGER, construct VARCHAR, grouped BOOLEAN, grp VARCHAR, place INTEGER, value VARCHAR, "key" VARCHAR, open BOOLEAN);`

// setTables hold sets of customers as containers, see there: of customers and
// words one is NULL. A row of change are those who entered a segment in a run
// or left it, one of member those who entered in a run and are still in.
const setTables = `
CREATE TABLE {log}.change (segment INTEGER, seq INTEGER, block INTEGER, size INTEGER, customers INTEGER[], words UBIGINT[], entered BOOLEAN, cause UTINYINT);
CREATE TABLE {log}.member (segment INTEGER, seq INTEGER, block INTEGER, size INTEGER, customers INTEGER[], words UBIGINT[]);`

// tables; the ids of customers are dense, from 0, over all entities: the views
// find them by one number.
const tables = `
CREATE SCHEMA {log};
CREATE TABLE {log}.meta (format INTEGER, segql VARCHAR, created TIMESTAMPTZ);
CREATE TABLE {log}.run (
  seq INTEGER, run VARCHAR, as_of TIMESTAMPTZ, started TIMESTAMPTZ, finished TIMESTAMPTZ,
  project_hash VARCHAR, data_hash VARCHAR, params VARCHAR, segql VARCHAR, status VARCHAR, historical BOOLEAN);
CREATE TABLE {log}.run_segment (
  seq INTEGER, segment INTEGER, size BIGINT, universe BIGINT, entered BIGINT, "left" BIGINT,
  definition VARCHAR, expectations VARCHAR);
CREATE TABLE {log}.segment (id INTEGER, name VARCHAR, entity VARCHAR);
CREATE TABLE {log}.customer (id INTEGER, entity VARCHAR, "key" VARCHAR USING COMPRESSION fsst);` + setTables + cutTable

// rowsOf gives the rows that containers stand for, each with the columns named,
// which are of segments s, runs r or the containers m, and its customer's key.
// Names are found before containers are taken apart, so that a condition on
// them leaves out whole containers. Rows of words are taken apart 64 customers
// at a time.
//
// The optimizer knows neither how many rows a list becomes nor which numbers
// they have. The one row of many, which it takes for thousands, lets it keep
// the customers in memory and not the members; sums of numbers are what it
// estimates, and then finds customers by their place without hashing. Both
// together read 18 million members five times as fast.
func rowsOf(table, columns string) string {
	from := `
      FROM log.` + table + ` m JOIN log.segment s ON s.id = m.segment JOIN log.run r ON r.seq = m.seq, range(100000) many(i)
      WHERE many.i = 0`
	return `(
    SELECT h.* EXCLUDE (number), c."key" AS customer
    FROM (
      SELECT ` + columns + `, unnest(m.customers) AS number` + from + `
      UNION ALL
      SELECT w.* EXCLUDE (first, word), first + bit AS number
      FROM (
        SELECT ` + columns + `, m.block * 65536 + unnest(CAST(range(0, 65536, 64) AS INTEGER[])) AS first, unnest(m.words) AS word` + from + ` AND m.words IS NOT NULL) w
      JOIN (SELECT CAST(i AS INTEGER) AS bit, CAST(1 AS UBIGINT) << CAST(i AS UBIGINT) AS mask FROM range(64) bits(i)) b ON w.word & b.mask <> CAST(0 AS UBIGINT)) h
    JOIN log.customer c ON c.id + 1 = h.number + 1)`
}

var membersView = `
  SELECT segment, entity, customer, since, run
  FROM ` + rowsOf("member", "s.name AS segment, s.entity, r.as_of AS since, r.run") + `;`

const causeOf = `['data', 'time', 'definition']`

// views name tables as log.x, which DuckDB resolves inside the view's own file.
var views = `
CREATE OR REPLACE VIEW {main}.runs AS SELECT * EXCLUDE (seq) FROM log.run ORDER BY seq;
CREATE OR REPLACE VIEW {main}.members AS` + membersView + `
CREATE OR REPLACE VIEW {main}.members_current AS` + membersView + `
CREATE OR REPLACE VIEW {main}.changes AS
  SELECT segment, entity, customer, run, as_of, kind, cause
  FROM ` + rowsOf("change", `s.name AS segment, s.entity, r.run, r.as_of,
        CASE WHEN m.entered THEN 'entered' ELSE 'left' END AS kind, `+causeOf+`[m.cause] AS cause`) + `;
CREATE OR REPLACE VIEW {main}.history AS
  SELECT h.segment, h.entity, h.customer,
    a.as_of AS entered_at, a.run AS entered_run, ` + causeOf + `[h.cause] AS entered_cause,
    b.as_of AS left_at, b.run AS left_run, ` + causeOf + `[h.left_cause] AS left_cause
  FROM (
    SELECT *, lead(seq) OVER w AS left_seq, lead(cause) OVER w AS left_cause
    FROM ` + rowsOf("change", "s.name AS segment, s.entity, m.seq, m.entered, m.cause") + `
    WINDOW w AS (PARTITION BY segment, entity, customer ORDER BY seq)) h
  JOIN log.run a ON a.seq = h.seq LEFT JOIN log.run b ON b.seq = h.left_seq
  WHERE h.entered;`

// migrations[n] turns format n into n+1; they run in one transaction when the
// store is opened for writing. The views are made anew after them.
var migrations = map[int]string{
	1: cutTable,
	// Rows become containers, of lists alone; numbers stay what they were.
	2: `
ALTER TABLE {log}.change RENAME TO change_2;
ALTER TABLE {log}.member RENAME TO member_2;` + setTables + `
INSERT INTO {log}.change SELECT segment, seq, customer >> 16 AS block, count(*), list(customer ORDER BY customer), NULL, entered, cause
FROM {log}.change_2 GROUP BY segment, seq, block, entered, cause ORDER BY seq, segment, block;
INSERT INTO {log}.member SELECT segment, seq, customer >> 16 AS block, count(*), list(customer ORDER BY customer), NULL
FROM {log}.member_2 GROUP BY segment, seq, block ORDER BY segment, block, seq;
DROP TABLE {log}.change_2;
DROP TABLE {log}.member_2;`,
}

// create makes the tables of an empty file.
func (s *Store) create(ctx context.Context, version string) error {
	const doing = "create the store"
	return s.inTransaction(ctx, doing, func(ctx context.Context) error {
		return s.exec(ctx, doing, s.sql(tables+views+
			fmt.Sprintf("INSERT INTO {log}.meta VALUES (%d, %s, now())", Format, duckdb.QuoteText(version))))
	})
}

// migrate brings an older store up to Format.
func (s *Store) migrate(ctx context.Context, from int) error {
	const doing = "bring the store up to date"
	return s.inTransaction(ctx, doing, func(ctx context.Context) error {
		for v := from; v < Format; v++ {
			step, ok := migrations[v]
			if !ok {
				return fmt.Errorf("%s: no way from format %d", doing, v)
			}
			if err := s.exec(ctx, doing, s.sql(step)); err != nil {
				return err
			}
		}
		return s.exec(ctx, doing, s.sql(views+fmt.Sprintf("UPDATE {log}.meta SET format = %d", Format)))
	})
}
