package main

import (
	"strings"

	"github.com/segql/segql/compiler/cover"
	"github.com/segql/segql/lang/source"
)

// coverage names what no test has seen, by definition.
func (w *testWriter) coverage(r *cover.Report, tooLow bool, f testFlags) {
	w.line("")
	for _, d := range r.Definitions {
		seen, all := d.Points()
		if seen == all {
			continue
		}
		note := ""
		if d.Tests == 0 {
			note = ", no test expects anything of it"
		}
		w.line("%s  %d of %d seen%s", w.p.paint(bold, clean(d.Name)), seen, all, note)
		if d.Tests == 0 {
			continue
		}
		for _, g := range gaps(d) {
			w.line("  %s  %s: %s", w.place(g.at), clean(shortened(oneLine(g.at.Text()))), g.text)
		}
	}
	seen, all := r.Points()
	if all == 0 {
		w.line("no conditions to be seen")
		return
	}
	text := ""
	if tooLow {
		text = w.p.paint(red, ": less than "+f.threshold)
	}
	w.line("%d of %d sides of conditions and edges seen, %.1f%%%s", seen, all, float64(seen)/float64(all)*100, text)
}

type unseen struct {
	at   source.Span
	text string
}

func gaps(d *cover.Definition) (out []unseen) {
	for _, c := range d.Conditions {
		if text := c.Gap(); text != "" {
			out = append(out, unseen{c.At, text})
		}
	}
	for _, e := range d.Edges {
		if text := e.Gap(); text != "" {
			out = append(out, unseen{e.At, text})
		}
	}
	return out
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

type coverageJSON struct {
	Seen        int               `json:"seen"`
	All         int               `json:"all"`
	Definitions []definitionCover `json:"definitions"`
}

type definitionCover struct {
	Name  string    `json:"name"`
	File  string    `json:"file"`
	Line  int       `json:"line"`
	Tests int       `json:"tests"`
	Seen  int       `json:"seen"`
	All   int       `json:"all"`
	Gaps  []gapJSON `json:"gaps"`
}

type gapJSON struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Text   string `json:"text"`
	Gap    string `json:"gap"`
}

func (w *testWriter) coverageJSON(r *cover.Report) *coverageJSON {
	j := &coverageJSON{Definitions: []definitionCover{}}
	j.Seen, j.All = r.Points()
	for _, d := range r.Definitions {
		c := definitionCover{Name: d.Name, File: w.file(d.At.File), Line: d.At.Pos().Line, Tests: d.Tests, Gaps: []gapJSON{}}
		c.Seen, c.All = d.Points()
		for _, g := range gaps(d) {
			at := g.at.Pos()
			c.Gaps = append(c.Gaps, gapJSON{w.file(g.at.File), at.Line, at.Column, oneLine(g.at.Text()), g.text})
		}
		j.Definitions = append(j.Definitions, c)
	}
	return j
}
