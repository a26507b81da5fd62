package program

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/value"
)

// index finds rows by key.
type index struct {
	done  bool
	ints  map[int64]int32
	texts map[string]int32
	n     int
}

func (x *index) begin(rel *relation) {
	x.done, x.n = true, 0
	if rel.key == nil {
		return
	}
	if formOf(rel.key.typ) == asInt {
		if x.ints == nil {
			x.ints = map[int64]int32{}
		}
		clear(x.ints)
		return
	}
	if x.texts == nil {
		x.texts = map[string]int32{}
	}
	clear(x.texts)
}

// put adds a row; of several with one key the first stays.
func (x *index) put(rel *relation, key value.Value, r int32) {
	t := rel.key.typ
	if formOf(t) == asInt {
		i, _ := intOf(t, key)
		if _, ok := x.ints[i]; !ok {
			x.ints[i] = r
		}
		return
	}
	k := keyText(key)
	if _, ok := x.texts[k]; !ok {
		x.texts[k] = r
	}
}

func (x *index) find(rel *relation, key value.Value) int32 {
	t := rel.key.typ
	if formOf(t) == asInt {
		i, ok := scaledKey(t, key)
		if !ok {
			return -1
		}
		return x.findInt(i)
	}
	if r, ok := x.texts[keyText(key)]; ok {
		return r
	}
	return -1
}

func (x *index) findInt(i int64) int32 {
	if r, ok := x.ints[i]; ok {
		return r
	}
	return -1
}

// scaledKey reads a key of any kind of number as the type's integer.
func scaledKey(t value.Type, key value.Value) (int64, bool) {
	switch {
	case t.Kind == value.Int:
		return scaled(key, 0)
	case t.Kind == value.Decimal:
		return scaled(key, t.Scale)
	case key.Kind != t.Kind:
		return 0, false
	default:
		return key.I, true
	}
}

// keyText is equal for equal keys, whatever their kind of number.
func keyText(v value.Value) string {
	if v.Kind == value.Decimal {
		text := v.String()
		if strings.Contains(text, ".") {
			text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
		if text == "-0" {
			return "0"
		}
		return text
	}
	return value.Key(v)
}

// indexed is the index of a relation's rows that count. Two rows of a fact with
// one key are an error where others belong to it: each would to both.
func (f *Frame) indexed(rel *relation) *index {
	t := f.ensure(rel)
	x := &t.index
	if !x.done {
		x.begin(rel)
		for r := range int32(t.n) {
			if t.live.has(r) {
				k := rel.key.value(f, r)
				switch {
				case k.IsMissing():
				case !rel.Entity && x.find(rel, k) >= 0:
					f.fail(fmt.Errorf("%s has several rows with the key %s, to which others belong", rel.Name, keyText(k)))
					return x
				default:
					x.put(rel, k, r)
				}
			}
		}
	}
	return x
}

// few rows of an entity are compared one by one.
const few = 4

func (t *table) isFew(rel *relation) bool { return rel.Entity && t.n <= few }

// findBy finds the row whose key a value at another row is.
func (f *Frame) findBy(to *relation, by code, r int32) int32 {
	t := f.tables[to.id]
	if formOf(to.key.typ) == asInt && formOf(by.typ) == asInt && by.typ.Kind == to.key.typ.Kind && by.typ.Scale == to.key.typ.Scale {
		i, st := by.int(f, r)
		switch {
		case st == missing:
			return -1
		case st == known && t.isFew(to):
			for k := range int32(t.n) {
				if own, st := to.key.int(f, k); st == known && own == i && t.live.has(k) {
					return k
				}
			}
			return -1
		case st == known:
			return f.indexed(to).findInt(i)
		}
	}
	if to.key.text != nil && by.text != nil {
		s, ok := by.text(f, r)
		switch {
		case !ok:
			return -1
		case t.isFew(to):
			for k := range int32(t.n) {
				if own, ok := to.key.text(f, k); ok && own == s && t.live.has(k) {
					return k
				}
			}
			return -1
		}
		if k, ok := f.indexed(to).texts[s]; ok {
			return k
		}
		return -1
	}
	v := by.value(f, r)
	if v.IsMissing() {
		return -1
	}
	return f.indexed(to).find(to, v)
}

// find is the row of an entity with a key.
func (f *Frame) find(rel *relation, key value.Value) int32 {
	t := f.ensure(rel)
	if f.err != nil || key.IsMissing() {
		return -1
	}
	if !t.isFew(rel) {
		return f.indexed(rel).find(rel, key)
	}
	for r := range int32(t.n) {
		if t.live.has(r) && rel.sameKey(f, r, key) {
			return r
		}
	}
	return -1
}

func (rel *relation) sameKey(f *Frame, r int32, key value.Value) bool {
	switch formOf(rel.key.typ) {
	case asInt:
		i, ok := scaledKey(rel.key.typ, key)
		own, st := rel.key.int(f, r)
		return ok && st == known && own == i
	case asText:
		own, ok := rel.key.text(f, r)
		return ok && own == keyText(key)
	default:
		return keyText(rel.key.value(f, r)) == keyText(key)
	}
}

// oneByKey keeps of the rows with one key the first by Dedup; ties go by the
// values of all columns, in the order of the catalog.
func (f *Frame) oneByKey(rel *relation, t *table) {
	if t.n <= 1 || len(rel.Universe) > 0 {
		return
	}
	f.picked = f.picked[:0]
	for r := range int32(t.n) {
		if t.live.has(r) {
			f.picked = append(f.picked, r)
		}
	}
	rows := f.picked
	if rel.dedup != nil {
		rows = slices.Clone(rows)
		order := func(r int32) value.SortKey {
			k := make(value.SortKey, len(rel.dedup))
			for i := range rel.dedup {
				k[i] = rel.dedup[i].value(f, r)
			}
			return k
		}
		slices.SortStableFunc(rows, func(a, b int32) int { return order(a).Compare(order(b)) })
	}
	x := &t.index
	x.begin(rel)
	for _, r := range rows {
		k := rel.key.value(f, r)
		switch {
		case x.find(rel, k) < 0:
			x.put(rel, k, r)
		case rel.dedup == nil:
			f.fail(fmt.Errorf("%s has several rows with the key %s", rel.Name, keyText(k)))
			return
		default:
			t.live.remove(r)
		}
	}
}
