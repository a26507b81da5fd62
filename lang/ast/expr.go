package ast

import "github.com/segql/segql/lang/source"

// Expr is a condition or a value; which one it is, the checker decides.
//
//sumtype:decl
type Expr interface {
	Node
	expr()
}

// Conditions.
type (
	// Logic is `a and b and c` or `a or b or c`: two or more operands of one
	// level. The parser reports a mix without parentheses (SEG0010) and
	// still returns a tree, the operator that comes first on top.
	Logic struct {
		At
		Op       string // "and", "or"
		Operands []Expr
	}
	// Paren keeps the author's parentheses.
	Paren struct {
		At
		X Expr
	}
	// Not is `not x` before a whole predicate.
	Not struct {
		At
		X Expr
	}
	// Compare is `l OP r`, OP one of = != < <= > >= ~=.
	Compare struct {
		At
		Op    string
		OpLoc source.Span
		L, R  Expr
	}
	// Known is `x is known` or, with Missing, `x is missing`.
	Known struct {
		At
		X       Expr
		Missing bool
	}
	// Between is `x [not] between lo and hi`, numbers, dates or times.
	Between struct {
		At
		Not       bool
		X, Lo, Hi Expr
	}
	// InSet is `x [not] in [ … ]`.
	InSet struct {
		At
		Not bool
		X   Expr
		Set *Set
	}
	// InName is `x [not] in NAME`: a list or a list attribute.
	InName struct {
		At
		Not  bool
		X    Expr
		Name *Path
	}
	// InWindow is `x [not] in PERIOD`, `on D`, `since D`, `before D`.
	InWindow struct {
		At
		Not    bool
		X      Expr
		Window *Window
	}
	// InRank is `x [not] in top 10% …`.
	InRank struct {
		At
		Not  bool
		X    Expr
		Rank *Rank
	}
	// InSegment is `[X] [not] in segment REF`; X is nil for the row itself
	// and a path such as customer inside a fact.
	InSegment struct {
		At
		Not bool
		X   Expr
		Ref *Path
	}
	// History is `[X] [not] entered|left segment REF WINDOW`; X is nil for the
	// row itself and a path such as customer inside a fact.
	History struct {
		At
		Not    bool // only with X
		X      Expr
		Left   bool // else entered
		Ref    *Path
		Window *Window
	}
	// TextMatch is `x [not] OP y`, OP one of contains, ~contains,
	// "starts with", "ends with".
	TextMatch struct {
		At
		Not  bool
		Op   string
		X, Y Expr
	}
	// Matches is `x [not] matches /re/flags`.
	Matches struct {
		At
		Not   bool
		X     Expr
		Regex *Regex
	}
	// Has is `x [not] has y`, `has any|all|none of y`; Y is an Expr, a *Set
	// or a *Path naming a list.
	Has struct {
		At
		Not   bool
		X     Expr
		Quant string // "", "any", "all", "none"
		Y     Expr
	}
	// Within is `x [not] within 10 km of y`.
	Within struct {
		At
		Not      bool
		X        Expr
		Distance *Duration // unit "m" or "km"
		Of       Expr
	}
)

// Values.
type (
	// Arith is `l OP r`, OP one of + - * /.
	Arith struct {
		At
		Op   string
		L, R Expr
	}
	// Neg is `-x`.
	Neg struct {
		At
		X Expr
	}
	// Case is `case { when c: x … otherwise: z }`.
	Case struct {
		At
		Whens []When
		Else  Expr
	}
	// When is one branch of a Case.
	When struct {
		At
		Cond, Value Expr
	}
	// Call is `NAME([distinct] a, b [of SOURCE] …)`. count, any, none, all
	// and regularly with a fact are FactCall, AllCall and Regularly.
	Call struct {
		At
		Name     Ident
		Distinct bool
		Args     []Expr
		Of       *Source // belongs to Args[OfArg]
		OfArg    int
		By       *Path // sample(…, …, by PATH): the last argument, not in Args
	}
	// Source is what follows `of` in a call. With only Per set it stands for
	// the bare `per ATTRIBUTE` of bucket(V per A, 5).
	Source struct {
		At
		Fact     *Fact // of a fact, or
		Everyone bool  // of everyone, or
		Segment  *Path // of segment REF
		Per      *Path // per ATTRIBUTE
	}
	// FactCall is `any(FACT)`, `none(FACT)`, `count(FACT)`; the fact may
	// turn out to be a list attribute.
	FactCall struct {
		At
		Name Ident
		Fact *Fact
	}
	// AllCall is `all(FACT have COND)`.
	AllCall struct {
		At
		Fact *Fact
		Have Expr
	}
	// Regularly is `regularly(FACT every 1 month for 6 periods [allowing 1 missed])`.
	Regularly struct {
		At
		Fact    *Fact
		Every   *Duration
		Periods *Number
		Missed  *Number // nil: none
	}
	// Path as a value: an attribute, trait, lookup, param or list.
	PathExpr struct {
		At
		Path *Path
	}
	// Word is one of as_of, today, yesterday, tomorrow, item.
	Word struct {
		At
		Name string
	}
	// Duration is `30 days`, or with Ago the instant `30 days ago`. Unit is
	// in canonical plural: seconds minutes hours days weeks months quarters
	// years; or a distance: m, km.
	Duration struct {
		At
		Number *Number // nil when Name is set: a param
		Name   *Path
		Unit   string
		Ago    bool
	}
	// Number is digits, with one point at most and `_` allowed; Percent for 20%.
	Number struct {
		At
		Text    string // without _ and %: "5000000", "0.5", "20"
		Percent bool
		Raw     string // as written, "5_000_000", "20%"; "" when made by a program
	}
	// Text is "…", Value after escapes, in NFC.
	Text struct {
		At
		Value string
	}
	// Bool is true or false.
	Bool struct {
		At
		Value bool
	}
	// Date is 2025-03-08; Month is 2025-03 (Day 0). A year alone is a Number
	// except in a Period.
	Date struct {
		At
		Year, Month, Day int
	}
	// Time is 2025-03-08T10:30[:00][+07:00]. OffsetMin is the zone in
	// minutes east; HasOffset false means the project's zone.
	Time struct {
		At
		Year, Month, Day, Hour, Min, Sec int
		HasOffset                        bool
		OffsetMin                        int
	}
	// Set is `[a, b]`, elements literals.
	Set struct {
		At
		Elems []Expr
	}
	// Regex is /pattern/flags, only after matches.
	Regex struct {
		At
		Pattern, Flags string
	}
	// Scalar is a literal of YAML that is still to be read: `no`, 00123 and
	// 2025-03-08 are a text, a number or a date by the type they meet, not by
	// how they look. It stands where a .seg file has a literal, as R of a
	// Compare, as a bound of a Between, as Y of a Has and as an element of a
	// Set, and the checker puts there the literal that its author would have written in a .seg file.
	Scalar struct {
		At
		Text string // without quotes and escapes, in NFC
	}
)

// Fact is `path [as N] [window] [where COND] {steps}`.
type Fact struct {
	At
	Path   *Path
	As     *Ident
	Window *Window
	Where  Expr
	Steps  []Step
}

// Step is `[not] [directly] followed|preceded by path [as N] [after D] [within D] [where COND]`.
type Step struct {
	At
	Not, Directly, Preceded bool
	Path                    *Path
	As                      *Ident
	After, Within           *Duration
	Where                   Expr
}

// WindowKind tells the form of a Window.
type WindowKind uint8

// Window forms.
const (
	WindowLast     WindowKind = iota // in last 30 days: Duration
	WindowNext                       // in next 7 days: Duration
	WindowThis                       // in this month: Unit
	WindowPrevious                   // in previous [2] month: Count (nil: 1), Unit
	WindowYear                       // in 2025: Year
	WindowMonth                      // in 2025-03: Year, Month
	WindowOn                         // on D: Lo
	WindowSince                      // since D: Lo
	WindowBefore                     // before T: Hi
	WindowBetween                    // between A and B: Lo, Hi
)

// Window is a span of time. Unit is in canonical plural (months).
type Window struct {
	At
	Kind        WindowKind
	Duration    *Duration
	Count       *Number
	Unit        string
	Year, Month int
	Lo, Hi      Expr
}

// Rank is `top|bottom N|P%|NAME [of segment REF] [per ATTRIBUTE]`.
type Rank struct {
	At
	Bottom bool
	N      Expr // *Number or *PathExpr
	Of     *Path
	Per    *Path
}

func (*Logic) expr()     {}
func (*Paren) expr()     {}
func (*Not) expr()       {}
func (*Compare) expr()   {}
func (*Known) expr()     {}
func (*Between) expr()   {}
func (*InSet) expr()     {}
func (*InName) expr()    {}
func (*InWindow) expr()  {}
func (*InRank) expr()    {}
func (*InSegment) expr() {}
func (*History) expr()   {}
func (*TextMatch) expr() {}
func (*Matches) expr()   {}
func (*Has) expr()       {}
func (*Within) expr()    {}
func (*Arith) expr()     {}
func (*Neg) expr()       {}
func (*Case) expr()      {}
func (*Call) expr()      {}
func (*FactCall) expr()  {}
func (*AllCall) expr()   {}
func (*Regularly) expr() {}
func (*PathExpr) expr()  {}
func (*Word) expr()      {}
func (*Duration) expr()  {}
func (*Number) expr()    {}
func (*Text) expr()      {}
func (*Bool) expr()      {}
func (*Date) expr()      {}
func (*Time) expr()      {}
func (*Scalar) expr()    {}
func (*Set) expr()       {}
