package bench

import (
	"fmt"
	"strings"
	"time"
)

// condition is one condition of a segment, in the language and as the SQL of an
// analyst. Of attr, facts and keys exactly one is set.
type condition struct {
	text string
	// attr is SQL about the columns of customers AS c; what it leaves unknown
	// is not a member.
	attr string
	// facts are rows of which a customer must have some, or none.
	facts *facts
	// keys is a query that gives the keys of customers.
	keys string
	// feature names the aggregate behind the condition, "" when there is none:
	// conditions that compare the same aggregate share it.
	feature string
	not     bool // of facts and keys: the customers who are not among them
}

// facts are the rows of one table that meet where, grouped by customer and kept
// by having; without having any row will do. since is the first day they are of,
// "" for all: the wider, the more rows.
type facts struct {
	table, where, having, since string
}

// query gives the keys of the customers, some perhaps more than once.
func (f *facts) query() string {
	q := "SELECT customer_id FROM " + f.table
	if f.where != "" {
		q += " WHERE " + f.where
	}
	if f.having != "" {
		q += " GROUP BY customer_id HAVING " + f.having
	}
	return q
}

// negated is the exact complement.
func (c condition) negated() condition {
	c.text = "not (" + c.text + ")"
	if c.attr != "" {
		c.attr = "(" + c.attr + ") IS NOT TRUE"
	}
	c.not = !c.not
	return c
}

// byHand is the condition on c.
func (c condition) byHand() string {
	switch {
	case c.attr != "":
		return c.attr
	case c.facts != nil:
		return c.in(c.facts.query())
	}
	return c.in(c.keys)
}

func (c condition) in(query string) string {
	if c.not {
		return "c.id NOT IN (" + query + ")"
	}
	return "c.id IN (" + query + ")"
}

// period is a window on facts, in the language and as its first and last day;
// the days of the data end before the run's instant.
type period struct {
	text        string // "" is all time
	since, till string // "" is open; till is the day after the last
}

func lastDays(n int) period {
	return period{text: fmt.Sprintf(" in last %d days", n), since: daysBefore(n)}
}

// daysBefore is the day n days before the run.
func daysBefore(n int) string { return runDay().AddDate(0, 0, -n).Format(time.DateOnly) }

func runDay() time.Time {
	t, err := time.Parse(time.DateOnly, asOf)
	if err != nil {
		panic(err)
	}
	return t
}

// on is the window as SQL on a column of times.
func (p period) on(column string) []string {
	var parts []string
	if p.since != "" {
		parts = append(parts, column+" >= TIMESTAMP "+quote(p.since))
	}
	if p.till != "" {
		parts = append(parts, column+" < TIMESTAMP "+quote(p.till))
	}
	return parts
}

// filter is a condition on a fact's row, in both languages; the zero filter
// holds of all.
type filter struct{ text, sql string }

// source is what an aggregate is taken of: facts of a table, in a window, which
// meet a filter.
type source struct {
	table  string
	window period
	filter filter
}

// clock is the table's column of times.
func clock(table string) string {
	if table == "orders" {
		return "ordered_at"
	}
	return "happened_at"
}

func (s source) text() string {
	text := s.table + s.window.text
	if s.filter.text != "" {
		text += " where " + s.filter.text
	}
	return text
}

// facts are those of the source that having keeps.
func (s source) facts(having string) *facts {
	where := s.window.on(clock(s.table))
	if s.filter.sql != "" {
		where = append(where, s.filter.sql)
	}
	return &facts{table: s.table, where: strings.Join(where, " AND "), having: having, since: s.window.since}
}
