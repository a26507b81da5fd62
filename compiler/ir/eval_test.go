package ir_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// records makes rows from texts, one map a row, by name of column.
func records(t *testing.T, p *compiler.Project, relation string, rows ...map[string]string) []ir.Record {
	t.Helper()
	var out []ir.Record
	rel := p.Relation(relation)
	for _, r := range rows {
		rec := ir.Record{}
		for _, c := range rel.Columns {
			text, ok := r[c.Name]
			if !ok || c.Raw == "" {
				continue
			}
			v, ok := value.Parse(c.Type, text)
			if !ok {
				t.Fatalf("%s.%s cannot be %q", relation, c.Name, text)
			}
			rec[c] = v
		}
		out = append(out, rec)
	}
	return out
}

type rowText = map[string]string

func TestEval(t *testing.T) {
	p := compile(t, `
trait spend = sum(amount of orders)
segment buyers { where any(orders) }
segment others { where not in segment buyers }
segment next   { where in segment buyers and spend in top 1 }
segment past   {
  valid_until: 2020-01-01
  where true }
`)
	d := ir.Data{
		p.Relation("customer"): records(t, p, "customer", rowText{"id": "3"}, rowText{"id": "1"}, rowText{"id": "2"}, rowText{"city": "no key"}),
		p.Relation("orders"): records(t, p, "orders",
			rowText{"cust": "1", "at": "2025-03-01T10:00", "amount": "1.50"}, rowText{"cust": "3", "at": "2025-03-01T10:00", "amount": "1.50"},
			rowText{"cust": "2", "at": "2025-04-01T10:00", "amount": "9"}, rowText{"cust": "2", "amount": "9"}, rowText{"cust": "7", "at": "2025-03-01T10:00", "amount": "9"}),
	}
	r, err := ir.Eval(p.Project, *p.Project.AsOf, d)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"buyers": "[1 3]", "others": "[2]", "next": "[1]", "past": "[]"} {
		var keys []string
		for _, k := range r.Members(name) {
			keys = append(keys, k.String())
		}
		if got := fmt.Sprint(keys); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	for key, want := range map[int64]string{1: "1.50", 2: "0.00", 7: "missing"} {
		v, err := r.Trait("spend", value.NewInt(key))
		if err != nil || v.String() != want {
			t.Errorf("spend of %d: %v, %v; want %s", key, v, err, want)
		}
	}
}

func TestEvalErrors(t *testing.T) {
	p := compile(t, "segment squares { where n * n > 1 or true }\nsegment a { where true }")
	large := fmt.Sprint(int64(math.MaxInt64))
	_, err := ir.Eval(p.Project, 0, ir.Data{p.Relation("customer"): records(t, p, "customer", rowText{"id": "1", "n": "3"}, rowText{"id": "2", "n": large})})
	if !errors.Is(err, value.ErrOverflow) || !strings.Contains(fmt.Sprint(err), "segment squares, customer 2") {
		t.Errorf("an overflow is reported as %v", err)
	}
	_, err = ir.Eval(p.Project, 0, ir.Data{p.Relation("customer"): records(t, p, "customer", rowText{"id": "1"}, rowText{"id": "1"})})
	if err == nil || !strings.Contains(err.Error(), "several rows with the key 1") {
		t.Errorf("two rows of one key are reported as %v", err)
	}
}

func TestRowsLeftOut(t *testing.T) {
	alone := compile(t, "segment a { where true }")
	orders, customer, company := alone.Relation("orders"), alone.Relation("customer"), alone.Relation("company")
	if !ir.OwnedApart(orders) || ir.OwnedApart(customer) || ir.OwnedApart(company) {
		t.Error("orders, and they alone, have owners that are known apart from them")
	}
}
