package catalog

import (
	"fmt"
	"strings"

	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/internal/yamltree"
)

func (r *reader) entity(e *yamltree.Entry) {
	if e.Value.Kind != yamltree.Map {
		r.shape(e.Value, "a map").Help = fmt.Sprintf("write %s: {source: data/%s.csv, key: id}", e.Key.Text, e.Key.Text)
		return
	}
	r.goodName(nameOf(e.Key), "an entity")
	ent := &Entity{Relation: Relation{Name: nameOf(e.Key), Span: e.Span()}}
	r.entries(e.Value, entityKeys, func(key string, v *yamltree.Node) {
		switch key {
		case "duplicates":
			ent.Duplicates = r.duplicates(v)
		case "exists":
			ent.Exists = r.exists(v)
		case "universe":
			ent.Universe = r.universe(v)
		default:
			r.relationKey(&ent.Relation, key, v)
		}
	})
	r.origin(&ent.Relation, e)
	r.entityKey(ent, e)
	r.cat.Entities = append(r.cat.Entities, ent)
}

// entityKey checks that an entity has one key column. From a grouped
// relation the key is what was grouped by; an entity from another entity has
// the key of that one (resolve knows which are); a universe is made of its keys.
func (r *reader) entityKey(ent *Entity, e *yamltree.Entry) {
	key := e.Value.Get("key")
	switch {
	case len(ent.Key) > 1:
		d := r.diags.Errorf(codeShape, key.Value.Span, "an entity has one key column, here are %d", len(ent.Key))
		d.Help = "make one of them in `fields`, such as `key: concat(a, \"-\", b)`, and name it here"
		ent.Key = ent.Key[:1]
	case key != nil || ent.Universe != nil || e.Value.Get("universe") != nil:
	case len(ent.GroupBy) == 1 && !ent.GroupBy[0].Name.IsZero():
		ent.Key = []*KeyColumn{{Column: ent.GroupBy[0].Name}}
	case e.Value.Get("from") != nil && e.Value.Get("group_by") == nil:
	default:
		r.noKey(ent)
	}
}

func (r *reader) noKey(ent *Entity) {
	d := r.diags.Errorf(codeRequired, ent.Name.Span, "the entity `%s` has no `key`", ent.Name.Text)
	d.Help = "name the column that tells its rows apart, such as `key: id`"
}

func (r *reader) fact(e *yamltree.Entry) {
	if e.Value.Kind != yamltree.Map {
		r.shape(e.Value, "a map").Help = fmt.Sprintf("write %s: {source: data/%s.csv, of: customer, by: customer_id}", e.Key.Text, e.Key.Text)
		return
	}
	r.goodName(nameOf(e.Key), "a fact")
	f := &Fact{Relation: Relation{Name: nameOf(e.Key), Span: e.Span()}}
	r.entries(e.Value, factKeys, func(key string, v *yamltree.Node) {
		switch key {
		case "at":
			f.At = r.cell(v, "a column or an expression")
		case "by":
			f.By = r.cell(v, "a column or an expression")
		case "known_at":
			if v.Kind == yamltree.Scalar && v.Text == "always" {
				f.KnownAlways = true
				return
			}
			f.KnownAt = r.cell(v, "a column, an expression or `always`")
		case "of":
			f.Of = r.ref(v, "an entity or a fact")
		default:
			r.relationKey(&f.Relation, key, v)
		}
	})
	r.origin(&f.Relation, e)
	r.cat.Facts = append(r.cat.Facts, f)
}

// relationKey reads the keys that entities and facts share.
func (r *reader) relationKey(rel *Relation, key string, v *yamltree.Node) {
	switch key {
	case "attributes":
		r.named(v, "a type or a map of properties", func(e *yamltree.Entry) { r.attribute(rel, e) })
	case "belongs_to":
		r.named(v, "{entity: …, by: …}", func(e *yamltree.Entry) { r.lookup(rel, e) })
	case "deprecated":
		rel.Deprecated = r.deprecated(v)
	case "description":
		rel.Description = r.text(v, "text")
	case "fields":
		r.named(v, "an expression", func(e *yamltree.Entry) { r.field(rel, e) })
	case "from":
		rel.From = r.ref(v, "an entity or a fact")
	case "group_by":
		rel.GroupBy = r.groupBy(v)
	case "key":
		rel.Key = r.key(v)
	case "source":
		rel.Source = r.source(v)
	case "title":
		rel.Title = r.text(v, "text")
	case "where":
		rel.Where = r.expr(v)
	default:
		panic("catalog: no reader for the key " + key)
	}
}

// origin checks that rows come from one place.
func (r *reader) origin(rel *Relation, e *yamltree.Entry) {
	var given []string
	for _, key := range []string{"source", "from", "universe"} {
		if e.Value.Get(key) != nil {
			given = append(given, "`"+key+"`")
		}
	}
	switch {
	case len(given) == 0:
		d := r.diags.Errorf(codeOrigin, rel.Name.Span, "nothing says where the rows of `%s` come from", rel.Name.Text)
		d.Help = "add `source:` with a file, a table or {sql: …}, or `from:` with another entity or fact"
	case len(given) > 1:
		d := r.diags.Errorf(codeOrigin, rel.Name.Span, "the rows of `%s` come from %s at once", rel.Name.Text, strings.Join(given, " and "))
		d.Help = "keep one of them"
	}
	if group := e.Value.Get("group_by"); group != nil && e.Value.Get("from") == nil {
		d := r.diags.Errorf(codeGrouping, group.Key.Span, "`group_by` needs `from`")
		d.Help = "first name the rows as a fact of their own, then group them: `orders: {from: lines, group_by: order_no}`"
	}
}

// ref reads the name of another relation; resolve finds what it points to.
func (r *reader) ref(v *yamltree.Node, want string) *Ref {
	name := r.text(v, want)
	if name.IsZero() {
		return nil
	}
	return &Ref{Name: name}
}

// key reads `id`, `{column: "Customer ID", type: int}` or a list of those.
func (r *reader) key(v *yamltree.Node) []*KeyColumn {
	items := []*yamltree.Node{v}
	if v.Kind == yamltree.List {
		items = v.Items
		if len(items) == 0 {
			r.diags.Errorf(codeShape, v.Span, "the list is empty").Help = "it should hold names of columns"
		}
	}
	var columns []*KeyColumn
	for _, item := range items {
		if k := r.keyColumn(item); k != nil {
			columns = append(columns, k)
		}
	}
	return columns
}

func (r *reader) keyColumn(v *yamltree.Node) *KeyColumn {
	k := &KeyColumn{}
	if v.Kind != yamltree.Map {
		k.Column = r.text(v, "the name of a column")
		if k.Column.IsZero() || !r.columnName(k.Column) {
			return nil
		}
		return k
	}
	before := len(r.diags)
	r.entries(v, keyKeys, func(key string, v *yamltree.Node) {
		if key == "column" {
			k.Column = r.text(v, "the name of a column")
			return
		}
		if k.Type, k.Declared = r.typeOf(v); k.Declared {
			switch k.Type.Kind {
			case value.Bool, value.Float, value.List, value.Place, value.Record, value.Version:
				d := r.diags.Errorf(codeTypeProperty, v.Span, "a key cannot be of type %s", k.Type)
				d.Help = "keys are int, text, decimal, date or time"
			}
		}
	})
	if k.Column.IsZero() {
		if !r.diags[before:].HasErrors() {
			r.diags.Errorf(codeRequired, v.Span, "the key has no `column`").Help = `write {column: "Customer ID", type: int}`
		}
		return nil
	}
	return k
}

// groupBy reads one expression, a list of them, or a map that names them.
func (r *reader) groupBy(v *yamltree.Node) []*GroupKey {
	const want = "a column or an expression"
	var keys []*GroupKey
	add := func(name Name, v *yamltree.Node) {
		c := r.cell(v, want)
		if c == nil {
			return
		}
		if name.IsZero() && c.Column != "" {
			name = Name{Text: c.Column, Span: c.Span}
		}
		keys = append(keys, &GroupKey{Name: name, Expr: c.Expr})
	}
	switch {
	case v.Kind == yamltree.List:
		if len(v.Items) == 0 {
			r.diags.Errorf(codeShape, v.Span, "the list is empty")
		}
		for _, item := range v.Items {
			add(Name{}, item)
		}
	case v.Kind == yamltree.Map && (len(v.Entries) != 1 || v.Get("column") == nil):
		for _, e := range v.Entries {
			if r.columnName(nameOf(e.Key)) {
				add(nameOf(e.Key), e.Value)
			}
		}
	default:
		add(Name{}, v)
	}
	return keys
}

func (r *reader) exists(v *yamltree.Node) *Exists {
	x := &Exists{Span: v.Span}
	r.entries(v, existsKeys, func(key string, v *yamltree.Node) {
		if key == "from" {
			x.From = r.cell(v, "a column or an expression")
		} else {
			x.To = r.cell(v, "a column or an expression")
		}
	})
	if v.Kind == yamltree.Map && v.Get("from") == nil {
		r.diags.Errorf(codeRequired, v.Span, "`exists` has no `from`").Help = "write `exists: {from: created_at, to: closed_at}`"
	}
	if x.From == nil {
		return nil
	}
	return x
}

func (r *reader) lookup(rel *Relation, e *yamltree.Entry) {
	if !r.goodName(nameOf(e.Key), "a lookup") {
		return
	}
	l := &Lookup{Name: nameOf(e.Key), Span: e.Span()}
	before := len(r.diags)
	r.entries(e.Value, lookupKeys, func(key string, v *yamltree.Node) {
		switch key {
		case "by":
			l.By = r.cell(v, "a column or an expression")
		case "deprecated":
			l.Deprecated = r.deprecated(v)
		case "entity":
			l.Entity.Name = r.text(v, "the name of an entity")
		case "reverse":
			if name := r.text(v, "a name"); !name.IsZero() && r.goodName(name, "a way back") {
				l.Reverse = name
			}
		}
	})
	if e.Value.Kind == yamltree.Map && !r.diags[before:].HasErrors() {
		for _, key := range []string{"entity", "by"} {
			if e.Value.Get(key) == nil {
				d := r.diags.Errorf(codeRequired, e.Key.Span, "the lookup `%s` has no `%s`", e.Key.Text, key)
				d.Help = fmt.Sprintf("write `%s: {entity: company, by: company_id}`", e.Key.Text)
			}
		}
	}
	if !l.Entity.IsZero() && l.By != nil {
		rel.BelongsTo = append(rel.BelongsTo, l)
	}
}

// universe reads names of facts, and columns of facts and entities.
func (r *reader) universe(v *yamltree.Node) []*UniverseRef {
	var refs []*UniverseRef
	for _, item := range r.texts(v, "facts, or columns such as demographics.household_id") {
		name := r.text(item, "a fact, or a column such as demographics.household_id")
		if name.IsZero() {
			continue
		}
		u := &UniverseRef{Span: item.Span}
		relation, column, dotted := strings.Cut(name.Text, ".")
		u.Ref.Name = Name{Text: relation, Span: item.At(0, len(relation))}
		if dotted {
			u.Column = Name{Text: column, Span: item.At(len(relation)+1, len(name.Text))}
			if !r.columnName(u.Column) {
				continue
			}
		}
		refs = append(refs, u)
	}
	return refs
}
