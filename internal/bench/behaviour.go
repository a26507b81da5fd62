package bench

import "fmt"

// Conditions on what customers did.

// window of a condition: mostly round numbers of days.
func (r *picker) window() period {
	switch {
	case r.chance(0.06):
		first := runDay().AddDate(0, -1, 0)
		return period{text: " in previous month", since: first.Format("2006-01-02"), till: asOf}
	case r.chance(0.05):
		return period{text: " in 2024", since: "2024-01-01", till: "2025-01-01"}
	}
	return lastDays(pick(r, []int{30, 90, 365, 7, 180, 60, 14}))
}

// orders, mostly the paid ones; now and then of all time.
func (r *picker) orders() source {
	s := source{table: "orders"}
	if r.chance(0.8) {
		s.window = r.window()
	}
	switch {
	case r.chance(0.55):
		s.filter = textFilter("status", "paid")
	case r.chance(0.4):
		s.filter = textFilter("category", categories[r.low(6)])
	case r.chance(0.25):
		s.filter = textFilter("channel", channels[r.low(3)])
	}
	return s
}

func textFilter(column, value string) filter {
	return filter{fmt.Sprintf("%s = %q", column, value), column + " = " + quote(value)}
}

// events of one name, in a window.
func (r *picker) events() source {
	s := source{table: "events", window: r.window(), filter: textFilter("name", eventNames[r.low(14)])}
	if r.chance(0.08) {
		s.filter.text += " and seconds > 60"
		s.filter.sql += " AND seconds > 60"
	}
	return s
}

// scaled makes a number for a window of 90 days one for this window.
func (p period) scaled(number float64) int {
	days := 730.0
	switch {
	case p.till == asOf:
		days = 30
	case p.till != "":
		days = 366
	case p.since != "":
		for n := range factDays {
			if daysBefore(n) == p.since {
				days = float64(n)
			}
		}
	}
	n := number * days / 90
	switch {
	case n < 1:
		return 1
	case n < 10:
		return int(n)
	case n < 100:
		return int(n) / 5 * 5
	}
	return int(n) / 50 * 50
}

// atLeast compares an aggregate with a number: at least, at most, or between.
func (r *picker) atLeast(text, sql string, s source, n int) condition {
	c, enough := condition{feature: text}, fmt.Sprintf("%s >= %d", sql, n)
	if enough == "count(*) >= 1" {
		enough = "" // nothing needs counting
	}
	switch {
	case r.chance(0.72):
		c.text, c.facts = fmt.Sprintf("%s >= %d", text, n), s.facts(enough)
	case r.chance(0.5):
		c.text, c.facts = fmt.Sprintf("%s between %d and %d", text, n, 3*n), s.facts(fmt.Sprintf("%s BETWEEN %d AND %d", sql, n, 3*n))
	default: // takes in those without any: not among those above
		c.text, c.facts, c.not = fmt.Sprintf("%s < %d", text, n), s.facts(enough), true
	}
	return c
}

func countOrders(r *picker) condition {
	s := r.orders()
	return r.atLeast("count("+s.text()+")", "count(*)", s, s.window.scaled(pick(r, []float64{1, 2, 0.5})))
}

func sumOrders(r *picker) condition {
	s := r.orders()
	return r.atLeast("sum(amount of "+s.text()+")", "sum(amount)", s, s.window.scaled(pick(r, []float64{150, 300, 600})))
}

// spent uses the trait that a project shares.
func spent(r *picker) condition {
	s := source{table: "orders", filter: textFilter("status", "paid")}
	return r.atLeast("total_spend", "sum(amount)", s, pick(r, []int{500, 1000, 2000, 5000}))
}

func countEvents(r *picker) condition {
	s := r.events()
	return r.atLeast("count("+s.text()+")", "count(*)", s, s.window.scaled(pick(r, []float64{1, 3, 0.5})))
}

func watched(r *picker) condition {
	s := source{table: "events", window: r.window(), filter: textFilter("name", pick(r, []string{"video_play", "product_view", "page_view"}))}
	return r.atLeast("sum(seconds of "+s.text()+")", "sum(seconds)", s, s.window.scaled(900))
}

// recent did something lately, or did not.
func recent(r *picker) condition {
	s := source{table: "orders", window: r.window()}
	if r.chance(0.5) {
		s = r.events()
	}
	if r.chance(0.45) {
		return condition{text: "none(" + s.text() + ")", facts: s.facts(""), not: true, feature: "any(" + s.text() + ")"}
	}
	return condition{text: "any(" + s.text() + ")", facts: s.facts(""), feature: "any(" + s.text() + ")"}
}

func never(r *picker) condition {
	s := source{table: "events", filter: textFilter("name", pick(r, []string{"refund_request", "unsubscribe", "support_chat", "review_write", "purchase"}))}
	if r.chance(0.3) {
		s = source{table: "orders", filter: textFilter("status", pick(r, []string{"refunded", "cancelled"}))}
	}
	return condition{text: "none(" + s.text() + ")", facts: s.facts(""), not: true, feature: "any(" + s.text() + ")"}
}

// firstLast looks at the first or the last order.
func firstLast(r *picker) condition {
	s := source{table: "orders"}
	if r.chance(0.3) {
		s.window = lastDays(365)
	}
	column, value := "channel", channels[r.low(3)]
	if r.chance(0.4) {
		column, value = "category", categories[r.low(5)]
	}
	name, function := "last", "arg_max"
	if r.chance(0.35) {
		name, function = "first", "arg_min"
	}
	text := fmt.Sprintf("%s(%s of %s)", name, column, s.text())
	return condition{text: fmt.Sprintf("%s = %q", text, value), feature: text,
		facts: s.facts(fmt.Sprintf("%s(%s, ordered_at) = %s", function, column, quote(value)))}
}

// newBuyer has a first order in a window.
func newBuyer(r *picker) condition {
	n := pick(r, []int{30, 90, 180})
	s := source{table: "orders", filter: textFilter("status", "paid")}
	text := "min(ordered_at of " + s.text() + ")"
	return condition{text: fmt.Sprintf("%s in last %d days", text, n), feature: text,
		facts: s.facts("min(ordered_at) >= TIMESTAMP " + quote(daysBefore(n)))}
}

func variety(r *picker) condition {
	s := source{table: "orders", window: lastDays(pick(r, []int{365, 180}))}
	text, n := "count(distinct category of "+s.text()+")", pick(r, []int{3, 4, 2})
	return condition{text: fmt.Sprintf("%s >= %d", text, n), facts: s.facts(fmt.Sprintf("count(DISTINCT category) >= %d", n)), feature: text}
}

func average(r *picker) condition {
	s := source{table: "orders", window: lastDays(pick(r, []int{365, 180})), filter: textFilter("status", "paid")}
	function, n := pick(r, []string{"avg", "max"}), pick(r, []int{150, 250, 400})
	text := fmt.Sprintf("%s(amount of %s)", function, s.text())
	return condition{text: fmt.Sprintf("%s >= %d", text, n), facts: s.facts(fmt.Sprintf("%s(amount) >= %d", function, n)), feature: text}
}

// ratio is a part of the orders against all of them.
func ratio(r *picker) condition {
	if r.chance(0.5) {
		percent := pick(r, []int{20, 10, 30})
		return condition{text: fmt.Sprintf("refund_rate > %d%%", percent), feature: "refund_rate",
			facts: source{table: "orders"}.facts(fmt.Sprintf("count(*) FILTER (WHERE status = 'refunded') > %g * count(*)", float64(percent)/100))}
	}
	s, part, percent := source{table: "orders", window: lastDays(365)}, lastDays(pick(r, []int{90, 30})), pick(r, []int{50, 40, 75})
	text := fmt.Sprintf("sum(amount of orders%s) / sum(amount of orders%s)", part.text, s.window.text)
	return condition{text: fmt.Sprintf("%s > %d%%", text, percent), feature: text,
		facts: s.facts(fmt.Sprintf("sum(amount) FILTER (WHERE ordered_at >= TIMESTAMP '%s') > %g * sum(amount)", part.since, float64(percent)/100))}
}

// best are those with the most; more customers than that have any.
func best(r *picker) condition {
	type ranked struct {
		source
		text, sql string
	}
	paid := source{table: "orders", filter: textFilter("status", "paid")}
	year := source{table: "orders", window: lastDays(365)}
	visits := source{table: "events", window: lastDays(90)}
	by := pick(r, []ranked{{paid, "total_spend", "sum(amount)"}, {year, "sum(amount of " + year.text() + ")", "sum(amount)"}, {visits, "count(" + visits.text() + ")", "count(*)"}})
	percent := pick(r, []int{10, 5, 20})
	return condition{text: fmt.Sprintf("%s in top %d%%", by.text, percent), feature: by.text,
		keys: by.facts("").query() + fmt.Sprintf(" GROUP BY customer_id ORDER BY %s DESC, customer_id LIMIT (SELECT ceil(count(*) * %g)::BIGINT FROM customers)", by.sql, float64(percent)/100)}
}

// sequence is one thing after another within days, or not.
func sequence(r *picker) condition {
	window, within := lastDays(pick(r, []int{90, 30, 60})), pick(r, []int{7, 1, 3})
	first := source{table: "events", window: window, filter: textFilter("name", pick(r, []string{"add_to_cart", "product_view", "email_click", "checkout_start"}))}
	then := source{table: "events", filter: textFilter("name", "purchase")}
	if r.chance(0.4) {
		then = source{table: "orders", filter: textFilter("status", "paid")}
	}
	word, join, kept := "followed by", "ASOF JOIN", fmt.Sprintf("b.t <= a.t + INTERVAL %d DAY", within)
	if r.chance(0.4) {
		word, join = "not followed by", "ASOF LEFT JOIN"
		kept = fmt.Sprintf("(b.t IS NULL OR b.t > a.t + INTERVAL %d DAY) AND a.t <= TIMESTAMP '%s'", within, daysBefore(within))
	}
	second := then
	second.window = window // nothing before the first step's window can follow it
	text := fmt.Sprintf("%s %s %s within %d days where %s", first.text(), word, then.table, within, then.filter.text)
	return condition{text: "any(" + text + ")", feature: "any(" + text + ")",
		keys: fmt.Sprintf("SELECT a.customer_id FROM (%s) a %s (%s) b ON a.customer_id = b.customer_id AND a.t < b.t WHERE %s", first.steps(), join, second.steps(), kept)}
}

// steps are the times of a source's facts.
func (s source) steps() string {
	return fmt.Sprintf("SELECT customer_id, %s AS t FROM %s WHERE %s", clock(s.table), s.table, s.facts("").where)
}
