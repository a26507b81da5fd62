package diag_test

import (
	"fmt"
	"os"

	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

func ExampleRender() {
	f := source.New("segments/women.seg", "segment women {\n  where citty = \"Huế\"\n}\n")
	var list diag.List
	d := list.Errorf("SEG1003", source.Span{File: f, Start: 24, End: 29}, "customer has no attribute %q", "citty")
	d.Help = `did you mean "city"?`
	d.Edits = []diag.Edit{{Span: d.Span, Text: "city"}}
	_ = diag.Render(os.Stdout, list, diag.Options{})
	// Output:
	// error[SEG1003]: customer has no attribute "citty"
	//   --> segments/women.seg:2:9
	//    |
	//  2 |   where citty = "Huế"
	//    |         ^^^^^
	//    |
	//    = help: did you mean "city"?
	//    = fix: replace with `city`
	//
	// 1 error in 1 file
}

func ExamplePlain() {
	f := source.New("a.seg", "segment a { where x }\n")
	var list diag.List
	list.Errorf("SEG1003", source.Span{File: f, Start: 18, End: 19}, "customer has no attribute %q", "x")
	list.Warnf("SEG4003", source.Span{}, "no data to look at")
	_ = diag.Plain(os.Stdout, list)
	// Output:
	// a.seg:1:19: error[SEG1003]: customer has no attribute "x"
	// warning[SEG4003]: no data to look at
}

func ExampleApply() {
	f := source.New("a.seg", "where citty = \"Huế\"\n")
	edits := []diag.Edit{{Span: source.Span{File: f, Start: 6, End: 11}, Text: "city"}}
	text, err := diag.Apply(f, edits)
	if err != nil {
		panic(err)
	}
	fmt.Print(text)
	// Output: where city = "Huế"
}
