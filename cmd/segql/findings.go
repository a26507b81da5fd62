package main

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/lang/diag"
)

// textFormat is the form of diagnostics for people, on standard error.
const textFormat = "text"

// findingFormats are the values of --format of a command that finds mistakes in
// definitions.
var findingFormats = append([]string{textFormat}, diag.Formats...)

// findingsFlag gives such a command its --format.
func findingsFlag(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVar(format, "format", textFormat, "text, json, plain (a line each), sarif (2.1.0), github (annotations) or junit")
	completeFixed(cmd, "format", findingFormats...)
}

// checkFindingFormat refuses another value, before any work is done.
func checkFindingFormat(format string) error {
	if !slices.Contains(findingFormats, format) {
		return usagef("write --format "+strings.Join(findingFormats[:len(findingFormats)-1], ", ")+" or "+findingFormats[len(findingFormats)-1], "--format %s is not known", format)
	}
	return nil
}

// findings are what a command found in the project of a folder.
type findings struct {
	command string // "check"
	dir     string
	project *compiler.Project // nil where it could not be read
	diags   diag.List         // with the names of files in the project
	fails   diag.Severity     // the mildest severity that fails a case of JUnit
}

// writeFindings writes them to standard output in a form for programs, one of
// diag.Formats. json and plain name files as they are seen from the current
// folder; build servers know them by their paths in the repository.
func (a *app) writeFindings(format string, f findings) error {
	r := diag.Report{Command: f.command, Version: version(), Home: path.Join(filepath.ToSlash(f.dir), compiler.CatalogName), Fails: f.fails, Path: inRepository(f.dir)}
	if f.project != nil {
		for _, file := range f.project.Files {
			r.Files = append(r.Files, path.Join(filepath.ToSlash(f.dir), file.Source.Name))
		}
		r.Files = append(r.Files, r.Home)
	}
	r.List = inFolder(f.diags, f.dir)
	return r.Write(a.out, format)
}

// inRepository gives files, named as they are seen from the current folder,
// their paths in the git repository that dir lies in. Outside of one, and for
// files elsewhere, the name stays.
func inRepository(dir string) func(string) string {
	root := repository(dir)
	return func(name string) string {
		abs, err := filepath.Abs(filepath.FromSlash(name))
		if root == "" || err != nil {
			return name
		}
		rel, err := filepath.Rel(root, realPath(abs))
		if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return name
		}
		return filepath.ToSlash(rel)
	}
}

// repository is the folder of the git repository that dir lies in, or "".
func repository(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for at := realPath(abs); ; at = filepath.Dir(at) {
		// A folder, or a file in a linked work tree.
		if _, err := os.Stat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

// realPath is a path without links in its folder, as far as there is one.
func realPath(abs string) string {
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		return filepath.Join(dir, filepath.Base(abs))
	}
	return abs
}
