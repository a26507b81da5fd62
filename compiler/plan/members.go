package plan

import (
	"fmt"

	"github.com/segql/segql/compiler/ir"
)

// mostReads is how many features and related rows one Members table reads
// where data is small.
const mostReads = 20

// memberTable is a Members table, and what it reads beside the row itself.
type memberTable struct {
	*Table
	reads map[any]bool
}

// membersTable is the table that a condition becomes a column of: the one that
// reads most of the same already, or a new one where all are full.
func (b *builder) membersTable(entity *ir.Relation, level int, x ir.Expr) *Table {
	key := fmt.Sprintf("%s_segments_%d", entity.Name, level)
	reads := b.reads(x)
	var best *memberTable
	least := 0
	for _, t := range b.members[key] {
		more := 0
		for r := range reads {
			if !t.reads[r] {
				more++
			}
		}
		if best == nil || more < least {
			if !b.options.Small || more == 0 || len(t.reads)+more <= mostReads {
				best, least = t, more
			}
		}
	}
	if best == nil {
		best = &memberTable{&Table{Name: b.unique("", key), Kind: Members, Level: level, Rel: entity}, map[any]bool{}}
		b.members[key] = append(b.members[key], best)
		b.rest = append(b.rest, best.Table)
	}
	for r := range reads {
		best.reads[r] = true
	}
	return best.Table
}

// reads are the features, tables and related rows that must be joined for x.
func (b *builder) reads(x ir.Expr) map[any]bool {
	found := map[any]bool{}
	ir.Walk(x, func(x ir.Expr) bool {
		switch x := x.(type) {
		case *ir.Follow:
			found[x.By] = true
		case *ir.Slot:
			if x.Table == "" { // a feature, which has no pass yet
				found[x] = true
			} else {
				found[x.Table] = true
			}
		default: // only its parts read other tables
		}
		return true
	})
	return found
}
