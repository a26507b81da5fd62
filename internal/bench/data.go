package bench

import (
	"context"
	"database/sql"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the driver segql uses too
)

// databaseFile holds the tables, in the folder of the data.
const databaseFile = "bench.duckdb"

// asOf is the instant of every run: the data ends there. days is how far the
// facts reach back.
const (
	asOf     = "2025-07-01"
	factDays = 730
	zone     = "Asia/Ho_Chi_Minh"
)

// tables in the order they are made.
var tables = []string{"customers", "orders", "events"}

// MakeData gives the folder of the data below dir and makes it where it is not.
func MakeData(ctx context.Context, dir string, s Size, progress Progress) (string, error) {
	if err := s.check(); err != nil {
		return "", err
	}
	path := filepath.Join(dir, s.folder())
	return path, whole(path, func(temp string) error { return s.fill(ctx, temp, progress) })
}

// Progress is told what is being done; nil is nobody.
type Progress func(doing string)

func (p Progress) say(format string, args ...any) {
	if p != nil {
		p(fmt.Sprintf(format, args...))
	}
}

func (s Size) fill(ctx context.Context, temp string, progress Progress) (err error) {
	file := filepath.Join(temp, databaseFile)
	db, err := sql.Open("duckdb", file)
	if err != nil {
		return fmt.Errorf("make the data: %w", err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	statements := map[string]string{"customers": s.customersSQL(), "orders": s.ordersSQL(), "events": s.eventsSQL()}
	for _, table := range tables {
		progress.say("make %s", table)
		if _, err := db.ExecContext(ctx, "CREATE TABLE "+table+" AS "+statements[table]); err != nil {
			return fmt.Errorf("make %s: %w", table, err)
		}
		if s.Format == Parquet {
			to := quote(filepath.Join(temp, table+".parquet"))
			if _, err := db.ExecContext(ctx, "COPY "+table+" TO "+to+" (FORMAT parquet, COMPRESSION zstd)"); err != nil {
				return fmt.Errorf("write %s: %w", table, err)
			}
		}
	}
	if err := db.Close(); err != nil {
		return fmt.Errorf("make the data: %w", err)
	}
	if s.Format == Parquet {
		if err := os.Remove(file); err != nil {
			return fmt.Errorf("make the data: %w", err)
		}
	}
	return nil
}

// quote writes text for SQL.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// The statements below stand on two things only: a number of 53 bits hashed
// from the seed, the row and what it is for; and arithmetic that IEEE rounds
// alike everywhere (square roots instead of powers). So the rows are the same
// whatever the machine, its threads and its library of mathematics.

// draw is a number from 0 to below 1 for the row that expr names. It is hashed
// twice: DuckDB's hash of several values would make draws of one row alike.
func (s Size) draw(expr, what string) string {
	salt := fnv.New64a()
	fmt.Fprintf(salt, "%d %s", s.Seed, what)
	return fmt.Sprintf("((hash(xor(hash(%s), %d::UBIGINT)) >> 11)::DOUBLE / 9007199254740992.0)", expr, salt.Sum64())
}

// rank is the customer of a fact, 0 the busiest; share of the customers have
// any. power is SQL in which u is drawn evenly.
func (s Size) rank(expr, what, power string, share float64) string {
	active := max(1, int64(share*float64(s.Customers)))
	u := s.draw(expr, what)
	return fmt.Sprintf("CAST(floor(%s * %d) AS BIGINT)", strings.ReplaceAll(power, "u", u), active)
}

// id scatters ranks over the keys: the prime has no factor in common with any
// number of customers that is allowed.
func (s Size) id(rank string) string {
	return fmt.Sprintf("(1 + (%s * 2147483647 + 12345) %% %d)", rank, s.Customers)
}

// signup is when a customer came, in microseconds; busy ones came earlier.
func (s Size) signup(rank string) string {
	return fmt.Sprintf("(%s - 1 - CAST(floor((1 - (%s / %d.0 + %s) / 2) * 2190 * 86400000000) AS BIGINT))",
		asOfMicros, rank, s.Customers, s.draw(rank, "signup"))
}

const asOfMicros = "epoch_us(TIMESTAMP '" + asOf + "')"

// moment is when something happened, in microseconds: on any day since the
// customer came, in the afternoon rather than at night, at least an hour before
// midnight.
func (s Size) moment(expr, rank, what string) string {
	start := fmt.Sprintf("greatest(%s, %s - %d * 86400000000)", s.signup(rank), asOfMicros, factDays)
	day := fmt.Sprintf("(%s + CAST(floor(%s * (%s - %s)) AS BIGINT)) // 86400000000", start, s.draw(expr, what+" day"), asOfMicros, start)
	clock := fmt.Sprintf("CAST(floor((%s + %s) / 2 * 82800000000) AS BIGINT)", s.draw(expr, what+" hour"), s.draw(expr, what+" minute"))
	return fmt.Sprintf("(%s * 86400000000 + %s)", day, clock)
}

// skewed picks from a list, the first most often.
func (s Size) skewed(expr, what string, list []string) string {
	u := s.draw(expr, what)
	return fmt.Sprintf("(%s)[1 + CAST(floor(%s * %s * %d) AS INTEGER)]", sqlList(list), u, u, len(list))
}

func sqlList(list []string) string {
	quoted := make([]string, len(list))
	for i, text := range list {
		quoted[i] = quote(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// missing leaves a share of the values out.
func (s Size) missing(expr, what string, share float64, value string) string {
	return fmt.Sprintf("CASE WHEN %s >= %g THEN %s END", s.draw(expr, what+" known"), share, value)
}

func (s Size) customersSQL() string {
	d := func(what string) string { return s.draw("r", what) }
	m := func(what string, share float64, value string) string { return s.missing("r", what, share, value) }
	place := func(axis string, centres []float64) string {
		return m("place", 0.12, fmt.Sprintf("round(%s[city_no] + (%s + %s - 1) * 0.25, 6)", sqlNumbers(centres), d(axis+" 1"), d(axis+" 2")))
	}
	var lats, lons []float64
	var names []string
	for _, c := range cities {
		names, lats, lons = append(names, c.name), append(lats, c.lat), append(lons, c.lon)
	}
	return fmt.Sprintf(`
SELECT %s AS id, `, s.id("r")) + strings.Join([]string{
		m("gender", 0.06, "(['female', 'male', 'other'])[CASE WHEN "+d("gender")+" < 0.52 THEN 1 WHEN "+d("gender")+" < 0.98 THEN 2 ELSE 3 END]") + " AS gender",
		m("birthday", 0.10, "DATE '2007-06-30' - CAST(floor("+d("birthday")+" * sqrt("+d("birthday 2")+") * 22000) AS INTEGER)") + " AS birthday",
		m("city", 0.05, sqlList(names)+"[city_no]") + " AS city",
		place("lat", lats) + " AS lat",
		place("lon", lons) + " AS lon",
		"make_timestamp(" + s.signup("r") + ") AS signup_at",
		m("income", 0.35, "CAST(CAST(floor(50 + "+cube(d("income"))+" * 950) AS BIGINT) * 100000 AS DECIMAL(14, 0))") + " AS income",
		m("email", 0.25, "concat('c', "+s.id("r")+", '@', "+s.skewed("r", "email", emailHosts)+")") + " AS email",
		d("email opt in") + " < 0.55 AS email_opt_in",
		m("sms", 0.20, d("sms opt in")+" < 0.4") + " AS sms_opt_in",
		m("language", 0.02, s.skewed("r", "language", languages)) + " AS language",
		s.skewed("r", "tier", tiers) + " AS tier",
		s.skewed("r", "source", sources) + " AS source",
		m("device", 0.10, s.skewed("r", "device", devices)) + " AS device",
		m("children", 0.40, "CAST(floor("+d("children")+" * "+d("children 2")+" * 5) AS INTEGER)") + " AS children",
		m("married", 0.30, d("married")+" < 0.5") + " AS married",
	}, ",\n  ") + fmt.Sprintf(`
FROM (SELECT range AS r, 1 + CAST(floor(%s * %s * %d) AS INTEGER) AS city_no FROM range(%d))
ORDER BY id`, s.draw("range", "city"), s.draw("range", "city 2"), len(cities), s.Customers)
}

func sqlNumbers(list []float64) string {
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = fmt.Sprintf("%g::DOUBLE", x)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func cube(u string) string { return u + " * " + u + " * " + u }

func (s Size) ordersSQL() string {
	u := s.draw("i", "amount")
	return fmt.Sprintf(`
SELECT %s AS customer_id, make_timestamp(%s) AS ordered_at,
  CAST(CAST(floor(500 + %s * 49500 + CASE WHEN %s < 0.01 THEN %s * 400000 ELSE 0 END) AS BIGINT) * 0.01::DECIMAL(3, 2) AS DECIMAL(12, 2)) AS amount,
  %s AS status, %s AS channel, %s AS category, CAST(1 + floor(%s * 9) AS INTEGER) AS items
FROM (SELECT range AS i, %s AS r FROM range(%d))
ORDER BY ordered_at, i`,
		s.id("r"), s.moment("i", "r", "order"),
		cube(u), s.draw("i", "large"), s.draw("i", "how large"),
		s.weighted("i", "status", statuses), s.skewed("i", "channel", channels), s.skewed("i", "category", categories), cube(s.draw("i", "items")),
		s.rank("range", "buyer", "u * u * sqrt(u)", 0.80), s.Orders)
}

// visit is the number of events that happen within an hour.
const visit = 5

func (s Size) eventsSQL() string {
	u := s.draw("i", "name")
	name := fmt.Sprintf("(%s)[1 + CAST(floor(%s * %s * sqrt(sqrt(%s)) * %d) AS INTEGER)]", sqlList(eventNames), u, u, u, len(eventNames))
	return fmt.Sprintf(`
SELECT customer_id, make_timestamp(began + CAST(floor(%s * 3600000000) AS BIGINT)) AS happened_at, name,
  %s AS seconds,
  CASE WHEN name IN (%s) THEN CAST(1 + floor(%s * 10000) AS INTEGER) END AS product_id
FROM (SELECT i, %s AS customer_id, %s AS began, %s AS name
  FROM (SELECT range AS i, range // %d AS v, %s AS r FROM range(%d)))
ORDER BY happened_at, i`,
		s.draw("i", "second"),
		s.missing("i", "seconds", 0.15, "CAST(floor("+cube(s.draw("i", "seconds"))+" * 900) AS INTEGER)"),
		strings.Trim(sqlList(productEvents), "[]"), s.draw("i", "product")+" * "+s.draw("i", "product 2"),
		s.id("r"), s.moment("v", "r", "visit"), name,
		visit, s.rank("range // "+fmt.Sprint(visit), "visitor", "u * u * sqrt(sqrt(u))", 0.95), s.Events)
}

// weighted picks from texts with their shares.
func (s Size) weighted(expr, what string, list []share) string {
	u, sum := s.draw(expr, what), 0.0
	text := "CASE"
	for _, item := range list {
		sum += item.of
		text += fmt.Sprintf(" WHEN %s < %.4f THEN %s", u, sum, quote(item.text))
	}
	return text + " ELSE " + quote(list[0].text) + " END"
}
