package yamlform

import (
	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/syntax"
)

func (r *reader) segment(d def) ast.Decl {
	out := &ast.Segment{At: d.at, Name: d.name, Of: r.entity(d.values["of"]), Meta: r.meta(d)}
	if n := d.values["where"]; n != nil {
		out.Where = r.condition(n)
	}
	n := d.values["expect"]
	switch {
	case n == nil:
	case n.Kind != yamltree.List || len(n.Items) == 0:
		r.shape(n, "a list of checks", "write `expect: [size >= 500]`, or each check on a line of its own after `- `")
	default:
		for _, item := range n.Items {
			x := r.condition(item)
			checkNumbers(x)
			out.Expects = append(out.Expects, ast.Expect{At: ast.At{Loc: item.Span}, Check: x})
		}
	}
	return out
}

// checkNumbers reads `size: 500`: checks compare with numbers only.
func checkNumbers(x ast.Expr) {
	switch x := x.(type) {
	case *ast.Between:
		x.Lo, x.Hi = guessed(x.Lo), guessed(x.Hi)
	case *ast.Compare:
		x.R = guessed(x.R)
	default: // holds no scalar that could be a check
	}
}

func guessed(x ast.Expr) ast.Expr {
	if s, ok := x.(*ast.Scalar); ok {
		return syntax.Guess(s)
	}
	return x
}

func (r *reader) split(d def) ast.Decl {
	out := &ast.Split{At: d.at, Name: d.name, Meta: r.meta(d)}
	if n := d.values["of"]; n != nil {
		out.Of, out.OfSegment = r.splitOf(n)
	}
	n := d.values["branches"]
	if n == nil {
		return out
	}
	if n.Kind != yamltree.List || len(n.Items) == 0 {
		r.shape(n, "a list of branches", "each branch is `- branch: NAME` and `when: CONDITION`")
		return out
	}
	for i, item := range n.Items {
		if b, ok := r.branch(item, i == len(n.Items)-1); ok {
			out.Branches = append(out.Branches, b)
		}
	}
	return out
}

const otherwise = "otherwise"

func (r *reader) branch(n *yamltree.Node, last bool) (b ast.Branch, ok bool) {
	if n.Kind != yamltree.Map {
		r.shape(n, "a branch", "write `- branch: NAME` and `when: CONDITION`")
		return b, false
	}
	b.Loc = n.Span
	values := r.values(n, branchKeys)
	if v := values["branch"]; v != nil {
		b.Name = r.name(v, "the name of a branch")
	}
	if v := values["title"]; v != nil && r.scalar(v, "a text", "write `title: Khách mới`") {
		b.Title = textNode(v)
	}
	v := values["when"]
	if v == nil || b.Name.Name == "" {
		return b, false
	}
	rest := v.Kind == yamltree.Scalar && v.Text == otherwise
	switch {
	case rest && !last:
		r.diags.Errorf(codeKind, v.Span, "`otherwise` takes everybody who is left, so it comes last").Help = "move this branch to the end"
		return b, false
	case last && !rest:
		r.diags.Errorf(codeKind, b.Name.Loc, "the last branch does not say where everybody else belongs").Help =
			"end the list with `- branch: other` and `when: otherwise`"
	case rest:
		return b, true
	}
	b.When = r.condition(v)
	return b, b.When != nil
}

// splitOf reads what a split divides.
func (r *reader) splitOf(n *yamltree.Node) (*ast.Ident, *ast.Path) {
	if !r.scalar(n, "an entity or `segment NAME`", "write `of: company` or `of: segment big_spenders`") {
		return nil, nil
	}
	entity, segment, read := embedded(n).SplitOf()
	if !r.keepBare(n, read) {
		return nil, nil
	}
	return entity, segment
}

func (r *reader) holdout(d def) ast.Decl {
	out := &ast.Holdout{At: d.at, Name: d.name, Meta: r.meta(d)}
	if n := d.values["of"]; n != nil {
		entity, segment := r.splitOf(n)
		if out.Of = segment; entity != nil {
			e := r.diags.Errorf(codeOperand, n.Span, "a holdout divides a segment")
			e.Help = "write `of: segment " + n.Text + "`"
			e.Edits = []diag.Edit{{Span: n.Span, Text: "segment " + syntax.QuoteName(entity.Name)}}
		}
	}
	n := d.values["groups"]
	if n == nil {
		return out
	}
	if n.Kind != yamltree.List || len(n.Items) == 0 {
		r.shape(n, "a list of groups", "write `groups: [{control: 10%}, {test: otherwise}]`, or each group on a line of its own after `- `")
		return out
	}
	for i, item := range n.Items {
		if g, ok := r.group(item, i == len(n.Items)-1); ok {
			out.Groups = append(out.Groups, g)
		}
	}
	return out
}

func (r *reader) group(n *yamltree.Node, last bool) (g ast.Group, ok bool) {
	const help = "a group is `control: 10%`, and the last one `test: otherwise`"
	if n.Kind != yamltree.Map || len(n.Entries) != 1 {
		if n.Kind == yamltree.Map && len(n.Entries) > 1 {
			r.diags.Errorf(codeShape, n.Entries[1].Key.Span, "here are %d groups in one map", len(n.Entries)).Help = "begin each one with `- `: they are taken in order"
			return g, false
		}
		r.shape(n, "a group", help)
		return g, false
	}
	e := n.Entries[0]
	g.Loc = e.Span()
	g.Name = r.name(e.Key, "the name of a group")
	if g.Name.Name == "" || !r.scalar(e.Value, "a percentage", help) {
		return g, false
	}
	rest := e.Value.Text == otherwise
	switch {
	case rest && !last:
		r.diags.Errorf(codeKind, e.Value.Span, "`otherwise` takes everybody who is left, so it comes last").Help = "move this group to the end"
		return g, false
	case rest:
		return g, true
	case last:
		r.diags.Errorf(codeKind, e.Key.Span, "the last group does not take the rest").Help = "end the list with a group such as `- test: otherwise`"
	}
	share, isNumber := r.literal(e.Value).(*ast.Number)
	if !isNumber || !share.Percent {
		d := r.diags.Errorf(codeOperand, e.Value.Span, "the share of the group `%s` is a percentage", g.Name.Name)
		if d.Help = help; isNumber {
			d.Help = "write " + share.Text + "%"
			d.Edits = []diag.Edit{{Span: e.Value.Span, Text: share.Text + "%"}}
		}
		return g, false
	}
	g.Share = share
	return g, true
}

func (r *reader) trait(d def) ast.Decl {
	out := &ast.Trait{At: d.at, Name: d.name, Of: r.entity(d.values["of"])}
	if n := d.values["value"]; n != nil && r.scalar(n, "an expression", "write `value: sum(amount of orders)`") {
		x, read := embedded(n).Trait()
		if r.keep(n, read) {
			out.Value = x
		}
	}
	return out
}

func (r *reader) rfm(d def) ast.Decl {
	out := &ast.RFM{At: d.at, Name: d.name}
	if n := d.values["value"]; n != nil && r.scalar(n, "a value and its fact", "write `value: amount of orders in last 365 days`") {
		x, fact, read := embedded(n).RFM()
		if r.keep(n, read) {
			out.Value, out.Fact = x, fact
		}
	}
	return out
}

func (r *reader) list(d def) ast.Decl {
	out := &ast.List{At: d.at, Name: d.name}
	from, column, values := d.values["from"], d.values["column"], d.values["values"]
	if from != nil && values != nil {
		r.diags.Errorf(codeKind, d.n.Get("from").Key.Span, "a list has its values here or in a file, not both").Help = "remove `from` or `values`"
	}
	switch {
	case column != nil && from == nil:
		r.diags.Errorf(codeKind, d.n.Get("column").Key.Span, "`column` names the column of a file").Help = "write `from: lists/staff.csv` beside it, or remove it"
	case column != nil && r.scalar(column, "the name of a column", "write `column: email`"):
		out.Column = columnName(column)
	}
	if from != nil && r.scalar(from, "the path of a file", "write `from: lists/staff.csv`") {
		out.From = textNode(from)
	}
	if n := d.n.Get("type"); n != nil && from != nil {
		r.diags.Errorf(codeKind, n.Key.Span, "what a file holds is read by the type of what it is compared with").Help = "remove `type`"
	}
	if values != nil {
		if out.Set = r.listValues(values, d.values["type"]); out.Set != nil {
			out.Loc = out.Loc.To(out.Set.Loc)
		}
	}
	return out
}

// columnName is a column as its file spells it; backticks around it are
// those of the language.
func columnName(n *yamltree.Node) *ast.Ident {
	id := &ast.Ident{At: ast.At{Loc: n.Span}, Name: textOf(n)}
	if quoted, read := embedded(n).Path(); !read.Diags.HasErrors() && len(quoted.Parts) == 1 && quoted.Parts[0].Quoted {
		id.Name, id.Quoted = quoted.Parts[0].Name, true
	}
	id.Quoted = id.Quoted || !syntax.IsName(id.Name)
	return id
}

func (r *reader) param(d def) ast.Decl {
	out := &ast.Param{At: d.at, Name: d.name}
	if n := d.values["value"]; n != nil && r.scalar(n, "one value", "write `value: 5_000_000`") {
		out.Value = r.typed(n, r.literalType(d.values["type"]))
	}
	return out
}
