package assist

import (
	"strings"

	"github.com/segql/segql/internal/keytable"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/yamlform"
)

// yamlValue quotes a text where YAML or a reader could take it for more.
func yamlValue(v string) string {
	if v == "" || strings.ContainsAny(v, ":#{}[],&*!|>'\"%@`") || strings.TrimSpace(v) != v {
		return `"` + strings.ReplaceAll(strings.ReplaceAll(v, `\`, `\\`), `"`, `\"`) + `"`
	}
	return v
}

// flow finds the innermost open { or [ before the cursor: what is written in
// it, and the key that it is the value of.
func flow(text string) (inner, key string, ok bool) {
	var opens []int
	quote := byte(0)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{' || c == '[':
			opens = append(opens, i)
		case (c == '}' || c == ']') && len(opens) > 0:
			opens = opens[:len(opens)-1]
		}
	}
	if len(opens) == 0 || opens[0] != 0 {
		return "", "", false
	}
	last := opens[len(opens)-1]
	if before := strings.TrimSpace(text[:last]); strings.HasSuffix(before, ":") {
		before = strings.TrimSuffix(before, ":")
		key = strings.TrimSpace(before[strings.LastIndexAny(before, "{,[")+1:])
	}
	inner = text[last+1:]
	if text[last] == '{' {
		inner = inner[strings.LastIndexByte(inner, ',')+1:]
	} else {
		key += "[]"
	}
	return strings.TrimLeft(inner, " "), key, true
}

// flowValue is a place inside of {…} or […] on one line.
func (w yamlWriter) flowValue(forms []keytable.Form, path []string, inner, key string) yamlPlace {
	isList := strings.HasSuffix(key, "[]")
	if key = strings.TrimSuffix(key, "[]"); key != "" {
		forms, path = inside(forms, key), append(path, key)
	}
	start := w.offset - len(inner)
	at := source.Span{File: w.file, Start: start, End: w.offset}
	k, value := splitKey(inner)
	items := []Item{}
	switch {
	case isList || conditionAt(forms) && k != "":
		subject := path[len(path)-1]
		if key != "" && len(path) > 1 && subject == key {
			subject = path[len(path)-2]
		}
		at.Start = w.offset - len(strings.TrimLeft(inner[max(strings.LastIndexByte(inner, ','), strings.LastIndexByte(inner, ':'))+1:], " "))
		for _, v := range w.declared(subject) {
			items = append(items, Item{Label: v, Kind: ValueItem, Insert: yamlValue(v)})
		}
		items = append(items, w.words(forms, "")...)
	case k != "":
		at.Start = start + value
		if n := len(path); n > 1 && path[n-2] == "rows" {
			w.entity = w.s.project.Relation(path[n-1])
			for _, v := range w.declared(k) {
				items = append(items, Item{Label: v, Kind: ValueItem, Insert: yamlValue(v)})
			}
		}
		items = append(items, w.words(inside(forms, k), k)...)
	case conditionAt(forms):
		for _, op := range yamlform.Operators() {
			items = append(items, Item{Label: op, Kind: KeywordItem, Insert: op + ": "})
		}
	default:
		w.path = path
		return w.keys(forms, yamlLine{start: start})
	}
	for i := range items {
		items[i].Edit = at
	}
	return yamlPlace{items: items}
}
