package prove_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/prove"
)

// catalog is that of most tests here.
const catalog = `
timezone: Europe/Berlin
entities:
  customer:
    source: c.csv
    key: id
    attributes:
      id: int
      gender: {type: text, values: [female, male, other]}
      city: text
      email: text
      age_: {type: int, min: 0, max: 120}
      score: int
      income: "decimal(12, 2)"
      vip: bool
      birthday: date
      signup: {type: time}
      interests: {type: list<text>, separator: ";"}
    belongs_to:
      company: {entity: company, by: company_id, reverse: employees}
  company:
    source: co.csv
    key: id
    attributes: {id: int, industry: text, size: int}
facts:
  orders:
    source: o.csv
    of: customer
    by: cid
    at: at
    key: oid
    attributes: {oid: int, cid: int, at: time, status: {type: text, values: [paid, open, refunded]}, amount: {type: "decimal(12, 2)", min: 0}, points: int, channel: text}
  paid: {from: orders, where: status = "paid"}
  days: {from: orders, group_by: {day: start_of(day, at)}, fields: {total: sum(amount), n: count()}}
`

// fails is what helpers need of a test, drawn or not.
type fails interface {
	Helper()
	Fatal(args ...any)
}

func compile(t fails, definitions string) *compiler.Project {
	t.Helper()
	p, diags := compiler.Compile(fstest.MapFS{
		"catalog.yaml": &fstest.MapFile{Data: []byte(catalog)},
		"a.seg":        &fstest.MapFile{Data: []byte(definitions)},
	}, compiler.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return p
}

// pair compiles two conditions as the segments a and b.
func pair(t fails, a, b string) (*compiler.Project, *ir.Segment, *ir.Segment) {
	p := compile(t, fmt.Sprintf("segment a { where %s }\nsegment b { where %s }\n", a, b))
	return p, p.Segment("a"), p.Segment("b")
}

func TestImplies(t *testing.T) {
	for _, c := range []struct{ a, b, both string }{
		{`score > 3`, `score >= 4`, "equal"},
		{`score > 3 and score < 4`, `false`, "equal"},
		{`score > 5`, `score > 3`, "narrower"},
		{`not score > 3`, `score <= 3 or score is missing`, "equal"},
		{`city in ["a", "b"]`, `city != "c" and city is known`, "narrower"},
		{`gender != "male" and gender is known`, `gender = "female" or gender = "other"`, "equal"},
		{`age_ > 120`, `false`, "equal"},
		{`age_ <= 120`, `age_ is known`, "equal"},
		{`score + 1 > 5`, `score > 4`, "equal"},
		{`score * -2 > 5`, `score < -2`, "equal"},
		{`count(orders in last 30 days) >= 2`, `count(orders in last 90 days) >= 2`, "narrower"},
		{`count(orders in last 30 days) >= 3`, `any(orders)`, "narrower"},
		{`any(orders in last 1 month)`, `any(orders in last 31 days)`, "narrower"},
		{`any(orders in last 28 days)`, `any(orders in last 1 month)`, "narrower"},
		{`any(orders in this month)`, `any(orders in this year)`, "narrower"},
		{`any(orders in 2025-03)`, `any(orders in 2025)`, "narrower"},
		{`any(orders where status = "paid")`, `any(paid)`, "equal"},
		{`any(paid in last 30 days)`, `any(orders)`, "narrower"},
		{`none(orders where status != "paid")`, `all(orders have status = "paid")`, "equal"},
		{`any(orders where status = "paid" or status = "open")`, `any(orders where status = "open") or any(paid)`, "equal"},
		{`count(orders) = 0`, `none(orders)`, "equal"},
		{`sum(amount of orders) > 0`, `any(orders where amount > 0)`, "equal"},
		{`sum(amount of orders) < 0`, `false`, "equal"},
		{`sum(amount of orders in last 30 days) > 100`, `sum(amount of orders in last 60 days) > 50`, "narrower"},
		{`max(amount of orders) >= 100`, `any(orders where amount >= 100)`, "equal"},
		{`min(amount of orders) >= 100`, `any(orders where amount is known) and none(orders where amount < 100)`, "equal"},
		{`avg(amount of orders) >= 400`, `max(amount of orders) >= 400`, "narrower"},
		{`avg(amount of orders) >= 400`, `min(amount of orders) <= 300 and max(amount of orders) < 400`, "disjoint"},
		{`max(at of orders) in last 30 days`, `any(orders in last 30 days)`, "equal"},
		{`last(at of orders) before 180 days ago`, `any(orders) and none(orders in last 180 days)`, "equal"},
		{`last(status of orders) = "paid"`, `any(paid)`, "narrower"},
		{`any(days)`, `any(orders)`, "equal"},
		{`email matches /x/`, `email matches /x/`, "equal"},
		{`email ends with ".vn"`, `email contains "vn"`, "narrower"},
		{`email = "a.vn"`, `email ends with ".vn"`, "narrower"},
		{`interests has "a"`, `count(interests) >= 1`, "narrower"},
		{`interests has any of ["a", "b"]`, `any(interests where item = "a") or interests has "b"`, "equal"},
		{`company.size > 5`, `company.size is known`, "narrower"},
		{`vip`, `vip is known`, "narrower"},
		{`not vip`, `vip is missing or vip = false`, "equal"},
		{`age(birthday) >= 18`, `age(birthday) > 17`, "equal"},
		{`age(birthday) between 18 and 30`, `age(birthday) >= 10`, "narrower"},
		{`year(birthday) >= 2000`, `birthday since 2000-01-01`, "equal"},
		{`signup in last 7 days`, `signup since 8 days ago`, "narrower"},
		{`signup in last 7 days`, `signup before 7 days ago`, "disjoint"},
		{`case { when score > 5: 1 otherwise: 2 } = 1`, `score > 5`, "equal"},
		{`coalesce(score, 0) > 5`, `score > 5`, "equal"},
		{`score < age_`, `age_ > score`, "equal"},
		{`count(orders in last 30 days) > count(orders in last 90 days)`, `false`, "equal"},
		{`count(distinct channel of orders) >= 2`, `count(orders) >= 2`, "narrower"},
		{`count(orders where channel = "x") >= 2`, `count(distinct channel of orders) >= 1`, "narrower"},
		{`sum(points of orders) = 1`, `any(orders)`, "narrower"},
		{`sample(1%, "x")`, `sample(20%, "x")`, "narrower"},
		{`sample(1%, "x")`, `not sample(20%, "x")`, "disjoint"},
		{`sample(100%, "x")`, `id is known`, "equal"},
	} {
		p, a, b := pair(t, c.a, c.b)
		for _, asOf := range []*int64{nil, instant(t, p, "2025-07-15T10:00")} {
			pr := prove.New(p.Project, prove.Options{AsOf: asOf})
			got := ""
			switch ab, ba := pr.Implies(a, b), pr.Implies(b, a); {
			case ab.Proved() && ba.Proved():
				got = "equal"
			case ab.Proved():
				got = "narrower"
			case ba.Proved():
				got = "wider"
			case pr.Disjoint(a, b).Proved():
				got = "disjoint"
			}
			for _, x := range []prove.Answer{pr.Implies(a, b), pr.Implies(b, a), pr.Disjoint(a, b), pr.Never(a), pr.Always(b)} {
				if x.Verdict == prove.Unknown {
					t.Errorf("%s / %s: %s", c.a, c.b, x.Reason)
				}
			}
			if got != c.both {
				t.Errorf("%s / %s (%v): got %q, want %q", c.a, c.b, asOf != nil, got, c.both)
			}
		}
	}
}

func instant(t fails, p *compiler.Project, text string) *int64 {
	t.Helper()
	at, err := p.Calendar.ParseInstant(text)
	if err != nil {
		t.Fatal(err)
	}
	return &at
}
