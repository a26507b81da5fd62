package difftest

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/runtime/duckdb"
)

// comparison is a world and definitions over it, one a line.
type comparison struct {
	w     *world
	lines []string
}

// compare says what disagrees, or nothing.
func (c *comparison) compare(e *engine, n *tally) string {
	definitions := strings.Join(c.lines, "\n")
	p, diags := e.compile(c.w.catalog, definitions)
	if diags.HasErrors() {
		return ""
	}
	in := c.w.input(p.Project)
	lowering := in
	lowering.Lowered = true
	shown := func(format string, args ...any) string {
		return fmt.Sprintf(format, args...) + "\n" + c.w.String() + "\n" + definitions
	}
	if failure := sameAfterFormat(e, c.w, p); failure != "" {
		return shown("%s", failure)
	}
	want, err := evaluated(p.Project, c.w.asOf, in)
	if err != nil {
		n.overflows++
		if !errors.Is(err, value.ErrOverflow) && !strings.Contains(err.Error(), "several rows") {
			return shown("%v", err)
		}
		return ""
	}
	if failure := sameAfterExpand(e, c.w, p, want); failure != "" {
		return shown("%s", failure)
	}
	lowered, err := evaluated(p.Project, c.w.asOf, lowering)
	if err != nil {
		return shown("normal form: %v", err)
	}
	if diff := differences(p.Project, want, lowered); diff != "" {
		return shown("the normal form differs:\n%s", diff)
	}
	small := len(c.w.catalog)%2 == 0 // one of the two ways of planning, and the same while a failure is reduced
	got, sql, err := e.members(p, c.w.asOf, plan.Options{Small: small})
	if err != nil {
		return shown("DuckDB, small %t: %v", small, err) + "\n" + sql
	}
	if diff := differences(p.Project, want, got); diff != "" {
		return shown("DuckDB, small %t, differs:\n%s", small, diff) + "\n" + sql
	}
	for _, strategy := range []duckdb.Strategy{duckdb.BySQL, duckdb.ByKernel} {
		got, err := e.setMembers(p, c.w.asOf, strategy)
		if err != nil {
			return shown("sets by %s: %v", strategy, err) + "\n" + sql
		}
		if diff := differences(p.Project, want, got); diff != "" {
			return shown("sets by %s differ:\n%s", strategy, diff) + "\n" + sql
		}
	}
	if e.postgres != nil {
		if failure := c.comparePostgres(e, p, want); failure != "" {
			return shown("%s", failure)
		}
	}
	return complements(c.w, p, want, in, n)
}

// reduce leaves out definitions and rows as long as something disagrees.
func (c *comparison) reduce(e *engine) {
	c.reduceBy(func() bool { return e.load(c.w) == nil && c.compare(e, &tally{}) != "" })
}

func (c *comparison) reduceBy(fails func() bool) {
	for i := len(c.lines) - 1; i >= 0; i-- {
		old := c.lines
		c.lines = slices.Delete(slices.Clone(old), i, i+1)
		if len(c.lines) == 0 || !fails() {
			c.lines = old
		}
	}
	lines := strings.Split(c.w.catalog, "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		shorter := slices.Delete(slices.Clone(lines), i, i+1)
		if c.w.catalog = strings.Join(shorter, "\n"); fails() {
			lines = shorter
		}
	}
	c.w.catalog = strings.Join(lines, "\n")
	for _, t := range c.w.tables {
		for i := len(t.rows) - 1; i >= 0; i-- {
			old := t.rows
			t.rows = slices.Delete(slices.Clone(old), i, i+1)
			if !fails() {
				t.rows = old
			}
		}
	}
	for i := len(c.w.changes) - 1; i >= 0; i-- {
		old := c.w.changes
		c.w.changes = slices.Delete(slices.Clone(old), i, i+1)
		if !fails() {
			c.w.changes = old
		}
	}
	fails()
}

// complements holds every pair s, not s to be exact complements.
func complements(w *world, p *compiler.Project, want map[string][]string, in ir.Input, n *tally) string {
	all := map[*ir.Relation][]string{}
	for _, s := range p.Segments {
		if all[s.Entity] == nil {
			everyone := *p.Project
			everyone.Segments = []*ir.Segment{{Name: "all", Entity: s.Entity, Where: &ir.And{}}}
			m, err := evaluated(&everyone, w.asOf, in)
			if err != nil {
				return err.Error()
			}
			all[s.Entity] = m["all"]
		}
		n.segments++
		switch len(want[s.Name]) {
		case 0:
			n.empty++
		case len(all[s.Entity]):
			n.full++
		}
		not, ok := s.Where.(*ir.Not)
		ok = ok && s.Meta.ValidFrom == nil && s.Meta.ValidUntil == nil
		if !ok {
			continue
		}
		for _, o := range p.Segments {
			if o.Entity != s.Entity || o.Meta.ValidFrom != nil || o.Meta.ValidUntil != nil || ir.Key(o.Where) != ir.Key(not.X) {
				continue
			}
			both := append(append([]string{}, want[s.Name]...), want[o.Name]...)
			sort.Strings(both)
			if !slices.Equal(both, all[s.Entity]) {
				return fmt.Sprintf("%s and %s are no complements: %v and %v of %v\n%s", s.Decl.Text(), o.Decl.Text(), want[s.Name], want[o.Name], all[s.Entity], w)
			}
		}
	}
	return ""
}

// sameAfterFormat holds formatted definitions to mean the same.
func sameAfterFormat(e *engine, w *world, p *compiler.Project) string {
	text := format.Format(p.Files[0])
	q, diags := e.compile(w.catalog, text)
	if diags.HasErrors() {
		return fmt.Sprintf("formatted definitions do not check: %v\n%s", diags, text)
	}
	for i, s := range p.Segments {
		if o := q.Segments[i]; ir.Key(s.Where) != ir.Key(o.Where) {
			return fmt.Sprintf("formatting changes %s\n%s\n%s\n%s", s.Name, text, ir.Key(s.Where), ir.Key(o.Where))
		}
	}
	return ""
}
