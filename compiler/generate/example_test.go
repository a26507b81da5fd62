package generate_test

import (
	"fmt"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/generate"
)

// The rule makes up the customers, and says why each of them is where it is.
func Example() {
	files := fstest.MapFS{
		"catalog.yaml": {Data: []byte("version: 1\ntimezone: UTC\nas_of: 2025-06-01\nentities:\n  customer: {source: c.csv, key: {column: id, type: int}, attributes: {age: {type: int, min: 17, max: 19}}}\n")},
		"a.seg":        {Data: []byte("segment grown { where age >= 18 }\n")},
	}
	project, _ := compiler.Compile(files, compiler.Options{})
	file, err := generate.Tests(project.Project, project.Segments, generate.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Print(file.Text)
	// Output:
	// # Written by `segql test --generate grown` for review: is each of these customers where
	// # they should be? They are made up from the rule: one for each combination of its
	// # conditions, then some at the edges of its numbers and windows. ✓ holds, ✗ does not.
	// test: "generated: grown"
	// as_of: 2025-06-01
	// rows:
	//   customer:
	//     # 1 is in grown
	//     #   ✓ age >= 18: it is 18
	//     - {id: 1, age: 18}
	//     # 2 is not in grown
	//     #   ✗ age >= 18: it is 17
	//     - {id: 2, age: 17}
	//     # 3 is in grown
	//     #   ✓ age >= 18: it is 19
	//     - {id: 3, age: 19}
	// expect:
	//   grown: {in: [1, 3], not in: [2]}
}
