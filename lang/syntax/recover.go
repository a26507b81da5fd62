package syntax

import (
	"sort"
	"strings"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
)

// part is a run of tokens that holds one declaration.
type part struct{ from, to int }

// chunks cuts the file where a keyword of a declaration stands in column 0.
// Inside open brackets other words in column 0 are lines that lack their
// indentation.
func (p *parser) chunks() []part {
	var parts []part
	open := 0
	for i := range p.toks {
		t := &p.toks[i]
		if t.col0 && (len(parts) == 0 || p.beginsPart(t, open)) {
			parts = append(parts, part{i, i})
			open = 0
		}
		if len(parts) == 0 { // an indented first declaration
			parts = append(parts, part{i, i})
		}
		if t.col0 && t.op("}") {
			open = 1
		}
		open = max(open+bracket(t), 0)
		parts[len(parts)-1].to = i + 1
	}
	return parts
}

// beginsPart decides about a token in column 0.
func (p *parser) beginsPart(t *token, open int) bool {
	switch {
	case bracket(t) < 0:
		return false
	case t.kind == kindWord && declWords[t.val]:
		return true
	case open == 0:
		return true
	}
	d := p.errorf(codeColumn0, p.tokSpan(t), "a line inside a declaration is indented")
	d.Help = "only declarations begin in column 0; put two spaces before this line"
	d.Edits = []diag.Edit{p.edit(t.start, t.start, "  ")}
	return false
}

// chunk reads the declarations in a run of tokens: one, unless others are
// wrongly indented.
func (s *session) chunk(from, to int) (decls []ast.Decl) {
	p := s.p
	p.setLimit(to)
	p.pos = from
	for p.pos < to {
		t, before := p.cur(), len(p.diags)
		switch {
		case t.kind == kindWord && declWords[t.val]:
			if !t.col0 {
				p.indented(t)
			}
			decls = append(decls, s.decl())
		case p.unknownDecl(t):
			decls = append(decls, s.decl())
		default:
			p.skipPast()
		}
		p.trailing(len(p.diags) > before)
	}
	return decls
}

func (p *parser) indented(t *token) {
	d := p.errorf(codeIndented, p.tokSpan(t), "a declaration begins in column 0")
	d.Help = "delete the spaces before it"
	line := t.start
	for line > 0 && (p.text[line-1] == ' ' || p.text[line-1] == '\t') {
		line--
	}
	d.Edits = []diag.Edit{p.edit(line, t.start, "")}
	if line > 0 && p.text[line-1] != '\n' {
		d.Edits[0].Text = "\n"
	}
}

// unknownDecl reports what stands where a declaration should begin. It
// gives true when the word meant is clear and the declaration can be read.
func (p *parser) unknownDecl(t *token) bool {
	if bracket(t) < 0 {
		d := p.errorf(codeStrayClose, p.tokSpan(t), "this `%s` closes nothing", t.val)
		d.Help = "delete it, or write the declaration it belongs to"
		d.Edits = []diag.Edit{p.edit(t.start, t.end, "")}
		return false
	}
	names := make([]string, 0, len(declWords))
	for w := range declWords {
		names = append(names, w)
	}
	sort.Strings(names)
	d := p.errorf(codeDeclWord, p.tokSpan(t), "a declaration is expected here, not %s", p.describe(t))
	d.Help = "a declaration begins with segment, split, holdout, trait, rfm, list or param"
	if t.kind != kindWord {
		return false
	}
	meant := diag.Suggest(t.val, names)
	if other := otherDecl[t.val]; other != "" {
		meant = other
	}
	if meant == "" {
		return false
	}
	d.Help = "did you mean " + meant + "?"
	d.Edits = []diag.Edit{p.edit(t.start, t.end, meant)}
	if next := p.at(1); !next.isName() {
		return false
	}
	t.val = meant
	return true
}

// otherDecl are words other systems use.
var otherDecl = map[string]string{
	"audience": "segment", "cohort": "segment", "define": "segment", "group": "split", "const": "param", "let": "param",
	"var": "param", "set": "list", "metric": "trait", "measure": "trait", "attribute": "trait", "experiment": "holdout",
}

// skipPast moves over what cannot be read, to the next line that begins a
// declaration although it is indented, or to the end of the run.
func (p *parser) skipPast() {
	p.next()
	for p.cur().kind != kindEOF && !p.declStart(p.pos) {
		p.next()
	}
}

// trailing reports what is left of a run behind a declaration; nothing when
// the declaration itself was broken.
func (p *parser) trailing(broken bool) {
	for p.cur().kind != kindEOF && !p.declStart(p.pos) {
		if broken || !p.cur().op("}") {
			p.rescue(func() {
				if !broken {
					p.afterOperand()
				}
			})
			p.skipPast()
			continue
		}
		p.rescue(p.afterOperand)
		p.pos++
	}
}

// declStart tells whether a declaration begins at token i, indented or not.
func (p *parser) declStart(i int) bool {
	if i+2 >= p.limit {
		return false
	}
	t, name, next := &p.toks[i], &p.toks[i+1], &p.toks[i+2]
	return t.first && t.kind == kindWord && declWords[t.val] && name.isName() &&
		(next.op("{") || next.op("=") || next.word("of") || next.word("from"))
}

// itemStart tells whether an item of a body begins i tokens ahead, or the
// body ends there.
func (p *parser) itemStart(i int) bool { return p.itemStartAt(p.pos + i) }

func (p *parser) itemStartAt(i int) bool {
	saved := p.pos
	p.pos = i
	defer func() { p.pos = saved }()
	t, next := p.at(0), p.at(1)
	switch {
	case t.kind == kindEOF || t.op("}") || t.word("expect") || t.word("where"):
		return true
	case p.declStart(i):
		return true
	case t.first && next.op(":") && (t.kind == kindText || t.kind == kindWord && !t.word("otherwise")):
		return true
	case !t.isName():
		return false
	case next.kind == kindText:
		next = p.at(2)
		return next.word("when") || next.word("otherwise")
	}
	return next.op(":") || next.word("when") || next.word("otherwise")
}

// branchAt tells whether a branch of a split begins i tokens ahead: a name,
// perhaps a title, and `when` or `otherwise`. Inside of a case both words
// belong to the case.
func (p *parser) branchAt(i int) bool {
	if !p.at(i).isName() {
		return false
	}
	word := p.at(i + 1)
	if word.kind == kindText {
		word = p.at(i + 2)
	}
	return word.word("when") || word.word("otherwise")
}

// endOfItem demands that an item ends here.
func (p *parser) endOfItem() {
	p.fixCase()
	if !p.itemStart(0) {
		p.afterOperand()
	}
}

// skip moves to where the next item begins; the one that failed began at
// token start.
func (p *parser) skip(start int) {
	braces, others := 0, 0
	indent := p.indent(start)
	for i := start; i < p.limit; i++ {
		t := &p.toks[i]
		sameLevel := i > start && t.first && p.indent(i) <= indent && !t.word("and") && !t.word("or") && bracket(t) == 0
		if i >= p.pos && (sameLevel || p.stopsSkip(i, braces, others)) {
			p.pos = i
			return
		}
		switch {
		case t.op("{") || t.op("}"):
			braces = max(braces+bracket(t), 0)
		default:
			others += bracket(t)
		}
	}
	p.pos = p.limit
}

// indent counts the blanks before the line of token i.
func (p *parser) indent(i int) int {
	if i >= len(p.toks) {
		return 0
	}
	line := strings.LastIndexByte(p.text[:p.toks[i].start], '\n') + 1
	rest := p.text[line:]
	return len(rest) - len(strings.TrimLeft(rest, " \t"))
}

func (p *parser) stopsSkip(i, braces, others int) bool {
	t := &p.toks[i]
	switch {
	case t.col0 && t.op("}"), t.word("expect"), p.declStart(i):
		return true
	case braces > 0:
		return false
	case t.op("}"):
		return true
	}
	return t.first && p.itemStartAt(i) && !(t.word("where") && others > 0)
}
