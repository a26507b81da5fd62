//go:build linux

package duckdb

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Nobody can write the database while it is read, whatever else has read the
// file: a lock ends when its process closes the file anywhere.
func TestTheDatabaseStaysLocked(t *testing.T) {
	if path := os.Getenv("SEGQL_TRY_LOCK"); path != "" {
		db, err := sql.Open("duckdb", path)
		if err != nil {
			return // it is locked
		}
		defer db.Close()
		if _, err := db.Exec("CREATE OR REPLACE TABLE other (i INT)"); err == nil {
			t.Log("it was written")
		}
		return
	}
	path := filepath.Join(t.TempDir(), "a.duckdb")
	change(t, path, "CREATE TABLE t AS SELECT i FROM range(10) r(i)")
	session, err := Open(ctx, Options{Dir: filepath.Dir(path), Database: path})
	if err != nil {
		t.Fatal(err)
	}
	e := &Engine{Session: session}
	if _, err := e.rowGroups(ctx, "segql_database.main.t", []string{"i"}); err != nil {
		t.Fatal(err)
	}
	f, done, err := e.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Stat(); err != nil {
		t.Fatal(err)
	}
	done()
	writes := func() bool {
		t.Helper()
		cmd := exec.Command(os.Args[0], "-test.run", "TestTheDatabaseStaysLocked", "-test.v")
		cmd.Env = append(os.Environ(), "SEGQL_TRY_LOCK="+path)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.Contains(string(out), "it was written")
	}
	if writes() {
		t.Error("it was written while it was read")
	}
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
	if !writes() {
		t.Error("it cannot be written when it is not read, so that this tests nothing")
	}
}
