package catalog_test

import (
	"fmt"

	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/lang/source"
)

func ExampleParse() {
	file := source.New("catalog.yaml", `
timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: data/customers.csv
    key: id
    attributes:
      income: {type: decimal(14, 0), min: 0}
      city: {type: string}
facts:
  orders: {source: data/orders.csv, of: customer, by: customer_id, at: ordered_at}
`)
	c, diags := catalog.Parse(file)
	fmt.Println(c.Default().Name.Text, c.Default().Attribute("income").Type, c.Fact("orders").At.Column)
	for _, d := range diags {
		fmt.Println(d)
		fmt.Println("fix:", d.Edits[0].Text)
	}
	// Output:
	// customer decimal(14, 0) ordered_at
	// catalog.yaml:9:20: error[SEG1509]: there is no type `string`
	// fix: text
}
