package grammar

// File and the other types of this file are the rules, from the outside in:
// the name of a type is that of its rule. Literals are words and signs; a word
// after ^ stands in column 0. Names in capitals are tokens.
type File struct {
	Decls []*Decl `parser:"@@*"`
}

// Declarations.
type (
	Decl struct {
		Segment *Segment `parser:"  @@"`
		Split   *Split   `parser:"| @@"`
		Holdout *Holdout `parser:"| @@"`
		Trait   *Trait   `parser:"| @@"`
		RFM     *Rfm     `parser:"| @@"`
		List    *List    `parser:"| @@"`
		Param   *Param   `parser:"| @@"`
	}
	Segment struct {
		Name    *Name     `parser:"'^segment' @@"`
		Of      *Name     `parser:"( 'of' @@ )?"`
		Meta    []*Meta   `parser:"'{' @@*"`
		Where   *Expr     `parser:"'where' @@"`
		Expects []*Expect `parser:"@@* '}'"`
	}
	Expect struct {
		Check *Expr `parser:"'expect' @@"`
	}
	Split struct {
		Name     *Name       `parser:"'^split' @@"`
		Of       *SplitOf    `parser:"( 'of' @@ )?"`
		Meta     []*Meta     `parser:"'{' @@*"`
		Branches []*Branch   `parser:"@@*"`
		Rest     *RestBranch `parser:"@@ '}'"`
	}
	SplitOf struct {
		Segment *Path `parser:"'segment' @@"`
		Entity  *Name `parser:"| @@"`
	}
	Branch struct {
		Name  *Name  `parser:"@@"`
		Title string `parser:"@TEXT?"`
		When  *Expr  `parser:"'when' @@"`
	}
	RestBranch struct {
		Name  *Name  `parser:"@@"`
		Title string `parser:"@TEXT? 'otherwise'"`
	}
	Holdout struct {
		Name   *Name          `parser:"'^holdout' @@"`
		Of     *Path          `parser:"'of' 'segment' @@"`
		Meta   []*HoldoutMeta `parser:"'{' @@*"`
		Groups []*Group       `parser:"@@*"`
		Rest   *Name          `parser:"@@ ':' 'otherwise' '}'"`
	}
	// HoldoutMeta: a percentage makes a group; a bare number would be one
	// that lacks its %, except after a key of the language.
	HoldoutMeta struct {
		Group  *GroupStart `parser:"(?! @@ )"`
		Key    *Key        `parser:"( @@"`
		Number *BareNumber `parser:"| (?! @@ )"`
		Other  *Name       `parser:"  @@ ) ':'"`
		Value  *Value      `parser:"@@"`
	}
	Key struct {
		Text string `parser:"@( 'title' | 'description' | 'owner' | 'tags' | 'goal' | 'priority' | 'channels' | 'valid_from' | 'valid_until' | 'deprecated' )"`
	}
	GroupStart struct {
		Name *Name  `parser:"@@"`
		Text string `parser:"':' @( PERCENT | 'otherwise' )"`
	}
	BareNumber struct {
		Name *Name  `parser:"@@"`
		Text string `parser:"':' @( NUMBER | YEAR )"`
		Unit *Unit  `parser:"(?! @@ )"`
	}
	Group struct {
		Name  *Name  `parser:"@@"`
		Share string `parser:"':' @PERCENT"`
	}
	Trait struct {
		Name  *Name `parser:"'^trait' @@"`
		Of    *Name `parser:"( 'of' @@ )?"`
		Value *Sum  `parser:"'=' @@"`
	}
	Rfm struct {
		Name  *Name `parser:"'^rfm' @@"`
		Value *Sum  `parser:"'=' @@"`
		Fact  *Fact `parser:"'of' @@"`
	}
	List struct {
		Name   *Name  `parser:"'^list' @@"`
		Set    *Set   `parser:"( '=' @@"`
		From   string `parser:"| 'from' @TEXT"`
		Column *Name  `parser:"  ( 'column' @@ )? )"`
	}
	Param struct {
		Name  *Name  `parser:"'^param' @@"`
		Value *Value `parser:"'=' @@"`
	}
	Meta struct {
		Key   *Name  `parser:"@@"`
		Value *Value `parser:"':' @@"`
	}
	Value struct {
		Set     *Set     `parser:"@@"`
		Literal *Literal `parser:"| @@"`
	}
)

// Conditions.
type (
	Expr struct {
		First *Unary   `parser:"@@"`
		And   []*Unary `parser:"( ( 'and' @@ )+"`
		Or    []*Unary `parser:"| ( 'or' @@ )+ )?"`
	}
	Unary struct {
		Not  *Unary `parser:"'not' @@"`
		Pred *Pred  `parser:"| @@"`
	}
	Pred struct {
		In      *Path    `parser:"'in' 'segment' @@"`
		History *History `parser:"| @@"`
		Value   *Sum     `parser:"| (?! ( 'entered' | 'left' ) 'segment' ( NAME | QUOTED ) ) @@"`
		Tail    *Tail    `parser:"  @@?"`
	}
	History struct {
		Way    string  `parser:"@( 'entered' | 'left' )"`
		Of     *Path   `parser:"'segment' @@"`
		Window *Window `parser:"@@"`
	}
	Tail struct {
		Compare *Compare `parser:"@@"`
		Known   string   `parser:"| 'is' @( 'known' | 'missing' )"`
		Not     bool     `parser:"| @'not'?"`
		Word    *Test    `parser:"  @@"`
	}
	// Compare: nothing is equal to null; there is `is missing`.
	Compare struct {
		Null  *Null `parser:"( ( '=' | '!=' ) (?! @@ )"`
		Other bool  `parser:"| ( '<=' | '<' | '>=' | '>' | '~=' ) )"`
		To    *Sum  `parser:"@@"`
	}
	Null struct {
		Word string `parser:"@'null' (?! '.' | '(' | '+' | '-' | '*' | '/' )"`
	}
	// Test is what `not` may stand before.
	Test struct {
		Between *Bounds  `parser:"  'between' @@"`
		In      *InWhat  `parser:"| 'in' @@"`
		Day     *Sum     `parser:"| ( 'on' | 'since' | 'before' ) @@"`
		Text    *Sum     `parser:"| ( 'contains' | '~contains' | 'starts' 'with' | 'ends' 'with' ) @@"`
		Regex   string   `parser:"| 'matches' @REGEX"`
		Has     *HasWhat `parser:"| 'has' @@"`
		Near    *Nearby  `parser:"| 'within' @@"`
		History *History `parser:"| @@"`
	}
	Bounds struct {
		Low  *Sum `parser:"@@"`
		High *Sum `parser:"'and' @@"`
	}
	// InWhat: one word after `in` decides.
	InWhat struct {
		Set     *Set    `parser:"  @@"`
		Segment *Path   `parser:"| 'segment' @@"`
		Rank    *Rank   `parser:"| @@"`
		Period  *Period `parser:"| @@"`
		List    *Path   `parser:"| (?! 'last' | 'next' | 'this' | 'previous' | 'top' | 'bottom' | 'segment' ) @@"`
	}
	HasWhat struct {
		Set   *Set   `parser:"  @@"`
		Of    *HasOf `parser:"| (?= ( 'any' | 'all' | 'none' ) 'of' ) @@"`
		Value *Sum   `parser:"| (?! ( 'any' | 'all' | 'none' ) 'of' ) @@"`
	}
	HasOf struct {
		Which string `parser:"@( 'any' | 'all' | 'none' ) 'of'"`
		Set   *Set   `parser:"( @@"`
		Value *Sum   `parser:"| @@ )"`
	}
	Nearby struct {
		Distance *Length `parser:"@@"`
		Of       *Sum    `parser:"'of' @@"`
	}
	Rank struct {
		End     string `parser:"@( 'top' | 'bottom' )"`
		Share   string `parser:"( @( NUMBER | YEAR | PERCENT )"`
		Param   *Path  `parser:"| @@ )"`
		Segment *Path  `parser:"(?! 'of' 'segment' (?! NAME | QUOTED ) ) ( 'of' 'segment' @@ )?"`
		Per     *Path  `parser:"( 'per' @@ )?"`
	}
	Window struct {
		Period  *Period `parser:"  'in' @@"`
		Day     *Sum    `parser:"| ( 'on' | 'since' | 'before' ) @@"`
		Between *Bounds `parser:"| 'between' @@"`
	}
	// Period: `in last month` is none, as it could mean two things.
	Period struct {
		Unit   *Unit     `parser:"  ( 'last' | 'next' ) (?! @@ )"`
		Length *Duration `parser:"  @@"`
		This   *Unit     `parser:"| 'this' @@"`
		Units  *Unit     `parser:"| 'previous' ( NUMBER | YEAR )? @@"`
		Whole  string    `parser:"| @( MONTH | YEAR )"`
	}
)

// Values.
type (
	Sum struct {
		Terms []*Term `parser:"@@ ( ( '+' | '-' ) @@ )*"`
	}
	Term struct {
		Factors []*Factor `parser:"@@ ( ( '*' | '/' ) @@ )*"`
	}
	Factor struct {
		Minus bool  `parser:"@'-'?"`
		Prim  *Prim `parser:"@@"`
	}
	Prim struct {
		Length *Length `parser:"  @@ 'ago'?"`
		Number string  `parser:"| @( NUMBER | YEAR | PERCENT | TEXT | DATE | MONTH | TIME )"`
		Word   string  `parser:"| @( 'true' | 'false' | 'as_of' | 'today' | 'yesterday' | 'tomorrow' )"`
		Case   *Case   `parser:"| @@"`
		Paren  *Expr   `parser:"| '(' @@ ')'"`
		Call   *Call   `parser:"| @@"`
		Path   *Path   `parser:"| @@"`
	}
	Case struct {
		Whens     []*When `parser:"'case' '{' @@+"`
		Otherwise *Sum    `parser:"'otherwise' ':' @@ '}'"`
	}
	When struct {
		Cond  *Expr `parser:"'when' @@"`
		Value *Sum  `parser:"':' @@"`
	}
	Call struct {
		All    *AllCall    `parser:"  @@"`
		Rhythm *RhythmCall `parser:"| @@"`
		Facts  *RowsCall   `parser:"| @@"`
		Other  *PlainCall  `parser:"| (?! ( 'all' | 'regularly' | 'any' | 'none' ) '(' ) @@"`
	}
	AllCall struct {
		Fact *Fact `parser:"'all' '(' @@"`
		Have *Expr `parser:"'have' @@ ')'"`
	}
	RhythmCall struct {
		Fact    *Fact     `parser:"'regularly' '(' @@"`
		Every   *Duration `parser:"'every' @@"`
		Periods string    `parser:"'for' @( NUMBER | YEAR ) ( 'periods' | 'period' )"`
		Missed  string    `parser:"( 'allowing' @( NUMBER | YEAR ) 'missed' )? ')'"`
	}
	// RowsCall: the rows of a fact are counted where a path and what goes on as
	// a fact does stand in the parentheses.
	RowsCall struct {
		Name  string       `parser:"( @( 'any' | 'none' ) '('"`
		Count string       `parser:"| @'count' '('"`
		Rows  *CountedRows `parser:"  (?= @@ ) )"`
		Fact  *Fact        `parser:"@@ ')'"`
	}
	CountedRows struct {
		Path *Path  `parser:"@@"`
		Next string `parser:"@( ')' | 'as' | 'in' | 'on' | 'since' | 'before' | 'between' | 'where' | 'not' | 'directly' | 'followed' | 'preceded' )"`
	}
	PlainCall struct {
		Rows     *CountedRows `parser:"(?! 'count' '(' @@ )"`
		Name     string       `parser:"@NAME '('"`
		Distinct bool         `parser:"( ( @'distinct' (?= NAME | QUOTED | NUMBER | YEAR | PERCENT | TEXT | DATE | MONTH | TIME | 'true' | 'false' | 'as_of' | 'today' | 'yesterday' | 'tomorrow' | 'case' ) )?"`
		Args     *Args        `parser:"  @@ )? ')'"`
	}
	Args struct {
		First  []*Expr `parser:"@@ ( ',' @@ )*"`
		Source *Source `parser:"( @@"`
		More   []*Expr `parser:"  ( ',' @@ )* )?"`
		By     *Path   `parser:"( ',' 'by' @@ )?"`
	}
	Source struct {
		Of  *Whose `parser:"  'of' @@"`
		Per *Path  `parser:"  ( 'per' @@ )?"`
		All *Path  `parser:"| 'per' @@"`
	}
	Whose struct {
		Everyone bool  `parser:"  @'everyone'"`
		Segment  *Path `parser:"| 'segment' @@"`
		Fact     *Fact `parser:"| (?! 'segment' ( NAME | QUOTED ) ) @@"`
	}
	Fact struct {
		Path   *Path   `parser:"@@"`
		As     *Name   `parser:"( 'as' @@ )?"`
		Window *Window `parser:"@@?"`
		Where  *Expr   `parser:"( 'where' @@ )?"`
		Steps  []*Step `parser:"@@*"`
	}
	Step struct {
		How    string    `parser:"'not'? 'directly'? @( 'followed' | 'preceded' ) 'by'"`
		Path   *Path     `parser:"@@"`
		As     *Name     `parser:"( 'as' @@ )?"`
		After  *Duration `parser:"( 'after' @@ )?"`
		Within *Duration `parser:"( 'within' @@ )?"`
		Where  *Expr     `parser:"( 'where' @@ )?"`
	}
	Duration struct {
		Length *Length `parser:"@@"`
		Param  *Path   `parser:"| @@"`
	}
	Length struct {
		Number string `parser:"@( NUMBER | YEAR )"`
		Unit   *Unit  `parser:"@@"`
	}
	Unit struct {
		Name string `parser:"@( 'second' | 'seconds' | 'minute' | 'minutes' | 'hour' | 'hours' | 'day' | 'days' | 'week' | 'weeks' | 'month' | 'months' | 'quarter' | 'quarters' | 'year' | 'years' | 'm' | 'km' )"`
	}
	Set struct {
		Elems []*Literal `parser:"'[' @@ ( ',' @@ )* ']'"`
	}
	Literal struct {
		Length *Length `parser:"  @@"`
		Number string  `parser:"| @( '-'? ( NUMBER | YEAR | PERCENT ) )"`
		Other  string  `parser:"| @( TEXT | DATE | MONTH | TIME | 'true' | 'false' )"`
	}
	Path struct {
		Names []*Name `parser:"@@ ( '.' @@ )*"`
	}
	Name struct {
		Text string `parser:"@( NAME | QUOTED )"`
	}
)
