package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/lang/diag"
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
		Long: `Checks the catalog and every definition of the project in DIR (by default the
current folder): names, types, units, declared values and windows. The columns
of the data are looked at, its rows are not computed.`,
		Example: `  segql check examples/online-shop
  segql check --no-data             where the data is not at hand
  segql check --format plain        one line for each message, for editors`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := a.dir(args)
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
	cmd.Flags().StringVar(&format, "format", "text", "text, json or plain")
	cmd.Flags().BoolVar(&noData, "no-data", false, "do not look at the data: only what the catalog declares is known")
	completeFixed(cmd, "format", "text", "json", "plain")
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
	p, diags := compiler.Compile(os.DirFS(o.Dir), compiler.Options{Set: o.Set})
	return a.checked(p, inFolder(diags, o.Dir), format)
}

func (a *app) check(ctx context.Context, o runtime.Options, format string) error {
	o.NoStore = true
	bar := a.startProgress()
	bar.update("look at the data", 0, 1)
	p, diags, err := runtime.Open(ctx, o)
	bar.stop()
	if err != nil {
		return err
	}
	var project *compiler.Project
	if p != nil {
		defer func() { _ = p.Close() }()
		project = p.Project
	}
	if p != nil && !diags.HasErrors() {
		bar := a.startProgress()
		bar.update("look at the data", 0, 1)
		wrong, err := p.Engine.WrongColumns(ctx, p.Project.Project)
		bar.stop()
		if err != nil {
			return err
		}
		diags = append(diags, wrong...)
		diags.Sort()
	}
	return a.checked(project, inFolder(diags, o.Dir), format)
}

// checked shows the result. People read it where diagnostics always stand,
// on standard error; programs get it on standard output.
func (a *app) checked(p *compiler.Project, diags diag.List, format string) error {
	switch format {
	case "text":
		if diags.HasErrors() { // first things first
			diags = withoutNotes(diags)
		}
		if err := a.show(diags); err != nil {
			return err
		}
		fmt.Fprintln(a.out, "no errors in "+contents(p))
		return nil
	case "json":
		if err := diag.JSON(a.out, diags); err != nil {
			return err
		}
	case "plain":
		if err := diag.Plain(a.out, diags); err != nil {
			return err
		}
	default:
		return usagef("write --format text, --format json or --format plain", "--format %s is not known", format)
	}
	return verdict(diags)
}

// contents counts what was checked: "14 segments, 2 traits, 3 relations".
func contents(p *compiler.Project) string {
	text := plural(int64(len(p.Segments)), "segment")
	if n := len(p.Traits); n > 0 {
		text += ", " + plural(int64(n), "trait")
	}
	return text + " over " + plural(int64(len(p.Relations)), "relation")
}
