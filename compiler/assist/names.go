package assist

import (
	"sort"
	"strings"

	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/syntax"
)

// name is a definition as a list of choices shows it.
type name struct {
	name, title, entity string
	insert              string
}

// symbol of a segment, or of a branch or group, whose name has a dot.
func (n name) symbol() check.Symbol {
	if of, _, ok := strings.Cut(n.name, "."); ok {
		return check.Symbol{Kind: check.Branch, Of: of, Name: n.name}
	}
	return check.Symbol{Kind: check.Segment, Name: n.name}
}

// decls are the definitions of one kind, by name.
func (s *State) decls(kind string) (out []name) {
	for _, f := range s.project.Files {
		for _, d := range f.Decls {
			if string(kindOf(d)) == kind {
				out = append(out, s.named(d))
			}
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}

func (s *State) named(d ast.Decl) name {
	id := d.DeclName()
	n := name{name: id.Name, insert: format.Name(id)}
	of := (*ast.Ident)(nil)
	switch d := d.(type) {
	case *ast.Holdout, *ast.RFM:
	case *ast.List:
		n.title = listText(d)
	case *ast.Param:
		if d.Value != nil {
			n.title = format.Expr(d.Value)
		}
	case *ast.Segment:
		n.title, of = metaText(d.Meta, "title"), d.Of
	case *ast.Split:
		n.title, of = metaText(d.Meta, "title"), d.Of
	case *ast.Trait:
		of = d.Of
		if d.Value != nil {
			n.title = format.Expr(d.Value)
		}
	}
	if of != nil {
		n.entity = of.Name
	} else {
		n.entity = s.defaultEntity().Name
	}
	return n
}

func listText(d *ast.List) string {
	if d.From != nil {
		return "from " + syntax.Quote(d.From.Value)
	}
	var texts []string
	if d.Set != nil {
		for i, e := range d.Set.Elems {
			if i == 5 {
				texts = append(texts, "…")
				break
			}
			if scalar, ok := e.(*ast.Scalar); ok {
				texts = append(texts, scalar.Text)
			} else {
				texts = append(texts, format.Expr(e))
			}
		}
	}
	return strings.Join(texts, ", ")
}

// metaText is a text of a definition's properties, "" if there is none.
func metaText(lines []ast.Meta, key string) string {
	for _, m := range lines {
		if t, ok := m.Value.(*ast.Text); ok && m.Key.Name == key {
			return t.Value
		}
	}
	return ""
}

// segments are all that can stand after `in segment`.
func (s *State) segments() (out []name) {
	out = s.decls("segment")
	for _, f := range s.project.Files {
		for _, d := range f.Decls {
			out = append(out, s.parts(d)...)
		}
	}
	return out
}

// parts are the branches of a split, or the groups of a holdout.
func (s *State) parts(d ast.Decl) (out []name) {
	of := s.named(d)
	part := func(id ast.Ident, title string) {
		entity := of.entity
		if seg := s.project.Segment(of.name + "." + id.Name); seg != nil {
			entity = seg.Entity.Name
		} else if divided(d) {
			entity = "" // that of the segment
		}
		out = append(out, name{name: of.name + "." + id.Name, title: title, entity: entity, insert: of.insert + "." + format.Name(id)})
	}
	switch d := d.(type) {
	case *ast.Holdout:
		for _, g := range d.Groups {
			part(g.Name, of.title)
		}
	case *ast.Split:
		for _, b := range d.Branches {
			title := ""
			if b.Title != nil {
				title = b.Title.Value
			}
			part(b.Name, title)
		}
	default: // has none
	}
	return out
}

func divided(d ast.Decl) bool {
	if split, ok := d.(*ast.Split); ok {
		return split.OfSegment != nil
	}
	return true
}

// branches are what may follow `in segment NAME.`.
func (s *State) branches(of string) (items []Item) {
	if d := s.decl(of); d != nil {
		for _, n := range s.parts(d) {
			branch := strings.TrimPrefix(n.name, of+".")
			items = append(items, Item{Label: branch, Kind: BranchItem, Detail: n.title, Insert: syntax.QuoteName(branch), Deprecated: s.outdated(n.symbol())})
		}
	}
	for _, seg := range s.project.Segments { // of an rfm
		if rest, ok := strings.CutPrefix(seg.Name, of+"."); ok && len(items) == 0 || ok && s.decl(of) == nil {
			items = append(items, Item{Label: rest, Kind: BranchItem, Detail: seg.Meta.Title, Insert: rest})
		}
	}
	return items
}
