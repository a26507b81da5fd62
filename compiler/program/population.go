package program

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// Population is a construct that looks at everybody: a rank, a bucket, a
// value of everyone or of a segment. A program cannot work it out from one
// customer; a run leaves its Cut.
type Population struct {
	Key  string // the same in every program for the same construct
	Expr ir.Expr
	Text string // as the author wrote it
	// Entity is whose rows are divided.
	Entity *ir.Relation
	// Of, Value and Per as the construct has them.
	Of         *ir.Segment
	Value, Per ir.Expr
	History    bool // what runs have stored of Of

	placed *placed
	needs  []int
}

// Cut is where a run found a construct to divide the population, for each
// group (one, named "", where there is no `per`; a missing group is "\x00").
type Cut struct {
	Groups map[string]*GroupCut
	// Changes, of a history, are what runs have stored by the row's key.
	Changes map[string][]ir.Change
}

// GroupCut is a cut within one group. Rank: Bounds has the last place that
// was in, none when nobody was. Bucket: the last place of each bucket from
// the lowest, missing where it and those before it are empty. Else Value.
type GroupCut struct {
	Bounds []Place
	// Open ranks have more places than rows: whoever has a value is in.
	Open  bool
	Value value.Value
}

// Place is where a row stands: by value, then by key.
type Place struct{ Value, Key value.Value }

// MissingGroup names the group of rows whose `per` is missing.
const MissingGroup = "\x00"

// population adds a construct to those of the program.
func (s *scope) population(p Population) int {
	if i, ok := s.byPop[p.Key]; ok {
		s.popOf[p.Expr] = i
		return i
	}
	i := len(s.populations)
	s.byPop[p.Key], s.popOf[p.Expr] = i, i
	s.populations = append(s.populations, &p)
	return i
}

// place compiles what a construct needs of a row: whether it is of the
// population, and its group.
type placed struct {
	rel   *relation
	pop   int
	of    *test
	per   *code
	value code
	key   code
}

func (s *scope) placed(p Population) *placed {
	k := &placed{rel: s.rel, pop: s.population(p), value: s.code(p.Value), key: *s.rel.key}
	if p.Of != nil {
		t := s.member(p.Of)
		k.of = &t
	}
	if p.Per != nil {
		c := s.code(p.Per)
		k.per = &c
	}
	s.populations[k.pop].placed = k
	return k
}

func (k *placed) group(f *Frame, r int32) *GroupCut {
	cut := f.at.cuts[k.pop]
	if cut == nil {
		return nil
	}
	return cut.Groups[k.name(f, r)]
}

// name of the group of a row.
func (k *placed) name(f *Frame, r int32) string {
	if k.per == nil {
		return ""
	}
	if v := k.per.value(f, r); !v.IsMissing() {
		return keyText(v)
	}
	return MissingGroup
}

// rank holds when the row is not behind the last that a run let in.
func (s *scope) rank(x *ir.Rank) test {
	k := s.placed(Population{Key: s.rel.Name + " " + ir.Key(x), Entity: s.rel.Relation, Expr: x, Text: x.Span().Text(), Of: x.Of, Value: x.Value, Per: x.Per})
	bottom := x.Bottom
	return test{cost: costly, impure: s.fails(x), one: func(f *Frame, r int32) bool {
		v := k.value.value(f, r)
		if v.IsMissing() || k.of != nil && !k.of.one(f, r) {
			return false
		}
		g := k.group(f, r)
		switch {
		case g == nil:
			return false
		case g.Open:
			return true
		case len(g.Bounds) == 0:
			return false
		}
		c := value.Compare(v, g.Bounds[0].Value)
		if c != 0 {
			return c < 0 == bottom
		}
		return value.Compare(k.key.value(f, r), g.Bounds[0].Key) <= 0
	}}
}

// bucket is the first whose last place the row does not pass.
func (s *scope) bucket(x *ir.Bucket) code {
	k := s.placed(Population{Key: s.rel.Name + " " + ir.Key(x), Entity: s.rel.Relation, Expr: x, Text: x.Span().Text(), Of: x.Of, Value: x.Value, Per: x.Per})
	c := code{typ: x.Type(), slot: -1, cost: costly, impure: s.fails(x)}
	c.int = func(f *Frame, r int32) (int64, state) {
		v := k.value.value(f, r)
		if v.IsMissing() || k.of != nil && !k.of.one(f, r) {
			return 0, missing
		}
		g := k.group(f, r)
		if g == nil || len(g.Bounds) == 0 {
			return 0, missing
		}
		own := value.SortKey{v, k.key.value(f, r)}
		for i, b := range g.Bounds {
			if !b.Value.IsMissing() && own.Compare(value.SortKey{b.Value, b.Key}) <= 0 {
				return int64(i) + 1, known
			}
		}
		return int64(len(g.Bounds)), known
	}
	return c.complete()
}

// popAgg is one value over the population.
func (s *scope) popAgg(x *ir.PopAgg) code {
	k := s.placed(Population{Key: s.rel.Name + " " + ir.Key(x), Entity: s.rel.Relation, Expr: x, Text: x.Span().Text(), Of: x.Of, Value: x.Value, Per: x.Per})
	c := code{typ: x.T, slot: -1, cost: costly, impure: s.fails(x)}
	c.value = func(f *Frame, r int32) value.Value {
		if g := k.group(f, r); g != nil {
			return g.Value
		}
		if x.Op.ZeroOfNone() {
			v, _ := value.Widen(value.NewInt(0), x.T)
			return v
		}
		return value.Value{}
	}
	return c.complete()
}

// GroupName is the name of the group whose `per` has a value, written as
// value.Value.String does.
func GroupName(t value.Type, text string) string {
	if v, ok := ParseText(t, text); ok && !v.IsMissing() {
		return keyText(v)
	}
	return text
}

// ParseText reads what value.Value.String has written of a value of a type.
func ParseText(t value.Type, text string) (value.Value, bool) {
	if t.Kind == value.Version { // written as it is ordered
		return value.Value{Kind: value.Version, S: text}, true
	}
	return value.Parse(t, text)
}
