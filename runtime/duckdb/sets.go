package duckdb

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/kernel"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
)

// Strategy is how the features of a plan with sets are computed.
type Strategy string

// Strategies.
const (
	Auto     Strategy = ""       // by what each is estimated to cost
	BySQL    Strategy = "sql"    // one statement for each pass
	ByKernel Strategy = "kernel" // passes over a fact together, outside SQL, where that is possible
)

// setRun computes a plan with sets.
type setRun struct {
	*Engine
	plan     *plan.Plan
	programs []*kernel.Program
	answers  []*kernel.Answers
	ranks    [][]*kernel.Rank       // of each program
	cuts     map[cutOf][]sql.CutRow // of these
	looked   []looked               // of each program
	rest     []*plan.Atom           // that no program answers
	tables   []sql.Statement        // of the passes, ranks and so on that SQL computes
	atoms    []sql.Statement        // of the atoms that SQL answers
	strategy Strategy
	owners   map[*ir.Relation]*numbering
	ahead    *ahead
	views    map[*ir.Relation]string // of entities that are not copied: how they are read
	counts   map[*ir.Relation]int
	worked   map[*ir.Relation]*kernel.Sets
	sets     map[*plan.Atom][]uint64
	late     map[string]bool // tables that took too long, and those that read them
	lateFor  map[*plan.Atom]bool
	stale    []string
	step     func(n, of int, s sql.Statement)
	done     int
	keeper   *keeper
	homes    homes
}

// prepare decides what is computed where.
func (e *Engine) prepare(ctx context.Context, p *plan.Plan, strategy Strategy) (*setRun, error) {
	r := &setRun{Engine: e, plan: p, strategy: strategy, late: map[string]bool{}, lateFor: map[*plan.Atom]bool{}, counts: map[*ir.Relation]int{}, worked: map[*ir.Relation]*kernel.Sets{}, owners: map[*ir.Relation]*numbering{}, views: map[*ir.Relation]string{}, sets: map[*plan.Atom][]uint64{}, cuts: map[cutOf][]sql.CutRow{}, homes: homes{}}
	err := e.knowASCII(ctx, p)
	if err != nil {
		return nil, err
	}
	if r.programs, _, err = e.ways(ctx, p, strategy); err != nil {
		return nil, err
	}
	answered := map[*plan.Atom]bool{}
	taken := map[*plan.Table]bool{}
	for _, prog := range r.programs {
		a := prog.Answer(p.Atoms)
		r.answers = append(r.answers, a)
		for _, atom := range a.Atoms {
			answered[atom] = true
		}
		for _, t := range prog.Tables {
			taken[t] = true
		}
	}
	for _, a := range p.Atoms {
		if !answered[a] {
			r.rest = append(r.rest, a)
		}
	}
	r.takeRanks()
	var read []*ir.Slot
	for _, s := range e.Print(p) {
		if taken[s.Table] {
			continue
		}
		r.tables = append(r.tables, s)
		if !r.isRanked(s.Table) {
			read = append(read, s.Table.Slots()...)
		}
	}
	for _, a := range r.rest {
		read = append(read, a.Slots...)
	}
	for i, prog := range r.programs {
		prog.Export(r.answers[i], read)
	}
	r.keeper = e.keeper(p)
	return r, nil
}

// tell says what is done next.
func (r *setRun) tell(s sql.Statement) {
	if r.step != nil {
		r.step(r.done, len(r.tables)+len(r.programs)+len(r.atoms), s)
	}
	r.done++
}

// run computes everything, and leaves the sets of all atoms.
func (r *setRun) run(ctx context.Context) error {
	r.ahead = r.lookAhead(ctx)
	defer r.ahead.end()
	isRows := func(s sql.Statement) bool { return s.Table.Kind == plan.Rows || s.Table.Kind == plan.Changes }
	i := 0
	for ; i < len(r.tables) && isRows(r.tables[i]); i++ {
		if err := r.table(ctx, r.tables[i]); err != nil {
			return err
		}
	}
	for k := range r.programs {
		looked, err := r.program(ctx, k)
		if err != nil {
			return err
		}
		r.looked = append(r.looked, looked)
	}
	for ; i < len(r.tables); i++ {
		s := r.tables[i]
		if r.isRanked(s.Table) {
			continue
		}
		s.Query = r.query(s.Table) // anew, now that features have their homes
		err := r.limited(ctx, s.Table, func(ctx context.Context) error { return r.table(ctx, s) })
		if err != nil {
			return err
		}
	}
	r.rest = slices.DeleteFunc(r.rest, r.giveUp)
	if err := r.takeOver(ctx); err != nil {
		return err
	}
	if err := r.columns(ctx); err != nil {
		return err
	}
	if err := r.lookups(ctx); err != nil {
		return err
	}
	r.atoms = r.printAtoms(r.plan.AtomTables(r.rest, r.homes.table))
	for _, s := range r.atoms {
		r.tell(s)
		err := r.limited(ctx, s.Table, func(ctx context.Context) error { return r.readAtoms(ctx, s) })
		if err != nil {
			return r.explain(ctx, r.plan, s.Table, err)
		}
	}
	return r.markStale(ctx)
}

// table computes one table of the plan. Rows that are read as they lie in a
// database or in columns, and are not made of others, are not copied; those of
// an entity only where they are in order.
func (r *setRun) table(ctx context.Context, s sql.Statement) error {
	r.tell(s)
	if lies, err := r.lies(ctx, s.Table); lies || err != nil {
		r.made = append(r.made, made{s.Table.Name, true})
		return err
	}
	s.Query = r.inOrder(s.Table, s.Query)
	create := sql.DuckDB.Create(s)
	if r.asView(s.Table) {
		create = "CREATE TEMP VIEW " + QuoteIdent(s.Table.Name) + " AS " + s.Query
	}
	r.made = append(r.made, made{s.Table.Name, r.asView(s.Table)})
	if err := r.Exec(ctx, "compute the "+s.Comment, create); err != nil {
		return r.explain(ctx, r.plan, s.Table, err)
	}
	return nil
}

// asView reports whether rows of a relation are better read anew by all who
// look at them than copied: they are not parsed, and nothing is worked out that
// needs several of them.
func (r *setRun) asView(t *plan.Table) bool {
	if t.Kind != plan.Rows || t.Rel.Entity || len(t.Rel.GroupBy) > 0 || t.Rel.Dedup != nil {
		return false
	}
	base := t.Rel
	for base.From != nil {
		if base = base.From; base.Entity || len(base.GroupBy) > 0 || base.Dedup != nil {
			return false
		}
	}
	rel := r.relations[base.Source]
	return rel != nil && rel.columnar()
}

// program computes passes over a fact together or, where that fails, one by
// one in SQL: which succeeds where what failed is wanted by no feature, and
// else says which segment it is about.
func (r *setRun) program(ctx context.Context, i int) (found looked, err error) {
	prog, atoms, tables := r.programs[i], slices.Clone(r.answers[i].Atoms), slices.Clone(r.programs[i].Tables)
	for _, k := range r.ranks[i] {
		atoms, tables = append(atoms, k.Atoms...), append(tables, k.Table)
	}
	r.tell(sql.Statement{Comment: fmt.Sprintf("%d features of %s from %s", prog.Features(), prog.Entity.Name, prog.Fact.Name)})
	found = looked{-1, -1}
	err = r.limitedPass(ctx, atoms, tables, func(ctx context.Context) (err error) {
		found, err = r.kernel(ctx, i)
		return err
	})
	if err == nil || ctx.Err() != nil {
		return found, err
	}
	found = looked{-1, -1}
	var problem *Problem
	if errors.As(err, &problem) && problem.Kind != Overflow && problem.Kind != Refused {
		return found, err
	}
	r.rest = append(r.rest, r.answers[i].Atoms...)
	r.dropRanks(i)
	for _, t := range prog.Tables {
		s := sql.Statement{Table: t, Query: r.query(t),
			Comment: fmt.Sprintf("features of %s from %s", t.Rel.Name, t.Leaf.Name)}
		err := r.limited(ctx, t, func(ctx context.Context) error { return r.table(ctx, s) })
		if err != nil {
			return found, err
		}
	}
	return found, nil
}

// kernel runs a program, and answers what is ranked by its features.
func (r *setRun) kernel(ctx context.Context, i int) (looked, error) {
	none, prog, a := looked{-1, -1}, r.programs[i], r.answers[i]
	owners, err := r.numbering(ctx, prog.Entity)
	if err != nil {
		return none, err
	}
	k := &kernelRun{Engine: r.Engine, plan: r.plan, prog: prog, answers: a, owners: owners, keeper: r.keeper, looked: none, ahead: r.ahead}
	if k.sets, err = r.newSets(ctx, prog.Entity, a.Atoms); err != nil {
		return none, err
	}
	most, err := r.kernelBytes(ctx)
	if err != nil {
		return none, err
	}
	if err := r.exported(ctx, k, most); err != nil {
		return none, err
	}
	return k.looked, r.rankAll(ctx, i, owners)
}

// exported runs a program, and keeps the features that others ask for.
func (r *setRun) exported(ctx context.Context, k *kernelRun, most int64) (err error) {
	if len(k.answers.Exports) == 0 {
		return k.run(ctx, most)
	}
	if k.export, err = r.exportTable(ctx, k.prog, k.owners, k.answers); err != nil {
		return err
	}
	r.made = append(r.made, made{k.export.name, false})
	err = k.run(ctx, most)
	if err == nil {
		err = k.export.complete()
	}
	if closed := k.export.close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	r.homes.add(k.export)
	views, err := k.views(ctx)
	for _, name := range views {
		r.made = append(r.made, made{name, true})
	}
	return err
}

// mostKernelBytes bounds the rows that a kernel keeps at a time: beside them
// the engine needs memory of its own.
const mostKernelBytes = 1 << 30

// kernelBytes is a quarter of the memory that the engine may use, up to that.
func (r *setRun) kernelBytes(ctx context.Context) (int64, error) {
	if r.KernelBytes > 0 {
		return r.KernelBytes, nil
	}
	var limit float64
	err := r.QueryRow(ctx, "look at the memory limit", "SELECT CAST(parse_formatted_bytes(current_setting('memory_limit')) AS DOUBLE)", &limit)
	return min(mostKernelBytes, int64(limit/4)), err
}

func (r *setRun) numbering(ctx context.Context, entity *ir.Relation) (*numbering, error) {
	if n := r.owners[entity]; n != nil {
		return n, nil
	}
	n, err := r.number(ctx, r.plan, entity)
	if err == nil {
		r.owners[entity] = n
	}
	return n, err
}

// columns answers atoms over single columns outside SQL; the others are left.
func (r *setRun) columns(ctx context.Context) error {
	if r.strategy == BySQL {
		return nil
	}
	var entities []*ir.Relation
	for _, a := range r.rest {
		if !slices.Contains(entities, a.Entity) {
			entities = append(entities, a.Entity)
		}
	}
	for _, entity := range entities {
		few, err := r.fewTexts(ctx, entity)
		if err != nil {
			return err
		}
		c := kernel.BuildColumns(r.plan, entity, r.rest, few)
		if len(c.Atoms) == 0 {
			continue
		}
		r.tell(sql.Statement{Comment: fmt.Sprintf("%d conditions on columns of %s", len(c.Atoms), entity.Name)})
		if err := r.readColumns(ctx, c); err != nil {
			return err
		}
		r.rest = slices.DeleteFunc(r.rest, func(a *plan.Atom) bool { return slices.Contains(c.Atoms, a) })
	}
	return nil
}

// mostTexts is how many different texts of a column are worth numbering, among
// as many rows as are lookedAt.
const (
	mostTexts = 10_000
	lookedAt  = 1 << 16
)

// fewTexts finds the columns of an entity with few different texts.
func (r *setRun) fewTexts(ctx context.Context, entity *ir.Relation) (func(*ir.ColumnDef) bool, error) {
	few := map[*ir.ColumnDef]bool{}
	for _, s := range r.tables {
		if s.Table.Rel != entity || s.Table.Kind != plan.Rows {
			continue
		}
		var texts []*ir.ColumnDef
		var counts []string
		for _, c := range s.Table.Used {
			if c.Type.Kind == value.Text {
				texts = append(texts, c)
				counts = append(counts, "approx_count_distinct("+QuoteIdent(sql.ColumnName(r.plan, c))+")")
			}
		}
		if len(texts) == 0 {
			continue
		}
		n := make([]int64, len(texts))
		dest := make([]any, len(texts))
		for i := range n {
			dest[i] = &n[i]
		}
		query := fmt.Sprintf("SELECT %s FROM (SELECT * FROM %s LIMIT %d) AS r", strings.Join(counts, ", "), QuoteIdent(s.Table.Name), lookedAt)
		if err := r.QueryRow(ctx, "look at "+entity.Name, query, dest...); err != nil {
			return nil, err
		}
		for i, c := range texts {
			few[c] = n[i] <= mostTexts
		}
	}
	return func(c *ir.ColumnDef) bool { return few[c] }, nil
}

func (r *setRun) readColumns(ctx context.Context, c *kernel.Columns) error {
	sets, err := r.newSets(ctx, c.Entity, c.Atoms)
	if err != nil {
		return err
	}
	names := []string{"rowid"}
	for _, in := range c.Inputs {
		col := in.X.(*ir.Column).Col // what is computed may stand there in fewer bits
		names = append(names, "CAST("+QuoteIdent(sql.ColumnName(r.plan, col))+" AS "+sql.DuckDB.Type(col.Type)+")")
	}
	query := "SELECT " + strings.Join(names, ", ") + " FROM " + QuoteIdent(plan.RowsOf(c.Entity))
	workers := make([]func(*Chunk) error, runtime.GOMAXPROCS(0))
	for i := range workers {
		add, read := c.Adder(sets), newReader(c.Inputs)
		workers[i] = func(chunk *Chunk) error { return add(Values[int64](chunk, 0), read.inputs(chunk)) }
	}
	return r.StreamTo(ctx, "compute conditions on "+c.Entity.Name, query, workers)
}

// newSets are empty sets for atoms of one entity.
func (r *setRun) newSets(ctx context.Context, entity *ir.Relation, atoms []*plan.Atom) ([][]uint64, error) {
	n, err := r.count(ctx, entity)
	if err != nil {
		return nil, err
	}
	sets := make([][]uint64, len(atoms))
	for i, a := range atoms {
		sets[i] = make([]uint64, (n+63)/64)
		r.sets[a] = sets[i]
	}
	return sets, nil
}

// count is how many rows of an entity count.
func (r *setRun) count(ctx context.Context, entity *ir.Relation) (int, error) {
	if n, ok := r.counts[entity]; ok {
		return n, nil
	}
	var n int
	err := r.QueryRow(ctx, "count "+entity.Name, "SELECT count(*) FROM "+QuoteIdent(plan.RowsOf(entity)), &n)
	if err == nil {
		r.counts[entity] = n
	}
	return n, err
}

// readAtoms reads a table of atoms into sets.
func (r *setRun) readAtoms(ctx context.Context, s sql.Statement) error {
	var atoms []*plan.Atom
	for _, c := range s.Table.Conds {
		atoms = append(atoms, c.Atom)
	}
	sets, err := r.newSets(ctx, s.Table.Rel, atoms)
	if err != nil {
		return err
	}
	return r.Whole(ctx, "compute the "+s.Comment, s.Query, func(c *Chunk) error {
		rows := Values[int64](c, 0)
		word := 1
		for some := range slices.Chunk(sets, sql.WordAtoms) {
			words := Values[int64](c, word)
			for from := 0; from < c.Rows; from += 64 {
				to := min(from+64, c.Rows)
				kernel.Unpack(some, rows[from:to], words[from:to])
			}
			word++
		}
		return nil
	})
}

// Words are the rows of its entity that a column with a Set, of the plan last
// executed, holds for: a bit for each row of the planned table, by rowid. They
// are not to be changed.
func (e *Engine) Words(ctx context.Context, c plan.Column) (words []uint64, rows int, err error) {
	n, err := e.last.count(ctx, c.Entity)
	if err != nil {
		return nil, 0, err
	}
	of := e.last.worked[c.Entity]
	if of == nil {
		of = kernel.NewSets(n, e.last.sets)
		e.last.worked[c.Entity] = of
	}
	return of.Of(c.Set), n, nil
}
