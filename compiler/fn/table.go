package fn

import (
	"fmt"
	"unicode/utf8"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/text"
	"github.com/segql/segql/compiler/value"
)

// Distance is the function behind `within … of`.
const Distance = "distance between"

func always(t value.Type) func([]value.Type) (value.Type, error) {
	return func([]value.Type) (value.Type, error) { return t, nil }
}

func first(args []value.Type) (value.Type, error) { return args[0], nil }

// common is the type all arguments are widened to.
func common(args []value.Type) (value.Type, error) {
	t := args[0]
	for _, u := range args[1:] {
		switch {
		case t.Numeric() && u.Numeric():
			t = Widest(t, u)
		case t.Kind == value.Wall && u.Kind == value.Time:
			t = u
		case t.Kind != u.Kind && !(t.Kind == value.Time && u.Kind == value.Wall):
			return t, fmt.Errorf("all arguments must have one type; %s and %s do not go together", t, u)
		}
	}
	if t.Kind == value.Text {
		t = value.Of(value.Text)
	}
	return t, nil
}

func ordered(args []value.Type) (value.Type, error) {
	t, err := common(args)
	if err == nil && !t.Numeric() && !t.Temporal() && t.Kind != value.Version {
		return t, fmt.Errorf("%s has no order; numbers, dates, times and versions have", t)
	}
	return t, err
}

var (
	intType    = value.Of(value.Int)
	dateType   = value.Of(value.Date)
	textType   = value.Of(value.Text)
	numberType = value.DecimalType(value.MaxPrec, 10)
	num        = []Param{{"x", Number}}
	twoNumbers = []Param{{"x", Number}, {"y", Number}}
	oneDay     = []Param{{"d", Day}}
	twoOrMore  = []Param{{"a", Any}, {"b", Any}}
	asSQL      = func(s string) map[string]string { return map[string]string{"": s} }
	pure       = func(f func(value.Value) value.Value) func([]value.Value) (value.Value, error) {
		return func(a []value.Value) (value.Value, error) { return f(a[0]), nil }
	}
	datePart = func(f func(date int64) int) func([]value.Value) (value.Value, error) {
		return pure(func(v value.Value) value.Value { return value.NewInt(int64(f(dayOf(v)))) })
	}
)

func haversine(lat1, lat2, lat, lon string) string {
	return "CASE WHEN {known} THEN 2 * 6371.0088 * asin(least(1, sqrt(power(sin(" + lat + " / 2), 2) + cos(" + lat1 + ") * cos(" + lat2 + ") * power(sin(" + lon + " / 2), 2)))) END"
}

func angle(x string) string {
	return "radians(CASE WHEN abs(" + x + ") < 1e-100 THEN 0 ELSE " + x + " END)"
}

// dayOf is the day of a date or wall-clock time.
func dayOf(v value.Value) int64 {
	if v.Kind == value.Date {
		return v.I
	}
	return calendar.WallDate(v.I)
}

func dayOfMonth(d int64) int { _, _, day := calendar.Civil(d); return day }

func rounded(args []value.Type) (value.Type, error) { return value.RoundType(args[0]) }

// table is every function, by name. SQL written here is what PostgreSQL and
// DuckDB agree on; what they do not share has an entry per dialect.
var table = []*Func{
	{Name: "abs", Params: num, Result: first,
		Eval: func(a []value.Value) (value.Value, error) { return value.Abs(a[0]) }, SQL: asSQL("abs({0})"),
		Doc:     "The number without its sign.",
		Returns: "a number of the same type", Example: "abs(income - 1_000_000) < 500",
		Examples: []Example{{"abs(-2.50)", "2.50"}, {"abs(3 - 5)", "2"}}},
	{Name: "ceil", Params: num, Result: rounded, Eval: pure(value.Ceil), SQL: asSQL("CAST(ceil({0}) AS {t})"),
		Doc:     "The number rounded up: the smallest whole number that is not below x.",
		Returns: "a whole number", Example: "ceil(income / 1_000) >= 3",
		Examples: []Example{{"ceil(2.1)", "3"}, {"ceil(-2.1)", "-2"}}},
	{Name: "coalesce", Params: twoOrMore, Variadic: true, Same: true, TakesMissing: true, Result: common,
		Eval: func(a []value.Value) (value.Value, error) {
			for _, v := range a {
				if !v.IsMissing() {
					return v, nil
				}
			}
			return value.Value{}, nil
		}, SQL: asSQL("coalesce({*})"),
		Doc:     "The first of the values that is known; it gives a missing value a value to stand for it.",
		Returns: "the common type of the values", Missing: "when all are", Example: "coalesce(income, 0) < 5_000_000",
		Examples: []Example{{"coalesce(income, 0)", "12000000"}, {"coalesce(email, city)", "Huế"}, {"coalesce(email, email)", "missing"}}},
	{Name: "concat", Params: []Param{{"a", Text}, {"b", Text}}, Variadic: true, Result: always(textType),
		Eval: func(a []value.Value) (value.Value, error) {
			s := ""
			for _, v := range a {
				s += v.S
			}
			return value.NewText(s), nil
		}, SQL: asSQL("({||})"),
		Doc:     "The texts put together, one after the other, with nothing between them.",
		Returns: "text", Example: `concat(name, " ", city) contains "An Huế"`,
		Examples: []Example{{`concat(name, " ở ", city)`, "An ở Huế"}, {"concat(name, email)", "missing"}}},
	{Name: "date", Params: []Param{{"x", Dated}}, Wall: true, Result: always(dateType), MaybeMissing: true, Eval: evalDate,
		SQL:     map[string]string{"": "CAST({0} AS DATE)"},
		Doc:     "The day of a time, in the zone of the project; of a text, the date that it is.",
		Returns: "a date", Missing: "when the text is no date written as 2025-03-08", Example: "date(signup_at) = 2025-03-08",
		Examples: []Example{{"date(signup_at)", "2024-01-10"}, {`date("2025-03-08")`, "2025-03-08"}, {`date("08/03/2025")`, "missing"}}},
	{Name: "day", Params: oneDay, Wall: true, Result: always(intType), Eval: datePart(dayOfMonth),
		SQL:     asSQL("CAST(extract(day FROM {0}) AS BIGINT)"),
		Doc:     "The day of the month, 1 to 31.",
		Returns: "a whole number", Example: "day(birthday) = 1",
		Examples: []Example{{"day(2025-03-08)", "8"}}},
	{Name: "days_between", Params: []Param{{"a", Day}, {"b", Day}}, Wall: true, Result: always(intType),
		Eval: func(a []value.Value) (value.Value, error) {
			return value.NewInt(calendar.DaysBetween(dayOf(a[0]), dayOf(a[1]))), nil
		},
		SQL:     asSQL("CAST(CAST({1} AS DATE) - CAST({0} AS DATE) AS BIGINT)"),
		Doc:     "How many days after the day of a the day of b comes; negative when b is earlier. Times of day do not matter.",
		Returns: "a whole number", Example: "days_between(signup_at, today) > 30",
		Examples: []Example{{"days_between(2025-03-01, 2025-03-31)", "30"}, {"days_between(2025-03-31, 2025-03-01)", "-30"}, {"days_between(signup_at, today)", "446"}}},
	{Name: Distance, Internal: true, Params: []Param{{"latitude", Number}, {"longitude", Number}, {"latitude", Number}, {"longitude", Number}},
		Result: always(value.Of(value.Float)),
		Eval: func(a []value.Value) (value.Value, error) {
			return value.NewFloat(value.DistanceKM(value.NewPlace(a[0].F, a[1].F), value.NewPlace(a[2].F, a[3].F))), nil
		},
		// Haversine on a sphere of 6371.0088 km. The guard is for least, which
		// takes the 1 where a coordinate is missing. PostgreSQL fails where a
		// result is rounded to 0, so what is no angle at all is made 0 before.
		SQL: map[string]string{"": haversine("radians({0})", "radians({2})", "radians({2} - {0})", "radians({3} - {1})"),
			"postgres": haversine(angle("{0}"), angle("{2}"), angle("{2} - {0}"), angle("{3} - {1}"))},
		Doc: "Kilometres between two places.", Example: "location within 10 km of point(21.0285, 105.8542)"},
	{Name: "floor", Params: num, Result: rounded, Eval: pure(value.Floor), SQL: asSQL("CAST(floor({0}) AS {t})"),
		Doc:     "The number rounded down: the largest whole number that is not above x.",
		Returns: "a whole number", Example: "floor(income / 1_000) >= 3",
		Examples: []Example{{"floor(2.9)", "2"}, {"floor(-2.1)", "-3"}}},
	{Name: "greatest", Params: twoOrMore, Variadic: true, Same: true, Result: ordered,
		Eval: func(a []value.Value) (value.Value, error) { return extreme(a, 1), nil }, SQL: asSQL("CASE WHEN {known} THEN greatest({*}) END"),
		Doc:     "The largest of the values of one row; for the largest over many rows there is max.",
		Returns: "the common type of the values", Example: "greatest(count(orders), 3) = 3",
		Examples: []Example{{"greatest(2, 7, 5)", "7"}, {"greatest(2025-03-08, birthday)", "2025-03-08"}, {"greatest(2, number(email))", "missing"}}},
	{Name: "hour", Params: []Param{{"t", Moment}}, Wall: true, Result: always(intType),
		Eval:    pure(func(v value.Value) value.Value { return value.NewInt(int64(calendar.Hour(v.I))) }),
		SQL:     asSQL("CAST(extract(hour FROM {0}) AS BIGINT)"),
		Doc:     "The hour of the day, 0 to 23, in the zone of the project.",
		Returns: "a whole number", Example: "count(orders where hour(at) >= 18) > 2",
		Examples: []Example{{"hour(signup_at)", "9"}, {"hour(2025-03-08T18:30)", "18"}}},
	{Name: "least", Params: twoOrMore, Variadic: true, Same: true, Result: ordered,
		Eval: func(a []value.Value) (value.Value, error) { return extreme(a, -1), nil }, SQL: asSQL("CASE WHEN {known} THEN least({*}) END"),
		Doc:     "The smallest of the values of one row; for the smallest over many rows there is min.",
		Returns: "the common type of the values", Example: "least(count(orders), 3) = 3",
		Examples: []Example{{"least(2, 7, 5)", "2"}}},
	{Name: "length", Params: []Param{{"s", Text}}, Result: always(intType),
		Eval:    pure(func(v value.Value) value.Value { return value.NewInt(int64(utf8.RuneCountInString(v.S))) }),
		SQL:     asSQL("CAST(length({0}) AS BIGINT)"),
		Doc:     "How many characters the text has; ế is one.",
		Returns: "a whole number", Example: "length(name) > 3",
		Examples: []Example{{`length("Huế")`, "3"}, {`length("")`, "0"}}},
	{Name: "lower", Params: []Param{{"s", Text}}, Result: always(textType),
		Eval: pure(func(v value.Value) value.Value { return value.NewText(text.Lower(v.S)) }), SQL: asSQL("{lower}"),
		Doc:     "The text in small letters, in every alphabet.",
		Returns: "text", Example: `lower(city) = "huế"`,
		Examples: []Example{{`lower("HÀ NỘI")`, "hà nội"}}},
	{Name: "mod", Params: twoNumbers, Same: true, Result: common, MaybeMissing: true,
		Eval: func(a []value.Value) (value.Value, error) { return value.Mod(a[0], a[1]), nil }, SQL: asSQL("({0} % nullif({1}, 0))"),
		Doc:     "What is left of x after taking away whole y, with the sign of x.",
		Returns: "a number of the wider of the two types", Missing: "when y is 0", Example: "mod(count(orders), 2) = 1",
		Examples: []Example{{"mod(7, 3)", "1"}, {"mod(-7, 3)", "-1"}, {"mod(7, 0)", "missing"}}},
	{Name: "month", Params: oneDay, Wall: true, Result: always(intType), Eval: datePart(calendar.Month),
		SQL:     asSQL("CAST(extract(month FROM {0}) AS BIGINT)"),
		Doc:     "The month, 1 to 12, alike in every year.",
		Returns: "a whole number", Example: "month(birthday) = 7",
		Examples: []Example{{"month(birthday)", "7"}}},
	{Name: "number", Params: []Param{{"x", Counted}}, Result: numberOf, MaybeMissing: true, Eval: evalNumber, SQL: asSQL("{number}"),
		Doc:     "The number that a text is, written with digits and at most one point.",
		Returns: "a decimal with ten digits after the point; a number as it is", Missing: "when the text is no number", Example: `number(name) > 3`,
		Examples: []Example{{`number("12.5") * 2`, "25.0000000000"}, {`number("12,5")`, "missing"}}},
	{Name: "quarter", Params: oneDay, Wall: true, Result: always(intType), Eval: datePart(calendar.Quarter),
		SQL:     asSQL("CAST(extract(quarter FROM {0}) AS BIGINT)"),
		Doc:     "The quarter of the year, 1 to 4.",
		Returns: "a whole number", Example: "quarter(signup_at) = 4",
		Examples: []Example{{"quarter(2025-03-31)", "1"}, {"quarter(2025-04-01)", "2"}}},
	{Name: "round", Params: num, Result: rounded, Eval: pure(value.Round),
		SQL: map[string]string{"": "CAST(round({0}) AS {t})",
			// round(double precision) goes to the even neighbour.
			"postgres": "CAST(CASE WHEN abs({0} - trunc({0})) >= 0.5 THEN trunc({0}) + sign({0}) ELSE trunc({0}) END AS {t})"},
		Doc:     "The nearest whole number; halves go away from zero.",
		Returns: "a whole number", Example: "round(income / 1_000) >= 3",
		Examples: []Example{{"round(2.5)", "3"}, {"round(-2.5)", "-3"}, {"round(2.49)", "2"}}},
	{Name: "text", Params: []Param{{"x", Printed}}, Wall: true, Result: always(textType), MaybeMissing: true,
		Eval: pure(func(v value.Value) value.Value { return value.NewText(v.String()) }), SQL: asSQL("{text}"),
		Doc:     "The value as text, written as in the language.",
		Returns: "text", Missing: "for a part of a JSON value that is null", Example: `text(id) starts with "9"`,
		Examples: []Example{{"text(id)", "1"}, {"text(2025-03-08)", "2025-03-08"}}},
	{Name: "weekday", Params: oneDay, Wall: true, Result: always(intType), Eval: datePart(calendar.Weekday),
		SQL:     asSQL("CAST(extract(isodow FROM {0}) AS BIGINT)"),
		Doc:     "The day of the week, Monday 1 to Sunday 7, whatever day the weeks of the project start on.",
		Returns: "a whole number", Example: "any(orders where weekday(at) = 7)",
		Examples: []Example{{"weekday(2025-03-31)", "1"}, {"weekday(2025-03-30)", "7"}}},
	{Name: "year", Params: oneDay, Wall: true, Result: always(intType), Eval: datePart(calendar.Year),
		SQL:     asSQL("CAST(extract(year FROM {0}) AS BIGINT)"),
		Doc:     "The year.",
		Returns: "a whole number", Example: "year(birthday) >= 1990",
		Examples: []Example{{"year(birthday)", "1990"}}},
}

func extreme(args []value.Value, sign int) value.Value {
	best := args[0]
	for _, v := range args[1:] {
		if value.Compare(v, best)*sign > 0 {
			best = v
		}
	}
	return best
}

func evalDate(a []value.Value) (value.Value, error) {
	if a[0].Kind == value.Text || a[0].Kind == value.JSON {
		v, ok := value.Parse(dateType, a[0].S)
		if !ok {
			return value.Value{}, nil
		}
		return v, nil
	}
	return value.NewDate(dayOf(a[0])), nil
}

func numberOf(args []value.Type) (value.Type, error) {
	if args[0].Numeric() {
		return args[0], nil
	}
	return numberType, nil
}

func evalNumber(a []value.Value) (value.Value, error) {
	if a[0].Kind != value.Text && a[0].Kind != value.JSON {
		return a[0], nil
	}
	v, ok := value.Parse(numberType, a[0].S)
	if !ok {
		return value.Value{}, nil
	}
	return v, nil
}
