package catalog

import "github.com/segql/segql/lang/diag"

// Codes of what can be wrong with a catalog; SEG1500 to SEG1502 are those of
// any YAML file (package yamltree). Each has a page in lang/diag/pages.
const (
	codeUnknownKey   diag.Code = "SEG1503"
	codeShape        diag.Code = "SEG1504" // a value of the wrong form
	codeRequired     diag.Code = "SEG1505" // a key or section is missing
	codeEdition      diag.Code = "SEG1506"
	codeTimezone     diag.Code = "SEG1507"
	codeChoice       diag.Code = "SEG1508" // not among the words a key takes
	codeUnknownType  diag.Code = "SEG1509"
	codeTypeForm     diag.Code = "SEG1510"
	codeTypeProperty diag.Code = "SEG1511" // a property the type does not have
	codeBounds       diag.Code = "SEG1512"
	codeUnknownName  diag.Code = "SEG1513"
	codeOrigin       diag.Code = "SEG1514" // none or several of source, from, universe
	codeCycle        diag.Code = "SEG1515"
	codeClash        diag.Code = "SEG1516" // two things of one name
	codeName         diag.Code = "SEG1517" // a name that definitions could not use
	codeFile         diag.Code = "SEG1518" // format or options of a source file
	codeAsOf         diag.Code = "SEG1519"
	codeGrouping     diag.Code = "SEG1520" // group_by without from
	codeNoTime       diag.Code = "SEG1521" // known_at of a fact without time
)
