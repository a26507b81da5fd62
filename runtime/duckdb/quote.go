package duckdb

import "strings"

// QuoteIdent prints a name as a DuckDB identifier. Every identifier is
// quoted: reserved words (at, asof, default) are ordinary column names. A NUL
// cannot be part of a name in DuckDB and is dropped.
func QuoteIdent(name string) string {
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), "\x00", "")
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// QuoteTable prints the path of a table, one to three names separated by
// points as the catalog writes them: table, schema.table, database.schema.table.
// A name that holds a point itself is written in double quotes.
func QuoteTable(path string) string {
	parts := SplitTable(path)
	for i, p := range parts {
		parts[i] = QuoteIdent(p)
	}
	return strings.Join(parts, ".")
}

// SplitTable cuts the path of a table into its names.
func SplitTable(path string) []string {
	var parts []string
	var cur strings.Builder
	quoted := false
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '"' && quoted && i+1 < len(path) && path[i+1] == '"':
			cur.WriteByte('"')
			i++
		case c == '"':
			quoted = !quoted
		case c == '.' && !quoted:
			parts = append(parts, cur.String())
			cur.Reset()
		default:
			cur.WriteByte(c)
		}
	}
	return append(parts, cur.String())
}

// QuoteText prints a text literal. DuckDB's plain literals know no escape but
// the doubled quote; a NUL would end the statement in the C interface, so it
// is spelled chr(0). Bytes that are not UTF-8 become U+FFFD.
func QuoteText(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if !strings.Contains(s, "\x00") {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	parts := strings.Split(s, "\x00")
	for i, p := range parts {
		parts[i] = "'" + strings.ReplaceAll(p, "'", "''") + "'"
	}
	return "(" + strings.Join(parts, " || chr(0) || ") + ")"
}

// quoteTexts prints a list of text literals.
func quoteTexts(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = QuoteText(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
