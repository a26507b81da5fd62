package text

import (
	"fmt"
	"regexp/syntax"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// regexStyle is how an engine spells what regular expressions differ in.
type regexStyle struct {
	begin, end string // the ends of the text, whatever the engine's line rules
	nothing    string // matches no text
	escape     func(r rune) string
}

var (
	re2 = regexStyle{
		begin: `\A`, end: `\z`, nothing: `[^\x{0}-\x{10FFFF}]`,
		escape: func(r rune) string { return fmt.Sprintf(`\x{%X}`, r) },
	}
	// PostgreSQL's \Z is the very end, as \z elsewhere. Its text cannot hold
	// U+0000, so a class that ends there starts at U+0001.
	postgres = regexStyle{
		begin: `\A`, end: `\Z`, nothing: `[^\U00000001-\U0010FFFF]`,
		escape: func(r rune) string { return fmt.Sprintf(`\U%08X`, max(r, 1)) },
	}
)

// printTree writes a tree fully bracketed, so that no engine's precedence or
// greediness comes in, and with every character but letters and digits escaped.
func printTree(tree *syntax.Regexp, style regexStyle) string {
	var b strings.Builder
	regexPrinter{&b, style}.node(tree)
	return b.String()
}

type regexPrinter struct {
	*strings.Builder
	style regexStyle
}

func (p regexPrinter) node(n *syntax.Regexp) {
	switch n.Op {
	case syntax.OpAlternate:
		p.list(n.Sub, "|")
	case syntax.OpAnyChar:
		p.class([]rune{0, unicode.MaxRune})
	case syntax.OpAnyCharNotNL:
		p.class([]rune{0, '\n' - 1, '\n' + 1, unicode.MaxRune})
	case syntax.OpBeginText:
		p.WriteString(p.style.begin)
	case syntax.OpCapture:
		p.node(n.Sub[0])
	case syntax.OpCharClass:
		p.class(n.Rune)
	case syntax.OpConcat:
		p.list(n.Sub, "")
	case syntax.OpEmptyMatch:
		p.WriteString("(?:)")
	case syntax.OpEndText:
		p.WriteString(p.style.end)
	case syntax.OpLiteral:
		for _, r := range n.Rune {
			p.WriteString(p.char(r))
		}
	case syntax.OpNoMatch:
		p.WriteString(p.style.nothing)
	case syntax.OpPlus:
		p.repeat(n.Sub[0], "+")
	case syntax.OpQuest:
		p.repeat(n.Sub[0], "?")
	case syntax.OpRepeat:
		p.repeat(n.Sub[0], counts(n.Min, n.Max))
	case syntax.OpStar:
		p.repeat(n.Sub[0], "*")
	default:
		panic(fmt.Sprintf("text: the subset has no %v", n.Op))
	}
}

// list writes nodes in a group of their own.
func (p regexPrinter) list(nodes []*syntax.Regexp, between string) {
	p.WriteString("(?:")
	for i, n := range nodes {
		if i > 0 {
			p.WriteString(between)
		}
		p.node(n)
	}
	p.WriteString(")")
}

func (p regexPrinter) repeat(n *syntax.Regexp, times string) {
	p.list([]*syntax.Regexp{n}, "")
	p.WriteString(times)
}

func counts(low, high int) string {
	switch high {
	case low:
		return fmt.Sprintf("{%d}", low)
	case -1:
		return fmt.Sprintf("{%d,}", low)
	}
	return fmt.Sprintf("{%d,%d}", low, high)
}

// class writes ranges (pairs of runes). One that reaches the last character is
// written by what it leaves out, which is shorter and in all engines the same.
func (p regexPrinter) class(ranges []rune) {
	if len(ranges) == 0 {
		p.WriteString(p.style.nothing)
		return
	}
	p.WriteString("[")
	if ranges[0] == 0 && ranges[len(ranges)-1] == unicode.MaxRune && len(ranges) > 2 {
		p.WriteString("^")
		ranges = ranges[1 : len(ranges)-1]
		for i := 0; i < len(ranges); i += 2 {
			p.ranges(ranges[i]+1, ranges[i+1]-1)
		}
	} else {
		for i := 0; i < len(ranges); i += 2 {
			p.ranges(ranges[i], ranges[i+1])
		}
	}
	p.WriteString("]")
}

func (p regexPrinter) ranges(low, high rune) {
	p.WriteString(p.char(low))
	if low != high {
		p.WriteString("-" + p.char(high))
	}
}

// char writes one character so that it stands for itself in and out of a class
// and survives a normalisation of the statement it is printed into.
func (p regexPrinter) char(r rune) string {
	if s := string(r); '0' <= r && r <= '9' || r == ' ' || unicode.IsLetter(r) && norm.NFC.IsNormalString(s) {
		return s
	}
	return p.style.escape(r)
}
