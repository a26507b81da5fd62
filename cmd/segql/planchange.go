package main

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler/diff"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/runtime"
)

// planJob is one call of plan.
type planJob struct {
	dataFlags
	asOf, format, language string
	maxChange              string
	sample                 int
}

func (a *app) planCommand() *cobra.Command {
	var f planJob
	cmd := &cobra.Command{
		Use:   "plan REV [REV2]",
		Short: "Show whom a change adds to segments and takes away, on real data",
		Long: `Computes what the project was at REV, a git revision or a folder, and what it is
now (or at REV2) on the same data as of the same instant. For each segment whose
meaning differs it shows the members before and after, who is gained and lost, and
the edit that made it so; then the expectations that fail with the change.
Nothing is stored. See ` + "`segql diff`" + ` for what can be told without data.

Exit code 1: an expectation fails that did not fail before, or more of a
segment's members change than --max-change lets (gained and lost together, of
the members before).`,
		Example: `  segql plan main                             before merging into main
  segql plan main --max-change 10%            refuse what moves more than a tenth of a segment
  segql plan origin/main --format markdown    for a comment on a pull request
  segql plan main --as-of 2011-12-10 --data exports/2011-12-10`,
		Args:              oneOrTwo,
		ValidArgsFunction: a.completeRevisions,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.plan(cmd.Context(), args, f) },
	}
	f.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.asOf, "as-of", "", "the instant to compute, such as 2025-03-31 or 2025-03-31T10:30 (default: the catalog's, else now)")
	flags.StringVar(&f.format, "format", textFormat, "text, json or markdown")
	flags.StringVar(&f.language, "language", "en", "of markdown: en or vi")
	flags.StringVar(&f.maxChange, "max-change", "", "most that may change of a segment's members, such as 10%; exit code 1 above it (default: no limit)")
	flags.IntVar(&f.sample, "sample", 5, "ids to show of those gained, and of those lost; none where the key is marked pii")
	completeFixed(cmd, "format", textFormat, "json", "markdown")
	completeFixed(cmd, "language", "en", "vi")
	return cmd
}

// planned is a comparison with what it does to members.
type planned struct {
	*compared
	asOf     int64
	asOfFrom string
	limit    *big.Rat // of a change, 0.1 for 10%; nil: none
	limitAs  string   // as it was given
	rows     []*plannedRow
}

// plannedRow is a segment that was computed.
type plannedRow struct {
	*diff.Change                // nil: its meaning is as before
	segment      *ir.Segment    // the newer, else the older
	move         *runtime.Move  // nil: its members cannot differ
	checks       []plannedCheck // of the newer version
	refused      bool           // more changes than may
}

// plannedCheck is an expectation of the newer version.
type plannedCheck struct {
	runtime.Check
	// Before is how the same expectation went in the older version; nil where
	// it is not there.
	before *runtime.Check
}

// fresh reports whether an expectation fails by the change.
func (c plannedCheck) fresh() bool {
	return !c.Passed && (c.before == nil || c.before.Passed)
}

func (a *app) plan(ctx context.Context, args []string, f planJob) error {
	if err := checkChangeFormat(f.format, f.language); err != nil {
		return err
	}
	if f.sample < 0 {
		return usagef("0 shows none", "--sample %d is less than none", f.sample)
	}
	limit, err := percentage(f.maxChange)
	if err != nil {
		return err
	}
	c, err := a.compareVersions(ctx, args, f.dataFlags, versionOptions{history: true})
	if err != nil {
		return err
	}
	defer c.close()
	p := &planned{compared: c, limit: limit, limitAs: f.maxChange}
	if err := a.computePlan(ctx, p, f); err != nil {
		return err
	}
	switch f.format {
	case "json":
		err = a.planJSON(p)
	case "markdown":
		_, err = fmt.Fprint(a.out, markdownOf(c, p, languages[f.language]))
	default:
		a.planText(p)
	}
	if err == nil && (p.refused() > 0 || len(p.failing()) > 0) {
		return &failure{exitExpectation}
	}
	return err
}

// percentage reads "10%"; nil for "".
func percentage(text string) (*big.Rat, error) {
	if text == "" {
		return nil, nil
	}
	digits, ok := strings.CutSuffix(strings.TrimSpace(text), "%")
	n, good := new(big.Rat).SetString(strings.TrimSpace(digits))
	if !ok || !good || n.Sign() < 0 || strings.ContainsAny(digits, "/eExXpP_") {
		return nil, usagef("write a percentage of the members before, such as 10%", "--max-change %s is not a percentage", text)
	}
	return n.Quo(n, big.NewRat(100, 1)), nil
}

// computePlan runs both versions and compares what they find.
func (a *app) computePlan(ctx context.Context, p *planned, f planJob) error {
	instants := p.after.run
	if instants == nil {
		instants = p.before.run
	}
	if instants == nil {
		return nil // neither version has a project
	}
	var err error
	if p.asOf, p.asOfFrom, err = instants.AsOf(f.asOf, time.Now()); err != nil {
		return usagef("write a day such as 2025-03-31, which is its first instant, or 2025-03-31T10:30", "--as-of: %v", err)
	}
	was, is := p.selected()
	bar := a.startProgress()
	defer bar.stop()
	before, err := runVersion(ctx, p, p.before, was, bar)
	if err != nil {
		return err
	}
	after, err := runVersion(ctx, p, p.after, is, bar)
	if err != nil {
		return err
	}
	bar.update("compare members", 0, 1)
	for _, c := range p.report.Changes {
		if !c.Kind.Moves() && after[c.Name] == nil {
			continue
		}
		row := &plannedRow{Change: c, segment: c.Segment()}
		p.rows = append(p.rows, row)
		if err := p.moves(ctx, row, f.sample); err != nil {
			return err
		}
	}
	for _, s := range p.after.diff.Segments {
		if after[s.Name] != nil && !slices.ContainsFunc(p.rows, func(r *plannedRow) bool { return r.segment == s }) {
			p.rows = append(p.rows, &plannedRow{segment: s})
		}
	}
	p.judge(before, after)
	return nil
}

// selected are the segments that are computed: those whose members can differ,
// and those whose expectations look at other segments or have been edited.
func (p *planned) selected() (was, is []string) {
	add := func(list *[]string, s *ir.Segment) {
		if s != nil && !slices.Contains(*list, s.Name) {
			*list = append(*list, s.Name)
		}
	}
	expects := func(s *ir.Segment) bool {
		return slices.ContainsFunc(s.Expects, func(e ir.Expect) bool { return e.Cond != nil })
	}
	for _, c := range p.report.Changes {
		edited := slices.ContainsFunc(c.Meta, func(e diff.Edit) bool { return e.Key == "expect" })
		if c.Kind.Moves() || edited {
			add(&was, c.Old)
			add(&is, c.New)
		}
	}
	if len(p.report.Moves()) == 0 {
		return was, is
	}
	for _, s := range p.after.diff.Segments {
		if old := p.before.diff.Segment(s.Name); expects(s) && old != nil {
			add(&was, old)
			add(&is, s)
		}
	}
	return was, is
}

// runVersion computes segments of a version; nothing where there are none.
func runVersion(ctx context.Context, p *planned, v *openVersion, names []string, bar *progress) (map[string]*runtime.SegmentRow, error) {
	rows := map[string]*runtime.SegmentRow{}
	if len(names) == 0 || v.run == nil {
		return rows, nil
	}
	report, err := v.run.Run(ctx, runtime.RunOptions{AsOf: p.asOf, AsOfFrom: p.asOfFrom, Now: time.Now, Select: names, Version: version(),
		Progress: func(doing string, done, total int) { bar.update(v.String()+": "+doing, done, total) }})
	if err != nil {
		return nil, err
	}
	for i := range report.Segments {
		rows[report.Segments[i].Name] = &report.Segments[i]
	}
	return rows, nil
}

// moves compares the members of a segment whose members can differ.
func (p *planned) moves(ctx context.Context, row *plannedRow, sample int) error {
	if !row.Kind.Moves() {
		return nil
	}
	was, is := "", ""
	if row.Old != nil {
		was = row.Old.Name
	}
	if row.New != nil {
		is = row.New.Name
	}
	m, err := runtime.Moves(ctx, p.before.run, was, p.after.run, is, sample)
	if err != nil {
		return err
	}
	row.move = &m
	row.refused = p.tooMuch(row)
	return nil
}

// tooMuch reports whether more of a segment's members change than may. A
// segment that is new has no members before.
func (p *planned) tooMuch(row *plannedRow) bool {
	moved := row.move.Gained + row.move.Lost
	if p.limit == nil || row.Kind == diff.Added || moved == 0 {
		return false
	}
	most := new(big.Rat).Mul(p.limit, new(big.Rat).SetInt64(row.move.Before))
	return new(big.Rat).SetInt64(moved).Cmp(most) > 0
}

// judge puts each expectation beside what it was.
func (p *planned) judge(before, after map[string]*runtime.SegmentRow) {
	for _, row := range p.rows {
		now := after[row.segment.Name]
		if now == nil {
			continue
		}
		name := row.segment.Name
		if row.Change != nil && row.Was != "" {
			name = row.Was
		}
		for _, c := range now.Checks {
			check := plannedCheck{Check: c}
			if old := before[name]; old != nil {
				for i := range old.Checks {
					if old.Checks[i].Text == c.Text {
						check.before = &old.Checks[i]
					}
				}
			}
			row.checks = append(row.checks, check)
		}
	}
}

func (p *planned) refused() (n int) {
	for _, row := range p.rows {
		if row.refused {
			n++
		}
	}
	return n
}

// failing are the expectations that fail by the change.
func (p *planned) failing() (list []failedCheck) {
	for _, row := range p.rows {
		for _, c := range row.checks {
			if c.fresh() {
				list = append(list, failedCheck{row, c})
			}
		}
	}
	return list
}

// failedCheck is an expectation with its segment.
type failedCheck struct {
	row   *plannedRow
	check plannedCheck
}

// changedShare is gained and lost together of the members before, as 12.3%.
func (r *plannedRow) changedShare() string {
	if r.move.Before == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f%%", 100*float64(r.move.Gained+r.move.Lost)/float64(r.move.Before))
}
