package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// watch does something once, and again whenever a file of the project has
// changed, until it is interrupted. Files are looked at a few times a second:
// that works on every system and on every disk, and a project is small.
func (a *app) watch(ctx context.Context, dir string, do func() error) error {
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	w := &watcher{dir: dir, tick: tick.C, seen: fingerprint}
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
	dir  string
	tick <-chan time.Time
	seen func(dir string) string // differs when a file has changed
}

// run ends with the error of do, or of the context.
func (w *watcher) run(ctx context.Context, do func() error) error {
	for {
		before := w.seen(w.dir)
		if err := do(); err != nil {
			return err
		}
		for w.seen(w.dir) == before {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-w.tick:
			}
		}
	}
}

// fingerprint is the names, sizes and times of what a project is made of. What
// cannot be read counts as it is.
func fingerprint(dir string) string {
	var b strings.Builder
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			fmt.Fprintln(&b, name, err)
			return nil
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != dir:
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		switch filepath.Ext(name) {
		case ".csv", ".seg", ".txt", ".yaml":
		default:
			return nil
		}
		if info, err := os.Stat(name); err == nil {
			fmt.Fprintln(&b, name, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	return b.String()
}
