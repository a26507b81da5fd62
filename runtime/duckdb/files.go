package duckdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// fullPath is where a path of the catalog points: absolute paths as they are,
// others under Data when the file is there, else under Dir.
func (s *Session) fullPath(written string) string {
	if filepath.IsAbs(written) {
		return filepath.Clean(written)
	}
	if s.opt.Data != "" {
		if p := mustAbs(filepath.Join(s.opt.Data, written)); exists(p) || isGlob(written) && s.anyMatch(p) {
			return p
		}
	}
	return mustAbs(filepath.Join(s.opt.Dir, written))
}

// Files are those that a path of a catalog stands for at the moment, whether
// or not they can be read.
func (o Options) Files(written string) []string {
	s := &Session{opt: o}
	path := s.fullPath(written)
	if isGlob(written) && !exists(path) {
		found, _ := glob(path) // a pattern that is none stands for nothing
		return found
	}
	return []string{path}
}

func mustAbs(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return abs
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

func isGlob(path string) bool { return strings.ContainsAny(path, "*?[{") }

func (s *Session) anyMatch(pattern string) bool {
	found, _ := glob(pattern)
	return len(found) > 0
}

// resolve finds the files of a source, sorted, absolute; at least one, each a
// readable regular file inside the allowed folders.
func (s *Session) resolve(_ context.Context, written string) ([]string, error) {
	if i := strings.Index(written, "://"); i > 0 {
		return nil, NewProblem(Forbidden, "%s is not a file of this machine", written).In(written, nil).
			WithHelp("copy the data into the project's folder first")
	}
	path := s.fullPath(written)
	files := []string{path}
	// A file may really be called "a[1].csv".
	if isGlob(written) && !exists(path) {
		var err error
		if files, err = glob(path); err != nil {
			return nil, fmt.Errorf("look for %s: %w", written, err)
		}
		if len(files) == 0 {
			return nil, s.missing(written, path, nil)
		}
	}
	for _, f := range files {
		if err := s.readable(written, f); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func (s *Session) readable(written, file string) error {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return denied(written, err)
	case err != nil:
		return s.missing(written, file, err)
	case info.IsDir():
		return NewProblem(Unreadable, "%s is a folder", written).In(written, nil).
			WithHelp("name a file, or all files of the folder: %s", strings.TrimRight(filepath.ToSlash(written), "/")+"/*.csv")
	case !info.Mode().IsRegular():
		return NewProblem(Unreadable, "%s is not a regular file", written).In(written, nil).
			WithHelp("copy the data into a file first")
	case info.Size() == 0:
		return NewProblem(EmptyFile, "%s is empty: not even a header", s.show(file)).In(written, nil).
			WithHelp("check how the file was exported, or remove it")
	}
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return s.missing(written, file, err)
	}
	if !s.allowed(real) {
		return NewProblem(Forbidden, "%s lies outside the project: %s", written, real).In(written, nil).
			WithHelp("move it into the project's folder, or allow its folder on the command line")
	}
	f, err := os.Open(file)
	if err != nil {
		return denied(written, err)
	}
	return f.Close()
}

func denied(written string, err error) *Problem {
	return NewProblem(Unreadable, "%s cannot be read: permission denied", written).In(written, err).
		WithHelp("give the user who runs segql the right to read the file")
}

func (s *Session) allowed(real string) bool {
	for _, root := range append([]string{s.scratch}, s.roots...) {
		if root == "" { // no private folder yet
			continue
		}
		if rel, err := filepath.Rel(root, real); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// show is a path for messages: relative to the project when it is inside.
func (s *Session) show(file string) string {
	if rel, err := filepath.Rel(mustAbs(s.opt.Dir), file); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return file
}

// missing says which file is not there, where it was looked for, and what is
// there under a similar name.
func (s *Session) missing(written, path string, err error) *Problem {
	folder := filepath.Dir(path)
	for isGlob(folder) && !exists(folder) {
		folder = filepath.Dir(folder)
	}
	what := "there is no file " + written
	if isGlob(written) {
		what = "no file matches " + written
	}
	entries, dirErr := os.ReadDir(folder)
	if dirErr != nil {
		return NewProblem(MissingFile, "%s: there is no folder %s", what, s.show(folder)).In(written, err).
			WithHelp("paths are relative to the folder of catalog.yaml")
	}
	p := NewProblem(MissingFile, "%s (looked in %s)", what, s.show(folder)).In(written, err)
	if near := nearNames(filepath.Base(path), entries); len(near) > 0 {
		return p.WithHelp("did you mean %s?", strings.Join(near, " or "))
	}
	return p.WithHelp("paths are relative to the folder of catalog.yaml")
}

// nearNames gives at most three names of a folder close to the wanted one.
func nearNames(want string, entries []fs.DirEntry) []string {
	type scored struct {
		name string
		dist int
	}
	var list []scored
	stem := func(n string) string { return strings.TrimSuffix(strings.ToLower(n), filepath.Ext(strings.ToLower(n))) }
	for _, e := range entries {
		d := distance(strings.ToLower(want), strings.ToLower(e.Name()))
		if stem(e.Name()) == stem(want) {
			d = min(d, 1) // customers.csv for customers.parquet
		}
		if !e.IsDir() && d <= max(2, len([]rune(want))/3) {
			list = append(list, scored{e.Name(), d})
		}
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].dist != list[j].dist {
			return list[i].dist < list[j].dist
		}
		return list[i].name < list[j].name
	})
	var names []string
	for _, n := range list[:min(3, len(list))] {
		names = append(names, n.name)
	}
	return names
}

// Near reports whether one name may be another, misspelled.
func Near(name, wanted string) bool { return distance(name, wanted) <= max(2, len(name)/3) }

// distance is the Levenshtein distance in runes.
func distance(a, b string) int {
	ra, rb := []rune(a), []rune(b)
	row := make([]int, len(rb)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range ra {
		prev := row[0]
		row[0] = i + 1
		for j, y := range rb {
			cost := prev
			if x != y {
				cost = min(prev, row[j], row[j+1]) + 1
			}
			prev, row[j+1] = row[j+1], cost
		}
	}
	return row[len(rb)]
}
