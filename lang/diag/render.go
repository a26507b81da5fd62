package diag

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/segql/segql/lang/source"
)

// Options says how diagnostics are shown. The zero value is plain text of
// 100 columns without lines of context.
type Options struct {
	Color   bool // ANSI colours
	Width   int  // columns of the terminal; 0 is 100
	Context int  // lines shown before and after each marked one
}

// Render writes a list for people: each diagnostic with the source it speaks
// of, then the summary line. It writes nothing for an empty list. No control
// character of a source, a name or a value reaches w.
func Render(w io.Writer, list List, opts Options) error {
	if len(list) == 0 {
		return nil
	}
	if opts.Width <= 0 {
		opts.Width = 100
	}
	opts.Context = max(opts.Context, 0)
	var r renderer
	for _, d := range list {
		r.opts = opts
		r.diagnostic(d)
		r.out.WriteByte('\n')
	}
	r.out.WriteString(Summary(list) + "\n")
	if _, err := io.WriteString(w, r.out.String()); err != nil {
		return fmt.Errorf("write diagnostics: %w", err)
	}
	return nil
}

// Summary counts a list: "2 errors, 1 warning in 2 files".
func Summary(list List) string {
	counts := map[Severity]int{}
	files := map[*source.File]bool{}
	for _, d := range list {
		counts[d.Severity]++
		if d.Span.File != nil {
			files[d.Span.File] = true
		}
	}
	var parts []string
	for _, s := range []Severity{Error, Warning, Note} {
		if counts[s] > 0 {
			parts = append(parts, plural(counts[s], s.String()))
		}
	}
	text := strings.Join(parts, ", ")
	if len(files) > 0 {
		text += " in " + plural(len(files), "file")
	}
	return text
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// renderer collects the output. Everything that comes from a diagnostic
// passes through visible or cells before it is written.
type renderer struct {
	out    strings.Builder
	opts   Options
	gutter int   // columns of the largest line number of this diagnostic
	colour style // of this diagnostic's severity
}

// style is a sequence of ANSI "select graphic rendition" codes.
type style string

// Colours readable on dark and on light backgrounds.
const (
	bold      style = "1"
	frameBlue style = "1;34"
)

var severityStyles = [...]style{Error: "1;31", Warning: "1;33", Note: "1;36"}

func (r *renderer) paint(s style, text string) string {
	if !r.opts.Color || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// row writes one line of a frame: line number or sign, bar, content.
func (r *renderer) row(number, bar, content string) {
	line := r.paint(frameBlue, fmt.Sprintf("%*s %s", r.gutter, number, bar))
	if content != "" {
		line += " " + content
	}
	r.out.WriteString(line + "\n")
}

func (r *renderer) diagnostic(d Diagnostic) {
	r.colour = severityStyles[d.Severity]
	head := d.Severity.String()
	if d.Code != "" {
		head += "[" + string(d.Code) + "]"
	}
	r.out.WriteString(r.paint(r.colour, visible(head)) + r.paint(bold, ": "+visible(d.Message)) + "\n")

	frames := framesOf(d)
	r.gutter = 2
	for _, f := range frames {
		r.gutter = max(r.gutter, len(fmt.Sprint(f.last()+r.opts.Context)))
	}
	for i, f := range frames {
		r.frame(f, i == 0)
	}
	notes := r.notes(d)
	if len(frames) > 0 && len(notes) > 0 {
		r.row("", "|", "")
	}
	for _, n := range notes {
		r.row("", n.bar, n.text)
	}
}

// note is a line below the frames; its bar is "=" where a note begins.
type note struct{ bar, text string }

// notes are the lines of the help and of the fix.
func (r *renderer) notes(d Diagnostic) []note {
	var out []note
	add := func(kind, text string) {
		for i, line := range strings.Split(text, "\n") {
			if i == 0 {
				out = append(out, note{"=", r.paint(bold, kind+":") + " " + visible(line)})
				continue
			}
			out = append(out, note{" ", strings.Repeat(" ", len(kind)+2) + visible(line)})
		}
	}
	if d.Help != "" {
		add("help", d.Help)
	}
	if len(d.Edits) > 0 {
		add("fix", describe(d))
	}
	return out
}

// describe says in words what the edits of a diagnostic do. An edit of the
// subject itself needs no place.
func describe(d Diagnostic) string {
	var lines []string
	for _, e := range d.Edits {
		old, fresh := strings.TrimSpace(span(e.Span).Text()), strings.TrimSpace(e.Text)
		verb, code := "replace", fresh
		switch {
		case e.Span.Start == e.Span.End:
			verb = "insert"
		case e.Text == "":
			verb, code = "remove", old
		}
		place := ""
		if !e.Span.IsZero() && (e.Span != d.Span || verb == "insert") {
			place = " at " + where(e.Span, d.Span.File)
		}
		switch {
		case strings.Contains(code, "\n"):
			lines = append(lines, verb+place+":", "  "+strings.ReplaceAll(code, "\n", "\n  "))
		case verb == "replace" && place == "":
			lines = append(lines, "replace with `"+code+"`")
		case verb == "replace" && !strings.Contains(old, "\n"):
			lines = append(lines, "replace `"+old+"` with `"+code+"`"+place)
		case verb == "replace":
			lines = append(lines, "replace"+place+" with `"+code+"`")
		default:
			lines = append(lines, verb+" `"+code+"`"+place)
		}
	}
	return strings.Join(lines, "\n")
}

// where is line:column, with the file's name when it is another file.
func where(s source.Span, home *source.File) string {
	p := clamp(s).Pos()
	text := fmt.Sprintf("%d:%d", p.Line, p.Column)
	if s.File != home {
		text = s.File.Name + ":" + text
	}
	return text
}

// span is clamp for spans that may point nowhere.
func span(s source.Span) source.Span {
	if s.IsZero() {
		return source.Span{}
	}
	return clamp(s)
}

// frame writes the marked lines of one file.
func (r *renderer) frame(f frame, first bool) {
	arrow := "-->"
	if !first {
		arrow = ":::"
		r.row("", "|", "")
	}
	place := visible(f.file.Name + ":" + where(f.anchor, f.file))
	r.out.WriteString(strings.Repeat(" ", r.gutter) + r.paint(frameBlue, arrow) + " " + place + "\n")
	r.row("", "|", "")
	shown := f.lines(r.opts.Context)
	for i, n := range shown {
		if i > 0 && n > shown[i-1]+1 {
			r.out.WriteString(r.paint(frameBlue, "...") + "\n")
		}
		r.line(f, n)
	}
}

// line writes one source line and the marks below it. Where the marks lie
// too far apart for the width, the line is written once for each group.
func (r *renderer) line(f frame, n int) {
	text := cells(f.file.Line(n))
	marks := marksOf(f.pieces[n], text)
	room := max(r.opts.Width-r.gutter-3, minRoom)
	for again := true; again; {
		var focus *mark
		if len(marks) > 0 {
			focus = &marks[0]
		}
		w := windowFor(text, focus, room)
		r.row(fmt.Sprint(n), "|", strings.TrimRight(w.text, " "))
		var inside []mark
		rest := marks[:0:0]
		for i, m := range marks {
			if i == 0 || w.holds(m) {
				inside = append(inside, w.move(m))
			} else {
				rest = append(rest, m)
			}
		}
		for _, row := range arrange(inside) {
			r.row("", "|", r.marks(row))
		}
		marks, again = rest, len(rest) > 0
	}
}

// marks writes one row of marks, which do not overlap, and the text of the
// one that has text, which is the last.
func (r *renderer) marks(row []mark) string {
	slices.SortFunc(row, func(a, b mark) int { return a.from - b.from })
	var b strings.Builder
	column := 0
	for _, m := range row {
		sign, s := "-", frameBlue
		if m.subject {
			sign, s = "^", r.colour
		}
		b.WriteString(strings.Repeat(" ", m.from-column))
		b.WriteString(r.paint(s, strings.Repeat(sign, m.to-m.from)))
		if m.text != "" {
			b.WriteString(" " + r.paint(s, visible(m.text)))
		}
		column = m.to
	}
	return b.String()
}
