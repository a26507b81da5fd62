// Package program turns the definitions of a project into programs that say
// of one customer, without a database, which segments it is in. There are two
// forms of one meaning, which is that of ir.Eval:
//
//   - closures (Frame.In), the fast form: every expression becomes a Go
//     function over the columns of the customer's rows;
//   - expr-lang programs (Segment.Source) over a flat record of features,
//     which can be printed, stored and shipped. What expr cannot say exactly
//     (decimals of more than 18 digits, folding, regular expressions) is a
//     feature, computed by the closures.
//
// Programs are made from the checked IR and not from its normal form: two
// values need no rules for missing ones, and what follows from as_of is left
// open, so that one program serves every instant. Instant holds what an
// instant settles: the bounds of windows become spans of integers, by
// ir.Lower itself.
//
// Values are kept as 64-bit integers wherever that is exact: int, bool,
// dates, times and decimals of at most 18 digits, each × 10^scale of its
// type. Sums are taken in 128 bits. Beyond that the slow form, value.Value,
// answers, and with it what overflows; which expressions can fail is known
// beforehand (purity.go), the rest is shared, skipped and reordered freely.
// Conditions over the rows of a fact are worked out for all rows at once, as
// sets of bits, once for all segments.
package program

import (
	"fmt"
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// Program is the definitions of one entity, compiled. It is immutable and
// safe for use by several goroutines, each with a Frame of its own.
type Program struct {
	Project  *ir.Project
	Entity   *ir.Relation
	Segments []*Segment
	// Tables are the relations whose rows a customer may bring, in the order
	// of the catalog.
	Tables []*Table
	// Populations are the constructs that need the cuts of a run.
	Populations []*Population
	// Features are what the expr programs read.
	Features []*Feature

	subject   *relation
	relations []*relation
	slots     []*feature
	members   []member // by segment
	at        pending
	affected  [][]int // segments by table
}

// Table is a relation with a source.
type Table struct {
	Relation *ir.Relation
	Columns  []*ir.ColumnDef // as Rows has them
	Needed   bool            // some segment looks at it
	rel      *relation
	ids      []int // of the columns that are read; -1: not
}

// Segment is one segment's program.
type Segment struct {
	*ir.Segment
	// Source is the expr program, over the fields of Program.Features.
	Source string
	// Needs are the population constructs it depends on, by index.
	Needs []int

	test     test
	reads    []int // features of Source
	referred bool  // by another, so its membership is kept
}

// member is the condition of a segment, close to those of the others.
type member struct {
	one  func(f *Frame, r int32) bool
	kept bool // another segment may ask for it
}

// Options of Build. The zero Options is every segment of the first entity.
type Options struct {
	Entity   string
	Segments []string // names; nil: all of the entity
	// Shared names relations whose rows all evaluations share, see
	// Program.Share.
	Shared []string
}

// Build compiles. The error says which name there is not.
func Build(p *ir.Project, o Options) (*Program, error) {
	entity := firstEntity(p)
	if o.Entity != "" {
		entity = p.Relation(o.Entity)
	}
	if entity == nil || !entity.Entity {
		return nil, fmt.Errorf("there is no entity %q", o.Entity)
	}
	b := newBuilder(p)
	for _, name := range o.Shared {
		r := p.Relation(name)
		if r == nil || r.Source == nil {
			return nil, fmt.Errorf("there is no table %q", name)
		}
		b.share(r)
	}
	if err := b.unshared(); err != nil {
		return nil, err
	}
	out := &Program{Project: p, Entity: entity, subject: b.byRel[entity]}
	b.program, b.subject = out, out.subject
	if err := b.segments(o.Segments); err != nil {
		return nil, err
	}
	b.relation(entity)
	for _, s := range out.Segments {
		s.test = b.membership(s)
	}
	b.finish()
	for _, s := range out.Segments {
		out.members = append(out.members, member{s.test.one, s.referred})
	}
	return out, nil
}

func firstEntity(p *ir.Project) *ir.Relation {
	for _, r := range p.Relations {
		if r.Entity {
			return r
		}
	}
	return nil
}

type builder struct {
	program *Program
	project *ir.Project
	subject *relation
	byRel   map[*ir.Relation]*relation
	owner   map[*ir.ColumnDef]*ir.Relation
	index   map[*ir.Segment]int

	features    map[string]int
	slots       []*feature
	populations []*Population
	byPop       map[string]int
	popOf       map[ir.Expr]int
	at          pending
	mayFail     map[ir.Expr]bool
	relFails    map[*ir.Relation]bool
	memberOf    map[*ir.Segment]*test
}

func newBuilder(p *ir.Project) *builder {
	b := &builder{project: p, byRel: map[*ir.Relation]*relation{}, owner: map[*ir.ColumnDef]*ir.Relation{}, index: map[*ir.Segment]int{},
		features: map[string]int{}, byPop: map[string]int{}, popOf: map[ir.Expr]int{}, at: pending{key: map[string]int{}}, mayFail: map[ir.Expr]bool{}, relFails: map[*ir.Relation]bool{},
		memberOf: map[*ir.Segment]*test{}}
	for i, r := range p.Relations {
		b.byRel[r] = &relation{Relation: r, id: i, byDef: map[*ir.ColumnDef]*column{}, byMask: map[string]*maskOf{}, byLink: map[string]*link{}, byBack: map[string]*back{}}
		for _, c := range r.Columns {
			b.owner[c] = r
		}
	}
	for _, rel := range b.byRel {
		root := rel.Relation
		for root.From != nil && len(root.GroupBy) == 0 {
			root = root.From
		}
		rel.space = b.byRel[root]
	}
	return b
}

// segments orders those that are asked for.
func (b *builder) segments(names []string) error {
	want := map[string]bool{}
	for _, n := range names {
		s := b.project.Segment(n)
		switch {
		case s == nil:
			return fmt.Errorf("there is no segment %q", n)
		case s.Entity != b.program.Entity:
			return fmt.Errorf("%s is a segment of %s, not of %s", n, s.Entity.Name, b.program.Entity.Name)
		}
		want[n] = true
	}
	for _, s := range b.project.Segments {
		if s.Entity == b.program.Entity && (names == nil || want[s.Name]) {
			b.index[s] = len(b.program.Segments)
			b.program.Segments = append(b.program.Segments, &Segment{Segment: s})
		}
	}
	return nil
}

// membership compiles the condition of a segment at the subject.
func (b *builder) membership(s *Segment) test {
	return (&scope{builder: b, rel: b.subject}).test(s.Where)
}

// member holds when the row in scope is in a segment.
func (s *scope) member(seg *ir.Segment) test {
	if t := s.memberOf[seg]; t != nil {
		return *t
	}
	t := s.compileMember(seg)
	s.memberOf[seg] = &t
	return t
}

func (s *scope) compileMember(seg *ir.Segment) test {
	i, listed := s.index[seg]
	own := s.relation(seg.Entity)
	valid := s.validity(seg)
	inner := &scope{builder: s.builder, rel: own}
	t := inner.test(seg.Where)
	subject := own == s.subject
	if subject && listed {
		s.program.Segments[i].referred = true
	}
	return test{cost: costly, impure: t.impure, one: func(f *Frame, r int32) bool {
		if subject && listed && r == f.row {
			return f.in(i)
		}
		if valid != nil && !valid(f) {
			return false
		}
		return t.one(f, r)
	}}
}

// validity is whether a segment is valid on the day of the instant; nil:
// always.
func (b *builder) validity(s *ir.Segment) func(f *Frame) bool {
	if s.Meta.ValidFrom == nil && s.Meta.ValidUntil == nil {
		return nil
	}
	k := b.instantValue(&ir.AsOf{})
	from, until, cal := s.Meta.ValidFrom, s.Meta.ValidUntil, b.project.Calendar
	return func(f *Frame) bool {
		today := cal.DateOf(f.at.values[k].I)
		return (from == nil || *from <= today) && (until == nil || today <= *until)
	}
}

// feature is a value of the subject that is worked out once.
type feature struct {
	expr ir.Expr
	code code
	rel  *relation
}

// feature makes a value a feature: asked for at the subject, it is worked
// out once and remembered.
func (s *scope) feature(key string, x ir.Expr, c code) code {
	k, ok := s.features[key]
	if !ok {
		k = len(s.slots)
		s.features[key] = k
		s.slots = append(s.slots, &feature{x, c, s.rel})
	}
	c = s.slots[k].code
	of := c
	out := code{typ: c.typ, slot: k, of: &of, impure: c.impure, cost: c.cost}
	if of.int != nil {
		out.int = func(f *Frame, r int32) (int64, state) {
			if r != f.row {
				return of.int(f, r)
			}
			s := &f.slots[k]
			if s.epoch != f.epoch {
				f.work(s, &of)
			}
			if s.failed {
				f.fail(s.slow.err)
			}
			return s.int, s.state
		}
	}
	if of.float != nil {
		out.float = func(f *Frame, r int32) (float64, bool) {
			if r != f.row {
				return of.float(f, r)
			}
			s := &f.slots[k]
			if s.epoch != f.epoch {
				f.work(s, &of)
			}
			if s.failed {
				f.fail(s.slow.err)
			}
			return s.float, s.state != missing
		}
	}
	out.value = func(f *Frame, r int32) value.Value {
		if r != f.row {
			return of.value(f, r)
		}
		s := &f.slots[k]
		if s.epoch != f.epoch {
			f.work(s, &of)
		}
		switch {
		case s.failed:
			f.fail(s.slow.err)
			return value.Value{}
		case s.state == missing:
			return value.Value{}
		case s.state == known && of.int != nil:
			return valueOf(of.typ, s.int)
		case of.float != nil && !of.impure:
			return value.Value{Kind: value.Float, F: s.float}
		}
		return s.slow.value
	}
	return out.complete()
}

// work fills a slot.
func (f *Frame) work(s *slot, of *code) {
	before := f.err
	if before != nil {
		f.err = nil
	}
	s.epoch, s.failed = f.epoch, false
	switch {
	case of.impure:
		s.keep(of, of.value(f, f.row))
	case of.int != nil:
		if s.int, s.state = of.int(f, f.row); s.state == large {
			s.keep(of, of.value(f, f.row))
		}
	case of.float != nil:
		var ok bool
		s.state = missing
		if s.float, ok = of.float(f, f.row); ok {
			s.state = known
		}
	default:
		s.keep(of, of.value(f, f.row))
	}
	if f.err != nil {
		s.failed, s.state, s.slow.err = true, missing, f.take()
	}
	if before != nil {
		f.err = before
	}
}

// workInt is work for an integer that cannot fail: it is kept unless the
// value has to be asked for, or the budget is used up.
func (f *Frame) workInt(s *slot, of intForm) {
	if f.err != nil {
		s.state = missing
		return
	}
	i, st := of(f, f.row)
	if s.int, s.state = i, st; st != large && f.err == nil {
		s.epoch, s.failed = f.epoch, false
	}
}

// keep remembers a value, and as an integer where that holds it.
func (s *slot) keep(of *code, v value.Value) {
	s.slow.value, s.state, s.int, s.float = v, known, 0, v.F
	switch {
	case v.IsMissing():
		s.state = missing
	case of.int != nil:
		var ok bool
		if s.int, ok = intOf(of.typ, v); !ok {
			s.state = large
		}
	}
}

// finish settles what is only known once all is compiled.
func (b *builder) finish() {
	p := b.program
	b.sources()
	p.slots, p.at, p.Populations = b.slots, b.at, b.populations
	p.relations = make([]*relation, len(b.byRel))
	for _, r := range b.byRel {
		p.relations[r.id] = r
	}
	for _, s := range p.Segments {
		s.Needs = b.needs(s.Where, map[*ir.Segment]bool{})
	}
	for i, pop := range p.Populations {
		for _, x := range []ir.Expr{pop.Value, pop.Per} {
			if x != nil {
				pop.needs = append(pop.needs, b.needs(x, map[*ir.Segment]bool{})...)
			}
		}
		if pop.Of != nil && !pop.History {
			pop.needs = append(pop.needs, b.needs(pop.Of.Where, map[*ir.Segment]bool{})...)
		}
		pop.needs = slices.DeleteFunc(pop.needs, func(j int) bool { return j == i })
	}
	for _, r := range b.project.Relations {
		if r.Source == nil {
			continue
		}
		rel := b.byRel[r]
		t := &Table{Relation: r, rel: rel, Needed: rel.state == 2}
		for _, c := range Columns(r) {
			id := -1
			if col := rel.byDef[c]; col != nil {
				id = col.id
			}
			t.Columns, t.ids = append(t.Columns, c), append(t.ids, id)
		}
		p.Tables = append(p.Tables, t)
	}
	b.dependencies()
}

// Columns are the columns that rows of a relation are given in: the raw ones.
func Columns(r *ir.Relation) []*ir.ColumnDef {
	var out []*ir.ColumnDef
	for _, c := range r.Columns {
		if c.Raw != "" && c.Def == nil && c.Base == nil {
			out = append(out, c)
		}
	}
	return out
}

// needs are the population constructs that an expression depends on.
func (b *builder) needs(x ir.Expr, seen map[*ir.Segment]bool) []int {
	var out []int
	add := func(more ...int) {
		for _, i := range more {
			if !slices.Contains(out, i) {
				out = append(out, i)
			}
		}
	}
	of := func(s *ir.Segment) {
		if s != nil && !seen[s] {
			seen[s] = true
			add(b.needs(s.Where, seen)...)
		}
	}
	ir.Walk(x, func(e ir.Expr) bool {
		if i, ok := b.popOf[e]; ok {
			add(i)
		}
		switch e := e.(type) {
		case *ir.Bucket:
			of(e.Of)
		case *ir.Member:
			of(e.Seg)
		case *ir.PopAgg:
			of(e.Of)
		case *ir.Rank:
			of(e.Of)
		default: // its parts may need one
		}
		return true
	})
	return out
}

// share marks a relation, and what is made of it alone, as shared.
func (b *builder) share(r *ir.Relation) {
	b.byRel[r].shared = true
	for _, other := range b.project.Relations {
		if other.From == r && !b.byRel[other].shared {
			b.share(other)
		}
	}
}
