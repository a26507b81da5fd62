package runtime_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/segql/segql/runtime/duckdb"
)

const ratios = `
-- catalog.yaml --
version: 1
timezone: Asia/Ho_Chi_Minh
as_of: 2025-03-10
entities:
  customer:
    source: c.csv
    key: {column: id, type: KEY}
    attributes:
      rowid: {type: int}
      company: {type: int}
    belongs_to: {firm: {entity: firm, by: company, reverse: people}}
  firm: {source: f.csv, key: {column: fid, type: int}}
facts:
  orders: {source: o.csv, of: customer, by: cid, at: at}
  visits: {source: v.csv, of: customer, by: cid, at: at}
-- c.csv --
id,rowid,company
11,60,1
12,7,1
13,0,2
14,,
-- f.csv --
fid
1
2
-- o.csv --
cid,at,kind,amt
11,2025-03-01 10:00:00,a,100
11,2025-03-02 10:00:00,b,10
12,2025-03-05 10:00:00,a,30
-- v.csv --
cid,at
11,2025-03-01 12:00:00
13,2025-03-03 12:00:00
-- a.seg --
trait each = sum(amt of orders where kind = "a") / count(orders)
trait visited = last(at of visits)
segment none { where each is missing }
segment own { where sum(amt of orders where kind = "a") > rowid }
segment both { where count(visits) / count(orders) >= 0.5 }
segment best { where each in top 1 }
segment beyond { where each > median(each of everyone) }
segment later { where any(orders since visited) }
segment theirs { where any(firm.people.orders since visited) }
`

// Features of one fact and of two, of rows and of nobody, with keys that are
// numbers and texts, a column that has the name of a row's number, and more
// conditions than one number has bits.
func TestConditionsOnSeveralFeatures(t *testing.T) {
	want := map[string]string{"none": "13 14", "own": "11 12", "both": "11", "best": "11", "beyond": "11", "later": "11", "theirs": "11"}
	defs := ratios
	for i := range 130 {
		name := fmt.Sprintf("over_%d", i)
		defs += fmt.Sprintf("segment %s { where each > %d }\n", name, i)
		switch {
		case i < 30:
			want[name] = "11 12"
		case i < 50:
			want[name] = "11"
		}
	}
	for _, key := range []string{"int", "text"} {
		for _, strategy := range []duckdb.Strategy{duckdb.ByKernel, duckdb.BySQL} {
			for name, got := range membersBy(t, project(t, strings.Replace(defs, "KEY", key, 1)), strategy) {
				if m := strings.Join(got, " "); m != want[name] {
					t.Errorf("%s, keys are %s, by %s: %q, want %q", name, key, strategy, m, want[name])
				}
			}
		}
	}
}
