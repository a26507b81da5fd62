package yamlform

import (
	"strings"

	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// KeepEdits takes away the edits that would do something else in YAML than
// they are meant to. They are made for text in the language, and YAML may end
// that text at a colon or a quote that an edit brings in.
func KeepEdits(diags diag.List) {
	trees := map[*source.File]*yamltree.Node{}
	for i := range diags {
		d := &diags[i]
		for _, e := range d.Edits {
			f := e.Span.File
			if f == nil || !strings.HasSuffix(f.Name, ".yaml") {
				continue
			}
			if _, known := trees[f]; !known {
				trees[f], _ = yamltree.Parse(f)
			}
			if !safe(f, trees[f], d.Edits) {
				d.Edits = nil
				break
			}
		}
	}
}

// safe reports whether edits change the texts they lie in, as they are meant
// to, and nothing else.
func safe(f *source.File, before *yamltree.Node, edits []diag.Edit) bool {
	changed, err := diag.Apply(f, edits)
	if err != nil {
		return false
	}
	after, diags := yamltree.Parse(source.New(f.Name, changed))
	if diags.HasErrors() {
		return before == nil
	}
	return before == nil || sameBut(before, after, edits)
}

// sameBut compares two trees, the second with the edits made.
func sameBut(a, b *yamltree.Node, edits []diag.Edit) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.Kind != b.Kind {
		return restructured(a, edits)
	}
	if len(a.Entries) != len(b.Entries) || len(a.Items) != len(b.Items) {
		return false
	}
	for i, e := range a.Entries {
		if !sameBut(e.Key, b.Entries[i].Key, edits) || !sameBut(e.Value, b.Entries[i].Value, edits) {
			return false
		}
	}
	for i, item := range a.Items {
		if !sameBut(item, b.Items[i], edits) {
			return false
		}
	}
	return a.Kind != yamltree.Scalar || scalarEdited(a, b, edits)
}

// restructured reports that a whole node was replaced by a map or a list.
func restructured(a *yamltree.Node, edits []diag.Edit) bool {
	for _, e := range edits {
		if e.Span == a.Span && strings.IndexAny(e.Text, "[{") == 0 {
			return true
		}
	}
	return false
}

// offsetIn is the offset in a scalar's text of a place in the file.
func offsetIn(n *yamltree.Node, place int) (int, bool) {
	for i := range len(n.Text) + 1 {
		if n.At(i, i).Start == place || i > 0 && n.At(i-1, i).End == place {
			return i, true
		}
	}
	return 0, false
}

// scalarEdited reports whether the text of b is that of a with the edits made.
func scalarEdited(a, b *yamltree.Node, edits []diag.Edit) bool {
	var inside []diag.Edit
	for _, e := range edits {
		switch {
		case e.Span.File != a.Span.File || e.Span.End < a.Span.Start || e.Span.Start > a.Span.End:
		case e.Span == a.Span:
			return b.Text == e.Text || `"`+b.Text+`"` == e.Text
		default:
			inside = append(inside, e)
		}
	}
	if len(inside) == 0 {
		return a.Text == b.Text
	}
	local := source.New("", a.Text)
	for i, e := range inside {
		start, ok := offsetIn(a, e.Span.Start)
		end, too := offsetIn(a, e.Span.End)
		if !ok || !too {
			return false
		}
		inside[i].Span = source.Span{File: local, Start: start, End: end}
	}
	want, err := diag.Apply(local, inside)
	return err == nil && want == b.Text
}
