package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/segql/segql/lang/diag"
	"golang.org/x/text/unicode/norm"
)

// textLit reads "…". A text ends on its line.
func (lx *lexer) textLit() {
	start := lx.pos
	i := start + 1
	plain := true
	for i < len(lx.text) && lx.text[i] != '"' && lx.text[i] != '\n' {
		if lx.text[i] == '\\' && i+1 < len(lx.text) && lx.text[i+1] != '\n' {
			plain = false
			i++
		}
		i++
	}
	if i >= len(lx.text) || lx.text[i] == '\n' {
		lx.pos = min(i, len(lx.text))
		lx.damage()
		d := lx.errorf(codeOpenText, start, start+1, "this text is not closed before the end of the line")
		d.Help = "close it with \"; a line break inside a text is written \\n"
		lx.emit(kindText, start, strings.TrimRight(lx.text[start+1:lx.pos], "\r"))
		return
	}
	lx.pos = i + 1
	lx.controls(start)
	if plain {
		lx.emit(kindText, start, lx.text[start+1:i])
		return
	}
	lx.emit(kindText, start, norm.NFC.String(lx.unescape(start+1, i)))
}

// controls reports what a reviewer cannot see inside a text, a name in
// backticks or a regular expression.
func (lx *lexer) controls(start int) {
	for i := start; i < lx.pos; {
		c := lx.text[i]
		if c >= ' ' && c < 0x7f {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(lx.text[i:])
		hidden := r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r < ' ' && r != '\t' || r == 0x7f
		if hidden {
			d := lx.errorf(codeInvisible, i, i+size, "there is an invisible character in this text (U+%04X)", r)
			d.Help = "delete it"
			if lx.text[start] == '"' {
				d.Help += ", or write it where all can see it: \\u{" + strconv.FormatInt(int64(r), 16) + "}"
			}
			d.Edits = []diag.Edit{{Span: d.Span}}
		}
		i += size
	}
}

// unescape gives the meaning of text[start:end], reporting unknown escapes.
func (lx *lexer) unescape(start, end int) string {
	var b strings.Builder
	for i := start; i < end; {
		if lx.text[i] != '\\' {
			b.WriteByte(lx.text[i])
			i++
			continue
		}
		switch c := lx.text[i+1]; c {
		case '"', '\\':
			b.WriteByte(c)
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'u':
			i = lx.unicodeEscape(&b, i, end)
			continue
		default:
			_, size := utf8.DecodeRuneInString(lx.text[i+1:])
			d := lx.errorf(codeEscape, i, i+1+size, "`%s` means nothing inside a text", lx.text[i:i+1+size])
			d.Help = `a backslash is written \\; the others are \" \n \t \u{1F600}`
			d.Edits = []diag.Edit{{Span: lx.span(i, i+1), Text: `\\`}}
			b.WriteString(lx.text[i : i+1+size])
			i += 1 + size
			continue
		}
		i += 2
	}
	return b.String()
}

// unicodeEscape reads \u{…} at i and gives the offset after it.
func (lx *lexer) unicodeEscape(b *strings.Builder, i, end int) int {
	stop := strings.IndexByte(lx.text[i:end], '}')
	if stop > 0 && lx.text[i+2] == '{' {
		digits := lx.text[i+3 : i+stop]
		n, err := strconv.ParseUint(digits, 16, 32)
		if err == nil && n > 0 && len(digits) <= 6 && utf8.ValidRune(rune(n)) {
			b.WriteRune(rune(n))
			return i + stop + 1
		}
	}
	stop = max(stop, 1) + 1
	d := lx.errorf(codeEscape, i, min(i+stop, end), "`%s` names no character", lx.text[i:min(i+stop, end)])
	d.Help = `write the number of the character in hexadecimal between braces: \u{1EA1} is ạ`
	b.WriteString(lx.text[i:min(i+stop, end)])
	return min(i+stop, end)
}

var closing = map[rune]string{'\'': "'’", '‘': "’'", '’': "’'", '‚': "‘’", '“': "”“\"", '”': "”\"", '„': "“”", '‟': "”", '«': "»", '»': "«"}

// otherQuote reads a text in single or curly quotes as the text meant.
func (lx *lexer) otherQuote(start int, quote rune) {
	rest := lx.text[lx.pos:]
	line := rest
	if nl := strings.IndexByte(rest, '\n'); nl >= 0 {
		line = rest[:nl]
	}
	end := strings.IndexAny(line, closing[quote])
	if end < 0 {
		lx.damage()
		lx.errorf(codeQuotes, start, lx.pos, "text stands between straight double quotes, not %q", quote).
			Help = "write \"…\""
		lx.pos += len(strings.TrimRight(line, "\r"))
		lx.emit(kindText, start, strings.TrimSpace(line))
		return
	}
	_, size := utf8.DecodeRuneInString(rest[end:])
	value := rest[:end]
	lx.pos += end + size
	d := lx.errorf(codeQuotes, start, lx.pos, "text stands between straight double quotes: %s", Quote(value))
	d.Help = "the keyboard's plain quotes \" open and close a text"
	d.Edits = []diag.Edit{{Span: d.Span, Text: Quote(value)}}
	lx.emit(kindText, start, value)
}

// Quote writes a text as the language does, in its one canonical way.
func Quote(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte('"')
	for _, r := range s {
		_, nothing := invisible(r)
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f || nothing:
			b.WriteString(`\u{` + strconv.FormatInt(int64(r), 16) + `}`)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// QuoteName writes a name, in backticks where it needs them.
func QuoteName(name string) string {
	if IsName(name) {
		return name
	}
	return Backtick(name)
}

// Backtick writes a name in backticks.
func Backtick(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
