package value

import (
	"errors"
	"math"
	"math/big"
	"testing"
)

func dec(t testing.TB, text string) Value {
	t.Helper()
	v, ok := ParseDecimal(text)
	if !ok {
		t.Fatalf("%q is not a decimal", text)
	}
	return v
}

func TestTypes(t *testing.T) {
	i, f, d := Of(Int), Of(Float), DecimalType
	for _, c := range []struct {
		name string
		of   func(a, b Type) (Type, error)
		a, b Type
		want string
	}{
		{"add", AddType, i, i, "int"},
		{"add", AddType, i, f, "float"},
		{"add", AddType, i, d(14, 2), "decimal(22, 2)"},
		{"add", AddType, d(14, 2), d(5, 4), "decimal(17, 4)"},
		{"add", AddType, d(38, 0), d(14, 2), "decimal(38, 2)"},
		{"mul", MulType, i, i, "int"},
		{"mul", MulType, i, d(14, 2), "decimal(33, 2)"},
		{"mul", MulType, d(30, 20), d(30, 18), "decimal(38, 38)"},
		{"mul", MulType, d(30, 20), d(30, 19), "error"},
		{"mul", MulType, d(30, 20), f, "float"},
		{"common", CommonType, i, d(5, 2), "decimal(21, 2)"},
		{"common", CommonType, Of(Text), Type{Kind: Text, Values: []string{"a"}}, "text"},
		{"common", CommonType, Of(Text), i, "error"},
		{"common", CommonType, Of(Date), Of(Date), "date"},
		{"add", AddType, Of(Date), i, "error"},
	} {
		got, err := c.of(c.a, c.b)
		text := got.String()
		if err != nil {
			text = "error"
		}
		if text != c.want {
			t.Errorf("%s of %s and %s is %s, want %s", c.name, c.a, c.b, text, c.want)
		}
	}
	for typ, want := range map[string]Type{"decimal(38, 0)": i, "decimal(38, 2)": d(14, 2)} {
		if got, err := SumType(want); err != nil || got.String() != typ {
			t.Errorf("the sum of %s is %s, %v", want, got, err)
		}
	}
	if _, err := SumType(f); err == nil {
		t.Error("floats have a sum")
	}
	if got, _ := RoundType(d(4, 2)); got.String() != "decimal(3, 0)" {
		t.Errorf("99.99 rounds to %s", got)
	}
}

func TestOverflow(t *testing.T) {
	big, tiny := dec(t, "99999999999999999999999999999999999999"), dec(t, "0.1")
	lo, hi, one := NewInt(math.MinInt64), NewInt(math.MaxInt64), NewInt(1)
	for name, f := range map[string]func() (Value, error){
		"max + 1":        func() (Value, error) { return Add(hi, one) },
		"min - 1":        func() (Value, error) { return Sub(lo, one) },
		"1 - min":        func() (Value, error) { return Sub(one, lo) },
		"-min":           func() (Value, error) { return Neg(lo) },
		"|min|":          func() (Value, error) { return Abs(lo) },
		"min * -1":       func() (Value, error) { return Mul(lo, NewInt(-1)) },
		"2^62 * 2":       func() (Value, error) { return Mul(NewInt(1<<62), NewInt(2)) },
		"38 nines + 1":   func() (Value, error) { return Add(big, dec(t, "1")) },
		"38 nines + 0.1": func() (Value, error) { return Add(big, tiny) },
		"38 nines * 10":  func() (Value, error) { return Mul(big, NewInt(10)) },
		"sum":            func() (Value, error) { return Sum(DecimalType(38, 0), []Value{big, big}) },
		"widened":        func() (Value, error) { return Widen(big, DecimalType(38, 1)) },
	} {
		if v, err := f(); !errors.Is(err, ErrOverflow) {
			t.Errorf("%s is %s, %v", name, v, err)
		}
	}
	for name, f := range map[string]func() (Value, error){
		"-9223372036854775808": func() (Value, error) { return Mul(NewInt(1<<62), NewInt(-2)) },
		"9223372036854775807":  func() (Value, error) { return Sub(NewInt(-1), lo) },
		"0":                    func() (Value, error) { return Sum(DecimalType(38, 0), nil) },
		"99999999999999999999999999999999999999": func() (Value, error) {
			minus, _ := Neg(big)
			return Sum(DecimalType(38, 0), []Value{big, big, minus, {}})
		},
	} {
		if v, err := f(); err != nil || v.String() != name {
			t.Errorf("%s is %s, %v", name, v, err)
		}
	}
}

func TestDivision(t *testing.T) {
	d := func(s string) Value { return dec(t, s) }
	for _, c := range []struct {
		got  Value
		want string
	}{
		{Div(d("0.3"), d("0.1")), "3"},
		{Div(NewInt(7), NewInt(2)), "3.5"},
		{Div(NewInt(1), NewInt(3)), "0.3333333333333333"},
		{Div(NewInt(1), d("0.00")), "missing"},
		{Div(NewFloat(1), NewFloat(0)), "missing"},
		{Div(NewFloat(1e300), NewFloat(1e-300)), "missing"},
		{Div(Value{}, NewInt(1)), "missing"},
		{Div(NewInt(0), NewInt(-3)), "0"},
		{Median(nil), "missing"},
		{Median([]Value{NewInt(3), {}, NewInt(1)}), "2"},
		{Median([]Value{NewInt(3), NewInt(1), NewInt(2)}), "2"},
		{Median([]Value{d("0.1"), d("0.2")}), "0.15"},
		{Median([]Value{NewInt(math.MaxInt64), NewInt(math.MaxInt64)}), "9223372036854776000"},
		{Median([]Value{NewFloat(1), NewFloat(2)}), "1.5"},
		{Mod(NewInt(-7), NewInt(2)), "-1"},
		{Mod(NewInt(7), NewInt(-2)), "1"},
		{Mod(d("-7.5"), NewInt(2)), "-1.5"},
		{Mod(NewInt(math.MinInt64), NewInt(-1)), "0"},
		{Mod(NewInt(1), NewInt(0)), "missing"},
		{Mod(NewFloat(-7.5), NewInt(2)), "-1.5"},
		{Round(d("-2.5")), "-3"}, {Round(d("2.49")), "2"}, {Round(NewFloat(2.5)), "3"},
		{Floor(d("-2.1")), "-3"}, {Floor(d("2.9")), "2"}, {Floor(d("-2.0")), "-2"},
		{Ceil(d("-2.9")), "-2"}, {Ceil(d("2.1")), "3"}, {Ceil(NewInt(5)), "5"}, {Ceil(NewFloat(-0.5)), "0"},
		{NewFloat(math.NaN()), "missing"}, {NewFloat(math.Inf(-1)), "missing"}, {NewFloat(math.Copysign(0, -1)), "0"},
		{NewPlace(91, 0), "missing"}, {NewPlace(math.NaN(), 0), "missing"},
	} {
		if c.got.String() != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
	if avg, err := Avg(DecimalType(4, 2), []Value{d("0.10"), {}, d("0.20")}); err != nil || avg.String() != "0.15" {
		t.Errorf("the average is %s, %v", avg, err)
	}
	if avg, err := Avg(Of(Int), nil); err != nil || !avg.IsMissing() {
		t.Errorf("the average of none is %s, %v", avg, err)
	}
}

func TestString(t *testing.T) {
	for _, c := range []struct {
		v    Value
		want string
	}{
		{NewInt(13085), "13085"}, {dec(t, "-0.05"), "-0.05"}, {dec(t, "1_250.50"), "1250.50"}, {dec(t, ".5"), "0.5"},
		{NewFloat(13085), "13085"}, {NewFloat(0.1), "0.1"}, {NewFloat(1e21), "1e+21"}, {NewFloat(1e20), "100000000000000000000"},
		{NewBool(true), "true"}, {NewText(" a "), " a "}, {NewDate(0), "1970-01-01"}, {NewDate(20155), "2025-03-08"},
		{NewWall(1741429800_000_000), "2025-03-08T10:30:00"}, {NewWall(1741429800_000_001), "2025-03-08T10:30:00.000001"},
		{NewTime(-1), "1969-12-31T23:59:59.999999Z"}, {NewPlace(21.0285, 105.8542), "(21.0285, 105.8542)"},
		{NewList(NewText("a\"b"), NewInt(1), Value{}), `["a\"b", 1, missing]`}, {NewRecord(NewInt(1)), "{1}"},
		{NewDuration(3, 4), "3 days"}, {NewDuration(1, 6), "1 month"}, {Value{}, "missing"},
	} {
		if got := c.v.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestOrder(t *testing.T) {
	// Each is below the next.
	numbers := []Value{
		NewFloat(-1e300), NewInt(math.MinInt64), dec(t, "-0.5"), NewInt(0), dec(t, "0.1"), NewFloat(0.1), // the float is a little more
		NewInt(1 << 53), NewInt(1<<53 + 1), NewFloat(1<<53 + 2), NewInt(math.MaxInt64), NewFloat(1 << 63), dec(t, "9223372036854775808.5"),
	}
	for i, a := range numbers {
		for j, b := range numbers {
			if got := Compare(a, b); got != cmpOf(i, j) {
				t.Errorf("%s against %s is %d", a, b, got)
			}
			if Equal(a, b) != (i == j) {
				t.Errorf("%s equal to %s: %v", a, b, i != j)
			}
		}
	}
	for _, c := range [][2]Value{
		{NewText("Z"), NewText("a")}, {NewText("z"), NewText("é")}, {NewText("\uFFFD"), NewText("\U0001F600")},
		{NewBool(false), NewBool(true)}, {NewDate(1), NewDate(2)}, {NewTime(1), NewTime(2)}, {NewWall(1), NewWall(2)},
	} {
		if Compare(c[0], c[1]) != -1 || Compare(c[1], c[0]) != 1 || Equal(c[0], c[1]) {
			t.Errorf("%s is not below %s", c[0], c[1])
		}
	}
	if !Equal(NewInt(1), dec(t, "1.00")) || Equal(Value{}, Value{}) || Equal(NewText("1"), NewInt(1)) || Equal(NewWall(1), NewTime(1)) {
		t.Error("equality goes by more or less than the value")
	}
	if !Equal(NewList(NewInt(1), Value{}), NewList(NewInt(1), Value{})) || Equal(NewList(NewInt(1)), NewList()) {
		t.Error("lists are not compared by element")
	}
	key := func(v Value, id int64) SortKey { return SortKey{v, NewInt(id)} }
	if key(NewInt(5), 1).Compare(key(NewInt(5), 2)) != -1 || key(Value{}, 1).Compare(key(NewInt(5), 2)) != 1 || key(Value{}, 1).Compare(key(Value{}, 1)) != 0 {
		t.Error("ties are not broken, or missing is not last")
	}
}

func TestCommon(t *testing.T) {
	typ := DecimalType(10, 2)
	if v, err := Least(typ, NewInt(3), dec(t, "2.5")); err != nil || v.String() != "2.50" {
		t.Errorf("least is %s, %v", v, err)
	}
	if v, err := Greatest(typ, NewInt(3), dec(t, "2.5")); err != nil || v.String() != "3.00" {
		t.Errorf("greatest is %s, %v", v, err)
	}
	if v, err := Greatest(typ, NewInt(3), Value{}); err != nil || !v.IsMissing() {
		t.Errorf("greatest with a missing side is %s, %v", v, err)
	}
	if v, err := Coalesce(typ, Value{}, NewInt(3), NewInt(4)); err != nil || v.String() != "3.00" {
		t.Errorf("coalesce is %s, %v", v, err)
	}
}

func TestSample(t *testing.T) {
	for share, want := range map[string]string{
		"0": "0000000000000000", "0.1": "1999999999999999", "0.20": "3333333333333333", "0.5": "8000000000000000",
		"1": SampleEveryone, "1.00": SampleEveryone, "2": SampleEveryone, "-0.1": "0000000000000000",
		"0.00000000000000000001": "0000000000000000",
	} {
		if got := SampleThreshold(dec(t, share)); got != want {
			t.Errorf("the threshold of %s is %s, want %s", share, got, want)
		}
	}
	// echo -n 'tet-2027/42' | md5sum
	if got := SampleHash("tet-2027", "42"); got != "369964718631724b" {
		t.Errorf("the hash is %s", got)
	}
	if "ffffffffffffffff" >= SampleEveryone || !InSample(NewInt(1), "s", "k") || InSample(NewInt(0), "s", "k") {
		t.Error("all or nothing is not")
	}
}

func TestDistance(t *testing.T) {
	hanoi, saigon := NewPlace(21.0285, 105.8542), NewPlace(10.7769, 106.7009)
	if got := DistanceKM(hanoi, saigon); math.Abs(got-1143.506) > 0.001 {
		t.Errorf("Hanoi to Saigon is %f km", got)
	}
	if got := DistanceKM(hanoi, hanoi); got != 0 {
		t.Errorf("Hanoi is %f km from itself", got)
	}
	half := math.Pi * EarthRadiusKM
	if got := DistanceKM(NewPlace(0, -90), NewPlace(0, 90)); math.Abs(got-half) > 1e-6 {
		t.Errorf("half around is %f km, want %f", got, half)
	}
}

// TestShort: no zeros at the end of a fraction, and all of those before it.
func TestShort(t *testing.T) {
	for _, c := range []struct {
		v    Value
		want string
	}{
		{NewDecimal(big.NewInt(5000), 3), "5"},
		{NewDecimal(big.NewInt(5050), 3), "5.05"},
		{NewDecimal(big.NewInt(5000), 0), "5000"},
		{NewDecimal(big.NewInt(-100), 2), "-1"},
		{NewDecimal(big.NewInt(0), 2), "0"},
		{NewInt(100), "100"},
		{NewText("1.00"), "1.00"},
		{Value{}, "missing"},
	} {
		if got := c.v.Short(); got != c.want {
			t.Errorf("%s: %q, want %q", c.v, got, c.want)
		}
	}
}
