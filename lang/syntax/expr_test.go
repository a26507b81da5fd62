package syntax_test

import (
	"strings"
	"testing"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// accepted are expressions of every form of the language.
var accepted = []string{
	`gender = "female"`, `a != 5`, `a < 5 and b <= 6 and c > 7 and d >= 8 and e ~= "x"`,
	`age between 23 and 35`, `x not between a + 1 and b * 2`, `email_opt_in`, `not email_opt_in`, `not not a`,
	`city in ["Huế", "Vinh"]`, `city in big_cities`, `email not in staff`, `city in customer.cities`,
	`a contains "x" or a ~contains "y" or a starts with "z" or a ends with "w"`, `a not contains "x"`, `a not ~contains "x"`,
	`a matches /^VN[0-9]+\/$/i`, `a not matches /x/`, `lower(a) = "x"`, `length(a) > 3`, `concat(a, "b", c) = "d"`,
	`email is known`, `email is missing`, `interests has "chạy bộ"`, `interests has any of ["a", "b"]`,
	`interests has all of hobbies`, `interests not has none of ["a"]`, `count(interests) > 2`,
	`any(addresses where country = "VN" and primary)`, `any(interests where item starts with "a")`,
	`1 + 2 * -3 - 4 / 5 > 0`, `mod(a, 2) = 1`, `round(x) = 3`, `case { when a = 1: 2 when b: 3 otherwise: 4 } > 1`,
	`20% < a`, `x in last 30 days`, `x in next 7 days`, `x in this month`, `x in previous month`, `x in previous 2 quarters`,
	`x in 2025`, `x in 2025-03`, `x on 2025-03-08`, `x since today`, `x before 2025-03-08T10:30`, `x since 30 days ago`,
	`x between 60 days ago and 30 days ago`, `x before 2025-03-08T10:30:15+07:00`, `x not in last 3 hours`, `x not on today`,
	`anniversary(birthday) in next 7 days`, `age(birthday) >= 18`, `signup_at + 30 days < as_of`,
	`location within 10 km of point(21.0285, 105.8542)`, `location not within 500 m of home`,
	`sum(amount of orders where status = "paid") > 5_000_000`, `count(distinct product of orders) > 3`,
	`count(amount of orders) > 1`, `count(orders) > 1`, `count(a.b) > 1`, `count(orders as o in last 90 days where o.x = 1) = 0`,
	`any(orders since signup_at)`, `none(orders before today)`, `all(orders have status = "paid")`,
	`all(orders in last 3 days where a have b = 1 and c)`,
	`sum(quantity * (product.price - product.cost) of sales) > 0`, `first(city of orders) = "Huế"`,
	`any(carts as c followed by orders as o after 1 hour within 3 days where o.id = c.id)`,
	`any(a not followed by b within 3 days)`, `any(a directly preceded by b not directly followed by c where x = 1)`,
	`any(a where x = 1 not followed by b)`, `count(a where x > 5 followed by b) > 1`,
	`regularly(orders every 1 month for 6 periods allowing 1 missed)`, `regularly(orders where paid every 2 weeks for 1 period)`,
	`total in top 10%`, `total in top 500 of segment big per city`, `total not in bottom 20% per city`, `total in top n`,
	`bucket(total of segment s per city, 5) = 5`, `bucket(total per city, 5) = 5`, `bucket(total, 5) = 5`,
	`total < median(total of everyone)`, `income >= percentile(80, income of everyone per city)`, `avg(x of segment s) > 3`,
	`in segment big_spenders`, `not in segment lifecycle.loyal`, `customer in segment x`, `any(orders where customer not in segment x)`,
	`entered segment s in last 7 days`, `customer entered segment s in last 7 days`, `customer not left segment s.t since 2025`, `left segment s.t between 2025-01-01 and today`,
	`sample(10%, "tet-2027")`, `sample(10%, "tet-2027", by household_id)`,
	`(a and b) or c`, `((a))`, `share(email is known) >= 80%`, `size between 1% and 20%`, `reachable(zalo) >= 60%`,
	`count(orders between signup_at and signup_at + 30 days) >= 2`, `any(province.former where a = 1)`,
	"`Thu nhập` > 5 and `a``b` = 1", `segment = "x" and status = "y" and list = 1 and first = 2 and count = 3 and top = 4`,
	`last = 1 and item = 2 and known = 3 and missing = 4 and any = 5 and all = 6 and none = 7 and left = 8 and entered = 9`,
	`x in last recency`, `count(orders in last recency) > 1`, `item.price > 3`, `any(orders in 2025 where x)`,
	`start_of(month, at) = today`, `Tên_khách = "An" and _x = 1`, `a = "\"\\\n\t\u{1EA1}"`, `x > -5`, `x in [-5, 3.5, 20%, true]`,
	`day = 3 and month(at) = 3 and days > 2`, `count(distinct) > 1`, `any(segment where x)`, `sum(x of segment) > 3`, `directly = 1`,
}

func parseExpr(t testing.TB, text string) ast.Expr {
	t.Helper()
	x, diags := syntax.ParseExpr(source.New("x", text), 0, len(text))
	for _, d := range diags {
		t.Errorf("%s\n  %s", text, d)
	}
	return x
}

func TestAccepts(t *testing.T) {
	for _, text := range accepted {
		x := parseExpr(t, text)
		if x == nil {
			t.Errorf("%s: no tree", text)
			continue
		}
		if got := x.Span().Text(); got != text {
			t.Errorf("%s: the span covers only %q", text, got)
		}
	}
}

func TestExprInsideFile(t *testing.T) {
	file := source.New("catalog.yaml", "where: a = 1 # x\nnext: b")
	start := strings.Index(file.Text, "a")
	x, diags := syntax.ParseExpr(file, start, start+5)
	if len(diags) > 0 || x.Span().Start != start || x.(*ast.Compare).R.Span().Text() != "1" {
		t.Errorf("%v %v", x, diags)
	}
	if x, diags := syntax.ParseExpr(file, 0, len(file.Text)); !diags.HasErrors() {
		t.Errorf("no complaint: %v", x)
	}
}

func TestExprText(t *testing.T) {
	file := source.New("catalog.yaml", `"a = \"x\""`)
	whole := source.Span{File: file, Start: 0, End: len(file.Text)}
	place := func(_, _ int) source.Span { return whole }
	x, diags := syntax.ParseExprText(`a = "x"`, place)
	if len(diags) > 0 || x.Span() != whole {
		t.Errorf("%v %v", x, diags)
	}
	_, diags = syntax.ParseExprText(`a == 'x' b`, place)
	for _, d := range diags {
		if d.Span != whole || len(d.Edits) > 0 {
			t.Errorf("%v", d)
		}
	}
	if len(diags) != 3 {
		t.Errorf("%v", diags)
	}
}
