package runtime_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
)

// shop is a project whose data changes: KEY and SOURCE stand for what differs.
const shop = `
-- catalog.yaml --
version: 1
edition: 1
timezone: Asia/Ho_Chi_Minh
database: data.duckdb
entities:
  customer:
    source: customers
    key: {column: id, type: KEY}
    attributes: {city: text, signup_at: {type: time}}
facts:
  orders:
    source: SOURCE
    of: customer
    by: {column: cust}
    at: ordered_at
    key: {column: oid, type: int}
    attributes: {cust: KEY, ordered_at: {type: time}, amount: "decimal(10, 2)", status: {type: text, values: [paid, open, lost]}}
  paid:
    from: orders
    where: status = "paid"
-- a.seg --
segment recent { where count(orders in last 30 days) >= 2 }
segment rich { where sum(amount of orders) > 20 and none(orders in last 7 days where status = "lost") }
segment first_paid { where first(status of orders in last 60 days) = "paid" or last(status of orders) = "lost" }
segment varied { where count(distinct status of orders in last 40 days) >= 2 or count(distinct amount of orders) = 1 }
segment extreme { where max(amount of orders in last 20 days) > 7 or min(amount of orders in last 50 days) < -2 }
segment payers { where count(paid in last 30 days) >= 1 and avg(amount of orders in last 90 days) > 1 }
segment quiet { where last(ordered_at of orders) before as_of - 20 days }
segment young { where signup_at in last 40 days and city != "Hà Nội" }
segment top { where sum(amount of orders in last 90 days) in top 30% }
segment other { where not (in segment recent or in segment young) }
segment never { where none(orders in last 30 days) }
`

// history is a database that changes from run to run.
type history struct {
	*rapid.T
	db   *sql.DB
	text bool // keys are texts
	asOf time.Time
	oid  int
}

func (h *history) exec(query string, args ...any) {
	if _, err := h.db.Exec(query, args...); err != nil {
		h.Fatalf("%s: %v", query, err)
	}
}

func (h *history) key(n int) any {
	if h.text {
		return fmt.Sprintf("khách %d", n)
	}
	return int64(n)
}

// order draws an order at most some days old.
func (h *history) order(days int) {
	h.oid++
	at := h.asOf.Add(-time.Duration(rapid.IntRange(0, days*24).Draw(h.T, "hours")) * time.Hour)
	var amount, status any
	if rapid.IntRange(0, 5).Draw(h.T, "missing") > 0 {
		amount, status = rapid.IntRange(-5, 12).Draw(h.T, "amount"), rapid.SampledFrom([]string{"paid", "open", "lost", "odd"}).Draw(h.T, "status")
	}
	h.exec("INSERT INTO orders (cust, ordered_at, amount, status, oid) VALUES (?, ?, ?, ?, ?)", h.key(rapid.IntRange(0, 14).Draw(h.T, "cust")), at, amount, status, h.oid)
}

// change lets time go on and data change: facts come, in time and late, are
// corrected and deleted, and so are customers.
func (h *history) change() {
	h.asOf = h.asOf.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 24, 24, 50, 24 * 9}).Draw(h.T, "hours on")) * time.Hour)
	some := func() string { return fmt.Sprintf("oid %% 7 = %d", rapid.IntRange(0, 6).Draw(h.T, "which")) }
	for range rapid.IntRange(0, 3).Draw(h.T, "changes") {
		switch rapid.IntRange(0, 8).Draw(h.T, "change") {
		case 0, 1, 2:
			h.order(2)
		case 3:
			h.order(80)
		case 4:
			h.exec("UPDATE orders SET amount = amount + 3 WHERE " + some())
		case 5:
			h.exec("DELETE FROM orders WHERE " + some())
		case 6:
			h.exec("UPDATE customers SET city = 'Huế' WHERE id = ?", h.key(rapid.IntRange(0, 14).Draw(h.T, "who")))
		case 7:
			h.exec("DELETE FROM customers WHERE id = ?", h.key(rapid.IntRange(0, 14).Draw(h.T, "who")))
		default:
			h.exec("INSERT INTO customers SELECT ?, 'Vinh', ? WHERE NOT EXISTS (FROM customers WHERE id = ?)", h.key(rapid.IntRange(-2, 14).Draw(h.T, "who")), h.asOf, h.key(-9))
			h.exec("DELETE FROM customers WHERE rowid NOT IN (SELECT min(rowid) FROM customers GROUP BY id)")
		}
	}
}

// damage changes a byte of a file, or takes its end away.
func (h *history) damage(path string) {
	raw, err := os.ReadFile(path)
	if err != nil {
		h.Fatal(err)
	}
	at := rapid.IntRange(0, len(raw)-1).Draw(h.T, "byte")
	raw[at] ^= 0x10
	if rapid.Bool().Draw(h.T, "cut") {
		raw = raw[:at]
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		h.Fatal(err)
	}
}

// TestRunsThatFollowOthersFindTheSame holds runs that take over what earlier
// ones found to runs that compute everything, in SQL, over random histories.
func TestRunsThatFollowOthersFindTheSame(t *testing.T) {
	followed, again, histories := 0, 0, 0
	checks := flag.Lookup("rapid.checks")
	rapid.Check(t, func(t *rapid.T) {
		const most = 25 // of a hundred, unless more are asked for: each takes a second
		if histories++; histories > most && checks.Value.String() == checks.DefValue {
			return
		}
		dir, err := os.MkdirTemp("", "segql-history-*")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		h := &history{T: t, text: rapid.Bool().Draw(t, "texts"), asOf: time.Date(2025, 3, 31, 0, 0, 0, 0, time.UTC)}
		form, source := "int", rapid.SampledFrom([]string{"orders", "orders.csv", "orders.parquet"}).Draw(t, "source")
		column := "BIGINT"
		if h.text {
			form, column = "text", "VARCHAR"
		}
		write(t, dir, strings.NewReplacer("KEY", form, "SOURCE", source).Replace(shop))
		for n := range rapid.IntRange(2, 6).Draw(t, "runs") {
			if h.db, err = sql.Open("duckdb", filepath.Join(dir, "data.duckdb")); err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				h.exec("CREATE TABLE customers (id " + column + ", city VARCHAR, signup_at TIMESTAMP)")
				more := rapid.SampledFrom([]string{"", "", ", rowid BIGINT"}).Draw(t, "column") // which is not the row's number
				h.exec("CREATE TABLE orders (cust " + column + ", ordered_at TIMESTAMP, amount DECIMAL(10, 2), status VARCHAR, oid BIGINT" + more + ")")
				for i := range 12 {
					h.exec("INSERT INTO customers VALUES (?, ?, ?)", h.key(i), []string{"Hà Nội", "Huế", "Vinh"}[i%3], h.asOf.AddDate(0, 0, -20*(i%5)))
				}
				for range rapid.IntRange(0, 40).Draw(t, "orders") {
					h.order(100)
				}
			} else {
				h.change()
			}
			if source != "orders" {
				h.exec("COPY orders TO '" + filepath.Join(dir, source) + "'")
			}
			if err := h.db.Close(); err != nil {
				t.Fatal(err)
			}
			want, _ := found(t, dir, h.asOf, true)
			got, reused := found(t, dir, h.asOf, false)
			for name := range want {
				if !slices.Equal(want[name], got[name]) {
					t.Fatalf("run %d, %s: all anew %v, followed %v", n, name, want[name], got[name])
				}
			}
			if rapid.IntRange(0, 5).Draw(t, "damage") == 0 {
				h.damage(filepath.Join(dir, ".segql", "store.duckdb.features"))
			}
			if reused != nil {
				followed, again = followed+1, again+reused.Again
			}
		}
	})
	if followed == 0 || again == 0 {
		t.Errorf("%d runs followed another, and %d customers were gone over again", followed, again)
	}
}

// TestRunsThatFollowWhatWasChanged changes a table in one way after the other.
func TestRunsThatFollowWhatWasChanged(t *testing.T) {
	dir, at := t.TempDir(), time.Date(2025, 3, 31, 0, 0, 0, 0, time.UTC)
	write(t, dir, strings.NewReplacer("KEY", "int", "SOURCE", "orders").Replace(shop))
	change := func(statements ...string) {
		db, err := sql.Open("duckdb", filepath.Join(dir, "data.duckdb"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for _, s := range statements {
			if _, err := db.Exec(s); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
	}
	follow := func(what string) {
		want, _ := found(t, dir, at, true)
		got, reused := found(t, dir, at, false)
		for name := range want {
			if !slices.Equal(want[name], got[name]) {
				t.Errorf("%s, %s: all anew %v, followed %v", what, name, want[name], got[name])
			}
		}
		if reused == nil && what != "first" && !strings.HasPrefix(what, "damaged") {
			t.Errorf("%s: nothing was followed", what)
		}
	}
	change("CREATE TABLE customers AS SELECT i AS id, 'Huế' AS city, TIMESTAMP '2025-03-01' AS signup_at FROM range(1020) t(i)",
		"CREATE TABLE orders AS SELECT i % 60 AS cust, TIMESTAMP '2025-03-30' - to_days(CAST(i % 71 AS INTEGER)) AS ordered_at, CAST(i % 11 AS DECIMAL(10, 2)) AS amount, ['paid', 'open', 'lost'][(i + i // 60) % 3 + 1] AS status, i AS oid FROM range(400) t(i)")
	follow("first")
	change("UPDATE orders SET amount = 90, status = 'paid' WHERE oid = 7")
	follow("corrected")
	change("UPDATE orders SET amount = NULL WHERE oid IN (7, 13)")
	follow("no longer known")
	change("UPDATE orders SET amount = 0 WHERE oid IN (7, 13)")
	follow("known to be nothing")
	change("DELETE FROM orders WHERE oid IN (11, 12, 75)")
	follow("deleted")
	change("INSERT INTO orders VALUES (3, TIMESTAMP '2025-01-02', 100, 'paid', 1001)")
	follow("late")
	// The last customer to lose something loses the value of the shortest window.
	change("INSERT INTO orders VALUES (1019, TIMESTAMP '2025-03-11 12:00:00', 50, 'paid', 1002), (1019, TIMESTAMP '2025-03-20', 1, 'paid', 1003)")
	follow("more of the last")
	for _, days := range []int{1, 2, 5, 9, 9} {
		at = at.AddDate(0, 0, days)
		follow(fmt.Sprintf("%d days later", days))
	}
	change("DELETE FROM customers WHERE id IN (0, 30, 59)")
	follow("fewer customers")
	change("INSERT INTO customers SELECT i, 'Huế', TIMESTAMP '2025-03-01' FROM range(1020, 1035) t(i)", "INSERT INTO orders SELECT i, TIMESTAMP '2025-04-20', 5, 'paid', 2000 + i FROM range(50, 1035, 7) t(i)")
	follow("more customers")
	path := filepath.Join(dir, ".segql", "store.duckdb.features")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	change("DELETE FROM customers WHERE id > 50")
	for n := range 24 { // anywhere: what is kept of more customers than there are
		raw := slices.Clone(whole)
		raw[n*(len(raw)-1)/23] ^= 0x10
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		follow(fmt.Sprintf("damaged at %d of 23", n))
	}
}

func write(t rapid.TB, dir, archive string) {
	for name, text := range files(archive) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// found runs the project: everything by SQL without a store, or after the runs
// that the store has.
func found(t rapid.TB, dir string, asOf time.Time, anew bool) (map[string][]string, *runtime.Reused) {
	ctx := context.Background()
	p, diags, err := runtime.Open(ctx, runtime.Options{Dir: dir, NoStore: anew})
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	defer p.Close()
	o := runtime.RunOptions{AsOf: asOf.UnixMicro(), Now: time.Now, Strategy: duckdb.ByKernel, Version: "test"}
	if anew {
		o.Strategy = duckdb.BySQL
	}
	report, err := p.Run(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, s := range p.Segments {
		err := p.Members(ctx, s.Name, func(key string) error { out[s.Name] = append(out[s.Name], key); return nil })
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(out[s.Name])
	}
	for _, s := range report.Sources {
		out["what is said of the data"] = append(out["what is said of the data"], fmt.Sprintf("%+v", s))
	}
	return out, report.Reused
}
