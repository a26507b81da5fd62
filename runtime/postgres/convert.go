package postgres

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
)

// converter prints the value of a column as its declared type, by the rules
// of value.Parse for text and value.Fit for the rest: what does not fit is
// NULL, never rounded, never an error. PostgreSQL 15 has no cast that gives
// NULL in place of an error, so everything is tested before it is cast.
type converter struct {
	trim, nfc, emptyMissing bool
	separator               string
	zone                    string // of the project
}

const collated = ` COLLATE "C"`

func (c converter) convert(x string, from column, to value.Type) string {
	if from.cast != "" {
		x = "CAST(" + x + " AS " + from.cast + ")"
	}
	switch {
	case from.typ.Kind == value.JSON:
		return c.fromJSON(x, to)
	case to.Kind == value.List:
		return c.list(x, from, to)
	case to.Kind == value.Record, to.Kind == value.JSON:
		return null(to)
	case from.typ.Kind == value.Text:
		return c.fromText(x, to)
	case to.Kind == value.Text:
		return textOf(x, from.typ)
	}
	switch from.typ.Kind {
	case value.Bool:
		if to.Kind == value.Bool {
			return x
		}
	case value.Int, value.Decimal:
		return fromExact(x, from, to)
	case value.Float:
		return fromFloat(x, to)
	case value.Date, value.Wall, value.Time:
		return c.fromTemporal(x, from.typ.Kind, to.Kind)
	}
	return null(to)
}

// sqlType is the type of a converted value.
func sqlType(t value.Type) string {
	switch t.Kind {
	case value.List:
		if t.Elem.Kind == value.Record {
			return "json[]"
		}
		return sqlType(*t.Elem) + "[]"
	case value.Record:
		return "json"
	case value.Place, value.Duration, value.Missing:
		return "text"
	default:
		return sql.Postgres.Type(t)
	}
}

func null(t value.Type) string { return "CAST(NULL AS " + sqlType(t) + ")" }

func when(cond, x string) string { return "CASE WHEN " + cond + " THEN " + x + " END" }

func cast(x, typ string) string { return "CAST(" + x + " AS " + typ + ")" }

func quote(s string) string { return sql.Postgres.Text(s) }

// cell is a cell without the blanks around it.
func cell(x string) string { return "btrim(" + x + ", " + quote(value.Blank) + ")" }

// longest is the number of characters a cell with a number may have; numeric
// itself takes 131072 digits.
const longest = "1000"

func (c converter) fromText(x string, to value.Type) string {
	y := cell(x)
	numeric := cast(y, "numeric")
	switch to.Kind {
	case value.Text:
		return c.text(x)
	case value.Version:
		return versionSQL(y)
	case value.Bool:
		return "CASE WHEN lower(" + y + ") IN ('true', 't', 'yes', 'y', '1') THEN true" +
			" WHEN lower(" + y + ") IN ('false', 'f', 'no', 'n', '0') THEN false END"
	case value.Int:
		return when("length("+y+") < "+longest+" AND "+y+" ~ "+quote(value.IntPattern), when(inInt(numeric), cast(numeric, "bigint")))
	case value.Decimal:
		return when("length("+y+") < "+longest+" AND "+y+" ~ "+quote(decimalPattern(to.Scale)), when(digitsFit(numeric, to), cast(numeric, sqlType(to))))
	case value.Float:
		return when("length("+y+") < "+longest+" AND "+y+" ~ "+quote(value.FloatPattern), floatOf(y))
	case value.Date:
		return when(y+" ~ "+quote(value.DatePattern), dateOf(y))
	case value.Wall:
		return "CASE WHEN " + hasZone(y) + " THEN timezone(" + quote(c.zone) + ", " + instantOf(y) + ") ELSE " + wallOf(y) + " END"
	case value.Time:
		return "CASE WHEN " + hasZone(y) + " THEN " + instantOf(y) + " ELSE timezone(" + quote(c.zone) + ", " + wallOf(y) + ") END"
	default:
		return null(to)
	}
}

func decimalPattern(scale int) string {
	if scale == 0 {
		return `^[+-]?([0-9]+(\.0+)?|\.0+)$`
	}
	return fmt.Sprintf(`^[+-]?([0-9]+(\.[0-9]{1,%[1]d}0*)?|\.[0-9]{1,%[1]d}0*)$`, scale)
}

func inInt(x string) string { return x + " BETWEEN -9223372036854775808 AND 9223372036854775807" }

// digitsFit: the whole part has no more digits than the type.
func digitsFit(x string, t value.Type) string {
	return "abs(" + x + ") < 1" + strings.Repeat("0", t.Prec-t.Scale)
}

// floatOf reads digits with an exponent. A cast of what is too large, or so
// small that it is 0, would fail; halfway to the first float beyond is where
// rounding ends.
func floatOf(y string) string {
	n := cast(y, "numeric")
	return "CASE WHEN " + y + " ~ '[eE][+]?0*[1-9][0-9]{3,}$' THEN CASE WHEN " + y + " ~ '^[^eE]*[1-9]' THEN NULL ELSE 0 END" +
		" WHEN " + y + " ~ '[eE]-0*[1-9][0-9]{3,}$' THEN 0" +
		" WHEN abs(" + n + ") >= 1.797693134862315807937e308 THEN NULL" +
		" WHEN abs(" + n + ") <= 2.4703282292062327e-324 THEN 0 ELSE " + cast(y, "double precision") + " END"
}

// part is a number in a text that is known to have it.
func part(y string, from, length int) string {
	return fmt.Sprintf("CAST(substr(%s, %d, %d) AS integer)", y, from, length)
}

// dateOf reads the date a cell begins with, where there is such a day.
func dateOf(y string) string {
	first := "make_date(" + part(y, 1, 4) + ", " + part(y, 6, 2) + ", 1)"
	day := "(" + first + " + " + part(y, 9, 2) + " - 1)"
	return when("left("+y+", 4) <> '0000'", when("extract(month FROM "+day+") = "+part(y, 6, 2), day))
}

// hasZone tells whether a cell that fits the ISO pattern has a zone.
func hasZone(y string) string {
	return "(length(" + y + ") > 16 AND " + y + " ~ '[0-9](Z|[+-][0-9]{2}(:?[0-9]{2})?)$')"
}

func iso(y string) string { return y + " ~ " + quote(calendar.ISOPattern) }

// wallOf reads date and time of a cell without zone.
func wallOf(y string) string {
	clock := "coalesce(CAST(nullif(substr(" + y + ", 12, 15), '') AS time), time '00:00')"
	return when(iso(y), "("+dateOf(y)+" + "+clock+")")
}

// instantOf reads a time with zone.
func instantOf(y string) string {
	clock := "(regexp_match(" + y + ", '^.{11}([0-9:]+([.][0-9]{1,6})?)'))[1]"
	zone := "(regexp_match(" + y + ", '(Z|[+-][0-9:]+)$'))[1]"
	return when(iso(y), when(dateOf(y)+" IS NOT NULL", "CAST(left("+y+", 10) || ' ' || "+clock+" || "+zone+" AS timestamptz)"))
}

func (c converter) text(x string) string {
	x = "CAST(" + x + " AS text)"
	if c.trim {
		x = cell(x)
	}
	if c.nfc {
		x = "CASE WHEN octet_length(" + x + ") = length(" + x + ") THEN " + x + " ELSE normalize(" + x + ", NFC) END"
	}
	if c.emptyMissing {
		x = "nullif(" + x + ", '')"
	}
	return "(" + x + ")" + collated
}

// textOf prints a typed value as value.Value.String does.
func textOf(x string, t value.Type) string {
	switch t.Kind {
	case value.Bool, value.Int:
		return cast(x, "text") + collated
	case value.Date:
		return "to_char(" + x + ", 'YYYY-MM-DD')" + collated
	case value.Decimal:
		return cast(cast(x, sqlType(t)), "text") + collated
	case value.Float:
		return fmt.Sprintf("CASE WHEN NOT (%[1]s > '-Infinity' AND %[1]s < 'Infinity') THEN NULL"+
			" WHEN %[1]s <> 0 AND (abs(%[1]s) < 1e-7 OR abs(%[1]s) >= 1e21) THEN CAST(%[1]s AS text)"+
			" ELSE CAST(CAST(CAST(%[1]s AS text) AS numeric) AS text) END"+collated, x)
	case value.Time:
		return "(" + wallText("timezone('UTC', "+x+")") + " || 'Z')" + collated
	case value.Wall:
		return wallText(x) + collated
	default:
		return "(" + cast(x, "text") + ")" + collated
	}
}

func wallText(x string) string {
	return fmt.Sprintf(`(to_char(%[1]s, 'YYYY-MM-DD"T"HH24:MI:SS') || CASE WHEN %[1]s = date_trunc('second', %[1]s) THEN '' ELSE to_char(%[1]s, '.US') END)`, x)
}

func fromExact(x string, from column, to value.Type) string {
	whole := from.typ.Kind == value.Int
	switch to.Kind {
	case value.Bool:
		if whole {
			return "CASE " + x + " WHEN 1 THEN true WHEN 0 THEN false END"
		}
		return null(to)
	case value.Int:
		switch {
		case from.own == "bigint":
			return x
		case whole:
			return cast(x, "bigint")
		}
		return when(inInt(x), when(x+" = trunc("+x+")", cast(x, "bigint"))) // NaN is above all numbers
	case value.Decimal:
		n := cast(x, "numeric")
		if whole && to.Prec-to.Scale >= 19 {
			return cast(n, sqlType(to))
		}
		return when(digitsFit(n, to), when(fmt.Sprintf("%[1]s = round(%[1]s, %[2]d)", n, to.Scale), cast(n, sqlType(to))))
	case value.Float:
		if whole {
			return cast(x, "double precision")
		}
		return when("abs("+x+") < 'Infinity'::float8", cast(x, "double precision"))
	case value.Version:
		if whole {
			return versionSQL(cast(x, "text"))
		}
		return null(to)
	default:
		return null(to)
	}
}

// fromFloat follows value.Fit: a float declared decimal is rounded to the
// scale, by one product.
func fromFloat(x string, to value.Type) string {
	d := cast(x, "double precision")
	finite := d + " > '-Infinity' AND " + d + " < 'Infinity'"
	switch to.Kind {
	case value.Int:
		return when(d+" >= -9223372036854775808 AND "+d+" < 9223372036854775808", when(d+" = trunc("+d+")", cast(d, "bigint")))
	case value.Decimal:
		return when(finite, rounded(d, to))
	case value.Float:
		return when(finite, d)
	default:
		return null(to)
	}
}

// rounded multiplies by the power of ten, rounds half away from zero, and
// takes the whole float as an exact number: up to 2^63 as an integer, beyond
// in two parts, since a cast to numeric keeps 15 digits.
func rounded(d string, to value.Type) string {
	product := sql.Postgres.Multiply(d, "'1e"+fmt.Sprint(to.Scale)+"'::float8")
	whole := "CASE WHEN abs(p - trunc(p)) >= 0.5 THEN trunc(p) + sign(p) ELSE trunc(p) END"
	exact := "CASE WHEN abs(r) < 9223372036854775808 THEN CAST(CAST(r AS bigint) AS numeric)" +
		" ELSE CAST(CAST(trunc(r / 18446744073709551616::float8) AS bigint) AS numeric) * 18446744073709551616" +
		" + CAST(CAST((r - trunc(r / 18446744073709551616::float8) * 18446744073709551616::float8) / 2048 AS bigint) AS numeric) * 2048 END"
	scaled := "n"
	if to.Scale > 0 {
		scaled = "n * 0." + strings.Repeat("0", to.Scale-1) + "1"
	}
	return "(SELECT " + when("abs(n) < 1"+strings.Repeat("0", to.Prec), cast(scaled, sqlType(to))) + " FROM (SELECT " + exact + " AS n FROM (SELECT " +
		whole + " AS r FROM (SELECT " + product + " AS p) AS p) AS r WHERE abs(r) < '1.7e38'::float8) AS n)"
}

// withinCalendar leaves out infinity and years that the calendar has not.
func withinCalendar(x string) string {
	return x + " >= '0001-01-01' AND " + x + " < '10000-01-01'"
}

func (c converter) fromTemporal(x string, from, to value.Kind) string {
	switch {
	case from == to:
		return when(withinCalendar(x), x)
	case from == value.Date && to == value.Wall:
		return when(withinCalendar(x), cast(x, "timestamp"))
	case from == value.Date && to == value.Time:
		return when(withinCalendar(x), "timezone("+quote(c.zone)+", "+cast(x, "timestamp")+")")
	case from == value.Wall && to == value.Date:
		return when(withinCalendar(x), when(x+" = date_trunc('day', "+x+")", cast(x, "date")))
	case from == value.Wall && to == value.Time:
		return when(withinCalendar(x), "timezone("+quote(c.zone)+", "+x+")")
	case from == value.Time && to == value.Wall:
		return when(withinCalendar(x), "timezone("+quote(c.zone)+", "+x+")")
	default:
		return null(value.Of(to))
	}
}

// list converts element by element; elements that do not fit are left out.
func (c converter) list(x string, from column, to value.Type) string {
	elem := column{typ: value.Of(value.Text)}
	switch {
	case from.typ.Kind == value.List:
		elem.typ = *from.typ.Elem
	case from.typ.Kind == value.Text && c.separator != "":
		x = "string_to_array(" + x + ", " + quote(c.separator) + ")"
		c.trim, c.emptyMissing = true, true
	default:
		return null(to)
	}
	return c.elements(x, "unnest("+x+")", c.convert("e", elem, *to.Elem), to)
}

// elements makes a list of what is known of the converted elements e of rows.
func (c converter) elements(known, rows, conv string, to value.Type) string {
	return when(known+" IS NOT NULL", "CAST(ARRAY(SELECT v FROM (SELECT "+conv+" AS v, i FROM "+rows+" WITH ORDINALITY AS l(e, i)) AS l WHERE v IS NOT NULL ORDER BY i) AS "+sqlType(to)+")")
}

// fromJSON cuts JSON up; its scalars are read as a cell is.
func (c converter) fromJSON(x string, to value.Type) string {
	x = cast(x, "json")
	switch to.Kind {
	case value.JSON:
		return x
	case value.List:
		rows := "json_array_elements(" + when("json_typeof("+x+") = 'array'", x) + ")"
		return c.elements(when("json_typeof("+x+") = 'array'", "1"), rows, c.fromJSON("e", *to.Elem), to)
	case value.Record:
		parts := make([]string, len(to.Fields))
		for i, f := range to.Fields {
			parts[i] = quote(f.Name) + ", " + c.fromJSON("("+x+" -> "+quote(f.Name)+")", f.Type)
		}
		return when("json_typeof("+x+") = 'object'", "json_build_object("+strings.Join(parts, ", ")+")")
	default:
		return c.fromText("("+x+" #>> '{}')", to)
	}
}

// knownSQL is the condition that a raw value is there at all: blank cells and
// NaN are missing, not misfits.
func knownSQL(x string, from column, to value.Type) string {
	known := x + " IS NOT NULL"
	switch {
	case from.typ.Kind == value.Float:
		return known + " AND " + x + " > '-Infinity' AND " + x + " < 'Infinity'"
	case from.typ.Kind == value.Decimal: // NaN, and since PostgreSQL 14 infinities
		return known + " AND CAST(" + x + " AS text) ~ '^-?[0-9]'"
	case from.typ.Kind != value.Text || from.cast != "" || to.Kind == value.Text:
		return known
	case to.Kind == value.Float:
		return known + " AND " + cell(x) + " <> '' AND NOT lower(" + cell(x) + ") ~ '^[+-]?(nan|inf|infinity)$'"
	default:
		return known + " AND " + cell(x) + " <> ''"
	}
}
