package duckdb

import (
	"io/fs"
	"path"
	"path/filepath"
	"sort"
	"strings"
)

// glob gives the regular files that match an absolute pattern, sorted. Go's
// own Glob has neither ** (any number of folders) nor {a,b}; DuckDB's follows
// no rule for names that hold brackets. Hidden files and folders match only
// where the pattern's part begins with a point.
func glob(pattern string) ([]string, error) {
	seen := map[string]bool{}
	for _, p := range braces(filepath.ToSlash(pattern)) {
		parts := strings.Split(p, "/")
		i := 0
		for i < len(parts)-1 && !isGlob(parts[i]) {
			i++
		}
		root := strings.Join(parts[:i], "/")
		if err := walk(root+"/", parts[i:], seen); err != nil {
			return nil, err
		}
	}
	files := make([]string, 0, len(seen))
	for f := range seen {
		files = append(files, filepath.FromSlash(f))
	}
	sort.Strings(files)
	return files, nil
}

func walk(root string, parts []string, seen map[string]bool) error {
	return filepath.WalkDir(filepath.FromSlash(root), func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return skip(d)
		}
		rel := strings.TrimPrefix(filepath.ToSlash(file), strings.TrimSuffix(root, "/"))
		rel = strings.TrimPrefix(rel, "/")
		if rel == "" {
			return nil
		}
		names := strings.Split(rel, "/")
		switch {
		case d.IsDir():
			if !matchFolder(parts, names) {
				return filepath.SkipDir
			}
		case matchParts(parts, names):
			seen[filepath.ToSlash(file)] = true
		}
		return nil
	})
}

// skip leaves out what cannot be listed: it cannot match.
func skip(d fs.DirEntry) error {
	if d != nil && d.IsDir() {
		return filepath.SkipDir
	}
	return nil
}

// matchFolder reports whether files below the folder can still match.
func matchFolder(parts, names []string) bool {
	for i, n := range names {
		switch {
		case i < len(parts)-1 && parts[i] == "**":
			return !hidden(names[i:])
		case i >= len(parts)-1 || !matchName(parts[i], n):
			return false
		}
	}
	return true
}

func hidden(names []string) bool {
	for _, n := range names {
		if strings.HasPrefix(n, ".") {
			return true
		}
	}
	return false
}

func matchParts(parts, names []string) bool {
	switch {
	case len(parts) == 0:
		return len(names) == 0
	case parts[0] == "**":
		for i := 0; i <= len(names); i++ {
			if hidden(names[:i]) {
				return false
			}
			if matchParts(parts[1:], names[i:]) {
				return true
			}
		}
		return false
	case len(names) == 0:
		return false
	default:
		return matchName(parts[0], names[0]) && matchParts(parts[1:], names[1:])
	}
}

func matchName(part, name string) bool {
	if strings.HasPrefix(name, ".") && !strings.HasPrefix(part, ".") {
		return false
	}
	ok, err := path.Match(part, name)
	return err == nil && ok || part == name
}

// braces expands {a,b}; nested ones too. A brace without end stands for itself.
func braces(p string) []string {
	open := strings.IndexByte(p, '{')
	if open < 0 {
		return []string{p}
	}
	depth, start := 0, open+1
	var alternatives []string
	for i := open; i < len(p); i++ {
		switch p[i] {
		case '{':
			depth++
		case ',':
			if depth == 1 {
				alternatives = append(alternatives, p[start:i])
				start = i + 1
			}
		case '}':
			if depth--; depth > 0 {
				continue
			}
			var out []string
			for _, a := range append(alternatives, p[start:i]) {
				out = append(out, braces(p[:open]+a+p[i+1:])...)
			}
			return out
		}
	}
	return []string{p}
}

// escapeGlob makes DuckDB read a path literally: it sees patterns even in
// explicit lists of files.
func escapeGlob(file string) string {
	return strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]").Replace(file)
}
