package ir

import (
	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/source"
)

// Project is everything a folder of definitions says, checked.
type Project struct {
	Calendar  *calendar.Calendar
	Zone      string      // IANA name
	AsOf      *int64      // instant fixed by the catalog, if any
	Relations []*Relation // in order of the catalog
	Segments  []*Segment  // sorted by name; branches of splits as "split.branch"
	Traits    map[string]*TraitDef
	Channels  []*Channel // in order of the catalog
}

// Channel finds a channel by name.
func (p *Project) Channel(name string) *Channel {
	for _, c := range p.Channels {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Relation is an entity or a fact: a table with typed columns.
type Relation struct {
	Name   string
	Entity bool
	Record bool        // the element of a list of records, see ListCount
	At     source.Span // where the catalog declares it

	// Rows come from exactly one of Source, From or Universe.
	Source   *Source
	From     *Relation
	GroupBy  []Expr // with From: one row a group, expressions over From's rows
	Universe []UniverseRef

	Where   Expr // a row counts when it holds; in scope of this relation's own columns
	Columns []*ColumnDef
	Key     *ColumnDef // entity: identity; fact: breaks ties, may be nil
	// KeyRest are the further columns of a fact's key, which break ties of Key.
	KeyRest []*ColumnDef
	Dedup   Expr // entity: of rows with one key the first by this counts; nil: an error

	Owner    *Lookup    // fact: to whom a row belongs
	Time     *ColumnDef // fact: when it happened; nil: no time
	KnownAt  Expr       // when it became known; nil: Time
	Always   bool       // known_at: always
	Exists   *Exists    // entity
	Lookups  []*Lookup  // to-one, Owner first for facts
	Reverses []*Reverse // to-many, named by the catalog
}

// Source says where rows are read from.
type Source struct {
	Kind                       string // "file", "table", "sql"
	Path, Table, SQL           string
	Format                     string // csv tsv json jsonl parquet
	Delimiter, Quote, Encoding string
	Header                     *bool
	At                         source.Span
}

// UniverseRef is one place where the keys of an entity without table occur:
// the owner of a fact, or a column of a relation.
type UniverseRef struct {
	Rel *Relation
	Key Expr // in scope of Rel
}

// ColumnDef is one column of a relation. Exactly one of Raw and Def is set,
// except for columns inherited through From, which have Base.
type ColumnDef struct {
	Name string
	Type value.Type
	At   source.Span

	Raw     string     // column of the source
	RawType value.Type // as the source has it
	Def     Expr       // computed; over this relation's columns, or From's rows for a group
	Base    *ColumnDef // the same column of From

	Lat, Lon string // Place: two source columns
	// LatCol and LonCol are what a Place is kept as, in degrees.
	LatCol, LonCol *ColumnDef
	Trim, NFC      bool
	EmptyMissing   bool
	Separator      string // list in one text cell
	PII            bool
	Min, Max       *value.Value
	NotNull        bool // never missing: keys, group keys
	Internal       bool // made by the checker (the key of a lookup); no name in the language
	Declared       bool // the catalog gives its type
}

// Lookup leads from a row of From to at most one row of To: To.Key = By.
type Lookup struct {
	Name string
	From *Relation
	To   *Relation
	By   Expr // in scope From, of the type of To's key
	At   source.Span
}

// Reverse leads from a row of its relation to the many rows of Lookup.From.
type Reverse struct {
	Name   string
	Lookup *Lookup
}

// Exists bounds the time in which a row of an entity counts: From <= as_of < To.
type Exists struct{ From, To Expr }

// Keys are the columns of the key in order; none where there is no key.
func (r *Relation) Keys() []*ColumnDef {
	if r.Key == nil {
		return nil
	}
	return append([]*ColumnDef{r.Key}, r.KeyRest...)
}

// PersonalKey reports whether the keys of a relation are about persons, and are
// not shown: its own column says so or, of an entity without a source, one of
// those where its keys occur.
func PersonalKey(r *Relation) bool {
	if r.Key == nil || r.Key.PII {
		return true
	}
	for _, u := range r.Universe {
		pii := false
		Walk(u.Key, func(x Expr) bool {
			c, ok := x.(*Column)
			pii = pii || ok && c.Col.PII
			return true
		})
		if pii {
			return true
		}
	}
	return false
}

// Column finds a column by name.
func (r *Relation) Column(name string) *ColumnDef {
	for _, c := range r.Columns {
		if c.Name == name && !c.Internal {
			return c
		}
	}
	return nil
}

// Lookup finds a to-one lookup by name.
func (r *Relation) Lookup(name string) *Lookup {
	for _, l := range r.Lookups {
		if l.Name == name {
			return l
		}
	}
	return nil
}

// Reverse finds the way back by name.
func (r *Relation) Reverse(name string) *Reverse {
	for _, v := range r.Reverses {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// Relation finds an entity or fact by name.
func (p *Project) Relation(name string) *Relation {
	for _, r := range p.Relations {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// Segment finds a segment by its full name.
func (p *Project) Segment(name string) *Segment {
	for _, s := range p.Segments {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Segment is one group of rows of an entity.
type Segment struct {
	Name    string // "big_spenders", "lifecycle.loyal"
	Entity  *Relation
	Meta    Meta
	Where   Expr
	Split   string // name of the split it is a branch of, or ""
	Expects []Expect
	At      source.Span // of the name
	Decl    source.Span // of the whole declaration
}

// Meta is what a definition says about itself.
type Meta struct {
	Title, Description, Owner, Goal string
	Tags, Channels                  []string
	Priority                        int    // 1 first; 0: none given
	ValidFrom, ValidUntil           *int64 // days; both ends in
	Deprecated                      string // what to use instead; "": may be used
}

// TraitDef is a named value of an entity.
type TraitDef struct {
	Name   string
	Entity *Relation
	X      Expr
	At     source.Span
}
