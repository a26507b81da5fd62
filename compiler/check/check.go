// Package check gives a project its meaning: it reads the catalog and the
// declarations and answers the typed, two-valued IR. Every name, type, unit,
// declared value and window is checked here, before any data is touched;
// nothing after this package decides what a definition means.
package check

import (
	"slices"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// SourceColumn is one column as a source has it.
type SourceColumn struct {
	Name string
	Type value.Type
}

// Input is everything a check looks at.
type Input struct {
	Catalog *catalog.Catalog
	Files   []*ast.File // in order of name
	// Columns describes a source; types of columns that are declared by the
	// catalog are in declared, by column name. Nil: only what the catalog
	// declares is known. A problem is a diagnostic without span.
	Columns func(src *ir.Source, declared map[string]value.Type) ([]SourceColumn, *diag.Diagnostic)
	// ReadList reads a list's file by its path inside the project.
	ReadList func(path string) (*source.File, error)
	// Blamed are the places of the errors that reading has found. What an
	// entity or fact with one of them lacks is not reported again, and a
	// declaration with one of them is not checked.
	Blamed []source.Span
	// Set overrides params, name → literal as text.
	Set map[string]string
	// Uses is told what each name stands for, where it stands for something;
	// the same place may be told of several times. May be nil.
	Uses func(Use)
	// Only limits the check to the definitions of one of the files: of all
	// others just the names are known, so that what they would add, such as a
	// cycle, is not seen. Nil: all files.
	Only *ast.File
}

type checker struct {
	in       Input
	diags    diag.List
	proj     *ir.Project
	cal      *calendar.Calendar
	traits   map[string]*traitDecl
	tracing  []*traitDecl // being checked, outermost first
	params   map[string]*paramDecl
	lists    map[string]*listDecl
	segments map[string]*segmentDecl // by full name; a split also by its own name, seg nil
	names    map[string]source.Span
	rfms     []*ast.RFM
	lost     map[lostName]bool
	blind    map[*ir.Relation]bool // nothing is known of their columns, after an error
	written  []written             // for notes
	calls    map[*ir.Cmp]string    // any, none or all: what a comparison of a count was written as
}

// written is a condition as its author wrote it, and the conditions that hold
// where it is asked: a branch of a split holds none of those before it.
type written struct {
	x      ir.Expr
	beside []ir.Expr
}

// lostName is a name whose declaration has an error: using it is no mistake
// of its own. A nil relation stands for the project's definitions.
type lostName struct {
	rel  *ir.Relation
	name string
}

func (c *checker) lose(rel *ir.Relation, name string) { c.lost[lostName{rel, name}] = true }

// blamed reports whether reading has found an error in a place.
func (c *checker) blamed(place source.Span) bool {
	return slices.ContainsFunc(c.in.Blamed, func(s source.Span) bool {
		return s.File == place.File && s.Start >= place.Start && s.End <= place.End
	})
}

// isLost reports whether a name that means nothing in rows of rel would mean
// something if there were no other error.
func (c *checker) isLost(rel *ir.Relation, name string) bool {
	return c.blind[rel] || c.lost[lostName{rel, name}] || c.lost[lostName{nil, name}]
}

// Check gives the project and what there is to say about it. The project is
// usable only when no diagnostic is an error.
func Check(in Input) (*ir.Project, diag.List) {
	c := &checker{in: in, proj: &ir.Project{Traits: map[string]*ir.TraitDef{}},
		traits: map[string]*traitDecl{}, params: map[string]*paramDecl{}, lists: map[string]*listDecl{},
		segments: map[string]*segmentDecl{}, names: map[string]source.Span{},
		lost: map[lostName]bool{}, blind: map[*ir.Relation]bool{}, calls: map[*ir.Cmp]string{}}
	if in.Catalog == nil {
		return c.proj, c.diags
	}
	if !c.zone() {
		return c.proj, c.diags
	}
	c.relations()
	c.declare()
	if len(c.proj.Relations) > 0 {
		c.define()
		if in.Only == nil {
			c.cycles()
		}
		c.notes()
	}
	c.diags.Sort()
	return c.proj, c.diags
}

func (c *checker) zone() bool {
	cat := c.in.Catalog
	k := calendar.Calendar{Loc: cat.Location, WeekStart: cat.WeekStarts}
	c.cal = &k
	c.proj.Calendar, c.proj.Zone = &k, cat.Timezone.Text
	if cat.AsOf != nil {
		if k := c.literal(cat.AsOf); k != nil {
			t := k.V.I
			if k.V.Kind == value.Date {
				t = c.cal.StartOfDay(t)
			}
			c.proj.AsOf = &t
		}
	}
	return cat.Location != nil
}
