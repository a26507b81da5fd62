package local_test

import (
	"fmt"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/runtime/local"
)

// files is a project. In a program of its own it would be os.DirFS(dir).
var files = fstest.MapFS{
	"catalog.yaml": {Data: []byte(`timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: customers.csv
    key: {column: id, type: int}
    attributes: {city: {type: text}}
facts:
  orders:
    source: orders.csv
    of: customer
    by: customer_id
    at: ordered_at
    attributes: {ordered_at: {type: time}, amount: {type: "decimal(12, 2)"}, status: {type: text}}
`)},
	"shop.seg": {Data: []byte(`segment buyers { where count(orders in last 30 days where status = "paid") >= 2 }
segment big_spenders { where sum(amount of orders where status = "paid") >= 500 }
segment in_hue { where city = "Huế" }
segment best { where sum(amount of orders) in top 10% }
`)},
}

func evaluator(o local.Options) *local.Evaluator {
	project, diags := compiler.Compile(files, compiler.Options{})
	if diags.HasErrors() {
		panic(diags[0].Message)
	}
	e, err := local.New(project.Project, o)
	if err != nil {
		panic(err)
	}
	return e
}

func instant(e *local.Evaluator, text string) int64 {
	at, err := e.Program.Project.Calendar.ParseInstant(text)
	if err != nil {
		panic(err)
	}
	return at
}

func order(e *local.Evaluator, at, amount string) local.Row {
	v, _ := value.Parse(value.DecimalType(12, 2), amount)
	return local.Row{
		"customer_id": value.NewInt(7), "status": value.NewText("paid"), "amount": v,
		"ordered_at": value.NewWall(e.Program.Project.Calendar.Wall(instant(e, at))),
	}
}

// A customer is built from typed rows and evaluated as of an instant.
func Example() {
	e := evaluator(local.Options{})
	for _, u := range e.Unanswered() {
		fmt.Println("needs a run:", u.Segment)
	}
	c := e.Customer()
	c.SetKey(value.NewInt(7))
	_, err := c.Append("customer", local.Row{"id": value.NewInt(7), "city": value.NewText("Huế")})
	if err != nil {
		fmt.Println(err)
	}
	for _, row := range []local.Row{order(e, "2025-03-01T10:00", "499.99"), order(e, "2025-03-09T10:00", "0.01")} {
		if _, err := c.Append("orders", row); err != nil {
			fmt.Println(err)
		}
	}
	set, err := e.Segments(instant(e, "2025-03-10"), c)
	fmt.Println(set.Names(), err)
	// Output:
	// needs a run: best
	// [big_spenders buyers in_hue] <nil>
}

// A Follower takes facts as they arrive and says what they change.
func ExampleEvaluator_Follow() {
	e := evaluator(local.Options{})
	c := e.Customer()
	c.SetKey(value.NewInt(7))
	if _, err := c.Append("customer", local.Row{"id": value.NewInt(7)}); err != nil {
		fmt.Println(err)
	}
	now := instant(e, "2025-03-10")
	f, err := e.Follow(now, c)
	fmt.Println(f.Set().Names(), err)
	for _, row := range []local.Row{order(e, "2025-03-01T10:00", "20"), order(e, "2025-03-09T10:00", "600")} {
		change, err := f.Add(now, "orders", row)
		fmt.Println(change.Entered, change.Left, err)
	}
	// Output:
	// [] <nil>
	// [] [] <nil>
	// [big_spenders buyers] [] <nil>
}

// The program of a segment can be printed, and evaluated by whoever has expr
// and the features.
func ExampleOptions_expr() {
	e := evaluator(local.Options{Form: local.Expr, Segments: []string{"big_spenders", "in_hue"}})
	p := e.Program
	for i, f := range p.Features {
		fmt.Println(p.Name(i), "is", f.Text)
	}
	for _, s := range p.Segments {
		fmt.Println(s.Name, "=", s.Source)
	}
	// Output:
	// F0 is sum(amount of orders where status = "paid")
	// F1 is city
	// big_spenders = F0 >= 50000
	// in_hue = F1 == "Huế"
}
