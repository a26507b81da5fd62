package testform

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// Case is a test that means something in a project.
type Case struct {
	*Test
	// Project is what the names of the test were looked up in; the params that
	// the test sets are not Check's business.
	Project  *ir.Project
	Instants []*Instant
}

// Instant is one step of a case.
type Instant struct {
	*Step
	AsOf int64 // microseconds since 1970
	// Data are all rows there are by then, those of earlier steps first.
	Data ir.Data
	// Rows says for each record of Data where it is written.
	Rows   map[*ir.Relation][]*Row
	Wants  []*Want
	Values []*ValueWant
}

// Want is what is expected of one segment.
type Want struct {
	*Expect
	Segment                  *ir.Segment
	In, NotIn, Entered, Left []Key
	Size                     int64 // -1: nothing is said
}

// Key names a row of an entity.
type Key struct {
	V  value.Value
	At source.Span
}

// ValueWant is the value that a trait must have for one row.
type ValueWant struct {
	Trait *ir.TraitDef
	Key   Key
	// Want is missing where the trait must have no value.
	Want value.Value
	At   source.Span
	// Digits are those after the point of a float as it is written, which
	// agrees with all that rounds to it.
	Digits int
}

// Meets reports whether a trait's value is the one expected.
func (w *ValueWant) Meets(got value.Value) bool {
	if w.Want.IsMissing() || got.IsMissing() {
		return w.Want.IsMissing() && got.IsMissing()
	}
	if got.Kind == value.Float {
		written := strconv.FormatFloat(value.ToFloat(w.Want), 'f', w.Digits, 64)
		return strconv.FormatFloat(got.F, 'f', w.Digits, 64) == written || value.Equal(got, w.Want)
	}
	return value.Equal(got, w.Want)
}

// Check looks up the names of tests in a project without errors and reads
// their values. Tests with errors are left out.
func Check(p *ir.Project, tests []*Test) ([]*Case, diag.List) {
	c := &checker{p: p, shapes: map[*ir.Relation]*shape{}}
	var cases []*Case
	for _, t := range tests {
		before := len(c.diags)
		k := c.test(t)
		if !c.diags[before:].HasErrors() {
			cases = append(cases, k)
		}
	}
	c.diags.Sort()
	return cases, c.diags
}

type checker struct {
	p      *ir.Project
	diags  diag.List
	shapes map[*ir.Relation]*shape
	// of the test at hand
	k    *Case
	keys map[*ir.Relation]map[string]bool // of the rows so far, by sourced relation
	// blind are relations with a row whose key could not be read.
	blind map[*ir.Relation]bool
}

func (c *checker) test(t *Test) *Case {
	c.k = &Case{Test: t, Project: c.p}
	c.keys, c.blind = map[*ir.Relation]map[string]bool{}, map[*ir.Relation]bool{}
	for i, s := range t.Steps {
		at := &Instant{Step: s, Data: ir.Data{}, Rows: map[*ir.Relation][]*Row{}}
		c.k.Instants = append(c.k.Instants, at)
		c.asOf(at, i)
		if i > 0 {
			before := c.k.Instants[i-1]
			for rel, records := range before.Data {
				at.Data[rel], at.Rows[rel] = slices.Clone(records), slices.Clone(before.Rows[rel])
			}
		}
		for _, tab := range s.Tables {
			c.table(at, tab)
		}
		for _, x := range s.Expects {
			c.expect(at, x, i)
		}
		for _, x := range s.Traits {
			c.trait(at, x)
		}
	}
	c.owners()
	return c.k
}

func (c *checker) asOf(at *Instant, i int) {
	text := at.Step.AsOf
	t, err := c.p.Calendar.ParseInstant(text.Text)
	if err != nil {
		c.diags.Errorf(codeValue, text.At, "`%s` is no instant", text.Text).Help = "write a day, as in 2025-06-01, or a time, as in 2025-06-01T10:30"
		return
	}
	at.AsOf = t
	if i == 0 || c.k.Instants[i-1].AsOf < t {
		return
	}
	d := c.diags.Errorf(codeOrder, text.At, "this instant is not later than the one before")
	d.Labels = []diag.Label{{Span: c.k.Instants[i-1].Step.AsOf.At, Text: "the instant before"}}
	d.Help = "instants stand in the order of time; to ask for two instants of the same rows write two tests"
}

// unknown reports a name that nothing has.
func (c *checker) unknown(t Text, what string, names []string) {
	d := c.diags.Errorf(codeName, t.At, "there is no %s `%s`", what, t.Text)
	slices.Sort(names)
	c.offer(d, t, names)
	if len(names) == 0 {
		d.Help = "the project has none"
	}
}

// offer suggests a name, or lists what there is.
func (c *checker) offer(d *diag.Diagnostic, t Text, names []string) {
	if near := diag.Suggest(t.Text, names); near != "" {
		d.Help = "did you mean `" + near + "`?"
		d.Edits = []diag.Edit{{Span: t.At, Text: near}}
		return
	}
	if len(names) > 12 {
		names = append(slices.Clone(names[:12]), "…")
	}
	d.Help = "known are " + strings.Join(names, ", ")
}

func (c *checker) expect(at *Instant, x *Expect, step int) {
	seg := c.p.Segment(x.Segment.Text)
	if seg == nil {
		c.noSegment(x.Segment)
		return
	}
	w := &Want{Expect: x, Segment: seg, Size: -1}
	w.In, w.NotIn = c.keysOf(seg.Entity, x.In), c.keysOf(seg.Entity, x.NotIn)
	w.Entered, w.Left = c.keysOf(seg.Entity, x.Entered), c.keysOf(seg.Entity, x.Left)
	for _, both := range [][2][]Key{{w.In, w.NotIn}, {w.Entered, w.Left}, {w.In, w.Left}, {w.NotIn, w.Entered}} {
		c.apart(both[0], both[1])
	}
	for _, keys := range [][]Text{x.Entered, x.Left} {
		if step == 0 && len(keys) > 0 {
			c.diags.Errorf(codeExpect, keys[0].At, "nobody can have entered or left at the first instant of a test").Help =
				"say who is in the segment with `in` and `not in`, and what has become of them at a later instant, under `then`"
		}
	}
	if x.Size != nil {
		c.size(w, *x.Size)
	}
	at.Wants = append(at.Wants, w)
}

func (c *checker) noSegment(t Text) {
	var names, branches []string
	for _, s := range c.p.Segments {
		names = append(names, s.Name)
		if s.Split == t.Text {
			branches = append(branches, s.Name)
		}
	}
	if len(branches) == 0 {
		c.unknown(t, "segment", names)
		return
	}
	c.diags.Errorf(codeName, t.At, "`%s` divides rows in several segments", t.Text).Help = "write which one is meant: " + strings.Join(branches, ", ")
}

func (c *checker) size(w *Want, t Text) {
	n, err := strconv.ParseInt(strings.ReplaceAll(t.Text, "_", ""), 10, 64)
	switch least := len(w.In); {
	case err != nil || n < 0:
		c.diags.Errorf(codeValue, t.At, "`%s` is no number of rows", t.Text).Help = "write for example `size: 2`"
	case n < int64(least):
		c.diags.Errorf(codeExpect, t.At, "the size cannot be %d while %d rows must be in the segment", n, least).Help = "write the number of all rows in the segment"
	}
	w.Size = n
}

// keysOf reads keys of rows of an entity, which must be there.
func (c *checker) keysOf(entity *ir.Relation, texts []Text) []Key {
	var keys []Key
	seen := map[string]bool{}
	for _, t := range texts {
		k, ok := c.key(entity, t)
		if !ok {
			continue
		}
		if seen[value.Key(k.V)] {
			c.diags.Errorf(codeExpect, t.At, "%s stands in this list twice", t.Text).Help = "remove one of the two"
			continue
		}
		seen[value.Key(k.V)] = true
		keys = append(keys, k)
	}
	return keys
}

func (c *checker) key(entity *ir.Relation, t Text) (Key, bool) {
	v, problem := c.scalar(entity.Key, entity.Key.Type, t.Text)
	if problem.reason != "" {
		d := c.diags.Errorf(codeValue, t.At, "`%s` is no key of %s: %s", t.Text, entity.Name, problem.reason)
		d.Help = problem.help
		return Key{}, false
	}
	from := sourceOf(entity)
	if from == nil || c.blind[from] || c.keys[from][value.Key(v)] {
		return Key{v, t.At}, true
	}
	d := c.diags.Errorf(codeExpect, t.At, "the test has no row of %s whose %s is %s", from.Name, from.Key.Name, t.Text)
	if d.Help = "give one under `rows`"; len(c.keys[from]) > 0 {
		d.Help += ", or write one of the keys there are: " + someKeys(c.keys[from])
	}
	return Key{}, false
}

func someKeys(keys map[string]bool) string {
	var list []string
	for k := range keys {
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b string) int {
		if d := len(a) - len(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	if len(list) > 8 {
		list = append(list[:8], "…")
	}
	return strings.Join(list, ", ")
}

// sourceOf is the relation whose rows have the keys of an entity's rows; nil
// where keys are made of other rows.
func sourceOf(r *ir.Relation) *ir.Relation {
	for r.From != nil && len(r.GroupBy) == 0 {
		r = r.From
	}
	if r.Source == nil {
		return nil
	}
	return r
}

// apart reports keys of which two things are expected that exclude each other.
func (c *checker) apart(a, b []Key) {
	for _, x := range a {
		for _, y := range b {
			if value.Equal(x.V, y.V) {
				d := c.diags.Errorf(codeExpect, y.At, "what is expected of %s cannot both be", value.Key(y.V))
				d.Labels = []diag.Label{{Span: x.At, Text: "expected here too"}}
				d.Help = "remove one of the two"
			}
		}
	}
}

func (c *checker) trait(at *Instant, x *Trait) {
	def := c.p.Traits[x.Name.Text]
	if def == nil {
		var names []string
		for name := range c.p.Traits {
			names = append(names, name)
		}
		c.unknown(x.Name, "trait", names)
		return
	}
	for _, v := range x.Values {
		key, ok := c.key(def.Entity, v.Key)
		w := &ValueWant{Trait: def, Key: key, At: v.Key.At}
		if !v.Missing {
			w.At = v.Value.At
			got, problem := c.typed(&ir.ColumnDef{Name: x.Name.Text, Type: def.X.Type()}, def.X.Type(), v.Value)
			if problem.reason != "" {
				c.report(problem, v.Value.At, fmt.Sprintf("%s is %s", x.Name.Text, typeName(def.X.Type())))
				continue
			}
			w.Want = got
			if _, fraction, point := strings.Cut(v.Value.Text, "."); point {
				w.Digits = len(strings.TrimLeft(fraction, "_"))
			}
		}
		if ok {
			at.Values = append(at.Values, w)
		}
	}
}
