// Package lint gives advice on definitions that are correct: conditions that
// cannot hold, or hold of everyone, or say something twice; names that nothing
// uses; segments nobody answers for; shapes that cost much to compute.
//
// A rule is one entry of the table in rules.go and one page in lang/diag. It
// reports, and where there is exactly one way out it brings the edits. An edit
// never changes who is in a segment; Fix applies them.
//
// Package check says what a reader may overlook in a definition by itself
// (SEG2001 to SEG2019), as it knows best how a condition was written. Those
// are findings here too, taken from its list, and never looked for twice.
package lint

import (
	"slices"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// Need is what a rule must be given besides the definitions.
type Need string

// Needs of rules. A rule whose need is not met finds nothing.
const (
	NeedsInstant Need = "as of" // Input.AsOf, or one fixed by the catalog
	NeedsTests   Need = "tests" // Input.Tests
	NeedsData    Need = "data"  // Input.First and an instant
)

// Rule is one kind of advice.
type Rule struct {
	Code     diag.Code
	Purpose  string // one line: what it finds
	Severity diag.Severity
	Fix      bool // it may bring an exact fix
	Need     Need // "" for none

	// These look for it; none does where package check finds it. What is proved
	// comes last, for what the form shows needs no proof.
	node    func(*pass, *site)
	project func(*pass)
	proved  func(*pass)
	// around says that its fixes depend on what stands beside the condition, so
	// that two of them must not be made at once.
	around bool
	// mistake says that a condition does not say what was meant, which explains
	// what is proved of it.
	mistake bool
}

// Checked reports whether package check finds it, and not this package.
func (r Rule) Checked() bool {
	return r.node == nil && r.project == nil && r.proved == nil && r.Code != unusedIgnore
}

// Rules are all rules, by code.
func Rules() []Rule { return slices.Clone(rules) }

// Find finds a rule by its code.
func Find(code diag.Code) (Rule, bool) {
	for _, r := range rules {
		if r.Code == code {
			return r, true
		}
	}
	return Rule{}, false
}

// Input is everything that is looked at.
type Input struct {
	Project *compiler.Project
	Diags   diag.List // what compiling the project said
	// AsOf is the instant of advice about time, in microseconds since 1970; nil
	// is the one the catalog fixes, if any.
	AsOf *int64
	// Tests says that the project was compiled with its tests.
	Tests bool
	// First is the instant of the first row of a fact, by its name, in
	// microseconds since 1970; nil: not known.
	First map[string]int64
	// Only are the rules that are asked, all when empty; Disable those that are
	// not.
	Only, Disable []diag.Code
	// Stop is asked now and then: once it answers true, Run ends, and what it
	// gives says nothing. It may be nil.
	Stop func() bool
}

// Run gives the findings, sorted. They are the errors alone when the project
// has errors, for advice on it would be guesswork.
func Run(in Input) diag.List {
	if in.Project == nil || in.Project.Project == nil || in.Diags.HasErrors() {
		return errorsOf(in.Diags)
	}
	p := &pass{in: in, Project: in.Project}
	p.gather()
	found := slices.Concat(advice(in.Diags), in.Project.Hidden)
	found = slices.DeleteFunc(found, func(d diag.Diagnostic) bool { return !in.asks(d.Code) })
	p.each(p.run)
	p.each(func() {
		if p.rule.proved != nil {
			p.rule.proved(p)
		}
	})
	shown, hidden := in.Project.Ignores.Apply(append(found, p.found...))
	if in.asks(unusedIgnore) {
		p.rule, p.found = ruleOf(unusedIgnore), nil
		p.unusedIgnores(hidden)
		shown = append(shown, p.found...)
	}
	shown.Sort()
	keepEdits(shown, in.Project)
	return shown
}

func errorsOf(list diag.List) (out diag.List) {
	for _, d := range list {
		if d.Severity == diag.Error {
			out = append(out, d)
		}
	}
	return out
}

// advice are the findings of other packages that are rules too.
func advice(list diag.List) (out diag.List) {
	for _, d := range list {
		if _, known := Find(d.Code); known {
			out = append(out, d)
		}
	}
	return out
}

// asks reports whether a rule is among those asked.
func (in Input) asks(code diag.Code) bool {
	return (len(in.Only) == 0 || slices.Contains(in.Only, code)) && !slices.Contains(in.Disable, code)
}

// met reports whether there is what a rule needs.
func (in Input) met(n Need) bool {
	_, dated := in.instant()
	switch n {
	case NeedsData:
		return in.First != nil && dated
	case NeedsInstant:
		return dated
	case NeedsTests:
		return in.Tests
	default:
		return true
	}
}

func (in Input) instant() (int64, bool) {
	switch {
	case in.AsOf != nil:
		return *in.AsOf, true
	case in.Project.AsOf != nil:
		return *in.Project.AsOf, true
	default:
		return 0, false
	}
}

// ran reports whether a rule has looked at everything, so that what it did not
// find is not there.
func (in Input) ran(code diag.Code) bool {
	r, known := Find(code)
	return known && in.asks(code) && in.met(r.Need)
}

// unusedIgnores reports comments that hide nothing.
func (p *pass) unusedIgnores(hidden diag.List) {
	for _, u := range p.Ignores.Unused(hidden, p.in.ran) {
		d := p.report(u.Span, "there is no %s here to ignore", u.Code.Code)
		d.Help = "take it out, so that it does not hide what comes later"
		d.Edits = []diag.Edit{{Span: u.Cut}}
	}
}

// pass is one Run.
type pass struct {
	*compiler.Project
	in    Input
	rule  *Rule // being run
	found diag.List
	// shown are those of found that explain what a proof finds in the same place.
	shown []shown

	sites  []site // every node of the definitions and of the catalog's expressions
	roots  []root
	nodes  []node // every IR node of the roots, inner scopes too
	typed  map[place]ir.Expr
	logics map[place]*ast.Logic
	heads  map[string]head // of segments, by full name

	segments  map[string]*ir.Segment
	usedNames map[string]bool
	proofs    *proofs
	pairList  [][2]*ir.Segment
	implied   map[[2]*ir.Segment]bool
}

// shown is where a rule has found something by its form.
type shown struct {
	rule *Rule
	at   source.Span
}

// site is a node of the tree where it stands.
type site struct {
	n      ast.Node
	parent ast.Node // nil: the root of an expression of the catalog
	decl   ast.Decl // nil in the catalog
}

// root is a condition or value as its author wrote it.
type root struct {
	x      ir.Expr
	entity *ir.Relation
	decl   ast.Decl
	name   string // of the segment, branch or trait
}

// node is a part of a root.
type node struct {
	x     ir.Expr
	root  *root
	outer bool // in the scope of the root's entity, not in that of a fact's rows
}

// place is where a node stands; nodes have no other identity in common with
// what the checker makes of them.
type place struct {
	file       *source.File
	start, end int
}

func placeOf(s source.Span) place { return place{s.File, s.Start, s.End} }

// each makes every rule that is asked the running one, in turn.
func (p *pass) each(do func()) {
	for i := range rules {
		if p.in.Stop != nil && p.in.Stop() {
			return
		}
		if p.rule = &rules[i]; p.in.asks(p.rule.Code) && p.in.met(p.rule.Need) {
			do()
		}
	}
}

func (p *pass) run() {
	if p.rule.project != nil {
		p.rule.project(p)
	}
	if p.rule.node != nil {
		for i := range p.sites {
			p.rule.node(p, &p.sites[i])
		}
	}
}

// report adds a finding of the rule that is running.
func (p *pass) report(span source.Span, format string, args ...any) *diag.Diagnostic {
	if p.rule.mistake || p.rule.around {
		p.shown = append(p.shown, shown{p.rule, span})
	}
	d := p.found.Warnf(p.rule.Code, span, format, args...)
	d.Severity = p.rule.Severity
	return d
}

// exprOf is what the checker made of a condition or value; nil where it is not
// known, as in a map of YAML that stands for it.
func (p *pass) exprOf(x ast.Node) ir.Expr {
	if x == nil {
		return nil
	}
	return p.typed[placeOf(x.Span())]
}
