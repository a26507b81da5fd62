package runtime

import (
	"context"
	"fmt"
	"time"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/program"
	"github.com/segql/segql/compiler/sql"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/runtime/member"
)

// Cuts reads where an executed plan divided the population, for evaluations
// in process.
func Cuts(ctx context.Context, e Engine, pl *plan.Plan) ([]member.Cut, error) {
	r := &cutReader{e, pl, e.CutQueries(pl)}
	var out []member.Cut
	for _, entity := range pl.Project.Relations {
		if !entity.Entity {
			continue
		}
		p, err := program.Build(pl.Project, program.Options{Entity: entity.Name})
		if err != nil {
			return nil, err
		}
		seen := map[string]bool{}
		for _, c := range out {
			seen[c.Construct] = true
		}
		for _, pop := range p.Populations {
			if pop.History || seen[pop.Key] {
				continue
			}
			cuts, err := r.cut(ctx, pop)
			if err != nil {
				return nil, err
			}
			out = append(out, cuts...)
		}
	}
	return out, nil
}

type cutReader struct {
	engine  Engine
	plan    *plan.Plan
	queries []sql.CutQuery
}

// cut reads one construct; none where the run did not look at it.
func (r *cutReader) cut(ctx context.Context, pop *program.Population) ([]member.Cut, error) {
	table, cols := r.plan.Find(pop.Entity, pop.Expr)
	if table == nil {
		return nil, nil
	}
	var out []member.Cut
	for _, col := range cols {
		name := pop.Key
		if len(cols) > 1 {
			name += " " + col // the parts of an average
		}
		found, err := r.column(ctx, table, col, name)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			found = []member.Cut{{Construct: name}}
		}
		out = append(out, found...)
	}
	return out, nil
}

// column reads the cuts of one column of a table.
func (r *cutReader) column(ctx context.Context, table *plan.Table, col, name string) (out []member.Cut, err error) {
	for _, q := range r.queries {
		if q.Table != table || q.Col != col {
			continue
		}
		for _, row := range q.Rows {
			out = append(out, member.Cut{Construct: name, Place: row.Place, Known: true, Value: row.Value, Key: row.Key, Open: row.Open})
		}
		if q.Query == "" {
			continue
		}
		err = r.engine.Each(ctx, "read what the run divided", q.Query, func(scan func(...any) error) error {
			c := member.Cut{Construct: name}
			var v, key *string
			if err := scan(&c.Grouped, &c.Group, &c.Place, &v, &key, &c.Open); err != nil {
				return err
			}
			if v != nil {
				c.Known, c.Value = true, *v
			}
			if key != nil {
				c.Key = *key
			}
			out = append(out, c)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ReadCuts reads from a store what a program needs of runs, by
// program.Population.Key. Constructs that no run has looked at are not there.
func ReadCuts(ctx context.Context, store *member.Store, p *program.Program) (map[string]*program.Cut, error) {
	var stored []member.Cut
	err := store.Cuts(ctx, func(c member.Cut) error {
		stored = append(stored, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out, err := ParseCuts(p, stored)
	for _, pop := range p.Populations {
		if err == nil && pop.History {
			out[pop.Key], err = readHistory(ctx, store, pop)
		}
	}
	return out, err
}

// ParseCuts are stored cuts as a program takes them; histories are not among
// them.
func ParseCuts(p *program.Program, rows []member.Cut) (map[string]*program.Cut, error) {
	stored := map[string][]member.Cut{}
	for _, c := range rows {
		stored[c.Construct] = append(stored[c.Construct], c)
	}
	out := map[string]*program.Cut{}
	for _, pop := range p.Populations {
		var cut *program.Cut
		var err error
		switch x := pop.Expr.(type) {
		case *ir.History:
			continue
		case *ir.PopAgg:
			cut, err = readValue(x, pop, stored)
		default:
			cut, err = readPlaces(pop, stored[pop.Key])
		}
		if err != nil {
			return nil, err
		}
		if cut != nil {
			out[pop.Key] = cut
		}
	}
	return out, nil
}

// readHistory reads the changes of a segment; those of every instant, for the
// evaluation's own decides which count.
func readHistory(ctx context.Context, store *member.Store, pop *program.Population) (*program.Cut, error) {
	cut := &program.Cut{Changes: map[string][]ir.Change{}}
	refs := []member.Ref{{Segment: pop.Of.Name, Entity: pop.Of.Entity.Name}}
	err := store.ChangesOf(ctx, refs, time.UnixMicro(1<<52), func(c member.Change) error {
		cut.Changes[c.Customer] = append(cut.Changes[c.Customer], ir.Change{Key: c.Customer, At: c.AsOf.UnixMicro(), Left: !c.Entered})
		return nil
	})
	return cut, err
}

func groupName(c member.Cut, per ir.Expr) string {
	switch {
	case per == nil:
		return ""
	case !c.Grouped:
		return program.MissingGroup
	default:
		return program.GroupName(per.Type(), c.Group)
	}
}

func readValue(x *ir.PopAgg, pop *program.Population, stored map[string][]member.Cut) (*program.Cut, error) {
	if x.Op != ir.OpAvg {
		return readGroups(pop, stored[pop.Key], x.T)
	}
	sumType, err := value.SumType(x.Value.Type())
	if err != nil {
		return nil, fmt.Errorf("read the cuts of a run: %w", err)
	}
	sums, err := readGroups(pop, stored[pop.Key+" "+string(ir.OpSum)], sumType)
	if err != nil || sums == nil {
		return nil, err
	}
	counts, err := readGroups(pop, stored[pop.Key+" "+string(ir.OpCount)], value.Of(value.Int))
	if err != nil || counts == nil {
		return nil, err
	}
	for name, g := range sums.Groups {
		n := value.NewInt(0)
		if c := counts.Groups[name]; c != nil {
			n = c.Value
		}
		g.Value = value.Div(g.Value, n)
	}
	return sums, nil
}

func readGroups(pop *program.Population, rows []member.Cut, t value.Type) (*program.Cut, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	cut := &program.Cut{Groups: map[string]*program.GroupCut{}}
	for _, c := range rows {
		if c.Place == 0 || !c.Known {
			continue
		}
		v, ok := program.ParseText(t, c.Value)
		if !ok {
			return nil, fmt.Errorf("read the cut of %s: %q is no %s", pop.Text, c.Value, t)
		}
		cut.Groups[groupName(c, pop.Per)] = &program.GroupCut{Value: v}
	}
	return cut, nil
}

// readPlaces reads the last places of a rank or of each bucket.
func readPlaces(pop *program.Population, rows []member.Cut) (*program.Cut, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	cut := &program.Cut{Groups: map[string]*program.GroupCut{}}
	for _, c := range rows {
		if c.Place == 0 {
			continue
		}
		name := groupName(c, pop.Per)
		g := cut.Groups[name]
		if g == nil {
			g = &program.GroupCut{Open: c.Open}
			if b, ok := pop.Expr.(*ir.Bucket); ok {
				g.Bounds = make([]program.Place, b.K)
			} else {
				g.Bounds = make([]program.Place, 1)
			}
			cut.Groups[name] = g
		}
		v, ok := program.ParseText(pop.Value.Type(), c.Value)
		key, also := program.ParseText(pop.Entity.Key.Type, c.Key)
		if !ok || !also || c.Place > len(g.Bounds) {
			return nil, fmt.Errorf("read the cut of %s: %q of %q at %d is none", pop.Text, c.Value, c.Key, c.Place)
		}
		g.Bounds[c.Place-1] = program.Place{Value: v, Key: key}
	}
	return cut, nil
}
