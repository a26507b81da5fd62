package sql

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// aggregate is one aggregate call: what is aggregated, over which rows, in
// which order.
type aggregate struct {
	op       ir.AggOp
	distinct bool
	value    string // "" counts rows
	typ      value.Type
	filter   string // condition, or ""
	order    []string
	percent  *value.Value
	constant bool // the value is a literal
}

// of gives an aggregate its value.
func (a aggregate) of(s *scope, alias string, x ir.Expr) aggregate {
	a.value, a.typ = s.expr(alias, x), x.Type()
	_, a.constant = x.(*ir.Const)
	return a
}

// agg prints an aggregate call.
func (s *scope) agg(a aggregate) string {
	filter := ""
	if a.filter != "" {
		filter = " FILTER (WHERE " + a.filter + ")"
	}
	arg := a.value
	if a.distinct {
		arg = "DISTINCT " + arg
	}
	switch a.op {
	case ir.OpFirst, ir.OpLast, ir.OpMode:
		if a.constant { // engines refuse to order by a literal
			return "CASE WHEN count(*)" + filter + " > 0 THEN " + a.value + " END"
		}
	}
	switch a.op {
	case ir.OpCount:
		if a.value == "" {
			arg = "*"
		}
		return "count(" + arg + ")" + filter
	case ir.OpFirst, ir.OpLast:
		return fill(s.d.First, a.value, strings.Join(a.order, ", "), filter)
	case ir.OpMax, ir.OpMin:
		return string(a.op) + "(" + arg + ")" + filter
	case ir.OpSum:
		t, err := value.SumType(a.typ)
		if err != nil {
			panic("sql: " + err.Error())
		}
		return fill(s.d.Sum, arg, filter, s.d.Type(t))
	case ir.OpMedian:
		return s.median(a)
	case ir.OpMode:
		return fill(s.d.Mode, a.value, filter)
	case ir.OpPercentile:
		return s.percentile(a)
	default:
		panic("sql: aggregate " + string(a.op))
	}
}

// sorted is the list of the known values in order, and its length.
func (s *scope) sorted(a aggregate) (list, n string) {
	known := a.value + " IS NOT NULL"
	if a.filter != "" {
		known = a.filter + " AND " + known
	}
	distinct := ""
	if a.distinct {
		distinct = "DISTINCT "
	}
	list = fill(s.d.SortedList, a.value, distinct, " FILTER (WHERE "+known+")")
	return list, fill(s.d.ListLength, list)
}

// median is the mean of the two middle values, which are one and the same
// when there is an odd number of them.
func (s *scope) median(a aggregate) string {
	list, n := s.sorted(a)
	item := func(at string) string { return fill(s.d.ListItem, list, at) }
	low := item(fill(s.d.DivideWhole, "("+n+" + 1)", "2"))
	high := item("(" + fill(s.d.DivideWhole, n, "2") + " + 1)")
	two := value.Of(value.Int)
	if a.typ.Kind == value.Float {
		return "CASE WHEN " + n + " % 2 = 1 THEN " + low + " ELSE " + fill(s.d.FloatArith["/"], fill(s.d.FloatArith["+"], low, high), "2") + " END"
	}
	a.typ = value.DecimalType(value.MaxPrec, a.typ.Scale) // the sum of two can need a digit more
	low = "CAST(" + low + " AS " + s.d.Type(a.typ) + ")"
	return s.div("("+low+" + "+high+")", "2", a.typ, two)
}

// percentile is the smallest value that at least p % of the known values do
// not exceed: item ceil(p × n / 100), the first when p is 0.
func (s *scope) percentile(a aggregate) string {
	list, n := s.sorted(a)
	num, den := fraction(*a.percent)
	den += "00"
	at := fill(s.d.DivideWhole, "("+num+" * "+n+" + "+den+" - 1)", den)
	return fill(s.d.ListItem, list, "greatest("+at+", 1)")
}

// fraction is an exact number as two whole ones.
func fraction(v value.Value) (num, den string) {
	if v.Kind == value.Int {
		return fmt.Sprint(v.I), "1"
	}
	return v.D.String(), "1" + strings.Repeat("0", v.Scale)
}

// groupAgg is an aggregate over the rows of a catalog group.
func (s *scope) groupAgg(alias string, g *ir.GroupAgg) string {
	a := aggregate{op: g.Op, distinct: g.Distinct, typ: g.T}
	if g.Value != nil {
		a = a.of(s, alias, g.Value)
	}
	if g.Op == ir.OpAvg {
		sum, count := a, a
		sum.op, count.op = ir.OpSum, ir.OpCount
		sumType, _ := value.SumType(a.typ)
		return s.div(s.agg(sum), s.agg(count), sumType, value.Of(value.Int))
	}
	if a.op == ir.OpCount && a.value == "" {
		return fill(s.d.RowCount, alias)
	}
	if a.op == ir.OpSum { // of no known values it is 0
		return "coalesce(" + s.agg(a) + ", 0)"
	}
	if a.op == ir.OpFirst || a.op == ir.OpLast {
		a.order = s.firstOrder(alias, s.group, a.value, g.Op == ir.OpLast)
	}
	return s.agg(a)
}

// firstOrder is the order in which the first row is the earliest (with last,
// the latest); ties go by the fact's key, then by the known value.
func (s *scope) firstOrder(alias string, rel *ir.Relation, v string, last bool) []string {
	dir := " ASC NULLS LAST"
	if last {
		dir = " DESC NULLS LAST"
	}
	order := []string{s.col(alias, s.name(rel.Time)) + dir}
	for _, k := range rel.Keys() {
		order = append(order, s.col(alias, s.name(k))+dir)
	}
	return append(order, v+dir)
}
