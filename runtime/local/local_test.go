package local_test

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/program"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/runtime/local"
)

const shopCatalog = `timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: customers.csv
    key: {column: id, type: int}
    attributes: {city: {type: text}, born: {type: date}, score: {type: "decimal(30, 4)"}, tags: {type: list<text>, separator: ";"}}
  product: {source: products.csv, key: {column: sku, type: text}, attributes: {price: {type: "decimal(10, 2)"}, kind: {type: text}}}
facts:
  orders:
    source: orders.csv
    of: customer
    by: customer_id
    at: ordered_at
    key: {column: oid, type: int}
    attributes: {ordered_at: {type: time}, amount: {type: "decimal(12, 2)"}, quantity: {type: int}, status: {type: text}, sku: {type: text}}
    belongs_to: {product: {entity: product, by: sku}}
  paid: {from: orders, where: status = "paid"}
  days: {from: paid, group_by: {day: "start_of(day, at)"}, fields: {amount: sum(amount), bought: count(paid)}}
  visits: {source: visits.csv, of: customer, by: customer_id, at: at, attributes: {at: {type: time}, page: {type: text}}}
`

const shopSegments = `trait spent = sum(amount of paid)
segment buyers { where count(paid in last 30 days) >= 2 }
segment spenders { where spent > 500 and avg(amount of paid) >= 12.5 }
segment hue { where city = "Huế" and age(born) >= 18 }
segment toys { where sum(quantity * product.price of paid where product.kind = "toy") >= 100 }
segment daily { where count(days where amount >= 20) >= 2 }
segment lost { where any(orders) and none(orders in last 60 days) }
segment carts { where any(visits where page = "cart" not followed by paid within 3 days) }
segment runner { where tags has "chạy bộ" or city ~= "hue" }
segment first_paid { where first(status of orders) = "paid" and last(amount of orders) < 50 }
segment known { where max(ordered_at of orders) in last 7 days }
segment rich { where score >= 1_000_000_000_000 or in segment spenders }
segment both { where in segment buyers and not in segment hue }
`

func shop(t testing.TB, o local.Options) *local.Evaluator {
	t.Helper()
	project, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(shopCatalog)}, "a.seg": {Data: []byte(shopSegments)}}, compiler.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	e, err := local.New(project.Project, o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func cents(n int64) value.Value { return value.NewDecimal(big.NewInt(n), 2) }

const day = int64(86_400_000_000)

// drawn rows of a customer.
func drawFact(t *rapid.T, e *local.Evaluator, now int64) (string, local.Row) {
	at := value.NewWall(e.Program.Project.Calendar.Wall(now - rapid.Int64Range(-2, 70).Draw(t, "days ago")*day))
	owner := value.NewInt(rapid.SampledFrom([]int64{7, 7, 7, 8}).Draw(t, "owner"))
	if rapid.IntRange(0, 3).Draw(t, "visit") == 0 {
		return "visits", local.Row{"customer_id": owner, "at": at, "page": value.NewText(rapid.SampledFrom([]string{"cart", "home"}).Draw(t, "page"))}
	}
	row := local.Row{"customer_id": owner, "ordered_at": at, "oid": value.NewInt(rapid.Int64Range(1, 100).Draw(t, "oid")), "quantity": value.NewInt(rapid.Int64Range(0, 9).Draw(t, "quantity")),
		"status": value.NewText(rapid.SampledFrom([]string{"paid", "open"}).Draw(t, "status")), "amount": cents(rapid.Int64Range(-100, 40_000).Draw(t, "cents")),
		"sku": value.NewText(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "sku"))}
	if rapid.IntRange(0, 5).Draw(t, "missing") == 0 {
		delete(row, "amount")
	}
	return "orders", row
}

func products() [][]value.Value {
	return [][]value.Value{{cents(1999), value.NewText("toy"), value.NewText("a")}, {cents(500), value.NewText("book"), value.NewText("b")}}
}

func person(t testing.TB, e *local.Evaluator) *local.Customer {
	c := e.Customer()
	c.SetKey(value.NewInt(7))
	_, err := c.Append("customer", local.Row{"id": value.NewInt(7), "city": value.NewText("Huế"), "born": value.NewDate(9000), "tags": value.NewList(value.NewText("yoga"))})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The rows of a group are made when the first segment asks for one of their
// columns.
func TestGroupAskedForFirst(t *testing.T) {
	catalog := fstest.MapFS{"catalog.yaml": {Data: []byte(shopCatalog)}, "a.seg": {Data: []byte("segment busy { where sum(bought of days) >= 2 }")}}
	project, diags := compiler.Compile(catalog, compiler.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	e, err := local.New(project.Project, local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	now := int64(1_741_539_600_000_000)
	c := person(t, e)
	for i := range int64(3) {
		set, err := e.Segments(now, c)
		if err != nil {
			t.Fatal(err)
		}
		if set.Has("busy") != (i >= 2) {
			t.Errorf("after %d orders: busy is %t", i, set.Has("busy"))
		}
		at := value.NewWall(e.Program.Project.Calendar.Wall(now - (i+1)*day))
		if _, err := c.Append("orders", local.Row{"customer_id": value.NewInt(7), "ordered_at": at, "oid": value.NewInt(i), "amount": cents(500), "status": value.NewText("paid")}); err != nil {
			t.Fatal(err)
		}
	}
}

// Texts of one beginning, of seven bytes and of more, are told apart.
func TestTextsByTheirHeads(t *testing.T) {
	texts := []string{"", "paid", "paid\x00", "payment", "payments", "payments, late", "payments, new", "Đà Nẵng", "Đà Lạt"}
	for _, want := range texts {
		rules := fmt.Sprintf("segment some { where count(visits where page = %q) = 1 }\nsegment others { where count(visits where page != %q) = %d }\nsegment own { where city = %q }", want, want, len(texts)-1, want)
		if strings.ContainsRune(want, 0) {
			continue // no literal has it
		}
		project, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(shopCatalog)}, "a.seg": {Data: []byte(rules)}}, compiler.Options{})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		e, err := local.New(project.Project, local.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, city := range texts {
			now := int64(1_741_539_600_000_000)
			c := e.Customer()
			c.SetKey(value.NewInt(7))
			if _, err := c.Append("customer", local.Row{"id": value.NewInt(7), "city": value.NewText(city)}); err != nil {
				t.Fatal(err)
			}
			for _, page := range texts {
				at := value.NewWall(e.Program.Project.Calendar.Wall(now - day))
				if _, err := c.Append("visits", local.Row{"customer_id": value.NewInt(7), "at": at, "page": value.NewText(page)}); err != nil {
					t.Fatal(err)
				}
			}
			set, err := e.Segments(now, c)
			if err != nil {
				t.Fatal(err)
			}
			if !set.Has("some") || !set.Has("others") || set.Has("own") != (city == want) {
				t.Errorf("%q in %q: %v", want, city, set.Names())
			}
		}
	}
}

// What a follower says is what evaluating everything anew would say, in both
// forms, whether the instant moves or not.
func TestFollowerIsRecomputation(t *testing.T) {
	tables := map[string][][]value.Value{"product": products()}
	for _, form := range []local.Form{local.Closures, local.Expr} {
		e := shop(t, local.Options{Form: form, Tables: tables})
		plain := shop(t, local.Options{Tables: tables})
		rapid.Check(t, func(r *rapid.T) {
			now := int64(1_741_539_600_000_000)
			f, err := e.Follow(now, person(t, e))
			if err != nil {
				r.Fatal(err)
			}
			anew := person(t, plain)
			before := f.Set().Names()
			for range rapid.IntRange(1, 12).Draw(r, "facts") {
				if rapid.IntRange(0, 2).Draw(r, "moves") == 0 {
					now += rapid.Int64Range(1, 5).Draw(r, "days") * day
				}
				table, row := drawFact(r, e, now)
				change, err := f.Add(now, table, row)
				if err != nil {
					r.Fatal(err)
				}
				if _, err := anew.Append(table, row); err != nil {
					r.Fatal(err)
				}
				set, err := plain.Segments(now, anew)
				if err != nil {
					r.Fatal(err)
				}
				after := set.Names()
				if got := f.Set().Names(); !slices.Equal(got, after) {
					r.Fatalf("%s: %v, anew %v", form, got, after)
				}
				for _, s := range change.Entered {
					if slices.Contains(before, s) || !slices.Contains(after, s) {
						r.Fatalf("%s did not enter", s)
					}
				}
				if len(before)+len(change.Entered)-len(change.Left) != len(after) {
					r.Fatalf("%v and %v do not lead from %v to %v", change.Entered, change.Left, before, after)
				}
				before = after
			}
		})
	}
}

// One evaluator serves goroutines that evaluate as of different instants.
func TestGoroutines(t *testing.T) {
	for _, form := range []local.Form{local.Closures, local.Expr} {
		e := shop(t, local.Options{Form: form, Tables: map[string][][]value.Value{"product": products()}})
		want := map[int64][]string{}
		customer := func() *local.Customer {
			c := person(t, e)
			for i := range int64(40) {
				at := value.NewWall(e.Program.Project.Calendar.Wall(1_741_539_600_000_000 - i*2*day))
				if _, err := c.Append("orders", local.Row{"customer_id": value.NewInt(7), "oid": value.NewInt(i), "ordered_at": at, "amount": cents(1000 * i), "status": value.NewText("paid"), "sku": value.NewText("a"), "quantity": value.NewInt(2)}); err != nil {
					t.Error(err)
				}
			}
			return c
		}
		c := customer()
		for i := range int64(20) {
			set, err := e.Segments(1_741_539_600_000_000+i*day, c)
			if err != nil {
				t.Fatal(err)
			}
			want[i] = set.Names()
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				c := customer()
				var set local.Set
				for i := range int64(200) {
					if err := e.Into(&set, 1_741_539_600_000_000+i%20*day, c); err != nil {
						t.Error(err)
						return
					}
					if !slices.Equal(set.Names(), want[i%20]) {
						t.Errorf("%s: %v, alone %v", form, set.Names(), want[i%20])
						return
					}
				}
			})
		}
		wg.Wait()
	}
}

// After the first customers, closures allocate nothing and expr programs one
// record.
func TestAllocations(t *testing.T) {
	for form, most := range map[local.Form]float64{local.Closures: 0, local.Expr: 2} {
		e := shop(t, local.Options{Form: form, Tables: map[string][][]value.Value{"product": products()}, Segments: []string{"buyers", "spenders", "hue", "daily", "lost", "carts", "first_paid", "known", "both"}})
		c := person(t, e)
		for i := range int64(50) {
			at := value.NewWall(e.Program.Project.Calendar.Wall(1_741_539_600_000_000 - i*2*day))
			if _, err := c.Append("orders", local.Row{"customer_id": value.NewInt(7), "oid": value.NewInt(i), "ordered_at": at, "amount": cents(1000 * i), "status": value.NewText("paid"), "sku": value.NewText("a"), "quantity": value.NewInt(2)}); err != nil {
				t.Fatal(err)
			}
		}
		var set local.Set
		got := testing.AllocsPerRun(200, func() {
			if err := e.Into(&set, 1_741_539_600_000_000, c); err != nil {
				t.Fatal(err)
			}
		})
		if got > most && !raceEnabled {
			t.Errorf("%s: %v allocations a customer, want at most %v", form, got, most)
		}
	}
}

func TestBudget(t *testing.T) {
	e := shop(t, local.Options{Budget: 50})
	c := person(t, e)
	for i := range int64(60) {
		if _, err := c.Append("visits", local.Row{"customer_id": value.NewInt(7), "at": value.NewWall(i * day), "page": value.NewText("cart")}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := e.Segments(1_741_539_600_000_000, c)
	if !errors.Is(err, program.ErrBudget) || !strings.Contains(err.Error(), "segment ") || !strings.Contains(err.Error(), "customer 7") {
		t.Errorf("got %v", err)
	}
}

func TestMistakes(t *testing.T) {
	e := shop(t, local.Options{})
	c := e.Customer()
	for want, row := range map[string]local.Row{
		`did you mean "status"`:        {"statuss": value.NewText("paid")},
		"orders.quantity is int":       {"quantity": value.NewText("3")},
		"amount is decimal(12, 2)":     {"amount": value.NewInt(3)},
		`orders has no column "xyzzy"`: {"xyzzy": value.NewInt(3)},
	} {
		if _, err := c.Append("orders", row); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v", row, err)
		}
	}
	if _, err := c.Append("order", nil); err == nil || !strings.Contains(err.Error(), `did you mean "orders"`) {
		t.Errorf("got %v", err)
	}
	if set, err := e.Segments(0, c); err != nil || set.Exists() || set.Len() > 0 {
		t.Errorf("a customer without a row: %v %v", set.Names(), err)
	}
	if _, err := local.New(e.Program.Project, local.Options{Segments: []string{"nobody"}}); err == nil {
		t.Error("a segment that there is not")
	}
	if _, err := local.New(e.Program.Project, local.Options{Tables: map[string][][]value.Value{"orders": nil}}); err == nil || !strings.Contains(err.Error(), "customer") {
		t.Errorf("orders without customers: %v", err)
	}
}

// Two orders of one key to which an item belongs are an error, as in a run; an
// order that stands twice and has no items is not.
func TestRepeatedKeyOfFact(t *testing.T) {
	project, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: []byte(`timezone: UTC
entities:
  customer: {source: c.csv, key: {column: id, type: int}}
facts:
  orders: {source: o.csv, of: customer, by: cid, key: {column: oid, type: int}}
  items: {source: i.csv, of: orders, by: oid, attributes: {weight: {type: int}}}
`)}, "a.seg": {Data: []byte("segment heavy { where sum(weight of orders.items) > 3 }\n")}}, compiler.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	e, err := local.New(project.Project, local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ customer, says string }{
		{`{"id": 1, "orders": [{"oid": 7, "items": [{"weight": 4}]}]}`, ""},
		{`{"id": 1, "orders": [{"oid": 7}, {"oid": 7}]}`, ""},
		{`{"id": 1, "orders": [{"oid": 7, "items": [{"weight": 4}]}, {"oid": 7}]}`, "several rows with the key 7"},
	} {
		customer := e.Customer()
		if err := customer.Decode([]byte(c.customer), nil); err != nil {
			t.Fatal(err)
		}
		_, err := e.Segments(0, customer)
		if err == nil != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, should say %q", c.customer, err, c.says)
		}
	}
}

// An engine has split a list already: a separator within an element stays.
func TestListsOfReferenceTables(t *testing.T) {
	customer := shop(t, local.Options{}).Program.Project
	columns := program.Columns(customer.Relations[0])
	tags := slices.IndexFunc(columns, func(c *ir.ColumnDef) bool { return c.Name == "tags" })
	read := func(cell string) ([]value.Value, error) {
		cells := slices.Repeat([]string{"null"}, len(columns))
		cells[tags] = cell
		return local.ReadRow(customer.Calendar, customer.Relations[0], "["+strings.Join(cells, ", ")+"]")
	}
	for cell, want := range map[string]string{
		`"[\"a;b\",\"c\"]"`: `["a;b", "c"]`,
		`["a;b"]`:           `["a;b"]`,
		`null`:              "missing",
	} {
		row, err := read(cell)
		if err != nil {
			t.Fatal(err)
		}
		if got := row[tags].String(); got != want {
			t.Errorf("%s: got %s, want %s", cell, got, want)
		}
	}
	if _, err := read(`"a;b"`); err == nil {
		t.Error("the text of a source passed for a list")
	}
}
