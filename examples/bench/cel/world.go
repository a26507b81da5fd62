package main

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/runtime/local"
)

const (
	segments = 100
	facts    = 50
	asOf     = int64(1_741_539_600_000_000) // 2025-03-10 in Vietnam
	day      = int64(86_400_000_000)
)

const catalog = `timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: customers.csv
    key: {column: id, type: int}
    attributes: {gender: {type: text}, city: {type: text}, tier: {type: text}, income: {type: "decimal(14, 2)"}, points: {type: int}}
facts:
  orders: {source: orders.csv, of: customer, by: customer_id, at: at, attributes: {at: {type: time}, amount: {type: "decimal(12, 2)"}, status: {type: text}}}
  visits: {source: visits.csv, of: customer, by: customer_id, at: at, attributes: {at: {type: time}, page: {type: text}}}
`

var (
	windows  = []int{7, 30, 60, 90, 180}
	statuses = []string{"paid", "refunded", "open"}
	pages    = []string{"home", "cart", "sale"}
	cities   = []string{"Hà Nội", "Huế", "Đà Nẵng", "Vinh"}
	tiers    = []string{"gold", "silver", "none"}
)

// rules are ten kinds of segment, ten times each with other numbers.
func rules() string {
	var b strings.Builder
	for i := range 10 {
		d, e := windows[i%5], windows[(i+2)%5]
		for kind, cond := range []string{
			fmt.Sprintf("gender = %q and points >= %d", []string{"female", "male"}[i%2], 100*i),
			fmt.Sprintf("city in [%q, %q] and income >= %d", cities[i%4], cities[(i+1)%4], 5_000_000+1_000_000*i),
			fmt.Sprintf("count(orders in last %d days where status = \"paid\") >= %d", d, 1+i/2),
			fmt.Sprintf("city = %q and sum(amount of orders in last %d days where status = \"paid\") >= %d", cities[i%4], d, 200_000*(1+i)),
			fmt.Sprintf("none(orders in last %d days) and any(orders in last %d days)", min(d, e), max(d, e)),
			fmt.Sprintf("count(visits in last %d days where page = %q) >= %d and gender = \"female\"", d, pages[i%3], 1+i/3),
			fmt.Sprintf("max(amount of orders in last %d days where status = \"paid\") > %d", d, 150_000+20_000*i),
			fmt.Sprintf("avg(amount of orders in last %d days) >= %d", d, 80_000+5_000*i),
			fmt.Sprintf("tier = %q or count(visits in last %d days) >= %d", tiers[i%3], d, 3+i),
			fmt.Sprintf("count(orders in last %d days where status = \"refunded\") <= 1 and sum(amount of orders in last %d days) >= %d", d, e, 300_000*i),
		} {
			fmt.Fprintf(&b, "segment s%02d { where %s }\n", 10*i+kind, cond)
		}
	}
	return b.String()
}

// world is the customers, as Go's own rows.
type world struct {
	project   *ir.Project
	customers []customer
}

type customer struct {
	gender, city, tier string
	income, points     int64
	orders             []order
	visits             []visit
}

type order struct {
	at, amount int64
	status     string
}

type visit struct {
	at   int64
	page string
}

func newWorld(n int) *world {
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "rules.seg": {Data: []byte(rules())}}, compiler.Options{})
	if diags.HasErrors() {
		panic(diags[0].Message)
	}
	w := &world{project: p.Project}
	r := rand.New(rand.NewPCG(42, 1))
	for range n {
		c := customer{gender: []string{"female", "male"}[r.IntN(2)], city: cities[r.IntN(4)], tier: tiers[r.IntN(3)],
			income: int64(r.IntN(2_000_000_000)), points: int64(r.IntN(1200))}
		for range facts / 2 {
			c.orders = append(c.orders, order{asOf - r.Int64N(300*day) - 1, int64(r.IntN(30_000_000)), statuses[r.IntN(3)]})
			c.visits = append(c.visits, visit{asOf - r.Int64N(300*day) - 1, pages[r.IntN(3)]})
		}
		w.customers = append(w.customers, c)
	}
	return w
}

// load makes the customers of an evaluator.
func (w *world) load(e *local.Evaluator) []*local.Customer {
	var out []*local.Customer
	wall := func(at int64) value.Value { return value.NewWall(w.project.Calendar.Wall(at)) }
	cents := func(n int64) value.Value { return value.NewDecimal(big.NewInt(n), 2) }
	for i, c := range w.customers {
		id := value.NewInt(int64(i))
		one := e.Customer()
		one.SetKey(id)
		add := func(table string, row local.Row) {
			if _, err := one.Append(table, row); err != nil {
				panic(err)
			}
		}
		add("customer", local.Row{"id": id, "gender": value.NewText(c.gender), "city": value.NewText(c.city), "tier": value.NewText(c.tier), "income": cents(c.income), "points": value.NewInt(c.points)})
		for _, o := range c.orders {
			add("orders", local.Row{"customer_id": id, "at": wall(o.at), "amount": cents(o.amount), "status": value.NewText(o.status)})
		}
		for _, v := range c.visits {
			add("visits", local.Row{"customer_id": id, "at": wall(v.at), "page": value.NewText(v.page)})
		}
		out = append(out, one)
	}
	return out
}

// differ names the segments that two answers disagree on.
func (w *world) differ(a, b [2]uint64) []string {
	var out []string
	for i, s := range w.project.Segments {
		if (a[i>>6]^b[i>>6])>>(uint(i)&63)&1 != 0 {
			out = append(out, s.Where.Span().Text())
		}
	}
	return out
}

func inProcess(w *world, name string, form local.Form) (contender, error) {
	e, err := local.New(w.project, local.Options{Form: form})
	if err != nil {
		return contender{}, err
	}
	all := w.load(e)
	var set local.Set
	return contender{name, func(i int) [2]uint64 {
		if err := e.Into(&set, asOf, all[i]); err != nil {
			panic(err)
		}
		return [2]uint64(set.Bits())
	}}, nil
}

func closures(w *world) (contender, error) { return inProcess(w, "closures", local.Closures) }

func exprs(w *world) (contender, error) { return inProcess(w, "expr", local.Expr) }
