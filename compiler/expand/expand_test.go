package expand_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/expand"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/internal/golden"
	"github.com/segql/segql/lang/diag"
)

const definitions = `param min_spend = 5_000_000
param recent = 90 days
param few = 3
param debt = -5
param best = 10%
list big_cities = ["Hà Nội", "Huế"]
list staff from "staff.txt"
trait spend = sum(amount of orders in last recent)
trait double = spend * 2 - debt
rfm value = amount of orders in last 365 days
segment big { where spend >= min_spend or city in big_cities }
segment tet {
  title: "Tết"
  valid_until: 2027-02-20
  where in segment big and not (city in big_cities)
}
segment all_of_it {
  title: "Everything"
  tags: ["a"]
  where in segment big
    and not in segment tet
    and (double in top best or in segment lifecycle.old)
    and any(orders in last recent where amount > min_spend and customer.spend > few and not (status = "paid"))
    and count(orders since signup_at followed by orders within recent where amount > min_spend) >= few
    and email not in staff
    and interests has any of big_cities
    and (count(orders) > best or 2 between best and few)
    and value.recency >= few
    and in segment value.group.champions
    and regularly(orders every 1 month for 6 periods)
    and all(orders have amount > min_spend)
    and spend > median(spend of everyone)
    and case { when city in big_cities: spend  otherwise: 0 } between debt and min_spend
    and not in segment draw.b
    and entered segment big in last recent
    and signup_at before 3 days ago
    and start_of(month, birthday) = start_of(month, today)
  expect size >= few
  expect share(spend > min_spend) <= 80%
}
split lifecycle {
  title: "Lifecycle"
  owner: "crm"
  fresh "Fresh" when in segment big or spend = 0
  not_paid when not any(orders where status = "paid")
  both when spend > 1 and city is known
  old otherwise
}
split of_big of segment big { some when spend > 3  rest otherwise }
holdout draw of segment big {
  title: "Draw"
  a: 10%
  b: 33.5%
  c: otherwise
}
segment ` + "`odd name`" + ` { where id > 3 }
`

func compile(t *testing.T, text string) *compiler.Project {
	t.Helper()
	catalog, err := os.ReadFile("../testdata/standard/catalog.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, diags := compiler.Compile(fstest.MapFS{"catalog.yaml": {Data: catalog}, "a.seg": {Data: []byte(text)}, "staff.txt": {Data: []byte("a@b.vn\n")}}, compiler.Options{})
	for _, d := range diags {
		if d.Severity == diag.Error {
			t.Fatalf("%s\n%s", d, text)
		}
	}
	return p
}

// TestGolden shows what every definition stands for.
func TestGolden(t *testing.T) {
	p := compile(t, definitions)
	var b strings.Builder
	for _, name := range expand.Names(p) {
		if strings.HasPrefix(name, "value.group.") && name != "value.group.loyal" {
			continue // as many lines again
		}
		text, _ := expand.Text(p, name, expand.Options{})
		deep, _ := expand.Text(p, name, expand.Options{Deep: true})
		b.WriteString("## " + name + "\n\n" + text + "\n")
		if deep != text && name != "value" && name != "value.group" {
			b.WriteString("deep:\n\n" + deep + "\n")
		}
	}
	golden.Check(t, "testdata/expand.golden", b.String())
}

// TestInPlace: what a definition stands for takes its place without an error
// and with the same names. That its members are the same is held by the
// comparison of drawn projects.
func TestInPlace(t *testing.T) {
	p := compile(t, definitions)
	for _, o := range []expand.Options{{}, {Deep: true}} {
		for _, f := range p.Files {
			for i := range f.Decls {
				var parts []string
				for j, d := range f.Decls {
					text := d.Span().Text()
					if i == j {
						text, _ = expand.Text(p, d.DeclName().Name, o)
					}
					parts = append(parts, text)
				}
				q := compile(t, strings.Join(parts, "\n"))
				names := func(p *ir.Project) (names []string) {
					for _, s := range p.Segments {
						names = append(names, s.Name+": "+s.Meta.Title)
					}
					return names
				}
				if got, want := names(q.Project), names(p.Project); !slices.Equal(got, want) {
					t.Errorf("%s expanded: segments %v, want %v", f.Decls[i].DeclName().Name, got, want)
				}
			}
		}
	}
}

func TestUnknown(t *testing.T) {
	if text, ok := expand.Text(compile(t, definitions), "nobody", expand.Options{}); ok || text != "" {
		t.Errorf("%q", text)
	}
}
