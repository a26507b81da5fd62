package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clipperhouse/displaywidth"

	"github.com/segql/segql/runtime"
)

// printReport writes what a run did.
func (a *app) printReport(p *runtime.Project, r *runtime.Report, f runFlags, out *exportFolder) error {
	branchOrder(p, r.Segments)
	switch f.format {
	case "json":
		return a.reportJSON(r)
	case "csv":
		return a.reportCSV(r)
	}
	w := &reportWriter{app: a, p: painter(a.colors(terminalOf(a))), r: r, zone: p.Calendar.Loc}
	w.segments()
	w.changed()
	w.read()
	w.facts()
	if out != nil {
		w.fact("Files", fmt.Sprintf("%s in %s", plural(int64(len(out.written)), "file"), out.path))
	}
	return nil
}

// branchOrder puts the branches of a split, which stand together, into the order
// in which they are written: the order in which customers fall into them.
func branchOrder(p *runtime.Project, rows []runtime.SegmentRow) {
	for from := 0; from < len(rows); {
		to := from + 1
		split := p.Segment(rows[from].Name).Split
		for split != "" && to < len(rows) && p.Segment(rows[to].Name).Split == split {
			to++
		}
		slices.SortStableFunc(rows[from:to], func(x, y runtime.SegmentRow) int {
			return p.Segment(x.Name).At.Start - p.Segment(y.Name).At.Start
		})
		from = to
	}
}

// reportJSON adds the share, which is a division, to the report's own form.
func (a *app) reportJSON(r *runtime.Report) error {
	type row struct {
		runtime.SegmentRow
		Share float64 `json:"share"`
	}
	rows := make([]row, len(r.Segments))
	for i, s := range r.Segments {
		rows[i] = row{s, s.Share()}
	}
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		*runtime.Report
		Segments []row `json:"segments"`
	}{r, rows})
}

func (a *app) reportCSV(r *runtime.Report) error {
	w := csv.NewWriter(a.out)
	rows := [][]string{{"segment", "title", "entity", "members", "universe", "share", "entered", "exited", "checks_passed", "checks_failed", "checks_skipped"}}
	for _, s := range r.Segments {
		passed, skipped := 0, 0
		for _, c := range s.Checks {
			switch {
			case c.Skipped:
				skipped++
			case c.Passed:
				passed++
			}
		}
		rows = append(rows, []string{s.Name, s.Title, s.Entity, fmt.Sprint(s.Members), fmt.Sprint(s.Universe), strconv.FormatFloat(s.Share(), 'f', 6, 64),
			fmt.Sprint(s.Entered), fmt.Sprint(s.Left), fmt.Sprint(passed), fmt.Sprint(len(s.Checks) - passed - skipped), fmt.Sprint(skipped)})
	}
	return w.WriteAll(rows)
}

// reportWriter writes the report as a table for people.
type reportWriter struct {
	app  *app
	p    painter
	r    *runtime.Report
	zone *time.Location
}

func (w *reportWriter) line(format string, args ...any) {
	fmt.Fprintf(w.app.out, format+"\n", args...)
}

func (w *reportWriter) segments() {
	limit := width(terminalOf(w.app))
	stored := w.r.Store != "" && !w.r.Historical
	t := table{cols: []column{{title: "Segment"}, {title: "Title", shrink: true}, {title: "Members", right: true}, {title: "Share", right: true}}}
	several := w.entities() > 1
	if several {
		t.cols = append(t.cols, column{title: "Of"})
	}
	if stored {
		t.cols = append(t.cols, column{title: "Entered", right: true}, column{title: "Exited", right: true})
	}
	t.cols = append(t.cols, column{title: "Checks"})
	for _, s := range w.r.Segments {
		row := []cell{{text: s.Name}, {text: s.Title}, {text: grouped(s.Members)}, {text: fmt.Sprintf("%.1f%%", s.Share()*100)}}
		if several {
			row = append(row, cell{text: s.Entity})
		}
		if stored {
			row = append(row, moved("+", s.Entered, green), moved("-", s.Left, red))
		}
		t.add(append(row, checks(s.Checks, limit))...)
	}
	for _, line := range t.lines(w.p, limit) {
		w.line("%s", line)
	}
	if len(w.r.Segments) == 0 {
		w.line("no segments")
	}
}

// entities is how many kinds of members the segments have: of people, say,
// and of companies.
func (w *reportWriter) entities() int {
	seen := map[string]bool{}
	for _, s := range w.r.Segments {
		seen[s.Entity] = true
	}
	return len(seen)
}

func moved(sign string, n int64, s style) cell {
	if n == 0 {
		return cell{text: "·", style: dim}
	}
	return cell{text: sign + grouped(n), style: s}
}

// checks lists each expectation with what was got, one below the other. On a
// narrow terminal a long expectation is cut, never what was got.
func checks(list []runtime.Check, limit int) cell {
	c := cell{style: green}
	lines := make([]string, len(list))
	for i, check := range list {
		text := check.Text
		if limit > 0 {
			text = displaywidth.TruncateString(text, max(20, limit-80), "…")
		}
		switch {
		case check.Skipped:
			lines[i] = "– " + text + " (skipped: " + check.Got + ")"
		case check.Passed:
			lines[i] = "✓ " + text + " (" + check.Got + ")"
		default:
			lines[i] = "✗ " + text + ", got " + check.Got
			c.style = red
		}
	}
	c.text = strings.Join(lines, "\n")
	return c
}

// changed says in a sentence what is different from the run before.
func (w *reportWriter) changed() {
	var entered, left, fresh, touched int64
	for _, s := range w.r.Segments {
		entered, left = entered+s.Entered, left+s.Left
		if s.New {
			fresh++
		} else if s.Entered+s.Left > 0 {
			touched++
		}
	}
	w.line("")
	switch {
	case w.r.Store == "":
		w.line("Nothing was stored, so changes are not counted.")
	case w.r.Historical:
		w.line("This run is dated before the last one in the store (%s), so it changed no memberships.", w.instant(w.r.Previous.AsOf))
	case w.r.Previous == nil:
		w.line("The first run: everybody who is in a segment has entered it.")
	case entered+left == 0:
		w.line("Nothing changed since the last run.")
	default:
		text := fmt.Sprintf("Since the last run: %s entered, %s exited, in %s", grouped(entered), grouped(left), plural(touched+fresh, "segment"))
		if fresh > 0 {
			text += fmt.Sprintf(" (%s new)", grouped(fresh))
		}
		w.line("%s. See `segql changes`.", text)
	}
}

// read lists the data that was read and what of it could not be used.
func (w *reportWriter) read() {
	w.line("")
	t := table{cols: []column{{title: "Data"}, {title: "Rows", right: true}, {title: "Read from", shrink: true}}}
	for _, s := range w.r.Sources {
		t.add(cell{text: s.Name}, cell{text: grouped(s.Rows)}, cell{text: s.Source, style: dim})
	}
	lines := t.lines(w.p, width(terminalOf(w.app)))
	w.line("%s", lines[0])
	for i, s := range w.r.Sources {
		w.line("%s", lines[i+1])
		for _, issue := range s.Issues {
			text := clean(strings.ReplaceAll(issue.What, "\n", " "))
			if len(issue.Examples) > 0 {
				text += ": " + clean(strings.Join(issue.Examples, ", "))
			}
			w.line("  %s %s", w.p.paint(yellow, "!"), text)
			for _, line := range strings.Split(issue.Help, "\n") {
				if line != "" {
					w.line("    %s", w.p.paint(dim, clean(line)))
				}
			}
		}
	}
}

// facts are the lines that say which run this was.
func (w *reportWriter) facts() {
	w.line("")
	from := map[string]string{"given": "given by --as-of", "catalog": "from the catalog", "now": "now"}[w.r.AsOfFrom]
	w.fact("As of", w.instant(w.r.AsOf)+" ("+from+")")
	w.fact("Run", w.r.RunID)
	if w.r.Previous != nil {
		w.fact("Previous", w.r.Previous.RunID+", as of "+w.instant(w.r.Previous.AsOf))
	}
	if w.r.Store != "" {
		w.fact("Store", w.r.Store)
	}
	if u := w.r.Reused; u != nil {
		w.fact("Reused", reused(u))
	}
	var total time.Duration
	var parts []string
	for _, phase := range w.r.Phases {
		total += phase.Elapsed
		if phase.Elapsed >= 500*time.Microsecond {
			parts = append(parts, phase.Name+" "+seconds(phase.Elapsed))
		}
	}
	w.fact("Time", seconds(total)+": "+strings.Join(parts, ", "))
	for _, note := range w.r.Notes {
		w.fact("Note", note)
	}
}

// reused says what the run has taken over from the one before.
func reused(u *runtime.Reused) string {
	share := fmt.Sprintf("%.1f%%", 100*float64(u.Again)/float64(max(u.Owners, 1)))
	switch {
	case u.Again == 0:
		share = "nothing"
	case share == "0.0%":
		share = "less than 0.1%"
	}
	return fmt.Sprintf("what %s gave in the last run; %s of it counted anew (--full counts all)", plural(int64(u.Facts), "fact"), share)
}

func (w *reportWriter) fact(name, text string) {
	w.line("%s  %s", w.p.paint(bold, fmt.Sprintf("%-8s", name)), clean(text))
}

func (w *reportWriter) instant(t time.Time) string { return instant(t, w.zone) }

// instant is a time with its zone: 2011-12-10 00:00 Europe/London.
func instant(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	layout := "2006-01-02 15:04"
	if t.Second() != 0 || t.Nanosecond() != 0 {
		layout += ":05"
	}
	return t.Format(layout) + " " + zone.String()
}

func seconds(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
