package lint

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/syntax"
)

// What may stand in the place of a deprecated name without changing a member.

// Names in the text of an author: those in backticks, or else all words.
var (
	tickedName = regexp.MustCompile("`([^`]+)`")
	plainWord  = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`()[\pL_][\pL\pM\pN_]*(?:\.[\pL_][\pL\pM\pN_]*)*`)
	})
)

// replacement is what may stand in the place of a use: the one thing that the
// text names, if the members of every segment surely stay the same with it.
// "" where that is not so, or cannot be told.
func (p *pass) replacement(u check.Use, d ast.Decl, text string) string {
	var words []string
	for _, m := range tickedName.FindAllStringSubmatch(text, -1) {
		words = append(words, m[1])
	}
	if words == nil {
		words = plainWord().FindAllString(text, -1)
	}
	var same func(word string) (exists, same bool)
	switch u.Symbol.Kind {
	case check.Attribute:
		same = func(word string) (bool, bool) { return p.sameColumn(u.Symbol, d, word) }
	case check.Fact:
		same = func(word string) (bool, bool) { return p.sameFact(u, word) }
	case check.Lookup:
		same = func(word string) (bool, bool) { return p.sameLookup(u.Symbol, word) }
	case check.Segment, check.Split:
		same = func(word string) (bool, bool) { return p.sameSegment(u, d, word) }
	default:
		return "" // another entity has other members, a way back stands under another name
	}
	found := ""
	for _, word := range words {
		exists, alike := same(word)
		switch {
		case !exists || word == found || word == u.Symbol.Name:
		case !alike || found != "":
			return ""
		default:
			found = word
		}
	}
	if found == "" {
		return ""
	}
	var parts []string
	for _, part := range strings.Split(found, ".") {
		parts = append(parts, syntax.QuoteName(part))
	}
	return strings.Join(parts, ".")
}

// sameColumn: another column of the same rows that always has the same value,
// for all relations that inherit the two.
func (p *pass) sameColumn(old check.Symbol, d ast.Decl, word string) (exists, same bool) {
	rel := p.Relation(old.Of)
	if rel == nil || rel.Column(old.Name) == nil || rel.Column(word) == nil {
		return false, false
	}
	for _, r := range p.Relations {
		path, comes := lineage(r, rel)
		if !comes {
			continue
		}
		base, now := rel.Column(old.Name), rel.Column(word)
		for _, from := range path {
			if base = inheritor(from, base); base != nil {
				now = from.Column(word)
			}
		}
		if base != nil && (now == nil || !alike(originOf(r, base), originOf(r, now)) || !sameType(base.Type, now.Type)) {
			return true, false
		}
	}
	return true, !p.meansElse(d, word)
}

// lineage are the relations that lead from base, without it, to r by
// inheritance; false when r does not come from base.
func lineage(r, base *ir.Relation) (path []*ir.Relation, comes bool) {
	for at := r; at != nil; at = at.From {
		if at == base {
			slices.Reverse(path)
			return path, true
		}
		path = append(path, at)
	}
	return nil, false
}

// inheritor is the column of a relation that was inherited from one of its
// From.
func inheritor(r *ir.Relation, base *ir.ColumnDef) *ir.ColumnDef {
	if base == nil {
		return nil
	}
	for _, c := range r.Columns {
		if c.Base == base {
			return c
		}
	}
	return nil
}

// originOf leads from a column that only shows another one to that one.
func originOf(r *ir.Relation, c *ir.ColumnDef) *ir.ColumnDef {
	for {
		x, isColumn := c.Def.(*ir.Column)
		switch {
		case c.Base != nil && r.From != nil:
			r, c = r.From, c.Base
		case isColumn && slices.Contains(r.Columns, x.Col) && sameType(c.Type, x.Col.Type):
			c = x.Col
		default:
			return c
		}
	}
}

// alike reports columns with one origin, or two that read one column of the
// source in the same way.
func alike(a, b *ir.ColumnDef) bool {
	if a == b {
		return true
	}
	return a.Raw != "" && a.Raw == b.Raw && sameType(a.RawType, b.RawType) && sameType(a.Type, b.Type) && a.Trim == b.Trim && a.NFC == b.NFC &&
		a.EmptyMissing == b.EmptyMissing && a.Separator == b.Separator && sameBound(a.Min, b.Min) && sameBound(a.Max, b.Max)
}

func sameType(a, b value.Type) bool {
	return a.String() == b.String() && slices.Equal(a.Values, b.Values)
}

func sameBound(a, b *value.Value) bool {
	return a == b || a != nil && b != nil && a.Kind == b.Kind && value.Compare(*a, *b) == 0
}

// meansElse reports whether a name of a column stands for something else, too,
// somewhere in a declaration: a param, or a row of a sequence.
func (p *pass) meansElse(d ast.Decl, name string) bool {
	if p.declared(name) != nil {
		return true
	}
	is := func(id *ast.Ident) bool { return id != nil && id.Name == name }
	for i := range p.sites {
		f, ok := p.sites[i].n.(*ast.Fact)
		if ok && p.sites[i].decl == d && (is(f.As) || slices.ContainsFunc(f.Steps, func(s ast.Step) bool { return is(s.As) })) {
			return true
		}
	}
	return false
}

// sameFact: one of the two only has another name for the rows of the other.
func (p *pass) sameFact(u check.Use, word string) (exists, same bool) {
	old, now := p.Relation(u.Symbol.Name), p.Relation(word)
	if old == nil || now == nil || now.Entity {
		return false, false
	}
	further := strings.HasPrefix(u.At.File.Text[u.At.End:], ".") // to facts of this fact
	return true, !further && (p.onlyNames(old, now) || p.onlyNames(now, old))
}

// onlyNames reports a fact that is another one under its own name, and no more.
func (p *pass) onlyNames(r, other *ir.Relation) bool {
	f := p.Catalog.Fact(r.Name)
	if f == nil || r.From != other {
		return false
	}
	rows := f.Where == nil && f.GroupBy == nil && f.Of == nil && f.By == nil && f.At == nil && f.KnownAt == nil && !f.KnownAlways
	return rows && f.Fields == nil && f.Attributes == nil && f.BelongsTo == nil && f.Key == nil
}

// sameLookup: another way to the same row.
func (p *pass) sameLookup(old check.Symbol, word string) (exists, same bool) {
	rel := p.Relation(old.Of)
	if rel == nil || rel.Lookup(word) == nil || rel.Lookup(old.Name) == nil {
		return false, false
	}
	a, b := rel.Lookup(old.Name), rel.Lookup(word)
	same = a.To == b.To && ir.Key(a.By) == ir.Key(b.By)
	for _, r := range p.Relations { // those that come from it may have another
		_, comes := lineage(r, rel)
		if l := r.Lookup(word); comes && r.Lookup(old.Name) != nil && (l == nil || l.At != b.At) {
			same = false
		}
	}
	return true, same
}

// sameSegment: a segment that is proved to have the same members, or of a
// split one with such a branch of the same name.
func (p *pass) sameSegment(u check.Use, d ast.Decl, word string) (exists, same bool) {
	old, branch := u.Symbol.Name, ""
	if u.Symbol.Kind == check.Split {
		branch = "." + p.branchAt(u)
	}
	a, b := p.segments[old+branch], p.segments[word+branch]
	if a == nil || b == nil {
		return p.declared(word) != nil && branch != "", false
	}
	return true, a.Entity == b.Entity && !p.stored(u) && !p.leadsTo(b, d) && p.implies(a, b) && p.implies(b, a)
}

// branchAt is the name of the branch behind the name of its split.
func (p *pass) branchAt(u check.Use) string {
	for i := range p.sites {
		path, ok := p.sites[i].n.(*ast.Path)
		if ok && len(path.Parts) == 2 && placeOf(path.Parts[0].Loc) == placeOf(u.At) {
			return path.Parts[1].Name
		}
	}
	return ""
}

// stored reports a use that asks for earlier runs, which know a segment by its
// name.
func (p *pass) stored(u check.Use) bool {
	for i := range p.sites {
		h, ok := p.sites[i].n.(*ast.History)
		if ok && h.Ref != nil && len(h.Ref.Parts) > 0 && placeOf(h.Ref.Parts[0].Loc) == placeOf(u.At) {
			return true
		}
	}
	return false
}

// leadsTo reports whether a segment rests on what a declaration defines, so
// that the declaration cannot rest on the segment.
func (p *pass) leadsTo(s *ir.Segment, d ast.Decl) bool {
	name, seen := d.DeclName().Name, map[*ir.Segment]bool{}
	var visit func(s *ir.Segment) bool
	visit = func(s *ir.Segment) bool {
		if seen[s] {
			return false
		}
		seen[s] = true
		if first, _, _ := strings.Cut(s.Name, "."); first == name || s.Name == name {
			return true
		}
		found := false
		ir.Walk(s.Where, func(x ir.Expr) bool {
			t, ok := x.(*ir.Trait)
			found = found || ok && t.Name == name
			return !found
		})
		return found || slices.ContainsFunc(ir.Refs(s.Where), visit)
	}
	return visit(s)
}
