package trial_test

import (
	"fmt"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/trial"
)

// What a test expects is held against the answers of the evaluator.
func Example() {
	files := fstest.MapFS{
		"catalog.yaml":    {Data: []byte("version: 1\ntimezone: UTC\nentities:\n  customer: {source: c.csv, key: {column: id, type: int}, attributes: {age: {type: int}}}\n")},
		"a.seg":           {Data: []byte("segment grown { where age >= 18 }\n")},
		"a_test.seg.yaml": {Data: []byte("test: grown-ups\nas_of: 2025-06-01\nrows: {customer: [{id: 1, age: 17}, {id: 2, age: 30}]}\nexpect: {grown: {in: [1], size: 1}}\n")},
	}
	project, _ := compiler.Compile(files, compiler.Options{Tests: true})
	for _, k := range project.Tests {
		answers, err := trial.Evaluate(k)
		if err != nil {
			panic(err)
		}
		failures := trial.Judge(k, answers)
		trial.Explain(k, answers, failures)
		for _, f := range failures {
			fmt.Println(f.Message, f.Because)
		}
	}
	// Output: 1 should be in grown and is not [✗ age >= 18: it is 17]
}
