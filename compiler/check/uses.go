package check

import (
	"strings"

	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
)

// SymbolKind is what a name stands for.
type SymbolKind string

// Kinds of symbols.
const (
	Attribute SymbolKind = "attribute" // of an entity, or a field of a fact
	Branch    SymbolKind = "branch"    // of a split, or a group of a holdout
	Channel   SymbolKind = "channel"
	Entity    SymbolKind = "entity"
	Fact      SymbolKind = "fact"
	Holdout   SymbolKind = "holdout"
	List      SymbolKind = "list"
	Lookup    SymbolKind = "lookup"
	Param     SymbolKind = "param"
	Part      SymbolKind = "part" // a field of a record
	Reverse   SymbolKind = "reverse"
	RFM       SymbolKind = "rfm"
	Segment   SymbolKind = "segment"
	Split     SymbolKind = "split"
	StepName  SymbolKind = "step" // a row of a sequence
	Trait     SymbolKind = "trait"
)

// Symbol is what a name was found to stand for. Two symbols are the same when
// their Kind, Of and Name are; a step also lies where it is named.
type Symbol struct {
	Kind SymbolKind
	Name string // of a branch "lifecycle.loyal"
	// Of is the relation, or of a branch the split, that it belongs to; "" for
	// names of the whole project.
	Of string
	// At is the name where it is declared. It is zero for what only the data
	// declares.
	At   source.Span
	Type value.Type // of a value
}

// Use is a place that names a symbol.
type Use struct {
	At     source.Span
	Symbol Symbol
}

// use tells whoever wants to know what a name stands for.
func (c *checker) use(at source.Span, s Symbol) {
	if c.in.Uses != nil && at.File != nil {
		c.in.Uses(Use{at, s})
	}
}

// useColumn finds the relation in which a column was declared first: those
// that come from it inherit the name.
func (c *checker) useColumn(at source.Span, rel *ir.Relation, col *ir.ColumnDef) {
	if c.in.Uses == nil {
		return
	}
	c.use(at, ColumnSymbol(rel, col))
}

// ColumnSymbol is the symbol of a column of a relation: that of the relation
// from which it was inherited.
func ColumnSymbol(rel *ir.Relation, col *ir.ColumnDef) Symbol {
	t := col.Type
	for col.Base != nil && rel.From != nil {
		rel, col = rel.From, col.Base
	}
	s := Symbol{Kind: Attribute, Name: col.Name, Of: rel.Name, At: col.At, Type: t}
	if rel.Source == nil && rel.From == nil && len(rel.Universe) == 0 {
		s.Kind = Part // of the elements of a list
	}
	if col.At.Text() != "" && !names(col.At, col.Name) {
		s.At = source.Span{} // the source declares it
	}
	return s
}

// names reports whether a place holds the name, quoted or not.
func names(at source.Span, name string) bool {
	return strings.Trim(at.Text(), "`\"'") == name
}

// useLookup: the owner's lookup goes by the owner's name.
func (c *checker) useLookup(at source.Span, l *ir.Lookup) { c.use(at, LookupSymbol(l)) }

// LookupSymbol is the symbol of a way to another row; that of an owner is the
// owner itself, after which it is called.
func LookupSymbol(l *ir.Lookup) Symbol {
	if l != l.From.Owner {
		rel := l.From
		for rel.From != nil && rel.From.Lookup(l.Name) != nil {
			rel = rel.From
		}
		return Symbol{Kind: Lookup, Name: l.Name, Of: rel.Name, At: l.At}
	}
	return RelationSymbol(l.To)
}

// RelationSymbol is the symbol of an entity or a fact.
func RelationSymbol(r *ir.Relation) Symbol {
	kind := Fact
	if r.Entity {
		kind = Entity
	}
	return Symbol{Kind: kind, Name: r.Name, At: r.At}
}

// useMany: a fact, or the way back of a lookup.
func (c *checker) useMany(at source.Span, rel *ir.Relation, name string, l *ir.Lookup) {
	if l.From.Name == name && l == l.From.Owner {
		c.use(at, RelationSymbol(l.From))
		return
	}
	c.use(at, Symbol{Kind: Reverse, Name: name, Of: rel.Name, At: c.reverseAt(l)})
}

// reverseAt is where the catalog names the way back of a lookup.
func (c *checker) reverseAt(l *ir.Lookup) source.Span {
	for _, rel := range catalogRelations(c.in.Catalog) {
		for _, b := range rel.BelongsTo {
			if b.Name.Span == l.At {
				return b.Reverse.Span
			}
		}
	}
	return source.Span{}
}

func catalogRelations(cat *catalog.Catalog) (all []*catalog.Relation) {
	for _, e := range cat.Entities {
		all = append(all, &e.Relation)
	}
	for _, f := range cat.Facts {
		all = append(all, &f.Relation)
	}
	return all
}

// useSegment: the name of a segment, or of a split and its branch.
func (c *checker) useSegment(p *ast.Path, s *ir.Segment) {
	if c.in.Uses == nil {
		return
	}
	if len(p.Parts) == 1 {
		c.use(p.Loc, SegmentSymbol(s))
		return
	}
	branch := SegmentSymbol(s)
	c.use(p.Parts[len(p.Parts)-1].Loc, c.ofRFM(branch))
	first := Symbol{Kind: Split, Name: p.Parts[0].Name}
	if d := c.segments[first.Name]; d != nil {
		first.At = d.name
	}
	c.use(p.Parts[0].Loc, c.ofRFM(first))
}

// SegmentSymbol is the symbol of a segment or a branch.
func SegmentSymbol(s *ir.Segment) Symbol {
	if s.Split == "" {
		return Symbol{Kind: Segment, Name: s.Name, At: s.At}
	}
	return Symbol{Kind: Branch, Name: s.Name, Of: s.Split, At: s.At}
}

// ofRFM leads from what an rfm stands for to the rfm: nobody has written it.
func (c *checker) ofRFM(s Symbol) Symbol {
	for _, d := range c.rfms {
		if s.Name == d.Name.Name || strings.HasPrefix(s.Name, d.Name.Name+".") {
			s = Symbol{Kind: RFM, Name: d.Name.Name, At: d.Name.Loc, Type: s.Type}
		}
	}
	return s
}

// useTrait: a trait, or one of the scores of an rfm.
func (c *checker) useTrait(at source.Span, t *traitDecl) {
	if c.in.Uses == nil {
		return
	}
	s := Symbol{Kind: Trait, Name: t.decl.Name.Name, At: t.decl.Name.Loc}
	if t.x != nil {
		s.Type = t.x.Type()
	}
	if s = c.ofRFM(s); s.Kind == RFM {
		if at.Text() != "" {
			at.End = at.Start + len(firstPart(at.Text()))
		}
	}
	c.use(at, s)
}

// firstPart is what stands before the first dot outside of backticks.
func firstPart(path string) string {
	quoted := false
	for i, r := range path {
		switch {
		case r == '`':
			quoted = !quoted
		case r == '.' && !quoted:
			return strings.TrimRight(path[:i], " ")
		}
	}
	return path
}

func (c *checker) useParam(at source.Span, p *paramDecl) {
	c.use(at, Symbol{Kind: Param, Name: p.decl.Name.Name, At: p.decl.Name.Loc, Type: p.value.T})
}

func (c *checker) useList(at source.Span, l *listDecl) {
	c.use(at, Symbol{Kind: List, Name: l.decl.Name.Name, At: l.decl.Name.Loc})
}
