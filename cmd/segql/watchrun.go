package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/lang/yamlform"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/member"
)

func (a *app) watchCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "watch [DIR]",
		Short: "Run, and run again after every change of a definition or the data",
		Long: `Computes the segments of the project in DIR (by default the current folder) as
` + "`segql run`" + ` does, and again whenever its catalog, a definition, a list or the data
has changed, until it is interrupted. Each run is told in one line: what has other
members than before, and which expectations failed. A mistake is shown, and the
next change awaited. The data are the files and the database that the catalog
names, and every file of data in the project's folder.`,
		Example: `  segql watch examples/online-shop
  segql watch --no-store                  while a definition is being written
  segql watch --select vip --out exports  and the members as files after every run
  segql watch --format table              the whole report of each run`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.watchRuns(cmd.Context(), a.dir(args), f) },
	}
	a.runFlags(cmd, &f, "line", "table", "json", "csv")
	return cmd
}

func (a *app) watchRuns(ctx context.Context, dir string, f runFlags) error {
	o, err := f.runOptions(dir, a.store)
	if err != nil {
		return err
	}
	var last sizes
	show := reporter(a.printReport)
	if f.format == "line" {
		show = func(_ *runtime.Project, r *runtime.Report, _ runFlags, _ *exportFolder) error {
			fmt.Fprintln(a.out, time.Now().Format(time.TimeOnly)+"  "+last.line(r))
			last.note(r)
			return nil
		}
	}
	return a.watch(ctx, runInputs(o, f), func() error {
		err := a.runOnce(ctx, o, f, show)
		return a.passing(ctx, err)
	})
}

// passing says what the next change may mend, so that watching goes on.
func (a *app) passing(ctx context.Context, err error) error {
	var problem *duckdb.Problem
	var wrong *usage
	if ctx.Err() == nil && (errors.As(err, &problem) || errors.As(err, &wrong)) {
		return &failure{a.finish(ctx, nil, err)}
	}
	return err
}

// runInputs sees the files that a run depends on. What runs write themselves is
// none of them, even where it is put among the data.
func runInputs(o runtime.Options, f runFlags) func() string {
	own := map[string]bool{}
	for _, path := range member.Files(o.StorePath()) {
		own[absolute(path)] = true
	}
	own[absolute(o.StorePath()+".lock")] = true
	own[absolute(o.StorePath()+".features")], own[absolute(o.StorePath()+".features.new")] = true, true
	exports := ""
	if f.out != "" {
		exports = absolute(f.out)
	}
	stdout, _ := os.Stdout.Stat()
	counts := func(name string, info fs.FileInfo) bool {
		switch path := absolute(name); {
		case own[path], stdout != nil && os.SameFile(stdout, info):
			return false
		case exports != "" && filepath.Dir(path) == exports && filepath.Ext(path) == "."+f.outFormat:
			return false
		}
		base := filepath.Base(name)
		return compiler.IsDefinitions(base) || base == compiler.CatalogName || !strings.HasSuffix(base, yamlform.TestSuffix) && duckdb.FormatOf(base) != ""
	}
	return func() string {
		var b strings.Builder
		fingerprint(&b, o.Dir, counts)
		if o.Data != "" {
			fingerprint(&b, o.Data, counts)
		}
		for _, name := range runtime.DataFiles(o) {
			if info, err := os.Stat(name); err == nil {
				stampFile(&b, name, info)
			}
		}
		return b.String()
	}
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// sizes are how many members segments had in the last run that was watched; nil
// before the first.
type sizes map[string]int64

func (s *sizes) note(r *runtime.Report) {
	*s = sizes{}
	for _, row := range r.Segments {
		(*s)[row.Name] = row.Members
	}
}

// mostTold is how many segments are named in a line.
const mostTold = 5

// line tells a run in one line.
func (s sizes) line(r *runtime.Report) string {
	text := plural(int64(len(r.Segments)), "segment")
	var took time.Duration
	for _, p := range r.Phases {
		took += p.Elapsed
	}
	text += " in " + seconds(took)
	if told := s.changes(r); len(told) > mostTold {
		text += ": " + strings.Join(told[:mostTold], ", ") + fmt.Sprintf(" and %d more", len(told)-mostTold)
	} else if len(told) > 0 {
		text += ": " + strings.Join(told, ", ")
	} else if s != nil {
		text += ": the same members"
	}
	for _, row := range r.Segments {
		for _, c := range row.Checks {
			if !c.Passed {
				text += fmt.Sprintf("; failed: %s: %s (%s)", row.Name, c.Text, c.Got)
			}
		}
	}
	if n := int64(len(r.Stale)); n > 0 {
		text += "; " + plural(n, "segment") + " took too long"
	}
	return text
}

// changes are the segments whose members are not those of the run before.
func (s sizes) changes(r *runtime.Report) (told []string) {
	seen := map[string]bool{}
	for _, row := range r.Segments {
		seen[row.Name] = true
		before, known := s[row.Name]
		switch {
		case !row.New && row.Entered+row.Left > 0:
			told = append(told, fmt.Sprintf("%s %s (+%s -%s)", row.Name, grouped(row.Members), grouped(row.Entered), grouped(row.Left)))
		case s != nil && !known:
			told = append(told, fmt.Sprintf("%s %s (new)", row.Name, grouped(row.Members)))
		case known && before != row.Members:
			told = append(told, fmt.Sprintf("%s %s (%s before)", row.Name, grouped(row.Members), grouped(before)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if !seen[name] && !slices.Contains(r.Stale, name) {
			told = append(told, name+" is gone")
		}
	}
	return told
}
