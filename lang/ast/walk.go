package ast

import "fmt"

// Inspect calls f for n and every node below it, in the order of their text;
// where f answers false, what is below is passed over. Names and comments are
// no nodes of their own, paths are.
func Inspect(n Node, f func(Node) bool) {
	if n == nil || !f(n) {
		return
	}
	for _, c := range Children(n) {
		Inspect(c, f)
	}
}

// Children are the nodes directly below n, in the order of their text, without
// those a syntax error left out.
func Children(n Node) []Node {
	var c children
	switch n := n.(type) {
	case Decl:
		c.decl(n)
	case Expr:
		c.expr(n)
	case *Branch:
		if n.Title != nil {
			c.expr1(n.Title)
		}
		c.expr1(n.When)
	case *Expect:
		c.expr1(n.Check)
	case *Fact:
		c.fact(n)
	case *Group:
		if n.Share != nil {
			c.expr1(n.Share)
		}
	case *Meta:
		c.expr1(n.Value)
	case *Path, *Regex:
	case *Rank:
		c.expr1(n.N)
		c.paths(n.Of, n.Per)
	case *Source:
		c.factOf(n.Fact)
		c.paths(n.Segment, n.Per)
	case *Step:
		c.paths(n.Path)
		c.durations(n.After, n.Within)
		c.expr1(n.Where)
	case *When:
		c.expr1(n.Cond)
		c.expr1(n.Value)
	case *Window:
		c.durations(n.Duration)
		if n.Count != nil {
			c.expr1(n.Count)
		}
		c.expr1(n.Lo)
		c.expr1(n.Hi)
	default:
		panic(fmt.Sprintf("ast: Children of %T", n))
	}
	return c.nodes
}

// children gathers nodes; each method passes over what is not there.
type children struct{ nodes []Node }

func (c *children) expr1(x Expr) {
	if x != nil {
		c.nodes = append(c.nodes, x)
	}
}

func (c *children) exprs(xs ...Expr) {
	for _, x := range xs {
		c.expr1(x)
	}
}

func (c *children) paths(ps ...*Path) {
	for _, p := range ps {
		if p != nil {
			c.nodes = append(c.nodes, p)
		}
	}
}

func (c *children) durations(ds ...*Duration) {
	for _, d := range ds {
		if d != nil {
			c.nodes = append(c.nodes, d)
		}
	}
}

func (c *children) factOf(f *Fact) {
	if f != nil {
		c.nodes = append(c.nodes, f)
	}
}

func (c *children) window(w *Window) {
	if w != nil {
		c.nodes = append(c.nodes, w)
	}
}

func (c *children) set(s *Set) {
	if s != nil {
		c.nodes = append(c.nodes, s)
	}
}

func (c *children) meta(list []Meta) {
	for i := range list {
		c.nodes = append(c.nodes, &list[i])
	}
}

func (c *children) fact(n *Fact) {
	c.paths(n.Path)
	c.window(n.Window)
	c.expr1(n.Where)
	for i := range n.Steps {
		c.nodes = append(c.nodes, &n.Steps[i])
	}
}

func (c *children) decl(n Decl) {
	switch n := n.(type) {
	case *Holdout:
		c.paths(n.Of)
		c.meta(n.Meta)
		for i := range n.Groups {
			c.nodes = append(c.nodes, &n.Groups[i])
		}
	case *List:
		c.set(n.Set)
		if n.From != nil {
			c.expr1(n.From)
		}
	case *Param:
		c.expr1(n.Value)
	case *RFM:
		c.expr1(n.Value)
		c.factOf(n.Fact)
	case *Segment:
		c.meta(n.Meta)
		c.expr1(n.Where)
		for i := range n.Expects {
			c.nodes = append(c.nodes, &n.Expects[i])
		}
	case *Split:
		c.paths(n.OfSegment)
		c.meta(n.Meta)
		for i := range n.Branches {
			c.nodes = append(c.nodes, &n.Branches[i])
		}
	case *Trait:
		c.expr1(n.Value)
	default:
		panic(fmt.Sprintf("ast: Children of %T", n))
	}
}

func (c *children) expr(n Expr) {
	switch n := n.(type) {
	case *Arith:
		c.exprs(n.L, n.R)
	case *Bool, *Date, *Number, *Scalar, *Text, *Time, *Word:
	case *Case:
		for i := range n.Whens {
			c.nodes = append(c.nodes, &n.Whens[i])
		}
		c.expr1(n.Else)
	case *Duration:
		if n.Number != nil {
			c.expr1(n.Number)
		}
		c.paths(n.Name)
	case *Logic:
		c.exprs(n.Operands...)
	case *Neg:
		c.expr1(n.X)
	case *Not:
		c.expr1(n.X)
	case *Paren:
		c.expr1(n.X)
	case *PathExpr:
		c.paths(n.Path)
	case *Set:
		c.exprs(n.Elems...)
	case *AllCall, *Call, *FactCall, *Regularly:
		c.call(n)
	case *Between, *Compare, *Has, *History, *InName, *InRank, *InSegment, *InSet, *InWindow, *Known, *Matches, *TextMatch, *Within:
		c.predicate(n)
	default:
		panic(fmt.Sprintf("ast: Children of %T", n))
	}
}

func (c *children) call(n Expr) {
	switch n := n.(type) {
	case *AllCall:
		c.factOf(n.Fact)
		c.expr1(n.Have)
	case *Call:
		for i, x := range n.Args {
			c.expr1(x)
			if n.Of != nil && i == n.OfArg {
				c.nodes = append(c.nodes, n.Of)
			}
		}
		if n.Of != nil && len(n.Args) == 0 {
			c.nodes = append(c.nodes, n.Of)
		}
		c.paths(n.By)
	case *FactCall:
		c.factOf(n.Fact)
	case *Regularly:
		c.factOf(n.Fact)
		c.durations(n.Every)
		for _, x := range []*Number{n.Periods, n.Missed} {
			if x != nil {
				c.expr1(x)
			}
		}
	default: // expr gives no others
	}
}

func (c *children) predicate(n Expr) {
	switch n := n.(type) {
	case *Between:
		c.exprs(n.X, n.Lo, n.Hi)
	case *Compare:
		c.exprs(n.L, n.R)
	case *Has:
		c.exprs(n.X, n.Y)
	case *History:
		c.expr1(n.X)
		c.paths(n.Ref)
		c.window(n.Window)
	case *InName:
		c.expr1(n.X)
		c.paths(n.Name)
	case *InRank:
		c.expr1(n.X)
		if n.Rank != nil {
			c.nodes = append(c.nodes, n.Rank)
		}
	case *InSegment:
		c.expr1(n.X)
		c.paths(n.Ref)
	case *InSet:
		c.expr1(n.X)
		c.set(n.Set)
	case *InWindow:
		c.expr1(n.X)
		c.window(n.Window)
	case *Known:
		c.expr1(n.X)
	case *Matches:
		c.expr1(n.X)
		if n.Regex != nil {
			c.nodes = append(c.nodes, n.Regex)
		}
	case *TextMatch:
		c.exprs(n.X, n.Y)
	case *Within:
		c.expr1(n.X)
		c.durations(n.Distance)
		c.expr1(n.Of)
	default: // expr gives no others
	}
}
