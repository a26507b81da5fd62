package runtime_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
)

// shopOfThree has three customers whose rows sit at the edges of what is asked.
const shopOfThree = `
-- catalog.yaml --
version: 1
timezone: Asia/Ho_Chi_Minh
as_of: 2025-03-10
entities:
  customer:
    source: c.csv
    key: id
    attributes:
      interests: {type: list<text>, separator: ";"}
      spot: {type: place, lat: la, lon: lo}
      birthday: {type: date}
      addresses: {type: "list<{country: text, primary: bool}>"}
facts:
  carts: {source: k.csv, of: customer, by: cid, at: at}
  orders: {source: o.csv, of: customer, by: cid, at: at, key: oid}
-- c.csv --
id,interests,la,lo,birthday,addresses
1,chạy bộ;yoga,21.03,105.85,2000-03-12,"[{""country"":""VN"",""primary"":true}]"
2,yoga,10.77,106.70,1990-02-28,"[{""country"":""US"",""primary"":true},{""country"":""VN"",""primary"":false}]"
3,,,,2004-02-29,
-- k.csv --
cid,at,amt
1,2025-03-01 10:00:00,5
2,2025-03-01 10:00:00,5
3,2025-03-09 10:00:00,5
-- o.csv --
oid,cid,at,amt
1,1,2025-03-02 10:00:00,50
2,2,2025-03-06 10:00:00,70
3,2,2025-02-06 10:00:00,70
4,2,2025-01-06 10:00:00,90
`

// TestConditions gives the members of one condition each.
func TestConditions(t *testing.T) {
	conditions := []struct{ where, members string }{
		{`interests has "chạy bộ"`, "1"},
		{`"yoga" in interests`, "1 2"},
		{`count(interests) >= 2`, "1"},
		{`interests has any of ["chạy bộ", "bơi"]`, "1"},
		{`interests has all of ["yoga", "chạy bộ"]`, "1"},
		{`interests has none of ["yoga"]`, "3"}, // the complement takes in who has no list
		{`any(interests where item starts with "chạy")`, "1"},
		{`none(interests where item = "yoga")`, "3"},
		{`all(addresses have country = "VN")`, "1 3"},
		{`any(addresses where country = "VN" and primary)`, "1"}, // one and the same address
		{`spot within 10 km of point(21.0285, 105.8542)`, "1"},
		{`spot within 300 m of point(21.03, 105.85)`, "1"},
		{`not spot within 10 km of point(21.0285, 105.8542)`, "2 3"},
		{`spot is missing`, "3"},
		{`not spot within 25_000 km of point(0, 0)`, "3"}, // nor half round the globe, where least would put it
		{`anniversary(birthday) in next 7 days`, "1"},
		{`anniversary(birthday) in next 2 days`, ""}, // 10 and 11 March
		{`anniversary(birthday) in 2025-02`, "2 3"},  // 29 February returns on the 28th
		{`anniversary(birthday) on 2025-02-28`, "2 3"},
		{`anniversary(birthday) on 2024-02-29`, "3"},
		{`anniversary(birthday) before 1991-03-01`, "2"}, // the first return is a year after
		{`anniversary(birthday) between 2024-12-01 and 2025-03-15`, "1 2 3"},
		{`any(carts followed by orders)`, "1 2"},
		{`any(carts followed by orders within 3 days)`, "1"},
		{`any(carts not followed by orders within 3 days)`, "2"}, // the days of cart 3 are not over
		{`any(carts not followed by orders)`, "3"},
		{`any(carts as c followed by orders where amt > 10 * c.amt)`, "2"},
		{`any(orders preceded by carts within 1 day)`, "1"},
		{`any(orders directly followed by orders after 30 days)`, "2"},
		{`any(orders directly followed by orders after 31 days)`, ""},
		{`any(orders followed by orders followed by orders)`, "2"},
		{`count(orders followed by orders) = 2`, "2"},
		{`any(orders where amt = 90 not followed by carts followed by orders where amt = 70)`, "2"},
		{`any(orders where amt = 90 not followed by orders followed by carts)`, ""},
		{`regularly(orders every 1 month for 3 periods)`, "2"},
		{`regularly(orders every 1 month for 4 periods allowing 1 missed)`, "2"},
		{`regularly(orders every 1 week for 2 periods allowing 1 missed)`, "1 2"},
	}
	var defs strings.Builder
	for i, c := range conditions {
		defs.WriteString("segment s" + num(int64(i)) + " { where " + c.where + " }\n")
	}
	got := members(t, project(t, shopOfThree+"-- a.seg --\n"+defs.String()))
	for i, c := range conditions {
		if m := strings.Join(got["s"+num(int64(i))], " "); m != c.members {
			t.Errorf("%s: %q, want %q", c.where, m, c.members)
		}
	}
}

func TestHoldoutsAndScores(t *testing.T) {
	got := members(t, project(t, shopOfThree+`
-- a.seg --
segment everyone_known { where id is known }

holdout trial of segment everyone_known {
  control: 50%
  second: 20%
  test: otherwise
}

rfm value = amt of orders in last 365 days

segment best { where value.recency >= 4 and value.monetary = 5 }
`))
	seen := map[string]int{}
	for _, g := range []string{"trial.control", "trial.second", "trial.test"} {
		for _, m := range got[g] {
			seen[m]++
		}
	}
	if len(seen) != 3 || seen["1"]+seen["2"]+seen["3"] != 3 {
		t.Errorf("everyone is in one group: %v", seen)
	}
	if b := strings.Join(got["best"], " "); b != "2" {
		t.Errorf("best: %q", b)
	}
	groups := 0
	for name, m := range got {
		if strings.HasPrefix(name, "value.group.") {
			groups += len(m)
		}
	}
	if groups != 3 || strings.Join(got["value.group.no_purchase"], " ") != "3" {
		t.Errorf("everyone is in one group of the rfm: %v", got)
	}
}

// TestRelatedRows reads traits of the rows of a related entity, and facts
// beyond it.
func TestRelatedRows(t *testing.T) {
	got := members(t, project(t, `
-- catalog.yaml --
version: 1
timezone: UTC
as_of: 2025-03-10
entities:
  company: {source: f.csv, key: id}
  person:
    source: p.csv
    key: id
    belongs_to: {company: {entity: company, by: company_id, reverse: employees}}
facts:
  orders: {source: o.csv, of: person, by: pid, at: at}
-- f.csv --
id,industry
1,bank
2,shop
-- p.csv --
id,company_id,job
1,1,director
2,1,clerk
3,2,director
-- o.csv --
pid,at,amount
1,2025-01-01,100
2,2025-01-02,300
3,2025-01-03,50
-- a.seg --
trait spend of person = sum(amount of orders)

segment buying_boss { where any(employees where job = "director" and spend >= 100) }
segment big { where sum(amount of employees.orders) > 300 and any(employees where spend > 200) }
segment at_bank of person { where company.industry = "bank" and count(company.employees) = 2 }
`))
	for name, want := range map[string]string{"buying_boss": "1", "big": "1", "at_bank": "1 2"} {
		if m := strings.Join(got[name], " "); m != want {
			t.Errorf("%s: %q, want %q", name, m, want)
		}
	}
}

// TestFactsOfFacts: items are declared before the fact they belong to, have its
// time, and are asked for from its rows, whose key nothing else needs.
func TestFactsOfFacts(t *testing.T) {
	got := members(t, project(t, `
-- catalog.yaml --
version: 1
timezone: UTC
as_of: 2025-03-10
entities:
  person: {source: p.csv, key: id}
facts:
  items: {source: i.csv, of: orders, by: oid}
  orders: {source: o.csv, of: person, by: pid, at: at, key: oid}
-- p.csv --
id
1
2
-- o.csv --
oid,pid,at
7,1,2025-03-09
8,2,2025-01-02
-- i.csv --
oid,weight
7,5
8,9
8,1
-- a.seg --
segment heavy { where any(orders where sum(weight of items) = 10) }
segment recent { where any(orders.items in last 7 days) }
`))
	for name, want := range map[string]string{"heavy": "2", "recent": "1"} {
		if m := strings.Join(got[name], " "); m != want {
			t.Errorf("%s: %q, want %q", name, m, want)
		}
	}
}

// TestRowsWithoutKey: a row of an entity that has no key is nobody.
func TestRowsWithoutKey(t *testing.T) {
	got := members(t, project(t, `
-- catalog.yaml --
version: 1
timezone: UTC
as_of: 2025-03-10
entities:
  person: {source: p.csv, key: id}
-- p.csv --
id,n
1,1
,2
x,3
-- a.seg --
segment everybody { where n >= 0 }
`))
	if m := strings.Join(got["everybody"], " "); m != "1 x" {
		t.Errorf("everybody: %q", m)
	}
}

// TestWrongColumn: a column of which nothing fits its type is no data at all.
func TestWrongColumn(t *testing.T) {
	dir := project(t, strings.Replace(people, "income: {type: int, min: 0}", "gender2: {column: gender, type: int}", 1)+`
-- a.seg --
segment any_of_them { where gender2 > 3 }
`)
	ctx := context.Background()
	p, diags, err := runtime.Open(ctx, runtime.Options{Dir: dir, NoStore: true})
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	defer p.Close()
	wrong, err := p.Engine.WrongColumns(ctx, p.Project.Project)
	if err != nil {
		t.Fatal(err)
	}
	if len(wrong) != 1 || wrong[0].Code != "SEG1030" || wrong[0].Span.Text() != "gender2" || !strings.Contains(wrong[0].Help, "female") {
		t.Errorf("check says %v", wrong)
	}
	_, err = p.Run(ctx, runtime.RunOptions{AsOf: *p.Project.Project.AsOf, Now: time.Now})
	var problem *duckdb.Problem
	if !errors.As(err, &problem) || problem.Kind != duckdb.Misfits {
		t.Errorf("run says %v", err)
	}
}
