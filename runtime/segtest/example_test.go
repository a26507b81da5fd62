package segtest_test

import (
	"context"
	"fmt"
	"testing/fstest"
	"time"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/runtime/segtest"
)

// Every test runs in process and in DuckDB.
func ExampleRun() {
	files := fstest.MapFS{
		"catalog.yaml":    {Data: []byte("version: 1\ntimezone: UTC\nentities:\n  customer: {source: c.csv, key: {column: id, type: int}, attributes: {age: {type: int}}}\n")},
		"a.seg":           {Data: []byte("segment grown { where age >= 18 }\n")},
		"a_test.seg.yaml": {Data: []byte("test: grown-ups\nas_of: 2025-06-01\nrows: {customer: [{id: 1, age: 17}, {id: 2, age: 30}]}\nexpect: {grown: {in: [2], size: 1}}\n")},
	}
	project, _ := compiler.Compile(files, compiler.Options{Tests: true})
	report, err := segtest.Run(context.Background(), project.Tests, segtest.Options{Now: time.Now})
	if err != nil {
		panic(err)
	}
	fmt.Println(len(report.Results), "run,", report.Failed(), "failed")
	// Output: 1 run, 0 failed
}
