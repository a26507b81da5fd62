package compiler

import (
	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
)

// Deprecation is what an author says of a name that is not to be used any
// more.
type Deprecation struct {
	Text string      // what to use instead
	At   source.Span // where that is said
}

// named is a symbol wherever it is declared.
type named struct {
	kind     check.SymbolKind
	of, name string
}

// Deprecated finds what is said of a name; false when it may be used. A branch
// is as deprecated as its split, and a way back as its lookup.
func (p *Project) Deprecated(s check.Symbol) (Deprecation, bool) {
	switch s.Kind {
	case check.Branch:
		s = check.Symbol{Kind: check.Split, Name: s.Of}
	case check.Holdout:
		s.Kind = check.Split // a use does not tell them apart
	}
	d, ok := p.deprecated[named{s.Kind, s.Of, s.Name}]
	return d, ok
}

// findDeprecated reads which names are deprecated, of the catalog and of the
// definitions.
func (p *Project) findDeprecated() {
	p.deprecated = map[named]Deprecation{}
	put := func(kind check.SymbolKind, of, name string, text catalog.Name) {
		if !text.IsZero() && name != "" {
			p.deprecated[named{kind, of, name}] = Deprecation{text.Text, text.Span}
		}
	}
	if p.Catalog != nil {
		for _, e := range p.Catalog.Entities {
			put(check.Entity, "", e.Name.Text, e.Deprecated)
			deprecatedParts(&e.Relation, put)
		}
		for _, f := range p.Catalog.Facts {
			put(check.Fact, "", f.Name.Text, f.Deprecated)
			deprecatedParts(&f.Relation, put)
		}
	}
	for _, f := range p.Files {
		for _, d := range f.Decls {
			kind, lines := check.Split, []ast.Meta(nil)
			switch d := d.(type) {
			case *ast.Holdout:
				lines = d.Meta
			case *ast.Segment:
				kind, lines = check.Segment, d.Meta
			case *ast.Split:
				lines = d.Meta
			case *ast.List, *ast.Param, *ast.RFM, *ast.Trait: // say nothing of themselves
			}
			put(kind, "", d.DeclName().Name, deprecatedMeta(lines))
		}
	}
}

func deprecatedParts(r *catalog.Relation, put func(kind check.SymbolKind, of, name string, text catalog.Name)) {
	for _, a := range r.Attributes {
		put(check.Attribute, r.Name.Text, a.Name.Text, a.Deprecated)
	}
	for _, f := range r.Fields {
		put(check.Attribute, r.Name.Text, f.Name.Text, f.Deprecated)
	}
	for _, l := range r.BelongsTo {
		put(check.Lookup, r.Name.Text, l.Name.Text, l.Deprecated)
		if to := l.Entity.Relation(); to != nil {
			put(check.Reverse, to.Name.Text, l.Reverse.Text, l.Deprecated)
		}
	}
}

func deprecatedMeta(lines []ast.Meta) catalog.Name {
	for _, m := range lines {
		if t, ok := m.Value.(*ast.Text); ok && m.Key.Name == "deprecated" && catalog.SaysWhy(t.Value) {
			return catalog.Name{Text: t.Value, Span: m.Loc}
		}
	}
	return catalog.Name{}
}

// watched also keeps the places where definitions name what is deprecated. The
// catalog is not looked at: what replaces a column is often made of it there.
// Where nothing is deprecated, nobody has to tell what names stand for.
func (p *Project) watched(told func(check.Use)) func(check.Use) {
	if p.findDeprecated(); len(p.deprecated) == 0 {
		return told
	}
	definitions := map[*source.File]bool{}
	for _, f := range p.Files {
		definitions[f.Source] = true
	}
	return func(u check.Use) {
		// The time of a fact is called `at`, whatever its column is called.
		byAnother := u.Symbol.Kind == check.Attribute && u.Symbol.Name != "at" && u.At.Text() == "at"
		if _, ok := p.Deprecated(u.Symbol); ok && definitions[u.At.File] && u.Symbol.Kind != check.Branch && !byAnother {
			p.DeprecatedUses = append(p.DeprecatedUses, u)
		}
		if told != nil {
			told(u)
		}
	}
}
