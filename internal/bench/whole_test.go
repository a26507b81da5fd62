package bench

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestParts: what a killed process has left is removed by the next that makes
// something, and what others are making is not.
func TestParts(t *testing.T) {
	dir := t.TempDir()
	folder := func(name string, age time.Duration) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Join(path, "deep"), 0o755); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	folder("a.part-killed", 0)
	file("a.part-killed.lock")
	file("a.part-ended.lock") // after the folder got its name
	folder("a.part-old", 2*unheld)
	folder("a.part-new", 0) // its maker has not locked it yet
	folder("a.part-held", 2*unheld)
	free, err := holdPart(filepath.Join(dir, "a.part-held"))
	if err != nil {
		t.Fatal(err)
	}
	defer free()
	folder("finished", 2*unheld)
	if err := whole(filepath.Join(dir, "b"), func(temp string) error {
		removeParts(dir) // by another process
		return os.WriteFile(filepath.Join(temp, "data"), nil, 0o644)
	}); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, pattern := range []string{"*", "b/*"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			name, _ := filepath.Rel(dir, path)
			names = append(names, name)
		}
	}
	want := []string{"a.part-held", "a.part-held.lock", "a.part-new", "b", "finished", filepath.Join("b", "data")}
	if !slices.Equal(names, want) {
		t.Errorf("there are %q, want %q", names, want)
	}
}
