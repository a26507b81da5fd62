package yamlform

import "github.com/segql/segql/lang/diag"

// Codes of what can be wrong with definitions in YAML; SEG1500 to SEG1502 are
// those of any YAML file, and conditions have those of the language. Each has
// a page in lang/diag/pages.
const (
	codeUnknownKey diag.Code = "SEG1600"
	codeShape      diag.Code = "SEG1601" // a value of the wrong form
	codeKind       diag.Code = "SEG1602" // a map that defines nothing, or lacks a key
	codeNull       diag.Code = "SEG1603" // null in the place of a value
	codeCondition  diag.Code = "SEG1604" // several keys in a condition, a bare list
	codeOperator   diag.Code = "SEG1605" // an unknown operator
	codeOperand    diag.Code = "SEG1606" // not what the operator or type takes
)
