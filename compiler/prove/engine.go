package prove

import (
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// engine turns conditions into diagrams over atoms, for one instant or, with
// asOf nil, for every instant, and knows what always ties atoms together.
type engine struct {
	*diagrams
	project *ir.Project
	asOf    *int64

	atoms  []*atom
	byKey  map[string]int32
	terms  map[string]*term
	rows   map[string]*rows
	groups map[string]int32

	segments map[*ir.Segment]diagram
	forms    map[ir.Expr]ir.Expr
	defs     map[*ir.ColumnDef]ir.Expr       // what a computed column stands for; nil: nothing simpler
	grouped  map[*ir.ColumnDef]bool          // computed over the rows of a group
	alias    map[*ir.ColumnDef]*ir.ColumnDef // another column that reads the same cell alike
	sure     map[*ir.ColumnDef]bool          // known in every row that counts
	base     map[*ir.Relation]diagram        // what holds of every row that counts
	inBase   map[*ir.Relation]bool
	conds    map[*ir.Relation][]ir.Expr // base as conditions, of the relation itself

	own     map[int32]diagram    // what ties an atom to others
	ties    map[[2]int32]diagram // what ties two atoms together
	learned map[int32][]lesson   // what the search for rows has found, by an atom it is about
	sats    map[diagram]diagram  // of conditions on rows: with all that ties their atoms
	within  map[[2]diagram]bool
	asked   map[diagram][]int32
	effort  int                                     // values that may still be tried
	made    map[cells]map[*ir.ColumnDef]value.Value // nil: none were found
}

func newEngine(p *ir.Project, asOf *int64) *engine {
	e := &engine{diagrams: newDiagrams(), project: p, asOf: asOf, byKey: map[string]int32{}, terms: map[string]*term{}, rows: map[string]*rows{}, groups: map[string]int32{},
		segments: map[*ir.Segment]diagram{}, forms: map[ir.Expr]ir.Expr{}, defs: map[*ir.ColumnDef]ir.Expr{}, grouped: map[*ir.ColumnDef]bool{}, sure: map[*ir.ColumnDef]bool{}, alias: map[*ir.ColumnDef]*ir.ColumnDef{},
		base: map[*ir.Relation]diagram{}, inBase: map[*ir.Relation]bool{}, conds: map[*ir.Relation][]ir.Expr{}, own: map[int32]diagram{}, ties: map[[2]int32]diagram{}, learned: map[int32][]lesson{},
		sats: map[diagram]diagram{}, within: map[[2]diagram]bool{}, asked: map[diagram][]int32{}, made: map[cells]map[*ir.ColumnDef]value.Value{}}
	for _, r := range p.Relations {
		e.describe(r)
	}
	return e
}

func (e *engine) describe(r *ir.Relation) {
	for i, c := range r.Columns {
		for _, o := range r.Columns[:i] {
			if e.alias[o] == nil && readAlike(c, o) {
				e.alias[c] = o
				break
			}
		}
	}
	for _, c := range r.Columns {
		if len(r.GroupBy) > 0 && c.Def != nil {
			e.grouped[c] = true
		}
		if c.NotNull {
			e.surely(c)
		}
	}
	if r.Entity && r.Key != nil {
		e.surely(r.Key)
	}
	if r.Time != nil && r.From == nil {
		e.surely(r.Time)
	}
}

func (e *engine) surely(c *ir.ColumnDef) {
	c = origin(c)
	e.sure[c] = true
	if a := e.alias[c]; a != nil {
		e.sure[a] = true
	}
}

// readAlike reports whether two columns always have the same value.
func readAlike(a, b *ir.ColumnDef) bool {
	same := func(x, y *value.Value) bool {
		return x == nil && y == nil || x != nil && y != nil && value.Equal(*x, *y)
	}
	return a.Raw != "" && a.Raw == b.Raw && a.Type.String() == b.Type.String() && slices.Equal(a.Type.Values, b.Type.Values) && a.Trim == b.Trim &&
		a.NFC == b.NFC && a.EmptyMissing == b.EmptyMissing && a.Separator == b.Separator && same(a.Min, b.Min) && same(a.Max, b.Max)
}

// origin is the column that an inherited column is.
func origin(c *ir.ColumnDef) *ir.ColumnDef {
	for c.Base != nil {
		c = c.Base
	}
	return c
}

// scope is where an expression is read: a row of rel, reached by path from the
// row the scope is named after.
type scope struct {
	root string
	rel  *ir.Relation
	path string
	via  []*ir.Lookup // what path names
}

func scopeOf(rel *ir.Relation) scope { return scope{root: canonical(rel).Name, rel: rel} }

// canonical is the relation whose rows those of rel are: what rel picks some
// of, unless it groups them.
func canonical(rel *ir.Relation) *ir.Relation {
	for rel.From != nil && len(rel.GroupBy) == 0 {
		rel = rel.From
	}
	return rel
}

func (s scope) key() string { return s.root + s.path + ":" }

func (s scope) along(l *ir.Lookup) scope {
	return scope{s.root, l.To, s.path + ">" + l.Name, append(s.via[:len(s.via):len(s.via)], l)}
}

// atom is one condition that a diagram asks. Its kind says which fields count.
type atom struct {
	kind   kind
	term   *term
	cut    cut        // atLeast
	text   string     // equals
	x      ir.Expr    // as the author wrote it, for reasons and values
	scope  scope      // in which x is read
	rows   *rows      // some
	cond   diagram    // some: that a row meets
	set    *ir.Set    // inSet
	other  *term      // less, same
	lookup *ir.Lookup // isThere
	group  int32      // atoms of one group stand together in the order
	rank   int        // in the group, before the cut
	id     int32      // number of the atom
}

type kind uint8

const (
	isKnown kind = iota // the term is not missing
	isThere             // the lookup leads to a row
	atLeast             // the term, if known, is at or above the cut
	equals              // the term, if known, is the text (or is true)
	inSet               // the term, if known, is in the set
	opaque              // what cannot be looked into
	less                // both known: the term is less than the other
	same                // both known: they are equal
	some                // there is a row that meets cond
)

// put gives an atom its number and its place.
func (e *engine) put(key string, a *atom) int32 {
	if id, ok := e.byKey[key]; ok {
		return id
	}
	a.id = int32(len(e.atoms))
	e.atoms = append(e.atoms, a)
	e.byKey[key] = a.id
	e.place = append(e.place, 0)
	at, _ := slices.BinarySearchFunc(e.ordered(), a, func(x, y *atom) int {
		if c := e.compareAtoms(x, y); c != 0 {
			return c
		}
		return -1
	})
	for i := range e.atoms[:a.id] {
		if e.place[i] >= int32(at) {
			e.place[i]++
		}
	}
	e.place[a.id] = int32(at)
	return a.id
}

// ordered are the atoms before the last one, by place.
func (e *engine) ordered() []*atom {
	out := make([]*atom, len(e.atoms)-1)
	for i := range out {
		out[e.place[i]] = e.atoms[i]
	}
	return out
}

func (e *engine) compareAtoms(a, b *atom) int {
	if a.group != b.group {
		return int(a.group) - int(b.group)
	}
	if a.rank != b.rank {
		return a.rank - b.rank
	}
	if a.kind == atLeast && b.kind == atLeast {
		return a.cut.order(b.cut)
	}
	return 0
}

// group numbers what belongs together, in the order it is met.
func (e *engine) group(key string) int32 {
	g, ok := e.groups[key]
	if !ok {
		g = int32(len(e.groups))
		e.groups[key] = g
	}
	return g
}

// form is the form for reasoning, with columns that only stand for others
// replaced by what they stand for.
func (e *engine) form(x ir.Expr) ir.Expr {
	if f, ok := e.forms[x]; ok {
		return f
	}
	f, err := ir.Reason(e.project.Calendar, e.asOf, x)
	if err != nil {
		f = x // an overflow in a constant: nothing is said of it
	}
	f = e.resolve(f)
	e.forms[x] = f
	return f
}

func (e *engine) resolve(x ir.Expr) ir.Expr {
	return ir.Map(x, func(x ir.Expr) ir.Expr {
		c, ok := x.(*ir.Column)
		if !ok {
			return x
		}
		col := origin(c.Col)
		if a := e.alias[col]; a != nil {
			col = a
		}
		if def := e.def(col); def != nil {
			return def
		}
		if col == c.Col {
			return x
		}
		return &ir.Column{Loc: c.Loc, Col: col}
	})
}

// def is what a computed column stands for, nil when it is to be taken as it is.
func (e *engine) def(c *ir.ColumnDef) ir.Expr {
	if c.Def == nil || e.grouped[c] || len(c.Type.Values) > 0 || c.Min != nil || c.Max != nil {
		return nil
	}
	if d, ok := e.defs[c]; ok {
		return d
	}
	e.defs[c] = nil // a column that is defined by way of itself stays
	e.defs[c] = e.form(c.Def)
	return e.defs[c]
}

// segment is the condition of being in a segment, its validity included.
func (e *engine) segment(s *ir.Segment) diagram {
	if f, ok := e.segments[s]; ok {
		return f
	}
	f := e.and(e.valid(s), e.cond(scopeOf(s.Entity), e.form(s.Where)))
	e.segments[s] = f
	return f
}

// valid: today is in the validity of the segment.
func (e *engine) valid(s *ir.Segment) diagram {
	out := always
	if s.Meta.ValidFrom != nil {
		out = e.and(out, e.today(*s.Meta.ValidFrom))
	}
	if s.Meta.ValidUntil != nil {
		out = e.and(out, e.not(e.today(*s.Meta.ValidUntil+1)))
	}
	return out
}
