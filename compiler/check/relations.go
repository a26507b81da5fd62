package check

import (
	"strings"

	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// relBuild is a relation while it is being built.
type relBuild struct {
	rel    *ir.Relation
	cat    *catalog.Relation
	entity *catalog.Entity // or
	fact   *catalog.Fact
	// raw are the columns of the source; nil when there is no source, and
	// open when nothing is known of it.
	raw   []SourceColumn
	open  bool
	state int  // 0 new, 1 being completed, 2 done
	owned bool // owner and time are worked out
}

// relations builds every entity and fact of the catalog: first the columns
// of the sources, then how rows lead to one another, then what is computed.
func (c *checker) relations() {
	b := &builder{checker: c, of: map[*catalog.Relation]*relBuild{}}
	for _, e := range c.in.Catalog.Entities {
		b.add(&relBuild{rel: &ir.Relation{Name: e.Name.Text, Entity: true, At: e.Name.Span}, cat: &e.Relation, entity: e})
	}
	for _, f := range c.in.Catalog.Facts {
		b.add(&relBuild{rel: &ir.Relation{Name: f.Name.Text, At: f.Name.Span}, cat: &f.Relation, fact: f})
	}
	for _, r := range b.all {
		b.blame(r)
		b.describe(r)
	}
	for _, r := range b.all {
		b.columns(r)
	}
	for _, derived := range []bool{false, true} {
		for _, r := range b.all {
			if r.cat.From == nil {
				b.links(r, derived)
			}
		}
	}
	for _, r := range b.all {
		b.complete(r)
	}
	b.loops()
}

type builder struct {
	*checker
	all []*relBuild
	of  map[*catalog.Relation]*relBuild
}

func (b *builder) add(r *relBuild) {
	b.all = append(b.all, r)
	b.of[r.cat] = r
	b.proj.Relations = append(b.proj.Relations, r.rel)
}

// blame keeps what an entity or fact lacks from being reported where the
// catalog has an error in it.
func (b *builder) blame(r *relBuild) {
	if b.blamed(r.cat.Span) {
		b.blind[r.rel] = true
	}
}

// describe asks for the columns of the source.
func (b *builder) describe(r *relBuild) {
	s := r.cat.Source
	if s == nil {
		return
	}
	src := &ir.Source{At: s.Span, Path: s.Path.Text, Table: s.Table.Text, SQL: s.SQL.Text, Format: string(s.Format),
		Kind: map[catalog.SourceKind]string{catalog.SourceFile: "file", catalog.SourceTable: "table", catalog.SourceSQL: "sql"}[s.Kind]}
	if s.Kind == catalog.SourceFile && (s.Format == catalog.CSVFormat || s.Format == catalog.TSVFormat) {
		src.Delimiter, src.Quote, src.Encoding, src.Header = s.CSV.Delimiter, s.CSV.Quote, s.CSV.Encoding, &s.CSV.Header
	}
	r.rel.Source = src
	if b.in.Columns == nil {
		r.open = true
		return
	}
	cols, problem := b.in.Columns(src, declaredTypes(r.cat))
	if problem != nil {
		problem.Span = s.Span
		b.diags = append(b.diags, *problem)
		r.open, b.blind[r.rel] = true, true
		return
	}
	r.raw = cols
}

// declaredTypes are the types the catalog gives, by column of the source. A
// time is left out: whether it carries a zone, the data says.
func declaredTypes(r *catalog.Relation) map[string]value.Type {
	m := map[string]value.Type{}
	put := func(col string, t value.Type, declared bool) {
		if declared && t.Kind != value.Time && t.Kind != value.Place {
			m[col] = t
		}
	}
	for _, a := range r.Attributes {
		put(a.Column.Text, a.Type, a.Declared)
	}
	for _, k := range r.Key {
		put(k.Column.Text, k.Type, k.Declared)
	}
	return m
}

func (r *relBuild) rawType(col string) (value.Type, bool) {
	for _, c := range r.raw {
		if c.Name == col {
			return c.Type, true
		}
	}
	return value.Type{}, false
}

// columns makes the columns that are read from the source.
func (b *builder) columns(r *relBuild) {
	if r.rel.Source == nil {
		if r.entity != nil && len(r.entity.Universe) > 0 {
			b.universeKey(r)
		}
		return
	}
	used := map[string]bool{}
	for _, a := range r.cat.Attributes {
		col := b.attribute(r, a)
		if col == nil {
			b.lose(r.rel, a.Name.Text)
			used[a.Column.Text] = true
			continue
		}
		used[col.Raw] = true
		r.rel.Columns = append(r.rel.Columns, col)
	}
	for _, raw := range r.raw {
		if used[raw.Name] || r.rel.Column(raw.Name) != nil || r.cat.Field(raw.Name) != nil {
			continue
		}
		t, declared := raw.Type, false
		for _, k := range r.cat.Key {
			if k.Column.Text == raw.Name && k.Declared {
				t, declared = k.Type, true
			}
		}
		r.rel.Columns = append(r.rel.Columns, &ir.ColumnDef{Name: raw.Name, Type: t, Raw: raw.Name, RawType: raw.Type, NFC: true, Declared: declared, At: r.rel.Source.At})
	}
	for _, k := range r.cat.Key {
		b.keyColumn(r, k)
	}
	b.entityKey(r)
}

// keyColumn finds or makes the column of a key.
func (b *builder) keyColumn(r *relBuild, k *catalog.KeyColumn) {
	col := r.rel.Column(k.Column.Text)
	if col == nil {
		for _, other := range r.rel.Columns {
			if other.Raw == k.Column.Text {
				col = other
			}
		}
	}
	if col == nil && r.open {
		t := value.Of(value.Text)
		if k.Declared {
			t = k.Type
		}
		col = &ir.ColumnDef{Name: k.Column.Text, Raw: k.Column.Text, Type: t, RawType: t, NFC: true, At: k.Column.Span}
		r.rel.Columns = append(r.rel.Columns, col)
	}
	if col == nil {
		if r.fact != nil && r.cat.Field(k.Column.Text) != nil {
			return // a computed key, set once fields are known
		}
		b.missingColumn(r, k.Column.Text, k.Column.Span)
		return
	}
	if k.Declared && !col.Declared {
		col.Type, col.Declared = k.Type, true
	}
	if r.rel.Key == nil {
		r.rel.Key = col
	}
}

func (b *builder) entityKey(r *relBuild) {
	key := r.rel.Key
	if !r.rel.Entity || key == nil {
		return
	}
	key.NotNull = true
	switch key.Type.Kind {
	case value.Int, value.Text, value.Date:
		return
	case value.Decimal:
		if key.Type.Scale == 0 {
			return
		}
	}
	if len(r.cat.Key) > 0 && r.cat.Key[0].Declared && b.blind[r.rel] {
		return // the catalog has said so
	}
	name := key.Raw
	if name == "" {
		name = key.Name
	}
	d := b.diags.Errorf(columnMisfit, key.At, "the key %s of %s is %s and cannot name rows", key.Name, r.rel.Name, article(key.Type))
	if len(r.cat.Key) > 0 {
		d.Span = r.cat.Key[0].Column.Span
	}
	d.Help = "declare what it holds: key: {column: " + yamlText(name) + ", type: int} (13085.0 then reads 13085) or type: text"
}

// yamlText quotes a column name for YAML where it must be.
func yamlText(s string) string {
	for _, r := range s {
		if r == ' ' || r == ':' || r == '#' || r == '"' {
			return `"` + s + `"`
		}
	}
	return s
}

// degrees makes the column of one coordinate of a place; what is off the
// globe is missing.
func (b *builder) degrees(r *relBuild, place *ir.ColumnDef, n catalog.Name, most int64) *ir.ColumnDef {
	raw, ok := r.rawType(n.Text)
	if !ok {
		raw = value.Of(value.Float)
	}
	lo, hi := value.NewFloat(float64(-most)), value.NewFloat(float64(most))
	col := &ir.ColumnDef{Name: place.Name + "." + n.Text, Type: value.Of(value.Float), Raw: n.Text, RawType: raw, Internal: true,
		At: n.Span, PII: place.PII, Min: &lo, Max: &hi}
	r.rel.Columns = append(r.rel.Columns, col)
	return col
}

// attribute makes a declared column.
func (b *builder) attribute(r *relBuild, a *catalog.Attribute) *ir.ColumnDef {
	col := &ir.ColumnDef{Name: a.Name.Text, Type: a.Type, At: a.Name.Span, Raw: a.Column.Text, Declared: a.Declared,
		Trim: a.Trim, NFC: true, EmptyMissing: a.Empty, Separator: a.Separator.Text, PII: a.PII}
	if a.Type.Kind == value.Place && a.Declared {
		col.Raw, col.Lat, col.Lon = "", a.Lat.Text, a.Lon.Text
		for _, n := range []catalog.Name{a.Lat, a.Lon} {
			if _, ok := r.rawType(n.Text); !ok && !r.open {
				b.missingColumn(r, n.Text, n.Span)
			}
		}
		col.LatCol, col.LonCol = b.degrees(r, col, a.Lat, 90), b.degrees(r, col, a.Lon, 180)
		return col
	}
	raw, ok := r.rawType(a.Column.Text)
	switch {
	case !ok && !r.open:
		b.missingColumn(r, a.Column.Text, a.Column.Span)
		return nil
	case !ok && !a.Declared:
		col.Type = value.Type{} // using it is an error, see untyped
		return col
	case !ok:
		raw = a.Type
		if raw.Kind == value.Time {
			raw = value.Of(value.Wall)
		}
	}
	if !a.Declared {
		col.Type = raw
		if raw.Kind == value.Missing {
			col.Type = value.Of(value.Text)
		}
	} else if a.Type.Kind == value.Time && raw.Kind != value.Time {
		col.Type = value.Of(value.Wall)
	}
	col.RawType = raw
	if !convertibleColumn(raw, col.Type) {
		b.diags.Errorf(columnMisfit, a.TypeSpan, "column %s of %s is %s and cannot be read as %s", a.Column.Text, r.rel.Name, article(raw), col.Type).
			Help = "declare the type it has: " + raw.String()
		return nil
	}
	col.Min, col.Max = b.bound(a.Min, col.Type), b.bound(a.Max, col.Type)
	return col
}

func (b *builder) bound(x *catalog.Bound, t value.Type) *value.Value {
	if x == nil {
		return nil
	}
	v, ok := value.Parse(t, strings.ReplaceAll(x.Text, "_", "")) // 200_000, as in definitions
	if !ok {
		return nil // the catalog has said so
	}
	return &v
}

// convertibleColumn reports whether any value of a column of type from could
// be read as to. Text can be anything; what does not fit is missing.
func convertibleColumn(from, to value.Type) bool {
	switch {
	case from.Kind == value.Missing, from.Kind == value.Text, from.Kind == value.JSON, from.Kind == to.Kind:
		return true
	case from.Numeric():
		return to.Numeric() || to.Kind == value.Text || from.Kind == value.Int && (to.Kind == value.Version || to.Kind == value.Bool)
	case from.Temporal():
		return to.Temporal() || to.Kind == value.Text
	default:
		return to.Kind == value.Text && from.Kind == value.Bool
	}
}

func (b *builder) missingColumn(r *relBuild, name string, span source.Span) {
	if b.blind[r.rel] {
		return
	}
	d := b.diags.Errorf(noColumn, span, "the source of %s has no column %q", r.rel.Name, name)
	names := columnNames(r.rel)
	if r.raw != nil {
		names = nil
	}
	for _, c := range r.raw {
		names = append(names, c.Name)
	}
	if s := diag.Suggest(name, names); s != "" {
		d.Help = `did you mean "` + s + `"?`
		d.Edits = []diag.Edit{{Span: span, Text: yamlText(s)}}
		return
	}
	d.Help = "its columns: " + listNames(names)
	if r.raw == nil {
		d.Help += "; without data, only what catalog.yaml declares is known"
	}
}

// universeKey gives an entity without a table the key its facts use.
func (b *builder) universeKey(r *relBuild) {
	col := &ir.ColumnDef{Name: "id", NotNull: true, At: r.cat.Name.Span}
	if len(r.cat.Key) > 0 {
		k := r.cat.Key[0]
		col.Name, col.At = k.Column.Text, k.Column.Span
		if k.Declared {
			col.Type, col.Declared = k.Type, true
		}
	}
	for _, u := range r.entity.Universe {
		if col.Declared {
			break
		}
		if t, ok := b.universeType(u); ok {
			col.Type = t
			break
		}
	}
	if col.Type.Kind == value.Missing {
		col.Type = value.Of(value.Text)
	}
	r.rel.Key, r.rel.Columns = col, []*ir.ColumnDef{col}
	b.entityKey(r)
}

// universeType is the type of the keys that a part of a universe gives.
func (b *builder) universeType(u *catalog.UniverseRef) (value.Type, bool) {
	ref := b.of[u.Ref.Relation()]
	if ref == nil {
		return value.Type{}, false
	}
	name := u.Column.Text
	for ref.cat.From != nil && ref.cat.Attribute(name) == nil && b.of[ref.cat.From.Relation()] != nil {
		if name == "" && ref.fact != nil && ref.fact.By != nil {
			break
		}
		ref = b.of[ref.cat.From.Relation()]
	}
	if name == "" && ref.fact != nil && ref.fact.By != nil {
		name = ref.fact.By.Column
	}
	if a := ref.cat.Attribute(name); a != nil {
		if a.Declared {
			return a.Type, true
		}
		name = a.Column.Text
	}
	return ref.rawType(name)
}
