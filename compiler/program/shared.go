package program

import (
	"fmt"
	"slices"

	"github.com/segql/segql/compiler/ir"
)

// Share loads the rows of the tables that Options.Shared named, for an
// instant: reference tables, such as products, that every customer's rows
// lead to. rows has one entry for each of Program.Tables, nil where the table
// is not shared. The instant may be used by any goroutine afterwards; the
// rows must not change.
func (p *Program) Share(t *Instant, rows []*Rows) error {
	f := p.Frame()
	f.at, f.steps, f.epoch, f.row = t, 1<<62, 1, -1
	for i, r := range p.relations {
		f.own[i].begin(r)
	}
	for i, table := range p.Tables {
		if table.rel.shared && rows[i] != nil {
			f.own[table.rel.id].load(rows[i])
		}
	}
	for _, r := range p.relations {
		if !r.shared || r.state != 2 {
			continue
		}
		f.ensure(r)
		p.settle(f, r)
		if err := f.take(); err != nil {
			return fmt.Errorf("read %s: %w", r.Name, err)
		}
	}
	t.shared = f
	return nil
}

// settle works out all that evaluations may ask of shared rows, so that they
// only read.
func (p *Program) settle(f *Frame, r *relation) {
	if r.key != nil {
		f.indexed(r)
	}
	for _, c := range r.columns {
		if !c.raw && !c.impure {
			f.computed(c)
		}
	}
	t := f.tables[r.space.id]
	for _, l := range r.space.byLink {
		if !l.impure && l.to.shared && t.n > 0 {
			l.all(f)
		}
	}
	for _, b := range r.byBack {
		if b.anchor.shared {
			b.of(f, 0)
		}
	}
}

// unshared names a relation that a shared one needs and that is not shared.
func (b *builder) unshared() error {
	for _, r := range b.project.Relations {
		if !b.byRel[r].shared {
			continue
		}
		needs := ir.Needs(r)
		if ir.OwnedApart(r) {
			needs = append(needs, r.Owner.To)
		}
		for _, n := range needs {
			if !b.byRel[n].shared {
				return fmt.Errorf("the rows of %s lead to %s, which must be a shared table too", r.Name, n.Name)
			}
		}
	}
	return nil
}

// Affected are the segments that look at a table, by index: a new row in it
// can change no other.
func (p *Program) Affected(table int) []int { return p.affected[table] }

// dependencies finds for each table the segments that look at it.
func (b *builder) dependencies() {
	p := b.program
	p.affected = make([][]int, len(p.Tables))
	for i, s := range p.Segments {
		d := &depends{builder: b, rels: map[*ir.Relation]bool{}, segments: map[*ir.Segment]bool{}}
		d.relation(s.Entity)
		d.segment(s.Segment)
		for j, t := range p.Tables {
			if d.rels[t.Relation] {
				p.affected[j] = append(p.affected[j], i)
			}
		}
	}
}

// depends gathers the relations that an expression looks at.
type depends struct {
	*builder
	rels     map[*ir.Relation]bool
	segments map[*ir.Segment]bool
}

func (d *depends) segment(s *ir.Segment) {
	if s != nil && !d.segments[s] {
		d.segments[s] = true
		d.relation(s.Entity)
		d.expr(s.Where)
	}
}

func (d *depends) relation(r *ir.Relation) {
	if r == nil || d.rels[r] {
		return
	}
	d.rels[r] = true
	for _, n := range ir.Needs(r) {
		d.relation(n)
	}
	if ir.OwnedApart(r) {
		d.relation(r.Owner.To)
	}
}

func (d *depends) links(ls []*ir.Lookup) {
	for _, l := range ls {
		d.relation(l.From)
		d.relation(l.To)
		d.expr(l.By)
	}
}

func (d *depends) expr(x ir.Expr) {
	ir.Walk(x, func(e ir.Expr) bool {
		switch e := e.(type) {
		case *ir.Agg:
			d.relation(e.Leaf)
			d.links(slices.Concat(e.Anchor, e.Back))
		case *ir.Bucket:
			d.segment(e.Of)
		case *ir.Column:
			d.relation(d.owner[e.Col])
		case *ir.Follow:
			d.links([]*ir.Lookup{e.By})
		case *ir.History:
			d.links(e.Anchor)
		case *ir.Member:
			d.segment(e.Seg)
		case *ir.PopAgg:
			d.segment(e.Of)
		case *ir.Rank:
			d.segment(e.Of)
		case *ir.Seq:
			d.links(e.Back)
			for _, st := range e.Steps {
				d.relation(st.Leaf)
				d.links(st.Back)
			}
		default: // its parts look at what they look at
		}
		return true
	})
}
