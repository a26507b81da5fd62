package difftest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
)

// corpus is a table of awkward values, one column of every type.
func corpus(t *testing.T) *world {
	cal, err := calendar.New("America/New_York", "monday")
	if err != nil {
		t.Fatal(err)
	}
	walls := []string{"2025-03-09T02:30:00", "2025-11-02T01:30:00", "2024-02-29T23:59:59.999999", "1969-12-31T23:00:00", "2000-01-01T00:00:00"}
	moments := []string{"2025-03-09T06:59:59Z", "2025-03-09T07:00:00Z", "2025-11-02T05:30:00Z", "2025-11-02T06:30:00Z", "1969-12-31T23:59:59.5Z", "2025-01-01T04:59:59Z"}
	days := []string{"2024-02-29", "2025-03-09", "1969-12-31", "1900-02-28", "2024-12-30", "2021-01-03"}
	read := func(typ value.Type, cells []string, n int) value.Value {
		if n%(len(cells)+1) == len(cells) {
			return value.Value{}
		}
		v, _ := value.Parse(typ, cells[n%(len(cells)+1)])
		return v
	}
	numbers := []string{"12", " -3.50 ", "+7", "1e3", "", "abc", "1,000", ".5", "5.", "0012", "12345678901234567890123456789", "0.12345678901", "0.1234567890", "2025-03-08", " 2025-03-08", "2025-02-30", "2025-03-08T00:00", "2025-03-08T10:30", "٣", "1_000"}
	words := append(append([]string{}, texts...), numbers...)
	cents := []string{"0.00", "0.50", "1.50", "-0.50", "-1.50", "2.49", "-2.51", "9999999999.99", "-9999999999.99"}
	reals := []string{"0", "0.5", "1.5", "-0.5", "-0.3", "2.5", "1e308", "5e-324", "0.1", "123456789.125", "1e21", "1e-7", "12345678901234567000", "4503599627370497.5"}
	wides := []string{"0", "0.5", "-0.000001", "123456789012345678901234.999999", "333333333333333333333.333333", "-7.500000"}
	ints := []string{"0", "1", "-1", "2", "7", "-7", "9007199254740993", "9223372036854775807", "-9223372036854775807"}
	tab := &table{name: "corpus", cols: []col{{"id", "BIGINT", intType, nil}, {"i", "BIGINT", intType, nil}, {"d", "DECIMAL(12,2)", money, nil}, {"w", "DECIMAL(30,6)", wide, nil},
		{"f", "DOUBLE", realType, nil}, {"s", "VARCHAR", textType, nil}, {"day", "DATE", dateType, nil}, {"wall", "TIMESTAMP", wallType, nil},
		{"zoned", "TIMESTAMPTZ", timeType, nil}, {"b", "BOOLEAN", boolType, nil}}}
	for n := range len(words) + 1 {
		s := value.Value{}
		if n < len(words) {
			s = value.NewText(words[n])
		}
		tab.rows = append(tab.rows, []value.Value{value.NewInt(int64(n + 1)), read(intType, ints, n), read(money, cents, n), read(wide, wides, n), read(realType, reals, n), s,
			read(dateType, days, n), read(wallType, walls, n), read(timeType, moments, n), read(boolType, []string{"true", "false"}, n)})
	}
	asOf, _ := cal.ParseInstant("2025-03-31")
	return &world{zone: "America/New_York", week: "monday", cal: cal, asOf: asOf, tables: []*table{tab},
		catalog: "timezone: America/New_York\nentities:\n  customer: {source: {sql: select * from raw_corpus}, key: id}\n"}
}

// Every function gives on every fitting combination of columns what its Go
// evaluation gives, read as text.
func TestFunctionsInDuckDB(t *testing.T) {
	e, w := open(t), corpus(t)
	if err := e.load(w); err != nil {
		t.Fatal(err)
	}
	checkFunctions(t, e, w, "DuckDB", func(catalog, definitions string) (map[string][]string, string, error) {
		p, diags := e.compile(catalog, definitions)
		if diags.HasErrors() {
			return nil, "", fmt.Errorf("check: %v", diags)
		}
		return e.members(p, w.asOf, plan.Options{})
	})
}

func TestFunctionsInPostgres(t *testing.T) {
	s, e, w := postgresServer(t), open(t), corpus(t)
	if err := e.load(w); err != nil {
		t.Fatal(err)
	}
	checkFunctions(t, e, w, "PostgreSQL", func(catalog, definitions string) (map[string][]string, string, error) {
		there := *w
		there.catalog = catalog
		got, sql, refused, err := s.members(nil, &there, createPostgres, definitions)
		for _, row := range w.tables[0].rows {
			if len(refused) > 0 { // a call it cannot make
				got = map[string][]string{"right": append(got["right"], row[0].String())}
			}
		}
		return got, sql, err
	})
}

// compute gives the members of segments over the loaded tables.
type compute func(catalog, definitions string) (got map[string][]string, sql string, err error)

func checkFunctions(t *testing.T, e *engine, w *world, name string, members compute) {
	columns := []string{"i", "d", "w", "f", "s", "day", "wall", "zoned", "b"}
	var calls []string
	for _, name := range fn.Names() {
		for _, a := range columns {
			calls = append(calls, name+"("+a+")")
			for _, b := range append(columns, "1", "0.5", `" x"`) {
				calls = append(calls, name+"("+a+", "+b+")")
			}
		}
	}
	for _, a := range columns {
		calls = append(calls, "age("+a+")")
		for _, unit := range []string{"day", "week", "month", "quarter", "year"} {
			calls = append(calls, "start_of("+unit+", "+a+")")
		}
		for _, span := range []string{"1 day", "1 month", "13 quarters", "36 hours", "90 minutes", "4 years"} {
			calls = append(calls, a+" + "+span, a+" - "+span)
		}
		for _, b := range columns {
			calls = append(calls, a+" / "+b, a+" * "+b, a+" + "+b, a+" - "+b)
		}
	}
	checked := 0
	for _, call := range calls {
		if checkCall(t, e, w, call, name, members) {
			checked++
		}
	}
	if checked < 250 {
		t.Errorf("only %d calls were checked", checked)
	}
	t.Log(checked, "calls")
}

// checkCall compares one call on every row; false when it does not check.
func checkCall(t *testing.T, e *engine, w *world, call, engine string, members compute) bool {
	trait := "trait asked = text(" + call + ")\n"
	p, diags := e.compile(w.catalog, trait+"segment a { where true }")
	if diags.HasErrors() {
		return false
	}
	r, err := ir.Eval(p.Project, w.asOf, w.data(p.Project))
	if err != nil {
		t.Fatal(err)
	}
	const none = "(missing)"
	whens, leaveOut := "", "0"
	for _, row := range w.tables[0].rows {
		v, err := r.Trait("asked", row[0])
		switch {
		case errors.Is(err, value.ErrOverflow):
			leaveOut += ", " + row[0].String()
		case err != nil:
			t.Fatalf("%s: %v", call, err)
		case v.IsMissing():
			whens += fmt.Sprintf("when id = %s: %q ", row[0], none)
		default:
			whens += fmt.Sprintf("when id = %s: %s ", row[0], literalText(v.S))
		}
	}
	// Rows whose number is too large would stop the run.
	catalog := strings.Replace(w.catalog, "key: id", fmt.Sprintf("key: id, where: %q", "not id in ["+leaveOut+"]"), 1)
	got, sql, err := members(catalog, trait+"segment right { where coalesce(asked, \""+none+"\") = case { "+whens+" otherwise: \"\" } }")
	if err != nil {
		t.Errorf("%s: %v", call, err)
		return true
	}
	in := map[string]bool{}
	for _, key := range got["right"] {
		in[key] = true
	}
	for _, row := range w.tables[0].rows {
		if key := row[0].String(); !in[key] && !strings.Contains(leaveOut+",", ", "+key+",") {
			v, _ := r.Trait("asked", row[0])
			t.Errorf("%s is %q in Go and something else in %s for %v", call, v, engine, row)
			if testing.Verbose() {
				t.Log(sql)
			}
			break
		}
	}
	return true
}
