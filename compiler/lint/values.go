package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/text"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
)

// Rules about the values that conditions compare with.

// bounds are what a value lies between; nil where there is no bound.
type bounds struct {
	lo, hi   *value.Value
	declared *ir.ColumnDef // by the catalog; nil: by its nature
}

func whole(n int64) *value.Value {
	v := value.NewInt(n)
	return &v
}

// boundsOf are the bounds of a number or a day that the catalog declares, or
// that follow from what it is.
func boundsOf(x ir.Expr) bounds {
	switch x := stripped(x).(type) {
	case *ir.Agg:
		switch x.Op {
		case ir.OpCount:
			return bounds{lo: whole(0)}
		case ir.OpAvg, ir.OpFirst, ir.OpLast, ir.OpMax, ir.OpMedian, ir.OpMin, ir.OpMode, ir.OpPercentile:
			return boundsOf(x.Value)
		case ir.OpSum: // of many
		}
	case *ir.Bucket:
		return bounds{lo: whole(1), hi: whole(x.K)}
	case *ir.Call:
		switch x.Fn {
		case "day":
			return bounds{lo: whole(1), hi: whole(31)}
		case "hour":
			return bounds{lo: whole(0), hi: whole(23)}
		case "length":
			return bounds{lo: whole(0)}
		case "month":
			return bounds{lo: whole(1), hi: whole(12)}
		case "quarter":
			return bounds{lo: whole(1), hi: whole(4)}
		case "weekday":
			return bounds{lo: whole(1), hi: whole(7)}
		}
	case *ir.Column:
		for c := x.Col; c != nil; c = c.Base {
			if c.Min != nil || c.Max != nil {
				return bounds{c.Min, c.Max, c}
			}
		}
	case *ir.Follow:
		return boundsOf(x.X)
	case *ir.ListCount:
		return bounds{lo: whole(0)}
	default: // may be anything
	}
	return bounds{}
}

// outOfRange finds thresholds that no value is on the other side of.
func outOfRange(p *pass, s *site) {
	switch x := s.n.(type) {
	case *ast.Between:
		for _, side := range []struct {
			op    string
			bound ast.Expr
		}{{">=", x.Lo}, {"<=", x.Hi}} {
			b, k := p.threshold(x.X, side.bound)
			if k != nil && outside(b, *k) {
				p.reportRange(side.bound.Span(), x.X, b, "")
			}
		}
	case *ast.Compare:
		b, k := p.threshold(x.L, x.R)
		if k == nil {
			return
		}
		switch always, never := decided(x.Op, b, *k); {
		case always && b.declared == nil || always && outside(b, *k):
			p.reportRange(x.R.Span(), x.L, b, "which holds of every known value")
		case never:
			p.reportRange(x.R.Span(), x.L, b, "which never holds")
		}
	default: // compares with no threshold
	}
}

// threshold is the constant that a value with bounds is compared with.
func (p *pass) threshold(x, k ast.Expr) (bounds, *value.Value) {
	e, c := p.exprOf(x), p.exprOf(k)
	if e == nil || c == nil {
		return bounds{}, nil
	}
	b := boundsOf(e)
	con, ok := stripped(c).(*ir.Const)
	if !ok || con.V.IsMissing() || b.lo == nil && b.hi == nil || !comparable(con.V, b) {
		return bounds{}, nil
	}
	return b, &con.V
}

func comparable(v value.Value, b bounds) bool {
	num := func(k value.Kind) bool { return k == value.Int || k == value.Decimal || k == value.Float }
	for _, x := range []*value.Value{b.lo, b.hi} {
		if x != nil && x.Kind != v.Kind && (!num(x.Kind) || !num(v.Kind)) {
			return false
		}
	}
	return true
}

func outside(b bounds, k value.Value) bool {
	return b.lo != nil && value.Compare(k, *b.lo) < 0 || b.hi != nil && value.Compare(k, *b.hi) > 0
}

// decided says what the bounds of a value tell of a comparison with k.
func decided(op string, b bounds, k value.Value) (always, never bool) {
	lo, hi := 1, -1 // of k against the bounds, as if there were none
	if b.lo != nil {
		lo = value.Compare(k, *b.lo)
	}
	if b.hi != nil {
		hi = value.Compare(k, *b.hi)
	}
	switch op {
	case ">=":
		return lo <= 0, hi > 0
	case ">":
		return lo < 0, b.hi != nil && hi >= 0
	case "<=":
		return b.hi != nil && hi >= 0, lo < 0
	case "<":
		return hi > 0, lo <= 0
	case "=":
		return false, lo < 0 || hi > 0
	case "!=":
		return lo < 0 || hi > 0, false
	default:
		return false, false
	}
}

func (p *pass) reportRange(span source.Span, x ast.Expr, b bounds, then string) {
	d := p.report(span, "%s is %s%s", format.Expr(x), b, comma(then))
	d.Help = "compare with a value in that range"
	if b.declared != nil {
		d.Message = fmt.Sprintf("%s is declared to be %s%s", format.Expr(x), b, comma(then))
		d.Help = "compare with a value in that range, or correct `min` and `max` in the catalog"
		d.Labels = []diag.Label{{Span: b.declared.At, Text: "declared here"}}
	}
}

func comma(then string) string {
	if then == "" {
		return ""
	}
	return ", " + then
}

func (b bounds) String() string {
	switch {
	case b.hi == nil:
		return "at least " + b.lo.String()
	case b.lo == nil:
		return "at most " + b.hi.String()
	default:
		return "between " + b.lo.String() + " and " + b.hi.String()
	}
}

// spelling is a text that an attribute is compared with.
type spelling struct {
	text string
	span source.Span
	of   any // the set it stands in, or nil
}

// spelledTwice finds texts that one attribute is compared with in several
// spellings, of which the data usually holds one.
func spelledTwice(p *pass) {
	groups, order := p.spellings()
	for _, key := range order {
		var kinds []string
		count, sets := map[string]int{}, map[string]any{}
		beside := false
		for _, s := range groups[key] {
			if count[s.text]++; count[s.text] == 1 {
				kinds = append(kinds, s.text)
			}
			for other, set := range sets {
				beside = beside || other != s.text && set != nil && set == s.of
			}
			sets[s.text] = s.of
		}
		if len(kinds) < 2 || beside {
			continue // written beside each other they are meant
		}
		slices.SortStableFunc(kinds, func(a, b string) int { return count[b] - count[a] })
		at := slices.IndexFunc(groups[key], func(s spelling) bool { return s.text == kinds[0] })
		for _, s := range groups[key] {
			if s.text == kinds[0] {
				continue
			}
			d := p.report(s.span, "%q is spelled %q elsewhere", s.text, kinds[0])
			d.Labels = []diag.Label{{Span: groups[key][at].span, Text: "here"}}
			d.Help = "`=` and `in` take a text letter by letter; write it as the data does, or compare with `~=`"
		}
	}
}

// spellings are the texts each attribute is compared with, by the attribute
// and the text without case and accents, and the order in which they come.
func (p *pass) spellings() (groups map[string][]spelling, order []string) {
	groups = map[string][]spelling{}
	add := func(subject ast.Expr, x ast.Expr, of any) {
		t, isText := x.(*ast.Text)
		e := p.exprOf(subject)
		if !isText || e == nil {
			return
		}
		name := columnOf(e)
		key := name + "\x00" + text.Fold(t.Value)
		if name == "" || t.Value == "" {
			return
		}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], spelling{t.Value, t.Loc, of})
	}
	lists := p.lists()
	for i := range p.sites {
		switch x := p.sites[i].n.(type) {
		case *ast.Compare:
			if x.Op == "=" || x.Op == "!=" {
				add(x.L, x.R, nil)
			}
		case *ast.InName:
			if l := lists[x.Name.String()]; l != nil && l.Set != nil {
				for _, e := range l.Set.Elems {
					add(x.X, e, l.Set)
				}
			}
		case *ast.InSet:
			if x.Set != nil {
				for _, e := range x.Set.Elems {
					add(x.X, e, x.Set)
				}
			}
		default: // compares no text letter by letter
		}
	}
	return groups, order
}

func (p *pass) lists() map[string]*ast.List {
	lists := map[string]*ast.List{}
	for _, f := range p.Files {
		for _, d := range f.Decls {
			if l, ok := d.(*ast.List); ok {
				lists[l.Name.Name] = l
			}
		}
	}
	return lists
}

// columnOf names the column that a value is, where it is first declared; ""
// when it is none.
func columnOf(x ir.Expr) string {
	switch x := stripped(x).(type) {
	case *ir.Column:
		c := x.Col
		for c.Base != nil {
			c = c.Base
		}
		return fmt.Sprintf("%p", c)
	case *ir.Follow:
		return columnOf(x.X)
	default:
		return ""
	}
}

// blanksAround finds texts with blanks at their ends.
func blanksAround(p *pass, s *site) {
	var texts []ast.Expr
	switch x := s.n.(type) {
	case *ast.Compare:
		if x.Op == "=" || x.Op == "!=" {
			texts = []ast.Expr{x.R}
		}
	case *ast.InSet:
		if x.Set != nil {
			texts = x.Set.Elems
		}
	case *ast.List:
		if x.Set != nil {
			texts = x.Set.Elems
		}
	default: // compares no text letter by letter
	}
	for _, x := range texts {
		if t, ok := x.(*ast.Text); ok && strings.TrimSpace(t.Value) != t.Value {
			p.report(t.Loc, "%q begins or ends with a blank", t.Value).Help =
				"if the data holds it so, say `trim: true` of the attribute in the catalog and write the text without"
		}
	}
}

// lowered finds text in small letters compared with text that has capitals.
func lowered(p *pass, s *site) {
	var subject ast.Expr
	var texts []ast.Expr
	switch x := s.n.(type) {
	case *ast.Compare:
		subject, texts = x.L, []ast.Expr{x.R}
	case *ast.InSet:
		if x.Set != nil {
			subject, texts = x.X, x.Set.Elems
		}
	case *ast.TextMatch:
		subject, texts = x.X, []ast.Expr{x.Y}
		if x.Op == "~contains" {
			return
		}
	default: // compares no text
	}
	call, ok := subject.(*ast.Call)
	if c, isCompare := s.n.(*ast.Compare); !ok || call.Name.Name != "lower" || isCompare && c.Op == "~=" {
		return
	}
	for _, x := range texts {
		if t, ok := x.(*ast.Text); ok && text.Lower(t.Value) != t.Value {
			p.report(t.Loc, "lower(…) has no capitals, so it is never %q", t.Value).Help =
				"write the text in small letters, or compare without case and accents: `~=`"
		}
	}
}

// emptyText finds texts that every text contains.
func emptyText(p *pass, s *site) {
	x, ok := s.n.(*ast.TextMatch)
	if !ok {
		return
	}
	if t, ok := x.Y.(*ast.Text); ok && strings.TrimSpace(t.Value) == "" && (t.Value == "" || x.Op == "~contains") {
		p.report(x.Loc, "every known text does: there is nothing between the quotes").Help =
			"write what to look for, or ask `" + format.Expr(x.X) + " is known`"
	}
}

// withItself finds a value compared with itself.
func withItself(p *pass, s *site) {
	x, ok := s.n.(*ast.Compare)
	if !ok {
		return
	}
	l, r := p.exprOf(x.L), p.exprOf(x.R)
	if l == nil || r == nil || ir.Fixed(l) || ir.Key(l) != ir.Key(r) {
		return
	}
	p.report(x.Loc, "%s is compared with itself", format.Expr(x.L)).Help = "compare it with what was meant; whether there is a value asks `is known`"
}

// wholeShare finds shares that take everyone.
func wholeShare(p *pass, s *site) {
	var share *ast.Number
	what := ""
	switch x := s.n.(type) {
	case *ast.Call:
		if x.Name.Name == "sample" && len(x.Args) > 0 {
			share, _ = x.Args[0].(*ast.Number)
			what = "the sample takes everyone"
		}
	case *ast.Rank:
		share, _ = x.N.(*ast.Number)
		what = "the rank takes everyone with a known value"
	default: // takes no share
	}
	if share == nil || !share.Percent {
		return
	}
	if k, ok := value.ParseDecimal(share.Text); ok && value.Compare(k, value.NewInt(100)) >= 0 {
		p.report(share.Loc, "%s", what).Help = "write a share below 100%, or take the condition out"
	}
}
