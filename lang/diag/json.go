package diag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/segql/segql/lang/source"
)

// JSON writes a list for machines:
//
//	{"diagnostics": [{
//	  "code": "SEG1003",
//	  "severity": "error",                           or "warning", "note"
//	  "message": "customer has no attribute \"citty\"",
//	  "file": "segments/women.seg",                  absent: nowhere in particular
//	  "start": {"line": 12, "column": 9, "offset": 214},
//	  "end": {"line": 12, "column": 14, "offset": 219},
//	  "labels": [{"file", "start", "end", "text"}],  absent when there are none
//	  "help": "did you mean \"city\"?",              absent when there is none
//	  "edits": [{"file", "start", "end", "text"}]    absent when there are none
//	}]}
//
// Lines and columns count from 1, columns in characters (code points),
// offsets in bytes of UTF-8 from 0; end is the place after the last
// character. The edits of one diagnostic belong together. Fields may be
// added later, none is renamed or removed.
func JSON(w io.Writer, list List) error {
	report := struct {
		Diagnostics []jsonDiagnostic `json:"diagnostics"`
	}{make([]jsonDiagnostic, 0, len(list))}
	for _, d := range list {
		j := jsonDiagnostic{
			Code:      d.Code,
			Severity:  d.Severity.String(),
			Message:   d.Message,
			jsonPlace: place(d.Span),
			Help:      d.Help,
		}
		for _, l := range d.Labels {
			j.Labels = append(j.Labels, jsonText{place(l.Span), l.Text})
		}
		for _, e := range d.Edits {
			j.Edits = append(j.Edits, jsonText{place(e.Span), e.Text})
		}
		report.Diagnostics = append(report.Diagnostics, j)
	}
	return encode(w, report)
}

// encode writes JSON in which nothing is hidden.
func encode(w io.Writer, v any) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("encode diagnostics: %w", err)
	}
	if _, err := io.WriteString(w, escapeUnseen(buf.String())); err != nil {
		return fmt.Errorf("write diagnostics: %w", err)
	}
	return nil
}

type jsonDiagnostic struct {
	Code     Code   `json:"code"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	jsonPlace
	Labels []jsonText `json:"labels,omitempty"`
	Help   string     `json:"help,omitempty"`
	Edits  []jsonText `json:"edits,omitempty"`
}

type jsonText struct {
	jsonPlace
	Text string `json:"text"`
}

type jsonPlace struct {
	File  string        `json:"file,omitempty"`
	Start *jsonPosition `json:"start,omitempty"`
	End   *jsonPosition `json:"end,omitempty"`
}

type jsonPosition struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Offset int `json:"offset"`
}

func place(s source.Span) jsonPlace {
	if s.IsZero() {
		return jsonPlace{}
	}
	s = clamp(s)
	position := func(offset int) *jsonPosition {
		p := s.File.Position(offset)
		return &jsonPosition{p.Line, p.Column, offset}
	}
	return jsonPlace{s.File.Name, position(s.Start), position(s.End)}
}

// escapeUnseen spells the characters that encoding/json lets through and
// nobody can see: those from U+0080 to U+009F, which some terminals obey, and
// the likes of bidirectional controls. They only occur inside strings.
func escapeUnseen(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\n' || unicode.IsGraphic(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// Plain writes one line for each diagnostic, in the form editors know:
//
//	file:line:column: severity[CODE]: message
func Plain(w io.Writer, list List) error {
	var b strings.Builder
	for _, d := range list {
		b.WriteString(visible(d.String()) + "\n")
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write diagnostics: %w", err)
	}
	return nil
}

// clamp puts a span inside its file, whatever a caller computed.
func clamp(s source.Span) source.Span {
	s.Start = min(max(s.Start, 0), len(s.File.Text))
	s.End = min(max(s.End, s.Start), len(s.File.Text))
	return s
}
