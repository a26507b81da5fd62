// Package testform reads, checks and writes the files of tests
// (*_test.seg.yaml): a few rows, an instant, and who must then be in which
// segment.
//
//	test: buyers of the last 90 days
//	as_of: 2025-06-01
//	rows:
//	  customer:
//	    - {id: 1, name: An}
//	    - {id: 2, name: Bình}
//	  orders:
//	    - {customer_id: 1, ordered_at: 2025-05-30, amount: 100}
//	expect:
//	  recent_buyers: {in: [1], not in: [2], size: 1}
//
// A file holds one test, a map, or several, a list of maps, as files of
// definitions do. A column that a row leaves out is missing.
//
// Read gives what a file says, as texts with their places; Check what that
// means in a project: every value is read by the type of its column, key or
// trait, never by what YAML would guess. Format writes tests.
package testform

import "github.com/segql/segql/lang/source"

// Text is a scalar as it reads, after quotes, and its place.
type Text struct {
	Text string
	At   source.Span
}

// Test is one test as its file has it.
type Test struct {
	At   source.Span
	Name Text
	Set  []Param
	// Steps are the instants: that of the test, then those of `then`.
	Steps []*Step
	// Comment stands above the test when it is written, line by line; Read
	// leaves it empty.
	Comment []string
}

// Param is another value for a param.
type Param struct{ Name, Value Text }

// Step is one instant of a test.
type Step struct {
	At      source.Span
	AsOf    Text
	Tables  []*Table
	Expects []*Expect
	Traits  []*Trait
}

// Table are rows of an entity or a fact.
type Table struct {
	Relation Text
	Rows     []*Row
}

// Row is one row; columns that it leaves out are missing.
type Row struct {
	At    source.Span
	Cells []Cell
	// Comment stands above the row when it is written, as that of a Test.
	Comment []string
}

// Cell is the value of one column, or one field of a record.
type Cell struct {
	Column Text
	Value  Value
}

// ValueKind is the form in which a value is written.
type ValueKind uint8

// Forms of a value.
const (
	Scalar ValueKind = iota // Text
	List                    // Items
	Record                  // Fields
)

// Value is a value as it is written.
type Value struct {
	Kind   ValueKind
	At     source.Span
	Text   string
	Items  []Value
	Fields []Cell
}

// Expect is what is expected of one segment. The lists name rows of which
// something must hold; of the others they say nothing, which Size does.
type Expect struct {
	Segment                  Text
	In, NotIn, Entered, Left []Text
	Size                     *Text
}

// Trait are values that one trait must have, by the keys of rows.
type Trait struct {
	Name   Text
	Values []TraitValue
}

// TraitValue is the value of a trait for the row with a key.
type TraitValue struct {
	Key     Text
	Missing bool // it must have none
	Value   Value
}
