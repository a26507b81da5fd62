package main

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/segql/segql/internal/pgtest"
)

// TestMain lets scripts and tests run segql as a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"segql": main})
}

// TestScripts runs testdata/script/*.txtar: each is a session at a shell, with
// the files it needs. Beside the usual commands there are
//
//	exits CODE COMMAND...   the command ends with exactly this code
//	duckdb FILE             runs the SQL of a file as a DuckDB shell would, and
//	                        prints the first column of the last result
//	storesql DB FILE        runs the SQL of a file on a database
//	postgres FILE           starts a server, makes a database with the SQL of a
//	                        file and sets PG, its address, and PGHOST
//	psql FILE               runs the SQL of a file there, as duckdb does
//	mend FILE OLD NEW       replaces a text in a file; \n and \u are understood
func TestScripts(t *testing.T) {
	shop, err := filepath.Abs("../../examples/online-shop")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("SHOP", shop)
			env.Setenv("TMPDIR", filepath.Join(env.WorkDir, ".tmp"))
			return os.MkdirAll(filepath.Join(env.WorkDir, ".tmp"), 0o755)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"duckdb":   duckdbShell,
			"mend":     mend,
			"storesql": storeSQL,
			"postgres": postgresServer,
			"psql":     psql,
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "root":
				return os.Geteuid() == 0, nil
			case "postgres":
				return pgtest.Installed(), nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func duckdbShell(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: duckdb FILE")
	}
	// A shell begins in the folder it is called from, and so do relative paths
	// in its SQL; for an engine inside this process that is a setting.
	db, err := sql.Open("duckdb", "")
	ts.Check(err)
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	_, err = db.Exec("SET file_search_path = '" + ts.MkAbs(".") + "'")
	ts.Check(err)
	var lines strings.Builder
	for _, text := range strings.Split(ts.ReadFile(args[0]), ";\n") {
		text = strings.Replace(text, "ATTACH IF NOT EXISTS '", "ATTACH IF NOT EXISTS '"+ts.MkAbs(".")+"/", 1)
		if strings.TrimSpace(text) == "" {
			continue
		}
		rows, err := db.Query(text)
		ts.Check(err)
		lines.Reset()
		for rows.Next() {
			var cell any
			ts.Check(rows.Scan(&cell))
			fmt.Fprintln(&lines, cell)
		}
		ts.Check(rows.Err())
		ts.Check(rows.Close())
	}
	_, err = ts.Stdout().Write([]byte(lines.String()))
	ts.Check(err)
}

func storeSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: storesql DB FILE")
	}
	db, err := sql.Open("duckdb", ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = db.Exec(ts.ReadFile(args[1]))
	ts.Check(errors.Join(err, db.Close()))
}

func mend(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: mend FILE OLD NEW")
	}
	plain := func(s string) string {
		text, err := strconv.Unquote(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`)
		ts.Check(err)
		return text
	}
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, plain(args[1])) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	path := ts.MkAbs(args[0])
	ts.Check(os.WriteFile(path, []byte(strings.Replace(text, plain(args[1]), plain(args[2]), 1)), 0o644))
}

func postgresServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: postgres FILE")
	}
	address, err := pgtest.New()
	ts.Check(err)
	u, err := url.Parse(address)
	ts.Check(err)
	ts.Setenv("PG", address)
	ts.Setenv("PGHOST", u.Query().Get("host"))
	ts.Setenv("PGDATABASE", strings.TrimPrefix(u.Path, "/"))
	_, err = pgtest.Exec(address, ts.ReadFile(args[0]))
	ts.Check(err)
}

func psql(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: psql FILE")
	}
	column, err := pgtest.Exec(ts.Getenv("PG"), ts.ReadFile(args[0]))
	ts.Check(err)
	for _, cell := range column {
		fmt.Fprintln(ts.Stdout(), cell)
	}
}
