package testform

import (
	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/yamlform"
)

// Canonical writes a file of tests in its canonical form, with all comments: a
// row on each line, however long it is, and nothing aligned, so that a changed
// value changes one line. Columns stay in the order that their author gave
// them. The text is "" when there are errors.
func Canonical(f *source.File) (string, diag.List) {
	if _, diags := Read(f); diags.HasErrors() {
		return "", diags
	}
	root, _ := yamltree.Parse(f)
	return yamlform.Lay(f, root, style), nil
}

// style is that of a value of a test by the keys that lead to it.
func style(path []string) yamlform.Style {
	keys := testKeys
	for len(path) > 1 && path[0] == "then" { // and one of its elements
		keys, path = laterKeys, path[2:]
	}
	switch {
	case len(path) == 0:
		return yamlform.Style{Keys: keys}
	case path[0] == "test":
		return yamlform.Style{Text: true}
	case path[0] == "set":
		return yamlform.Style{Line: yamlform.Fits}
	case path[0] == "rows" && len(path) == 3:
		return yamlform.Style{Line: yamlform.Always}
	case path[0] == "expect" && len(path) == 2:
		return yamlform.Style{Line: yamlform.Fits, Keys: segmentKeys}
	case path[0] != "rows" && len(path) > 1, len(path) > 3:
		return yamlform.Style{Line: yamlform.Fits}
	}
	return yamlform.Style{}
}
