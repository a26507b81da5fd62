package why

import (
	"math/big"
	"slices"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// candidates are values of the attribute that may turn the answer: those the
// conditions compare it with, and the ones beside them; the nearest first.
func (a *attribute) candidates() []value.Value {
	c := &candidates{attribute: a, now: a.record[a.col]}
	for _, x := range a.conditions {
		c.from(a.root, x)
	}
	for _, text := range a.col.Type.Values {
		c.add(value.NewText(text))
	}
	if a.col.Type.Kind == value.Bool {
		c.add(value.NewBool(true))
		c.add(value.NewBool(false))
	}
	if !c.now.IsMissing() && (a.col.Type.Numeric() || a.col.Type.Temporal()) {
		slices.SortStableFunc(c.list, func(x, y value.Value) int { return distanceOf(c.now, x).Cmp(distanceOf(c.now, y)) })
	}
	return c.list
}

type candidates struct {
	*attribute
	now  value.Value
	list []value.Value
}

const mostCandidates = 60

// add takes a value that the column can have and has not.
func (c *candidates) add(v value.Value) {
	fit, ok := value.Fit(v, c.col.Type)
	col := c.col
	switch {
	case !ok || fit.IsMissing() || len(c.list) >= mostCandidates || value.Equal(fit, c.now):
	case col.Type.Kind == value.Text && len(col.Type.Values) > 0 && !slices.Contains(col.Type.Values, fit.S):
	case col.Min != nil && value.Compare(fit, *col.Min) < 0, col.Max != nil && value.Compare(fit, *col.Max) > 0:
	case slices.ContainsFunc(c.list, func(o value.Value) bool { return value.Equal(o, fit) }):
	default:
		c.list = append(c.list, fit)
	}
}

// from takes the values that a condition names.
func (c *candidates) from(at ir.Row, x ir.Expr) {
	ages := false
	ir.Walk(x, func(x ir.Expr) bool {
		switch x := x.(type) {
		case *ir.Agg:
			return false
		case *ir.Call:
			ages = ages || x.Fn == "age"
		case *ir.Const:
			c.beside(x.V)
		case *ir.InSet:
			for _, v := range x.Set.Values {
				c.beside(v)
			}
		default:
			if ir.Fixed(x) && x.Type().Temporal() {
				c.beside(must(c.ev.Value(at, x)))
			}
		}
		return true
	})
	if ages && c.col.Type.Temporal() {
		c.birthdays(x)
	}
}

// beside takes a value and those next to it.
func (c *candidates) beside(v value.Value) {
	t := c.col.Type
	switch {
	case v.IsMissing():
	case t.Kind == value.List && t.Elem != nil && t.Elem.Kind == v.Kind:
		c.add(value.NewList(append(slices.Clone(c.now.L), v)...))
		rest := slices.DeleteFunc(slices.Clone(c.now.L), func(o value.Value) bool { return value.Equal(o, v) })
		c.add(value.NewList(rest...))
	case t.Temporal() && value.Of(v.Kind).Temporal():
		c.moment(micros(c.q.Project.Calendar, v))
	case t.Kind == value.Int && value.Of(v.Kind).Numeric():
		for _, whole := range []value.Value{value.Floor(v), value.Ceil(v)} {
			c.steps(whole, value.NewInt(1))
		}
	case t.Kind == value.Decimal && value.Of(v.Kind).Exact():
		c.steps(v, value.NewDecimal(big.NewInt(1), t.Scale))
	case v.Kind == t.Kind:
		c.add(v)
	}
}

// steps takes a number, the one before and the one after.
func (c *candidates) steps(v, step value.Value) {
	c.add(v)
	if less, err := value.Sub(v, step); err == nil {
		c.add(less)
	}
	if more, err := value.Add(v, step); err == nil {
		c.add(more)
	}
}

// moment takes the date or time at an instant, the one before and the one
// after; times are told to the second.
func (c *candidates) moment(t int64) {
	cal := c.q.Project.Calendar
	const second = 1_000_000
	switch c.col.Type.Kind {
	case value.Date:
		day := cal.DateOf(t)
		for _, d := range []int64{day, day - 1, day + 1} {
			c.add(value.NewDate(d))
		}
	case value.Wall:
		for _, m := range []int64{t, t - second, t + second} {
			c.add(value.NewWall(cal.Wall(m)))
		}
	default:
		for _, m := range []int64{t, t - second, t + second} {
			c.add(value.NewTime(m))
		}
	}
}

// birthdays takes the dates at which an age becomes one that the condition
// compares it with.
func (c *candidates) birthdays(x ir.Expr) {
	cal := c.q.Project.Calendar
	today := cal.DateOf(c.asOf)
	ir.Walk(x, func(x ir.Expr) bool {
		if k, ok := x.(*ir.Const); ok && k.V.Kind == value.Int && k.V.I >= 0 && k.V.I < 200 {
			for _, years := range []int64{k.V.I, k.V.I + 1} {
				c.moment(cal.StartOfDay(calendar.AddDate(today, -years, calendar.Years)))
			}
		}
		return true
	})
}

// distanceOf is how far two numbers or moments of one kind are apart.
func distanceOf(a, b value.Value) *big.Rat {
	d := new(big.Rat)
	switch a.Kind {
	case value.Date, value.Time, value.Wall:
		return d.Abs(d.SetInt64(b.I - a.I))
	default:
		x, ok1 := new(big.Rat).SetString(a.String())
		y, ok2 := new(big.Rat).SetString(b.String())
		if ok1 && ok2 {
			d.Sub(x, y)
		}
		return d.Abs(d)
	}
}

// approach looks for the nearest number that turns the answer where no
// constant names it: further and further away, then back.
func (a *attribute) approach(try func(edit) bool) bool {
	now := a.record[a.col]
	at := func(n int64) value.Value {
		step := value.NewInt(n)
		if now.Kind == value.Decimal {
			step = value.NewDecimal(big.NewInt(n), a.col.Type.Scale)
		}
		v, err := value.Add(now, step)
		if err != nil {
			return value.Value{}
		}
		fit, ok := value.Fit(v, a.col.Type)
		if !ok || a.col.Min != nil && value.Compare(fit, *a.col.Min) < 0 || a.col.Max != nil && value.Compare(fit, *a.col.Max) > 0 {
			return value.Value{}
		}
		return fit
	}
	quiet := func(n int64) bool {
		v := at(n)
		return !v.IsMissing() && a.turns(v)
	}
	best := int64(0)
	for _, sign := range []int64{1, -1} {
		last := int64(0)
		for n := int64(1); n < 1<<44; n *= 8 {
			if !quiet(sign * n) {
				last = n
				continue
			}
			for n-last > 1 {
				if mid := last + (n-last)/2; quiet(sign * mid) {
					n = mid
				} else {
					last = mid
				}
			}
			if best == 0 || n < max(best, -best) {
				best = sign * n
			}
			break
		}
	}
	return best != 0 && try(a.edit(at(best), ""))
}

// nearest goes back from a number that turns the answer towards the one that
// is, as far as the answer stays turned.
func (a *attribute) nearest(v value.Value) (value.Value, bool) {
	now := a.record[a.col]
	if now.Kind != v.Kind || now.Kind != value.Int && now.Kind != value.Decimal || !a.turns(v) {
		return v, false
	}
	unit := big.NewInt(1)
	of := func(x value.Value) *big.Int {
		if x.Kind == value.Int {
			return big.NewInt(x.I)
		}
		return x.D
	}
	if now.Scale != v.Scale {
		return v, false
	}
	near, far := new(big.Int).Set(of(now)), new(big.Int).Set(of(v))
	number := func(n *big.Int) value.Value {
		if now.Kind == value.Int {
			return value.NewInt(n.Int64())
		}
		return value.NewDecimal(n, now.Scale)
	}
	for new(big.Int).Abs(new(big.Int).Sub(far, near)).Cmp(unit) > 0 {
		mid := new(big.Int).Add(near, far)
		mid.Rsh(mid, 1)
		if a.turns(number(mid)) {
			far = mid
		} else {
			near = mid
		}
	}
	return number(far), true
}

// turns reports whether the segment's answer is another with a value.
func (a *attribute) turns(v value.Value) bool {
	return a.turnsWith(a.edit(v, "").apply(a.in.Data, a.asOf))
}

// turnsWith reports whether the segment's answer is another with other data.
func (b *builder) turnsWith(data ir.Data) bool {
	in := b.in
	in.Data = data
	ev := ir.NewEvaluator(b.q.Project, b.asOf, in)
	row, err := ev.Find(b.q.Segment.Entity, b.q.Key)
	if err != nil || row.IsZero() {
		return false
	}
	is, err := ev.Member(row, b.q.Segment)
	return err == nil && is != must(b.ev.Member(b.root, b.q.Segment))
}

// anyOf is some value of a column, where only that there is one matters.
func anyOf(c *ir.ColumnDef) value.Value {
	switch c.Type.Kind {
	case value.Bool:
		return value.NewBool(true)
	case value.Date:
		return value.NewDate(0)
	case value.Decimal:
		return value.NewDecimal(big.NewInt(1), c.Type.Scale)
	case value.Float:
		return value.NewFloat(1)
	case value.Int:
		return value.NewInt(1)
	case value.Text:
		if len(c.Type.Values) > 0 {
			return value.NewText(c.Type.Values[0])
		}
		return value.NewText("x")
	case value.Time:
		return value.NewTime(0)
	case value.Wall:
		return value.NewWall(0)
	default:
		return value.Value{}
	}
}
