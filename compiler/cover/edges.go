package cover

import (
	"math"
	"strings"

	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// edge is a bound that a value may lie on either side of.
type edge struct {
	at           ir.Expr // where it is written
	what         string
	value, bound ir.Expr
	unit         string // of a window: what is near
}

// Names of edges.
const (
	threshold = "the threshold"
	beginning = "the beginning of the window"
	end       = "the end of the window"
)

// edgesOf are those of a condition that compares a number, date or time with
// something that is the same for every row.
func edgesOf(x ir.Expr) []edge {
	switch x := x.(type) {
	case *ir.Cmp:
		made := x.R.Span() == x.Span() // any, none, all
		c, isCall := x.L.(*ir.Call)
		away := isCall && c.Fn == fn.Distance // no row lies on the edge of a circle
		if t := x.L.Type(); made || away || !t.Numeric() && !t.Temporal() || !ir.Fixed(x.R) {
			return nil
		}
		return []edge{{at: x, what: threshold, value: x.L, bound: x.R}}
	case *ir.InRange:
		edges := windowEdges(x.Window, x)
		for i := range edges {
			edges[i].value = x.X
		}
		return edges
	default:
		return nil
	}
}

// windowEdges are the bounds of a window but the instant itself, beyond which
// nothing is seen. They stand at the node that has the window.
func windowEdges(w *ir.Window, at ir.Expr) (out []edge) {
	if w == nil {
		return nil
	}
	for _, b := range []struct {
		x    ir.Expr
		what string
	}{{w.Lo, beginning}, {w.Hi, end}} {
		if _, now := b.x.(*ir.AsOf); b.x == nil || now || !ir.Fixed(b.x) {
			continue
		}
		unit := "days"
		if add, ok := b.x.(*ir.TimeAdd); ok {
			unit = add.Unit
		}
		out = append(out, edge{at: at, what: b.what, bound: b.x, unit: unit})
	}
	return out
}

// distance of a value from an edge, negative below it; near reports whether
// that is no more than a unit: of the threshold as it is written, or a
// hundredth of it; of times a day, or the unit of a shorter window.
func (l *look) distance(e edge, v, bound value.Value) (distance float64, near bool) {
	if t, ok := l.instant(v); ok {
		b, ok := l.instant(bound)
		if !ok {
			return 0, false
		}
		unit := 86_400_000_000.0
		switch e.unit {
		case "hours":
			unit = 3_600_000_000
		case "minutes":
			unit = 60_000_000
		case "seconds":
			unit = 1_000_000
		}
		distance = float64(t - b)
		return distance, math.Abs(distance) <= unit
	}
	x, b := value.ToFloat(v), value.ToFloat(bound)
	unit := 1.0
	if e.bound != nil && v.Kind != value.Int {
		if _, fraction, point := strings.Cut(e.bound.Span().Text(), "."); point {
			unit = math.Pow10(-len(fraction))
		}
		unit = math.Max(unit, math.Abs(b)/100)
	}
	return x - b, math.Abs(x-b) <= unit
}

// instant is a date or time as an instant; ok is false for numbers and where
// it is missing.
func (l *look) instant(v value.Value) (micros int64, ok bool) {
	switch v.Kind {
	case value.Date:
		return l.project.Calendar.StartOfDay(v.I), true
	case value.Time:
		return v.I, true
	case value.Wall:
		return l.project.Calendar.Instant(v.I), true
	default:
		return 0, false
	}
}
