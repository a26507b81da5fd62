package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/postgres"
)

func (a *app) compileCommand() *cobra.Command {
	var f dataFlags
	var c compileFlags
	cmd := &cobra.Command{
		Use:   "compile [SEGMENT...]",
		Short: "Print the SQL of segments, or the plan of the project",
		Long: `Prints for each segment one commented statement that gives the keys of its members.
It can be run as it is in a DuckDB shell in the project's folder; with --engine,
or --dialect postgres, in psql. --dialect needs no server and looks at no data:
the catalog must declare what the segments read.
A run does not use these statements: it computes all segments together, as
--plan shows, so that what they share is computed once.`,
		Example: `  segql compile big_spenders > big_spenders.sql
  segql compile lifecycle --as-of 2025-03-31      every branch of a split
  segql compile vip --dialect postgres            for psql
  segql compile --plan                            tables, passes and shared features`,
		ValidArgsFunction: a.completeSegments,
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options(a.project)
			if err != nil {
				return err
			}
			o.NoStore = true
			c.segments = args
			return a.compile(cmd.Context(), o, c)
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&c.asOf, "as-of", "", "the instant to compile for (default: the catalog's, else now)")
	cmd.Flags().BoolVar(&c.plan, "plan", false, "print the plan in the place of SQL")
	cmd.Flags().StringVar(&c.dialect, "dialect", "", "duckdb or postgres: whose SQL to print (default: that of the engine)")
	completeFixed(cmd, "dialect", "duckdb", "postgres")
	return cmd
}

type compileFlags struct {
	segments []string
	asOf     string
	plan     bool
	dialect  string
}

// compiled is an open project as the printing of SQL sees it.
type compiled struct {
	*runtime.Project
	dialect    *sql.Dialect
	statements func(*plan.Plan) []sql.Statement
	duckdb     *duckdb.Engine // nil for other engines
	store      string         // as seen from the project's folder
	at         int64
}

func (a *app) compile(ctx context.Context, o runtime.Options, f compileFlags) error {
	c, err := a.openCompiled(ctx, o, f.dialect)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if c.at, _, err = c.AsOf(f.asOf, time.Now()); err != nil {
		return usagef("write a day such as 2025-03-31, or 2025-03-31T10:30", "--as-of: %v", err)
	}
	names, err := selectSegments(c.Project.Project.Project, f.segments)
	if err != nil {
		return err
	}
	if f.plan {
		pl, err := c.Plan(c.at, plan.Options{Segments: names})
		if err != nil {
			return err
		}
		fmt.Fprint(a.out, planText(pl))
		return a.printWays(ctx, c, names)
	}
	blank := ""
	for _, s := range c.Segments {
		if names != nil && !slices.Contains(names, s.Name) {
			continue
		}
		text, err := c.statement(s)
		if err != nil {
			return err
		}
		fmt.Fprint(a.out, blank+text)
		blank = "\n"
	}
	return nil
}

// openCompiled opens the project with its engine, or for a dialect alone.
func (a *app) openCompiled(ctx context.Context, o runtime.Options, dialect string) (*compiled, error) {
	switch dialect {
	case "":
	case "duckdb":
		o.Engine = ""
	case "postgres":
		if o.Engine == "" {
			return a.withoutData(o)
		}
	default:
		return nil, usagef("write --dialect duckdb or --dialect postgres", "--dialect %s is not known", dialect)
	}
	p, err := a.open(ctx, o)
	if err != nil {
		return nil, err
	}
	c := &compiled{Project: p, dialect: p.Engine.Dialect(), statements: p.Engine.Readable, store: a.storeBeside()}
	c.duckdb, _ = p.Engine.(*duckdb.Engine)
	return c, nil
}

// withoutData compiles for PostgreSQL by what the catalog declares.
func (a *app) withoutData(o runtime.Options) (*compiled, error) {
	if info, err := os.Stat(o.Dir); err != nil || !info.IsDir() {
		return nil, noFolder(o.Dir, err)
	}
	p, diags := compiler.Compile(os.DirFS(o.Dir), compiler.Options{Set: o.Set})
	if p.Project != nil && !diags.HasErrors() {
		diags = append(diags, sql.Unsupported(p.Project, sql.Postgres)...)
	}
	if err := a.show(withoutNotes(inFolder(diags, o.Dir))); err != nil {
		return nil, err
	}
	return &compiled{Project: &runtime.Project{Project: p}, dialect: sql.Postgres, statements: postgres.Print}, nil
}

// storeBeside is the path of the store as seen from the project's folder,
// where the statements are to be run.
func (a *app) storeBeside() string {
	if a.store != "" {
		return a.store
	}
	return runtime.Options{}.StorePath()
}

// statement is the SQL of one segment: a WITH with one part for each table of
// its plan, then the members' keys.
func (c *compiled) statement(s *ir.Segment) (string, error) {
	pl, err := c.Plan(c.at, plan.Options{Segments: []string{s.Name}})
	if err != nil {
		return "", err
	}
	if len(pl.Changes) > 0 && c.duckdb == nil {
		return "", duckdb.NewProblem(duckdb.StoreMissing, "segment %s asks who has entered or left %s, which stands in the store, a DuckDB file", s.Name, pl.Changes[0].Name).
			WithHelp("`segql run --engine` copies it to the server; as one statement there is only that for DuckDB")
	}
	var parts []string
	for _, st := range c.statements(pl) {
		query := "  " + strings.ReplaceAll(st.Query, "\n", "\n  ")
		parts = append(parts, "-- "+clean(st.Comment)+"\n"+c.dialect.Ident(st.Table.Name)+" AS (\n"+query+"\n)")
	}
	col := pl.Columns[0]
	body := "WITH\n" + strings.Join(parts, ",\n") + "\n" +
		"SELECT \"key\" AS " + c.dialect.Ident(s.Entity.Key.Name) + "\nFROM " + c.dialect.Ident(col.Table) +
		"\nWHERE " + c.dialect.Ident(col.Col) + "\nORDER BY " + c.dialect.AsText(`"key"`) + ";\n"
	head := c.heading(s, pl)
	if c.duckdb == nil {
		return head + body, nil
	}
	body = c.duckdb.Portable(body)
	if len(pl.Changes) > 0 {
		head += "ATTACH IF NOT EXISTS " + duckdb.QuoteText(c.store) + " AS " + duckdb.StoreName + " (READ_ONLY);\n"
	}
	if strings.Contains(body, "TIMESTAMPTZ") || strings.Contains(body, "timezone(") {
		head += "SET TimeZone = 'UTC';\n"
	}
	return head + body, nil
}

// heading says, in comments, what the statement is of.
func (c *compiled) heading(s *ir.Segment, pl *plan.Plan) string {
	title := s.Name
	if s.Meta.Title != "" {
		title += ": " + s.Meta.Title
	}
	where := "for DuckDB, to be run in the project's folder"
	if c.duckdb == nil {
		where = "for PostgreSQL, 13 or later"
	}
	lines := []string{title, "", "as of " + instant(time.UnixMicro(c.at), c.Calendar.Loc) + "; " + where}
	lines = append(lines, c.needs(pl)...)
	lines = append(lines, "")
	lines = append(lines, strings.Split(strings.TrimRight(s.Decl.Text(), "\n"), "\n")...)
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimRight("-- "+clean(strings.ReplaceAll(line, "\t", "  ")), " ") + "\n")
	}
	return b.String()
}

// needs says what must be there for the statement to run, and what about its
// data is not as in a run.
func (c *compiled) needs(pl *plan.Plan) (lines []string) {
	if c.duckdb == nil {
		for _, t := range pl.Tables {
			if t.Kind == plan.Rows && t.Rel.Source != nil && t.Rel.Source.Path != "" {
				lines = append(lines, t.Rel.Source.Path+" is a file: load it into a table first, with these columns", "  "+postgres.TableOf(pl, t))
			}
		}
		return lines
	}
	if db := c.Catalog.Database; !db.IsZero() {
		lines = append(lines, "on the database "+db.Text+": duckdb "+db.Text)
	}
	for _, f := range c.duckdb.Rewritten() {
		lines = append(lines, f+" is not read quite as it is: segql mends what DuckDB alone would misread")
	}
	return lines
}
