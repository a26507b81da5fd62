package yamlform

import (
	"maps"
	"slices"
	"strings"

	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/syntax"
)

// operand is what stands before an operator, and where.
type operand struct {
	x     ast.Expr
	entry *yamltree.Entry // SUBJECT: {OPERATOR: VALUE}
	loc   ast.At
	not   bool
	op    *yamltree.Node // the operator as it is written
}

// operators by their spelling, each with what reads its value; those that may
// have `not` before them are in negatable.
var operators = map[string]func(*reader, operand, *yamltree.Node) ast.Expr{
	"!=": (*reader).equal, "<": (*reader).ordered, "<=": (*reader).ordered, "=": (*reader).equal, ">": (*reader).ordered,
	">=": (*reader).ordered, "is": (*reader).known, "~=": (*reader).folded,
}

var negatable = map[string]func(*reader, operand, *yamltree.Node) ast.Expr{
	"before": (*reader).window, "between": (*reader).between, "contains": (*reader).textMatch, "ends with": (*reader).textMatch,
	"has": (*reader).has, "has all of": (*reader).has, "has any of": (*reader).has, "has none of": (*reader).has, "in": (*reader).in,
	"matches": (*reader).matches, "on": (*reader).window, "since": (*reader).window, "starts with": (*reader).textMatch,
	"within": (*reader).within, "~contains": (*reader).textMatch,
}

// OperatorForms gives for each operator the forms of its value.
func OperatorForms() map[string][]Form {
	forms := map[string][]Form{"is": {{Words: []string{"known", "missing"}}}}
	for op := range operators {
		if forms[op] == nil {
			forms[op] = text
		}
	}
	for op := range negatable {
		switch {
		case op == "between":
			forms[op] = []Form{{List: text, Len: 2}}
		case op == "in" || strings.HasPrefix(op, "has"):
			forms[op] = []Form{{Text: true}, {List: text}}
		default:
			forms[op] = text
		}
		forms["not "+op] = forms[op]
	}
	return forms
}

// Operators lists the operators of a leaf as they are spelled.
func Operators() (all []string) {
	for op := range operators {
		all = append(all, op)
	}
	for op := range negatable {
		all = append(all, op, "not "+op)
	}
	slices.Sort(all)
	return all
}

// otherOperators are spellings of other systems.
var otherOperators = map[string]string{
	"==": "=", "===": "=", "eq": "=", "equals": "=", "equal": "=", "<>": "!=", "ne": "!=", "neq": "!=", "not": "!=", "not =": "!=", "is not": "!=",
	"gt": ">", "gte": ">=", "ge": ">=", "lt": "<", "lte": "<=", "le": "<=", "=>": ">=", "=<": "<=", "≥": ">=", "≤": "<=", "≠": "!=", "=~": "~=",
	"one of": "in", "one_of": "in", "oneof": "in", "any of": "in", "any": "in", "nin": "not in", "not_in": "not in", "notin": "not in",
	"like": "contains", "includes": "contains", "ilike": "~contains", "icontains": "~contains", "startswith": "starts with",
	"starts_with": "starts with", "endswith": "ends with", "ends_with": "ends with", "prefix": "starts with", "suffix": "ends with",
	"regex": "matches", "regexp": "matches", "match": "matches", "has_any": "has any of", "has any": "has any of", "has_all": "has all of",
	"has all": "has all of", "has none": "has none of", "has_none": "has none of", "after": "since", "range": "between", "near": "within",
}

// operator reads the value of `SUBJECT: {OPERATOR: VALUE}`.
func (r *reader) operator(of operand) ast.Expr {
	n := of.entry.Value
	if len(n.Entries) != 1 {
		r.severalOperators(of, n)
		return nil
	}
	e := n.Entries[0]
	op := *e.Key
	op.Text = strings.Join(strings.Fields(e.Key.Text), " ")
	read := operators[op.Text]
	if bare, not := strings.CutPrefix(op.Text, "not "); read == nil {
		if read = negatable[bare]; read != nil {
			of.not = not
		}
	}
	if read == nil {
		r.unknownOperator(of, e)
		return nil
	}
	if e.Value.Kind == yamltree.Null {
		d := r.diags.Errorf(codeNull, e.Value.Span, "a value is never compared with null")
		d.Help = "for customers without the value write `" + of.entry.Key.Text + ": {is: missing}`, for those with it `{is: known}`"
		return nil
	}
	of.op = &op
	return relocate(read(r, of, e.Value), of.loc)
}

func (r *reader) severalOperators(of operand, n *yamltree.Node) {
	subject := of.entry.Key.Text
	if len(n.Entries) == 0 {
		r.diags.Errorf(codeOperator, n.Span, "an operator is missing").Help = "write for example `" + subject + ": {in: [a, b]}`"
		return
	}
	d := r.diags.Errorf(codeOperator, n.Entries[1].Key.Span, "a leaf has one operator, here are %d", len(n.Entries))
	d.Help = "write two conditions below `and:`, or for a range `" + subject + ": {between: [1, 9]}`"
}

func (r *reader) unknownOperator(of operand, e *yamltree.Entry) {
	name := e.Key.Text
	d := r.diags.Errorf(codeOperator, e.Key.Span, "there is no operator `%s`", name)
	d.Help = "the operators are " + enumerate(slices.Sorted(maps.Keys(operators))) + ", and with or without `not` before them " +
		enumerate(slices.Sorted(maps.Keys(negatable)))
	meant := otherOperators[strings.ToLower(name)]
	if meant == "" {
		meant = diag.Suggest(name, Operators())
	}
	if exists := map[string]string{"exists": "known", "null": "missing", "is_null": "missing", "isnull": "missing", "empty": "missing"}[strings.ToLower(name)]; exists != "" {
		d.Help = "write `" + of.entry.Key.Text + ": {is: " + exists + "}`"
		return
	}
	if meant == "" {
		return
	}
	d.Help = "did you mean `" + meant + "`?"
	if strings.ContainsAny(meant, "<>=!~") {
		meant = `"` + meant + `"`
	}
	d.Edits = []diag.Edit{{Span: e.Key.Span, Text: meant}}
}

// plainValue demands a scalar after an operator.
func (r *reader) plainValue(of operand, n *yamltree.Node) bool {
	if n.Kind == yamltree.Scalar {
		return true
	}
	d := r.diags.Errorf(codeOperand, n.Span, "`%s` takes one value, this is %s", of.op.Text, n.Kind)
	d.Help = "write the value itself, without brackets"
	if n.Kind == yamltree.List && (of.op.Text == "=" || of.op.Text == "!=") {
		d.Help = "to compare with one of several values write `in` or `not in`"
	}
	return false
}

func (r *reader) equal(of operand, n *yamltree.Node) ast.Expr {
	if !r.plainValue(of, n) {
		return nil
	}
	return &ast.Compare{Op: of.op.Text, OpLoc: of.op.Span, L: of.x, R: scalarNode(n)}
}

func (r *reader) folded(of operand, n *yamltree.Node) ast.Expr {
	if !r.plainValue(of, n) {
		return nil
	}
	return &ast.Compare{Op: of.op.Text, OpLoc: of.op.Span, L: of.x, R: textNode(n)}
}

// ordered reads < and its like.
func (r *reader) ordered(of operand, n *yamltree.Node) ast.Expr {
	if !r.plainValue(of, n) {
		return nil
	}
	return &ast.Compare{Op: of.op.Text, OpLoc: of.op.Span, L: of.x, R: r.bound(n)}
}

// bound reads a value that something lies above or below. What looks like a
// day, a time or an instant can be nothing else; a number may be a version.
func (r *reader) bound(n *yamltree.Node) ast.Expr {
	switch x, diags := syntax.Literal(n.Text, n.Span); x := x.(type) {
	case *ast.Date, *ast.Duration, *ast.Time, *ast.Word:
		r.diags = append(r.diags, diags...)
		return x
	default: // by the type it meets
	}
	return scalarNode(n)
}

func (r *reader) between(of operand, n *yamltree.Node) ast.Expr {
	if n.Kind != yamltree.List || len(n.Items) != 2 {
		d := r.diags.Errorf(codeOperand, n.Span, "`%s` takes two bounds", of.op.Text)
		d.Help = "write `" + of.entry.Key.Text + ": {" + of.op.Text + ": [18, 30]}`; both ends belong to it"
		return nil
	}
	if !r.element(n.Items[0]) || !r.element(n.Items[1]) {
		return nil
	}
	return &ast.Between{Not: of.not, X: of.x, Lo: r.bound(n.Items[0]), Hi: r.bound(n.Items[1])}
}

func (r *reader) textMatch(of operand, n *yamltree.Node) ast.Expr {
	if !r.plainValue(of, n) {
		return nil
	}
	return &ast.TextMatch{Not: of.not, Op: strings.TrimPrefix(of.op.Text, "not "), X: of.x, Y: textNode(n)}
}

func (r *reader) known(of operand, n *yamltree.Node) ast.Expr {
	if n.Kind == yamltree.Scalar && (n.Text == "known" || n.Text == "missing") {
		return &ast.Known{X: of.x, Missing: n.Text == "missing"}
	}
	d := r.diags.Errorf(codeOperand, n.Span, "after `is` comes known or missing")
	d.Help = "to compare with a value write `" + of.entry.Key.Text + ": " + n.Text + "`"
	return nil
}

// in reads a set, or a scalar that is the name of a list, a window or a rank.
func (r *reader) in(of operand, n *yamltree.Node) ast.Expr {
	switch n.Kind {
	case yamltree.List:
		if set := r.set(n); set != nil {
			return &ast.InSet{Not: of.not, X: of.x, Set: set}
		}
		return nil
	case yamltree.Map, yamltree.Null:
		r.diags.Errorf(codeOperand, n.Span, "`%s` takes a list, this is %s", of.op.Text, n.Kind).Help = "write `" + of.op.Text + ": [a, b]`"
		return nil
	case yamltree.Scalar:
	}
	before := len(r.diags)
	x := r.predicate(of, of.op, n)
	first, rest, several := strings.Cut(strings.TrimSpace(n.Text), " ")
	if x != nil || slices.Contains([]string{"last", "next", "this", "previous", "top", "bottom", "segment"}, first) || several && strings.HasPrefix(rest, "of ") {
		return x
	}
	r.diags = r.diags[:before]
	d := r.diags.Errorf(codeOperand, n.Span, "`%s` is neither a list nor a window", n.Text)
	d.Help = "write a list in brackets, [" + n.Text + "], the name of a list, or a window such as `last 30 days`"
	d.Edits = []diag.Edit{{Span: n.Span, Text: "[" + n.Span.Text() + "]"}}
	return nil
}

// set reads the values after in and has, each to be read by the type of what
// it is compared with.
func (r *reader) set(n *yamltree.Node) *ast.Set {
	if len(n.Items) == 0 {
		r.diags.Errorf(codeOperand, n.Span, "this list is empty").Help = "nothing is ever in an empty list; name at least one value"
		return nil
	}
	set := &ast.Set{At: ast.At{Loc: n.Span}}
	for _, item := range n.Items {
		if !r.element(item) {
			return nil
		}
		set.Elems = append(set.Elems, scalarNode(item))
	}
	return set
}

// has reads one value, a set, or after any of, all of, none of also the name
// of a list.
func (r *reader) has(of operand, n *yamltree.Node) ast.Expr {
	quant := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(of.op.Text, "not "), "has"), " "), " of")
	out := &ast.Has{Not: of.not, X: of.x, Quant: quant}
	switch {
	case n.Kind == yamltree.List:
		set := r.set(n)
		if set == nil {
			return nil
		}
		out.Y = set
	case !r.plainValue(of, n):
		return nil
	case quant == "":
		out.Y = scalarNode(n)
	default:
		path, read := embedded(n).Path()
		if read.Diags.HasErrors() || path == nil {
			d := r.diags.Errorf(codeOperand, n.Span, "`%s` takes a list", of.op.Text)
			d.Help = "write values in brackets, [" + n.Text + "], or the name of a list"
			return nil
		}
		if !r.keepBare(n, read) {
			return nil
		}
		out.Y = &ast.PathExpr{At: path.At, Path: path}
	}
	return out
}

func (r *reader) matches(of operand, n *yamltree.Node) ast.Expr {
	if !r.plainValue(of, n) {
		return nil
	}
	if !strings.HasPrefix(n.Text, "/") {
		d := r.diags.Errorf(codeOperand, n.Span, "a regular expression stands between slashes")
		d.Help = "write '/" + strings.ReplaceAll(n.Text, "/", `\/`) + "/'; for plain text use contains"
		return nil
	}
	return r.predicate(of, of.op, n)
}

func (r *reader) window(of operand, n *yamltree.Node) ast.Expr {
	if !r.plainValue(of, n) {
		return nil
	}
	return r.predicate(of, of.op, n)
}

func (r *reader) within(of operand, n *yamltree.Node) ast.Expr {
	if !r.plainValue(of, n) {
		return nil
	}
	return r.predicate(of, of.op, n)
}

// relocate gives a predicate the place of the whole leaf, subject and all.
func relocate(x ast.Expr, at ast.At) ast.Expr {
	switch x := x.(type) {
	case nil:
		return nil
	case *ast.Between:
		x.At = at
	case *ast.Compare:
		x.At = at
	case *ast.Has:
		x.At = at
	case *ast.InName:
		x.At = at
	case *ast.InRank:
		x.At = at
	case *ast.InSegment:
		x.At = at
	case *ast.InSet:
		x.At = at
	case *ast.InWindow:
		x.At = at
	case *ast.Known:
		x.At = at
	case *ast.Matches:
		x.At = at
	case *ast.TextMatch:
		x.At = at
	case *ast.Within:
		x.At = at
	default: // operators make nothing else
	}
	return x
}
