// Package ir is the one typed, two-valued form of every definition. All
// meaning is decided between the syntax tree and this form; what comes after
// only plans, prints, proves or runs it.
//
// An expression is read in the scope of one row of a relation: an entity (a
// customer), a fact (one order), or a group of rows of the catalog. Column is
// a column of that row, Follow leads to another row by a to-one lookup, Agg
// to a value over the many rows that lead back to it. There are no references
// to outer rows: only the window of an Agg is read in the outer scope.
//
// Lower (lower.go) turns a checked expression into normal form, where missing
// values are explicit; Eval (eval.go) is its meaning in executable form.
package ir

import (
	"github.com/segql/segql/compiler/text"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/source"
)

// Expr is a value or a condition (type Bool). Conditions never are missing.
//
//sumtype:decl
type Expr interface {
	Type() value.Type
	Span() source.Span
	isExpr()
}

// Loc gives a node its place in the source.
type Loc struct{ At source.Span }

// Span of the text the node stands for.
func (l Loc) Span() source.Span { return l.At }

// Values.
type (
	// Const is a literal or a folded value; V may be missing.
	Const struct {
		Loc
		V value.Value
		T value.Type
	}
	// AsOf is the instant of the run.
	AsOf struct{ Loc }
	// Column is a column of the row in scope.
	Column struct {
		Loc
		Col *ColumnDef
	}
	// Follow reads X at the row that By leads to; missing when there is none.
	Follow struct {
		Loc
		By *Lookup
		X  Expr
	}
	// Trait is the value of a named trait; transparent but for its name.
	Trait struct {
		Loc
		Name string
		X    Expr
	}
	// Arith is L Op R with Op one of + - *, exact unless T is Float.
	Arith struct {
		Loc
		Op   string
		L, R Expr
		T    value.Type
	}
	// Div is one IEEE division of the two exact sides; by zero it is missing.
	Div struct {
		Loc
		L, R Expr
	}
	// Neg is -X.
	Neg struct {
		Loc
		X Expr
	}
	// Call applies a function of the table in package fn.
	Call struct {
		Loc
		Fn   string
		Args []Expr
		T    value.Type
	}
	// Case is the first Value whose Cond holds, else Else.
	Case struct {
		Loc
		Whens []When
		Else  Expr
		T     value.Type
	}
	// Convert widens (int to decimal to float) or brings a wall-clock time
	// or date to the kind it is compared with. It never loses anything.
	Convert struct {
		Loc
		X Expr
		T value.Type
	}
	// TimeAdd moves a time or date by N units (calendar units keep the wall clock).
	TimeAdd struct {
		Loc
		X    Expr
		N    int64
		Unit string
	}
	// StartOf is the first day (a date) of the Unit that X lies in; Unit is
	// days, weeks, months, quarters or years.
	StartOf struct {
		Loc
		Unit string
		X    Expr
	}
	// Agg is a value over the rows of Leaf that lead to the anchor row.
	Agg struct {
		Loc
		Op       AggOp
		Distinct bool
		Value    Expr      // in scope Leaf; nil counts rows
		Anchor   []*Lookup // from the row in scope to the anchor row
		Leaf     *Relation
		Back     []*Lookup // from Leaf to the anchor's relation, at least one
		Window   *Window   // read in the outer scope; nil: all time
		Where    Expr      // in scope Leaf; nil: every row
		T        value.Type
	}
	// ListCount counts the elements of the list X for which Where holds, read
	// in the scope of Elem, whose columns are the fields of the element.
	ListCount struct {
		Loc
		X     Expr
		Elem  *Relation
		Where Expr // nil: every element
	}
	// GroupAgg is an aggregate over the rows of a catalog group.
	GroupAgg struct {
		Loc
		Op       AggOp
		Distinct bool
		Value    Expr // nil counts rows
		T        value.Type
	}
	// PopAgg is one value over all rows of an entity, or of a segment, or of
	// those that share Per with the row in scope.
	PopAgg struct {
		Loc
		Op      AggOp
		Percent *value.Value // OpPercentile: 0 to 100
		Value   Expr
		Of      *Segment // nil: everyone
		Per     Expr
		T       value.Type
	}
	// Bucket is ceil(K × position / n), position 1 the lowest known value.
	Bucket struct {
		Loc
		Value Expr
		Of    *Segment
		Per   Expr
		K     int64
	}
	// Field is one field of a record, or one member of a JSON value.
	Field struct {
		Loc
		X    Expr
		Name string
		T    value.Type
	}
	// Slot is a column of a planned table; only package plan makes it.
	Slot struct {
		Loc
		Table, Col string
		T          value.Type
		Zero       bool // a missing row means 0, not missing
	}
)

// When is one branch of a Case.
type When struct{ Cond, Value Expr }

// Conditions.
type (
	// And holds when all of Xs do; of none it is true.
	And struct {
		Loc
		Xs []Expr
	}
	// Or holds when one of Xs does; of none it is false.
	Or struct {
		Loc
		Xs []Expr
	}
	// Not is the exact complement. In normal form it stands only before an
	// atom whose sides are known.
	Not struct {
		Loc
		X Expr
	}
	// Cmp compares two values of one kind; false when one is missing. Op is
	// one of = != < <= > >=; != exists in normal form only (elsewhere it is
	// Not of =).
	Cmp struct {
		Loc
		Op   string
		L, R Expr
	}
	// Known holds when X is not missing; with Missing, when it is.
	Known struct {
		Loc
		X       Expr
		Missing bool
	}
	// InSet holds when X is one of the set.
	InSet struct {
		Loc
		X   Expr
		Set *Set
	}
	// TextMatch is Op one of contains, starts, ends, fold= , foldcontains.
	TextMatch struct {
		Loc
		Op   string
		X, Y Expr
	}
	// Match holds when the expression is found in X.
	Match struct {
		Loc
		X  Expr
		Re *text.Regex
	}
	// InRange holds when X lies in the window.
	InRange struct {
		Loc
		X      Expr
		Window *Window
	}
	// Anniversary holds when a yearly return of the date X, from the first
	// year after, lies in the window.
	Anniversary struct {
		Loc
		X      Expr
		Window *Window
	}
	// Has holds when Y is an element of the list X.
	Has struct {
		Loc
		X, Y Expr
	}
	// Truth holds when the Bool value X is known and true.
	Truth struct {
		Loc
		X Expr
	}
	// Member holds when the row in scope is in the segment.
	Member struct {
		Loc
		Seg *Segment
	}
	// Rank holds when the row is among the best (or worst) by Value.
	Rank struct {
		Loc
		Bottom  bool
		N       int64        // in top 500, when Percent is nil
		Percent *value.Value // in top 10%: 0.10
		Value   Expr
		Of      *Segment
		Per     Expr
	}
	// Sample holds for a fixed share of rows, those whose hash of salt and key
	// lies in [From, Share) of all hashes.
	Sample struct {
		Loc
		From  value.Value // missing: 0
		Share value.Value // 0.10
		Salt  string
		By    Expr // the key hashed
	}
)

// Window is [Lo, Hi); a nil bound is open. A bound of type Date stands for
// the first instant of that day. Next is the rule of `in next`, where dates
// count from the day that as_of lies in.
type Window struct {
	Lo, Hi Expr
	Next   bool
	Text   string // as the author wrote it, for messages and comments
}

// Set is a literal set or a named list; Values are sorted and distinct.
type Set struct {
	Name   string // of the list, or ""
	Values []value.Value
}

// AggOp is an aggregate.
type AggOp string

// Aggregates. any, none and all are conditions over OpCount; avg stays one
// node because it is one division.
const (
	OpCount      AggOp = "count"
	OpSum        AggOp = "sum"
	OpMin        AggOp = "min"
	OpMax        AggOp = "max"
	OpAvg        AggOp = "avg"
	OpMedian     AggOp = "median"
	OpMode       AggOp = "mode"
	OpFirst      AggOp = "first"
	OpLast       AggOp = "last"
	OpPercentile AggOp = "percentile"
)

// ZeroOfNone reports whether the aggregate of no rows is 0 rather than missing.
func (op AggOp) ZeroOfNone() bool { return op == OpCount || op == OpSum }

var boolType = value.Of(value.Bool)

func (e *Const) Type() value.Type    { return e.T }
func (e *AsOf) Type() value.Type     { return value.Of(value.Time) }
func (e *Column) Type() value.Type   { return e.Col.Type }
func (e *Follow) Type() value.Type   { return e.X.Type() }
func (e *Trait) Type() value.Type    { return e.X.Type() }
func (e *Arith) Type() value.Type    { return e.T }
func (e *Div) Type() value.Type      { return value.Of(value.Float) }
func (e *Neg) Type() value.Type      { return e.X.Type() }
func (e *Call) Type() value.Type     { return e.T }
func (e *Case) Type() value.Type     { return e.T }
func (e *Convert) Type() value.Type  { return e.T }
func (e *TimeAdd) Type() value.Type  { return e.X.Type() }
func (e *StartOf) Type() value.Type  { return value.Of(value.Date) }
func (e *Agg) Type() value.Type      { return e.T }
func (e *GroupAgg) Type() value.Type { return e.T }
func (e *PopAgg) Type() value.Type   { return e.T }
func (e *Bucket) Type() value.Type   { return value.Of(value.Int) }
func (e *Field) Type() value.Type    { return e.T }
func (e *Slot) Type() value.Type     { return e.T }

func (*And) Type() value.Type         { return boolType }
func (*Or) Type() value.Type          { return boolType }
func (*Not) Type() value.Type         { return boolType }
func (*Cmp) Type() value.Type         { return boolType }
func (*Known) Type() value.Type       { return boolType }
func (*InSet) Type() value.Type       { return boolType }
func (*TextMatch) Type() value.Type   { return boolType }
func (*Match) Type() value.Type       { return boolType }
func (*InRange) Type() value.Type     { return boolType }
func (*Truth) Type() value.Type       { return boolType }
func (*Anniversary) Type() value.Type { return boolType }
func (*Has) Type() value.Type         { return boolType }
func (*ListCount) Type() value.Type   { return value.Of(value.Int) }
func (*Member) Type() value.Type      { return boolType }
func (*Rank) Type() value.Type        { return boolType }
func (*Sample) Type() value.Type      { return boolType }

func (*Const) isExpr()       {}
func (*AsOf) isExpr()        {}
func (*Column) isExpr()      {}
func (*Follow) isExpr()      {}
func (*Trait) isExpr()       {}
func (*Arith) isExpr()       {}
func (*Div) isExpr()         {}
func (*Neg) isExpr()         {}
func (*Call) isExpr()        {}
func (*Case) isExpr()        {}
func (*Convert) isExpr()     {}
func (*TimeAdd) isExpr()     {}
func (*StartOf) isExpr()     {}
func (*Agg) isExpr()         {}
func (*GroupAgg) isExpr()    {}
func (*PopAgg) isExpr()      {}
func (*Bucket) isExpr()      {}
func (*Field) isExpr()       {}
func (*Slot) isExpr()        {}
func (*And) isExpr()         {}
func (*Or) isExpr()          {}
func (*Not) isExpr()         {}
func (*Cmp) isExpr()         {}
func (*Known) isExpr()       {}
func (*InSet) isExpr()       {}
func (*TextMatch) isExpr()   {}
func (*Match) isExpr()       {}
func (*InRange) isExpr()     {}
func (*Truth) isExpr()       {}
func (*Anniversary) isExpr() {}
func (*Has) isExpr()         {}
func (*ListCount) isExpr()   {}
func (*Member) isExpr()      {}
func (*Rank) isExpr()        {}
func (*Sample) isExpr()      {}
