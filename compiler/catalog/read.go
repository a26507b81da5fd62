package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// This file reads the small forms all sections are made of.

func nameOf(n *yamltree.Node) Name { return Name{Text: n.Text, Span: n.Span} }

// shape reports a value of the wrong form.
func (r *reader) shape(v *yamltree.Node, want string) *diag.Diagnostic {
	if v.Kind == yamltree.Null {
		return r.diags.Errorf(codeShape, v.Span, "a value is missing, this should be %s", want)
	}
	return r.diags.Errorf(codeShape, v.Span, "this should be %s, it is %s", want, v.Kind)
}

// entries gives each known key of a map to read and reports the others.
func (r *reader) entries(n *yamltree.Node, table *KeyTable, read func(key string, v *yamltree.Node)) {
	if n.Kind != yamltree.Map {
		d := r.shape(n, "a map")
		d.Help = fmt.Sprintf("%s has the keys %s", table.Of, list(table.Names()))
		return
	}
	for _, e := range n.Entries {
		switch {
		case table.Key(e.Key.Text) == nil:
			r.unknownKey(e, table)
		case e.Value.Kind == yamltree.Null:
			d := r.diags.Errorf(codeShape, e.Span(), "`%s` has no value", e.Key.Text)
			d.Help = fmt.Sprintf("`%s` is %s, for example `%s: %s`", e.Key.Text,
				table.Key(e.Key.Text).Purpose, e.Key.Text, table.Key(e.Key.Text).Form)
		default:
			before := len(r.diags)
			read(e.Key.Text, e.Value)
			r.showForm(before, e, table.Key(e.Key.Text))
		}
	}
}

// showForm gives the diagnostics since before that have no help an example
// of what the key takes.
func (r *reader) showForm(before int, e *yamltree.Entry, key *Key) {
	for i := before; i < len(r.diags); i++ {
		if d := &r.diags[i]; d.Help == "" && (d.Code == codeShape || d.Code == codeName) && d.Span == e.Value.Span {
			d.Help = fmt.Sprintf("for example `%s: %s`", key.Name, key.Form)
		}
	}
}

func (r *reader) unknownKey(e *yamltree.Entry, table *KeyTable) {
	name := e.Key.Text
	d := r.diags.Errorf(codeUnknownKey, e.Key.Span, "%s has no key `%s`", table.Of, name)
	d.Help = fmt.Sprintf("its keys are %s", list(table.Names()))
	meant := table.Meant(name)
	if meant == "" {
		for _, other := range Tables() {
			if other != table && other != sourceKeys && other != cellKeys && other.Key(name) != nil && diag.Suggest(name, table.Names()) == "" {
				d.Help = fmt.Sprintf("`%s` is a key of %s; %s", name, other.Of, d.Help)
				return
			}
		}
		meant = diag.Suggest(name, table.Names())
	}
	r.didYouMean(d, e.Key.Span, meant)
}

// didYouMean puts a suggestion, unless it is empty, before the help and
// offers it as an edit.
func (r *reader) didYouMean(d *diag.Diagnostic, span source.Span, suggestion string) {
	if suggestion == "" {
		return
	}
	help := fmt.Sprintf("did you mean `%s`?", suggestion)
	if d.Help != "" {
		help += " " + d.Help
	}
	d.Help = help
	d.Edits = []diag.Edit{{Span: span, Text: suggestion}}
}

// named reads a map from the author's names to bodies.
func (r *reader) named(v *yamltree.Node, what string, read func(e *yamltree.Entry)) {
	if v.Kind != yamltree.Map {
		r.shape(v, "a map of names").Help = fmt.Sprintf("each entry is `name:` and %s", what)
		return
	}
	for _, e := range v.Entries {
		read(e)
	}
}

// text reads a scalar that says something; after an error it is zero.
func (r *reader) text(v *yamltree.Node, want string) Name {
	if v.Kind != yamltree.Scalar {
		r.shape(v, want)
		return Name{}
	}
	if strings.TrimSpace(v.Text) == "" {
		r.diags.Errorf(codeShape, v.Span, "this is empty, it should be %s", want)
		return Name{}
	}
	return nameOf(v)
}

// deprecated reads what is to be used instead. That something is deprecated,
// and no more, helps nobody.
func (r *reader) deprecated(v *yamltree.Node) Name {
	name := r.text(v, "text that says what to use instead")
	if !name.IsZero() && !SaysWhy(name.Text) {
		r.diags.Errorf(codeShape, v.Span, "`%s` does not say what to use instead", name.Text)
		return Name{}
	}
	return name
}

// SaysWhy reports whether the text of `deprecated` tells more than that it is.
func SaysWhy(text string) bool {
	return !slices.Contains([]string{"", "true", "false"}, strings.ToLower(strings.TrimSpace(text)))
}

// choice reads one of a few words; after an error it is "".
func (r *reader) choice(v *yamltree.Node, want string, words []string) string {
	text := r.text(v, want)
	if text.IsZero() || slices.Contains(words, text.Text) {
		return text.Text
	}
	d := r.diags.Errorf(codeChoice, v.Span, "`%s` is not %s", text.Text, want)
	d.Help = "write " + oneOf(words)
	if lower := strings.ToLower(text.Text); slices.Contains(words, lower) {
		r.didYouMean(d, v.Span, lower)
	} else {
		r.didYouMean(d, v.Span, diag.Suggest(lower, words))
	}
	return ""
}

// flag reads true or false.
func (r *reader) flag(v *yamltree.Node) bool {
	if v.Kind != yamltree.Scalar {
		r.shape(v, "true or false")
		return false
	}
	switch strings.ToLower(v.Text) {
	case "true", "false":
		if v.Text == strings.ToLower(v.Text) {
			return v.Text == "true"
		}
	}
	d := r.diags.Errorf(codeChoice, v.Span, "`%s` is not true or false", v.Text)
	d.Help = "write true or false"
	switch strings.ToLower(v.Text) {
	case "yes", "y", "on", "1", "true":
		d.Edits = []diag.Edit{{Span: v.Span, Text: "true"}}
	case "no", "n", "off", "0", "false":
		d.Edits = []diag.Edit{{Span: v.Span, Text: "false"}}
	}
	return false
}

// texts reads a list of scalars, or one scalar for a list of one.
func (r *reader) texts(v *yamltree.Node, want string) []*yamltree.Node {
	items := v.Items
	if v.Kind == yamltree.Scalar {
		items = []*yamltree.Node{v}
	} else if v.Kind != yamltree.List {
		r.shape(v, "a list")
		return nil
	}
	if len(items) == 0 {
		r.diags.Errorf(codeShape, v.Span, "the list is empty").Help = "it should hold " + want
	}
	var kept []*yamltree.Node
	for _, item := range items {
		if item.Kind != yamltree.Scalar {
			r.shape(item, want)
			continue
		}
		kept = append(kept, item)
	}
	return kept
}

// list puts words in a row for a sentence.
func list(words []string) string {
	return strings.Join(words, ", ")
}

// oneOf offers words in a sentence.
func oneOf(words []string) string {
	if len(words) < 2 {
		return list(words)
	}
	return list(words[:len(words)-1]) + " or " + words[len(words)-1]
}
