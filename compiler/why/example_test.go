package why_test

import (
	"fmt"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/compiler/why"
)

func Example() {
	p, diags := compiler.Compile(fstest.MapFS{
		"catalog.yaml": {Data: []byte(`version: 1
edition: 1
timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: {table: customers}
    key: {column: id, type: int}
    attributes: {id: {type: int}, city: {type: text}, spend: {type: int}}
`)},
		"big.seg": {Data: []byte("segment big_in_hue {\n  where city = \"Huế\"\n    and spend >= 5_000_000\n}\n")},
	}, compiler.Options{})
	if diags.HasErrors() {
		fmt.Println(diags)
		return
	}
	customer := p.Relation("customer")
	row := ir.Record{customer.Column("id"): value.NewInt(7), customer.Column("city"): value.NewText("Huế"), customer.Column("spend"): value.NewInt(4_200_000)}
	x, err := why.Explain(why.Question{Project: p.Project, Segment: p.Segment("big_in_hue"), Key: value.NewInt(7), Input: ir.Input{Data: ir.Data{customer: {row}}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range x.Lines() {
		fmt.Println(l)
	}
	// Output:
	// big_in_hue
	// ✗ customer 7 is not in, as of 1970-01-01 08:00
	//
	//   big.seg:2
	//     where city = "Huế"
	//       and spend >= 5_000_000
	//
	//   ✓ city = "Huế"
	//       city is "Huế"
	//   ✗ spend >= 5_000_000
	//       spend is 4_200_000; 800_000 more needed
	//
	// This would put it in
	//   spend = 5_000_000 (it is 4_200_000)
	//
	// Time alone changes nothing: no condition looks at the date
}
