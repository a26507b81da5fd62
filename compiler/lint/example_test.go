package lint_test

import (
	"fmt"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/lint"
	"github.com/segql/segql/lang/diag"
)

func shop(definitions string) fstest.MapFS {
	return fstest.MapFS{
		"catalog.yaml": {Data: []byte(`
version: 1
timezone: Asia/Ho_Chi_Minh
entities:
  customer: {source: customers.csv, key: id, attributes: {id: {type: int}, city: {type: text}}}
`)},
		"a.seg": {Data: []byte(definitions)},
	}
}

func ExampleRun() {
	p, diags := compiler.Compile(shop("segment two { where city in [\"Huế\"] and id is known }\n"), compiler.Options{})
	for _, d := range lint.Run(lint.Input{Project: p, Diags: diags, Disable: []diag.Code{"SEG2070", "SEG2071", "SEG2072"}}) {
		fmt.Println(d)
	}
	// Output: a.seg:1:29: note[SEG2049]: a list of one value is the value
}

func ExampleFix() {
	r := lint.Fix(shop("segment two { where not (city = \"Huế\") }\n"), compiler.Options{}, lint.Input{})
	fmt.Print(r.Count, " fix: ", r.Files["a.seg"])
	// Output: 1 fix: segment two { where city != "Huế" }
}
