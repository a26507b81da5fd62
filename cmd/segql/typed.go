package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime"
)

// typed is a project whose columns are known, as far as they can be.
type typed struct {
	dir     string
	columns func(src *ir.Source, declared map[string]value.Type) ([]check.SourceColumn, *diag.Diagnostic)
}

// typedTree is a file's tree in which the checker has read the values by the
// types of the project around the file; nil when it lies in no project.
func (c *converter) typedTree(ctx context.Context, path, text string) (*ast.File, error) {
	dir := c.projectOf(path)
	if dir == "" {
		return nil, nil
	}
	t := c.types[dir]
	if t == nil {
		t = &typed{dir: dir}
		c.types[dir] = t
		if !c.noData {
			if err := t.look(ctx, c); err != nil {
				return nil, err
			}
		}
	}
	name, err := inProject(dir, path)
	if err != nil { // standard input, or a file elsewhere
		name = "(converted)" + yamlSuffix
	}
	p, _ := compiler.Compile(overlay{os.DirFS(dir), name, text}, compiler.Options{Columns: t.columns})
	for _, f := range p.Files {
		if f.Source.Name == name {
			return f, nil
		}
	}
	return nil, nil
}

// projectOf is the nearest folder above a file that has a catalog, else the
// project that was named; "" when there is none.
func (c *converter) projectOf(path string) string {
	dirs := []string{c.app.project}
	if abs, err := filepath.Abs(path); err == nil {
		var above []string
		for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
			above = append(above, dir)
			if dir == filepath.Dir(dir) {
				break
			}
		}
		dirs = append(above, dirs...)
	}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, compiler.CatalogName)); err == nil {
			return dir
		}
	}
	return ""
}

// inProject is a file's slash-separated path in its project.
func inProject(dir, path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	root, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(root, abs)
	if err != nil || strings.HasPrefix(rel, "..") {
		return "", fs.ErrNotExist
	}
	return filepath.ToSlash(rel), nil
}

// look opens the data, whose columns the engine then describes. What is wrong
// with the project is for `segql check` to say.
func (t *typed) look(ctx context.Context, c *converter) error {
	o, err := c.data.options(t.dir)
	if err != nil {
		return err
	}
	o.NoStore = true
	p, _, err := runtime.Open(ctx, o)
	if err != nil || p == nil {
		return nil // types are those of the catalog alone
	}
	c.open = append(c.open, p)
	t.columns = p.Engine.Columns
	return nil
}

// overlay is a folder in which one file has another text, or is there at all.
type overlay struct {
	fs.FS
	name, text string
}

func (o overlay) ReadFile(name string) ([]byte, error) {
	if name == o.name {
		return []byte(o.text), nil
	}
	return fs.ReadFile(o.FS, name)
}

func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	if _, missing := fs.Stat(o.FS, o.name); missing != nil && name == "." {
		entries = append(entries, added{o.name})
	}
	return entries, err
}

// added is the entry of a file that is not in the folder.
type added struct{ name string }

func (a added) Name() string             { return a.name }
func (added) IsDir() bool                { return false }
func (added) Type() fs.FileMode          { return 0 }
func (added) Info() (fs.FileInfo, error) { return nil, fs.ErrNotExist }
