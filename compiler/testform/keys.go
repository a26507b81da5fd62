package testform

import "github.com/segql/segql/internal/keytable"

type (
	table = keytable.Table
	form  = keytable.Form
)

// Tables gives every key table of test files, that of a test first.
func Tables() []*table { return []*table{testKeys, laterKeys, segmentKeys, missingKeys} }

// CellForm is the name of the form of the value of a column, which occurs
// inside itself; Cells are the forms it has.
const CellForm = "cell"

// Cells are the forms of the value of a column: a scalar, a list for columns
// that hold lists, a map for those that hold records.
var Cells = []form{{Text: true}, {List: []form{{Ref: CellForm}}, Empty: true}, {Names: []form{{Ref: CellForm}}}}

var (
	text = []form{{Text: true}}
	keys = []form{{List: text}}
	rows = []form{{Names: []form{{List: []form{{Names: []form{{Ref: CellForm}}}}}}}}
	want = []form{{Names: []form{{Map: segmentKeys}}}}
	// values are those of traits, by the key of the row.
	values = []form{{Names: []form{{Names: []form{{Text: true}, {List: text, Empty: true}, {Map: missingKeys}}}}}}
)

var testKeys = &table{Of: "a test", Keys: []keytable.Key{
	{Name: "test", Purpose: "what is tested, in words", Form: `buyers of the last 90 days`, Takes: text, Required: true, Also: []string{"name", "title", "case"}},
	{Name: "as_of", Purpose: "the instant the segments are computed for", Form: `2025-06-01T10:30`, Takes: text, Required: true, Also: []string{"as of", "asof", "now", "at", "date"}},
	{Name: "set", Purpose: "params that have another value", Form: `{min_spend: 3_000_000}`, Takes: []form{{Names: text}}, Also: []string{"params", "param"}},
	{Name: "rows", Purpose: "the rows of entities and facts; a column that a row leaves out is missing", Form: `{customer: [{id: 1, city: Huế}]}`, Takes: rows, Also: []string{"given", "data", "tables"}},
	{Name: "expect", Purpose: "who must be in which segment", Form: `{buyers: {in: [1], not in: [2]}}`, Takes: want, Also: []string{"expected", "segments", "members"}},
	{Name: "traits", Purpose: "values that traits must have, by the keys of rows", Form: `{total_spend: {1: 500}}`, Takes: values, Also: []string{"trait", "values"}},
	{Name: "then", Purpose: "later instants, each with the rows that have come since", Form: `[{as_of: 2025-09-01, expect: {buyers: {left: [1]}}}]`, Takes: []form{{List: []form{{Map: laterKeys}}}}, Also: []string{"later", "steps", "next"}},
}}

var laterKeys = &table{Of: "a later instant", Keys: []keytable.Key{
	{Name: "as_of", Purpose: "the instant, later than the one before", Form: `2025-09-01`, Takes: text, Required: true, Also: []string{"as of", "asof", "now", "at", "date"}},
	{Name: "rows", Purpose: "rows that have come since; a row of an entity stands in the place of the one with its key", Form: `{orders: [{customer_id: 2, ordered_at: 2025-08-30}]}`, Takes: rows, Also: []string{"given", "data", "tables"}},
	{Name: "expect", Purpose: "who must be in which segment, and who has entered or left", Form: `{buyers: {entered: [2], left: [1]}}`, Takes: want, Also: []string{"expected", "segments", "members"}},
	{Name: "traits", Purpose: "values that traits must have, by the keys of rows", Form: `{total_spend: {1: 500}}`, Takes: values, Also: []string{"trait", "values"}},
}}

var segmentKeys = &table{Of: "what is expected of a segment", Keys: []keytable.Key{
	{Name: "in", Purpose: "keys of rows that must be in it", Form: `[1, 2]`, Takes: keys, Also: []string{"members", "includes", "has"}},
	{Name: "not in", Purpose: "keys of rows that must not be in it", Form: `[3]`, Takes: keys, Also: []string{"not_in", "non_members", "excludes", "out"}},
	{Name: "size", Purpose: "how many rows are in it", Form: `2`, Takes: text, Also: []string{"count", "members_count"}},
	{Name: "entered", Purpose: "keys of rows that have entered it since the instant before", Form: `[2]`, Takes: keys, Also: []string{"joined", "new"}},
	{Name: "left", Purpose: "keys of rows that have left it since the instant before", Form: `[1]`, Takes: keys, Also: []string{"exited", "gone"}},
}}

var missingKeys = &table{Of: "a trait without value", Keys: []keytable.Key{
	{Name: "is", Purpose: "that the trait has no value", Form: `missing`, Takes: []form{{Words: []string{"missing"}}}, Required: true},
}}
