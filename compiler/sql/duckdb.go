package sql

import (
	"strings"

	"github.com/segql/segql/compiler/text"
	"github.com/segql/segql/compiler/value"
)

// DuckDB is the dialect of DuckDB 1.5.
var DuckDB = &Dialect{
	Name: "duckdb",
	Types: map[value.Kind]string{
		value.Bool: "BOOLEAN", value.Text: "VARCHAR", value.Int: "BIGINT", value.Decimal: "DECIMAL(%d, %d)",
		value.Float: "DOUBLE", value.Date: "DATE", value.Time: "TIMESTAMPTZ", value.Wall: "TIMESTAMP", value.Version: "VARCHAR",
		value.JSON: "JSON",
	},
	NameQuote: `"`, NameBytes: 1 << 20,
	IntLiteral: "{0}", WholeLiteral: "{0}", VersionLiteral: "{0}",
	TrueLiteral: "true", FalseLiteral: "false",
	DateLiteral: "DATE '{0}'", WallLiteral: "TIMESTAMP '{0}'", TimeLiteral: "TIMESTAMPTZ '{0}+00'",

	ToWall: "timezone({1}, {0})", ToInstant: "timezone({1}, {0})", DateToWall: "CAST({0} AS TIMESTAMP)",
	AddDate:     "CAST({0} + INTERVAL ({1}) {2} AS DATE)",
	AddWall:     "({0} + INTERVAL ({1}) {2})",
	DivideWhole: "({0} // {1})",
	StartOf: map[string]string{
		"days": "CAST({0} AS DATE)", "weeks": "(CAST({0} AS DATE) - CAST((isodow({0}) - {1} + 7) % 7 AS INTEGER))",
		"months": "CAST(date_trunc('month', {0}) AS DATE)", "quarters": "CAST(date_trunc('quarter', {0}) AS DATE)",
		"years": "CAST(date_trunc('year', {0}) AS DATE)",
	},

	Contains: "contains({0}, {1})", StartsWith: "starts_with({0}, {1})", EndsWith: "ends_with({0}, {1})",
	FloatArith: map[string]string{"+": finite("({0} + {1})"), "-": finite("({0} - {1})"), "*": finite("({0} * {1})"), "/": finite("{0} / nullif({1}, 0)")},
	Exact:      "{0}", FloatDigits: 15,
	SameGroup: "{0} IS NOT DISTINCT FROM {1}",
	// A function is asked once for each different text that a block of rows has
	// in its dictionary, and IN for every row: a tenth of the time.
	OneOf:   "list_contains([{1}], {0})",
	Matches: "regexp_matches({0}, {1})", Regex: (*text.Regex).RE2,
	Lower:     "lower({0})", // the table of package text on every character, held by a test
	Fold:      foldSQL("{0}"),
	Number:    "CASE WHEN regexp_matches(trim({0}, ' \t'), '" + `^[+-]?([0-9]+(\.[0-9]{1,10}0*)?|\.[0-9]{1,10}0*)$` + "') THEN TRY_CAST(trim({0}, ' \t') AS {1}) END",
	TextOf:    "CAST({0} AS VARCHAR)",
	JSONField: "json_extract({0}, '$.' || {2})", JSONText: "({0} ->> '$')", RecordField: "struct_extract({0}, {1})",
	MD5: "md5({0})",

	Sum:        "sum({0}){1}",
	First:      "first({0} ORDER BY {1}){2}",
	Mode:       "mode({0} ORDER BY {0}){1}",
	SortedList: "list({1}{0} ORDER BY {0}){2}",
	ListItem:   "list_extract({0}, {1})", ListLength: "len({0})", ListHas: "list_contains({0}, {1})",
	ListCount:   "len(list_filter({0}, lambda {1}: {2}))",
	NextRow:     NextByWindow,
	RowCount:    "count(*)",
	CreateTable: "CREATE TEMP TABLE {0} AS\n{1}",
	Lacks:       map[Lack]string{},
}

// finite makes a float that is not finite missing.
func finite(x string) string { return "CASE WHEN isfinite(" + x + ") THEN " + x + " END" }

func quoteSQL(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// foldSQL prints fold of two columns that are compared: text of ASCII alone
// has a short way, the rest goes by table, which is slow; the letters that
// fold to two come next, then runs of spaces. A constant side never comes
// here: it is searched for by text.FoldRegex.
func foldSQL(x string) string {
	from, to, spelled := text.FoldPairs()
	s := "translate(" + x + ", " + quoteSQL(from) + ", " + quoteSQL(to) + ")"
	for _, p := range spelled {
		s = "replace(" + s + ", " + quoteSQL(p[0]) + ", " + quoteSQL(p[1]) + ")"
	}
	collapse := func(x string) string { return "trim(regexp_replace(" + x + ", '[ \\t-\\r]+', ' ', 'g'), ' ')" }
	return "CASE WHEN strlen(" + x + ") = length(" + x + ") THEN " + collapse("lower("+x+")") + " ELSE " + collapse(s) + " END"
}
