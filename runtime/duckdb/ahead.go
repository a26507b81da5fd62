package duckdb

import (
	"context"
	"strings"

	"github.com/segql/segql/compiler/kernel"
)

// ahead are the row groups of tables, which are looked for by another connection
// while the run does what comes before: the engine uses one core for it.
type ahead struct {
	stop func()
	of   map[*kernel.Program]*groupsOf
	all  chan struct{} // closed when no more is looked for
}

// groupsOf are the row groups of the table that a program's rows are read from.
type groupsOf struct {
	columns []string
	known   chan struct{} // closed when they are
	groups  []rowGroup    // nil: they do not say what the table has
}

// lookAhead begins to look for row groups, where they are needed and that costs
// less than to look at all rows: the engine reads every column to say what it
// has of one.
func (r *setRun) lookAhead(ctx context.Context) *ahead {
	ctx, stop := context.WithCancel(ctx)
	a := &ahead{stop: stop, of: map[*kernel.Program]*groupsOf{}, all: make(chan struct{})}
	var programs []*kernel.Program
	for _, prog := range r.programs {
		g := (&kernelRun{Engine: r.Engine, plan: r.plan, prog: prog}).growing()
		if r.keeper.now == nil || g == nil || 2*len(g.read) < len(g.table().Columns) {
			continue
		}
		a.of[prog] = &groupsOf{columns: g.read, known: make(chan struct{})}
		programs = append(programs, prog)
	}
	if len(programs) == 0 {
		close(a.all)
		return a
	}
	e, end := r.beside(ctx) // before the other connection goes on, for it shares its session
	go func() {
		defer close(a.all)
		defer end()
		for _, prog := range programs {
			of := a.of[prog]
			if e != nil {
				of.groups, _ = e.rowGroups(ctx, r.qualified(prog), of.columns) // without them all rows are looked at
			}
			close(of.known)
		}
	}()
	return a
}

// end waits until nothing is looked for.
func (a *ahead) end() {
	a.stop()
	<-a.all
}

// groupsFor are those of a program's table, nil if they are not known.
func (a *ahead) groupsFor(ctx context.Context, prog *kernel.Program) ([]rowGroup, error) {
	of := a.of[prog]
	if of == nil {
		return nil, nil
	}
	select {
	case <-of.known:
		return of.groups, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// beside is the engine with a connection of its own, nil if there is none. It
// knows nothing of what the other has set.
func (e *Engine) beside(ctx context.Context) (other *Engine, end func()) {
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return nil, func() {}
	}
	session := *e.Session
	session.conn = conn
	return &Engine{Session: &session}, func() { _ = conn.Close() } // which has changed nothing
}

// qualified names the table that a program's rows are read from, for any
// connection.
func (r *setRun) qualified(prog *kernel.Program) string {
	fact := prog.Fact
	for fact.From != nil {
		fact = fact.From
	}
	names := SplitTable(r.relations[fact.Source].Source.Table)
	if len(names) == 1 {
		names = append([]string{"main"}, names...)
	}
	if len(names) == 2 {
		names = append([]string{r.database}, names...)
	}
	for i, n := range names {
		names[i] = QuoteIdent(n)
	}
	return strings.Join(names, ".")
}
