package bench

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// chart is lines over two logarithmic axes, on which growth in proportion is a
// line at 45 degrees: flatter grows slower.
type chart struct {
	file, title, x, y string
	lines             []line
}

// line is one contender's points, from left to right.
type line struct {
	name   string
	points []point
}

type point struct{ x, y float64 }

// Measures of the picture, in its own units.
const (
	chartWidth, chartHeight = 640, 400
	left, right, top, floor = 64, 500, 40, 352 // the plot itself
)

// colours are seen on white and on black; text changes with the reader's theme.
var colours = []string{"#d9822b", "#2f81f7", "#3fa45b", "#a371f7", "#8b949e", "#d6498f"}

const chartStyle = `<style>
  text { font: 12px system-ui, sans-serif; fill: #57606a }
  .title { font-size: 14px; font-weight: 600 }
  .grid { stroke: #8c959f; stroke-opacity: .3 }
  @media (prefers-color-scheme: dark) { text { fill: #9da7b3 } }
</style>
`

// svg draws the chart; "" when no line has two points.
func (c *chart) svg() string {
	low, high, ok := c.bounds()
	if !ok {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">`+"\n", chartWidth, chartHeight, chartWidth, chartHeight, escapeXML(c.title))
	b.WriteString(chartStyle)
	fmt.Fprintf(&b, `<text class="title" x="%d" y="20">%s</text>`+"\n", left, escapeXML(c.title))
	place := func(p point) (x, y float64) {
		return left + (right-left)*part(p.x, low.x, high.x), floor - (floor-top)*part(p.y, low.y, high.y)
	}
	for _, v := range ticks(low.y, high.y) {
		_, y := place(point{low.x, v})
		fmt.Fprintf(&b, `<line class="grid" x1="%d" y1="%.1f" x2="%d" y2="%.1f"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n", left, y, right, y, left-8, y+4, number(v))
	}
	for _, v := range c.places() {
		x, _ := place(point{v, low.y})
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/><text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x, top, x, floor, x, floor+18, number(v))
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">%s</text><text x="%d" y="%d">%s</text>`+"\n", (left+right)/2, chartHeight-10, escapeXML(c.x), 4, top-18, escapeXML(c.y))
	c.draw(&b, place)
	b.WriteString("</svg>\n")
	return b.String()
}

// draw the lines, each named at its end, one name below the other.
func (c *chart) draw(b *strings.Builder, place func(point) (x, y float64)) {
	for i, l := range c.lines {
		colour := colours[i%len(colours)]
		var points []string
		for _, p := range l.points {
			x, y := place(p)
			points = append(points, fmt.Sprintf("%.1f,%.1f", x, y))
			fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"><title>%s: %s</title></circle>`+"\n", x, y, colour, escapeXML(l.name), number(p.y))
		}
		fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(points, " "), colour)
		y := top + 16 + 20*i
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="12" height="4" fill="%s"/><text x="%d" y="%d">%s</text>`+"\n", right+16, y-6, colour, right+34, y, escapeXML(l.name))
	}
}

// bounds is the rectangle that holds all points; false when there is nothing to
// draw a line between.
func (c *chart) bounds() (low, high point, ok bool) {
	low, high = point{math.Inf(1), math.Inf(1)}, point{0, 0}
	for _, l := range c.lines {
		ok = ok || len(l.points) > 1
		for _, p := range l.points {
			low, high = point{min(low.x, p.x), min(low.y, p.y)}, point{max(high.x, p.x), max(high.y, p.y)}
		}
	}
	low.y, high.y = math.Pow(10, math.Floor(math.Log10(low.y))), math.Pow(10, math.Ceil(math.Log10(high.y)))
	return low, high, ok
}

// places are the xs that something was measured at.
func (c *chart) places() []float64 {
	var xs []float64
	seen := map[float64]bool{}
	for _, l := range c.lines {
		for _, p := range l.points {
			if !seen[p.x] {
				seen[p.x] = true
				xs = append(xs, p.x)
			}
		}
	}
	return xs
}

// part is where v is between low and high, on a logarithmic scale.
func part(v, low, high float64) float64 {
	if low == high {
		return 0.5
	}
	return math.Log(v/low) / math.Log(high/low)
}

// ticks are the powers of ten of an axis.
func ticks(low, high float64) []float64 {
	var out []float64
	for v := low; v <= high*1.001; v *= 10 {
		out = append(out, v)
	}
	return out
}

// number is short: 0.38, 3.4, 35, 1,000, 1 M.
func number(v float64) string {
	switch {
	case v >= 1e6:
		return strconv.FormatFloat(v/1e6, 'g', 3, 64) + " M"
	case v >= 100:
		return grouped(int64(math.Round(v)))
	case v >= 10:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}

// grouped writes 1234567 as 1,234,567.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func escapeXML(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(text)
}
