package value

import (
	"regexp"
	"strings"
	"testing"

	"github.com/segql/segql/compiler/calendar"
)

func TestParse(t *testing.T) {
	d := DecimalType(6, 2)
	for _, c := range []struct {
		t         Type
		raw, want string // want "-" where it does not fit
	}{
		{Of(Text), " a ", " a "}, {Of(Text), "", ""},
		{Of(Int), "", "missing"}, {Of(Int), " \t", "missing"}, {Of(Int), " 13085 ", "13085"}, {Of(Int), "13085.0", "13085"},
		{Of(Int), "13085.5", "-"}, {Of(Int), "13085.", "-"}, {Of(Int), "+7", "7"}, {Of(Int), "--7", "-"}, {Of(Int), "1e3", "-"},
		{Of(Int), "1,000", "-"}, {Of(Int), "1_000", "-"}, {Of(Int), "9223372036854775808", "-"}, {Of(Int), "-9223372036854775808", "-9223372036854775808"},
		{d, "12", "12.00"}, {d, "-12.5", "-12.50"}, {d, ".5", "0.50"}, {d, "5.", "-"}, {d, "12.500", "12.50"}, {d, "12.505", "-"},
		{d, "9999.99", "9999.99"}, {d, "10000", "-"}, {d, "0009999.990000000000000000000000000000000000000000000000000000", "9999.99"},
		{d, "1e3", "-"}, {d, ".", "-"}, {d, "-", "-"}, {d, "-0.00", "0.00"}, {DecimalType(2, 2), "0.5", "0.50"}, {DecimalType(2, 2), "1", "-"},
		{Of(Float), "1e3", "1000"}, {Of(Float), "-.5", "-0.5"}, {Of(Float), "NaN", "missing"}, {Of(Float), "-Infinity", "missing"},
		{Of(Float), "1e999", "-"}, {Of(Float), "0x10", "-"}, {Of(Float), "1_0", "-"}, {Of(Float), "1e", "-"},
		{Of(Bool), "TRUE", "true"}, {Of(Bool), "no", "false"}, {Of(Bool), "1", "true"}, {Of(Bool), "2", "-"}, {Of(Bool), "on", "-"},
		{Of(Date), "2025-03-08", "2025-03-08"}, {Of(Date), "2025-03-08 00:00:00", "2025-03-08"}, {Of(Date), "2025-03-08T00:00:00.000", "2025-03-08"},
		{Of(Date), "2025-03-08 00:00:01", "-"}, {Of(Date), "2025-03-08T00:00Z", "-"}, {Of(Date), "08/03/2025", "-"}, {Of(Date), "2025-02-29", "-"},
		{Of(Time), "2025-03-08T10:30", "2025-03-08T10:30:00"}, {Of(Wall), "2025-03-08 10:30:00.5", "2025-03-08T10:30:00.500000"},
		{Of(Wall), "2025-03-08T10:30+07:00", "2025-03-08T03:30:00Z"}, {Of(Time), "2025-03-08", "2025-03-08T00:00:00"}, {Of(Time), "10:30", "-"},
		{Of(Version), " 1.2.3 ", "1.2.3"}, {Of(Place), "1,2", "-"},
	} {
		v, ok := Parse(c.t, c.raw)
		got := v.String()
		if !ok {
			got = "-"
		}
		if got != c.want {
			t.Errorf("%q as %s is %s, want %s", c.raw, c.t, got, c.want)
		}
		if fit, fits := Fit(NewText(c.raw), c.t); fits != ok || ok && fit.String() != got {
			t.Errorf("%q fits %s as %s, %v", c.raw, c.t, fit, fits)
		}
	}
}

func TestParseDecimal(t *testing.T) {
	for text, want := range map[string]string{
		"5_000_000": "5000000", "1_2.3_4": "12.34", "-0.5": "-0.5", "+.50": "0.50", "007": "7",
		"": "-", "_1": "-", "1_": "-", "1__2": "-", "1_.2": "-", "1._2": "-", "1.": "-", "+-1": "-", "1e3": "-", "-_1": "-",
		strings.Repeat("9", 38): strings.Repeat("9", 38), strings.Repeat("9", 39): "-", "0." + strings.Repeat("0", 39): "-",
	} {
		v, ok := ParseDecimal(text)
		got := v.String()
		if !ok {
			got = "-"
		}
		if got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func TestFit(t *testing.T) {
	d := DecimalType(6, 2)
	for _, c := range []struct {
		v    Value
		t    Type
		want string
	}{
		{NewFloat(13085), Of(Int), "13085"}, {NewFloat(13085.5), Of(Int), "-"}, {NewFloat(1 << 63), Of(Int), "-"}, {NewFloat(-(1 << 63)), Of(Int), "-9223372036854775808"},
		{NewFloat(59.969999999999995), d, "59.97"}, {NewFloat(-0.005), d, "-0.01"}, {NewFloat(1e300), d, "-"}, {NewFloat(9999.999), d, "-"},
		{dec(t, "5.0"), Of(Int), "5"}, {dec(t, "5.5"), Of(Int), "-"}, {dec(t, "9223372036854775808"), Of(Int), "-"},
		{dec(t, "5.500"), d, "5.50"}, {dec(t, "5.505"), d, "-"}, {NewInt(10000), d, "-"}, {NewInt(9999), d, "9999.00"},
		{NewInt(1), Of(Bool), "true"}, {NewInt(2), Of(Bool), "-"}, {NewFloat(1), Of(Bool), "-"}, {NewInt(5), Of(Float), "5"},
		{NewBool(true), Of(Text), "true"}, {NewInt(123), Of(Text), "123"}, {NewBool(true), Of(Int), "-"},
		{NewWall(0), Of(Date), "1970-01-01"}, {NewWall(1), Of(Date), "-"}, {NewTime(0), Of(Date), "-"}, {NewDate(1), Of(Time), "1970-01-02T00:00:00"},
		{NewTime(0), Of(Wall), "1970-01-01T00:00:00Z"}, {Value{}, Of(Date), "missing"}, {NewDate(0), Of(Int), "-"}, {NewInt(0), Of(Date), "-"},
	} {
		v, ok := Fit(c.v, c.t)
		got := v.String()
		if !ok {
			got = "-"
		}
		if got != c.want {
			t.Errorf("%s as %s is %s, want %s", c.v, c.t, got, c.want)
		}
	}
}

// Parse and the patterns that engines print read the same cells.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"13085.0", "-.5", "1e-3", "yes", "2025-03-08 00:00", "2025-03-08T10:30:00.5+07:00", "", "ſ", "1."} {
		f.Add(s)
	}
	pattern := func(p string) *regexp.Regexp { return regexp.MustCompile(p) }
	rules := map[Kind]*regexp.Regexp{
		Bool: pattern(BoolPattern), Int: pattern(IntPattern), Float: pattern(FloatPattern), Date: pattern(DatePattern),
		Time: pattern(TimePattern), Decimal: pattern(DecimalPattern),
	}
	f.Fuzz(func(t *testing.T, raw string) {
		cell := strings.Trim(raw, Blank)
		for kind, rule := range rules {
			typ := Of(kind)
			if kind == Decimal {
				typ = DecimalType(38, 19)
			}
			matched := rule.MatchString(cell)
			if kind == Bool {
				matched = rule.MatchString(strings.Map(asciiLower, cell))
			}
			v, ok := Parse(typ, raw)
			if ok && !v.IsMissing() && !matched {
				t.Errorf("%q is read as %s against the pattern", raw, v)
			}
			short := len(cell) < 18 && !strings.HasPrefix(cell, "0000") // what fits a pattern and not the range
			if matched && !ok && short && kind != Float && kind != Date && kind != Time {
				t.Errorf("%q is not read as %s, the pattern takes it", raw, typ)
			}
			// An offset may carry an instant out of the years that are written.
			outside := v.Kind == Time && (v.I < calendar.MinWall || v.I > calendar.MaxWall)
			if ok && !v.IsMissing() && !outside {
				if again, ok := Parse(typ, v.String()); kind != Float && (!ok || !Equal(again, v)) {
					t.Errorf("%q is read as %s and that as %s", raw, v, again)
				}
			}
		}
	})
}

func asciiLower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}
