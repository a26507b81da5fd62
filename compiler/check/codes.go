package check

import "github.com/segql/segql/lang/diag"

// Codes of this package; each has its page in lang/diag/pages.
const (
	unknownName     diag.Code = "SEG1001" // no attribute, trait, lookup or param of that name
	unknownFact     diag.Code = "SEG1002" // no fact of that name here
	unknownSegment  diag.Code = "SEG1003"
	unknownFunction diag.Code = "SEG1004"
	wrongType       diag.Code = "SEG1005"
	unknownValue    diag.Code = "SEG1006" // not one of the declared values
	duplicateName   diag.Code = "SEG1007"
	cycle           diag.Code = "SEG1008"
	textOrder       diag.Code = "SEG1009" // < on text
	dateAgainstTime diag.Code = "SEG1010"
	badWindow       diag.Code = "SEG1011" // a window where there is no time, or in the future
	badAggregate    diag.Code = "SEG1012"
	badMeta         diag.Code = "SEG1013"
	needCondition   diag.Code = "SEG1014"
	needValue       diag.Code = "SEG1015"
	wrongArguments  diag.Code = "SEG1016"
	badUnit         diag.Code = "SEG1017"
	ambiguousName   diag.Code = "SEG1018"
	wrongScope      diag.Code = "SEG1019" // a population construct inside a fact
	badList         diag.Code = "SEG1020"
	badExpect       diag.Code = "SEG1021"
	badSplit        diag.Code = "SEG1022"
	emptyProject    diag.Code = "SEG1023"
	badParam        diag.Code = "SEG1024"
	tooManyDigits   diag.Code = "SEG1025"
	badRank         diag.Code = "SEG1026"
	factAsValue     diag.Code = "SEG1027"
	badRegex        diag.Code = "SEG1028"
	noColumn        diag.Code = "SEG1029" // the source has no such column
	columnMisfit    diag.Code = "SEG1030" // a column cannot have the declared type
	catalogScope    diag.Code = "SEG1031" // not allowed in a catalog expression
	unknownEntity   diag.Code = "SEG1032"
	swappedBounds   diag.Code = "SEG1035" // between 10 and 5

	negationTakesMissing diag.Code = "SEG2001"
	emptyList            diag.Code = "SEG2002" // a list whose file holds nothing
	noneTakesAll         diag.Code = "SEG2003" // none(F in WINDOW) of those without any F
	allOfNothing         diag.Code = "SEG2004" // all(F have …) of those without any F
	rankOfEveryone       diag.Code = "SEG2005" // a rank beside other conditions
	rankOfZero           diag.Code = "SEG2006" // a rank by a count or sum
	fallsThrough         diag.Code = "SEG2007" // missing values in the otherwise of a split
	distinctParts        diag.Code = "SEG2008" // count(distinct month(at))
)
