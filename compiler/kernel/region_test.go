package kernel

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

func utc(t testing.TB) *calendar.Calendar {
	t.Helper()
	cal, err := calendar.New("UTC", "monday")
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

var types = []value.Type{value.Of(value.Bool), value.Of(value.Int), value.DecimalType(12, 2), value.DecimalType(38, 2),
	value.Of(value.Date), value.Of(value.Time), value.Of(value.Wall)}

// drawCondition draws a condition over one column, such as normal forms have.
func drawCondition(t *rapid.T, col *ir.ColumnDef, depth int) ir.Expr {
	leaf := ir.Expr(&ir.Column{Col: col})
	number := func() value.Value {
		lo, hi := domain(col.Type)
		return Value(col.Type, rapid.OneOf(rapid.Int64Range(max(lo, -9), min(hi, 9)), rapid.Int64Range(lo, hi)).Draw(t, "number"))
	}
	if depth > 0 && rapid.Bool().Draw(t, "join") {
		xs := []ir.Expr{drawCondition(t, col, depth-1), drawCondition(t, col, depth-1)}
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			return &ir.And{Xs: xs}
		case 1:
			return &ir.Or{Xs: xs}
		default:
			return &ir.Not{X: xs[0]}
		}
	}
	switch rapid.IntRange(0, 3).Draw(t, "atom") {
	case 0:
		return &ir.Known{X: leaf, Missing: rapid.Bool().Draw(t, "missing")}
	case 1:
		return &ir.InSet{X: leaf, Set: &ir.Set{Values: []value.Value{number(), number()}}}
	case 2:
		if col.Type.Kind == value.Bool {
			return &ir.Truth{X: leaf}
		}
		fallthrough
	default:
		c := &ir.Cmp{Op: rapid.SampledFrom([]string{"=", "!=", "<", "<=", ">", ">="}).Draw(t, "op"), L: leaf, R: &ir.Const{V: number(), T: col.Type}}
		if rapid.Bool().Draw(t, "flip") {
			c.L, c.R = c.R, c.L
		}
		return c
	}
}

// A table answers what the evaluator answers, at every number it is asked for,
// or there is no table.
func TestRegions(t *testing.T) {
	cal := utc(t)
	tabulated := 0
	rapid.Check(t, func(t *rapid.T) {
		col := &ir.ColumnDef{Name: "x", Type: rapid.SampledFrom(types).Draw(t, "type")}
		x := drawCondition(t, col, 3)
		o, _ := overRow(cal, x)
		r, ok := o.region(x)
		if !ok {
			return
		}
		tabulated++
		lo, hi := domain(col.Type)
		probes := []int64{lo, hi, 0}
		for _, b := range r.breaks {
			probes = append(probes, b, max(b-1, lo), min(b, hi-1)+1)
		}
		probes = append(probes, rapid.SliceOf(rapid.Int64Range(lo, hi)).Draw(t, "more")...)
		for _, n := range probes {
			want, err := o.eval(x, Value(col.Type, n))
			if err != nil {
				t.Fatal(err)
			}
			if got := r.holds(n, true); got != want.True() {
				t.Fatalf("%s at %s: %v", ir.Key(x), Value(col.Type, n), got)
			}
		}
		want, _ := o.eval(x, value.Value{})
		if got := r.holds(0, false); got != want.True() {
			t.Fatalf("%s of a missing value: %v", ir.Key(x), got)
		}
	})
	if tabulated == 0 {
		t.Error("nothing was tabulated")
	}
}

// A bound beyond 64 bits is left to others: a sum may reach it.
func TestRegionOfWideNumbers(t *testing.T) {
	cal := utc(t)
	wide := value.NewDecimal(new(big.Int).Lsh(big.NewInt(1), 70), 2)
	for _, typ := range []value.Type{value.DecimalType(38, 2), value.Of(value.Int)} {
		col := &ir.ColumnDef{Name: "x", Type: typ}
		x := &ir.Cmp{Op: "<", L: &ir.Column{Col: col}, R: &ir.Const{V: wide, T: value.DecimalType(38, 2)}}
		o, _ := overRow(cal, x)
		if _, ok := o.region(x); ok {
			t.Errorf("%s: it is tabulated", typ)
		}
	}
	if got := (Wide{0, 1}).int64(); got != math.MaxInt64 {
		t.Errorf("a large number is %d", got)
	}
	if got := (Wide{0, -1}).int64(); got != math.MinInt64 {
		t.Errorf("a small number is %d", got)
	}
}
