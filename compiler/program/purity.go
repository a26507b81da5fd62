package program

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// What may fail (overflow) is found beforehand: the reference evaluates both
// sides of every `and`, so that an overflow never depends on their order, and
// what cannot fail may be skipped, shared and worked out for all rows at once.

// sumPrec is how many digits a decimal has whose sums cannot pass 38: there
// never are 10^9 rows.
const sumPrec = value.MaxPrec - 9

// fails reports whether evaluating x itself or anything it looks at may fail.
func (b *builder) fails(x ir.Expr) bool {
	if x == nil {
		return false
	}
	if may, ok := b.mayFail[x]; ok {
		return may
	}
	b.mayFail[x] = false // of what refers to itself the rest decides
	may := failsItself(x)
	for _, part := range append(append([]ir.Expr{}, ir.Children(x)...), ir.Inner(x)...) {
		may = may || b.fails(part)
	}
	switch x := x.(type) {
	case *ir.Agg:
		may = may || b.linksFail(x.Anchor) || b.linksFail(x.Back) || b.relationFails(x.Leaf)
	case *ir.Column:
		may = may || x.Col.Def != nil && b.fails(x.Col.Def) || x.Col.Base != nil && b.fails(&ir.Column{Col: x.Col.Base})
	case *ir.Follow:
		may = may || b.linksFail([]*ir.Lookup{x.By})
	case *ir.History:
		may = may || b.linksFail(x.Anchor)
	case *ir.Member:
		may = may || b.fails(x.Seg.Where)
	case *ir.Seq:
		may = may || b.linksFail(x.Back)
		for _, st := range x.Steps {
			may = may || b.linksFail(st.Back) || b.relationFails(st.Leaf)
		}
	default: // its parts decide
	}
	b.mayFail[x] = may
	return may
}

func (b *builder) linksFail(ls []*ir.Lookup) bool {
	for _, l := range ls {
		if b.fails(l.By) || b.relationFails(l.To) {
			return true
		}
	}
	return false
}

// relationFails reports whether finding the rows of a relation may fail.
func (b *builder) relationFails(r *ir.Relation) bool {
	if may, ok := b.relFails[r]; ok {
		return may
	}
	b.relFails[r] = false
	may := false
	for _, x := range append(append([]ir.Expr{}, r.GroupBy...), r.Where, r.KnownAt, r.Dedup) {
		may = may || b.fails(x)
	}
	if r.Exists != nil {
		may = may || b.fails(r.Exists.From) || b.fails(r.Exists.To)
	}
	if r.Key != nil {
		may = may || b.fails(&ir.Column{Col: r.Key})
	}
	if r.Time != nil {
		may = may || b.fails(&ir.Column{Col: r.Time})
	}
	if r.Owner != nil {
		may = may || b.fails(r.Owner.By)
	}
	if r.From != nil {
		may = may || b.relationFails(r.From)
	}
	for _, u := range r.Universe {
		may = may || b.fails(u.Key) || b.relationFails(u.Rel)
	}
	if ir.OwnedApart(r) {
		may = may || b.relationFails(r.Owner.To)
	}
	b.relFails[r] = may
	return may
}

// failsItself: the node may overflow for some values of its parts.
func failsItself(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Agg:
		return (x.Op == ir.OpSum || x.Op == ir.OpAvg) && sumFails(x.Value.Type())
	case *ir.GroupAgg:
		return (x.Op == ir.OpSum || x.Op == ir.OpAvg) && sumFails(x.Value.Type())
	case *ir.Arith:
		return arithFails(x)
	case *ir.Call:
		return x.Fn == "abs" && x.T.Kind == value.Int
	case *ir.Convert:
		from := x.X.Type()
		if x.T.Kind != value.Decimal {
			return false
		}
		if from.Kind == value.Int {
			from = value.DecimalType(19, 0)
		}
		return from.Kind != value.Decimal || from.Prec-from.Scale > x.T.Prec-x.T.Scale || from.Scale > x.T.Scale
	case *ir.Neg:
		return x.X.Type().Kind == value.Int
	default:
		return false
	}
}

func sumFails(t value.Type) bool { return t.Kind == value.Decimal && t.Prec > sumPrec }

// arithFails: ints have 64 bits, decimals 38 digits, of which a type that was
// held at 38 says nothing.
func arithFails(x *ir.Arith) bool {
	a, b := x.L.Type(), x.R.Type()
	if x.T.Kind == value.Float || !a.Exact() || !b.Exact() {
		return false
	}
	if x.T.Kind == value.Int {
		return true
	}
	if a.Kind == value.Int {
		a = value.DecimalType(19, 0)
	}
	if b.Kind == value.Int {
		b = value.DecimalType(19, 0)
	}
	if x.Op == "*" {
		return a.Prec+b.Prec > value.MaxPrec
	}
	return max(a.Prec-a.Scale, b.Prec-b.Scale)+max(a.Scale, b.Scale)+1 > value.MaxPrec
}
