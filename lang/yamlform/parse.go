// Package yamlform reads and writes definitions in YAML (*.seg.yaml), which
// are the same language as those of .seg files: Parse gives the same tree.
//
// A file holds one definition, a map, or several, a list of maps. The first
// key of a definition is its kind and holds its name: `segment: vip`. The
// other keys are those of the body in a .seg file.
//
// A condition is a text in the language; a map with the one key and:, or:
// (lists of conditions) or not:; or a leaf, `SUBJECT: VALUE` or
// `SUBJECT: {OPERATOR: VALUE}`. The value of a leaf is a literal. Where the
// operator says what kind of literal it takes, it is read here; where that
// depends on the type of the subject, it becomes an ast.Scalar, which the
// checker reads once it knows the type. How YAML would guess the type of a
// scalar never matters.
//
// Spans point into the YAML, also from inside of texts with escapes, folded
// lines and blocks; the comments of the tree are those of YAML and those in
// the language inside of texts, in order.
package yamlform

import (
	"slices"

	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// Suffix of files with definitions, TestSuffix that of test files, which also
// have the first.
const (
	Suffix     = ".seg.yaml"
	TestSuffix = "_test.seg.yaml"
)

// Parse reads a file of definitions. The tree holds all that could be read;
// its Broken flag is set when there were errors.
func Parse(file *source.File) (*ast.File, diag.List) {
	_, tree, diags := parse(file)
	return tree, diags
}

// parse gives the YAML, too; nil when the file is empty or no YAML.
func parse(file *source.File) (*yamltree.Node, *ast.File, diag.List) {
	root, diags := yamltree.Parse(file)
	r := &reader{file: file, diags: diags}
	out := &ast.File{Source: file}
	for i := range r.diags {
		if d := &r.diags[i]; d.Message == "the file holds more than one YAML document" {
			d.Help = "write the definitions as one list: each begins with `- segment: NAME`, or with another kind"
		}
	}
	if root != nil && root.Kind == yamltree.Null {
		root = nil // an empty file
	}
	r.yaml = yamltree.Comments(file, root)
	if root != nil {
		out.Decls = r.decls(root)
	}
	out.Comments = append(out.Comments, r.yaml...)
	out.Comments = append(out.Comments, r.comments...)
	slices.SortStableFunc(out.Comments, func(a, b ast.Comment) int { return a.Loc.Start - b.Loc.Start })
	placeComments(root, out)
	r.diags.Sort()
	out.Broken = r.diags.HasErrors()
	return root, out, r.diags
}

// reader is the state of one Parse.
type reader struct {
	file     *source.File
	diags    diag.List
	yaml     []ast.Comment // outside of all scalars
	comments []ast.Comment // inside of texts
	depth    int
}

// definitions gives the maps of a file that should be definitions.
func definitions(root *yamltree.Node) []*yamltree.Node {
	if root == nil {
		return nil
	}
	if root.Kind == yamltree.List {
		return root.Items
	}
	return []*yamltree.Node{root}
}

func (r *reader) decls(root *yamltree.Node) (decls []ast.Decl) {
	for _, n := range definitions(root) {
		if n.Kind != yamltree.Map {
			r.diags.Errorf(codeKind, n.Span, "a definition is a map, this is %s", n.Kind).Help = exampleFile
			continue
		}
		if d := r.decl(n); d != nil {
			decls = append(decls, d)
		}
	}
	return decls
}

const exampleFile = "write for example\n  segment: known_by_email\n  where: email is known"

// decl reads one definition; nil when even its name cannot be read.
func (r *reader) decl(n *yamltree.Node) ast.Decl {
	kind := r.kind(n)
	if kind == nil {
		return nil
	}
	table := definition(kind.Key.Text)
	name := r.name(kind.Value, "the name of "+table.Of)
	d := map[string]func(def) ast.Decl{
		"segment": r.segment, "split": r.split, "holdout": r.holdout, "trait": r.trait, "rfm": r.rfm,
		"list": r.list, "param": r.param,
	}[kind.Key.Text](def{n: n, at: ast.At{Loc: n.Span}, name: name, table: table, values: r.values(n, table)})
	if name.Name == "" {
		return nil
	}
	return d
}

// kind finds the key that says what a map defines.
func (r *reader) kind(n *yamltree.Node) *yamltree.Entry {
	var found *yamltree.Entry
	for _, e := range n.Entries {
		if definition(e.Key.Text) == nil {
			continue
		}
		if found != nil {
			d := r.diags.Errorf(codeKind, e.Key.Span, "one definition cannot be %s and %s", definition(found.Key.Text).Of, definition(e.Key.Text).Of)
			d.Labels = []diag.Label{{Span: found.Key.Span, Text: "`" + found.Key.Text + "` here"}}
			d.Help = "several definitions of a file are a list: each begins with `- `"
			return nil
		}
		found = e
	}
	if found == nil {
		r.noKind(n)
	}
	return found
}

func (r *reader) noKind(n *yamltree.Node) {
	var kinds []string
	for _, t := range Definitions() {
		kinds = append(kinds, t.Keys[0].Name)
	}
	span := n.Span
	if len(n.Entries) > 0 {
		span = n.Entries[0].Key.Span
	}
	d := r.diags.Errorf(codeKind, span, "this does not say what it defines")
	d.Help = "the first key is segment, split, holdout, trait, rfm, list or param, and holds the name: `segment: vip`"
	for _, e := range n.Entries {
		meant := diag.Suggest(e.Key.Text, kinds)
		for _, t := range Definitions() {
			if slices.Contains(t.Keys[0].Also, e.Key.Text) {
				meant = t.Keys[0].Name
			}
		}
		if meant != "" {
			d.Span = e.Key.Span
			d.Help = "did you mean `" + meant + "`?"
			d.Edits = []diag.Edit{{Span: e.Key.Span, Text: meant}}
			return
		}
	}
}

// def is a definition whose keys have been looked at.
type def struct {
	n      *yamltree.Node
	at     ast.At
	name   ast.Ident
	table  *Table
	values map[string]*yamltree.Node // by key; those without a value are left out
}

// values gives the known keys of a map that have a value and reports the
// others, and those that are missing.
func (r *reader) values(n *yamltree.Node, table *Table) map[string]*yamltree.Node {
	values := map[string]*yamltree.Node{}
	seen := map[string]bool{}
	guessed := slices.ContainsFunc(r.diags, func(d diag.Diagnostic) bool { // something of it is not YAML
		return d.Span.Start >= n.Span.Start && d.Span.End <= n.Span.End && d.Code < codeUnknownKey && d.Code >= yamltree.CodeSyntax
	})
	for _, e := range n.Entries {
		key := table.Key(e.Key.Text)
		seen[e.Key.Text] = true
		switch {
		case key == nil:
			if meant := r.unknownKey(e, table, n); meant != "" {
				seen[meant] = true
			} else {
				guessed = true // it may stand for any that is missing
			}
		case e.Value.Kind == yamltree.Null:
			r.diags.Errorf(codeShape, e.Span(), "`%s` has no value", key.Name).Help =
				"it says " + key.Purpose + ", for example `" + key.Name + ": " + key.Form + "`"
		default:
			values[key.Name] = e.Value
		}
	}
	for _, key := range table.Keys {
		if key.Required && !seen[key.Name] && !guessed {
			r.missing(n, table, key)
		}
	}
	if len(table.OneOf) > 0 && !guessed && !slices.ContainsFunc(table.OneOf, func(k string) bool { return seen[k] }) {
		r.missing(n, table, *table.Key(table.OneOf[0]))
	}
	return values
}

func (r *reader) missing(n *yamltree.Node, table *Table, key Key) {
	span := n.Span
	if len(n.Entries) > 0 {
		span = n.Entries[0].Key.Span
		if e := n.Get(table.Keys[0].Name); e != nil {
			span = e.Span()
		}
	}
	r.diags.Errorf(codeKind, span, "%s has no `%s`", table.Of, key.Name).Help =
		"it says " + key.Purpose + ": write for example `" + key.Name + ": " + key.Form + "`"
}

// unknownKey also gives the key that was meant, "" if that is not known.
func (r *reader) unknownKey(e *yamltree.Entry, table *Table, n *yamltree.Node) string {
	name := e.Key.Text
	d := r.diags.Errorf(codeUnknownKey, e.Key.Span, "%s has no key `%s`", table.Of, name)
	d.Help = "its keys are " + enumerate(table.Names())
	meant := table.Meant(name)
	if meant == "" {
		meant = diag.Suggest(name, table.Names())
	}
	if meant == "" || n.Get(meant) != nil {
		return ""
	}
	d.Help = "did you mean `" + meant + "`? " + d.Help
	d.Edits = []diag.Edit{{Span: e.Key.Span, Text: meant}}
	return meant
}
