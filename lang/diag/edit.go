package diag

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/lang/source"
)

// Apply gives the text of f after the edits that lie in it; edits of other
// files are ignored. Insertions at one place keep the order of the list. It
// fails when edits overlap or leave the file, and then changes nothing.
func Apply(f *source.File, edits []Edit) (string, error) {
	var own []Edit
	for _, e := range edits {
		if e.Span.File != f {
			continue
		}
		if e.Span.Start < 0 || e.Span.End < e.Span.Start || e.Span.End > len(f.Text) {
			return "", fmt.Errorf("edit of %s: bytes %d to %d are not in the file", f.Name, e.Span.Start, e.Span.End)
		}
		own = append(own, e)
	}
	slices.SortStableFunc(own, func(a, b Edit) int {
		if a.Span.Start != b.Span.Start {
			return a.Span.Start - b.Span.Start
		}
		return min(a.Span.End-a.Span.Start, 1) - min(b.Span.End-b.Span.Start, 1)
	})
	var b strings.Builder
	at := 0
	for _, e := range own {
		if e.Span.Start < at {
			p := e.Span.Pos()
			return "", fmt.Errorf("edit of %s: two edits overlap at %d:%d", f.Name, p.Line, p.Column)
		}
		b.WriteString(f.Text[at:e.Span.Start])
		b.WriteString(e.Text)
		at = e.Span.End
	}
	b.WriteString(f.Text[at:])
	return b.String(), nil
}

// Fixes chooses the edits of a list that can be applied together. A
// diagnostic's edits are one fix: all of them are taken or, when one of them
// touches what an earlier fix changes, none. The diagnostics whose fix was
// not taken come back as left, in their order; applying, compiling again and
// asking again deals with them.
func Fixes(l List) (edits []Edit, left List) {
	for _, d := range l {
		fresh, ok := compatible(edits, d.Edits)
		if len(d.Edits) == 0 || !ok {
			left = append(left, d)
			continue
		}
		edits = append(edits, fresh...)
	}
	return edits, left
}

// compatible gives the edits of a fix that are not among the taken ones
// already (two diagnostics may ask for the same change) and whether the fix
// leaves the taken ones alone.
func compatible(taken, fix []Edit) (fresh []Edit, ok bool) {
	for _, e := range fix {
		if slices.Contains(taken, e) {
			continue
		}
		for _, t := range taken {
			if conflict(t, e) {
				return nil, false
			}
		}
		fresh = append(fresh, e)
	}
	return fresh, true
}

// conflict reports whether two different edits change the same bytes or
// start at the same place, where their order would be a guess.
func conflict(a, b Edit) bool {
	if a.Span.File != b.Span.File {
		return false
	}
	return a.Span.Start == b.Span.Start || a.Span.Start < b.Span.End && b.Span.Start < a.Span.End
}
