package diag

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// The pages are the registry of codes: a code without a page does not exist.
//
//go:embed pages
var pageFiles embed.FS

// pageFile is the name of a page; other files of the folder are not pages.
var pageFile = regexp.MustCompile(`^SEG.*\.md$`)

// loadPages reads the pages once, ordered by code. A malformed page is a bug
// of this program, caught by the tests, so it panics.
var loadPages = sync.OnceValue(func() []Page {
	pages, errs := parsePages()
	if len(errs) > 0 {
		panic(errs[0])
	}
	return pages
})

func parsePages() (pages []Page, errs []error) {
	entries, err := pageFiles.ReadDir("pages")
	if err != nil {
		return nil, []error{fmt.Errorf("list pages: %w", err)}
	}
	for _, e := range entries {
		if !pageFile.MatchString(e.Name()) {
			continue
		}
		text, err := pageFiles.ReadFile("pages/" + e.Name())
		if err != nil {
			errs = append(errs, fmt.Errorf("read page: %w", err))
			continue
		}
		p, err := parsePage(e.Name(), string(text))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		pages = append(pages, p)
	}
	return pages, errs // ReadDir sorts by name, which is by code
}

// Pages are the pages of all codes, ordered by code.
func Pages() []Page { return slices.Clone(loadPages()) }

// Lookup finds the page of a code as people write it: SEG0010, seg0010, 0010
// or 10.
func Lookup(code string) (Page, bool) {
	want := canonical(code)
	for _, p := range loadPages() {
		if string(p.Code) == want {
			return p, true
		}
	}
	return Page{}, false
}

// Near are up to three pages that somebody who wrote an unknown code may have
// meant: one digit is wrong or two neighbours are swapped.
func Near(code string) []Page {
	want := canonical(code)
	var out []Page
	for _, p := range loadPages() {
		if len(out) < 3 && oneSlip(string(p.Code), want) {
			out = append(out, p)
		}
	}
	return out
}

func canonical(code string) string {
	digits := strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(code)), "SEG")
	return "SEG" + strings.Repeat("0", max(0, 4-len(digits))) + digits
}

// oneSlip reports whether two codes differ in one character or by a swap of
// two neighbours.
func oneSlip(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	var differ []int
	for i := range len(a) {
		if a[i] != b[i] {
			differ = append(differ, i)
		}
	}
	switch len(differ) {
	case 1:
		return true
	case 2:
		i, j := differ[0], differ[1]
		return j == i+1 && a[i] == b[j] && a[j] == b[i]
	default:
		return false
	}
}
