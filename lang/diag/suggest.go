package diag

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Suggest gives the candidate an author most likely meant by name, or "".
// Case, accents and đ are ignored; a swap of two neighbouring letters counts
// as one mistake. One mistake is allowed in names of up to five letters, two
// up to nine, three beyond. Of equally near candidates the first wins.
func Suggest(name string, candidates []string) string {
	folded := fold(name)
	n := len([]rune(folded))
	limit := 1
	switch {
	case n <= 2:
		limit = 0
	case n > 9:
		limit = 3
	case n > 5:
		limit = 2
	}
	best, bestDistance := "", limit+1
	for _, c := range candidates {
		if c == name {
			continue
		}
		if d := distance(folded, fold(c), limit); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// fold removes case and accents.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ':
			b.WriteByte('d')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// distance is the Damerau-Levenshtein distance of two texts (restricted: no
// letter is moved twice), or limit+1 when it is larger than limit.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > limit || len(y)-len(x) > limit {
		return limit + 1
	}
	before := make([]int, len(y)+1)
	last := make([]int, len(y)+1)
	row := make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(y)], limit+1)
}
