package program_test

import (
	"fmt"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/program"
	"github.com/segql/segql/compiler/value"
)

// Programs work on columns of rows. Package local is the comfortable way in;
// this is what it does.
func Example() {
	files := fstest.MapFS{
		"catalog.yaml": {Data: []byte("timezone: UTC\nentities:\n  customer: {source: c.csv, key: {column: id, type: int}, attributes: {age: {type: int}}}\n")},
		"a.seg":        {Data: []byte("segment adults { where age >= 18 }\nsegment others { where not in segment adults }\n")},
	}
	project, diags := compiler.Compile(files, compiler.Options{})
	if diags.HasErrors() {
		fmt.Println(diags)
		return
	}
	p, err := program.Build(project.Project, program.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	rows := p.Rows(0) // of the first of p.Tables
	rows.Append([]value.Value{value.NewInt(30), value.NewInt(7)})
	f := p.Frame()
	err = f.Begin(p.At(0, nil), value.NewInt(7), []*program.Rows{rows}, 1000)
	for i, s := range p.Segments {
		in, failed := f.In(i)
		fmt.Println(s.Name, in, failed, "|", s.Source)
	}
	fmt.Println(err)
	// Output:
	// adults true <nil> | F0 >= 18
	// others false <nil> | !(F0 >= 18)
	// <nil>
}
