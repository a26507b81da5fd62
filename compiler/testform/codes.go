package testform

import "github.com/segql/segql/lang/diag"

// Codes of what can be wrong with test files; SEG1500 to SEG1502 are those of
// any YAML file. Each has a page in lang/diag/pages.
const (
	codeUnknownKey diag.Code = "SEG1700"
	codeShape      diag.Code = "SEG1701" // a value of the wrong form, a key that lacks
	codeNull       diag.Code = "SEG1702" // null in the place of a value
	codeName       diag.Code = "SEG1703" // no such entity, fact, segment, trait or param
	codeColumn     diag.Code = "SEG1704" // no such column, or one that rows cannot give
	codeValue      diag.Code = "SEG1705" // not of the type of its column, key or trait
	codeRow        diag.Code = "SEG1706" // a row without key or owner, or a key twice
	codeExpect     diag.Code = "SEG1707" // what no run could give
	codeOrder      diag.Code = "SEG1708" // an instant that is not later
	codeLost       diag.Code = "SEG1709" // warning: a row that belongs to nobody
	codeTwice      diag.Code = "SEG1710" // two tests of one name
)
