package postgres

import (
	"strings"

	"github.com/segql/segql/compiler/value"
)

// versionSQL makes of a cell without blanks the text that orders versions
// (value.NewVersion).
func versionSQL(cell string) string {
	replace := func(x, pattern, by string) string {
		return "regexp_replace(" + x + ", " + quote(pattern) + ", " + quote(by) + ", 'g')"
	}
	noZeros := func(x string) string { return replace(x, value.VersionZeros, `\1\2`) }
	counted := func(digits string) string { return "chr(96 + length(" + digits + ")) || " + digits }
	each := func(list, one string) string {
		return "(SELECT string_agg(" + one + ", '' ORDER BY i) FROM unnest(string_to_array(" + list + ", '.')) WITH ORDINALITY AS l(n, i))"
	}
	bare := replace(cell, value.VersionNoise, "")
	// substring gives the first group, so the pattern gets one around it.
	numbers := "substring(" + bare + ", " + quote("("+value.VersionNumbers+")") + ")"
	before := "regexp_replace(substr(" + bare + ", length(" + numbers + ") + 1), '^-', '')"
	id := "CASE WHEN n ~ '^[0-9]+$' THEN '0' || " + counted(noZeros("n")) + " ELSE '1' || n END || '!'"
	key := each(replace(noZeros(numbers), value.VersionTail, ""), counted("n"))
	return "(" + strings.Join([]string{
		"CASE WHEN NOT " + cell + " ~ " + quote(value.VersionPattern) + " THEN NULL",
		"WHEN " + before + " = '' THEN " + key + " || '.'",
		"ELSE " + key + " || '-' || " + each(before, id) + " END",
	}, " ") + ")" + collated
}
