// Package keytable describes the maps of segql's YAML files: which keys each
// takes, what they are for and what their values look like. Decoders read by
// these tables, so that diagnostics, completion and the JSON Schemas made
// from them know just what the decoders know.
package keytable

// Key is one key that a map takes.
type Key struct {
	Name    string
	Purpose string // one line
	Form    string // of the value, as an example
	// Also are words that authors try instead; they are never accepted and
	// only make the diagnostic better.
	Also []string
	// Takes are the forms that the value may have.
	Takes    []Form
	Required bool
}

// Form is one form of a value; exactly one of its fields is set, but for Len and Empty.
//
//   - Text: any scalar, which is read as text or as an expression
//   - Number: a whole number, at least 1
//   - Flag: true or false
//   - Words: one of these words
//   - Pattern: a scalar that fits a regular expression
//   - Map: a map with the keys of a table
//   - Names: a map of the author's own names to values of a form
//   - One: a map with one entry of the author's own naming
//   - List: a list, not empty, with elements of one of these forms; with Len,
//     of so many; with Empty it may be empty
//   - Ref: a form that has a name, since it occurs inside itself
type Form struct {
	Text, Number, Flag bool
	Words              []string
	Pattern            string
	Map                *Table
	Names, One, List   []Form
	Len                int  // beside List
	Empty              bool // beside List
	Ref                string
}

// Table lists the keys of one kind of map, in the order in which they are
// written canonically and in which documentation and completion show them.
type Table struct {
	Of   string // the kind of map, with its article: "an entity"
	Keys []Key
	// OneOf are keys of which exactly one must be there; nil: none need be.
	OneOf []string
}

// Names of the keys, for suggestions.
func (t *Table) Names() []string {
	names := make([]string, len(t.Keys))
	for i, k := range t.Keys {
		names[i] = k.Name
	}
	return names
}

// Key finds a key by its name, nil if the table has none.
func (t *Table) Key(name string) *Key {
	for i := range t.Keys {
		if t.Keys[i].Name == name {
			return &t.Keys[i]
		}
	}
	return nil
}

// Index is the place of a key in the order of the table, -1 if it has none.
func (t *Table) Index(name string) int {
	for i := range t.Keys {
		if t.Keys[i].Name == name {
			return i
		}
	}
	return -1
}

// Meant finds the key for a word that authors use for it, "" if none.
func (t *Table) Meant(word string) string {
	for _, k := range t.Keys {
		for _, also := range k.Also {
			if also == word {
				return k.Name
			}
		}
	}
	return ""
}
