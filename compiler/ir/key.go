package ir

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/segql/segql/compiler/value"
)

// Key is a text that is equal for two expressions of one scope exactly when
// they are built alike; spans and the names of traits do not count.
func Key(e Expr) string {
	var b strings.Builder
	writeKey(&b, e)
	return b.String()
}

func (w *Window) key(b *strings.Builder) {
	if w == nil {
		return
	}
	b.WriteString(" window(")
	writeKey(b, w.Lo)
	b.WriteByte(' ')
	writeKey(b, w.Hi)
	if w.Next {
		b.WriteString(" next")
	}
	b.WriteByte(')')
}

func lookupsKey(ls []*Lookup) string {
	parts := make([]string, len(ls))
	for i, l := range ls {
		parts[i] = l.From.Name + "." + l.Name
	}
	return strings.Join(parts, ">")
}

func valueKey(v value.Value) string {
	return strconv.Itoa(int(v.Kind)) + ":" + strconv.Quote(v.String())
}

func writeKey(b *strings.Builder, e Expr) {
	node := func(head string, xs ...Expr) {
		b.WriteByte('(')
		b.WriteString(head)
		for _, x := range xs {
			b.WriteByte(' ')
			writeKey(b, x)
		}
		b.WriteByte(')')
	}
	switch e := e.(type) {
	case nil:
		b.WriteString("-")
	case *And:
		node("and", e.Xs...)
	case *Arith:
		node(e.Op+e.T.String(), e.L, e.R)
	case *AsOf:
		b.WriteString("as_of")
	case *Call:
		node("call "+strconv.Quote(e.Fn), e.Args...)
	case *Case:
		node("case", Children(e)...)
	case *Cmp:
		node(e.Op, e.L, e.R)
	case *Column:
		b.WriteString(strconv.Quote(e.Col.Name))
	case *Const:
		b.WriteString(valueKey(e.V))
	case *Convert:
		node("convert "+strconv.Itoa(int(e.T.Kind))+":"+e.T.String(), e.X)
	case *Div:
		node("/", e.L, e.R)
	case *Field:
		node("field "+strconv.Quote(e.Name), e.X)
	case *Follow:
		node("follow "+e.By.Name, e.X)
	case *InSet:
		head := "in"
		for _, v := range e.Set.Values {
			head += " " + valueKey(v)
		}
		node(head, e.X)
	case *Known:
		node("known "+strconv.FormatBool(!e.Missing), e.X)
	case *Match:
		node("match "+strconv.Quote(e.Re.RE2()), e.X)
	case *Member:
		node("member " + strconv.Quote(e.Seg.Name))
	case *Neg:
		node("neg", e.X)
	case *Not:
		node("not", e.X)
	case *Or:
		node("or", e.Xs...)
	case *Sample:
		node(fmt.Sprintf("sample %s %s %q", valueKey(e.From), valueKey(e.Share), e.Salt), e.By)
	case *Slot:
		b.WriteString("(slot " + strconv.Quote(e.Table) + " " + strconv.Quote(e.Col) + ")")
	case *StartOf:
		node("start_of "+e.Unit, e.X)
	case *TextMatch:
		node("text "+e.Op, e.X, e.Y)
	case *TimeAdd:
		node("add "+strconv.FormatInt(e.N, 10)+" "+e.Unit, e.X)
	case *Trait:
		writeKey(b, e.X)
	case *Truth:
		node("truth", e.X)
	case *Agg, *Anniversary, *Bucket, *Earlier, *GroupAgg, *Has, *History, *InRange, *ListCount, *PopAgg, *Rank, *Seq:
		writeWideKey(b, e)
	default:
		panic(fmt.Sprintf("ir: Key of %T", e))
	}
}

// writeWideKey writes the nodes that look at other rows.
func writeWideKey(b *strings.Builder, e Expr) {
	part := func(x Expr) {
		b.WriteByte(' ')
		writeKey(b, x)
	}
	of := func(s *Segment) {
		if s != nil {
			b.WriteString(" of " + strconv.Quote(s.Name))
		}
	}
	switch e := e.(type) {
	case *Agg:
		b.WriteString("(agg " + string(e.Op) + " " + strconv.FormatBool(e.Distinct) + " [" + lookupsKey(e.Anchor) + "] " + e.Leaf.Name + " [" + lookupsKey(e.Back) + "]")
		part(e.Value)
		e.Window.key(b)
		part(e.Where)
	case *Bucket:
		fmt.Fprintf(b, "(bucket %d", e.K)
		of(e.Of)
		part(e.Value)
		part(e.Per)
	case *GroupAgg:
		fmt.Fprintf(b, "(group %s %t", e.Op, e.Distinct)
		part(e.Value)
	case *Anniversary:
		b.WriteString("(anniversary")
		part(e.X)
		e.Window.key(b)
	case *Earlier:
		fmt.Fprintf(b, "(earlier %d", e.Row)
		part(e.X)
	case *Seq:
		e.key(b)
		return
	case *History:
		e.writeKey(b)
		return
	case *Has:
		b.WriteString("(has")
		part(e.X)
		part(e.Y)
	case *ListCount:
		b.WriteString("(items")
		part(e.X)
		part(e.Where)
	case *InRange:
		b.WriteString("(range")
		part(e.X)
		e.Window.key(b)
	case *PopAgg:
		fmt.Fprintf(b, "(pop %s", e.Op)
		if e.Percent != nil {
			b.WriteString(" " + valueKey(*e.Percent))
		}
		of(e.Of)
		part(e.Value)
		part(e.Per)
	default:
		r := e.(*Rank)
		fmt.Fprintf(b, "(rank %t %d", r.Bottom, r.N)
		if r.Percent != nil {
			b.WriteString(" " + valueKey(*r.Percent))
		}
		of(r.Of)
		part(r.Value)
		part(r.Per)
	}
	b.WriteByte(')')
}
