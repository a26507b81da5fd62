package duckdb

import (
	"context"
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
	t := QuoteIdent(plan.RowsOf(entity))
	key := QuoteIdent(sql.ColumnName(p, entity.Key))
	nums := &numbering{whole: entity.Key.Type.Kind == value.Int}
	doing := "number the rows of " + entity.Name
	var least, most int64
	span := "0, 0"
	if nums.whole {
		span = "coalesce(min(" + key + "), 0), coalesce(max(" + key + "), 0)"
	}
	if err := e.QueryRow(ctx, doing, "SELECT count(*), "+span+" FROM "+t, &nums.n, &least, &most); err != nil {
		return nil, err
	}
	read := "CAST(" + key + " AS VARCHAR)"
	switch width := uint64(most - least); {
	case !nums.whole:
		nums.texts, nums.names = make(map[string]int32, nums.n), make([]string, nums.n)
	case width < uint64(8*nums.n+1024):
		nums.first, nums.near, read = least, make([]int32, width+1), "CAST("+key+" AS BIGINT)"
		for i := range nums.near {
			nums.near[i] = -1
		}
	default:
		nums.slots, read = make([]slot, 1<<bits.Len(uint(2*nums.n))), "CAST("+key+" AS BIGINT)"
	}
	if nums.whole {
		nums.keys = make([]int64, nums.n)
	}
	err := e.Stream(ctx, doing, "SELECT rowid, "+read+" FROM "+t, func(c *Chunk) error {
		rows := Values[int64](c, 0)
		for i, row := range rows {
			if row >= int64(nums.n) {
				return fmt.Errorf("%s: row %d of %d", doing, row, nums.n)
			}
			if nums.whole {
				nums.put(Values[int64](c, 1)[i], int32(row))
			} else {
				name := Values[Text](c, 1)[i].String()
				nums.texts[name], nums.names[row] = int32(row), name
			}
		}
		return nil
	})
	nums.dense = len(nums.near) == nums.n && nums.n > 0 && !slices.Contains(nums.near, -1)
	return nums, err
}

func (n *numbering) put(key int64, number int32) {
	n.keys[number] = key
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
