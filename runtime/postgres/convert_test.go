package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/internal/pgtest"
)

func open(t *testing.T) *Engine {
	t.Helper()
	e, err := Open(context.Background(), pgtest.URL(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// texts are cells as people write them.
var texts = []string{"", " ", "\t", "12", " 12 ", "-7", "+7", "007", "12.0", "12.00", "12.5", ".5", "-.5", "5.", "1e3", "1E-3", "1,000", "1_000", "abc", "٣", "--1",
	"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "9999999999.99", "10000000000", "0.001", "0.0100", "123456789012345678901234567890",
	"1e308", "1e309", "-1e309", "1.7976931348623157e308", "1.7976931348623159e308", "5e-324", "2e-324", "3e-324", "1e-400", "1e99999", "0e99999", "1e-99999", "0.1", "1e22",
	"9007199254740993", "nan", "NaN", "inf", "-Infinity", "true", "T", "Yes", "y", "1", "0", "FALSE", "f", "no", "N", "on", "maybe",
	"2025-03-08", "2024-02-29", "2025-02-29", "2025-02-30", "2025-13-01", "2025-00-10", "0000-01-01", "0002-01-01", "9999-12-31", "2025-3-8", " 2025-03-08 ",
	"2025-03-08T00:00", "2025-03-08 00:00:00", "2025-03-08T00:00:00.000", "2025-03-08T10:30", "2025-03-08 10:30:15", "2025-03-08T10:30:15.5", "2025-03-08T10:30:15.123456789",
	"2025-03-08T23:59:60", "2025-03-08T24:00", "2025-03-08T10:30Z", "2025-03-08T10:30:00+07", "2025-03-08T10:30:00+0730", "2025-03-08 10:30:15.25-08:00", "2025-02-30T10:30Z",
	"2025-03-08T10:30:00.999999999+15:59", "2025-03-08T10:30+16:00", "2025-03-30T02:30", "2025-10-26T02:30", "1.10", "v2.0-beta.1", "1.2.3+build", "01.02", "1.0-rc.10", "2.0rc1", "1..2", "it's \\ \"x\""}

// Every cell is read as value.Parse reads it.
func TestTextsAsParseReadsThem(t *testing.T) {
	e := open(t)
	cal, err := calendar.New("Europe/Berlin", "")
	if err != nil {
		t.Fatal(err)
	}
	types := []value.Type{value.Of(value.Bool), value.Of(value.Int), value.DecimalType(12, 2), value.DecimalType(38, 0), value.DecimalType(38, 10), value.Of(value.Float),
		value.Of(value.Date), value.Of(value.Wall), value.Of(value.Time), value.Of(value.Version), value.Of(value.Text)}
	for _, typ := range types {
		compareCells(t, e, typ, texts, func(s string) string { return quote(s) + "::text" }, column{typ: value.Of(value.Text)}, func(s string) value.Value {
			v, ok := value.Parse(typ, s)
			switch {
			case !ok:
				return value.Value{}
			case v.Kind == value.Time && typ.Kind == value.Wall:
				return value.NewWall(cal.Wall(v.I))
			case v.Kind == value.Wall && typ.Kind == value.Time:
				return value.NewTime(cal.Instant(v.I))
			}
			return v
		})
	}
}

// Every float is read as value.Fit reads it.
func TestFloatsAsFitReadsThem(t *testing.T) {
	floats := []float64{0, math.Copysign(0, -1), 0.5, -0.5, 1.005, 2.675, -2.5, 1e15, 123456789.125, 1 << 53, 1<<53 + 2, 1 << 62, 1 << 63, -(1 << 63), 1<<63 + 2048, 1e19, 1.2345678901234567e25,
		9.999999999999999e35, 1e36, 1e37, 1.6e38, -1.6e38, 1e300, 1e308, 5e-324, 1e-7, 0.1, 0.30000000000000004, math.NaN(), math.Inf(1), math.Inf(-1), 4503599627370497.5}
	e := open(t)
	for _, typ := range []value.Type{value.Of(value.Float), value.Of(value.Int), value.DecimalType(12, 2), value.DecimalType(38, 0), value.DecimalType(38, 2), value.DecimalType(20, 10), value.Of(value.Text)} {
		compareCells(t, e, typ, floats, func(f float64) string {
			return "'" + strings.TrimPrefix(fmt.Sprint(f), "+") + "'::float8"
		}, column{typ: value.Of(value.Float)}, func(f float64) value.Value {
			v, ok := value.Fit(value.NewFloat(f), typ)
			if !ok {
				return value.Value{}
			}
			return v
		})
	}
}

// compareCells converts every cell in the server, and compares the canonical
// text of what comes out.
func compareCells[T any](t *testing.T, e *Engine, typ value.Type, cells []T, literal func(T) string, from column, read func(T) value.Value) {
	t.Helper()
	rows := make([]string, len(cells))
	for i, c := range cells {
		rows[i] = fmt.Sprintf("(%d, %s)", i, literal(c))
	}
	c := converter{zone: "Europe/Berlin", nfc: true}
	text := "v"
	if typ.Kind != value.Version { // a version is the text that orders it
		text = (&Sources{}).TextOf("v", typ)
	}
	q := "SELECT i::bigint, coalesce(" + text + ", '(missing)') FROM (SELECT i, " + c.convert("x", from, typ) + " AS v FROM (VALUES " + strings.Join(rows, ", ") + ") AS cells(i, x)) AS v ORDER BY i"
	err := e.Each(context.Background(), "convert", q, func(scan func(...any) error) error {
		var i int64
		var got string
		if err := scan(&i, &got); err != nil {
			return err
		}
		v := read(cells[i])
		want := v.String()
		switch {
		case v.IsMissing():
			want = "(missing)"
		case v.Kind == value.Version:
			want = v.S
		}
		if got != want {
			t.Errorf("%v as %s is %q, want %q", cells[i], typ, got, want)
		}
		return nil
	})
	if err != nil {
		t.Errorf("%s: %v", typ, err)
	}
}

// The types of columns, the digits of numbers, and lists of each kind.
func TestColumnsOfTables(t *testing.T) {
	e := open(t)
	if err := e.Exec(context.Background(), "load", `CREATE TYPE pg_temp.mood AS ENUM ('good', 'bad');
CREATE TEMP TABLE odd AS SELECT 1::int2 AS a, 2::int8 AS b, 1.5::numeric(12, 2) AS c, 1.5::numeric AS d, 1::float4 AS e, 'x'::varchar(3) AS f, 'x'::char(3) AS g,
 'good'::pg_temp.mood AS h, '00000000-0000-0000-0000-000000000001'::uuid AS i, '{}'::json AS j, '{}'::jsonb AS k, '{a}'::text[] AS l, '{1}'::int4[] AS m, '{good}'::pg_temp.mood[] AS n,
 now() AS o, now()::timestamp AS p, now()::date AS q, true AS r, '1 day'::interval AS s, 'x'::bytea AS t, 7::oid AS u, 1.5::numeric(50, 3) AS v`); err != nil {
		t.Fatal(err)
	}
	r := &relation{scan: "odd"}
	if err := e.describeColumns(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range r.columns {
		got = append(got, c.name+" "+c.typ.String())
	}
	want := "a int, b int, c decimal(12, 2), d decimal(38, 10), e float, f text, g text, h text, i text, j json, k json, l list<text>, m list<int>, n list<text>, " +
		"o time, p time, q date, r bool, s text, t text, u int, v decimal(38, 10)"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

// A context that ends stops the server's work, and is what the error is about.
func TestCancelled(t *testing.T) {
	e := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err := e.Each(ctx, "count", "SELECT generate_series(1, 10000000)", func(func(...any) error) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// Two names that are alike for as long as PostgreSQL reads stay two.
func TestLongNames(t *testing.T) {
	e := open(t)
	long := strings.Repeat("phân khúc ", 8)
	q := "CREATE TEMP TABLE long AS SELECT 1 AS " + sql.Postgres.Ident(long+"a") + ", 2 AS " + sql.Postgres.Ident(long+"b")
	if err := e.Exec(context.Background(), "create", q); err != nil {
		t.Fatal(err)
	}
	var a, b int64
	err := e.QueryRow(context.Background(), "read", "SELECT "+sql.Postgres.Ident(long+"a")+"::bigint, "+sql.Postgres.Ident(long+"b")+"::bigint FROM long", &a, &b)
	if err != nil || a != 1 || b != 2 {
		t.Error(a, b, err)
	}
}
