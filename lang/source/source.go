// Package source holds the text of one file and byte spans into it. Lines
// and columns are worked out only where something is shown to a person.
package source

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// File is one source text: a .seg file, a catalog, a list of values.
type File struct {
	// Name is the slash-separated path inside the project.
	Name string
	// Text is the file's content, valid UTF-8 in NFC (see syntax.Load).
	Text string

	lines []int // byte offset of the first byte of each line
}

// New returns a File for text.
func New(name, text string) *File {
	lines := []int{0}
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			lines = append(lines, i+1)
		}
	}
	return &File{Name: name, Text: text, lines: lines}
}

// Position is a place as a person counts it: lines and columns from 1,
// columns in characters (runes), not bytes.
type Position struct {
	Line, Column int
}

// Position of a byte offset; offsets past the end give the end.
func (f *File) Position(offset int) Position {
	offset = min(max(offset, 0), len(f.Text))
	line := sort.SearchInts(f.lines, offset+1) - 1
	return Position{line + 1, utf8.RuneCountInString(f.Text[f.lines[line]:offset]) + 1}
}

// Line gives the text of a line (from 1) without its line end.
func (f *File) Line(n int) string {
	if n < 1 || n > len(f.lines) {
		return ""
	}
	end := len(f.Text)
	if n < len(f.lines) {
		end = f.lines[n]
	}
	return strings.TrimRight(f.Text[f.lines[n-1]:end], "\r\n")
}

// Lines is the number of lines.
func (f *File) Lines() int { return len(f.lines) }

// Offset is the byte offset of a line and column, both from 1, the column
// in characters, as YAML nodes give them.
func (f *File) Offset(line, column int) int {
	if line < 1 {
		return 0
	}
	if line > len(f.lines) {
		return len(f.Text)
	}
	off := f.lines[line-1]
	for ; column > 1 && off < len(f.Text) && f.Text[off] != '\n'; column-- {
		_, size := utf8.DecodeRuneInString(f.Text[off:])
		off += size
	}
	return off
}

// Span is a half-open range of bytes [Start, End) of a file. The zero Span
// is "nowhere in particular".
type Span struct {
	File       *File
	Start, End int
}

// IsZero reports whether the span points nowhere.
func (s Span) IsZero() bool { return s.File == nil }

// Text is the source text of the span.
func (s Span) Text() string {
	if s.File == nil {
		return ""
	}
	return s.File.Text[s.Start:s.End]
}

// To is the span from the start of s to the end of t.
func (s Span) To(t Span) Span {
	if s.File == nil {
		return t
	}
	if t.File != s.File {
		return s
	}
	return Span{s.File, min(s.Start, t.Start), max(s.End, t.End)}
}

// Pos is the position of the span's first byte.
func (s Span) Pos() Position {
	if s.File == nil {
		return Position{}
	}
	return s.File.Position(s.Start)
}
