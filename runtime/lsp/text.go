package lsp

import (
	"sort"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// text is a file as an editor has it. The language works on its NFC form
// without byte order mark (syntax.Load); positions of the protocol count lines
// and UTF-16 units of the text as it is.
type text struct {
	raw   string
	lines []int // offset of the first byte of each line
	// changed are the parts that NFC changes, in order; offsets between them
	// move by what was gained or lost before.
	changed []changedPart
	nfcLen  int
}

// changedPart is a part of the text and what NFC makes of it.
type changedPart struct{ raw, rawEnd, nfc, nfcEnd int }

const byteOrderMark = "\ufeff"

func newText(raw string) *text {
	t := &text{raw: raw, lines: []int{0}}
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '\r':
			if i+1 < len(raw) && raw[i+1] == '\n' {
				i++
			}
			t.lines = append(t.lines, i+1)
		case '\n':
			t.lines = append(t.lines, i+1)
		}
	}
	t.normalize()
	return t
}

// normalize finds the parts that NFC changes.
func (t *text) normalize() {
	skip := 0
	if strings.HasPrefix(t.raw, byteOrderMark) {
		skip = len(byteOrderMark)
		t.changed = append(t.changed, changedPart{0, skip, 0, 0})
	}
	rest := t.raw[skip:]
	t.nfcLen = len(rest)
	if norm.NFC.IsNormalString(rest) || !utf8.ValidString(rest) {
		return
	}
	var it norm.Iter
	it.InitString(norm.NFC, rest)
	nfc := 0
	for !it.Done() {
		start := it.Pos()
		part := it.Next()
		if end := it.Pos(); string(part) != rest[start:end] {
			t.changed = append(t.changed, changedPart{skip + start, skip + end, nfc, nfc + len(part)})
		}
		nfc += len(part)
	}
	t.nfcLen = nfc
}

// toFile gives the offset in the NFC form for one in the text; inside of a
// part that NFC changes, its beginning.
func (t *text) toFile(raw int) int {
	i := sort.Search(len(t.changed), func(i int) bool { return t.changed[i].rawEnd > raw })
	nfc := raw
	if i > 0 {
		c := t.changed[i-1]
		nfc = c.nfcEnd + raw - c.rawEnd
	}
	if i < len(t.changed) && raw > t.changed[i].raw {
		nfc = t.changed[i].nfc
	}
	return min(max(nfc, 0), t.nfcLen)
}

// fromFile gives the offset in the text for one in the NFC form; inside of a
// part that NFC has changed, its beginning.
func (t *text) fromFile(nfc int) int {
	nfc = min(max(nfc, 0), t.nfcLen)
	i := sort.Search(len(t.changed), func(i int) bool { return t.changed[i].nfcEnd > nfc })
	raw := nfc
	if i > 0 {
		c := t.changed[i-1]
		raw = c.rawEnd + nfc - c.nfcEnd
	}
	if i < len(t.changed) && nfc > t.changed[i].nfc {
		raw = t.changed[i].raw
	}
	return min(max(raw, 0), len(t.raw))
}

// Position is a place as the protocol counts it: lines from 0, characters in
// UTF-16 units from 0.
type Position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// Range is half-open.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// lineEnd is the offset behind the last character of a line, before its end.
func (t *text) lineEnd(line int) int {
	end := len(t.raw)
	if line+1 < len(t.lines) {
		end = t.lines[line+1]
	}
	for end > t.lines[line] && (t.raw[end-1] == '\n' || t.raw[end-1] == '\r') {
		end--
	}
	return end
}

// offset is the byte of the text at a position; one outside of a line or of
// the text is brought to its end, one inside of a character to its beginning.
func (t *text) offset(p Position) int {
	if p.Line < 0 {
		return 0
	}
	if p.Line >= len(t.lines) {
		return len(t.raw)
	}
	at, end := t.lines[p.Line], t.lineEnd(p.Line)
	for units := p.Character; units > 0 && at < end; {
		r, size := utf8.DecodeRuneInString(t.raw[at:])
		units -= utf16Units(r)
		if units < 0 {
			break
		}
		at += size
	}
	return at
}

func utf16Units(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// position is the place of a byte of the text; inside of a character, its
// beginning.
func (t *text) position(offset int) Position {
	offset = min(max(offset, 0), len(t.raw))
	line := sort.SearchInts(t.lines, offset+1) - 1
	p := Position{Line: line}
	for at := t.lines[line]; at < offset; {
		r, size := utf8.DecodeRuneInString(t.raw[at:])
		if at+size > offset {
			break
		}
		p.Character += utf16Units(r)
		at += size
	}
	return p
}

// fileOffset is the offset in the NFC form of a position.
func (t *text) fileOffset(p Position) int { return t.toFile(t.offset(p)) }

// rangeOf is the range of a part of the NFC form.
func (t *text) rangeOf(start, end int) Range {
	return Range{t.position(t.fromFile(start)), t.position(t.fromFile(end))}
}

// edited is the text with a range replaced; without one, the new text.
func (t *text) edited(r *Range, with string) string {
	if r == nil {
		return with
	}
	start, end := t.offset(r.Start), t.offset(r.End)
	if end < start {
		start, end = end, start
	}
	return t.raw[:start] + with + t.raw[end:]
}
