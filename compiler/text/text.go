// Package text folds, lowers and searches text the same way on every engine.
//
// Engines disagree about letters: about Turkish İ, about which accents come
// off, about what a locale changes. So nothing here, and nothing a dialect
// prints from here, asks an engine. Fold and Lower are tables of single
// characters, generated once from Unicode 15.0.0 and printed as data; regular
// expressions are parsed here and printed from the tree, with letters of the
// other case spelled out. Text is in NFC throughout.
//
// A comparison with a fixed text, which nearly all are, is best printed as
// FoldRegex. Between two columns both are folded, with the strings FoldPairs
// and LowerPairs give (translate drops what has no partner, in DuckDB and
// PostgreSQL alike):
//
//	lower(x)  translate(x, LOWER_FROM, LOWER_TO)
//	fold(x)   trim(regexp_replace(replace(replace(translate(x, FROM, TO),
//	              'ß', 'ss'), 'æ', 'ae') …, ' +', ' ', 'g'), ' ')
//
// That costs 0.5 ms a value in DuckDB 1.5 and 0.17 ms in PostgreSQL 15, since
// both search the whole table for every value. A dialect may therefore stand
// cheaper functions of its engine before it, by CASE, for values made only of
// characters on which a test has shown them to agree with the table.
//
// spec/fold.tsv and spec/lower.tsv are the same tables for reading.
package text

import (
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

//go:generate go run gen.go

// Fold is what ~= and ~contains compare: case, accents and the strokes of đ,
// ø, ł, ħ, ŧ, ð taken off, ß æ œ þ spelled ss ae oe th, and spaces trimmed and
// collapsed. Space is every character with Unicode's White_Space property, the
// no-break ones included; U+200B and U+FEFF, spaces no one sees, are dropped
// like loose accents. Accents are the marks of the combining diacritical
// blocks, so vowel signs and voicing marks of other scripts stay.
// Fold(Fold(s)) is Fold(s).
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	table := foldTable()
	space := false // one is due before the next character
	for _, r := range s {
		r = table.of(r)
		switch {
		case r == deleted:
		case r == ' ':
			space = b.Len() > 0
		default:
			if space {
				b.WriteByte(' ')
				space = false
			}
			if long := spelled(r); long != "" {
				b.WriteString(long)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// Lower maps every character by Unicode's simple lower-case mapping, one
// character to one: İ becomes i, and Σ always σ.
func Lower(s string) string {
	return strings.Map(lowerTable().of, s)
}

// Length is the number of characters (code points).
func Length(s string) int { return utf8.RuneCountInString(s) }

// NFC composes text, which values and literals must be before they are
// compared.
func NFC(s string) string { return norm.NFC.String(s) }

// FoldPairs gives fold's table: character i of from becomes character i of to,
// and those of from beyond the length of to are dropped. After that each
// left side of spelled becomes its right side, and runs of spaces one.
func FoldPairs() (from, to string, spelled [][2]string) {
	return foldFrom, foldTo, spellings[:]
}

// LowerPairs gives lower's table: character i of from becomes character i of to.
func LowerPairs() (from, to string) { return lowerFrom, lowerTo }

// spellings are the letters that fold to two.
var spellings = [][2]string{{"ß", "ss"}, {"æ", "ae"}, {"œ", "oe"}, {"þ", "th"}}

func spelled(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'þ':
		return "th"
	}
	return ""
}

// deleted marks a character that maps to nothing; strings.Map drops it too.
const deleted = rune(-1)

// table maps characters: the alphabets below U+2000 at once, the rest by
// looking.
type table struct {
	low  [0x2000]rune
	high map[rune]rune
}

func (t *table) of(r rune) rune {
	if r < rune(len(t.low)) {
		return t.low[r]
	}
	if to, ok := t.high[r]; ok {
		return to
	}
	return r
}

var (
	foldTable  = sync.OnceValue(func() *table { return newTable(foldFrom, foldTo) })
	lowerTable = sync.OnceValue(func() *table { return newTable(lowerFrom, lowerTo) })
)

func newTable(from, to string) *table {
	t := &table{high: map[rune]rune{}}
	for r := range t.low {
		t.low[r] = rune(r)
	}
	images := []rune(to)
	for i, r := range []rune(from) {
		image := deleted
		if i < len(images) {
			image = images[i]
		}
		if int(r) < len(t.low) {
			t.low[r] = image
		} else {
			t.high[r] = image
		}
	}
	return t
}
