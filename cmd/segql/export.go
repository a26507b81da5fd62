package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
)

// export writes a file for each segment. All of them are written beside their
// place first and then renamed, so that none is ever half written, and a
// failure changes no file of an earlier export.
func (e *exportFolder) export(ctx context.Context, p *runtime.Project, report *runtime.Report, format string) error {
	tmp, err := os.MkdirTemp(e.path, ".segql-")
	if err != nil {
		return unwritable(e.path, err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	names := make([]string, len(report.Segments))
	for i, s := range report.Segments {
		names[i] = fileName(s.Name) + "." + format
		if err := p.Export(ctx, s.Name, filepath.Join(tmp, names[i])); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := os.Rename(filepath.Join(tmp, name), filepath.Join(e.path, name)); err != nil {
			return unwritable(e.path, err)
		}
		e.written = append(e.written, name)
	}
	return nil
}

// fileName is a segment's name without what file systems cannot hold.
func fileName(segment string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, segment)
}

func unwritable(path string, err error) error {
	return duckdb.NewProblem(duckdb.Unwritable, "%s cannot be written: %s", path, reason(err)).In(path, err).
		WithHelp("make the folder writable, or give another one")
}
