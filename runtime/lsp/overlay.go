package lsp

import (
	"bytes"
	"io"
	"io/fs"
	"time"
)

// overlay is a project's folder in which the files that are open stand as the
// editor has them. It is never changed, and may be read from several
// goroutines.
type overlay struct {
	base fs.FS
	open map[string]string // by name
}

// Open implements fs.FS.
func (o overlay) Open(name string) (fs.File, error) {
	if text, ok := o.open[name]; ok {
		return &buffer{Reader: bytes.NewReader([]byte(text)), name: name, size: int64(len(text))}, nil
	}
	return o.base.Open(name)
}

// ReadFile implements fs.ReadFileFS.
func (o overlay) ReadFile(name string) ([]byte, error) {
	if text, ok := o.open[name]; ok {
		return []byte(text), nil
	}
	return fs.ReadFile(o.base, name)
}

// buffer is an open file of the editor.
type buffer struct {
	*bytes.Reader
	name string
	size int64
}

var _ io.Reader = (*buffer)(nil)

func (b *buffer) Stat() (fs.FileInfo, error) { return bufferInfo{b}, nil }
func (b *buffer) Close() error               { return nil }

type bufferInfo struct{ *buffer }

func (i bufferInfo) Name() string {
	for j := len(i.name) - 1; j >= 0; j-- {
		if i.name[j] == '/' {
			return i.name[j+1:]
		}
	}
	return i.name
}
func (i bufferInfo) Size() int64      { return i.size }
func (bufferInfo) Mode() fs.FileMode  { return 0o444 }
func (bufferInfo) ModTime() time.Time { return time.Time{} }
func (bufferInfo) IsDir() bool        { return false }
func (bufferInfo) Sys() any           { return nil }
