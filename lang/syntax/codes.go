package syntax

import "github.com/segql/segql/lang/diag"

// The codes of this package. Each has a page in lang/diag/pages.
const (
	codeUnexpected  diag.Code = "SEG0001" // something else was expected here
	codeCharacter   diag.Code = "SEG0002" // character without a meaning
	codeEncoding    diag.Code = "SEG0003" // not UTF-8
	codeOpenText    diag.Code = "SEG0004" // text not closed
	codeOpenBracket diag.Code = "SEG0005" // bracket not closed
	codeStrayClose  diag.Code = "SEG0006" // closing bracket without its opening
	codeQuotes      diag.Code = "SEG0007" // quotes other than "
	codeEscape      diag.Code = "SEG0008" // unknown escape
	codeDepth       diag.Code = "SEG0009" // nested too deep
	codeMixed       diag.Code = "SEG0010" // and, or mixed
	codeChained     diag.Code = "SEG0011" // a < b < c
	codeForeignOp   diag.Code = "SEG0012" // operator of another language
	codeCase        diag.Code = "SEG0013" // keyword in capitals
	codeKnown       diag.Code = "SEG0014" // is null, is not known, = null
	codeWindow      diag.Code = "SEG0015" // in last month
	codePoint       diag.Code = "SEG0016" // 5.000
	codeNumber      diag.Code = "SEG0017" // malformed number
	codeUnit        diag.Code = "SEG0018" // unknown or missing unit
	codeDate        diag.Code = "SEG0019" // no such date
	codeSetParens   diag.Code = "SEG0020" // in ("a", "b")
	codeEmptySet    diag.Code = "SEG0021" // []
	codeComma       diag.Code = "SEG0022" // trailing comma
	codeReserved    diag.Code = "SEG0023" // reserved word as a name
	codeDeclWord    diag.Code = "SEG0024" // unknown declaration
	codeIndented    diag.Code = "SEG0025" // declaration not in column 0
	codeColumn0     diag.Code = "SEG0026" // body line in column 0
	codeNoWhere     diag.Code = "SEG0027" // segment without where
	codeTwoWheres   diag.Code = "SEG0028" // where twice
	codeOrder       diag.Code = "SEG0029" // lines of a declaration out of order
	codeName        diag.Code = "SEG0030" // not a name
	codeBacktick    diag.Code = "SEG0031" // backtick not closed, or empty
	codeMeta        diag.Code = "SEG0032" // key without colon
	codeLiteral     diag.Code = "SEG0033" // literal expected
	codeRegex       diag.Code = "SEG0034" // malformed regular expression
	codeComment     diag.Code = "SEG0035" // comment of another language
	codeTraitCond   diag.Code = "SEG0036" // trait that is a condition
	codeOtherwise   diag.Code = "SEG0037" // otherwise missing or not last
	codeIn          diag.Code = "SEG0038" // `in` before a single value
	codePercent     diag.Code = "SEG0039" // 20 %
	codeInvisible   diag.Code = "SEG0040" // invisible character
	codeFactOrder   diag.Code = "SEG0041" // parts of a fact out of order
	codeJoin        diag.Code = "SEG0042" // two conditions without and, or
)
