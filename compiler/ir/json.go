package ir

import (
	"encoding/json"

	"github.com/segql/segql/compiler/value"
)

// jsonField is one member of a JSON object: an object or array stays JSON, a
// text loses its quotes, null and what is not there are missing.
func jsonField(x value.Value, name string) value.Value {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(x.S), &object) != nil {
		return value.Value{}
	}
	raw, ok := object[name]
	if !ok || string(raw) == "null" {
		return value.Value{}
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return value.Value{Kind: value.JSON, S: s}
	}
	return value.Value{Kind: value.JSON, S: string(raw)}
}
