package revision

import (
	"bytes"
	"io"
	"io/fs"
	"slices"
	"time"
)

// Open opens a file or a folder.
func (r *Revision) Open(name string) (fs.File, error) {
	e, err := r.entry("open", name)
	if err != nil {
		return nil, err
	}
	if e.blob == "" {
		list, err := r.ReadDir(name)
		return &folder{info{e}, list}, err
	}
	text, err := r.content(e)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &file{bytes.NewReader(text), info{e}}, nil
}

// ReadFile reads a file.
func (r *Revision) ReadFile(name string) ([]byte, error) {
	e, err := r.entry("read", name)
	if err != nil {
		return nil, err
	}
	if e.blob == "" {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrInvalid}
	}
	text, err := r.content(e)
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return slices.Clone(text), nil
}

// ReadDir lists a folder by name.
func (r *Revision) ReadDir(name string) ([]fs.DirEntry, error) {
	e, err := r.entry("readdir", name)
	if err != nil {
		return nil, err
	}
	if e.blob != "" {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	names := slices.Sorted(slices.Values(e.children))
	list := make([]fs.DirEntry, len(names))
	for i, child := range names {
		full := child
		if name != "." {
			full = name + "/" + child
		}
		list[i] = fs.FileInfoToDirEntry(info{r.files[full]})
	}
	return list, nil
}

// Stat describes a file or a folder.
func (r *Revision) Stat(name string) (fs.FileInfo, error) {
	e, err := r.entry("stat", name)
	if err != nil {
		return nil, err
	}
	return info{e}, nil
}

func (r *Revision) entry(op, name string) (*entry, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	if e := r.files[name]; e != nil {
		return e, nil
	}
	return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

// info describes an entry. A commit keeps no times of files.
type info struct{ e *entry }

func (i info) Name() string     { return i.e.name }
func (i info) Size() int64      { return i.e.size }
func (info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool      { return i.e.blob == "" }
func (info) Sys() any           { return nil }
func (i info) Mode() fs.FileMode {
	if i.IsDir() {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

type file struct {
	*bytes.Reader
	info
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (*file) Close() error                 { return nil }

// Size is in both of the parts.
func (f *file) Size() int64 { return f.e.size }

type folder struct {
	info
	rest []fs.DirEntry
}

func (f *folder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (*folder) Close() error                 { return nil }

func (f *folder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.e.name, Err: fs.ErrInvalid}
}

// ReadDir gives the next n entries, as fs.ReadDirFile says.
func (f *folder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n > 0 && len(f.rest) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(f.rest) {
		n = len(f.rest)
	}
	list := f.rest[:n]
	f.rest = f.rest[n:]
	return list, nil
}
