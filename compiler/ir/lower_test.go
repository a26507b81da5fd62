package ir_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/internal/golden"
)

const catalog = `timezone: Europe/Berlin
as_of: 2025-03-31T10:30
entities:
  customer:
    source: c.csv
    key: {column: id, type: int}
    attributes:
      city: text
      flag: bool
      n: int
      income: decimal(10, 2)
      ratio: float
      born: date
      seen: time
      co: int
    belongs_to: {company: {entity: company, by: co, reverse: employees}}
  company: {source: co.csv, key: {column: cid, type: int}, attributes: {size: int, listed: bool}}
facts:
  orders:
    source: o.csv
    of: customer
    by: {column: cust}
    at: at
    attributes: {cust: int, at: time, day: date, amount: "decimal(10, 2)", status: text}
`

// compile checks definitions over the catalog, without data.
func compile(t *testing.T, definitions string) *compiler.Project {
	t.Helper()
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(catalog)}, "a.seg": {Data: []byte(definitions)}}, compiler.Options{})
	if diags.HasErrors() {
		t.Fatalf("%s\n%v", definitions, diags)
	}
	return p
}

// conditions are lowered one by one; their normal forms are in the golden file.
const conditions = `
flag
not flag
not not flag
city = "Huế"
city != "Huế"
not (city = "Huế" and n > 3)
not (city = "Huế" or n is missing)
n in [3, 1, 1]
n not in [1]
id != 4
not (id is known)
n is known
not (n is missing)
1 = 2 or n = 1
1 = 1 and n = 1
n / 0 is missing
n + 1 > 2 * 3
n between 1 and 3
n not between 1 and 3
not (city contains "a")
not (city matches /a+/i)
not (city ~= "hue")
born in last 7 days
born in next 7 days
born on 2025-03-30
born not in 2025-03
seen in last 7 days
seen in last 24 hours
seen before 2025-03-30T02:30
seen not since 2025-03-30
seen in this quarter
seen in previous 2 months
seen on born
today = 2025-03-31
age(born) >= 18
case { when not flag: 1  otherwise: n } = 1
coalesce(n, 0) != 0
not (company.size > 3)
not company.listed
count(orders) = 0
none(orders in last 30 days where status = "paid")
all(orders have status = "paid")
any(orders between seen and seen + 30 days)
any(orders since seen)
any(orders between seen and 7 days ago)
sum(amount of orders where not (status = "paid")) > 5
company.size < median(n of everyone)
n in top 10%
not (n in top 3 per city)
sample(10%, "a")
not in segment other
`

func TestLower(t *testing.T) {
	var b strings.Builder
	for _, c := range strings.Split(strings.TrimSpace(conditions), "\n") {
		p := compile(t, "segment x { where "+c+" }\nsegment other { where true }")
		x, err := ir.Lower(p.Calendar, *p.Project.AsOf, p.Segment("x").Where)
		if err != nil {
			t.Fatalf("%s: %v", c, err)
		}
		fmt.Fprintf(&b, "%s\n    %s\n", c, readable(ir.Key(x)))
	}
	golden.Check(t, "testdata/lower.golden", b.String())
}

// readable writes the kinds of constants as words.
func readable(key string) string {
	return strings.NewReplacer(`0:"missing"`, "missing", `1:"`, `bool:"`, `2:"`, `text:"`, `3:"`, `int:"`, `4:"`, `decimal:"`, `5:"`, `float:"`, `6:"`, `date:"`, `7:"`, `time:"`, `8:"`, `wall:"`).Replace(key)
}

func TestLoweringTwiceChangesNothing(t *testing.T) {
	for _, c := range strings.Split(strings.TrimSpace(conditions), "\n") {
		p := compile(t, "segment x { where "+c+" }\nsegment other { where true }")
		once, err := ir.Lower(p.Calendar, *p.Project.AsOf, p.Segment("x").Where)
		if err != nil {
			t.Fatal(err)
		}
		ir.Walk(once, func(e ir.Expr) bool {
			switch e := e.(type) {
			case *ir.AsOf, *ir.InRange, *ir.Trait:
				t.Errorf("%s: the normal form has a %T", c, e)
			case *ir.Not:
				switch e.X.(type) {
				case *ir.And, *ir.Cmp, *ir.Known, *ir.Not, *ir.Or:
					t.Errorf("%s: not before a %T", c, e.X)
				default: // may stand there
				}
			default: // may stand there
			}
			return true
		})
	}
}

func TestKey(t *testing.T) {
	alike := [][2]string{{"n = 1", "(n) = 1"}, {"n in [1, 2]", "n in [2, 1, 2]"}, {"born in last 7 days", "born in last 7 days # again\n"}, {"thrice > 1", "n * 3 > 1"}}
	different := [][2]string{{"n = 1", "n = 2"}, {"n = 1", "n = 1.0"}, {`city = "1"`, "n = 1"}, {`city contains "a"`, `city ~contains "a"`},
		{"born in last 7 days", "born in next 7 days"}, {"count(orders) = 1", "count(employees) = 1"}, {"n in top 10", "n in top 10 per city"},
		{"n in top 10", "n in bottom 10"}, {"seen in last 1 day", "seen in last 24 hours"}, {`sample(10%, "a")`, `sample(10%, "b")`}}
	key := func(c string) string {
		p := compile(t, "trait thrice = n * 3\nsegment x { where "+strings.Replace(c, "employees", "company.employees", 1)+" }")
		return ir.Key(p.Segment("x").Where)
	}
	for _, c := range alike {
		if key(c[0]) != key(c[1]) {
			t.Errorf("%s and %s have different keys\n%s\n%s", c[0], c[1], key(c[0]), key(c[1]))
		}
	}
	for _, c := range different {
		if key(c[0]) == key(c[1]) {
			t.Errorf("%s and %s have one key %s", c[0], c[1], key(c[0]))
		}
	}
}
