package why

import (
	"fmt"
	"slices"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

const (
	dayEdges  = 800 // starts of days that are looked at, where days matter
	unitEdges = 150 // starts of longer units
	ageYears  = 40
	farYears  = 10 // how far is looked where neither limits it
)

// timeless reports whether the answer is the same as of every instant.
func (b *builder) timeless() bool {
	c := &clockwork{builder: b}
	c.expressions()
	return !c.clock
}

// clockwork collects what the passing of time meets: moments of the data and
// of the rules, and the steps by which rules move them.
type clockwork struct {
	*builder
	clock   bool // something depends on as_of
	exprs   []ir.Expr
	rels    []*ir.Relation
	steps   map[string]value.Value // durations, to be added to a moment
	edges   map[calendar.Unit]bool // units whose starts matter
	ages    bool
	aged    map[*ir.StartOf]bool // the day up to which an age counts
	moments map[int64]bool
	dates   map[int64]bool
}

// expressions gathers every expression that the answer comes from.
func (c *clockwork) expressions() {
	c.aged = map[*ir.StartOf]bool{}
	c.steps, c.edges = map[string]value.Value{}, map[calendar.Unit]bool{}
	seenRel, seenSeg := map[*ir.Relation]bool{}, map[*ir.Segment]bool{}
	var relation func(r *ir.Relation)
	var visit func(x ir.Expr)
	relation = func(r *ir.Relation) {
		if r == nil || seenRel[r] || r.Record {
			return
		}
		seenRel[r] = true
		c.rels = append(c.rels, r)
		for _, n := range ir.Needs(r) {
			relation(n)
		}
		if r.Owner != nil {
			relation(r.Owner.To)
		}
		for _, x := range append(slices.Clone(r.GroupBy), r.Where, r.KnownAt) {
			visit(x)
		}
		if r.Exists != nil {
			c.clock = true
			visit(r.Exists.From)
			visit(r.Exists.To)
		}
	}
	visit = func(x ir.Expr) {
		if x == nil {
			return
		}
		c.exprs = append(c.exprs, x)
		ir.Walk(x, func(x ir.Expr) bool {
			c.note(x)
			switch x := x.(type) {
			case *ir.Agg:
				relation(x.Leaf)
				for _, l := range slices.Concat(x.Back, x.Anchor) {
					relation(l.To)
				}
			case *ir.Column:
				if x.Col.Def != nil && !slices.Contains(c.exprs, x.Col.Def) {
					visit(x.Col.Def)
				}
			case *ir.Follow:
				relation(x.By.To)
			case *ir.Seq:
				for _, st := range x.Steps {
					relation(st.Leaf)
				}
			default: // leads nowhere
			}
			return true
		})
	}
	var segment func(s *ir.Segment)
	segment = func(s *ir.Segment) {
		if seenSeg[s] {
			return
		}
		seenSeg[s] = true
		c.clock = c.clock || s.Meta.ValidFrom != nil || s.Meta.ValidUntil != nil
		relation(s.Entity)
		visit(s.Where)
		for _, of := range ir.Refs(s.Where) {
			segment(of)
		}
	}
	segment(c.q.Segment)
	for s := range seenSeg {
		c.valid(s)
	}
}

func (c *clockwork) valid(s *ir.Segment) {
	if c.moments == nil {
		return
	}
	for _, day := range []*int64{s.Meta.ValidFrom, s.Meta.ValidUntil} {
		if day != nil {
			c.dates[*day], c.dates[*day+1] = true, true
		}
	}
}

// note takes from one node what the clock meets there.
func (c *clockwork) note(x ir.Expr) {
	switch x := x.(type) {
	case *ir.Anniversary:
		c.edges[calendar.Days], c.clock = true, true
	case *ir.AsOf:
		c.clock = true
	case *ir.Call:
		switch {
		case x.Fn == "age":
			c.ages = true
			if today, ok := x.Args[1].(*ir.StartOf); ok {
				c.aged[today] = true // it changes with birthdays, not every day
			}
		case slices.ContainsFunc(x.Args, timed):
			if c.edges[calendar.Days] = true; x.Fn == "hour" {
				c.edges[calendar.Hours] = true
			}
		}
	case *ir.Cmp:
		for _, side := range []ir.Expr{x.L, x.R} {
			if k, ok := side.(*ir.Const); ok && k.V.Kind == value.Int && k.V.I > dayEdges && k.V.I < 100_000 {
				c.step(k.V.I, calendar.Days) // of days_between
			}
		}
	case *ir.Const:
		if c.moments != nil && value.Of(x.V.Kind).Temporal() {
			c.moment(x.V)
		}
	case *ir.StartOf:
		if u, ok := calendar.ParseUnit(x.Unit); ok && timed(x.X) && !c.aged[x] {
			c.edges[u] = true
		}
	case *ir.TimeAdd:
		u, _ := calendar.ParseUnit(x.Unit)
		if timed(x.X) {
			c.step(-x.N, u)
		} else {
			c.step(x.N, u)
		}
	default: // stands still
	}
}

func (c *clockwork) step(n int64, u calendar.Unit) {
	c.steps[fmt.Sprint(n, u)] = value.NewDuration(n, u)
}

// timed reports whether an expression moves with as_of.
func timed(x ir.Expr) bool {
	found := false
	ir.Walk(x, func(x ir.Expr) bool {
		_, ok := x.(*ir.AsOf)
		found = found || ok
		return true
	})
	return found
}

func (c *clockwork) moment(v value.Value) {
	switch v.Kind {
	case value.Date:
		c.dates[v.I] = true
	case value.Time:
		c.moments[v.I] = true
	case value.Wall:
		c.moments[c.q.Project.Calendar.Instant(v.I)] = true
	default: // no moment
	}
}

// collect gathers the moments of the rows.
func (c *clockwork) collect() {
	c.moments, c.dates = map[int64]bool{}, map[int64]bool{}
	c.expressions()
	for _, r := range c.rels {
		for _, row := range must(c.ev.Candidates(r)) {
			for _, col := range r.Columns {
				if col.Type.Temporal() {
					c.moment(must(c.ev.Column(row, col)))
				}
			}
		}
	}
	for _, list := range c.in.Changes {
		for _, ch := range list {
			c.moments[ch.At] = true
		}
	}
}

// points are the instants at which something may change: each moment as it
// is and moved by each step, where a step of months may end on another day.
func (c *clockwork) points() (points []int64, horizon int64) {
	cal := c.q.Project.Calendar
	found := map[int64]bool{}
	end := cal.StartOfDay(calendar.MaxDate)
	const day = 24 * 3600 * 1_000_000
	add := func(t int64) {
		for _, p := range []int64{t, t + 1} {
			if p > c.asOf && p <= end {
				found[p] = true
			}
		}
	}
	today := cal.DateOf(c.asOf)
	steps := []value.Value{value.NewDuration(0, calendar.Days)}
	for _, d := range c.steps {
		steps = append(steps, d)
	}
	for _, d := range steps {
		u, _ := calendar.ParseUnit(d.S)
		for t := range c.moments {
			moved := cal.Add(t, d.I, u)
			if moved+2*day < c.asOf || moved > end {
				continue
			}
			add(moved)
			if !u.Exact() { // an end of a month, a night with another clock
				on := cal.DateOf(moved)
				add(cal.StartOfDay(on))
				add(cal.StartOfDay(min(on+1, calendar.MaxDate)))
				if c.q.Project.Zone != "UTC" {
					add(moved + 3_600_000_000)
					add(moved - 3_600_000_000)
				}
			}
		}
		if u.Exact() {
			for date := range c.dates {
				add(cal.Add(cal.StartOfDay(date), d.I, u))
			}
			continue
		}
		for date := range c.dates {
			moved := calendar.AddDate(date, d.I, u)
			for n := max(moved-1, today); n <= min(moved+2, calendar.MaxDate); n++ {
				add(cal.StartOfDay(n))
			}
		}
	}
	horizon = c.starts(add)
	for t := range found {
		if t <= horizon { // beyond it, others may come before
			points = append(points, t)
		}
	}
	slices.Sort(points)
	return points, horizon
}

// starts adds the starts of the units that matter, and birthdays.
func (c *clockwork) starts(add func(int64)) (horizon int64) {
	cal := c.q.Project.Calendar
	today := cal.DateOf(c.asOf)
	horizon = cal.Add(c.asOf, farYears, calendar.Years)
	if c.ages {
		horizon = cal.Add(c.asOf, ageYears, calendar.Years)
	}
	for u := range c.edges {
		if u == calendar.Hours {
			for h := int64(1); h <= 24*8; h++ {
				add(cal.StartOf(cal.Add(c.asOf, h, u), u))
			}
			continue
		}
		n := int64(unitEdges)
		if u == calendar.Days {
			n = dayEdges
		}
		for i := int64(1); i <= n; i++ {
			add(cal.StartOfDay(cal.StartOfDate(calendar.AddDate(today, i, u), u)))
		}
		horizon = min(horizon, cal.StartOfDay(calendar.AddDate(today, n, u)))
	}
	if !c.ages {
		return horizon
	}
	year := calendar.Year(today)
	born, again := map[int64]bool{}, map[int64]bool{}
	for t := range c.moments {
		born[cal.DateOf(t)] = true
	}
	for day := range c.dates {
		born[day] = true
	}
	for day := range born {
		for y := year; y <= year+ageYears; y++ {
			if on, ok := calendar.Anniversary(day, y); ok {
				again[on] = true
			}
		}
	}
	for day := range again {
		if t := cal.StartOfDay(day); t <= horizon {
			add(t)
		}
	}
	return horizon
}
