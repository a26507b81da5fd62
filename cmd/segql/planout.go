package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/segql/segql/compiler/diff"
	"github.com/segql/segql/runtime"
)

// planText writes a plan for a terminal.
func (a *app) planText(p *planned) {
	paint := painter(a.colors(terminalOf(a)))
	fmt.Fprintf(a.out, "%s, compared with %s, on the same data\n", upperFirst(p.after.String()), p.before)
	if p.asOfFrom != "" {
		fmt.Fprintf(a.out, "as of %s (%s)\n", instant(time.UnixMicro(p.asOf), p.zone()), asOfFrom[p.asOfFrom])
	}
	fmt.Fprintln(a.out)
	a.planTable(p, paint)
	for _, row := range p.rows {
		if row.refused {
			fmt.Fprintf(a.out, "%s %s: %s\n", paint.paint(red, "✗"), row.Name, refusal(p, row))
		}
	}
	for _, f := range p.failing() {
		fmt.Fprintf(a.out, "%s %s: expect %s, got %s (before: %s)\n", paint.paint(red, "✗"), f.row.segment.Name, clean(f.check.Text), f.check.Got, f.wasText())
	}
	if p.refused()+len(p.failing()) > 0 {
		fmt.Fprintln(a.out)
	}
	a.sampleText(p, paint)
	a.editsText(p.compared, paint)
	fmt.Fprintln(a.out, sameText(p.report))
}

// zone is that of the newer version.
func (p *planned) zone() *time.Location {
	if p.after.run != nil {
		return p.after.run.Calendar.Loc
	}
	return p.before.run.Calendar.Loc
}

func refusal(p *planned, row *plannedRow) string {
	if row.move.Before == 0 {
		return fmt.Sprintf("%s where there were none, more than --max-change %s", plural(row.move.Gained, "member"), p.limitAs)
	}
	return fmt.Sprintf("%s of its members change, more than --max-change %s", row.changedShare(), p.limitAs)
}

// wasText is how a failing expectation went before the change.
func (f failedCheck) wasText() string {
	if f.check.before == nil {
		return "not there"
	}
	return f.check.before.Got
}

func (a *app) planTable(p *planned, paint painter) {
	t := table{cols: []column{{title: "Segment"}, {title: "Change"}, {title: "Before", right: true}, {title: "After", right: true},
		{title: "Gained", right: true}, {title: "Lost", right: true}, {title: "Changed", right: true}, {title: "Why", shrink: true}}}
	for _, row := range p.rows {
		if row.Change == nil {
			continue
		}
		cells := []cell{{text: row.Name}, {kindText(row.Change), kindStyle(row.Kind)}}
		if m := row.move; m != nil {
			style := plain
			if row.refused {
				style = red
			}
			cells = append(cells, cell{text: sizeText(m.Before, row.Old == nil)}, cell{text: sizeText(m.After, row.New == nil)},
				moved("+", m.Gained, green), moved("-", m.Lost, red), cell{row.changedShare(), style})
		} else {
			cells = append(cells, cell{}, cell{}, cell{}, cell{}, cell{})
		}
		t.add(append(cells, cell{text: whyText(row.Change)})...)
	}
	for _, c := range p.report.Changes { // those that need no data
		if !p.computed(c) {
			t.add(cell{text: c.Name}, cell{kindText(c), kindStyle(c.Kind)}, cell{}, cell{}, cell{}, cell{}, cell{}, cell{text: whyText(c)})
		}
	}
	if len(t.rows) == 0 {
		return
	}
	for _, line := range t.lines(paint, width(terminalOf(a))) {
		fmt.Fprintln(a.out, line)
	}
	fmt.Fprintln(a.out)
}

func (p *planned) computed(c *diff.Change) bool {
	for _, row := range p.rows {
		if row.Change == c {
			return true
		}
	}
	return false
}

// sizeText is a number of members, nothing where there was no segment.
func sizeText(n int64, missing bool) string {
	if missing {
		return ""
	}
	return grouped(n)
}

// sampleText lists some of those who enter and leave.
func (a *app) sampleText(p *planned, paint painter) {
	said := false
	for _, row := range p.rows {
		if row.move == nil || len(row.move.Entering)+len(row.move.Leaving) == 0 {
			continue
		}
		if !said {
			fmt.Fprintln(a.out, paint.paint(bold, "Some of them"))
			said = true
		}
		fmt.Fprintf(a.out, "  %s\n", row.Name)
		if list := sampleList(row.move.Entering, row.move.Gained); list != "" {
			fmt.Fprintln(a.out, "    "+paint.paint(green, "+ "+clean(list)))
		}
		if list := sampleList(row.move.Leaving, row.move.Lost); list != "" {
			fmt.Fprintln(a.out, "    "+paint.paint(red, "- "+clean(list)))
		}
	}
	if said {
		fmt.Fprintln(a.out)
	}
}

func sampleList(keys []string, of int64) string {
	text := strings.Join(keys, ", ")
	if more := of - int64(len(keys)); more > 0 && text != "" {
		text += fmt.Sprintf(" and %s more", grouped(more))
	}
	return text
}

// asOfFrom says where an instant comes from.
var asOfFrom = map[string]string{"given": "given by --as-of", "catalog": "from the catalog", "now": "now"}

// The JSON of diff and plan; fields may be added later, none is renamed or
// removed.
type (
	changesJSON struct {
		From        versionJSON  `json:"from"`
		To          versionJSON  `json:"to"`
		AsOf        *time.Time   `json:"as_of,omitempty"`    // plan
		Zone        string       `json:"timezone,omitempty"` // plan
		MaxChange   string       `json:"max_change,omitempty"`
		Refused     *int         `json:"refused,omitempty"` // plan: segments of which more changes than may
		Failing     *int         `json:"failing,omitempty"` // plan: expectations that fail by the change
		Segments    []changeJSON `json:"segments"`
		Same        int          `json:"unchanged"`
		Definitions []causeJSON  `json:"edited"`
	}
	versionJSON struct {
		Name   string `json:"name"` // "" is the project's folder
		Commit string `json:"commit,omitempty"`
	}
	changeJSON struct {
		Segment  string      `json:"segment"`
		Was      string      `json:"was,omitempty"`
		Title    string      `json:"title,omitempty"`
		Owner    string      `json:"owner,omitempty"`
		Entity   string      `json:"entity"`
		Change   string      `json:"change"` // diff.Kinds, or "unchanged"
		Proved   bool        `json:"proved"`
		Reason   string      `json:"reason,omitempty"`
		Empty    bool        `json:"empty,omitempty"` // proved: nobody can be in it
		Causes   []causeJSON `json:"why,omitempty"`
		Metadata []editJSON  `json:"metadata,omitempty"`
		Gains    string      `json:"somebody_gained,omitempty"` // a customer of a proof
		Loses    string      `json:"somebody_lost,omitempty"`
		*membersJSON
		Checks []checkJSON `json:"expectations,omitempty"` // plan
	}
	membersJSON struct { // plan
		Before       int64    `json:"members_before"`
		After        int64    `json:"members_after"`
		Gained       int64    `json:"gained"`
		Lost         int64    `json:"lost"`
		Kept         int64    `json:"kept"`
		Share        *float64 `json:"changed_share,omitempty"` // (gained + lost) / members_before
		GainedSample []string `json:"gained_sample,omitempty"`
		LostSample   []string `json:"lost_sample,omitempty"`
		Refused      bool     `json:"refused"`
	}
	causeJSON struct {
		Kind    string     `json:"kind"`
		Name    string     `json:"name,omitempty"` // absent: the segment itself
		Change  string     `json:"change"`         // added, removed, changed
		Edits   []editJSON `json:"edits,omitempty"`
		Through []string   `json:"through,omitempty"`
		File    string     `json:"file,omitempty"`
		Line    int        `json:"line,omitempty"`
	}
	editJSON struct {
		Part   string `json:"part,omitempty"`
		Before string `json:"before,omitempty"`
		After  string `json:"after,omitempty"`
	}
	checkJSON struct {
		runtime.Check
		Before *runtime.Check `json:"before,omitempty"`
		Fresh  bool           `json:"fails_now"`
	}
)

func (a *app) diffJSON(c *compared) error {
	out := c.json()
	for _, ch := range c.report.Changes {
		out.Segments = append(out.Segments, c.changeJSON(ch))
	}
	return a.writeJSON(out)
}

func (a *app) planJSON(p *planned) error {
	out := p.json()
	refused, failing := p.refused(), len(p.failing())
	out.Refused, out.Failing, out.MaxChange = &refused, &failing, p.limitAs
	if p.asOfFrom != "" {
		at := time.UnixMicro(p.asOf).UTC()
		out.AsOf, out.Zone = &at, p.zone().String()
	}
	for _, row := range p.rows {
		var j changeJSON
		if row.Change != nil {
			j = p.changeJSON(row.Change)
		} else {
			j = changeJSON{Segment: row.segment.Name, Title: row.segment.Meta.Title, Owner: row.segment.Meta.Owner, Entity: row.segment.Entity.Name, Change: "unchanged", Proved: true}
		}
		j.membersJSON = row.json()
		for _, c := range row.checks {
			j.Checks = append(j.Checks, checkJSON{c.Check, c.before, c.fresh()})
		}
		out.Segments = append(out.Segments, j)
	}
	for _, c := range p.report.Changes {
		if !p.computed(c) {
			out.Segments = append(out.Segments, p.changeJSON(c))
		}
	}
	return a.writeJSON(out)
}

func (row *plannedRow) json() *membersJSON {
	m := row.move
	if m == nil {
		return nil
	}
	j := &membersJSON{Before: m.Before, After: m.After, Gained: m.Gained, Lost: m.Lost, Kept: m.Kept(), GainedSample: m.Entering, LostSample: m.Leaving, Refused: row.refused}
	if m.Before > 0 {
		share := float64(m.Gained+m.Lost) / float64(m.Before)
		j.Share = &share
	}
	return j
}

func (a *app) writeJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func (c *compared) json() changesJSON {
	out := changesJSON{From: versionJSON{c.before.name, c.before.commit}, To: versionJSON{c.after.name, c.after.commit}, Same: c.report.Same,
		Segments: []changeJSON{}, Definitions: []causeJSON{}}
	for _, d := range c.report.Definitions {
		out.Definitions = append(out.Definitions, c.causeJSON(d))
	}
	return out
}

func (c *compared) changeJSON(ch *diff.Change) changeJSON {
	s := ch.Segment()
	j := changeJSON{Segment: ch.Name, Was: ch.Was, Title: s.Meta.Title, Owner: s.Meta.Owner, Entity: s.Entity.Name, Change: string(ch.Kind),
		Proved: ch.Kind != diff.Changed || ch.Reason == "", Reason: ch.Reason, Empty: ch.Empty, Gains: diff.Example(ch.Entering), Loses: diff.Example(ch.Leaving)}
	for _, cause := range ch.Causes {
		j.Causes = append(j.Causes, c.causeJSON(cause))
	}
	for _, e := range ch.Meta {
		j.Metadata = append(j.Metadata, editJSON{e.Key, e.Before, e.After})
	}
	return j
}

func (c *compared) causeJSON(d diff.Cause) causeJSON {
	j := causeJSON{Kind: d.Kind, Name: d.Name, Change: d.How, Through: d.Via}
	for _, e := range d.Edits {
		j.Edits = append(j.Edits, editJSON{e.Key, e.Before, e.After})
	}
	if !d.At.IsZero() {
		v := c.after
		if d.How == "removed" {
			v = c.before
		}
		j.File, j.Line = v.placeOf(d.At), d.At.Pos().Line
	}
	return j
}
