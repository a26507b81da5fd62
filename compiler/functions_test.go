package compiler_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/internal/golden"
)

// The data of spec/functions.md; the examples are worked out for the first
// customer.
const (
	functionsAsOf = "2025-03-31"
	customersCSV  = `id,name,gender,city,email,income,birthday,signup_at,interests,location
1,An,female,Huế,,12000000,1990-07-15,2024-01-10T09:30,running;coffee,16.4637 107.5909
2,Bình,male,Hà Nội,,8000000,1985-02-28,2024-06-01T08:00,coffee,21.0285 105.8542
3,Chi,female,Đà Nẵng,,,,2025-03-20T10:00,,
4,Dũng,male,Huế,,20000000,2000-02-29,2023-11-11T11:11,football;running,
`
	ordersCSV = `customer_id,ordered_at,amount,status,order_no
1,2025-01-05T10:00,100.00,paid,A1
1,2025-02-05T19:00,250.50,paid,A2
1,2025-03-05T20:00,100.00,refunded,A3
1,2025-03-20T08:15,300.00,paid,A4
2,2025-03-01T12:00,50.00,paid,B1
`
)

// rowsOf reads a table into rows; an empty cell is missing.
func rowsOf(t *testing.T, p *compiler.Project, relation, text string) []ir.Record {
	t.Helper()
	table, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []ir.Record
	for _, cells := range table[1:] {
		row := ir.Record{}
		for i, name := range table[0] {
			col := p.Relation(relation).Column(name)
			switch {
			case cells[i] == "":
			case col.Type.Kind == value.Place:
				lat, lon, _ := strings.Cut(cells[i], " ")
				row[col.LatCol], row[col.LonCol] = cellOf(t, p, col.LatCol.Type, lat), cellOf(t, p, col.LonCol.Type, lon)
			default:
				row[col] = cellOf(t, p, col.Type, cells[i])
			}
		}
		out = append(out, row)
	}
	return out
}

func cellOf(t *testing.T, p *compiler.Project, typ value.Type, text string) value.Value {
	t.Helper()
	switch typ.Kind {
	case value.List:
		var items []value.Value
		for _, item := range strings.Split(text, ";") {
			items = append(items, value.NewText(item))
		}
		return value.NewList(items...)
	case value.Time:
		v, ok := value.Parse(value.Of(value.Wall), text)
		if !ok {
			t.Fatalf("%q is no time", text)
		}
		return value.NewTime(p.Calendar.Instant(v.I))
	default:
		v, ok := value.Parse(typ, text)
		if !ok {
			t.Fatalf("%q is no %s", text, typ)
		}
		return v
	}
}

// gives works an example out for the first customer.
func gives(t *testing.T, expr string, condition bool) string {
	t.Helper()
	text := "trait example = " + expr + "\n"
	if condition {
		text = "segment example { where " + expr + " }\n"
	}
	p, diags := compiler.Compile(fstest.MapFS{compiler.CatalogName: {Data: standard(t)}, "a.seg": {Data: []byte(text)}}, compiler.Options{})
	if diags.HasErrors() {
		t.Errorf("%s: %v", expr, diags)
		return ""
	}
	asOf, err := p.Calendar.ParseInstant(functionsAsOf)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ir.Eval(p.Project, asOf, ir.Data{
		p.Relation("customer"): rowsOf(t, p, "customer", customersCSV), p.Relation("orders"): rowsOf(t, p, "orders", ordersCSV)})
	if err != nil {
		t.Errorf("%s: %v", expr, err)
		return ""
	}
	if condition {
		for _, key := range r.Members("example") {
			if key.I == 1 {
				return "true"
			}
		}
		return "false"
	}
	v, err := r.Trait("example", value.NewInt(1))
	if err != nil {
		t.Errorf("%s: %v", expr, err)
	}
	return v.String()
}

// TestFunctions works out every example and prints the tables as
// spec/functions.md.
func TestFunctions(t *testing.T) {
	var b strings.Builder
	b.WriteString(functionsPreface)
	fmt.Fprintf(&b, "\nThe examples are worked out as of %s in the zone Asia/Ho_Chi_Minh for the first of these customers, An:\n\n```csv\n%s```\n\nand these orders:\n\n```csv\n%s```\n",
		functionsAsOf, customersCSV, ordersCSV)
	b.WriteString("\n## Functions of values\n\nA missing argument makes the result missing, except where it says otherwise.\n")
	for _, name := range fn.Names() {
		f := fn.Lookup(name)
		fmt.Fprintf(&b, "\n### `%s`\n\n%s\n\n", f.Signature(), f.Doc)
		for _, p := range f.Params {
			fmt.Fprintf(&b, "- `%s`: %s\n", p.Name, p.Is)
		}
		fmt.Fprintf(&b, "- gives %s\n", f.Returns)
		if f.TakesMissing || f.MaybeMissing {
			if f.Missing == "" {
				t.Errorf("%s does not say when it is missing", name)
			}
			fmt.Fprintf(&b, "- missing %s\n", f.Missing)
		}
		examples(t, &b, name, f.Examples)
		fmt.Fprintf(&b, "\nAs a condition: `%s`\n", f.Example)
	}
	printForms(t, &b)
	printWindows(t, &b)
	golden.Check(t, "../spec/functions.md", b.String())
}

func examples(t *testing.T, b *strings.Builder, name string, list []fn.Example) {
	t.Helper()
	if len(list) == 0 {
		t.Errorf("%s has no example with its value", name)
		return
	}
	b.WriteString("\n| example | gives |\n| --- | --- |\n")
	for _, e := range list {
		condition := e.Gives == "true" || e.Gives == "false"
		if got := gives(t, e.Expr, condition); got != e.Gives {
			t.Errorf("%s gives %s, not %s", e.Expr, got, e.Gives)
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", strings.ReplaceAll(e.Expr, "|", `\|`), e.Gives)
	}
}

func printForms(t *testing.T, b *strings.Builder) {
	group := ""
	for _, f := range check.Forms() {
		if f.Group != group {
			group = f.Group
			fmt.Fprintf(b, "\n## %s\n", group)
		}
		fmt.Fprintf(b, "\n### `%s`\n\n%s\n\n- gives %s\n- of nothing: %s\n", f.Signature, f.Doc, f.Returns, f.None)
		examples(t, b, f.Signature, f.Examples)
	}
}

// printWindows prints every form of a window with the bounds it has.
func printWindows(t *testing.T, b *strings.Builder) {
	const asOf = "2025-03-31T10:30"
	fmt.Fprintf(b, "\n## Windows\n\nThe bounds are those as of %s, a Monday. The first belongs to the window, the second does not.\n\n| window | from | to | |\n| --- | --- | --- | --- |\n", asOf)
	for _, w := range check.WindowForms() {
		p, diags := compiler.Compile(fstest.MapFS{compiler.CatalogName: {Data: standard(t)},
			"a.seg": {Data: []byte("segment example { where signup_at " + w.Form + " }\n")}}, compiler.Options{})
		if diags.HasErrors() {
			t.Errorf("%s: %v", w.Form, diags)
			continue
		}
		at, err := p.Calendar.ParseInstant(asOf)
		if err != nil {
			t.Fatal(err)
		}
		window := p.Segments[0].Where.(*ir.InRange).Window
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", w.Form, boundOf(t, p, at, window.Lo), boundOf(t, p, at, window.Hi), w.Doc)
	}
	b.WriteString("\n## Units\n\n| unit | |\n| --- | --- |\n")
	for _, u := range check.Units() {
		fmt.Fprintf(b, "| %s | %s |\n", u.Name, u.Doc)
	}
}

// boundOf is a bound as the wall clock of the project shows it.
func boundOf(t *testing.T, p *compiler.Project, asOf int64, bound ir.Expr) string {
	t.Helper()
	if bound == nil {
		return "–"
	}
	x, err := ir.Lower(p.Calendar, asOf, bound)
	if err != nil {
		t.Fatal(err)
	}
	k, ok := x.(*ir.Const)
	if !ok {
		t.Fatalf("%T is no constant", x)
	}
	v := k.V
	if v.Kind == value.Time {
		v = value.NewWall(p.Calendar.Wall(v.I))
	}
	return strings.TrimSuffix(v.String(), ":00")
}

// TestUnits: the language knows the units of the reference and no others.
func TestUnits(t *testing.T) {
	for _, u := range check.Units() {
		text := "segment example { where signup_at in last 2 " + u.Name + " }\n"
		if strings.HasPrefix(u.Doc, "distance") {
			text = "segment example { where location within 2 " + u.Name + " of point(1, 2) }\n"
		}
		_, diags := compiler.Compile(fstest.MapFS{compiler.CatalogName: {Data: standard(t)}, "a.seg": {Data: []byte(text)}}, compiler.Options{})
		if diags.HasErrors() {
			t.Error(text, diags)
		}
		if strings.HasPrefix(u.Doc, "distance") {
			continue
		}
		calendar := strings.Replace(text, "last 2", "previous 2", 1)
		_, diags = compiler.Compile(fstest.MapFS{compiler.CatalogName: {Data: standard(t)}, "a.seg": {Data: []byte(calendar)}}, compiler.Options{})
		if diags.HasErrors() == strings.HasPrefix(u.Doc, "calendar") {
			t.Error(calendar, diags)
		}
	}
}

const functionsPreface = `# Functions

Printed from the tables in ` + "`compiler/fn` and `compiler/check`" + ` by "go test ./compiler -update"; do not edit it.
Every value in it is worked out by the test, and the SQL of every function is run beside its evaluation.

Arithmetic that leaves the range of a type stops the run and names segment and customer; it never gives a wrong number.
`
