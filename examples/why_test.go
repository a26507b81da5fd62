package examples_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/compiler/why"
	"github.com/segql/segql/internal/pgtest"
	"github.com/segql/segql/runtime"
)

// TestWhy asks of every segment of every example why some are in it and others
// are not: what the few rows say that are read for it is what the run said.
func TestWhy(t *testing.T) { eachWhy(t, "") }

// TestWhyPostgres does the same where a server holds the rows.
func TestWhyPostgres(t *testing.T) { eachWhy(t, pgtest.URL(t)) }

func eachWhy(t *testing.T, engine string) {
	for _, dir := range exampleProjects(t) {
		t.Run(dir, func(t *testing.T) {
			w := openWhy(t, compute(t, runtime.Options{Dir: dir, Engine: engine}, before[dir]...))
			asked := map[bool]int{}
			for i, s := range w.project.Segments {
				w.segment(t, s, i%10 == 0, asked)
			}
			if asked[true] == 0 || asked[false] == 0 {
				t.Errorf("%d of members and %d of others were asked about", asked[true], asked[false])
			}
		})
	}
}

// whyWorld is an example after its run.
type whyWorld struct {
	*computed
	project *runtime.Project
	asOf    int64
	keys    map[*ir.Relation]map[string]value.Value // of every row there is, by their text
}

func openWhy(t *testing.T, c *computed) *whyWorld {
	t.Helper()
	ctx := context.Background()
	p, diags, err := runtime.Open(ctx, c.options)
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	t.Cleanup(func() { _ = p.Close() })
	w := &whyWorld{computed: c, project: p, keys: map[*ir.Relation]map[string]value.Value{}}
	if w.asOf, _, err = p.AsOf("", time.Time{}); err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Segments {
		if w.keys[s.Entity] != nil {
			continue
		}
		all := map[string]value.Value{}
		w.keys[s.Entity] = all
		if err := p.EachKey(ctx, s.Entity, func(k value.Value) { all[value.Key(k)] = k }); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range p.Segments { // those of groups have no source that lists them
		for _, text := range c.members[s.Name] {
			if k, ok := value.Parse(s.Entity.Key.Type, text); ok {
				w.keys[s.Entity][value.Key(k)] = k
			}
		}
	}
	return w
}

// few is how many members, and how many others, are asked about of a segment.
const few = 3

// segment explains a few who are in a segment, and a few who are not. With
// whole it also asks, of the first of each, what would turn the answer: that
// takes hundreds of evaluations.
func (w *whyWorld) segment(t *testing.T, s *ir.Segment, whole bool, asked map[bool]int) {
	t.Helper()
	ctx := context.Background()
	is := map[string]bool{}
	for _, text := range w.members[s.Name] {
		is[text] = true
	}
	var keys []value.Value
	for _, in := range []bool{true, false} {
		keys = append(keys, w.pick(s, is, in)...)
	}
	known, err := w.project.Known(ctx, s, w.asOf, keys)
	if err != nil {
		t.Errorf("%s: %v", s.Name, err)
		return
	}
	defer func() {
		if err := known.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	if len(known.Unknown) > 0 {
		t.Errorf("%s: no rows of %v", s.Name, known.Unknown)
	}
	first := map[bool]bool{true: whole, false: whole}
	for _, key := range keys {
		in := is[value.Key(key)]
		q := known.Question(ctx, key)
		q.Brief, q.ShowPII = !first[in], true
		first[in] = false
		x, err := why.Explain(q)
		if err != nil {
			t.Errorf("%s, %s: %v", s.Name, value.Key(key), err)
			continue
		}
		asked[in]++
		if x.In != in {
			t.Errorf("%s, %s: why says %t, the run %t", s.Name, value.Key(key), x.In, in)
		}
		if x.Conditions != nil && x.Exists && x.Invalid == "" && x.Conditions.Holds != in {
			t.Errorf("%s, %s: in is %t, and the conditions hold is %t", s.Name, value.Key(key), in, x.Conditions.Holds)
		}
		if len(x.Lines()) == 0 {
			t.Errorf("%s, %s: nothing to read", s.Name, value.Key(key))
		}
	}
}

// pick chooses from all there are, evenly spread and always the same.
func (w *whyWorld) pick(s *ir.Segment, is map[string]bool, in bool) (out []value.Value) {
	var all []string
	for text := range w.keys[s.Entity] {
		if is[text] == in {
			all = append(all, text)
		}
	}
	slices.Sort(all)
	for i := range min(few, len(all)) {
		out = append(out, w.keys[s.Entity][all[i*len(all)/min(few, len(all))]])
	}
	return out
}
