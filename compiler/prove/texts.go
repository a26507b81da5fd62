package prove

import (
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/text"
	"github.com/segql/segql/compiler/value"
)

// textChoices are the texts named, texts that begin, end and go on as is
// asked, and a plain one.
func textChoices(t value.Type, named []value.Value, wants []want, add func(value.Value)) {
	put := func(s string) {
		if len(t.Values) == 0 || slices.Contains(t.Values, s) {
			add(value.NewText(s))
		}
	}
	for _, v := range t.Values {
		put(v)
	}
	if len(t.Values) > 0 {
		return
	}
	var begins, middles, ends []string
	for _, w := range wants {
		ir.Walk(w.x, func(x ir.Expr) bool {
			switch x := x.(type) {
			case *ir.Match:
				middles = append(middles, matching(x.Re))
			case *ir.TextMatch:
				c, ok := x.Y.(*ir.Const)
				if !ok || !w.holds {
					break
				}
				switch x.Op {
				case "starts":
					begins = append(begins, c.V.S)
				case "ends":
					ends = append(ends, c.V.S)
				default:
					middles = append(middles, c.V.S)
				}
			default: // its parts may
			}
			return true
		})
	}
	longest := func(xs []string) string {
		return slices.MaxFunc(append([]string{""}, xs...), func(a, b string) int { return len(a) - len(b) })
	}
	for _, v := range named {
		if v.Kind == value.Text {
			put(v.S)
		}
	}
	for _, m := range middles {
		put(m)
	}
	for _, made := range []string{longest(begins) + longest(ends), longest(begins) + strings.Join(middles, " ") + longest(ends)} {
		if made != "" {
			put(made)
		}
	}
	for _, plain := range []string{"a", "b", "c", "An", "other", ""} {
		put(plain)
	}
	for _, v := range named {
		if v.Kind == value.Text {
			put(v.S + "x")
			put("x" + v.S)
			put(strings.ToUpper(v.S))
		}
	}
}

// matching is a text that a regular expression is found in, most likely.
func matching(re *text.Regex) string {
	tree, err := syntax.Parse(re.RE2(), syntax.Perl)
	if err != nil {
		return ""
	}
	return sampleOf(tree)
}

func sampleOf(n *syntax.Regexp) string {
	switch n.Op {
	case syntax.OpLiteral:
		return string(n.Rune)
	case syntax.OpCharClass:
		for i := 0; i+1 < len(n.Rune); i += 2 { // a letter or digit where there is one
			for _, want := range "a1AZ-_.@ " {
				if n.Rune[i] <= want && want <= n.Rune[i+1] {
					return string(want)
				}
			}
		}
		if len(n.Rune) > 0 {
			return string(n.Rune[0])
		}
		return ""
	case syntax.OpAnyCharNotNL, syntax.OpAnyChar:
		return "a"
	case syntax.OpCapture, syntax.OpPlus:
		return sampleOf(n.Sub[0])
	case syntax.OpRepeat:
		return strings.Repeat(sampleOf(n.Sub[0]), n.Min)
	case syntax.OpAlternate:
		return sampleOf(n.Sub[0])
	case syntax.OpConcat:
		out := ""
		for _, s := range n.Sub {
			out += sampleOf(s)
		}
		return out
	default: // what can be nothing
		return ""
	}
}
