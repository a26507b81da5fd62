package difftest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/program"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/local"
	"github.com/segql/segql/runtime/member"
)

// TestPrograms compares the evaluator with the programs for one customer.
func TestPrograms(t *testing.T) {
	e := open(t)
	n := &tally{codes: map[diag.Code]int{}}
	rapid.Check(t, func(t *rapid.T) { comparePrograms(t, e, n) })
	t.Log(n)
}

func FuzzPrograms(f *testing.F) {
	e := open(f)
	f.Fuzz(fuzzed(func(t *rapid.T) { comparePrograms(t, e, &tally{codes: map[diag.Code]int{}}) }))
}

func comparePrograms(t *rapid.T, e *engine, n *tally) {
	w := drawWorld(t)
	if err := e.load(w); err != nil {
		t.Fatal(err)
	}
	c := drawProject(t, e, w, n)
	if c == nil {
		return
	}
	n.worlds++
	if failure := c.programs(e, n); failure != "" {
		c.reduceBy(func() bool { return e.load(c.w) == nil && c.programs(e, &tally{}) != "" })
		t.Fatalf("%s", c.programs(e, n))
	}
}

// programs says what disagrees between the evaluator, which sees the whole
// world, and the programs, which see one row and what belongs to it.
func (c *comparison) programs(e *engine, n *tally) string {
	definitions := strings.Join(c.lines, "\n")
	p, diags := e.compile(c.w.catalog, definitions)
	if diags.HasErrors() {
		return ""
	}
	shown := func(format string, args ...any) string {
		return fmt.Sprintf(format, args...) + "\n" + c.w.String() + "\n" + definitions
	}
	want, err := evaluated(p.Project, c.w.asOf, c.input(p))
	if err != nil {
		n.overflows++
		if !errors.Is(err, value.ErrOverflow) && !strings.Contains(err.Error(), "several rows") {
			return shown("%v", err)
		}
		return ""
	}
	stored, err := e.cuts(p, c.w)
	if err != nil {
		return shown("%v", err)
	}
	for _, entity := range p.Relations {
		if !entity.Entity {
			continue
		}
		if diff := c.entityPrograms(p, entity, division{want, stored}, n); diff != "" {
			return shown("%s", diff)
		}
	}
	return ""
}

func (c *comparison) input(p *compiler.Project) ir.Input {
	return ir.Input{Data: c.w.data(p.Project), Changes: c.w.history(p.Project)}
}

// entityPrograms evaluates every row of an entity on its own, in every form.
func (c *comparison) entityPrograms(p *compiler.Project, entity *ir.Relation, d division, n *tally) string {
	want := d.want
	cuts, err := c.cuts(p, entity, d.stored)
	if err != nil {
		return fmt.Sprintf("cuts: %v", err)
	}
	var failed string
	for _, form := range []local.Form{local.Closures, local.Expr} {
		e, err := local.New(p.Project, local.Options{Entity: entity.Name, Form: form, Cuts: cuts[form]})
		if err != nil {
			return err.Error()
		}
		got := map[string][]string{}
		for _, key := range c.keys(p, entity) {
			set, err := e.Segments(c.w.asOf, c.customer(e, entity, key))
			if err != nil {
				failed += fmt.Sprintf("%s: %v\n", form, err)
			}
			for _, name := range set.Names() {
				got[name] = append(got[name], value.Key(key))
			}
		}
		unanswered := map[string]bool{}
		for _, u := range e.Unanswered() {
			unanswered[u.Segment] = true
		}
		for _, s := range e.Program.Segments {
			n.segments++
			sort.Strings(got[s.Name])
			if !unanswered[s.Name] && !slices.Equal(got[s.Name], want[s.Name]) {
				failed += fmt.Sprintf("%s\n  evaluated: %s\n  %s: %s\n  %s\n", s.Decl.Text(), want[s.Name], form, got[s.Name], s.Source)
			}
		}
		// What looks at a segment outside its validity, a run does not look at,
		// nor at what constants have decided.
		if u := e.Unanswered(); len(u) > 0 && !c.hasValidity() && !c.folded(p) {
			failed += fmt.Sprintf("%s is unanswered\n", u[0].Segment)
		}
	}
	return failed
}

// folded reports whether constants take a question about the population out
// of some definition.
func (c *comparison) folded(p *compiler.Project) bool {
	questions := func(x ir.Expr) (n int) {
		ir.Walk(x, func(e ir.Expr) bool {
			switch e.(type) {
			case *ir.Bucket, *ir.PopAgg, *ir.Rank:
				n++
			default: // asks of one row
			}
			return true
		})
		return n
	}
	for _, s := range p.Segments {
		if x, err := ir.Lower(p.Calendar, c.w.asOf, s.Where); err == nil && questions(x) < questions(s.Where) {
			return true
		}
	}
	return false
}

func (c *comparison) hasValidity() bool {
	return strings.Contains(strings.Join(c.lines, "\n"), "valid_")
}

// division is the members that are expected, and where DuckDB divides them.
type division struct {
	want   map[string][]string
	stored []member.Cut
}

// cuts are what a run would store of ranks and the like.
func (e *engine) cuts(p *compiler.Project, w *world) (cuts []member.Cut, err error) {
	ctx := context.Background()
	pl, err := p.Plan(w.asOf, plan.Options{})
	if err == nil {
		err = e.loadChanges(w)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.Drop(ctx, pl)) }()
	if err := e.Execute(ctx, pl, nil); err != nil {
		return nil, err
	}
	return runtime.Cuts(ctx, e.Engine, pl)
}

// cuts are those that a run over the whole world would leave: for closures
// those of DuckDB, for expr programs those that a program finds itself.
func (c *comparison) cuts(p *compiler.Project, entity *ir.Relation, stored []member.Cut) (map[local.Form]map[string]*program.Cut, error) {
	prog, err := program.Build(p.Project, program.Options{Entity: entity.Name})
	if err != nil {
		return nil, err
	}
	rows := make([]*program.Rows, len(prog.Tables))
	for i, t := range prog.Tables {
		rows[i] = prog.Rows(i)
		tab := c.w.table(strings.TrimPrefix(t.Relation.Source.SQL, "select * from raw_"))
		for _, r := range tab.rows {
			rows[i].Append(c.w.record(tab, r, t.Columns))
		}
	}
	known := map[string]*program.Cut{}
	history := c.w.history(p.Project)
	for _, pop := range prog.Populations {
		if pop.History {
			known[pop.Key] = &program.Cut{Changes: map[string][]ir.Change{}}
			for _, ch := range history[pop.Of] {
				known[pop.Key].Changes[ch.Key] = append(known[pop.Key].Changes[ch.Key], ch)
			}
		}
	}
	f := prog.Frame()
	if err := f.Begin(prog.At(c.w.asOf, known), value.NewInt(1), rows, 1<<62); err != nil {
		return nil, err
	}
	found, err := f.Cuts(known)
	if err != nil {
		return nil, err
	}
	read, err := runtime.ParseCuts(prog, stored)
	for k, v := range known {
		read[k] = v
	}
	return map[local.Form]map[string]*program.Cut{local.Closures: read, local.Expr: found}, err
}

// keys are all keys that a row of an entity has.
func (c *comparison) keys(p *compiler.Project, entity *ir.Relation) []value.Value {
	everyone := *p.Project
	everyone.Segments = []*ir.Segment{{Name: "all", Entity: entity, Where: &ir.And{}}}
	r, err := ir.EvalInput(&everyone, c.w.asOf, c.input(p))
	if err != nil {
		return nil
	}
	return r.Members("all")
}

// customer is one row with all that it leads to.
func (c *comparison) customer(e *local.Evaluator, entity *ir.Relation, key value.Value) *local.Customer {
	one := e.Customer()
	one.SetKey(key)
	in := c.component(entity, key)
	for i, t := range e.Program.Tables {
		name := strings.TrimPrefix(t.Relation.Source.SQL, "select * from raw_")
		for j, r := range c.w.table(name).rows {
			if in[name][j] {
				one.AppendValues(i, c.w.record(c.w.table(name), r, t.Columns))
			}
		}
	}
	return one
}

// ways by which rows of the tables lead to one another.
var links = [][4]string{{"customers", "company_id", "companies", "id"}, {"companies", "region_code", "regions", "code"}, {"orders", "cust", "customers", "id"},
	{"orders", "co", "companies", "id"}, {"items", "oid", "orders", "oid"}, {"tags", "cust", "customers", "id"}, {"bookings", "cust", "customers", "id"}, {"orders", "basket", "orders", "basket"}}

// component are the rows that one row of an entity leads to, there and back.
func (c *comparison) component(entity *ir.Relation, key value.Value) map[string]map[int]bool {
	root := entity
	for root.From != nil {
		root = root.From
	}
	in := map[string]map[int]bool{}
	mark := func(table string, i int) bool {
		if in[table] == nil {
			in[table] = map[int]bool{}
		}
		was := in[table][i]
		in[table][i] = true
		return !was
	}
	name, column := "orders", "basket"
	if root.Source != nil {
		name, column = strings.TrimPrefix(root.Source.SQL, "select * from raw_"), c.w.table(strings.TrimPrefix(root.Source.SQL, "select * from raw_")).cols[0].name
	}
	for i, r := range c.w.table(name).rows {
		if value.Equal(r[c.w.table(name).col(column)], key) {
			mark(name, i)
		}
	}
	for grown := true; grown; {
		grown = false
		for _, l := range links {
			a, b := c.w.table(l[0]), c.w.table(l[2])
			for i, x := range a.rows {
				for j, y := range b.rows {
					if value.Equal(x[a.col(l[1])], y[b.col(l[3])]) && (in[l[0]][i] || in[l[2]][j]) {
						grown = mark(l[0], i) || grown
						grown = mark(l[2], j) || grown
					}
				}
			}
		}
	}
	return in
}

// record reads the columns of a row.
func (w *world) record(t *table, row []value.Value, columns []*ir.ColumnDef) []value.Value {
	out := make([]value.Value, len(columns))
	for i, c := range columns {
		for j := range t.cols {
			if unique(t.cols, j) == c.Raw {
				out[i] = w.read(row[j], c)
			}
		}
	}
	return out
}

func (t *table) col(name string) int {
	return slices.IndexFunc(t.cols, func(c col) bool { return c.name == name })
}
