package yamltree

import (
	"regexp"
	"strings"

	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// readBudget bounds the bytes read again while looking for the place of an
// error; past it the line the library gives is good enough.
const readBudget = 2 << 20

var libraryLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntaxError turns an error of the library into a diagnostic. The library
// often names the line where the surrounding block starts, so the place is
// looked for: the first line from which on no prefix of the file is YAML.
func (t *tree) syntaxError(err error) {
	text := err.Error()
	message := text[len(libraryLine.FindString(text)):]
	span := t.brokenLine(text)
	d := t.diags.Errorf(CodeSyntax, span, "this is not valid YAML: %s", message)
	d.Help = helpFor(message, span.Text())
	if tab, ok := t.leadingTab(span); ok {
		d.Span = tab
		d.Help = helpTab
		d.Edits = []diag.Edit{{Span: tab, Text: strings.Repeat("  ", tab.End-tab.Start)}}
	} else if tick, ok := t.backticks(span); ok && strings.Contains(message, "cannot start any token") {
		d.Span = tick
		d.Edits = []diag.Edit{{Span: tick, Text: "'" + tick.Text() + "'"}}
	}
}

var startsWithTick = regexp.MustCompile("[ \\[{,](`[^`']*`)[ \t]*(?:[,}\\]]|$)")

// backticks finds a scalar in backticks, which YAML does not let begin one.
func (t *tree) backticks(line source.Span) (source.Span, bool) {
	m := startsWithTick.FindStringSubmatchIndex(line.Text())
	if m == nil {
		return line, false
	}
	return t.span(line.Start+m[2], line.Start+m[3]), true
}

// brokenLine finds the line where the text stops being YAML.
func (t *tree) brokenLine(libraryError string) source.Span {
	text := t.file.Text
	read, end := 0, len(strings.TrimRight(text, " \t\r\n"))
	for read < readBudget {
		start := strings.LastIndexByte(text[:end], '\n')
		if start < 0 {
			return t.lineSpan(0)
		}
		read += start
		if readable(text[:start]) {
			return t.lineSpan(start + 1)
		}
		end = start
	}
	line := 1
	if m := libraryLine.FindStringSubmatch(libraryError); m != nil && m[1] != "" {
		line = 0
		for _, c := range m[1] {
			line = line*10 + int(c-'0')
		}
	}
	return t.lineSpan(t.offset(line, 1))
}

// leadingTab finds tabs in the indentation of the line of a span.
func (t *tree) leadingTab(line source.Span) (source.Span, bool) {
	text := t.file.Text
	start := strings.LastIndexByte(text[:line.Start], '\n') + 1
	for start < line.Start && text[start] == ' ' {
		start++
	}
	end := start
	for end < len(text) && text[end] == '\t' {
		end++
	}
	return t.span(start, end), end > start
}

const helpTab = "YAML is indented with blanks, never with tabs"

// helpFor says what authors usually meant, by the library's message and the
// line it is about.
func helpFor(message, line string) string {
	switch {
	case strings.Contains(message, "mapping values are not allowed"):
		return "put quotes around a text that holds `: `, and check the indentation"
	case strings.Contains(message, "cannot start any token") && strings.Contains(line, "`"):
		return "a text that starts with a backtick needs quotes around it: '`Customer ID`'"
	case strings.Contains(message, "cannot start any token"):
		return "put quotes around a text that starts with one of @ % ` or with a tab"
	case strings.Contains(message, "',' or '}'"), strings.Contains(message, "',' or ']'"):
		return "inside {…} and […] put quotes around a text that holds brackets, and separate entries with commas"
	case strings.Contains(message, "unexpected end of stream"):
		return "a quote is opened here and never closed"
	case strings.Contains(message, "expected key"), strings.Contains(message, "could not find expected ':'"):
		return "check the indentation, write `name: value`, and put single quotes around a text that starts with a quote"
	default:
		return "check indentation, quotes and brackets of this line"
	}
}
