package difftest

import (
	"fmt"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler/calendar"
)

// extras are the parts of a catalog that hold drawn expressions.
type extras struct {
	orderWhere, orderField, paidWhere, paidField, basketField, basketWhere, customerField string
}

func quoted(s string) string { return strconv.Quote(s) }

func line(format, x string) string {
	if x == "" {
		return ""
	}
	return fmt.Sprintf(format, quoted(x))
}

// shape is what is drawn of a catalog once, before its expressions.
type shape struct {
	exists, dedup, orderKey, knownAt, always, declared, household, groupDays, pairKey bool
	basketAt                                                                          string
}

func drawShape(t *rapid.T) shape {
	b := func(label string) bool { return rapid.IntRange(0, 2).Draw(t, label) == 0 }
	return shape{b("exists"), b("dedup"), !b("no order key"), b("known at"), b("always"), b("declared"), b("household"), b("days"), b("key of two"),
		rapid.SampledFrom([]string{"", "min(at)", "max(at)", "min(due)"}).Draw(t, "basket time")}
}

// text writes the catalog.
func (s shape) text(w *world, x extras) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	on := func(cond bool, text string) string {
		if cond {
			return text
		}
		return ""
	}
	p("version: 1\nedition: 1\ntimezone: %s\nweek_starts: %s\nentities:\n", w.zone, w.week)
	p("  customer:\n    source: {sql: select * from raw_customers}\n    key: id\n    attributes:\n")
	p("      city: {column: City Name, type: text}\n      tier: {type: text, values: [gold, none, silver]}\n      app: {type: version}\n      N: {column: N_2, type: int}\n")
	p("%s", on(s.declared, "      seen: {type: time}\n      n: {type: int, min: 0}\n      income: {type: \"decimal(14, 3)\"}\n"))
	p("    belongs_to: {company: {entity: company, by: company_id, reverse: employees}}\n")
	p("%s%s", on(s.exists, "    exists: {from: opened, to: closed}\n"), on(s.dedup, "    duplicates: first by n\n"))
	p("%s", line("    fields: {made: %s}\n", x.customerField))
	p("  company:\n    source: {sql: select * from raw_companies}\n    key: id\n    belongs_to: {region: {entity: region, by: region_code, reverse: companies}}\n")
	p("  region: {source: {sql: select * from raw_regions}, key: code}\n")
	p("  rich: {from: customer, where: \"income >= 1\"}\n")
	p("%s", on(s.household, "  basketful: {universe: [orders.basket]}\n"))
	p("facts:\n  orders:\n    source: {sql: select * from raw_orders}\n    of: customer\n    by: cust\n    at: at\n%s", on(s.orderKey, "    key: oid\n"))
	p("    attributes: {client: {type: version}}\n")
	p("    belongs_to: {seller: {entity: company, by: co, reverse: sales}}\n")
	p("%s%s", line("    where: %s\n", x.orderWhere), line("    fields: {extra: %s}\n", x.orderField))
	where := x.paidWhere
	if where == "" {
		where = `status = "paid"`
	}
	p("  paid: {from: orders, where: %s%s}\n", quoted(where), line(", fields: {twice: %s}", x.paidField))
	at := on(s.basketAt != "", ", at: "+s.basketAt)
	field := x.basketField
	if field == "" {
		field = "max(qty)"
	}
	p("  baskets: {from: orders, group_by: basket%s%s, fields: {amount: sum(amount), lines: count(orders), most: %s}}\n", at, line(", where: %s", x.basketWhere), quoted(field))
	p("%s", on(s.groupDays, "  days: {from: orders, group_by: {day: \"start_of(day, at)\"}, fields: {amount: sum(amount), last_status: last(status)}}\n"))
	p("%s", on(s.orderKey, "  items: {source: {sql: select * from raw_items}, of: orders, by: oid}\n"))
	p("  tags: {source: {sql: select * from raw_tags}, of: customer, by: cust}\n")
	known := on(s.knownAt, ", known_at: booked") + on(!s.knownAt && s.always, ", known_at: always") + on(s.pairKey, ", key: [seats, booked]")
	p("  bookings: {source: {sql: select * from raw_bookings}, of: customer, by: cust, at: starts%s}\n", known)
	return b.String()
}

// day writes a date as a literal.
func day(d int64) string { return calendar.FormatDate(d) }
