package catalog_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
)

var update = flag.Bool("update", false, "write the golden files anew")

// full reads testdata/full.yaml, the example of the language's design.
func full(t testing.TB) *catalog.Catalog {
	t.Helper()
	text, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, diags := catalog.Parse(source.New("catalog.yaml", string(text)))
	for _, d := range diags {
		t.Error(d)
	}
	return c
}

func TestFull(t *testing.T) {
	c := full(t)
	if c.Default().Name.Text != "customer" || len(c.Entities) != 5 || len(c.Facts) != 8 || len(c.Channels) != 2 {
		t.Fatalf("%d entities, %d facts, %d channels, default %v", len(c.Entities), len(c.Facts), len(c.Channels), c.Default().Name)
	}
	customer := c.Entity("customer")
	types := map[string]string{
		"gender": "text", "birthday": "date", "income": "decimal(14, 0)", "location": "place",
		"interests": "list<text>", "addresses": "list<{city: text, country: text, primary: bool}>",
	}
	for name, want := range types {
		if got := customer.Attribute(name).Type.String(); got != want {
			t.Errorf("%s is of type %s, want %s", name, got, want)
		}
	}
	income := customer.Attribute("income")
	if income.Column.Text != "Thu nhập" || income.Min.Text != "0" || !income.Empty || income.TypeSpan.Text() != "decimal(14,0)" {
		t.Errorf("income is %+v", income)
	}
	if got := fmt.Sprint(customer.Attribute("gender").Type.Values); got != "[female male other]" {
		t.Errorf("values are %s", got)
	}
	if loc := customer.Attribute("location"); loc.Type.Kind != value.Place || loc.Lat.Text != "lat" || !loc.Column.IsZero() {
		t.Errorf("location is %+v", loc)
	}
	if l := customer.Lookup("company"); l.Entity.Entity != c.Entity("company") || l.By.Column != "company_id" || l.Reverse.Text != "employees" {
		t.Errorf("company is %+v", l)
	}
	orders, sales := c.Fact("orders"), c.Fact("sales")
	if orders.From.Fact != sales || orders.Owner().Entity != customer || orders.GroupBy[0].Name.Text != "InvoiceNo" || !orders.HasTime() {
		t.Errorf("orders is %+v", orders)
	}
	if got := sales.Where.Span().Text(); got != `not InvoiceNo starts with "C" and Quantity > 0 and UnitPrice > 0` {
		t.Errorf("where of sales has the span %q", got)
	}
	if items := c.Fact("items"); items.Owner().Fact != orders || !items.HasTime() {
		t.Errorf("items is %+v", items)
	}
	days := c.Fact("days")
	if got := days.GroupBy[0].Expr.Span().Text(); got != "start_of(day, at)" {
		t.Errorf("days is grouped by %q", got)
	}
	if got := days.Field("amount").Expr.Span().Text(); got != "sum(round(amount, 2))" || days.Field("n") == nil {
		t.Errorf("amount of days is %q", got)
	}
	u := c.Entity("household").Universe
	if len(u) != 2 || u[0].Ref.Fact != c.Fact("receipts") || u[1].Ref.Entity != c.Entity("demographics") || u[1].Column.Span.Text() != "household_id" {
		t.Errorf("universe is %+v", u)
	}
	if k := c.Entity("demographics").Key[0]; k.Column.Text != "Household" || k.Type.Kind != value.Int {
		t.Errorf("key is %+v", k)
	}
}

// TestDatasets reads the forms that catalogs of real data sets need.
func TestDatasets(t *testing.T) {
	text, err := os.ReadFile("testdata/datasets.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, diags := catalog.Parse(source.New("catalog.yaml", string(text)))
	for _, d := range diags {
		t.Error(d, d.Help)
	}
	company := c.Entity("company")
	if a := company.Attribute("GICS Sector"); a == nil || a.Type.Kind != value.Text || a.Column.Text != "GICS Sector" {
		t.Errorf("GICS Sector is %+v", a)
	}
	if company.Duplicates.By.Column != "Date added" || company.Duplicates.By.Span.Text() != "`Date added`" {
		t.Errorf("duplicates are %+v", company.Duplicates.By)
	}
	if k := c.Entity("vip").KeyColumn(); k == nil || k.Column.Text != "Symbol" {
		t.Errorf("the key of vip is %+v", k)
	}
	if k := c.Fact("sales").Key; len(k) != 2 || k[1].Type.Kind != value.Int {
		t.Errorf("the key of sales is %+v", k)
	}
	if w := c.Fact("purchases").Where.Span().Text(); !strings.HasPrefix(w, "not InvoiceNo") || !strings.HasSuffix(w, "UnitPrice > 0") {
		t.Errorf("where of purchases spans %q", w)
	}
	if f := c.Fact("transactions").Field("code"); f.Expr == nil || f.Column.Text != "Stock Code" {
		t.Errorf("code is %+v", f)
	}
	if p := c.Entity("product").Source; p.Kind != catalog.SourceTable || p.Table.Text != "main.products" {
		t.Errorf("the source of product is %+v", p)
	}
	if g := c.Fact("days").GroupBy[0]; g.Name.Text != "day" {
		t.Errorf("days are grouped by %+v", g)
	}
}

// TestDiagnostics compares each testdata/bad/*.yaml with the file of the same
// name ending in .txt, and applies every edit that is offered: it must take
// its diagnostic away.
func TestDiagnostics(t *testing.T) {
	files, _ := filepath.Glob("testdata/bad/*.yaml")
	if len(files) == 0 {
		t.Fatal("no files in testdata/bad")
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			file := source.New("catalog.yaml", string(text))
			_, diags := catalog.Parse(file)
			golden := strings.TrimSuffix(name, ".yaml") + ".txt"
			got := show(diags)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, _ := os.ReadFile(golden)
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			for _, d := range diags {
				checkEdit(t, file, d)
			}
		})
	}
}

func show(diags diag.List) string {
	var b strings.Builder
	for _, d := range diags {
		if strings.HasPrefix(string(d.Code), "SEG0") {
			// Words of the expression parser, but for what is added here.
			fmt.Fprintf(&b, "%d: %s\n", d.Span.Pos().Line, d.Code)
			if i := strings.Index(d.Help, "YAML ends"); i >= 0 {
				fmt.Fprintf(&b, "  help … %s\n", d.Help[i:])
			}
			continue
		}
		fmt.Fprintf(&b, "%s\n  at   %q\n", d, d.Span.Text())
		for _, l := range d.Labels {
			fmt.Fprintf(&b, "  also %d:%d %q: %s\n", l.Span.Pos().Line, l.Span.Pos().Column, l.Span.Text(), l.Text)
		}
		if d.Help != "" {
			fmt.Fprintf(&b, "  help %s\n", strings.ReplaceAll(d.Help, "\n", "\n       "))
		}
		for _, e := range d.Edits {
			fmt.Fprintf(&b, "  edit %q → %q\n", e.Span.Text(), e.Text)
		}
	}
	return b.String()
}

// checkEdit applies the edits of a diagnostic and looks whether it is gone.
func checkEdit(t *testing.T, file *source.File, d diag.Diagnostic) {
	t.Helper()
	if len(d.Edits) == 0 {
		return
	}
	text, err := diag.Apply(file, d.Edits)
	if err != nil {
		t.Error(err)
		return
	}
	_, after := catalog.Parse(source.New(file.Name, text))
	for _, a := range after {
		if a.Code == d.Code && a.Message == d.Message && a.Span.Pos() == d.Span.Pos() {
			t.Errorf("%s: the edit leaves %s", d, a)
		}
	}
}

func FuzzParse(f *testing.F) {
	seeds, _ := filepath.Glob("testdata/*.yaml")
	bad, _ := filepath.Glob("testdata/bad/*.yaml")
	for _, name := range append(seeds, bad...) {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := source.New("catalog.yaml", text)
		c, diags := catalog.Parse(file)
		if c == nil {
			t.Fatal("no catalog")
		}
		for _, d := range diags {
			if s := d.Span; s.Start < 0 || s.End < s.Start || s.End > len(text) {
				t.Fatalf("%s has the span %d–%d of %d bytes", d.Code, s.Start, s.End, len(text))
			}
			if _, err := diag.Apply(file, d.Edits); err != nil {
				t.Fatal(err)
			}
		}
		for _, fact := range c.Facts {
			fact.Owner()
			fact.HasTime()
		}
	})
}
