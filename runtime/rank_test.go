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

// ranked is a project that ranks its customers by what their orders come to: V
// stands for that.
const ranked = `
-- catalog.yaml --
version: 1
edition: 1
timezone: Asia/Ho_Chi_Minh
database: data.duckdb
entities:
  customer:
    source: customers
    key: {column: id, type: KEY}
    attributes: {city: text}
facts:
  orders:
    source: orders
    of: customer
    by: {column: cust}
    at: ordered_at
    attributes: {cust: KEY, ordered_at: {type: time}, amount: "decimal(16, 2)", items: {type: int}}
-- a.seg --
segment third { where V in top 33.3% }
segment few { where V in top N }
segment low { where V in bottom 20% }
segment last { where V in bottom N }
segment all { where V in top 100% }
segment one { where V in top 0.01% }
segment not_low { where not (V in bottom 20%) }
segment quarter { where bucket(V, 4) = 1 or bucket(V, 4) = 3 }
segment unequal { where bucket(V, K) between 2 and 6 }
segment beside { where V in top 33.3% and city = "Huế" }
segment of_city { where V in top 2 per city }
`

// TestRanks holds ranks that are found outside SQL to those by SQL, with what is
// stored of where they divide the customers and what is said of the data.
func TestRanks(t *testing.T) {
	divided, shops := 0, 0
	checks := flag.Lookup("rapid.checks")
	rapid.Check(t, func(t *rapid.T) {
		const most = 15 // of a hundred, unless more are asked for: each takes most of a second
		if shops++; shops > most && checks.Value.String() == checks.DefValue {
			return
		}
		dir, err := os.MkdirTemp("", "segql-ranks-*")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		texts := rapid.Bool().Draw(t, "texts")
		form, column := "int", "BIGINT"
		if texts {
			form, column = "text", "VARCHAR"
		}
		v := rapid.SampledFrom([]string{"sum(amount of orders)", "count(orders)", "max(amount of orders)", "last(items of orders)", "min(ordered_at of orders)",
			"max(items of orders in last 30 days)", "sum(amount of orders in last 30 days)"}).Draw(t, "value")
		write(t, dir, strings.NewReplacer("KEY", form, "V", v, "N", fmt.Sprint(rapid.SampledFrom([]int{1, 2, 5, 40}).Draw(t, "N")),
			"K", fmt.Sprint(rapid.SampledFrom([]int{2, 7, 50}).Draw(t, "K"))).Replace(ranked))
		db, err := sql.Open("duckdb", filepath.Join(dir, "data.duckdb"))
		if err != nil {
			t.Fatal(err)
		}
		h := &history{T: t, db: db, text: texts}
		h.exec("CREATE TABLE customers (id " + column + ", city VARCHAR)")
		h.exec("CREATE TABLE orders (cust " + column + ", ordered_at TIMESTAMP, amount DECIMAL(16, 2), items INTEGER)")
		customers := rapid.IntRange(0, 25).Draw(t, "customers")
		for _, i := range rapid.Permutation(numbersTo(customers)).Draw(t, "order") {
			h.exec("INSERT INTO customers VALUES (?, ?)", h.key(i), []string{"Huế", "Vinh"}[i%2])
		}
		at := time.Date(2025, 3, 31, 0, 0, 0, 0, time.UTC)
		for range rapid.IntRange(0, 60).Draw(t, "orders") {
			var amount, items any
			if rapid.IntRange(0, 3).Draw(t, "missing") > 0 {
				amount, items = rapid.SampledFrom([]string{"-1.50", "0", "2", "2", "3.25", "99999999999999.99"}).Draw(t, "amount"), rapid.IntRange(-2, 2).Draw(t, "items")
			}
			h.exec("INSERT INTO orders VALUES (?, ?, ?, ?)", h.key(rapid.IntRange(0, 26).Draw(t, "cust")), at.AddDate(0, 0, -rapid.IntRange(1, 60).Draw(t, "days")), amount, items)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		want, bySQL := membersAndCuts(t, dir, at, duckdb.BySQL)
		got, byKernel := membersAndCuts(t, dir, at, duckdb.ByKernel)
		if bySQL != 2 || byKernel != 1 { // those of each city
			t.Fatalf("of ranks SQL computed %d, and %d beside the kernel", bySQL, byKernel)
		}
		for name := range want {
			if !slices.Equal(want[name], got[name]) {
				t.Fatalf("%s of %s: by SQL %v, by kernel %v", name, v, want[name], got[name])
			}
		}
		divided += len(got["cuts"])
	})
	if divided == 0 {
		t.Error("nothing divided anybody")
	}
}

func numbersTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// membersAndCuts runs the project into a store of its own: members by segment,
// cuts, and sources. ranks is how many
// tables of ranks SQL has computed.
func membersAndCuts(t *rapid.T, dir string, at time.Time, strategy duckdb.Strategy) (out map[string][]string, ranks int) {
	ctx := context.Background()
	store := filepath.Join(dir, string(strategy)+".duckdb")
	p, diags, err := runtime.Open(ctx, runtime.Options{Dir: dir, Store: store})
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	progress := func(doing string, _, _ int) {
		if strings.Contains(doing, " ranked by ") {
			ranks++
		}
	}
	report, err := p.Run(ctx, runtime.RunOptions{AsOf: at.UnixMicro(), Now: time.Now, Strategy: strategy, Version: "test", Progress: progress})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", store+"?access_mode=read_only")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	out = map[string][]string{}
	for _, s := range report.Sources { // which the kernel counts as it goes
		out["sources"] = append(out["sources"], fmt.Sprintf("%+v", s))
	}
	rows, err := db.Query(`SELECT segment, customer FROM members UNION ALL SELECT 'cuts', CAST(c AS VARCHAR) FROM log.cut c ORDER BY ALL`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, row string
		if err := rows.Scan(&name, &row); err != nil {
			t.Fatal(err)
		}
		out[name] = append(out[name], row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out, ranks
}
