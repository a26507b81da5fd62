package member

import (
	"context"
	"fmt"

	"github.com/segql/segql/runtime/duckdb"
)

// Format is the version of the tables. It grows when they change.
const Format = 2

// migrations[n] turns format n into n+1; they run in one transaction when the
// store is opened for writing.
var migrations = map[int]string{1: "CREATE TABLE IF NOT EXISTS @" + cutTable}

// cutTable holds where the last run of each construct that looks at everybody
// divided them, see Cut.
const cutTable = `cut (
  seq INTEGER, construct VARCHAR, grouped BOOLEAN, grp VARCHAR, place INTEGER, value VARCHAR, "key" VARCHAR, open BOOLEAN);`

// tables are printed with the schema's full name; views name them as log.x,
// which DuckDB resolves inside the view's own file.
const tables = `
CREATE TABLE meta (format INTEGER, segql VARCHAR, created TIMESTAMPTZ);
CREATE TABLE run (
  seq INTEGER, run VARCHAR, as_of TIMESTAMPTZ, started TIMESTAMPTZ, finished TIMESTAMPTZ,
  project_hash VARCHAR, data_hash VARCHAR, params VARCHAR, segql VARCHAR, status VARCHAR, historical BOOLEAN);
CREATE TABLE run_segment (
  seq INTEGER, segment INTEGER, size BIGINT, universe BIGINT, entered BIGINT, "left" BIGINT,
  definition VARCHAR, expectations VARCHAR);
CREATE TABLE segment (id INTEGER, name VARCHAR, entity VARCHAR);
CREATE TABLE customer (id INTEGER, entity VARCHAR, "key" VARCHAR);
CREATE TABLE change (seq INTEGER, segment INTEGER, customer INTEGER, entered BOOLEAN, cause UTINYINT);
CREATE TABLE member (segment INTEGER, customer INTEGER, seq INTEGER);
CREATE TABLE ` + cutTable

const views = `
CREATE VIEW runs AS SELECT * EXCLUDE (seq) FROM log.run ORDER BY seq;
CREATE VIEW members_current AS
  SELECT s.name AS segment, s.entity, c."key" AS customer, r.as_of AS since, r.run
  FROM log.member m JOIN log.segment s ON s.id = m.segment JOIN log.customer c ON c.id = m.customer JOIN log.run r ON r.seq = m.seq;
CREATE VIEW changes AS
  SELECT s.name AS segment, s.entity, c."key" AS customer, r.run, r.as_of,
    CASE WHEN h.entered THEN 'entered' ELSE 'left' END AS kind, ['data', 'time', 'definition'][h.cause] AS cause
  FROM log.change h JOIN log.segment s ON s.id = h.segment JOIN log.customer c ON c.id = h.customer JOIN log.run r ON r.seq = h.seq;
CREATE VIEW history AS
  SELECT s.name AS segment, s.entity, c."key" AS customer,
    a.as_of AS entered_at, a.run AS entered_run, ['data', 'time', 'definition'][h.cause] AS entered_cause,
    b.as_of AS left_at, b.run AS left_run, ['data', 'time', 'definition'][h.left_cause] AS left_cause
  FROM (
    SELECT *, lead(seq) OVER w AS left_seq, lead(cause) OVER w AS left_cause
    FROM log.change WINDOW w AS (PARTITION BY segment, customer ORDER BY seq)) h
  JOIN log.segment s ON s.id = h.segment JOIN log.customer c ON c.id = h.customer
  JOIN log.run a ON a.seq = h.seq LEFT JOIN log.run b ON b.seq = h.left_seq
  WHERE h.entered;`

// create makes the tables of an empty file.
func (s *Store) create(ctx context.Context, version string) error {
	return s.inTransaction(ctx, "create the store", func(ctx context.Context) error {
		for _, part := range []string{
			"CREATE SCHEMA " + s.name + ".log",
			inSchema(tables, "CREATE TABLE ", s.name+".log."),
			inSchema(views, "CREATE VIEW ", s.name+".main."),
			fmt.Sprintf("INSERT INTO %s.log.meta VALUES (%d, %s, now())", s.name, Format, duckdb.QuoteText(version)),
		} {
			if err := s.exec(ctx, "create the store", part); err != nil {
				return err
			}
		}
		return nil
	})
}

// migrate brings an older store up to Format.
func (s *Store) migrate(ctx context.Context, from int) error {
	return s.inTransaction(ctx, "bring the store up to date", func(ctx context.Context) error {
		for v := from; v < Format; v++ {
			step, ok := migrations[v]
			if !ok {
				return fmt.Errorf("bring the store up to date: no way from format %d", v)
			}
			if err := s.exec(ctx, "bring the store up to date", inSchema(step, "@", s.name+".log.")); err != nil {
				return err
			}
		}
		return s.exec(ctx, "bring the store up to date", fmt.Sprintf("UPDATE %s.log.meta SET format = %d", s.name, Format))
	})
}
