package duckdb

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/segql/segql/internal/filelock"
)

// TestStaleScratch: the folder of a killed session is removed by the next
// one; that of a living session, of one just begun and a stranger's stay.
func TestStaleScratch(t *testing.T) {
	base := t.TempDir()
	long := time.Now().Add(-time.Hour)
	folder := func(name string, lock bool, at time.Time) string {
		dir := filepath.Join(base, name)
		if err := os.MkdirAll(filepath.Join(dir, "inner"), 0o755); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, scratchLock)
		if !lock {
			path = filepath.Join(dir, "data")
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	killed, begun, stranger, living := folder("segql-1", true, long), folder("segql-2", true, time.Now()), folder("segql-3", false, long), folder("segql-4", true, long)
	f, err := os.OpenFile(filepath.Join(living, scratchLock), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := filelock.Try(f); err != nil {
		t.Fatal(err)
	}
	s, err := Open(context.Background(), Options{Dir: t.TempDir(), TempDir: base})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(killed); !os.IsNotExist(err) {
		t.Errorf("the folder of a killed session is still there: %v", err)
	}
	for _, dir := range []string{begun, stranger, living, s.scratch} {
		if _, err := os.Stat(dir); err != nil {
			t.Errorf("%s is gone: %v", dir, err)
		}
	}
	own := s.scratch
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(own); !os.IsNotExist(err) {
		t.Errorf("a closed session leaves its folder: %v", err)
	}
}
