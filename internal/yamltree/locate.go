package yamltree

import (
	"strings"
	"unicode/utf8"

	"github.com/segql/segql/lang/source"
)

// YAML gives the line and column where a node starts and nothing about its
// end. This file finds the rest in the text.

const byteOrderMark = "\ufeff"

// breakAt is the length of the line break at text[i], 0 if there is none.
// YAML 1.1 counts more characters as line breaks than source.File does.
func breakAt(text string, i int) int {
	switch {
	case strings.HasPrefix(text[i:], "\r\n"):
		return 2
	case text[i] == '\r', text[i] == '\n':
		return 1
	case strings.HasPrefix(text[i:], "\u0085"):
		return 2
	case strings.HasPrefix(text[i:], "\u2028"), strings.HasPrefix(text[i:], "\u2029"):
		return 3
	}
	return 0
}

// lineStarts gives the offset of each line as YAML counts lines.
func lineStarts(text string) []int {
	lines := []int{0}
	if strings.HasPrefix(text, byteOrderMark) {
		lines[0] = len(byteOrderMark)
	}
	for i := lines[0]; i < len(text); i++ {
		if n := breakAt(text, i); n > 0 {
			lines = append(lines, i+n)
			i += n - 1
		}
	}
	return lines
}

// offset of a line and column of YAML, both from 1.
func (t *tree) offset(line, column int) int {
	text := t.file.Text
	if line < 1 {
		return 0
	}
	if line > len(t.lines) {
		return len(text)
	}
	at := t.lines[line-1]
	for ; column > 1 && at < len(text); column-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

// lineSpan is the written part of the line that holds an offset.
func (t *tree) lineSpan(at int) source.Span {
	text := t.file.Text
	start := strings.LastIndexByte(text[:at], '\n') + 1
	end := endOfLine(text, at)
	line := text[start:end]
	start += len(line) - len(strings.TrimLeft(line, " \t"))
	end -= len(line) - len(strings.TrimRight(line, " \t\r"))
	return t.span(start, max(start, end))
}

// endOfLine is the offset of the next \n, or the end of the text.
func endOfLine(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(text)
}

// skipProperties passes tags and anchors in front of a value.
func (t *tree) skipProperties(at int) int {
	text := t.file.Text
	for at < len(text) && (text[at] == '!' || text[at] == '&') {
		for at < len(text) && !isSpace(text[at]) && !strings.ContainsRune(",[]{}", rune(text[at])) {
			at++
		}
		for at < len(text) && isSpace(text[at]) {
			at++
		}
	}
	return at
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// endOfDouble is the offset after the quote that closes the one at start.
func endOfDouble(text string, start int) int {
	for i := start + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// endOfSingle is the same for '…', where a doubled quote stands for itself.
func endOfSingle(text string, start int) int {
	for i := start + 1; i < len(text); i++ {
		if text[i] != '\'' {
			continue
		}
		if i+1 < len(text) && text[i+1] == '\'' {
			i++
			continue
		}
		return i + 1
	}
	return len(text)
}

// endOfBlock is the end of a scalar of several lines: behind its last
// character that is not blank. Where follow has lost its way the first line
// stands for the whole.
func endOfBlock(offsets []int, text string, start int) int {
	if offsets == nil {
		return endOfLine(text, start)
	}
	end := min(offsets[len(offsets)-1], len(text))
	for end > start && isSpace(text[end-1]) {
		end--
	}
	return end
}

// endOfFlow is the end of a collection whose last child ends at end: behind
// the closing bracket if it was opened by one.
func (t *tree) endOfFlow(start, end int, opening, closing byte) int {
	text := t.file.Text
	if start >= len(text) || text[start] != opening {
		return end
	}
	for i := max(end, start+1); i < len(text); i++ {
		switch text[i] {
		case closing:
			return i + 1
		case '#':
			i = endOfLine(text, i)
		}
	}
	return len(text)
}

// follow finds, for each byte of a scalar's value, its place in the text,
// reading from pos. Blanks may differ (lines are folded, indentation is
// dropped), escapes are longer than what they stand for, all else must be
// equal. It gives nil when it is not. The last element is the place after
// the value. quote is the kind of quotes around it, 0 for none.
func follow(value, text string, pos int, quote byte) []int {
	escapes := quote == '"'
	offsets := make([]int, 0, len(value)+1)
	for i, r := range value {
		size := utf8.RuneLen(r)
		blank := r == ' ' || r == '\t' || r == '\n'
		if escapes {
			pos = skipContinuation(text, pos)
		}
		if !blank {
			for pos < len(text) && isSpace(text[pos]) {
				pos++
			}
			if escapes {
				pos = skipContinuation(text, pos)
			}
		}
		for range size {
			offsets = append(offsets, min(pos, len(text)))
		}
		switch {
		case pos >= len(text):
			if !blank {
				return nil
			}
		case escapes && text[pos] == '\\':
			pos += escapeLen(text, pos)
		case blank:
			if isSpace(text[pos]) {
				pos++
			}
		case strings.HasPrefix(text[pos:], value[i:i+size]):
			pos += size
			if quote == '\'' && r == '\'' {
				pos++ // it is doubled
			}
		default:
			return nil
		}
	}
	return append(offsets, min(pos, len(text)))
}

// skipContinuation passes a backslash at the end of a line and the
// indentation of the next one.
func skipContinuation(text string, pos int) int {
	for pos+1 < len(text) && text[pos] == '\\' && (text[pos+1] == '\n' || text[pos+1] == '\r') {
		pos++
		for pos < len(text) && isSpace(text[pos]) {
			pos++
		}
	}
	return pos
}

// escapeLen is the length of the escape at pos in a "…" scalar.
func escapeLen(text string, pos int) int {
	if pos+1 >= len(text) {
		return 1
	}
	switch text[pos+1] {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	}
	_, size := utf8.DecodeRuneInString(text[pos+1:])
	return 1 + size
}
