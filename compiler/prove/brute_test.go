package prove_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/prove"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/source"
)

// TestBruteForce draws rules over a small domain and looks at every customer
// of it: what is proved has no counterexample among them, and where there is
// one it is refuted, by a witness that holds when its test is read back.
func TestBruteForce(t *testing.T) {
	unknown, asked := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		ra, rb := drawRule(t, 2), drawRule(t, 2)
		p := compile(t, fmt.Sprintf("segment a { where %s }\nsegment b { where %s }\n", ra, rb))
		a, b := p.Segment("a"), p.Segment("b")
		at := *instant(t, p, "2025-07-15T10:00")
		inA, inB := everyone(t, p.Project, at, a, b)
		pr := prove.New(p.Project, prove.Options{AsOf: &at})
		always := prove.New(p.Project, prove.Options{ProofsOnly: true})
		questions := []struct {
			words   string
			answer  prove.Answer
			forever prove.Answer
			counter func(a, b bool) bool
			of      []prove.Membership
		}{
			{"never a", pr.Never(a), always.Never(a), func(a, _ bool) bool { return a }, []prove.Membership{{Segment: a, In: true}}},
			{"always a", pr.Always(a), always.Always(a), func(a, _ bool) bool { return !a }, []prove.Membership{{Segment: a}}},
			{"a implies b", pr.Implies(a, b), always.Implies(a, b), func(a, b bool) bool { return a && !b }, []prove.Membership{{Segment: a, In: true}, {Segment: b}}},
			{"a disjoint b", pr.Disjoint(a, b), always.Disjoint(a, b), func(a, b bool) bool { return a && b }, []prove.Membership{{Segment: a, In: true}, {Segment: b, In: true}}},
		}
		for _, q := range questions {
			asked++
			counter := false
			for i := range inA {
				counter = counter || q.counter(inA[i], inB[i])
			}
			switch {
			case counter && (q.answer.Proved() || q.forever.Proved()):
				t.Fatalf("%s is proved, and there is a counterexample\na: %s\nb: %s", q.words, ra, rb)
			case q.answer.Refuted():
				witnessHolds(t, p.Project, q.answer.Witness, q.of)
			case counter:
				unknown++
				t.Logf("%s: %s\na: %s\nb: %s", q.words, q.answer.Reason, ra, rb)
			}
		}
	})
	if unknown*50 > asked {
		t.Errorf("%d of %d questions with a counterexample in the small domain are unknown", unknown, asked)
	}
}

func drawRule(t *rapid.T, depth int) string {
	of := func(xs ...string) string { return rapid.SampledFrom(xs).Draw(t, "word") }
	n := func(hi int) int { return rapid.IntRange(0, hi).Draw(t, "n") }
	if depth > 0 && n(2) > 0 {
		x, y := drawRule(t, depth-1), drawRule(t, depth-1)
		return of("("+x+" and "+y+")", "("+x+" or "+y+")", "not ("+x+")")
	}
	op := of("=", "<", ">=", "!=", "<=", ">")
	rows := "orders" + of("", " in last 30 days", " in last 10 days", " before 20 days ago") + of("", ` where status = "paid"`, " where points > 3", ` where status != "open" and points <= 3`)
	switch n(8) {
	case 0:
		return fmt.Sprintf("score %s %d", op, n(3))
	case 1:
		return fmt.Sprintf("gender %s %q", of("=", "!="), of("female", "male"))
	case 2:
		return of("vip", "not vip", "vip is known", "score is missing", "gender is known")
	case 3:
		return fmt.Sprintf("count(%s) %s %d", rows, op, n(3))
	case 4:
		return of("any", "none") + "(" + rows + ")"
	case 5:
		return fmt.Sprintf("sum(points of %s) %s %d", rows, op, n(12))
	case 6:
		return fmt.Sprintf("%s(points of %s) %s %d", of("min", "max", "avg"), rows, op, n(6))
	case 7:
		return fmt.Sprintf("%s(status of %s) = %q", of("first", "last"), rows, of("paid", "open"))
	default:
		return fmt.Sprintf("score + %d %s %d", n(2), op, n(4))
	}
}

// everyone evaluates two segments for every customer with up to two orders of
// a few kinds.
func everyone(t *rapid.T, p *ir.Project, at int64, a, b *ir.Segment) (inA, inB []bool) {
	customer, orders := p.Relation("customer"), p.Relation("orders")
	const day = 86_400_000_000
	data := ir.Data{}
	id := int64(0)
	type order struct {
		back   int64
		status string
		points int64
	}
	var kinds []order
	for _, back := range []int64{5, 25} {
		for _, status := range []string{"paid", "open", ""} {
			for _, points := range []int64{0, 5} {
				kinds = append(kinds, order{back, status, points})
			}
		}
	}
	var lists [][]order
	lists = append(lists, nil)
	for i, x := range kinds {
		lists = append(lists, []order{x})
		for _, y := range kinds[:i+1] {
			lists = append(lists, []order{x, y})
		}
	}
	put := func(r ir.Record, rel *ir.Relation, column string, v value.Value) {
		if !v.IsMissing() {
			r[rel.Column(column)] = v
		}
	}
	for _, score := range []value.Value{{}, value.NewInt(0), value.NewInt(2)} {
		for _, vip := range []value.Value{{}, value.NewBool(true), value.NewBool(false)} {
			for _, gender := range []value.Value{{}, value.NewText("male"), value.NewText("female")} {
				for _, list := range lists {
					id++
					r := ir.Record{}
					put(r, customer, "id", value.NewInt(id))
					put(r, customer, "score", score)
					put(r, customer, "vip", vip)
					put(r, customer, "gender", gender)
					data[customer] = append(data[customer], r)
					for i, o := range list {
						r := ir.Record{}
						put(r, orders, "oid", value.NewInt(10*id+int64(i)))
						put(r, orders, "cid", value.NewInt(id))
						put(r, orders, "at", asTime(p, orders.Time, at-o.back*day-int64(i)))
						put(r, orders, "points", value.NewInt(o.points))
						if o.status != "" {
							put(r, orders, "status", value.NewText(o.status))
						}
						data[orders] = append(data[orders], r)
						for _, l := range orders.Lookups {
							if by, ok := l.By.(*ir.Column); ok {
								r[by.Col] = value.NewInt(id)
							}
						}
					}
				}
			}
		}
	}
	rows, err := ir.Start(p, at, ir.Input{Data: data}).Values(customer, []ir.Expr{&ir.Member{Seg: a}, &ir.Member{Seg: b}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		inA, inB = append(inA, r[0].True()), append(inB, r[1].True())
	}
	return inA, inB
}

func asTime(p *ir.Project, c *ir.ColumnDef, at int64) value.Value {
	if c.Type.Kind == value.Wall {
		return value.NewWall(p.Calendar.Wall(at))
	}
	return value.NewTime(at)
}

// witnessHolds writes a witness as a file of tests, reads it back and
// evaluates it.
func witnessHolds(t *rapid.T, p *ir.Project, w *prove.Witness, of []prove.Membership) {
	text := testform.Format([]*testform.Test{w.Test(p, "witness", of)})
	tests, diags := testform.Read(&source.File{Name: "w_test.seg.yaml", Text: text})
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags, text)
	}
	cases, diags := testform.Check(p, tests)
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags, text)
	}
	at := cases[0].Instants[0]
	r, err := ir.Eval(p, at.AsOf, at.Data)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range at.Wants {
		in := func(k testform.Key) bool {
			return slices.ContainsFunc(r.Members(want.Expect.Segment.Text), func(m value.Value) bool { return value.Equal(m, k.V) })
		}
		if slices.ContainsFunc(want.NotIn, in) || len(want.In) > 0 && !in(want.In[0]) {
			t.Fatalf("the witness is not what it is shown for\n%s", text)
		}
	}
}
