package sql

import (
	"math"
	"strconv"
	"strings"

	"github.com/segql/segql/compiler/text"
	"github.com/segql/segql/compiler/value"
)

// Postgres is the dialect of PostgreSQL, 13 and later, with server encoding
// UTF8, standard_conforming_strings on and TimeZone UTC. Text that is compared
// by order must come with the collation "C"; what is made here has it, and
// Sources must give it to columns.
var Postgres = &Dialect{
	Name: "postgres",
	Types: map[value.Kind]string{
		value.Bool: "boolean", value.Text: "text", value.Int: "bigint", value.Decimal: "numeric(%d, %d)",
		value.Float: "double precision", value.Date: "date", value.Time: "timestamptz", value.Wall: "timestamp", value.Version: "text",
		value.JSON: "json",
	},
	NameQuote: `"`, NameBytes: 63,
	IntLiteral: "{0}::bigint", WholeLiteral: "{0}::numeric", // a literal of few digits would be an integer of 32 bits
	VersionLiteral: `({0} COLLATE "C")`,
	TrueLiteral:    "true", FalseLiteral: "false",
	DateLiteral: "DATE '{0}'", WallLiteral: "TIMESTAMP '{0}'", TimeLiteral: "TIMESTAMPTZ '{0}+00'",

	ToWall: "timezone({1}, {0})", ToInstant: "timezone({1}, {0})", DateToWall: "CAST({0} AS timestamp)",
	AddDate:     "CAST({0} + INTERVAL '{1} {2}' AS date)",
	AddWall:     "({0} + INTERVAL '{1} {2}')",
	DivideWhole: "({0} / {1})",
	StartOf: map[string]string{
		"days": "CAST({0} AS date)", "weeks": "(CAST({0} AS date) - (CAST(extract(isodow FROM {0}) AS integer) - {1} + 7) % 7)",
		"months": "CAST(date_trunc('month', CAST({0} AS timestamp)) AS date)", "quarters": "CAST(date_trunc('quarter', CAST({0} AS timestamp)) AS date)",
		"years": "CAST(date_trunc('year', CAST({0} AS timestamp)) AS date)",
	},
	FloatArith: floatArith(),
	Exact:      "CAST({0} AS {1})", // numeric has no limit of its own
	// By way of its digits: rounded once, whatever the length.
	FloatDigits: 1000,
	// Joined by it rows can be hashed, which IS NOT DISTINCT FROM cannot.
	SameGroup: "ARRAY[{0}] = ARRAY[{1}]",
	OneOf:     "{0} IN ({1})",

	Contains: "(strpos({0}, {1}) > 0)", StartsWith: "starts_with({0}, {1})", EndsWith: "(right({0}, length({1})) = {1})",
	Matches: "({0} ~ {1})", Regex: (*text.Regex).Postgres,
	Lower:     lowerPostgres("{0}"),
	Fold:      foldPostgres("{0}"),
	Number:    "CASE WHEN btrim({0}, ' \t') ~ '" + `^[+-]?(0*[0-9]{1,28}(\.[0-9]{1,10}0*)?|\.[0-9]{1,10}0*)$` + "' THEN CAST(btrim({0}, ' \t') AS {1}) END",
	TextOf:    `CAST({0} AS text) COLLATE "C"`,
	JSONField: "({0} -> {1})", JSONText: "({0} #>> '{}')", RecordField: "CAST({0} ->> {1} AS {2})",
	MD5: `md5({0}) COLLATE "C"`,

	Sum:        "CAST(sum({0}){1} AS {2})",
	First:      "(array_agg({0} ORDER BY {1}){2})[1]",
	Mode:       "mode() WITHIN GROUP (ORDER BY {0}){1}",
	SortedList: "array_agg({1}{0} ORDER BY {0}){2}",
	ListItem:   "({0})[{1}]", ListLength: "CAST(cardinality({0}) AS bigint)", ListHas: "({1} = ANY ({0}))",
	ListCount:   "CASE WHEN {0} IS NOT NULL THEN (SELECT count(*) FROM unnest({0}) AS {1} WHERE {2}) END",
	NextRow:     NextByIndex, // made by the engine for sequences
	RowCount:    "count({0}.*)",
	CreateTable: "CREATE TEMP TABLE {0} AS\n{1}",
	Lacks:       map[Lack]string{FloatMod: "declare the columns decimal, whose remainder is exact"},
}

// floatArith guards float arithmetic: where IEEE arithmetic gives an infinity
// PostgreSQL fails, and it also fails where a result is so small that it is
// rounded to 0. Sides that are far out are scaled by powers of two, which
// loses nothing, to learn what the result would be before it is calculated.
func floatArith() map[string]string {
	power := func(n int) string {
		return "'" + strconv.FormatFloat(math.Ldexp(1, n), 'g', -1, 64) + "'::float8"
	}
	r := strings.NewReplacer("2^-512", power(-512), "2^512", power(512), "2^-500", power(-500), "2^524", power(524), "2^-50", power(-50),
		"2^540", power(540), "2^534", power(534), "2^-534", power(-534), "2^1023", power(1023), "1e290", "'1e290'::float8")
	once := func(body string) string {
		return "(SELECT CASE " + r.Replace(body) + " END FROM (SELECT {0} AS a, {1} AS b) AS o)"
	}
	sum := func(op string) string {
		return once("WHEN abs(a) > 1e290 AND abs(b) > 1e290 THEN CASE WHEN abs(a * 0.5 " + op + " b * 0.5) < 2^1023 THEN a " + op + " b END ELSE a " + op + " b")
	}
	return map[string]string{
		"+": sum("+"), "-": sum("-"),
		"*": once("WHEN abs(a) >= 1 AND abs(b) >= 1 THEN CASE WHEN abs((a * 2^-512) * (b * 2^-512)) < 1 THEN a * b END" +
			" WHEN abs(a) < 1 AND abs(b) < 1 AND a <> 0 AND b <> 0 AND (abs(a) <= 2^-500 OR abs(b) <= 2^-500)" +
			" THEN CASE WHEN abs((a * 2^540) * (b * 2^534)) > 0.5 THEN a * b ELSE 0 END ELSE a * b"),
		"/": once("WHEN b = 0 THEN NULL" +
			" WHEN abs(b) >= 1 AND abs(a) < 2^-50 AND a <> 0 THEN CASE WHEN abs((a * 2^540) / (b * 2^-534)) > 0.5 THEN a / b ELSE 0 END" +
			" WHEN abs(b) < 1 AND abs(a) >= 2^-50 THEN CASE WHEN abs(a) >= 2^524 AND abs(b) <= 2^-500 THEN NULL" +
			" WHEN abs((a * 2^-512) / (b * 2^512)) < 1 THEN a / b END ELSE a / b"),
	}
}

// ascii tells text of ASCII alone, whose letters the engine itself can lower.
const ascii = "octet_length({0}) = length({0})"

func lowerPostgres(x string) string {
	from, to := text.LowerPairs()
	return fill("CASE WHEN "+ascii+` THEN lower({0} COLLATE "C") ELSE translate({0}, {1}, {2}) END`, x, quoteSQL(from), quoteSQL(to))
}

// foldPostgres is foldSQL as PostgreSQL spells it.
func foldPostgres(x string) string {
	from, to, spelled := text.FoldPairs()
	s := "translate(" + x + ", " + quoteSQL(from) + ", " + quoteSQL(to) + ")"
	for _, p := range spelled {
		s = "replace(" + s + ", " + quoteSQL(p[0]) + ", " + quoteSQL(p[1]) + ")"
	}
	collapse := func(x string) string {
		return `btrim(regexp_replace(` + x + `, '[ \u0009-\u000D]+', ' ', 'g'), ' ')`
	}
	return fill("CASE WHEN "+ascii+" THEN {1} ELSE {2} END", x, collapse("lower("+x+` COLLATE "C")`), collapse(s))
}
