package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestWatch: what is watched is done again after a change, and only then.
func TestWatch(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	tick := make(chan time.Time)
	states := []string{"a", "a", "a", "b", "c", "c", "c", "d", "d"} // as they are seen, one after the other
	looks := 0
	w := &watcher{tick: tick, seen: func() string {
		s := states[min(looks, len(states)-1)]
		if looks++; looks > len(states)+2 {
			stop()
		}
		return s
	}}
	var done []int
	go func() {
		for {
			select {
			case tick <- time.Time{}:
			case <-ctx.Done():
				return
			}
		}
	}()
	err := w.run(ctx, func() error { done = append(done, looks); return nil })
	// First at once, after one look; then when c, and d, is seen for the second time.
	if want := []int{1, 6, 9}; !errors.Is(err, context.Canceled) || !slices.Equal(done, want) {
		t.Errorf("done after %v looks, want %v: %v", done, want, err)
	}
}

// TestWatchEnds with the error of what is watched.
func TestWatchEnds(t *testing.T) {
	broken := errors.New("broken")
	w := &watcher{seen: func() string { return "" }}
	if err := w.run(context.Background(), func() error { return broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
}

// TestFingerprint changes with the files of a project and with no others.
func TestFingerprint(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	look := testInputs(dir)
	last := look()
	for _, c := range []struct {
		name, text string
		changes    bool
	}{{"catalog.yaml", "a", true}, {"segments/a.seg", "a", true}, {"segments/a.seg", "ab", true}, {".segql/store.txt", "a", false}, {"notes.md", "a", false}, {"a_test.seg.yaml", "a", true}} {
		put(c.name, c.text)
		now := look()
		if now != last != c.changes {
			t.Errorf("%s: changed is %v", c.name, now != last)
		}
		last = now
	}
}
