package prove_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/prove"
)

// manySegments writes n segments such as a shop has them: two to four
// conditions each, of attributes and of orders.
func manySegments(n int) string {
	r := rand.New(rand.NewPCG(4, 70))
	conds := []func() string{
		func() string { return fmt.Sprintf("gender = %q", pick(r, "female", "male", "other")) },
		func() string { return fmt.Sprintf("age(birthday) >= %d", 18+r.IntN(50)) },
		func() string {
			lo := 18 + r.IntN(40)
			return fmt.Sprintf("age(birthday) between %d and %d", lo, lo+5+r.IntN(15))
		},
		func() string { return fmt.Sprintf("city in [%q, %q]", pick(r, cities...), pick(r, cities...)) },
		func() string { return fmt.Sprintf("city = %q", pick(r, cities...)) },
		func() string { return fmt.Sprintf("income >= %d", 1000*(1+r.IntN(50))) },
		func() string { return fmt.Sprintf("count(orders in last %s) >= %d", pick(r, spans...), 1+r.IntN(5)) },
		func() string { return fmt.Sprintf("none(orders in last %s)", pick(r, spans...)) },
		func() string {
			return fmt.Sprintf("any(orders in last %s where amount >= %d)", pick(r, spans...), 50*(1+r.IntN(20)))
		},
		func() string {
			return fmt.Sprintf("sum(amount of paid in last %s) >= %d", pick(r, spans...), 100*(1+r.IntN(30)))
		},
		func() string { return fmt.Sprintf("max(amount of orders) < %d", 100*(1+r.IntN(10))) },
		func() string { return fmt.Sprintf("last(status of orders) = %q", pick(r, "paid", "open", "refunded")) },
		func() string { return fmt.Sprintf("interests has %q", pick(r, "a", "b", "c", "d")) },
		func() string { return "vip" },
		func() string { return fmt.Sprintf("signup in last %s", pick(r, spans...)) },
	}
	var b strings.Builder
	for i := range n {
		var parts []string
		for range 2 + r.IntN(3) {
			parts = append(parts, conds[r.IntN(len(conds))]())
		}
		if i > 20 && r.IntN(10) == 0 {
			parts = append(parts, fmt.Sprintf("not in segment s%d", r.IntN(20)))
		}
		fmt.Fprintf(&b, "segment s%d { where %s }\n", i, strings.Join(parts, " and "))
	}
	return b.String()
}

var cities = []string{"Hà Nội", "Huế", "Đà Nẵng", "Hồ Chí Minh", "Cần Thơ"}
var spans = []string{"7 days", "30 days", "90 days", "6 months", "1 year"}

func pick(r *rand.Rand, xs ...string) string { return xs[r.IntN(len(xs))] }

func many(tb testing.TB, n int) *compiler.Project { return compile(tb, manySegments(n)) }

// BenchmarkOverview proves what can be proved of all pairs of 500 segments.
func BenchmarkOverview(b *testing.B) {
	p := many(b, 500)
	for b.Loop() {
		o := prove.New(p.Project, prove.Options{}).Overview(p.Segments)
		b.ReportMetric(float64(len(o.Pairs)), "proved")
	}
}

// BenchmarkRefute answers the three questions of pairs with a witness.
func BenchmarkRefute(b *testing.B) {
	p := many(b, 12)
	for b.Loop() {
		pr := prove.New(p.Project, prove.Options{})
		n := map[prove.Verdict]int{}
		for i, s := range p.Segments {
			for _, o := range p.Segments[:i] {
				n[pr.Implies(s, o).Verdict]++
				n[pr.Implies(o, s).Verdict]++
				n[pr.Disjoint(s, o).Verdict]++
			}
		}
		b.ReportMetric(float64(n[prove.Unknown]), "unknown")
	}
}
