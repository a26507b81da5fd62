package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// The byte that is locked lies far behind the text, for on Windows nobody else
// may read locked bytes.
const lockedByte = 1 << 30

// Try locks a file until it is closed, without waiting; ErrHeld says that
// somebody else holds it. The operating system drops the lock of a process
// that ends, however it ends.
func Try(f *os.File) error {
	place := &windows.Overlapped{Offset: lockedByte}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, place)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrHeld
	}
	return err
}
