package member

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/segql/segql/runtime/duckdb"
)

// The tests start this very binary as another process.
const childEnv = "SEGQL_MEMBER_TEST_CHILD"

func TestMain(m *testing.M) {
	if role := os.Getenv(childEnv); role != "" {
		os.Exit(child(role, os.Args[len(os.Args)-1]))
	}
	os.Exit(m.Run())
}

func child(role, path string) int {
	fail := func(err error) int { fmt.Println("error", err); return 1 }
	if role == "lock" {
		lock, err := Acquire(path)
		if err != nil {
			return fail(err)
		}
		defer func() { _ = lock.Release() }()
		fmt.Println("ready")
		time.Sleep(time.Minute)
		return 0
	}
	s, err := OpenFile(ctx, path, Write, "test")
	if err != nil {
		return fail(err)
	}
	if role == "hold" {
		fmt.Println("ready")
		time.Sleep(time.Minute)
		return 0
	}
	first := 1
	if last, err := s.Last(ctx); err != nil {
		return fail(err)
	} else if last != nil {
		first, _ = strconv.Atoi(strings.TrimPrefix(last.ID, "run-"))
		first++
	}
	fmt.Println("ready")
	for n := first; ; n++ {
		if _, err := s.Commit(ctx, crashBatch(n)); err != nil {
			return fail(err)
		}
		fmt.Println("committed", n)
	}
}

// crashBatch is a run whose members follow from its number: every customer
// but those n divides by their number modulo seven.
func crashBatch(n int) Batch {
	b := batch(n%1000, set{})
	b.Run.ID, b.Run.AsOf = fmt.Sprintf("run-%03d", n), day(n)
	members := roaring.New()
	for c := range 30000 {
		if (c+n)%7 != 0 {
			members.Add(uint32(c))
		}
	}
	b.Segments = []Segment{{Name: "a", Entity: "customer", Members: members}, {Name: "b", Entity: "customer", Members: members}}
	b.Universes = []duckdb.Universe{{Entity: "customer", Keys: `SELECT c AS n, c::VARCHAR AS "key" FROM range(30000) t(c)`, Rows: 30000}}
	return b
}

// crashMembers are the members of a run as rows.
func crashMembers(n int) string {
	return fmt.Sprintf("(SELECT s AS segment, c::VARCHAR AS customer FROM (VALUES ('a'), ('b')) v(s), range(30000) t(c) WHERE (c + %d) %% 7 <> 0)", n)
}

// start runs a child and gives its first line and its output.
func start(t *testing.T, role, path string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0], path)
	cmd.Env = append(os.Environ(), childEnv+"="+role)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "ready" {
		t.Fatalf("the other process says %q", lines.Text())
	}
	return cmd, lines
}

// TestKilledRun kills a process that commits run after run, at different
// moments; the store must hold the last run that was reported, or the next.
func TestKilledRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.duckdb")
	for round := range 6 {
		cmd, lines := start(t, "commit", path)
		done := make(chan int, 1)
		go func() {
			reported := 0
			for lines.Scan() {
				if n, ok := strings.CutPrefix(lines.Text(), "committed "); ok {
					reported, _ = strconv.Atoi(n)
				}
			}
			done <- reported
		}()
		time.Sleep(time.Duration(120+37*round) * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		checkWhole(t, path, <-done)
	}
}

func checkWhole(t *testing.T, path string, reported int) {
	t.Helper()
	s, err := OpenFile(ctx, path, Read, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	last, err := s.Last(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if last == nil {
		if reported > 0 {
			t.Fatalf("run %d was reported, the store has none", reported)
		}
		return
	}
	n, _ := strconv.Atoi(strings.TrimPrefix(last.ID, "run-"))
	if n < reported || reported > 0 && n > reported+1 {
		t.Fatalf("the last run is %d, reported was %d", n, reported)
	}
	var got, want, replayed int
	query := fmt.Sprintf(`SELECT (SELECT count(*) FROM {main}.members_current m WHERE EXISTS (FROM %[1]s w WHERE w.segment = m.segment AND w.customer = m.customer)),
(SELECT count(*) FROM %[1]s w), (SELECT count(*) FROM {main}.history WHERE left_at IS NULL)`, crashMembers(n))
	if err := s.session.QueryRow(ctx, "check", s.sql(query), &got, &want, &replayed); err != nil {
		t.Fatal(err)
	}
	var all int
	if err := s.session.QueryRow(ctx, "check", s.sql("SELECT sum(size)::BIGINT FROM {log}.member"), &all); err != nil {
		t.Fatal(err)
	}
	if got != want || all != want || replayed != want {
		t.Fatalf("after run %d: %d of %d members, %d stored, %d by history", n, got, want, all, replayed)
	}
}

func TestSecondProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.duckdb")
	cmd, _ := start(t, "hold", path)
	_, err := OpenFile(ctx, path, Write, "test")
	pid := fmt.Sprint(cmd.Process.Pid)
	if problemKind(err) != duckdb.StoreBusy || !strings.Contains(err.Error(), pid) {
		t.Errorf("open for writing beside another: %v", err)
	}
	defer func(d time.Duration) { readPatience = d }(readPatience)
	readPatience = 50 * time.Millisecond
	if _, err := OpenFile(ctx, path, Read, "test"); problemKind(err) != duckdb.StoreBusy {
		t.Errorf("open for reading beside a writer: %v", err)
	}
	readPatience = time.Minute
	go func() { time.Sleep(100 * time.Millisecond); _ = cmd.Process.Kill() }()
	s, err := OpenFile(ctx, path, Read, "test")
	if err != nil {
		t.Fatalf("a reader does not wait: %v", err)
	}
	_ = s.Close()
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "s.duckdb")
	cmd, _ := start(t, "lock", path)
	_, err := Acquire(path)
	if problemKind(err) != duckdb.StoreBusy || !strings.Contains(err.Error(), fmt.Sprint(cmd.Process.Pid)) {
		t.Errorf("lock held by another: %v", err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	lock, err := Acquire(path)
	if err != nil {
		t.Fatalf("lock of a killed process: %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
}

func TestUnfitFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return p
	}
	good := filepath.Join(dir, "good.duckdb")
	s := openStore(t, good, Write)
	commitOK(t, s, batch(1, set{"a": {"1"}}))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	smashed := append([]byte{}, whole...)
	copy(smashed[12288:], strings.Repeat("x", 8000))
	text := write("text.duckdb", []byte("id,name\n1,a\n"))
	for _, c := range []struct {
		name, path string
		mode       Mode
		kind       duckdb.Kind
	}{
		{"missing", filepath.Join(dir, "none.duckdb"), Read, duckdb.StoreMissing},
		{"folder", dir, Write, duckdb.StoreReadOnly},
		{"text file", text, Write, duckdb.StoreDamaged},
		{"the headers alone", write("part.duckdb", whole[:12288+512]), Read, duckdb.StoreDamaged},
		{"a few bytes", write("few.duckdb", whole[:100]), Write, duckdb.StoreDamaged},
		{"overwritten", write("smashed.duckdb", smashed), Write, duckdb.StoreDamaged},
		{"below a file", filepath.Join(text, "s.duckdb"), Write, duckdb.StoreReadOnly},
		{"below a file, to read", filepath.Join(text, "s.duckdb"), Read, duckdb.StoreMissing},
	} {
		_, err := OpenFile(ctx, c.path, c.mode, "test")
		var p *duckdb.Problem
		if !errors.As(err, &p) || p.Kind != c.kind || p.Help == "" {
			t.Errorf("%s: %v, want a problem %q", c.name, err, c.kind)
		}
	}
	if b, _ := os.ReadFile(text); string(b) != "id,name\n1,a\n" {
		t.Errorf("the text file was changed to %q", b)
	}
}

func TestOtherFormats(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.duckdb")
	s := openStore(t, path, Write)
	if err := s.exec(ctx, "test", "UPDATE segql_store.log.meta SET format = 99"); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	if _, err := OpenFile(ctx, path, Read, "test"); problemKind(err) != duckdb.StoreTooNew {
		t.Errorf("a newer format: %v", err)
	}
	session, err := duckdb.Open(ctx, duckdb.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	other := filepath.Join(dir, "other.duckdb")
	if err := session.Exec(ctx, "test", "ATTACH "+duckdb.QuoteText(other)+" AS o; CREATE TABLE o.t (a INTEGER); DETACH o"); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(ctx, other, Write, "test"); problemKind(err) != duckdb.StoreDamaged {
		t.Errorf("a database of something else: %v", err)
	}
}

func TestMigration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.duckdb")
	session, err := duckdb.Open(ctx, duckdb.Options{Dir: filepath.Dir(path)})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	m := newModel()
	m.commit(modelBatch{run: Run{ID: "run-001", AsOf: day(1)}, keys: map[string][]string{"customer": {"a", "b"}},
		segments: []modelSegment{{Ref: Ref{"s", "customer"}, members: []string{"b"}}}})
	m.writeOld(t, session, path)
	setFormat := func(n int) {
		t.Helper()
		if err := session.Exec(ctx, "test", "ATTACH "+duckdb.QuoteText(path)+fmt.Sprintf(" AS o; UPDATE o.log.meta SET format = %d; DETACH o", n)); err != nil {
			t.Fatal(err)
		}
	}
	setFormat(0)
	if _, err := Open(ctx, session, path, Write, "test"); err == nil {
		t.Error("a format without a way up was opened")
	}
	migrations[0] = "ALTER TABLE {log}.run ADD COLUMN note VARCHAR; SELECT error('stop')"
	defer delete(migrations, 0)
	if _, err := Open(ctx, session, path, Write, "test"); err == nil {
		t.Error("a step that fails was passed over")
	}
	migrations[0] = "ALTER TABLE {log}.run ADD COLUMN note VARCHAR"
	if _, err := Open(ctx, session, path, Read, "test"); problemKind(err) != duckdb.StoreTooNew {
		t.Errorf("an older format, to read: %v", err)
	}
	s, err := Open(ctx, session, path, Write, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var n, format int
	if err := s.session.QueryRow(ctx, "test", s.sql("SELECT count(*), (SELECT format FROM {log}.meta) FROM {log}.run WHERE note IS NULL"), &n, &format); err != nil || n != 1 || format != Format {
		t.Errorf("%d runs, format %d, %v", n, format, err)
	}
	if got := current(t, s, []string{"s"}); fmt.Sprint(got) != "map[s:[b]]" {
		t.Errorf("members %v", got)
	}
}
