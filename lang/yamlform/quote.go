package yamlform

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// otherThanText are the texts that readers of YAML may take for something other
// than text: numbers of any base, sexagesimals, dates, times, booleans, null.
var otherThanText = regexp.MustCompile(`^(?i:[-+]?\.?[0-9][0-9_,.:eE+\-tTzZ ]*|[-+]?0[xob][0-9a-f_]+|[-+]?\.inf|\.nan|y|n|yes|no|on|off|true|false|null|~|=|<<)$`)

// write gives a word as YAML, on one line; inside brackets more characters
// have a meaning.
func (w word) write(inFlow bool) string {
	s := w.text
	switch {
	case w.style == cellWord && (w.quoted && bareCell(s) && !number(s) || !w.quoted && (bareCell(s) || plain(s, inFlow))):
		return s
	case w.style == cellWord, !plain(s, inFlow):
		return quote(s)
	case w.style == textWord && otherThanText.MatchString(s), w.style == openWord && w.quoted && otherThanText.MatchString(s):
		return `"` + s + `"`
	}
	return s
}

// plainCell are texts that YAML reads as themselves inside of brackets: words,
// and numbers, dates and times.
var plainCell = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^-?[\p{L}\p{N}_.$][\p{L}\p{M}\p{N}_.@/+$%-]*(:?[ ]?[\p{L}\p{M}\p{N}_.@/+$%-])*$`)
})

// otherCell are texts that readers of YAML take for nothing, or for something
// that is no text.
var otherCell = regexp.MustCompile(`^(?i:null|~|y|n|yes|no|on|off|true|false|\.nan|[-+]?\.inf|<<|=)$`)

// number reports a text that begins as a number does: its author quotes the
// code 85123A as the codes beside it.
func number(s string) bool {
	return otherThanText.MatchString(s) || strings.IndexByte("0123456789.-", s[0]) >= 0
}

func bareCell(s string) bool {
	return s == "…" || plainCell().MatchString(s) && !strings.Contains(s, ": ") && (!otherCell.MatchString(s) || s == "true" || s == "false")
}

// Cell writes a value of a type of its own for inside of brackets. What is
// written without quotes is read as it stands, whatever its type.
func Cell(s string) string {
	if bareCell(s) {
		return s
	}
	return quote(s)
}

// Plain reports whether YAML reads a text that ends its line as itself, without
// quotes around it, and as text.
func Plain(s string) bool { return plain(s, false) && !otherThanText.MatchString(s) }

// Quote writes a text in quotes.
func Quote(s string) string { return quote(s) }

// plain reports whether YAML reads an unquoted text as itself.
func plain(s string, inFlow bool) bool {
	if s == "" || s != strings.TrimSpace(s) || strings.ContainsFunc(s, hidden) {
		return false
	}
	switch s {
	case "~", "null", "Null", "NULL", "---", "...", "<<", "=":
		return false
	}
	switch s[0] {
	case ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`':
		return false
	case '-', '?', ':':
		if len(s) == 1 || s[1] == ' ' || inFlow && s[0] != '-' {
			return false
		}
	}
	if strings.HasPrefix(s, "--- ") || strings.HasPrefix(s, "... ") || strings.Contains(s, ": ") || strings.Contains(s, " #") || strings.HasSuffix(s, ":") {
		return false
	}
	return !inFlow || !strings.ContainsAny(s, ",[]{}:(")
}

// hidden reports characters that YAML forbids, takes for line ends, or that a
// reviewer cannot see.
func hidden(r rune) bool {
	switch {
	case r < ' ', r == '\u0085', r == '\u00a0', r == '\u2028', r == '\u2029', r == '\ufeff', r == '\ufffe', r == '\uffff', r == unicode.ReplacementChar:
		return true
	}
	return !unicode.IsPrint(r)
}

// quote writes a text in the quotes that need the fewest escapes.
func quote(s string) string {
	if strings.ContainsFunc(s, hidden) || !strings.ContainsAny(s, `"\`) {
		return doubleQuoted(s)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

func doubleQuoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case hidden(r) && r < 0x100:
			b.WriteString(`\x` + hex(r, 2))
		case hidden(r) && r < 0x10000:
			b.WriteString(`\u` + hex(r, 4))
		case hidden(r):
			b.WriteString(`\U` + hex(r, 8))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func hex(r rune, digits int) string {
	s := strconv.FormatInt(int64(r), 16)
	return strings.Repeat("0", max(digits-len(s), 0)) + s
}
