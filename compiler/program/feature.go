package program

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// FeatureKind is the type of a feature in an expr program.
type FeatureKind uint8

// Kinds of features.
const (
	IntFeature   FeatureKind = iota // int: also days, microseconds, and decimals × 10^Scale
	TextFeature                     // string
	FloatFeature                    // float64
	BoolFeature                     // bool: a condition that expr cannot say exactly
)

// Feature is a field of the record that expr programs read: F followed by its
// number. Where it is Optional, a field K with the same number says whether
// it is known; it is 0 or "" when it is not. An int beyond 64 bits is the
// largest or smallest that they hold, which compares with every constant in
// the programs as the number itself does.
type Feature struct {
	Kind     FeatureKind
	Type     value.Type
	Scale    int // of a decimal
	Optional bool
	// Text is what the author wrote, the first time it is used.
	Text string

	code code
	test test
}

// Name of the field of a feature.
func (p *Program) Name(feature int) string { return "F" + strconv.Itoa(feature) }

// KnownName of the field that says whether the feature is known.
func (p *Program) KnownName(feature int) string { return "K" + strconv.Itoa(feature) }

// Reads are the features of a segment's Source.
func (s *Segment) Reads() []int { return s.reads }

// Int is a feature of the subject of the last Begin, and whether it is known.
func (f *Frame) Int(feature int) (int64, bool) {
	c := &f.program.Features[feature].code
	i, st := c.int(f, f.row)
	if st == large {
		v := c.value(f, f.row)
		if f.err != nil || v.IsMissing() {
			return 0, false
		}
		if value.Compare(v, value.NewInt(0)) < 0 {
			return math.MinInt64, true
		}
		return math.MaxInt64, true
	}
	return i, st == known
}

// Text is a feature of text.
func (f *Frame) Text(feature int) (string, bool) {
	return f.program.Features[feature].code.text(f, f.row)
}

// Float is a feature of type float.
func (f *Frame) Float(feature int) (float64, bool) {
	return f.program.Features[feature].code.float(f, f.row)
}

// Bool is a condition.
func (f *Frame) Bool(feature int) bool { return f.program.Features[feature].test.one(f, f.row) }

// Err takes the error of the features that were asked for since the last
// time: value.ErrOverflow or ErrBudget.
func (f *Frame) Err() error { return f.take() }

// Valid reports whether a segment is valid on the day of the instant.
func (t *Instant) Valid(segment int) bool { return t.valid[segment] }

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
	p.program.Features = append(p.program.Features, f)
	p.known[key] = i
	return i
}

// value is a value as a feature: its field, and what must hold for it to be
// known ("" where it always is). ok is false when expr has no such value.
func (p *printer) value(x ir.Expr) (f *Feature, field, guard string, ok bool) {
	if _, column := x.(*ir.Column); !column {
		switch x.(type) {
		case *ir.Agg, *ir.Follow, *ir.Trait, *ir.Arith, *ir.Call, *ir.Case, *ir.Div, *ir.ListCount:
		default:
			return nil, "", "", false
		}
	}
	key := "value " + p.spaceKey(x)
	i, have := p.known[key]
	if !have {
		c := p.scope.code(x)
		f := &Feature{Type: c.typ, Scale: c.typ.Scale, Optional: true, Text: x.Span().Text(), code: c}
		if a, ok := bare(x).(*ir.Agg); ok && a.Op.ZeroOfNone() {
			f.Optional = false
		}
		switch {
		case c.typ.Kind == value.Bool:
			return nil, "", "", false
		case c.int != nil:
			f.Kind = IntFeature
		case c.text != nil:
			f.Kind = TextFeature
		case c.float != nil:
			f.Kind = FloatFeature
		default:
			return nil, "", "", false
		}
		i = p.add(key, f)
	}
	f = p.program.Features[i]
	p.read(i)
	if f.Optional {
		guard = p.program.KnownName(i)
	}
	return f, p.program.Name(i), guard, true
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
	_, _, guard, ok := p.value(x.X)
	switch {
	case !ok:
		return ""
	case guard == "":
		return strconv.FormatBool(!x.Missing)
	case x.Missing:
		return "!" + guard
	default:
		return guard
	}
}

// literal is a constant of the definitions themselves; what follows from
// as_of is left to features.
func (p *printer) literal(x ir.Expr) (value.Value, bool) {
	if !ir.Fixed(x) || p.fails(x) {
		return value.Value{}, false
	}
	now := false
	ir.Walk(x, func(e ir.Expr) bool {
		_, is := e.(*ir.AsOf)
		now = now || is
		return !now
	})
	if now {
		return value.Value{}, false
	}
	v, err := constantAt(p.program, 0, x)
	return v, err == nil && !v.IsMissing()
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
	f, field, guard, ok := p.value(l)
	if !ok {
		return ""
	}
	switch {
	case f.Kind == TextFeature && isText:
		return guarded(guard, field+" "+exprOp[op]+" "+quote(side.value.S))
	case f.Kind == FloatFeature && isFloat:
		return guarded(guard, field+" "+exprOp[op]+" "+floatLiteral(side.float))
	case f.Kind == IntFeature && exact:
		return guarded(guard, spanSource(field, op, side))
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
	_, a, known, ok := p.value(l)
	if !ok {
		return ""
	}
	_, b, also, ok := p.value(r)
	if !ok {
		return ""
	}
	return guarded(known, guarded(also, a+" "+exprOp[op]+" "+b))
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
	_, field, guard, ok := p.value(x.X)
	if !ok {
		return ""
	}
	var parts []string
	for _, v := range x.Set.Values {
		if t.Kind == value.Text {
			parts = append(parts, quote(v.S))
		} else if i, ok := intOf(t, v); ok {
			parts = append(parts, field+" == "+intLiteral(i))
		}
	}
	switch {
	case len(parts) == 0:
		return "false"
	case t.Kind == value.Text:
		return guarded(guard, field+" in ["+strings.Join(parts, ", ")+"]")
	}
	return guarded(guard, "("+strings.Join(parts, " || ")+")")
}

func (p *printer) textMatch(x *ir.TextMatch) string {
	op := map[string]string{"contains": "contains", "starts": "startsWith", "ends": "endsWith"}[x.Op]
	v, ok := p.literal(x.Y)
	if op == "" || !ok || v.Kind != value.Text || ir.Fixed(x.X) {
		return ""
	}
	f, field, guard, ok := p.value(x.X)
	if !ok || f.Kind != TextFeature {
		return ""
	}
	return guarded(guard, field+" "+op+" "+quote(v.S))
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
