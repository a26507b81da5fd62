package ir

import (
	"slices"

	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/value"
)

// Refs are the segments that e refers to, in order of appearance.
func Refs(e Expr) []*Segment {
	var out []*Segment
	seen := map[*Segment]bool{}
	add := func(s *Segment) {
		if s != nil && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	Walk(e, func(e Expr) bool {
		switch e := e.(type) {
		case *Bucket:
			add(e.Of)
		case *Member:
			add(e.Seg)
		case *PopAgg:
			add(e.Of)
		case *Rank:
			add(e.Of)
		default: // only its parts may refer to one
		}
		return true
	})
	return out
}

// Needs are the relations whose rows must be there before those of r can be
// read: what it derives from, and what its conditions and fields look up.
func Needs(r *Relation) []*Relation {
	var out []*Relation
	seen := map[*Relation]bool{}
	add := func(n *Relation) {
		if n != nil && !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	add(r.From)
	for _, u := range r.Universe {
		add(u.Rel)
	}
	for _, x := range r.exprs() {
		Walk(x, func(e Expr) bool {
			if f, ok := e.(*Follow); ok {
				add(f.By.To)
			}
			return true
		})
	}
	return out
}

// exprs are all expressions a relation is made of.
func (r *Relation) exprs() []Expr {
	xs := append([]Expr{}, r.GroupBy...)
	for _, x := range []Expr{r.Where, r.Dedup, r.KnownAt} {
		if x != nil {
			xs = append(xs, x)
		}
	}
	if r.Exists != nil {
		xs = append(xs, some(r.Exists.From, r.Exists.To)...)
	}
	for _, c := range r.Columns {
		if c.Def != nil {
			xs = append(xs, c.Def)
		}
	}
	return xs
}

// Nullable reports whether the value can be missing.
func Nullable(e Expr) bool {
	switch e := e.(type) {
	case *Agg:
		return !e.Op.ZeroOfNone()
	case *AsOf:
		return false
	case *Bucket, *Div, *Field, *PopAgg:
		return true
	case *Call:
		if e.Fn == "coalesce" {
			for _, a := range e.Args {
				if !Nullable(a) {
					return false
				}
			}
			return true
		}
		return callMayMiss(e.Fn) || anyNullable(e.Args)
	case *Case:
		for _, w := range e.Whens {
			if Nullable(w.Value) {
				return true
			}
		}
		return Nullable(e.Else)
	case *Column:
		return !e.Col.NotNull
	case *Const:
		return e.V.IsMissing()
	case *Earlier:
		return Nullable(e.X)
	case *ListCount:
		return Nullable(e.X)
	case *Follow:
		return e.By != e.By.From.Owner || Nullable(e.X)
	case *GroupAgg:
		return !e.Op.ZeroOfNone() && (e.Value == nil || Nullable(e.Value))
	case *Slot:
		return !e.Zero
	case *And, *Anniversary, *Cmp, *Has, *History, *InRange, *InSet, *Known, *Match, *Member, *Not, *Or, *Rank, *Sample, *Seq, *TextMatch, *Truth:
		return false
	default:
		return anyNullable(Children(e))
	}
}

func anyNullable(xs []Expr) bool {
	for _, x := range xs {
		if Nullable(x) {
			return true
		}
	}
	return false
}

// callMayMiss reports whether a function can be missing for known arguments.
func callMayMiss(name string) bool {
	f := fn.Lookup(name)
	return f == nil || f.MaybeMissing
}

// OwnedApart reports whether the owners of a fact are known apart from it,
// so that its rows of unknown owners are left out. The owners of a universe
// are those its facts name: there no owner is unknown.
func OwnedApart(r *Relation) bool {
	if r.Owner == nil {
		return false
	}
	seen := map[*Relation]bool{}
	var reaches func(from *Relation) bool
	reaches = func(from *Relation) bool {
		if from == r {
			return true
		}
		if seen[from] {
			return false
		}
		seen[from] = true
		next := Needs(from)
		if from.Owner != nil {
			next = append(next, from.Owner.To)
		}
		return slices.ContainsFunc(next, reaches)
	}
	return !reaches(r.Owner.To)
}

// Orderly reports whether values of the type have an order that breaks ties.
func Orderly(t value.Type) bool {
	return t.Numeric() || t.Temporal() || t.Kind == value.Text || t.Kind == value.Bool || t.Kind == value.Version
}
