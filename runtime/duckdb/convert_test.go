package duckdb

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/value"
)

// cells are texts on the edge of what a type accepts.
var cells = []string{
	"", " ", "\t", "0", "-0", "+0", "1", "-1", "+1", " 12 ", "\t12", "007", "-007", "12.", ".5", "-.5", "+.5", ".", "-", "+", "1.0", "13085.0", "13085.00", "13085.5",
	"1,000", "1_000", "1e3", "1E3", "1e", "e1", "0x10", "1 2", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
	"9223372036854775807.0", "9223372036854775807.5", "1.005", "1.00500", "99999999.99", "100000000.00", "-99999999.99", "0.10", "00.10", "0.100000000000000000000000000000",
	"12345678901234567890123456789012345678", "123456789012345678901234567890123456789", "1e400", "-1e400", "1e-400", "0.1", "0.30000000000000004", "1.7976931348623157e308", "4.9e-324",
	"nan", "NaN", "-nan", "inf", "-Inf", "infinity", "+Infinity", "true", "TRUE", "t", "T", "yes", "Yes", "y", "false", "f", "no", "NO", "n", "on", "off", " true ", "truefalse",
	"2025-03-08", "2025-3-8", "2025-02-29", "2024-02-29", "2025-13-01", "2025-00-10", "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "2025-03-08 00:00", "2025-03-08T00:00:00",
	"2025-03-08T00:00:00.000000000", "2025-03-08T00:00:00Z", "2025-03-08T00:01", "2025-03-08T10:30", "2025-03-08 10:30:15", "2025-03-08T10:30:15.5", "2025-03-08T10:30:15.123456789",
	"2025-03-08T24:00", "2025-03-08T10:60", "2025-03-08T10:30:60", "2025-03-08T10:30Z", "2025-03-08T10:30:15Z", "2025-03-08T10:30:15.25+07:00", "2025-03-08T10:30+0700", "2025-03-08T10:30-05",
	"2025-03-08T10:30:15+15:59", "2025-03-08T10:30:15+16:00", "2025-03-08T10:30:15 +07:00", "2025-03-08t10:30", "epoch", "today", "2025-03-08 (BC)", "20250308", "2025/03/08", "08.03.2025",
	"1.10", "v1.10.0", "01.010", "1.10.0.0", "1.0-rc.1+b.2", "2.0rc1", "1.0-0012.a-b.-", "1.0.0--", "V10.0.19041.1-x.10", "1.2-", "1..2", "99999999999999999999.1", "100000000000000000000", "1.0+", "1.0-é",
	"Huế", "Hue\u0302\u0301", "a'b", `a"b`, `a\b`, "a\x00b", "dòng\nhai", "😀", " viền ", "\u00a012", "NULL", "null", "２", "1\u00a0000",
}

var scalarTypes = []value.Type{
	value.Of(value.Bool), value.Of(value.Text), value.Of(value.Int), value.DecimalType(10, 2), value.DecimalType(38, 0), value.DecimalType(3, 3), value.DecimalType(38, 20),
	value.Of(value.Float), value.Of(value.Date), value.Of(value.Time), value.Of(value.Wall), value.Of(value.Version),
}

// TestConvertTextLikeParse runs every cell through DuckDB and through
// value.Parse; they must agree on value and on what fits.
func TestConvertTextLikeParse(t *testing.T) {
	s := open(t, Options{})
	texts := texts(cells)
	for _, typ := range scalarTypes {
		col := Column{Name: "x", EngineType: "VARCHAR"}
		query := fmt.Sprintf("SELECT %s, %s FROM (SELECT unnest(%s) AS x, unnest(range(%d)) AS i) ORDER BY i",
			show(ConvertSQL(`"x"`, col, typ, ConvertOptions{}), typ), FitsSQL(`"x"`, col, typ, ConvertOptions{}), texts, len(cells))
		i := 0
		err := s.Each(context.Background(), "convert", query, func(scan func(...any) error) error {
			var got *string
			var fits bool
			if err := scan(&got, &fits); err != nil {
				return err
			}
			if got != nil && typ.Kind == value.Float {
				f, _ := strconv.ParseFloat(*got, 64)
				*got = floatBits(f)
			}
			v, ok := value.Parse(typ, cells[i])
			want := expect(v, ok, typ)
			if deref(got) != deref(want) || fits != ok {
				t.Errorf("%s from %q: got %s, fits %v; value.Parse gives %s, %v", typ, cells[i], deref(got), fits, deref(want), ok)
			}
			i++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func deref(s *string) string {
	if s == nil {
		return "missing"
	}
	return fmt.Sprintf("%q", *s)
}

// expect prints a value of Parse; a Wall where a Time was asked for, and the
// other way round, are the same reading in UTC.
func expect(v value.Value, ok bool, typ value.Type) *string {
	if !ok || v.IsMissing() {
		return nil
	}
	s := v.String()
	switch {
	case v.Kind == value.Float:
		s = floatBits(v.F)
	case v.Kind == value.Version:
		s = v.S
	case typ.Kind == value.Wall || typ.Kind == value.Time:
		s = calendar.FormatWall(v.I)
	}
	return &s
}

// show prints a converted value in DuckDB as expect does.
func show(x string, typ value.Type) string {
	switch typ.Kind {
	case value.Decimal:
		return textOf("("+x+")", engineType{name: "DECIMAL", args: []int{typ.Prec, typ.Scale}})
	case value.Wall:
		return wallText("(" + x + ")")
	case value.Time:
		return wallText("timezone('UTC', " + x + ")")
	default:
		return "CAST(" + x + " AS VARCHAR)"
	}
}

// floatBits tells all floats apart but the two zeros.
func floatBits(f float64) string {
	if f == 0 {
		return "0"
	}
	return fmt.Sprintf("%x", math.Float64bits(f))
}

func texts(list []string) string { return quoteTexts(list) }

func open(t testing.TB, opt Options) *Session {
	t.Helper()
	if opt.Dir == "" {
		opt.Dir = t.TempDir()
	}
	opt.TempDir = t.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := Open(ctx, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
