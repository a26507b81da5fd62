// Package local says of one customer at a time which segments it is in: in
// process, without a database and without a clock.
//
//	e, err := local.New(project.Project, local.Options{})
//	c := e.Customer()
//	err = c.Decode([]byte(`{"id": 7, "orders": [{"at": "2025-03-01", "amount": "12.50"}]}`), nil)
//	set, err := e.Segments(asOf, c)
//
// An Evaluator is built once and used by any number of goroutines; a Customer
// by one at a time. After the first few customers nothing is allocated but
// the answer, and not even that with Into.
//
// Segments that look at everybody (ranks, buckets, values of everyone,
// entered and left) need what a run has stored, Options.Cuts; without it they
// are in Unanswered, and the others are answered.
package local

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/program"
	"github.com/segql/segql/compiler/value"
)

// Form is how segments are evaluated. All give the same answers.
type Form string

// Forms.
const (
	Closures Form = "closure" // Go functions; the fast one
	Expr     Form = "expr"    // expr-lang programs over the features
)

// DefaultBudget is how many rows may be looked at for one customer.
const DefaultBudget = 50_000_000

// Options of New. The zero Options evaluates every segment of the first
// entity with closures.
type Options struct {
	Entity   string   // "" is the first of the catalog
	Segments []string // names; nil: all of the entity
	Form     Form
	// Budget is how many rows may be looked at for one customer before the
	// evaluation ends with program.ErrBudget; 0 is DefaultBudget.
	Budget int64
	// Cuts are what a run has stored of the constructs that look at everybody,
	// by program.Population.Key.
	Cuts map[string]*program.Cut
	// Tables are the rows of reference tables, by name of the relation, that
	// all customers share: products, provinces. A customer brings none of them.
	Tables map[string][][]value.Value
}

// Evaluator evaluates the segments of one entity. It is immutable and safe
// for use by several goroutines.
type Evaluator struct {
	Program  *program.Program
	options  Options
	shared   []*program.Rows
	frames   sync.Pool
	last     atomic.Pointer[program.Instant]
	mu       sync.Mutex
	instants []*program.Instant
	names    map[string]int
	tables   map[string]int
	answered []bool
	all      []int
	exprs    *exprForm
	shapesMu sync.RWMutex
	shapes   map[shapeKey]*shape
}

// New compiles the segments of a checked project. The error says which name
// there is not, or which table is missing.
func New(p *ir.Project, o Options) (*Evaluator, error) {
	if o.Budget == 0 {
		o.Budget = DefaultBudget
	}
	po := program.Options{Entity: o.Entity, Segments: o.Segments}
	for name := range o.Tables {
		po.Shared = append(po.Shared, name)
	}
	prog, err := program.Build(p, po)
	if err != nil {
		return nil, err
	}
	e := &Evaluator{Program: prog, options: o, names: map[string]int{}, shapes: map[shapeKey]*shape{}, tables: map[string]int{}, shared: make([]*program.Rows, len(prog.Tables))}
	for i, s := range prog.Segments {
		e.names[s.Name] = i
		e.answered = append(e.answered, e.missing(s) == nil)
		e.all = append(e.all, i)
	}
	for i, t := range prog.Tables {
		e.tables[t.Relation.Name] = i
		rows, ok := o.Tables[t.Relation.Name]
		if !ok {
			continue
		}
		e.shared[i] = prog.Rows(i)
		for _, r := range rows {
			if len(r) != len(t.Columns) {
				return nil, fmt.Errorf("a row of table %s has %d values for %d columns", t.Relation.Name, len(r), len(t.Columns))
			}
			e.shared[i].Append(r)
		}
	}
	if o.Form == Expr {
		if e.exprs, err = newExprForm(prog); err != nil {
			return nil, err
		}
	}
	e.frames.New = func() any { return e.scratch() }
	return e, nil
}

// missing is a construct of a segment whose cut is not there.
func (e *Evaluator) missing(s *program.Segment) *program.Population {
	for _, i := range s.Needs {
		if p := e.Program.Populations[i]; e.options.Cuts[p.Key] == nil {
			return p
		}
	}
	return nil
}

// Unanswered is a segment that cannot be evaluated without the cut of a run.
type Unanswered struct {
	Segment string
	Needs   *program.Population
}

// Unanswered are the segments that no answer says anything of.
func (e *Evaluator) Unanswered() []Unanswered {
	var out []Unanswered
	for _, s := range e.Program.Segments {
		if p := e.missing(s); p != nil {
			out = append(out, Unanswered{s.Name, p})
		}
	}
	return out
}

// scratch is what one evaluation works in.
type scratch struct {
	frame *program.Frame
	exprs *exprScratch
}

func (e *Evaluator) scratch() *scratch {
	s := &scratch{frame: e.Program.Frame()}
	if e.exprs != nil {
		s.exprs = e.exprs.scratch()
	}
	return s
}

// keptInstants is how many instants stay prepared.
const keptInstants = 8

// instant prepares an instant, or finds it prepared.
func (e *Evaluator) instant(asOf int64) (*program.Instant, error) {
	if t := e.last.Load(); t != nil && t.AsOf == asOf {
		return t, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, t := range e.instants {
		if t.AsOf == asOf {
			e.last.Store(t)
			return t, nil
		}
	}
	t := e.Program.At(asOf, e.options.Cuts)
	if len(e.options.Tables) > 0 {
		if err := e.Program.Share(t, e.shared); err != nil {
			return nil, err
		}
	}
	if len(e.instants) == keptInstants {
		e.instants = append(e.instants[:0], e.instants[1:]...)
	}
	e.instants = append(e.instants, t)
	e.last.Store(t)
	return t, nil
}

// Segments evaluates a customer as of an instant, in microseconds since 1970.
// What follows from the instant is prepared the first time, which takes about
// as long as a hundred customers; so a service does well to round its clock.
// The error names the segment and the customer: value.ErrOverflow,
// program.ErrBudget.
func (e *Evaluator) Segments(asOf int64, c *Customer) (Set, error) {
	var s Set
	err := e.Into(&s, asOf, c)
	return s, err
}

// Into is Segments with the memory of a set that was used before.
func (e *Evaluator) Into(set *Set, asOf int64, c *Customer) error {
	set.reset(e)
	return e.evaluate(set, asOf, c, nil)
}

// evaluate answers the segments at some indexes, nil being all.
func (e *Evaluator) evaluate(set *Set, asOf int64, c *Customer, only []int) error {
	if c.evaluator != e {
		panic("local: a customer of another evaluator")
	}
	at, err := e.instant(asOf)
	if err != nil {
		return err
	}
	s := e.frames.Get().(*scratch)
	defer e.frames.Put(s)
	if err := s.frame.Begin(at, c.key, c.rows, e.options.Budget); err != nil {
		return err
	}
	set.exists = s.frame.Exists()
	if !set.exists {
		for i := range set.in {
			set.in[i] = 0
		}
		return nil
	}
	if e.exprs != nil {
		return e.exprs.evaluate(s, at, set, only)
	}
	if only != nil {
		for _, i := range only {
			if err := e.one(s.frame, set, i); err != nil {
				return err
			}
		}
		return nil
	}
	return s.frame.All(e.answered, set.in)
}

func (e *Evaluator) one(f *program.Frame, set *Set, i int) error {
	if !e.answered[i] {
		return nil
	}
	in, err := f.In(i)
	set.put(i, in)
	return err
}
