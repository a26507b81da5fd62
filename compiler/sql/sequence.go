package sql

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// A sequence is printed as nested EXISTS, one for each step that must find a
// row, with NOT EXISTS for those that must not.

// standing is a row of the sequence: its alias in the scope it stands in.
type standing struct {
	scope *scope
	alias string
	rel   *ir.Relation
	back  []*ir.Lookup // to the anchor
}

// seqPrinter prints one sequence.
type seqPrinter struct {
	*printer
	key  string // the anchor's key, as the first row knows it
	rows []standing
}

// missingStep is a step that must find no row, counted from a row.
type missingStep struct {
	step *ir.Step
	from standing
	at   int // how many rows stood when it was met
}

func (s *scope) sequence(alias string, x *ir.Seq) string {
	first := standing{s, alias, x.Back[0].From, x.Back}
	q := &seqPrinter{printer: s.printer, key: s.expr(alias, backKey(x.Back)), rows: []standing{first}}
	return q.steps(x.Steps, first, nil)
}

// backKey is the anchor's key as a row of the fact knows it.
func backKey(back []*ir.Lookup) ir.Expr {
	x := back[len(back)-1].By
	for i := len(back) - 2; i >= 0; i-- {
		x = &ir.Follow{By: back[i], X: x}
	}
	return x
}

func (q *seqPrinter) steps(steps []*ir.Step, before standing, pending []missingStep) string {
	if len(steps) == 0 {
		var conds []string
		for _, p := range pending {
			conds = append(conds, q.absent(p, ""))
		}
		return strings.Join(conds, " AND ")
	}
	st := steps[0]
	if !st.Not {
		return q.exists(steps, before, pending)
	}
	q.rows = append(q.rows, standing{})
	var conds []string
	if st.Due != nil {
		conds = append(conds, before.scope.expr(before.alias, st.Due))
	}
	p := missingStep{st, before, len(q.rows) - 1}
	if st.Within != nil {
		conds = append(conds, q.absent(p, ""))
	} else {
		pending = append(pending[:len(pending):len(pending)], p)
	}
	if rest := q.steps(steps[1:], before, pending); rest != "" {
		conds = append(conds, rest)
	}
	q.rows = q.rows[:len(q.rows)-1]
	return strings.Join(conds, " AND ")
}

// exists is a step that must find a row.
func (q *seqPrinter) exists(steps []*ir.Step, before standing, pending []missingStep) string {
	st := steps[0]
	row := q.stand(st.Leaf, st.Back)
	conds := q.fits(st, before, row)
	for _, p := range pending {
		conds = append(conds, q.absent(p, q.time(row)))
	}
	q.rows = append(q.rows, row)
	if rest := q.steps(steps[1:], row, nil); rest != "" {
		conds = append(conds, rest)
	}
	q.rows = q.rows[:len(q.rows)-1]
	return "EXISTS (" + q.query(row, conds) + ")"
}

// absent is a step that must find no row, before the time until when given.
func (q *seqPrinter) absent(p missingStep, until string) string {
	saved := q.rows
	q.rows = q.rows[:p.at:p.at]
	row := q.stand(p.step.Leaf, p.step.Back)
	conds := q.fits(p.step, p.from, row)
	if until != "" {
		op := " < "
		if p.step.Preceded {
			op = " > "
		}
		conds = append(conds, q.time(row)+op+until)
	}
	q.rows = saved
	return "NOT EXISTS (" + q.query(row, conds) + ")"
}

// stand opens a scope for one more row of a fact.
func (q *seqPrinter) stand(leaf *ir.Relation, back []*ir.Lookup) standing {
	q.depth++
	inner := q.printer.scope()
	inner.prefix = fmt.Sprintf("s%d_", q.depth)
	return standing{inner, fmt.Sprintf("s%d", q.depth), leaf, back}
}

func (q *seqPrinter) time(row standing) string {
	return row.scope.col(row.alias, q.name(row.rel.Time))
}

// query selects the rows of a step; its joins are known once its conditions
// are printed.
func (q *seqPrinter) query(row standing, conds []string) string {
	return q.selected("1", row, conds)
}

func (q *seqPrinter) selected(what string, row standing, conds []string) string {
	from := strings.ReplaceAll(row.scope.from(q.d.Ident(rowsName(row.rel))+" AS "+row.alias), "\n", " ")
	return "SELECT " + what + " " + from + " WHERE " + strings.Join(conds, " AND ")
}

// fits are the conditions under which a row can be the row of a step.
func (q *seqPrinter) fits(st *ir.Step, before, row standing) []string {
	s := row.scope
	later, most := " > ", " <= "
	if st.Preceded {
		later, most = " < ", " >= "
	}
	conds := []string{s.expr(row.alias, backKey(st.Back)) + " = " + q.key, q.order(row, before, later)}
	if st.After != nil {
		conds = append(conds, q.bound(row, st.After, before, later))
	}
	if st.Within != nil {
		conds = append(conds, q.bound(row, st.Within, before, most))
	}
	if st.Directly {
		conds = append(conds, q.veryNext(st, before, row)...)
	}
	if st.Where != nil {
		s.rows = append(q.rows[:len(q.rows):len(q.rows)], row)
		conds = append(conds, s.expr(row.alias, st.Where))
	}
	return conds
}

// order compares the times of two rows in the finer of their kinds.
func (q *seqPrinter) order(row, before standing, op string) string {
	a, b := q.time(row), q.time(before)
	at, bt := row.rel.Time.Type, before.rel.Time.Type
	to := finer(at, bt)
	return row.scope.convert(a, at, to) + op + row.scope.convert(b, bt, to)
}

func (q *seqPrinter) bound(row standing, x ir.Expr, before standing, op string) string {
	at := row.rel.Time.Type
	to := finer(at, x.Type())
	return row.scope.convert(q.time(row), at, to) + op + row.scope.convert(before.scope.expr(before.alias, x), x.Type(), to)
}

// finer is the kind in which two times can be compared.
func finer(a, b value.Type) value.Type {
	switch {
	case a.Kind == b.Kind:
		return a
	case a.Kind == value.Time || b.Kind == value.Time:
		return value.Of(value.Time)
	default:
		return value.Of(value.Wall)
	}
}

// veryNext: the row stands at the next time at which the fact has a row; of
// rows at one time the first by key is the next. The next times are worked out
// once for the whole fact, by a window over the times of both: looking for a
// row between the two, row by row, grows with the square of a customer's rows.
func (q *seqPrinter) veryNext(st *ir.Step, before, row standing) []string {
	if q.d.NextRow == NextByIndex {
		return append([]string{q.atNextTime(st, before, row)}, q.firstOfTime(st, row)...)
	}
	to := finer(before.rel.Time.Type, st.Leaf.Time.Type)
	at := before.scope.convert(q.time(before), before.rel.Time.Type, to)
	// Joined by the row's own key: a join may not look at rows further out.
	key := before.scope.expr(before.alias, backKey(before.back))
	next := before.scope.joinOn(q.nextTimes(st, before, to), func(alias string) string {
		return alias + ".k = " + key + " AND " + alias + ".t = " + at
	})
	conds := []string{row.scope.convert(q.time(row), st.Leaf.Time.Type, to) + " = " + next + ".n"}
	return append(conds, q.firstOfTime(st, row)...)
}

// firstOfTime: of the rows at its time the row is the first by key.
func (q *seqPrinter) firstOfTime(st *ir.Step, row standing) []string {
	if st.Leaf.Key == nil {
		return nil
	}
	other := q.stand(st.Leaf, st.Back)
	return []string{"NOT EXISTS (" + q.query(other, []string{
		other.scope.expr(other.alias, backKey(st.Back)) + " = " + q.key,
		q.time(other) + " = " + q.time(row),
		q.keyBefore(other, row, st.Leaf.Keys())}) + ")"}
}

// keyBefore compares two rows of a fact by the columns of its key in turn.
func (q *seqPrinter) keyBefore(a, b standing, keys []*ir.ColumnDef) string {
	x, y := a.scope.col(a.alias, q.name(keys[0])), b.scope.col(b.alias, q.name(keys[0]))
	if len(keys) == 1 {
		return x + " < " + y
	}
	return "(" + x + " < " + y + " OR " + x + " = " + y + " AND " + q.keyBefore(a, b, keys[1:]) + ")"
}

// atNextTime looks the next time up for each row, which an index over owner
// and time makes cheap.
func (q *seqPrinter) atNextTime(st *ir.Step, before, row standing) string {
	pick, later := "min", " > "
	if st.Preceded {
		pick, later = "max", " < "
	}
	next := q.stand(st.Leaf, st.Back)
	conds := []string{next.scope.expr(next.alias, backKey(st.Back)) + " = " + q.key, q.order(next, before, later)}
	return q.time(row) + " = (" + q.selected(pick+"("+q.time(next)+")", next, conds) + ")"
}

// nextTimes gives, for every anchor k and time t of the fact before, the time
// n of the next row of the step's fact.
func (q *seqPrinter) nextTimes(st *ir.Step, before standing, to value.Type) string {
	times := func(rel *ir.Relation, back []*ir.Lookup, from, next string) string {
		s := q.printer.scope()
		k, t := s.expr("r", backKey(back)), s.convert(s.col("r", q.name(rel.Time)), rel.Time.Type, to)
		return "SELECT " + k + " AS k, " + t + " AS t, " + from + " AS b, " + next + " AS l " + strings.ReplaceAll(s.from(q.d.Ident(rowsName(rel))+" AS r"), "\n", " ")
	}
	pick, direction := "min", ""
	if st.Preceded {
		pick, direction = "max", " DESC"
	}
	both := times(before.rel, before.back, "1", "0") + " UNION ALL " + times(st.Leaf, st.Back, "0", "1")
	return "(SELECT k, t, n FROM (SELECT k, t, b, " + pick + "(CASE WHEN l = 1 THEN t END) OVER (PARTITION BY k ORDER BY t" + direction +
		" ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS n FROM (SELECT k, t, max(b) AS b, max(l) AS l FROM (" + both +
		") AS both_facts GROUP BY k, t) AS times) AS nexts WHERE b = 1)"
}
