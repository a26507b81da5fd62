// Package schema prints JSON Schemas (draft 2020-12) of segql's YAML files
// from the key tables that their decoders read by, for editors and other tools
// that know nothing of segql.
//
// A schema says which keys there are and what form their values have. It
// cannot say whether a condition means something: its texts are texts here.
// Scalars may be texts, numbers or booleans, since readers of YAML guess one of
// these from an unquoted scalar and segql does not.
package schema

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/internal/keytable"
	"github.com/segql/segql/lang/yamlform"
)

// Kinds are the files that have a schema.
var Kinds = []string{"catalog", "segments", "tests"}

// Print gives the schema of a kind of file; false when there is none.
func Print(kind string) ([]byte, bool) {
	var s *object
	switch kind {
	case "catalog":
		s = root(kind, "catalog.yaml of a segql project", ref(catalog.Tables()[0]), catalog.Tables())
	case "segments":
		var definitions []any
		for _, t := range yamlform.Definitions() {
			definitions = append(definitions, ref(t))
		}
		s = root(kind, "definitions of segql in YAML, *.seg.yaml", oneOrSeveral(&object{pairs: []pair{{"anyOf", definitions}}}), yamlform.Tables())
		s.get("$defs").set(yamlform.Condition, condition())
	case "tests":
		s = root(kind, "tests of segql definitions, *_test.seg.yaml", oneOrSeveral(ref(testform.Tables()[0])), testform.Tables())
		s.get("$defs").set(testform.CellForm, forms(testform.Cells))
	default:
		return nil, false
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		panic(err) // nothing in it can fail
	}
	return out.Bytes(), true
}

// object is a JSON object whose keys keep their order.
type object struct{ pairs []pair }

type pair struct {
	key   string
	value any
}

func (o *object) set(key string, value any) { o.pairs = append(o.pairs, pair{key, value}) }

func (o *object) get(key string) *object {
	for _, p := range o.pairs {
		if p.key == key {
			return p.value.(*object)
		}
	}
	return nil
}

// MarshalJSON writes the keys in their order.
func (o *object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for i, p := range o.pairs {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := enc.Encode(p.key); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := enc.Encode(p.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func of(pairs ...pair) *object { return &object{pairs} }

// root is a whole schema with a definition for each table.
func root(kind, title string, body *object, tables []*keytable.Table) *object {
	defs := of()
	for _, t := range tables {
		defs.set(name(t), table(t))
	}
	s := of(pair{"$schema", "https://json-schema.org/draft/2020-12/schema"}, pair{"$id", "urn:segql:schema:" + kind + ":1"}, pair{"title", title})
	s.pairs = append(s.pairs, body.pairs...)
	s.set("$defs", defs)
	return s
}

// name of a table among the definitions: "an entity" is entity.
func name(t *keytable.Table) string {
	words := strings.Fields(strings.NewReplacer("`", "", "{", "", "}", "", ":", "", "…", "").Replace(t.Of))
	if len(words) > 1 && slices.Contains([]string{"a", "an", "the"}, words[0]) {
		words = words[1:]
	}
	return strings.Join(words, "_")
}

func ref(t *keytable.Table) *object { return of(pair{"$ref", "#/$defs/" + name(t)}) }

// oneOrSeveral is a thing or a list of such things.
func oneOrSeveral(one *object) *object {
	return of(pair{"anyOf", []any{one, of(pair{"type", "array"}, pair{"items", one})}})
}

func table(t *keytable.Table) *object {
	properties, required := of(), []string{}
	for _, k := range t.Keys {
		p := of(pair{"description", k.Purpose + "; for example `" + k.Name + ": " + k.Form + "`"})
		p.pairs = append(p.pairs, forms(k.Takes).pairs...)
		properties.set(k.Name, p)
		if k.Required {
			required = append(required, k.Name)
		}
	}
	o := of(pair{"description", t.Of}, pair{"type", "object"}, pair{"properties", properties})
	if len(required) > 0 {
		o.set("required", required)
	}
	if len(t.OneOf) > 0 {
		var one []any
		for _, key := range t.OneOf {
			one = append(one, of(pair{"required", []string{key}}))
		}
		o.set("oneOf", one)
	}
	o.set("additionalProperties", false)
	return o
}

// forms is a value of one of some forms.
func forms(list []keytable.Form) *object {
	if len(list) == 1 {
		return value(list[0])
	}
	var any []any
	for _, f := range list {
		any = append(any, value(f))
	}
	return of(pair{"anyOf", any})
}

func value(f keytable.Form) *object {
	switch {
	case f.Flag:
		return of(pair{"enum", []any{true, false, "true", "false"}})
	case f.List != nil:
		o := of(pair{"type", "array"}, pair{"items", forms(f.List)})
		if !f.Empty {
			o.set("minItems", max(1, f.Len))
		}
		if f.Len > 0 {
			o.set("maxItems", f.Len)
		}
		return o
	case f.Map != nil:
		return ref(f.Map)
	case f.Names != nil:
		return of(pair{"type", "object"}, pair{"additionalProperties", forms(f.Names)})
	case f.Number:
		return of(pair{"type", []string{"integer", "string"}}, pair{"minimum", 1}, pair{"pattern", "^[0-9][0-9_]*$"})
	case f.One != nil:
		return of(pair{"type", "object"}, pair{"additionalProperties", forms(f.One)}, pair{"minProperties", 1}, pair{"maxProperties", 1})
	case f.Pattern != "":
		return of(pair{"type", "string"}, pair{"pattern", f.Pattern})
	case f.Ref != "":
		return of(pair{"$ref", "#/$defs/" + f.Ref})
	case f.Words != nil:
		return of(pair{"enum", f.Words})
	}
	return scalar()
}

func scalar() *object { return of(pair{"type", []string{"string", "number", "boolean"}}) }

// condition is a text, or a map with one key.
func condition() *object {
	self := of(pair{"$ref", "#/$defs/" + yamlform.Condition})
	list := of(pair{"type", "array"}, pair{"items", self}, pair{"minItems", 1})
	operators := of()
	byName := yamlform.OperatorForms()
	for _, op := range slices.Sorted(maps.Keys(byName)) {
		operators.set(op, forms(byName[op]))
	}
	leaf := of(pair{"anyOf", []any{scalar(), of(pair{"type", "object"}, pair{"properties", operators},
		pair{"minProperties", 1}, pair{"maxProperties", 1}, pair{"additionalProperties", false})}})
	structure := of(pair{"type", "object"}, pair{"minProperties", 1}, pair{"maxProperties", 1}, pair{"properties", of(
		pair{"and", list}, pair{"or", list}, pair{"not", self})}, pair{"additionalProperties", leaf})
	return of(pair{"description", "a condition: a text such as `age(birthday) >= 18`, a map with the one key and, or, not, or `SUBJECT: VALUE` and `SUBJECT: {OPERATOR: VALUE}`"},
		pair{"anyOf", []any{scalar(), structure}})
}
