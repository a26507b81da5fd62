package check

import (
	"fmt"
	"sort"
	"strings"

	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// didYouMean is "did you mean …?" or nothing.
func didYouMean(name string, candidates []string) string {
	if s := diag.Suggest(name, candidates); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	return ""
}

// suggestName adds the nearest name as help and as an exact edit.
func suggestName(d *diag.Diagnostic, span source.Span, name string, candidates []string) {
	s := diag.Suggest(name, candidates)
	if s == "" {
		return
	}
	d.Help = fmt.Sprintf("did you mean %q?", s)
	d.Edits = []diag.Edit{{Span: span, Text: syntax.QuoteName(s)}}
}

// listNames is "a, b, c" and how many more there are.
func listNames(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

func listQuoted(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	return listNames(quoted)
}

// article is a type with its article, for messages.
func article(t value.Type) string {
	switch t.Kind {
	case value.Bool:
		return "true or false"
	case value.Text:
		return "text"
	case value.Int:
		return "a whole number"
	case value.Decimal, value.Float:
		return "a number"
	case value.Date:
		return "a date"
	case value.Time, value.Wall:
		return "a time"
	case value.Duration:
		return "a duration"
	case value.List:
		return "a list"
	case value.JSON:
		return "a JSON value"
	default:
		return "a " + t.String()
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
