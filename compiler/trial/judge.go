package trial

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/source"
)

// Kind of a Failure.
type Kind string

// Kinds of failures.
const (
	NotIn      Kind = "not in"       // a row should be in a segment and is not
	In         Kind = "in"           // it should not be and is
	NotEntered Kind = "not entered"  // it should have entered since the instant before
	NotLeft    Kind = "not left"     // it should have left
	WrongSize  Kind = "size"         // the segment has another size
	WrongValue Kind = "value"        // a trait has another value
	Stopped    Kind = "stopped"      // it could not be evaluated
	Disagree   Kind = "disagreement" // two engines answer differently
)

// Failure is one expectation that does not hold.
type Failure struct {
	Kind    Kind
	Instant int         // index of the instant
	At      source.Span // of the expectation
	Segment *ir.Segment // nil: a trait's, or the test's
	Trait   string
	Key     value.Value // of the row; missing: it is about all
	Message string      // one sentence
	// Row is the row with the key, nil where the catalog makes it of others;
	// Shown is what may be shown of it.
	Row   *testform.Row
	Shown string
	// Because are the conditions that decided, shortest way first.
	Because []Reason
}

// Judge says which expectations of a test do not hold. Because is left empty,
// see Explain.
func Judge(k *testform.Case, answers *Answers) []*Failure {
	var out []*Failure
	for i, a := range answers.Instants {
		j := &judge{k: k, answers: answers, i: i}
		for _, w := range k.Instants[i].Wants {
			j.want(w, a.Members[w.Segment])
		}
		for n, w := range k.Instants[i].Values {
			j.value(w, a.Values[n])
		}
		out = append(out, j.out...)
	}
	return out
}

type judge struct {
	k       *testform.Case
	answers *Answers
	i       int
	out     []*Failure
}

func (j *judge) add(f *Failure) {
	f.Instant = j.i
	j.out = append(j.out, f)
}

func (j *judge) want(w *testform.Want, members []value.Value) {
	of := func(keys []testform.Key, wrong func(v value.Value) bool, f Failure) {
		for _, key := range keys {
			if wrong(key.V) {
				one := f
				one.Row, one.Shown = j.row(w.Segment.Entity, key.V)
				one.Segment, one.Key, one.At = w.Segment, key.V, key.At
				one.Message = strings.ReplaceAll(f.Message, "KEY", value.Key(key.V))
				j.add(&one)
			}
		}
	}
	out := func(v value.Value) bool { return !has(members, v) }
	in := func(v value.Value) bool { return has(members, v) }
	of(w.In, out, Failure{Kind: NotIn, Message: "KEY should be in " + w.Segment.Name + " and is not"})
	of(w.NotIn, in, Failure{Kind: In, Message: "KEY should not be in " + w.Segment.Name + " and is"})
	if j.i > 0 {
		before := j.answers.Instants[j.i-1].Members[w.Segment]
		was := func(v value.Value) bool { return has(before, v) }
		of(w.Entered, func(v value.Value) bool { return was(v) || out(v) }, Failure{Kind: NotEntered, Message: "KEY should have entered " + w.Segment.Name})
		of(w.Left, func(v value.Value) bool { return !was(v) || in(v) }, Failure{Kind: NotLeft, Message: "KEY should have left " + w.Segment.Name})
		for _, f := range j.out {
			f.Message += j.moved(f, was, in)
		}
	}
	if w.Size >= 0 && int64(len(members)) != w.Size {
		j.add(&Failure{Kind: WrongSize, At: w.Expect.Size.At, Segment: w.Segment,
			Message: fmt.Sprintf("%s should have the size %d and has %d%s", w.Segment.Name, w.Size, len(members), listed(members))})
	}
}

// moved says what became of a row that should have entered or left.
func (j *judge) moved(f *Failure, was, in func(value.Value) bool) string {
	if f.Kind != NotEntered && f.Kind != NotLeft || strings.Contains(f.Message, ":") {
		return ""
	}
	switch {
	case was(f.Key) && in(f.Key):
		return ": it was in it before and still is"
	case was(f.Key):
		return ": it was in it before and has left"
	case in(f.Key):
		return ": it was not in it before and has entered"
	default:
		return ": it was not in it before and is not now"
	}
}

func (j *judge) value(w *testform.ValueWant, got value.Value) {
	if w.Meets(got) {
		return
	}
	want := w.Want.String()
	if w.Want.IsMissing() {
		want = "no value"
	}
	if private(w.Trait.X) && !got.IsMissing() && !w.Want.IsMissing() {
		want, got = "what is expected", value.NewText("something else (not shown, it is personal)")
	}
	has := got.String()
	if got.IsMissing() {
		has = "none"
	}
	row, shown := j.row(w.Trait.Entity, w.Key.V)
	j.add(&Failure{Kind: WrongValue, At: w.At, Trait: w.Trait.Name, Key: w.Key.V, Row: row, Shown: shown,
		Message: fmt.Sprintf("%s of %s should be %s and is %s", w.Trait.Name, value.Key(w.Key.V), want, has)})
}

// row is the row with a key, and what may be shown of it.
func (j *judge) row(entity *ir.Relation, key value.Value) (*testform.Row, string) {
	at := j.k.Instants[j.i]
	for entity.From != nil && len(entity.GroupBy) == 0 {
		entity = entity.From
	}
	if entity.Key == nil {
		return nil, ""
	}
	for n, record := range at.Data[entity] {
		if value.Equal(record[entity.Key], key) {
			return at.Rows[entity][n], at.Rows[entity][n].Show(entity)
		}
	}
	return nil, ""
}

// listed names members, the first of them.
func listed(members []value.Value) string {
	if len(members) == 0 {
		return ""
	}
	var keys []string
	for i, v := range members {
		if i == 10 {
			keys = append(keys, "…")
			break
		}
		keys = append(keys, value.Key(v))
	}
	return " (" + strings.Join(keys, ", ") + ")"
}

// Compare says where two engines answer differently. The names are those of
// the engines.
func Compare(k *testform.Case, a, b *Answers, names [2]string) []*Failure {
	var out []*Failure
	for i := range min(len(a.Instants), len(b.Instants)) {
		out = append(out, compare(k, i, [2]*Answer{a.Instants[i], b.Instants[i]}, names)...)
	}
	return out
}

func compare(k *testform.Case, i int, both [2]*Answer, names [2]string) (out []*Failure) {
	seen := map[*ir.Segment]bool{}
	for _, w := range k.Instants[i].Wants {
		x, y := both[0].Members[w.Segment], both[1].Members[w.Segment]
		if seen[w.Segment] || len(less(x, y))+len(less(y, x)) == 0 {
			continue
		}
		seen[w.Segment] = true
		out = append(out, &Failure{Kind: Disagree, Instant: i, At: w.Expect.Segment.At, Segment: w.Segment,
			Message: fmt.Sprintf("the engines disagree on %s: %s finds %s, %s finds %s", w.Segment.Name, names[0], found(x), names[1], found(y))})
	}
	for n, w := range k.Instants[i].Values {
		if x, y := both[0].Values[n], both[1].Values[n]; !same(x, y) {
			out = append(out, &Failure{Kind: Disagree, Instant: i, At: w.At, Trait: w.Trait.Name, Key: w.Key.V,
				Message: fmt.Sprintf("the engines disagree on %s of %s: %s finds %s, %s something else", w.Trait.Name, value.Key(w.Key.V), names[0], x, names[1])})
		}
	}
	return out
}

func same(x, y value.Value) bool {
	return x.IsMissing() && y.IsMissing() || value.Equal(x, y)
}

func found(members []value.Value) string {
	if len(members) == 0 {
		return "nobody"
	}
	return strings.Trim(listed(members), " ()")
}
