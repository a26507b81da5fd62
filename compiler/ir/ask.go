package ir

import (
	"fmt"

	"github.com/segql/segql/compiler/value"
)

// Evaluator answers questions about single rows, as of one instant, with the
// meaning that Eval has. It is for whoever explains an answer, and works out
// no more than it is asked: a segment is evaluated for the row alone, so Data
// may hold that row and what belongs to it, and Input.Everyone stands for the
// others. It is for one goroutine at a time. Every error is one of EvalInput.
type Evaluator struct{ e *evaluation }

// Row is one row of a relation, of one Evaluator. The zero Row is none.
type Row struct{ at *row }

// Population answers for the constructs that look at everybody. A place is
// given for rows of the population alone, whose value is known.
type Population interface {
	// Rank reports whether a place is among the best (or worst).
	Rank(r *Rank, p Standing) bool
	// Bucket is the part, 1 to K, in which a place lies; missing where nobody is.
	Bucket(b *Bucket, p Standing) value.Value
	// Value is the aggregate of the group.
	Value(a *PopAgg, group Group) value.Value
}

// Standing is what decides where a row stands.
type Standing struct {
	Value, Key value.Value
	Group      Group
}

// Group are the rows of an entity with one value of `per`; rows without a
// value make a group of their own.
type Group struct {
	Rel *Relation
	Per value.Value
	All bool // there is no `per`
}

// NewEvaluator evaluates nothing yet.
func NewEvaluator(p *Project, asOf int64, in Input) *Evaluator {
	e := newEvaluation(p, asOf, in)
	e.single = map[*Segment]map[*row]bool{}
	return &Evaluator{e}
}

// IsZero reports whether it is no row.
func (r Row) IsZero() bool { return r.at == nil }

// Relation is whose row it is.
func (r Row) Relation() *Relation { return r.at.rel }

// Records are the rows of sources that it is made of: one, none for the row of
// a universe, and those of all its rows for a group.
func (r Row) Records() []Record {
	switch {
	case r.at == nil:
		return nil
	case r.at.base != nil:
		return Row{r.at.base}.Records()
	case r.at.group != nil:
		var out []Record
		for _, from := range r.at.group {
			out = append(out, Row{from}.Records()...)
		}
		return out
	case r.at.record == nil:
		return nil
	}
	return []Record{r.at.record}
}

// Find is the row with a key that counts, or none.
func (v *Evaluator) Find(rel *Relation, key value.Value) (r Row, err error) {
	err = v.e.try(func() { r.at = v.e.find(rel, key) })
	return r, err
}

// Rows are the rows of a relation that count as of the instant.
func (v *Evaluator) Rows(rel *Relation) (out []Row, err error) {
	err = v.e.try(func() { out = handles(v.e.rowsOf(rel)) })
	return out, err
}

// Candidates are the rows of a relation before any condition, for whoever
// looks for what they lead to.
func (v *Evaluator) Candidates(rel *Relation) (out []Row, err error) {
	err = v.e.try(func() { out = handles(v.e.candidates(rel)) })
	return out, err
}

func handles(rows []*row) []Row {
	out := make([]Row, len(rows))
	for i, r := range rows {
		out[i] = Row{r}
	}
	return out
}

// Visible reports whether a row, which may be one of Candidates, is known as of
// the instant.
func (v *Evaluator) Visible(r Row) (known bool, err error) {
	err = v.e.try(func() { known = v.e.visible(r.at) })
	return known, err
}

// Value is the value of an expression in scope of the row; of a condition
// true or false.
func (v *Evaluator) Value(r Row, x Expr) (out value.Value, err error) {
	err = v.e.try(func() { out = v.e.value(r.at, x) })
	return out, err
}

// Column is the value of one of its columns.
func (v *Evaluator) Column(r Row, c *ColumnDef) (out value.Value, err error) {
	err = v.e.try(func() { out = v.e.column(r.at, c) })
	return out, err
}

// Member reports whether the row is in a segment of its entity.
func (v *Evaluator) Member(r Row, s *Segment) (in bool, err error) {
	err = v.e.try(func() { in = v.e.member(r.at, s) })
	return in, err
}

// Counted are the rows that an aggregate is of, in the order of the data.
func (v *Evaluator) Counted(r Row, a *Agg) (out []Row, err error) {
	err = v.e.try(func() { out = handles(v.e.counted(r.at, a)) })
	return out, err
}

// Follow is the row a lookup leads to, or none.
func (v *Evaluator) Follow(r Row, l *Lookup) (to Row, err error) {
	err = v.e.try(func() { to.at = v.e.follow(r.at, l) })
	return to, err
}

// Chain are the rows of a sequence that begins with the row, one for each step
// and none for one that must not happen; ok is false where there is no such
// sequence.
func (v *Evaluator) Chain(r Row, s *Seq) (out []Row, ok bool, err error) {
	err = v.e.try(func() {
		if ok = v.e.sequence(r.at, s); ok {
			out = handles(v.e.tried)
		}
	})
	return out, ok, err
}

// Standing is where a row stands among those that a rank or bucket divides; ok
// is false when its value is missing or it is not among them.
func (v *Evaluator) Standing(r Row, value Expr, of *Segment, per Expr) (s Standing, ok bool, err error) {
	err = v.e.try(func() { s, ok = v.e.standing(r.at, value, of, per) })
	return s, ok, err
}

// Position is the place of a row among n, 1 the best (bottom: the worst), as
// far as Data holds everybody; 0 where Everyone stands for them.
func (v *Evaluator) Position(r Row, rank *Rank) (at, n int64, err error) {
	if v.e.everyone != nil {
		return 0, 0, nil
	}
	err = v.e.try(func() {
		if p, ok := v.e.placeOf(r.at, rank, rank.Value, rank.Of, rank.Per); ok {
			if at, n = p.fromTop, p.n; rank.Bottom {
				at = p.fromBottom
			}
		}
	})
	return at, n, err
}

// member asks of one row alone, where the evaluation is of single rows.
func (e *evaluation) member(at *row, s *Segment) bool {
	if e.single == nil {
		return e.members(s)[at]
	}
	if in, ok := e.single[s][at]; ok {
		return in
	}
	if e.single[s] == nil {
		e.single[s] = map[*row]bool{}
	}
	in := false
	if at.rel == s.Entity && s.ValidOn(e.project.Calendar.DateOf(e.asOf)) {
		err := e.try(func() { in = e.holds(at, e.form(s.Where)) })
		if err != nil {
			fail(fmt.Errorf("segment %s, %s %s: %w", s.Name, s.Entity.Name, value.Key(e.column(at, s.Entity.Key)), err))
		}
	}
	e.single[s][at] = in
	return in
}

// group is the group of a row.
func (e *evaluation) group(at *row, per Expr) Group {
	if per == nil {
		return Group{Rel: at.rel, All: true}
	}
	return Group{Rel: at.rel, Per: e.value(at, per)}
}

// standing is what Everyone is asked about a row.
func (e *evaluation) standing(at *row, x Expr, of *Segment, per Expr) (Standing, bool) {
	v := e.value(at, x)
	if v.IsMissing() || of != nil && !e.member(at, of) {
		return Standing{}, false
	}
	return Standing{v, e.column(at, at.rel.Key), e.group(at, per)}, true
}
