package why

import "github.com/segql/segql/compiler/ir"

// Turn is what time alone will do: no new row, no other value.
type Turn struct {
	// Timeless: nothing that the segment looks at depends on the instant.
	Timeless bool `json:"timeless,omitempty"`
	// Turns: the answer changes, at At, to In; just before At it is still what
	// it is now. Otherwise it does not change before Until.
	Turns   bool     `json:"turns"`
	In      bool     `json:"in"`
	At      string   `json:"at,omitempty"` // RFC 3339
	Because []string `json:"because,omitempty"`
	Until   string   `json:"until,omitempty"`
	// Hidden are personal columns from which At follows, so that it is not told.
	Hidden []string `json:"hidden,omitempty"`

	Shown string `json:"-"` // At or Until, as people read it
}

// budget is how many rows all evaluations of one search may look at.
const budget = 400_000

// turn finds when the answer changes by time alone.
func (b *builder) turn(x *Explanation) *Turn {
	now := x.In
	if b.timeless() {
		return &Turn{Timeless: true, In: now}
	}
	s := b.search(b.knownData())
	at, until := s.first(func(t int64) bool { return s.member(t, s.data) }, now)
	out := &Turn{In: now}
	if at == 0 {
		out.Until, out.Shown = b.instant(until), second(b.q.Project.Calendar, until)
		return out
	}
	out.Turns, out.In = true, !now
	b.because(out, s.builderAt(at-1), s.builderAt(at))
	if out.Hidden == nil {
		out.At, out.Shown = b.instant(at), second(b.q.Project.Calendar, at)
	}
	return out
}

// search looks for the instants at which an answer changes.
type search struct {
	*builder
	data    ir.Data
	points  []int64 // instants after as_of, in order: between two the answer does not change
	horizon int64   // beyond it there may be others
	left    int     // evaluations
}

func (b *builder) search(data ir.Data) *search {
	s := &search{builder: b, data: data}
	rows := 50
	for _, records := range data {
		rows += len(records)
	}
	s.left = max(budget/rows, 150)
	c := &clockwork{builder: b}
	c.collect()
	s.points, s.horizon = c.points()
	return s
}

func (s *search) builderAt(t int64) *builder {
	in := s.in
	in.Data = s.data
	q := *s.q
	q.Brief = true
	return newBuilder(&q, t, in)
}

// member is the answer as of an instant; who is not there is not in. Ranks and
// the like stay as they are.
func (s *search) member(t int64, data ir.Data) bool {
	return s.holds(t, data, s.asOf, nil)
}

// holds is the truth of a condition of the row as of an instant at which all
// is known that became known before another; nil asks for the segment. An
// answer that cannot be worked out, for an overflow, is no.
func (s *search) holds(t int64, data ir.Data, known int64, x ir.Expr) bool {
	s.left--
	in := s.in
	in.Data, in.KnownBefore = data, &known
	ev := ir.NewEvaluator(s.q.Project, t, in)
	row, err := ev.Find(s.q.Segment.Entity, s.q.Key)
	if err != nil || row.IsZero() {
		return false
	}
	if x != nil {
		v, err := ev.Value(row, x)
		return err == nil && v.True()
	}
	member, err := ev.Member(row, s.q.Segment)
	return err == nil && member
}

// there reports whether the row itself still is, with other data.
func (s *search) there(data ir.Data) bool {
	in := s.in
	in.Data = data
	row, err := ir.NewEvaluator(s.q.Project, s.asOf, in).Find(s.q.Segment.Entity, s.q.Key)
	return err == nil && !row.IsZero()
}

// first is the first instant at which f is not what it is now; 0 when there is
// none before until. The instant just before, f is still as it is now.
func (s *search) first(f func(t int64) bool, now bool) (at, until int64) {
	before := s.asOf
	for _, p := range s.points {
		if s.left <= 0 {
			return 0, before
		}
		if f(p) == now {
			before = p
			continue
		}
		for p-before > 1 {
			if mid := before + (p-before)/2; f(mid) == now {
				before = mid
			} else {
				p = mid
			}
		}
		return p, p
	}
	return 0, s.horizon
}

// knownData are the rows that are known as of the instant: what becomes known
// later, time alone does not bring.
func (b *builder) knownData() ir.Data {
	out := ir.Data{}
	for rel, records := range b.in.Data {
		if rel.Time == nil && rel.KnownAt == nil || rel.Always {
			out[rel] = records
			continue
		}
		kept := []ir.Record{}
		for i, r := range must(b.ev.Candidates(rel)) { // in the order of the records
			if must(b.ev.Visible(r)) {
				kept = append(kept, records[i])
			}
		}
		out[rel] = kept
	}
	return out
}

// Member is the answer to a question as of a later instant, by time alone: with
// the rows that are known as of the question's own.
func Member(q Question, t int64) (in bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(failed)
			if !ok {
				panic(r)
			}
			err = f.error
		}
	}()
	b := newBuilder(&q, q.AsOf, q.Input)
	s := &search{builder: b, data: b.knownData()}
	return s.member(t, s.data), nil
}
