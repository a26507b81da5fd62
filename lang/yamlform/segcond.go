package yamlform

import (
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/syntax"
)

// condition writes a condition as the value of an item.
func (b *builder) condition(x ast.Expr, in *item) *node {
	switch x := x.(type) {
	case *ast.Logic:
		return b.logic(x)
	case *ast.Not:
		if p, ok := x.X.(*ast.Paren); ok {
			if l, ok := p.X.(*ast.Logic); ok {
				return mapOf(entry("not", b.logic(l)))
			}
		}
	default: // a leaf or a text
	}
	if b.quiet(x) {
		if n := leaf(x); n != nil {
			b.slot = lineOf(n)
			return n
		}
	}
	n := b.expr(x)
	b.slot = &in.line
	return n
}

// quiet reports that no comments stand inside x.
func (b *builder) quiet(x ast.Expr) bool {
	return len(b.comments) == 0 || b.comments[0].Loc.Start >= x.Span().End
}

// lineOf is where the comment behind a leaf goes.
func lineOf(n *node) *string { return &n.items[0].line }

// logic writes and: and or: with their operands; the parentheses around one
// that is itself joined are what the structure says.
func (b *builder) logic(l *ast.Logic) *node {
	list := &node{kind: listNode}
	for _, x := range l.Operands {
		it := &item{head: b.take(x.Span().Start)}
		if p, ok := x.(*ast.Paren); ok {
			if inner, ok := p.X.(*ast.Logic); ok {
				x = inner
			}
		}
		b.slot = &it.line
		it.value = b.condition(x, it)
		list.items = append(list.items, it)
	}
	return mapOf(entry(l.Op, list))
}

// leaf writes a predicate as `SUBJECT: VALUE` or `SUBJECT: {OPERATOR: VALUE}`
// where that reads well and is read back as the same; else it gives nil.
func leaf(x ast.Expr) *node {
	switch x := x.(type) {
	case *ast.Between:
		if isBound(x.Lo) && isBound(x.Hi) {
			return leafOf(x.X, negated(x.Not, "between"), flowList(x.Lo, x.Hi))
		}
	case *ast.Compare:
		if x.Op == "=" && guessedRight(&ast.Set{Elems: []ast.Expr{x.R}}) && literalKind(x.R) != "duration" && literalKind(x.R) != "" {
			return leafOf(x.L, "", literalWord(x.R, textWord))
		}
	case *ast.Has:
		return leafHas(x)
	case *ast.InName:
		if op := format.Path(x.Name); len(x.Name.Parts) == 1 && syntax.IsName(op) && listWord(op) {
			return leafOf(x.X, negated(x.Not, "in"), wordOf(op, syntaxWord))
		}
	case *ast.InSet:
		if guessedRight(x.Set) {
			return leafOf(x.X, negated(x.Not, "in"), flowList(x.Set.Elems...))
		}
	case *ast.TextMatch:
		if t, ok := x.Y.(*ast.Text); ok {
			return leafOf(x.X, negated(x.Not, x.Op), wordOf(t.Value, textWord))
		}
	default: // reads better as a text
	}
	return nil
}

// listWord reports a name that means a list right after in.
func listWord(name string) bool {
	switch name {
	case "bottom", "last", "next", "previous", "segment", "this", "top":
		return false
	}
	return true
}

func leafHas(x *ast.Has) *node {
	op := "has"
	if x.Quant != "" {
		op += " " + x.Quant + " of"
	}
	switch y := x.Y.(type) {
	case *ast.Set:
		if guessedRight(y) {
			return leafOf(x.X, negated(x.Not, op), flowList(y.Elems...))
		}
	case *ast.Text:
		if x.Quant == "" && guessedRight(&ast.Set{Elems: []ast.Expr{y}}) {
			return leafOf(x.X, negated(x.Not, op), wordOf(y.Value, textWord))
		}
	default: // no literal
	}
	return nil
}

func negated(not bool, op string) string {
	if not {
		return "not " + op
	}
	return op
}

// isBound reports a literal that is read back as itself after between.
func isBound(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Date, *ast.Neg, *ast.Number, *ast.Time:
		return literalKind(x) != ""
	default:
		return false
	}
}

func flowList(xs ...ast.Expr) *node {
	n := &node{kind: listNode, flow: true}
	for _, x := range xs {
		n.items = append(n.items, &item{value: literalWord(x, textWord)})
	}
	return n
}

// leafOf makes a leaf; nil when the subject is too long for a key.
func leafOf(subject ast.Expr, op string, value *node) *node {
	if !short(subject) {
		return nil
	}
	if op != "" {
		inner := mapOf(&item{key: opWord(op), value: value})
		inner.flow = true
		value = inner
	}
	return mapOf(entry(format.Expr(subject), value))
}

// short reports a subject that reads well as a key: a name, or a function of
// names.
func short(x ast.Expr) bool {
	if c, ok := x.(*ast.Call); ok && c.Of == nil && c.By == nil && !c.Distinct && len(c.Args) == 1 {
		x = c.Args[0]
	}
	p, ok := x.(*ast.PathExpr)
	if !ok {
		return false
	}
	name := format.Path(p.Path)
	return len(name) <= 60 && name != "and" && name != "or" && name != "not"
}

// opWord is an operator as a key; symbols stand in quotes.
func opWord(op string) *word { return &word{text: op, style: textWord} }
