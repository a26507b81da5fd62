package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// Set is the rows of an entity for which something holds, put together from
// sets that are found by looking at the data. It is one node for all who refer
// to it, so that an engine works each out once.
//
//sumtype:decl
type Set interface{ isSet() }

// Sets.
type (
	// All is the rows that are in every one of Xs.
	All struct{ Xs []Set }
	// Any is the rows that are in one of Xs.
	Any struct{ Xs []Set }
	// Atom is the rows for which X holds, a condition that is no combination of
	// others; those for which it is missing are not in.
	Atom struct {
		Entity *ir.Relation
		X      ir.Expr // lowered, in scope Entity; other rows are read from Slots
		// Slots are the columns of planned tables that X reads, each once.
		Slots []*ir.Slot
		level int
	}
	// Everyone is all rows, or none.
	Everyone struct{ Is bool }
	// Others are the rows that are not in X.
	Others struct{ X Set }
)

func (*All) isSet()      {}
func (*Any) isSet()      {}
func (*Atom) isSet()     {}
func (*Everyone) isSet() {}
func (*Others) isSet()   {}

// segmentSet is a segment as a set, after those it refers to.
func (b *builder) segmentSet(s *ir.Segment) (Set, error) {
	if set := b.sets[s]; set != nil {
		return set, nil
	}
	set, err := b.set(s.Entity, b.valid(s))
	if err != nil {
		return nil, fmt.Errorf("segment %s: %w", s.Name, err)
	}
	b.sets[s] = set
	return set, nil
}

// set is a condition as a set.
func (b *builder) set(entity *ir.Relation, cond ir.Expr) (Set, error) {
	x, err := ir.Lower(b.project.Calendar, b.asOf, b.counted(cond))
	if err != nil {
		return nil, err
	}
	return b.combine(entity, x)
}

// combine takes a lowered condition apart.
func (b *builder) combine(entity *ir.Relation, x ir.Expr) (Set, error) {
	switch x := x.(type) {
	case *ir.And:
		xs, err := b.each(entity, x.Xs)
		return &All{xs}, err
	case *ir.Const:
		return &Everyone{x.V.True()}, nil
	case *ir.Member:
		return b.segmentSet(x.Seg)
	case *ir.Not:
		of, err := b.combine(entity, x.X)
		return &Others{of}, err
	case *ir.Or:
		xs, err := b.each(entity, x.Xs)
		return &Any{xs}, err
	default:
		return b.atom(entity, x)
	}
}

func (b *builder) each(entity *ir.Relation, xs []ir.Expr) ([]Set, error) {
	out := make([]Set, len(xs))
	for i, x := range xs {
		var err error
		if out[i], err = b.combine(entity, x); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// atom is the one set of all conditions that are built alike.
func (b *builder) atom(entity *ir.Relation, x ir.Expr) (Set, error) {
	key := entity.Name + " " + ir.Key(x)
	if a := b.atoms[key]; a != nil {
		return a, nil
	}
	y, err := b.rewrite(entity, x)
	if err != nil {
		return nil, err
	}
	a := &Atom{Entity: entity, X: y, Slots: slotsOf(y), level: max(b.level(y)+1, 2)}
	b.atoms[key] = a
	b.plan.Atoms = append(b.plan.Atoms, a)
	return a, nil
}

// Readers are the names of the columns whose sets are put together from an atom
// for which is holds, in their order.
func (p *Plan) Readers(is func(*Atom) bool) []string {
	var names []string
	seen := map[Set]bool{}
	var has func(s Set) bool
	has = func(s Set) bool {
		found, ok := seen[s]
		if ok {
			return found
		}
		switch s := s.(type) {
		case *All:
			found = slices.ContainsFunc(s.Xs, has)
		case *Any:
			found = slices.ContainsFunc(s.Xs, has)
		case *Atom:
			found = is(s)
		case *Everyone:
		case *Others:
			found = has(s.X)
		default:
			panic("plan: a set of another kind")
		}
		seen[s] = found
		return found
	}
	for _, c := range p.Columns {
		if c.Set != nil && has(c.Set) {
			names = append(names, c.Name)
		}
	}
	return names
}

// slotsOf are the slots in an expression, each once.
func slotsOf(xs ...ir.Expr) []*ir.Slot {
	var out []*ir.Slot
	for _, x := range xs {
		ir.Walk(x, func(e ir.Expr) bool {
			if s, ok := e.(*ir.Slot); ok && !slices.Contains(out, s) {
				out = append(out, s)
			}
			return true
		})
	}
	return out
}

// Slots are the columns of other tables that a table reads, each once.
func (t *Table) Slots() []*ir.Slot {
	xs := slices.Concat(t.Where, []ir.Expr{t.Key, t.Anchor, t.Value, t.Of, t.Per})
	for _, f := range t.Aggs {
		xs = append(xs, f.Agg)
	}
	for _, c := range t.Conds {
		xs = append(xs, c.X)
	}
	return slotsOf(slices.DeleteFunc(xs, func(x ir.Expr) bool { return x == nil })...)
}

// Joining many tables in one statement costs more than it saves.
const (
	maxJoined = 8
	maxAtoms  = 128
)

// AtomTables are tables of atoms, as few as is wise: atoms that read the same
// tables stand together. They come after all other tables of the plan. home is
// the table that a column is in if not in that of its name, else "". Atoms that
// read nothing else stand apart, for they can do without the rows themselves.
func (p *Plan) AtomTables(atoms []*Atom, home func(*ir.Slot) string) []*Table {
	reads := p.reads(atoms, home)
	atHome := map[*Atom]bool{}
	for _, a := range atoms {
		atHome[a] = ir.OfSlots(a.X, func(s *ir.Slot) bool { return home(s) != "" })
	}
	sorted := slices.Clone(atoms)
	slices.SortStableFunc(sorted, func(x, y *Atom) int {
		switch {
		case x.Entity != y.Entity:
			return strings.Compare(x.Entity.Name, y.Entity.Name)
		case atHome[x] == atHome[y]:
			return slices.Compare(reads[x], reads[y])
		case atHome[x]:
			return 1
		default:
			return -1
		}
	})
	var out []*Table
	var joined map[int]bool
	for i, a := range sorted {
		more := 0
		for _, name := range reads[a] {
			if !joined[name] {
				more++
			}
		}
		last := len(out) - 1
		if last < 0 || out[last].Rel != a.Entity || atHome[sorted[i-1]] != atHome[a] || len(out[last].Conds) == maxAtoms ||
			len(joined)+more > maxJoined && len(out[last].Conds) > 0 {
			out = append(out, &Table{Name: fmt.Sprintf("%s_atoms_%d", a.Entity.Name, len(out)+1), Kind: Atoms, Rel: a.Entity})
			last, joined = last+1, map[int]bool{}
		}
		t := out[last]
		t.Level = max(t.Level, a.level)
		t.Conds = append(t.Conds, Cond{Col: fmt.Sprintf("a%d", len(t.Conds)+1), Name: strings.Join(strings.Fields(a.X.Span().Text()), " "), X: a.X, Atom: a})
		for _, name := range reads[a] {
			joined[name] = true
		}
	}
	return out
}

// reads are the tables that atoms read, as numbers in the order of the plan; of
// those at home the number of the first.
func (p *Plan) reads(atoms []*Atom, home func(*ir.Slot) string) map[*Atom][]int {
	order := map[string]int{}
	for i, t := range p.Tables {
		order[t.Name] = i
	}
	out := map[*Atom][]int{}
	for _, a := range atoms {
		for _, s := range a.Slots {
			n := order[s.Table]
			if in := home(s); in != "" {
				if _, met := order[in]; !met {
					order[in] = n
				}
				n = order[in]
			}
			if !slices.Contains(out[a], n) {
				out[a] = append(out[a], n)
			}
		}
		slices.Sort(out[a])
	}
	return out
}

// valid is the condition of a segment, which nobody meets outside its validity.
func (b *builder) valid(s *ir.Segment) ir.Expr {
	today := b.project.Calendar.DateOf(b.asOf)
	if s.Meta.ValidFrom != nil && today < *s.Meta.ValidFrom || s.Meta.ValidUntil != nil && today > *s.Meta.ValidUntil {
		return &ir.Const{V: value.NewBool(false), T: value.Of(value.Bool)}
	}
	return s.Where
}
