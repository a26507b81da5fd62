package check_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/check"
)

const usesCatalog = `timezone: Asia/Ho_Chi_Minh
entities:
  customer:
    source: c.csv
    key: {column: id, type: int}
    attributes:
      city: {type: text}
      email: {type: text}
      tags: {type: list<text>, separator: ";"}
      addresses: {type: "list<{city: text, primary: bool}>"}
    belongs_to:
      firm: {entity: company, by: firm_id, reverse: staff}
  company: {source: f.csv, key: {column: id, type: int}, attributes: {name: {type: text}}}
facts:
  sales:
    source: s.csv
    of: customer
    by: customer_id
    at: sold_at
    attributes: {customer_id: {type: int}, sold_at: {type: time}, amount: {type: "decimal(9, 2)"}, no: {type: text}}
  orders: {from: sales, group_by: no, fields: {total: sum(amount)}}
  big: {from: sales, where: amount > 100}
channels: {email: email is known}
`

// TestUses: each name is told of with what it stands for and where that was
// declared; columns that are inherited are those of the first relation.
func TestUses(t *testing.T) {
	for _, c := range []struct{ def, want string }{
		{`where city = "Huế"`, `city attribute customer.city catalog`},
		{`where city in big_cities and count(tags where item = "a") > n`, `big_cities list big_cities a.seg; city attribute customer.city catalog; item part tags.item; n param n a.seg; tags attribute customer.tags catalog`},
		{`where any(addresses where city = "x" and primary)`, `addresses attribute customer.addresses catalog; city part addresses.city; primary part addresses.primary`},
		{`where firm.name = "x" and spend > 3`, `firm lookup customer.firm catalog; name attribute company.name catalog; spend trait spend a.seg`},
		{`where any(big where amount > 1)`, `amount attribute sales.amount catalog; big fact big catalog`},
		{`where any(orders where total > 1 and customer.city = "x")`, `city attribute customer.city catalog; customer entity customer catalog; orders fact orders catalog; total attribute orders.total catalog`},
		{`where any(sales as s followed by sales where amount > s.amount)`, `amount attribute sales.amount catalog; amount attribute sales.amount catalog; s step s it.seg; sales fact sales catalog; sales fact sales catalog`},
		{`where in segment cycle.new and not in segment other`, `cycle split cycle a.seg; new branch cycle.new a.seg; other segment other a.seg`},
		{`where in segment value.group.lost`, `lost rfm value a.seg; value rfm value a.seg`},
		{`where value.recency = 5 and in segment value.buyers`, `value rfm value a.seg; value rfm value a.seg; buyers rfm value a.seg`},
		{`where firm in segment good_firms and count(firm.staff) > 2`, `firm lookup customer.firm catalog; firm lookup customer.firm catalog; good_firms segment good_firms a.seg; staff reverse company.staff catalog`},
		{`channels: ["email"] where city in ["a"]`, `"email" channel email catalog; city attribute customer.city catalog`},
		{`where count(sales in last back) > 1`, `back param back a.seg; sales fact sales catalog`},
	} {
		seg := "segment it { " + strings.Replace(c.def, "] where", "]\n  where", 1) + " }\n"
		if !strings.HasPrefix(c.def, "where") {
			seg = "segment it {\n  " + strings.Replace(c.def, "] where", "]\n  where", 1) + "\n}\n"
		}
		files := fstest.MapFS{"catalog.yaml": {Data: []byte(usesCatalog)}, "it.seg": {Data: []byte(seg)}, "a.seg": {Data: []byte(`
list big_cities = ["a"]
param n = 3
param back = 30 days
trait spend = sum(amount of sales)
rfm value = amount of sales
split cycle {
  new "New" when none(sales)
  old "Old" otherwise
}
segment other { where city = "y" }
segment good_firms of company { where name is known }
`)}}
		var uses []check.Use
		compiler.Compile(files, compiler.Options{Uses: func(u check.Use) { uses = append(uses, u) }})
		seen := map[string]bool{}
		var got []string
		slices.SortStableFunc(uses, func(a, b check.Use) int { return cmp.Compare(a.At.Start, b.At.Start) })
		for _, u := range uses {
			id := fmt.Sprint(u.At.Start, u.Symbol.Kind)
			if u.At.File.Name != "it.seg" || seen[id] {
				continue
			}
			seen[id] = true
			name := u.Symbol.Name
			if u.Symbol.Of != "" && u.Symbol.Kind != check.Branch {
				name = u.Symbol.Of + "." + name
			}
			line := fmt.Sprintf("%s %s %s", u.At.Text(), u.Symbol.Kind, name)
			if f := u.Symbol.At.File; f != nil {
				line += " " + strings.TrimSuffix(f.Name, ".yaml")
				if at := strings.Trim(u.Symbol.At.Text(), `"`); !strings.HasSuffix(u.Symbol.Name, at) {
					t.Errorf("%s: declared at %q", line, at)
				}
			}
			got = append(got, line)
		}
		want := strings.Split(c.want, "; ")
		slices.Sort(got)
		slices.Sort(want)
		if g, w := strings.Join(got, "; "), strings.Join(want, "; "); g != w {
			t.Errorf("%s\n got %s\nwant %s", c.def, g, w)
		}
	}
}

// TestOnly: a check of one file finds what there is in it, and tells of its
// names only.
func TestOnly(t *testing.T) {
	files := fstest.MapFS{"catalog.yaml": {Data: []byte(usesCatalog)},
		"a.seg": {Data: []byte("segment a { where citty = \"x\" }\ntrait spend = sum(amount of sales)\n")},
		"b.seg": {Data: []byte("segment b { where in segment a and spend > 1 and nothing }\n")}}
	var s compiler.Sources
	s.Catalog, s.Diags = compiler.ReadCatalog(files)
	for _, name := range []string{"a.seg", "b.seg"} {
		f, diags := compiler.ParseFile(name, files[name].Data)
		s.Files, s.Diags = append(s.Files, f), append(s.Diags, diags...)
	}
	for i, want := range []string{"citty", "nothing"} {
		only := s.Files[i]
		p, diags := compiler.CompileSources(s, compiler.Options{Only: only, Uses: func(u check.Use) {
			if f := u.At.File; f != only.Source && f.Name != "catalog.yaml" && u.At.Text() != "amount" && u.At.Text() != "sales" { // of the trait that b needs
				t.Errorf("%s: told of %s in %s", only.Source.Name, u.At.Text(), f.Name)
			}
		}})
		if len(diags) != 1 || diags[0].Span.Text() != want {
			t.Errorf("%s: %v", only.Source.Name, diags)
		}
		if p.Relation("sales") == nil {
			t.Error("no relations")
		}
	}
}
