package conformance

import (
	"encoding/json"
	"fmt"
	"math/big"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// sheet is a data file of an archive. A cell is nil when it is missing.
type sheet struct {
	names []string
	rows  [][]*string
	json  []bool // by column: it holds objects or lists
	text  []bool // by column: JSON has it in quotes
}

func (a *archive) sheet(name string) (*sheet, error) {
	text, ok := a.files[name]
	if !ok {
		return nil, fmt.Errorf("there is no file %s", name)
	}
	text = strings.TrimPrefix(text, "\ufeff")
	if path.Ext(name) == ".jsonl" {
		return readJSONL(text)
	}
	return readCSV(text), nil
}

// readCSV reads a file; an unquoted empty cell is missing, a quoted one is the
// empty text.
func readCSV(text string) *sheet {
	var rows [][]*string
	var row []*string
	var cell strings.Builder
	quoted, inside := false, false
	end := func() {
		s := cell.String()
		if s != "" || quoted {
			row = append(row, &s)
		} else {
			row = append(row, nil)
		}
		cell.Reset()
		quoted = false
	}
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; {
		case inside && ch == '"' && i+1 < len(text) && text[i+1] == '"':
			cell.WriteByte('"')
			i++
		case ch == '"':
			inside, quoted = !inside, true
		case inside:
			cell.WriteByte(ch)
		case ch == ',':
			end()
		case ch == '\n':
			end()
			rows, row = append(rows, row), nil
		default:
			cell.WriteByte(ch)
		}
	}
	s := &sheet{rows: rows[1:]}
	for _, name := range rows[0] {
		s.names = append(s.names, *name)
	}
	s.json, s.text = make([]bool, len(s.names)), make([]bool, len(s.names))
	return s
}

func readJSONL(text string) (*sheet, error) {
	s := &sheet{}
	for line := range strings.Lines(text) {
		d := json.NewDecoder(strings.NewReader(line))
		var members map[string]json.RawMessage
		if err := d.Decode(&members); err != nil {
			return nil, err
		}
		row := make([]*string, len(s.names))
		for _, name := range keysInOrder(line) {
			i := slices.Index(s.names, name)
			if i < 0 {
				i = len(s.names)
				s.names, s.json, s.text = append(s.names, name), append(s.json, false), append(s.text, false)
				row = append(row, nil)
			}
			raw := string(members[name])
			switch raw[0] {
			case 'n':
				continue
			case '{', '[':
				s.json[i] = true
			case '"':
				s.text[i] = true
				if err := json.Unmarshal(members[name], &raw); err != nil {
					return nil, err
				}
			}
			row[i] = &raw
		}
		s.rows = append(s.rows, row)
	}
	for i := range s.rows {
		for len(s.rows[i]) < len(s.names) {
			s.rows[i] = append(s.rows[i], nil)
		}
	}
	return s, nil
}

// keysInOrder are the names of the members of a JSON object.
func keysInOrder(object string) []string {
	var names []string
	d := json.NewDecoder(strings.NewReader(object))
	_, _ = d.Token()
	for d.More() {
		name, _ := d.Token()
		names = append(names, name.(string))
		var skip json.RawMessage
		_ = d.Decode(&skip)
	}
	return names
}

// columns are the types that the catalog declares, and for the others, and
// for times, what every cell looks like.
func (s *sheet) columns(declared map[string]value.Type) []check.SourceColumn {
	var out []check.SourceColumn
	for i, name := range s.names {
		t, ok := declared[name]
		if !ok {
			t = s.infer(i)
		}
		out = append(out, check.SourceColumn{Name: name, Type: t})
	}
	return out
}

var (
	canonicalInt     = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)
	canonicalDecimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)\.[0-9]+$`)
)

func (s *sheet) infer(i int) value.Type {
	if s.json[i] {
		return value.Of(value.JSON)
	}
	found := map[value.Kind]bool{}
	whole, places := 0, 0
	for _, r := range s.rows {
		if r[i] == nil || *r[i] == "" {
			continue
		}
		k := kindOf(*r[i], !s.text[i])
		found[k] = true
		if k == value.Int || k == value.Decimal {
			before, after, _ := strings.Cut(strings.TrimPrefix(*r[i], "-"), ".")
			whole, places = max(whole, len(before)), max(places, len(after))
		}
	}
	switch {
	case len(found) == 1 && !found[value.Decimal]:
		for k := range found {
			return value.Of(k)
		}
	case found[value.Decimal] && (len(found) == 1 || len(found) == 2 && found[value.Int]):
		return value.DecimalType(whole+places, places)
	case len(found) == 2 && found[value.Date] && found[value.Wall]:
		return value.Of(value.Wall)
	}
	return value.Of(value.Text)
}

// kindOf is what one cell looks like.
func kindOf(cell string, numbers bool) value.Kind {
	_, isInt := value.Parse(value.Of(value.Int), cell)
	m, isTime := calendar.Scan(cell)
	switch {
	case numbers && isInt && canonicalInt.MatchString(cell):
		return value.Int
	case numbers && canonicalDecimal.MatchString(cell):
		return value.Decimal
	case numbers && (strings.EqualFold(cell, "true") || strings.EqualFold(cell, "false")):
		return value.Bool
	case isTime && len(cell) == len("2025-03-08"):
		return value.Date
	case isTime && m.HasZone:
		return value.Time
	case isTime:
		return value.Wall
	default:
		return value.Text
	}
}

// records are the rows as the evaluator takes them.
func (s *sheet) records(rel *ir.Relation, cal *calendar.Calendar) []ir.Record {
	var out []ir.Record
	for _, row := range s.rows {
		rec := ir.Record{}
		for _, c := range rel.Columns {
			i := slices.Index(s.names, c.Raw)
			if c.Raw == "" || i < 0 || row[i] == nil {
				continue
			}
			v := (&reader{c, cal}).cell(*row[i], c.Type)
			if v.IsMissing() || c.Min != nil && value.Compare(v, *c.Min) < 0 || c.Max != nil && value.Compare(v, *c.Max) > 0 {
				continue
			}
			rec[c] = v
		}
		out = append(out, rec)
	}
	return out
}

// reader reads cells of a column; what does not fit is missing.
type reader struct {
	col *ir.ColumnDef
	cal *calendar.Calendar
}

func (r *reader) cell(text string, t value.Type) value.Value {
	switch t.Kind {
	case value.List:
		return r.list(text, t)
	case value.Record:
		return r.record(text, t)
	case value.JSON:
		return value.Value{Kind: value.JSON, S: text}
	case value.Text:
		text = norm.NFC.String(text)
		if r.col.Trim {
			text = strings.Trim(text, value.Blank)
		}
		if r.col.EmptyMissing && text == "" || len(t.Values) > 0 && !slices.Contains(t.Values, text) {
			return value.Value{}
		}
		return value.NewText(text)
	}
	v, ok := r.parse(text, t)
	switch {
	case !ok:
		return value.Value{}
	case v.Kind == value.Time && t.Kind == value.Wall:
		return value.NewWall(r.cal.Wall(v.I))
	case v.Kind == value.Wall && t.Kind == value.Time:
		return value.NewTime(r.cal.Instant(v.I))
	}
	return v
}

// parse reads a cell. A decimal column that JSON or CSV has as a float is
// rounded only by engines that read it as one, so no case has one.
func (r *reader) parse(text string, t value.Type) (value.Value, bool) {
	if t.Kind == value.Int && r.col.RawType.Kind == value.Float {
		q, ok := new(big.Rat).SetString(text)
		if ok && q.IsInt() && q.Num().IsInt64() {
			return value.NewInt(q.Num().Int64()), true
		}
	}
	return value.Parse(t, text)
}

func (r *reader) list(text string, t value.Type) value.Value {
	var items []value.Value
	add := func(part string) {
		if v := r.cell(part, *t.Elem); !v.IsMissing() {
			items = append(items, v)
		}
	}
	if r.col.Separator != "" {
		for part := range strings.SplitSeq(text, r.col.Separator) {
			if part = strings.Trim(part, value.Blank); part != "" {
				add(part)
			}
		}
		return value.NewList(items...)
	}
	var parts []json.RawMessage
	if json.Unmarshal([]byte(text), &parts) != nil {
		return value.Value{}
	}
	for _, p := range parts {
		if part, ok := jsonCell(p); ok {
			add(part)
		}
	}
	return value.NewList(items...)
}

func (r *reader) record(text string, t value.Type) value.Value {
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &members) != nil {
		return value.Value{}
	}
	fields := make([]value.Value, len(t.Fields))
	for i, f := range t.Fields {
		if part, ok := jsonCell(members[f.Name]); ok {
			fields[i] = r.cell(part, f.Type)
		}
	}
	return value.NewRecord(fields...)
}

// jsonCell is a JSON value as the text of a cell; false for null.
func jsonCell(raw json.RawMessage) (string, bool) {
	switch {
	case len(raw) == 0 || raw[0] == 'n':
		return "", false
	case raw[0] == '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return "", false
		}
		return s, true
	default:
		return string(raw), true
	}
}
