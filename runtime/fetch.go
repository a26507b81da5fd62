package runtime

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/program"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/runtime/local"
)

// fetcher reads from the sources what segments look at of a few rows of an
// entity: the rows themselves, their facts, what these lead to and so on, as
// far as some expression goes. It goes over the expressions with the rows that
// it has, notes which others they need, reads those, and begins again until
// nothing is missing.
type fetcher struct {
	*Project
	asOf  int64
	plan  *plan.Plan // for its names only
	wants map[*ir.Relation][]*want
	data  ir.Data
	stale map[*ir.Relation]bool
	ev    *ir.Evaluator
}

// want is rows of a source: all, or those where an expression is one of some
// keys.
type want struct {
	by   ir.Expr // nil: all
	name string
	keys map[string]value.Value
}

// mostPasses bounds the ways from one relation to the next.
const mostPasses = 64

// fetch reads what the segment looks at of the rows with some keys.
func (p *Project) fetch(ctx context.Context, asOf int64, s *ir.Segment, keys []value.Value) (ir.Data, error) {
	f := &fetcher{Project: p, asOf: asOf, plan: &plan.Plan{Project: p.Project.Project, AsOf: asOf}, wants: map[*ir.Relation][]*want{}, data: ir.Data{}}
	for range mostPasses {
		f.stale = map[*ir.Relation]bool{}
		f.ev = ir.NewEvaluator(f.plan.Project, asOf, ir.Input{Data: f.data})
		if err := f.pass(s, keys); err != nil {
			return nil, err
		}
		if len(f.stale) == 0 {
			return f.data, nil
		}
		for _, rel := range p.Relations {
			if f.stale[rel] {
				if err := f.read(ctx, rel); err != nil {
					return nil, err
				}
			}
		}
	}
	panic("runtime: the rows of a customer have no end")
}

func (f *fetcher) pass(s *ir.Segment, keys []value.Value) error {
	root, err := f.find(s.Entity, &ir.Column{Col: s.Entity.Key}, keys)
	if err != nil {
		return err
	}
	if err := f.visit(root, s.Where, nil); err != nil {
		return err
	}
	for rel := range f.data {
		if err := f.own(rel); err != nil {
			return err
		}
	}
	for _, rel := range f.Relations { // what is derived from what was read
		if rel.Source == nil && f.reached(rel) {
			if err := f.own(rel); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *fetcher) reached(rel *ir.Relation) bool {
	for rel.From != nil {
		rel = rel.From
	}
	return f.data[rel] != nil
}

// own goes over what a relation itself looks at, for each of its rows: to whom
// they belong, whether they count, what their columns are worked out from.
func (f *fetcher) own(rel *ir.Relation) error {
	rows, err := f.ev.Candidates(rel)
	if err != nil {
		return err
	}
	xs := []ir.Expr{rel.Where, rel.KnownAt, rel.Dedup}
	if rel.Exists != nil {
		xs = append(xs, rel.Exists.From, rel.Exists.To)
	}
	for _, c := range rel.Columns {
		if len(rel.GroupBy) == 0 {
			xs = append(xs, c.Def)
		}
	}
	for _, x := range xs {
		if err := f.visit(rows, x, nil); err != nil {
			return err
		}
	}
	if ir.OwnedApart(rel) {
		_, err = f.follow(rows, rel.Owner)
	}
	return err
}

// find gives the rows of a relation where an expression is one of some keys,
// and sees to it that they are read.
func (f *fetcher) find(rel *ir.Relation, by ir.Expr, keys []value.Value) ([]ir.Row, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	f.want(rel, by, keys)
	wanted := map[string]bool{}
	for _, k := range keys {
		wanted[value.Key(k)] = true
	}
	rows, err := f.ev.Candidates(rel)
	if err != nil {
		return nil, err
	}
	var out []ir.Row
	for _, r := range rows {
		v, err := f.ev.Value(r, by)
		if err != nil {
			return nil, err
		}
		if !v.IsMissing() && wanted[value.Key(v)] {
			out = append(out, r)
		}
	}
	return out, nil
}

// want notes rows to be read, in the source that they come from.
func (f *fetcher) want(rel *ir.Relation, by ir.Expr, keys []value.Value) {
	plain := by
	if by != nil {
		plain = unfold(rel, by)
	}
	switch {
	case len(rel.Universe) > 0:
		for _, u := range rel.Universe {
			if c, ok := by.(*ir.Column); ok && c.Col == rel.Key {
				f.want(u.Rel, u.Key, keys)
			} else {
				f.want(u.Rel, nil, nil)
			}
		}
	case rel.From != nil:
		f.want(rel.From, plain, keys)
	case rel.Source != nil:
		f.note(rel, plain, keys)
	}
}

// unfold writes an expression over the relation that rows come from; nil where
// that cannot be.
func unfold(rel *ir.Relation, by ir.Expr) ir.Expr {
	plain := true
	x := ir.Map(by, func(x ir.Expr) ir.Expr {
		switch x := x.(type) {
		case *ir.Column:
			switch {
			case x.Col.Base != nil:
				return &ir.Column{Loc: x.Loc, Col: x.Col.Base}
			case x.Col.Def != nil && len(rel.GroupBy) > 0:
				return x.Col.Def // over the rows that are grouped
			case x.Col.Def != nil:
				if y := unfold(rel, x.Col.Def); y != nil {
					return y
				}
				plain = false
			}
		case *ir.Agg, *ir.Bucket, *ir.Earlier, *ir.Follow, *ir.GroupAgg, *ir.History, *ir.ListCount, *ir.Member, *ir.PopAgg, *ir.Rank, *ir.Seq, *ir.Slot:
			plain = false
		default: // of what its parts are
		}
		return x
	})
	ir.Walk(x, func(x ir.Expr) bool {
		if _, ok := x.(*ir.GroupAgg); ok {
			plain = false
		}
		return true
	})
	if !plain {
		return nil
	}
	return x
}

func (f *fetcher) note(rel *ir.Relation, by ir.Expr, keys []value.Value) {
	name := ""
	if by != nil {
		name = ir.Key(by)
	}
	var w *want
	for _, other := range f.wants[rel] {
		if other.by == nil {
			return // all of them are there
		}
		if other.name == name {
			w = other
		}
	}
	if w == nil {
		w = &want{by: by, name: name, keys: map[string]value.Value{}}
		f.wants[rel] = append(f.wants[rel], w)
		f.stale[rel] = true
	}
	for _, k := range keys {
		if _, ok := w.keys[value.Key(k)]; !ok && by != nil {
			w.keys[value.Key(k)] = k
			f.stale[rel] = true
		}
	}
}

// read reads all rows of a source that are wanted, in one query, so that none
// comes twice.
func (f *fetcher) read(ctx context.Context, rel *ir.Relation) error {
	t := &plan.Table{Name: plan.RowsOf(rel), Kind: plan.Rows, Rel: rel, Used: program.Columns(rel)}
	var any []ir.Expr
	for _, w := range f.wants[rel] {
		if w.by == nil {
			any = nil
			break
		}
		set := &ir.Set{}
		for _, k := range w.keys {
			set.Values = append(set.Values, k)
		}
		slices.SortFunc(set.Values, value.Compare)
		x, err := ir.Lower(f.Calendar, f.asOf, &ir.InSet{X: w.by, Set: set})
		if err != nil {
			return err
		}
		any = append(any, x)
	}
	if len(any) > 0 {
		t.Where = []ir.Expr{&ir.Or{Xs: any}}
	}
	records := []ir.Record{}
	err := f.cells(ctx, t, func(row []value.Value) {
		r := ir.Record{}
		for i, c := range t.Used {
			r[c] = row[i]
		}
		records = append(records, r)
	})
	f.data[rel] = records
	return err
}

// cells reads the columns of rows of a source.
func (p *Project) cells(ctx context.Context, t *plan.Table, fn func(row []value.Value)) error {
	pl := &plan.Plan{Project: p.Project.Project}
	query, err := p.Engine.CellsSQL(ctx, pl, t)
	if err != nil {
		return err
	}
	cells := make([]*string, max(len(t.Used), 1))
	dest := make([]any, len(cells))
	for i := range cells {
		dest[i] = &cells[i]
	}
	return p.Engine.Each(ctx, "read "+t.Rel.Name, query, func(scan func(...any) error) error {
		if err := scan(dest...); err != nil {
			return err
		}
		row, err := local.ReadRow(p.Calendar, t.Rel, document(t.Used, cells))
		if err == nil {
			fn(row)
		}
		return err
	})
}

// document writes cells as the JSON list that local.ReadRow reads.
func document(columns []*ir.ColumnDef, cells []*string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		switch {
		case cells[i] == nil:
			parts[i] = "null"
		case c.Type.Kind == value.List || c.Type.Kind == value.Record:
			parts[i] = *cells[i]
		default:
			text, err := json.Marshal(*cells[i])
			if err != nil {
				panic(err) // a text can be written
			}
			parts[i] = string(text)
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// follow gives the rows that a lookup leads to.
func (f *fetcher) follow(rows []ir.Row, l *ir.Lookup) ([]ir.Row, error) {
	keys, err := f.values(rows, l.By)
	if err != nil {
		return nil, err
	}
	return f.find(l.To, &ir.Column{Col: l.To.Key}, keys)
}

// back gives the rows that lead to some by lookups, the last of which comes
// first from them.
func (f *fetcher) back(rows []ir.Row, back []*ir.Lookup) ([]ir.Row, error) {
	for _, l := range slices.Backward(back) {
		keys, err := f.values(rows, &ir.Column{Col: l.To.Key})
		if err != nil {
			return nil, err
		}
		if rows, err = f.find(l.From, l.By, keys); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// values are the known values of an expression in some rows.
func (f *fetcher) values(rows []ir.Row, x ir.Expr) ([]value.Value, error) {
	seen := map[string]bool{}
	var out []value.Value
	for _, r := range rows {
		v, err := f.ev.Value(r, x)
		if err != nil {
			return nil, err
		}
		if k := value.Key(v); !v.IsMissing() && !seen[k] {
			seen[k] = true
			out = append(out, v)
		}
	}
	return out, nil
}

// step is the rows at which an earlier step of a sequence may stand.
type step struct {
	rel  *ir.Relation
	rows []ir.Row
}

// visit goes over an expression that is read in some rows.
func (f *fetcher) visit(rows []ir.Row, x ir.Expr, chain []step) (err error) {
	if x == nil || len(rows) == 0 {
		return nil
	}
	inner := func(rows []ir.Row, xs ...ir.Expr) {
		for _, x := range xs {
			if err == nil {
				err = f.visit(rows, x, chain)
			}
		}
	}
	along := func(rows []ir.Row, way []*ir.Lookup) []ir.Row {
		for _, l := range way {
			if err == nil {
				rows, err = f.follow(rows, l)
			}
		}
		return rows
	}
	switch x := x.(type) {
	case *ir.Agg:
		leaf := along(rows, x.Anchor)
		if err == nil {
			leaf, err = f.back(leaf, x.Back)
		}
		inner(leaf, x.Value, x.Where)
	case *ir.Bucket:
		inner(rows, x.Value, x.Per, whereOf(x.Of))
	case *ir.Earlier:
		if x.Row < len(chain) {
			inner(chain[x.Row].rows, x.X)
		}
	case *ir.Follow:
		inner(along(rows, []*ir.Lookup{x.By}), x.X)
	case *ir.History:
		along(rows, x.Anchor)
	case *ir.Member:
		inner(rows, x.Seg.Where)
	case *ir.PopAgg:
		inner(rows, x.Per)
	case *ir.Rank:
		inner(rows, x.Value, x.Per, whereOf(x.Of))
	case *ir.Seq:
		err = f.sequence(rows, x)
	default: // of what its parts are
	}
	inner(rows, ir.Children(x)...)
	return err
}

func whereOf(s *ir.Segment) ir.Expr {
	if s == nil {
		return nil
	}
	return s.Where
}

// sequence goes over the steps of a sequence.
func (f *fetcher) sequence(rows []ir.Row, s *ir.Seq) error {
	anchor := rows
	var err error
	for _, l := range s.Back {
		if anchor, err = f.follow(anchor, l); err != nil {
			return err
		}
	}
	before := rows
	chain := []step{{nil, rows}}
	for _, st := range s.Steps {
		next, err := f.back(anchor, st.Back)
		if err != nil {
			return err
		}
		for _, x := range []ir.Expr{st.After, st.Within, st.Due} {
			if err := f.visit(before, x, chain); err != nil {
				return err
			}
		}
		if err := f.visit(next, st.Where, chain); err != nil {
			return err
		}
		chain = append(chain, step{st.Leaf, next})
		if !st.Not {
			before = next
		}
	}
	return nil
}

// unknownKeys are the keys among some for which there is no row at all.
func (f *fetcher) unknownKeys(e *ir.Relation, keys []value.Value) ([]value.Value, error) {
	rows, err := f.ev.Candidates(e)
	if err != nil {
		return nil, err
	}
	have, err := f.values(rows, &ir.Column{Col: e.Key})
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, k := range have {
		known[value.Key(k)] = true
	}
	var out []value.Value
	for _, k := range keys {
		if !known[value.Key(k)] {
			out = append(out, k)
		}
	}
	return out, nil
}
