package ir

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/segql/segql/compiler/value"
)

// Eval is the meaning of a checked project in executable form, over rows in
// memory. It is written to be read beside the language's reference: it knows
// no plan and no normal form, looks at every row for every question, and is
// what engines and Lower are tested against.

// Record is one row as its source holds it: the value of every raw column, of
// the column's declared type. What is not there is missing.
type Record map[*ColumnDef]value.Value

// Data are the rows of the relations that have a source.
type Data map[*Relation][]Record

// Input is all that a project is evaluated over.
type Input struct {
	Data    Data
	Changes Changes // what earlier runs have stored
	// Runs are the instants of the complete runs that computed a segment, in any
	// order. Those of as_of and later do not count.
	Runs map[*Segment][]int64
	// Lowered evaluates the normal form as an engine of three-valued logic reads
	// it: a condition on a missing value is neither true nor false, and only
	// what is true counts. Lower is right when it gives the same.
	Lowered bool
	// KnownBefore, where it is given, is the instant up to which anything is
	// known: rows and changes that became known then or later do not count, also
	// where the evaluation is as of a later one. It asks what time alone will do.
	KnownBefore *int64
	// Everyone answers for the whole population where Data holds only some of
	// its rows; nil: Data holds them all. See Evaluator.
	Everyone Population
}

// Result answers questions about an evaluated project.
type Result struct{ e *evaluation }

// Eval evaluates every segment of the project as of an instant, without any
// earlier run; see EvalInput.
func Eval(p *Project, asOf int64, d Data) (*Result, error) {
	return EvalInput(p, asOf, Input{Data: d})
}

// EvalLowered is Eval by way of the normal form, see Input.Lowered.
func EvalLowered(p *Project, asOf int64, d Data) (*Result, error) {
	return EvalInput(p, asOf, Input{Data: d, Lowered: true})
}

// EvalInput evaluates every segment of the project as of an instant. The error
// is value.ErrOverflow with the segment and the key of the row, or says which
// entity has two rows of one key.
func EvalInput(p *Project, asOf int64, in Input) (*Result, error) {
	e := newEvaluation(p, asOf, in)
	for _, s := range p.Segments {
		if err := e.try(func() { e.members(s) }); err != nil {
			return nil, err
		}
	}
	return &Result{e}, nil
}

// Members are the keys of the rows in a segment, sorted.
func (r *Result) Members(segment string) []value.Value {
	s := r.e.project.Segment(segment)
	if s == nil {
		return nil
	}
	var keys value.SortKey
	for at := range r.e.members(s) {
		keys = append(keys, r.e.column(at, s.Entity.Key))
	}
	slices.SortFunc(keys, value.Compare)
	return keys
}

// Trait is the value of a named trait for the row with a key; missing too
// when there is no such row.
func (r *Result) Trait(name string, key value.Value) (v value.Value, err error) {
	t := r.e.project.Traits[name]
	if t == nil {
		return value.Value{}, fmt.Errorf("there is no trait %q", name)
	}
	err = r.e.try(func() {
		if at := r.e.find(t.Entity, key); at != nil {
			v = r.e.value(at, t.X)
		}
	})
	return v, err
}

// evaluation remembers what was worked out; nothing in it ever changes.
type evaluation struct {
	project *Project
	asOf    int64
	data    Data
	changes Changes
	runs    map[*Segment][]int64
	// known is the instant up to which anything is known, at most asOf.
	known    int64
	everyone Population
	rows     map[*Relation][]*row
	byKey    map[*Relation]map[string]*row
	backs    map[string]map[*row][]*row // rows of a fact by their anchor row
	inside   map[*Segment]map[*row]bool
	orders   map[Expr]map[*row]place
	// chain are the rows of the sequence being tried, one for each step.
	chain []*row
	// tried is the chain that was found last.
	tried []*row
	// single: segments are asked of one row at a time.
	single map[*Segment]map[*row]bool
	// three: conditions on missing values are missing, as in an engine of
	// three-valued logic; for expressions in normal form only.
	three bool
}

func newEvaluation(p *Project, asOf int64, in Input) *evaluation {
	known := asOf
	if in.KnownBefore != nil {
		known = min(known, *in.KnownBefore)
	}
	return &evaluation{project: p, asOf: asOf, data: in.Data, changes: in.Changes, runs: in.Runs, three: in.Lowered, known: known, everyone: in.Everyone, rows: map[*Relation][]*row{}, byKey: map[*Relation]map[string]*row{},
		backs: map[string]map[*row][]*row{}, inside: map[*Segment]map[*row]bool{}, orders: map[Expr]map[*row]place{}}
}

// row is one row of a relation that counts.
type row struct {
	rel    *Relation
	record Record // of a source
	base   *row   // derived: the row of From
	group  []*row // grouped: the rows of From
	among  []*row // a row of From while the columns of its group are worked out
	vals   map[*ColumnDef]value.Value
}

// evalFailure carries an error through the recursion.
type evalFailure struct{ error }

func fail(err error) { panic(evalFailure{err}) }

func (e *evaluation) try(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			failure, ok := r.(evalFailure)
			if !ok {
				panic(r)
			}
			err = failure.error
		}
	}()
	f()
	return nil
}

// members are the rows of a segment; outside its validity there are none.
func (e *evaluation) members(s *Segment) map[*row]bool {
	if in, ok := e.inside[s]; ok {
		return in
	}
	in := map[*row]bool{}
	valid := s.ValidOn(e.project.Calendar.DateOf(e.asOf))
	where := e.form(s.Where)
	for _, at := range e.rowsOf(s.Entity) {
		if !valid {
			break
		}
		err := e.try(func() {
			if e.holds(at, where) {
				in[at] = true
			}
		})
		if err != nil {
			fail(fmt.Errorf("segment %s, %s %s: %w", s.Name, s.Entity.Name, value.Key(e.column(at, s.Entity.Key)), err))
		}
	}
	e.inside[s] = in
	return in
}

// ValidOn reports whether a day lies in the validity of a segment; outside it
// the segment is empty.
func (s *Segment) ValidOn(date int64) bool {
	return (s.Meta.ValidFrom == nil || *s.Meta.ValidFrom <= date) && (s.Meta.ValidUntil == nil || date <= *s.Meta.ValidUntil)
}

// form is the expression to evaluate: as it was checked, or its normal form.
func (e *evaluation) form(x Expr) Expr {
	if !e.three {
		return x
	}
	x, err := Lower(e.project.Calendar, e.asOf, x)
	if err != nil {
		fail(err)
	}
	return x
}

// rowsOf are the rows of a relation that count as of the instant.
func (e *evaluation) rowsOf(rel *Relation) []*row {
	if rows, ok := e.rows[rel]; ok {
		return rows
	}
	rows := []*row{}
	for _, at := range e.candidates(rel) {
		if e.counts(at) {
			rows = append(rows, at)
		}
	}
	if rel.Entity {
		rows = e.oneByKey(rel, rows)
	}
	e.rows[rel] = rows
	return rows
}

func newRow(rel *Relation) *row { return &row{rel: rel, vals: map[*ColumnDef]value.Value{}} }

// candidates are the rows before any condition.
func (e *evaluation) candidates(rel *Relation) []*row {
	var rows []*row
	switch {
	case len(rel.Universe) > 0:
		return e.universe(rel)
	case len(rel.GroupBy) > 0:
		return e.groups(rel)
	case rel.From != nil:
		for _, base := range e.rowsOf(rel.From) {
			at := newRow(rel)
			at.base = base
			rows = append(rows, at)
		}
	default:
		for _, record := range e.data[rel] {
			at := newRow(rel)
			at.record = record
			rows = append(rows, at)
		}
	}
	return rows
}

// universe makes one row of each known key.
func (e *evaluation) universe(rel *Relation) []*row {
	var rows []*row
	seen := map[string]bool{}
	for _, u := range rel.Universe {
		for _, from := range e.rowsOf(u.Rel) {
			key := e.value(from, u.Key)
			if key.IsMissing() || seen[keyText(key)] {
				continue
			}
			seen[keyText(key)] = true
			at := newRow(rel)
			at.vals[rel.Key] = key
			rows = append(rows, at)
		}
	}
	return rows
}

// groups makes one row of each group of From's rows, within their owner;
// groups with a missing key are left out.
func (e *evaluation) groups(rel *Relation) []*row {
	var rows []*row
	byKey := map[string]*row{}
	for _, from := range e.rowsOf(rel.From) {
		key, known := "", true
		by := rel.GroupBy
		if rel.Owner != nil {
			by = append(slices.Clone(by), rel.From.Owner.By)
		}
		for _, x := range by {
			v := e.value(from, x)
			known = known && !v.IsMissing()
			key += fmt.Sprintf("%q ", keyText(v))
		}
		if !known {
			continue
		}
		if byKey[key] == nil {
			byKey[key] = newRow(rel)
			rows = append(rows, byKey[key])
		}
		byKey[key].group = append(byKey[key].group, from)
	}
	return rows
}

// counts reports whether a row is there as of the instant: it has its key,
// its owner and its time, is known by then, exists then, and passes the
// catalog's where.
func (e *evaluation) counts(at *row) bool {
	rel := at.rel
	known := func(x Expr) bool { return !e.value(at, x).IsMissing() }
	switch {
	case rel.Entity && rel.Key != nil && e.column(at, rel.Key).IsMissing():
		return false
	case rel.Owner != nil && !known(rel.Owner.By):
		return false
	case rel.Time != nil && e.column(at, rel.Time).IsMissing():
		return false
	case !e.visible(at):
		return false
	case rel.Exists != nil && !e.exists(at):
		return false
	case rel.Where != nil && !e.holds(at, e.form(rel.Where)):
		return false
	}
	return !OwnedApart(rel) || e.follow(at, rel.Owner) != nil
}

// visible: what happens, or becomes known, at or after the instant is not.
func (e *evaluation) visible(at *row) bool {
	rel := at.rel
	switch {
	case rel.Always:
		return true
	case rel.KnownAt != nil:
		return e.compare("<", e.value(at, rel.KnownAt), value.NewTime(e.known), false, true)
	case rel.Time != nil && !rel.Entity:
		return e.compare("<", e.column(at, rel.Time), value.NewTime(e.known), false, true)
	}
	return true
}

// exists: From <= as_of < To; a missing end is open.
func (e *evaluation) exists(at *row) bool {
	within := func(x Expr, op string) bool {
		if x == nil {
			return true
		}
		v := e.value(at, x)
		return v.IsMissing() || e.compare(op, v, value.NewTime(e.asOf), false, true)
	}
	return within(at.rel.Exists.From, "<=") && within(at.rel.Exists.To, ">")
}

// oneByKey keeps of the rows with one key the first by Dedup; ties go by the
// values of all columns, in the order of the catalog.
func (e *evaluation) oneByKey(rel *Relation, rows []*row) []*row {
	if rel.Dedup != nil {
		order := func(at *row) value.SortKey {
			k := value.SortKey{e.value(at, rel.Dedup)}
			for _, c := range rel.Columns {
				if Orderly(c.Type) {
					k = append(k, e.column(at, c))
				}
			}
			return k
		}
		slices.SortStableFunc(rows, func(a, b *row) int { return order(a).Compare(order(b)) })
	}
	var out []*row
	byKey := map[string]*row{}
	for _, at := range rows {
		key := keyText(e.column(at, rel.Key))
		switch {
		case byKey[key] == nil:
			byKey[key] = at
			out = append(out, at)
		case rel.Dedup == nil:
			fail(fmt.Errorf("%s has several rows with the key %s", rel.Name, key))
		}
	}
	e.byKey[rel] = byKey
	return out
}

// find is the row with a key, nil when there is none.
func (e *evaluation) find(rel *Relation, key value.Value) *row {
	rows := e.rowsOf(rel)
	if e.byKey[rel] == nil {
		e.byKey[rel] = map[string]*row{}
		for _, at := range rows {
			v := e.column(at, rel.Key)
			k := keyText(v)
			if !v.IsMissing() && e.byKey[rel][k] != nil {
				fail(fmt.Errorf("%s has several rows with the key %s, to which others belong", rel.Name, k))
			}
			e.byKey[rel][k] = at
		}
	}
	if key.IsMissing() {
		return nil
	}
	return e.byKey[rel][keyText(key)]
}

// follow is the row a lookup leads to, nil when there is none.
func (e *evaluation) follow(at *row, l *Lookup) *row { return e.find(l.To, e.value(at, l.By)) }

// keyText is equal for equal keys, whatever their kind of number.
func keyText(v value.Value) string {
	if v.Kind == value.Decimal {
		q, _ := new(big.Rat).SetString(v.String())
		return q.RatString()
	}
	return value.Key(v)
}

// column is the value of one column of a row.
func (e *evaluation) column(at *row, c *ColumnDef) value.Value {
	if v, ok := at.vals[c]; ok {
		return v
	}
	var v value.Value
	switch {
	case c.Base != nil:
		v = e.column(at.base, c.Base)
	case c.Def != nil && at.group != nil:
		first := *at.group[0]
		first.among = at.group
		v = e.value(&first, e.form(c.Def))
	case c.Def != nil:
		v = e.value(at, e.form(c.Def))
	default:
		v = at.record[c]
	}
	at.vals[c] = v
	return v
}
