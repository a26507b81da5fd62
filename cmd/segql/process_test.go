//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// quick is a project of one row; slow is the same with a query that takes
// minutes.
const (
	quick = `version: 1
edition: 1
timezone: UTC
as_of: 2025-03-31
entities:
  customer:
    source: {sql: "SELECT 7 AS id, 42 AS n"}
    key: id
`
	slowQuery = `SELECT count(*) AS id, max(a.range * b.range) AS n FROM range(3000000) a, range(3000000) b`
)

var slow = strings.Replace(quick, "SELECT 7 AS id, 42 AS n", slowQuery, 1)

// project writes a project and gives its folder.
func project(t *testing.T, catalog string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "catalog.yaml"), catalog)
	write(t, filepath.Join(dir, "all.seg"), "segment a { where n > 1 }\n")
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// process is a segql that runs on its own, with a temporary folder to itself.
type process struct {
	*exec.Cmd
	stderr bytes.Buffer
	tmp    string
}

func command(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command("segql", args...), tmp: t.TempDir()}
	p.Env = append(os.Environ(), "TMPDIR="+p.tmp)
	p.Stderr = &p.stderr
	return p
}

func (p *process) code(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return p.ProcessState.ExitCode()
}

// begin starts a run on a store and waits until it computes.
func begin(t *testing.T, dir string) *process {
	t.Helper()
	p := command(t, "run", dir)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	for range 100 {
		if _, err := os.Stat(filepath.Join(dir, ".segql", "store.duckdb.lock")); err == nil {
			time.Sleep(500 * time.Millisecond) // into the query
			return p
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the run never began")
	return nil
}

func TestInterrupt(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		dir := project(t, slow)
		p := begin(t, dir)
		asked := time.Now()
		if err := p.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		code := p.code(t, p.Wait())
		// Within a second, and another one where the machine is busy.
		if took := time.Since(asked); took > 2*time.Second {
			t.Errorf("%v: it took %v to stop", sig, took)
		}
		if code != exitInterrupted || p.stderr.String() != "interrupted\n" {
			t.Errorf("%v: code %d, %q", sig, code, p.stderr.String())
		}
		left, err := os.ReadDir(p.tmp)
		if err != nil || len(left) > 0 {
			t.Errorf("%v: %v, left behind: %v", sig, err, left)
		}
	}
}

// TestKill: killed in the middle, the store holds the last complete run, and
// nothing stands in the way of the next.
func TestKill(t *testing.T) {
	dir := project(t, quick)
	if p := command(t, "run", dir); p.code(t, p.Run()) != exitOK {
		t.Fatal(p.stderr.String())
	}
	if err := os.Remove(filepath.Join(dir, ".segql", "store.duckdb.lock")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "catalog.yaml"), slow)
	p := begin(t, dir)
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait()
	if got := members(t, dir); got != "7\n" {
		t.Errorf("members after the kill: %q", got)
	}
	write(t, filepath.Join(dir, "catalog.yaml"), strings.Replace(quick, "7 AS id", "8 AS id", 1))
	if p := command(t, "run", dir); p.code(t, p.Run()) != exitOK {
		t.Fatal(p.stderr.String())
	}
	if got := members(t, dir); got != "8\n" {
		t.Errorf("members after the next run: %q", got)
	}
}

func members(t *testing.T, dir string) string {
	t.Helper()
	p := command(t, "members", "a", "--project", dir)
	out, err := p.Output()
	if err != nil {
		t.Fatal(err, p.stderr.String())
	}
	return string(out)
}

// TestTwoRuns: the second says at once who is in its way; readers are not
// kept out.
func TestTwoRuns(t *testing.T) {
	dir := project(t, quick)
	if p := command(t, "run", dir); p.code(t, p.Run()) != exitOK {
		t.Fatal(p.stderr.String())
	}
	if err := os.Remove(filepath.Join(dir, ".segql", "store.duckdb.lock")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "catalog.yaml"), slow)
	first := begin(t, dir)
	second := command(t, "run", dir)
	began := time.Now()
	code := second.code(t, second.Run())
	if code != exitEnvironment || !strings.Contains(second.stderr.String(), "error[SEG4020]: another run is in progress") {
		t.Errorf("code %d, %s", code, second.stderr.String())
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v to say so", took)
	}
	if got := members(t, dir); got != "7\n" {
		t.Errorf("members beside a run: %q", got)
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
}

// TestBrokenPipe: a reader that goes away is no error.
func TestBrokenPipe(t *testing.T) {
	many := strings.Replace(quick, "SELECT 7 AS id, 42 AS n", "SELECT range AS id, 42 AS n FROM range(200000)", 1)
	dir := project(t, many)
	if p := command(t, "run", dir); p.code(t, p.Run()) != exitOK {
		t.Fatal(p.stderr.String())
	}
	p := command(t, "members", "a", "--project", dir)
	pipe, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(pipe).ReadString('\n'); err != nil || line != "0\n" {
		t.Fatalf("%q, %v", line, err)
	}
	if err := pipe.Close(); err != nil {
		t.Fatal(err)
	}
	if code := p.code(t, p.Wait()); code != exitOK || p.stderr.Len() > 0 {
		t.Errorf("code %d, %s", code, p.stderr.String())
	}
	if left, _ := os.ReadDir(p.tmp); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestPanic: a mistake of segql's own is said so, without a stack of calls
// unless it is asked for.
func TestPanic(t *testing.T) {
	for _, debug := range []string{"", "1"} {
		t.Setenv("SEGQL_DEBUG", debug)
		var text bytes.Buffer
		a := &app{out: bufio.NewWriter(io.Discard), err: &text}
		code := a.guard(func() int { panic("no case for it") })
		if code != exitEnvironment || !strings.HasPrefix(text.String(), "internal error: no case for it\n") {
			t.Errorf("code %d, %q", code, text.String())
		}
		if stack := strings.Contains(text.String(), "goroutine"); stack != (debug != "") {
			t.Errorf("SEGQL_DEBUG=%q: %q", debug, text.String())
		}
	}
}

// TestStartup: what needs no data does not start the engine.
func TestStartup(t *testing.T) {
	best := time.Hour
	for range 5 {
		began := time.Now()
		if p := command(t, "explain", "10"); p.code(t, p.Run()) != exitOK {
			t.Fatal(p.stderr.String())
		}
		best = min(best, time.Since(began))
	}
	if best > 300*time.Millisecond {
		t.Errorf("explain took %v", best)
	}
}
