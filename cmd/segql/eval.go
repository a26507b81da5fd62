package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/program"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
	"github.com/segql/segql/runtime/local"
	"github.com/segql/segql/runtime/member"
)

// Codes of evaluations in process; pages in lang/diag/pages.
const (
	codeNeedsRun diag.Code = "SEG3010" // a segment looks at everybody
	codeCustomer diag.Code = "SEG4040" // the customer's document is wrong
	codeBudget   diag.Code = "SEG4041" // a segment would look at too many rows
)

type evalFlags struct {
	dataFlags
	customer, asOf, format, of, program string
	selected, tables                    []string
	failFast                            bool
}

func (a *app) evalCommand() *cobra.Command {
	var f evalFlags
	cmd := &cobra.Command{
		Use:   "eval --customer FILE",
		Short: "Say which segments customers in a JSON file are in, at once",
		Long: `Says which segments a customer is in from what a JSON object tells of it, in
process: nothing else is read, and no database is started. FILE holds one
object, or many, one a line (NDJSON); - is standard input. Answers come in the
order of the customers, each as soon as it is there.

An object has the attributes of the customer by name, its facts as lists of
objects, what a lookup leads to as an object under the lookup's name:

    {"id": 7, "city": "Huế",
     "orders": [{"ordered_at": "2025-03-01T10:00", "amount": "12.50",
                 "product": {"sku": "a", "kind": "toy"}}]}

Names are those of the catalog or of the columns of its sources. An inner row
need not repeat the key of the outer one. Values are read as those of files are:
a number may stand in quotes, and what does not fit its declared type is missing
and told on standard error. A name that the catalog does not have is an error.

A customer whose object is wrong is told with its line, and the others go on;
then the exit code is 3. --fail-fast ends at the first.

Segments that look at everybody (in top 10%, of everyone, entered, left) are
answered from what the last run has stored; without a store they are left out,
and said so. --tables reads reference tables of the project that all customers
share, such as products, with the database.`,
		Example: `  segql eval --customer customer.json
  segql eval --customer - --format ndjson < customers.ndjson
  segql eval --customer c.json --as-of 2025-03-31 --select vip,lifecycle
  segql eval --customer c.json --tables product --program expr`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("`segql eval --customer "+args[0]+"`; the project is given with --project", "eval takes no argument")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case f.customer == "":
				return usagef("write --customer FILE, or --customer - for standard input", "no customer is given")
			case f.format != "text" && f.format != "json" && f.format != "ndjson":
				return usagef("write --format text, --format json or --format ndjson", "--format %s is not known", f.format)
			case f.program != string(local.Closures) && f.program != string(local.Expr):
				return usagef("write --program closure or --program expr", "--program %s is not known", f.program)
			}
			return a.eval(cmd.Context(), f)
		},
	}
	f.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.customer, "customer", "", "file of the customers, - is standard input")
	flags.StringVar(&f.asOf, "as-of", "", "evaluate as of this date or time (default: the catalog's, else now)")
	flags.StringSliceVar(&f.selected, "select", nil, "only these segments: names, splits, patterns")
	flags.StringVar(&f.of, "of", "", "entity that the objects are of (default: the project's first)")
	flags.StringVar(&f.format, "format", "text", "text, json or ndjson")
	flags.StringVar(&f.program, "program", string(local.Closures), "how segments are evaluated, with the same answers: closure (fast) or expr")
	flags.StringSliceVar(&f.tables, "tables", nil, "reference tables of the project that customers share")
	flags.BoolVar(&f.failFast, "fail-fast", false, "end at the first customer that cannot be evaluated")
	completeFixed(cmd, "format", "text", "json", "ndjson")
	completeFixed(cmd, "program", string(local.Closures), string(local.Expr))
	return cmd
}

func (a *app) eval(ctx context.Context, f evalFlags) error {
	in, closeInput, err := a.openInput(f.customer)
	if err != nil {
		return err
	}
	defer closeInput()
	if in, err = objects(f.customer, in); err != nil {
		return err
	}
	p, open, err := a.evalProject(ctx, f)
	if err != nil {
		return err
	}
	if open != nil {
		defer func() { _ = open.Close() }()
	}
	asOf, err := evalInstant(p, f.asOf, time.Now())
	if err != nil {
		return usagef("write a date such as 2025-03-31, or a time such as 2025-03-31T10:00", "--as-of %s is neither a date nor a time", f.asOf)
	}
	e, err := a.evaluator(ctx, p, open, f)
	if err != nil {
		return err
	}
	a.sayUnanswered(e)
	w := &evalWriter{app: a, evaluator: e, format: f.format, asOf: asOf, zone: p.Zone}
	j := &evalJob{evaluator: e, asOf: asOf, name: f.customer, failFast: f.failFast}
	return j.run(ctx, in, w)
}

func (a *app) openInput(name string) (io.Reader, func(), error) {
	if name == "-" {
		return a.in, func() {}, nil
	}
	file, err := os.Open(name)
	if err == nil {
		var info os.FileInfo
		if info, err = file.Stat(); err == nil && !info.IsDir() {
			return file, func() { _ = file.Close() }, nil
		}
		_ = file.Close()
	}
	p := duckdb.NewProblem(duckdb.MissingFile, "").WithHelp("check the path: a file of JSON, or - for standard input")
	p.Message = fmt.Sprintf("%s is a folder", name)
	if err != nil {
		p.Message = fmt.Sprintf("%s cannot be read: %s", name, reason(err))
	}
	return nil, nil, p
}

// evalProject compiles the definitions from what the catalog declares. Only
// where that is not enough, or reference tables are asked for, the data is
// looked at.
func (a *app) evalProject(ctx context.Context, f evalFlags) (*compiler.Project, *runtime.Project, error) {
	o, err := f.options(a.project)
	if err != nil {
		return nil, nil, err
	}
	if len(f.tables) == 0 {
		p, diags := compiler.Compile(os.DirFS(a.project), compiler.Options{Set: o.Set})
		if !diags.HasErrors() {
			return p, nil, a.show(withoutNotes(inFolder(diags, a.project)))
		}
	}
	o.NoStore, o.Store = true, a.store
	open, err := a.open(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	return open.Project, open, nil
}

// evalInstant is the instant of an evaluation, as that of a run.
func evalInstant(p *compiler.Project, text string, now time.Time) (int64, error) {
	switch {
	case text != "":
		return p.Calendar.ParseInstant(text)
	case p.AsOf != nil:
		return *p.AsOf, nil
	default:
		return now.UnixMicro(), nil
	}
}

func (a *app) evaluator(ctx context.Context, p *compiler.Project, open *runtime.Project, f evalFlags) (*local.Evaluator, error) {
	selected, err := selectSegments(p.Project, f.selected)
	if err != nil {
		return nil, err
	}
	o := local.Options{Entity: f.of, Form: local.Form(f.program)}
	if entity, err := evalEntity(p, f.of); err != nil {
		return nil, err
	} else if selected != nil {
		o.Segments = []string{}
		for _, name := range selected {
			if p.Segment(name).Entity.Name == entity {
				o.Segments = append(o.Segments, name)
			}
		}
	}
	if o.Tables, err = readTables(ctx, p, open, f.tables); err != nil {
		return nil, err
	}
	e, err := local.New(p.Project, o)
	if err != nil {
		return nil, usagef("see `segql eval --help`", "%v", err)
	}
	if len(e.Unanswered()) == 0 {
		return e, nil
	}
	if o.Cuts, err = a.storedCuts(ctx, e); err != nil || o.Cuts == nil {
		return e, err
	}
	return local.New(p.Project, o)
}

func evalEntity(p *compiler.Project, name string) (string, error) {
	var names []string
	for _, r := range p.Relations {
		if r.Entity {
			names = append(names, r.Name)
		}
	}
	for _, n := range names {
		if name == "" || n == name {
			return n, nil
		}
	}
	help := "the entities are " + strings.Join(names, ", ")
	if s := diag.Suggest(name, names); s != "" {
		help = fmt.Sprintf("did you mean %q?", s)
	}
	return "", usagef(help, "there is no entity %q", name)
}

// readTables reads reference tables into memory.
func readTables(ctx context.Context, p *compiler.Project, open *runtime.Project, names []string) (map[string][][]value.Value, error) {
	tables := map[string][][]value.Value{}
	for _, name := range names {
		r := p.Relation(name)
		if r == nil || r.Source == nil {
			return nil, usagef("name entities or facts of the catalog that have a source", "there is no table %q", name)
		}
		engine, ok := open.Engine.(*duckdb.Engine)
		if !ok {
			return nil, usagef("leave --tables out and write the rows into the customers' objects", "--tables reads files and DuckDB tables only")
		}
		tables[name] = [][]value.Value{}
		err := engine.Each(ctx, "read "+name, engine.RowsSQL(p.Project, r, program.Columns(r)), func(scan func(...any) error) error {
			var doc string
			if err := scan(&doc); err != nil {
				return err
			}
			row, err := local.ReadRow(p.Calendar, r, doc)
			tables[name] = append(tables[name], row)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// storedCuts are what the last run has stored for the segments that look at
// everybody; nil without a store.
func (a *app) storedCuts(ctx context.Context, e *local.Evaluator) (map[string]*program.Cut, error) {
	store, err := member.OpenFile(ctx, a.storePath(), member.Read, version())
	var p *duckdb.Problem
	if errors.As(err, &p) && (p.Kind == duckdb.StoreMissing || p.Kind == duckdb.StoreTooNew) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	cuts, err := runtime.ReadCuts(ctx, store, e.Program)
	return cuts, errors.Join(err, store.Close())
}

// sayUnanswered says which segments need a run, once.
func (a *app) sayUnanswered(e *local.Evaluator) {
	by := map[string][]string{}
	var texts []string
	for _, u := range e.Unanswered() {
		if by[u.Needs.Text] == nil {
			texts = append(texts, u.Needs.Text)
		}
		by[u.Needs.Text] = append(by[u.Needs.Text], u.Segment)
	}
	for _, text := range texts {
		a.say(diag.Diagnostic{Severity: diag.Warning, Code: codeNeedsRun,
			Message: fmt.Sprintf("%s cannot be answered for one customer alone: `%s` looks at all of them", strings.Join(by[text], ", "), text),
			Help:    "`segql run` with a store keeps what is needed"})
	}
}
