package testform_test

import (
	"fmt"

	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/lang/source"
)

// A test is written a row a line, however it was read.
func ExampleFormat() {
	tests, _ := testform.Read(source.New("a_test.seg.yaml", "{test: grown-ups, as_of: 2025-06-01, rows: {customer: [{id: 1, age: 17}, {id: 2, age: 30}]}, expect: {grown: {in: [2]}}}"))
	fmt.Print(testform.Format(tests))
	// Output:
	// test: grown-ups
	// as_of: 2025-06-01
	// rows:
	//   customer:
	//     - {id: 1, age: 17}
	//     - {id: 2, age: 30}
	// expect:
	//   grown: {in: [2]}
}
