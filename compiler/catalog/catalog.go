package catalog

import (
	"time"

	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/source"
)

// Name is a piece of text as the author wrote it, with its place. The zero
// Name stands for "not given".
type Name struct {
	Text string
	Span source.Span
}

// IsZero reports whether the author gave nothing.
func (n Name) IsZero() bool { return n.Text == "" && n.Span.IsZero() }

// Catalog is one decoded catalog.yaml. Order is that of the file.
type Catalog struct {
	File     *source.File
	Comments []ast.Comment // every comment, in order

	Version int // of the file format; 1 when not given
	Edition int // of the language; 1 when not given

	Timezone   Name
	Location   *time.Location // of Timezone; UTC after an error
	WeekStarts time.Weekday   // Monday when not given

	// AsOf fixes the instant of every run over data that does not grow:
	// *ast.Date, *ast.Time or nil.
	AsOf ast.Expr
	// Database is a DuckDB file attached read-only; `source: {table: T}` may
	// name its tables. Zero when not given.
	Database Name

	Entities []*Entity // the first is the default of every definition
	Facts    []*Fact
	Channels []*Channel
}

// Entity finds an entity, nil if there is none of this name.
func (c *Catalog) Entity(name string) *Entity {
	for _, e := range c.Entities {
		if e.Name.Text == name {
			return e
		}
	}
	return nil
}

// Fact finds a fact, nil if there is none of this name.
func (c *Catalog) Fact(name string) *Fact {
	for _, f := range c.Facts {
		if f.Name.Text == name {
			return f
		}
	}
	return nil
}

// Relation finds the rows of an entity or fact: both share one namespace.
func (c *Catalog) Relation(name string) *Relation {
	if e := c.Entity(name); e != nil {
		return &e.Relation
	}
	if f := c.Fact(name); f != nil {
		return &f.Relation
	}
	return nil
}

// Default is the entity that definitions without `of` are about; nil in a
// catalog with errors only.
func (c *Catalog) Default() *Entity {
	if len(c.Entities) == 0 {
		return nil
	}
	return c.Entities[0]
}

// Relation is what entities and facts have in common: named rows that come
// from a source or are derived from another relation.
type Relation struct {
	Name        Name
	Span        source.Span // of name and body
	Title       Name
	Description Name
	Deprecated  Name // what to use instead; zero: may be used

	// Exactly one of Source, From and Entity.Universe is given; after an
	// error there may be none.
	Source *Source
	From   *Ref

	Where   ast.Expr    // nil: every row
	GroupBy []*GroupKey // only with From
	Fields  []*Field    // computed columns, in order

	Attributes []*Attribute // typing of the source's columns, in order
	BelongsTo  []*Lookup

	// Key names the columns that tell rows apart. An entity has one column;
	// a fact may have several or none.
	Key []*KeyColumn
}

// Attribute finds a declared attribute by name, else nil.
func (r *Relation) Attribute(name string) *Attribute {
	for _, a := range r.Attributes {
		if a.Name.Text == name {
			return a
		}
	}
	return nil
}

// Field finds a computed field by name, else nil.
func (r *Relation) Field(name string) *Field {
	for _, f := range r.Fields {
		if f.Name.Text == name {
			return f
		}
	}
	return nil
}

// Lookup finds a belongs_to by name, else nil.
func (r *Relation) Lookup(name string) *Lookup {
	for _, l := range r.BelongsTo {
		if l.Name.Text == name {
			return l
		}
	}
	return nil
}

// Entity is something that can be a member of a segment.
type Entity struct {
	Relation
	Universe   []*UniverseRef
	Exists     *Exists // nil: not historised
	Duplicates *Duplicates
}

// Fact is something that happened to, or is linked with, an entity.
type Fact struct {
	Relation
	Of *Ref  // owner: an entity or another fact; nil when inherited by From
	By *Cell // how a row finds its owner; nil when inherited by From

	// At is when a row happened; nil: inherited by From or from the owning
	// fact, else the fact has no time.
	At *Cell
	// KnownAt is when a row became known; nil means At.
	KnownAt     *Cell
	KnownAlways bool // known_at: always
}

// Ref names another entity or fact of the catalog. Exactly one of Entity
// and Fact is set, none after an error.
type Ref struct {
	Name
	Entity *Entity
	Fact   *Fact
}

// Relation is what the reference points to, nil after an error.
func (r *Ref) Relation() *Relation {
	switch {
	case r == nil:
		return nil
	case r.Entity != nil:
		return &r.Entity.Relation
	case r.Fact != nil:
		return &r.Fact.Relation
	default:
		return nil
	}
}

// SourceKind is where rows come from.
type SourceKind uint8

// Kinds of source. The zero kind is invalid.
const (
	SourceFile  SourceKind = iota + 1 // Path
	SourceTable                       // Table
	SourceSQL                         // SQL
)

// Source is where the rows of a relation come from.
type Source struct {
	Kind  SourceKind
	Span  source.Span
	Path  Name // slash-separated, relative to the catalog; may hold * ? [ ] **
	Table Name // as the engine spells it, dots between schema and table
	SQL   Name // a query of the engine, opaque to segql

	Format Format // files only
	CSV    CSV    // csv and tsv only
}

// Format is how a file is written.
type Format string

// Formats of files.
const (
	CSVFormat     Format = "csv"
	TSVFormat     Format = "tsv"
	JSONFormat    Format = "json"
	JSONLFormat   Format = "jsonl"
	ParquetFormat Format = "parquet"
)

// CSV says how a csv or tsv file is written. Parse fills in the defaults:
// quote `"`, header, UTF-8; the delimiter of a csv file is found out from the
// file.
type CSV struct {
	Delimiter string // one character; "" in csv: look at the file
	Quote     string // one character, or "" for no quoting
	Encoding  string // "utf-8", "utf-16" or "latin-1"
	Header    bool
	Missing   []string // texts that stand for a missing value
}

// Cell is what a row holds: a column or an expression over columns.
type Cell struct {
	Span source.Span
	// Column is set when a column was named, in the source's own spelling;
	// Expr then is the path to it.
	Column string
	Expr   ast.Expr // never nil
}

// KeyColumn is one column of a key.
type KeyColumn struct {
	Column   Name
	Type     value.Type
	Declared bool // Type was given
}

// GroupKey is one part of group_by. Name is the plain column's name or the
// name the author gave; empty for an unnamed expression.
type GroupKey struct {
	Name Name
	Expr ast.Expr
}

// Attribute types one column. The zero value of each property means that
// the author did not give it.
type Attribute struct {
	Name        Name
	Span        source.Span // of name and body
	Title       Name
	Description Name
	Deprecated  Name // what to use instead; zero: may be used

	Column Name // of the source; Parse sets it to Name when not given
	// Type is the declared type. `time` is value.Time here; whether the
	// column holds instants or wall-clock times, its source says.
	Type     value.Type
	TypeSpan source.Span
	Declared bool // Type was given; else the source decides

	Values    []Name // declared values; also in Type.Values
	Min, Max  *Bound
	Empty     bool // empty: missing, an empty text is missing
	PII       bool
	Normalize string // "nfc" or ""
	Trim      bool
	Separator Name // list<…>: what stands between elements
	Lat, Lon  Name // place: columns
}

// Bound is a limit as written; the type of its attribute decides how it reads.
type Bound struct {
	Text string
	Span source.Span
}

// Field is a computed column. Its Attribute part carries the declared type
// and other properties; Column is the source column in the form
// `name: {column: X}`, and Expr is then the path to it.
type Field struct {
	Attribute
	Expr ast.Expr // never nil
}

// Exists bounds the time a row counts: from <= as_of < to, a missing bound
// being open.
type Exists struct {
	Span     source.Span
	From, To *Cell // To may be nil
}

// Duplicates is `first by COLUMN`: of the rows with one key, the one with
// the smallest COLUMN stays.
type Duplicates struct {
	Span source.Span
	By   *Cell
}

// Lookup is one belongs_to: a row's way to one row of an entity.
type Lookup struct {
	Name    Name
	Span    source.Span // of name and body
	Entity  Ref
	By      *Cell
	Reverse Name // name of the way back; zero: none
	// Deprecated says what to use instead, of both ways; zero: may be used.
	Deprecated Name
}

// UniverseRef is one part of a universe: every distinct known owner key of
// a fact (`receipts`) or value of a column (`demographics.household_id`).
type UniverseRef struct {
	Span   source.Span
	Ref    Ref
	Column Name // zero: the fact's owner key
}

// Channel is a way to reach a person and the condition for it.
type Channel struct {
	Name Name
	Span source.Span
	When ast.Expr
}
