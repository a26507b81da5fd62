package difftest

import (
	"fmt"
	"math"
	"math/big"
	"sort"
	"strings"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
)

// world is everything a comparison needs but the definitions.
type world struct {
	zone, week string
	cal        *calendar.Calendar
	asOf       int64
	tables     []*table
	catalog    string
	changes    []change // that earlier runs have stored
}

// table is the rows of one source.
type table struct {
	name string
	cols []col
	rows [][]value.Value
}

type col struct {
	name string
	sql  string
	typ  value.Type
	pool func(*rapid.T) value.Value
}

var (
	boolType = value.Of(value.Bool)
	textType = value.Of(value.Text)
	intType  = value.Of(value.Int)
	realType = value.Of(value.Float)
	dateType = value.Of(value.Date)
	wallType = value.Of(value.Wall)
	timeType = value.Of(value.Time)
	money    = value.DecimalType(12, 2)
	wide     = value.DecimalType(30, 6)
)

// texts are drawn for columns and literals alike, so that they meet.
var texts = []string{"Huế", "Hu\u0065\u0302\u0301", "hue", "HUẾ", "Đà Nẵng", "đà  nẵng", " da nang ", "", " ", "ab", "AB", "it's", `a"b`, `a\b`,
	"😀", "ß", "SS", "ẞ", "İ", "i", "ı", "naïve", "\u00a0x", "%", "_", "a%", "x\ny", "tab\tx", "paid", "Paid", "12", "-3.50", "2025-03-08", "ﬁ", "fi", "é", "ﬀ", "Ǆ", "ς", "Σ"}

var ints = []int64{0, 1, -1, 2, 3, 5, 7, 10, 100, -40}

var hugeInts = []int64{0, 1, -1, 1 << 53, 1<<53 + 1, -(1<<53 + 1), math.MaxInt64, math.MinInt64, math.MaxInt64 - 1}

var floats = []float64{0, math.Copysign(0, -1), 0.1, 0.3, 1.5, -2.25, 1e308, -1e308, 5e-324, 1 << 53, 1e22, 0.30000000000000004, math.NaN(), math.Inf(1)}

var cents = []int64{0, 1, 10, 30, 1250, -333, 100, 200, 999_999_999_999}

var wides = []string{"0", "0.1", "0.3", "123456789012345678.654321", "-900719925474099.300000", "9007199254740993", "0.000001", "333333333333333333333.333333", "7"}

var versions = []string{"1.9", "1.10", "1.10.0", "v1.10", "1.10-beta.2", "1.10-beta.10", "1.10rc", "2", "2.0.0", "0.9.1", "none", "1.10+7", " 1.9 "}

// oneOf draws a value, or missing.
func oneOf[T any](xs []T, as func(T) value.Value) func(*rapid.T) value.Value {
	return func(t *rapid.T) value.Value {
		i := rapid.IntRange(0, len(xs)+len(xs)/4).Draw(t, "cell")
		if i >= len(xs) {
			return value.Value{}
		}
		return as(xs[i])
	}
}

func decimal(text string, scale int) value.Value {
	q, _ := new(big.Rat).SetString(text)
	q.Mul(q, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
	return value.NewDecimal(new(big.Int).Set(q.Num()), scale)
}

var (
	textCell  = oneOf(texts, value.NewText)
	intCell   = oneOf(ints, value.NewInt)
	hugeCell  = oneOf(hugeInts, value.NewInt)
	realCell  = oneOf(floats, func(f float64) value.Value { return value.Value{Kind: value.Float, F: f} })
	moneyCell = oneOf(cents, func(n int64) value.Value { return value.NewDecimal(big.NewInt(n), 2) })
	wideCell  = oneOf(wides, func(s string) value.Value { return decimal(s, 6) })
	versCell  = oneOf(versions, value.NewText)
	boolCell  = oneOf([]bool{true, false}, value.NewBool)
	tierCell  = oneOf([]string{"gold", "silver", "none", "other"}, value.NewText)
)

func ref(n int) func(*rapid.T) value.Value {
	keys := make([]int64, n)
	for i := range keys {
		keys[i] = int64(i + 1)
	}
	return oneOf(keys, value.NewInt)
}

// instants near which something changes in the zones that are drawn.
var instants = []string{"2025-03-30T00:59:59Z", "2025-03-30T01:00:00Z", "2025-03-30T22:00:00Z", "2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z",
	"2025-03-09T07:00:00Z", "2025-03-09T06:30:00Z", "2025-11-02T05:30:00Z", "2025-11-02T06:30:00Z", "2024-02-29T12:00:00Z", "2024-03-31T17:00:00Z",
	"2025-01-31T00:00:00Z", "2025-12-31T17:00:00Z", "2025-06-30T16:59:59Z", "2025-03-01T05:00:00Z", "2025-02-27T23:00:00Z"}

// when draws an instant that some window of the definitions may just reach.
func (w *world) when(t *rapid.T) int64 {
	at := w.asOf
	n := rapid.SampledFrom([]int64{0, 0, -1, -1, -2, -3, -7, -30, -90, 1, 3}).Draw(t, "n")
	unit := rapid.SampledFrom([]calendar.Unit{calendar.Hours, calendar.Days, calendar.Days, calendar.Weeks, calendar.Months, calendar.Years}).Draw(t, "unit")
	if unit >= calendar.Months && n < -12 {
		n = -12
	}
	at = w.cal.Add(at, n, unit)
	switch rapid.IntRange(0, 7).Draw(t, "edge") {
	case 0:
		at = w.cal.StartOf(at, calendar.Days)
	case 1:
		at = w.cal.StartOf(at, calendar.Weeks)
	case 2:
		at = w.cal.StartOf(at, calendar.Months)
	case 3:
		at = w.cal.StartOf(at, calendar.Quarters)
	}
	return at + rapid.SampledFrom([]int64{0, 0, 0, -1, 1, 3_600_000_000, -3_600_000_000, 1_800_000_000}).Draw(t, "jitter")
}

func maybe(f func(*rapid.T) value.Value) func(*rapid.T) value.Value {
	return func(t *rapid.T) value.Value {
		if rapid.IntRange(0, 6).Draw(t, "known") == 0 {
			return value.Value{}
		}
		return f(t)
	}
}

func (w *world) timeCell(t *rapid.T) value.Value { return value.NewTime(w.when(t)) }

func (w *world) wallCell(t *rapid.T) value.Value { return value.NewWall(w.cal.Wall(w.when(t))) }

func (w *world) dateCell(t *rapid.T) value.Value {
	if rapid.IntRange(0, 3).Draw(t, "old") == 0 {
		return value.NewDate(rapid.SampledFrom([]int64{calendar.Date(2000, 2, 29), calendar.Date(1999, 3, 30), calendar.Date(1985, 12, 31), calendar.Date(2031, 1, 1)}).Draw(t, "date"))
	}
	return value.NewDate(w.cal.DateOf(w.when(t)))
}

// drawWorld draws zone, instant and rows.
func drawWorld(t *rapid.T) *world {
	w := &world{zone: rapid.SampledFrom([]string{"Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York"}).Draw(t, "zone"),
		week: rapid.SampledFrom([]string{"monday", "sunday", "saturday"}).Draw(t, "week")}
	cal, err := calendar.New(w.zone, w.week)
	if err != nil {
		t.Fatal(err)
	}
	w.cal = cal
	at := rapid.SampledFrom(instants).Draw(t, "instant")
	w.asOf, err = cal.ParseInstant(at)
	if err != nil {
		t.Fatal(err)
	}
	w.asOf += rapid.SampledFrom([]int64{0, 0, 1, -1, 3_600_000_000, 86_400_000_000}).Draw(t, "shift")
	if rapid.IntRange(0, 3).Draw(t, "midnight") == 0 {
		w.asOf = cal.StartOf(w.asOf, calendar.Days)
	}
	w.draw(t)
	return w
}

func (w *world) draw(t *rapid.T) {
	time := func(label string) (string, value.Type, func(*rapid.T) value.Value) {
		switch rapid.IntRange(0, 2).Draw(t, label) {
		case 0:
			return "DATE", dateType, w.dateCell
		case 1:
			return "TIMESTAMP", wallType, w.wallCell
		default:
			return "TIMESTAMPTZ", timeType, w.timeCell
		}
	}
	temporal := func(name, label string, known bool) col {
		s, typ, pool := time(label)
		if !known {
			pool = maybe(pool)
		}
		return col{name, s, typ, pool}
	}
	customers, companies, orders := rapid.IntRange(5, 12).Draw(t, "customers"), 4, rapid.IntRange(8, 24).Draw(t, "orders")
	key := col{"id", "BIGINT", intType, nil}
	owner := ref(customers + 2)
	if rapid.Bool().Draw(t, "text keys") {
		key = col{"id", "VARCHAR", textType, nil}
		ints := owner
		owner = func(t *rapid.T) value.Value { return keyAsText(ints(t)) }
	}
	cust := col{"cust", key.sql, key.typ, owner}
	w.add(t, customers, table{name: "customers", cols: []col{key,
		{"flag", "BOOLEAN", boolType, boolCell}, {"name", "VARCHAR", textType, textCell}, {"City Name", "VARCHAR", textType, textCell},
		{"tier", "VARCHAR", textType, tierCell}, {"n", "BIGINT", intType, intCell}, {"N", "INTEGER", intType, intCell}, {"huge", "BIGINT", intType, hugeCell},
		{"income", "DECIMAL(12,2)", money, moneyCell}, {"wealth", "DECIMAL(30,6)", wide, wideCell}, {"ratio", "DOUBLE", realType, realCell},
		{"born", "DATE", dateType, maybe(w.dateCell)}, {"seen", "TIMESTAMP", wallType, maybe(w.wallCell)}, {"joined", "TIMESTAMPTZ", timeType, maybe(w.timeCell)},
		{"app", "VARCHAR", textType, versCell}, {"company_id", "BIGINT", intType, ref(companies + 1)}, temporal("opened", "opened kind", false), temporal("closed", "closed kind", false)}})
	w.add(t, companies, table{name: "companies", cols: []col{{"id", "BIGINT", intType, nil}, {"size", "BIGINT", intType, intCell}, {"title", "VARCHAR", textType, textCell},
		{"founded", "DATE", dateType, maybe(w.dateCell)}, {"region_code", "VARCHAR", textType, func(t *rapid.T) value.Value { return keyAsText(ref(4)(t)) }},
		{"listed", "BOOLEAN", boolType, boolCell}}})
	w.add(t, 3, table{name: "regions", cols: []col{{"code", "VARCHAR", textType, nil}, {"label", "VARCHAR", textType, textCell}, {"pop", "DECIMAL(12,2)", money, moneyCell}}})
	w.add(t, orders, table{name: "orders", cols: []col{{"oid", "BIGINT", intType, nil}, cust, temporal("at", "order time", false), {"amount", "DECIMAL(12,2)", money, moneyCell},
		{"qty", "BIGINT", intType, intCell}, {"status", "VARCHAR", textType, oneOf([]string{"paid", "Paid", "open"}, value.NewText)}, {"weight", "DOUBLE", realType, realCell},
		{"due", "DATE", dateType, maybe(w.dateCell)}, {"co", "BIGINT", intType, ref(companies + 1)}, {"gift", "BOOLEAN", boolType, boolCell},
		{"client", "VARCHAR", textType, versCell}, {"basket", "BIGINT", intType, ref(4)}, {"big", "BIGINT", intType, hugeCell}}})
	w.add(t, rapid.IntRange(4, 16).Draw(t, "items"), table{name: "items", cols: []col{{"oid", "BIGINT", intType, ref(orders + 1)}, {"sku", "VARCHAR", textType, textCell}, {"pieces", "BIGINT", intType, intCell}}})
	w.add(t, rapid.IntRange(2, 12).Draw(t, "tags"), table{name: "tags", cols: []col{cust, {"tag", "VARCHAR", textType, textCell}, {"score", "DECIMAL(30,6)", wide, wideCell}}})
	w.add(t, rapid.IntRange(2, 12).Draw(t, "bookings"), table{name: "bookings", cols: []col{cust, temporal("starts", "booking time", false), temporal("booked", "booked kind", false), {"seats", "BIGINT", intType, intCell}}})
}

func keyAsText(v value.Value) value.Value {
	if v.IsMissing() {
		return v
	}
	return value.NewText("k" + v.String())
}

// add draws the rows of a table; the first column, without a pool, counts.
func (w *world) add(t *rapid.T, n int, tab table) {
	for i := range n {
		row := make([]value.Value, len(tab.cols))
		for j, c := range tab.cols {
			switch {
			case c.pool != nil:
				row[j] = c.pool(t)
			case c.typ.Kind == value.Text:
				row[j] = keyAsText(value.NewInt(int64(i + 1)))
			default:
				row[j] = value.NewInt(int64(i + 1))
			}
		}
		tab.rows = append(tab.rows, row)
	}
	w.tables = append(w.tables, &tab)
}

func (w *world) table(name string) *table {
	for _, t := range w.tables {
		if t.name == name {
			return t
		}
	}
	return nil
}

// create is the SQL that makes the table.
func (t *table) create() string {
	var cols []string
	for i, c := range t.cols {
		cols = append(cols, fmt.Sprintf(`CAST(col%d AS %s) AS "%s"`, i, c.sql, unique(t.cols, i)))
	}
	names := make([]string, len(t.cols))
	blank := make([]string, len(t.cols))
	for i := range names {
		names[i], blank[i] = fmt.Sprintf("col%d", i), "NULL"
	}
	var rows []string
	for _, r := range t.rows {
		cells := make([]string, len(r))
		for i, v := range r {
			cells[i] = sql.DuckDB.Literal(v, t.cols[i].typ)
		}
		rows = append(rows, "("+strings.Join(cells, ", ")+")")
	}
	where := ""
	if len(rows) == 0 {
		rows, where = []string{"(" + strings.Join(blank, ", ") + ")"}, " WHERE false"
	}
	return fmt.Sprintf("CREATE OR REPLACE TEMP TABLE raw_%s AS SELECT %s FROM (VALUES %s) AS v(%s)%s",
		t.name, strings.Join(cols, ", "), strings.Join(rows, ",\n"), strings.Join(names, ", "), where)
}

// unique is the name of a column in DuckDB, where n and N are one.
func unique(cols []col, i int) string {
	for _, c := range cols[:i] {
		if strings.EqualFold(c.name, cols[i].name) {
			return cols[i].name + "_2"
		}
	}
	return cols[i].name
}

// data are the rows as the evaluator takes them.
func (w *world) data(p *ir.Project) ir.Data {
	d := ir.Data{}
	for _, rel := range p.Relations {
		if rel.Source == nil {
			continue
		}
		tab := w.table(strings.TrimPrefix(rel.Source.SQL, "select * from raw_"))
		for _, r := range tab.rows {
			rec := ir.Record{}
			for _, c := range rel.Columns {
				for i := range tab.cols {
					if c.Raw != "" && unique(tab.cols, i) == c.Raw {
						rec[c] = w.read(r[i], c)
					}
				}
			}
			d[rel] = append(d[rel], rec)
		}
	}
	return d
}

// read gives a cell its declared type; what does not fit is missing.
func (w *world) read(v value.Value, c *ir.ColumnDef) value.Value {
	switch {
	case v.Kind == value.Float:
		v = value.NewFloat(v.F)
	case v.Kind == value.Text:
		v = value.NewText(norm.NFC.String(v.S))
	case v.Kind == value.Time && c.Type.Kind == value.Wall:
		return value.NewWall(w.cal.Wall(v.I))
	case v.Kind == value.Wall && c.Type.Kind == value.Time:
		return value.NewTime(w.cal.Instant(v.I))
	}
	v, ok := value.Fit(v, c.Type)
	if !ok || v.IsMissing() {
		return value.Value{}
	}
	i := sort.SearchStrings(c.Type.Values, v.S)
	switch {
	case len(c.Type.Values) > 0 && (i == len(c.Type.Values) || c.Type.Values[i] != v.S):
		return value.Value{}
	case c.Min != nil && value.Compare(v, *c.Min) < 0, c.Max != nil && value.Compare(v, *c.Max) > 0:
		return value.Value{}
	}
	return v
}

// input is all that the evaluator takes.
func (w *world) input(p *ir.Project) ir.Input {
	return ir.Input{Data: w.data(p), Changes: w.history(p)}
}

// String shows the rows of a failure.
func (w *world) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "zone %s, weeks begin on %s, as of %s\n%s", w.zone, w.week, value.NewTime(w.asOf), w.catalog)
	for _, t := range w.tables {
		fmt.Fprintf(&b, "-- %s --\n", t.name)
		for i := range t.cols {
			fmt.Fprintf(&b, "%s|", unique(t.cols, i))
		}
		for _, r := range t.rows {
			b.WriteByte('\n')
			for _, v := range r {
				fmt.Fprintf(&b, "%q|", v.String())
			}
		}
		b.WriteByte('\n')
	}
	for _, c := range w.changes {
		fmt.Fprintf(&b, "changed: %s of %s, %q at %s, left %t\n", c.segment, c.entity, c.key, value.NewTime(c.at), c.left)
	}
	return b.String()
}
