package diff

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
)

// Version is one version of a project: checked, with what its names stand for
// and what its definitions say.
type Version struct {
	*compiler.Project
	defs  map[id]*definition
	order []*definition
}

// id names a definition: a symbol without its place.
type id struct {
	kind     check.SymbolKind
	of, name string
}

// setting is the kind of what the catalog says of the whole project.
const setting check.SymbolKind = "setting"

func idOf(s check.Symbol) id { return id{s.Kind, s.Of, s.Name} }

// full is the name as messages give it: sales.amount, lifecycle.loyal.
func (d id) full() string {
	if d.of != "" && d.kind != check.Branch {
		return d.of + "." + d.name
	}
	return d.name
}

// part is one thing that a definition says: its condition, its source, its
// type. Parts that give no meaning are not among them.
type part struct{ key, text string }

// order is the key of the part that holds the branches of a split.
const order = "order"

// definition is one thing with a name.
type definition struct {
	id
	at    source.Span // all of it
	name  source.Span
	parts []part
	// hidden: what the parts say may be personal data, the values of a file.
	hidden bool
	uses   []id // in order of appearance, each once
}

// Read reads and checks one version. Options.Uses is taken.
func Read(fsys fs.FS, o compiler.Options) (*Version, diag.List) {
	var uses []check.Use
	o.Uses = func(u check.Use) { uses = append(uses, u) }
	p, diags := compiler.Compile(fsys, o)
	return New(fsys, p, uses), diags
}

// New is Read of a project that has been checked; uses is what
// compiler.Options.Uses was told, fsys where the files of its lists are.
func New(fsys fs.FS, p *compiler.Project, uses []check.Use) *Version {
	v := &Version{Project: p, defs: map[id]*definition{}}
	if p.Catalog != nil && p.Catalog.File != nil {
		v.catalog(p.Catalog.File)
	}
	for _, f := range p.Files {
		for _, d := range f.Decls {
			v.declaration(fsys, d)
		}
	}
	v.relate(uses)
	return v
}

func (v *Version) add(d *definition) {
	if v.defs[d.id] != nil {
		return // an error that the check has reported
	}
	v.defs[d.id] = d
	v.order = append(v.order, d)
}

// declaration adds what a declaration defines.
func (v *Version) declaration(fsys fs.FS, d ast.Decl) {
	name := d.DeclName()
	def := &definition{at: d.Span(), name: name.Loc}
	switch d := d.(type) {
	case *ast.Holdout:
		def.id = id{check.Holdout, "", name.Name}
		def.parts = append(validity(d.Meta), part{"of", format.Path(d.Of)})
		for _, g := range d.Groups {
			share := "otherwise"
			if g.Share != nil {
				share = format.Expr(g.Share)
			}
			def.parts = append(def.parts, part{g.Name.Name, share})
			v.add(&definition{id: id{check.Branch, name.Name, name.Name + "." + g.Name.Name}, at: g.Loc, name: g.Name.Loc, uses: []id{def.id}})
		}
	case *ast.List:
		def.id = id{check.List, "", name.Name}
		def.parts, def.hidden = listParts(fsys, d)
	case *ast.Param:
		def.id = id{check.Param, "", name.Name}
		def.parts = []part{{"", expr(d.Value)}}
	case *ast.RFM:
		def.id = id{check.RFM, "", name.Name}
		text, _ := format.EmbeddedRFM(d, nil, 1<<30)
		def.parts = []part{{"", text}}
	case *ast.Segment:
		def.id = id{check.Segment, "", name.Name}
		def.parts = append(validity(d.Meta), part{"where", expr(d.Where)})
		if d.Of != nil {
			def.parts = append(def.parts, part{"of", format.Name(*d.Of)})
		}
	case *ast.Split:
		def.id = id{check.Split, "", name.Name}
		v.split(def, d)
	case *ast.Trait:
		def.id = id{check.Trait, "", name.Name}
		def.parts = []part{{"", expr(d.Value)}}
		if d.Of != nil {
			def.parts = append(def.parts, part{"of", format.Name(*d.Of)})
		}
	}
	v.add(def)
}

func expr(x ast.Expr) string {
	if x == nil {
		return ""
	}
	return format.Expr(x)
}

// validity are the properties that give meaning.
func validity(meta []ast.Meta) (parts []part) {
	for _, m := range meta {
		if m.Key.Name == "valid_from" || m.Key.Name == "valid_until" {
			parts = append(parts, part{m.Key.Name, expr(m.Value)})
		}
	}
	return parts
}

// split adds the branches, each of which takes what those before it leave.
func (v *Version) split(def *definition, d *ast.Split) {
	def.parts = validity(d.Meta)
	switch {
	case d.Of != nil:
		def.parts = append(def.parts, part{"of", format.Name(*d.Of)})
	case d.OfSegment != nil:
		def.parts = append(def.parts, part{"of", "segment " + format.Path(d.OfSegment)})
	}
	uses := []id{def.id}
	var names []string
	for _, b := range d.Branches {
		when := "otherwise"
		if b.When != nil {
			when = "when " + expr(b.When)
		}
		branch := &definition{id: id{check.Branch, d.Name.Name, d.Name.Name + "." + b.Name.Name}, at: b.Loc, name: b.Name.Loc, parts: []part{{"", when}}, uses: slices.Clone(uses)}
		v.add(branch)
		uses = append(uses, branch.id)
		names = append(names, b.Name.Name)
	}
	def.parts = append(def.parts, part{order, strings.Join(names, ", ")})
}

// listParts: of a file its columns and content count, not its name.
func listParts(fsys fs.FS, d *ast.List) (parts []part, hidden bool) {
	if d.From == nil {
		if d.Set == nil {
			return nil, false
		}
		return []part{{"", expr(d.Set)}}, false
	}
	if d.Column != nil {
		parts = append(parts, part{"column", d.Column.Name})
	}
	text, err := fs.ReadFile(fsys, path.Clean(strings.ReplaceAll(d.From.Value, "\\", "/")))
	if err != nil {
		return append(parts, part{"from", d.From.Value}), true
	}
	sum := sha256.Sum256(text)
	n := strings.Count(strings.TrimRight(string(text), "\r\n"), "\n") + 1
	return append(parts, part{"", strconv.Itoa(n) + " lines, " + hex.EncodeToString(sum[:4])}), true
}

// noMeaning are keys of the catalog that do not change who is in a segment.
var noMeaning = map[string]bool{"title": true, "description": true, "pii": true}

// catalog adds what catalog.yaml declares, entry by entry.
func (v *Version) catalog(f *source.File) {
	root, _ := yamltree.Parse(f)
	if root == nil {
		return
	}
	for _, e := range root.Entries {
		switch key := e.Key.Text; key {
		case "entities":
			v.relations(check.Entity, e.Value)
		case "facts":
			v.relations(check.Fact, e.Value)
		case "channels":
			for _, c := range e.Value.Entries {
				v.add(&definition{id: id{check.Channel, "", c.Key.Text}, at: c.Span(), name: c.Key.Span, parts: entryParts(c.Value)})
			}
		case "version", "edition":
		default:
			v.add(&definition{id: id{setting, "", key}, at: e.Span(), name: e.Key.Span, parts: entryParts(e.Value)})
		}
	}
}

func (v *Version) relations(kind check.SymbolKind, n *yamltree.Node) {
	for _, r := range n.Entries {
		rel := &definition{id: id{kind, "", r.Key.Text}, at: r.Span(), name: r.Key.Span}
		v.add(rel)
		for _, e := range r.Value.Entries {
			own := check.Attribute
			switch e.Key.Text {
			case "attributes", "fields":
			case "belongs_to":
				own = check.Lookup
			default:
				if !noMeaning[e.Key.Text] {
					rel.parts = append(rel.parts, part{e.Key.Text, flow(e.Value)})
				}
				continue
			}
			for _, c := range e.Value.Entries {
				v.add(&definition{id: id{own, r.Key.Text, c.Key.Text}, at: c.Span(), name: c.Key.Span, parts: entryParts(c.Value), uses: []id{rel.id}})
			}
		}
	}
}

func entryParts(n *yamltree.Node) []part {
	if n.Kind != yamltree.Map {
		return []part{{"", flow(n)}}
	}
	var parts []part
	for _, e := range n.Entries {
		if !noMeaning[e.Key.Text] {
			parts = append(parts, part{e.Key.Text, flow(e.Value)})
		}
	}
	return parts
}

// flow writes a value on one line, without regard to how it was laid out.
func flow(n *yamltree.Node) string {
	switch n.Kind {
	case yamltree.List:
		items := make([]string, len(n.Items))
		for i, item := range n.Items {
			items[i] = flow(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case yamltree.Map:
		entries := make([]string, len(n.Entries))
		for i, e := range n.Entries {
			entries[i] = e.Key.Text + ": " + flow(e.Value)
		}
		return "{" + strings.Join(entries, ", ") + "}"
	case yamltree.Null:
		return "null"
	case yamltree.Scalar:
		return strings.Join(strings.Fields(n.Text), " ")
	default:
		panic("diff: a node of YAML without a kind")
	}
}
