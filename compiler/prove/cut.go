package prove

import (
	"cmp"
	"math"
	"math/big"
	"strings"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/value"
)

// cut is a place on the line of a term's values: at or above it (or, open,
// above it). It is a constant, or a bound that moves with as_of.
type cut struct {
	at    value.Value
	open  bool
	moves *bound
}

func (c cut) key() string {
	if c.moves != nil {
		return "~" + c.moves.key
	}
	if c.open {
		return ">" + c.at.String()
	}
	return ">=" + c.at.String()
}

// order is a total order for the place of atoms: constants by value, then what
// moves, by where it mostly is.
func (c cut) order(o cut) int {
	switch {
	case c.moves == nil && o.moves == nil:
		if n := value.Compare(c.at, o.at); n != 0 {
			return n
		}
		return boolOrder(c.open, o.open)
	case c.moves != nil && o.moves != nil:
		if n := cmp.Compare(c.moves.lo+c.moves.hi, o.moves.lo+o.moves.hi); n != 0 {
			return n
		}
		return strings.Compare(c.moves.key, o.moves.key)
	default:
		return boolOrder(c.moves != nil, o.moves != nil)
	}
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	default:
		return -1
	}
}

// below reports whether it is known that c is not above o at any instant, so
// that whatever is at or above o is at or above c. wall: the term is read off
// the wall, where hours may come twice.
func (c cut) below(o cut, wall bool) bool {
	switch {
	case c.moves == nil && o.moves == nil:
		return c.order(o) <= 0
	case c.moves != nil && o.moves != nil:
		return c.moves.notAfter(o.moves, wall)
	default:
		return false
	}
}

// fit is the first value of type t that is not below v (open: that is above
// v), where there is one. Of floats v itself remains, and open.
func fit(t value.Type, v value.Value, open bool) (c cut, all, none bool) {
	switch t.Kind {
	case value.Int:
		return fitScale(v, open, 0, func(n *big.Int) (value.Value, bool, bool) {
			if !n.IsInt64() {
				return value.Value{}, n.Sign() < 0, n.Sign() > 0
			}
			return value.NewInt(n.Int64()), false, false
		})
	case value.Decimal:
		return fitScale(v, open, t.Scale, func(n *big.Int) (value.Value, bool, bool) {
			return value.NewDecimal(n, t.Scale), false, false
		})
	case value.Date, value.Time, value.Wall:
		if v.Kind != t.Kind {
			panic("prove: a bound of another kind")
		}
		if open && v.I == math.MaxInt64 {
			return cut{}, false, true
		}
		if open {
			v.I++
		}
		return cut{at: v}, false, false
	default:
		return cut{at: v, open: open}, false, false
	}
}

func fitScale(v value.Value, open bool, scale int, made func(*big.Int) (value.Value, bool, bool)) (c cut, all, none bool) {
	q := rational(v)
	q = new(big.Rat).Mul(q, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
	n := new(big.Int).Div(q.Num(), q.Denom()) // rounds down
	if open || !q.IsInt() {
		n = n.Add(n, big.NewInt(1))
	}
	at, all, none := made(n)
	return cut{at: at}, all, none
}

// rational is the exact number of a known numeric value.
func rational(v value.Value) *big.Rat {
	switch v.Kind {
	case value.Decimal:
		return new(big.Rat).SetFrac(v.D, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(v.Scale)), nil))
	case value.Float:
		return new(big.Rat).SetFloat64(v.F)
	default:
		return new(big.Rat).SetInt64(v.I)
	}
}

// decimalOf is a number as an exact value, where 38 digits hold it.
func decimalOf(q *big.Rat) (value.Value, bool) {
	scale, exact := q.FloatPrec()
	if !exact || scale > value.MaxPrec {
		return value.Value{}, false
	}
	n := new(big.Rat).Mul(q, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
	if len(n.Num().String()) > value.MaxPrec+1 {
		return value.Value{}, false
	}
	return value.NewDecimal(n.Num(), scale), true
}

// bound is an instant or day that moves with as_of. How far it lies from
// as_of is held in whole days of the wall, from lo to hi.
type bound struct {
	key    string
	lo, hi int64
	// days: as_of moved by calendar units only, so that the wall keeps its clock.
	days bool
	// exact is as_of moved by a length of time in microseconds, when fixed is set.
	fixed bool
	exact int64
	// of is what the bound is the start of, in units of unit.
	of *bound
	// start is that as text where only steps of unit have followed.
	start string
	unit  calendar.Unit
	steps int64
}

const dayMicros = 86_400_000_000

// notAfter reports whether b is never later than o. The wall keeps the order
// of times a day or more apart, or of one clock, whatever the zone does; of
// lengths of time it does so on instants only.
func (b *bound) notAfter(o *bound, wall bool) bool {
	switch {
	case b.key == o.key:
		return true
	case b.fixed && o.fixed && !wall:
		return b.exact <= o.exact
	case b.days && o.days:
		return b.hi <= o.lo
	case b.start != "" && b.start == o.start && b.unit == o.unit:
		return b.steps <= o.steps
	case b.of != nil && o.of != nil && b.unit == o.unit:
		return b.of.notAfter(o.of, wall)
	case b.start != "" && b.start == o.start && b.steps == 0 && o.steps == 0:
		return contains(b.unit, o.unit)
	case b.start != "" && b.start == o.start && b.steps == 1 && o.steps == 1:
		return contains(o.unit, b.unit)
	case b.start == asOfKey && b.steps <= 0 && o.key == asOfKey, o.start == asOfKey && o.steps >= 1 && b.key == asOfKey:
		return true
	default:
		return b.hi < o.lo
	}
}

// contains reports whether each unit a begins where a unit b does.
func contains(a, b calendar.Unit) bool {
	return a == b || a > b && (b == calendar.Days || b != calendar.Weeks && a != calendar.Weeks)
}
