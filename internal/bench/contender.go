package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	segql "github.com/segql/segql/runtime"
)

// Contender is a way to find the members of all segments, or a limit: work that
// no such way can do without.
type Contender struct {
	Name string `json:"name"`
	What string `json:"what"`
	// Limit finds no members.
	Limit bool `json:"limit,omitempty"`
	// prepare fills its folder before the time is taken; may be nil.
	prepare func(context.Context, *trial, string) error
	run     func(context.Context, *trial, string) (*outcome, error)
}

// ByHand is the contender that the others are compared with.
const ByHand = "by-hand"

// Contenders in the order they take turns.
func Contenders() []Contender {
	return []Contender{
		{Name: ByHand, What: "one hand-written SQL per segment, into a table in a file", run: byHand{}.run},
		{Name: "by-hand-temp", What: "the same into a temporary table, stored nowhere", run: byHand{temporary: true}.run},
		{Name: "segql", What: "segql run, with its store", run: project{}.run},
		{Name: "next-1%", What: "segql run a day later, on the store of the day before: 1 % of the facts and those of that day are new", prepare: next{100}.prepare, run: next{100}.run},
		{Name: "next-day", What: "the same when only the facts of that day are new", prepare: next{}.prepare, run: next{}.run},
		{Name: "scan", What: "limit: a hash of all columns that the segments need", Limit: true, run: scan},
		{Name: "group", What: "limit: one GROUP BY of each table of facts", Limit: true, run: groupBy},
	}
}

func contender(name string) (Contender, error) {
	for _, c := range Contenders() {
		if c.Name == name {
			return c, nil
		}
	}
	return Contender{}, fmt.Errorf("there is no contender %q", name)
}

// trial is what every contender is given.
type trial struct {
	size          Size
	data, project string // folders
	segments      []Segment
	threads       int
	memory        string
	before        map[int]string // folders of the runs before, see next
}

// outcome of one contender.
type outcome struct {
	phases []Phase
	// close ends what is still open, after the time was taken; may be nil.
	close func() error
	// members is a query for (segment, key as a number), in the file or, when
	// there is none, in the open db.
	file, members string
	db            *sql.DB
}

// Phase is a part of a contender's time.
type Phase struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// open starts an engine that sees the tables of the data, as a person would.
func (t *trial) open(ctx context.Context) (*sql.DB, error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, fmt.Errorf("start the engine: %w", err)
	}
	db.SetMaxOpenConns(1)
	statements := []string{"SET preserve_insertion_order = false"}
	if t.threads > 0 {
		statements = append(statements, fmt.Sprintf("SET threads = %d", t.threads))
	}
	if t.memory != "" {
		statements = append(statements, "SET memory_limit = "+quote(t.memory))
	}
	if t.size.Format == Parquet {
		for _, table := range tables {
			statements = append(statements, "CREATE VIEW "+table+" AS FROM read_parquet("+quote(filepath.Join(t.data, table+".parquet"))+")")
		}
	} else {
		statements = append(statements, "ATTACH "+quote(filepath.Join(t.data, databaseFile))+" AS bench_data (READ_ONLY)", "USE bench_data")
	}
	if err := execute(ctx, db, statements...); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func secondsSince(began time.Time) float64 { return micros(time.Since(began)) }

// micros are seconds in whole microseconds: more digits say nothing.
func micros(d time.Duration) float64 { return d.Round(time.Microsecond).Seconds() }

func execute(ctx context.Context, db *sql.DB, statements ...string) error {
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", short(s), err)
		}
	}
	return nil
}

// short is the beginning of a statement, for a message.
func short(statement string) string {
	const most = 200
	if text := []rune(statement); len(text) > most {
		return string(text[:most]) + "…"
	}
	return statement
}

// byHand runs one statement for each segment, as a person or a dbt model does.
type byHand struct{ temporary bool }

func (h byHand) run(ctx context.Context, t *trial, work string) (*outcome, error) {
	db, err := t.open(ctx)
	if err != nil {
		return nil, err
	}
	out := &outcome{db: db, close: db.Close, members: "SELECT segment, customer FROM temp.members"}
	make := []string{"CREATE TEMP TABLE members (segment VARCHAR, customer BIGINT)"}
	if !h.temporary {
		out.file, out.members = filepath.Join(work, "members.duckdb"), "SELECT segment, customer FROM members"
		make = []string{"ATTACH " + quote(out.file) + " AS result", "CREATE TABLE result.members (segment VARCHAR, customer BIGINT)",
			"CREATE TEMP VIEW members AS FROM result.members"} // where references look
	}
	if err := execute(ctx, db, make...); err != nil {
		return out, err
	}
	into := "temp.members"
	if !h.temporary {
		into = "result.members"
	}
	statements := []string{"BEGIN TRANSACTION"} // one, which is faster than one each
	for _, s := range t.segments {
		statements = append(statements, "INSERT INTO "+into+" SELECT "+quote(s.Name)+", * FROM ("+s.ByHand+")")
	}
	if err := execute(ctx, db, append(statements, "COMMIT")...); err != nil {
		return out, err
	}
	if !h.temporary {
		// The file is safe, and small, when it is closed.
		return out, db.Close()
	}
	return out, nil
}

// project is what a user gets by `segql run`.
type project struct {
	options func(*segql.RunOptions)
	asOf    string // "" is the catalog's
}

func (p project) run(ctx context.Context, t *trial, work string) (out *outcome, err error) {
	store := filepath.Join(work, "store.duckdb")
	out = &outcome{file: store, members: "SELECT segment, CAST(customer AS BIGINT) FROM members_current"}
	o := segql.Options{Dir: t.project, Store: store, Threads: t.threads, MemoryLimit: t.memory}
	if t.size.Format == Parquet {
		o.Data = t.data
	}
	began := time.Now()
	opened, diags, err := segql.Open(ctx, o)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	if diags.HasErrors() {
		return out, fmt.Errorf("%s: %s", t.project, diags[0].Message)
	}
	out.phases = append(out.phases, Phase{"open", secondsSince(began)})
	instant, from, err := opened.AsOf(p.asOf, time.Time{})
	if err != nil {
		return out, err
	}
	run := segql.RunOptions{AsOf: instant, AsOfFrom: from, Now: time.Now}
	if p.options != nil {
		p.options(&run)
	}
	report, err := opened.Run(ctx, run)
	if err != nil {
		return out, err
	}
	for _, phase := range report.Phases {
		out.phases = append(out.phases, Phase{phase.Name, micros(phase.Elapsed)})
	}
	return out, nil
}

var word = regexp.MustCompile(`[a-z_]+`)

// scan hashes each column that any segment needs, once.
func scan(ctx context.Context, t *trial, _ string) (*outcome, error) {
	used := map[string]bool{"id": true, "customer_id": true, "ordered_at": true, "happened_at": true}
	for _, s := range t.segments {
		for _, w := range word.FindAllString(s.ByHand, -1) {
			used[w] = true
		}
	}
	return limit(ctx, t, func(ctx context.Context, db *sql.DB, table string) error {
		columns, err := columnsOf(ctx, db, table)
		if err != nil {
			return err
		}
		columns = slices.DeleteFunc(columns, func(c string) bool { return !used[c] })
		return drain(ctx, db, "SELECT sum(hash("+strings.Join(columns, ", ")+")) FROM "+table)
	})
}

// groupBy counts the facts of each customer; the counts are read, or the engine
// would leave them out.
func groupBy(ctx context.Context, t *trial, _ string) (*outcome, error) {
	return limit(ctx, t, func(ctx context.Context, db *sql.DB, table string) error {
		if table == tables[0] {
			return nil
		}
		return drain(ctx, db, "SELECT sum(n * (customer_id % 7)) FROM (SELECT customer_id, count(*) AS n FROM "+table+" GROUP BY customer_id)")
	})
}

func limit(ctx context.Context, t *trial, do func(context.Context, *sql.DB, string) error) (*outcome, error) {
	db, err := t.open(ctx)
	if err != nil {
		return nil, err
	}
	out := &outcome{close: db.Close}
	for _, table := range tables {
		began := time.Now()
		if err := do(ctx, db, table); err != nil {
			return out, err
		}
		out.phases = append(out.phases, Phase{table, secondsSince(began)})
	}
	return out, nil
}

func columnsOf(ctx context.Context, db *sql.DB, table string) ([]string, error) {
	rows, err := db.QueryContext(ctx, "SELECT column_name FROM (DESCRIBE "+table+")")
	if err != nil {
		return nil, fmt.Errorf("columns of %s: %w", table, err)
	}
	defer rows.Close()
	var columns []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("columns of %s: %w", table, err)
		}
		columns = append(columns, name)
	}
	return columns, rows.Err()
}

// drain runs a query of one row.
func drain(ctx context.Context, db *sql.DB, query string) error {
	var value any
	if err := db.QueryRowContext(ctx, query).Scan(&value); err != nil {
		return fmt.Errorf("%s: %w", short(query), err)
	}
	return nil
}
