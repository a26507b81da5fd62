package prove

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/crillab/gophersat/solver"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
)

// clauses writes conditions for a solver of another make: a variable for each
// atom, each node of a diagram and each connective.
type clauses struct {
	*engine
	list  [][]int
	vars  int
	atoms map[int32]int
	nodes map[diagram]int
}

func (c *clauses) fresh() int { c.vars++; return c.vars }

func (c *clauses) say(xs ...int) { c.list = append(c.list, xs) }

func (c *clauses) atomVar(a int32) int {
	if c.atoms[a] == 0 {
		c.atoms[a] = c.fresh()
	}
	return c.atoms[a]
}

// node is the variable of a diagram: if its atom then one branch, else the other.
func (c *clauses) node(f diagram) int {
	if v := c.nodes[f]; v != 0 {
		return v
	}
	v := c.fresh()
	c.nodes[f] = v
	switch f {
	case never:
		c.say(-v)
	case always:
		c.say(v)
	default:
		n := c.engine.nodes[f]
		a, yes, no := c.atomVar(n.atom), c.node(n.yes), c.node(n.no)
		c.say(-v, -a, yes)
		c.say(v, -a, -yes)
		c.say(-v, a, no)
		c.say(v, a, -no)
	}
	return v
}

// cond is the variable of a condition; only what is no connective is left to
// the diagrams.
func (c *clauses) cond(s scope, x ir.Expr) int {
	join := func(xs []ir.Expr, sign int) int {
		v := c.fresh()
		all := []int{sign * v}
		for _, y := range xs {
			w := c.cond(s, y)
			c.say(-sign*v, sign*w)
			all = append(all, -sign*w)
		}
		c.say(all...)
		return v
	}
	switch x := x.(type) {
	case *ir.And:
		return join(x.Xs, 1)
	case *ir.Or:
		return join(x.Xs, -1)
	case *ir.Not:
		return -c.cond(s, x.X)
	case *ir.Member:
		return c.cond(s, c.form(x.Seg.Where))
	default:
		return c.node(c.engine.cond(s, x))
	}
}

// TestSolver asks a SAT solver whether the rules and all that ties their atoms
// can hold together; it must say what the diagrams say.
func TestSolver(t *testing.T) {
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(satCatalog)}, "a.seg": {Data: []byte(satRules(40))}}, compiler.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	e := newEngine(p.Project, nil)
	counts := map[bool]int{}
	for i, a := range p.Segments {
		for _, b := range p.Segments[:i] {
			for _, holds := range []bool{true, false} {
				q := question{entity: a.Entity, of: []part{member(a, true), member(b, holds)}}
				f := e.question(q)
				g, _ := e.solve(f)
				c := &clauses{engine: e, atoms: map[int32]int{}, nodes: map[diagram]int{}}
				s := scopeOf(a.Entity)
				x, y := c.cond(s, e.form(a.Where)), c.cond(s, e.form(b.Where))
				if !holds {
					y = -y
				}
				c.say(x)
				c.say(y)
				c.say(c.node(e.rowOf(a.Entity)))
				for _, tie := range e.theory(f) {
					c.say(c.node(tie))
				}
				sat := solver.New(solver.ParseSlice(c.list)).Solve() == solver.Sat
				counts[sat]++
				if sat != (g != never) {
					t.Fatalf("%s\n%s (%t): the solver says %t", a.Decl.Text(), b.Decl.Text(), holds, sat)
				}
			}
		}
	}
	if counts[true] == 0 || counts[false] == 0 {
		t.Errorf("one answer only: %v", counts)
	}
}

const satCatalog = `
timezone: Asia/Ho_Chi_Minh
entities:
  customer: {source: c.csv, key: id, attributes: {id: int, gender: {type: text, values: [female, male]}, city: text, score: int, birthday: date}}
facts:
  orders: {source: o.csv, of: customer, by: cid, at: at, attributes: {cid: int, at: time, status: text, amount: {type: "decimal(9, 2)", min: 0}}}
`

func satRules(n int) string {
	r := rand.New(rand.NewPCG(7, 4))
	span := func() string { return []string{"7 days", "30 days", "1 month", "90 days"}[r.IntN(4)] }
	var rule func(depth int) string
	rule = func(depth int) string {
		if depth > 0 {
			x, y := rule(depth-1), rule(depth-r.IntN(2)-1)
			return []string{"(" + x + " and " + y + ")", "(" + x + " or " + y + ")", "not (" + x + ")"}[r.IntN(3)]
		}
		switch r.IntN(8) {
		case 0:
			return fmt.Sprintf("score >= %d", r.IntN(4))
		case 1:
			return `gender = "female"`
		case 2:
			return fmt.Sprintf("city in [\"Huế\", \"c%d\"]", r.IntN(3))
		case 3:
			return fmt.Sprintf("age(birthday) < %d", 18+r.IntN(3))
		case 4:
			return fmt.Sprintf("count(orders in last %s) >= %d", span(), 1+r.IntN(3))
		case 5:
			return fmt.Sprintf("any(orders in last %s where status = \"s%d\")", span(), r.IntN(2))
		case 6:
			return fmt.Sprintf("sum(amount of orders in last %s) > %d", span(), r.IntN(3))
		default:
			return fmt.Sprintf("max(amount of orders) <= %d", r.IntN(4))
		}
	}
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "segment s%d { where %s }\n", i, rule(2))
	}
	return b.String()
}
