package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler/diff"
	"github.com/segql/segql/runtime/revision"
)

// diffJob is one call of diff.
type diffJob struct {
	dataFlags
	format   string
	noData   bool
	exitCode bool
	language string
}

func (a *app) diffCommand() *cobra.Command {
	var f diffJob
	cmd := &cobra.Command{
		Use:   "diff REV [REV2]",
		Short: "Tell which segments mean something else than at another revision",
		Long: `Compares the project with what it was at REV, a git revision (main, HEAD~3, v1.2,
a commit) or a folder with a catalog.yaml; with REV2, these two versions. For each
segment that differs, also because something it depends on does, it tells in which
direction, and which edit made it so:

  wider      proved: nobody can leave it by this change
  narrower   proved: nobody can enter it by this change
  disjoint   proved: nobody who could be in it can be now
  changed    some enter and some leave, or no direction could be proved
  equal      proved: the same members, written differently
  renamed    proved: the same members under another name
  metadata   the same condition; title, owner, expectations … differ
  added, removed

git is only asked for what it holds: work tree and index are not touched.`,
		Example: `  segql diff main                       the project's folder against main
  segql diff v1.0 v2.0 -p shop          two revisions of the project in shop
  segql diff main --format markdown     for a comment on a pull request
  segql diff main --exit-code           end with 1 where members can differ`,
		Args:              oneOrTwo,
		ValidArgsFunction: a.completeRevisions,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.diff(cmd.Context(), args, f) },
	}
	f.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", textFormat, "text, json or markdown")
	flags.StringVar(&f.language, "language", "en", "of markdown: en or vi")
	flags.BoolVar(&f.noData, "no-data", false, "do not look at the data: only what the catalog declares is known")
	flags.BoolVar(&f.exitCode, "exit-code", false, "end with 1 where members of a segment can differ")
	completeFixed(cmd, "format", textFormat, "json", "markdown")
	completeFixed(cmd, "language", "en", "vi")
	return cmd
}

// checkChangeFormat refuses values that diff and plan do not know.
func checkChangeFormat(format, language string) error {
	switch {
	case format != textFormat && format != "json" && format != "markdown":
		return usagef("write --format text, --format json or --format markdown", "--format %s is not known", format)
	case languages[language] == nil:
		return usagef("write --language en or --language vi", "--language %s is not known", language)
	}
	return nil
}

func (a *app) diff(ctx context.Context, args []string, f diffJob) error {
	if err := checkChangeFormat(f.format, f.language); err != nil {
		return err
	}
	c, err := a.compareVersions(ctx, args, f.dataFlags, versionOptions{noData: f.noData})
	if err != nil {
		return err
	}
	defer c.close()
	switch f.format {
	case "json":
		err = a.diffJSON(c)
	case "markdown":
		_, err = fmt.Fprint(a.out, markdownOf(c, nil, languages[f.language]))
	default:
		a.diffText(c)
	}
	if err == nil && f.exitCode && len(c.report.Moves()) > 0 {
		return &failure{exitExpectation}
	}
	return err
}

// compared are two versions and what differs.
type compared struct {
	before, after *openVersion
	report        *diff.Report
}

func (c *compared) close() {
	c.before.close()
	c.after.close()
}

// versionOptions say what is done with the versions that are compared.
type versionOptions struct {
	noData  bool
	history bool // the store is read
}

// compareVersions reads, checks and compares the versions that a command line names.
func (a *app) compareVersions(ctx context.Context, args []string, data dataFlags, v versionOptions) (*compared, error) {
	before, after, err := a.twoVersions(ctx, args)
	if err != nil {
		return nil, err
	}
	dir := a.project
	if after.dir != "" {
		dir = after.dir
	}
	o, err := data.options(dir)
	if err != nil {
		return nil, err
	}
	o.NoStore = true
	if v.history {
		o.NoStore, o.ReadOnly, o.Store = false, true, a.store
	}
	bar := a.startProgress()
	defer bar.stop()
	c := &compared{}
	for _, side := range []struct {
		version *projectVersion
		open    **openVersion
	}{{before, &c.before}, {after, &c.after}} {
		bar.update("read "+side.version.String(), 0, 1)
		if *side.open, err = a.openVersion(ctx, side.version, o, v.noData); err != nil {
			c.close()
			return nil, err
		}
	}
	bar.update("compare", 0, 1)
	c.report = diff.Compare(c.before.diff, c.after.diff)
	return c, nil
}

// completeRevisions offers branches and tags to the shell.
func (a *app) completeRevisions(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names, err := revision.Names(cmd.Context(), a.project)
	if err != nil {
		return nil, cobra.ShellCompDirectiveDefault // folders can be compared too
	}
	return names, cobra.ShellCompDirectiveDefault
}

// kindNote says in a few words what a kind means.
var kindNote = map[diff.Kind]string{
	diff.Wider: "can only gain", diff.Narrower: "can only lose", diff.Disjoint: "shares nobody", diff.Equal: "proved", diff.Metadata: "same members",
}

// kindText is the cell of a table.
func kindText(c *diff.Change) string {
	text := string(c.Kind)
	note := kindNote[c.Kind]
	switch {
	case c.Kind == diff.Renamed:
		text, note = "renamed", "was "+c.Was
	case c.Kind == diff.Changed && c.Reason == "":
		note = "gains and loses"
	}
	if note != "" {
		text += " (" + note + ")"
	}
	if c.Empty && !c.WasEmpty {
		text += "\nnobody can be in it now"
	}
	return text
}

func kindStyle(k diff.Kind) style {
	switch k {
	case diff.Removed, diff.Disjoint, diff.Changed:
		return red
	case diff.Wider, diff.Narrower:
		return yellow
	case diff.Added:
		return green
	default:
		return dim
	}
}

// whyText lists the causes of a change, one a line.
func whyText(c *diff.Change) string {
	var lines []string
	for _, cause := range c.Causes {
		lines = append(lines, causeText(cause))
	}
	if len(c.Meta) > 0 {
		var keys []string
		for _, e := range c.Meta {
			keys = append(keys, e.Key)
		}
		lines = append(lines, strings.Join(keys, ", "))
	}
	if c.Reason != "" {
		lines = append(lines, "no direction: "+c.Reason)
	}
	return strings.Join(lines, "\n")
}

// causeText names a cause: "param min_spend", "its where", "removed list staff, by way of vip".
func causeText(c diff.Cause) string {
	text := "its " + strings.Join(editKeys(c.Edits), ", ")
	if c.Name != "" {
		text = c.Kind + " " + c.Name
		if c.How != "changed" {
			text = c.How + " " + text
		}
	}
	if len(c.Via) > 0 {
		text += ", by way of " + strings.Join(c.Via, ", ")
	}
	return text
}

// editKeys are the parts that differ; what has one part only is its definition.
func editKeys(edits []diff.Edit) (keys []string) {
	for _, e := range edits {
		switch e.Key {
		case "":
			keys = append(keys, "definition")
		case "where":
			keys = append(keys, "condition")
		default:
			keys = append(keys, e.Key)
		}
	}
	return keys
}

// diffText writes the comparison for a terminal.
func (a *app) diffText(c *compared) {
	p := painter(a.colors(terminalOf(a)))
	limit := width(terminalOf(a))
	fmt.Fprintf(a.out, "%s, compared with %s\n\n", upperFirst(c.after.String()), c.before)
	if len(c.report.Changes) > 0 {
		t := table{cols: []column{{title: "Segment"}, {title: "Change"}, {title: "Why", shrink: true}}}
		for _, ch := range c.report.Changes {
			t.add(cell{text: ch.Name}, cell{kindText(ch), kindStyle(ch.Kind)}, cell{text: whyText(ch)})
		}
		for _, line := range t.lines(p, limit) {
			fmt.Fprintln(a.out, line)
		}
		fmt.Fprintln(a.out)
	}
	a.examplesText(c, p)
	a.editsText(c, p)
	fmt.Fprintln(a.out, sameText(c.report))
}

// examplesText shows customers who would be gained and lost.
func (a *app) examplesText(c *compared, p painter) {
	said := false
	for _, ch := range c.report.Changes {
		if ch.Entering == nil && ch.Leaving == nil {
			continue
		}
		if !said {
			fmt.Fprintln(a.out, p.paint(bold, "For example (made up)"))
			said = true
		}
		fmt.Fprintf(a.out, "  %s\n", ch.Name)
		if text := diff.Example(ch.Entering); text != "" {
			fmt.Fprintln(a.out, "    "+p.paint(green, "gains "+clean(text)))
		}
		if text := diff.Example(ch.Leaving); text != "" {
			fmt.Fprintln(a.out, "    "+p.paint(red, "loses "+clean(text)))
		}
	}
	if said {
		fmt.Fprintln(a.out)
	}
}

// editsText writes what was edited, as a diff.
func (a *app) editsText(c *compared, p painter) {
	if len(c.report.Definitions) == 0 {
		return
	}
	fmt.Fprintln(a.out, p.paint(bold, "What was edited"))
	for _, d := range c.report.Definitions {
		fmt.Fprintf(a.out, "  %s  %s\n", clean(definitionText(d)), p.paint(dim, clean(c.place(d))))
		for _, e := range d.Edits {
			before, after := editLines(e)
			for _, line := range before {
				fmt.Fprintln(a.out, "    "+p.paint(red, "- "+clean(line)))
			}
			for _, line := range after {
				fmt.Fprintln(a.out, "    "+p.paint(green, "+ "+clean(line)))
			}
		}
	}
	fmt.Fprintln(a.out)
}

// editLines are a part before and after; a key stands before its value.
func editLines(e diff.Edit) (before, after []string) {
	line := func(text string) []string {
		if text == "" {
			return nil
		}
		if e.Key != "" {
			text = e.Key + ": " + text
		}
		return []string{text}
	}
	return line(e.Before), line(e.After)
}

func definitionText(d diff.Cause) string {
	text := d.Kind + " " + d.Name
	if d.How != "changed" {
		text += " (" + d.How + ")"
	}
	return text
}

// place is where a definition stands, in the version that has it.
func (c *compared) place(d diff.Cause) string {
	if d.At.IsZero() {
		return ""
	}
	v := c.after
	if d.How == "removed" {
		v = c.before
	}
	return fmt.Sprintf("%s:%d", v.placeOf(d.At), d.At.Pos().Line)
}

// sameText counts what is left.
func sameText(r *diff.Report) string {
	n := plural(int64(r.Same), "segment")
	switch {
	case len(r.Changes) == 0 && r.Same == 0:
		return "no segments"
	case len(r.Changes) == 0:
		return "no segment differs (" + n + ")"
	case r.Same == 0:
		return "every segment differs"
	case r.Same == 1:
		return n + " is as before"
	default:
		return n + " are as before"
	}
}

func upperFirst(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
