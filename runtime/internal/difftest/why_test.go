package difftest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/compiler/why"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime"
)

// TestWhy holds explanations to what the evaluator says: of the whole world,
// and of what is read of one row alone.
func TestWhy(t *testing.T) {
	e := open(t)
	n := &whyTally{}
	rapid.Check(t, func(t *rapid.T) { compareWhy(t, e, n) })
	t.Logf("%+v", *n)
}

// whyTally counts what was seen, so that a generator gone astray is.
type whyTally struct{ rows, in, changes, turns, timeless, fetched int }

func compareWhy(t *rapid.T, e *engine, n *whyTally) {
	w := drawWorld(t)
	if err := e.load(w); err != nil {
		t.Fatal(err)
	}
	c := drawProject(t, e, w, &tally{codes: map[diag.Code]int{}})
	if c == nil {
		return
	}
	seed := rapid.Uint64().Draw(t, "ask")
	if failure := c.why(e, seed, n); failure != "" {
		c.reduceBy(func() bool { return e.load(c.w) == nil && c.why(e, seed, &whyTally{}) != "" })
		t.Fatalf("%s", c.why(e, seed, n))
	}
}

// why says which explanation is wrong. Of every segment a few rows are asked
// about.
func (c *comparison) why(e *engine, seed uint64, n *whyTally) string {
	definitions := strings.Join(c.lines, "\n")
	p, diags := e.compile(c.w.catalog, definitions)
	if diags.HasErrors() {
		return ""
	}
	in := c.input(p)
	want, err := evaluated(p.Project, c.w.asOf, in)
	if err != nil {
		return ""
	}
	for i, s := range p.Segments {
		keys := append(c.keys(p, s.Entity), value.NewInt(9_999))
		if s.Entity.Key.Type.Kind != value.Int {
			keys = keys[:len(keys)-1]
		}
		for j, key := range keys {
			turn := (seed + uint64(5*i+3*j)) % 16
			if turn%2 == 0 {
				continue
			}
			q := why.Question{Project: p.Project, Segment: s, Key: key, AsOf: c.w.asOf, Input: in, ShowPII: true}
			q.Brief = turn != 1
			member := false
			for _, k := range want[s.Name] {
				member = member || k == value.Key(key)
			}
			if failure := c.explained(e, q, member, n); failure != "" {
				return fmt.Sprintf("%s of %s: %s\n%s\n%s", value.Key(key), s.Decl.Text(), failure, c.w, definitions)
			}
		}
		if (seed+uint64(i))%8 != 0 {
			continue
		}
		if failure := c.known(e, p, s, want[s.Name], n); failure != "" {
			return fmt.Sprintf("%s: %s\n%s\n%s", s.Decl.Text(), failure, c.w, definitions)
		}
	}
	return ""
}

// explained holds one explanation.
func (c *comparison) explained(_ *engine, q why.Question, member bool, n *whyTally) string {
	x, err := why.Explain(q)
	if errors.Is(err, value.ErrOverflow) {
		return "" // of a part that nothing asked for in a run
	}
	if err != nil {
		return err.Error()
	}
	n.rows++
	if x.In {
		n.in++
	}
	if x.In != member {
		return fmt.Sprintf("explained as %t, evaluated as %t", x.In, member)
	}
	if x.Exists && x.Invalid == "" && x.Conditions.Holds != member {
		return "the conditions say otherwise"
	}
	if x.Conditions != nil {
		if bad := inconsistent(x.Conditions); bad != "" {
			return bad
		}
	}
	_ = x.Lines()
	n.changes += len(x.Changes)
	if x.Time == nil || x.Time.Timeless {
		n.timeless++
	}
	if x.Time == nil {
		return ""
	}
	return c.turns(q, x, n)
}

// inconsistent names a node that does not follow from those below it.
func inconsistent(n *why.Node) string {
	all, some := true, false
	for _, c := range n.Of {
		if bad := inconsistent(c); bad != "" {
			return bad
		}
		all, some = all && c.Holds, some || c.Holds
	}
	ok := true
	switch n.Kind {
	case why.All:
		ok = n.Holds == all
	case why.Any:
		ok = n.Holds == some
	case why.Before:
		ok = n.Holds != all
	case why.Not:
		ok = n.Holds != all
	case why.Segment:
		_, not := n.Expr.(*ir.Not)
		ok = len(n.Of) == 0 || all == (n.Holds != not)
	case why.Condition, why.Otherwise:
	}
	if !ok {
		return fmt.Sprintf("%s `%s` does not follow from its parts", n.Kind, n.Text)
	}
	return ""
}

// turns holds what is said of time: at the instant the answer turns, and at no
// other before.
func (c *comparison) turns(q why.Question, x *why.Explanation, n *whyTally) string {
	cal := q.Project.Calendar
	last := cal.Add(q.AsOf, 3, 8) // three years
	if x.Time.At != "" {
		at, err := cal.ParseInstant(x.Time.At)
		if err != nil {
			return err.Error()
		}
		n.turns++
		before, err1 := why.Member(q, at-1)
		after, err2 := why.Member(q, at)
		if err1 != nil || err2 != nil {
			return ""
		}
		if before != x.In || after == x.In || x.Time.In != after {
			return fmt.Sprintf("%s: %t just before, %t from then on, and now %t", x.Time.At, before, after, x.In)
		}
		last = at - 1
	} else if x.Time.Until != "" {
		until, err := cal.ParseInstant(x.Time.Until)
		if err != nil {
			return err.Error()
		}
		last = min(last, until)
	}
	steps := int64(41)
	for i := int64(1); i <= steps; i++ {
		t := q.AsOf + (last-q.AsOf)/steps*i
		if t <= q.AsOf || t > last {
			continue
		}
		if is, err := why.Member(q, t); err == nil && is != x.In {
			return fmt.Sprintf("%s says nothing of %d (%s), when it is %t", x.Time, t, cal.Loc, is)
		}
	}
	return ""
}

// known holds what is read of single rows to give the same answer as all rows.
func (c *comparison) known(e *engine, p *compiler.Project, s *ir.Segment, want []string, n *whyTally) string {
	if len(why.Histories(s)) > 0 { // kept in a store
		return ""
	}
	ctx := context.Background()
	one := &runtime.Project{Project: p, Engine: e.Engine, Session: e.session}
	for i, key := range c.keys(p, s.Entity) {
		if i == 1 {
			break
		}
		k, err := one.Known(ctx, s, c.w.asOf, []value.Value{key})
		if err != nil {
			if errors.Is(err, value.ErrOverflow) || strings.Contains(err.Error(), "SEG4027") {
				return ""
			}
			return "known: " + err.Error()
		}
		q := k.Question(ctx, key)
		q.Brief = true
		x, err := why.Explain(q)
		if err := errors.Join(err, k.Close(ctx)); err != nil {
			return "known: " + err.Error()
		}
		n.fetched++
		member := false
		for _, m := range want {
			member = member || m == value.Key(key)
		}
		if x.In != member {
			return fmt.Sprintf("%s is explained as %t from what was read of it, evaluated as %t", value.Key(key), x.In, member)
		}
	}
	return ""
}
