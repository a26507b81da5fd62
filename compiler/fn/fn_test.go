package fn_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/fn"
	"github.com/segql/segql/compiler/value"
)

// The standard catalog, in which every example of the table is a condition.
const standard = `timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: c.csv
    key: {column: id, type: int}
    attributes: {name: text, city: text, birthday: date, signup_at: time, income: "decimal(14, 0)"}
facts:
  orders: {source: o.csv, of: customer, by: customer_id, at: at}
`

func TestEveryExampleChecks(t *testing.T) {
	for _, name := range fn.Names() {
		f := fn.Lookup(name)
		_, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(standard)},
			"a.seg": {Data: []byte("segment example { where " + f.Example + " }")}}, compiler.Options{})
		if diags.HasErrors() {
			t.Errorf("%s: %s: %v", name, f.Example, diags)
		}
		if !strings.Contains(f.Example, name+"(") {
			t.Errorf("the example of %s does not use it: %s", name, f.Example)
		}
		if !strings.HasSuffix(f.Doc, ".") {
			t.Errorf("the documentation of %s is no sentence: %s", name, f.Doc)
		}
	}
}

func TestCheckSaysWhatDoesNotFit(t *testing.T) {
	text, number, date := value.Of(value.Text), value.Of(value.Int), value.Of(value.Date)
	for _, c := range []struct {
		fn   string
		args []value.Type
		want string // part of the message; "" for the type
		typ  value.Type
	}{
		{"abs", []value.Type{text}, "abs(x) takes a number as x, not text", value.Type{}},
		{"abs", []value.Type{number, number}, "abs(x) takes 1 argument, not 2", value.Type{}},
		{"coalesce", []value.Type{number}, "at least 2 arguments, not 1", value.Type{}},
		{"coalesce", []value.Type{number, text}, "do not go together", value.Type{}},
		{"coalesce", []value.Type{number, value.DecimalType(10, 2)}, "", value.DecimalType(21, 2)},
		{"greatest", []value.Type{text, text}, "text has no order", value.Type{}},
		{"round", []value.Type{value.DecimalType(10, 2)}, "", value.DecimalType(9, 0)},
		{"mod", []value.Type{number, value.DecimalType(4, 2)}, "", value.DecimalType(21, 2)},
		{"hour", []value.Type{date}, "takes a time", value.Type{}},
		{"number", []value.Type{date}, "text or part of a JSON value as x, not date", value.Type{}},
		{"days_between", []value.Type{date, value.Of(value.Wall)}, "", number},
	} {
		got, err := fn.Lookup(c.fn).Check(c.args)
		switch {
		case c.want == "" && (err != nil || got.String() != c.typ.String()):
			t.Errorf("%s%v: %v, %v; want %v", c.fn, c.args, got, err, c.typ)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s%v: %v; want an error with %q", c.fn, c.args, err, c.want)
		}
	}
}
