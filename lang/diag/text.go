package diag

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// tab is what a tab is shown as. A fixed width rather than tab stops: the
// frame moves the line to the right, so stops would not be the editor's.
const tab = "    "

// cell is what is shown for one grapheme cluster of a source line.
type cell struct {
	start int    // byte offset of the cluster in the line
	bytes int    // its length in the line
	text  string // what is printed, free of control characters
	width int    // columns it takes on a terminal
}

// cells splits a line into what is printed for it. The widths add up to the
// width of the joined texts, so a column can be found by addition.
func cells(line string) []cell {
	var out []cell
	start := 0
	clusters := displaywidth.StringGraphemes(line)
	for clusters.Next() {
		c := clusters.Value()
		text := show(c)
		out = append(out, cell{start, len(c), text, displaywidth.String(text)})
		start += len(c)
	}
	return out
}

// visible is text as it may be sent to a terminal: whatever a file, a
// column name or a value holds, no control character comes through.
func visible(text string) string {
	var b strings.Builder
	for _, c := range cells(text) {
		b.WriteString(c.text)
	}
	return b.String()
}

// show gives the printed form of one grapheme cluster.
func show(cluster string) string {
	if cluster == "\t" {
		return tab
	}
	if len(cluster) == 1 && ' ' <= cluster[0] && cluster[0] <= '~' {
		return cluster
	}
	if !printable(cluster) {
		return escape(cluster)
	}
	// A mark with no letter to sit on (at the start of a line, after a
	// control character) would sit on the frame instead; some rare signs
	// would swallow what follows.
	parts := displaywidth.StringGraphemes("x" + cluster + "x")
	parts.Next()
	if parts.Value() != "x" {
		return "◌" + cluster
	}
	parts.Next()
	if parts.Value() != cluster {
		return escape(cluster)
	}
	return cluster
}

// printable reports whether every character of a cluster can be seen. The
// zero-width joiner is allowed only inside a cluster, where it makes one
// emoji of several.
func printable(cluster string) bool {
	const joiner = '\u200d'
	for i, r := range cluster {
		inside := i > 0 && i+utf8.RuneLen(joiner) < len(cluster)
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(cluster[i:], "\uFFFD"):
			return false // a byte that is not UTF-8
		case r == joiner && inside, unicode.IsGraphic(r):
		default:
			return false
		}
	}
	return true
}

// escape spells what cannot be seen the way the language spells it in a
// text literal. Bidirectional controls and other format characters are
// among them: a line must not read other than it is compiled.
func escape(cluster string) string {
	var b strings.Builder
	for len(cluster) > 0 {
		r, size := utf8.DecodeRuneInString(cluster)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, cluster[0])
		case r >= ' ' && r <= '~':
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
		cluster = cluster[size:]
	}
	return b.String()
}
