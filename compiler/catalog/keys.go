package catalog

// Key is one key that a map of the catalog takes.
type Key struct {
	Name    string
	Purpose string // one line
	Form    string // of the value, as an example
	// Also are words that authors try instead; they are never accepted and
	// only make the diagnostic better.
	Also []string
}

// KeyTable lists the keys of one kind of map, in the order in which
// documentation and completion show them.
type KeyTable struct {
	Of   string // the kind of map, with its article: "an entity"
	Keys []Key
}

// names of the keys, for suggestions.
func (t *KeyTable) names() []string {
	names := make([]string, len(t.Keys))
	for i, k := range t.Keys {
		names[i] = k.Name
	}
	return names
}

// key finds a key by its name, nil if the table has none.
func (t *KeyTable) key(name string) *Key {
	for i := range t.Keys {
		if t.Keys[i].Name == name {
			return &t.Keys[i]
		}
	}
	return nil
}

// meant finds the key for a word that authors use for it, "" if none.
func (t *KeyTable) meant(word string) string {
	for _, k := range t.Keys {
		for _, also := range k.Also {
			if also == word {
				return k.Name
			}
		}
	}
	return ""
}

// Tables gives every key table of the catalog, from the outside in.
func Tables() []*KeyTable {
	return []*KeyTable{
		catalogKeys, entityKeys, factKeys, sourceKeys, keyKeys,
		attributeKeys, fieldKeys, existsKeys, lookupKeys, cellKeys,
	}
}

var (
	titleKey       = Key{Name: "title", Purpose: "name shown to people", Form: `Khách hàng`, Also: []string{"label", "display_name"}}
	descriptionKey = Key{Name: "description", Purpose: "what it is, for those who write segments", Form: `one sentence`, Also: []string{"desc", "doc", "comment", "notes"}}
	sourceKey      = Key{Name: "source", Purpose: "where the rows come from: a file, a table or a query", Form: `data/customers.csv`, Also: []string{"file", "path", "table", "sql", "data", "query"}}
	fromKey        = Key{Name: "from", Purpose: "the entity or fact whose rows these are", Form: `sales`, Also: []string{"base", "extends", "parent"}}
	whereKey       = Key{Name: "where", Purpose: "which rows count", Form: `status = "paid"`, Also: []string{"filter", "condition", "when"}}
	groupByKey     = Key{Name: "group_by", Purpose: "makes one row of all rows with the same values, within their owner; needs `from`", Form: `InvoiceNo`, Also: []string{"groupby", "group"}}
	fieldsKey      = Key{Name: "fields", Purpose: "computed columns: name and expression", Form: `{amount: Quantity * UnitPrice}`, Also: []string{"computed", "measures", "derived", "metrics"}}
	attributesKey  = Key{Name: "attributes", Purpose: "types and properties of the source's columns", Form: `{gender: {type: text}}`, Also: []string{"columns", "properties", "schema"}}
	belongsToKey   = Key{Name: "belongs_to", Purpose: "ways to one row of an entity", Form: `{company: {entity: company, by: company_id}}`, Also: []string{"lookups", "lookup", "joins", "join", "relations", "references"}}
)

var catalogKeys = &KeyTable{Of: "the catalog", Keys: []Key{
	{Name: "version", Purpose: "version of the file format", Form: `1`},
	{Name: "edition", Purpose: "edition of the language", Form: `1`},
	{Name: "timezone", Purpose: "the zone of days, months and of times written without one; required", Form: `Asia/Ho_Chi_Minh`, Also: []string{"time_zone", "tz", "zone"}},
	{Name: "week_starts", Purpose: "first day of the week; monday when not given", Form: `monday`, Also: []string{"week_start", "first_day_of_week", "week_starts_on"}},
	{Name: "as_of", Purpose: "the fixed instant of runs over data that does not grow", Form: `2011-12-10`, Also: []string{"asof", "now", "date"}},
	{Name: "database", Purpose: "a DuckDB file, attached read-only, whose tables sources may name", Form: `data/shop.duckdb`, Also: []string{"db", "duckdb"}},
	{Name: "entities", Purpose: "what segments are made of; the first is the default; required", Form: `{customer: {source: data/customers.csv, key: id}}`, Also: []string{"entity", "tables", "models"}},
	{Name: "facts", Purpose: "what happened to, or is linked with, an entity", Form: `{orders: {source: data/orders.csv, of: customer, by: customer_id, at: ordered_at}}`, Also: []string{"fact", "events"}},
	{Name: "channels", Purpose: "how a person can be reached, and when", Form: `{email: email is known}`, Also: []string{"channel"}},
}}

var entityKeys = &KeyTable{Of: "an entity", Keys: []Key{
	titleKey, descriptionKey, sourceKey, fromKey,
	{Name: "universe", Purpose: "facts and columns whose distinct known keys are the rows, where there is no table", Form: `[receipts, demographics.household_id]`, Also: []string{"union"}},
	{Name: "key", Purpose: "the column that tells rows apart", Form: `id`, Also: []string{"id", "primary_key", "pk", "keys"}},
	{Name: "duplicates", Purpose: "which row stays when several have one key", Form: `first by updated_at`, Also: []string{"duplicate", "dedupe", "deduplicate"}},
	whereKey, groupByKey, fieldsKey, attributesKey,
	{Name: "exists", Purpose: "since and until when a row counts", Form: `{from: created_at, to: closed_at}`, Also: []string{"valid", "history"}},
	belongsToKey,
}}

var factKeys = &KeyTable{Of: "a fact", Keys: []Key{
	titleKey, descriptionKey, sourceKey, fromKey,
	{Name: "of", Purpose: "the entity or fact a row belongs to", Form: `customer`, Also: []string{"entity", "owner"}},
	{Name: "by", Purpose: "the column that holds the owner's key", Form: `customer_id`, Also: []string{"foreign_key", "fk", "on"}},
	{Name: "at", Purpose: "when it happened; without it a fact has no time", Form: `ordered_at`, Also: []string{"time", "timestamp", "date", "when_at", "occurred_at"}},
	{Name: "known_at", Purpose: "when the row became known, or `always`; the fact's time when not given", Form: `booked_at`, Also: []string{"recorded_at", "known"}},
	{Name: "key", Purpose: "the columns that tell rows apart and break ties", Form: `line_id`, Also: []string{"id", "primary_key", "pk", "keys"}},
	whereKey, groupByKey, fieldsKey, attributesKey, belongsToKey,
}}

var sourceKeys = &KeyTable{Of: "a source", Keys: []Key{
	{Name: "file", Purpose: "path of a file, seen from the catalog; * and ** stand for several files", Form: `data/sales-*.csv`, Also: []string{"path", "files", "csv", "parquet", "json"}},
	{Name: "table", Purpose: "a table or view of the engine", Form: `crm.customers`, Also: []string{"view"}},
	{Name: "sql", Purpose: "a query of the engine", Form: `select * from crm.customers`, Also: []string{"query", "select"}},
	{Name: "format", Purpose: "csv, tsv, json, jsonl or parquet; by the file's ending when not given", Form: `csv`, Also: []string{"type"}},
	{Name: "delimiter", Purpose: "what stands between columns; found out from the file when not given", Form: `";"`, Also: []string{"separator", "sep", "delim"}},
	{Name: "quote", Purpose: "the character around texts, or \"\" for none; a double quote when not given", Form: `"'"`, Also: []string{"quotechar"}},
	{Name: "encoding", Purpose: "utf-8, utf-16 or latin-1; utf-8 when not given", Form: `latin-1`, Also: []string{"charset"}},
	{Name: "header", Purpose: "whether the first line holds the names of the columns; true when not given", Form: `true`, Also: []string{"headers"}},
}}

var keyKeys = &KeyTable{Of: "`key: {…}`", Keys: []Key{
	{Name: "column", Purpose: "name of the column in the source", Form: `"Customer ID"`, Also: []string{"name", "columns"}},
	{Name: "type", Purpose: "type of the column", Form: `int`},
}}

// attributeProperties are shared by attributes and computed fields.
var attributeProperties = []Key{
	titleKey, descriptionKey,
	{Name: "column", Purpose: "name of the column in the source; the attribute's name when not given", Form: `"Thu nhập"`, Also: []string{"name", "source", "field", "from"}},
	{Name: "type", Purpose: "type of the values", Form: `decimal(14, 0)`},
	{Name: "values", Purpose: "the texts that may occur", Form: `[female, male, other]`, Also: []string{"enum", "options", "one_of", "accepted_values"}},
	{Name: "min", Purpose: "the smallest value that may occur", Form: `0`, Also: []string{"minimum"}},
	{Name: "max", Purpose: "the largest value that may occur", Form: `120`, Also: []string{"maximum"}},
	{Name: "empty", Purpose: "`missing`: an empty text is a missing value", Form: `missing`, Also: []string{"null", "nullable", "blank"}},
	{Name: "pii", Purpose: "the values are about a person and are not shown", Form: `true`, Also: []string{"personal", "sensitive", "private"}},
	{Name: "normalize", Purpose: "Unicode form that texts are brought to; files are read in nfc in any case", Form: `nfc`, Also: []string{"normalise"}},
	{Name: "trim", Purpose: "blanks at both ends of a text are dropped", Form: `true`, Also: []string{"strip"}},
	{Name: "separator", Purpose: "what stands between the elements of a list written as one text", Form: `";"`, Also: []string{"delimiter", "sep", "split"}},
	{Name: "lat", Purpose: "place: the column with the latitude, in degrees", Form: `lat`, Also: []string{"latitude"}},
	{Name: "lon", Purpose: "place: the column with the longitude, in degrees", Form: `lon`, Also: []string{"lng", "long", "longitude"}},
}

var attributeKeys = &KeyTable{Of: "an attribute", Keys: attributeProperties}

var fieldKeys = &KeyTable{Of: "a field", Keys: append([]Key{
	{Name: "expr", Purpose: "the expression that gives the value", Form: `Quantity * UnitPrice`, Also: []string{"expression", "value", "sql", "formula"}},
}, attributeProperties...)}

var existsKeys = &KeyTable{Of: "`exists`", Keys: []Key{
	{Name: "from", Purpose: "the row counts from this time on", Form: `created_at`, Also: []string{"since", "start", "valid_from"}},
	{Name: "to", Purpose: "the row no longer counts from this time on; missing: it still does", Form: `closed_at`, Also: []string{"until", "end", "valid_to"}},
}}

var lookupKeys = &KeyTable{Of: "a lookup", Keys: []Key{
	{Name: "entity", Purpose: "the entity looked up", Form: `company`, Also: []string{"to", "of", "target", "table"}},
	{Name: "by", Purpose: "the column that holds that entity's key", Form: `company_id`, Also: []string{"key", "on", "foreign_key", "fk", "column"}},
	{Name: "reverse", Purpose: "name of the way back, from that entity to these rows", Form: `employees`, Also: []string{"inverse", "backref", "as"}},
}}

var cellKeys = &KeyTable{Of: "`{column: …}`", Keys: []Key{
	{Name: "column", Purpose: "name of the column in the source, as it is spelled there", Form: `"Customer ID"`, Also: []string{"name"}},
}}
