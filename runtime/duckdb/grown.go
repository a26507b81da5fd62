package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/kernel"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
)

// Marks tell of a table whether the rows it had are as they were, so that only
// those that were added since need be looked at.
type Marks struct {
	Rows  string // how rows of the fact are read, but for the instant
	End   int64  // all row numbers are below
	Parts []Mark // of as many row numbers as a row group has, one after the other
}

// Mark is of some rows: how many there are, and what they hash to with their
// numbers.
type Mark struct {
	Rows int64
	Sum  uint64
}

// rowGroup is how many row numbers a mark is of: as many as the engine keeps
// together.
const rowGroup = 122_880

// growing is a fact that is read, row by row, from one table: what a row is
// depends on nothing but the row, and whether it counts on its time besides.
type growing struct {
	*kernelRun
	way  []*plan.Table // rows of the table, of what is derived from these, and so on
	rows string
}

// growing looks whether a program's fact is so; nil where it is not.
func (k *kernelRun) growing() *growing {
	g := &growing{kernelRun: k}
	for rel := k.prog.Fact; rel != nil; rel = rel.From {
		i := slices.IndexFunc(k.plan.Tables, func(t *plan.Table) bool { return t.Kind == plan.Rows && t.Rel == rel })
		if i < 0 || k.plan.Tables[i].Owned || rel.Entity || len(rel.GroupBy) > 0 || rel.Dedup != nil || len(rel.Universe) > 0 || rel.Exists != nil || rel.KnownAt != nil {
			return nil
		}
		g.way = slices.Insert(g.way, 0, k.plan.Tables[i])
	}
	base := k.relations[g.way[0].Rel.Source]
	if base == nil || base.Source.Table == "" || k.database == "" {
		return nil
	}
	if slices.ContainsFunc(base.Columns, func(c Column) bool { return strings.EqualFold(c.Name, "rowid") }) {
		return nil // it stands for the number of the row
	}
	xs := []ir.Expr{k.prog.Key}
	for _, in := range k.prog.Inputs {
		xs = append(xs, in.X)
	}
	for _, t := range g.way {
		xs = append(xs, t.Where...)
		for _, c := range t.Rel.Columns {
			xs = append(xs, c.Def)
		}
		timeless := *t
		timeless.Where = slices.DeleteFunc(slices.Clone(t.Where), func(x ir.Expr) bool { return k.before(t.Rel, x) })
		g.rows += sql.One(k.plan, sql.DuckDB, k.printed(), &timeless) + "\n"
	}
	for _, x := range xs {
		if x == nil {
			continue
		}
		alone := true
		ir.Walk(x, func(e ir.Expr) bool {
			switch e.(type) {
			case *ir.Agg, *ir.Earlier, *ir.Follow, *ir.ListCount, *ir.Member, *ir.PopAgg, *ir.Rank, *ir.Seq, *ir.Slot:
				alone = false
			default: // goes by its parts
			}
			return alone
		})
		if !alone {
			return nil
		}
	}
	return g
}

// before reports whether a condition is that a row's time is before the
// instant.
func (k *kernelRun) before(rel *ir.Relation, x ir.Expr) bool {
	if rel.Time == nil {
		return false
	}
	before, err := ir.Lower(k.plan.Project.Calendar, k.plan.AsOf, &ir.Cmp{Op: "<", L: &ir.Column{Col: rel.Time}, R: &ir.AsOf{}})
	return err == nil && ir.Key(x) == ir.Key(before)
}

// marks looks at all rows. old are those of the earlier run, nil if there are
// none; grown reports whether the rows that it had are as they were. A table
// without row numbers has no marks.
func (g *growing) marks(ctx context.Context, old *Marks) (now *Marks, grown bool, err error) {
	end := int64(0)
	if old != nil {
		end = old.End
	}
	columns := []string{"rowid"}
	for _, c := range g.way[0].Rel.Columns {
		if c.Raw != "" {
			columns = append(columns, QuoteIdent(c.Raw))
		}
	}
	now = &Marks{Rows: g.rows}
	grown = old != nil && old.Rows == g.rows
	seen := 0
	query := fmt.Sprintf("SELECT CAST(rowid // %d AS BIGINT), CAST(rowid >= %d AS BIGINT), count(*), CAST(bit_xor(hash(%s)) AS UBIGINT), CAST(max(rowid) AS BIGINT) FROM %s GROUP BY 1, 2",
		rowGroup, end, strings.Join(columns, ", "), g.relations[g.way[0].Rel.Source].ScanSQL())
	err = g.Stream(ctx, "see what has changed of "+g.prog.Fact.Name, query, func(c *Chunk) error {
		parts, added, sums := Values[int64](c, 0), Values[int64](c, 1), Values[uint64](c, 3)
		for i, n := range Values[int64](c, 2) {
			part := int(parts[i])
			for len(now.Parts) <= part {
				now.Parts = append(now.Parts, Mark{})
			}
			now.Parts[part].Rows += n
			now.Parts[part].Sum ^= sums[i]
			now.End = max(now.End, Values[int64](c, 4)[i]+1)
			if added[i] == 0 {
				seen++
				grown = grown && part < len(old.Parts) && old.Parts[part] == Mark{n, sums[i]}
			}
		}
		return nil
	})
	if err != nil || !grown {
		return now, false, err
	}
	for _, p := range old.Parts {
		if p.Rows > 0 {
			seen--
		}
	}
	return now, seen == 0, nil
}

// only is the query of a program over some rows of the table.
func (g *growing) only(query, where string) string {
	p := g.printed()
	p.only, p.where = g.way[0].Rel.Source, where
	var with []string
	for _, t := range g.way {
		with = append(with, QuoteIdent(t.Name)+" AS (\n"+sql.One(g.plan, sql.DuckDB, p, t)+"\n)")
	}
	return "WITH " + strings.Join(with, ",\n") + "\n" + query
}

// atTimes are conditions on the time of a row that is read as column: one for
// each of the times, to be looked at one by one so that the engine can leave
// out what it keeps of other times. It is false for times of another form.
func atTimes(column string, t value.Type, times [][2]int64) (where []string, ok bool) {
	literal := func(n int64) string { return fmt.Sprintf("make_timestamp(%d)", n) }
	switch t.Kind {
	case value.Time, value.Wall:
	case value.Date:
		literal = func(n int64) string { return fmt.Sprintf("DATE '1970-01-01' + %d", n) }
	default:
		return nil, false
	}
	for _, r := range times {
		var both []string
		if r[0] > kernel.Earliest {
			both = append(both, column+" >= "+literal(r[0]))
		}
		if r[1] < kernel.Latest {
			both = append(both, column+" < "+literal(r[1]))
		}
		if len(both) == 0 {
			return nil, false
		}
		where = append(where, strings.Join(both, " AND "))
	}
	return where, true
}

// streamGrown gives a run the rows that were added, and those that the edge of a
// window has passed. It is false where that cannot be told.
func (g *growing) streamGrown(ctx context.Context, query string, r *kernel.Run, end int64) (ok bool, err error) {
	at := g.prog.Time()
	if at < 0 {
		return false, nil
	}
	where, ok := atTimes(fmt.Sprintf("c%d", at), g.prog.Inputs[at].X.Type(), g.prog.Times())
	if !ok {
		return false, nil
	}
	r.Come(true)
	if err := g.stream(ctx, g.wrap(g.only(query, fmt.Sprintf("rowid >= %d", end))), r); err != nil {
		return false, err
	}
	r.Come(false)
	for i, w := range where {
		where[i] = "SELECT * FROM v WHERE " + w
	}
	old := "WITH v(" + g.names() + ") AS (\n" + g.only(query, fmt.Sprintf("rowid < %d", end)) + "\n)\n" + strings.Join(where, "\nUNION ALL\n")
	return true, g.stream(ctx, g.wrap(old), r)
}
