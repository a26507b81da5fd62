package yamlform

import "github.com/segql/segql/internal/keytable"

// Key, Table and Form describe the maps of a file of definitions.
type (
	Key   = keytable.Key
	Table = keytable.Table
	Form  = keytable.Form
)

// Tables gives every key table of definitions in YAML: those of the
// definitions first, then those of the maps inside them.
func Tables() []*Table { return append(Definitions(), branchKeys) }

// Definitions gives the tables of the definitions, in the order in which
// documentation shows them. The first key of each is its kind, and holds the
// name of what is defined.
func Definitions() []*Table {
	return []*Table{segmentKeys, splitKeys, holdoutKeys, traitKeys, rfmKeys, listKeys, paramKeys}
}

// definition finds the table of a kind of definition, nil if there is none.
func definition(kind string) *Table {
	for _, t := range Definitions() {
		if t.Keys[0].Name == kind {
			return t
		}
	}
	return nil
}

// Condition is the name of the form of conditions, which occur inside
// themselves.
const Condition = "condition"

var (
	text      = []Form{{Text: true}}
	texts     = []Form{{List: text}}
	condition = []Form{{Ref: Condition}}
)

var metaKeys = []Key{
	{Name: "title", Purpose: "its name for people", Form: `Khách hàng thân thiết`, Takes: text, Also: []string{"label", "display_name"}},
	{Name: "description", Purpose: "what it is for, in a sentence or two", Form: `who bought often`, Takes: text, Also: []string{"desc", "doc", "comment", "notes"}},
	{Name: "owner", Purpose: "who answers for it", Form: `crm@shop.vn`, Takes: text, Also: []string{"author", "team", "contact"}},
	{Name: "tags", Purpose: "by which words it is found", Form: `[demographic, spring]`, Takes: texts, Also: []string{"tag", "labels", "keywords"}},
	{Name: "goal", Purpose: "what it is used for", Form: `Bộ sưu tập mùa xuân`, Takes: text, Also: []string{"purpose", "objective"}},
	{Name: "priority", Purpose: "its order among segments, 1 first", Form: `2`, Takes: []Form{{Number: true}}, Also: []string{"prio", "rank", "order"}},
	{Name: "channels", Purpose: "by which channels of the catalog its members are reached", Form: `[email, zalo]`, Takes: texts, Also: []string{"channel"}},
	{Name: "valid_from", Purpose: "the first day on which it is not empty", Form: `2027-01-15`, Takes: []Form{{Pattern: dayPattern}}, Also: []string{"from", "start", "starts"}},
	{Name: "valid_until", Purpose: "the last day on which it is not empty", Form: `2027-02-15`, Takes: []Form{{Pattern: dayPattern}}, Also: []string{"until", "end", "ends", "valid_to"}},
	{Name: "deprecated", Purpose: "why it should not be used any more, and what to use instead", Form: `use loyal_buyers instead`, Takes: text, Also: []string{"obsolete", "deprecation", "replaced_by"}},
}

const dayPattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`

var ofKey = Key{Name: "of", Purpose: "which entity it is about; the first of the catalog when not given", Form: `company`, Takes: text, Also: []string{"entity", "for"}}

// keys puts keys in a row.
func keys(lists ...[]Key) (all []Key) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

var segmentKeys = &Table{Of: "a segment", Keys: keys([]Key{
	{Name: "segment", Purpose: "that this is a segment, and its name", Form: `loyal_buyers`, Takes: text, Required: true, Also: []string{"audience", "cohort"}},
	ofKey,
}, metaKeys, []Key{
	{Name: "where", Purpose: "who is in it", Form: `email is known`, Takes: condition, Required: true, Also: []string{"when", "filter", "condition", "conditions", "rule", "rules"}},
	{Name: "expect", Purpose: "what must hold of its size, share, overlap, reach and turnover, or the run fails", Form: `[size >= 500]`, Takes: []Form{{List: condition}}, Also: []string{"expects", "checks", "check", "assert", "expectations"}},
})}

var splitKeys = &Table{Of: "a split", Keys: keys([]Key{
	{Name: "split", Purpose: "that this is a split, and its name: everyone falls in exactly one branch", Form: `lifecycle`, Takes: text, Required: true},
	{Name: "of", Purpose: "what it divides: an entity, or `segment NAME`; the first entity of the catalog when not given", Form: `segment buyers`, Takes: text, Also: []string{"entity", "for"}},
}, metaKeys, []Key{
	{Name: "branches", Purpose: "which branches it has; the first that matches wins, the last takes the rest", Form: `[{branch: new, when: count(orders) = 1}, {branch: other, when: otherwise}]`,
		Takes: []Form{{List: []Form{{Map: branchKeys}}}}, Required: true, Also: []string{"branch", "cases", "groups", "when"}},
})}

var branchKeys = &Table{Of: "a branch", Keys: []Key{
	{Name: "branch", Purpose: "how the branch is called", Form: `loyal`, Takes: text, Required: true, Also: []string{"name", "case", "group"}},
	{Name: "title", Purpose: "its name for people", Form: `Thân thiết`, Takes: text, Also: []string{"label", "display_name"}},
	{Name: "when", Purpose: "who is in it, or `otherwise` in the last branch", Form: `count(orders) >= 4`, Takes: condition, Required: true, Also: []string{"where", "if", "condition"}},
}}

var holdoutKeys = &Table{Of: "a holdout", Keys: keys([]Key{
	{Name: "holdout", Purpose: "that this is a holdout, and its name: random groups of a segment", Form: `tet_2027`, Takes: text, Required: true, Also: []string{"experiment"}},
	{Name: "of", Purpose: "which segment it divides", Form: `segment big_spenders`, Takes: text, Required: true, Also: []string{"segment", "entity", "for"}},
}, metaKeys, []Key{
	{Name: "groups", Purpose: "which share each group has; the last takes the rest", Form: `[{control: 10%}, {test: otherwise}]`,
		Takes: []Form{{List: []Form{{One: text}}}}, Required: true, Also: []string{"group", "branches", "shares", "arms", "variants"}},
})}

var traitKeys = &Table{Of: "a trait", Keys: []Key{
	{Name: "trait", Purpose: "that this is a trait, and its name: a value that segments compare", Form: `total_spend`, Takes: text, Required: true, Also: []string{"metric", "measure"}},
	ofKey,
	{Name: "value", Purpose: "which value it is", Form: `sum(amount of orders)`, Takes: text, Required: true, Also: []string{"expr", "expression", "is", "formula"}},
}}

var rfmKeys = &Table{Of: "an rfm", Keys: []Key{
	{Name: "rfm", Purpose: "that these are recency, frequency and monetary scores with their groups, and their name", Form: `value`, Takes: text, Required: true},
	{Name: "value", Purpose: "what is summed, of which fact, in which window", Form: `amount of orders in last 365 days`, Takes: text, Required: true, Also: []string{"expr", "expression", "of"}},
}}

// literalTypes are the words that say how the values of a list or param are
// read, where they could be taken for something else.
var literalTypes = []string{"text", "number", "date", "time", "bool", "duration"}

var typeKey = Key{Name: "type", Purpose: "how values are read that could be taken for something else", Form: `text`, Takes: []Form{{Words: literalTypes}}, Also: []string{"kind", "as"}}

var listKeys = &Table{Of: "a list", Keys: []Key{
	{Name: "list", Purpose: "that this is a list, and its name: values to compare with", Form: `big_cities`, Takes: text, Required: true},
	typeKey,
	{Name: "values", Purpose: "which values it holds", Form: `[Hà Nội, Huế]`, Takes: texts, Also: []string{"value", "items", "elements", "in"}},
	{Name: "from", Purpose: "in which file of the project its values are", Form: `lists/staff.csv`, Takes: text, Also: []string{"file", "path", "source"}},
	{Name: "column", Purpose: "which column of the file, as it is spelled there", Form: `email`, Takes: text, Also: []string{"col", "field"}},
}, OneOf: []string{"values", "from"}}

var paramKeys = &Table{Of: "a param", Keys: []Key{
	{Name: "param", Purpose: "that this is a param, and its name: a value that can be set from outside", Form: `min_spend`, Takes: text, Required: true, Also: []string{"const", "variable"}},
	typeKey,
	{Name: "value", Purpose: "which value it is", Form: `5_000_000`, Takes: text, Required: true, Also: []string{"default", "is"}},
}}
