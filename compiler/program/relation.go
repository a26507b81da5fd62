package program

import (
	"fmt"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// relation is an entity or fact, compiled: where its rows come from, which of
// them count, and what is worked out of them.
type relation struct {
	*ir.Relation
	id      int
	space   *relation // whose row numbers these are; itself unless rows are picked out of another's
	from    *relation // the rows are picked out of, or grouped from
	columns []*column
	byDef   map[*ir.ColumnDef]*column
	shared  bool // of tables that all evaluations share
	counts  []test
	owner   *link
	key     *code
	group   []code // in the scope of from
	dedup   []code
	union   []universe
	masks   int
	links   int
	backs   int
	byMask  map[string]*maskOf
	byLink  map[string]*link
	byBack  map[string]*back
	state   int // 0 new, 1 being compiled, 2 done
}

type universe struct {
	rel *relation
	key code
}

// column is a column that is read.
type column struct {
	rel    *relation
	id     int
	typ    value.Type
	raw    bool // of the rows that are given
	impure bool
	fill   func(f *Frame, v *Vec)              // computes all rows
	row    func(f *Frame, r int32) value.Value // impure: computes one
	def    *ir.ColumnDef
}

// relation compiles a relation the first time it is needed.
func (b *builder) relation(r *ir.Relation) *relation {
	rel := b.byRel[r]
	if rel.state != 0 {
		return rel
	}
	rel.state = 1
	if r.From != nil {
		rel.from = b.relation(r.From)
	}
	for _, u := range r.Universe {
		from := b.relation(u.Rel)
		rel.union = append(rel.union, universe{from, (&scope{builder: b, rel: from}).code(u.Key)})
	}
	if len(r.GroupBy) > 0 {
		b.groupBy(rel)
	}
	s := &scope{builder: b, rel: rel}
	if r.Key != nil {
		c := s.code(&ir.Column{Col: r.Key})
		rel.key = &c
	}
	b.counting(rel, s)
	rel.state = 2
	return rel
}

// groupBy compiles the key of a group: within the owner, as the reference
// has it.
func (b *builder) groupBy(rel *relation) {
	by := append([]ir.Expr{}, rel.GroupBy...)
	if rel.Owner != nil {
		by = append(by, rel.From.Owner.By)
	}
	rel.group = (&scope{builder: b, rel: rel.from}).codes(by)
}

// counting compiles which rows of a relation count as of the instant, in the
// order of the reference: a row has its key, its owner and its time, is known
// by then, exists then, and passes the catalog's where.
func (b *builder) counting(rel *relation, s *scope) {
	r := rel.Relation
	add := func(x ir.Expr) { rel.counts = append(rel.counts, s.test(x)) }
	col := func(c *ir.ColumnDef) ir.Expr { return &ir.Column{Col: c} }
	now := &ir.AsOf{}
	if r.Entity && r.Key != nil {
		add(&ir.Known{X: col(r.Key)})
	}
	// A condition below says the same of a plain column.
	if r.Owner != nil && !(ir.OwnedApart(r) && b.plain(r.Owner.By) && (r.Where == nil || !b.fails(r.Where))) {
		add(&ir.Known{X: r.Owner.By})
	}
	byTime := !r.Always && r.KnownAt == nil && r.Time != nil && !r.Entity
	if r.Time != nil && !(byTime && b.plain(col(r.Time))) {
		add(&ir.Known{X: col(r.Time)})
	}
	switch {
	case r.Always:
	case r.KnownAt != nil:
		add(&ir.Cmp{Op: "<", L: r.KnownAt, R: now})
	case byTime:
		add(&ir.Cmp{Op: "<", L: col(r.Time), R: now})
	}
	if e := r.Exists; e != nil {
		for _, end := range []struct {
			x  ir.Expr
			op string
		}{{e.From, "<="}, {e.To, ">"}} {
			if end.x != nil {
				add(&ir.Or{Xs: []ir.Expr{&ir.Known{X: end.x, Missing: true}, &ir.Cmp{Op: end.op, L: end.x, R: now}}})
			}
		}
	}
	if r.Where != nil {
		add(r.Where)
	}
	if ir.OwnedApart(r) {
		rel.owner = s.link(r.Owner)
	}
	if r.Dedup != nil {
		rel.dedup = append(rel.dedup, s.code(r.Dedup))
		for _, c := range r.Columns {
			if ir.Orderly(c.Type) {
				rel.dedup = append(rel.dedup, s.code(col(c)))
			}
		}
	}
}

// plain is a column that cannot fail.
func (b *builder) plain(x ir.Expr) bool {
	_, column := x.(*ir.Column)
	return column && !b.fails(x)
}

// column finds or compiles a column, which may be one of a relation whose
// rows the scope's rows are picked out of.
func (b *builder) column(def *ir.ColumnDef) *column {
	for def.Base != nil {
		def = def.Base
	}
	rel := b.byRel[b.owner[def]]
	if rel == nil {
		panic(fmt.Sprintf("program: column %q of no relation", def.Name))
	}
	if c := rel.byDef[def]; c != nil {
		return c
	}
	c := &column{rel: rel, id: len(rel.columns), typ: def.Type, def: def}
	rel.columns = append(rel.columns, c)
	rel.byDef[def] = c
	switch {
	case def.Def == nil && len(rel.Universe) > 0:
		// The keys, filled in with the rows.
	case def.Def == nil:
		c.raw = true
	case len(rel.GroupBy) > 0:
		b.groupColumn(c)
	default:
		b.computedColumn(c)
	}
	return c
}

// computedColumn is a field over the relation's own row.
func (b *builder) computedColumn(c *column) {
	in := (&scope{builder: b, rel: c.rel}).code(c.def.Def)
	c.impure, c.row = in.impure, in.value
	rel := c.rel
	c.fill = func(f *Frame, v *Vec) {
		t := f.tables[rel.space.id]
		v.resize(formOf(c.typ), t.n)
		w := filler{f, v, c.typ, &in}
		for r := range int32(t.n) {
			w.take(r, r)
		}
	}
}

// filler fills a computed column.
type filler struct {
	f  *Frame
	v  *Vec
	t  value.Type
	in *code
}

// take puts the value at row at into row r.
func (w *filler) take(r, at int32) {
	switch {
	case w.in.int != nil && formOf(w.t) <= asWide && w.in.typ.Kind == w.t.Kind && w.in.typ.Scale == w.t.Scale:
		i, st := w.in.int(w.f, at)
		switch st {
		case known:
			w.v.known.add(r)
			w.v.ints[r] = i
		case large:
			w.v.set(w.t, r, w.in.value(w.f, at))
		}
	case w.in.text != nil && formOf(w.t) == asText:
		if s, ok := w.in.text(w.f, at); ok {
			w.v.known.add(r)
			w.v.texts[r], w.v.ints[r] = s, head(s)
		}
	default:
		w.v.set(w.t, r, w.in.value(w.f, at))
	}
}

// vec is a column of a table, computed if it is not there yet.
func (f *Frame) vec(c *column) *Vec {
	if c.raw {
		return f.tables[c.rel.id].cols[c.id]
	}
	return f.computed(c)
}

func (f *Frame) computed(c *column) *Vec {
	t := f.tables[c.rel.id]
	if !t.done.has(int32(c.id)) {
		t.done.add(int32(c.id)) // before, for a column is never made of itself
		v := &t.made[c.id]
		t.cols[c.id] = v
		if c.fill != nil {
			f.spend(f.tables[c.rel.space.id].n)
			c.fill(f, v)
		}
	}
	return t.cols[c.id]
}

// ensure finds the rows of a relation that count.
func (f *Frame) ensure(rel *relation) *table {
	t := f.tables[rel.id]
	if !t.ready {
		before := f.take()
		t.ready = true
		f.rows(rel, t)
		t.err = f.take()
		f.err = before
	}
	if t.err != nil {
		f.fail(t.err)
	}
	return t
}

func (f *Frame) rows(rel *relation, t *table) {
	switch {
	case len(rel.Universe) > 0:
		f.universe(rel, t)
	case rel.group != nil:
		f.grouped(rel, t)
	case rel.from != nil:
		base := f.ensure(rel.from)
		t.n = f.tables[rel.space.id].n
		t.live = append(t.live[:0], base.live...)
	default:
		t.live = sized(t.live, t.n)
		t.live.fill(t.n)
	}
	if !f.spend(t.n) {
		clear(t.live)
		return
	}
	for i := range rel.counts {
		f.narrow(rel, t, t.live, &rel.counts[i])
	}
	if rel.owner != nil {
		f.owned(rel, t)
	}
	if rel.Entity {
		f.oneByKey(rel, t)
	}
}

// narrow leaves in rows those for which a condition holds. A condition that
// may fail is looked at only where the ones before it hold.
func (f *Frame) narrow(rel *relation, t *table, rows set, cond *test) {
	if cond.fixed && cond.holds {
		return
	}
	if cond.all != nil {
		part := f.borrow(len(rows))
		cond.all(f, f.tables[rel.space.id], part)
		for i := range rows {
			rows[i] &= part[i]
		}
		f.giveBack(part)
		return
	}
	for r := range int32(t.n) {
		if rows.has(r) && !cond.one(f, r) {
			rows.remove(r)
		}
	}
}

// owned leaves out the rows of owners that do not count.
func (f *Frame) owned(rel *relation, t *table) {
	if !rel.owner.impure {
		k := rel.owner.filled(f)
		for w := range t.live {
			if k.one {
				t.live[w] &= k.lead[w]
			}
		}
		if k.one {
			return
		}
		for r, to := range k.to {
			if to < 0 {
				t.live.remove(int32(r))
			}
		}
		return
	}
	for r := range int32(t.n) {
		if t.live.has(r) && rel.owner.row(f, r) < 0 {
			t.live.remove(r)
		}
	}
}

// universe makes one row of each known key.
func (f *Frame) universe(rel *relation, t *table) {
	key := rel.byDef[rel.Key]
	v := &t.made[key.id]
	v.reset()
	t.cols[key.id] = v
	t.done.add(int32(key.id))
	t.n = 0
	t.index.begin(rel)
	for _, u := range rel.union {
		base := f.ensure(u.rel)
		for r := range int32(f.tables[u.rel.space.id].n) {
			if !base.live.has(r) {
				continue
			}
			k := u.key.value(f, r)
			if k.IsMissing() || t.index.find(rel, k) >= 0 {
				continue
			}
			v.append(key.typ, t.n, k)
			t.index.put(rel, k, int32(t.n))
			t.n++
		}
	}
	t.live = sized(t.live, t.n)
	t.live.fill(t.n)
}

// borrow gives a set of some words, whatever is in it.
func (f *Frame) borrow(words int) set {
	if n := len(f.spare); n > 0 {
		s := f.spare[n-1]
		f.spare = f.spare[:n-1]
		if cap(s) >= words {
			return s[:words]
		}
	}
	return make(set, words)
}

func (f *Frame) giveBack(s set) { f.spare = append(f.spare, s) }
