package bench

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// How the time grows, from all results of data of one kind together.

// standard are the results of ten orders and thirty events for each customer.
// What several commands measured on the same data counts as one result.
func standard(results []Result) []Result {
	var list []Result
	for _, r := range results {
		if s := r.Size; s.Orders != 10*s.Customers || s.Events != 30*s.Customers || s.Format != DuckDB {
			continue
		}
		i := slices.IndexFunc(list, func(other Result) bool { return other.Size == r.Size })
		if i < 0 {
			i = len(list)
			list = append(list, Result{Size: r.Size})
		}
		list[i].Cases = append(list[i].Cases, r.Cases...)
	}
	for _, r := range list {
		slices.SortStableFunc(r.Cases, func(a, b Case) int { return cmp.Compare(a.Segments, b.Segments) })
	}
	return list
}

// growth are the charts that there is something to draw for.
func growth(results []Result) []*chart {
	results = standard(results)
	if len(results) == 0 {
		return nil
	}
	r := fullest(results)
	peak := func(e *Entry) float64 {
		if e.Process == nil {
			return 0
		}
		return float64(e.Process.PeakBytes) / (1 << 20)
	}
	return []*chart{
		{file: "by-segments.svg", title: fmt.Sprintf("Seconds by number of segments, %s customers", grouped(r.Size.Customers)), x: "segments", y: "seconds",
			lines: r.lines(func(e *Entry) float64 { return e.Median })},
		byCustomers(results),
		{file: "memory.svg", title: fmt.Sprintf("Peak memory by number of segments, %s customers", grouped(r.Size.Customers)), x: "segments", y: "MiB",
			lines: r.lines(peak)},
	}
}

// fullest is the result with the most numbers of segments; of several, the one
// with the most customers.
func fullest(results []Result) *Result {
	best := &results[0]
	for i := range results {
		if len(results[i].Cases) >= len(best.Cases) {
			best = &results[i]
		}
	}
	return best
}

// lines by segments, of what was measured.
func (r *Result) lines(of func(*Entry) float64) []line {
	var all lines
	for i := range r.Cases {
		for k := range r.Cases[i].Entries {
			e := &r.Cases[i].Entries[k]
			all.add(e.Name, float64(r.Cases[i].Segments), of(e))
		}
	}
	return all.sorted()
}

// byCustomers is of the number of segments that was measured with the most
// sizes of data; of several, the largest.
func byCustomers(results []Result) *chart {
	sizes := map[int]int{}
	for _, r := range results {
		for _, c := range r.Cases {
			sizes[c.Segments]++
		}
	}
	best := 0
	for n, count := range sizes {
		if count > sizes[best] || count == sizes[best] && n > best {
			best = n
		}
	}
	var all lines
	for _, r := range results {
		for i := range r.Cases {
			if r.Cases[i].Segments != best {
				continue
			}
			for _, e := range r.Cases[i].Entries {
				all.add(e.Name, float64(r.Size.Customers), e.Median)
			}
		}
	}
	return &chart{file: "by-customers.svg", title: fmt.Sprintf("Seconds by number of customers, %s segments", grouped(int64(best))), x: "customers, each with ten orders and thirty events", y: "seconds",
		lines: all.sorted()}
}

// lines by contender, in the order they came.
type lines []line

func (all *lines) add(name string, x, y float64) {
	if y <= 0 {
		return
	}
	i := slices.IndexFunc(*all, func(l line) bool { return l.name == name })
	if i < 0 {
		i = len(*all)
		*all = append(*all, line{name: name})
	}
	(*all)[i].points = append((*all)[i].points, point{x, y})
}

func (all lines) sorted() []line {
	for _, l := range all {
		slices.SortFunc(l.points, func(a, b point) int { return cmp.Compare(a.x, b.x) })
	}
	return all
}

// growthSentence compares the fewest segments with the most; "" when there is
// only one number of them.
func growthSentence(results []Result) string {
	results = standard(results)
	if len(results) == 0 {
		return ""
	}
	r := fullest(results)
	first, last := &r.Cases[0], &r.Cases[len(r.Cases)-1]
	if first.Segments >= last.Segments {
		return ""
	}
	text := fmt.Sprintf("From %s to %s segments is %.0f times as many;", grouped(int64(first.Segments)), grouped(int64(last.Segments)), float64(last.Segments)/float64(first.Segments))
	var parts []string
	for i := range first.Entries {
		from := &first.Entries[i]
		if to := last.Entry(from.Name); to != nil && !from.Limit {
			parts = append(parts, fmt.Sprintf(" %s takes %.1f times as long", from.Name, to.Median/from.Median))
		}
	}
	return text + strings.Join(parts, ",") + ".\n\n"
}
