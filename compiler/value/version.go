package value

import (
	"regexp"
	"strings"
)

// VersionPattern is what a version looks like, in RE2's syntax: whole numbers
// between points, at times with a v before them, then what comes before the
// release (2.0-beta.1, 2.0rc1) and how it was built (+20250308), which does
// not count. Engines test a cell with it, after taking away the blanks around.
const VersionPattern = `^[vV]?[0-9]{1,20}(\.[0-9]{1,20})*(-(` + preNumber + `|` + preWord + `)` + preMore + `|[A-Za-z][0-9A-Za-z-]*` + preMore + `)?(\+[0-9A-Za-z.-]+)?$`

const (
	preNumber = `[0-9]{1,20}`
	preWord   = `[0-9]*[A-Za-z-][0-9A-Za-z-]*`
	preMore   = `(\.(` + preNumber + `|` + preWord + `))*`
)

// The parts of a version that fits, as engines take it apart too: what does
// not count, the numbers, zeros before a number, zeros at the end.
const (
	VersionNoise   = `^[vV]|\+.*$`
	VersionNumbers = `^[0-9]+(\.[0-9]+)*`
	VersionZeros   = `(^|\.)0+([0-9])`
	VersionTail    = `(\.0)+$`
)

var (
	versionForm    = regexp.MustCompile(VersionPattern)
	versionNoise   = regexp.MustCompile(VersionNoise)
	versionNumbers = regexp.MustCompile(VersionNumbers)
	versionZeros   = regexp.MustCompile(VersionZeros)
	versionTail    = regexp.MustCompile(VersionTail)
)

// NewVersion reads a version number; ok is false when the text is none. Order
// and equality are those of semver 2.0, for any number of parts, those that
// lack being 0: 1.9 < 1.10-beta.2 < 1.10-beta.10 < 1.10 = 1.10.0 = v1.10.
//
// S is a text whose order by code point is that of the versions, so that every
// engine compares versions as it compares text. Each number is written with
// its count of digits before it, a being 1; then stands "." for a release, and
// for what comes before one "-" and the identifiers, numbers (0) before words
// (1), each closed by "!":
//
//	1.10         a1b10.
//	1.10-beta.2  a1b10-1beta!0a2!
func NewVersion(s string) (v Value, ok bool) {
	if !versionForm.MatchString(s) {
		return Value{}, false
	}
	s = versionNoise.ReplaceAllString(s, "")
	numbers := versionNumbers.FindString(s)
	before := strings.TrimPrefix(s[len(numbers):], "-")
	numbers = versionTail.ReplaceAllString(versionZeros.ReplaceAllString(numbers, "$1$2"), "")
	var key strings.Builder
	for n := range strings.SplitSeq(numbers, ".") {
		key.WriteString(counted(n))
	}
	if before == "" {
		return Value{Kind: Version, S: key.String() + "."}, true
	}
	key.WriteByte('-')
	for id := range strings.SplitSeq(before, ".") {
		if allDigits(id) {
			key.WriteString("0" + counted(versionZeros.ReplaceAllString(id, "$1$2")) + "!")
		} else {
			key.WriteString("1" + id + "!")
		}
	}
	return Value{Kind: Version, S: key.String()}, true
}

// counted is a number with its count of digits before it.
func counted(digits string) string { return string(rune('a'-1+len(digits))) + digits }

// versionText writes a version as semver does, with three numbers at least.
func versionText(key string) string {
	var numbers []string
	for key != "" && key[0] >= 'a' && key[0] <= 't' {
		n := int(key[0]-'a') + 1
		numbers = append(numbers, key[1:1+n])
		key = key[1+n:]
	}
	for len(numbers) < 3 {
		numbers = append(numbers, "0")
	}
	text := strings.Join(numbers, ".")
	before, isBefore := strings.CutPrefix(key, "-")
	if !isBefore {
		return text
	}
	ids := strings.Split(strings.TrimSuffix(before, "!"), "!")
	for i, id := range ids {
		if id[0] == '0' {
			id = id[1:] // the count of digits
		}
		ids[i] = id[1:]
	}
	return text + "-" + strings.Join(ids, ".")
}
