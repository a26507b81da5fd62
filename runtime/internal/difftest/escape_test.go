package difftest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/segql/segql/compiler/calendar"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/syntax"
)

// nasty are names and texts that must stay what they are on their way into
// SQL: quotes of every kind, comments, places of templates, keywords, twins.
var nasty = []string{`a"b`, "a'b", "a`b", `a\b`, `a''b`, `a""b`, "{0}", "{1}", "{*}", "{t}", "{known}", "$1", "%s", "?", ":x", "--", "/* */", "; DROP TABLE x; --",
	"select", "SELECT", "at", "key", "Key", "v", "per", "r", "s", "one", "Thu nhập", "名前", "a\tb", "$nth", "$anchor", "x\u0301"}

func TestNastyNamesAndTexts(t *testing.T) {
	e := withPostgres(t, open(t))
	cal, _ := calendar.New("UTC", "")
	tab := &table{name: "nasty", cols: []col{{"id", "BIGINT", intType, nil}}}
	var lines []string
	row := []value.Value{value.NewInt(1)}
	other := []value.Value{value.NewInt(2)}
	for _, name := range nasty {
		tab.cols = append(tab.cols, col{name, "VARCHAR", textType, nil})
		row, other = append(row, value.NewText(name)), append(other, value.NewText("x"))
	}
	tab.rows = [][]value.Value{row, other}
	for i, name := range nasty {
		c, text := syntax.Backtick(unique(tab.cols, i+1)), literalText(name)
		lines = append(lines,
			fmt.Sprintf("segment %s { where %s = %s }", syntax.Backtick("is "+name), c, text),
			fmt.Sprintf("segment %s { where concat(%s, %s, \"|\") contains %s and concat(%s, \"{1}{0}{*}\") ends with \"{1}{0}{*}\" and lower(%s) = lower(%s) and not (%s ~= \"zz\") }",
				syntax.Backtick("has "+name), c, text, text, c, c, text, c),
			fmt.Sprintf("segment %s { where in segment %s and sample(100%%, %s) and id in top 1 per %s }", syntax.Backtick("in "+name), syntax.Backtick("is "+name), text, c))
	}
	w := &world{zone: "UTC", cal: cal, tables: []*table{tab}, catalog: "timezone: UTC\nentities:\n  customer: {source: {sql: select * from raw_nasty}, key: id}\n"}
	if err := e.Exec(t.Context(), "load", create(tab)); err != nil {
		t.Fatal(err)
	}
	c := &comparison{w, lines}
	p, diags := e.compile(w.catalog, strings.Join(lines, "\n"))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if failure := c.compare(e, &tally{}); failure != "" {
		t.Fatal(failure)
	}
	got, err := evaluated(p.Project, 0, w.input(p.Project))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range nasty {
		for _, verb := range []string{"is ", "has ", "in "} {
			if m := strings.Join(got[verb+name], " "); m != "1" {
				t.Errorf("%s%s holds %q", verb, name, m)
			}
		}
	}
}

// create makes a table whose names need quotes.
func create(t *table) string {
	plain := *t
	plain.cols = append([]col{}, t.cols...)
	for i := range plain.cols {
		plain.cols[i].name = strings.ReplaceAll(unique(t.cols, i), `"`, `""`)
	}
	return plain.create()
}
