package lint

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/text"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
)

// Rules about names: what nothing uses, and how things are called.

// used are all names that stand in a path somewhere: a definition that is not
// among them is surely not used.
func (p *pass) used() map[string]bool {
	if p.usedNames != nil {
		return p.usedNames
	}
	p.usedNames = map[string]bool{}
	for i := range p.sites {
		path, ok := p.sites[i].n.(*ast.Path)
		if !ok {
			continue
		}
		for _, part := range path.Parts {
			p.usedNames[part.Name] = true
		}
	}
	return p.usedNames
}

func unusedTrait(p *pass, s *site) {
	if t, ok := s.n.(*ast.Trait); ok && !p.used()[t.Name.Name] {
		p.reportUnused(t.Name, "trait")
	}
}

func unusedList(p *pass, s *site) {
	if l, ok := s.n.(*ast.List); ok && !p.used()[l.Name.Name] {
		p.reportUnused(l.Name, "list")
	}
}

func unusedParam(p *pass, s *site) {
	if d, ok := s.n.(*ast.Param); ok && !p.used()[d.Name.Name] {
		p.reportUnused(d.Name, "param")
	}
}

func (p *pass) reportUnused(name ast.Ident, kind string) {
	p.report(name.Loc, "nothing uses the %s %s", kind, name.Name).Help =
		"take it out, or use it where its value is written by hand"
}

// sameTitle finds two definitions that people cannot tell apart.
func sameTitle(p *pass) {
	first := map[string]*ast.Text{}
	for _, f := range p.Files {
		for _, d := range f.Decls {
			t := titleOf(d)
			if t == nil {
				continue
			}
			key := text.Fold(t.Value)
			if before := first[key]; before != nil {
				x := p.report(t.Loc, "another definition has this title")
				x.Labels = []diag.Label{{Span: before.Loc, Text: "here"}}
				x.Help = "say what sets them apart: reports and mailings show the title alone"
				continue
			}
			first[key] = t
		}
	}
}

func titleOf(d ast.Decl) *ast.Text {
	t, _ := metaValue(d, "title").(*ast.Text)
	return t
}

// metaOf are the properties of a definition that has any.
func metaOf(d ast.Decl) (meta []ast.Meta, has bool) {
	switch d := d.(type) {
	case *ast.Holdout:
		return d.Meta, true
	case *ast.Segment:
		return d.Meta, true
	case *ast.Split:
		return d.Meta, true
	case *ast.List, *ast.Param, *ast.RFM, *ast.Trait:
	}
	return nil, false
}

func metaValue(d ast.Decl, key string) ast.Expr {
	meta, _ := metaOf(d)
	for _, m := range meta {
		if m.Key.Name == key {
			return m.Value
		}
	}
	return nil
}

// style is a way in which names are written.
type style struct {
	re   *regexp.Regexp
	name string
}

// styles are made when they are first looked at: classes of letters are large,
// and most commands give no advice.
var styles = sync.OnceValue(func() []style {
	return []style{
		{regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{N}]+(_[\p{Ll}\p{Lo}\p{N}]+)*$`), "small_letters"},
		{regexp.MustCompile(`^\p{Ll}[\p{Ll}\p{N}]*(\p{Lu}[\p{Ll}\p{N}]*)+$`), "camelCase"},
		{regexp.MustCompile(`^(\p{Lu}[\p{Ll}\p{N}]*)+$`), "CapitalLetters"},
	}
})

func styleOf(name string) string {
	for _, s := range styles() {
		if s.re.MatchString(name) {
			return s.name
		}
	}
	return "another way"
}

// mixedNames finds names that are written in another style than most.
func mixedNames(p *pass) {
	var names []ast.Ident
	count := map[string]int{}
	for _, f := range p.Files {
		for _, d := range f.Decls {
			for _, id := range namesOf(d) {
				names = append(names, id)
				count[styleOf(id.Name)]++
			}
		}
	}
	most := styles()[0].name
	for _, s := range styles() {
		if count[s.name] > count[most] {
			most = s.name
		}
	}
	for _, id := range names {
		if s := styleOf(id.Name); s != most && count[most] > count[s] {
			p.report(id.Loc, "%s is written in another style than the other names, which are in %s", id.Name, most).
				Help = "one style is easier to remember and to search for"
		}
	}
}

// namesOf are the names a definition gives.
func namesOf(d ast.Decl) []ast.Ident {
	names := []ast.Ident{d.DeclName()}
	switch d := d.(type) {
	case *ast.Holdout:
		for _, g := range d.Groups {
			names = append(names, g.Name)
		}
	case *ast.Split:
		for _, b := range d.Branches {
			names = append(names, b.Name)
		}
	case *ast.List, *ast.Param, *ast.RFM, *ast.Segment, *ast.Trait:
	}
	return names
}

// repeatedValue finds a value that stands twice in a set.
func repeatedValue(p *pass, s *site) {
	set, ok := s.n.(*ast.Set)
	if !ok {
		return
	}
	seen := map[string]ast.Expr{}
	for i, x := range set.Elems {
		key := literalKey(x)
		before := seen[key]
		if before == nil {
			seen[key] = x
			continue
		}
		d := p.report(x.Span(), "this value stands here already")
		d.Labels = []diag.Label{{Span: before.Span(), Text: "first here"}}
		d.Help = "take it out, or write the one that was meant"
		d.Edits = []diag.Edit{cut(x.Span().File, set.Elems[i-1].Span().End, x.Span().End)}
	}
}

func literalKey(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Number:
		return "number " + x.Text
	case *ast.Text:
		return "text " + x.Value
	default:
		return x.Span().Text()
	}
}

// personalTrait finds traits that hand on what is about a person.
func personalTrait(p *pass) {
	for i := range p.roots {
		r := &p.roots[i]
		t, ok := r.decl.(*ast.Trait)
		if !ok {
			continue
		}
		if c := personal(r.x); c != nil {
			d := p.report(t.Name.Loc, "the trait %s shows %s, which the catalog marks as personal (pii)", t.Name.Name, c.Name)
			d.Labels = []diag.Label{{Span: c.At, Text: "marked here"}}
			d.Help = "traits leave the project with results; use the attribute in the condition that needs it, or take what is not personal of it"
		}
	}
}

// personal is the column about a person whose value x passes on; nil if none.
// A count, a sum or a comparison no longer shows it.
func personal(x ir.Expr) *ir.ColumnDef {
	switch x := x.(type) {
	case *ir.Agg:
		switch x.Op {
		case ir.OpFirst, ir.OpLast, ir.OpMax, ir.OpMin, ir.OpMode:
			return personal(x.Value)
		case ir.OpAvg, ir.OpCount, ir.OpMedian, ir.OpPercentile, ir.OpSum:
		}
	case *ir.Call:
		if slices.Contains([]string{"coalesce", "concat", "date", "greatest", "least", "lower", "number", "text"}, x.Fn) {
			for _, a := range x.Args {
				if c := personal(a); c != nil {
					return c
				}
			}
		}
	case *ir.Case:
		for _, w := range x.Whens {
			if c := personal(w.Value); c != nil {
				return c
			}
		}
		return personal(x.Else)
	case *ir.Column:
		for c := x.Col; c != nil; c = c.Base {
			if c.PII {
				return c
			}
		}
	case *ir.Convert:
		return personal(x.X)
	case *ir.Field:
		return personal(x.X)
	case *ir.Follow:
		return personal(x.X)
	default: // shows no value of a column
	}
	return nil
}

// plainName is what a subject is called, as part of a name.
func plainName(subject string) string {
	words := strings.FieldsFunc(strings.ToLower(subject), func(r rune) bool {
		return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Trim(strings.Join(words[:min(len(words), 3)], "_"), "_")
}
