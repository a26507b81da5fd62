package bench

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A page of documentation holds what was measured between these two lines; what
// stands between them is rendered and never written by hand.
const (
	pageBegin = "<!-- measured: rendered by `segql bench page` from the JSON beside it -->"
	pageEnd   = "<!-- end of what was measured -->"
)

// WritePage renders the results, which are the *.json in the folder that has
// the page's name, into the page, and their charts into that folder. It gives
// the files that changed.
func WritePage(page string) (changed []string, err error) {
	old, err := os.ReadFile(page)
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	folder := strings.TrimSuffix(page, filepath.Ext(page))
	results, err := readResults(folder)
	if err != nil {
		return nil, err
	}
	text, charts := render(results, filepath.Base(folder))
	whole, err := between(string(old), text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", page, err)
	}
	files := map[string]string{page: whole}
	for name, svg := range charts {
		files[filepath.Join(folder, name)] = svg
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if now, err := os.ReadFile(name); err == nil && string(now) == files[name] {
			continue
		}
		if err := os.WriteFile(name, []byte(files[name]), 0o644); err != nil {
			return changed, fmt.Errorf("write the page: %w", err)
		}
		changed = append(changed, name)
	}
	return changed, nil
}

// readResults from the smallest data to the largest.
func readResults(folder string) ([]Result, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("look for results: %w", err)
	}
	var list []Result
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read a result: %w", err)
		}
		var r Result
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if r.Version != resultVersion {
			return nil, fmt.Errorf("%s: has the form %d, not %d; measure again", name, r.Version, resultVersion)
		}
		list = append(list, r)
	}
	slices.SortStableFunc(list, func(a, b Result) int { return cmp.Compare(a.Size.Customers, b.Size.Customers) })
	return list, nil
}

func between(page, text string) (string, error) {
	before, rest, ok := strings.Cut(page, pageBegin)
	_, after, ended := strings.Cut(rest, pageEnd)
	if !ok || !ended {
		return "", errors.New("the lines between which results stand are missing:\n" + pageBegin + "\n" + pageEnd)
	}
	return before + pageBegin + "\n\n" + text + "\n" + pageEnd + after, nil
}

// render gives the Markdown and the charts, by name, that it shows.
func render(results []Result, folder string) (text string, charts map[string]string) {
	if len(results) == 0 {
		return "Nothing has been measured yet.\n", nil
	}
	charts = map[string]string{}
	var b strings.Builder
	for _, c := range growth(results) {
		if svg := c.svg(); svg != "" {
			charts[c.file] = svg
			fmt.Fprintf(&b, "![%s](%s/%s)\n\n", c.title, folder, c.file)
		}
	}
	b.WriteString(growthSentence(results))
	for i := range results {
		results[i].markdown(&b)
	}
	return strings.TrimSuffix(b.String(), "\n"), charts
}

func (r *Result) markdown(b *strings.Builder) {
	s := r.Size
	fmt.Fprintf(b, "### %s customers, %s orders, %s events\n\n", grouped(s.Customers), grouped(s.Orders), grouped(s.Events))
	fmt.Fprintf(b, "%s\n\n```sh\n%s\n```\n\n", r.Machine, r.Command)
	for i := range r.Cases {
		c := &r.Cases[i]
		fmt.Fprintf(b, "%s\n\n", c)
		b.WriteString("| " + strings.Join(TableHead, " | ") + " |\n| ---" + strings.Repeat(" | ---:", len(TableHead)-1) + " |\n")
		for i := range c.Entries {
			b.WriteString("| " + strings.Join(c.Row(&c.Entries[i]), " | ") + " |\n")
		}
		b.WriteString("\n")
		for i := range c.Entries {
			if parts := c.Entries[i].Parts(); parts != "" {
				fmt.Fprintf(b, "%s.\n\n", parts)
			}
		}
	}
}

// Parts are a contender's phases in words; "" when it has none to speak of.
func (e *Entry) Parts() string {
	if e.Limit {
		return ""
	}
	var parts []string
	for _, p := range e.Phases() {
		if p.Seconds >= 0.005 {
			parts = append(parts, p.Name+" "+seconds(p.Seconds))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return e.Name + ", in seconds: " + strings.Join(parts, ", ")
}

// TableHead names the columns of Row; the first is text, the others numbers.
var TableHead = []string{"contender", "runs", "seconds", "least–most", "of by hand", "peak memory", "bytes read"}

// Row is what there is to say of a contender.
func (c *Case) Row(e *Entry) []string {
	row := []string{e.Name, fmt.Sprint(len(e.Samples)), seconds(e.Median), seconds(e.Min) + "–" + seconds(e.Max), fmt.Sprintf("%.2f", c.Ratio(e.Name)), "", ""}
	if c.Entry(ByHand) == nil {
		row[4] = ""
	}
	if e.Process != nil {
		row[5], row[6] = bytes(e.Process.PeakBytes), bytes(e.Process.ReadBytes)
	}
	return row
}

func (c *Case) String() string {
	return fmt.Sprintf("%s segments: %s conditions, %s of them different, over %s aggregates; %s memberships.",
		grouped(int64(c.Segments)), grouped(int64(c.Conditions)), grouped(int64(c.Distinct)), grouped(int64(c.Aggregates)), grouped(c.Members))
}

func seconds(s float64) string {
	switch {
	case s < 1:
		return fmt.Sprintf("%.3f", s)
	case s < 10:
		return fmt.Sprintf("%.2f", s)
	}
	return fmt.Sprintf("%.1f", s)
}

func bytes(n int64) string {
	switch {
	case n < 1<<20:
		return fmt.Sprintf("%d KiB", n>>10)
	case n < 1<<30:
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%.2f GiB", float64(n)/(1<<30))
}

func (m Machine) String() string {
	parts := []string{}
	if m.CPU != "" {
		parts = append(parts, m.CPU)
	}
	parts = append(parts, fmt.Sprintf("%d cores", m.Cores))
	if m.MemoryBytes > 0 {
		parts = append(parts, bytes(m.MemoryBytes)+" of memory")
	}
	return strings.Join(append(parts, m.System, m.Go, "DuckDB "+m.DuckDB, "segql "+m.Segql), ", ")
}
