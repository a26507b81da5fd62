package duckdb

import (
	"path/filepath"
	"slices"
	"strings"
)

// Portable makes printed SQL fit to be run elsewhere than in this session, in
// the project's folder: paths inside it become relative, and mended copies of
// files (Rewritten) the files themselves.
func (e *Engine) Portable(query string) string {
	for _, rel := range e.relations {
		for _, t := range rel.texts {
			if t.copied {
				query = strings.ReplaceAll(query, QuoteText(t.path), QuoteText(t.written))
			}
		}
	}
	root := strings.TrimSuffix(QuoteText(mustAbs(e.opt.Dir)+string(filepath.Separator)), "'")
	return strings.ReplaceAll(query, root, "'")
}

// Rewritten are the files, as messages name them, that are read through a
// mended or decoded copy because DuckDB's own parser would misread them.
func (e *Engine) Rewritten() []string {
	var files []string
	for _, rel := range e.relations {
		for _, t := range rel.texts {
			if t.copied && !slices.Contains(files, t.written) {
				files = append(files, t.written)
			}
		}
	}
	slices.Sort(files)
	return files
}
