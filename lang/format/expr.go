package format

import (
	"fmt"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/syntax"
)

// Levels of precedence, lowest first. A node whose level is lower than its
// place demands gets parentheses. The parser keeps an author's parentheses as
// nodes, so this adds them only to trees made by programs.
const (
	levelLogic = iota
	levelNot
	levelPred
	levelSum
	levelTerm
	levelFactor
	levelPrim
)

func level(x ast.Expr) int {
	switch x := x.(type) {
	case *ast.Arith:
		if x.Op == "+" || x.Op == "-" {
			return levelSum
		}
		return levelTerm
	case *ast.Between, *ast.Compare, *ast.Has, *ast.History, *ast.InName, *ast.InRank, *ast.InSegment, *ast.InSet,
		*ast.InWindow, *ast.Known, *ast.Matches, *ast.TextMatch, *ast.Within:
		return levelPred
	case *ast.Logic:
		return levelLogic
	case *ast.Neg:
		return levelFactor
	case *ast.Not:
		return levelNot
	default: // everything else holds together
	}
	return levelPrim
}

// expr lays out x where at least the given level is wanted.
func (w *writer) expr(x ast.Expr, wanted int) doc {
	if level(x) < wanted {
		return group(text("("), w.expr(x, levelLogic), text(")"))
	}
	switch x := x.(type) {
	case *ast.AllCall:
		return group(text("all("), w.fact(x.Fact), nest(w.brk(spaceLine, x.Have.Span().Start), text("have "),
			w.expr(x.Have, levelLogic)), text(")"))
	case *ast.Arith:
		return w.arith(x)
	case *ast.Bool:
		if x.Value {
			return text("true")
		}
		return text("false")
	case *ast.Call:
		return w.call(x)
	case *ast.Case:
		return w.caseOf(x)
	case *ast.Date:
		return text(date(x))
	case *ast.Duration:
		return text(duration(x))
	case *ast.FactCall:
		return group(text(name(x.Name)+"("), w.fact(x.Fact), text(")"))
	case *ast.Logic:
		return w.logic(x)
	case *ast.Neg:
		return cat(text("-"), w.expr(x.X, levelPrim))
	case *ast.Not:
		return cat(text("not "), w.expr(x.X, levelNot))
	case *ast.Number:
		return text(number(x))
	case *ast.Paren:
		return group(text("("), w.expr(x.X, levelLogic), text(")"))
	case *ast.PathExpr:
		return text(path(x.Path))
	case *ast.Regularly:
		return w.regularly(x)
	case *ast.Scalar:
		return w.expr(syntax.Guess(x), wanted)
	case *ast.Set:
		return w.set(x)
	case *ast.Text:
		return text(syntax.Quote(x.Value))
	case *ast.Time:
		return text(instant(x))
	case *ast.Word:
		return text(x.Name)
	default: // a predicate
	}
	return w.pred(x)
}

// pred lays out the predicates.
func (w *writer) pred(x ast.Expr) doc {
	switch x := x.(type) {
	case *ast.Between:
		lo := w.tail(x.X, x.Not, "between ")
		return cat(lo, w.expr(x.Lo, levelSum), text(" and "), w.expr(x.Hi, levelSum))
	case *ast.Compare:
		return cat(w.expr(x.L, levelSum), text(" "+x.Op+" "), w.expr(x.R, levelSum))
	case *ast.Has:
		return w.has(x)
	case *ast.History:
		word := "entered"
		if x.Left {
			word = "left"
		}
		word += " segment " + path(x.Ref) + " "
		if x.X == nil {
			return cat(text(word), w.window(x.Window))
		}
		return cat(w.tail(x.X, x.Not, word), w.window(x.Window))
	case *ast.InName:
		return cat(w.tail(x.X, x.Not, "in "), text(listName(x.Name)))
	case *ast.InRank:
		return cat(w.tail(x.X, x.Not, "in "), text(rank(x.Rank)))
	case *ast.InSegment:
		if x.X == nil {
			return text(not(x.Not) + "in segment " + path(x.Ref))
		}
		return cat(w.tail(x.X, x.Not, "in segment "), text(path(x.Ref)))
	case *ast.InSet:
		return cat(w.tail(x.X, x.Not, "in "), w.set(x.Set))
	case *ast.InWindow:
		return cat(w.tail(x.X, x.Not, ""), w.window(x.Window))
	case *ast.Known:
		if x.Missing {
			return w.tail(x.X, false, "is missing")
		}
		return w.tail(x.X, false, "is known")
	case *ast.Matches:
		return cat(w.tail(x.X, x.Not, "matches "), text(regex(x.Regex)))
	case *ast.TextMatch:
		return cat(w.tail(x.X, x.Not, x.Op+" "), w.expr(x.Y, levelSum))
	case *ast.Within:
		return cat(w.tail(x.X, x.Not, "within "+duration(x.Distance)+" of "), w.expr(x.Of, levelSum))
	case *ast.AllCall, *ast.Arith, *ast.Bool, *ast.Call, *ast.Case, *ast.Date, *ast.Duration, *ast.FactCall, *ast.Logic,
		*ast.Neg, *ast.Not, *ast.Number, *ast.Paren, *ast.PathExpr, *ast.Regularly, *ast.Scalar, *ast.Set, *ast.Text, *ast.Time, *ast.Word:
		panic(fmt.Sprintf("format: %T is no predicate", x))
	default:
		panic(fmt.Sprintf("format: unknown expression %T", x))
	}
}

func not(yes bool) string {
	if yes {
		return "not "
	}
	return ""
}

// tail lays out a subject and its operator.
func (w *writer) tail(x ast.Expr, negated bool, op string) doc {
	return cat(w.expr(x, levelSum), text(" "+not(negated)+op))
}

func (w *writer) has(x *ast.Has) doc {
	op := "has "
	if x.Quant != "" {
		op += x.Quant + " of "
	}
	return cat(w.tail(x.X, x.Not, op), w.expr(x.Y, levelSum))
}

// logic breaks before each and, or of its level, or before none.
func (w *writer) logic(x *ast.Logic) doc {
	first := w.expr(x.Operands[0], levelNot)
	var rest []doc
	for _, o := range x.Operands[1:] {
		rest = append(rest, w.brk(spaceLine, o.Span().Start), text(x.Op+" "), w.expr(o, levelNot))
	}
	return group(first, nest(rest...))
}

func (w *writer) arith(x *ast.Arith) doc {
	left, right := levelSum, levelTerm
	if x.Op == "*" || x.Op == "/" {
		left, right = levelTerm, levelFactor
	}
	l := w.expr(x.L, left)
	return group(l, nest(w.brk(spaceLine, x.R.Span().Start), text(x.Op+" "), w.expr(x.R, right)))
}

func (w *writer) caseOf(x *ast.Case) doc {
	var lines []doc
	for _, when := range x.Whens {
		lines = append(lines, w.brk(spaceLine, when.Span().Start), text("when "), w.expr(when.Cond, levelLogic),
			text(": "), w.expr(when.Value, levelSum))
	}
	lines = append(lines, w.brk(spaceLine, x.Else.Span().Start), text("otherwise: "), w.expr(x.Else, levelSum))
	return group(text("case {"), nest(lines...), w.end(spaceLine, x.Span().End), text("}"))
}

// end is the break before a closing bracket inside an expression.
func (w *writer) end(kind docKind, end int) doc {
	comments := w.take(end)
	if len(comments) == 0 {
		return doc{kind: kind}
	}
	return w.last(comments)
}

func (w *writer) set(x *ast.Set) doc {
	var elems []doc
	for i, e := range x.Elems {
		kind := spaceLine
		if i == 0 {
			kind = softLine
		}
		elems = append(elems, w.brk(kind, e.Span().Start), w.expr(e, levelSum))
		if i < len(x.Elems)-1 {
			elems = append(elems, text(","))
		}
	}
	return group(text("["), nest(elems...), w.end(softLine, x.Span().End), text("]"))
}
