package format

import (
	"strings"
	"unicode/utf8"
)

// width is how many columns a line should take at most.
const width = 100

// docKind of a doc. The layout follows Wadler, "A prettier printer": a group
// is printed on one line when it fits, else all its own lines break.
type docKind uint8

const (
	textDoc   docKind = iota
	catDoc            // parts one after the other
	nestDoc           // parts, lines two columns further in
	groupDoc          // parts, flat when they fit
	spaceLine         // a blank when flat
	softLine          // nothing when flat
	hardLine          // always breaks
	blankLine         // always breaks, with a blank line
	suffixDoc         // a comment at the end of the line
)

// doc is a layout. must is true when it holds a break that cannot be flat.
type doc struct {
	kind docKind
	text string
	kids []doc
	must bool
}

func text(s string) doc { return doc{kind: textDoc, text: s} }

func suffix(s string) doc { return doc{kind: suffixDoc, text: s, must: true} }

func hard() doc { return doc{kind: hardLine, must: true} }

func cat(kids ...doc) doc { return joined(catDoc, kids) }

func nest(kids ...doc) doc { return joined(nestDoc, kids) }

func group(kids ...doc) doc { return joined(groupDoc, kids) }

func joined(kind docKind, kids []doc) doc {
	d := doc{kind: kind, kids: kids}
	for _, k := range kids {
		d.must = d.must || k.must
	}
	return d
}

// job is a doc to be printed at an indentation, flat or not.
type job struct {
	doc    doc
	indent int
	flat   bool
}

// printer writes jobs from a stack, so that deep trees are no danger.
type printer struct {
	out   strings.Builder
	stack []job
	col   int
	width int
}

func render(d doc, width int) string {
	p := &printer{width: width, stack: []job{{doc: d}}}
	for len(p.stack) > 0 {
		j := p.stack[len(p.stack)-1]
		p.stack = p.stack[:len(p.stack)-1]
		p.print(j)
	}
	return p.out.String()
}

func (p *printer) print(j job) {
	switch j.doc.kind {
	case blankLine:
		p.out.WriteByte('\n')
		p.newline(j.indent)
	case catDoc:
		p.push(j, j.indent, j.flat)
	case groupDoc:
		p.push(j, j.indent, j.flat || !j.doc.must && p.fits(j.doc))
	case hardLine:
		p.newline(j.indent)
	case nestDoc:
		p.push(j, j.indent+2, j.flat)
	case softLine, spaceLine:
		switch {
		case !j.flat:
			p.newline(j.indent)
		case j.doc.kind == spaceLine:
			p.write(" ")
		}
	case suffixDoc:
		p.write("  " + j.doc.text)
	case textDoc:
		p.write(j.doc.text)
	default:
		panic("format: unknown layout")
	}
}

func (p *printer) push(j job, indent int, flat bool) {
	for i := len(j.doc.kids) - 1; i >= 0; i-- {
		p.stack = append(p.stack, job{j.doc.kids[i], indent, flat})
	}
}

func (p *printer) write(s string) {
	p.out.WriteString(s)
	p.col += utf8.RuneCountInString(s)
}

// newline begins a line. No line ends with blanks: what precedes a break
// never ends with one, and something always follows a break but the last,
// which is not indented.
func (p *printer) newline(indent int) {
	p.out.WriteString("\n" + strings.Repeat(" ", indent))
	p.col = indent
}

// fits tells whether the doc, flat, and what follows it up to the next
// break, ends within the width.
func (p *printer) fits(d doc) bool {
	left := p.width - p.col
	todo := []job{{doc: d, flat: true}}
	rest := len(p.stack)
	for left >= 0 {
		if len(todo) == 0 {
			if rest == 0 {
				return true
			}
			rest--
			todo = append(todo, p.stack[rest])
		}
		j := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		switch j.doc.kind {
		case blankLine, hardLine, suffixDoc:
			return true
		case catDoc, groupDoc, nestDoc:
			for i := len(j.doc.kids) - 1; i >= 0; i-- {
				todo = append(todo, job{doc: j.doc.kids[i], flat: j.flat})
			}
		case softLine, spaceLine:
			if !j.flat {
				return true
			}
			if j.doc.kind == spaceLine {
				left--
			}
		case textDoc:
			left -= utf8.RuneCountInString(j.doc.text)
		}
	}
	return false
}
