//go:build unix

package main

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/segql/segql/runtime"
)

// TestWatchRuns changes a definition and a data file beside a watching segql.
func TestWatchRuns(t *testing.T) {
	dir := project(t, strings.Replace(quick, `{sql: "SELECT 7 AS id, 42 AS n"}`, "data/c.csv", 1))
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	data, definitions := filepath.Join(dir, "data", "c.csv"), filepath.Join(dir, "all.seg")
	write(t, data, "id,n\n1,1\n2,2\n")
	p := command(t, "watch", dir, "--out", filepath.Join(dir, "data"))
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	errors, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer errors.Close()
	p.Cmd.Stderr = errors
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
	}()
	next := func(want string) {
		t.Helper()
		select {
		case line := <-lines:
			if !regexp.MustCompile(`^\d\d:\d\d:\d\d  ` + want + `$`).MatchString(line) {
				t.Errorf("said %q, want %s", line, want)
			}
		case <-time.After(20 * time.Second):
			said, _ := os.ReadFile(errors.Name())
			t.Fatalf("nothing is said of %s; %s", want, said)
		}
	}
	next(`1 segment in \d+ ms`)
	write(t, definitions, "segment a { where n > 0 }\n\nsegment b { where n = 2 }\n")
	next(`2 segments in \d+ ms: a 2 \(\+1 -0\), b 1 \(new\)`)
	write(t, data, "id,n\n1,1\n2,0\n3,5\n")
	next(`2 segments in \d+ ms: a 2 \(\+1 -1\), b 0 \(\+0 -1\)`)

	// Mistakes in definitions and in data are said, and end nothing.
	said := func(want string) {
		t.Helper()
		for range 200 {
			text, err := os.ReadFile(errors.Name())
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), want) {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Fatalf("nobody says %s", want)
	}
	write(t, definitions, "segment a { where m > 0 }\n")
	said("all.seg:1:19")
	write(t, definitions, "segment a {\n  where n > 0\n  expect size >= 3\n}\n")
	next(`1 segment in \d+ ms: b is gone; failed: a: size >= 3 \(2\)`)
	if err := os.Remove(data); err != nil {
		t.Fatal(err)
	}
	said("SEG4001")
	write(t, data, "id,n\n1,1\n2,0\n3,5\n4,4\n")
	next(`1 segment in \d+ ms: a 3 \(\+1 -0\)`)

	// Its own files are no changes, and neither are tests.
	write(t, filepath.Join(dir, "a_test.seg.yaml"), "test: nothing\n")
	select {
	case line := <-lines:
		t.Errorf("without a change: %q", line)
	case <-time.After(1500 * time.Millisecond):
	}
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if line, more := <-lines; more {
		t.Errorf("at the end: %q", line)
	}
	if code := p.code(t, p.Wait()); code != exitInterrupted {
		t.Errorf("code %d", code)
	}
	said("interrupted\n")
}

// TestRunInputs change with what a run reads, wherever that is, and with
// nothing that it writes.
func TestRunInputs(t *testing.T) {
	dir, far := t.TempDir(), t.TempDir()
	write(t, filepath.Join(dir, "catalog.yaml"), "version: 1\ntimezone: UTC\ndatabase: "+filepath.Join(far, "shop.db")+
		"\nentities:\n  customer: {source: "+filepath.Join(far, "*.parquet")+", key: id}\n  company: {source: companies, key: id}\n")
	look := runInputs(runtime.Options{Dir: dir, Data: filepath.Join(dir, "data"), Store: filepath.Join(dir, "kept.parquet")},
		runFlags{out: filepath.Join(dir, "out"), outFormat: "csv"})
	last := look()
	for _, c := range []struct {
		name    string
		changes bool
	}{
		{"catalog.yaml", true}, {"a.seg", true}, {"b.seg.yaml", true}, {"lists/staff.csv", true}, {"data/c.jsonl", true}, {"out/more.parquet", true},
		{filepath.Join(far, "c.parquet"), true}, {filepath.Join(far, "shop.db"), true}, {filepath.Join(far, "shop.db.wal"), true},
		{"b_test.seg.yaml", false}, {"out/a.csv", false}, {"kept.parquet", false}, {".segql/store.duckdb", false}, {"notes.md", false}, {filepath.Join(far, "c.csv"), false},
	} {
		path := c.name
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString("# \n"); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		now := look()
		if now != last != c.changes {
			t.Errorf("%s: seen is %v", c.name, now != last)
		}
		last = now
	}
}
