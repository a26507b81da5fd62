package main

import (
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/term"

	"github.com/segql/segql/lang/diag"
)

// checkColor refuses a spelling of --color that is none.
func (a *app) checkColor() error {
	switch a.color {
	case "auto", "always", "never":
		return nil
	}
	return usagef("write --color auto, --color always or --color never", "--color %s is not known", a.color)
}

// isTerminal reports whether somebody watches what is written to w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// colors decides for one stream.
func (a *app) colors(w io.Writer) bool {
	switch a.color {
	case "always":
		return true
	case "never":
		return false
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w)
}

// width is the columns of the terminal behind w; 0 where there is none, so
// that files and pipes get whole lines.
func width(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !isTerminal(w) {
		return 0
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	n, _, err := term.GetSize(int(f.Fd()))
	if err != nil || n <= 0 {
		return 100
	}
	return n
}

// rendering is how diagnostics are shown.
func (a *app) rendering() diag.Options {
	return diag.Options{Color: a.colors(a.err), Width: width(a.err)}
}

// style is what a text is painted with.
type style string

// Colours readable on dark and on light backgrounds.
const (
	plain  style = ""
	bold   style = "1"
	dim    style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	cyan   style = "36"
)

// painter colours text, or does not.
type painter bool

func (on painter) paint(s style, text string) string {
	if !bool(on) || s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// clean is text as it may go to a terminal: whatever a title or an id holds,
// it cannot steer the terminal or break out of its line.
func clean(text string) string {
	const joiner = '\u200d' // makes one emoji of several
	return strings.Map(func(r rune) rune {
		if r == joiner || unicode.IsGraphic(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// terminalOf is standard output itself, below the buffer.
func terminalOf(*app) *os.File { return os.Stdout }
