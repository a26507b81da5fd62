// Package plan turns the definitions of a whole project into tables to be
// computed one after the other, so that what segments share is computed once:
//
//	rows      an entity or fact, read and cleaned
//	changes   who entered and left segments in earlier runs
//	pass      features: aggregates over one fact that share the rows they look at
//	rank      positions of entity rows by one value
//	values    one value over the whole population
//	members   segments, one column of true and false each
//	atoms     conditions from which segments are put together as sets
//
// A table only uses tables of a lower level. How a table is computed, an
// engine's printer decides; what is in it, is decided here.
//
// Passes are grouped the way the measurements found best: no row is offered
// to an aggregate that cannot want it, so aggregates share a pass only when
// they look at the same window and the same plain conditions, and a pass
// holds at most 32.
package plan

import (
	"fmt"
	"sort"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// Kind of a Table.
type Kind string

// Kinds of tables.
const (
	Rows    Kind = "rows"
	Changes Kind = "changes"
	Pass    Kind = "pass"
	Rank    Kind = "rank"
	Values  Kind = "values"
	Members Kind = "members"
	Atoms   Kind = "atoms"
)

// Plan is the tables in the order in which they can be computed.
type Plan struct {
	Project *ir.Project
	AsOf    int64
	Tables  []*Table
	Columns []Column // where each segment, and the answer to each Ask, is found
	Sets    bool     // the plan was built with Options.Sets
	// Atoms are the conditions that the Sets of Columns are put together from, in
	// no table of Tables; see AtomTables.
	Atoms []*Atom
	// Changes are the segments whose stored changes the tables read, by name:
	// those of complete runs before AsOf must be at hand.
	Changes []*ir.Segment
}

// Table is one step of a plan.
type Table struct {
	Name  string
	Kind  Kind
	Level int
	// Rel is the relation whose rows are read (Rows, Changes: one of
	// ir.ChangesOf), or whose key the table has (the others; Values has no key).
	Rel *ir.Relation

	Used  []*ir.ColumnDef // Rows: columns that later tables need
	Where []ir.Expr       // Rows, Changes, Members: lowered conditions; Pass: what every row passes

	// Owned, of Rows: those of unknown owners are left out. Elsewhere they are
	// there, and never met.
	Owned bool

	Leaf *ir.Relation // Pass: the fact
	Key  ir.Expr      // Pass: the anchor's key, in scope Leaf
	// Outer: windows depend on the row of Rel, which is joined: its Anchor (nil:
	// its own key) is Key.
	Outer  bool
	Anchor ir.Expr
	// Bounds of the one window of an Outer pass whose Rel is a fact: such a pass
	// has a row for each anchor and pair of bounds, for a fact has no key that
	// tells its rows apart. Else nil.
	Bounds *ir.Window
	Aggs   []*Feature // Pass

	Population string  // Rank, Values: what they are of, see Plan.Find
	Value      ir.Expr // Rank, Values: in scope Rel
	Of         ir.Expr // Rank, Values: only rows for which it holds; nil: all
	Per        ir.Expr // Rank, Values: one order or value for each of these
	Apart      ir.Expr // Rank, Values: and for each of these, see Options.Apart
	Ranks      []*Position
	Pop        []*PopValue

	Conds []Cond // Members, Atoms
}

// Feature is one aggregate of a pass; Agg.Where is what is left to test.
type Feature struct {
	Col string
	Agg *ir.Agg
}

// Position is one column made of the position by Value.
type Position struct {
	Col     string
	Bottom  bool
	N       int64        // in top N, or
	Percent *value.Value // in top P, or
	Buckets int64        // bucket 1 (lowest) to Buckets
}

// PopValue is one aggregate over the population.
type PopValue struct {
	Col string
	Agg *ir.PopAgg
}

// Cond is one column of a Members table: true or false, or, where a value was
// asked for, that value.
type Cond struct {
	Col  string
	Name string  // of the segment or what was asked
	X    ir.Expr // lowered, in scope Rel
	Atom *Atom   // Atoms: which it is
}

// Column says where the answer for a segment or an Ask is.
type Column struct {
	Name    string // the segment's name, or the name that was asked
	Segment *ir.Segment
	Entity  *ir.Relation
	Table   string
	Col     string
	Set     Set // with Options.Sets, of a condition: instead of Table and Col
}

// Ask is what to evaluate beside the segments: a condition, such as that of an
// expectation, or a value.
type Ask struct {
	Name   string
	Entity *ir.Relation
	Cond   ir.Expr
}

// Options of Build. The zero Options plans every segment.
type Options struct {
	Segments []string // names; nil: all
	Asks     []Ask
	// Sets gives segments, and conditions that are asked, as sets and not as
	// columns of tables.
	Sets bool
	// Apart tells populations of an entity apart that stand in one table: rows
	// for which it gives different values are never ranked together. Nil: the
	// rows of an entity are one population.
	Apart func(entity *ir.Relation) ir.Expr
	// Small is for little data, of which statements take longer to be planned
	// than to run: a pass offers every row to each of its aggregates, so that
	// there are few passes, and a Members table joins few tables, for the time
	// grows with their number times that of the segments.
	Small bool
}

// Build plans a project for one instant. The error is value.ErrOverflow in a
// constant, with the definition it stands in.
func Build(p *ir.Project, asOf int64, o Options) (*Plan, error) {
	b := &builder{project: p, asOf: asOf, options: o, plan: &Plan{Project: p, AsOf: asOf, Sets: o.Sets},
		features: map[string]*feature{}, ranks: map[string]*rankTable{}, values: map[string]*valueTable{},
		members: map[string][]*memberTable{}, done: map[*ir.Segment]*ir.Slot{}, levels: map[*ir.Slot]int{}, owner: map[*ir.ColumnDef]*ir.Relation{}, taken: map[string]bool{},
		owned: map[*ir.Relation]bool{}, changes: map[*ir.Relation]*ir.Relation{}, sets: map[*ir.Segment]Set{}, atoms: map[string]*Atom{}}
	for _, r := range p.Relations {
		for _, c := range r.Columns {
			b.owner[c] = r
		}
	}
	if err := b.run(); err != nil {
		return nil, err
	}
	return b.plan, nil
}

type builder struct {
	project  *ir.Project
	asOf     int64
	options  Options
	plan     *Plan
	features map[string]*feature
	order    []*feature
	ranks    map[string]*rankTable
	values   map[string]*valueTable
	members  map[string][]*memberTable
	done     map[*ir.Segment]*ir.Slot
	sets     map[*ir.Segment]Set
	atoms    map[string]*Atom
	levels   map[*ir.Slot]int
	owner    map[*ir.ColumnDef]*ir.Relation
	taken    map[string]bool
	owned    map[*ir.Relation]bool         // facts whose rows are reached not only from their owners
	changes  map[*ir.Relation]*ir.Relation // entity → ir.ChangesOf it
	rest     []*Table
}

// unique gives a table (or a column of one) a name of its own, also for
// engines to which A and a are one.
func (b *builder) unique(table, name string) string {
	for {
		key := strings.ToLower(table + "\x00" + name)
		if !b.taken[key] {
			b.taken[key] = true
			return name
		}
		name += "_"
	}
}

// feature is an aggregate that is needed, before it has a pass.
type feature struct {
	agg   *ir.Agg
	base  *ir.Relation // whose key it has
	level int
	// bounds is the key of the window that rows of a fact move, or "".
	bounds string
	slot   *ir.Slot
}

func (b *builder) run() error {
	o, segments := b.options, b.project.Segments
	if o.Segments != nil {
		segments = nil
		for _, name := range o.Segments {
			s := b.project.Segment(name)
			if s == nil {
				return fmt.Errorf("plan: no segment %q", name)
			}
			segments = append(segments, s)
		}
	}
	for _, s := range segments {
		if err := b.column(Column{Name: s.Name, Segment: s, Entity: s.Entity}, s.Where, o.Sets); err != nil {
			return err
		}
	}
	for _, a := range o.Asks {
		if err := b.column(Column{Name: a.Name, Entity: a.Entity}, a.Cond, o.Sets && a.Cond.Type().Kind == value.Bool); err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
	}
	b.passes()
	b.rows()
	sort.SliceStable(b.plan.Tables, func(i, j int) bool { return b.plan.Tables[i].Level < b.plan.Tables[j].Level })
	return nil
}

// column plans the answer to a question: c is what is known of it.
func (b *builder) column(c Column, cond ir.Expr, asSet bool) (err error) {
	var slot *ir.Slot
	switch {
	case asSet && c.Segment != nil:
		c.Set, err = b.segmentSet(c.Segment)
	case asSet:
		c.Set, err = b.set(c.Entity, cond)
	case c.Segment != nil:
		slot, err = b.segment(c.Segment)
	default:
		slot, err = b.condition(c.Entity, c.Name, cond)
	}
	if slot != nil {
		c.Table, c.Col = slot.Table, slot.Col
	}
	b.plan.Columns = append(b.plan.Columns, c)
	return err
}

// segment plans one segment after those it refers to.
func (b *builder) segment(s *ir.Segment) (*ir.Slot, error) {
	if slot := b.done[s]; slot != nil {
		return slot, nil
	}
	slot, err := b.condition(s.Entity, s.Name, b.valid(s))
	if err != nil {
		return nil, fmt.Errorf("segment %s: %w", s.Name, err)
	}
	b.done[s] = slot
	return slot, nil
}

// condition gives a lowered condition a column in a Members table.
func (b *builder) condition(entity *ir.Relation, name string, cond ir.Expr) (*ir.Slot, error) {
	x, err := ir.Lower(b.project.Calendar, b.asOf, b.counted(cond))
	if err != nil {
		return nil, err
	}
	x, err = b.rewrite(entity, x)
	if err != nil {
		return nil, err
	}
	level := max(b.level(x)+1, 2)
	t := b.membersTable(entity, level, x)
	table := t.Name
	col := b.unique(table, name)
	t.Conds = append(t.Conds, Cond{Col: col, Name: name, X: x})
	slot := &ir.Slot{Table: table, Col: col, T: x.Type()}
	b.levels[slot] = level
	return slot, nil
}

// level is the highest level of the tables that x reads.
func (b *builder) level(xs ...ir.Expr) int {
	n := 0
	for _, x := range xs {
		if x == nil {
			continue
		}
		ir.Walk(x, func(e ir.Expr) bool {
			if s, ok := e.(*ir.Slot); ok {
				n = max(n, b.levels[s])
			}
			return true
		})
	}
	return n
}
