package segtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/trial"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/runtime/duckdb"
)

// crowds are definitions that compare rows with others, or look at keys, or at
// earlier runs: what must not see rows of another test.
const crowds = `
trait spend = sum(amount of orders)
trait visits_home of household = count(visits)
trait crew of company = count(staff)
trait crew_place of company = bucket(crew, 2)
trait crew_high of company = max(crew of everyone)
segment all_known { where income is known }
segment best { where spend in top 50% }
segment best_two { where income in top 2 per city }
segment worst_of { where spend in bottom 40% of segment all_known per company_id }
segment fifth { where bucket(income per city, 3) = 3 }
segment high { where bucket(spend of segment all_known, 2) = 2 }
segment above { where income > avg(income of everyone) }
segment middle { where income >= median(income of everyone per city) and spend <= percentile(80, spend of everyone) }
segment richest { where income = max(income of segment best) }
segment few { where count(income of everyone) <= 3 }
segment poor { where sum(income of segment all_known per city) < 50 }
segment big_crews of company { where crew in top 1 per industry }
segment of_big { where company.crew_place = 2 and company.crew >= company.crew_high }
segment full_homes of household { where visits_home in top 50% }
segment third { where sample(50%, "x") }
segment odd { where mod(id, 2) = 1 and spend in top 3 }
segment buyers { where any(orders in last 90 days) }
segment back { where entered segment buyers in last 100 days and in segment buyers }
segment gone { where left segment buyers in last 400 days }
segment again { where any(orders followed by orders within 20 days where amount > 20) }
segment next_small { where any(orders where amount > 30 directly followed by orders where amount < 30) }
segment days_two { where count(days where spent > 10) >= 2 and spend in top 2 }
segment mixed { where (in segment best and not in segment third) or in segment of_big }
split stage {
  new when count(orders) <= 1 and in segment above
  old otherwise
}
holdout cut of segment buyers { control: 50%  test: otherwise }
`

// crowd writes a test with random rows that asks for some of the segments.
func crowd(rnd *rand.Rand, i int, segments []string) string {
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	n := 1 + rnd.IntN(6)
	var customers []string
	for id := range n {
		cells := []string{fmt.Sprintf("id: %d", 7*id+1)}
		for _, cell := range []string{"city: " + pick("Huế", "Vinh"), fmt.Sprintf("income: %d", rnd.IntN(4)*10), "company_id: " + pick("a", "b", "b2", "none")} {
			if rnd.IntN(4) > 0 {
				cells = append(cells, cell)
			}
		}
		customers = append(customers, "{"+strings.Join(cells, ", ")+"}")
	}
	orders := func(month int) string {
		var rows []string
		for o := range 1 + rnd.IntN(7) {
			rows = append(rows, fmt.Sprintf("{customer_id: %d, ordered_at: 2025-%02d-%02d, amount: %d, no: %d}", 7*rnd.IntN(n+1)+1, month, 1+rnd.IntN(28), rnd.IntN(6)*10, 100*month-o))
		}
		return "orders: [" + strings.Join(rows, ", ") + "]"
	}
	var expects []string
	for _, k := range rnd.Perm(len(segments))[:1+rnd.IntN(3)] {
		expects = append(expects, segments[k]+": {size: 0}")
	}
	expect := "expect: {" + strings.Join(expects, ", ") + "}"
	text := fmt.Sprintf("- test: t%d\n  as_of: %s\n", i, pick("2025-06-01", "2025-06-01", "2025-06-01", "2025-07-09")) +
		"  rows: {company: [{code: a, industry: bank}, {code: b, industry: shop}, {code: b2, industry: shop}], customer: [" + strings.Join(customers, ", ") + "], " +
		orders(1+rnd.IntN(5)) + fmt.Sprintf(", visits: [{home: h1}, {home: %s}, {home: %s}]}\n", pick("h1", "h2"), pick("h2", "h3")) +
		"  " + expect + fmt.Sprintf("\n  traits: {spend: {1: %d}, crew: {b: 2}}\n", rnd.IntN(9)*10)
	if rnd.IntN(2) == 0 {
		text += "  then: [{as_of: 2025-08-01, rows: {" + orders(7) + "}, " + expect + "}]\n"
	}
	return text
}

// TestTogetherAsAlone: what DuckDB answers to a test does not depend on the
// tests that it is computed with.
func TestTogetherAsAlone(t *testing.T) {
	var segments []string
	for _, s := range crowded(t, "").Segments {
		segments = append(segments, s.Name)
	}
	for seed := range uint64(2) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		tests := ""
		for i := range 30 {
			tests += crowd(rnd, i, segments)
		}
		r := run(t, crowded(t, tests).Tests, Options{})
		for line := range strings.Lines(failures(r)) {
			if strings.Contains(line, "disagree") {
				t.Error(line)
			}
		}
		together := worlds(r.Results)
		groups := batch(together)
		if len(groups) > 55 || !slices.ContainsFunc(groups, func(g *group) bool { return len(g.worlds) >= 10 }) {
			t.Errorf("%d groups: too few worlds are computed together", len(groups))
		}
		answered(t, groups)
		again := worlds(r.Results)
		var single []*group
		for _, all := range again {
			for _, w := range all {
				single = append(single, alone(w))
			}
		}
		answered(t, single)
		for _, res := range r.Results {
			for i, w := range again[res] {
				if got, want := written(together[res][i].answer), written(w.answer); got != want {
					t.Errorf("seed %d, %s as of %d:\ntogether %s\nalone    %s", seed, res.Case.Name.Text, w.instant().AsOf, got, want)
				}
			}
		}
	}
}

func crowded(t *testing.T, tests string) *compiler.Project {
	t.Helper()
	files := fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "a.seg": {Data: []byte(crowds)}}
	if tests != "" {
		files["a_test.seg.yaml"] = &fstest.MapFile{Data: []byte(tests)}
	}
	p, diags := compiler.Compile(files, compiler.Options{Tests: true, Columns: columns})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return p
}

func answered(t *testing.T, groups []*group) {
	t.Helper()
	if err := computed(t, groups); err != nil {
		t.Fatal(err)
	}
}

// computed computes groups in a session of their own, up to the first that
// stops.
func computed(t *testing.T, groups []*group) error {
	t.Helper()
	ctx := context.Background()
	session, err := duckdb.Open(ctx, duckdb.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	}()
	e := &engine{Engine: duckdb.NewEngine(ctx, session), loaded: map[*ir.Relation]*duckdb.TypedTable{}}
	for _, g := range groups {
		if err := e.compute(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

// written is an answer as text.
func written(a *trial.Answer) string {
	var lines []string
	for s, members := range a.Members {
		keys := make([]string, len(members))
		for i, k := range members {
			keys[i] = value.Key(k)
		}
		lines = append(lines, s.Name+": "+strings.Join(keys, " "))
	}
	slices.Sort(lines)
	for _, v := range a.Values {
		lines = append(lines, v.String())
	}
	return strings.Join(lines, "; ")
}
