package yamlform

import (
	"strings"

	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
)

// maxDepth is how deep conditions may nest, as in .seg files.
const maxDepth = 200

const leafHelp = "a condition is a text such as `age(birthday) >= 18`, a map with the one key and, or, not, or a map from a subject to its value: `city: Huế`"

// condition reads a condition; nil after an error.
func (r *reader) condition(n *yamltree.Node) ast.Expr {
	r.depth++
	defer func() { r.depth-- }()
	if r.depth > maxDepth {
		r.diags.Errorf(codeCondition, n.Span, "conditions are nested more than %d deep here", maxDepth).Help =
			"give parts of the condition a name: a segment or a trait of their own"
		return nil
	}
	switch n.Kind {
	case yamltree.List:
		d := r.diags.Errorf(codeCondition, n.Span, "a list of conditions does not say whether all must hold, or one")
		d.Help = "put `and:` (all must hold) or `or:` (one is enough) before it"
		return nil
	case yamltree.Map:
		return r.conditionMap(n)
	case yamltree.Null:
		r.shape(n, "a condition", leafHelp)
		return nil
	case yamltree.Scalar:
	}
	x, read := embedded(n).Expr()
	if !r.keep(n, read) {
		return nil
	}
	return x
}

// conditionMap reads a map with one key.
func (r *reader) conditionMap(n *yamltree.Node) ast.Expr {
	switch len(n.Entries) {
	case 0:
		r.diags.Errorf(codeCondition, n.Span, "this condition is empty").Help = leafHelp
		return nil
	case 1:
	default:
		r.severalKeys(n)
		return nil
	}
	e := n.Entries[0]
	switch e.Key.Text {
	case "and", "or":
		return r.logic(e)
	case "not":
		x := r.condition(e.Value)
		if x == nil {
			return nil
		}
		return &ast.Not{At: ast.At{Loc: e.Span()}, X: inParens(x)}
	}
	if lower := strings.ToLower(e.Key.Text); lower == "and" || lower == "or" || lower == "not" {
		d := r.diags.Errorf(codeCondition, e.Key.Span, "keywords are written in small letters: `%s`", lower)
		d.Help = "a name that is written like this stands in backticks: '`" + e.Key.Text + "`'"
		d.Edits = []diag.Edit{{Span: e.Key.Span, Text: lower}}
		return nil
	}
	if len(r.words(e.Key.Text)) > 0 {
		d := r.diags.Errorf(codeCondition, e.Key.Span, "`%s` is written %s", e.Key.Text, r.words(e.Key.Text))
		d.Help = "conditions are joined by `and:` (all must hold) and `or:` (one is enough), and turned round by `not:`"
		return nil
	}
	return r.leaf(e)
}

// words says how the language writes what other systems call all, any, none.
func (*reader) words(key string) string {
	return map[string]string{"all": "`and:`", "any": "`or:`", "none": "`not:` and below it `or:`", "all_of": "`and:`", "any_of": "`or:`",
		"allOf": "`and:`", "anyOf": "`or:`", "must": "`and:`", "should": "`or:`", "must_not": "`not:`", "&&": "`and:`", "||": "`or:`", "!": "`not:`"}[key]
}

// severalKeys reports a map that should have one key.
func (r *reader) severalKeys(n *yamltree.Node) {
	second := n.Entries[1]
	d := r.diags.Errorf(codeCondition, second.Key.Span, "a condition is a map with one key, here are %d", len(n.Entries))
	d.Labels = []diag.Label{{Span: n.Entries[0].Key.Span, Text: "the first one"}}
	d.Help = "say how they belong together: `and:` or `or:`, and below it each condition after `- `"
	if n.Get("and") != nil && n.Get("or") != nil {
		d.Message = "`and` and `or` stand beside each other"
		d.Help = "say which belongs to which: put the `or:` into the list below `and:` as one of its conditions, or the other way round"
	}
}

// logic reads and: and or:.
func (r *reader) logic(e *yamltree.Entry) ast.Expr {
	op := e.Key.Text
	if e.Value.Kind != yamltree.List || len(e.Value.Items) == 0 {
		r.shape(e.Value, "a list of conditions", "below `"+op+":` each condition stands on a line of its own after `- `")
		return nil
	}
	xs := make([]ast.Expr, 0, len(e.Value.Items))
	for _, item := range e.Value.Items {
		if x := r.condition(item); x != nil {
			xs = append(xs, x)
		}
	}
	switch {
	case len(xs) < len(e.Value.Items):
		return nil
	case len(xs) == 1:
		return xs[0]
	}
	for i, x := range xs {
		xs[i] = inParens(x)
	}
	return &ast.Logic{At: ast.At{Loc: xs[0].Span().To(xs[len(xs)-1].Span())}, Op: op, Operands: xs}
}

// inParens puts what a structure keeps together in the parentheses that keep
// it together in a text.
func inParens(x ast.Expr) ast.Expr {
	if _, ok := x.(*ast.Logic); ok {
		return &ast.Paren{At: ast.At{Loc: x.Span()}, X: x}
	}
	return x
}

// leaf reads `SUBJECT: VALUE` and `SUBJECT: {OPERATOR: VALUE}`.
func (r *reader) leaf(e *yamltree.Entry) ast.Expr {
	at := len(r.diags)
	x, read := embedded(e.Key).Sum()
	if !r.keepBare(e.Key, read) {
		r.diags[at].Help += "; if this is one condition, put it in single quotes: YAML takes `: ` for the end of a key"
		r.diags[at].Help = strings.TrimPrefix(r.diags[at].Help, "; ")
		return nil
	}
	if x == nil {
		return nil
	}
	loc := ast.At{Loc: e.Span()}
	switch n := e.Value; n.Kind {
	case yamltree.List:
		d := r.diags.Errorf(codeCondition, n.Span, "a list needs an operator before it")
		d.Help = "write `" + e.Key.Text + ": {in: " + flowText(n) + "}` where one of them is enough"
		return nil
	case yamltree.Map:
		return r.operator(operand{x: x, entry: e, loc: loc})
	case yamltree.Null:
		r.nullValue(n, e)
		return nil
	case yamltree.Scalar:
	}
	colon := source.Span{File: r.file, Start: e.Key.Span.End, End: e.Value.Span.Start}
	return &ast.Compare{At: loc, Op: "=", OpLoc: colon, L: x, R: scalarNode(e.Value)}
}

// flowText is a list as it stands in the file, if that is short.
func flowText(n *yamltree.Node) string {
	if s := n.Span.Text(); n.Flow && len(s) < 60 {
		return s
	}
	return "[…]"
}

// nullValue reports null where a value is compared with.
func (r *reader) nullValue(n *yamltree.Node, e *yamltree.Entry) {
	d := r.diags.Errorf(codeNull, n.Span, "a value is never compared with null")
	if n.Span == e.Key.Span {
		d.Message = "`" + e.Key.Text + "` is compared with nothing"
	}
	d.Help = "for customers without the value write `" + e.Key.Text + ": {is: missing}`, for those with it `{is: known}`"
	if n.Span != e.Key.Span {
		d.Edits = []diag.Edit{{Span: n.Span, Text: "{is: missing}"}}
	}
}

// joined is the place of Text[start:end] of an operator, a blank and a value.
func joined(op, value *yamltree.Node) func(start, end int) source.Span {
	n := len(op.Text) + 1
	return func(start, end int) source.Span {
		switch {
		case start >= n:
			return value.At(start-n, end-n)
		case end >= n:
			return op.Span.To(value.At(0, end-n))
		}
		return op.Span
	}
}

// predicate reads an operator whose value is written in the language.
func (r *reader) predicate(of operand, op, value *yamltree.Node) ast.Expr {
	p := syntax.Embedded{Text: op.Text + " " + value.Text, Place: joined(op, value)}
	x, read := p.Predicate(of.x)
	if !r.keepBare(value, read) || x == nil {
		return nil
	}
	return x
}
