package prove

import (
	"math/big"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// slot is a cell that a value is to be chosen for.
type slot struct {
	d   *draft
	col *ir.ColumnDef
}

// want is something that is to hold, or not, of a draft.
type want struct {
	at    *draft
	x     ir.Expr // for its constants and columns
	holds bool
	test  func() (holds, ok bool) // nil: x at the draft
	rows  *rows                   // of a list: what is wanted of its elements
	cond  diagram
}

// mostTries bounds the search for the values of a customer; mostRowTries that
// for those of one of the many rows a witness is put together from, allTries
// all that is tried for one question.
const (
	mostTries    = 20_000
	mostRowTries = 4_000
	allTries     = 120_000
)

// assign chooses cells so that everything wanted holds. What nothing is said
// of stays missing. It reports whether it has found such cells.
func (s *scene) assign(wants []want) bool {
	var slots []slot
	of := make([][]int, len(wants)) // the slots a want looks at
	index := map[slot]int{}
	for i, w := range wants {
		s.slots(w.at, w.x, func(sl slot) {
			n, ok := index[sl]
			if !ok {
				n = len(slots)
				index[sl] = n
				slots = append(slots, sl)
			}
			if !slices.Contains(of[i], n) {
				of[i] = append(of[i], n)
			}
		})
	}
	if len(slots) == 0 {
		return s.allHold(wants)
	}
	choices := make([][]value.Value, len(slots))
	for n, sl := range slots {
		var about []want
		alone := []want{}
		for i, w := range wants {
			if slices.Contains(of[i], n) {
				about = append(about, w)
				if len(of[i]) == 1 {
					alone = append(alone, w)
				}
			}
		}
		for _, v := range s.choices(sl, about) {
			sl.d.cells[sl.col] = v
			if sl.d.item != nil {
				sl.d.item[sl.col.Name] = v
			}
			if s.allHold(alone) {
				choices[n] = append(choices[n], v)
			}
		}
		delete(sl.d.cells, sl.col)
		if len(choices[n]) == 0 {
			return false
		}
	}
	return s.search(wants, of, slots, choices)
}

// search tries the choices of all slots together, at most as many as tries and
// the effort of the question allow.
func (s *scene) search(wants []want, of [][]int, slots []slot, choices [][]value.Value) bool {
	due := make([][]want, len(slots)) // what can be tested once a slot is filled
	for i, w := range wants {
		if len(of[i]) > 1 {
			last := slices.Max(of[i])
			due[last] = append(due[last], w)
		}
	}
	left := min(s.tries, s.effort)
	s.effort -= left
	var fill func(n int) bool
	fill = func(n int) bool {
		if n == len(slots) {
			return true
		}
		for _, v := range choices[n] {
			if left--; left < 0 {
				return false
			}
			slots[n].d.set(slots[n].col, v)
			if s.allHold(due[n]) && fill(n+1) {
				return true
			}
		}
		slots[n].d.set(slots[n].col, value.Value{})
		return false
	}
	found := fill(0)
	s.effort += max(left, 0)
	return found
}

// set fills a cell; a missing value leaves it out.
func (d *draft) set(c *ir.ColumnDef, v value.Value) {
	if d.item != nil {
		d.item[c.Name] = v
		return
	}
	d.cells[c] = v
}

func (s *scene) allHold(wants []want) bool {
	for _, w := range wants {
		holds, ok := w.test0(s)
		if ok && holds != w.holds {
			return false
		}
	}
	return true
}

func (w want) test0(s *scene) (holds, ok bool) {
	if w.test != nil {
		return w.test()
	}
	v, ok := s.calc(w.at, w.x)
	return v.True(), ok
}

// slots calls f for every cell that an expression looks at.
func (s *scene) slots(d *draft, x ir.Expr, f func(slot)) {
	switch x := x.(type) {
	case nil:
		return
	case *ir.Column:
		c := x.Col
		if d.item == nil {
			c = origin(c)
		}
		if c.Def != nil && d.item == nil {
			s.slots(d, s.form(c.Def), f)
			return
		}
		f(slot{d, c})
	case *ir.Follow:
		if to := d.links[x.By.Name]; to != nil {
			s.slots(to, x.X, f)
		}
	case *ir.GroupAgg:
		s.slots(d, x.Value, f)
	case *ir.Member:
		s.slots(d, s.form(x.Seg.Where), f)
	default:
		for _, c := range ir.Children(x) {
			s.slots(d, c, f)
		}
	}
}

// choices are the values worth trying in a cell: those that the conditions
// name, their neighbours, and a few plain ones.
func (s *scene) choices(sl slot, wants []want) []value.Value {
	var out []value.Value
	t := sl.col.Type
	add := func(v value.Value) {
		outside := v.IsMissing() || sl.col.Min != nil && value.Compare(v, *sl.col.Min) < 0 || sl.col.Max != nil && value.Compare(v, *sl.col.Max) > 0
		if !outside && !slices.ContainsFunc(out, func(o value.Value) bool { return value.Equal(o, v) }) {
			out = append(out, v)
		}
	}
	named := s.named(wants)
	s.freshKeys(sl, add)
	switch {
	case t.Kind == value.Bool:
		add(value.NewBool(true))
		add(value.NewBool(false))
	case t.Numeric():
		numberChoices(t, named, sl.col, add)
	case t.Temporal():
		s.timeChoices(t, named, wants, add)
	case t.Kind == value.Text:
		textChoices(t, named, wants, add)
	case t.Kind == value.Version:
		for _, v := range named {
			if v.Kind == value.Version {
				add(v)
			}
		}
		for _, text := range []string{"0.0.1", "1.0", "2.0", "99.0"} {
			v, _ := value.NewVersion(text)
			add(v)
		}
	case t.Kind == value.List:
		s.listChoices(t, wants, add)
	}
	if sl.d.rel != nil && sl.col == sl.d.rel.Key { // a row without a key is none
		return slices.DeleteFunc(out, func(v value.Value) bool { return v.Kind == value.Text && strings.Trim(v.S, value.Blank) == "" })
	}
	return append(out, value.Value{})
}

// manyKeys is how many new keys are tried where something is asked of one,
// such as to be in a sample of a hundredth.
const manyKeys = 1000

// freshKeys are keys that no other row has.
func (s *scene) freshKeys(sl slot, add func(value.Value)) {
	if sl.d != s.root || sl.col != s.root.rel.Key {
		return
	}
	for n := range int64(manyKeys) {
		if v, ok := keyValue(sl.col, s.used[sl.col]+1+n); ok {
			add(v)
		}
	}
}

// named are the constants in conditions, those of computed columns included.
func (s *scene) named(wants []want) []value.Value {
	var out []value.Value
	var scan func(x ir.Expr, depth int)
	scan = func(x ir.Expr, depth int) {
		ir.Walk(x, func(y ir.Expr) bool {
			switch y := y.(type) {
			case *ir.Const:
				out = append(out, y.V)
			case *ir.InSet:
				out = append(out, y.Set.Values[:min(len(y.Set.Values), 40)]...)
			case *ir.Column:
				if c := origin(y.Col); c.Def != nil && depth < 4 {
					scan(s.form(c.Def), depth+1)
				}
			default: // its parts may
			}
			return true
		})
	}
	for _, w := range wants {
		if w.x != nil {
			scan(w.x, 0)
		}
	}
	return out
}

func numberChoices(t value.Type, named []value.Value, col *ir.ColumnDef, add func(value.Value)) {
	number := func(q *big.Rat, step int64) {
		v, ok := decimalOf(q)
		if !ok {
			return
		}
		c, all, none := fit(t, v, false)
		if all || none {
			return
		}
		at := c.at
		if t.Kind == value.Float {
			at = value.NewFloat(value.ToFloat(v) + float64(step))
		} else if step != 0 {
			one := value.NewInt(1)
			if t.Kind == value.Decimal {
				one = value.NewDecimal(big.NewInt(1), t.Scale)
			}
			moved, err := value.Add(at, one)
			if step < 0 {
				moved, err = value.Sub(at, one)
			}
			if err != nil {
				return
			}
			at = moved
		}
		if t.Kind == value.Decimal && len(new(big.Int).Abs(at.D).String()) > t.Prec {
			return
		}
		add(at)
	}
	near := func(step int64, which func(q *big.Rat) bool) {
		for _, v := range named {
			if value.Of(v.Kind).Numeric() && which(rational(v)) {
				number(rational(v), step)
			}
		}
	}
	// Round numbers come before the smallest there are and before neighbours.
	fraction := func(q *big.Rat) bool { return q.Sign() != 0 && new(big.Rat).Abs(q).Cmp(big.NewRat(1, 1)) < 0 }
	for _, v := range named { // a date that is put together from its parts
		if v.Kind == value.Date && t.Kind == value.Int {
			year, month, day := calendar.Civil(v.I)
			for _, n := range []int{year, month, day} {
				number(new(big.Rat).SetInt64(int64(n)), 0)
			}
		}
	}
	near(0, func(q *big.Rat) bool { return !fraction(q) })
	for _, n := range []int64{1, 0, 2, 10, 100, 1000, -1, -10, 1_000_000} {
		number(new(big.Rat).SetInt64(n), 0)
	}
	near(0, fraction)
	every := func(*big.Rat) bool { return true }
	near(-1, every)
	near(1, every)
	for _, b := range []*value.Value{col.Min, col.Max} {
		if b != nil {
			number(rational(*b), 0)
		}
	}
	for _, v := range named { // of two numbers that are added or multiplied
		if value.Of(v.Kind).Numeric() {
			q := rational(v)
			number(new(big.Rat).Mul(q, big.NewRat(2, 1)), 0)
			number(new(big.Rat).Quo(q, big.NewRat(2, 1)), 0)
			number(new(big.Rat).Mul(q, big.NewRat(10, 1)), 0)
			number(new(big.Rat).Add(q, big.NewRat(100, 1)), 0)
		}
	}
}

// timeChoices are times around those named; where more than order is asked
// of them, also every day of a year.
func (s *scene) timeChoices(t value.Type, named []value.Value, wants []want, add func(value.Value)) {
	cal := s.project.Calendar
	put := func(instant int64) {
		switch t.Kind {
		case value.Date:
			add(value.NewDate(cal.DateOf(instant)))
		case value.Wall:
			add(value.NewWall(cal.Wall(instant)))
		default:
			add(value.NewTime(instant))
		}
	}
	near := func(v value.Value) {
		switch {
		case v.Kind == value.Date && t.Kind == value.Date:
			add(v)
			add(value.NewDate(v.I - 1))
			add(value.NewDate(v.I + 1))
			return
		case v.Kind == t.Kind:
			add(v)
		}
		var at int64
		switch v.Kind {
		case value.Date:
			at = cal.StartOfDay(v.I)
		case value.Wall:
			at = cal.Instant(v.I)
		case value.Time:
			at = v.I
		default:
			return
		}
		const hour = dayMicros / 24
		for _, step := range []int64{12 * hour, -12 * hour, hour, -hour, 0, 36 * hour, -36 * hour, 60_000_000, -60_000_000, 1, -1} {
			put(at + step)
		}
	}
	for _, v := range named {
		near(v)
	}
	put(*s.asOf - dayMicros)
	near(value.NewTime(*s.asOf))
	today := cal.DateOf(*s.asOf)
	for _, years := range []int64{30, 20, 40, 60, 10, 1} {
		put(cal.StartOfDay(today - years*365))
	}
	if !slices.ContainsFunc(wants, asksParts) {
		return
	}
	for day := range int64(370) {
		for _, back := range []int64{1, 30 * 365} {
			put(cal.StartOfDay(today-back-day) + 10*dayMicros/24)
		}
	}
	for hour := range int64(24) {
		put(cal.StartOfDay(today-1) + hour*dayMicros/24)
	}
}

// asksParts reports whether a condition asks more of a time than its order.
func asksParts(w want) bool {
	found := false
	ir.Walk(w.x, func(x ir.Expr) bool {
		switch x.(type) {
		case *ir.Anniversary, *ir.Call, *ir.StartOf, *ir.TimeAdd:
			found = true
		default: // look below
		}
		return !found
	})
	return found
}
