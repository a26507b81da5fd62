package prove

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"unicode/utf8"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/value"
)

// Witness is one customer, with the rows around it, of whom something holds.
type Witness struct {
	AsOf   int64        // the instant, in microseconds since 1970
	Entity *ir.Relation // of the customer
	Key    value.Value  // of the customer
	Data   ir.Data      // the rows, by relation of the project given to New

	keys map[*ir.ColumnDef]int64 // how far those of each column are used
}

// finish gives the rows their keys and lets them point at each other.
func (s *scene) finish() bool {
	s.separate()
	for _, d := range s.reachable() {
		s.giveKeys(d)
	}
	for _, d := range s.reachable() {
		for name, to := range d.links {
			if !s.point(d, name, to) {
				return false
			}
		}
	}
	return true
}

// separate makes rows of their own of those that stand for several.
func (s *scene) separate() {
	seen := map[*draft]bool{}
	for i, d := range s.chosen {
		if seen[d] {
			c := *d
			c.met, c.vals, c.makes = nil, nil, nil
			c.cells, c.links = maps.Clone(d.cells), maps.Clone(d.links)
			s.chosen[i] = &c
		}
		seen[d] = true
	}
}

// reachable are all rows, those that others lead to included.
func (s *scene) reachable() []*draft {
	var out []*draft
	seen := map[*draft]bool{}
	var visit func(d *draft)
	visit = func(d *draft) {
		if seen[d] {
			return
		}
		seen[d] = true
		out = append(out, d)
		for _, name := range sortedKeys(d.links) {
			visit(d.links[name])
		}
	}
	for _, d := range s.drafts() {
		visit(d)
	}
	return out
}

func (s *scene) giveKeys(d *draft) {
	keys := []*ir.ColumnDef{}
	if d.rel.Key != nil {
		keys = append(append(keys, d.rel.Key), d.rel.KeyRest...)
	}
	for _, c := range d.rel.Columns {
		if d.groupKeys[c] || d.apart[c] && !d.cells[c].IsMissing() {
			keys = append(keys, c)
		}
	}
	for _, k := range keys {
		v, set := d.cells[k]
		switch {
		case k.Def != nil:
			continue
		case set && !v.IsMissing() && !(d.apart[k] && s.takenBefore(d, k, v)):
			s.use(k, v)
			continue
		case set && v.Kind == value.Text: // another group of the same kind
			for n := 2; n < 1000; n++ {
				if next := value.NewText(fmt.Sprintf("%s%d", v.S, n)); !s.taken(d, k, next) {
					d.cells[k] = next
					break
				}
			}
			continue
		}
		for n := 0; n < 1000; n++ {
			s.used[k]++
			v, ok := keyValue(k, s.used[k])
			if !ok {
				break
			}
			if !s.taken(d, k, v) {
				d.cells[k] = v
				break
			}
		}
	}
}

// use counts a key that was chosen, if it is one of those that come next.
func (s *scene) use(k *ir.ColumnDef, v value.Value) {
	for n := range int64(manyKeys) {
		if next, ok := keyValue(k, s.used[k]+1+n); ok && value.Equal(next, v) {
			s.used[k] += 1 + n
			return
		}
	}
}

// takenBefore looks at the rows that have their keys by then.
func (s *scene) takenBefore(d *draft, k *ir.ColumnDef, v value.Value) bool {
	for _, o := range s.reachable() {
		if o == d {
			return false
		}
		if o.rel == d.rel && value.Equal(o.cells[k], v) {
			return true
		}
	}
	return false
}

func (s *scene) taken(d *draft, k *ir.ColumnDef, v value.Value) bool {
	for _, o := range s.reachable() {
		if o != d && o.rel == d.rel && value.Equal(o.cells[k], v) {
			return true
		}
	}
	return false
}

// keyValue is the n-th key of a column.
func keyValue(c *ir.ColumnDef, n int64) (value.Value, bool) {
	var v value.Value
	switch c.Type.Kind {
	case value.Int:
		v = value.NewInt(n)
		if c.Min != nil && value.Compare(v, *c.Min) < 0 {
			v = value.NewInt(c.Min.I + n)
		}
	case value.Decimal:
		v = value.NewDecimal(new(big.Int).Mul(big.NewInt(n), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(c.Type.Scale)), nil)), c.Type.Scale)
	case value.Text:
		first, _ := utf8.DecodeRuneInString(c.Name)
		v = value.NewText(fmt.Sprintf("%c%d", first, n))
		if len(c.Type.Values) > 0 {
			if n > int64(len(c.Type.Values)) {
				return v, false
			}
			v = value.NewText(c.Type.Values[n-1])
		}
	case value.Date:
		v = value.NewDate(10_000 + n)
	default:
		return v, false
	}
	return v, true
}

// point lets a row lead to another by way of a lookup whose key is a column.
func (s *scene) point(d *draft, name string, to *draft) bool {
	l, c := s.pointer(d, name)
	if c == nil {
		return true // it may lead there as it is; ir.Eval says
	}
	v, ok := value.Fit(to.cells[origin(l.To.Key)], c.Type)
	d.cells[c] = v
	return ok
}

// pointer is the lookup of a name, and the cell that holds the key of the row
// it leads to; nil when the key is computed.
func (s *scene) pointer(d *draft, name string) (*ir.Lookup, *ir.ColumnDef) {
	for _, rel := range s.project.Relations {
		l := rel.Lookup(name)
		if source(rel) != d.rel || l == nil {
			continue
		}
		by := s.form(l.By)
		if c, ok := by.(*ir.Convert); ok {
			by = c.X
		}
		if c, ok := by.(*ir.Column); ok && c.Col.Def == nil {
			return l, origin(c.Col)
		}
	}
	return nil, nil
}

// data are the rows of all drafts that are read from a source.
func (s *scene) data() ir.Data {
	out := ir.Data{}
	for _, d := range s.reachable() {
		if len(d.rel.Universe) > 0 {
			continue
		}
		r := ir.Record{}
		for c, v := range d.cells {
			if !v.IsMissing() {
				r[c] = v
			}
		}
		out[d.rel] = append(out[d.rel], r)
	}
	return out
}

// checked is the witness when ir.Eval finds of its customer what the question
// says there is not, nil otherwise. The rows are first written as those of a
// test and read back, so that they are rows that a source can hold.
func (p *Prover) checked(s *scene, q question) *Witness {
	w := &Witness{AsOf: *s.asOf, Entity: q.entity, Key: s.root.cells[origin(q.entity.Key)], Data: s.data(), keys: s.used}
	cases, diags := testform.Check(p.project, []*testform.Test{w.Test(p.project, "witness", nil)})
	if diags.HasErrors() || len(cases) != 1 {
		return nil
	}
	w.Data = cases[0].Instants[0].Data
	if !p.holds(w, q) {
		return nil
	}
	p.fewest(w, q)
	return w
}

// holds reports whether ir.Eval finds all parts of a question as they say.
func (p *Prover) holds(w *Witness, q question) bool {
	xs := []ir.Expr{&ir.Column{Col: q.entity.Key}}
	for _, part := range q.of {
		xs = append(xs, part.expr())
	}
	got, err := ir.Start(p.project, w.AsOf, ir.Input{Data: w.Data}).Values(q.entity, xs)
	if err != nil {
		return false
	}
	for _, row := range got {
		if !value.Equal(row[0], w.Key) {
			continue
		}
		for i, part := range q.of {
			if row[i+1].True() != part.holds {
				return false
			}
		}
		return true
	}
	return false
}

// expr is the condition of a part.
func (p part) expr() ir.Expr {
	if p.segment != nil {
		return &ir.Member{Seg: p.segment}
	}
	return p.x
}

func sortedKeys(m map[string]*draft) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
