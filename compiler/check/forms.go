package check

import (
	"slices"

	"github.com/segql/segql/compiler/fn"
)

// Form is a construct that is written like a function and has rules of its
// own, so that it is not in the table of package fn: the aggregates, the
// questions about facts, what compares a customer with everyone. The reference
// in spec/functions.md is printed from the table below, and a mistyped name is
// compared with it.
type Form struct {
	Name      string
	Group     string // heading under which it stands
	Signature string // capitals stand for what may be written there
	Doc       string // sentences
	Returns   string
	None      string // what it gives without rows, or without a known value
	// Examples with what they give for the first customer of the reference's
	// data; a test evaluates each.
	Examples []fn.Example
}

// Forms are all of them, by group, in the order in which they are best read.
func Forms() []Form { return forms }

const (
	aggregatesGroup = "Values of many rows"
	factsGroup      = "Questions about facts"
	datesGroup      = "Dates"
	everyoneGroup   = "Compared with everyone"
	otherGroup      = "Samples and places"
)

var forms = []Form{
	{Name: "count", Group: aggregatesGroup, Signature: "count(FACT), count([distinct] VALUE of FACT), count(LIST)",
		Doc:     "How many rows the fact has; with a value, in how many of them it is known, and with `distinct` how many different ones there are. Of a list attribute, how many elements it has.",
		Returns: "a whole number", None: "0; of a list that is missing, missing",
		Examples: []fn.Example{{Expr: "count(orders)", Gives: "4"}, {Expr: `count(orders in last 30 days where status = "paid")`, Gives: "1"}, {Expr: "count(distinct amount of orders)", Gives: "3"},
			{Expr: `count(orders where status = "cancelled")`, Gives: "0"}, {Expr: "count(interests)", Gives: "2"}}},
	{Name: "sum", Group: aggregatesGroup, Signature: "sum([distinct] VALUE of FACT)",
		Doc:     "The values added up, exactly; rows where the value is missing are left out. The value is an int or a decimal: a float's sum would depend on the order of the rows.",
		Returns: "an exact number", None: "0",
		Examples: []fn.Example{{Expr: "sum(amount of orders)", Gives: "750.50"}, {Expr: "sum(distinct amount of orders)", Gives: "650.50"}, {Expr: `sum(amount of orders where status = "cancelled")`, Gives: "0.00"}}},
	{Name: "avg", Group: aggregatesGroup, Signature: "avg([distinct] VALUE of FACT)",
		Doc:     "The sum of the known values divided by how many they are. The value is an int or a decimal.",
		Returns: "a float", None: "missing",
		Examples: []fn.Example{{Expr: "avg(amount of orders)", Gives: "187.625"}, {Expr: `avg(amount of orders where status = "cancelled")`, Gives: "missing"}}},
	{Name: "min", Group: aggregatesGroup, Signature: "min(VALUE of FACT)",
		Doc:     "The smallest known value: a number, a date or a time. The smaller of two values of one row is `least(a, b)`.",
		Returns: "a value of the same type", None: "missing",
		Examples: []fn.Example{{Expr: "min(amount of orders)", Gives: "100.00"}, {Expr: "min(date(at) of orders)", Gives: "2025-01-05"}}},
	{Name: "max", Group: aggregatesGroup, Signature: "max(VALUE of FACT)",
		Doc:     "The largest known value: a number, a date or a time. The larger of two values of one row is `greatest(a, b)`.",
		Returns: "a value of the same type", None: "missing",
		Examples: []fn.Example{{Expr: "max(amount of orders)", Gives: "300.00"}, {Expr: "days_between(max(at of orders), today)", Gives: "11"}}},
	{Name: "median", Group: aggregatesGroup, Signature: "median([distinct] VALUE of FACT)",
		Doc:     "The value in the middle when the known ones are put in order; of an even number of them, half the sum of the two in the middle.",
		Returns: "a float", None: "missing",
		Examples: []fn.Example{{Expr: "median(amount of orders)", Gives: "175.25"}}},
	{Name: "mode", Group: aggregatesGroup, Signature: "mode(VALUE of FACT)",
		Doc:     "The value that occurs most often; of several that occur as often, the smallest.",
		Returns: "a value of the same type", None: "missing",
		Examples: []fn.Example{{Expr: "mode(amount of orders)", Gives: "100.00"}, {Expr: "mode(status of orders)", Gives: "paid"}}},
	{Name: "first", Group: aggregatesGroup, Signature: "first(VALUE of FACT)",
		Doc:     "The value in the earliest row, also where it is missing there. Of several rows at one time the one with the smallest key of the fact counts.",
		Returns: "a value of the same type", None: "missing",
		Examples: []fn.Example{{Expr: "first(order_no of orders)", Gives: "A1"}, {Expr: "first(status of orders in last 30 days)", Gives: "refunded"}}},
	{Name: "last", Group: aggregatesGroup, Signature: "last(VALUE of FACT)",
		Doc:     "The value in the latest row, also where it is missing there. Of several rows at one time the one with the largest key of the fact counts.",
		Returns: "a value of the same type", None: "missing",
		Examples: []fn.Example{{Expr: "last(order_no of orders)", Gives: "A4"}}},

	{Name: "any", Group: factsGroup, Signature: "any(FACT), any(LIST where COND)",
		Doc:     "Whether there is such a row, or such an element of a list attribute.",
		Returns: "true or false", None: "false",
		Examples: []fn.Example{{Expr: `any(orders in last 30 days where status = "refunded")`, Gives: "true"}, {Expr: `any(interests where item starts with "run")`, Gives: "true"}}},
	{Name: "none", Group: factsGroup, Signature: "none(FACT), none(LIST where COND)",
		Doc:     "Whether there is no such row. It takes in those who have no rows of the fact at all.",
		Returns: "true or false", None: "true",
		Examples: []fn.Example{{Expr: "none(orders in last 7 days)", Gives: "true"}, {Expr: "none(orders)", Gives: "false"}}},
	{Name: "all", Group: factsGroup, Signature: "all(FACT have COND), all(LIST have COND)",
		Doc:     "Whether the condition holds in every such row.",
		Returns: "true or false", None: "true",
		Examples: []fn.Example{{Expr: "all(orders have amount >= 100)", Gives: "true"}, {Expr: `all(orders have status = "paid")`, Gives: "false"}, {Expr: `all(orders where status = "cancelled" have amount > 1_000)`, Gives: "true"}}},
	{Name: "regularly", Group: factsGroup, Signature: "regularly(FACT every DURATION for N periods [allowing M missed])",
		Doc:     "Whether there is a row in each of the N periods that end with as_of, or in all of them but M.",
		Returns: "true or false", None: "false",
		Examples: []fn.Example{{Expr: "regularly(orders every 1 month for 3 periods)", Gives: "true"}, {Expr: "regularly(orders every 1 month for 4 periods)", Gives: "false"},
			{Expr: "regularly(orders every 1 month for 4 periods allowing 1 missed)", Gives: "true"}}},

	{Name: "age", Group: datesGroup, Signature: "age(DATE)",
		Doc:     "How many times the day has come back, as_of's day included: for a birthday the age in years. 29 February comes back on 28 February in common years.",
		Returns: "a whole number", None: "missing",
		Examples: []fn.Example{{Expr: "age(birthday)", Gives: "34"}, {Expr: "age(2004-02-29)", Gives: "21"}}},
	{Name: "anniversary", Group: datesGroup, Signature: "anniversary(DATE) WINDOW",
		Doc:     "Whether the day comes back in the window, in any year after the first. It stands only before a window.",
		Returns: "true or false", None: "false",
		Examples: []fn.Example{{Expr: "anniversary(birthday) in next 7 days", Gives: "false"}, {Expr: "anniversary(birthday) in 2025-07", Gives: "true"}}},
	{Name: "start_of", Group: datesGroup, Signature: "start_of(UNIT, DAY)",
		Doc:     "The first day of the day, week, month, quarter or year in which a date or time lies.",
		Returns: "a date", None: "missing",
		Examples: []fn.Example{{Expr: "start_of(month, signup_at)", Gives: "2024-01-01"}, {Expr: "start_of(week, 2025-03-30)", Gives: "2025-03-24"}, {Expr: "count(distinct start_of(month, at) of orders)", Gives: "3"}}},

	{Name: "in top", Group: everyoneGroup, Signature: "VALUE in top N|P% [of segment S] [per ATTRIBUTE], VALUE in bottom …",
		Doc:     "Whether the customer is among the N, or P percent, of those with the largest (smallest) known value; equal values are decided by the key. The rank is taken of everyone, or of a segment, never of those whom the other conditions leave.",
		Returns: "true or false", None: "false",
		Examples: []fn.Example{{Expr: "income in top 2", Gives: "true"}, {Expr: "income in top 10%", Gives: "false"}, {Expr: "income in bottom 1 per city", Gives: "true"}}},
	{Name: "bucket", Group: everyoneGroup, Signature: "bucket(VALUE [of segment S] [per ATTRIBUTE], K)",
		Doc:     "In which of K parts of equal size the customer is when all are put in order by the value: 1 the lowest, K the highest.",
		Returns: "a whole number", None: "missing",
		Examples: []fn.Example{{Expr: "bucket(income, 3)", Gives: "2"}, {Expr: "bucket(income per city, 2)", Gives: "1"}}},
	{Name: "percentile", Group: everyoneGroup, Signature: "percentile(P, VALUE of everyone|segment S [per ATTRIBUTE])",
		Doc:     "The smallest known value that at least P percent of the known values do not exceed. 80 and 80% are the same.",
		Returns: "a value of the same type", None: "missing",
		Examples: []fn.Example{{Expr: "percentile(80, income of everyone)", Gives: "20000000"}, {Expr: "percentile(50, income of everyone)", Gives: "12000000"}}},
	{Name: "sum", Group: everyoneGroup, Signature: "AGGREGATE(VALUE of everyone|segment S [per ATTRIBUTE])",
		Doc:     "count, sum, avg, min, max, median and mode of a value of all customers, of a segment, or of those who have the same attribute.",
		Returns: "as over the rows of a fact", None: "as over the rows of a fact",
		Examples: []fn.Example{{Expr: "median(income of everyone)", Gives: "12000000"}, {Expr: "avg(income of everyone per city)", Gives: "16000000"}, {Expr: "count(income of everyone)", Gives: "3"}}},

	{Name: "sample", Group: otherGroup, Signature: `sample(P%, "NAME" [, by ATTRIBUTE])`,
		Doc:     "Whether the customer is drawn: the same P percent on every run and every engine, others for every name of the draw. With `by household_id` whole households are drawn.",
		Returns: "true or false", None: "false",
		Examples: []fn.Example{{Expr: `sample(10%, "tet-2027")`, Gives: "false"}, {Expr: `sample(100%, "tet-2027")`, Gives: "true"}}},
	{Name: "point", Group: otherGroup, Signature: "PLACE within D km of point(LATITUDE, LONGITUDE)",
		Doc:     "Whether two places are at most so far apart, along the earth's surface, as seen from its centre: a sphere of 6371.0088 km. A point stands only there; the place can also be compared with another attribute.",
		Returns: "true or false", None: "false",
		Examples: []fn.Example{{Expr: "location within 10 km of point(16.4, 107.6)", Gives: "true"}, {Expr: "location within 500 m of point(16.4, 107.6)", Gives: "false"}}},
}

// formNames are the names by which forms are called.
func formNames() []string {
	var names []string
	for _, f := range forms {
		if f.Name != "in top" && !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	return names
}

// WindowForm is one form of a window of time.
type WindowForm struct{ Form, Doc string }

// WindowForms are all of them; the reference prints the bounds of each.
func WindowForms() []WindowForm {
	return []WindowForm{
		{"in last 30 days", "a length of time up to as_of"},
		{"in last 1 month", "the same; months and years keep the time of day, and the end of a short month stands for days it lacks"},
		{"in next 7 days", "a length of time from as_of on"},
		{"in this month", "the calendar unit in which as_of lies, all of it"},
		{"in this week", "weeks begin on the day the catalog says"},
		{"in previous month", "the whole calendar unit before this one"},
		{"in previous 2 quarters", "that many whole units before this one"},
		{"in 2025", "a year"},
		{"in 2025-03", "a month"},
		{"on 2025-03-08", "a day"},
		{"on yesterday", "today, yesterday and tomorrow are days"},
		{"on 2025", "a month or a year as a bound stands for all of it"},
		{"since 2025-03-08", "from the start of a day on"},
		{"since 30 days ago", "an instant"},
		{"before 2025-03-08", "up to the start of a day"},
		{"before 2025-03-08T10:30", "up to an instant"},
		{"between 2025-03-01 and 2025-03-08", "both days belong to it"},
		{"between 2025-01 and 2025-02", "both months belong to it"},
		{"between 60 days ago and 30 days ago", "instants have no length: the second does not belong to it"},
	}
}

// Unit is a unit of time or distance.
type Unit struct{ Name, Doc string }

// Units are all of them, in the plural; the singular of those of time is
// accepted too.
func Units() []Unit {
	return []Unit{
		{"seconds", "exact"},
		{"minutes", "exact: 60 seconds"},
		{"hours", "exact: 60 minutes"},
		{"days", "calendar: the same time of day on another day, in the zone of the project"},
		{"weeks", "calendar: 7 days"},
		{"months", "calendar: the same day of another month, or its last day where it is shorter"},
		{"quarters", "calendar: 3 months"},
		{"years", "calendar: 12 months"},
		{"m", "distance"},
		{"km", "distance: 1000 m"},
	}
}
