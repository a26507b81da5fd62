package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/prove"
	"github.com/segql/segql/compiler/value"
)

// mostExampleRows bounds the rows of one relation that an example spells out.
const mostExampleRows = 3

// Example is a customer that a proof has made up, in one line: the values of
// its row and of those around it. Keys are left out, for nothing hangs on
// them. "" for none.
func Example(w *prove.Witness) string {
	if w == nil {
		return ""
	}
	rels := make([]*ir.Relation, 0, len(w.Data))
	for r := range w.Data {
		rels = append(rels, r)
	}
	slices.SortFunc(rels, func(a, b *ir.Relation) int {
		if (a == w.Entity) != (b == w.Entity) {
			return map[bool]int{true: -1, false: 1}[a == w.Entity]
		}
		return cmp.Compare(a.Name, b.Name)
	})
	var parts []string
	for _, r := range rels {
		counts := map[string]int{}
		var order []string
		for _, row := range w.Data[r] {
			text := r.Name + " {" + cells(r, row) + "}"
			if counts[text]++; counts[text] == 1 {
				order = append(order, text)
			}
		}
		for i, text := range order {
			switch {
			case i == mostExampleRows:
				parts = append(parts, "…")
			case i > mostExampleRows:
			case counts[text] > 1:
				parts = append(parts, fmt.Sprintf("%d × %s", counts[text], text))
			default:
				parts = append(parts, text)
			}
		}
	}
	return strings.Join(parts, ", ")
}

// cells are the known values of a row, keys and owners apart, in the order of
// the catalog.
func cells(r *ir.Relation, row ir.Record) string {
	hidden := map[string]bool{}
	for _, k := range r.Keys() {
		hidden[k.Name] = true
	}
	for _, l := range r.Lookups {
		if c, ok := l.By.(*ir.Column); ok {
			hidden[c.Col.Name], hidden[c.Col.Raw] = true, true
		}
	}
	var out []string
	for _, c := range columnsOf(r) {
		v, ok := row[c]
		if !ok || v.IsMissing() || hidden[c.Name] || c.Raw != "" && hidden[c.Raw] {
			continue
		}
		text := v.String()
		if v.Kind == value.Text {
			text = fmt.Sprintf("%q", text)
		}
		if cell := c.Name + ": " + text; !slices.Contains(out, cell) {
			out = append(out, cell)
		}
	}
	return strings.Join(out, ", ")
}
