// Package pgtest starts a PostgreSQL server for tests: a private one, from the
// binaries of this machine, in a temporary folder, on a Unix socket and no
// network. One serves all tests of a process; it starts when it is first asked
// for, and ends with the process, however that ends.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Require is the variable of the environment that, when set, makes a test
// fail where there is no PostgreSQL, in the place of being skipped.
const Require = "SEGQL_REQUIRE_POSTGRES"

// Password is that of the role "locked", which cannot log in without.
const Password = "s3cret/π"

// server is a running server.
type server struct {
	socket string // its folder
	stdin  *os.File
}

var errNoBinaries = errors.New("PostgreSQL is not installed: no initdb and postgres in PATH or /usr/lib/postgresql")

var shared = sync.OnceValues(start)

// URL is the address of the server, for its superuser, and of a database that
// no other test of the process has.
func URL(t testing.TB) string {
	t.Helper()
	if !Installed() {
		t.Skip(errNoBinaries)
	}
	address, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// New is URL for those without a test at hand.
func New() (string, error) {
	s, err := shared()
	if err != nil {
		return "", err
	}
	return s.database()
}

// Installed reports whether there is a PostgreSQL on this machine; where one is
// required there must be.
func Installed() bool {
	_, err := binaries()
	return err == nil || os.Getenv(Require) != ""
}

var databases struct {
	sync.Mutex
	n int
}

func (s *server) database() (string, error) {
	databases.Lock()
	databases.n++
	name := fmt.Sprintf("test_%d", databases.n)
	databases.Unlock()
	_, err := Exec(s.url("postgres"), "CREATE DATABASE "+name)
	return s.url(name), err
}

func (s *server) url(database string) string {
	return "postgres:///" + database + "?" + url.Values{"host": {s.socket}, "user": {"postgres"}}.Encode()
}

// Exec runs statements on a server, as psql would, and gives the first column
// of the last result.
func Exec(address, statements string) (column []string, err error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	results, err := conn.PgConn().Exec(ctx, statements).ReadAll()
	if err != nil || len(results) == 0 {
		return nil, err
	}
	for _, row := range results[len(results)-1].Rows {
		column = append(column, string(row[0]))
	}
	return column, nil
}

// binaries finds the folder of initdb and postgres, the newest version first.
func binaries() (string, error) {
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	sort.Slice(dirs, func(i, j int) bool {
		return len(dirs[i]) > len(dirs[j]) || len(dirs[i]) == len(dirs[j]) && dirs[i] > dirs[j]
	})
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(path), filepath.Dir(real))
		}
	}
	for _, dir := range dirs {
		_, initdb := os.Stat(filepath.Join(dir, "initdb"))
		_, postgres := os.Stat(filepath.Join(dir, "postgres"))
		if initdb == nil && postgres == nil {
			return dir, nil
		}
	}
	return "", errNoBinaries
}

// folder makes the server's folder where its user can reach it: the path of a
// socket is short, and some temporary folders are for their owner alone.
func folder(as *account) (string, error) {
	for _, base := range []string{os.TempDir(), "/tmp"} {
		dir, err := os.MkdirTemp(base, "segql-pg-")
		if err != nil {
			continue
		}
		if dir, err = filepath.EvalSymlinks(dir); err == nil && len(dir) < 80 && as.own(dir) && as.reaches(dir) {
			return dir, nil
		}
		_ = os.RemoveAll(dir)
	}
	return "", errors.New("no temporary folder is fit for the server")
}

// supervise runs the server until standard input ends, which it does when the
// process of the tests is gone, and then removes everything.
const supervise = `dir=$1 bin=$2
trap "" INT TERM HUP
"$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
  -c max_connections=40 -c shared_buffers=64MB -c max_locks_per_transaction=256 -c autovacuum=off -c log_min_messages=fatal >"$dir/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -QUIT $server 2>/dev/null
wait $server 2>/dev/null
rm -rf "$dir"
`

const access = `local all locked scram-sha-256
local all all trust
`

func start() (*server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	as, err := serverAccount()
	if err != nil {
		return nil, err
	}
	dir, err := folder(as)
	if err != nil {
		return nil, err
	}
	if err := initialise(as, bin, dir); err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd := as.command(dir, "/bin/sh", "-c", supervise, "sh", dir, bin)
	cmd.Stdin = r
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	_ = r.Close()
	s := &server{socket: dir, stdin: w}
	if err := s.await(dir); err != nil {
		_ = w.Close()
		return nil, err
	}
	return s, nil
}

// initialise makes the database cluster. Its texts are sorted by a language,
// where the server knows any, so that an order which leans on the server's
// shows.
func initialise(as *account, bin, dir string) error {
	var failed error
	for _, locale := range [][]string{{"--locale-provider=icu", "--icu-locale=vi", "--locale=C"}, {"--locale=C"}} {
		args := append([]string{"-D", filepath.Join(dir, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"}, locale...)
		out, err := as.command(dir, filepath.Join(bin, "initdb"), args...).CombinedOutput()
		if err == nil {
			return os.WriteFile(filepath.Join(dir, "data", "pg_hba.conf"), []byte(access), fs.FileMode(0o644))
		}
		failed = fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return failed
}

// await waits until the server answers.
func (s *server) await(dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.url("postgres"))
		if err == nil {
			_, err = conn.Exec(ctx, "CREATE ROLE locked LOGIN PASSWORD '"+Password+"'; CREATE ROLE nobody_special LOGIN")
			return errors.Join(err, conn.Close(ctx))
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			return fmt.Errorf("PostgreSQL does not start: %w\n%s", err, strings.TrimSpace(string(log)))
		case <-time.After(20 * time.Millisecond):
		}
	}
}
