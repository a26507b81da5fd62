package lint_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/lint"
	"github.com/segql/segql/compiler/value"
)

const worldCatalog = `
version: 1
timezone: Asia/Ho_Chi_Minh
as_of: 2025-07-01
entities:
  customer:
    source: c.csv
    key: id
    attributes: {id: {type: int}, city: {type: text}, income: {type: int}, joined: {type: date}, ok: {type: bool}}
facts:
  orders:
    source: o.csv
    of: customer
    by: customer_id
    at: at
    attributes: {customer_id: {type: int}, at: {type: time}, amount: {type: int}}
`

// condition draws what fixes are made for, and what is beside it.
func condition(t *rapid.T, depth int) string {
	pick := func(list ...string) string { return rapid.SampledFrom(list).Draw(t, "pick") }
	days := func() string { return pick("30", "60", "90") }
	fact := func() string {
		return pick("orders", "orders in last "+days()+" days", "orders where amount > 10", "orders in last "+days()+" days where amount > 10")
	}
	if depth > 0 {
		x, y := condition(t, depth-1), condition(t, depth-1)
		switch pick("and", "or", "not", "twice", "leaf") {
		case "and":
			return "(" + x + " and " + y + ")"
		case "or":
			return "(" + x + " or " + y + ")"
		case "not":
			return "not (" + x + ")"
		case "twice":
			return "(" + x + pick(" and ", " or ") + y + ")"
		}
	}
	return pick(`city = "a"`, `city = "b"`, `city != "a"`, `city != "b"`, `city in ["a"]`, `city not in ["a", "b", "a"]`, `city matches /^a/`, `city is known`,
		`city is missing`, "ok = true", "ok", "income >= 10", "income <= 20", "income >= 20", "income between 10 and 10", "income > 10",
		"count("+fact()+") "+pick(">= 1", "> 0", "= 0", "< 1", "!= 0", ">= 2", "<= 1"), "any("+fact()+")", "none("+fact()+")",
		"joined in last "+days()+" days", "joined between 2025-05-01 and 2025-05-01", "in segment other")
}

// TestFixesKeepMembers: whatever is fixed, everyone stays in the segments they
// are in, and a second time nothing is left to fix.
func TestFixesKeepMembers(t *testing.T) {
	fixes := 0
	rapid.Check(t, func(t *rapid.T) {
		text := fmt.Sprintf("segment other { where income >= 20 or any(orders in last 60 days) }\nsegment a { where %s }\nsegment b { where %s }\n", condition(t, 3), condition(t, 2))
		fsys := fstest.MapFS{"catalog.yaml": {Data: []byte(worldCatalog)}, "a.seg": {Data: []byte(text)}}
		r := lint.Fix(fsys, compiler.Options{}, lint.Input{})
		if r.Left.HasErrors() {
			t.Fatalf("%v\n%s", r.Left, text)
		}
		fixes += r.Count
		p, _ := compiler.Compile(fsys, compiler.Options{})
		rows := drawRows(t)
		if before, after := members(t, p, rows), members(t, r.Project, rows); before != after {
			t.Fatalf("before %s, after %s\n%s\n%s", before, after, text, r.Files["a.seg"])
		}
		for name, text := range r.Files {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
		if again := lint.Fix(fsys, compiler.Options{}, lint.Input{}); again.Count > 0 || len(again.Files) > 0 {
			t.Fatalf("%d fixes more\n%s\n%s", again.Count, r.Files["a.seg"], again.Files["a.seg"])
		}
	})
	if fixes == 0 {
		t.Error("nothing was fixed")
	}
}

type drawn struct{ customers, orders []map[string]value.Value }

func drawRows(t *rapid.T) (d drawn) {
	day := func() int64 {
		return 20270 - rapid.SampledFrom([]int64{1, 29, 30, 31, 59, 60, 61, 89, 90, 91}).Draw(t, "day")
	}
	for id := range int64(12) {
		c := map[string]value.Value{"id": value.NewInt(id)}
		if rapid.Bool().Draw(t, "city") {
			c["city"] = value.NewText(rapid.SampledFrom([]string{"a", "b", "ab"}).Draw(t, "city"))
		}
		if rapid.Bool().Draw(t, "income") {
			c["income"] = value.NewInt(rapid.SampledFrom([]int64{9, 10, 11, 20, 21}).Draw(t, "income"))
		}
		if rapid.Bool().Draw(t, "ok") {
			c["ok"] = value.NewBool(rapid.Bool().Draw(t, "ok"))
		}
		if rapid.Bool().Draw(t, "joined") {
			c["joined"] = value.NewDate(day())
		}
		d.customers = append(d.customers, c)
		for range rapid.IntRange(0, 2).Draw(t, "orders") {
			d.orders = append(d.orders, map[string]value.Value{"customer_id": value.NewInt(id), "at": value.NewWall(day() * 86_400_000_000),
				"amount": value.NewInt(rapid.SampledFrom([]int64{10, 11}).Draw(t, "amount"))})
		}
	}
	return d
}

func members(t *rapid.T, p *compiler.Project, d drawn) string {
	data := ir.Data{}
	for name, rows := range map[string][]map[string]value.Value{"customer": d.customers, "orders": d.orders} {
		rel := p.Relation(name)
		for _, row := range rows {
			rec := ir.Record{}
			for _, c := range rel.Columns {
				v, ok := row[c.Name]
				if !ok {
					v, ok = row[c.Raw]
				}
				switch {
				case !ok:
				case v.Kind == value.Wall && c.Type.Kind == value.Time:
					rec[c] = value.NewTime(p.Calendar.Instant(v.I))
				default:
					rec[c] = v
				}
			}
			data[rel] = append(data[rel], rec)
		}
	}
	r, err := ir.Eval(p.Project, *p.Project.AsOf, data)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range p.Segments {
		out = append(out, fmt.Sprint(s.Name, r.Members(s.Name)))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}
