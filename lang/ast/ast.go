// Package ast is the syntax tree of segql: what the author wrote, with the
// span of every node. It decides no meaning.
package ast

import "github.com/segql/segql/lang/source"

// Node is anything with a place in a file.
type Node interface{ Span() source.Span }

// At gives a node its span; every node embeds it.
type At struct{ Loc source.Span }

// Span of the node, tight around its text.
func (a At) Span() source.Span { return a.Loc }

// Comment is one `# …` comment, without its line end, the # included.
type Comment struct {
	At
	Text string
	// OwnLine is true when nothing but blanks stands before it on its line.
	OwnLine bool
}

// File is one parsed .seg file. Decls holds all that could be read; where
// the diagnostics have errors, a declaration may be missing.
type File struct {
	Source   *source.File
	Decls    []Decl
	Comments []Comment // every comment, in order
	// Broken is true when the file has syntax errors, so that something of
	// it may be missing here. The formatter leaves such a file alone.
	Broken bool
}

// Ident is one name; Quoted when it was written in backticks.
type Ident struct {
	At
	Name   string
	Quoted bool
}

// Path is a dotted name: city, product.price, lifecycle.loyal.
type Path struct {
	At
	Parts []Ident
}

// String joins the parts with dots, without quotes.
func (p *Path) String() string {
	s := ""
	for i, id := range p.Parts {
		if i > 0 {
			s += "."
		}
		s += id.Name
	}
	return s
}

// Decl is a top-level declaration.
//
//sumtype:decl
type Decl interface {
	Node
	DeclName() Ident
	decl()
}

type (
	// Segment is `segment NAME [of ENTITY] { meta where EXPR expect… }`.
	Segment struct {
		At
		Name    Ident
		Of      *Ident
		Meta    []Meta
		Where   Expr // nil only after a syntax error
		Expects []Expect
	}
	// Split is `split NAME [of ENTITY | of segment REF] { meta branches }`.
	Split struct {
		At
		Name      Ident
		Of        *Ident // entity
		OfSegment *Path
		Meta      []Meta
		Branches  []Branch // the last one is the otherwise
	}
	// Branch is one line of a split; When is nil for `otherwise`.
	Branch struct {
		At
		Name  Ident
		Title *Text
		When  Expr
	}
	// Holdout is `holdout NAME of segment REF { meta NAME: PERCENT … NAME: otherwise }`.
	Holdout struct {
		At
		Name   Ident
		Of     *Path
		Meta   []Meta
		Groups []Group
	}
	// Group is one line of a holdout; Share is nil for `otherwise`.
	Group struct {
		At
		Name  Ident
		Share *Number
	}
	// Trait is `trait NAME [of ENTITY] = SUM`.
	Trait struct {
		At
		Name  Ident
		Of    *Ident
		Value Expr
	}
	// RFM is `rfm NAME = SUM of FACT`.
	RFM struct {
		At
		Name  Ident
		Value Expr
		Fact  *Fact
	}
	// List is `list NAME = [ … ]` or `list NAME from "FILE" [column NAME]`.
	List struct {
		At
		Name   Ident
		Set    *Set   // inline
		From   *Text  // file
		Column *Ident // of the file
	}
	// Param is `param NAME = LITERAL`.
	Param struct {
		At
		Name  Ident
		Value Expr
	}
)

// Meta is one `key: value` line; Value is a literal or a Set of literals.
type Meta struct {
	At
	Key   Ident
	Value Expr
}

// Expect is one `expect CHECK` line; Check is an ordinary comparison whose
// subject is size, share(…), reachable(…), overlap(…) or turnover.
type Expect struct {
	At
	Check Expr
}

func (d *Segment) DeclName() Ident { return d.Name }
func (d *Split) DeclName() Ident   { return d.Name }
func (d *Holdout) DeclName() Ident { return d.Name }
func (d *Trait) DeclName() Ident   { return d.Name }
func (d *RFM) DeclName() Ident     { return d.Name }
func (d *List) DeclName() Ident    { return d.Name }
func (d *Param) DeclName() Ident   { return d.Name }

func (*Segment) decl() {}
func (*Split) decl()   {}
func (*Holdout) decl() {}
func (*Trait) decl()   {}
func (*RFM) decl()     {}
func (*List) decl()    {}
func (*Param) decl()   {}
