package member

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/segql/segql/runtime/duckdb"
)

// mount needs the right to mount; without it the test is skipped.
func mount(t *testing.T, source, target, kind string, flags uintptr, data string) {
	t.Helper()
	if err := unix.Mount(source, target, kind, flags, data); err != nil {
		t.Skipf("cannot mount: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(target, unix.MNT_DETACH) })
}

func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	mount(t, "tmpfs", dir, "tmpfs", 0, "size=6m")
	path := filepath.Join(dir, "s.duckdb")
	s, err := OpenFile(ctx, path, Write, "test")
	if err != nil {
		t.Fatal(err)
	}
	commitOK(t, s, batch(1, set{"a": {"1"}}))
	full := batch(2, set{"a": nil})
	full.Universes[0] = duckdb.Universe{Entity: "customer", Keys: `SELECT c AS n, md5(c::VARCHAR) AS "key" FROM range(600000) t(c)`, Rows: 600000}
	full.Segments[0].Members.AddRange(0, 600000)
	_, err = s.Commit(ctx, full)
	if problemKind(err) != duckdb.DiskFull {
		t.Fatalf("commit to a full disk: %v", err)
	}
	_ = s.Close()
	s, err = OpenFile(ctx, path, Read, "test")
	if err != nil {
		t.Fatalf("open after a full disk: %v", err)
	}
	defer s.Close()
	if got := current(t, s, []string{"a"}); len(got["a"]) != 1 {
		t.Errorf("%d members after a full disk", len(got["a"]))
	}
}

func TestReadOnlyFolder(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.duckdb")
	s := openStore(t, path, Write)
	commitOK(t, s, batch(1, set{"a": {"1"}}))
	_ = s.Close()
	ro := t.TempDir()
	mount(t, dir, ro, "", unix.MS_BIND, "")
	if err := unix.Mount("", ro, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Skipf("cannot remount: %v", err)
	}
	for name, err := range map[string]error{
		"write": second(OpenFile(ctx, filepath.Join(ro, "s.duckdb"), Write, "test")),
		"new":   second(OpenFile(ctx, filepath.Join(ro, "deep", "s.duckdb"), Write, "test")),
		"lock":  second(Acquire(filepath.Join(ro, "s.duckdb"))),
	} {
		if problemKind(err) != duckdb.StoreReadOnly {
			t.Errorf("%s in a read-only folder: %v", name, err)
		}
	}
	s = openStore(t, filepath.Join(ro, "s.duckdb"), Read)
	if got := current(t, s, []string{"a"}); len(got["a"]) != 1 {
		t.Errorf("members read from a read-only folder: %v", got)
	}
	_ = os.Remove(path)
}

func second[T any](_ T, err error) error { return err }
