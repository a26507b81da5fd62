package prove

import (
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// listChoices are lists of the elements that the conditions ask for, each at
// most three times.
func (s *scene) listChoices(t value.Type, wants []want, add func(value.Value)) {
	var conds []diagram
	for _, w := range wants {
		if w.rows != nil && !slices.Contains(conds, w.cond) {
			conds = append(conds, w.cond)
		}
	}
	var items []value.Value
	for _, c := range s.kinds(conds, nil) {
		if v, ok := s.itemFor(*t.Elem, c); ok && !slices.ContainsFunc(items, func(o value.Value) bool { return value.Equal(o, v) }) {
			items = append(items, v)
		}
	}
	if plain, ok := s.itemFor(*t.Elem, always); ok {
		items = append(items, plain)
	}
	items = items[:min(len(items), 7)]
	for times := 1; times <= 3; times++ {
		for pick := range 1 << len(items) {
			var list []value.Value
			for i, v := range items {
				if pick>>i&1 == 1 {
					list = append(list, slices.Repeat([]value.Value{v}, times)...)
				}
			}
			add(value.NewList(list...))
		}
	}
}

// itemFor is an element of which a condition holds.
func (s *scene) itemFor(t value.Type, cond diagram) (value.Value, bool) {
	_, m := s.solve(cond)
	if cond == never || m == nil && cond != always {
		return value.Value{}, false
	}
	d := &draft{item: map[string]value.Value{}, cells: map[*ir.ColumnDef]value.Value{}, links: map[string]*draft{}}
	if !s.assign(s.wanted(d, m, false)) {
		return value.Value{}, false
	}
	if t.Kind != value.Record {
		v := d.item["item"]
		if v.IsMissing() && t.Kind == value.Text {
			v = value.NewText("a")
		}
		return v, !v.IsMissing()
	}
	fields := make([]value.Value, len(t.Fields))
	for i, f := range t.Fields {
		fields[i] = d.item[f.Name]
	}
	return value.NewRecord(fields...), true
}

// kinds are conditions on rows that together tell apart what matters of them:
// each of conds by itself and with as many of the others as it can be, and
// none of absent.
func (s *scene) kinds(conds, absent []diagram) []diagram {
	var out []diagram
	add := func(c diagram) {
		if c != never && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	clear := always
	for _, z := range absent {
		clear = s.and(clear, s.not(z))
	}
	narrowed := func(c, by diagram) diagram {
		if n := s.and(c, by); s.whole(n) != never {
			return n
		}
		return c
	}
	for _, c := range conds {
		alone := s.and(c, clear)
		if s.whole(alone) == never {
			continue
		}
		with := alone
		for _, o := range conds {
			if o != c {
				alone, with = narrowed(alone, s.not(o)), narrowed(with, o)
			}
		}
		add(alone)
		add(with)
	}
	return out
}
