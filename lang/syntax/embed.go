package syntax

import (
	"fmt"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// Embedded is a piece of segql inside a file of another kind, such as a
// scalar of YAML. Where the file holds it byte for byte, File, Start and End
// say where; else Text is what it stands for, and Place finds Text[start:end]
// in the file.
//
// Each method reads the whole of the piece as one thing. What it gives is nil
// where that could not be read; the comments are those inside the piece.
type Embedded struct {
	File       *source.File
	Start, End int

	Text  string
	Place func(start, end int) source.Span
}

// Read is what a method of Embedded gives beside the tree.
type Read struct {
	Comments []ast.Comment
	Diags    diag.List
}

func (e Embedded) parser() *parser {
	if e.Place == nil {
		return newParser(e.File, e.File.Text, e.Start, e.End)
	}
	p := newParser(source.New("", e.Text), e.Text, 0, len(e.Text))
	p.place = e.Place
	return p
}

// read runs f on all of the piece; f bails out after an error.
func (e Embedded) read(missing string, f func(p *parser)) Read {
	p := e.parser()
	p.rescue(func() {
		if p.cur().kind == kindEOF {
			p.errorf(codeUnexpected, p.tokSpan(p.cur()), "%s is missing", missing).Help = "write it, or remove the key"
			p.bail()
		}
		f(p)
		if p.cur().kind != kindEOF {
			p.afterOperand()
		}
	})
	r := Read{Comments: p.comments(), Diags: p.finish()}
	if p.place != nil {
		for i, c := range r.Comments {
			r.Comments[i].Loc = p.place(c.Loc.Start, c.Loc.End)
		}
	}
	return r
}

// Expr reads a condition or a value.
func (e Embedded) Expr() (x ast.Expr, r Read) {
	r = e.read("a condition or a value", func(p *parser) {
		y := p.topExpr()
		x = y
	})
	if r.Diags.HasErrors() {
		return nil, r
	}
	return x, r
}

// Trait reads the value of a trait, which is no condition.
func (e Embedded) Trait() (x ast.Expr, r Read) {
	r = e.read("a value", func(p *parser) {
		g, _ := p.readPlainSum()
		x = g.expr
	})
	return x, r
}

// Sum reads a value without and, or, not and comparisons around it.
func (e Embedded) Sum() (x ast.Expr, r Read) {
	r = e.read("a value", func(p *parser) { x = p.sum() })
	if r.Diags.HasErrors() {
		return nil, r
	}
	return x, r
}

// RFM reads `SUM of FACT`.
func (e Embedded) RFM() (x ast.Expr, fact *ast.Fact, r Read) {
	r = e.read("a value", func(p *parser) {
		g, _ := p.readRFM()
		x, fact = g.expr, g.fact
	})
	return x, fact, r
}

// Name reads the name of a definition.
func (e Embedded) Name() (id *ast.Ident, r Read) {
	r = e.read("a name", func(p *parser) {
		if t := p.cur(); t.kind == kindWord && reserved[t.val] != 0 {
			p.reservedName(t)
			p.pos++
			return
		}
		g, _ := p.readDeclName()
		id = g.ident
	})
	return id, r
}

// Path reads a dotted name.
func (e Embedded) Path() (path *ast.Path, r Read) {
	r = e.read("a name", func(p *parser) { path = p.path() })
	return path, r
}

// SplitOf reads what a split or holdout divides: `segment REF` or the name of
// an entity.
func (e Embedded) SplitOf() (entity *ast.Ident, segment *ast.Path, r Read) {
	r = e.read("a name", func(p *parser) {
		g, _ := p.readSplitOf()
		entity, segment = g.ident, g.path
	})
	return entity, segment, r
}

// Predicate reads an operator and what follows it, for the subject x; the
// node's place is that of the piece.
func (e Embedded) Predicate(x ast.Expr) (pred ast.Expr, r Read) {
	r = e.read("an operator", func(p *parser) {
		y := p.tail(p.cur().start, x)
		pred = y
	})
	if r.Diags.HasErrors() || pred == x {
		return nil, r
	}
	return pred, r
}

// Literal reads a text that has no type of its own the way it looks: a
// number, a percentage, a date, a time, true, false, a duration, or an
// instant such as `30 days ago` and `today`. It gives nil for all else. The
// places of its parts are all at, and so are those of the warnings.
func Literal(text string, at source.Span) (ast.Expr, diag.List) {
	p := newParser(source.New("", text), text, 0, len(text))
	p.place = func(int, int) source.Span { return at }
	var x ast.Expr
	ok := p.rescue(func() {
		if t := p.cur(); t.kind == kindText || t.kind == kindQuoted || t.first && t.start > 0 {
			p.bail()
		}
		if t := p.cur(); t.word("today") || t.word("yesterday") || t.word("tomorrow") || t.word("as_of") {
			p.pos++
			x = &ast.Word{At: ast.At{Loc: at}, Name: t.val}
		} else if x = p.constant(); x == nil {
			p.bail()
		}
		if d, isDuration := x.(*ast.Duration); isDuration && p.acceptWord("ago") {
			d.Ago = true
		}
		if p.cur().kind != kindEOF || p.prev().end != len(text) {
			p.bail()
		}
	})
	diags := p.finish()
	if !ok || len(p.comments()) > 0 || diags.HasErrors() {
		return nil, nil
	}
	for i := range diags {
		diags[i].Edits = nil
	}
	return x, diags
}

// Guess reads a scalar the way it looks, where nothing says of what type it
// is: as a literal if it looks like one, else as text.
func Guess(s *ast.Scalar) ast.Expr {
	switch x, _ := Literal(s.Text, s.Loc); x := x.(type) {
	case *ast.Bool, *ast.Date, *ast.Neg, *ast.Number, *ast.Time:
		return x
	default: // a duration or `today` cannot be compared with
		return &ast.Text{At: s.At, Value: s.Text}
	}
}

// GuessSet reads the scalars of a set the way they look. They are of one
// type: where the looks differ, all are texts.
func GuessSet(set *ast.Set) {
	guessed := make([]ast.Expr, len(set.Elems))
	kinds := map[string]bool{}
	for i, e := range set.Elems {
		guessed[i] = e
		if s, ok := e.(*ast.Scalar); ok {
			guessed[i] = Guess(s)
		}
		x := guessed[i]
		if n, ok := x.(*ast.Neg); ok {
			x = n.X
		}
		kinds[fmt.Sprintf("%T", x)] = true
	}
	for i, e := range set.Elems {
		if s, ok := e.(*ast.Scalar); ok && len(kinds) > 1 {
			guessed[i] = &ast.Text{At: s.At, Value: s.Text}
		}
	}
	set.Elems = guessed
}
