package main

import (
	"strconv"
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// table is text in columns. Widths are those of a terminal, where a letter of
// Chinese takes two columns and a combining accent none.
type table struct {
	cols []column
	rows [][]cell
}

type column struct {
	title  string
	right  bool
	shrink bool // may be cut where the terminal is narrow
}

// cell is one entry; lines of it stand below each other.
type cell struct {
	text  string
	style style
}

const gap = "  "

func (t *table) add(cells ...cell) { t.rows = append(t.rows, cells) }

// lines prints the table for a terminal of so many columns; 0 is no limit.
func (t *table) lines(p painter, limit int) []string {
	widths := t.widths(limit)
	head := make([]cell, len(t.cols))
	for i, c := range t.cols {
		head[i] = cell{c.title, bold}
	}
	out := []string{t.line(p, widths, head, 0)}
	for _, row := range t.rows {
		height := 1
		for _, c := range row {
			height = max(height, strings.Count(c.text, "\n")+1)
		}
		for n := range height {
			out = append(out, t.line(p, widths, row, n))
		}
	}
	return out
}

// widths are the widest cells, less what does not fit on the terminal.
func (t *table) widths(limit int) []int {
	widths := make([]int, len(t.cols))
	total := 0
	for i, c := range t.cols {
		widths[i] = displaywidth.String(c.title)
		for _, row := range t.rows {
			for _, line := range strings.Split(row[i].text, "\n") {
				widths[i] = max(widths[i], displaywidth.String(clean(line)))
			}
		}
		total += widths[i]
	}
	const least = 10 // a title cut further says nothing
	over := total + len(gap)*(len(widths)-1) - limit
	for i, c := range t.cols {
		if cut := min(over, widths[i]-least); limit > 0 && c.shrink && cut > 0 {
			widths[i] -= cut
			over -= cut
		}
	}
	return widths
}

func (t *table) line(p painter, widths []int, row []cell, n int) string {
	var b strings.Builder
	for i, c := range row {
		lines := strings.Split(c.text, "\n")
		text := ""
		if n < len(lines) {
			text = displaywidth.TruncateString(clean(lines[n]), widths[i], "…")
		}
		pad := strings.Repeat(" ", max(0, widths[i]-displaywidth.String(text)))
		if i > 0 {
			b.WriteString(gap)
		}
		if t.cols[i].right {
			b.WriteString(pad + p.paint(c.style, text))
		} else {
			b.WriteString(p.paint(c.style, text) + pad)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// grouped is a number with its thousands set apart: 541,909.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// plural is "1 segment", "2,000 segments".
func plural(n int64, noun string) string {
	if n != 1 {
		switch rest, isY := strings.CutSuffix(noun, "y"); {
		case isY:
			noun = rest + "ies"
		case strings.HasSuffix(noun, "s"):
			noun += "es"
		default:
			noun += "s"
		}
	}
	return grouped(n) + " " + noun
}
