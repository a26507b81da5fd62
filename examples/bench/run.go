package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the driver segql uses too

	"github.com/segql/segql/internal/reference"
	"github.com/segql/segql/runtime"
)

const (
	retail      = "examples/reference/online-retail"
	retailFile  = "transactions.parquet"
	timesLarger = 20
)

// benchRun runs the retail rules on the whole set and on one twenty times as
// large; where the whole set is not at hand, on the sample.
func benchRun(ctx context.Context, runs int, data string) ([]Result, error) {
	set, dir := filepath.Join(data, "online-retail", "reference.yaml"), filepath.Join(data, "online-retail")
	ref, err := reference.Load(set)
	if err != nil {
		return nil, fmt.Errorf("the whole retail set is needed (--data): %w", err)
	}
	first, err := benchData(ctx, runs, "run retail", dir, ref, 1)
	if err != nil {
		return nil, err
	}
	large, err := os.MkdirTemp("", "segql-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(large) }()
	if err := multiply(ctx, filepath.Join(dir, retailFile), filepath.Join(large, retailFile)); err != nil {
		return nil, err
	}
	second, err := benchData(ctx, runs, fmt.Sprintf("run retail x%d", timesLarger), large, ref, timesLarger)
	if err != nil {
		return nil, err
	}
	return []Result{first, second}, nil
}

// multiply writes the set many times over; every copy has its own customers
// and invoices.
func multiply(ctx context.Context, from, to string) error {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, fmt.Sprintf(`COPY (
  SELECT regexp_replace(InvoiceNo, '([0-9]+)', '\1' || '-' || k) AS InvoiceNo, StockCode, Description, Quantity,
    InvoiceDate, UnitPrice, CustomerID + k * 100000 AS CustomerID, Country
  FROM '%s', range(%d) r(k)) TO '%s' (FORMAT parquet, COMPRESSION zstd)`, quote(from), timesLarger, quote(to)))
	return err
}

func quote(s string) string { return strings.ReplaceAll(s, "'", "''") }

// benchData lets segql and the hand-written SQL take turns over the file in dir.
func benchData(ctx context.Context, runs int, what, dir string, ref *reference.Set, times int64) (Result, error) {
	s := samples{}
	rules := map[string]reference.Rule{}
	for _, r := range ref.Rules {
		rules[r.ID] = r
	}
	var rows int64
	for range runs {
		var report *runtime.Report
		seconds, err := timed(func() (err error) {
			report, err = runSegql(ctx, dir)
			return err
		})
		if err != nil {
			return Result{}, err
		}
		s.add("segql", seconds)
		ran := map[string]bool{}
		for _, seg := range report.Segments {
			ran[seg.Name] = true
			if r, ok := rules[seg.Name]; ok && !roughly(seg.Members, r.Count*times, times) {
				return Result{}, fmt.Errorf("%s: %s has %d members, not %d", what, seg.Name, seg.Members, r.Count*times)
			}
		}
		for _, p := range report.Phases {
			s.add(p.Name, p.Elapsed.Seconds())
		}
		seconds, err = timed(func() error { return runByHand(ctx, dir, ref, ran) })
		if err != nil {
			return Result{}, err
		}
		s.add("by hand", seconds)
		rows = report.Sources[0].Rows
	}
	out := Result{What: what, Size: rows, Seconds: median(s["segql"]), Beside: median(s["by hand"]), Parts: s.medians("segql", "by hand")}
	out.Ratio = out.Beside / out.Seconds
	return out, nil
}

// roughly allows for the rounding of "top 10%" in a multiplied set.
func roughly(got, want, times int64) bool { return got-want < times && want-got < times }

// runSegql opens the project and runs it, all but the store.
func runSegql(ctx context.Context, dir string) (*runtime.Report, error) {
	p, diags, err := runtime.Open(ctx, runtime.Options{Dir: retail, Data: dir, NoStore: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = p.Close() }()
	if diags.HasErrors() {
		return nil, fmt.Errorf("%s: %s", retail, diags[0].Message)
	}
	asOf, from, err := p.AsOf("", time.Time{})
	if err != nil {
		return nil, err
	}
	return p.Run(ctx, runtime.RunOptions{AsOf: asOf, AsOfFrom: from, Now: time.Now})
}

// runByHand runs the SQL of the rules that segql ran, one by one, into a
// table of members.
func runByHand(ctx context.Context, dir string, ref *reference.Set, ran map[string]bool) error {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	setup := strings.ReplaceAll(ref.Setup, "'"+retailFile+"'", "'"+quote(filepath.Join(dir, retailFile))+"'")
	if _, err := db.ExecContext(ctx, setup); err != nil {
		return fmt.Errorf("set up the SQL by hand: %w", err)
	}
	if _, err := db.ExecContext(ctx, "CREATE TEMP TABLE members (segment VARCHAR, customer VARCHAR)"); err != nil {
		return err
	}
	for _, r := range ref.Rules {
		if !ran[r.ID] {
			continue
		}
		if _, err := db.ExecContext(ctx, "INSERT INTO members SELECT '"+r.ID+"', x FROM ("+r.SQL+") AS rule(x)"); err != nil {
			return fmt.Errorf("rule %s: %w", r.ID, err)
		}
	}
	return nil
}
