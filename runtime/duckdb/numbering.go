package duckdb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
)

// numbering is the rows of an entity by their keys: each row's number is its
// rowid in the planned table, from 0.
type numbering struct {
	n     int
	whole bool             // keys are whole numbers of 64 bits, else texts
	keys  []int64          // of whole ones, by number
	first int64            // of near
	near  []int32          // by key − first, where keys lie close together; −1: none
	dense bool             // no number in near is without a key
	slots []slot           // else by hash
	texts map[string]int32 // of texts
	names []string         // texts, by number
}

type slot struct {
	key    int64
	number int32 // less 1 than the number, so that 0 is free
}

// number numbers the rows of an entity, which stand in their planned table.
func (e *Engine) number(ctx context.Context, p *plan.Plan, entity *ir.Relation) (*numbering, error) {
	return e.numberIf(ctx, p, entity, "number the rows of "+entity.Name, false)
}

// numberIf numbers them only if they stand in the order of their keys, when that
// is asked for: else it is nil.
func (e *Engine) numberIf(ctx context.Context, p *plan.Plan, entity *ir.Relation, doing string, ordered bool) (*numbering, error) {
	key := QuoteIdent(sql.ColumnName(p, entity.Key))
	from := " FROM " + QuoteIdent(plan.RowsOf(entity))
	if entity.Key.Type.Kind != value.Int {
		names, err := keysOf[string](ctx, e.Session, doing, "SELECT rowid, CAST("+key+" AS VARCHAR)"+from, ordered)
		if names == nil || err != nil {
			return nil, err
		}
		return numberTexts(names), nil
	}
	keys, err := keysOf[int64](ctx, e.Session, doing, "SELECT rowid, CAST("+key+" AS BIGINT)"+from, ordered)
	if keys == nil || err != nil {
		return nil, err
	}
	return numberWhole(keys), nil
}

func numberTexts(names []string) *numbering {
	n := &numbering{n: len(names), names: names, texts: make(map[string]int32, len(names))}
	for i, name := range names {
		n.texts[name] = int32(i)
	}
	return n
}

func numberWhole(keys []int64) *numbering {
	n := &numbering{n: len(keys), whole: true, keys: keys}
	if n.n == 0 {
		keys = []int64{0}
	}
	n.first = slices.Min(keys)
	if width := uint64(slices.Max(keys) - n.first); width < uint64(8*n.n+1024) {
		n.near = make([]int32, width+1)
		for i := range n.near {
			n.near[i] = -1
		}
	} else {
		n.slots = make([]slot, 1<<bits.Len(uint(2*n.n)))
	}
	for i, key := range n.keys {
		n.put(key, int32(i))
	}
	n.dense = len(n.near) == n.n && n.n > 0 && !slices.Contains(n.near, -1)
	return n
}

// keysOf reads keys with the numbers of their rows, and gives them by number. If
// they are to be in order and are not, they are nil.
func keysOf[K int64 | string](ctx context.Context, s *Session, doing, query string, ordered bool) ([]K, error) {
	type part struct {
		row  int64
		keys []K
	}
	var parts []part
	n := 0
	errDisorder := errors.New("the rows are not in the order of their keys")
	err := s.Stream(ctx, doing, query, func(c *Chunk) error {
		rows, keys := Values[int64](c, 0), make([]K, c.Rows)
		for i, from := 0, 0; i < c.Rows; i++ {
			if keys[i] = keyOf[K](c, i); i > 0 && ordered && keys[i] <= keys[i-1] {
				return errDisorder
			}
			if i+1 == c.Rows || rows[i+1] != rows[i]+1 {
				parts = append(parts, part{rows[from], keys[from : i+1]})
				from = i + 1
			}
		}
		n += c.Rows
		return nil
	})
	if errors.Is(err, errDisorder) {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.row, b.row) })
	out := make([]K, 0, n)
	for _, p := range parts {
		switch {
		case ordered && (p.row != int64(len(out)) || len(out) > 0 && p.keys[0] <= out[len(out)-1]):
			return nil, nil
		case p.row != int64(len(out)):
			return nil, fmt.Errorf("%s: row %d of %d", doing, p.row, n)
		}
		out = append(out, p.keys...)
	}
	return out, nil
}

func keyOf[K int64 | string](c *Chunk, i int) (key K) {
	switch k := any(&key).(type) {
	case *int64:
		*k = Values[int64](c, 1)[i]
	case *string:
		*k = Values[Text](c, 1)[i].String()
	}
	return key
}

func (n *numbering) put(key int64, number int32) {
	if n.near != nil {
		n.near[key-n.first] = number
		return
	}
	i := n.place(key)
	n.slots[i] = slot{key, number + 1}
}

// ordered reports whether numbers are in the order of keys.
func (n *numbering) ordered() bool {
	if n.whole {
		return slices.IsSorted(n.keys)
	}
	return slices.IsSorted(n.names)
}

// distinct reports whether no two rows have one key, where that is seen from
// their order; else it is false.
func (n *numbering) distinct() bool {
	if n.whole {
		return ascending(n.keys)
	}
	return ascending(n.names)
}

func ascending[K int64 | string](keys []K) bool {
	for i := 1; i < len(keys); i++ {
		if keys[i] <= keys[i-1] {
			return false
		}
	}
	return true
}

// place is where a key stands, or would.
func (n *numbering) place(key int64) uint64 {
	mask := uint64(len(n.slots) - 1)
	i := uint64(key) * 0x9e3779b97f4a7c15 >> 20 & mask
	for n.slots[i].number != 0 && n.slots[i].key != key {
		i = (i + 1) & mask
	}
	return i
}

// of gives the number of each key of a column, −1 where there is none.
func (n *numbering) of(c *Chunk, col int, out []int32) {
	known := c.Known(col)
	if !n.whole {
		for i, t := range Values[Text](c, col) {
			out[i] = -1
			if IsKnown(known, i) {
				if row, ok := n.texts[string(t.Bytes())]; ok {
					out[i] = row
				}
			}
		}
		return
	}
	for i, key := range Values[int64](c, col) {
		out[i] = -1
		switch at := uint64(key - n.first); {
		case !IsKnown(known, i):
		case n.near != nil:
			if at < uint64(len(n.near)) {
				out[i] = n.near[at]
			}
		default:
			out[i] = n.slots[n.place(key)].number - 1
		}
	}
}
