// Package syntax reads segql: bytes become a source file, a source file
// becomes a syntax tree and diagnostics, never a Go error.
//
// Three small machines share the work. A hand-written lexer (lex*.go) turns
// the text into tokens with byte spans and keeps the comments aside. The
// declarations are a grammar of struct tags for participle (grammar.go):
// they change rarely and read as the reference does. Conditions and values
// are read by a recursive-descent parser of our own (expr.go, tail.go,
// value.go, call.go, fact.go) behind participle's ParseTypeWith, because
// there the spans must be exact, the mistakes many and the speed matters.
//
// Recovery follows the layout. A declaration starts in column 0, so a broken
// one never takes its neighbours with it; inside a declaration the parser
// goes on at the next line that can begin an item (a key, where, expect, a
// branch) or the next operand. Nodes behind participle therefore never fail:
// each reports what is wrong, skips to the next place that makes sense and
// returns what it has. Where an expression could not be read its field is nil.
package syntax

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"golang.org/x/text/unicode/norm"
)

// Load makes a source file of raw bytes: a byte order mark is dropped, the
// text brought into NFC. Bytes that are not UTF-8 are reported and replaced
// by U+FFFD, so that the file stays usable.
func Load(name string, raw []byte) (*source.File, diag.List) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	text := string(raw)
	if utf8.Valid(raw) {
		file := source.New(name, norm.NFC.String(text))
		return file, replaced(file)
	}
	bad := 0
	for bad < len(text) {
		r, size := utf8.DecodeRuneInString(text[bad:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		bad += size
	}
	before := norm.NFC.String(text[:bad])
	file := source.New(name, before+norm.NFC.String(strings.ToValidUTF8(text[bad:], "\uFFFD")))
	var diags diag.List
	span := source.Span{File: file, Start: len(before), End: min(len(before)+len("\uFFFD"), len(file.Text))}
	d := diags.Errorf(codeEncoding, span, "line %d is not UTF-8 text (byte 0x%02X)", span.Pos().Line, text[bad])
	d.Help = "save the file as UTF-8"
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		d.Help = "the file is UTF-16; save it as UTF-8"
	}
	return file, diags
}

// replaced reports U+FFFD: another program has put it in the place of bytes
// it could not read, so the text is no longer what its author wrote.
func replaced(file *source.File) (diags diag.List) {
	if i := strings.Index(file.Text, "\uFFFD"); i >= 0 {
		span := source.Span{File: file, Start: i, End: i + len("\uFFFD")}
		diags.Errorf(codeEncoding, span, "line %d holds U+FFFD, which stands for a character that was lost", span.Pos().Line).
			Help = "write the text again and save the file as UTF-8"
	}
	return diags
}

// Parse reads a .seg file. The tree holds all that could be read; its Broken
// flag is set when there were errors.
func Parse(file *source.File) (*ast.File, diag.List) {
	p := newParser(file, file.Text, 0, len(file.Text))
	out := &ast.File{Source: file}
	s := sessions.Get().(*session)
	s.p = p
	for _, c := range p.chunks() {
		out.Decls = append(out.Decls, s.chunk(c.from, c.to)...)
	}
	s.p = nil
	sessions.Put(s)
	out.Comments = p.comments()
	diags := p.finish()
	out.Broken = diags.HasErrors()
	return out, diags
}

// ParseExpr reads the expression that is file.Text[start:end], the whole of
// it. The expression is nil where it could not be read.
func ParseExpr(file *source.File, start, end int) (ast.Expr, diag.List) {
	return newParser(file, file.Text, start, end).whole()
}

// ParseExprText reads an expression whose bytes do not stand in a file as
// they are, such as a YAML scalar with escapes. span places offsets of text
// in the file. The diagnostics carry no edits, as those would be exact only
// for the text given.
func ParseExprText(text string, span func(start, end int) source.Span) (ast.Expr, diag.List) {
	p := newParser(source.New("", text), text, 0, len(text))
	p.place = span
	x, diags := p.whole()
	for i := range diags {
		diags[i].Edits = nil
	}
	return x, diags
}

// whole reads one expression up to the end of the tokens.
func (p *parser) whole() (x ast.Expr, diags diag.List) {
	p.rescue(func() {
		if p.cur().kind == kindEOF {
			d := p.errorf(codeUnexpected, p.tokSpan(p.cur()), "an expression is missing")
			d.Help = "write a condition, such as email is known, or a value, such as amount * 2"
			p.bail()
		}
		x = p.topExpr()
		if p.cur().kind != kindEOF {
			p.afterOperand()
		}
	})
	diags = p.finish()
	return x, diags
}
