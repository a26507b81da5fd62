package lint

import (
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
)

// deprecated finds uses of names that their authors have given up. What is
// deprecated itself may go on using them until it goes, too.
func deprecated(p *pass) {
	seen := map[place]bool{}
	for _, u := range p.DeprecatedUses {
		d := p.declAround(u)
		if at := placeOf(u.At); d == nil || seen[at] || metaValue(d, "deprecated") != nil {
			continue
		}
		seen[placeOf(u.At)] = true
		said, _ := p.Deprecated(u.Symbol)
		x := p.report(u.At, "the %s %s is deprecated", p.kindOf(u.Symbol), u.Symbol.Name)
		x.Help = said.Text
		x.Labels = []diag.Label{{Span: said.At, Text: "said here"}}
		if to := p.replacement(u, d, said.Text); to != "" {
			x.Edits = []diag.Edit{{Span: u.At, Text: to}}
		}
	}
}

// kindOf is what a symbol is called.
func (p *pass) kindOf(s check.Symbol) string {
	switch rel := p.Relation(s.Of); {
	case s.Kind == check.Attribute && rel != nil && !rel.Entity:
		return "field"
	case s.Kind == check.Reverse:
		return "way back"
	}
	if _, ok := p.declared(s.Name).(*ast.Holdout); ok && s.Kind == check.Split {
		return string(check.Holdout)
	}
	return string(s.Kind)
}

// declAround is the definition around a use; nil in the catalog.
func (p *pass) declAround(u check.Use) ast.Decl {
	for _, f := range p.Files {
		if f.Source != u.At.File {
			continue
		}
		for _, d := range f.Decls {
			if at := d.Span(); at.Start <= u.At.Start && u.At.End <= at.End {
				return d
			}
		}
	}
	return nil
}

// declared finds a definition by its name.
func (p *pass) declared(name string) ast.Decl {
	for _, f := range p.Files {
		for _, d := range f.Decls {
			if d.DeclName().Name == name {
				return d
			}
		}
	}
	return nil
}
