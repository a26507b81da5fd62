package catalog

import "github.com/segql/segql/internal/keytable"

// Key and KeyTable describe the maps of the catalog.
type (
	Key      = keytable.Key
	KeyTable = keytable.Table
	form     = keytable.Form
)

// Forms that many keys take.
var (
	text   = []form{{Text: true}}
	whole  = []form{{Number: true}}
	flag   = []form{{Flag: true}}
	cell   = []form{{Text: true}, {Map: cellKeys}}
	column = []form{{Text: true}, {Map: keyKeys}}
)

func words(list ...string) []form { return []form{{Words: list}} }

// Tables gives every key table of the catalog, from the outside in.
func Tables() []*KeyTable {
	return []*KeyTable{
		catalogKeys, entityKeys, factKeys, sourceKeys, keyKeys,
		attributeKeys, fieldKeys, existsKeys, lookupKeys, cellKeys,
	}
}

var (
	titleKey       = Key{Name: "title", Purpose: "name shown to people", Form: `Khách hàng`, Also: []string{"label", "display_name"}, Takes: text}
	descriptionKey = Key{Name: "description", Purpose: "what it is, for those who write segments", Form: `one sentence`, Also: []string{"desc", "doc", "comment", "notes"}, Takes: text}
	deprecatedKey  = Key{Name: "deprecated", Purpose: "why it should not be used any more, and what to use instead", Form: `use state instead`, Also: []string{"obsolete", "deprecation", "replaced_by"}, Takes: text}
	sourceKey      = Key{Name: "source", Purpose: "where the rows come from: a file, a table or a query", Form: `data/customers.csv`, Also: []string{"file", "path", "table", "sql", "data", "query"}, Takes: []form{{Text: true}, {Map: sourceKeys}}}
	fromKey        = Key{Name: "from", Purpose: "the entity or fact whose rows these are", Form: `sales`, Also: []string{"base", "extends", "parent"}, Takes: text}
	whereKey       = Key{Name: "where", Purpose: "which rows count", Form: `status = "paid"`, Also: []string{"filter", "condition", "when"}, Takes: text}
	groupByKey     = Key{Name: "group_by", Purpose: "makes one row of all rows with the same values, within their owner; needs `from`", Form: `InvoiceNo`, Also: []string{"groupby", "group"}, Takes: []form{{Text: true}, {Map: cellKeys}, {List: cell}, {Names: cell}}}
	fieldsKey      = Key{Name: "fields", Purpose: "computed columns: name and expression", Form: `{amount: Quantity * UnitPrice}`, Also: []string{"computed", "measures", "derived", "metrics"}, Takes: []form{{Names: []form{{Text: true}, {Map: fieldKeys}}}}}
	attributesKey  = Key{Name: "attributes", Purpose: "types and properties of the source's columns", Form: `{gender: {type: text}}`, Also: []string{"columns", "properties", "schema"}, Takes: []form{{Names: []form{{Text: true}, {Map: attributeKeys}}}}}
	belongsToKey   = Key{Name: "belongs_to", Purpose: "ways to one row of an entity", Form: `{company: {entity: company, by: company_id}}`, Also: []string{"lookups", "lookup", "joins", "join", "relations", "references"}, Takes: []form{{Names: []form{{Map: lookupKeys}}}}}
)

var catalogKeys = &KeyTable{Of: "the catalog", Keys: []Key{
	{Name: "version", Purpose: "version of the file format", Form: `1`, Takes: whole},
	{Name: "edition", Purpose: "edition of the language", Form: `1`, Takes: whole},
	{Name: "timezone", Purpose: "the zone of days, months and of times written without one; required", Form: `Asia/Ho_Chi_Minh`, Also: []string{"time_zone", "tz", "zone"}, Takes: text, Required: true},
	{Name: "week_starts", Purpose: "first day of the week; monday when not given", Form: `monday`, Also: []string{"week_start", "first_day_of_week", "week_starts_on"}, Takes: words("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")},
	{Name: "as_of", Purpose: "the fixed instant of runs over data that does not grow", Form: `2011-12-10`, Also: []string{"asof", "now", "date"}, Takes: text},
	{Name: "database", Purpose: "a DuckDB file, attached read-only, whose tables sources may name", Form: `data/shop.duckdb`, Also: []string{"db", "duckdb"}, Takes: text},
	{Name: "entities", Purpose: "what segments are made of; the first is the default; required", Form: `{customer: {source: data/customers.csv, key: id}}`, Also: []string{"entity", "tables", "models"}, Takes: []form{{Names: []form{{Map: entityKeys}}}}, Required: true},
	{Name: "facts", Purpose: "what happened to, or is linked with, an entity", Form: `{orders: {source: data/orders.csv, of: customer, by: customer_id, at: ordered_at}}`, Also: []string{"fact", "events"}, Takes: []form{{Names: []form{{Map: factKeys}}}}},
	{Name: "channels", Purpose: "how a person can be reached, and when", Form: `{email: email is known}`, Also: []string{"channel"}, Takes: []form{{Names: text}}},
}}

var entityKeys = &KeyTable{Of: "an entity", Keys: []Key{
	titleKey, descriptionKey, deprecatedKey, sourceKey, fromKey,
	{Name: "universe", Purpose: "facts and columns whose distinct known keys are the rows, where there is no table", Form: `[receipts, demographics.household_id]`, Also: []string{"union"}, Takes: []form{{Text: true}, {List: text}}},
	{Name: "key", Purpose: "the column that tells rows apart", Form: `id`, Also: []string{"id", "primary_key", "pk", "keys"}, Takes: []form{{Text: true}, {Map: keyKeys}, {List: column}}},
	{Name: "duplicates", Purpose: "which row stays when several have one key", Form: `first by updated_at`, Also: []string{"duplicate", "dedupe", "deduplicate"}, Takes: []form{{Pattern: `^first +by +[^ ]`}}},
	whereKey, groupByKey, fieldsKey, attributesKey,
	{Name: "exists", Purpose: "since and until when a row counts", Form: `{from: created_at, to: closed_at}`, Also: []string{"valid", "history"}, Takes: []form{{Map: existsKeys}}},
	belongsToKey,
}}

var factKeys = &KeyTable{Of: "a fact", Keys: []Key{
	titleKey, descriptionKey, deprecatedKey, sourceKey, fromKey,
	{Name: "of", Purpose: "the entity or fact a row belongs to", Form: `customer`, Also: []string{"entity", "owner"}, Takes: text},
	{Name: "by", Purpose: "the column that holds the owner's key", Form: `customer_id`, Also: []string{"foreign_key", "fk", "on"}, Takes: cell},
	{Name: "at", Purpose: "when it happened; without it a fact has no time", Form: `ordered_at`, Also: []string{"time", "timestamp", "date", "when_at", "occurred_at"}, Takes: cell},
	{Name: "known_at", Purpose: "when the row became known, or `always`; the fact's time when not given", Form: `booked_at`, Also: []string{"recorded_at", "known"}, Takes: cell},
	{Name: "key", Purpose: "the columns that tell rows apart and break ties", Form: `line_id`, Also: []string{"id", "primary_key", "pk", "keys"}, Takes: []form{{Text: true}, {Map: keyKeys}, {List: column}}},
	whereKey, groupByKey, fieldsKey, attributesKey, belongsToKey,
}}

var sourceKeys = &KeyTable{Of: "a source", Keys: []Key{
	{Name: "file", Purpose: "path of a file, seen from the catalog; * and ** stand for several files", Form: `data/sales-*.csv`, Also: []string{"path", "files", "csv", "parquet", "json"}, Takes: text},
	{Name: "table", Purpose: "a table or view of the engine", Form: `crm.customers`, Also: []string{"view"}, Takes: text},
	{Name: "sql", Purpose: "a query of the engine", Form: `select * from crm.customers`, Also: []string{"query", "select"}, Takes: text},
	{Name: "format", Purpose: "csv, tsv, json, jsonl or parquet; by the file's ending when not given", Form: `csv`, Also: []string{"type"}, Takes: words(formats...)},
	{Name: "delimiter", Purpose: "what stands between columns; found out from the file when not given", Form: `";"`, Also: []string{"separator", "sep", "delim"}, Takes: text},
	{Name: "quote", Purpose: "the character around texts, or \"\" for none; a double quote when not given", Form: `"'"`, Also: []string{"quotechar"}, Takes: text},
	{Name: "encoding", Purpose: "utf-8, utf-16 or latin-1; utf-8 when not given", Form: `latin-1`, Also: []string{"charset"}, Takes: words("utf-8", "utf-16", "latin-1")},
	{Name: "header", Purpose: "whether the first line holds the names of the columns; true when not given", Form: `true`, Also: []string{"headers"}, Takes: flag},
}}

var keyKeys = &KeyTable{Of: "`key: {…}`", Keys: []Key{
	{Name: "column", Purpose: "name of the column in the source", Form: `"Customer ID"`, Also: []string{"name", "columns"}, Takes: text, Required: true},
	{Name: "type", Purpose: "type of the column", Form: `int`, Takes: text},
}}

// attributeProperties are shared by attributes and computed fields.
var attributeProperties = []Key{
	titleKey, descriptionKey, deprecatedKey,
	{Name: "column", Purpose: "name of the column in the source; the attribute's name when not given", Form: `"Thu nhập"`, Also: []string{"name", "source", "field", "from"}, Takes: text},
	{Name: "type", Purpose: "type of the values", Form: `decimal(14, 0)`, Takes: text},
	{Name: "values", Purpose: "the texts that may occur", Form: `[female, male, other]`, Also: []string{"enum", "options", "one_of", "accepted_values"}, Takes: []form{{List: text}}},
	{Name: "min", Purpose: "the smallest value that may occur", Form: `0`, Also: []string{"minimum"}, Takes: text},
	{Name: "max", Purpose: "the largest value that may occur", Form: `120`, Also: []string{"maximum"}, Takes: text},
	{Name: "empty", Purpose: "`missing`: an empty text is a missing value", Form: `missing`, Also: []string{"null", "nullable", "blank"}, Takes: words("missing")},
	{Name: "pii", Purpose: "the values are about a person and are not shown", Form: `true`, Also: []string{"personal", "sensitive", "private"}, Takes: flag},
	{Name: "normalize", Purpose: "Unicode form that texts are brought to; files are read in nfc in any case", Form: `nfc`, Also: []string{"normalise"}, Takes: words("nfc")},
	{Name: "trim", Purpose: "blanks at both ends of a text are dropped", Form: `true`, Also: []string{"strip"}, Takes: flag},
	{Name: "separator", Purpose: "what stands between the elements of a list written as one text", Form: `";"`, Also: []string{"delimiter", "sep", "split"}, Takes: text},
	{Name: "lat", Purpose: "place: the column with the latitude, in degrees", Form: `lat`, Also: []string{"latitude"}, Takes: text},
	{Name: "lon", Purpose: "place: the column with the longitude, in degrees", Form: `lon`, Also: []string{"lng", "long", "longitude"}, Takes: text},
}

var attributeKeys = &KeyTable{Of: "an attribute", Keys: attributeProperties}

var fieldKeys = &KeyTable{Of: "a field", Keys: append([]Key{
	{Name: "expr", Purpose: "the expression that gives the value", Form: `Quantity * UnitPrice`, Also: []string{"expression", "value", "sql", "formula"}, Takes: text},
}, attributeProperties...)}

var existsKeys = &KeyTable{Of: "`exists`", Keys: []Key{
	{Name: "from", Purpose: "the row counts from this time on", Form: `created_at`, Also: []string{"since", "start", "valid_from"}, Takes: cell, Required: true},
	{Name: "to", Purpose: "the row no longer counts from this time on; missing: it still does", Form: `closed_at`, Also: []string{"until", "end", "valid_to"}, Takes: cell},
}}

var lookupKeys = &KeyTable{Of: "a lookup", Keys: []Key{
	{Name: "entity", Purpose: "the entity looked up", Form: `company`, Also: []string{"to", "of", "target", "table"}, Takes: text, Required: true},
	{Name: "by", Purpose: "the column that holds that entity's key", Form: `company_id`, Also: []string{"key", "on", "foreign_key", "fk", "column"}, Takes: cell, Required: true},
	{Name: "reverse", Purpose: "name of the way back, from that entity to these rows", Form: `employees`, Also: []string{"inverse", "backref", "as"}, Takes: text},
	deprecatedKey,
}}

var cellKeys = &KeyTable{Of: "`{column: …}`", Keys: []Key{
	{Name: "column", Purpose: "name of the column in the source, as it is spelled there", Form: `"Customer ID"`, Also: []string{"name"}, Takes: text, Required: true},
}}
