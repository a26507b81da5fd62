package member

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/segql/segql/internal/filelock"
	"github.com/segql/segql/runtime/duckdb"
)

// Lock keeps other runs away from a store. The operating system drops it when
// the process ends, however it ends; the file stays and means nothing.
type Lock struct{ file *os.File }

var holder = regexp.MustCompile(`pid (\d+)`)

// Acquire takes the lock of a store, path.lock beside it, or reports StoreBusy
// with the other run's process. It does not wait.
func Acquire(path string) (*Lock, error) {
	name := path + ".lock"
	unwritable := func(err error) error {
		return duckdb.NewProblem(duckdb.StoreReadOnly, "the store %s cannot be written: %s", path, cause(err)).In(path, err).
			WithHelp("make its folder writable, or give another path for the store")
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, unwritable(err)
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, unwritable(err)
	}
	if err := filelock.Try(f); err != nil {
		text, _ := os.ReadFile(name)
		_ = f.Close()
		if !errors.Is(err, filelock.ErrHeld) {
			return nil, unwritable(err)
		}
		return nil, busy(path, holder.FindStringSubmatch(string(text)), err)
	}
	// For the message of the other run; the lock itself does not need it.
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strings.TrimSpace(fmt.Sprintf("pid %d", os.Getpid()))+"\n"), 0)
	}
	return &Lock{file: f}, nil
}

// Release gives the lock back.
func (l *Lock) Release() error { return l.file.Close() }
