package diag

import (
	"slices"
	"strings"

	"github.com/segql/segql/lang/source"
)

// frame is what a diagnostic marks in one file.
type frame struct {
	file   *source.File
	anchor source.Span     // the place named above the frame
	pieces map[int][]piece // by line number, the subject first
}

// piece is the part of a span that lies on one line, in bytes of that line.
type piece struct {
	from, to int
	subject  bool
	text     string
}

// framesOf collects the marked places by file, the subject's file first.
func framesOf(d Diagnostic) []frame {
	var frames []frame
	add := func(s source.Span, subject bool, text string) {
		if s.IsZero() {
			return
		}
		s = clamp(s)
		i := slices.IndexFunc(frames, func(f frame) bool { return f.file == s.File })
		if i < 0 {
			i = len(frames)
			frames = append(frames, frame{s.File, s, map[int][]piece{}})
		}
		frames[i].add(s, subject, text)
	}
	add(d.Span, true, "")
	for _, l := range d.Labels {
		add(l.Span, false, l.Text)
	}
	return frames
}

// add marks a span. Of a span over several lines the first and the last are
// marked: where it begins and where it ends is what one wants to know.
func (f *frame) add(s source.Span, subject bool, text string) {
	first, last := f.file.Position(s.Start).Line, f.file.Position(s.End).Line
	from := s.Start - f.file.Offset(first, 1)
	to := s.End - f.file.Offset(last, 1)
	// A span that ends before the text of a line ends on the line above.
	for last > first && strings.TrimSpace(f.file.Line(last)[:min(to, len(f.file.Line(last)))]) == "" {
		last--
		to = len(f.file.Line(last))
	}
	if first == last {
		f.pieces[first] = append(f.pieces[first], piece{from, to, subject, text})
		return
	}
	end := f.file.Line(last)
	indent := len(end) - len(strings.TrimLeft(end, " \t"))
	f.pieces[first] = append(f.pieces[first], piece{from, len(f.file.Line(first)), subject, ""})
	f.pieces[last] = append(f.pieces[last], piece{indent, to, subject, text})
}

// last is the number of the last marked line.
func (f *frame) last() int {
	last := 0
	for n := range f.pieces {
		last = max(last, n)
	}
	return last
}

// lines are the numbers of the lines to show: the marked ones, context lines
// around them, and a line that would be left out alone.
func (f *frame) lines(context int) []int {
	end := f.file.Lines()
	if f.file.Line(end) == "" {
		end-- // what follows the last line end is no line to a person
	}
	var marked []int
	for n := range f.pieces {
		marked = append(marked, n)
		for i := max(1, n-context); i <= min(end, n+context); i++ {
			marked = append(marked, i)
		}
	}
	slices.Sort(marked)
	var out []int
	for _, n := range slices.Compact(marked) {
		if len(out) > 0 && n == out[len(out)-1]+2 {
			out = append(out, n-1)
		}
		out = append(out, n)
	}
	return out
}

// mark is a piece in columns of the terminal, from included, to not.
type mark struct {
	from, to int
	subject  bool
	text     string
}

// marksOf turns bytes into columns. A span that cuts a character or a
// cluster of characters in two marks all of it; an empty one marks one
// column.
func marksOf(pieces []piece, line []cell) []mark {
	marks := make([]mark, len(pieces))
	for i, p := range pieces {
		m := mark{subject: p.subject, text: p.text}
		for _, c := range line {
			if c.start+c.bytes <= p.from {
				m.from += c.width
			}
			if c.start < p.to {
				m.to += c.width
			}
		}
		m.to = max(m.to, m.from+1)
		marks[i] = m
	}
	return marks
}

// arrange lays marks out in rows: in one row no two overlap, and only the
// last has text. The subject is in the first row.
func arrange(marks []mark) [][]mark {
	var rows [][]mark
	for _, m := range marks {
		i := slices.IndexFunc(rows, func(row []mark) bool { return fits(row, m) })
		if i < 0 {
			rows = append(rows, []mark{m})
		} else {
			rows[i] = append(rows[i], m)
		}
	}
	return rows
}

func fits(row []mark, m mark) bool {
	for _, other := range row {
		before := m.to <= other.from && m.text == ""
		after := m.from >= other.to && other.text == ""
		if !before && !after {
			return false
		}
	}
	return true
}

// minRoom is the least number of columns a source line gets, however narrow
// the terminal says it is.
const minRoom = 20

// window is the part of a long line that is shown.
type window struct {
	lo, hi int    // columns of the line that can be marked: [lo, hi)
	shift  int    // columns the visible part moved to the left
	text   string // what is shown, with … where the line was cut
}

// windowFor chooses the part of a line that shows the mark with something
// around it, or all of the line when there is room.
func windowFor(line []cell, focus *mark, room int) window {
	total := 0
	for _, c := range line {
		total += c.width
	}
	lo := 0
	if total > room && focus != nil {
		lo = focus.from - room/3
		if lo > 0 && focus.to-lo > room-1 {
			lo = max(lo, min(focus.to-room+1, focus.from-1))
		}
		lo = max(0, min(lo, total-room+1)) // near the end, fill the room
	}
	return cut(line, lo, total, room)
}

// cut shows the columns of a line from lo on, at most room of them with the
// signs of omission counted.
func cut(line []cell, lo, total, room int) window {
	w := window{lo: lo, hi: total + 1, shift: lo} // the place after the end can be marked
	var b strings.Builder
	if lo > 0 {
		w.lo = lo + 1 // the sign of omission stands in the first column
		b.WriteString("…")
	}
	column := 0
	for _, c := range line {
		end := column + c.width
		switch {
		case end <= w.lo && lo > 0:
		case column < w.lo: // a wide character half cut away
			b.WriteString(strings.Repeat(" ", end-w.lo))
		case end-lo > room-1 && !(end == total && end-lo <= room):
			w.hi = column
			w.text = b.String() + "…"
			return w
		default:
			b.WriteString(c.text)
		}
		column = end
	}
	w.text = b.String()
	return w
}

// holds reports whether a mark lies in the window.
func (w window) holds(m mark) bool {
	return m.from >= w.lo && m.to <= w.hi
}

// move turns columns of the line into columns of what is shown, cutting what
// lies outside. Where one character is too wide for the room, nothing is shown,
// and the mark stands below the sign of omission.
func (w window) move(m mark) mark {
	m.from = max(w.lo, min(m.from, w.hi-1))
	m.to = max(min(m.to, w.hi), m.from+1)
	m.from -= w.shift
	m.to -= w.shift
	return m
}
