package main

import (
	"bufio"
	"context"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/assist"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/lsp"
	"github.com/segql/segql/runtime/member"
)

func (a *app) lspCommand() *cobra.Command {
	var noData, noLint, noSizes bool
	cmd := &cobra.Command{
		Use:   "lsp",
		Short: "Serve an editor: diagnostics, completion, hover, rename",
		Long: `Speaks the Language Server Protocol on standard input and output. Editors start
it; docs/editors.md says how for Visual Studio Code, Vim, Neovim and Helix.

A file belongs to the project of the nearest catalog.yaml above it. Definitions
are checked as they are typed. Beside that the columns of the data are looked at
once, as ` + "`segql check`" + ` does, and the sizes of the last run are read from the
store, where there is one. Nothing is ever written.

The exit code is that of the protocol: 0 after shutdown and exit, else 1.`,
		Example: `  segql lsp
  segql lsp --no-data     where the data is not at hand: what the catalog declares is all that is known`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// Checks make much that is soon forgotten, and somebody waits.
			debug.SetGCPercent(400)
			o := lsp.Options{Version: version(), Log: a.err, Lint: !noLint}
			if !noData {
				o.Columns = sourceColumns
			}
			if !noSizes {
				o.Sizes = a.sizesOf
			}
			code, err := lsp.Serve(cmd.Context(), a.in, flushing{a.out}, o)
			switch {
			case err != nil:
				return err
			case code != lsp.ExitOK:
				return &failure{code}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&noData, "no-data", false, "do not look at the data: only what the catalog declares is known")
	cmd.Flags().BoolVar(&noLint, "no-lint", false, "only what is wrong, without the advice of segql lint")
	cmd.Flags().BoolVar(&noSizes, "no-sizes", false, "do not read the sizes of the last run from the store")
	cmd.Flags().Bool("stdio", true, "standard input and output, which is all there is; some editors say it")
	must(cmd.Flags().MarkHidden("stdio"))
	return cmd
}

// flushing hands on each message at once.
type flushing struct{ w *bufio.Writer }

func (f flushing) Write(b []byte) (int, error) {
	n, err := f.w.Write(b)
	if err == nil {
		err = f.w.Flush()
	}
	return n, err
}

// sourceColumns describes sources in a session of its own, which ends with it, so
// that no file stays open while somebody edits.
func sourceColumns(ctx context.Context, dir string, sources []lsp.Source) []lsp.Columns {
	out := make([]lsp.Columns, len(sources))
	o := duckdb.Options{Dir: dir}
	if cat, _ := compiler.ReadCatalog(os.DirFS(dir)); cat != nil && !cat.Database.IsZero() {
		o.Database = cat.Database.Text
	}
	session, err := duckdb.Open(ctx, o)
	if err != nil {
		for i := range out {
			out[i].Problem = duckdb.Diagnostic(err)
		}
		return out
	}
	defer func() { _ = session.Close() }() // what it read is read
	engine := duckdb.NewEngine(ctx, session)
	for i, s := range sources {
		out[i].Columns, out[i].Problem = engine.Columns(s.Source, s.Declared)
	}
	return out
}

// runsLookedAt bounds how far back the size of a segment is looked for, of
// which the last runs were not.
const runsLookedAt = 20

// sizesOf reads the sizes of the last runs. Without a store, or while a run
// writes it, there are none: an editor can do without.
func (a *app) sizesOf(ctx context.Context, dir string) map[string]assist.Size {
	path := runtime.Options{Dir: dir, Store: a.store}.StorePath()
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return nil
	}
	store, err := member.OpenFile(ctx, path, member.Read, version())
	if err != nil {
		return nil
	}
	defer func() { _ = store.Close() }()
	runs, err := store.Runs(ctx, runsLookedAt)
	if err != nil {
		return nil
	}
	zone := (&app{project: dir}).calendar().Loc
	sizes := map[string]assist.Size{}
	for _, run := range runs {
		segments, err := store.RunSegments(ctx, run.ID)
		if err != nil {
			return sizes
		}
		for _, s := range segments {
			if _, newer := sizes[s.Segment]; !newer && !run.Historical {
				sizes[s.Segment] = assist.Size{Members: s.Size, AsOf: instant(run.AsOf, zone)}
			}
		}
	}
	return sizes
}
