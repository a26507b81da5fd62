package duckdb

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/segql/segql/compiler/value"
)

// engineType is a parsed DuckDB type: STRUCT(a INTEGER, "b c" VARCHAR)[].
type engineType struct {
	name   string // upper case: BIGINT, DECIMAL, STRUCT, LIST, MAP …
	args   []int  // DECIMAL: width and scale
	elem   *engineType
	fields []engineField
}

type engineField struct {
	name string
	typ  engineType
}

// parseEngineType reads what DESCRIBE prints. What it does not know comes back
// as a name without parts, which maps to json.
func parseEngineType(text string) engineType {
	p := &typeParser{text: text}
	t := p.parse()
	if p.bad || strings.TrimSpace(p.text[p.pos:]) != "" {
		return engineType{name: text}
	}
	return t
}

type typeParser struct {
	text string
	pos  int
	bad  bool
}

func (p *typeParser) parse() engineType {
	start := p.pos
	for p.pos < len(p.text) && !strings.ContainsRune("(),[", rune(p.text[p.pos])) {
		p.pos++
	}
	t := engineType{name: strings.ToUpper(strings.TrimSpace(p.text[start:p.pos]))}
	if p.peek() == '(' {
		switch t.name {
		case "STRUCT":
			t.fields = p.parseFields()
		default:
			t.args = p.parseArgs()
		}
	}
	for p.peek() == '[' {
		end := strings.IndexByte(p.text[p.pos:], ']')
		if end < 0 {
			p.bad = true
			return t
		}
		p.pos += end + 1
		inner := t
		t = engineType{name: "LIST", elem: &inner}
	}
	return t
}

func (p *typeParser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

func (p *typeParser) parseFields() []engineField {
	var fields []engineField
	p.pos++ // (
	for !p.bad {
		p.spaces()
		name := p.fieldName()
		p.spaces()
		fields = append(fields, engineField{name, p.parse()})
		p.spaces()
		switch p.peek() {
		case ',':
			p.pos++
		case ')':
			p.pos++
			return fields
		default:
			p.bad = true
		}
	}
	return nil
}

func (p *typeParser) fieldName() string {
	if p.peek() != '"' {
		start := p.pos
		for p.pos < len(p.text) && p.text[p.pos] != ' ' {
			p.pos++
		}
		return p.text[start:p.pos]
	}
	var name strings.Builder
	for p.pos++; p.pos < len(p.text); p.pos++ {
		if p.text[p.pos] == '"' {
			p.pos++
			if p.pos == len(p.text) || p.text[p.pos] != '"' {
				return name.String()
			}
		}
		name.WriteByte(p.text[p.pos])
	}
	p.bad = true
	return ""
}

// parseArgs skips to the closing parenthesis, past quoted text, and keeps
// numbers: DECIMAL(18,3), ENUM('a', 'b)'), MAP(VARCHAR, INTEGER[]).
func (p *typeParser) parseArgs() []int {
	start, depth, quoted := p.pos+1, 0, byte(0)
	for ; p.pos < len(p.text); p.pos++ {
		c := p.text[p.pos]
		switch {
		case quoted != 0:
			if c == quoted {
				quoted = 0
			}
		case c == '\'' || c == '"':
			quoted = c
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				p.pos++
				return numbers(p.text[start : p.pos-1])
			}
		}
	}
	p.bad = true
	return nil
}

func numbers(text string) []int {
	var list []int
	for _, part := range strings.Split(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return nil
		}
		list = append(list, n)
	}
	return list
}

func (p *typeParser) spaces() {
	for p.peek() == ' ' {
		p.pos++
	}
}

// value maps to segql's type. Unsigned 64 bits and more exceed int and become
// decimal; what segql has no kind for becomes text when it prints well and
// json otherwise.
func (t engineType) value() value.Type {
	switch t.name {
	case "BOOLEAN":
		return value.Of(value.Bool)
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER":
		return value.Of(value.Int)
	case "UBIGINT", "HUGEINT", "UHUGEINT", "BIGNUM":
		return value.DecimalType(value.MaxPrec, 0)
	case "DECIMAL":
		if len(t.args) == 2 {
			return value.DecimalType(t.args[0], t.args[1])
		}
		return value.DecimalType(18, 3) // DuckDB's default
	case "DOUBLE", "FLOAT":
		return value.Of(value.Float)
	case "DATE":
		return value.Of(value.Date)
	case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS":
		return value.Of(value.Wall)
	case "TIMESTAMP WITH TIME ZONE":
		return value.Of(value.Time)
	case "VARCHAR", "ENUM", "UUID", "TIME", "TIME WITH TIME ZONE", "INTERVAL", "BIT", "BLOB":
		return value.Of(value.Text)
	case "LIST":
		elem := t.elem.value()
		return value.Type{Kind: value.List, Elem: &elem}
	case "STRUCT":
		fields := make([]value.Field, len(t.fields))
		for i, f := range t.fields {
			fields[i] = value.Field{Name: f.name, Type: f.typ.value()}
		}
		return value.Type{Kind: value.Record, Fields: fields}
	default: // JSON, MAP, UNION, VARIANT, GEOMETRY and what comes
		return value.Of(value.JSON)
	}
}

// sqlType is the type a converted value has in SQL.
func sqlType(t value.Type) string {
	switch t.Kind {
	case value.Bool:
		return "BOOLEAN"
	case value.Int, value.Duration:
		return "BIGINT"
	case value.Decimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", t.Prec, t.Scale)
	case value.Float:
		return "DOUBLE"
	case value.Date:
		return "DATE"
	case value.Time:
		return "TIMESTAMPTZ"
	case value.Wall:
		return "TIMESTAMP"
	case value.List:
		return sqlType(*t.Elem) + "[]"
	case value.Record:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = QuoteIdent(f.Name) + " " + sqlType(f.Type)
		}
		return "STRUCT(" + strings.Join(parts, ", ") + ")"
	case value.JSON:
		return "JSON"
	default: // Text, Version, Place
		return "VARCHAR"
	}
}
