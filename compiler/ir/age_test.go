package ir

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/value"
)

// TestCompareAge: comparisons of the date of birth are those of the age.
func TestCompareAge(t *testing.T) {
	near := func(t *rapid.T, label string) int64 { // the turns of months, and 29 February, are where it goes wrong
		year := rapid.IntRange(1, 2400).Draw(t, label+" year")
		if rapid.Bool().Draw(t, label+" leap") {
			year -= year % 4
		}
		day := calendar.Date(max(year, 1), rapid.SampledFrom([]int{1, 2, 3, 12}).Draw(t, label+" month"), 1)
		return max(day+rapid.Int64Range(-3, 31).Draw(t, label+" day"), calendar.Date(1, 1, 1))
	}
	born := &ColumnDef{Name: "born", Type: value.Of(value.Date)}
	utc, err := calendar.New("UTC", "monday")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		today, birth := near(t, "today"), value.NewDate(near(t, "birth"))
		age := int64(calendar.Age(birth.I, today))
		limit := rapid.OneOf(rapid.Int64Range(-2, 10_001), rapid.Int64Range(age-1, age+1)).Draw(t, "limit")
		if rapid.IntRange(0, 9).Draw(t, "missing") == 0 {
			birth = value.Value{}
		}
		call := Expr(&Call{Fn: "age", Args: []Expr{&Column{Col: born}, &Const{V: value.NewDate(today), T: born.Type}}, T: value.Of(value.Int)})
		if rapid.Bool().Draw(t, "trait") {
			call = &Trait{Name: "years", X: call}
		}
		number := Expr(&Const{V: value.NewInt(limit), T: value.Of(value.Int)})
		cmp := &Cmp{Op: rapid.SampledFrom([]string{"=", "<", "<=", ">", ">="}).Draw(t, "op"), L: call, R: number}
		if rapid.Bool().Draw(t, "turned") {
			cmp.L, cmp.R = cmp.R, cmp.L
		}
		cond, want := Expr(cmp), holdsFor(cmp, born, birth)
		if rapid.Bool().Draw(t, "not") {
			cond, want = &Not{X: cmp}, !want
		}
		low, err := Lower(utc, calendar.DateWall(today), cond)
		if err != nil {
			t.Fatal(err)
		}
		if 0 <= limit && limit < 9999 {
			Walk(low, func(x Expr) bool {
				if _, ok := x.(*Call); ok {
					t.Fatalf("%s: the column is wrapped", Key(low))
				}
				return true
			})
		}
		if got := holdsFor(low, born, birth); got != want {
			t.Fatalf("%s: %t, not %t", Key(low), got, want)
		}
	})
}

// holdsFor evaluates a condition that looks at one column.
func holdsFor(x Expr, col *ColumnDef, v value.Value) bool {
	return scalarOf(x, col, v).True()
}

func scalarOf(x Expr, col *ColumnDef, v value.Value) value.Value {
	switch x := x.(type) {
	case *And:
		for _, y := range x.Xs {
			if !holdsFor(y, col, v) {
				return value.NewBool(false)
			}
		}
		return value.NewBool(true)
	case *Case:
		for _, w := range x.Whens {
			if holdsFor(w.Cond, col, v) {
				return scalarOf(w.Value, col, v)
			}
		}
		return scalarOf(x.Else, col, v)
	case *Column:
		return v
	case *Not:
		return value.NewBool(!holdsFor(x.X, col, v))
	case *Or:
		for _, y := range x.Xs {
			if holdsFor(y, col, v) {
				return value.NewBool(true)
			}
		}
		return value.NewBool(false)
	case *Trait:
		return scalarOf(x.X, col, v)
	default:
		var args []value.Value
		for _, y := range Children(x) {
			args = append(args, scalarOf(y, col, v))
		}
		out, _, err := Scalar(nil, x, args)
		if err != nil {
			panic(err)
		}
		return out
	}
}
