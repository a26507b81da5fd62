package mutate_test

import (
	"fmt"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/mutate"
)

// No test has somebody who is just 18.
func Example() {
	files := fstest.MapFS{
		"catalog.yaml":    {Data: []byte("version: 1\ntimezone: UTC\nentities:\n  customer: {source: c.csv, key: {column: id, type: int}, attributes: {age: {type: int}}}\n")},
		"a.seg":           {Data: []byte("segment grown { where age >= 18 }\n")},
		"a_test.seg.yaml": {Data: []byte("test: grown-ups\nas_of: 2025-06-01\nrows: {customer: [{id: 1, age: 17}, {id: 2, age: 30}]}\nexpect: {grown: {in: [2], size: 1}}\n")},
	}
	project, _ := compiler.Compile(files, compiler.Options{Tests: true})
	report := mutate.Run(project.Project, project.Tests, mutate.Options{})
	for _, m := range report.Survived {
		fmt.Printf("%s: %s\n", m.Text(), m.Change)
	}
	// Output: age >= 18: `>=` becomes `>`
}
