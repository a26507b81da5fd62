package program

import "github.com/segql/segql/compiler/value"

// form says how values of a type are kept: as 64-bit integers wherever that
// is exact, for the machine's own comparisons are exact then too.
type form uint8

const (
	asInt   form = iota // bool, int, decimal of at most 18 digits (× 10^scale), date, time
	asWide              // decimal of more digits: an integer too, as long as that holds it
	asFloat             // float
	asText              // text
	asValue             // all else, as a value.Value
)

// smallPrec is how many decimal digits surely fit 64 bits.
const smallPrec = 18

func formOf(t value.Type) form {
	switch t.Kind {
	case value.Bool, value.Int, value.Date, value.Time, value.Wall:
		return asInt
	case value.Decimal:
		if t.Prec <= smallPrec {
			return asInt
		}
		return asWide
	case value.Float:
		return asFloat
	case value.Text:
		return asText
	default:
		return asValue
	}
}

// set is a set of row numbers.
type set []uint64

func (s set) has(r int32) bool { return s[r>>6]>>(uint(r)&63)&1 != 0 }
func (s set) add(r int32)      { s[r>>6] |= 1 << (uint(r) & 63) }
func (s set) remove(r int32)   { s[r>>6] &^= 1 << (uint(r) & 63) }

// bit is 1 or 0.
func bit(b bool) uint64 {
	var n uint64
	if b {
		n = 1
	}
	return n
}

// sized gives s room for n rows, all of them out.
func sized(s set, n int) set {
	words := (n + 63) / 64
	if cap(s) < words {
		return make(set, words)
	}
	s = s[:words]
	clear(s)
	return s
}

// fill takes in the rows before n.
func (s set) fill(n int) {
	for i := range s {
		s[i] = ^uint64(0)
	}
	if rest := uint(n) & 63; rest != 0 {
		s[len(s)-1] = 1<<rest - 1
	}
}

// Vec is one column of rows: of the four slices the one that its type asks
// for is as long as the column.
type Vec struct {
	known  set
	large  set     // asWide: rows whose number is in values
	ints   []int64 // asText: the heads
	floats []float64
	texts  []string
	values []value.Value
}

func (v *Vec) reset() {
	v.known, v.large = v.known[:0], v.large[:0]
	v.ints, v.floats, v.texts, v.values = v.ints[:0], v.floats[:0], v.texts[:0], v.values[:0]
}

// resize makes room for n values, all missing.
func (v *Vec) resize(form form, n int) {
	v.known = sized(v.known, n)
	switch form {
	case asWide:
		v.large, v.ints, v.values = sized(v.large, n), grown(v.ints, n), v.values[:0]
	case asInt:
		v.ints = grown(v.ints, n)
	case asFloat:
		v.floats = grown(v.floats, n)
	case asText:
		v.texts, v.ints = grown(v.texts, n), grown(v.ints, n)
	case asValue:
		v.values = grown(v.values, n)
	}
}

func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2)
	}
	return s[:n]
}

// shortText is how many bytes of a text its head says all of.
const shortText = 7

// head is the first seven bytes of a text and its length, of those longer
// than that 255. Texts of different heads differ; short ones of the same head
// are the same.
func head(s string) int64 {
	h := uint64(min(len(s), 255)) << 56
	if len(s) > shortText {
		h = 255 << 56
	}
	for i := range min(len(s), shortText) {
		h |= uint64(s[i]) << (8 * uint(i))
	}
	return int64(h)
}

// append adds a value of the column's type at row n.
func (v *Vec) append(t value.Type, n int, x value.Value) {
	if n&63 == 0 {
		v.known = append(v.known, 0)
	}
	switch formOf(t) {
	case asWide:
		if n&63 == 0 {
			v.large = append(v.large, 0)
		}
		v.ints = append(v.ints, 0)
	case asInt:
		v.ints = append(v.ints, 0)
	case asFloat:
		v.floats = append(v.floats, 0)
	case asText:
		v.texts, v.ints = append(v.texts, ""), append(v.ints, 0)
	case asValue:
		v.values = append(v.values, value.Value{})
	}
	v.set(t, int32(n), x)
}

// set puts a value of the column's type at a row.
func (v *Vec) set(t value.Type, r int32, x value.Value) {
	if x.IsMissing() {
		v.known.remove(r)
		return
	}
	v.known.add(r)
	switch formOf(t) {
	case asWide:
		var ok bool
		if v.ints[r], ok = intOf(t, x); ok {
			v.large.remove(r)
			return
		}
		v.large.add(r)
		for len(v.values) <= int(r) {
			v.values = append(v.values, value.Value{})
		}
		v.values[r] = x
	case asInt:
		v.ints[r], _ = intOf(t, x)
	case asFloat:
		v.floats[r] = x.F
	case asText:
		v.texts[r], v.ints[r] = x.S, head(x.S)
	case asValue:
		v.values[r] = x
	}
}

// at is the value of a row.
func (v *Vec) at(t value.Type, r int32) value.Value {
	if !v.known.has(r) {
		return value.Value{}
	}
	switch formOf(t) {
	case asWide:
		if v.large.has(r) {
			return v.values[r]
		}
		return valueOf(t, v.ints[r])
	case asInt:
		return valueOf(t, v.ints[r])
	case asFloat:
		return value.Value{Kind: value.Float, F: v.floats[r]}
	case asText:
		return value.NewText(v.texts[r])
	default:
		return v.values[r]
	}
}

// Rows are rows of one relation as its source holds them: a column for each
// raw column of the relation (Table.Columns), of its declared type.
type Rows struct {
	table *Table
	n     int
	cols  []Vec
}

// Rows makes an empty set of rows for one of the program's tables.
func (p *Program) Rows(table int) *Rows { return &Rows{table: p.Tables[table]} }

// Len is the number of rows.
func (r *Rows) Len() int { return r.n }

// Append adds a row: a value for each of the table's columns, of its type or
// missing. That is not checked here.
func (r *Rows) Append(row []value.Value) {
	if r.cols == nil {
		r.cols = make([]Vec, len(r.table.Columns))
	}
	for i := range r.cols {
		r.cols[i].append(r.table.Columns[i].Type, r.n, row[i])
	}
	r.n++
}

// Value is one cell.
func (r *Rows) Value(row, column int) value.Value {
	return r.cols[column].at(r.table.Columns[column].Type, int32(row))
}

// Reset forgets the rows and keeps their memory.
func (r *Rows) Reset() {
	r.n = 0
	for i := range r.cols {
		r.cols[i].reset()
	}
}

// Truncate forgets the rows from n on.
func (r *Rows) Truncate(n int) {
	for i := range r.cols {
		v := &r.cols[i]
		v.known = v.known[:(n+63)/64]
		if n&63 != 0 {
			v.known[n>>6] &= 1<<(uint(n)&63) - 1
		}
		if len(v.large) > 0 {
			v.large = v.large[:(n+63)/64]
			if n&63 != 0 {
				v.large[n>>6] &= 1<<(uint(n)&63) - 1
			}
		}
		v.ints, v.floats = v.ints[:min(n, len(v.ints))], v.floats[:min(n, len(v.floats))]
		v.texts, v.values = v.texts[:min(n, len(v.texts))], v.values[:min(n, len(v.values))]
	}
	r.n = n
}
