package catalog

import (
	"fmt"
	"strings"

	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// resolve ties names to what they name, once all of them are known, and
// checks what needs more than one entry to be seen.
func (r *reader) resolve() {
	r.clashes()
	for _, e := range r.cat.Entities {
		r.resolveRelation(&e.Relation)
		for _, u := range e.Universe {
			r.lookUp(&u.Ref, anyRelation)
			if u.Ref.Entity != nil && u.Column.IsZero() {
				d := r.diags.Errorf(codeUnknownName, u.Span, "`%s` is an entity; a universe takes facts and columns", u.Ref.Text)
				d.Help = fmt.Sprintf("name its column, as in `%s.household_id`", u.Ref.Text)
			}
		}
	}
	for _, f := range r.cat.Facts {
		r.resolveRelation(&f.Relation)
		if f.Of != nil {
			r.lookUp(f.Of, anyRelation)
		}
	}
	r.cycles()
	for _, e := range r.cat.Entities {
		if e.From != nil && e.From.Fact != nil && len(e.Key) == 0 && !r.blamed(e.Span) {
			r.noKey(e)
		}
	}
	for _, f := range r.cat.Facts {
		r.ownership(f)
	}
	r.reverses()
}

func (r *reader) resolveRelation(rel *Relation) {
	if rel.From != nil {
		r.lookUp(rel.From, anyRelation)
	}
	for _, l := range rel.BelongsTo {
		r.lookUp(&l.Entity, entityOnly)
	}
}

// What lookUp may find.
const (
	anyRelation = false
	entityOnly  = true
)

// lookUp resolves a reference.
func (r *reader) lookUp(ref *Ref, onlyEntity bool) {
	ref.Entity = r.cat.Entity(ref.Text)
	if ref.Entity != nil {
		return
	}
	fact := r.cat.Fact(ref.Text)
	if fact != nil && !onlyEntity {
		ref.Fact = fact
		return
	}
	var names []string
	for _, e := range r.cat.Entities {
		names = append(names, e.Name.Text)
	}
	if fact != nil {
		d := r.diags.Errorf(codeUnknownName, ref.Span, "`%s` is a fact; a lookup leads to an entity", ref.Text)
		d.Help = "a fact has many rows for each owner; the entities are " + list(names)
		return
	}
	what := "entity"
	if !onlyEntity {
		what = "entity or fact"
		for _, f := range r.cat.Facts {
			names = append(names, f.Name.Text)
		}
	}
	d := r.diags.Errorf(codeUnknownName, ref.Span, "the catalog has no %s `%s`", what, ref.Text)
	if len(names) > 0 {
		d.Help = "there is " + list(names)
	}
	r.didYouMean(d, ref.Span, diag.Suggest(ref.Text, names))
}

// clashes finds names that stand for two things: entities and facts share
// one namespace, and so do the columns and lookups of a relation.
func (r *reader) clashes() {
	for _, f := range r.cat.Facts {
		if e := r.cat.Entity(f.Name.Text); e != nil {
			r.clash(f.Name, e.Name, "`%s` is both an entity and a fact")
		}
	}
	each := func(rel *Relation) {
		for _, f := range rel.Fields {
			if a := rel.Attribute(f.Name.Text); a != nil {
				r.clash(f.Name, a.Name, "`%s` is both an attribute and a field")
			}
		}
		for _, l := range rel.BelongsTo {
			if a := rel.Attribute(l.Name.Text); a != nil {
				r.clash(l.Name, a.Name, "`%s` is both an attribute and a lookup")
			}
			if f := rel.Field(l.Name.Text); f != nil {
				r.clash(l.Name, f.Name, "`%s` is both a field and a lookup")
			}
		}
	}
	for _, e := range r.cat.Entities {
		each(&e.Relation)
	}
	for _, f := range r.cat.Facts {
		each(&f.Relation)
	}
}

func (r *reader) clash(second, first Name, format string) {
	d := r.diags.Errorf(codeClash, second.Span, format, second.Text)
	d.Labels = []diag.Label{{Span: first.Span, Text: "the other one"}}
	d.Help = "a name stands for one thing; rename one of the two"
}

// cycles cuts chains of `from`, and chains of owners, that come back to
// where they began, so that whoever follows them afterwards comes to an end.
func (r *reader) cycles() {
	from := func(rel *Relation) *Ref { return rel.From }
	for _, e := range r.cat.Entities {
		if r.cycle(&e.Relation, from, "the rows of") {
			e.From = nil
		}
	}
	for _, f := range r.cat.Facts {
		if r.cycle(&f.Relation, from, "the rows of") {
			f.From = nil
		}
	}
	owner := func(rel *Relation) *Ref {
		if f := r.cat.Fact(rel.Name.Text); f != nil && &f.Relation == rel {
			return f.Owner()
		}
		return nil
	}
	for _, f := range r.cat.Facts {
		if r.cycle(&f.Relation, owner, "the owner of") {
			f.Of = nil
			if f.From != nil && f.Owner() != nil {
				f.From = nil // the cycle was inherited
			}
		}
	}
}

// cycle reports whether following next from start comes back to start.
func (r *reader) cycle(start *Relation, next func(*Relation) *Ref, what string) bool {
	path := []string{start.Name.Text}
	seen := map[*Relation]bool{start: true}
	first := next(start)
	for ref := first; ref.Relation() != nil; ref = next(ref.Relation()) {
		rel := ref.Relation()
		path = append(path, rel.Name.Text)
		if rel == start {
			d := r.diags.Errorf(codeCycle, first.Span, "%s `%s` would come from themselves: %s", what, start.Name.Text, strings.Join(path, " → "))
			if what == "the owner of" {
				d.Message = fmt.Sprintf("`%s` would belong to itself: %s", start.Name.Text, strings.Join(path, " → "))
			}
			d.Help = "one of them needs a source, or an owner, outside this circle"
			return true
		}
		if seen[rel] {
			return false // a cycle further on, reported at its own entry
		}
		seen[rel] = true
	}
	return false
}

// ownership checks that a fact has an owner and, for known_at, a time.
func (r *reader) ownership(f *Fact) {
	inherits := f.From != nil && f.From.Fact != nil
	broken := f.From != nil && f.From.Relation() == nil // reported
	switch {
	case broken || f.Source == nil && f.From == nil:
	case f.Of == nil && !inherits && !r.blamed(f.Span):
		d := r.diags.Errorf(codeRequired, f.Name.Span, "the fact `%s` has no `of`", f.Name.Text)
		d.Help = "say whose fact it is, such as `of: customer` and `by: customer_id`"
	case f.By == nil && f.Of != nil && !inherits && !r.blamed(f.Span):
		d := r.diags.Errorf(codeRequired, f.Name.Span, "the fact `%s` has no `by`", f.Name.Text)
		d.Help = fmt.Sprintf("name the column that holds the key of `%s`, such as `by: %s_id`", f.Of.Text, f.Of.Text)
	}
	if f.KnownAt != nil && !broken && !f.HasTime() && !r.blamed(f.Span) {
		d := r.diags.Errorf(codeNoTime, f.KnownAt.Span, "`%s` says when it was known, but not when it happened", f.Name.Text)
		d.Help = "add `at:` with the column of its time, or write `at:` in place of `known_at:`"
	}
}

// blamed reports whether there is an error inside an entry already, so that
// what it lacks may be what could not be read.
func (r *reader) blamed(entry source.Span) bool {
	for _, d := range r.diags {
		if d.Severity == diag.Error && d.Span.Start >= entry.Start && d.Span.End <= entry.End {
			return true
		}
	}
	return false
}

// Owner is who a fact's rows belong to: its own `of` or that of the fact it
// comes from. It is nil after an error.
func (f *Fact) Owner() *Ref {
	for steps := 0; f != nil && steps < maxChain; steps++ {
		if f.Of != nil {
			return f.Of
		}
		if f.From == nil {
			return nil
		}
		f = f.From.Fact
	}
	return nil
}

// KeyColumn is the column that tells an entity's rows apart: its own key or
// that of the entity it comes from. It is nil for a universe whose key has
// no name, and after an error.
func (e *Entity) KeyColumn() *KeyColumn {
	for steps := 0; e != nil && steps < maxChain; steps++ {
		if len(e.Key) > 0 {
			return e.Key[0]
		}
		if e.From == nil {
			return nil
		}
		e = e.From.Entity
	}
	return nil
}

// HasTime reports whether a fact's rows have a time: their own, that of the
// fact they come from, or that of the fact they belong to.
func (f *Fact) HasTime() bool {
	for steps := 0; f != nil && steps < maxChain; steps++ {
		switch {
		case f.At != nil:
			return true
		case f.From != nil && f.From.Fact != nil:
			f = f.From.Fact
		case f.Of != nil:
			f = f.Of.Fact
		default:
			return false
		}
	}
	return false
}

// maxChain ends loops over chains that errors have left circular.
const maxChain = 10_000

// reverses checks that the ways back to an entity's rows have names that
// nothing else of that entity has.
func (r *reader) reverses() {
	type owned struct {
		entity *Entity
		name   string
	}
	taken := map[owned]Name{}
	for _, f := range r.cat.Facts {
		if o := f.Owner(); o != nil && o.Entity != nil {
			taken[owned{o.Entity, f.Name.Text}] = f.Name
		}
	}
	for _, e := range r.cat.Entities {
		for _, a := range e.Attributes {
			taken[owned{e, a.Name.Text}] = a.Name
		}
		for _, f := range e.Fields {
			taken[owned{e, f.Name.Text}] = f.Name
		}
		for _, l := range e.BelongsTo {
			taken[owned{e, l.Name.Text}] = l.Name
		}
	}
	each := func(rel *Relation) {
		for _, l := range rel.BelongsTo {
			if l.Reverse.IsZero() || l.Entity.Entity == nil {
				continue
			}
			at := owned{l.Entity.Entity, l.Reverse.Text}
			if first, ok := taken[at]; ok {
				r.clash(l.Reverse, first, "`%s` already stands for something of `"+l.Entity.Text+"`")
				continue
			}
			taken[at] = l.Reverse
		}
	}
	for _, e := range r.cat.Entities {
		each(&e.Relation)
	}
	for _, f := range r.cat.Facts {
		each(&f.Relation)
	}
}
