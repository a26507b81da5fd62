package sql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/text"
	"github.com/segql/segql/compiler/value"
)

// scope is a FROM clause being written: one row at a time stands under an
// alias, and what expressions look up is joined as it is met.
type scope struct {
	*printer
	joins []string
	known map[string]string // join text → alias
	// row is the alias whose columns are not yet computed: raw columns are
	// there under their names, others are printed from their definition.
	row string
	// group: columns are printed as aggregates over the rows of a group.
	group *ir.Relation
	// fields are the columns of the list elements in scope, and how each is
	// printed; items counts the elements.
	fields map[*ir.ColumnDef]string
	items  int
	// rows are those of a sequence that Earlier reads; prefix keeps the
	// aliases of a row's joins apart from those around it.
	rows   []standing
	prefix string
	// root is the table that stands for the rows themselves; see atoms.
	root *Home
}

func (p *printer) scope() *scope {
	return &scope{printer: p, known: map[string]string{}, fields: map[*ir.ColumnDef]string{}}
}

// join adds a left join of a table once and answers its alias.
func (s *scope) join(table, on string) string { return s.joinTo(s.d.Ident(table), on) }

func (s *scope) joinTo(table, on string) string {
	return s.joinOn(table, func(alias string) string { return strings.Replace(on, "{0}", alias, 1) })
}

// joinOn is join with a condition made of the alias.
func (s *scope) joinOn(table string, on func(alias string) string) string {
	key := table + "\x00" + on("\x00")
	if a, ok := s.known[key]; ok {
		return a
	}
	alias := fmt.Sprintf("%sj%d", s.prefix, len(s.joins)+1)
	s.known[key] = alias
	s.joins = append(s.joins, "LEFT JOIN "+table+" AS "+alias+" ON "+on(alias))
	return alias
}

// from is the FROM clause with every join that was met.
func (s *scope) from(first string) string {
	return strings.Join(append([]string{"FROM " + first}, s.joins...), "\n")
}

// col is a column of the row under alias.
func (s *scope) col(alias, name string) string { return alias + "." + s.d.Ident(name) }

func (s *scope) exprs(alias string, xs []ir.Expr) []string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = s.expr(alias, x)
	}
	return out
}

// expr prints x, read at the row under alias.
func (s *scope) expr(alias string, x ir.Expr) string {
	e := func(y ir.Expr) string { return s.expr(alias, y) }
	switch x := x.(type) {
	case *ir.And:
		return "(" + strings.Join(s.exprs(alias, x.Xs), " AND ") + ")"
	case *ir.Arith:
		return s.arith(s.operand(e(x.L), x.L, x), x.Op, s.operand(e(x.R), x.R, x), x.T)
	case *ir.Call:
		return s.call(alias, x)
	case *ir.Case:
		return s.caseOf(alias, x)
	case *ir.Cmp:
		op := x.Op
		if op == "!=" {
			op = "<>"
		}
		return "(" + s.side(alias, x.L) + " " + op + " " + s.side(alias, x.R) + ")"
	case *ir.Column:
		return s.column(alias, x.Col)
	case *ir.Const:
		return s.d.Literal(x.V, x.T)
	case *ir.Convert:
		return s.convert(e(x.X), x.X.Type(), x.T)
	case *ir.Div:
		return s.div(e(x.L), e(x.R), x.L.Type(), x.R.Type())
	case *ir.Field:
		return s.field(e(x.X), x)
	case *ir.Follow:
		return s.follow(alias, x)
	case *ir.GroupAgg:
		return s.groupAgg(alias, x)
	case *ir.Has:
		return fill(s.d.ListHas, e(x.X), e(x.Y))
	case *ir.ListCount:
		return s.listCount(alias, x)
	case *ir.InSet:
		return s.inSet(e(x.X), x)
	case *ir.Known:
		if x.Missing {
			return "(" + e(x.X) + " IS NULL)"
		}
		return "(" + e(x.X) + " IS NOT NULL)"
	case *ir.Match:
		return fill(s.d.Matches, e(x.X), s.d.Text(s.d.Regex(x.Re)))
	case *ir.Neg:
		return "(- " + e(x.X) + ")"
	case *ir.Not:
		return "(NOT " + e(x.X) + ")"
	case *ir.Or:
		return "(" + strings.Join(s.exprs(alias, x.Xs), " OR ") + ")"
	case *ir.Sample:
		return s.sample(e(x.By), x)
	case *ir.Earlier:
		row := s.rows[x.Row]
		return row.scope.expr(row.alias, x.X)
	case *ir.Seq:
		return "(" + s.sequence(alias, x) + ")"
	case *ir.Slot:
		return s.slot(alias, x)
	case *ir.StartOf:
		return fill(s.d.StartOf[x.Unit], e(x.X), fmt.Sprint(s.weekStart()))
	case *ir.TextMatch:
		if c, ok := x.Y.(*ir.Const); ok && strings.HasPrefix(x.Op, "fold") && !c.V.IsMissing() {
			return fill(s.d.Matches, e(x.X), s.d.Text(s.d.Regex(text.FoldRegex(c.V.S, x.Op == "fold="))))
		}
		return s.textMatch(x, e(x.X), e(x.Y))
	case *ir.TimeAdd:
		return s.timeAdd(e(x.X), x)
	case *ir.Truth:
		if _, ok := x.X.(*ir.Slot); ok {
			return "coalesce(" + e(x.X) + ", " + s.d.FalseLiteral + ")"
		}
		if f, ok := x.X.(*ir.Follow); ok {
			return "coalesce(" + e(f) + ", " + s.d.FalseLiteral + ")"
		}
		return e(x.X)
	case *ir.Agg, *ir.Anniversary, *ir.AsOf, *ir.Bucket, *ir.History, *ir.InRange, *ir.Member, *ir.PopAgg, *ir.Rank, *ir.Trait:
		panic(fmt.Sprintf("sql: %T is gone after lowering and planning", x))
	default:
		panic(fmt.Sprintf("sql: cannot print %T", x))
	}
}

// side is a side of a comparison, where a number needs no type.
func (s *scope) side(alias string, x ir.Expr) string {
	if c, ok := x.(*ir.Const); ok {
		return s.d.bare(c.V, c.T)
	}
	return s.expr(alias, x)
}

// weekStart is the day weeks begin with, Monday 1 to Sunday 7.
func (s *scope) weekStart() int {
	if d := int(s.plan.Project.Calendar.WeekStart); d > 0 {
		return d
	}
	return 7
}

// column is a column of a finished row, or the definition of one that is
// being computed.
func (s *scope) column(alias string, c *ir.ColumnDef) string {
	if f, ok := s.fields[c]; ok {
		return f
	}
	if alias != s.row || c.Def == nil || s.group != nil {
		return s.col(alias, s.name(c))
	}
	return s.expr(alias, s.lower(c.Def))
}

// lookup joins the row a lookup leads to.
func (s *scope) lookup(alias string, l *ir.Lookup) string {
	by := s.expr(alias, s.lower(l.By))
	return s.join(rowsName(l.To), "{0}."+s.d.Ident(s.name(l.To.Key))+" = "+by)
}

// follow reads x.X at the row a lookup leads to. Without one all its columns
// are NULL, and so is what is made of them, but for expressions that are known
// even then: those must be kept from being.
func (s *scope) follow(alias string, x *ir.Follow) string {
	to := s.lookup(alias, x.By)
	v := s.expr(to, x.X)
	if _, ok := x.X.(*ir.Truth); ok || s.nullWithoutRow(x.X) {
		return v
	}
	return "CASE WHEN " + s.col(to, s.name(x.By.To.Key)) + " IS NOT NULL THEN " + v + " END"
}

// nullWithoutRow reports whether x is NULL where all columns are.
func (s *scope) nullWithoutRow(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Arith, *ir.Convert, *ir.Div, *ir.Neg, *ir.StartOf, *ir.TimeAdd:
		return slices.ContainsFunc(ir.Children(x), s.nullWithoutRow)
	case *ir.Call:
		f := fn.Lookup(x.Fn)
		return (f == nil || !f.TakesMissing) && slices.ContainsFunc(x.Args, s.nullWithoutRow)
	case *ir.Column:
		return true
	case *ir.Field:
		return s.nullWithoutRow(x.X)
	case *ir.Follow:
		return s.nullWithoutRow(s.lower(x.By.By))
	case *ir.Slot:
		return !x.Zero && s.tables[x.Table].Kind != plan.Values
	default:
		return false
	}
}

// slot joins the planned table a column is in.
func (s *scope) slot(alias string, x *ir.Slot) string {
	col := ""
	if home, ok := s.home(x); ok {
		col = s.col(s.atHome(alias, home), home.Col)
	} else {
		t := s.tables[x.Table]
		var on string
		switch {
		case t.Bounds != nil:
			on = s.sameWindow(alias, t)
		case t.Kind != "values":
			on = "{0}." + s.d.Ident(KeyName) + " = " + s.col(alias, s.name(t.Rel.Key))
		default:
			on = s.sameGroup(alias, t)
		}
		to := s.joinOn(s.d.Ident(x.Table), func(alias string) string { return strings.ReplaceAll(on, "{0}", alias) })
		col = s.col(to, x.Col)
	}
	if x.Zero {
		return "coalesce(" + col + ", 0)"
	}
	return col
}

// sameGroup is the condition that a row {0} of values over the population is
// for the group of the row under alias.
func (s *scope) sameGroup(alias string, t *plan.Table) string {
	var conds []string
	for _, g := range groupsOf(t) {
		conds = append(conds, fill(s.d.SameGroup, "{0}."+s.d.Ident(g.col), s.expr(alias, g.x)))
	}
	if len(conds) == 0 {
		return s.d.TrueLiteral
	}
	return strings.Join(conds, " AND ")
}

func (s *scope) convert(x string, from, to value.Type) string {
	zone := s.d.Text(s.plan.Project.Zone)
	switch {
	case to.Kind == value.Time && from.Kind == value.Wall:
		return fill(s.d.ToInstant, x, zone)
	case to.Kind == value.Time && from.Kind == value.Date:
		return fill(s.d.ToInstant, fill(s.d.DateToWall, x), zone)
	case to.Kind == value.Wall && from.Kind == value.Time:
		return fill(s.d.ToWall, x, zone)
	case to.Kind == value.Wall && from.Kind == value.Date:
		return fill(s.d.DateToWall, x)
	case to.Kind == value.Float:
		return s.toFloat(x, from)
	case to.Kind == from.Kind && to.Scale == from.Scale && to.Prec == from.Prec:
		return x
	default:
		return "CAST(" + x + " AS " + s.d.Type(to) + ")"
	}
}

func (s *scope) caseOf(alias string, x *ir.Case) string {
	var b strings.Builder
	b.WriteString("CASE")
	for _, w := range x.Whens {
		b.WriteString(" WHEN " + s.expr(alias, w.Cond) + " THEN " + s.expr(alias, w.Value))
	}
	b.WriteString(" ELSE " + s.expr(alias, x.Else) + " END")
	return b.String()
}

// call fills the template of a function.
func (s *scope) call(alias string, x *ir.Call) string {
	args := s.exprs(alias, x.Args)
	if x.Fn == "as" {
		return "CAST(" + args[0] + " AS " + s.d.Type(x.T) + ")"
	}
	f := fn.Lookup(x.Fn)
	template, ok := f.SQL[s.d.Name]
	if !ok {
		template = f.SQL[""]
	}
	from := x.Args[0].Type()
	switch template {
	case "{lower}":
		return fill(s.d.Lower, args[0])
	case "{number}":
		return s.number(args[0], from, x.T)
	case "{text}":
		return s.textOf(args[0], from)
	}
	if x.Fn == "date" && (from.Kind == value.Text || from.Kind == value.JSON) {
		return s.dateOf(args[0], from)
	}
	if x.T.Kind == value.Int && (x.Fn == "ceil" || x.Fn == "floor" || x.Fn == "round") {
		return args[0] // engines would go by way of a float
	}
	known := make([]string, len(args))
	for i, a := range args {
		known[i] = a + " IS NOT NULL"
	}
	named := []string{"{*}", strings.Join(args, ", "), "{||}", strings.Join(args, " || "), "{known}", strings.Join(known, " AND "), "{t}", s.d.Type(x.T)}
	return fillNamed(template, named, args)
}

func (s *scope) jsonText(x string, from value.Type) string {
	if from.Kind == value.JSON {
		return fill(s.d.JSONText, x)
	}
	return x
}

func (s *scope) number(x string, from, to value.Type) string {
	if from.Numeric() {
		return x
	}
	return fill(s.d.Number, s.jsonText(x, from), s.d.Type(to))
}

func (s *scope) textOf(x string, from value.Type) string {
	return s.sources.TextOf(s.jsonText(x, from), from)
}

func (s *scope) dateOf(x string, from value.Type) string {
	return s.sources.DateOf(s.jsonText(x, from))
}

func (s *scope) field(x string, f *ir.Field) string {
	if f.X.Type().Kind == value.Record {
		return fill(s.d.RecordField, x, s.d.Text(f.Name), s.d.typeName(f.T))
	}
	return fill(s.d.JSONField, x, s.d.Text(f.Name), s.d.Text(`"`+strings.ReplaceAll(f.Name, `"`, `\"`)+`"`))
}

// manyValues is the length from which a set is printed as a table.
const manyValues = 100

func (s *scope) inSet(x string, e *ir.InSet) string {
	t := e.X.Type()
	vals := make([]string, len(e.Set.Values))
	for i, v := range e.Set.Values {
		vals[i] = s.d.bare(v, t)
	}
	switch {
	case len(vals) == 0:
		return s.d.FalseLiteral
	case len(vals) > manyValues:
		return "(" + x + " IN (SELECT v FROM (VALUES (" + strings.Join(vals, "), (") + ")) AS list(v)))"
	default:
		return "(" + x + " IN (" + strings.Join(vals, ", ") + "))"
	}
}

func (s *scope) sample(by string, x *ir.Sample) string {
	if value.Compare(x.Share, value.NewInt(1)) >= 0 && x.From.IsMissing() {
		return "(" + by + " IS NOT NULL)"
	}
	key := s.d.Text(x.Salt+"/") + " || " + s.sources.TextOf(by, x.By.Type())
	hash := "left(" + fill(s.d.MD5, key) + ", 16)"
	below := "(" + hash + " < " + s.d.Text(value.SampleThreshold(x.Share)) + ")"
	if x.From.IsMissing() {
		return below
	}
	return "(" + below + " AND " + hash + " >= " + s.d.Text(value.SampleThreshold(x.From)) + ")"
}

func (s *scope) textMatch(e *ir.TextMatch, x, y string) string {
	switch e.Op {
	case "contains":
		return fill(s.d.Contains, x, y)
	case "ends":
		return fill(s.d.EndsWith, x, y)
	case "fold=":
		return "(" + fill(s.d.Fold, x) + " = " + fill(s.d.Fold, y) + ")"
	case "foldcontains":
		return fill(s.d.Contains, fill(s.d.Fold, x), fill(s.d.Fold, y))
	case "starts":
		return fill(s.d.StartsWith, x, y)
	default:
		panic("sql: text match " + e.Op)
	}
}

// listCount counts the elements of a list, each standing under an alias of
// its own while its condition is printed.
func (s *scope) listCount(alias string, x *ir.ListCount) string {
	list := s.expr(alias, x.X)
	if x.Where == nil {
		return fill(s.d.ListLength, list)
	}
	s.items++
	item := fmt.Sprintf("e%d", s.items)
	for _, c := range x.Elem.Columns {
		s.fields[c] = item
		if x.Elem.Record {
			s.fields[c] = fill(s.d.RecordField, item, s.d.Text(c.Name), s.d.typeName(c.Type))
		}
	}
	return fill(s.d.ListCount, list, item, s.expr(item, x.Where))
}
