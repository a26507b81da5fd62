package local_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/runtime/local"
)

const streamCatalog = `timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: customers.csv
    key: {column: id, type: int}
    attributes:
      gender: {type: text, values: [female, male, other]}
      city: {type: text}
      birthday: {type: date}
      signup_at: {type: time}
      income: {type: "decimal(14, 0)"}
      email: {type: text, pii: true}
facts:
  orders:
    source: orders.csv
    of: customer
    by: customer_id
    at: ordered_at
    attributes: {customer_id: {type: int}, ordered_at: {type: time}, amount: {type: "decimal(12, 2)"}, status: {type: text, values: [paid, open]}, channel: {type: text}}
  events:
    source: events.csv
    of: customer
    by: customer_id
    at: happened_at
    attributes: {customer_id: {type: int}, happened_at: {type: time}, name: {type: text}, seconds: {type: int}}
`

// stream is an evaluator of 100 segments, and a customer with 50 facts.
func stream(t testing.TB) (*local.Evaluator, []byte) {
	t.Helper()
	var seg strings.Builder
	for i := range 100 {
		conds := []string{
			fmt.Sprintf("count(orders in last %d days where status = \"paid\") >= %d", 30+i%5*60, 1+i%4),
			fmt.Sprintf("none(events in last %d days where name = \"event_%d\")", 7+i%3*20, i%10),
			fmt.Sprintf("age(birthday) between %d and %d", 18+i%20, 40+i%30),
			fmt.Sprintf("sum(amount of orders) > %d", i*100),
			fmt.Sprintf("city in [\"Huế\", \"Vinh %d\"]", i),
			"email is known",
		}
		fmt.Fprintf(&seg, "segment s%d { where %s and %s }\n", i, conds[i%6], conds[(i/6+i+1)%6])
	}
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(streamCatalog)}, "a.seg": {Data: []byte(seg.String())}}, compiler.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	e, err := local.New(p.Project, local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(`{"id": 4711, "gender": "female", "city": "Huế", "birthday": "1990-05-17", "signup_at": "2024-02-03T10:30:00+07:00", "income": 12000000, "email": "an@shop.example", "orders": [`)
	for i := range 25 {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `{"ordered_at": "2025-%02d-%02dT%02d:15:00+07:00", "amount": %d.50, "status": "%s", "channel": "web"}`, 1+i%3, 1+i, i%24, 100+i*7, []string{"paid", "open"}[i%2])
	}
	b.WriteString(`], "events": [`)
	for i := range 25 {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `{"happened_at": "2025-%02d-%02dT%02d:20:30.5Z", "name": "event_%d", "seconds": %d}`, 1+i%3, 1+i, i%24, i%12, i*11)
	}
	b.WriteString(`]}`)
	return e, []byte(b.String())
}

// TestStreamAllocations: in the steady state of a stream a document costs the
// text that its values are parts of, and the numbers that have a point; what it
// holds besides, and the evaluation, cost nothing.
func TestStreamAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	e, doc := stream(t)
	asOf, err := e.Program.Project.Calendar.ParseInstant("2025-03-31")
	if err != nil {
		t.Fatal(err)
	}
	c := e.Customer()
	var set local.Set
	decode := testing.AllocsPerRun(100, func() {
		if err := c.Decode(doc, nil); err != nil {
			t.Fatal(err)
		}
	})
	if decimals := float64(strings.Count(string(doc), "amount")); decode > 4*decimals+10 {
		t.Errorf("%v allocations to read a document with %v decimal numbers", decode, decimals)
	}
	evaluate := testing.AllocsPerRun(100, func() {
		if err := e.Into(&set, asOf, c); err != nil {
			t.Fatal(err)
		}
	})
	if evaluate > 0 {
		t.Errorf("%v allocations to evaluate a customer", evaluate)
	}
	if n := len(set.Names()); n == 0 || n == 100 {
		t.Errorf("in %d segments of 100: the test tests nothing", n)
	}
}

// BenchmarkStream is one customer of a stream: reading its document, and
// evaluating it.
func BenchmarkStream(b *testing.B) {
	e, doc := stream(b)
	asOf, err := e.Program.Project.Calendar.ParseInstant("2025-03-31")
	if err != nil {
		b.Fatal(err)
	}
	c := e.Customer()
	if err := c.Decode(doc, nil); err != nil {
		b.Fatal(err)
	}
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(doc)))
		for b.Loop() {
			if err := c.Decode(doc, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("evaluate", func(b *testing.B) {
		b.ReportAllocs()
		var set local.Set
		for b.Loop() {
			if err := e.Into(&set, asOf, c); err != nil {
				b.Fatal(err)
			}
		}
	})
}
