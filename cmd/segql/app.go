package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/runtime"
)

// app is what every command shares: where it reads and writes, and the flags
// that all commands have.
type app struct {
	in  io.Reader
	out *bufio.Writer
	err io.Writer

	color   string
	project string
	store   string
	started bool // the command line was understood
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "segql",
		Short: "Customer segments as files: checked, run, remembered",
		Long: `segql keeps customer segments as files. A project is a folder with a catalog of
the data (catalog.yaml) and definitions (*.seg, *.seg.yaml). segql checks the definitions
against the data, computes who is in which segment, and remembers who entered
and left, when and why.`,
		Example: `  segql run examples/online-shop      compute every segment
  segql check                         only check the definitions
  segql explain SEG0010               what a code means`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			a.started = true
			return a.checkColor()
		},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.color, "color", "auto", "colours: auto, always or never (NO_COLOR is respected)")
	flags.StringVarP(&a.project, "project", "p", ".", "the project's folder")
	flags.StringVar(&a.store, "store", "", "the file of memberships (default .segql/store.duckdb in the project)")
	must(root.RegisterFlagCompletionFunc("color", cobra.FixedCompletions([]string{"auto", "always", "never"}, cobra.ShellCompDirectiveNoFileComp)))
	must(root.MarkPersistentFlagDirname("project"))
	root.AddCommand(a.changesCommand(), a.checkCommand(), a.compileCommand(), a.convertCommand(), a.evalCommand(), a.expandCommand(), a.explainCommand(), a.fmtCommand(), a.healthCommand(), a.initCommand(), a.lintCommand(),
		a.lspCommand(), a.membersCommand(), a.proveCommand(), a.runCommand(), a.schemaCommand(), a.segmentsCommand(), a.testCommand(), a.versionCommand(), a.watchCommand(), a.whyCommand(), exitCodesTopic())
	root.AddCommand(a.benchCommand(), a.diffCommand(), a.planCommand())
	return root
}

// exitCodesTopic is a page of the help, not a command: it has no Run.
func exitCodesTopic() *cobra.Command {
	return &cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: exitText}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// dir is the project's folder: the argument when there is one.
func (a *app) dir(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return a.project
}

// open opens a project and shows what there is to say about it. Notes are left
// to `segql check`: whoever runs a project wants its result.
func (a *app) open(ctx context.Context, o runtime.Options) (*runtime.Project, error) {
	p, diags, err := runtime.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := a.show(withoutNotes(inFolder(diags, o.Dir))); err != nil {
		if p != nil {
			_ = p.Close()
		}
		return nil, err
	}
	return p, nil
}

func withoutNotes(diags diag.List) diag.List {
	var list diag.List
	for _, d := range diags {
		if d.Severity != diag.Note {
			list = append(list, d)
		}
	}
	return list
}

// inFolder names files as they are seen from the current folder, so that a
// terminal or an editor can open them.
func inFolder(diags diag.List, dir string) diag.List {
	if dir == "" || filepath.Clean(dir) == "." {
		return diags
	}
	for _, f := range filesOf(diags) {
		f.Name = path.Join(filepath.ToSlash(dir), f.Name)
	}
	return diags
}

// filesOf are the files that diagnostics speak of, each once.
func filesOf(diags diag.List) (files []*source.File) {
	seen := map[*source.File]bool{}
	add := func(f *source.File) {
		if f != nil && !seen[f] {
			seen[f] = true
			files = append(files, f)
		}
	}
	for _, d := range diags {
		add(d.Span.File)
		for _, l := range d.Labels {
			add(l.Span.File)
		}
		for _, e := range d.Edits {
			add(e.Span.File)
		}
	}
	return files
}

// definitions reads a project without its data: quick, and enough for names
// and the zone. Nil when the folder holds no readable catalog.
func (a *app) definitions() *compiler.Project {
	p, _ := compiler.Compile(os.DirFS(a.project), compiler.Options{})
	if p.Catalog == nil {
		return nil
	}
	return p
}

// assignments reads NAME=VALUE pairs.
func assignments(list []string) (map[string]string, error) {
	if len(list) == 0 {
		return nil, nil
	}
	set := map[string]string{}
	for _, pair := range list {
		name, value, ok := strings.Cut(pair, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, usagef("write --set NAME=VALUE, such as --set min_spend=3_000_000", "--set %s has no value", pair)
		}
		set[name] = strings.TrimSpace(value)
	}
	return set, nil
}

// storePath is where the memberships of the project are.
func (a *app) storePath() string {
	return runtime.Options{Dir: a.project, Store: a.store}.StorePath()
}
