package diff

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// meaning tells segments of two versions apart by all that decides who is in
// them: the condition, the segments it refers to, the rows and columns it
// reads and how the catalog makes them. Two segments with the same meaning are
// equal; with different ones they may still be, which is for a proof to find.
type meaning struct {
	project *ir.Project
	owner   map[*ir.ColumnDef]string // the relation of a column
	keys    map[*ir.Segment]string
	seen    map[*ir.Segment]map[string]string
}

func meaningOf(p *ir.Project) *meaning {
	m := &meaning{project: p, owner: map[*ir.ColumnDef]string{}, keys: map[*ir.Segment]string{}, seen: map[*ir.Segment]map[string]string{}}
	for _, r := range p.Relations {
		for _, c := range columnsOf(r) {
			m.owner[c] = r.Name
		}
	}
	return m
}

// columnsOf are all columns of a relation, those without a name in the
// language too.
func columnsOf(r *ir.Relation) []*ir.ColumnDef {
	all := append(append([]*ir.ColumnDef{}, r.Columns...), r.Keys()...)
	if r.Time != nil {
		all = append(all, r.Time)
	}
	for _, c := range r.Columns {
		if c.LatCol != nil {
			all = append(all, c.LatCol, c.LonCol)
		}
	}
	return all
}

// segment is equal for two segments that mean the same.
func (m *meaning) segment(s *ir.Segment) string {
	if key, ok := m.keys[s]; ok {
		return key
	}
	var parts []string
	for name, says := range m.reached(s) {
		if name != segmentPrefix+s.Name { // its own name is no part of its meaning
			parts = append(parts, name+" = "+says)
		}
	}
	slices.Sort(parts)
	key := hash(append(parts, condition(s)))
	m.keys[s] = key
	return key
}

// reached is all that decides who is in a segment: name → what it says.
func (m *meaning) reached(s *ir.Segment) map[string]string {
	if r := m.seen[s]; r != nil {
		return r
	}
	r := &reach{meaning: m, seen: map[string]string{}}
	r.segment(s)
	m.seen[s] = r.seen
	return r.seen
}

func hash(parts []string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// segmentPrefix and rowsPrefix begin the names of segments and relations among
// what is reached; others begin with what they are, in words.
const (
	segmentPrefix = "segment "
	rowsPrefix    = "what is a row of "
)

// reach gathers what is reached from a condition: name → what it says.
type reach struct {
	*meaning
	seen map[string]string
}

// add reports whether a name is reached for the first time.
func (r *reach) add(name, says string) bool {
	if _, ok := r.seen[name]; ok {
		return false
	}
	r.seen[name] = says
	return true
}

// condition is what a segment says itself.
func condition(s *ir.Segment) string {
	return fmt.Sprintf("%s %s %s %s", s.Entity.Name, key(s.Where), days(s.Meta.ValidFrom), days(s.Meta.ValidUntil))
}

func days(d *int64) string {
	if d == nil {
		return "-"
	}
	return fmt.Sprint(*d)
}

func (r *reach) segment(s *ir.Segment) {
	if s == nil || !r.add(segmentPrefix+s.Name, condition(s)) {
		return
	}
	r.relation(s.Entity)
	r.expr(s.Where)
}

func (r *reach) relation(rel *ir.Relation) {
	if rel == nil || rel.Record {
		return // the elements of a list say what their columns do
	}
	if !r.add(rowsPrefix+rel.Name, relationText(rel)) {
		return
	}
	r.relation(rel.From)
	for _, u := range rel.Universe {
		r.relation(u.Rel)
		r.expr(u.Key)
	}
	if rel.Owner != nil {
		r.lookup(rel.Owner)
	}
	for _, x := range rel.GroupBy {
		r.expr(x)
	}
	for _, x := range []ir.Expr{rel.Where, rel.Dedup, rel.KnownAt} {
		r.expr(x)
	}
	if rel.Exists != nil {
		r.expr(rel.Exists.From)
		r.expr(rel.Exists.To)
	}
	for _, c := range append(rel.Keys(), rel.Time) {
		r.column(c)
	}
}

func relationText(rel *ir.Relation) string {
	var b strings.Builder
	if s := rel.Source; s != nil {
		fmt.Fprintf(&b, "source %q %q %q %q %q %q %q %q", s.Kind, s.Path, s.Table, s.SQL, s.Format, s.Delimiter, s.Quote, s.Encoding)
		if s.Header != nil {
			fmt.Fprint(&b, *s.Header)
		}
	}
	if rel.From != nil {
		fmt.Fprintf(&b, " from %q", rel.From.Name)
	}
	for _, x := range rel.GroupBy {
		b.WriteString(" by " + key(x))
	}
	for _, u := range rel.Universe {
		fmt.Fprintf(&b, " universe %q %s", u.Rel.Name, key(u.Key))
	}
	for _, x := range []ir.Expr{rel.Where, rel.Dedup, rel.KnownAt} {
		b.WriteString(" " + key(x))
	}
	if rel.Exists != nil {
		b.WriteString(" exists " + key(rel.Exists.From) + " " + key(rel.Exists.To))
	}
	for _, c := range append(rel.Keys(), rel.Time) {
		if c != nil {
			fmt.Fprintf(&b, " %q", c.Name)
		}
	}
	fmt.Fprint(&b, rel.Always)
	return b.String()
}

func key(x ir.Expr) string {
	if x == nil {
		return "-"
	}
	return ir.Key(x)
}

func (r *reach) lookup(l *ir.Lookup) {
	if l == nil || !r.add("the lookup "+l.From.Name+"."+l.Name, l.To.Name+" "+key(l.By)) {
		return
	}
	r.relation(l.From)
	r.relation(l.To)
	r.expr(l.By)
}

func (r *reach) column(c *ir.ColumnDef) {
	if c == nil || !r.add("the column "+r.owner[c]+"."+c.Name, columnText(c)) {
		return
	}
	if c.Type.Temporal() {
		r.calendar()
	}
	for _, other := range []*ir.ColumnDef{c.Base, c.LatCol, c.LonCol} {
		r.column(other)
	}
	r.expr(c.Def)
}

// columnText leaves out what the data decides, which is the same for both
// versions, and what has no say in a value.
func columnText(c *ir.ColumnDef) string {
	return fmt.Sprintf("%s %q %q %s %q %q %t %t %t %q %s %s %t", c.Type, c.Type.Values, c.Raw, key(c.Def), c.Lat, c.Lon, c.Trim, c.NFC, c.EmptyMissing, c.Separator,
		bound(c.Min), bound(c.Max), c.Type.Kind == value.Wall)
}

func bound(v *value.Value) string {
	if v == nil {
		return "-"
	}
	return v.String()
}

func (r *reach) lookups(ls []*ir.Lookup) {
	for _, l := range ls {
		r.lookup(l)
	}
}

func (r *reach) expr(x ir.Expr) {
	ir.Walk(x, func(x ir.Expr) bool {
		if x.Type().Temporal() {
			r.calendar()
		}
		switch x := x.(type) {
		case *ir.Agg:
			r.lookups(x.Anchor)
			r.lookups(x.Back)
			r.relation(x.Leaf)
		case *ir.Bucket:
			r.segment(x.Of)
		case *ir.Call: // some read days off a time
			r.calendar()
		case *ir.Column:
			r.column(x.Col)
		case *ir.Follow:
			r.lookup(x.By)
		case *ir.History: // asks the store, whatever the definition is now
			r.lookups(x.Anchor)
			r.calendar()
		case *ir.Member:
			r.segment(x.Seg)
		case *ir.PopAgg:
			r.segment(x.Of)
		case *ir.Rank:
			r.segment(x.Of)
		case *ir.Seq:
			r.lookups(x.Back)
			for _, s := range x.Steps {
				r.lookups(s.Back)
				r.relation(s.Leaf)
			}
		default:
		}
		return true
	})
}

// calendar: a zone and a first day of the week decide what a day is.
func (r *reach) calendar() {
	r.add("the calendar", fmt.Sprintf("%s %v", r.project.Zone, r.project.Calendar.WeekStart))
}
