package local

import (
	"fmt"
	"sort"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/lang/diag"
)

// shape is how the rows of one relation are written in a document.
type shape struct {
	rel   *ir.Relation
	table int // in Program.Tables; -1: a universe, which is just its key
	key   int // column of the key in the table; -1: none
	names map[string]*target
	top   bool // the document's own object
}

// target is what a name in an object leads to; one of its fields is set.
type target struct {
	columns []int // of the table; empty: known, but no segment looks at it
	key     bool  // the key of a universe
	rows    *nested
	row     *nested
	refused string // why it cannot be given
}

// nested are rows written inside another one's object.
type nested struct {
	name string
	rel  *ir.Relation
	// links are columns to be filled in where they are missing: of the inner
	// rows with the outer key, or of the outer row with the inner key.
	links []int
}

// source is the relation whose source the rows of another come from.
func source(r *ir.Relation) *ir.Relation {
	for r.From != nil && len(r.GroupBy) == 0 {
		r = r.From
	}
	return r
}

// shape of a relation's rows, made once.
func (e *Evaluator) shape(r *ir.Relation, top bool) *shape {
	e.shapesMu.RLock()
	s := e.shapes[shapeKey{r, top}]
	e.shapesMu.RUnlock()
	if s != nil {
		return s
	}
	s = e.makeShape(source(r), top)
	e.shapesMu.Lock()
	defer e.shapesMu.Unlock()
	e.shapes[shapeKey{r, top}] = s
	return s
}

type shapeKey struct {
	rel *ir.Relation
	top bool
}

func (e *Evaluator) makeShape(r *ir.Relation, top bool) *shape {
	s := &shape{rel: r, table: -1, key: -1, names: map[string]*target{}, top: top}
	if i, ok := e.tables[r.Name]; ok {
		s.table = i
		e.columnsOf(s)
	} else if r.Key != nil {
		s.names[r.Key.Name] = &target{key: true}
	}
	e.related(s)
	if top {
		for i, t := range e.Program.Tables {
			if t.Relation.Name != r.Name {
				s.add(t.Relation.Name, e.within(&nested{name: t.Relation.Name, rel: t.Relation}, i))
			}
		}
		for _, other := range e.Program.Project.Relations {
			if other.Source == nil && len(other.Universe) == 0 {
				s.add(other.Name, &target{refused: fmt.Sprintf("%s is made from %s by the catalog: give %s", other.Name, other.From.Name, source(other.From).Name)})
			}
		}
	}
	return s
}

// add leaves a name that is taken.
func (s *shape) add(name string, t *target) {
	if s.names[name] == nil {
		s.names[name] = t
	}
}

// columnsOf adds the columns, by their names and by those of the source.
func (e *Evaluator) columnsOf(s *shape) {
	t := e.Program.Tables[s.table]
	byRaw := map[string][]int{}
	for i, c := range t.Columns {
		if c == s.rel.Key {
			s.key = i
		}
		byRaw[c.Raw] = append(byRaw[c.Raw], i)
	}
	for _, c := range s.rel.Columns {
		switch {
		case c.Internal:
		case c.Def != nil:
			s.add(c.Name, &target{refused: fmt.Sprintf("%s is computed by the catalog: give the columns that it is made of", c.Name)})
		case c.Raw != "":
			s.add(c.Name, &target{columns: byRaw[c.Raw]})
		}
	}
	for raw, columns := range byRaw {
		s.names[raw] = &target{columns: columns}
	}
}

// related adds facts, lookups and the ways back, under their names.
func (e *Evaluator) related(s *shape) {
	for _, f := range e.Program.Project.Relations {
		if f.Owner == nil || source(f.Owner.To) != s.rel {
			continue
		}
		if f.Source == nil {
			s.add(f.Name, &target{refused: fmt.Sprintf("%s is made from %s by the catalog: give %s", f.Name, f.From.Name, source(f.From).Name)})
			continue
		}
		i := e.tables[f.Name]
		s.add(f.Name, e.within(&nested{name: f.Name, rel: f, links: e.linkColumns(i, f.Owner.By)}, i))
	}
	for _, v := range s.rel.Reverses {
		from := source(v.Lookup.From)
		if i, ok := e.tables[from.Name]; ok {
			s.add(v.Name, e.within(&nested{name: v.Name, rel: from, links: e.linkColumns(i, v.Lookup.By)}, i))
		}
	}
	for _, l := range s.rel.Lookups {
		to := source(l.To)
		i, ok := e.tables[to.Name]
		if !ok {
			continue
		}
		t := &target{row: &nested{name: l.Name, rel: to}}
		if s.table >= 0 {
			t.row.links = e.linkColumns(s.table, l.By)
		}
		if e.shared[i] != nil {
			t = &target{refused: to.Name + " comes from a reference table"}
		}
		s.add(l.Name, t)
	}
}

func (e *Evaluator) within(n *nested, table int) *target {
	if e.shared[table] != nil {
		return &target{refused: n.name + " comes from a reference table"}
	}
	return &target{rows: n}
}

// linkColumns are the columns of a table that hold the key of a link; none
// when it is computed.
func (e *Evaluator) linkColumns(table int, by ir.Expr) []int {
	col, ok := by.(*ir.Column)
	if !ok {
		return nil
	}
	def := col.Col
	for def.Base != nil {
		def = def.Base
	}
	for i, c := range e.Program.Tables[table].Columns {
		if c == def {
			return []int{i}
		}
	}
	return nil
}

// unknown says that there is no such name, and which was meant.
func (s *shape) unknown(name string) (reason, help string) {
	names := make([]string, 0, len(s.names))
	for n, t := range s.names {
		if t.refused == "" {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	reason = fmt.Sprintf("%s has no %q", s.rel.Name, name)
	if near := diag.Suggest(name, names); near != "" {
		return reason, fmt.Sprintf("did you mean %q?", near)
	}
	if len(names) > 20 {
		names = append(names[:20], "…")
	}
	return reason, "it may have: " + strings.Join(names, ", ")
}
