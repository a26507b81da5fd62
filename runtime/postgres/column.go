package postgres

import (
	"github.com/segql/segql/compiler/value"
)

// column is a column of a table or query, or of the copy of a file.
type column struct {
	name string
	typ  value.Type // what its own type is in segql
	own  string     // its own type, where a cast would be nothing but a copy: bigint, numeric(12, 2)
	// cast brings types that segql has no kind for to one it has: uuid to text.
	cast string
}

// Object identifiers of the types that are built in; they never change.
var builtIn = map[uint32]column{
	16:   {typ: value.Of(value.Bool), own: "boolean"},
	20:   {typ: value.Of(value.Int), own: "bigint"},
	21:   {typ: value.Of(value.Int)},
	23:   {typ: value.Of(value.Int)},
	26:   {typ: value.Of(value.Int), cast: "bigint"},
	25:   {typ: value.Of(value.Text)},
	1043: {typ: value.Of(value.Text)},
	114:  {typ: value.Of(value.JSON), own: "json"},
	3802: {typ: value.Of(value.JSON)},
	700:  {typ: value.Of(value.Float)},
	701:  {typ: value.Of(value.Float)},
	1082: {typ: value.Of(value.Date)},
	1114: {typ: value.Of(value.Wall)},
	1184: {typ: value.Of(value.Time)},
}

// numericID is numeric, whose digits stand in the type's modifier.
const numericID = 1700

// arrays are those of built-in types.
var arrays = map[uint32]uint32{1000: 16, 1005: 21, 1007: 23, 1016: 20, 1009: 25, 1015: 25, 1021: 700, 1022: 701, 1231: numericID,
	1182: 1082, 1115: 1114, 1185: 1184, 199: 114, 3807: 3802}

// columnOf tells a column by the type's identifier and modifier. Types that
// are not built in are text, or lists of text.
func columnOf(name string, id uint32, modifier int32, array bool) column {
	if elem, ok := arrays[id]; ok || array {
		e := value.Of(value.Text)
		cast := "text[]"
		if ok {
			e, cast = columnOf("", elem, -1, false).typ, ""
		}
		return column{name: name, typ: value.Type{Kind: value.List, Elem: &e}, cast: cast}
	}
	if id == numericID {
		t := value.DecimalType(value.MaxPrec, anyScale)
		if precision, scale := int(modifier-4)>>16, int(modifier-4)&0x7ff; modifier >= 4 && precision <= value.MaxPrec && scale <= precision {
			t = value.DecimalType(precision, scale)
		}
		return column{name: name, typ: t}
	}
	c, ok := builtIn[id]
	if !ok {
		c = column{typ: value.Of(value.Text), cast: "text"}
	}
	c.name = name
	return c
}

// anyScale is what a numeric column that names no digits is read with, as
// number() reads text.
const anyScale = 10
