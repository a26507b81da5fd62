package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/lint"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime"
)

// linter is one call of lint.
type linter struct {
	*app
	data          dataFlags
	format, level string
	asOf          string
	only, disable []string
	noData, rows  bool
	fix, list     bool
	quiet         bool

	in  lint.Input
	min diag.Severity // the mildest that fails
}

func (a *app) lintCommand() *cobra.Command {
	l := &linter{app: a}
	cmd := &cobra.Command{
		Use:   "lint [DIR]",
		Short: "Look for what is correct and still not right, and fix it",
		Long: `Looks through the definitions of the project in DIR (by default the current
folder) for conditions that cannot hold or say nothing, segments that are the
same, names that nothing uses, segments without owner, test or least size, and
what costs much to compute. The definitions must be correct; check says whether
they are.

Advice that does not fit is ignored where it is given, with the reason:
  # segql:ignore SEG2001 customers without a city are meant too
on the line before, at the end of the line, or before a whole definition.`,
		Example: `  segql lint examples/online-shop
  segql lint --fix                       make the fixes that change no segment's members
  segql lint --list                      all rules
  segql lint --disable SEG2072 --level note`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return l.run(cmd.Context(), a.dir(args)) },
	}
	l.data.register(cmd)
	findingsFlag(cmd, &l.format)
	flags := cmd.Flags()
	flags.BoolVar(&l.fix, "fix", false, "make the fixes, and format the files they change")
	flags.BoolVar(&l.list, "list", false, "print the rules")
	flags.StringSliceVar(&l.only, "only", nil, "look for these codes only")
	flags.StringSliceVar(&l.disable, "disable", nil, "do not look for these codes")
	flags.StringVar(&l.level, "level", "warning", "what ends with exit code 1: error, warning or note")
	flags.BoolVarP(&l.quiet, "quiet", "q", false, "do not show what lies below the level")
	flags.StringVar(&l.asOf, "as-of", "", "the instant of advice about time, such as 2025-03-31 (default: the catalog's, else now)")
	flags.BoolVar(&l.noData, "no-data", false, "do not look at the data: only what the catalog declares is known")
	flags.BoolVar(&l.rows, "rows", false, "look at the rows too: when those of a fact begin")
	completeFixed(cmd, "level", "error", "warning", "note")
	for _, flag := range []string{"only", "disable"} {
		must(cmd.RegisterFlagCompletionFunc(flag, completeRules))
	}
	return cmd
}

func completeRules(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var list []string
	for _, r := range lint.Rules() {
		list = append(list, string(r.Code)+"\t"+r.Purpose)
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

func (l *linter) run(ctx context.Context, dir string) error {
	o, err := l.options(dir)
	if err != nil {
		return err
	}
	if l.list {
		return l.printRules()
	}
	if l.noData {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return noFolder(dir, err)
		}
		p, diags := compiler.Compile(os.DirFS(dir), compiler.Options{Set: o.Set, Tests: true})
		return l.look(p, diags, o, nil)
	}
	o.NoStore, o.Tests = true, true
	bar := l.startProgress()
	bar.update("look at the data", 0, 1)
	p, diags, err := runtime.Open(ctx, o)
	bar.stop()
	if err != nil || p == nil {
		return firstOf(err, l.broken(diags, dir, nil))
	}
	defer func() { _ = p.Close() }()
	if l.rows && !diags.HasErrors() {
		if err := l.firstRows(ctx, p); err != nil {
			return err
		}
	}
	return l.look(p.Project, diags, o, p.Engine.Columns)
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// options reads the command line.
func (l *linter) options(dir string) (o runtime.Options, err error) {
	if err = checkFindingFormat(l.format); err != nil {
		return o, err
	}
	levels := map[string]diag.Severity{"error": diag.Error, "warning": diag.Warning, "note": diag.Note}
	level, ok := levels[l.level]
	if !ok {
		return o, usagef("write --level error, --level warning or --level note", "--level %s is not known", l.level)
	}
	if l.noData && l.rows {
		return o, usagef("leave one of them out", "--no-data and --rows exclude each other")
	}
	l.min = level
	l.in.Tests = true
	if l.in.Only, err = rulesNamed(l.only); err != nil {
		return o, err
	}
	if l.in.Disable, err = rulesNamed(l.disable); err != nil {
		return o, err
	}
	return l.data.options(dir)
}

// rulesNamed reads codes as people write them.
func rulesNamed(names []string) (codes []diag.Code, err error) {
	for _, name := range names {
		page, ok := diag.Lookup(name)
		if _, isRule := lint.Find(page.Code); !ok || !isRule {
			help := "`segql lint --list` prints the rules"
			for _, near := range diag.Near(name) {
				if r, isRule := lint.Find(near.Code); isRule {
					help = "did you mean " + string(r.Code) + " (" + r.Purpose + ")?"
					break
				}
			}
			return nil, usagef(help, "there is no rule %s", name)
		}
		codes = append(codes, page.Code)
	}
	return codes, nil
}

// firstRows looks when the rows of facts begin.
func (l *linter) firstRows(ctx context.Context, p *runtime.Project) error {
	asOf, err := l.instant(p.Project)
	if err != nil {
		return err
	}
	bar := l.startProgress()
	bar.update("look when facts begin", 0, 1)
	l.in.First, err = p.FirstRows(ctx, asOf)
	bar.stop()
	return err
}

// instant is what advice about time is of.
func (l *linter) instant(p *compiler.Project) (int64, error) {
	micros, _, err := (&runtime.Project{Project: p}).AsOf(l.asOf, time.Now())
	if err != nil {
		return 0, usagef("write a day or an instant, such as 2025-03-31 or 2025-03-31T10:30", "--as-of %s cannot be read: %v", l.asOf, err)
	}
	return micros, nil
}

// broken ends for a project that cannot be looked at.
func (l *linter) broken(diags diag.List, dir string, p *compiler.Project) error {
	return l.show(findings{command: "lint", dir: dir, project: p, diags: onlyErrors(diags), fails: l.min})
}

func onlyErrors(diags diag.List) (out diag.List) {
	for _, d := range diags {
		if d.Severity == diag.Error {
			out = append(out, d)
		}
	}
	return out
}

// look finds what there is to say of a project, and fixes it when asked.
func (l *linter) look(p *compiler.Project, diags diag.List, o runtime.Options, columns columnsOf) error {
	if diags.HasErrors() || p == nil || p.Project == nil {
		return l.broken(diags, o.Dir, p)
	}
	asOf, err := l.instant(p)
	if err != nil {
		return err
	}
	l.in.AsOf = &asOf
	if !l.fix {
		l.in.Project, l.in.Diags = p, diags
		return l.show(findings{command: "lint", dir: o.Dir, project: p, diags: lint.Run(l.in), fails: l.min})
	}
	r := lint.Fix(os.DirFS(o.Dir), compiler.Options{Set: o.Set, Columns: remember(columns), Tests: true}, l.in)
	names := slices.Sorted(maps.Keys(r.Files))
	for _, name := range names {
		if err := replaceFile(filepath.Join(o.Dir, filepath.FromSlash(name)), r.Files[name]); err != nil {
			return err
		}
	}
	if l.format == textFormat {
		fmt.Fprintf(l.out, "%s fixed", plural(int64(r.Count), "finding"))
		if len(names) > 0 {
			fmt.Fprintf(l.out, " in %s", strings.Join(names, ", "))
		}
		fmt.Fprintln(l.out)
	}
	return l.show(findings{command: "lint", dir: o.Dir, project: r.Project, diags: r.Left, fails: l.min})
}

// columnsOf describes a source; see compiler.Options.
type columnsOf = func(*ir.Source, map[string]value.Type) ([]check.SourceColumn, *diag.Diagnostic)

// remember asks for each source once: fixes change no data.
func remember(columns columnsOf) columnsOf {
	if columns == nil {
		return nil
	}
	type answer struct {
		columns []check.SourceColumn
		problem *diag.Diagnostic
	}
	known := map[string]answer{}
	return func(src *ir.Source, declared map[string]value.Type) ([]check.SourceColumn, *diag.Diagnostic) {
		key := fmt.Sprintf("%q %v", []string{src.Kind, src.Path, src.Table, src.SQL, src.Format, src.Delimiter, src.Quote, src.Encoding}, declared)
		if _, ok := known[key]; !ok {
			c, problem := columns(src, declared)
			known[key] = answer{c, problem}
		}
		return known[key].columns, known[key].problem
	}
}

// show tells what was found, and ends with the code for it.
func (l *linter) show(f findings) error {
	all := f.diags
	f.diags = slices.DeleteFunc(slices.Clone(all), func(d diag.Diagnostic) bool { return l.quiet && d.Severity > l.min })
	code := verdict(all)
	if code == nil && slices.ContainsFunc(all, func(d diag.Diagnostic) bool { return d.Severity <= l.min }) {
		code = &failure{exitExpectation}
	}
	if l.format != textFormat {
		return firstOf(l.writeFindings(l.format, f), code)
	}
	if len(f.diags) == 0 {
		fmt.Fprintln(l.out, "no findings in "+contents(f.project))
		return code
	}
	return firstOf(diag.Render(l.err, inFolder(f.diags, f.dir), l.rendering()), code)
}

// printRules writes the rules, one a line or as JSON.
func (l *linter) printRules() error {
	type row struct {
		Code     diag.Code `json:"code"`
		Severity string    `json:"severity"`
		Purpose  string    `json:"purpose"`
		Fix      bool      `json:"fix"`
		Needs    lint.Need `json:"needs,omitempty"`
	}
	var rows []row
	for _, r := range lint.Rules() {
		if len(l.in.Only) > 0 && !slices.Contains(l.in.Only, r.Code) || slices.Contains(l.in.Disable, r.Code) {
			continue
		}
		rows = append(rows, row{r.Code, r.Severity.String(), r.Purpose, r.Fix, r.Need})
	}
	switch l.format {
	case "json":
		enc := json.NewEncoder(l.out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(struct {
			Rules []row `json:"rules"`
		}{rows})
	case textFormat:
		for _, r := range rows {
			fix := "   "
			if r.Fix {
				fix = "fix"
			}
			fmt.Fprintf(l.out, "%s  %-7s  %s  %s\n", r.Code, r.Severity, fix, r.Purpose)
		}
		return nil
	default:
		return usagef("write --format text or --format json", "the rules have no form %s", l.format)
	}
}
