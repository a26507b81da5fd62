package duckdb

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/segql/segql/internal/filelock"
)

const (
	scratchName = "segql-"
	scratchLock = "segql.lock"
	// newScratch is how long a folder may be without its lock being held: from
	// its making to the locking.
	newScratch = 10 * time.Minute
)

// makeScratch makes a private folder and locks a file in it, by which others
// see that its session lives.
func makeScratch(base string) (dir string, lock *os.File, err error) {
	if dir, err = os.MkdirTemp(base, scratchName); err != nil {
		return "", nil, err
	}
	lock, err = os.Create(filepath.Join(dir, scratchLock))
	if err == nil {
		err = filelock.Try(lock)
	}
	if err != nil {
		if lock != nil {
			_ = lock.Close()
		}
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return dir, lock, nil
}

// removeStale removes the private folders of sessions that were killed, which
// can hold gigabytes. What cannot be removed is left to its owner.
func removeStale(base string) {
	dirs, err := filepath.Glob(filepath.Join(base, scratchName+"*"))
	if err != nil {
		return // a folder with the signs of a pattern in its name
	}
	for _, dir := range dirs {
		path := filepath.Join(dir, scratchLock)
		info, err := os.Stat(path)
		if err != nil || time.Since(info.ModTime()) < newScratch {
			continue
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		held := filelock.Try(f)
		_ = f.Close() // only read; on Windows an open file cannot be removed
		if held == nil {
			_ = os.RemoveAll(dir)
		}
	}
}
