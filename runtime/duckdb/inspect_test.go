package duckdb

import (
	"fmt"
	"strings"
	"testing"
)

func TestInspect(t *testing.T) {
	s := project(t, map[string]string{
		"data/customers.csv":    "id,code,name,active,note\n1,007,An,Yes,\n2,012,Bình,No,\" \"\n3,100,An,Yes,\n",
		"data/sub/orders.jsonl": `{"order_id": 10, "customer_id": 1, "amount": 1.5}` + "\n" + `{"order_id": 11, "customer_id": 9, "amount": 2}` + "\n" + `{bad` + "\n",
		"data/empty.csv":        "",
		"data/readme.txt":       "a,b\n",
		".segql/x.csv":          "a\n1\n",
		"header.csv":            "a,b\n",
	})
	tables, skipped, err := s.Inspect(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tab := range tables {
		got = append(got, fmt.Sprintf("%s %d %d", tab.Source.Path, tab.Rows, tab.Broken.Count))
		for _, c := range tab.Columns {
			got = append(got, fmt.Sprintf("  %s %s known %d distinct %d unique %v zeros %v yes/no %v blanks %d %s..%s %d", c.Name, c.Type, c.Known, c.Distinct, c.Unique, c.LeadingZeros, c.YesNo, c.Blanks, c.Min, c.Max, len(c.Samples)))
		}
	}
	want := `data/customers.csv 3 0
  id int known 3 distinct 3 unique true zeros false yes/no false blanks 0 1..3 3
  code text known 3 distinct 3 unique true zeros true yes/no false blanks 0 007..100 3
  name text known 3 distinct 2 unique false zeros false yes/no false blanks 0 An..Bình 2
  active text known 3 distinct 2 unique false zeros false yes/no true blanks 0 No..Yes 2
  note text known 1 distinct 1 unique false zeros false yes/no false blanks 1  ..  1
data/sub/orders.jsonl 2 1
  order_id int known 2 distinct 2 unique true zeros false yes/no false blanks 0 10..11 2
  customer_id int known 2 distinct 2 unique true zeros false yes/no false blanks 0 1..9 2
  amount decimal(2, 1) known 2 distinct 2 unique true zeros false yes/no false blanks 0 1.5..2.0 2
header.csv 0 0
  a text known 0 distinct 0 unique false zeros false yes/no false blanks 0 .. 0
  b text known 0 distinct 0 unique false zeros false yes/no false blanks 0 .. 0`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if len(skipped) != 1 || skipped[0].Path != "data/empty.csv" || kindOf(skipped[0].Err) != EmptyFile {
		t.Errorf("skipped %v", skipped)
	}
	customers, orders := describe(t, s, Source{Path: "data/customers.csv"}), describe(t, s, Source{Path: "data/sub/orders.jsonl"})
	if share, err := s.Contained(ctx, orders, "customer_id", customers, "id"); err != nil || share != 0.5 {
		t.Errorf("contained %v, %v", share, err)
	}
}

func TestInspectDatabase(t *testing.T) {
	dir := t.TempDir()
	maker := open(t, Options{Dir: dir})
	if err := maker.Exec(ctx, "make", `ATTACH '`+dir+`/shop.duckdb' AS o; CREATE TABLE o.c AS SELECT i AS id, i::DOUBLE AS f FROM range(3) t(i); CREATE SCHEMA o."a.b"; CREATE TABLE o."a.b"."t" AS SELECT 1 AS x; DETACH o`); err != nil {
		t.Fatal(err)
	}
	s := open(t, Options{Dir: dir, Database: "shop.duckdb"})
	tables, skipped, err := s.Inspect(ctx, "")
	if err != nil || len(skipped) > 0 || len(tables) != 2 {
		t.Fatalf("%+v, %v, %v", tables, skipped, err)
	}
	if tables[0].Source.Table != `"a.b"."t"` || tables[1].Source.Table != "c" || !tables[1].Columns[1].WholeFloats || tables[1].Rows != 3 {
		t.Errorf("%+v", tables)
	}
}
