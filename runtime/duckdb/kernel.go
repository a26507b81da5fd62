package duckdb

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/kernel"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
)

// kernelRun streams the rows of a fact to a kernel program.
type kernelRun struct {
	*Engine
	plan    *plan.Plan
	prog    *kernel.Program
	answers *kernel.Answers
	sets    [][]uint64
	owners  *numbering
	export  *exportTable // nil: nothing is asked for
	looked  looked
	keeper  *keeper
	marks   *Marks
	ahead   *ahead
}

// run does the work, in as many goings over the rows as memory makes needed.
func (k *kernelRun) run(ctx context.Context, mostBytes int64) error {
	xs := []ir.Expr{k.prog.Key}
	for _, in := range k.prog.Inputs {
		xs = append(xs, in.X)
	}
	query := sql.Values(k.plan, sql.DuckDB, k.printed(), k.prog.Fact, xs)
	if done, err := k.follow(ctx, query, mostBytes); done || err != nil {
		return err
	}
	k.prog.Forget() // what it would have followed may be of other owners, or damaged
	kept, err := k.newKept(ctx)
	if err != nil {
		return err
	}
	query = k.wrap(query)
	for from := 0; from < max(k.owners.n, 1); {
		r := k.prog.NewRun(k.owners.n, from, k.owners.n, mostBytes)
		if kept != nil {
			if r.Keep(kept); from == 0 {
				r.Digest()
			}
		}
		if err := k.stream(ctx, query, r); err != nil {
			return err
		}
		if from == 0 {
			k.looked = looked{r.Rows(), r.Lost()}
			if kept != nil {
				r.Digested(kept)
			}
		}
		if err := k.finish(ctx, r, nil); err != nil {
			return err
		}
		from = r.To
		if k.owners.n == 0 {
			break
		}
	}
	if kept != nil {
		return k.keeper.add(k.prog, k.owners, kept, k.marks)
	}
	return nil
}

func (k *kernelRun) printed() *printed {
	return &printed{engine: k.Engine, zone: k.plan.Project.Zone}
}

// names are those of what the query gives.
func (k *kernelRun) names() string {
	names := []string{"k"}
	for i := range k.prog.Inputs {
		names = append(names, fmt.Sprintf("c%d", i))
	}
	return strings.Join(names, ", ")
}

// wrap makes a query give keys as they are numbered.
func (k *kernelRun) wrap(query string) string {
	if k.owners.whole {
		return query
	}
	return "SELECT CAST(k AS VARCHAR), * EXCLUDE (k) FROM (\n" + query + "\n) AS v(" + k.names() + ")"
}

// stream gives the rows to the run, batch by batch, on every core.
func (k *kernelRun) stream(ctx context.Context, query string, r *kernel.Run) error {
	workers := make([]func(*Chunk) error, runtime.GOMAXPROCS(0))
	for i := range workers {
		intake, b, read := r.Intake(), &kernel.Batch{}, newReader(k.prog.Inputs)
		workers[i] = func(c *Chunk) error {
			b.Rows = c.Rows
			b.Owners = grown(b.Owners, c.Rows)
			k.owners.of(c, 0, b.Owners)
			b.Inputs = read.inputs(c)
			return intake.Add(b)
		}
	}
	return k.StreamTo(ctx, "read the rows of "+k.prog.Fact.Name, query, workers)
}

// reader reads the inputs of a kernel from chunks, in which they follow one
// more column.
type reader struct {
	of     []*kernel.Input
	out    []kernel.Vector
	own    [][]int64 // where values are not read in place
	number []textNumbers
	date   []dateNumbers
}

func newReader(of []*kernel.Input) *reader {
	n := len(of)
	return &reader{of, make([]kernel.Vector, n), make([][]int64, n), make([]textNumbers, n), make([]dateNumbers, n)}
}

func (r *reader) inputs(c *Chunk) []kernel.Vector {
	for i, in := range r.of {
		r.own[i] = grown(r.own[i], c.Rows)
		r.out[i] = kernel.Vector{Values: r.own[i], Known: c.Known(i + 1)}
		switch {
		case !in.Numbered:
			r.out[i].Values = wholes(c, i+1, in.X.Type(), r.own[i])
		case in.X.Type().Kind == value.Text:
			r.number[i].of(in, c, i+1, r.own[i])
		default:
			r.date[i].of(in, c, i+1, r.own[i])
		}
	}
	return r.out
}

func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// wholes reads a column of whole numbers, whatever their width: in place where
// that is 64 bits, else into out.
func wholes(c *Chunk, col int, t value.Type, out []int64) []int64 {
	switch widthOf(t) {
	case 1:
		copyWide(out, Values[uint8](c, col))
	case 2:
		copyWide(out, Values[int16](c, col))
	case 4:
		copyWide(out, Values[int32](c, col))
	default:
		return Values[int64](c, col)
	}
	return out
}

func copyWide[T uint8 | int16 | int32](out []int64, in []T) {
	for i, v := range in {
		out[i] = int64(v)
	}
}

// widthOf is how many bytes the engine keeps a value in.
func widthOf(t value.Type) int {
	switch {
	case t.Kind == value.Bool:
		return 1
	case t.Kind == value.Date, t.Kind == value.Decimal && t.Prec > 4 && t.Prec <= 9:
		return 4
	case t.Kind == value.Decimal && t.Prec <= 4:
		return 2
	case t.Kind == value.Decimal && t.Prec > 18:
		return 16
	default:
		return 8
	}
}

// dateNumbers remembers the numbers of dates, which are from a few decades.
type dateNumbers struct {
	recent []struct {
		day    int32
		number uint32
	}
}

func (n *dateNumbers) of(in *kernel.Input, c *Chunk, col int, out []int64) {
	const most = 1 << 15
	n.recent = grown(n.recent, most)
	known := c.Known(col)
	for i, day := range Values[int32](c, col) {
		if out[i] = 0; !IsKnown(known, i) {
			continue
		}
		r := &n.recent[uint32(day)%most]
		if r.number == 0 || r.day != day {
			r.day, r.number = day, in.Date(int64(day))
		}
		out[i] = int64(r.number)
	}
}

// textNumbers remembers the numbers of short texts by the words they are kept
// in, for a column has few different ones.
type textNumbers struct {
	recent [1 << 10]struct {
		a, b   uint64
		number uint32
	}
}

func (n *textNumbers) of(in *kernel.Input, c *Chunk, col int, out []int64) {
	known := c.Known(col)
	texts := Values[Text](c, col)
	for i := range texts {
		if !IsKnown(known, i) {
			out[i] = 0
			continue
		}
		t := &texts[i]
		if t.Len > inlineText {
			out[i] = int64(in.Text(t.Bytes()))
			continue
		}
		a, b := t.words()
		r := &n.recent[(a^b*0x9e3779b97f4a7c15)*0x9e3779b97f4a7c15>>54]
		if r.number == 0 || r.a != a || r.b != b {
			r.a, r.b, r.number = a, b, in.Text(t.Bytes())
		}
		out[i] = int64(r.number)
	}
}

// finish lets every core answer for its share of the owners.
func (k *kernelRun) finish(ctx context.Context, r *kernel.Run, changed *kernel.Changed) error {
	if err := r.Ready(k.answers, k.sets); err != nil {
		return err
	}
	var found func(*kernel.Found) error
	if k.export != nil {
		var one sync.Mutex
		found = func(f *kernel.Found) error {
			one.Lock()
			defer one.Unlock()
			return k.export.add(f)
		}
	}
	errs := k.onAllCores(ctx, func(next *atomic.Int64, stop func() bool) error {
		return r.Finish(k.answers, k.sets, changed, next, stop, found)
	})
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("count what %s say: %w", k.prog.Fact.Name, err)
	}
	return ctx.Err()
}

// views stand for the passes whose features are asked for.
func (k *kernelRun) views(ctx context.Context) (made []string, err error) {
	columns := map[string]string{}
	for i, x := range k.answers.Exports {
		if columns[x.Table] == "" {
			made = append(made, x.Table)
		}
		columns[x.Table] += fmt.Sprintf(", e.f%d AS %s", i, QuoteIdent(x.Col))
	}
	key, from := "e.k", k.export.name+" AS e"
	if !k.owners.whole {
		key = "r." + QuoteIdent(sql.ColumnName(k.plan, k.prog.Entity.Key))
		from = QuoteIdent(plan.RowsOf(k.prog.Entity)) + " AS r JOIN " + from + " ON e.n = r.rowid"
	}
	for _, name := range made {
		view := "CREATE TEMP VIEW " + QuoteIdent(name) + " AS SELECT " + key + " AS " + QuoteIdent(sql.KeyName) + columns[name] + " FROM " + from
		if err := k.Exec(ctx, "keep the features of "+k.prog.Entity.Name, view); err != nil {
			return made, err
		}
	}
	return made, nil
}
