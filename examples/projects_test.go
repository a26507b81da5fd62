package examples_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/segql/segql/internal/golden"
	"github.com/segql/segql/internal/pgtest"
	"github.com/segql/segql/internal/reference"
	"github.com/segql/segql/runtime"
)

// before are the runs that give a project's store a history.
var before = map[string][]string{
	"music-shop": {"1998-01-01", "1998-04-01"},
}

// TestProjects runs each example as its README does. The sizes of all its
// segments are golden; what it expects holds; and segments that somebody also
// wrote in SQL have exactly the members that the SQL gives.
func TestProjects(t *testing.T) { eachProject(t, "") }

// TestProjectsPostgres does the same in a server.
func TestProjectsPostgres(t *testing.T) { eachProject(t, pgtest.URL(t)) }

func eachProject(t *testing.T, engine string) {
	for _, dir := range exampleProjects(t) {
		t.Run(dir, func(t *testing.T) {
			c := compute(t, runtime.Options{Dir: dir, Engine: engine}, before[dir]...)
			var sizes strings.Builder
			for _, s := range c.report.Segments {
				fmt.Fprintf(&sizes, "%s %d of %d\n", s.Name, s.Members, s.Universe)
				for _, check := range s.Checks {
					if !check.Passed {
						t.Errorf("%s: expect %s, got %s", s.Name, check.Text, check.Got)
					}
				}
			}
			golden.Check(t, "testdata/"+dir+".sizes", sizes.String())
			if rules := filepath.Join("testdata", dir+".yaml"); exists(rules) {
				compare(t, c, load(t, rules))
			}
		})
	}
}

// TestHandWritten runs the SQL of the rules: their numbers are its results.
func TestHandWritten(t *testing.T) {
	ctx := context.Background()
	for _, dir := range exampleProjects(t) {
		rules := filepath.Join("testdata", dir+".yaml")
		if !exists(rules) {
			continue
		}
		t.Run(dir, func(t *testing.T) {
			db, err := sql.Open("duckdb", "")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			// A setting belongs to one connection.
			db.SetMaxOpenConns(1)
			if _, err := db.ExecContext(ctx, "SET file_search_path = '"+dir+"'"); err != nil {
				t.Fatal(err)
			}
			for _, r := range load(t, rules).Rules {
				ids, err := column(ctx, db, r.SQL)
				if err != nil {
					t.Errorf("%s: %v", r.ID, err)
					continue
				}
				if int64(len(ids)) != r.Count || reference.Hash(ids) != r.SHA256 {
					t.Errorf("%s: the SQL gives %d members, not the %d written down", r.ID, len(ids), r.Count)
				}
			}
		})
	}
}

// TestKinds holds the table of README.md to the projects: each file is there
// and declares what stands beside it.
func TestKinds(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, "|")
		links := segLink.FindAllStringSubmatch(line, -1)
		if len(cells) != 5 || len(links) == 0 {
			continue
		}
		rows++
		var files strings.Builder
		for _, link := range links {
			file, err := os.ReadFile(filepath.FromSlash(link[1]))
			if err != nil {
				t.Fatal(err)
			}
			files.Write(file)
		}
		for _, name := range segName.FindAllStringSubmatch(cells[3], -1) {
			declared := regexp.MustCompile(`(?m)^(segment|split|holdout|rfm) ` + name[1] + `\b`)
			if !declared.MatchString(files.String()) {
				t.Errorf("%s: no %s in %v", cells[1], name[1], links)
			}
		}
	}
	if rows < 30 {
		t.Errorf("%d rows", rows)
	}
}

var (
	segLink = regexp.MustCompile(`\]\(([a-z/-]+\.seg)\)`)
	segName = regexp.MustCompile("`([a-z0-9_]+)(?:\\.[a-z]+)?`")
)

// exampleProjects are the folders of examples with a catalog.
func exampleProjects(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("*/catalog.yaml")
	if err != nil || len(found) < 10 {
		t.Fatalf("%d projects, %v", len(found), err)
	}
	for i := range found {
		found[i] = filepath.Dir(found[i])
	}
	return found
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// column is the only column of a query's rows, as text.
func column(ctx context.Context, db *sql.DB, query string) ([]string, error) {
	rows, err := db.QueryContext(ctx, "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ("+query+"\n)")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
