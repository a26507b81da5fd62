package member

import (
	"context"
	"fmt"
	"time"

	"github.com/segql/segql/runtime/duckdb"
)

func (c *commit) writeAll(ctx context.Context) error { return c.inTransaction(ctx, doing, c.write) }

// write is the transaction.
func (c *commit) write(ctx context.Context) error {
	if err := c.writeRun(ctx); err != nil || c.b.Run.Historical {
		return err
	}
	for _, n := range c.numbers {
		if err := c.customers(ctx, n); err != nil {
			return err
		}
	}
	if err := c.changes(ctx); err != nil {
		return err
	}
	if err := c.members(ctx); err != nil {
		return err
	}
	if err := c.cuts(ctx); err != nil {
		return err
	}
	return c.check(ctx)
}

// stage puts the keys that are new into tables of the session, from which the
// engine packs them on every core; what is appended, or has come in the same
// transaction, it packs on one. Where no customer is in the store, the query of
// the keys does.
func (c *commit) stage(ctx context.Context) error {
	for _, n := range c.numbers {
		if len(n.fresh) == 0 || n.straight() {
			continue
		}
		n.staged = c.session.TempName("fresh")
		if err := c.run(ctx, "CREATE TEMP TABLE "+n.staged+` (id INTEGER, "key" VARCHAR)`); err != nil {
			return err
		}
		err := c.session.Append(ctx, doing, [3]string{"temp", "main", n.staged}, func(a *duckdb.Appender) error {
			for i, row := range n.fresh {
				duckdb.Put(a, 0, int32(n.from+i))
				duckdb.PutText(a, 1, n.keys.of(int(row)))
				if err := a.Next(); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// unstage drops those tables, whatever has become of the run.
func (c *commit) unstage(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	for _, n := range c.numbers {
		if n.staged != "" {
			if err := c.run(ctx, "DROP TABLE IF EXISTS temp.main."+n.staged); err != nil {
				return err
			}
		}
	}
	return nil
}

// customers writes the keys that are new.
func (c *commit) customers(ctx context.Context, n *numbers) error {
	if n.straight() {
		return c.run(ctx, fmt.Sprintf(`INSERT INTO {log}.customer SELECT CAST(n + %d AS INTEGER), %s, "key" FROM (%s) AS u`, n.from, duckdb.QuoteText(n.of.Entity), n.of.Keys))
	}
	if n.staged == "" {
		return nil
	}
	return c.run(ctx, "INSERT INTO {log}.customer SELECT id, "+duckdb.QuoteText(n.of.Entity)+`, "key" FROM temp.main.`+n.staged)
}

// writeRun writes what is known of the run and its segments.
func (c *commit) writeRun(ctx context.Context) error {
	r := c.b.Run
	status := r.Status
	if status == "" {
		status = "complete"
	}
	if err := c.run(ctx, fmt.Sprintf("INSERT INTO {log}.run VALUES ({seq}, %s, %s, %s, %s, %s, %s, %s, %s, %s, %t)",
		duckdb.QuoteText(r.ID), instant(r.AsOf), instant(r.Started), instant(r.Finished), duckdb.QuoteText(r.Project), duckdb.QuoteText(r.Data),
		duckdb.QuoteText(r.Params), duckdb.QuoteText(r.Version), duckdb.QuoteText(status), r.Historical)); err != nil {
		return err
	}
	rows := map[string]int{}
	for _, u := range c.b.Universes {
		rows[u.Entity] = u.Rows
	}
	var names, runs []string
	for _, p := range c.parts {
		if p.fresh {
			names = append(names, fmt.Sprintf("(%d, %s, %s)", p.id, duckdb.QuoteText(p.Name), duckdb.QuoteText(p.Entity)))
		}
		changes, rest := fmt.Sprintf("%d, %d", p.entered, p.left), "NULL, NULL"
		if r.Historical {
			changes = "NULL, NULL"
		}
		universe := "NULL"
		if !p.gone {
			universe, rest = fmt.Sprint(rows[p.Entity]), duckdb.QuoteText(p.Definition)+", "+duckdb.QuoteText(p.Expectations)
		}
		runs = append(runs, fmt.Sprintf("({seq}, %d, %d, %s, %s, %s)", p.id, p.size, universe, changes, rest))
	}
	if err := c.insert(ctx, "{log}.segment", names); err != nil {
		return err
	}
	return c.insert(ctx, "{log}.run_segment", runs)
}

// changes appends to the log.
func (c *commit) changes(ctx context.Context) error {
	causes := map[int32]Cause{}
	for _, p := range c.parts {
		causes[p.id] = p.cause
	}
	return c.append(ctx, "change", func(a *duckdb.Appender) error {
		for i, list := range [][]container{c.entered, c.left} {
			for _, change := range list {
				change.put(a, 0)
				duckdb.Put(a, 6, i == 0)
				duckdb.Put(a, 7, uint8(causes[change.segment]))
				if err := a.Next(); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (c *commit) append(ctx context.Context, table string, fn func(*duckdb.Appender) error) error {
	return c.explain(c.session.Append(ctx, doing, [3]string{c.name, "log", table}, fn))
}

// members brings the current members up to date.
func (c *commit) members(ctx context.Context) error {
	if err := c.takeOut(ctx); err != nil {
		return err
	}
	return c.append(ctx, "member", func(a *duckdb.Appender) error {
		for _, list := range [][]container{c.rest, c.entered} {
			for _, m := range list {
				m.put(a, 0)
				if err := a.Next(); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// takeOut deletes the rows of those who have left. What is deleted keeps its
// place in the file until all of the rows around it are, so that the table is
// written anew when more of it is deleted than not.
func (c *commit) takeOut(ctx context.Context) (err error) {
	if len(c.broken) == 0 {
		return nil
	}
	broken, kept := c.session.TempName("broken"), c.session.TempName("kept")
	defer func() {
		if err == nil {
			err = c.run(ctx, "DROP TABLE temp.main."+broken, "DROP TABLE IF EXISTS temp.main."+kept)
		}
	}()
	if err := c.run(ctx, "CREATE TEMP TABLE "+broken+" (id BIGINT)"); err != nil {
		return err
	}
	err = c.session.Append(ctx, doing, [3]string{"temp", "main", broken}, func(a *duckdb.Appender) error {
		for _, id := range c.broken {
			duckdb.Put(a, 0, id)
			if err := a.Next(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var rows, places int
	if err := c.row(ctx, "SELECT count(*), coalesce(max(rowid) + 1, 0) FROM {log}.member", &rows, &places); err != nil {
		return err
	}
	if stay := rows - len(c.broken); places-stay <= stay {
		return c.run(ctx, "DELETE FROM {log}.member WHERE rowid IN (SELECT id FROM temp.main."+broken+")")
	}
	return c.run(ctx, "CREATE TEMP TABLE "+kept+" AS SELECT * FROM {log}.member WHERE rowid NOT IN (SELECT id FROM temp.main."+broken+")",
		"DELETE FROM {log}.member",
		"INSERT INTO {log}.member SELECT * FROM temp.main."+kept+" ORDER BY segment, block, seq")
}

// check holds what is stored to the sum that must come out.
func (c *commit) check(ctx context.Context) error {
	var want, got, others int64
	listed := map[int32]bool{}
	for _, p := range c.parts {
		want += p.size
		listed[p.id] = true
	}
	err := c.each(ctx, doing, "SELECT segment, CAST(sum(size) AS BIGINT) FROM {log}.member GROUP BY segment", func(scan func(...any) error) error {
		var id int32
		var n int64
		err := scan(&id, &n)
		if listed[id] {
			got += n
		} else {
			others += n
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case got != want:
		return fmt.Errorf("store the run: %d members were given, %d would be stored", want, got)
	case others > 0 && !c.b.Partial:
		return fmt.Errorf("store the run: %d members of other segments would stay", others)
	}
	return nil
}

// instant prints a time as TIMESTAMPTZ, microseconds being all DuckDB keeps.
func instant(t time.Time) string {
	if t.IsZero() {
		return "NULL"
	}
	return fmt.Sprintf("make_timestamptz(%d)", t.UnixMicro())
}
