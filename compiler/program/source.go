package program

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// printer writes conditions as expr programs.
type printer struct {
	*builder
	scope *scope
	known map[string]int // feature by key
	reads []int
	size  int
	depth int
}

// maxSource bounds a program: a reference to a segment beyond it is a feature.
const maxSource = 4000

// sources prints every segment.
func (b *builder) sources() {
	p := &printer{builder: b, scope: &scope{builder: b, rel: b.subject}, known: map[string]int{}}
	for _, s := range b.program.Segments {
		p.reads, p.size = nil, 0
		s.Source = p.cond(s.Where)
		s.reads = p.reads
	}
}

func (p *printer) read(i int) int {
	for _, have := range p.reads {
		if have == i {
			return i
		}
	}
	p.reads = append(p.reads, i)
	return i
}

// bool is a condition as a feature.
func (p *printer) bool(x ir.Expr) string {
	key := "bool " + p.spaceKey(x)
	i, ok := p.known[key]
	if !ok {
		t := p.scope.test(x)
		i = p.add(key, &Feature{Kind: BoolFeature, Type: value.Of(value.Bool), Text: x.Span().Text(), test: t})
	}
	return p.program.Name(p.read(i))
}

func (p *printer) add(key string, f *Feature) int {
	i := len(p.program.Features)
	f.number = i
	p.program.Features = append(p.program.Features, f)
	p.known[key] = i
	return i
}

// value is a value as a feature. ok is false when expr has no such value.
func (p *printer) value(x ir.Expr) (f *Feature, ok bool) {
	if _, column := x.(*ir.Column); !column {
		switch x.(type) {
		case *ir.Agg, *ir.Follow, *ir.Trait, *ir.Arith, *ir.Call, *ir.Case, *ir.Div, *ir.ListCount:
		default:
			return nil, false
		}
	}
	key := "value " + p.spaceKey(x)
	i, have := p.known[key]
	if !have {
		c := p.scope.code(x)
		f := &Feature{Type: c.typ, Scale: c.typ.Scale, nullable: true, Text: x.Span().Text(), code: c}
		if a, ok := bare(x).(*ir.Agg); ok && a.Op.ZeroOfNone() {
			f.nullable = false
		}
		switch {
		case c.typ.Kind == value.Bool:
			return nil, false
		case c.int != nil:
			f.Kind = IntFeature
		case c.text != nil:
			f.Kind = TextFeature
		case c.float != nil:
			f.Kind = FloatFeature
		default:
			return nil, false
		}
		i = p.add(key, f)
	}
	p.read(i)
	return p.program.Features[i], true
}

// field of a feature.
func (p *printer) field(f *Feature) string { return p.program.Name(f.number) }

// guard is what holds when a feature is known; "" where it always is.
func (p *printer) guard(f *Feature) string {
	if !f.nullable {
		return ""
	}
	f.Optional = true
	return p.program.KnownName(f.number)
}

// unlessZero is s, which must not hold where f is missing. A missing f is
// seen as 0 or "", so it takes a guard only where s holds of that.
func (p *printer) unlessZero(f *Feature, holds bool, s string) string {
	if !holds {
		return s
	}
	return guarded(p.guard(f), s)
}

// bare is x without the names of traits.
func bare(x ir.Expr) ir.Expr {
	if t, ok := x.(*ir.Trait); ok {
		return bare(t.X)
	}
	return x
}

// cond prints a condition.
func (p *printer) cond(x ir.Expr) string {
	s := p.try(x)
	if s == "" {
		s = p.bool(x)
	}
	p.size += len(s)
	return s
}

// try prints a condition that expr can say; "" when it cannot.
func (p *printer) try(x ir.Expr) string {
	switch x := x.(type) {
	case *ir.And:
		return p.junction(x.Xs, " && ", "true")
	case *ir.Cmp:
		return p.compare(x.Op, x.L, x.R)
	case *ir.Const:
		return strconv.FormatBool(x.V.True())
	case *ir.InRange:
		return p.inRange(x)
	case *ir.InSet:
		return p.inSet(x)
	case *ir.Known:
		return p.isKnown(x)
	case *ir.Member:
		return p.member(x)
	case *ir.Not:
		s := p.cond(x.X)
		if strings.HasPrefix(s, "(") || !strings.ContainsAny(s, " ") {
			return "!" + s
		}
		return "!(" + s + ")"
	case *ir.Or:
		return p.junction(x.Xs, " || ", "false")
	case *ir.TextMatch:
		return p.textMatch(x)
	default:
		return ""
	}
}

func (p *printer) junction(xs []ir.Expr, op, none string) string {
	if len(xs) == 0 {
		return none
	}
	parts := make([]string, len(xs))
	for i, x := range xs {
		parts[i] = p.cond(x)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, op) + ")"
}

// member writes a segment's own condition in its place.
func (p *printer) member(x *ir.Member) string {
	if x.Seg.Entity != p.program.Entity || x.Seg.Meta.ValidFrom != nil || x.Seg.Meta.ValidUntil != nil || p.size > maxSource || p.depth > 20 {
		return ""
	}
	p.depth++
	defer func() { p.depth-- }()
	return p.cond(x.Seg.Where)
}

func guarded(guard, s string) string {
	if guard == "" {
		return s
	}
	return "(" + guard + " && " + s + ")"
}

func (p *printer) isKnown(x *ir.Known) string {
	f, ok := p.value(x.X)
	if !ok {
		return ""
	}
	guard := p.guard(f)
	switch {
	case guard == "":
		return strconv.FormatBool(!x.Missing)
	case x.Missing:
		return "!" + guard
	default:
		return guard
	}
}

func (p *printer) compare(op string, l, r ir.Expr) string {
	if ir.Fixed(l) && !ir.Fixed(r) {
		return p.compare(flipped[op], r, l)
	}
	if ir.Fixed(l) {
		return ""
	}
	if !ir.Fixed(r) {
		return p.compareTwo(op, l, r)
	}
	if _, ok := p.literal(r); !ok {
		return ""
	}
	return p.compareLiteral(op, l, sideAt{typ: l.Type(), op: op, x: r})
}

// compareLiteral compares with the constant that the normal form has.
func (p *printer) compareLiteral(op string, l ir.Expr, with sideAt) string {
	side := with.at(p.program, 0)
	exact := side.spans && side.known && sayable(side.lo) && sayable(side.hi)
	isText := l.Type().Kind == value.Text && (op == "=" || op == "!=")
	isFloat := l.Type().Kind == value.Float && side.isFloat
	if !exact && !isText && !isFloat {
		return ""
	}
	f, ok := p.value(l)
	if !ok {
		return ""
	}
	field := p.field(f)
	switch {
	case f.Kind == TextFeature && isText:
		return p.unlessZero(f, (side.value.S == "") == (op == "="), field+" "+exprOp[op]+" "+quote(side.value.S))
	case f.Kind == FloatFeature && isFloat:
		return p.unlessZero(f, holds(op, order(0, side.float)), field+" "+exprOp[op]+" "+floatLiteral(side.float))
	case f.Kind == IntFeature && exact:
		zero := (side.lo <= 0 && 0 <= side.hi) == (op != "!=")
		return p.unlessZero(f, zero, spanSource(field, op, side))
	}
	return ""
}

// sayable: a bound of a span that is open there, or can be written and is not
// what numbers beyond 64 bits show as.
func sayable(i int64) bool {
	return i == math.MinInt64 || i == math.MaxInt64 || i > math.MinInt64+2 && i < math.MaxInt64-2
}

var exprOp = map[string]string{"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

// spanSource says that a field lies in the span of a comparison.
func spanSource(field, op string, s side) string {
	switch {
	case s.lo > s.hi, s.lo == math.MinInt64 && s.hi == math.MaxInt64:
		return strconv.FormatBool(op == "!=" || s.lo <= s.hi)
	case op == "!=":
		return field + " != " + intLiteral(s.lo)
	case s.lo == s.hi:
		return field + " == " + intLiteral(s.lo)
	case op == "<" && s.hi != math.MaxInt64:
		return field + " < " + intLiteral(s.hi+1)
	case s.lo == math.MinInt64:
		return field + " <= " + intLiteral(s.hi)
	case op == ">" && s.lo != math.MinInt64:
		return field + " > " + intLiteral(s.lo-1)
	default:
		return field + " >= " + intLiteral(s.lo)
	}
}

func intLiteral(i int64) string {
	if i < 0 {
		return "(" + strconv.FormatInt(i, 10) + ")"
	}
	return strconv.FormatInt(i, 10)
}

func floatLiteral(x float64) string {
	s := strconv.FormatFloat(x, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	if x < 0 {
		return "(" + s + ")"
	}
	return s
}

// compareTwo compares two features of one kind.
func (p *printer) compareTwo(op string, l, r ir.Expr) string {
	lt, rt := l.Type(), r.Type()
	ints := formOf(lt) == asInt && lt.Kind == rt.Kind && lt.Scale == rt.Scale && lt.Kind != value.Bool
	texts := lt.Kind == value.Text && rt.Kind == value.Text && (op == "=" || op == "!=")
	if !ints && !texts || p.fails(l) || p.fails(r) {
		return ""
	}
	if lt.Kind == value.Decimal && (sumPrec < lt.Prec || !plainColumn(l) || !plainColumn(r)) {
		return "" // may be beyond 64 bits, which both would show as the largest
	}
	a, ok := p.value(l)
	if !ok {
		return ""
	}
	b, ok := p.value(r)
	if !ok {
		return ""
	}
	return guarded(p.guard(a), guarded(p.guard(b), p.field(a)+" "+exprOp[op]+" "+p.field(b)))
}

func plainColumn(x ir.Expr) bool {
	_, ok := x.(*ir.Column)
	return ok
}

func (p *printer) inRange(x *ir.InRange) string {
	var parts []string
	for _, b := range []struct {
		op    string
		bound ir.Expr
	}{{">=", x.Window.Lo}, {"<", x.Window.Hi}} {
		if b.bound == nil {
			continue
		}
		if _, ok := p.literal(b.bound); !ok || ir.Fixed(x.X) {
			return ""
		}
		s := p.compareLiteral(b.op, x.X, sideAt{typ: x.X.Type(), op: b.op, x: b.bound, next: &x.Window.Next})
		if s == "" {
			return ""
		}
		parts = append(parts, s)
	}
	switch len(parts) {
	case 0:
		return ""
	case 1:
		return parts[0]
	}
	return "(" + parts[0] + " && " + parts[1] + ")"
}

// few enough to be written out.
const fewValues = 12

func (p *printer) inSet(x *ir.InSet) string {
	t := x.X.Type()
	if len(x.Set.Values) > fewValues || ir.Fixed(x.X) {
		return ""
	}
	if t.Kind != value.Text && (formOf(t) != asInt || !exactKinds(t, x.Set.Values)) {
		return ""
	}
	f, ok := p.value(x.X)
	if !ok {
		return ""
	}
	field, zero := p.field(f), false
	var parts []string
	for _, v := range x.Set.Values {
		if t.Kind == value.Text {
			parts, zero = append(parts, quote(v.S)), zero || v.S == ""
		} else if i, ok := intOf(t, v); ok {
			parts, zero = append(parts, field+" == "+intLiteral(i)), zero || i == 0
		}
	}
	switch {
	case len(parts) == 0:
		return "false"
	case t.Kind == value.Text:
		return p.unlessZero(f, zero, field+" in ["+strings.Join(parts, ", ")+"]")
	}
	return p.unlessZero(f, zero, "("+strings.Join(parts, " || ")+")")
}

func (p *printer) textMatch(x *ir.TextMatch) string {
	op := map[string]string{"contains": "contains", "starts": "startsWith", "ends": "endsWith"}[x.Op]
	v, ok := p.literal(x.Y)
	if op == "" || !ok || v.Kind != value.Text || ir.Fixed(x.X) {
		return ""
	}
	f, ok := p.value(x.X)
	if !ok || f.Kind != TextFeature {
		return ""
	}
	return p.unlessZero(f, v.S == "", p.field(f)+" "+op+" "+quote(v.S))
}

// quote writes a text as expr reads it.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 || r == 0xFEFF:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
