// Package filelock locks files between processes.
package filelock

import "errors"

// ErrHeld says that another process holds the lock.
var ErrHeld = errors.New("locked by another process")
