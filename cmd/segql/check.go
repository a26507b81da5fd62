package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
)

func (a *app) checkCommand() *cobra.Command {
	var f dataFlags
	var format string
	var noData bool
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Check the definitions against the columns of the data",
		Long: `Checks the catalog, every definition and every test of the project in DIR (by
default the current folder): names, types, units, declared values and windows.
The columns of the data are looked at, its rows are not computed. What was seen
of them is kept in .segql/sources.json of the project, so that data which has not
changed is not looked at again; the file can be deleted at any time.`,
		Example: `  segql check examples/online-shop
  segql check --no-data             where the data is not at hand
  segql check --format plain        one line for each message, for editors
  segql check --format sarif        for code scanning; github and junit for build servers`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := a.dir(args)
			if err := checkFindingFormat(format); err != nil {
				return err
			}
			o, err := f.options(dir)
			if err != nil {
				return err
			}
			if noData {
				return a.checkDefinitions(o, format)
			}
			return a.check(cmd.Context(), o, format)
		},
	}
	f.register(cmd)
	findingsFlag(cmd, &format)
	cmd.Flags().BoolVar(&noData, "no-data", false, "do not look at the data: only what the catalog declares is known")
	return cmd
}

func noFolder(dir string, err error) error {
	return duckdb.NewProblem(duckdb.MissingFile, "there is no folder %s", dir).In(dir, err).
		WithHelp("name the folder that holds the project's catalog.yaml")
}

// checkDefinitions never starts the engine.
func (a *app) checkDefinitions(o runtime.Options, format string) error {
	if info, err := os.Stat(o.Dir); err != nil || !info.IsDir() {
		return noFolder(o.Dir, err)
	}
	p, diags := compiler.Compile(os.DirFS(o.Dir), compiler.Options{Set: o.Set, Tests: true})
	return a.checked(findings{command: "check", dir: o.Dir, project: p, diags: diags}, format)
}

func (a *app) check(ctx context.Context, o runtime.Options, format string) error {
	bar := a.startProgress()
	bar.update("look at the data", 0, 1)
	p, diags, err := runtime.CheckProject(ctx, o)
	bar.stop()
	if err != nil {
		return err
	}
	return a.checked(findings{command: "check", dir: o.Dir, project: p, diags: diags}, format)
}

// checked shows the result. People read it where diagnostics always stand,
// on standard error; programs get it on standard output.
func (a *app) checked(f findings, format string) error {
	if format != textFormat {
		if err := a.writeFindings(format, f); err != nil {
			return err
		}
		return verdict(f.diags)
	}
	diags := inFolder(f.diags, f.dir)
	if diags.HasErrors() { // first things first
		diags = withoutNotes(diags)
	}
	if err := a.show(diags); err != nil {
		return err
	}
	fmt.Fprintln(a.out, "no errors in "+contents(f.project))
	return nil
}

// contents counts what was checked: "14 segments, 2 traits, 3 relations".
func contents(p *compiler.Project) string {
	text := plural(int64(len(p.Segments)), "segment")
	if n := len(p.Traits); n > 0 {
		text += ", " + plural(int64(n), "trait")
	}
	if n := len(p.Tests); n > 0 {
		text += ", " + plural(int64(n), "test")
	}
	return text + " over " + plural(int64(len(p.Relations)), "relation")
}
