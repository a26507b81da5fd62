package testform

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/segql/segql/internal/keytable"
	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// Read reads a file of tests. Tests with errors are left out; those that are
// given can be checked.
func Read(f *source.File) ([]*Test, diag.List) {
	root, diags := yamltree.Parse(f)
	r := &reader{diags: diags}
	broken := diags.HasErrors() // parts of the file are not there
	for i := range r.diags {
		if d := &r.diags[i]; d.Message == "the file holds more than one YAML document" {
			d.Help = "write the tests as one list: each begins with `- test: NAME`"
		}
	}
	if root == nil || root.Kind == yamltree.Null {
		return nil, r.diags
	}
	items := []*yamltree.Node{root}
	if root.Kind == yamltree.List {
		items = root.Items
	}
	var tests []*Test
	for _, n := range items {
		before := r.errors()
		if t := r.test(n); t != nil && r.errors() == before {
			tests = append(tests, t)
		}
	}
	tests = r.twice(tests)
	r.diags.Sort()
	if broken {
		tests = nil
	}
	return tests, r.diags
}

type reader struct{ diags diag.List }

func (r *reader) errors() (n int) {
	for _, d := range r.diags {
		if d.Severity == diag.Error {
			n++
		}
	}
	return n
}

const exampleTest = "write for example\n  test: a buyer\n  as_of: 2025-06-01\n  rows:\n    customer:\n      - {id: 1}\n  expect:\n    buyers: {in: [1]}"

func (r *reader) test(n *yamltree.Node) *Test {
	if n.Kind != yamltree.Map {
		r.diags.Errorf(codeShape, n.Span, "a test is a map, this is %s", n.Kind).Help = exampleTest
		return nil
	}
	values := r.values(n, testKeys)
	t := &Test{At: n.Span}
	if v := values["test"]; v != nil {
		t.Name = r.text(v, "the name of the test", "write `test: "+testKeys.Keys[0].Form+"`")
		t.At = n.Get("test").Span()
	}
	if v := values["set"]; v != nil {
		for _, e := range r.named(v, "params with their values", "set") {
			t.Set = append(t.Set, Param{textOf(e.Key), r.text(e.Value, "the value of a param", "write `"+e.Key.Text+": 3_000_000`")})
		}
	}
	t.Steps = []*Step{r.step(n, values)}
	if v := values["then"]; v != nil {
		for _, item := range r.list(v, "later instants", "begin each with `- as_of: 2025-09-01`") {
			if item.Kind != yamltree.Map {
				r.shape(item, "a later instant", "write `- as_of: 2025-09-01` and what is expected then")
				continue
			}
			t.Steps = append(t.Steps, r.step(item, r.values(item, laterKeys)))
		}
	}
	return t
}

func (r *reader) step(n *yamltree.Node, values map[string]*yamltree.Node) *Step {
	s := &Step{At: n.Span}
	if v := values["as_of"]; v != nil {
		s.AsOf = r.text(v, "an instant", "write `as_of: 2025-06-01` or `as_of: 2025-06-01T10:30`")
		s.At = n.Get("as_of").Span()
	}
	if v := values["rows"]; v != nil {
		for _, e := range r.named(v, "entities and facts with their rows", "rows") {
			s.Tables = append(s.Tables, r.table(e))
		}
	}
	if v := values["expect"]; v != nil {
		for _, e := range r.named(v, "segments with what is expected of them", "expect") {
			s.Expects = append(s.Expects, r.expect(e))
		}
	}
	if v := values["traits"]; v != nil {
		for _, e := range r.named(v, "traits with their values", "traits") {
			s.Traits = append(s.Traits, r.trait(e))
		}
	}
	if values["as_of"] != nil && len(s.Expects)+len(s.Traits) == 0 && values["expect"] == nil && values["traits"] == nil && values["then"] == nil {
		r.diags.Errorf(codeShape, s.At, "nothing is expected here").Help = "say who must be in which segment: `expect: {buyers: {in: [1]}}`, or which values traits must have"
	}
	return s
}

func (r *reader) table(e *yamltree.Entry) *Table {
	t := &Table{Relation: textOf(e.Key)}
	for _, item := range r.list(e.Value, "rows", "each row is a line such as `- {id: 1}`") {
		if item.Kind != yamltree.Map {
			r.shape(item, "a row", "a row is a map from columns to values, such as {id: 1}")
			continue
		}
		t.Rows = append(t.Rows, &Row{At: item.Span, Cells: r.cells(item)})
	}
	return t
}

func (r *reader) cells(n *yamltree.Node) []Cell {
	var cells []Cell
	for _, e := range n.Entries {
		if v, ok := r.value(e.Value, e.Key); ok {
			cells = append(cells, Cell{textOf(e.Key), v})
		}
	}
	return cells
}

// value reads the value of a column, or a part of one.
func (r *reader) value(n *yamltree.Node, column *yamltree.Node) (v Value, ok bool) {
	v = Value{At: n.Span, Text: norm.NFC.String(n.Text)}
	switch n.Kind {
	case yamltree.List:
		v.Kind = List
		for _, item := range n.Items {
			part, ok := r.value(item, column)
			if !ok {
				return v, false
			}
			v.Items = append(v.Items, part)
		}
	case yamltree.Map:
		v.Kind = Record
		before := r.errors()
		if v.Fields = r.cells(n); r.errors() > before {
			return v, false
		}
	case yamltree.Null:
		r.diags.Errorf(codeNull, n.Span, "`%s` has null in the place of a value", column.Text).Help =
			"leave the column out, then its value is missing; the text null stands in quotes"
		return v, false
	case yamltree.Scalar:
	}
	return v, true
}

func (r *reader) expect(e *yamltree.Entry) *Expect {
	x := &Expect{Segment: textOf(e.Key)}
	if e.Value.Kind != yamltree.Map {
		r.shape(e.Value, "what is expected of the segment", "write for example `"+e.Key.Text+": {in: [1], not in: [2]}`")
		return x
	}
	values := r.values(e.Value, segmentKeys)
	for key, to := range map[string]*[]Text{"in": &x.In, "not in": &x.NotIn, "entered": &x.Entered, "left": &x.Left} {
		if v := values[key]; v != nil {
			*to = r.keys(v, key)
		}
	}
	if v := values["size"]; v != nil {
		size := r.text(v, "a number of rows", "write `size: 2`")
		x.Size = &size
	}
	if len(e.Value.Entries) == 0 {
		r.diags.Errorf(codeShape, e.Value.Span, "nothing is expected of %s", e.Key.Text).Help = "write for example `" + e.Key.Text + ": {in: [1], not in: [2]}`"
	}
	return x
}

// keys reads a list of keys.
func (r *reader) keys(n *yamltree.Node, what string) []Text {
	help := "write `" + what + ": [1, 2]`"
	if n.Kind == yamltree.List && len(n.Items) == 0 {
		help += "; to say that the segment is empty write `size: 0`"
	}
	var keys []Text
	for _, item := range r.list(n, "keys of rows", help) {
		keys = append(keys, r.text(item, "the key of a row", help))
	}
	return keys
}

func (r *reader) trait(e *yamltree.Entry) *Trait {
	t := &Trait{Name: textOf(e.Key)}
	for _, v := range r.named(e.Value, "keys of rows with the values that the trait must have", "total_spend") {
		want := TraitValue{Key: textOf(v.Key)}
		if v.Value.Kind == yamltree.Null {
			r.diags.Errorf(codeNull, v.Value.Span, "`%s` has null in the place of a value", v.Key.Text).Help =
				"write `" + v.Key.Text + ": {is: missing}` where the trait must have no value; the text null stands in quotes"
			continue
		}
		if v.Value.Kind == yamltree.Map {
			is := r.values(v.Value, missingKeys)["is"]
			if is != nil && is.Text != "missing" {
				r.diags.Errorf(codeShape, is.Span, "`%s` is no way to say what a trait is", is.Text).Help = "write {is: missing}, or the value"
			}
			want.Missing = true
		} else {
			want.Value, _ = r.value(v.Value, v.Key)
		}
		t.Values = append(t.Values, want)
	}
	return t
}

// twice reports tests that cannot be told apart by their names.
func (r *reader) twice(tests []*Test) (kept []*Test) {
	first := map[string]*Test{}
	for _, t := range tests {
		if other := first[t.Name.Text]; other != nil {
			d := r.diags.Errorf(codeTwice, t.Name.At, "there is another test %q in this file", t.Name.Text)
			d.Labels = []diag.Label{{Span: other.Name.At, Text: "the first one"}}
			d.Help = "say what this one tests that the other does not"
			continue
		}
		first[t.Name.Text] = t
		kept = append(kept, t)
	}
	return kept
}

// What follows reads the small forms all parts are made of.

func textOf(n *yamltree.Node) Text { return Text{norm.NFC.String(n.Text), n.Span} }

func (r *reader) shape(n *yamltree.Node, want, help string) {
	if n.Kind == yamltree.Null {
		r.diags.Errorf(codeNull, n.Span, "a value is missing, this should be %s", want).Help = help
		return
	}
	r.diags.Errorf(codeShape, n.Span, "this should be %s, it is %s", want, n.Kind).Help = help
}

// text reads a scalar.
func (r *reader) text(n *yamltree.Node, want, help string) Text {
	switch {
	case n.Kind != yamltree.Scalar:
		r.shape(n, want, help)
	case strings.TrimSpace(n.Text) == "":
		r.diags.Errorf(codeShape, n.Span, "this is empty, it should be %s", want).Help = help
	}
	return textOf(n)
}

// list reads a list, which must not be empty.
func (r *reader) list(n *yamltree.Node, want, help string) []*yamltree.Node {
	if n.Kind != yamltree.List {
		r.shape(n, "a list of "+want, help)
		return nil
	}
	if len(n.Items) == 0 {
		r.diags.Errorf(codeShape, n.Span, "this list of %s is empty", want).Help = help
	}
	return n.Items
}

// named reads a map of the author's own names.
func (r *reader) named(n *yamltree.Node, want, example string) []*yamltree.Entry {
	form := testKeys.Key(example)
	help := "write for example `" + example + ": {1: 500}`"
	if form != nil {
		help = "write for example `" + example + ": " + form.Form + "`"
	}
	if n.Kind != yamltree.Map {
		r.shape(n, "a map of "+want, help)
		return nil
	}
	if len(n.Entries) == 0 {
		r.diags.Errorf(codeShape, n.Span, "this map of %s is empty", want).Help = help
	}
	return n.Entries
}

// values gives what the keys of a map hold, and reports keys that the table
// does not have or that are not there.
func (r *reader) values(n *yamltree.Node, t *table) map[string]*yamltree.Node {
	values, seen, lost := map[string]*yamltree.Node{}, map[string]bool{}, false
	for _, e := range n.Entries {
		key := t.Key(e.Key.Text)
		seen[e.Key.Text] = true
		switch {
		case key == nil:
			meant := r.unknownKey(e, t, n)
			seen[meant], lost = true, lost || meant == ""
		case e.Value.Kind == yamltree.Null:
			r.diags.Errorf(codeNull, e.Span(), "`%s` has no value", key.Name).Help = purpose(*key)
		default:
			values[key.Name] = e.Value
		}
	}
	for _, key := range t.Keys {
		if key.Required && !seen[key.Name] && !lost {
			at := n.Span
			if len(n.Entries) > 0 {
				at = n.Entries[0].Span()
			}
			r.diags.Errorf(codeShape, at, "%s has no `%s`", t.Of, key.Name).Help = purpose(key)
		}
	}
	return values
}

func purpose(key keytable.Key) string {
	return fmt.Sprintf("it says %s: write for example `%s: %s`", key.Purpose, key.Name, key.Form)
}

// unknownKey gives the key that was meant, "" where that cannot be told.
func (r *reader) unknownKey(e *yamltree.Entry, t *table, n *yamltree.Node) (meant string) {
	name := e.Key.Text
	d := r.diags.Errorf(codeUnknownKey, e.Key.Span, "%s has no key `%s`", t.Of, name)
	d.Help = "its keys are " + strings.Join(t.Names(), ", ")
	if meant = t.Meant(name); meant == "" {
		meant = diag.Suggest(name, t.Names())
	}
	switch {
	case meant != "" && n.Get(meant) == nil:
		d.Help = "did you mean `" + meant + "`? " + d.Help
		d.Edits = []diag.Edit{{Span: e.Key.Span, Text: meant}}
	case slices.Contains([]string{"entered", "left", "in", "not in", "size"}, name):
		d.Help = "`" + name + "` stands under the name of a segment, as in `expect: {buyers: {" + name + ": …}}`; " + d.Help
	}
	return meant
}
