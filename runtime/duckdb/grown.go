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
	Rows   string     // how rows of the fact are read, but for the instant
	End    int64      // all row numbers are below
	N      int64      // of rows
	Sum    uint64     // what they hash to, with their numbers; where there are Groups, the numbers alone
	Groups []rowGroup // nil: what is read of the table is not told by its blocks
	Last   uint64     // what the rows of the last group hash to
}

// last is the number that the last group begins with.
func (m *Marks) last() (from int64) {
	for _, g := range m.Groups[:max(len(m.Groups)-1, 0)] {
		from += g.Rows
	}
	return from
}

// growing is a fact that is read, row by row, from one table: what a row is
// depends on nothing but the row, and whether it counts on its time besides.
type growing struct {
	*kernelRun
	way  []*plan.Table // rows of the table, of what is derived from these, and so on
	rows string
	read []string // columns of the table that they are made of
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
	if slices.ContainsFunc(base.Columns, func(c Column) bool { return isRowID(c.Name) }) {
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
	if slices.ContainsFunc(xs, func(x ir.Expr) bool { return x != nil && !ofARow(x) }) {
		return nil
	}
	for _, c := range sql.RawColumns(k.plan, sql.DuckDB, k.printed(), g.way[0]) { // whatever is derived from them
		g.read = append(g.read, c.Raw)
	}
	slices.Sort(g.read)
	g.read = slices.Compact(g.read)
	g.rows += strings.Join(g.read, ", ")
	return g
}

// isRowID reports whether a column's name stands for the number of a row
// elsewhere.
func isRowID(name string) bool { return strings.EqualFold(name, "rowid") }

// ofARow reports whether an expression looks at a row alone.
func ofARow(x ir.Expr) bool {
	alone := true
	ir.Walk(x, func(e ir.Expr) bool {
		switch e.(type) {
		case *ir.Agg, *ir.Earlier, *ir.Follow, *ir.History, *ir.ListCount, *ir.Member, *ir.PopAgg, *ir.Rank, *ir.Seq, *ir.Slot:
			alone = false
		default: // goes by its parts
		}
		return alone
	})
	return alone
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

// marks looks at the table. old are those of the earlier run, nil if there are
// none; grown reports whether the rows that it had are as they were. A table
// without row numbers has no marks.
func (g *growing) marks(ctx context.Context, old *Marks) (now *Marks, grown bool, err error) {
	was := Marks{}
	if old != nil {
		was = *old
	}
	now = &Marks{Rows: g.rows}
	if now.Groups, err = g.ahead.groupsFor(ctx, g.prog); err != nil {
		return nil, false, err
	}
	columns := g.read
	if now.Groups != nil {
		columns = nil
	}
	before, err := g.hashed(ctx, 0, was.End, columns)
	if err != nil {
		return nil, false, err
	}
	since, err := g.hashed(ctx, was.End, kernel.Latest, columns)
	if err != nil {
		return nil, false, err
	}
	now.N, now.Sum, now.End = before.n+since.n, before.sum^since.sum, max(before.end, since.end)
	if now.Groups != nil {
		last, err := g.hashed(ctx, now.last(), kernel.Latest, g.read)
		if err != nil {
			return nil, false, err
		}
		now.Last = last.sum
	}
	if old == nil || was.Rows != g.rows || was.N != before.n || was.Sum != before.sum {
		return now, false, nil
	}
	grown, err = g.sameGroups(ctx, old, now)
	return now, grown, err
}

// table is the one that has the rows.
func (g *growing) table() *Relation { return g.relations[g.way[0].Rel.Source] }

// sameGroups reports whether the row groups that there were are as they were.
// The last is often made anew, with rows that were added.
func (g *growing) sameGroups(ctx context.Context, old, now *Marks) (bool, error) {
	n := len(old.Groups)
	if n == 0 || len(now.Groups) < n || !slices.Equal(old.Groups[:n-1], now.Groups[:n-1]) {
		return n == 0 && now.Groups == nil, nil
	}
	if old.Groups[n-1] == now.Groups[n-1] {
		return true, nil
	}
	last, err := g.hashed(ctx, old.last(), old.End, g.read)
	return last.sum == old.Last, err
}

// hashed is what some rows are.
type hashed struct {
	n   int64  // of them
	end int64  // all numbers are below
	sum uint64 // what they and their numbers hash to
}

// hashed looks at some columns of the rows from a number on, below another.
func (g *growing) hashed(ctx context.Context, from, to int64, columns []string) (h hashed, err error) {
	if from >= to {
		return h, nil
	}
	of := "rowid"
	for _, c := range columns {
		of += ", " + QuoteIdent(c)
	}
	query := "SELECT count(*), coalesce(max(rowid) + 1, 0), CAST(coalesce(bit_xor(hash(" + of + ")), 0) AS UBIGINT)\nFROM " +
		g.table().ScanSQL() + fmt.Sprintf(" WHERE rowid >= %d AND rowid < %d", from, to)
	err = g.QueryRow(ctx, "see what has changed of "+g.prog.Fact.Name, query, &h.n, &h.end, &h.sum)
	return h, err
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
	old := "WITH v(" + g.names() + ") AS NOT MATERIALIZED (\n" + g.only(query, fmt.Sprintf("rowid < %d", end)) + "\n)\n" + strings.Join(where, "\nUNION ALL\n")
	return true, g.stream(ctx, g.wrap(old), r)
}
