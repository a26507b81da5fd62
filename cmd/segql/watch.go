package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// watch does something once, and again whenever what is seen has changed, until
// it is interrupted. Files are looked at a few times a second: that works on
// every system and on every disk, and a project is small.
func (a *app) watch(ctx context.Context, seen func() string, do func() error) error {
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	w := &watcher{tick: tick.C, seen: seen}
	return w.run(ctx, func() error {
		err := do()
		var code *failure
		if err != nil && !errors.As(err, &code) {
			return err
		}
		if isTerminal(a.err) {
			fmt.Fprintln(a.err, "waiting for a change; Ctrl-C ends")
		}
		return a.out.Flush()
	})
}

type watcher struct {
	tick <-chan time.Time
	seen func() string // differs when a file has changed
}

// run ends with the error of do, or of the context.
func (w *watcher) run(ctx context.Context, do func() error) error {
	before := w.seen()
	for {
		if err := do(); err != nil {
			return err
		}
		now := w.seen()
		for settled := false; now == before || !settled; {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-w.tick:
			}
			// Whoever saves one file often saves more, and large ones come bit by bit.
			next := w.seen()
			settled, now = next == now, next
		}
		before = now
	}
}

// testInputs sees the files that tests depend on.
func testInputs(dir string) func() string {
	return func() string {
		var b strings.Builder
		fingerprint(&b, dir, func(name string, _ fs.FileInfo) bool {
			switch filepath.Ext(name) {
			case ".csv", ".seg", ".txt", ".yaml":
				return true
			}
			return false
		})
		return b.String()
	}
}

// fingerprint writes the names, sizes and times of files that count, below a
// folder. What cannot be read counts as it is.
func fingerprint(w io.Writer, dir string, counts func(name string, info fs.FileInfo) bool) {
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			fmt.Fprintln(w, name, err)
			return nil
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != dir:
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		if info, err := os.Stat(name); err == nil && counts(name, info) {
			stampFile(w, name, info)
		}
		return nil
	})
}

func stampFile(w io.Writer, name string, info fs.FileInfo) {
	fmt.Fprintln(w, name, info.Size(), info.ModTime().UnixNano())
}
