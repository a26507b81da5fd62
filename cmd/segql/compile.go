package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
)

func (a *app) compileCommand() *cobra.Command {
	var f dataFlags
	var asOf string
	var showPlan bool
	cmd := &cobra.Command{
		Use:   "compile [SEGMENT...]",
		Short: "Print the SQL of segments, or the plan of the project",
		Long: `Prints for each segment one commented statement for DuckDB that gives the keys of
its members. It can be run as it is in a DuckDB shell in the project's folder.
A run does not use these statements: it computes all segments together, as
--plan shows, so that what they share is computed once.`,
		Example: `  segql compile big_spenders > big_spenders.sql
  segql compile lifecycle --as-of 2025-03-31      every branch of a split
  segql compile --plan                            tables, passes and shared features`,
		ValidArgsFunction: a.completeSegments,
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options(a.project)
			if err != nil {
				return err
			}
			o.NoStore = true
			return a.compile(cmd.Context(), o, compileFlags{args, asOf, showPlan})
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&asOf, "as-of", "", "the instant to compile for (default: the catalog's, else now)")
	cmd.Flags().BoolVar(&showPlan, "plan", false, "print the plan in the place of SQL")
	return cmd
}

type compileFlags struct {
	segments []string
	asOf     string
	plan     bool
}

func (a *app) compile(ctx context.Context, o runtime.Options, f compileFlags) error {
	p, err := a.open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	at, _, err := p.AsOf(f.asOf, time.Now())
	if err != nil {
		return usagef("write a day such as 2025-03-31, or 2025-03-31T10:30", "--as-of: %v", err)
	}
	names, err := selectSegments(p.Project.Project, f.segments)
	if err != nil {
		return err
	}
	if f.plan {
		pl, err := p.Plan(at, plan.Options{Segments: names})
		if err != nil {
			return err
		}
		fmt.Fprint(a.out, planText(pl))
		return nil
	}
	blank := ""
	for _, s := range p.Segments {
		if names != nil && !slices.Contains(names, s.Name) {
			continue
		}
		text, err := statement(p, s, at, a.storeBeside())
		if err != nil {
			return err
		}
		fmt.Fprint(a.out, blank+text)
		blank = "\n"
	}
	return nil
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
func statement(p *runtime.Project, s *ir.Segment, at int64, store string) (string, error) {
	pl, err := p.Plan(at, plan.Options{Segments: []string{s.Name}})
	if err != nil {
		return "", err
	}
	var parts []string
	for _, st := range p.Engine.Readable(pl) {
		query := "  " + strings.ReplaceAll(st.Query, "\n", "\n  ")
		parts = append(parts, "-- "+clean(st.Comment)+"\n"+duckdb.QuoteIdent(st.Table.Name)+" AS (\n"+query+"\n)")
	}
	col := pl.Columns[0]
	body := "WITH\n" + strings.Join(parts, ",\n") + "\n" +
		"SELECT \"key\" AS " + sql.DuckDB.Ident(s.Entity.Key.Name) + "\nFROM " + duckdb.QuoteIdent(col.Table) +
		"\nWHERE " + duckdb.QuoteIdent(col.Col) + "\nORDER BY CAST(\"key\" AS VARCHAR);\n"
	head := heading(p, s, at)
	if e, ok := p.Engine.(*duckdb.Engine); ok {
		body = e.Portable(body)
		if len(pl.Changes) > 0 {
			head += "ATTACH IF NOT EXISTS " + duckdb.QuoteText(store) + " AS " + duckdb.StoreName + " (READ_ONLY);\n"
		}
	}
	if strings.Contains(body, "TIMESTAMPTZ") || strings.Contains(body, "timezone(") {
		head += "SET TimeZone = 'UTC';\n"
	}
	return head + body, nil
}

// heading says, in comments, what the statement is of.
func heading(p *runtime.Project, s *ir.Segment, at int64) string {
	title := s.Name
	if s.Meta.Title != "" {
		title += ": " + s.Meta.Title
	}
	lines := []string{title, "", "as of " + instant(time.UnixMicro(at), p.Calendar.Loc) + "; for DuckDB, to be run in the project's folder"}
	if db := p.Catalog.Database; !db.IsZero() {
		lines = append(lines, "on the database "+db.Text+": duckdb "+db.Text)
	}
	var rewritten []string
	if e, ok := p.Engine.(*duckdb.Engine); ok {
		rewritten = e.Rewritten()
	}
	for _, f := range rewritten {
		lines = append(lines, f+" is not read quite as it is: segql mends what DuckDB alone would misread")
	}
	lines = append(lines, "")
	lines = append(lines, strings.Split(strings.TrimRight(s.Decl.Text(), "\n"), "\n")...)
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimRight("-- "+clean(strings.ReplaceAll(line, "\t", "  ")), " ") + "\n")
	}
	return b.String()
}
