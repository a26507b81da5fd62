package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/segql/segql/compiler/value"
)

// TestLocked: what SQL must not be able to do in a session.
func TestLocked(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret.csv"), []byte("a\n1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := open(t, Options{Dir: dir})
	secret := filepath.Join(outside, "secret.csv")
	for _, q := range []string{
		"SELECT * FROM read_text('/etc/passwd')",
		"SELECT * FROM '" + secret + "'",
		"SELECT * FROM read_csv('" + dir + "/../" + filepath.Base(outside) + "/secret.csv')",
		"SELECT * FROM glob('" + outside + "/*')",
		"SELECT * FROM sniff_csv('" + secret + "')",
		"COPY (SELECT 1) TO '" + outside + "/x.csv'",
		"COPY (SELECT 1) TO '/dev/stdout'",
		"ATTACH '" + outside + "/x.duckdb' AS x",
		"EXPORT DATABASE '" + outside + "/x'",
		"INSTALL httpfs", "LOAD httpfs", "LOAD '" + outside + "/x.so'",
		"SET enable_external_access = true", "SET lock_configuration = false", "RESET allowed_directories", "SET allowed_directories = ['/']",
		"SET TimeZone = 'Asia/Ho_Chi_Minh'", "SET threads = 1", "PRAGMA memory_limit = '1GB'",
		"SELECT * FROM 'https://example.org/x.csv'", "SELECT * FROM 's3://bucket/x.parquet'",
		"SELECT getenv('HOME')",
	} {
		if err := s.Exec(ctx, "try", q); err == nil {
			t.Errorf("allowed: %s", q)
		}
	}
	entries, _ := os.ReadDir(outside)
	if len(entries) != 1 {
		t.Errorf("something was written outside: %v", entries)
	}
}

func TestSelectGate(t *testing.T) {
	s := open(t, Options{})
	for _, q := range []string{"SELECT 1", "select 1 -- c", "WITH a AS (SELECT 1) SELECT * FROM a", "FROM range(3)", "VALUES (1)", "SELECT 1;", "(SELECT 1) UNION ALL SELECT 2", "TABLE x"} {
		if err := s.CheckSelect(ctx, q); err != nil {
			t.Errorf("%s: %v", q, err)
		}
	}
	for _, q := range []string{"", ";", "-- nothing", "SELECT 1; SELECT 2", "COPY x TO 'a'", "ATTACH 'x'", "INSERT INTO x VALUES (1)", "WITH a AS (INSERT INTO x VALUES (1) RETURNING *) SELECT * FROM a", "SET threads = 1", "CALL pragma_version()", "PRAGMA version", "CREATE TABLE x (a INT)", "EXPLAIN ANALYZE COPY x TO 'y'", "SELECT 1) t; DROP TABLE x; --", "SELECT 'a\x00b'", "CHECKPOINT", "EXECUTE x", "INSTALL httpfs"} {
		if err := s.CheckSelect(ctx, q); kindOf(err) != NotOneSelect {
			t.Errorf("%q: %v", q, err)
		}
	}
}

func TestQuoting(t *testing.T) {
	s := open(t, Options{})
	for _, text := range append(append([]string{}, cells...), "'", "''", "';DROP TABLE x;--", `\'`, `\\`, "$1", "?", ":a", "%s", "{}", "E'x'", "\u2028", "\ufeff", "\r\n", strings.Repeat("'", 100), "\x00", "\x00'\x00") {
		var got string
		if err := s.QueryRow(ctx, "quote", "SELECT "+QuoteText(text), &got); err != nil || got != text {
			t.Errorf("text %q: %q, %v", text, got, err)
		}
		if name := strings.ReplaceAll(text, "\x00", ""); name != "" {
			rows, err := s.Query(ctx, "quote", "SELECT "+QuoteIdent(name)+" FROM (SELECT 1 AS "+QuoteIdent(text)+")")
			if err != nil {
				t.Errorf("name %q: %v", name, err)
				continue
			}
			cols, _ := rows.Columns()
			_ = rows.Close()
			if len(cols) != 1 || cols[0] != name {
				t.Errorf("name %q: %q", name, cols)
			}
		}
	}
	var bad string
	if err := s.QueryRow(ctx, "quote", "SELECT "+QuoteText("a\xffb"), &bad); err != nil || bad != "a\uFFFDb" {
		t.Errorf("not UTF-8: %q, %v", bad, err)
	}
	for path, want := range map[string]string{"t": `"t"`, "s.t": `"s"."t"`, `"a.b".c`: `"a.b"."c"`, `a"b`: `"ab"`, "select": `"select"`} {
		if got := QuoteTable(path); got != want {
			t.Errorf("table %s: %s, want %s", path, got, want)
		}
	}
}

// TestStableText: the pattern that spares nfc_normalize leaves out nothing
// that could change: no such character is a mark, composes or decomposes.
func TestStableText(t *testing.T) {
	s := open(t, Options{})
	const query = "SELECT i FROM range(1, 1114112) t(i) WHERE i NOT BETWEEN 55296 AND 57343 AND NOT regexp_matches(chr(i::INTEGER), "
	stable := 0
	err := s.Each(ctx, "test", query+"'"+stableText+"')", func(scan func(...any) error) error {
		var r rune
		err := scan(&r)
		stable++
		p := norm.NFC.PropertiesString(string(r))
		if p.CCC() != 0 || !p.BoundaryBefore() || norm.NFC.String(string(r)) != string(r) || norm.NFC.QuickSpanString("a"+string(r)) != 1+len(string(r)) {
			t.Errorf("%U is not stable", r)
		}
		return err
	})
	if err != nil || stable < 30000 {
		t.Errorf("%d stable characters, %v", stable, err)
	}
}

func TestTextOptions(t *testing.T) {
	s := open(t, Options{})
	for _, c := range []struct {
		in   string
		opt  ConvertOptions
		want string
	}{
		{"Hue\u0302\u0301", ConvertOptions{NFC: true}, "Huế"},
		{"Huế", ConvertOptions{NFC: true}, "Huế"},
		{"\u212b", ConvertOptions{NFC: true}, "\u00c5"},
		{" a\t", ConvertOptions{Trim: true}, "a"},
		{"", ConvertOptions{EmptyMissing: true}, "~"},
		{"  ", ConvertOptions{EmptyMissing: true, Trim: true}, "~"},
		{"  ", ConvertOptions{EmptyMissing: true}, "  "},
	} {
		var got string
		x := ConvertSQL(QuoteText(c.in), Column{EngineType: "VARCHAR"}, value.Of(value.Text), c.opt)
		if err := s.QueryRow(ctx, "test", "SELECT coalesce("+x+", '~')", &got); err != nil || got != c.want {
			t.Errorf("%q with %+v: %q, %v", c.in, c.opt, got, err)
		}
	}
}

// TestConvertTyped checks columns that have a type already.
func TestConvertTyped(t *testing.T) {
	s := open(t, Options{})
	list := func(e value.Type) value.Type { return value.Type{Kind: value.List, Elem: &e} }
	record := value.Type{Kind: value.Record, Fields: []value.Field{{Name: "city", Type: value.Of(value.Text)}, {Name: "n", Type: value.Of(value.Int)}}}
	hcm := ConvertOptions{Zone: "Asia/Ho_Chi_Minh"}
	for _, c := range []struct {
		x, engine string
		to        value.Type
		opt       ConvertOptions
		want      string
	}{
		{"13085.0::DOUBLE", "DOUBLE", value.Of(value.Int), ConvertOptions{}, "13085"},
		{"13085.5::DOUBLE", "DOUBLE", value.Of(value.Int), ConvertOptions{}, "~"},
		{"'nan'::DOUBLE", "DOUBLE", value.Of(value.Int), ConvertOptions{}, "~"},
		{"'nan'::DOUBLE", "DOUBLE", value.Of(value.Float), ConvertOptions{}, "~"},
		{"'inf'::FLOAT", "FLOAT", value.Of(value.Float), ConvertOptions{}, "~"},
		{"9223372036854775807::DOUBLE", "DOUBLE", value.Of(value.Int), ConvertOptions{}, "~"},
		{"1.1::DOUBLE", "DOUBLE", value.DecimalType(10, 2), ConvertOptions{}, "1.10"},
		{"2.675::DOUBLE", "DOUBLE", value.DecimalType(10, 2), ConvertOptions{}, "2.68"}, // 267.5 after one product
		{"'inf'::DOUBLE", "DOUBLE", value.DecimalType(10, 2), ConvertOptions{}, "~"},
		{"17850.0::DOUBLE", "DOUBLE", value.Of(value.Text), ConvertOptions{}, "17850"},
		{"1.005::DECIMAL(10,3)", "DECIMAL(10,3)", value.DecimalType(10, 2), ConvertOptions{}, "~"},
		{"1.000::DECIMAL(10,3)", "DECIMAL(10,3)", value.DecimalType(10, 2), ConvertOptions{}, "1.00"},
		{"1.000::DECIMAL(10,3)", "DECIMAL(10,3)", value.Of(value.Int), ConvertOptions{}, "1"},
		{"1.500::DECIMAL(10,3)", "DECIMAL(10,3)", value.Of(value.Int), ConvertOptions{}, "~"},
		{"99999999999999999999::DECIMAL(38,10)", "DECIMAL(38,10)", value.Of(value.Int), ConvertOptions{}, "~"},
		{"18446744073709551615::UBIGINT", "UBIGINT", value.Of(value.Int), ConvertOptions{}, "~"},
		{"18446744073709551615::UBIGINT", "UBIGINT", value.DecimalType(38, 0), ConvertOptions{}, "18446744073709551615"},
		{"5::INTEGER", "INTEGER", value.DecimalType(3, 2), ConvertOptions{}, "5.00"},
		{"50::INTEGER", "INTEGER", value.DecimalType(3, 2), ConvertOptions{}, "~"},
		{"1::INTEGER", "INTEGER", value.Of(value.Bool), ConvertOptions{}, "true"},
		{"2::INTEGER", "INTEGER", value.Of(value.Bool), ConvertOptions{}, "~"},
		{"7::INTEGER", "INTEGER", value.Of(value.Text), ConvertOptions{}, "7"},
		{"true", "BOOLEAN", value.Of(value.Text), ConvertOptions{}, "true"},
		{"TIMESTAMP '2025-03-08 00:00:00'", "TIMESTAMP", value.Of(value.Date), ConvertOptions{}, "2025-03-08"},
		{"TIMESTAMP '2025-03-08 00:00:01'", "TIMESTAMP", value.Of(value.Date), ConvertOptions{}, "~"},
		{"TIMESTAMPTZ '2025-03-08 00:00:00Z'", "TIMESTAMP WITH TIME ZONE", value.Of(value.Date), ConvertOptions{}, "~"},
		{"DATE '2025-03-08'", "DATE", value.Of(value.Wall), ConvertOptions{}, "2025-03-08 00:00:00"},
		{"DATE '2025-03-08'", "DATE", value.Of(value.Time), hcm, "2025-03-07 17:00:00+00"},
		{"TIMESTAMPTZ '2025-03-08 00:00:00Z'", "TIMESTAMP WITH TIME ZONE", value.Of(value.Wall), hcm, "2025-03-08 07:00:00"},
		{"TIMESTAMP '2025-03-08 00:00:00'", "TIMESTAMP", value.Of(value.Time), hcm, "2025-03-07 17:00:00+00"},
		{"'2025-03-08T10:00'", "VARCHAR", value.Of(value.Time), hcm, "2025-03-08 03:00:00+00"},
		{"'2025-03-08T10:00Z'", "VARCHAR", value.Of(value.Wall), hcm, "2025-03-08 17:00:00"},
		{"TIMESTAMP '2025-03-08 01:02:03.5'", "TIMESTAMP", value.Of(value.Text), ConvertOptions{}, "2025-03-08T01:02:03.500000"},
		{"TIMESTAMPTZ '2025-03-08 01:02:03Z'", "TIMESTAMP WITH TIME ZONE", value.Of(value.Text), ConvertOptions{}, "2025-03-08T01:02:03Z"},
		{"'a; b;;c '", "VARCHAR", list(value.Of(value.Text)), ConvertOptions{Separator: ";"}, "[a, b, c]"},
		{"'1;x;3'", "VARCHAR", list(value.Of(value.Int)), ConvertOptions{Separator: ";"}, "[1, 3]"},
		{"''", "VARCHAR", list(value.Of(value.Text)), ConvertOptions{Separator: ";"}, "[]"},
		{"NULL::VARCHAR", "VARCHAR", list(value.Of(value.Text)), ConvertOptions{Separator: ";"}, "~"},
		{`'["a", null, "b"]'`, "VARCHAR", list(value.Of(value.Text)), ConvertOptions{}, "[a, b]"},
		{`'no list'`, "VARCHAR", list(value.Of(value.Text)), ConvertOptions{}, "~"},
		{`'[{"city": "Huế", "n": 1.0}, {"city": "Vinh", "n": 1.5}]'::JSON`, "JSON", list(record), ConvertOptions{}, "[{'city': Huế, 'n': 1}, {'city': Vinh, 'n': NULL}]"},
		{`{'CITY': 'Huế', 'n': 2::UTINYINT}`, "STRUCT(CITY VARCHAR, n UTINYINT)", record, ConvertOptions{}, "{'city': Huế, 'n': 2}"},
		{"[1.0, 2.5]::DOUBLE[]", "DOUBLE[]", list(value.Of(value.Int)), ConvertOptions{}, "[1]"},
		{`'"12"'::JSON`, "JSON", value.Of(value.Int), ConvertOptions{}, "12"},
		{`'{"a": 1}'`, "VARCHAR", value.Of(value.JSON), ConvertOptions{}, `{"a": 1}`},
		{`'{a'`, "VARCHAR", value.Of(value.JSON), ConvertOptions{}, "~"},
		{"MAP {'a': 1}", "MAP(VARCHAR, INTEGER)", value.Of(value.JSON), ConvertOptions{}, `{"a":1}`},
		{"true", "BOOLEAN", value.Of(value.Int), ConvertOptions{}, "~"},
		{"[1]", "INTEGER[]", value.Of(value.Int), ConvertOptions{}, "~"},
	} {
		var got string
		x := ConvertSQL("x", Column{EngineType: c.engine}, c.to, c.opt)
		err := s.QueryRow(ctx, "test", "SELECT coalesce(("+x+")::VARCHAR, '~') FROM (SELECT "+c.x+" AS x)", &got)
		if err != nil || got != c.want {
			t.Errorf("%s as %s: %q, %v; want %q", c.x, c.to, got, err, c.want)
		}
	}
}

func TestQuality(t *testing.T) {
	s := project(t, map[string]string{"a.csv": "id,amount,note\n1,1.50,a\n2,1.505,b\n3,,c\n4, ,d\n5,abc,e\n6,abc,f\n"})
	rel := describe(t, s, Source{Path: "a.csv"})
	amount, _ := rel.Column("amount")
	note, _ := rel.Column("note")
	q, err := s.Quality(ctx, rel, []Conversion{{Column: amount, To: value.DecimalType(10, 2)}, {Column: note, To: value.Of(value.Text)}})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%+v", q); got != "[{Column:amount Known:4 Misfits:3 Examples:[1.505 abc]} {Column:note Known:6 Misfits:0 Examples:[]}]" {
		t.Error(got)
	}
	if p := q[0].Problem(rel.Source, value.DecimalType(10, 2)); p == nil || p.Code != CodeMisfits {
		t.Error(p)
	}
}

func TestCancel(t *testing.T) {
	s := open(t, Options{})
	c, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	begin := time.Now()
	err := s.Exec(c, "count", "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE hash(a.range + b.range) = 7")
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 1500*time.Millisecond {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
	if err := s.Exec(ctx, "go on", "SELECT 1"); err != nil {
		t.Errorf("after a cancellation: %v", err)
	}
}

func TestOutOfMemory(t *testing.T) {
	s := open(t, Options{MemoryLimit: "60MB", TempLimit: "10MB", Threads: 2})
	err := s.Exec(ctx, "sort", "CREATE TEMP TABLE t AS SELECT md5(i::VARCHAR) AS k, i FROM range(3000000) t(i) ORDER BY k")
	if k := kindOf(err); k != OutOfMemory && k != DiskFull {
		t.Errorf("%v", err)
	}
	if err := s.Exec(ctx, "go on", "SELECT 1"); err != nil {
		t.Errorf("after running out of memory: %v", err)
	}
}

func TestOverflow(t *testing.T) {
	s := open(t, Options{})
	if err := s.Exec(ctx, "add", "SELECT sum(x) * 10 FROM (SELECT 99999999999999999999999999999999999999::DECIMAL(38,0) AS x)"); kindOf(err) != Overflow {
		t.Errorf("%v", err)
	}
}

func TestCloseRemovesTemporaryFiles(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(ctx, Options{Dir: dir, TempDir: dir, MemoryLimit: "100MB"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Exec(ctx, "fill", "CREATE TEMP TABLE t AS SELECT md5(i::VARCHAR) AS k FROM range(4000000) t(i)"); err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("temporary files elsewhere: %v", entries)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestDatabase(t *testing.T) {
	dir := t.TempDir()
	maker := open(t, Options{Dir: dir})
	path := filepath.Join(dir, "shop.duckdb")
	if err := maker.Exec(ctx, "make", "ATTACH '"+path+"' AS o; CREATE TABLE o.customers AS SELECT 1 AS id, 'a' AS name; CREATE SCHEMA o.crm; CREATE TABLE o.crm.people AS SELECT 7 AS id; DETACH o"); err != nil {
		t.Fatal(err)
	}
	s := open(t, Options{Dir: dir, Database: "shop.duckdb"})
	if got := types(describe(t, s, Source{Table: "customers"})); got != "id:int name:text" {
		t.Error(got)
	}
	if got := types(describe(t, s, Source{Table: "crm.people"})); got != "id:int" {
		t.Error(got)
	}
	if got := types(describe(t, s, Source{SQL: "SELECT name FROM customers"})); got != "name:text" {
		t.Error(got)
	}
	_, err := s.Describe(ctx, Source{Table: "custmers"}, nil)
	var p *Problem
	if !errors.As(err, &p) || p.Kind != MissingTable || !strings.Contains(p.Help, "customers") {
		t.Errorf("%v", err)
	}
	if err := s.Exec(ctx, "write", "INSERT INTO customers VALUES (2, 'b')"); err == nil {
		t.Error("the database can be written")
	}
	for name, kind := range map[string]Kind{"none.duckdb": MissingFile, "text.csv": NoDatabase, ".": Unreadable} {
		_ = os.WriteFile(filepath.Join(dir, "text.csv"), []byte("id,name\n1,a\n"), 0o644)
		if s, err := Open(ctx, Options{Dir: dir, Database: name}); kindOf(err) != kind {
			t.Errorf("%s: %v", name, err)
			if err == nil {
				_ = s.Close()
			}
		}
	}
}

func TestDataFolder(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	for p, text := range map[string]string{filepath.Join(dir, "a.csv"): "x\n1\n", filepath.Join(data, "a.csv"): "y\n1\n", filepath.Join(dir, "b.csv"): "z\n1\n"} {
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, Options{Dir: dir, Data: data})
	if got := types(describe(t, s, Source{Path: "a.csv"})) + " " + types(describe(t, s, Source{Path: "b.csv"})); got != "y:int z:int" {
		t.Error(got)
	}
}

func TestWriteFile(t *testing.T) {
	s := open(t, Options{})
	out := t.TempDir() // outside the session's folders
	const query = `SELECT * FROM (VALUES (1, 'a,"b', 1.50::DECIMAL(10,2), DATE '2025-03-08', true), (2, '', NULL, NULL, false), (3, NULL, -0.05, DATE '2024-02-29', NULL), (4, 'Huế', 1, NULL, NULL)) t("id", "na me", amount, day, ok) ORDER BY id`
	for _, name := range []string{"m.csv", "m.parquet", "m.tsv"} {
		path := filepath.Join(out, name)
		for range 2 { // the second replaces the first
			if n, err := s.WriteFile(ctx, query, path); err != nil || n != 4 {
				t.Fatalf("%s: %d rows, %v", name, n, err)
			}
		}
	}
	b, _ := os.ReadFile(filepath.Join(out, "m.csv"))
	if want := "id,na me,amount,day,ok\n1,\"a,\"\"b\",1.50,2025-03-08,true\n2,\"\",,,false\n3,,-0.05,2024-02-29,\n4,Huế,1.00,,\n"; string(b) != want {
		t.Errorf("csv:\n%s\nwant:\n%s", b, want)
	}
	again := open(t, Options{Dir: out})
	if got := types(describe(t, again, Source{Path: "m.parquet"})); got != "id:int na me:text amount:decimal(12, 2) day:date ok:bool" {
		t.Error(got)
	}
	if got := strings.Join(rows(t, again, describe(t, again, Source{Path: "m.csv"})), " "); !strings.Contains(got, "2||~|~|false 3|~|-0.05") {
		t.Error(got)
	}
	entries, _ := os.ReadDir(out)
	if len(entries) != 3 {
		t.Errorf("temporary files left: %v", entries)
	}
	for path, q := range map[string]string{filepath.Join(out, "no", "x.csv"): query, out: query, filepath.Join(out, "x.doc"): query} {
		if _, err := s.WriteFile(ctx, q, path); kindOf(err) != Unwritable {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := s.WriteFile(ctx, "SELECT error('stop')", filepath.Join(out, "x.csv")); err == nil {
		t.Error("a failing query wrote a file")
	}
	if entries, _ := os.ReadDir(out); len(entries) != 3 {
		t.Errorf("left after a failure: %v", entries)
	}
}

func TestWriteCSVTypes(t *testing.T) {
	s := open(t, Options{})
	var b strings.Builder
	_, err := s.WriteCSV(ctx, "SELECT 'nan'::DOUBLE AS f, 1e22::DOUBLE AS g, TIMESTAMPTZ '2025-03-08 10:00:00Z' AS z, TIMESTAMP '2025-03-08 00:00:00' AS w, 12345678901234567890::HUGEINT AS h, 'b'::ENUM('a', 'b') AS e", &b, TSV)
	if want := "f\tg\tz\tw\th\te\n\t1e+22\t2025-03-08T10:00:00Z\t2025-03-08T00:00:00\t12345678901234567890\tb\n"; err != nil || b.String() != want {
		t.Errorf("%q, %v", b.String(), err)
	}
}
