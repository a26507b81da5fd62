package guess_test

import (
	"testing"

	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/guess"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/internal/golden"
	"github.com/segql/segql/lang/source"
)

func column(name string, k value.Kind, distinct, missing int64) guess.Column {
	return guess.Column{Name: name, Type: value.Of(k), Distinct: distinct, Missing: missing}
}

// shop is a shop with customers, orders, their lines and products.
func shop() []*guess.Table {
	gender := column("gender", value.Text, 2, 0)
	gender.Values = []string{"female", "male"}
	code := column("ward_code", value.Text, 90, 0)
	code.Note = "text, to keep its leading zeros"
	amount := guess.Column{Name: "amount", Type: value.DecimalType(12, 2), Distinct: 300}
	return []*guess.Table{
		{Name: "customers", Source: "data/customers.csv", Rows: 100, Columns: []guess.Column{
			column("id", value.Int, 100, 0), gender, code, column("Họ tên", value.Text, 99, 0), column("birthday", value.Date, 80, 3)}},
		{Name: "order_lines", Source: "data/order_lines.csv", Rows: 900, Columns: []guess.Column{
			column("line", value.Int, 5, 0), column("order_id", value.Int, 400, 0), column("product_id", value.Int, 20, 0), amount}},
		{Name: "orders", Source: "data/orders.csv", Rows: 400, Columns: []guess.Column{
			column("order_id", value.Int, 400, 0), column("customer_id", value.Int, 90, 0), column("order_date", value.Wall, 399, 0)}},
		{Name: "products", Source: "data/products.csv", Rows: 20, Columns: []guess.Column{
			column("product_id", value.Int, 20, 0), column("name", value.Text, 20, 0)}},
		{Name: "notes", Source: "data/notes.csv", Rows: 7, Columns: []guess.Column{column("text", value.Text, 5, 1)}},
	}
}

// lines is a shop of which only the lines of its invoices are known.
func lines() []*guess.Table {
	return []*guess.Table{{Name: "transactions", Source: "transactions.csv", Rows: 1000, Columns: []guess.Column{
		column("InvoiceNo", value.Text, 200, 0), column("Invoice Date", value.Wall, 190, 0),
		column("Customer ID", value.Int, 85, 20), column("default", value.Text, 2, 0)}}}
}

func TestGuesses(t *testing.T) {
	for name, tables := range map[string][]*guess.Table{"shop": shop(), "lines": lines()} {
		text := guess.From(tables).YAML(guess.Options{Zone: "Asia/Ho_Chi_Minh", ZoneGiven: name == "shop"})
		golden.Check(t, "testdata/"+name+".golden", text)
		if _, diags := catalog.Parse(source.New("catalog.yaml", text)); diags.HasErrors() {
			t.Errorf("%s: the catalog that was guessed is wrong: %v", name, diags)
		}
	}
}

func TestNothingToGuess(t *testing.T) {
	c := guess.From([]*guess.Table{{Name: "notes", Source: "notes.csv", Rows: 3, Columns: []guess.Column{column("text", value.Text, 2, 0)}}})
	if len(c.Entities)+len(c.Facts) != 0 || len(c.Unclear) != 1 {
		t.Errorf("guessed %+v", c)
	}
}
