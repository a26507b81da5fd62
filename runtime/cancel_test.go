package runtime_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
)

// large is a project whose every phase takes a while.
func large(t *testing.T) string {
	t.Helper()
	dir := project(t, `
-- catalog.yaml --
version: 1
timezone: UTC
as_of: 2025-03-31
entities:
  customer: {source: customers.parquet, key: {column: id, type: text}, attributes: {joined: {type: date}}}
facts:
  orders: {source: orders.parquet, of: customer, by: customer_id, at: at, attributes: {amount: {type: "decimal(12,2)"}}}
-- a.seg --
segment often { where count(orders in last 90 days) >= 3 }
segment big { where sum(amount of orders in last 365 days) > 200 }
segment best { where sum(amount of orders) in top 10% }
segment back { where any(orders where amount > 20 followed by orders within 20 days where amount > 30) }
segment odd { where n between 3 and 40 and any(orders in last 30 days where amount < 3) }
segment new { where joined in last 300 days and none(orders in last 10 days) }
`)
	ctx := context.Background()
	s, err := duckdb.Open(ctx, duckdb.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for file, query := range map[string]string{
		"customers.parquet": "SELECT 'c' || range AS id, range % 97 AS n, CAST(DATE '2023-01-01' + CAST(range % 900 AS INTEGER) AS VARCHAR) AS joined FROM range(100000)",
		"orders.parquet":    "SELECT 'c' || hash(range) % 103000 AS customer_id, TIMESTAMP '2023-01-01' + INTERVAL (hash(range + 7) % 70000000) SECOND AS at, CAST((hash(range + 9) % 5000) / 100 AS VARCHAR) AS amount FROM range(600000)",
	} {
		if err := s.Exec(ctx, "make data", "COPY ("+query+") TO "+duckdb.QuoteText(filepath.Join(dir, file))+" (FORMAT parquet)"); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// slack is for machines that do other work besides.
const slack = time.Second / 2

// TestCancel: a run that is interrupted ends at once, whatever it is doing.
func TestCancel(t *testing.T) {
	if testing.Short() {
		t.Skip("large data")
	}
	dir := large(t)
	for _, c := range []struct {
		phase    string // as a run tells of it
		strategy duckdb.Strategy
	}{{"rows of orders", duckdb.BySQL}, {"features of customer", duckdb.BySQL}, {"features of customer", duckdb.ByKernel}, {"check rows of", duckdb.ByKernel}, {"gather members", duckdb.ByKernel}, {"store", duckdb.ByKernel}} {
		t.Run(c.phase+" "+string(c.strategy), func(t *testing.T) {
			for _, after := range []time.Duration{0, 100 * time.Millisecond} {
				took, err := interrupted(t, dir, c.strategy, c.phase, after)
				t.Logf("%v later: %v, %v", after, took, err)
				if after == 0 && !errors.Is(err, context.Canceled) {
					t.Errorf("interrupted at once: %v", err)
				}
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Errorf("%v later: %v", after, err)
				}
				if took > time.Second+slack {
					t.Errorf("interrupted after %v, it went on for %v", after, took)
				}
			}
		})
	}
}

// interrupted runs, interrupts some time after a phase has begun, and gives how
// long the run went on.
func interrupted(t *testing.T, dir string, strategy duckdb.Strategy, phase string, after time.Duration) (time.Duration, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p, diags, err := runtime.Open(ctx, runtime.Options{Dir: dir, Store: filepath.Join(t.TempDir(), "store.duckdb")})
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	defer p.Close()
	at := make(chan time.Time, 1)
	begun := false
	progress := func(doing string, _, _ int) {
		if !begun && strings.Contains(doing, phase) {
			begun = true
			time.AfterFunc(after, func() { at <- time.Now(); cancel() })
		}
	}
	_, err = p.Run(ctx, runtime.RunOptions{AsOf: *p.Project.Project.AsOf, Now: time.Now, Strategy: strategy, Progress: progress})
	ended := time.Now()
	if !begun {
		t.Fatalf("the run never came to %s: %v", phase, err)
	}
	return ended.Sub(<-at), err
}
