package syntax_test

// rejected are conditions nobody may write.
var rejected = []string{
	``, `and`, `a and`, `a = `, `a ==`, `a b`, `a = b c`, `in segment`, `a in`, `a in ()`, `a in []`, `a in ("x", "y")`,
	`18 <= age <= 30`, `a = 1 and b = 2 or c = 3`, `a in last month`, `a in last 30`, `a in last 30 dyas`, `a is null`,
	`a is not known`, `a = null`, `a != NULL`, `x > 1.000.000`, `x > 5,000`, `x > 5.000`, `a = 'x'`, `a = “x”`, `!a`, `a && b`,
	`a || b`, `a <> b`, `a AND b`, `a = "x`, `(a`, `count(orders`, `a)`, `a = [1]`, `a in "x"`, `a in 2025-03-08`, `a in ["x",]`,
	`x > 20 %`, `a on 2025-02-30`, `a on 2025-3-8`, `a on 08/03/2025`, `from = 1`, `a matches "x"`, `a matches x`, `a contains`,
	`count(orders where x = 1 in last 3 days)`, `any(a followed b)`, `any(a followed by b within 3 days after 1 day)`,
	`case { }`, `case { when a: 1 }`, `all(orders)`, `regularly(orders)`, `a within 10 km`, `a within b`, `a % b`, `a // b`,
	`city = Hà Nội`, `- - a`, `a = not b`, `not`, `entered segment s`, `f(a,)`, `a between 1`, `a ? b`, `x > 5k`, `x > 1e6`, `x > .5`,
}
