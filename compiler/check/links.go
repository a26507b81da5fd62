package check

import (
	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/source"
)

// links works out how the rows of a sourced relation lead to others: owner,
// time and lookups. Those that lead to sources come first, for they may be
// needed to complete the derived relations that the others lead to.
func (b *builder) links(r *relBuild, derived bool) {
	if r.fact != nil && b.ownedByDerived(r) == derived {
		b.ownerAndTime(r)
	}
	for _, l := range r.cat.BelongsTo {
		if to := l.Entity.Relation(); (to != nil && to.From != nil) == derived {
			b.lookup(r, l)
		}
	}
}

// ownerAndTime works out to whom a row belongs and when it happened, once, and
// of its owner before, whose time it may have.
func (b *builder) ownerAndTime(r *relBuild) {
	if r.owned {
		return
	}
	r.owned = true
	if to := b.of[r.fact.Of.Relation()]; to != nil && to.fact != nil && to.cat.From == nil {
		b.ownerAndTime(to)
	}
	b.owner(r, r.fact)
	b.time(r, r.fact)
}

// ownedByDerived reports whether one of the owners of a fact is derived.
func (b *builder) ownedByDerived(r *relBuild) bool {
	for range b.all { // as many steps as there are relations, for a circle of owners
		if r == nil || r.fact == nil {
			return false
		}
		to := r.fact.Of.Relation()
		if to != nil && to.From != nil {
			return true
		}
		r = b.of[to]
	}
	return false
}

func (b *builder) owner(r *relBuild, f *catalog.Fact) {
	to := b.of[f.Of.Relation()]
	if to == nil || f.By == nil {
		return // the catalog has said so
	}
	key := b.targetKey(to, f.Of.Span)
	if key == nil {
		return
	}
	by := b.keyCell(r, f.By, key.Type)
	if by == nil {
		return
	}
	r.rel.Owner = &ir.Lookup{Name: to.rel.Name, From: r.rel, To: to.rel, By: by, At: f.By.Span}
	r.rel.Lookups = append(r.rel.Lookups, r.rel.Owner)
}

// targetKey is the column rows are looked up by; a fact of a fact needs one.
func (b *builder) targetKey(to *relBuild, at source.Span) *ir.ColumnDef {
	if to.rel.Key == nil && to.cat.From != nil {
		b.complete(to)
	}
	if n := max(len(to.cat.Key), len(to.rel.Keys())); n > 1 {
		b.diags.Errorf(noColumn, at, "the key of %s has %d columns, so no row can belong to it by one", to.rel.Name, n).
			Help = "make one of them in `fields`, such as `line: concat(order_no, \"-\", line_no)`, and write `key: line`"
		return nil
	}
	if to.rel.Key != nil {
		return to.rel.Key
	}
	if len(to.cat.Key) == 0 && !to.rel.Entity && !b.blind[to.rel] {
		b.diags.Errorf(noColumn, at, "%s has no key, so no row can belong to it", to.rel.Name).
			Help = "declare `key:` for " + to.rel.Name
	}
	return nil
}

// keyCell reads the cell that holds another relation's key, as that type.
func (b *builder) keyCell(r *relBuild, cell *catalog.Cell, t value.Type) ir.Expr {
	if cell.Column == "" {
		return b.keyExpr(r, cell, t)
	}
	col := r.rel.Column(cell.Column)
	if col != nil && sameKeyKind(col.Type, t) {
		return &ir.Column{Loc: at(cell.Span), Col: col}
	}
	name := cell.Column
	if col != nil && col.Raw != "" {
		name = col.Raw
	}
	raw, ok := r.rawType(name)
	if !ok && r.cat.From != nil && col != nil && col.Base != nil {
		return b.inheritedKey(r, cell, t)
	}
	if !ok && !r.open {
		if r.cat.Field(cell.Column) != nil {
			return b.keyExpr(r, cell, t)
		}
		b.missingColumn(r, cell.Column, cell.Span)
		return nil
	}
	if !ok {
		raw = t
	}
	if !convertibleColumn(raw, t) {
		b.diags.Errorf(columnMisfit, cell.Span, "column %s is %s, the key it must match is %s", name, article(raw), article(t)).
			Help = "give both the same type in the catalog"
		return nil
	}
	key := value.Type{Kind: t.Kind, Prec: t.Prec, Scale: t.Scale}
	made := &ir.ColumnDef{Name: "by " + name, Raw: name, RawType: raw, Type: key, NFC: true, Internal: true, At: cell.Span}
	if col != nil {
		made.Trim, made.EmptyMissing = col.Trim, col.EmptyMissing
	}
	for _, other := range r.rel.Columns {
		if other.Internal && other.Name == made.Name && other.Type.Kind == key.Kind {
			return &ir.Column{Loc: at(cell.Span), Col: other}
		}
	}
	r.rel.Columns = append(r.rel.Columns, made)
	return &ir.Column{Loc: at(cell.Span), Col: made}
}

// inheritedKey reads a column of From as a key: there, since only its source
// has the cells.
func (b *builder) inheritedKey(r *relBuild, cell *catalog.Cell, t value.Type) ir.Expr {
	from := b.of[r.cat.From.Relation()]
	there, ok := b.keyCell(from, cell, t).(*ir.Column)
	if !ok {
		return nil
	}
	col := inherited(r.rel, there.Col)
	if col == nil {
		col = &ir.ColumnDef{Name: there.Col.Name, Type: there.Col.Type, Base: there.Col, Internal: true, NotNull: there.Col.NotNull, At: cell.Span}
		r.rel.Columns = append(r.rel.Columns, col)
	}
	return &ir.Column{Loc: at(cell.Span), Col: col}
}

func sameKeyKind(a, b value.Type) bool {
	return a.Kind == b.Kind && a.Scale == b.Scale
}

// keyExpr is a computed key; fields of the relation must be known by then.
func (b *builder) keyExpr(r *relBuild, cell *catalog.Cell, t value.Type) ir.Expr {
	b.fields(r)
	x := b.value(ownScope(r), cell.Expr)
	if x == nil {
		return nil
	}
	if !sameKeyKind(x.Type(), t) && !(x.Type().Exact() && t.Exact()) {
		b.diags.Errorf(columnMisfit, cell.Span, "this is %s, the key it must match is %s", article(x.Type()), article(t)).
			Help = "convert it with number(…) or text(…)"
		return nil
	}
	return x
}

// time is when a row happened.
func (b *builder) time(r *relBuild, f *catalog.Fact) {
	r.rel.Always = f.KnownAlways
	switch {
	case f.At != nil:
		if r.rel.Time = b.timeColumn(r, f.At, "at"); r.rel.Time == nil {
			b.lose(r.rel, "at")
		}
	case r.rel.Owner != nil && !r.rel.Owner.To.Entity && r.rel.Owner.To.Time != nil:
		owner := r.rel.Owner
		r.rel.Time = &ir.ColumnDef{Name: "at", Internal: true, Type: owner.To.Time.Type,
			Def: &ir.Follow{Loc: at(owner.At), By: owner, X: &ir.Column{Loc: at(owner.At), Col: owner.To.Time}}}
		r.rel.Columns = append(r.rel.Columns, r.rel.Time)
	}
	if f.KnownAt != nil {
		if col := b.timeColumn(r, f.KnownAt, "known_at"); col != nil {
			r.rel.KnownAt = &ir.Column{Loc: at(f.KnownAt.Span), Col: col}
		}
	}
}

// timeColumn reads a cell that must hold dates or times.
func (b *builder) timeColumn(r *relBuild, cell *catalog.Cell, what string) *ir.ColumnDef {
	if cell.Column != "" && r.cat.Field(cell.Column) == nil {
		col := r.rel.Column(cell.Column)
		if col == nil && r.open {
			col = &ir.ColumnDef{Name: cell.Column, Raw: cell.Column, Type: value.Of(value.Wall), RawType: value.Of(value.Wall), At: cell.Span}
			r.rel.Columns = append(r.rel.Columns, col)
		}
		if col == nil {
			b.missingColumn(r, cell.Column, cell.Span)
			return nil
		}
		if !col.Type.Temporal() {
			b.diags.Errorf(columnMisfit, cell.Span, "column %s is %s; %s needs dates or times", cell.Column, article(col.Type), what).
				Help = "declare it under attributes: " + yamlText(cell.Column) + ": {type: time}; times are written 2025-03-08 10:30:00"
			return nil
		}
		return col
	}
	b.fields(r)
	x := b.value(ownScope(r), cell.Expr)
	if x == nil {
		return nil
	}
	if !x.Type().Temporal() {
		b.diags.Errorf(columnMisfit, cell.Span, "this is %s; %s needs a date or a time", article(x.Type()), what).Help = "as in `" + what + ": date(created)`"
		return nil
	}
	col := &ir.ColumnDef{Name: what, Internal: true, Type: x.Type(), Def: x, At: cell.Span}
	r.rel.Columns = append(r.rel.Columns, col)
	return col
}

func (b *builder) lookup(r *relBuild, l *catalog.Lookup) {
	to := b.of[l.Entity.Relation()]
	if to == nil || l.By == nil {
		b.lose(r.rel, l.Name.Text) // the catalog has said so
		return
	}
	var by ir.Expr
	if key := b.targetKey(to, l.Entity.Span); key != nil {
		by = b.keyCell(r, l.By, key.Type)
	}
	if by == nil {
		b.lose(r.rel, l.Name.Text)
		b.lose(to.rel, l.Reverse.Text)
		return
	}
	out := &ir.Lookup{Name: l.Name.Text, From: r.rel, To: to.rel, By: by, At: l.Name.Span}
	r.rel.Lookups = append(r.rel.Lookups, out)
	if !l.Reverse.IsZero() {
		if to.rel.Reverse(l.Reverse.Text) != nil {
			return // the catalog has said so
		}
		if to.rel.Column(l.Reverse.Text) != nil && to.cat.Attribute(l.Reverse.Text) == nil && to.cat.Field(l.Reverse.Text) == nil {
			b.diags.Errorf(duplicateName, l.Reverse.Span, "%s already has %q", to.rel.Name, l.Reverse.Text).Help = "choose another name for the way back"
			return
		}
		to.rel.Reverses = append(to.rel.Reverses, &ir.Reverse{Name: l.Reverse.Text, Lookup: out})
	}
}

// ownScope is what the catalog's expressions about r read. A group that lacks
// its `from` is an error of the catalog, and its aggregates are none.
func ownScope(r *relBuild) scope {
	return scope{rel: r.rel, catalog: true, group: r.cat.From == nil && len(r.cat.GroupBy) > 0}
}

// complete checks what is computed: fields, where, existence; and builds
// derived relations from the ones they come from.
func (b *builder) complete(r *relBuild) {
	if r.state != 0 {
		return
	}
	r.state = 1
	defer func() { r.state = 2 }()
	if r.cat.From != nil {
		from := b.of[r.cat.From.Relation()]
		if from == nil {
			return
		}
		b.complete(from)
		r.rel.From = from.rel
		if len(r.cat.GroupBy) > 0 {
			b.grouped(r, from)
		} else {
			b.derived(r, from)
		}
	}
	for _, l := range r.rel.Lookups {
		for _, other := range b.all {
			if other.rel == l.To {
				b.complete(other)
			}
		}
	}
	b.fields(r)
	sc := ownScope(r)
	if len(r.rel.GroupBy) == 0 && r.cat.Where != nil {
		r.rel.Where = b.cond(sc, r.cat.Where)
	}
	if r.fact != nil {
		b.factKey(r)
	}
	if r.entity != nil {
		b.entityRest(r, sc)
	}
}

// factKey finds the columns of a fact's key, now that fields are known too.
func (b *builder) factKey(r *relBuild) {
	if len(r.cat.Key) == 0 {
		return
	}
	var keys []*ir.ColumnDef
	for _, k := range r.cat.Key {
		for _, c := range r.rel.Columns {
			if !c.Internal && (c.Name == k.Column.Text || c.Raw == k.Column.Text && r.rel.Column(k.Column.Text) == nil) {
				keys = append(keys, c)
				break
			}
		}
	}
	if len(keys) == len(r.cat.Key) { // else it was reported that one is not there
		r.rel.Key, r.rel.KeyRest = keys[0], keys[1:]
	}
}

func (b *builder) entityRest(r *relBuild, sc scope) {
	for _, u := range r.entity.Universe {
		if ref, ok := b.universeRef(u); ok {
			r.rel.Universe = append(r.rel.Universe, ref)
		}
	}
	if x := r.entity.Exists; x != nil {
		r.rel.Exists = &ir.Exists{From: b.timeCell(sc, x.From), To: b.timeCell(sc, x.To)}
	}
	if d := r.entity.Duplicates; d != nil && d.By != nil {
		r.rel.Dedup = b.value(sc, d.By.Expr)
	}
	if r.rel.Key == nil && r.rel.From != nil && r.rel.From.Entity {
		r.rel.Key = inherited(r.rel, r.rel.From.Key)
	}
}

func (b *builder) timeCell(sc scope, cell *catalog.Cell) ir.Expr {
	if cell == nil {
		return nil
	}
	x := b.value(sc, cell.Expr)
	if x != nil && !x.Type().Temporal() {
		b.diags.Errorf(columnMisfit, cell.Span, "this is %s; exists needs dates or times", article(x.Type())).
			Help = "declare the column {type: date} or {type: time}"
		return nil
	}
	return x
}

func (b *builder) universeRef(u *catalog.UniverseRef) (ir.UniverseRef, bool) {
	ref := b.of[u.Ref.Relation()]
	if ref == nil {
		return ir.UniverseRef{}, false
	}
	b.complete(ref)
	if u.Column.IsZero() {
		if ref.rel.Owner == nil {
			return ir.UniverseRef{}, false
		}
		return ir.UniverseRef{Rel: ref.rel, Key: ref.rel.Owner.By}, true
	}
	col := ref.rel.Column(u.Column.Text)
	if col == nil {
		b.missingColumn(ref, u.Column.Text, u.Column.Span)
		return ir.UniverseRef{}, false
	}
	return ir.UniverseRef{Rel: ref.rel, Key: &ir.Column{Loc: at(u.Span), Col: col}}, true
}

// fields adds the computed columns of a sourced or derived relation, once.
func (b *builder) fields(r *relBuild) {
	if len(r.rel.GroupBy) > 0 {
		return
	}
	for _, f := range r.cat.Fields {
		if r.rel.Column(f.Name.Text) != nil {
			continue
		}
		if _, isRaw := r.rawType(f.Name.Text); isRaw {
			b.fieldShadows(r, f)
			continue
		}
		x := b.value(ownScope(r), f.Expr)
		if x == nil {
			x = b.lostField(r, f)
		}
		r.rel.Columns = append(r.rel.Columns, b.field(r, f, x))
	}
}

// fieldShadows: a field may bear the name of the column it only reads.
func (b *builder) fieldShadows(r *relBuild, f *catalog.Field) {
	raw, _ := r.rawType(f.Name.Text)
	self := &ir.ColumnDef{Name: f.Name.Text, Raw: f.Name.Text, RawType: raw, Type: raw, NFC: true, At: f.Name.Span}
	r.rel.Columns = append(r.rel.Columns, self)
	x := b.value(ownScope(r), f.Expr)
	self.Internal, self.Name = true, "raw "+self.Name
	if x == nil {
		x = b.lostField(r, f)
	}
	r.rel.Columns = append(r.rel.Columns, b.field(r, f, x))
}

// lostField keeps the name of a field whose expression has an error, without
// a type, so that its uses do not complain again.
func (b *builder) lostField(r *relBuild, f *catalog.Field) ir.Expr {
	b.lose(r.rel, f.Name.Text)
	return &ir.Const{Loc: at(f.Span)}
}

func (b *builder) field(r *relBuild, f *catalog.Field, x ir.Expr) *ir.ColumnDef {
	t := x.Type()
	if f.Declared && f.Type.Kind != t.Kind && t.Kind != value.Missing {
		if f.Type.Numeric() && t.Numeric() || f.Type.Temporal() && t.Temporal() {
			x = &ir.Call{Loc: at(f.Span), Fn: "as", Args: []ir.Expr{x}, T: f.Type}
			t = f.Type
		} else {
			b.diags.Errorf(columnMisfit, f.TypeSpan, "the field is %s, not %s", article(t), f.Type).Help = "convert it with number(…), text(…) or date(…)"
			x = b.lostField(r, f)
			t = x.Type()
		}
	}
	if len(f.Type.Values) > 0 && t.Kind == value.Text {
		t.Values = f.Type.Values
	}
	return &ir.ColumnDef{Name: f.Name.Text, Type: t, Def: x, At: f.Name.Span, PII: f.PII}
}
