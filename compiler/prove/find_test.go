package prove_test

import (
	"testing"

	"github.com/segql/segql/compiler/prove"
	"github.com/segql/segql/compiler/value"
)

// Witnesses that are taken have keys of their own, and no row too many.
func TestKeys(t *testing.T) {
	p, a, b := pair(t, `count(orders) >= 2`, `any(orders where status = "paid") and sample(20%, "x")`)
	keys := &prove.Keys{}
	pr := prove.New(p.Project, prove.Options{Keys: keys})
	used := map[string]bool{}
	for range 3 {
		for s, rows := range map[string]int{"a": 2, "b": 1} {
			where := a.Where
			if s == "b" {
				where = b.Where
			}
			answer := pr.Nobody(a.Entity, prove.Condition{X: where, Holds: true})
			if !answer.Refuted() {
				t.Fatal(answer.Reason)
			}
			w := answer.Witness
			keys.Take(w)
			orders := p.Relation("orders")
			if got := len(w.Data[orders]); got != rows {
				t.Errorf("%s: %d rows, %d would do", s, got, rows)
			}
			for _, r := range w.Data[orders] {
				if key := "order " + value.Key(r[orders.Key]); used[key] {
					t.Errorf("%s twice", key)
				} else {
					used[key] = true
				}
			}
			if key := value.Key(w.Key); used[key] {
				t.Errorf("customer %s twice", key)
			} else {
				used[key] = true
			}
			if !pr.Shows(w, prove.Condition{X: where, Holds: true}) || pr.Shows(w, prove.Condition{X: where}) {
				t.Errorf("%s: the witness shows something else", s)
			}
		}
	}
	if got := pr.Nobody(a.Entity, prove.Condition{X: a.Where, Holds: true}, prove.Condition{X: a.Where}); !got.Proved() {
		t.Errorf("both and neither: %s", got.Verdict)
	}
}
