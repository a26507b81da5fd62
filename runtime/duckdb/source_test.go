package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/segql/segql/compiler/value"
)

var ctx = context.Background()

// project writes files and opens a session on their folder.
func project(t testing.TB, files map[string]string) *Session {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return open(t, Options{Dir: dir})
}

func describe(t testing.TB, s *Session, src Source) *Relation {
	t.Helper()
	rel, err := s.Describe(ctx, src, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rel
}

// types prints name:type of every column.
func types(rel *Relation) string {
	var list []string
	for _, c := range rel.Columns {
		list = append(list, c.Name+":"+c.Type.String())
	}
	return strings.Join(list, " ")
}

// rows reads the raw relation, ordered; ~ is a missing cell.
func rows(t testing.TB, s *Session, rel *Relation) []string {
	t.Helper()
	var cols []string
	for _, c := range rel.Columns {
		cols = append(cols, "coalesce("+QuoteIdent(c.Name)+"::VARCHAR, '~')")
	}
	var list []string
	err := s.Each(ctx, "read", "SELECT concat_ws('|', "+strings.Join(cols, ", ")+") FROM "+rel.ScanSQL()+" ORDER BY 1", func(scan func(...any) error) error {
		var r string
		err := scan(&r)
		list = append(list, r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func kindOf(err error) Kind {
	var p *Problem
	if errors.As(err, &p) {
		return p.Kind
	}
	return ""
}

func TestInference(t *testing.T) {
	for _, c := range []struct{ name, values, want string }{
		{"ints", "1 -7 0", "int"},
		{"leading zeros", "1 007", "text"},
		{"plus", "+1", "text"},
		{"minus zero", "-0", "text"},
		{"beyond 64 bits", "1 9223372036854775808", "text"},
		{"limits of 64 bits", "-9223372036854775808 9223372036854775807", "int"},
		{"decimals", "1.50 12 -100.125", "decimal(6, 3)"},
		{"small decimals", "0.5", "decimal(2, 1)"},
		{"no whole part", ".5", "text"},
		{"leading zero before the point", "01.5", "text"},
		{"long decimals", "1234567890123456789012345678901234567.25", "text"},
		{"floats", "1.5e3 2 0.25", "float"},
		{"float too large", "1e999", "text"},
		{"dates", "2025-03-08 2024-02-29", "date"},
		{"no such date", "2025-03-08 2025-02-29", "text"},
		{"dates otherwise", "8/3/2025", "text"},
		{"times", "2025-03-08T10:30 2025-03-08T10:30:15.5", "time wall"},
		{"dates and times", "2025-03-08 2025-03-08T10:30:00", "time wall"},
		{"times with zone", "2025-03-08T10:30:00Z 2025-03-08T10:30+07:00 2025-03-08T10:30-0500", "time zone"},
		{"with and without zone", "2025-03-08T10:30:00Z 2025-03-08T10:30:00", "text"},
		{"bools", "true FALSE True", "bool"},
		{"yes and no", "Yes No", "text"},
		{"zeros and ones", "0 1", "int"},
		{"empty in quotes", `1 "" 2`, "int"},
		{"a blank in quotes", `1 " "`, "text"},
		{"nothing", "~ ~", "text"},
		{"missing between", "1 ~ 2", "int"},
		{"dates and numbers", "2025-03-08 5", "text"},
		{"NA", "1 NA", "text"},
		{"thousands", `"1,000"`, "text"},
	} {
		text := "id,v\n"
		for i, v := range strings.Split(c.values, " ") {
			if c.name == "a blank in quotes" && i > 0 {
				v = `" "`
				if i > 1 {
					continue
				}
			}
			text += fmt.Sprintf("x%d,%s\n", i, strings.ReplaceAll(v, "~", ""))
		}
		rel := describe(t, project(t, map[string]string{"a.csv": text}), Source{Path: "a.csv"})
		got := rel.Columns[1].Type.String()
		switch rel.Columns[1].Type.Kind {
		case value.Wall:
			got += " wall"
		case value.Time:
			got += " zone"
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestInferenceSeesEveryRow: one text at the end of a long file decides.
func TestInferenceSeesEveryRow(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,code,amount\n")
	for i := range 20000 {
		fmt.Fprintf(&b, "%d,%d,%d\n", i, i, i)
	}
	b.WriteString("20001,007,1.25\n")
	rel := describe(t, project(t, map[string]string{"a.csv": b.String()}), Source{Path: "a.csv"})
	if got := types(rel); got != "id:int code:text amount:decimal(7, 2)" {
		t.Error(got)
	}
}

func TestDeclaredColumnsAreNotInferred(t *testing.T) {
	s := project(t, map[string]string{"a.csv": "id,amount,at,other\n1,x,2025-03-08T10:00Z,2025-03-08\n"})
	rel, err := s.Describe(ctx, Source{Path: "a.csv"}, map[string]value.Type{
		"amount": value.DecimalType(14, 2), "at": value.Of(value.Wall), "other": value.Of(value.Time)})
	if err != nil {
		t.Fatal(err)
	}
	if got := types(rel); got != "id:int amount:decimal(14, 2) at:time other:time" {
		t.Error(got)
	}
	if rel.Columns[2].Type.Kind != value.Time || rel.Columns[3].Type.Kind != value.Wall {
		t.Errorf("the values decide between the two kinds of time: %v", rel.Columns)
	}
}

func TestDialects(t *testing.T) {
	latin, _ := charmap.Windows1252.NewEncoder().String("id,name\n1,Königlich\n")
	u16, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("id,name\n1,Huế\n")
	u16be, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String("id,name\n1,Huế\n")
	no := false
	for _, c := range []struct {
		name, file, text string
		src              Source
		want             string
	}{
		{"comma", "a.csv", "id,name\n1,a\n", Source{}, "id,name: 1|a"},
		{"semicolon", "a.csv", "id;name;note\n1;a,b;c\n2;\"x;y\";\n", Source{}, "id,name,note: 1|a,b|c 2|x;y|~"},
		{"tab in csv", "a.csv", "id\tname\n1\ta\n", Source{}, "id,name: 1|a"},
		{"tsv", "a.tsv", "id\tname\n1\ta,b\n", Source{}, "id,name: 1|a,b"},
		{"pipe", "a.csv", "id|name\n1|a\n", Source{}, "id,name: 1|a"},
		{"given", "a.csv", "id:name\n1:a\n", Source{Delimiter: ":"}, "id,name: 1|a"},
		{"mark", "a.csv", "\xEF\xBB\xBFid,name\n1,a\n", Source{}, "id,name: 1|a"},
		{"mark and quotes", "a.csv", "\xEF\xBB\xBF\"id\",\"name\"\n\"1\",\"a\"\n", Source{}, "id,name: 1|a"},
		{"crlf", "a.csv", "id,name\r\n1,a\r\n2,\"x\r\ny\"\r\n", Source{}, "id,name: 1|a 2|x\r\ny"},
		{"cr", "a.csv", "id,name\r1,a\r", Source{}, "id,name: 1|a"},
		{"mixed line ends", "a.csv", "id,name\r\n1,a\n2,b\r\n3,\"x\ny\"\n", Source{}, "id,name: 1|a 2|b 3|x\ny"},
		{"no line end at the end", "a.csv", "id,name\n1,a", Source{}, "id,name: 1|a"},
		{"quotes in quotes", "a.csv", "id,name\n1,\"say \"\"hi\"\"\"\n2,5\" pipe\n", Source{}, "id,name: 1|say \"hi\" 2|5\" pipe"},
		{"blanks around quotes", "a.csv", "id,name\n1,  \"a,b\" \n2, \"\"\"c\"\n", Source{}, "id,name: 1|a,b 2|\"c"},
		{"other quote", "a.csv", "id,name\n1,'a,b'\n", Source{Quote: "'"}, "id,name: 1|a,b"},
		{"no quote", "a.csv", "id,name\n1,\"a\n", Source{Quote: "none"}, "id,name: 1|\"a"},
		{"no header", "a.csv", "1,a\n2,b\n", Source{Header: &no}, "column1,column2: 1|a 2|b"},
		{"one column", "a.csv", "email\na@b.vn\n", Source{}, "email: a@b.vn"},
		{"names", "a.csv", "id,ID,,a b,id\n1,2,3,4,5\n", Source{}, "id,ID_2,column3,a b,id_3: 1|2|3|4|5"},
		{"composed names", "a.csv", "Ti\u00ea\u0300n\n1\n", Source{}, "Ti\u1ec1n: 1"},
		{"empty and missing", "a.csv", "id,name\n1,\"\"\n2,\n", Source{}, "id,name: 1| 2|~"},
		{"header only", "a.csv", "id,name\n", Source{}, "id,name:"},
		{"latin", "a.csv", latin, Source{Encoding: "latin-1"}, "id,name: 1|Königlich"},
		{"utf-16", "a.csv", u16, Source{}, "id,name: 1|Huế"},
		{"utf-16 big-endian", "a.csv", u16be, Source{}, "id,name: 1|Huế"},
		{"name like a pattern", "a[1].csv", "id\n7\n", Source{}, "id: 7"},
		{"quoted header with line end", "a.csv", "\"id\",\"na\nme\"\n1,a\n", Source{}, "id,na\nme: 1|a"},
	} {
		s := project(t, map[string]string{c.file: c.text, "a1.csv": "id\n1\n"})
		c.src.Path = c.file
		rel, err := s.Describe(ctx, c.src, nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var names []string
		for _, col := range rel.Columns {
			names = append(names, col.Name)
		}
		got := strings.TrimSpace(strings.Join(names, ",") + ": " + strings.Join(rows(t, s, rel), " "))
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if b, err := s.Broken(ctx, rel); err != nil || b.Count != 0 {
			t.Errorf("%s: broken %+v, %v", c.name, b, err)
		}
	}
}

func TestSourceProblems(t *testing.T) {
	s := project(t, map[string]string{
		"data/customers.csv": "id,name\n1,a\n", "data/orders.parquet": "PAR1 and no more", "empty.csv": "", "blank.csv": "\n\n", "semi.csv": "a;b\n1;2\n",
		"tilde.csv": "id~name\n1~a\n", "numbers.csv": "1,2\n3,4\n", "nul.csv": "id,name\n1,\x00\n", "bad.csv": "id,n\xe9\n", "x.jsonl": "{bad\n", "y.json": "[1, 2]", "list.json": "{", "z.xlsx": "PK\x03\x04", "zip.csv": "PK\x03\x04",
		"a/1.csv": "id,name\n", "a/2.csv": "x,y\n",
	})
	if err := os.Symlink("/etc/passwd", filepath.Join(s.opt.Dir, "link.csv")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		src  Source
		kind Kind
		help string
	}{
		{Source{Path: "data/customer.csv"}, MissingFile, "customers.csv"},
		{Source{Path: "data/customers.parquet"}, MissingFile, "customers.csv"},
		{Source{Path: "date/customers.csv"}, MissingFile, "catalog.yaml"},
		{Source{Path: "data/*.tsv"}, MissingFile, ""},
		{Source{Path: "data"}, DamagedFile, "format"},
		{Source{Path: "data", Format: CSV}, Unreadable, "data/*.csv"},
		{Source{Path: "data/orders.parquet"}, DamagedFile, ""},
		{Source{Path: "empty.csv"}, EmptyFile, ""},
		{Source{Path: "blank.csv"}, EmptyFile, ""},
		{Source{Path: "semi.csv", Delimiter: ","}, Dialect, "semicolon"},
		{Source{Path: "tilde.csv"}, Dialect, `delimiter: "~"`},
		{Source{Path: "numbers.csv"}, Dialect, "header: false"},
		{Source{Path: "nul.csv"}, DamagedFile, ""},
		{Source{Path: "bad.csv"}, DamagedFile, ""},
		{Source{Path: "zip.csv"}, DamagedFile, ""},
		{Source{Path: "y.json"}, DamagedFile, ""},
		{Source{Path: "list.json"}, DamagedFile, ""},
		{Source{Path: "z.xlsx"}, DamagedFile, "format"},
		{Source{Path: "a/*.csv"}, Disagreement, ""},
		{Source{Path: "link.csv"}, Forbidden, "allow"},
		{Source{Path: "/etc/passwd", Format: CSV}, Forbidden, "allow"},
		{Source{Path: "https://example.org/a.csv"}, Forbidden, "copy"},
		{Source{Path: "semi.csv", Encoding: "klingon"}, DamagedFile, ""},
		{Source{Table: "customers"}, MissingTable, "DuckDB"},
		{Source{SQL: "SELECT * FROM nothing"}, MissingTable, ""},
		{Source{SQL: "SELECT 1; SELECT 2"}, NotOneSelect, ""},
		{Source{SQL: "COPY (SELECT 1) TO 'x.csv'"}, NotOneSelect, ""},
		{Source{SQL: "SELECT 1) t; DROP TABLE x; --"}, NotOneSelect, ""},
		{Source{SQL: "SELEC 1"}, NotOneSelect, ""},
		{Source{SQL: ""}, "", ""},
	} {
		_, err := s.Describe(ctx, c.src, nil)
		if err == nil || kindOf(err) != c.kind {
			t.Errorf("%+v: %v, want %q", c.src, err, c.kind)
			continue
		}
		var p *Problem
		if errors.As(err, &p) && (p.Help == "" || p.Code == "" || !strings.Contains(p.Help, c.help)) {
			t.Errorf("%+v: help %q of %s", c.src, p.Help, p.Code)
		}
	}
}

func TestBrokenRows(t *testing.T) {
	s := project(t, map[string]string{
		"a.csv":   "id,name\n1,a\n2,\"two\nlines\"\n3\n4,b,c\n5,\"ok\"\n6,\"open\n7,g\n8,\"x\"y\n9,z,,\n",
		"b.csv":   "id,name\n1,a\n2\n3,c\n",
		"c.csv":   "id,name\r\n1,a\r\n2\r\n",
		"d.csv":   "id,name\n1,caf\xe9\n2,b\n",
		"e.jsonl": "{\"id\": 1}\n{broken\n\n{\"id\": 3}\n",
	})
	for _, c := range []struct{ path, rows, broken string }{
		{"a.csv", "1|a 2|two\nlines 5|ok 7|g 9|z", "4 5:1 cells instead of 2 6:3 cells instead of 2 8:a quote is opened and not closed 10:text after a closing quote"},
		{"b.csv", "1|a 3|c", "1 3:too few cells"},
		{"c.csv", "1|a", "1 3:too few cells"},
		{"d.csv", "2|b", "1 2:not UTF-8; write `encoding:` beside the source"},
		{"e.jsonl", "1 3", "1 2:the line is not JSON"},
	} {
		rel := describe(t, s, Source{Path: c.path})
		if got := strings.Join(rows(t, s, rel), " "); got != c.rows {
			t.Errorf("%s: rows %q, want %q", c.path, got, c.rows)
		}
		_ = rows(t, s, rel) // a second scan must not count twice
		b, err := s.Broken(ctx, rel)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(b.Count)
		for _, r := range b.Rows {
			got += fmt.Sprintf(" %d:%s", r.Line, r.Reason)
		}
		if got != c.broken {
			t.Errorf("%s: broken %q, want %q", c.path, got, c.broken)
		}
		if p := b.Problem(rel.Source); p == nil || p.Code != CodeBrokenRows {
			t.Errorf("%s: problem %v", c.path, p)
		}
	}
}

func TestSeveralFiles(t *testing.T) {
	s := project(t, map[string]string{
		"d/2024/a.csv": "id,name\n1,a\n", "d/2025/b.csv": "name;id;extra\nb;2;x\n", "d/2025/c.csv": "id,name\n3,c\n4\n", "d/.hidden/x.csv": "id,name\n9,z\n",
	})
	rel := describe(t, s, Source{Path: "d/**/*.csv"})
	if got := types(rel); got != "id:int name:text extra:text" {
		t.Error(got)
	}
	if got := rows(t, s, rel); !slices.Equal(got, []string{"1|a|~", "2|b|x", "3|c|~"}) {
		t.Error(got)
	}
	b, err := s.Broken(ctx, rel)
	if err != nil || b.Count != 1 || b.Rows[0].File != "d/2025/c.csv" || b.Rows[0].Line != 3 {
		t.Errorf("broken %+v, %v", b, err)
	}
	rel = describe(t, s, Source{Path: "d/202{4,5}/[ac].csv"})
	if len(rel.Files) != 2 {
		t.Errorf("files %v", rel.Files)
	}
}

func TestJSON(t *testing.T) {
	s := project(t, map[string]string{
		"a.jsonl": `{"id": 1, "amount": 1.50, "day": "2024-01-02", "code": "00123", "n": "5", "tags": ["a"], "addr": {"city": "Huế", "n": 1}, "ok": true, "mixed": 1}` + "\n" +
			`{"id": 2, "amount": 12, "day": "2024-01-03", "code": "1", "n": "6", "tags": [], "addr": null, "ok": false, "mixed": {"x": [1]}}` + "\n",
	})
	rel := describe(t, s, Source{Path: "a.jsonl"})
	want := "id:int amount:decimal(3, 1) day:date code:text n:text tags:list<text> addr:{city: text, n: int} ok:bool mixed:json"
	if got := types(rel); got != want {
		t.Errorf("got %s", got)
	}
	if got := rows(t, s, rel); len(got) != 2 {
		t.Error(got)
	}
}

func TestEngineTypes(t *testing.T) {
	s := open(t, Options{})
	rel := describe(t, s, Source{SQL: `SELECT uuid() AS u, 'a'::ENUM('a', 'b)') AS e, 1::HUGEINT AS h, 1::UTINYINT AS ut, 1::UBIGINT AS ub, 1::FLOAT AS f,
TIMESTAMP_S '2020-01-01' AS ts, TIMESTAMPTZ '2020-01-01' AS tz, MAP {'a': 1} AS m, [[1]] AS l, {'a': 1, 'b "c': [{'x': DATE '2020-01-01'}]} AS st, 1.5::DECIMAL(4,2) AS d, '{}'::JSON AS j, TIME '10:00' AS tm -- comment`})
	want := `u:text e:text h:decimal(38, 0) ut:int ub:decimal(38, 0) f:float ts:time tz:time m:json l:list<list<int>> st:{a: int, b "c: list<{x: date}>} d:decimal(4, 2) j:json tm:text`
	if got := types(rel); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
