package duckdb

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/value"
)

// ConvertOptions are what the catalog says of a column beside its type.
type ConvertOptions struct {
	Trim         bool   // text: drop blanks (value.Blank) at both ends
	NFC          bool   // text: Unicode normal form C; the planner sets it for every file
	EmptyMissing bool   // text: "" is missing
	Separator    string // list: cuts a text into elements; "" expects a JSON list
	Plain        bool   // shorter and slower, for people to read
	Zone         string // where Wall and Time meet: the project's zone; "" is UTC
}

// ConvertSQL prints the value of a raw column as the declared type. x is the
// column's SQL, better a plain reference than a costly expression, for it is
// printed several times. The rules are those of value.Parse for text and
// value.Fit for the rest: what does not fit is NULL, never rounded, never an
// error. A column that has the type already is printed as it is, so that
// filters on it still reach the file's statistics.
func ConvertSQL(x string, from Column, to value.Type, opt ConvertOptions) string {
	return converter{opt}.convert(x, parseEngineType(from.EngineType), to)
}

// FitsSQL is true for a known value that the conversion keeps and for a
// missing one, false for one that it loses. Blank cells and NaN are missing.
func FitsSQL(x string, from Column, to value.Type, opt ConvertOptions) string {
	t := parseEngineType(from.EngineType)
	lost := "(" + ConvertSQL(x, from, to, opt) + ") IS NULL"
	if k := knownSQL(x, t, to); k != "" {
		lost = k + " AND " + lost
	}
	return "NOT coalesce(" + x + " IS NOT NULL AND " + lost + ", false)"
}

// knownSQL is what a value must be, beside not NULL, to count as known.
func knownSQL(x string, from engineType, to value.Type) string {
	switch {
	case from.name == "DOUBLE" || from.name == "FLOAT":
		return "isfinite(" + x + ")"
	case from.value().Kind != value.Text || to.Kind == value.Text:
		return ""
	case to.Kind == value.Float:
		return cellSQL(x) + " <> '' AND NOT regexp_matches(lower(" + cellSQL(x) + "), '^[+-]?(nan|inf|infinity)$')"
	default:
		return cellSQL(x) + " <> ''"
	}
}

type converter struct{ opt ConvertOptions }

func (c converter) zone() string {
	if c.opt.Zone == "" {
		return "'UTC'"
	}
	return QuoteText(c.opt.Zone)
}

func (c converter) convert(x string, from engineType, to value.Type) string {
	switch to.Kind {
	case value.List:
		return c.list(x, from, to)
	case value.Record:
		return c.record(x, from, to)
	case value.JSON:
		return c.json(x, from)
	}
	source := from.value()
	switch {
	case from.name == "JSON":
		return c.fromText("("+x+" ->> '$')", to)
	case source.Kind == value.Text:
		if from.name != "VARCHAR" {
			x = "CAST(" + x + " AS VARCHAR)"
		}
		return c.fromText(x, to)
	case to.Kind == value.Text:
		return textOf(x, from)
	}
	switch source.Kind {
	case value.Bool:
		if to.Kind == value.Bool {
			return x
		}
	case value.Int, value.Decimal:
		return fromExact(x, from, source, to)
	case value.Float:
		return fromFloat(x, to)
	case value.Date, value.Wall, value.Time:
		return c.fromTemporal(x, from, source.Kind, to.Kind)
	}
	return null(to)
}

func null(t value.Type) string { return "CAST(NULL AS " + sqlType(t) + ")" }

func try(x, typ string) string { return "TRY_CAST(" + x + " AS " + typ + ")" }

// cellSQL is a cell without the blanks around it.
func cellSQL(x string) string { return "trim(" + x + ", " + QuoteText(value.Blank) + ")" }

// canonical converts a cell that is written exactly as DuckDB writes the
// value, which is nearly every cell and costs a third of the pattern that
// decides for the others.
func (c converter) canonical(x, typ, pattern, otherwise string) string {
	if c.opt.Plain {
		return fmt.Sprintf("CASE WHEN regexp_matches(%s, %s) THEN %s END", cellSQL(x), QuoteText(pattern), try(otherwise, typ))
	}
	return fmt.Sprintf("CASE WHEN CAST(%[1]s AS VARCHAR) = %[2]s THEN %[1]s WHEN regexp_matches(%[3]s, %[4]s) THEN %[5]s END",
		try(x, typ), x, cellSQL(x), QuoteText(pattern), try(otherwise, typ))
}

func (c converter) fromText(x string, to value.Type) string {
	cell := cellSQL(x)
	switch to.Kind {
	case value.Text:
		return c.text(x)
	case value.Version:
		return versionSQL(cell)
	case value.Bool:
		return "CASE WHEN lower(" + cell + ") IN ('true', 't', 'yes', 'y', '1') THEN true" +
			" WHEN lower(" + cell + ") IN ('false', 'f', 'no', 'n', '0') THEN false END"
	case value.Int:
		return c.canonical(x, "BIGINT", value.IntPattern, "split_part("+cell+", '.', 1)")
	case value.Decimal:
		return c.canonical(x, sqlType(to), decimalPattern(to.Scale), cell)
	case value.Float:
		return fmt.Sprintf("CASE WHEN regexp_matches(%s, %s) AND isfinite(%[3]s) THEN %[3]s END",
			cell, QuoteText(value.FloatPattern), try(cell, "DOUBLE"))
	case value.Date:
		return fmt.Sprintf("CASE WHEN length(%[1]s) = 10 AND CAST(%[2]s AS VARCHAR) = %[1]s THEN %[2]s WHEN regexp_matches(%[3]s, %[4]s) AND NOT starts_with(%[3]s, '0000') THEN %[5]s END",
			x, try(x, "DATE"), cell, QuoteText(value.DatePattern), try("left("+cell+", 10)", "DATE"))
	case value.Wall:
		return "CASE WHEN " + hasZone(cell) + " THEN timezone(" + c.zone() + ", " + instantFromText(x) + ") ELSE " + wallFromText(x) + " END"
	case value.Time:
		return "CASE WHEN " + hasZone(cell) + " THEN " + instantFromText(x) + " ELSE timezone(" + c.zone() + ", " + wallFromText(x) + ") END"
	default:
		return null(to)
	}
}

// decimalPattern is value.DecimalPattern with no digit but zero beyond the
// scale, since DuckDB's cast would round it away.
func decimalPattern(scale int) string {
	if scale == 0 {
		return `^[+-]?([0-9]+(\.0+)?|\.0+)$`
	}
	return fmt.Sprintf(`^[+-]?([0-9]+(\.[0-9]{1,%[1]d}0*)?|\.[0-9]{1,%[1]d}0*)$`, scale)
}

// hasZone tells whether a cell that fits the ISO pattern has a zone.
func hasZone(cell string) string {
	return "(length(" + cell + ") > 16 AND regexp_matches(" + cell + ", '[0-9](Z|[+-][0-9]{2}(:?[0-9]{2})?)$'))"
}

func isoSQL(x string) string {
	return "regexp_matches(" + cellSQL(x) + ", " + QuoteText(calendar.ISOPattern) + ") AND NOT starts_with(" + cellSQL(x) + ", '0000')"
}

// wallFromText reads date and time of a cell without zone.
func wallFromText(x string) string {
	return "CASE WHEN " + isoSQL(x) + " THEN " + try("left("+cellSQL(x)+", 26)", "TIMESTAMP") + " END"
}

// instantFromText reads a time with zone. DuckDB wants seconds before a zone.
func instantFromText(x string) string {
	full := "regexp_replace(" + cellSQL(x) + `, '^(.{11}[0-9]{2}:[0-9]{2})(Z|[+-].*)$', '\1:00\2')`
	return "CASE WHEN " + isoSQL(x) + " THEN " + try(full, "TIMESTAMPTZ") + " END"
}

// stableText matches a character that may not be in normal form C, or may
// change beside another. DuckDB's nfc_normalize takes 0.8 µs for a short
// Vietnamese name, this pattern 0.1.
const stableText = `[^\x00-\x{2FF}\x{400}-\x{482}\x{48A}-\x{52F}\x{1E00}-\x{1EFF}\x{2010}-\x{203A}\x{20A0}-\x{20BF}\x{3001}-\x{3029}\x{3041}-\x{3096}\x{30A1}-\x{30FA}\x{4E00}-\x{9FFF}\x{AC00}-\x{D7A3}\x{1F300}-\x{1FAFF}]`

func (c converter) text(x string) string {
	if c.opt.Trim {
		x = cellSQL(x)
	}
	switch {
	case c.opt.NFC && c.opt.Plain:
		x = "nfc_normalize(" + x + ")"
	case c.opt.NFC:
		x = fmt.Sprintf("CASE WHEN strlen(%[1]s) = length(%[1]s) OR NOT regexp_matches(%[1]s, %[2]s) THEN %[1]s ELSE nfc_normalize(%[1]s) END", x, QuoteText(stableText))
	}
	if c.opt.EmptyMissing {
		x = "nullif(" + x + ", '')"
	}
	return x
}

// textOf prints a typed value as value.Value.String does.
func textOf(x string, from engineType) string {
	switch from.value().Kind {
	case value.Float:
		return floatText(x)
	case value.Wall:
		return wallText("CAST(" + x + " AS TIMESTAMP)")
	case value.Time:
		return wallText("timezone('UTC', "+x+")") + " || 'Z'"
	case value.Decimal:
		if t := from.value(); t.Prec == t.Scale { // DuckDB writes .50
			return "regexp_replace(CAST(" + x + ` AS VARCHAR), '^(-?)\.', '\10.')`
		}
	}
	return "CAST(" + x + " AS VARCHAR)"
}

// floatText writes the shortest digits of a float, as DuckDB does, but with an
// exponent only below 1e-7 and from 1e21.
func floatText(x string) string {
	return fmt.Sprintf(`CASE WHEN NOT isfinite(%[1]s) THEN NULL
WHEN %[1]s = trunc(%[1]s) AND abs(%[1]s) < 9007199254740992 THEN CAST(CAST(%[1]s AS BIGINT) AS VARCHAR)
WHEN abs(%[1]s) < 1e-7 OR abs(%[1]s) >= 1e21 THEN CAST(%[1]s AS VARCHAR)
WHEN CAST(%[1]s AS VARCHAR) LIKE '%%e+%%' THEN CASE WHEN %[1]s < 0 THEN '-' ELSE '' END || rpad(%[2]s, CAST(split_part(CAST(%[1]s AS VARCHAR), 'e+', 2) AS INTEGER) + 1, '0')
WHEN CAST(%[1]s AS VARCHAR) LIKE '%%e-%%' THEN CASE WHEN %[1]s < 0 THEN '-' ELSE '' END || '0.' || repeat('0', CAST(split_part(CAST(%[1]s AS VARCHAR), 'e-', 2) AS INTEGER) - 1) || %[2]s
ELSE regexp_replace(CAST(%[1]s AS VARCHAR), '\.0$', '') END`, x, "replace(ltrim(split_part(CAST("+x+" AS VARCHAR), 'e', 1), '-'), '.', '')")
}

func wallText(x string) string {
	return fmt.Sprintf("strftime(%[1]s, '%%Y-%%m-%%dT%%H:%%M:%%S') || CASE WHEN %[1]s = date_trunc('second', %[1]s) THEN '' ELSE strftime(%[1]s, '.%%f') END", x)
}

func fromExact(x string, from engineType, source, to value.Type) string {
	switch to.Kind {
	case value.Bool:
		return "CASE " + x + " WHEN 1 THEN true WHEN 0 THEN false END"
	case value.Int:
		switch {
		case from.name == "BIGINT":
			return x
		case source.Kind == value.Int:
			return "CAST(" + x + " AS BIGINT)"
		case source.Scale > 0:
			return "CASE WHEN " + x + " = trunc(" + x + ") THEN " + try(x, "BIGINT") + " END"
		}
		return try(x, "BIGINT")
	case value.Decimal:
		switch {
		case from.name == "DECIMAL" && source.Prec == to.Prec && source.Scale == to.Scale:
			return x
		case source.Kind == value.Int || source.Scale <= to.Scale:
			return try(x, sqlType(to))
		}
		return fmt.Sprintf("CASE WHEN %[1]s = %[2]s THEN %[1]s END", try(x, sqlType(to)), x)
	case value.Float:
		return "CAST(" + x + " AS DOUBLE)"
	case value.Version:
		if source.Kind == value.Int {
			return versionSQL("CAST(" + x + " AS VARCHAR)")
		}
		return null(to)
	default:
		return null(to)
	}
}

// fromFloat follows value.Fit: a float declared decimal is rounded to the
// scale, by one product, which is also how DuckDB casts a DOUBLE.
func fromFloat(x string, to value.Type) string {
	d := "CAST(" + x + " AS DOUBLE)"
	switch to.Kind {
	case value.Int:
		return "CASE WHEN isfinite(" + x + ") AND " + x + " = trunc(" + x + ") THEN " + try(d, "BIGINT") + " END"
	case value.Decimal:
		return "CASE WHEN isfinite(" + x + ") THEN " + try(d, sqlType(to)) + " END"
	case value.Float:
		return "CASE WHEN isfinite(" + x + ") THEN " + d + " END"
	default:
		return null(to)
	}
}

func (c converter) fromTemporal(x string, from engineType, source, to value.Kind) string {
	wall := x
	if from.name != "TIMESTAMP" && source != value.Time {
		wall = "CAST(" + x + " AS TIMESTAMP)"
	}
	switch {
	case source == value.Date && to == value.Date, source == value.Time && to == value.Time:
		return x
	case source == value.Wall && to == value.Date:
		return "CASE WHEN " + wall + " = date_trunc('day', " + wall + ") THEN CAST(" + wall + " AS DATE) END"
	case source == value.Time && to == value.Wall:
		return "timezone(" + c.zone() + ", " + x + ")"
	case to == value.Wall:
		return wall
	case to == value.Time:
		return "timezone(" + c.zone() + ", " + wall + ")"
	default:
		return null(value.Of(to))
	}
}

// list converts element by element; elements that do not fit are left out.
func (c converter) list(x string, from engineType, to value.Type) string {
	element := func(list string, typ engineType, keep string) string {
		conv := c.convert("e", typ, *to.Elem)
		return "[" + conv + " FOR e IN " + list + " IF " + keep + "(" + conv + ") IS NOT NULL]"
	}
	switch {
	case from.name == "LIST":
		return element(x, *from.elem, "")
	case from.name == "VARCHAR" && c.opt.Separator != "":
		trimmed := converter{c.opt}
		trimmed.opt.Trim, trimmed.opt.EmptyMissing = true, true
		conv := trimmed.convert("e", from, *to.Elem)
		return "[" + conv + " FOR e IN string_split(" + x + ", " + QuoteText(c.opt.Separator) + ") IF (" + conv + ") IS NOT NULL]"
	case from.name == "VARCHAR" || from.name == "JSON":
		raw := rawType(to)
		return element(transformSQL(x, from, raw), *raw.elem, "")
	default:
		return null(to)
	}
}

func (c converter) record(x string, from engineType, to value.Type) string {
	if from.name == "VARCHAR" || from.name == "JSON" {
		raw := rawType(to)
		return c.record("("+transformSQL(x, from, raw)+")", raw, to)
	}
	if from.name != "STRUCT" {
		return null(to)
	}
	fields := make([]string, len(to.Fields))
	for i, f := range to.Fields {
		conv := null(f.Type)
		for _, have := range from.fields {
			if strings.EqualFold(have.name, f.Name) { // as DuckDB finds it
				conv = c.convert("struct_extract("+x+", "+QuoteText(have.name)+")", have.typ, f.Type)
			}
		}
		fields[i] = QuoteText(f.Name) + ": " + conv
	}
	return "CASE WHEN " + x + " IS NOT NULL THEN {" + strings.Join(fields, ", ") + "} END"
}

func (c converter) json(x string, from engineType) string {
	switch from.name {
	case "JSON":
		return x
	case "VARCHAR":
		return "CASE WHEN json_valid(" + x + ") THEN CAST(" + x + " AS JSON) END"
	default:
		return "to_json(" + x + ")"
	}
}

// rawType is a type with text in place of every scalar: JSON is first cut up
// as text and then converted by the same rules as a cell, because DuckDB's own
// conversion rounds.
func rawType(t value.Type) engineType {
	switch t.Kind {
	case value.List:
		elem := rawType(*t.Elem)
		return engineType{name: "LIST", elem: &elem}
	case value.Record:
		raw := engineType{name: "STRUCT"}
		for _, f := range t.Fields {
			raw.fields = append(raw.fields, engineField{f.Name, rawType(f.Type)})
		}
		return raw
	default:
		return engineType{name: "VARCHAR"}
	}
}

// transformSQL cuts JSON up into the raw type; NULL where it is another shape.
func transformSQL(x string, from engineType, raw engineType) string {
	if from.name == "VARCHAR" {
		x = "CASE WHEN json_valid(" + x + ") THEN " + x + " END"
	}
	return "json_transform(" + x + ", " + QuoteText(raw.structure()) + ")"
}

// structure is the type as json_transform wants it.
func (t engineType) structure() string {
	switch t.name {
	case "LIST":
		return "[" + t.elem.structure() + "]"
	case "STRUCT":
		parts := make([]string, len(t.fields))
		for i, f := range t.fields {
			parts[i] = jsonText(f.name) + ":" + f.typ.structure()
		}
		return "{" + strings.Join(parts, ",") + "}"
	default:
		return `"VARCHAR"`
	}
}
