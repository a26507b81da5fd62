package sql

import (
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
)

// changes reads what earlier runs have stored of an entity's segments, for
// the rows that the entity has now: the store keeps keys as text.
func (p *printer) changes(t *plan.Table) string {
	entity := t.Rel.Owner.To
	s := p.scope()
	key := s.col("r", p.name(entity.Key))
	at := s.col("c", ir.ChangeAt)
	cols := []string{key + " AS " + p.d.Ident(ir.ChangeKey)}
	for _, name := range []string{ir.ChangeSegment, ir.ChangeKind, ir.ChangeAt} {
		cols = append(cols, s.col("c", name)+" AS "+p.d.Ident(name))
	}
	var names []string
	for _, seg := range p.plan.Changes {
		if seg.Entity == entity {
			names = append(names, p.d.Text(seg.Name))
		}
	}
	asOf := p.lower(&ir.AsOf{})
	return selectList(cols) + "\nFROM " + p.sources.Changes() + " AS c\nJOIN " + p.d.Ident(rowsName(entity)) + " AS r ON " +
		p.sources.TextOf(key, entity.Key.Type) + " = " + s.col("c", "customer") +
		where([]string{s.col("c", "entity") + " = " + p.d.Text(entity.Name), s.col("c", ir.ChangeSegment) + " IN (" + strings.Join(names, ", ") + ")",
			at + " < " + s.expr("c", asOf)})
}
