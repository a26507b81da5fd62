package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/syntax"
	"github.com/segql/segql/lang/yamlform"
	"github.com/segql/segql/runtime/duckdb"
)

// formatter is one call of fmt.
type formatter struct {
	app         *app
	check, diff bool
	yaml        bool // standard input
	diags       diag.List
	changed     int
}

func (a *app) fmtCommand() *cobra.Command {
	f := &formatter{app: a}
	cmd := &cobra.Command{
		Use:   "fmt [PATH...]",
		Short: "Bring definitions into their one canonical form",
		Long: `Rewrites .seg and .seg.yaml files, and tests, in their canonical form. A PATH is a file, a folder (with all
its sub-folders) or - for standard input; without one it is the project's folder.
A file with syntax errors is never touched. Comments stay, and so does the
meaning; in YAML so does the structure of conditions. A row of a test has one
line, however long, and nothing is aligned: a changed value changes one line.`,
		Example: `  segql fmt                          every definition below the current folder
  segql fmt --check                  say which files would change; exit code 1 if any
  segql fmt --diff segments/vip.seg  show what would change`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{a.project}
			}
			return f.run(args)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"seg", "yaml"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	cmd.Flags().BoolVar(&f.check, "check", false, "change nothing; name the files that would change, and end with 1 if there are any")
	cmd.Flags().BoolVar(&f.yaml, "yaml", false, "standard input is YAML")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "change nothing; show what would change")
	return cmd
}

func (f *formatter) run(paths []string) error {
	for _, path := range paths {
		if path == "-" {
			if err := f.standardInput(); err != nil {
				return err
			}
			continue
		}
		files, err := filesBelow(path, func(name string) bool { return isDefinitions(name) || isTest(name) })
		if err != nil {
			return err
		}
		for _, file := range files {
			if err := f.file(file); err != nil {
				return err
			}
		}
	}
	if err := f.app.show(f.diags); err != nil {
		return err
	}
	if f.check && f.changed > 0 {
		return &failure{exitExpectation}
	}
	return nil
}

// definitionFiles are the files of definitions in a folder, or the file itself.
func definitionFiles(path string) ([]string, error) { return filesBelow(path, isDefinitions) }

// filesBelow are the files of a folder, or the file itself, of some kind.
func filesBelow(path string, is func(name string) bool) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, duckdb.NewProblem(duckdb.MissingFile, "there is no file or folder %s", path).In(path, err).
			WithHelp("give the path of a .seg or .seg.yaml file, or of a folder with such files")
	case err != nil:
		return nil, unreadable(path, err)
	case !info.IsDir() && !is(path):
		return nil, usagef("definitions are in .seg and .seg.yaml files", "%s is not a .seg or .seg.yaml file", path)
	case !info.IsDir():
		return []string{path}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return unreadable(name, err)
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != path && d.Name() != "..":
			return fs.SkipDir
		case !d.IsDir() && is(name):
			files = append(files, name)
		}
		return nil
	})
	slices.Sort(files)
	return files, err
}

// isDefinitions tells files of definitions by their names; tests are none.
func isDefinitions(name string) bool {
	return strings.HasSuffix(name, segSuffix) || isYAML(name) && !isTest(name)
}

func isTest(name string) bool { return strings.HasSuffix(name, yamlform.TestSuffix) }

func unreadable(path string, err error) error {
	return duckdb.NewProblem(duckdb.Unreadable, "%s cannot be read: %s", path, reason(err)).In(path, err).
		WithHelp("check the permissions")
}

// text gives the canonical form; false when the file has errors.
func (f *formatter) text(name string, raw []byte) (string, bool) {
	file, diags := syntax.Load(filepath.ToSlash(name), raw)
	if !diags.HasErrors() {
		formatted := format.Source
		switch {
		case isTest(name):
			formatted = testform.Canonical
		case isYAML(name):
			formatted = yamlform.Format
		}
		text, more := formatted(file)
		diags = append(diags, more...)
		if !more.HasErrors() {
			return text, true
		}
	}
	f.diags = append(f.diags, diags...)
	return "", false
}

func (f *formatter) file(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return unreadable(path, err)
	}
	text, ok := f.text(path, raw)
	if !ok || text == string(raw) {
		return nil
	}
	f.changed++
	if !f.check && !f.diff {
		return replaceFile(path, text)
	}
	if f.check {
		fmt.Fprintln(f.app.out, path)
	}
	if f.diff {
		f.show(path, raw, text)
	}
	return nil
}

// show writes a unified diff, coloured on a terminal.
func (f *formatter) show(path string, raw []byte, text string) {
	p := painter(f.app.colors(terminalOf(f.app)))
	for line := range bytes.Lines(diff.Diff(path, raw, path+" (formatted)", []byte(text))) {
		s := plain
		switch line[0] {
		case '+':
			s = green
		case '-':
			s = red
		case '@':
			s = cyan
		}
		body := strings.TrimSuffix(string(line), "\n")
		fmt.Fprintln(f.app.out, p.paint(s, body))
	}
}

func (f *formatter) standardInput() error {
	raw, err := io.ReadAll(f.app.in)
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	name := "(standard input)"
	if f.yaml {
		name += yamlSuffix
	}
	text, ok := f.text(name, raw)
	if !ok {
		return nil
	}
	if text != string(raw) {
		f.changed++
	}
	if f.diff {
		f.show("(standard input)", raw, text)
	} else if !f.check {
		fmt.Fprint(f.app.out, text)
	}
	return nil
}

// replaceFile puts text in the place of a file in one step: whoever reads it
// meets the old text or the new one. A link stays a link.
func replaceFile(path, text string) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return unwritable(path, err)
	}
	info, err := os.Stat(real)
	if err != nil {
		return unwritable(path, err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(real), ".segql-")
	if err != nil {
		return unwritable(path, err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // after the rename there is nothing to remove
	_, err = tmp.WriteString(text)
	if err = errors.Join(err, tmp.Chmod(info.Mode().Perm()), tmp.Sync(), tmp.Close()); err != nil {
		return unwritable(path, err)
	}
	if err := os.Rename(tmp.Name(), real); err != nil {
		return unwritable(path, err)
	}
	return nil
}
