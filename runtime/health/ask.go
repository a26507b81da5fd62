package health

import (
	"strconv"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
)

// ask lists what must be known of each row beside its memberships.
func (x *examination) ask() {
	byRel := map[*ir.Relation]*entity{}
	known := map[*entity]map[string]*attribute{}
	for _, s := range x.Segments {
		e := byRel[s.Entity]
		if e == nil {
			e = x.newEntity(s.Entity)
			byRel[s.Entity], known[e] = e, map[string]*attribute{}
			x.entities = append(x.entities, e)
		}
		c := &counted{seg: s, at: len(e.segments)}
		for _, r := range reads(s) {
			key := ir.Key(r.x)
			if known[e][key] == nil {
				a := &attribute{name: r.name, ask: x.add(s.Entity, &ir.Known{X: r.x})}
				known[e][key] = a
				e.attrs = append(e.attrs, a)
			}
			c.attrs = append(c.attrs, known[e][key])
		}
		for _, line := range s.Expects {
			at := -1
			if line.Cond != nil {
				at = x.add(s.Entity, line.Cond)
			}
			c.expects = append(c.expects, at)
		}
		e.segments = append(e.segments, c)
	}
}

func (x *examination) newEntity(rel *ir.Relation) *entity {
	e := &entity{rel: rel, worthAsk: -1}
	for _, ch := range x.Channels {
		if ch.Entity == rel {
			e.channels = append(e.channels, &channel{ch, x.add(rel, ch.Cond)})
		}
	}
	if t := x.Traits[x.o.Revenue]; t != nil && t.Entity == rel && t.X.Type().Exact() {
		e.revenue, e.worthAsk = t, x.add(rel, t.X)
	}
	return e
}

func (x *examination) add(rel *ir.Relation, what ir.Expr) int {
	x.asks = append(x.asks, plan.Ask{Name: "health " + strconv.Itoa(len(x.asks)), Entity: rel, Cond: what})
	return len(x.asks) - 1
}

// read is an attribute that a rule looks at, in the scope of the entity.
type read struct {
	name string
	x    ir.Expr
}

// reads are the attributes that decide who is in a segment, those of the
// segments it refers to among them, each once, in the order of the rule. Facts
// are not: a customer without orders is known to have none.
func reads(s *ir.Segment) []read {
	r := &reader{seen: map[string]bool{}, segments: map[*ir.Segment]bool{s: true}}
	r.expr(s.Where, "", func(x ir.Expr) ir.Expr { return x })
	return r.list
}

type reader struct {
	list     []read
	seen     map[string]bool
	segments map[*ir.Segment]bool
}

// expr looks through what is read in the scope of one row; way leads there
// from the row of the entity.
func (r *reader) expr(x ir.Expr, prefix string, way func(ir.Expr) ir.Expr) {
	if x == nil {
		return
	}
	switch x := x.(type) {
	case *ir.Column:
		c := way(x)
		if key := ir.Key(c); !x.Col.NotNull && !r.seen[key] {
			r.seen[key] = true
			r.list = append(r.list, read{prefix + x.Col.Name, c})
		}
	case *ir.Known:
		if _, plain := inner(x.X).(*ir.Column); !plain { // who asks whether a value is known can tell
			r.expr(x.X, prefix, way)
		}
	case *ir.Follow:
		r.expr(x.X, prefix+x.By.Name+".", func(y ir.Expr) ir.Expr { return way(&ir.Follow{By: x.By, X: y}) })
	case *ir.Bucket:
		r.expr(x.Value, prefix, way)
		r.expr(x.Per, prefix, way)
	case *ir.Rank:
		r.expr(x.Value, prefix, way)
		r.expr(x.Per, prefix, way)
	case *ir.PopAgg: // over others, but for the group
		r.expr(x.Per, prefix, way)
	case *ir.Member:
		if !r.segments[x.Seg] {
			r.segments[x.Seg] = true
			r.expr(x.Seg.Where, prefix, way)
		}
	default: // of facts only the window is read here
		for _, y := range ir.Children(x) {
			r.expr(y, prefix, way)
		}
	}
}

// inner is what a way leads to.
func inner(x ir.Expr) ir.Expr {
	for {
		switch y := x.(type) {
		case *ir.Follow:
			x = y.X
		case *ir.Trait:
			x = y.X
		default:
			return x
		}
	}
}
