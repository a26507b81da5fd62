package lint

import (
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// Rules about what a definition says of itself.

func noOwner(p *pass, s *site) {
	p.lacks(s, "owner", "nobody answers for %s", `say who does: owner: "crm@shop.vn"`)
}

func noTitle(p *pass, s *site) {
	p.lacks(s, "title", "%s has no title", `give it a name for people: title: "Khách hàng thân thiết"`)
}

func (p *pass) lacks(s *site, key, message, help string) {
	d, ok := s.n.(ast.Decl)
	if !ok {
		return
	}
	if _, has := metaOf(d); has && metaValue(d, key) == nil {
		p.report(d.DeclName().Loc, message, d.DeclName().Name).Help = help
	}
}

func noTitleOfBranch(p *pass, s *site) {
	if b, ok := s.n.(*ast.Branch); ok && b.Title == nil {
		p.report(b.Name.Loc, "the branch %s has no title", b.Name.Name).Help =
			`give it a name for people, after its own: ` + b.Name.Name + ` "Thân thiết" when …`
	}
}

// noSize finds segments that may run empty without anybody being told.
func noSize(p *pass, s *site) {
	d, ok := s.n.(*ast.Segment)
	if !ok {
		return
	}
	seg := p.heads[d.Name.Name].seg
	if seg == nil {
		return
	}
	for _, e := range seg.Expects {
		if e.Subject == "size" && e.Op != "<" && e.Op != "<=" && e.Op != "!=" {
			return
		}
	}
	p.report(d.Name.Loc, "no run fails when %s is empty", d.Name.Name).Help =
		"say how many it should hold at least: expect size >= 1"
}

// noTest finds segments that no test names.
func noTest(p *pass) {
	tested := map[string]bool{}
	for _, c := range p.Tests {
		for _, at := range c.Instants {
			for _, w := range at.Wants {
				tested[w.Segment.Name] = true
			}
		}
	}
	for _, s := range p.Segments {
		h, ok := p.heads[s.Name]
		_, random := h.decl.(*ast.Holdout)
		if !ok || random || tested[s.Name] {
			continue
		}
		p.report(s.At, "no test says who is in %s", s.Name).Help =
			"write one in a file *_test.seg.yaml beside it: a few customers, and which of them belong"
	}
}

// over finds segments whose last day has passed.
func over(p *pass) {
	today := p.today()
	for _, f := range p.Files {
		for _, d := range f.Decls {
			until, ok := metaValue(d, "valid_until").(*ast.Date)
			s := p.anySegment(d)
			if ok && s != nil && s.Meta.ValidUntil != nil && *s.Meta.ValidUntil < today {
				p.report(until.Loc, "%s has been empty since this day passed", d.DeclName().Name).Help =
					"take the definition out, or set another day"
			}
		}
	}
}

func (p *pass) today() int64 {
	asOf, _ := p.in.instant()
	return p.Calendar.DateOf(asOf)
}

// anySegment is one of the segments a declaration makes; they share what it
// says of itself.
func (p *pass) anySegment(d ast.Decl) *ir.Segment {
	name := d.DeclName().Name
	switch d := d.(type) {
	case *ast.Holdout:
		if len(d.Groups) > 0 {
			name += "." + d.Groups[0].Name.Name
		}
	case *ast.Split:
		if len(d.Branches) > 0 {
			name += "." + d.Branches[0].Name.Name
		}
	case *ast.List, *ast.Param, *ast.RFM, *ast.Segment, *ast.Trait:
	}
	return p.heads[name].seg
}

// refersToOver finds conditions about a segment that is empty for its dates.
func refersToOver(p *pass) {
	today := p.today()
	for _, n := range p.nodes {
		m, ok := n.x.(*ir.Member)
		if !ok || m.Seg == nil || n.root.decl == p.heads[m.Seg.Name].decl {
			continue
		}
		from, until := m.Seg.Meta.ValidFrom, m.Seg.Meta.ValidUntil
		when := ""
		switch {
		case until != nil && *until < today:
			when = "its last day has passed"
		case from != nil && *from > today:
			when = "its first day has not come"
		default:
			continue
		}
		d := p.report(n.x.Span(), "%s is empty now: %s", m.Seg.Name, when)
		d.Labels = []diag.Label{{Span: m.Seg.At, Text: "defined here"}}
		d.Help = "take the condition out, or change the days of " + m.Seg.Name
	}
}

// leastControl is the smallest control group, in members, from which a
// difference in what they buy can be told from chance: to see a rate of 5%
// become 7.5% in four of five campaigns takes about 1,500 of each; 100 members
// show a doubling at best.
const leastControl = 100

// tinyControl finds holdouts whose smallest group shows nothing.
func tinyControl(p *pass, s *site) {
	d, ok := s.n.(*ast.Holdout)
	if !ok {
		return
	}
	for _, g := range d.Groups {
		if g.Share == nil {
			continue
		}
		share, ok := value.ParseDecimal(g.Share.Text)
		if !ok {
			continue
		}
		if value.Compare(share, value.NewInt(1)) < 0 {
			p.report(g.Share.Loc, "a group of %s%% is too small to compare with", g.Share.Text).Help = "give it 5% or more"
			continue
		}
		least, expected := p.leastSize(d)
		members := value.ToFloat(share) / 100 * least
		if expected && members < leastControl {
			p.report(g.Share.Loc, "%s expects %.0f members or more, of which %s%% may be %.0f", d.Of.String(), least, g.Share.Text, members).
				Help = "with fewer than 100 members a difference cannot be told from chance; give the group a larger share"
		}
	}
}

// leastSize is the size that a holdout's segment expects at least.
func (p *pass) leastSize(d *ast.Holdout) (float64, bool) {
	seg := p.heads[d.Of.String()].seg
	if seg == nil {
		return 0, false
	}
	for _, e := range seg.Expects {
		if e.Subject == "size" && !e.Lo.Percent && strings.Contains(">= = between", e.Op) {
			return value.ToFloat(e.Lo.V), true
		}
	}
	return 0, false
}

// Rules about what costs much to compute.

func openSequence(p *pass, s *site) {
	f, ok := s.n.(*ast.Fact)
	if !ok || len(f.Steps) == 0 || f.Window != nil {
		return
	}
	p.report(f.Path.Loc, "every row of %s there ever was is compared with those that follow it", f.Path.String()).Help =
		"give the first step a window, as in `" + f.Path.String() + " in last 90 days`: the cost grows with the rows, and they grow every day"
}

func distinctTexts(p *pass) {
	for _, n := range p.nodes {
		agg, ok := n.x.(*ir.Agg)
		if ok && agg.Distinct && agg.Op == ir.OpCount && agg.Value != nil && agg.Value.Type().Kind == value.Text {
			p.reportOnce(n.x.Span(), "every different text of every "+owner(agg)+" is held in memory to be counted",
				"count a number instead, such as the key of a lookup, or put a window on the fact")
		}
	}
}

func owner(a *ir.Agg) string {
	if len(a.Back) > 0 {
		return a.Back[len(a.Back)-1].To.Name
	}
	return "row"
}

// reportOnce reports a place once, though the checker may have made several
// nodes of it.
func (p *pass) reportOnce(at source.Span, message, help string) {
	for _, d := range p.found {
		if d.Code == p.rule.Code && d.Span == at {
			return
		}
	}
	p.report(at, "%s", message).Help = help
}

func openPattern(p *pass, s *site) {
	x, ok := s.n.(*ast.Matches)
	if !ok || x.Regex == nil || strings.HasPrefix(x.Regex.Pattern, "^") || literalPattern.MatchString(x.Regex.Pattern) {
		return
	}
	p.report(x.Regex.Loc, "this pattern is looked for at every letter of every value").Help =
		"begin it with ^ where the text begins so, or put a plain condition such as `contains` before it"
}

func populationPer(p *pass) {
	for _, n := range p.nodes {
		var per ir.Expr
		switch x := n.x.(type) {
		case *ir.Bucket:
			per = x.Per
		case *ir.PopAgg:
			per = x.Per
		case *ir.Rank:
			per = x.Per
		default: // not of a population
		}
		if per != nil {
			p.reportOnce(n.x.Span(), "everyone is sorted once more for each "+oneLine(per.Span().Text())+": `per` is a sort of its own in every run",
				"without `per` one sort serves all segments that rank by this value; keep it where the groups are meant")
		}
	}
}
