package kernel

import (
	"sync"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// Input is a value, or a condition, of a row of the fact. Values are whole
// numbers (the digits of a decimal, days, microseconds, 0 or 1), or the numbers
// of texts, which are numbered as they are met.
type Input struct {
	X ir.Expr // in scope of the fact
	// Numbered says that values stand for what has been met, from 1; 0 is a
	// missing one.
	Numbered bool
	// What is met is added to by all who take rows in; one who has it of a length
	// may read it up to there without the lock.
	mu    sync.RWMutex
	met   []value.Value
	texts map[string]uint32
	dates map[int64]uint32
	// tests are conditions on what is met alone. What passes the same is of one
	// class; classes of all such inputs stand side by side in one word, this one's
	// from the bit shift on; −1: there is no room.
	tests    []*metTest
	class    []uint8 // by number
	classes  map[string]uint8
	examples []uint32 // of each class, one
	shift    int
}

// Text is the number of a text.
func (in *Input) Text(text []byte) uint32 {
	in.mu.RLock()
	n, ok := in.texts[string(text)]
	in.mu.RUnlock()
	if ok {
		return n
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if n, ok = in.texts[string(text)]; !ok {
		if in.texts == nil {
			in.texts = map[string]uint32{}
		}
		s := string(text)
		n = in.meet(value.NewText(s))
		in.texts[s] = n
	}
	return n
}

// Date is the number of a date.
func (in *Input) Date(day int64) uint32 {
	in.mu.RLock()
	n, ok := in.dates[day]
	in.mu.RUnlock()
	if ok {
		return n
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if n, ok = in.dates[day]; !ok {
		if in.dates == nil {
			in.dates = map[int64]uint32{}
		}
		n = in.meet(value.NewDate(day))
		in.dates[day] = n
	}
	return n
}

func (in *Input) meet(v value.Value) uint32 {
	if in.met == nil {
		in.met = []value.Value{{}}
	}
	in.met = append(in.met, v)
	return uint32(len(in.met) - 1)
}

// classBits is the room for a class of texts; inputs with more classes are
// tested row by row.
const classBits = 8

// learn puts texts not met before into classes, and gives the class of each.
func (in *Input) learn() ([]uint8, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.class) > 0 && len(in.class) == len(in.met) {
		return in.class, nil
	}
	if err := in.know(); err != nil {
		return nil, err
	}
	for n := len(in.class); n < max(len(in.met), 1); n++ {
		key := make([]byte, len(in.tests))
		for i, t := range in.tests {
			if t.in[n] {
				key[i] = 1
			}
		}
		c, ok := in.classes[string(key)]
		if !ok {
			if in.classes == nil {
				in.classes = map[string]uint8{}
			}
			c = uint8(len(in.examples))
			in.classes[string(key)] = c
			in.examples = append(in.examples, uint32(n))
		}
		in.class = append(in.class, c)
	}
	return in.class, nil
}

// passes reports whether texts of this input's class in a word of classes pass
// a test.
func (in *Input) passes(t *metTest, classes uint64) bool {
	in.mu.RLock()
	defer in.mu.RUnlock()
	return t.in[in.examples[classes>>in.shift&(1<<classBits-1)]]
}

// metTest is a condition on one thing of which there are few, answered once for
// each that is met.
type metTest struct {
	over *over
	x    ir.Expr
	in   []bool // by number, 0 being a missing one
}

// know answers for all that has been met.
func (in *Input) know() error {
	for _, t := range in.tests {
		if err := t.know(in.met); err != nil {
			return err
		}
	}
	return nil
}

func (t *metTest) know(met []value.Value) error {
	for n := len(t.in); n < max(len(met), 1); n++ {
		v := value.Value{}
		if n > 0 {
			v = met[n]
		}
		is, err := t.over.eval(t.x, v)
		if err != nil {
			return err
		}
		t.in = append(t.in, is.True())
	}
	return nil
}
