package bench

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
)

// next is what a user gets by `segql run` a day after the last one: the facts of
// that day are new and, where share is more than 0, one of so many of those
// before, which come late.
type next struct{ share int }

// nextVersion grows when what is made for next changes.
const nextVersion = 2

// dayBefore is the instant of the run before.
const dayBefore = "2025-06-30"

// late is the condition of a fact that the run before has not seen; its time is
// a column as a clock in the project's zone shows it.
func (n next) late(column string) string {
	day := column + " >= TIMESTAMP " + quote(dayBefore)
	if n.share == 0 {
		return day
	}
	return fmt.Sprintf("(%s OR hash(%s, customer_id) %% %d = 0)", day, column, n.share)
}

// data gives the folder with the data as it was and as it is, each in a folder
// as MakeData makes one. It is made where it is not. It is one database that has
// grown: what is new stands behind the rest, as it does where rows are inserted.
func (n next) data(ctx context.Context, t *trial) (string, error) {
	path := filepath.Join(t.data, fmt.Sprintf("next-%d-v%d", n.share, nextVersion))
	return path, whole(path, func(temp string) error {
		before, after := filepath.Join(temp, "before"), filepath.Join(temp, "after")
		if err := os.Mkdir(before, 0o755); err != nil {
			return fmt.Errorf("make the data: %w", err)
		}
		if err := n.fill(ctx, t, filepath.Join(before, databaseFile), "CREATE TABLE customers AS FROM whole.customers", "CREATE TABLE %s AS FROM whole.%[1]s WHERE NOT %s"); err != nil {
			return err
		}
		if err := os.CopyFS(after, os.DirFS(before)); err != nil {
			return fmt.Errorf("make the data: %w", err)
		}
		return n.fill(ctx, t, filepath.Join(after, databaseFile), "CHECKPOINT", "INSERT INTO %s FROM whole.%[1]s WHERE %s")
	})
}

// fill runs a statement over a database, and one for each table of facts and
// what is late of them.
func (n next) fill(ctx context.Context, t *trial, file, first, each string) (err error) {
	db, err := sql.Open("duckdb", file)
	if err != nil {
		return fmt.Errorf("make the data: %w", err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	statements := []string{"ATTACH " + quote(filepath.Join(t.data, databaseFile)) + " AS whole (READ_ONLY)", first}
	facts := map[string]string{"orders": n.late("ordered_at"), "events": n.late("happened_at")}
	for _, table := range tables[1:] {
		statements = append(statements, fmt.Sprintf(each, table, facts[table]), "CHECKPOINT")
	}
	if err := execute(ctx, db, statements...); err != nil {
		return fmt.Errorf("make the data: %w", err)
	}
	if err := db.Close(); err != nil {
		return fmt.Errorf("make the data: %w", err)
	}
	return nil
}

// prepare puts the store of the run before into the folder of this one.
func (n next) prepare(ctx context.Context, t *trial, work string) error {
	data, err := n.data(ctx, t)
	if err != nil {
		return err
	}
	before := t.before[n.share]
	if before == "" {
		if before, err = os.MkdirTemp("", "segql-bench-"); err != nil {
			return fmt.Errorf("make a folder for the run before: %w", err)
		}
		if t.before == nil {
			t.before = map[int]string{}
		}
		t.before[n.share] = before
		if _, err := n.at(ctx, t, filepath.Join(data, "before"), before, dayBefore); err != nil {
			return fmt.Errorf("the run before: %w", err)
		}
	}
	return os.CopyFS(work, os.DirFS(before))
}

// forget removes what prepare has left.
func (t *trial) forget() {
	for _, folder := range t.before {
		_ = os.RemoveAll(folder)
	}
}

func (n next) run(ctx context.Context, t *trial, work string) (*outcome, error) {
	data, err := n.data(ctx, t)
	if err != nil {
		return nil, err
	}
	return n.at(ctx, t, filepath.Join(data, "after"), work, "")
}

// at runs the project over the data in a folder as of an instant.
func (n next) at(ctx context.Context, t *trial, data, work, instant string) (*outcome, error) {
	of := *t
	var err error
	if of.project, err = MakeProject(data, t.size, t.segments); err != nil {
		return nil, err
	}
	return project{asOf: instant}.run(ctx, &of, work)
}
