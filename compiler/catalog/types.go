package catalog

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/internal/yamltree"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

// plainTypes are the types without parameters.
var plainTypes = map[string]value.Kind{
	"bool": value.Bool, "date": value.Date, "float": value.Float, "int": value.Int,
	"place": value.Place, "text": value.Text, "time": value.Time, "version": value.Version,
}

const typeNames = "text, int, decimal(12, 2), float, bool, date, time, place, version, list<text> and {name: text}"

// otherTypes are names of types elsewhere and what they are here.
var otherTypes = map[string]string{
	"string": "text", "str": "text", "varchar": "text", "nvarchar": "text", "char": "text", "character": "text",
	"nchar": "text", "uuid": "text", "enum": "text", "categorical": "text", "category": "text",
	"integer": "int", "bigint": "int", "int8": "int", "int16": "int", "int32": "int", "int64": "int", "smallint": "int",
	"tinyint": "int", "long": "int", "hugeint": "int", "serial": "int",
	"number": "decimal(18, 2)", "numeric": "decimal(18, 2)", "money": "decimal(18, 2)", "currency": "decimal(18, 2)",
	"timestamp": "time", "timestamptz": "time", "timestamp_tz": "time", "datetime": "time", "instant": "time",
	"boolean": "bool", "bit": "bool", "logical": "bool",
	"double": "float", "real": "float", "float32": "float", "float64": "float", "float8": "float",
	"array": "list<text>", "set": "list<text>", "list": "list<text>",
	"struct": "{name: text}", "record": "{name: text}", "object": "{name: text}", "map": "{name: text}", "json": "{name: text}",
	"geo": "place", "geography": "place", "geometry": "place", "point": "place", "location": "place", "latlon": "place",
	"semver": "version", "day": "date",
}

// maxTypeDepth bounds lists of lists and records of records.
const maxTypeDepth = 16

// typeOf reads a type; ok is false after an error.
func (r *reader) typeOf(v *yamltree.Node) (t value.Type, ok bool) {
	p := &typeParser{r: r, text: v.Text, at: v.At}
	switch {
	case v.Kind == yamltree.Map && v.Flow:
		// {city: text} without quotes is a map of YAML and reads the same.
		p.text = v.Span.Text()
		p.at = func(start, end int) source.Span {
			return source.Span{File: v.Span.File, Start: v.Span.Start + start, End: v.Span.Start + end}
		}
	case v.Kind == yamltree.List:
		r.shape(v, "a type").Help = "a list of texts is written `list<text>`"
		return value.Type{}, false
	case v.Kind != yamltree.Scalar:
		r.shape(v, "a type").Help = "types are " + typeNames
		return value.Type{}, false
	}
	if t, ok = p.parse(0); !ok {
		return value.Type{}, false
	}
	if p.blank(); p.pos < len(p.text) {
		d := p.fail(p.pos, len(p.text), "`%s` is too much after the type %s", p.text[p.pos:], t)
		if strings.HasPrefix(p.text[p.pos:], "[]") {
			d.Help = fmt.Sprintf("a list is written `list<%s>`", t)
		}
		return value.Type{}, false
	}
	return t, true
}

// typeParser is a recursive descent over one type.
type typeParser struct {
	r    *reader
	text string
	at   func(start, end int) source.Span
	pos  int
}

func (p *typeParser) fail(start, end int, format string, args ...any) *diag.Diagnostic {
	return p.r.diags.Errorf(codeTypeForm, p.at(start, end), format, args...)
}

func (p *typeParser) blank() {
	for p.pos < len(p.text) && isBlank(p.text[p.pos]) {
		p.pos++
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// take passes a character if it is next, after blanks.
func (p *typeParser) take(c byte) bool {
	p.blank()
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

// word passes a name and gives its start.
func (p *typeParser) word() (string, int) {
	p.blank()
	start := p.pos
	for p.pos < len(p.text) {
		c, size := utf8.DecodeRuneInString(p.text[p.pos:])
		if c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c) {
			break
		}
		p.pos += size
	}
	return p.text[start:p.pos], start
}

func (p *typeParser) parse(depth int) (value.Type, bool) {
	if depth > maxTypeDepth {
		p.fail(0, len(p.text), "the type is nested more than %d levels deep", maxTypeDepth)
		return value.Type{}, false
	}
	if p.take('{') {
		return p.record(depth)
	}
	name, start := p.word()
	switch kind, plain := plainTypes[name]; {
	case name == "":
		p.fail(start, len(p.text), "a type is missing here").Help = "types are " + typeNames
		return value.Type{}, false
	case name == "decimal":
		return p.decimal(start)
	case name == "list" && p.take('<'):
		elem, ok := p.parse(depth + 1)
		if !ok {
			return value.Type{}, false
		}
		if !p.take('>') {
			p.fail(start, len(p.text), "the type of the list is not closed").Help = fmt.Sprintf("write `list<%s>`", elem)
			return value.Type{}, false
		}
		return value.Type{Kind: value.List, Elem: &elem}, true
	case plain:
		return value.Of(kind), true
	}
	p.unknown(name, start)
	return value.Type{}, false
}

// unknown reports a name that is no type, and which one was meant.
func (p *typeParser) unknown(name string, start int) {
	end := p.pos
	params := ""
	if p.take('(') {
		if i := strings.IndexByte(p.text[p.pos:], ')'); i >= 0 {
			params = p.text[p.pos : p.pos+i]
			end = p.pos + i + 1
		}
	}
	d := p.r.diags.Errorf(codeUnknownType, p.at(start, end), "there is no type `%s`", name)
	d.Help = "types are " + typeNames
	meant := otherTypes[strings.ToLower(name)]
	switch {
	case strings.HasPrefix(meant, "decimal") && strings.Contains(params, ","):
		meant = "decimal(" + params + ")"
	case meant == "":
		names := []string{"decimal", "list"}
		for plain := range plainTypes {
			names = append(names, plain)
		}
		if meant = diag.Suggest(strings.ToLower(name), names); meant == "decimal" || meant == "list" {
			end = start + len(name)
		}
	}
	p.r.didYouMean(d, p.at(start, end), meant)
}

// decimal reads what follows the word: (digits, digits after the point).
func (p *typeParser) decimal(start int) (value.Type, bool) {
	const help = "write all digits and those after the point, as in `decimal(12, 2)`"
	if !p.take('(') {
		p.fail(start, p.pos, "`decimal` does not say how many digits it has").Help = help
		return value.Type{}, false
	}
	prec, okPrec := p.digits()
	comma := p.take(',')
	scale, okScale := 0, true
	if comma {
		scale, okScale = p.digits()
	}
	switch closed := p.take(')'); {
	case !okPrec || !okScale || !closed:
		p.fail(start, len(p.text), "the digits of `decimal` cannot be read").Help = help
		return value.Type{}, false
	case !comma:
		d := p.fail(start, p.pos, "`decimal(%d)` does not say how many digits are after the point", prec)
		d.Help = help
		d.Edits = []diag.Edit{{Span: p.at(start, p.pos), Text: fmt.Sprintf("decimal(%d, 0)", prec)}}
		return value.Type{}, false
	case prec < 1 || prec > value.MaxPrec:
		p.fail(start, p.pos, "a decimal has 1 to %d digits, not %d", value.MaxPrec, prec)
		return value.Type{}, false
	case scale > prec:
		d := p.fail(start, p.pos, "of %d digits, %d cannot be after the point", prec, scale)
		d.Help = "the first number counts all digits, those after the point included"
		return value.Type{}, false
	}
	return value.DecimalType(prec, scale), true
}

func (p *typeParser) digits() (int, bool) {
	word, _ := p.word()
	n, err := strconv.Atoi(word)
	return n, err == nil && n >= 0
}

// record reads what follows the opening brace.
func (p *typeParser) record(depth int) (value.Type, bool) {
	open := p.pos - 1
	t := value.Type{Kind: value.Record}
	for {
		name, start, ok := p.fieldName()
		if !ok {
			return value.Type{}, false
		}
		for _, f := range t.Fields {
			if f.Name == name {
				p.fail(start, p.pos, "the record has two fields `%s`", name)
				return value.Type{}, false
			}
		}
		if !p.take(':') {
			p.fail(start, p.pos, "the field `%s` has no type", name).Help = fmt.Sprintf("write `%s: text`", name)
			return value.Type{}, false
		}
		field, ok := p.parse(depth + 1)
		if !ok {
			return value.Type{}, false
		}
		t.Fields = append(t.Fields, value.Field{Name: name, Type: field})
		switch {
		case p.take('}'):
			return t, true
		case !p.take(','):
			p.fail(open, len(p.text), "the record is not closed").Help = "fields are parted by commas and end with }"
			return value.Type{}, false
		}
	}
}

// fieldName reads a name, in backticks or quotes if it is no plain one.
func (p *typeParser) fieldName() (string, int, bool) {
	p.blank()
	start := p.pos
	if p.pos < len(p.text) && strings.IndexByte("`\"'", p.text[p.pos]) >= 0 {
		if i := strings.IndexByte(p.text[p.pos+1:], p.text[p.pos]); i > 0 {
			p.pos += i + 2
			return p.text[start+1 : p.pos-1], start, true
		}
	}
	name, _ := p.word()
	if name == "" {
		p.fail(start, len(p.text), "a field's name is missing").Help = "a record is written `{city: text, primary: bool}`"
		return "", start, false
	}
	return name, start, true
}
