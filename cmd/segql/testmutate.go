package main

import (
	"fmt"

	"github.com/segql/segql/compiler/mutate"
)

// tooLow reports whether the tests notice fewer changes than --threshold asks,
// or without --mutate see less.
func (r *testResults) tooLow(f testFlags) bool {
	switch {
	case r.mutation != nil:
		score, ok := r.mutation.Score()
		return ok && score < f.least
	case r.coverage != nil:
		seen, all := r.coverage.Points()
		return float64(seen) < f.least*float64(all)
	default:
		return false
	}
}

// mutation names the changes of definitions that no test notices.
func (w *testWriter) mutation(r *mutate.Report, tooLow bool, f testFlags) {
	if len(r.Survived) > 0 {
		w.line("")
	}
	for _, m := range r.Survived {
		text := m.Change
		if m.Tests == 0 {
			text += "; no test looks at it"
		}
		w.line("%s %s  %s  %s: %s", w.p.paint(yellow, "unnoticed"), w.place(m.At), clean(m.Definition), clean(shortened(m.Text())), text)
	}
	score, ok := r.Score()
	if !ok {
		w.line("no changes to be noticed")
		return
	}
	text := fmt.Sprintf("%d of %d changes noticed, %.1f%%", r.Killed, r.Killed+len(r.Survived), score*100)
	if len(r.Same) > 0 {
		text += fmt.Sprintf("; %d more change nothing", len(r.Same))
	}
	if tooLow {
		text += w.p.paint(red, ": less than "+f.threshold)
	}
	w.line("%s", text)
}

// shortened cuts a long condition.
func shortened(text string) string {
	const most = 70
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

type mutationJSON struct {
	Changes   int          `json:"changes"`
	Noticed   int          `json:"noticed"`
	Score     float64      `json:"score"`
	Same      int          `json:"same"` // proved to change nothing; not counted
	Unnoticed []mutantJSON `json:"unnoticed"`
}

type mutantJSON struct {
	Definition string `json:"definition"`
	File       string `json:"file"`
	Line       int    `json:"line"`
	Column     int    `json:"column"`
	Text       string `json:"text"`
	Change     string `json:"change"`
	Tests      int    `json:"tests"`
}

func (w *testWriter) mutationJSON(r *mutate.Report) *mutationJSON {
	score, _ := r.Score()
	j := &mutationJSON{Changes: r.Killed + len(r.Survived), Noticed: r.Killed, Score: score, Same: len(r.Same), Unnoticed: []mutantJSON{}}
	for _, m := range r.Survived {
		at := m.At.Pos()
		j.Unnoticed = append(j.Unnoticed, mutantJSON{m.Definition, w.file(m.At.File), at.Line, at.Column, m.Text(), m.Change, m.Tests})
	}
	return j
}
