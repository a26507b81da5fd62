package lint

import "github.com/segql/segql/lang/diag"

// unusedIgnore is looked for by Run itself, once all others have been.
const unusedIgnore diag.Code = "SEG2090"

// Deprecated is the code of uses of deprecated names, which editors strike out.
const Deprecated diag.Code = "SEG2064"

// rules are all there are, by code: nothing else of this package names one.
// Its page in lang/diag/pages says the rest, with an example that gives it
// and one that does not.
var rules = []Rule{
	{Code: "SEG2001", Severity: diag.Note, Purpose: "a negation that takes in rows whose value is missing"},
	{Code: "SEG2002", Severity: diag.Warning, Purpose: "a list whose file holds nothing"},
	{Code: "SEG2003", Severity: diag.Note, Purpose: "none of a fact in a window, which takes in those who never had any"},
	{Code: "SEG2004", Severity: diag.Note, Purpose: "all of a fact, which takes in those who have none"},
	{Code: "SEG2005", Severity: diag.Note, Purpose: "a rank of everyone beside other conditions"},
	{Code: "SEG2006", Severity: diag.Note, Purpose: "a rank by a count or sum, where those without rows have 0"},
	{Code: "SEG2007", Severity: diag.Note, Purpose: "a split that leaves missing values to `otherwise`"},
	{Code: "SEG2008", Severity: diag.Note, Purpose: "months counted as numbers, alike in every year"},

	{Code: "SEG2020", Severity: diag.Warning, Purpose: "a segment that can never match", proved: neverMatches},
	{Code: "SEG2021", Severity: diag.Warning, Purpose: "a segment that always matches", proved: alwaysMatches},
	{Code: "SEG2022", Severity: diag.Warning, Purpose: "a segment with the same members as another", proved: sameMembers},
	{Code: "SEG2023", Severity: diag.Note, Purpose: "a segment contained in another", proved: within},
	{Code: "SEG2024", Severity: diag.Warning, Purpose: "an exclusion that excludes nobody", proved: uselessParts(true), Fix: true, around: true},
	{Code: "SEG2025", Severity: diag.Warning, Purpose: "a condition that follows from those beside it", proved: uselessParts(false), Fix: true, around: true},
	{Code: "SEG2026", Severity: diag.Warning, Purpose: "an alternative that adds nobody", proved: uselessAlternatives, Fix: true, around: true},
	{Code: "SEG2027", Severity: diag.Warning, Purpose: "a branch of a split, or a case, that nothing reaches", proved: unreached},
	{Code: "SEG2028", Severity: diag.Warning, Purpose: "alternatives of which one always holds, such as `not a or not b`", node: alwaysOr, proved: alwaysHolds, mistake: true},
	{Code: "SEG2029", Severity: diag.Warning, Purpose: "a condition written twice", node: duplicates, Fix: true, around: true},
	{Code: "SEG2030", Severity: diag.Warning, Purpose: "a threshold outside the range of what it is compared with", node: outOfRange, mistake: true},
	{Code: "SEG2031", Severity: diag.Warning, Purpose: "a window beside another that decides", node: redundantWindow, Fix: true, around: true},
	{Code: "SEG2032", Severity: diag.Warning, Purpose: "a window longer than the history of the data", project: beyondHistory, Need: NeedsData},
	{Code: "SEG2033", Severity: diag.Warning, Purpose: "a window that ends before it begins", project: emptyWindow, mistake: true},
	{Code: "SEG2034", Severity: diag.Warning, Purpose: "a moment where a day is meant", node: instantForDay, mistake: true},
	{Code: "SEG2035", Severity: diag.Warning, Purpose: "texts that differ only in case or accents", project: spelledTwice},
	{Code: "SEG2036", Severity: diag.Warning, Purpose: "a text with a blank at its end", node: blanksAround},
	{Code: "SEG2037", Severity: diag.Warning, Purpose: "lower(…) compared with capitals", node: lowered, mistake: true},
	{Code: "SEG2038", Severity: diag.Warning, Purpose: "a search for an empty text", node: emptyText, mistake: true},
	{Code: "SEG2039", Severity: diag.Warning, Purpose: "a value compared with itself", node: withItself, mistake: true},
	{Code: "SEG2040", Severity: diag.Warning, Purpose: "a rank or sample that takes everyone", node: wholeShare, mistake: true},

	{Code: "SEG2045", Severity: diag.Note, Purpose: "a double negation", node: doubleNegation, Fix: true},
	{Code: "SEG2046", Severity: diag.Note, Purpose: "`not` before what has an opposite of its own", node: ownNegation, Fix: true},
	{Code: "SEG2047", Severity: diag.Note, Purpose: "`count(F) >= 1`, which is `any(F)`", node: countIsAny, Fix: true},
	{Code: "SEG2048", Severity: diag.Note, Purpose: "`count(F) = 0`, which is `none(F)`", node: countIsNone, Fix: true},
	{Code: "SEG2049", Severity: diag.Note, Purpose: "a list of one value", node: setOfOne, Fix: true},
	{Code: "SEG2050", Severity: diag.Note, Purpose: "comparisons with single values that are one with a list", node: choices, Fix: true},
	{Code: "SEG2051", Severity: diag.Note, Purpose: "two comparisons that are a `between`", node: range2, Fix: true},
	{Code: "SEG2052", Severity: diag.Note, Purpose: "a `between` with equal bounds", node: equalBounds, Fix: true},
	{Code: "SEG2053", Severity: diag.Note, Purpose: "a true/false attribute compared with true", node: isTrue, Fix: true},
	{Code: "SEG2054", Severity: diag.Note, Purpose: "a pattern that is plain text", node: plainPattern, Fix: true},
	{Code: "SEG2055", Severity: diag.Warning, Purpose: "a value that stands twice in a list", node: repeatedValue, Fix: true},

	{Code: "SEG2060", Severity: diag.Warning, Purpose: "a trait that nothing uses", node: unusedTrait},
	{Code: "SEG2061", Severity: diag.Warning, Purpose: "a list that nothing uses", node: unusedList},
	{Code: "SEG2062", Severity: diag.Warning, Purpose: "a param that nothing uses", node: unusedParam},
	{Code: "SEG2063", Severity: diag.Warning, Purpose: "one threshold written in three definitions", project: magic, Fix: true},
	{Code: Deprecated, Severity: diag.Warning, Purpose: "a name that is deprecated", proved: deprecated, Fix: true},
	{Code: "SEG2065", Severity: diag.Warning, Purpose: "a title that two definitions have", project: sameTitle},
	{Code: "SEG2066", Severity: diag.Note, Purpose: "a name in another style than the others", project: mixedNames},

	{Code: "SEG2070", Severity: diag.Warning, Purpose: "a segment, split or holdout without owner", node: noOwner},
	{Code: "SEG2071", Severity: diag.Warning, Purpose: "a segment, split or holdout without title", node: noTitle},
	{Code: "SEG2072", Severity: diag.Warning, Purpose: "a segment without a least size", node: noSize},
	{Code: "SEG2073", Severity: diag.Warning, Purpose: "a segment that no test names", project: noTest, Need: NeedsTests},
	{Code: "SEG2074", Severity: diag.Note, Purpose: "a branch of a split without title", node: noTitleOfBranch},
	{Code: "SEG2075", Severity: diag.Warning, Purpose: "a segment whose last day has passed", project: over, Need: NeedsInstant},
	{Code: "SEG2076", Severity: diag.Warning, Purpose: "a condition on a segment that is empty for its dates", project: refersToOver, Need: NeedsInstant},
	{Code: "SEG2077", Severity: diag.Warning, Purpose: "a control group too small to show anything", node: tinyControl},
	{Code: "SEG2078", Severity: diag.Warning, Purpose: "a trait that shows an attribute marked pii", project: personalTrait},

	{Code: "SEG2080", Severity: diag.Note, Purpose: "costly: a sequence over all rows of a fact", node: openSequence},
	{Code: "SEG2081", Severity: diag.Note, Purpose: "costly: different texts counted for each customer", project: distinctTexts},
	{Code: "SEG2082", Severity: diag.Note, Purpose: "costly: a pattern that may begin anywhere", node: openPattern},
	{Code: "SEG2083", Severity: diag.Note, Purpose: "costly: a rank or value of everyone for each group", project: populationPer},

	{Code: unusedIgnore, Severity: diag.Warning, Purpose: "a `# segql:ignore` that hides nothing", Fix: true},
}

func ruleOf(code diag.Code) *Rule {
	for i := range rules {
		if rules[i].Code == code {
			return &rules[i]
		}
	}
	panic("lint: no rule " + string(code))
}
