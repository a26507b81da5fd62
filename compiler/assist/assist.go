// Package assist answers what an editor asks about a project: what a name
// stands for, where it is used, what may be written at a place, how a file is
// built up. A State is a project at one moment,
//
//	state := assist.New(project, uses, tests)
//	info, ok := state.Hover(file, offset)
//
// with what package check has told of names (check.Use); nothing here decides
// what a name means. Offsets are bytes of a source.File. What may be written is
// found out from tokens alone, for the text around the cursor is broken while
// somebody types.
//
// The package is pure: open buffers, positions as an editor counts them and the
// protocol are for its caller.
package assist

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
)

// State is a project at one moment. It is never changed, and may be asked from
// several goroutines.
type State struct {
	project *compiler.Project
	tests   []*source.File
	byFile  map[string][]occurrence // in order
	sizes   map[string]Size
}

// Size is how many members a segment had at the last run.
type Size struct {
	Members int64
	AsOf    string // instant of the run, for people
}

// occurrence is a place that names a symbol.
type occurrence struct {
	check.Use
	decl bool
}

// New makes a state of a checked project, of what the check told of names, and
// of the project's files of tests.
func New(p *compiler.Project, uses []check.Use, tests []*source.File) *State {
	s := &State{project: p, tests: tests, byFile: map[string][]occurrence{}}
	for _, u := range uses {
		s.add(u, false)
	}
	for _, f := range p.Files {
		s.declarations(f)
	}
	s.catalog()
	for _, f := range tests {
		s.test(f)
	}
	for name, list := range s.byFile {
		slices.SortStableFunc(list, func(a, b occurrence) int {
			return cmp.Or(cmp.Compare(a.At.Start, b.At.Start), cmp.Compare(a.At.End, b.At.End))
		})
		s.byFile[name] = slices.CompactFunc(list, func(a, b occurrence) bool { return a.At == b.At && sameSymbol(a.Symbol, b.Symbol) })
	}
	return s
}

// WithSizes is the state with what the last run counted, by segment.
func (s *State) WithSizes(sizes map[string]Size) *State {
	t := *s
	t.sizes = sizes
	return &t
}

// Over is the state of a check of one file alone, completed by what an earlier
// check of the whole project has found in the others.
func (s *State) Over(base *State, file string) *State {
	t := *s
	t.byFile = maps.Clone(base.byFile)
	t.byFile[file] = s.byFile[file]
	if base.project.Project == nil || s.project.Project == nil {
		return &t
	}
	project, whole := *s.project, *s.project.Project
	whole.Traits = maps.Clone(base.project.Traits)
	maps.Copy(whole.Traits, s.project.Traits)
	for _, seg := range base.project.Segments {
		if seg.At.File != nil && seg.At.File.Name != file {
			whole.Segments = append(whole.Segments[:len(whole.Segments):len(whole.Segments)], seg)
		}
	}
	project.Project = &whole
	t.project = &project
	return &t
}

// Project is what the state is of.
func (s *State) Project() *compiler.Project { return s.project }

func (s *State) add(u check.Use, decl bool) {
	if u.At.File == nil || strings.HasSuffix(u.At.File.Name, " (rfm)") {
		return
	}
	s.byFile[u.At.File.Name] = append(s.byFile[u.At.File.Name], occurrence{u, decl})
}

func (s *State) declare(kind check.SymbolKind, of, name string, at source.Span) {
	if at.File != nil && name != "" {
		s.add(check.Use{At: at, Symbol: check.Symbol{Kind: kind, Of: of, Name: name, At: at}}, true)
	}
}

// declarations enters what a file of definitions declares.
func (s *State) declarations(f *ast.File) {
	for _, d := range f.Decls {
		name := d.DeclName()
		s.declare(kindOf(d), "", name.Name, name.Loc)
		switch d := d.(type) {
		case *ast.Holdout:
			for _, g := range d.Groups {
				s.declare(check.Branch, name.Name, name.Name+"."+g.Name.Name, g.Name.Loc)
			}
		case *ast.Split:
			for _, b := range d.Branches {
				s.declare(check.Branch, name.Name, name.Name+"."+b.Name.Name, b.Name.Loc)
			}
		default: // declares one name
		}
	}
}

func kindOf(d ast.Decl) check.SymbolKind {
	switch d.(type) {
	case *ast.Holdout:
		return check.Holdout
	case *ast.List:
		return check.List
	case *ast.Param:
		return check.Param
	case *ast.RFM:
		return check.RFM
	case *ast.Segment:
		return check.Segment
	case *ast.Split:
		return check.Split
	case *ast.Trait:
		return check.Trait
	}
	panic("assist: unknown declaration")
}

// sameSymbol reports whether two names stand for one thing. A step lies where
// it is named; the places of others change while somebody types.
func sameSymbol(a, b check.Symbol) bool {
	if divides(a.Kind) && divides(b.Kind) {
		a.Kind = b.Kind
	}
	if a.Kind != b.Kind || a.Of != b.Of || a.Name != b.Name {
		return false
	}
	return a.Kind != check.StepName || a.At == b.At
}

// divides reports kinds that a use does not tell apart: `lifecycle` in
// `in segment lifecycle.new` may be a holdout.
func divides(k check.SymbolKind) bool { return k == check.Split || k == check.Holdout }

// at finds what is named at an offset; at the end of a name too.
func (s *State) at(f *source.File, offset int) (found occurrence, ok bool) {
	for _, o := range s.byFile[f.Name] {
		if o.At.Start > offset {
			break
		}
		if offset <= o.At.End && o.At.End <= len(f.Text) && (!ok || o.At.Start >= found.At.Start) {
			found, ok = o, true
		}
	}
	return found, ok
}

// occurrences are all places that name a symbol, by file and place.
func (s *State) occurrences(sym check.Symbol) (all []occurrence) {
	names := make([]string, 0, len(s.byFile))
	for name := range s.byFile {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, o := range s.byFile[name] {
			if sameSymbol(o.Symbol, sym) {
				all = append(all, o)
			}
		}
	}
	return all
}

// declaration is where a symbol is declared; false where nobody wrote it.
func (s *State) declaration(sym check.Symbol) (source.Span, bool) {
	for _, o := range s.occurrences(sym) {
		if o.decl {
			return o.At, true
		}
	}
	return sym.At, sym.At.File != nil
}

// decl finds the declaration of a name of the project.
func (s *State) decl(name string) ast.Decl {
	for _, f := range s.project.Files {
		for _, d := range f.Decls {
			if d.DeclName().Name == name {
				return d
			}
		}
	}
	return nil
}

// file is the tree of a file of definitions, nil if there is none.
func (s *State) file(name string) *ast.File {
	for _, f := range s.project.Files {
		if f.Source.Name == name {
			return f
		}
	}
	return nil
}
