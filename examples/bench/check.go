package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/plan"
)

const generatedCatalog = `timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: customers.parquet
    key: {column: id, type: int}
    attributes:
      gender:    {type: text, values: [female, male, other]}
      city:      {type: text}
      birthday:  {type: date}
      signup_at: {type: time}
      income:    {type: "decimal(14, 0)"}
      email:     {type: text}
facts:
  orders:
    source: orders.parquet
    of: customer
    by: {column: customer_id}
    at: ordered_at
    attributes:
      ordered_at: {type: time}
      amount:     {type: "decimal(12, 2)"}
      status:     {type: text, values: [paid, refunded, open]}
      channel:    {type: text}
  events:
    source: events.parquet
    of: customer
    by: {column: customer_id}
    at: happened_at
    attributes:
      happened_at: {type: time}
      name:        {type: text}
      seconds:     {type: int}
`

// benchCheck reads, checks and plans 1,000 and 10,000 segments, one file each.
func benchCheck(runs int) ([]Result, error) {
	var results []Result
	for _, n := range []int{1_000, 10_000} {
		dir, err := os.MkdirTemp("", "segql-bench-")
		if err != nil {
			return nil, err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		if err := generate(dir, n); err != nil {
			return nil, err
		}
		s := samples{}
		for range runs {
			if err := checkOnce(dir, n, s); err != nil {
				return nil, err
			}
		}
		results = append(results, Result{What: "check", Size: int64(n), Seconds: median(s["all"]), Parts: s.medians("all")})
	}
	return results, nil
}

func checkOnce(dir string, n int, s samples) error {
	began := time.Now()
	p, diags := compiler.Compile(os.DirFS(dir), compiler.Options{})
	if diags.HasErrors() {
		return fmt.Errorf("the generated segments: %s", diags[0].Message)
	}
	if len(p.Segments) != n {
		return fmt.Errorf("%d segments, not %d", len(p.Segments), n)
	}
	compiled := time.Now()
	pl, err := p.Plan(time.Date(2025, 3, 31, 0, 0, 0, 0, time.UTC).UnixMicro(), plan.Options{})
	if err != nil {
		return err
	}
	if len(pl.Columns) != n {
		return fmt.Errorf("%d columns, not %d", len(pl.Columns), n)
	}
	s.add("parse and check", compiled.Sub(began).Seconds())
	s.add("plan", time.Since(compiled).Seconds())
	s.add("all", time.Since(began).Seconds())
	return nil
}

// generate writes a project of n segments, always the same ones.
func generate(dir string, n int) error {
	files := map[string]string{
		compiler.CatalogName: generatedCatalog,
		"shared.seg":         "trait spend = sum(amount of orders)\nlist big_cities = [\"Hà Nội\", \"Hồ Chí Minh\", \"Đà Nẵng\"]\nparam min_spend = 5_000_000\n",
	}
	r := rand.New(rand.NewPCG(42, 42))
	for i := range n {
		files[fmt.Sprintf("segments/%02d/s%05d.seg", i%100, i)] = segment(r, i)
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// segment writes one segment of two to five conditions such as people write:
// few windows, many filters, now and then a reference or a rank.
func segment(r *rand.Rand, i int) string {
	windows := []int{7, 14, 30, 60, 90, 180, 365}
	days := func() int { return windows[r.IntN(len(windows))] }
	kinds := []func() string{
		func() string { return fmt.Sprintf("gender = %q", []string{"female", "male"}[r.IntN(2)]) },
		func() string { return fmt.Sprintf("age(birthday) between %d and %d", 18+r.IntN(20), 40+r.IntN(30)) },
		func() string { return "city in big_cities" },
		func() string { return fmt.Sprintf("income >= %d_000_000", 1+r.IntN(90)) },
		func() string { return "email is known" },
		func() string { return fmt.Sprintf("signup_at in last %d days", days()) },
		func() string {
			return fmt.Sprintf("count(orders in last %d days where status = \"paid\") >= %d", days(), 1+r.IntN(5))
		},
		func() string {
			return fmt.Sprintf("sum(amount of orders in last %d days) > %d_000", days(), 1+r.IntN(5000))
		},
		func() string {
			return fmt.Sprintf("none(events in last %d days where name = \"event_%d\")", days(), r.IntN(20))
		},
		func() string {
			return fmt.Sprintf("any(events in last %d days where name = \"event_%d\" and seconds > %d)", days(), r.IntN(20), r.IntN(50)*10)
		},
		func() string { return fmt.Sprintf("last(channel of orders) = \"channel_%d\"", r.IntN(6)) },
		func() string { return fmt.Sprintf("spend >= min_spend * %d", 1+r.IntN(4)) },
		func() string { return fmt.Sprintf("spend in top %d%%", 5*(1+r.IntN(5))) },
		func() string { return fmt.Sprintf("in segment s%05d", r.IntN(max(i, 1))) },
	}
	count := 2 + r.IntN(4)
	conds := make([]string, count)
	for k := range conds {
		pick := r.IntN(len(kinds))
		if i == 0 && pick == len(kinds)-1 {
			pick = 0 // the first has nobody to refer to
		}
		conds[k] = kinds[pick]()
	}
	return fmt.Sprintf("# Generated: segment %d.\nsegment s%05d {\n  title: \"Segment %d\"\n  owner: \"crm@shop.vn\"\n  tags:  [\"generated\"]\n\n  where %s\n}\n",
		i, i, i, strings.Join(conds, "\n    and "))
}
