// Package bench measures segql beside the SQL that people write by hand. It
// makes a shop's data and segments such as a marketing team keeps, both the same
// for the same sizes and seed on every machine; lets the contenders take turns
// in one process; asserts that they find the same members; and renders what was
// measured.
//
// Each condition is described once and printed twice: in the language, and as
// the SQL an analyst would write for it. The second never passes through the
// compiler, so that equal members say something.
package bench
