package why_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/compiler/why"
)

// The third order within the next days would do, and the explanation says so
// only since it is true.
func TestDeadline(t *testing.T) {
	w := newWorld(t, `segment regulars { where count(orders in last 90 days where status = "paid") >= 3 }`)
	x := explain(t, w.ask("regulars", 1))
	if n := x.Conditions; n.Distance != "2 of 3: 1 more" || len(n.Facts) != 1 || n.Facts[0].Count != 2 {
		t.Errorf("got %q and %+v", n.Distance, n.Facts)
	}
	i := slices.IndexFunc(x.Changes, func(c why.Change) bool { return c.Kind == why.More })
	if i < 0 || x.Changes[i].Count != 1 || x.Changes[i].By != "2025-04-05T09:14:00.000001+07:00" {
		t.Fatalf("got %+v", x.Changes)
	}
	orders := w.p.Relation("orders")
	with := func(at string) bool {
		in := w.in
		in.Data = ir.Data{}
		for rel, rows := range w.in.Data {
			in.Data[rel] = rows
		}
		in.Data[orders] = append(slices.Clone(w.in.Data[orders]), w.records(orders, "no|cust|at|status\n1000|1|"+at+"|paid")...)
		after, err := w.p.Calendar.ParseInstant(at + "+07:00")
		if err != nil {
			t.Fatal(err)
		}
		r, err := ir.EvalInput(w.p.Project, after+1, in)
		if err != nil {
			t.Fatal(err)
		}
		return len(r.Members("regulars")) == 1
	}
	if !with("2025-04-05T09:13") || with("2025-04-05T09:15") {
		t.Error("the third order does until 2025-04-05 09:14, and no longer")
	}
}

func TestTime(t *testing.T) {
	for _, c := range []struct{ cond, says string }{
		{`any(orders in last 90 days where status = "refunded")`, "By time alone it leaves on 2025-06-23 08:00, when orders 993 of 2025-03-25 08:00 falls out of `in last 90 days`"},
		{`count(orders in last 90 days) >= 3`, "By time alone it leaves on 2025-04-05 09:14, when orders 991 of 2025-01-05 09:14 falls out of `in last 90 days`"},
		{`none(orders in last 30 days)`, "By time alone it enters on 2025-04-24 08:00, when orders 993 of 2025-03-25 08:00 falls out of `in last 30 days`"},
		{`any(orders not followed by returns within 30 days where status != "x")`, ""},
		{`any(orders where no = 993 not followed by returns after 3 days within 10 days)`, "By time alone it enters on 2025-04-04 08:00, when orders 993 of 2025-03-25 08:00 comes into what counts"},
		{`age(birthday) >= 35`, "By time alone it enters on 2025-05-20 00:00, when age(birthday) becomes 35"},
		{`age(born) >= 35`, "Time alone will change it; when, follows from born, which is personal (--show-pii)"},
		{`signup_at in this month`, "Time alone does not change it before 2035-03-31 00:00"},
		{`city = "Huế"`, "Time alone changes nothing: no condition looks at the date"},
	} {
		if c.says == "" {
			continue
		}
		w := newWorld(t, "segment s {\n  where "+c.cond+"\n}\n")
		if x := explain(t, w.ask("s", 1)); x.Time.String() != c.says {
			t.Errorf("%s: %s", c.cond, x.Time)
		}
	}
	w := newWorld(t, "segment s {\n  valid_until: 2025-04-30\n  where city = \"Huế\"\n}\n")
	if x := explain(t, w.ask("s", 1)); x.Time.String() != "By time alone it leaves on 2025-05-01 00:00, when its `valid_until`, 2025-04-30, is over" {
		t.Error(x.Time)
	}
}

// Nothing personal is in an explanation, in whatever form.
func TestPersonal(t *testing.T) {
	w := newWorld(t, `trait birth_year = year(born)
segment s {
  where email contains "@shop.vn" and age(born) >= 40 and birth_year < 1980 and any(orders where phone = "0901") and born before 1985-01-01
    and last(phone of orders) = "x" and first(phone of orders) in ["0902", "0901"]
}
`)
	for _, key := range []int64{1, 3} {
		q := w.ask("s", key)
		x := explain(t, q)
		doc, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"an@shop.vn", "binh@", "1990", "1988", "34", "36", "2030", "2028"} {
			if key == 1 && secret == "36" || key == 3 && secret == "34" {
				continue
			}
			if strings.Contains(strings.ReplaceAll(string(doc), "00034", ""), secret) || strings.Contains(text(x), secret) {
				t.Errorf("customer %d: %s in\n%s\n%s", key, secret, doc, text(x))
			}
		}
		q.ShowPII = true
		if key == 1 && !strings.Contains(text(explain(t, q)), "an@shop.vn") {
			t.Error("with ShowPII it is shown")
		}
	}
}

func TestSplit(t *testing.T) {
	w := newWorld(t, shared)
	x := explain(t, w.ask("stage.rest", 1))
	if x.In || x.Branch.Taken != "stage.fresh" || !x.Branch.First {
		t.Errorf("got %+v", x.Branch)
	}
	kinds := ""
	for _, n := range x.Conditions.Of {
		kinds += string(n.Kind) + " "
	}
	if kinds != "before before otherwise " {
		t.Error(kinds)
	}
	if got := x.Reasons(); !slices.Equal(got, []string{"✗ stage.fresh comes first and has it"}) {
		t.Error(got)
	}
	x = explain(t, w.ask("stage.never", 1))
	if x.Branch.First || x.Branch.Taken != "stage.fresh" {
		t.Errorf("got %+v", x.Branch)
	}
}

// A condition decides when the answer would be another if it alone were.
func TestDecides(t *testing.T) {
	w := newWorld(t, `segment s { where city = "Huế" and (tier = "gold" or income > 1) and not (vip or income is missing) }`)
	var list []string
	var visit func(n *why.Node)
	visit = func(n *why.Node) {
		if n.Kind == why.Condition && n.Decides {
			list = append(list, n.Text)
		}
		for _, c := range n.Of {
			visit(c)
		}
	}
	visit(explain(t, w.ask("s", 1)).Conditions)
	if !slices.Equal(list, []string{"vip"}) {
		t.Error(list)
	}
}

func TestTogether(t *testing.T) {
	w := newWorld(t, `segment s { where city = "Hà Nội" and income >= 30_000_000 and count(orders) >= 5 }`)
	x := explain(t, w.ask("s", 1))
	if len(x.Changes) != 1 || len(x.Changes[0].With) != 2 {
		t.Fatalf("got %+v\n%s", x.Changes, text(x))
	}
	if got := x.Changes[0].String(); got != `city = "Hà Nội" (it is "Huế"), and income = 30_000_000 (it is 20_000_000), and one more row of orders, like 993 of 2025-03-25 08:00` {
		t.Error(got)
	}
}

func TestAbsent(t *testing.T) {
	w := newWorld(t, `segment s { where city is known }`)
	q := w.ask("s", 99)
	x := explain(t, q)
	if x.Exists || x.In || x.Absent != "there is no customer 99" || x.Conditions != nil {
		t.Errorf("got %+v", x)
	}
	if got := x.Blockers(); !slices.Equal(got, []string{"there is no such customer"}) {
		t.Error(got)
	}
}

func TestRule(t *testing.T) {
	w := newWorld(t, "segment s {\n  where city = \"Huế\"\n    and (income > 1\n      or vip)\n}\n")
	x := explain(t, w.ask("s", 1))
	if x.Rule.File != "a.seg" || x.Rule.Line != 2 || x.Rule.Text != "where city = \"Huế\"\n  and (income > 1\n    or vip)" {
		t.Errorf("got %+v", x.Rule)
	}
}

// A number too large for its type is an error, as in a run.
func TestOverflow(t *testing.T) {
	w := newWorld(t, `segment s { where income * income * income * income * income * income > 1 }`)
	q := w.ask("s", 1)
	if _, err := why.Explain(q); err == nil || !strings.Contains(err.Error(), "segment s, customer 1") {
		t.Error(err)
	}
	q.Key = value.NewInt(2)
	if _, err := why.Explain(q); err != nil {
		t.Error(err)
	}
}
