package duckdb

import (
	"strings"

	"github.com/segql/segql/compiler/value"
)

// versionSQL reads a cell as value.NewVersion does, in the same steps: the
// text it gives is in the order of the versions.
func versionSQL(cell string) string {
	replace := func(x, pattern, by string) string {
		return "regexp_replace(" + x + ", " + QuoteText(pattern) + ", " + QuoteText(by) + ", 'g')"
	}
	noZeros := func(x string) string { return replace(x, value.VersionZeros, `\1\2`) }
	counted := func(digits string) string { return "chr(CAST(96 + length(" + digits + ") AS INTEGER)) || " + digits }
	each := func(list, one string) string {
		return "array_to_string(list_transform(string_split(" + list + ", '.'), lambda n: " + one + "), '')"
	}
	bare := replace(cell, value.VersionNoise, "")
	numbers := "regexp_extract(" + bare + ", " + QuoteText(value.VersionNumbers) + ")"
	before := "regexp_replace(substr(" + bare + ", length(" + numbers + ") + 1), '^-', '')"
	id := "CASE WHEN regexp_matches(n, '^[0-9]+$') THEN '0' || " + counted(noZeros("n")) + " ELSE '1' || n END || '!'"
	return strings.Join([]string{
		"CASE WHEN NOT regexp_matches(" + cell + ", " + QuoteText(value.VersionPattern) + ") THEN NULL",
		"WHEN " + before + " = '' THEN " + each(replace(noZeros(numbers), value.VersionTail, ""), counted("n")) + " || '.'",
		"ELSE " + each(replace(noZeros(numbers), value.VersionTail, ""), counted("n")) + " || '-' || " + each(before, id) + " END",
	}, " ")
}
