package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/segql/segql/internal/filelock"
)

const (
	// partMark is in the name of a folder that is not complete yet, partLock the
	// ending of the file beside it that its maker holds: in it, the file would
	// get its name, too.
	partMark = ".part-"
	partLock = ".lock"
	// unheld is how long such a folder may be without one: from its making to
	// the locking.
	unheld = time.Hour
)

// whole fills a new folder and gives it its name when it is complete, so that
// nothing half is ever found under it. A folder that is there is kept.
func whole(path string, fill func(temp string) error) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make the folder of the benchmark: %w", err)
	}
	removeParts(filepath.Dir(path))
	temp, err := os.MkdirTemp(filepath.Dir(path), filepath.Base(path)+partMark)
	if err != nil {
		return fmt.Errorf("make the folder of the benchmark: %w", err)
	}
	defer func() { _ = os.RemoveAll(temp) }() // gone when it got its name
	free, err := holdPart(temp)
	if err != nil {
		return fmt.Errorf("make the folder of the benchmark: %w", err)
	}
	defer free()
	if err := fill(temp); err != nil {
		return err
	}
	if err := os.Chmod(temp, 0o755); err != nil {
		return fmt.Errorf("make the folder of the benchmark: %w", err)
	}
	if err := os.Rename(temp, path); err != nil {
		if _, there := os.Stat(path); there == nil { // another process was quicker
			return nil
		}
		return fmt.Errorf("make the folder of the benchmark: %w", err)
	}
	return nil
}

// holdPart shows others that somebody fills a folder.
func holdPart(temp string) (free func(), err error) {
	lock, err := os.Create(temp + partLock)
	if err != nil {
		return nil, err
	}
	free = func() {
		_ = lock.Close()
		_ = os.Remove(lock.Name())
	}
	if err := filelock.Try(lock); err != nil {
		free()
		return nil, err
	}
	return free, nil
}

// removeParts removes the folders of makers that were killed, which can hold
// gigabytes. What cannot be removed stays.
func removeParts(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.Contains(e.Name(), partMark) {
			continue
		}
		folder := filepath.Join(dir, strings.TrimSuffix(e.Name(), partLock))
		if abandoned(folder) {
			_ = os.RemoveAll(folder)
			_ = os.Remove(folder + partLock)
		}
	}
}

// abandoned reports whether nobody fills a folder any more.
func abandoned(folder string) bool {
	lock, err := os.OpenFile(folder+partLock, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		info, err := os.Stat(folder)
		return err == nil && time.Since(info.ModTime()) > unheld
	}
	if err != nil {
		return false
	}
	held := filelock.Try(lock)
	return errors.Join(held, lock.Close()) == nil
}
