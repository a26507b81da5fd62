// Package guess writes the first catalog of a folder of data: which tables
// hold customers, which hold what they did, how rows belong together. Every
// guess is marked in the text, for a person to confirm.
package guess

import (
	"sort"
	"strings"
	"unicode"

	"github.com/segql/segql/compiler/value"
)

// Table is one file or table as it was looked at.
type Table struct {
	Name    string // a good name in a catalog, "customers"
	Source  string // what stands behind `source:`
	Rows    int64
	Columns []Column
}

// Column is one column as it was looked at.
type Column struct {
	Name     string
	Type     value.Type
	Missing  int64    // rows without a value
	Distinct int64    // different values
	Values   []string // all of them, sorted, when they are few
	// Note is what a person should know: "leading zeros", "stored as 13085.0".
	Note string
}

func (c *Column) unique(rows int64) bool { return rows > 0 && c.Missing == 0 && c.Distinct == rows }

// Catalog is a guess about a folder.
type Catalog struct {
	Entities []*Entity
	Facts    []*Fact
	Unclear  []*Table // neither
}

// Entity is a table of things with a key, or with Table nil the distinct keys
// that facts mention.
type Entity struct {
	Name     string
	Table    *Table
	Key      *Column
	Universe []string // names of facts
	Links    []Link
}

// Fact is a table of things that happened to an entity.
type Fact struct {
	Name  string
	Table *Table
	Of    *Entity
	Items *Fact // instead of Of: rows of a fact, such as the lines of an order
	By    *Column
	At    *Column // nil: no time
	Key   *Column // nil: none
	Links []Link
}

// Owner is the name of what a row belongs to.
func (f *Fact) Owner() string {
	if f.Items != nil {
		return f.Items.Name
	}
	return f.Of.Name
}

// Link is a column that holds the key of an entity.
type Link struct {
	Name   string
	Entity *Entity
	By     *Column
}

// customerWords name the tables and columns that hold customers, in English
// and Vietnamese, most telling first.
var customerWords = []string{"customer", "client", "khachhang", "khach", "user", "member", "thanhvien", "subscriber", "contact", "person", "people", "account", "company", "visitor"}

// From guesses what the tables are.
func From(tables []*Table) *Catalog {
	g := &guesser{tables: tables, out: &Catalog{}}
	g.entities()
	g.universe()
	g.facts()
	g.links()
	return g.out
}

type guesser struct {
	tables []*Table
	out    *Catalog
	taken  map[*Table]bool
}

// entities are the tables with a key that others may refer to.
func (g *guesser) entities() {
	g.taken = map[*Table]bool{}
	for _, t := range g.tables {
		key := keyOf(t)
		if key == nil || g.looksLikeFact(t) {
			continue
		}
		g.taken[t] = true
		g.out.Entities = append(g.out.Entities, &Entity{Name: singular(t.Name), Table: t, Key: key})
	}
	sort.SliceStable(g.out.Entities, func(i, j int) bool {
		return rank(g.out.Entities[i].Name) < rank(g.out.Entities[j].Name)
	})
}

// rank is the place of the first customer word in a name.
func rank(name string) int {
	plain := plain(name)
	for i, w := range customerWords {
		if strings.Contains(plain, w) {
			return i
		}
	}
	return len(customerWords)
}

// keyOf is the column that names the rows of a table: unique, known, and
// called like a key.
func keyOf(t *Table) *Column {
	var best *Column
	score := 0
	for i := range t.Columns {
		c := &t.Columns[i]
		if !c.unique(t.Rows) || c.Type.Kind != value.Int && c.Type.Kind != value.Text {
			continue
		}
		s := 1
		name, own := plain(c.Name), plain(singular(t.Name))
		switch {
		case name == "id" || name == "key" || name == "ma" || name == own+"id" || name == own+"key" || name == own+"code" || name == own:
			s = 10
		case strings.HasSuffix(name, "id") || strings.HasSuffix(name, "key") || strings.HasSuffix(name, "code") || strings.HasSuffix(name, "no"):
			s = 5
		case i == 0:
			s = 3
		}
		if s > score {
			best, score = c, s
		}
	}
	if score < 3 {
		return nil
	}
	return best
}

// looksLikeFact: a table with a time and the key of another table, which is
// not called after customers itself.
func (g *guesser) looksLikeFact(t *Table) bool {
	if rank(t.Name) < len(customerWords) || timeOf(t) == nil {
		return refersToOther(t, g.tables) != nil && !referredTo(t, g.tables)
	}
	if refersToOther(t, g.tables) != nil {
		return true
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		if !c.unique(t.Rows) && isReference(c) && rank(c.Name) < len(customerWords) {
			return true
		}
	}
	return false
}

// refersToOther finds a column that holds the key of another table.
func refersToOther(t *Table, tables []*Table) *Column {
	for _, other := range tables {
		key := keyOf(other)
		if other == t || key == nil {
			continue
		}
		for i := range t.Columns {
			c := &t.Columns[i]
			if !c.unique(t.Rows) && matches(c, other.Name, key) {
				return c
			}
		}
	}
	return nil
}

// referredTo reports whether another table holds keys of t.
func referredTo(t *Table, tables []*Table) bool {
	key := keyOf(t)
	if key == nil {
		return false
	}
	for _, other := range tables {
		if other == t {
			continue
		}
		for i := range other.Columns {
			c := &other.Columns[i]
			if !c.unique(other.Rows) && matches(c, t.Name, key) {
				return true
			}
		}
	}
	return false
}

// matches reports whether a column is called like the key of a table and is
// of its type.
func matches(c *Column, table string, key *Column) bool {
	if c.Type.Kind != key.Type.Kind {
		return false
	}
	name, own, k := plain(c.Name), plain(singular(table)), plain(key.Name)
	if name == k && k != "id" && k != "key" && k != "name" {
		return true
	}
	return name == own+"id" || name == own+"key" || name == own+"code" || name == own
}

func isReference(c *Column) bool {
	name := plain(c.Name)
	return (c.Type.Kind == value.Int || c.Type.Kind == value.Text || c.Type.Kind == value.Float) &&
		(strings.HasSuffix(name, "id") || strings.HasSuffix(name, "key") || strings.HasSuffix(name, "no") || strings.HasSuffix(name, "code") || strings.HasPrefix(name, "ma"))
}

// universe makes an entity of the keys that facts mention, when no table
// holds customers.
func (g *guesser) universe() {
	if len(g.out.Entities) > 0 && rank(g.out.Entities[0].Name) < len(customerWords) {
		return
	}
	var e *Entity
	for _, t := range g.tables {
		if g.taken[t] {
			continue
		}
		for i := range t.Columns {
			c := &t.Columns[i]
			if !isReference(c) || rank(c.Name) == len(customerWords) || c.unique(t.Rows) {
				continue
			}
			if e == nil {
				e = &Entity{Name: customerWords[rank(c.Name)], Key: c}
				if rank(c.Name) == 2 || rank(c.Name) == 3 {
					e.Name = "customer"
				}
			}
			if c.Type.Kind == e.Key.Type.Kind {
				e.Universe = append(e.Universe, t.Name)
				break
			}
		}
	}
	if e != nil {
		g.out.Entities = append([]*Entity{e}, g.out.Entities...)
	}
}

// facts are the tables that belong to an entity.
func (g *guesser) facts() {
	for _, t := range g.tables {
		if g.taken[t] {
			continue
		}
		f := &Fact{Name: t.Name, Table: t, At: timeOf(t), Key: factKey(t)}
		for _, e := range g.out.Entities {
			if f.By = g.reference(t, e); f.By != nil {
				f.Of = e
				break
			}
		}
		if f.Of == nil {
			g.out.Unclear = append(g.out.Unclear, t)
			continue
		}
		g.out.Facts = append(g.out.Facts, f)
	}
	g.items()
}

// items are rows of a customer's fact rather than of what it is about: the
// lines of an order belong to the order, not to the product.
func (g *guesser) items() {
	if len(g.out.Entities) == 0 {
		return
	}
	first := g.out.Entities[0]
	for _, f := range g.out.Facts {
		if f.Of == first {
			continue
		}
		for _, owner := range g.out.Facts {
			if owner.Of != first || owner.Key == nil {
				continue
			}
			for i := range f.Table.Columns {
				c := &f.Table.Columns[i]
				if plain(c.Name) == plain(owner.Key.Name) && c.Type.Kind == owner.Key.Type.Kind && !c.unique(f.Table.Rows) {
					f.Of, f.Items, f.By = nil, owner, c
				}
			}
			if f.Items != nil {
				break
			}
		}
	}
}

func factKey(t *Table) *Column {
	for i := range t.Columns {
		if c := &t.Columns[i]; c.unique(t.Rows) && isReference(c) {
			return c
		}
	}
	return nil
}

// reference finds the column of t that holds the key of e.
func (g *guesser) reference(t *Table, e *Entity) *Column {
	for i := range t.Columns {
		c := &t.Columns[i]
		switch {
		case e.Table == nil && plain(c.Name) == plain(e.Key.Name) && c.Type.Kind == e.Key.Type.Kind:
			return c
		case e.Table != nil && e.Table != t && matches(c, e.Table.Name, e.Key):
			return c
		}
	}
	return nil
}

// timeOf is the column that most likely says when a row happened.
func timeOf(t *Table) *Column {
	var best *Column
	score := 0
	for i := range t.Columns {
		c := &t.Columns[i]
		if !c.Type.Temporal() || 2*c.Missing > t.Rows {
			continue
		}
		s, name := 2, plain(c.Name)
		for _, w := range []string{"orderdate", "invoicedate", "createdat", "purchase", "occurred", "timestamp", "eventtime"} {
			if strings.Contains(name, w) {
				s = 5
			}
		}
		if name == "at" || name == "ts" || name == "date" || name == "time" || name == "ngay" {
			s = 6
		}
		if strings.Contains(name, "birth") || strings.Contains(name, "ship") || strings.Contains(name, "required") || strings.Contains(name, "stock") {
			s = 1
		}
		if s > score {
			best, score = c, s
		}
	}
	return best
}

// links finds, in every table, columns that hold keys of other entities.
func (g *guesser) links() {
	for _, e := range g.out.Entities {
		if e.Table != nil {
			e.Links = g.linksOf(e.Table, e)
		}
	}
	for _, f := range g.out.Facts {
		f.Links = g.linksOf(f.Table, f.Of)
	}
}

func (g *guesser) linksOf(t *Table, own *Entity) []Link {
	var links []Link
	for _, e := range g.out.Entities {
		if e == own || e.Table == nil {
			continue
		}
		if c := g.reference(t, e); c != nil && column(t, e.Name) == nil {
			links = append(links, Link{e.Name, e, c})
		}
	}
	return links
}

func column(t *Table, name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// plain is a name without case, accents, spaces and punctuation.
func plain(s string) string {
	var b strings.Builder
	for _, r := range fold(s) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// singular is the name of one row of a table: customers → customer.
func singular(name string) string {
	lower := strings.ToLower(name)
	switch {
	case strings.HasSuffix(lower, "ies"):
		return name[:len(name)-3] + "y"
	case strings.HasSuffix(lower, "sses"), strings.HasSuffix(lower, "xes"):
		return name[:len(name)-2]
	case strings.HasSuffix(lower, "s") && !strings.HasSuffix(lower, "ss") && !strings.HasSuffix(lower, "us"):
		return name[:len(name)-1]
	default:
		return name
	}
}
