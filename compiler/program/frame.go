package program

import (
	"errors"
	"fmt"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// ErrBudget says that a segment looks at more rows than it may.
var ErrBudget = errors.New("more work than the budget allows")

// Frame is the memory of one evaluation, to be used again for the next: after
// the first few it grows no more. It is for one goroutine at a time.
type Frame struct {
	program *Program
	at      *Instant
	tables  []*table
	own     []table
	subject value.Value
	loaded  []*Rows
	row     int32 // of the subject; -1 when it does not count
	epoch   uint32

	slots   []slot
	slow    []slowSlot
	members []membership

	err    error // the first since it was last taken
	steps  int64 // left to spend
	stack  []value.Value
	picked []int32
	among  []int32 // rows of the group that is being made
	items  []value.Value
	chain  []int32 // rows of the sequence that is being tried
	spare  []set
	mask   set
	kept   []value.Value
}

// slot is a feature of the subject, worked out when it is first asked for.
type slot struct {
	epoch  uint32
	state  state
	failed bool
	int    int64
	float  float64
	slow   *slowSlot
}

// slowSlot is what of a feature is seldom needed.
type slowSlot struct {
	value value.Value
	err   error
}

type membership struct {
	epoch uint32
	in    bool
	err   error
}

// table is the rows of a relation in a frame. Relations that are picked out
// of another one's rows share its row numbers.
type table struct {
	n     int
	ready bool // live is known
	err   error
	live  set
	cols  []*Vec // by column id
	made  []Vec  // memory of those that are computed
	done  set    // which of them are
	masks []mask
	links []linked
	backs []reached
	index index
	group groups
}

// mask is the rows of a relation for which a condition holds.
type mask struct {
	done bool
	word uint64 // the first of rows, if there are any
	rows set
}

// linked leads each row to a row of another relation, or to -1. Where that has
// but one row, lead says which rows lead to it, and to is filled in when it is
// asked for.
type linked struct {
	done   bool
	one    bool
	listed bool
	lead   set
	to     []int32
}

func (f *Frame) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

func (f *Frame) take() error {
	err := f.err
	f.err = nil
	return err
}

// spend counts rows that are looked at; false when the budget is used up.
func (f *Frame) spend(n int) bool {
	if f.steps -= int64(n); f.steps >= 0 {
		return true
	}
	f.fail(ErrBudget)
	return false
}

// Frame makes the memory for evaluations of the program.
func (p *Program) Frame() *Frame {
	f := &Frame{program: p, own: make([]table, len(p.relations)), tables: make([]*table, len(p.relations)),
		slots: make([]slot, len(p.slots)), slow: make([]slowSlot, len(p.slots)), members: make([]membership, len(p.Segments))}
	for i := range f.slots {
		f.slots[i].slow = &f.slow[i]
	}
	for i, r := range p.relations {
		t := &f.own[i]
		t.cols, t.made, t.done = make([]*Vec, len(r.columns)), make([]Vec, len(r.columns)), make(set, len(r.columns)/64+1)
		t.masks, t.links, t.backs = make([]mask, r.masks), make([]linked, r.links), make([]reached, r.backs)
		f.tables[i] = t
	}
	return f
}

// Begin loads a subject and its rows, one Rows for each of Program.Tables
// (nil: no rows), as of an instant. The rows must not change until the next
// Begin. budget bounds the rows that are looked at.
func (f *Frame) Begin(at *Instant, subject value.Value, rows []*Rows, budget int64) error {
	f.at, f.subject, f.loaded, f.steps, f.err = at, subject, rows, budget, nil
	if f.epoch++; f.epoch == 0 {
		for i := range f.slots {
			f.slots[i].epoch = 0
		}
		clear(f.members)
		f.epoch = 1
	}
	for i, r := range f.program.relations {
		if at.shared != nil && r.shared {
			f.tables[i] = at.shared.tables[i]
			continue
		}
		f.tables[i] = &f.own[i]
		f.own[i].begin(r)
	}
	for i, t := range f.program.Tables {
		if rows[i] != nil && t.rel != nil && !t.rel.shared {
			f.own[t.rel.id].load(rows[i])
		}
	}
	f.row = f.find(f.program.subject, subject)
	if err := f.take(); err != nil {
		return fmt.Errorf("%s %s: %w", f.program.Entity.Name, value.Key(subject), err)
	}
	return nil
}

// begin forgets what was worked out for the rows before.
func (t *table) begin(r *relation) {
	t.n, t.ready, t.err = 0, false, nil
	clear(t.done)
	for i := range t.masks {
		t.masks[i].done = false
	}
	for i := range t.links {
		t.links[i].done = false
	}
	for i := range t.backs {
		t.backs[i].done = false
	}
	t.group.done, t.index.done = false, false
	for i, c := range r.columns {
		if c.raw {
			t.cols[i] = &noRows
		}
	}
}

var noRows Vec

func (t *table) load(rows *Rows) {
	t.n = rows.n
	for i, id := range rows.table.ids {
		if id >= 0 && rows.cols != nil {
			t.cols[id] = &rows.cols[i]
		}
	}
}

// Exists reports whether the subject counts as of the instant: it has its
// row, which passes the catalog's conditions.
func (f *Frame) Exists() bool { return f.row >= 0 }

// In reports whether the subject is in a segment of Program.Segments, by the
// closure form. The error is value.ErrOverflow or ErrBudget, with the segment
// and the subject.
func (f *Frame) In(segment int) (bool, error) {
	if f.row < 0 {
		return false, nil
	}
	in := f.member(segment)
	if f.err != nil {
		return false, f.Naming(segment, f.take())
	}
	return in, nil
}

// All is In of every segment, or of those with a true in only: each has its
// bit in the answer. After an error the answer means nothing.
func (f *Frame) All(only []bool, answer []uint64) error {
	clear(answer)
	if f.row < 0 {
		return nil
	}
	valid := f.at.valid
	for i := range f.program.members {
		if only != nil && !only[i] || !valid[i] {
			continue
		}
		m, in := &f.program.members[i], false
		if m.kept {
			in = f.in(i)
		} else {
			in = m.one(f, f.row)
		}
		// No branch on an answer: nothing foretells it.
		answer[i>>6] |= bit(in) << (uint(i) & 63)
		if f.err != nil {
			return f.Naming(i, f.take())
		}
	}
	return nil
}

// member is the membership of the subject. It is kept only where another
// segment may ask for it.
func (f *Frame) member(segment int) bool {
	m := &f.program.members[segment]
	if m.kept {
		return f.in(segment)
	}
	return f.at.valid[segment] && m.one(f, f.row)
}

// Naming names the segment and the subject in an error.
func (f *Frame) Naming(segment int, err error) error {
	return fmt.Errorf("segment %s, %s %s: %w", f.program.Segments[segment].Name, f.program.Entity.Name, value.Key(f.subject), err)
}

// in is the membership of the subject, worked out once.
func (f *Frame) in(segment int) bool {
	m := &f.members[segment]
	if m.epoch != f.epoch {
		before := f.take()
		in := f.at.valid[segment] && f.program.Segments[segment].test.one(f, f.row)
		*m = membership{f.epoch, in, f.take()}
		f.err = before
	}
	if m.err != nil {
		f.fail(m.err)
	}
	return m.in && m.err == nil
}

// scalar is ir.Scalar over arguments on the stack.
func (f *Frame) scalar(x ir.Expr, args []code, r int32) value.Value {
	base := len(f.stack)
	for i := range args {
		f.stack = append(f.stack, args[i].value(f, r))
	}
	v, ok, err := ir.Scalar(f.program.Project.Calendar, x, f.stack[base:])
	f.stack = f.stack[:base]
	if err != nil {
		f.fail(fmt.Errorf("%s: %w", x.Span().Text(), err))
		return value.Value{}
	}
	if !ok {
		panic(fmt.Sprintf("program: cannot evaluate %T", x))
	}
	return v
}
