package syntax

import (
	"strings"
	"unicode/utf8"

	"github.com/segql/segql/lang/diag"
)

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// shape reports how many bytes at the start of s fit a pattern in which 0
// stands for a digit; 0 when it does not fit or another digit follows.
func shape(s, pattern string) int {
	if len(s) < len(pattern) {
		return 0
	}
	for i := range len(pattern) {
		if pattern[i] == '0' && !isDigit(s[i]) || pattern[i] != '0' && s[i] != pattern[i] {
			return 0
		}
	}
	if len(s) > len(pattern) && isDigit(s[len(pattern)]) {
		return 0
	}
	return len(pattern)
}

// number reads everything that begins with a digit: dates, times, months,
// percentages and numbers, the longest that fits.
func (lx *lexer) number() {
	rest := lx.text[lx.pos:]
	switch {
	case shape(rest, "0000-00-00") > 0:
		lx.date(rest)
	case lx.brokenDate(rest):
	case shape(rest, "0000-00") > 0:
		start := lx.pos
		lx.pos += len("0000-00")
		if m := rest[5:7]; m < "01" || m > "12" {
			lx.badDate(start, "there is no month "+m)
		}
		lx.emit(kindMonth, start, rest[:7])
	default:
		lx.plainNumber()
	}
}

// date reads a date or, where T and digits follow, a time.
func (lx *lexer) date(rest string) {
	start := lx.pos
	lx.pos += len("0000-00-00")
	year, month, day := atoi(rest[:4]), atoi(rest[5:7]), atoi(rest[8:10])
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		lx.badDate(start, "there is no day "+rest[:10])
	}
	tail := rest[10:]
	if len(tail) < 2 || tail[0] != 'T' || !isDigit(tail[1]) {
		lx.emit(kindDate, start, rest[:10])
		return
	}
	n := shape(tail, "T00:00")
	if n == 0 {
		lx.pos += nameEnd(tail, 0)
		lx.damage()
		lx.badTime(start, "this is not a time")
		lx.emit(kindTime, start, rest[:10]+"T00:00")
		return
	}
	if shape(tail[n:], ":00") > 0 {
		n += 3
	}
	lx.pos += n
	clock := tail[1:n]
	if clock[:2] > "23" || clock[3:5] > "59" || len(clock) > 5 && clock[6:] > "59" {
		lx.badTime(start, "there is no time of day "+clock)
	}
	if zone := tail[n:]; shape(zone, "+00:00") > 0 || shape(zone, "-00:00") > 0 {
		lx.pos += len("+00:00")
		if zone[1:3] > "18" || zone[4:6] > "59" {
			lx.badTime(start, "there is no zone "+zone[:6])
		}
	}
	text := lx.text[start:lx.pos]
	lx.timeTail(start)
	lx.emit(kindTime, start, text)
}

func (lx *lexer) badTime(start int, message string) {
	lx.errorf(codeDate, start, lx.pos, "%s", message).
		Help = "a time is written 2025-03-08T10:30 or 2025-03-08T10:30:00+07:00"
}

// timeTail reports what other formats put after a time.
func (lx *lexer) timeTail(start int) {
	rest := lx.text[lx.pos:]
	switch {
	case strings.HasPrefix(rest, "Z") && nameEnd(rest, 0) == 1:
		d := lx.errorf(codeDate, lx.pos, lx.pos+1, "a zone is written in hours and minutes: +00:00, not Z")
		d.Help = "without a zone a time is one of the project's zone"
		d.Edits = []diag.Edit{{Span: d.Span, Text: "+00:00"}}
		lx.pos++
	case len(rest) > 1 && rest[0] == '.' && isDigit(rest[1]):
		end := 1
		for end < len(rest) && isDigit(rest[end]) {
			end++
		}
		d := lx.errorf(codeDate, lx.pos, lx.pos+end, "a time has no fractions of a second")
		d.Help = "delete them"
		d.Edits = []diag.Edit{{Span: d.Span}}
		lx.pos += end
	case strings.HasPrefix(rest, ":") && len(rest) > 1 && isDigit(rest[1]):
		lx.badTime(start, "this is not a time")
	}
}

func (lx *lexer) badDate(start int, message string) {
	lx.errorf(codeDate, start, lx.pos, "%s", message).
		Help = "dates are written year-month-day: 2025-03-08"
}

// brokenDate reads dates as they are written elsewhere: 2025-3-8,
// 08/03/2025, 2025/03/08.
func (lx *lexer) brokenDate(rest string) bool {
	parts, seps, n := [3]string{}, [2]byte{}, 0
	for i := range parts {
		from := n
		for n < len(rest) && isDigit(rest[n]) {
			n++
		}
		parts[i] = rest[from:n]
		if i < 2 {
			if n >= len(rest) || rest[n] != '-' && rest[n] != '/' {
				return false
			}
			seps[i] = rest[n]
			n++
		}
	}
	lens := [3]int{len(parts[0]), len(parts[1]), len(parts[2])}
	yearFirst := lens[0] == 4 && lens[1] >= 1 && lens[1] <= 2 && lens[2] >= 1 && lens[2] <= 2
	yearLast := lens[2] == 4 && lens[0] >= 1 && lens[0] <= 2 && lens[1] >= 1 && lens[1] <= 2
	if seps[0] != seps[1] || !yearFirst && !yearLast {
		return false
	}
	start := lx.pos
	lx.pos += n
	d := lx.errorf(codeDate, start, lx.pos, "dates are written year-month-day")
	iso := pad(parts[0], 4) + "-" + pad(parts[1], 2) + "-" + pad(parts[2], 2)
	if yearFirst {
		d.Help = "write " + iso
		d.Edits = []diag.Edit{{Span: d.Span, Text: iso}}
	} else {
		iso = parts[2] + "-" + pad(parts[1], 2) + "-" + pad(parts[0], 2)
		d.Help = "write " + iso + ", or " + parts[2] + "-" + pad(parts[0], 2) + "-" + pad(parts[1], 2) + ", whichever is meant"
	}
	lx.emit(kindDate, start, iso)
	return true
}

// digits reads digits with single _ between them from i.
func (lx *lexer) digits(i int) int {
	for i < len(lx.text) {
		if c := lx.text[i]; !isDigit(c) && !(c == '_' && i+1 < len(lx.text) && isDigit(lx.text[i+1])) {
			break
		}
		i++
	}
	return i
}

func (lx *lexer) plainNumber() {
	start := lx.pos
	whole := lx.digits(start)
	lx.pos = whole
	points := 0
	for lx.pos+1 < len(lx.text) && lx.text[lx.pos] == '.' && isDigit(lx.text[lx.pos+1]) {
		lx.pos = lx.digits(lx.pos + 1)
		points++
	}
	raw := lx.text[start:lx.pos]
	val := strings.ReplaceAll(raw, "_", "")
	switch {
	case points > 1:
		lx.manyPoints(start, raw)
		val = strings.ReplaceAll(val, ".", "")
	case points == 1 && lx.pos-whole == 4 && strings.Trim(lx.text[start:whole], "0_") != "" && !strings.Contains(raw, "_"):
		lx.pointThousands(start, whole)
	}
	if lx.pos < len(lx.text) && lx.text[lx.pos] == '%' {
		lx.pos++
		lx.emit(kindPercent, start, val)
		return
	}
	if r, _ := utf8.DecodeRuneInString(lx.text[lx.pos:]); lx.pos < len(lx.text) && isLetter(r) && lx.gluedWord(start, raw) {
		return
	}
	lx.emit(kindNumber, start, val)
}

// pointThousands warns of 5.000, which half of the world reads as 5000.
func (lx *lexer) pointThousands(start, whole int) {
	a, b := lx.text[start:whole], lx.text[whole+1:lx.pos]
	short := a + "." + strings.TrimRight(b, "0")
	if strings.HasSuffix(short, ".") {
		short += "0"
	}
	lx.diags.Warnf(codePoint, lx.span(start, lx.pos), "%s.%s is read as %s, not as %s%s", a, b, short, a, b).
		Help = "write " + a + "_" + b + " for the thousands, or " + short + " to say that the point is meant"
}

func (lx *lexer) manyPoints(start int, raw string) {
	d := lx.errorf(codeNumber, start, lx.pos, "a number has one point at most")
	text := strings.ReplaceAll(raw, ".", "_")
	d.Help = "digits are grouped with _: " + text
	d.Edits = []diag.Edit{{Span: d.Span, Text: text}}
}

// pointNumber reads .5
func (lx *lexer) pointNumber() {
	start := lx.pos
	lx.pos = lx.digits(start + 1)
	d := lx.errorf(codeNumber, start, lx.pos, "a number begins with a digit: 0%s", lx.text[start:lx.pos])
	d.Help = "write the 0 before the point"
	d.Edits = []diag.Edit{{Span: lx.span(start, start), Text: "0"}}
	val := "0" + strings.ReplaceAll(lx.text[start:lx.pos], "_", "")
	if lx.pos < len(lx.text) && lx.text[lx.pos] == '%' {
		lx.pos++
		lx.emit(kindPercent, start, val)
		return
	}
	lx.emit(kindNumber, start, val)
}

var multiples = map[string]string{"k": "000", "K": "000", "tr": "000000", "M": "000000", "tỷ": "000000000", "B": "000000000"}

// gluedWord handles letters right behind digits: 30days is read as 30 days,
// 5k and 1e6 are no numbers, 2024_buyers is no name.
func (lx *lexer) gluedWord(start int, raw string) bool {
	end := nameEnd(lx.text, lx.pos)
	word := lx.text[lx.pos:end]
	if units[word] != "" {
		return false
	}
	lx.pos = end
	whole := lx.text[start:end]
	switch zeros := multiples[word]; {
	case zeros != "" && !strings.Contains(raw, "."):
		d := lx.errorf(codeNumber, start, end, "`%s` is not a number", whole)
		d.Help = "write the digits, grouped with _"
		d.Edits = []diag.Edit{{Span: d.Span, Text: group(strings.ReplaceAll(raw, "_", "") + zeros)}}
	case word[0] == 'e' || word[0] == 'E':
		lx.errorf(codeNumber, start, end, "`%s` is not a number", whole).
			Help = "numbers have no exponent; write the digits, grouped with _: 1_000_000"
	case unitAliases[word] != "":
		lx.pos = end - len(word)
		return false
	default:
		d := lx.errorf(codeName, start, end, "a name begins with a letter, and `%s` is not a number", whole)
		d.Help = "other names stand in backticks"
		d.Edits = []diag.Edit{{Span: d.Span, Text: QuoteName(whole)}}
		lx.emit(kindQuoted, start, whole)
		return true
	}
	lx.emit(kindNumber, start, "0")
	return true
}

// group puts _ between thousands.
func group(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "_" + digits[i:]
	}
	return digits
}

func pad(s string, n int) string { return strings.Repeat("0", max(n-len(s), 0)) + s }

func atoi(s string) (n int) {
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}
