package local

import "slices"

// Set is the segments that a customer is in. The zero Set is empty.
type Set struct {
	evaluator *Evaluator
	in        []uint64
	exists    bool
}

func (s *Set) reset(e *Evaluator) {
	words := (len(e.Program.Segments) + 63) / 64
	if s.evaluator = e; cap(s.in) < words {
		s.in = make([]uint64, words)
	}
	s.in = s.in[:words]
	clear(s.in)
}

func (s *Set) put(i int, in bool) {
	if in {
		s.in[i>>6] |= 1 << (uint(i) & 63)
	} else {
		s.in[i>>6] &^= 1 << (uint(i) & 63)
	}
}

func (s *Set) at(i int) bool { return s.in[i>>6]>>(uint(i)&63)&1 != 0 }

// Exists reports whether the customer counts as of the instant: it has its
// row, which the catalog's `exists` and `where` let in. One that does not is
// in no segment.
func (s Set) Exists() bool { return s.exists }

// Has reports whether the customer is in a segment; false too of segments
// that there are not, or that are unanswered.
func (s Set) Has(segment string) bool {
	if s.evaluator == nil {
		return false
	}
	i, ok := s.evaluator.names[segment]
	return ok && s.at(i)
}

// Len is the number of segments.
func (s Set) Len() int { return len(s.Names()) }

// Names of the segments, sorted.
func (s Set) Names() []string { return s.AppendNames(nil) }

// AppendNames appends the names, sorted, to a slice.
func (s Set) AppendNames(names []string) []string {
	if s.evaluator == nil {
		return names
	}
	for i, seg := range s.evaluator.Program.Segments {
		if s.at(i) {
			names = append(names, seg.Name)
		}
	}
	return names
}

// Bits has a bit for each of Program.Segments. It is the set's own memory.
func (s Set) Bits() []uint64 { return s.in }

// Equal reports whether two sets of one evaluator are the same.
func (s Set) Equal(o Set) bool { return slices.Equal(s.in, o.in) && s.exists == o.exists }

// Change is what a new fact changed.
type Change struct{ Entered, Left []string }

// Empty reports whether nothing changed.
func (c Change) Empty() bool { return len(c.Entered)+len(c.Left) == 0 }

// Follower follows one customer through the facts that arrive.
type Follower struct {
	evaluator *Evaluator
	customer  *Customer
	set, next Set
	asOf      int64
}

// Follow evaluates a customer, which from then on belongs to the follower.
func (e *Evaluator) Follow(asOf int64, c *Customer) (*Follower, error) {
	f := &Follower{evaluator: e, customer: c, asOf: asOf}
	return f, e.Into(&f.set, asOf, c)
}

// Set is where the customer is as of the last instant.
func (f *Follower) Set() Set { return f.set }

// Add takes one new row, as Customer.Append does, and says which memberships
// changed since the last instant. Where the instant is the same, only the
// segments that look at the table are evaluated. On an error nothing has
// changed.
func (f *Follower) Add(asOf int64, table string, row Row) (Change, error) {
	i, err := f.customer.Append(table, row)
	if err != nil {
		return Change{}, err
	}
	var only []int
	if asOf == f.asOf {
		if only = f.evaluator.Program.Affected(i); len(only) == 0 {
			return Change{}, nil
		}
	}
	f.next.reset(f.evaluator)
	copy(f.next.in, f.set.in)
	if err := f.evaluator.evaluate(&f.next, asOf, f.customer, only); err != nil {
		f.customer.rows[i].Truncate(f.customer.rows[i].Len() - 1)
		return Change{}, err
	}
	f.asOf = asOf
	var c Change
	for i, s := range f.evaluator.Program.Segments {
		switch was, is := f.set.at(i), f.next.at(i); {
		case is && !was:
			c.Entered = append(c.Entered, s.Name)
		case was && !is:
			c.Left = append(c.Left, s.Name)
		}
	}
	f.set, f.next = f.next, f.set
	return c, nil
}
