package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/format"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/lang/syntax"
	"github.com/segql/segql/lang/yamlform"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
)

// guessedLiteral says that a value of YAML was read by its looks.
const guessedLiteral diag.Code = "SEG4050"

// changedMeaning says that a key has a value of a form that YAML does not
// have there.
const changedMeaning diag.Code = "SEG1601"

// Endings of the two forms of definitions.
const (
	segSuffix  = ".seg"
	yamlSuffix = yamlform.Suffix
)

// converter is one call of convert.
type converter struct {
	app     *app
	data    dataFlags
	to      string
	replace bool
	out     string
	noData  bool
	diags   diag.List
	types   map[string]*typed // by the project's folder
	open    []*runtime.Project
}

// converted is a file in its other form.
type converted struct {
	from, to string // paths
	text     string
}

func (a *app) convertCommand() *cobra.Command {
	c := &converter{app: a, types: map[string]*typed{}}
	cmd := &cobra.Command{
		Use:   "convert PATH...",
		Short: "Bring definitions from .seg into YAML, or from YAML into .seg",
		Long: `Writes definitions in the other form of the language: .seg files as .seg.yaml
files, and the other way round. Meaning and comments stay; there and back again
is what ` + "`segql fmt`" + ` makes of the file. A PATH is a file, a folder (with all its
sub-folders) or - for standard input.

The result of one file goes to standard output. --out DIR writes files into
another folder, --replace puts each beside the file it comes from and removes
that one. A file that exists is never overwritten.

In YAML a value has the type of what it is compared with, so that 00123 can be a
number or a text. From YAML, types are taken from the project around the file:
its catalog and its data. Where they are not at hand, values are taken for what
they look like, and convert says for which.`,
		Example: `  segql convert segments/vip.seg              show it in YAML
  segql convert segments/vip.seg.yaml         show it as .seg
  segql convert --to yaml --replace segments  a whole folder
  segql convert --to seg --out /tmp/seg .     into another folder`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd.Context(), args) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"seg", "yaml"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	cmd.Flags().StringVar(&c.to, "to", "", "seg or yaml; needed for folders and standard input")
	cmd.Flags().BoolVar(&c.replace, "replace", false, "write each result beside its file and remove the file")
	cmd.Flags().StringVar(&c.out, "out", "", "write the results into this folder")
	cmd.Flags().BoolVar(&c.noData, "no-data", false, "take types from the catalog alone")
	cmd.Flags().StringVar(&c.data.data, "data", "", "look for the catalog's files in this folder first")
	must(cmd.MarkFlagDirname("out"))
	must(cmd.MarkFlagDirname("data"))
	completeFixed(cmd, "to", "seg", "yaml")
	return cmd
}

func (c *converter) run(ctx context.Context, paths []string) error {
	switch {
	case c.to != "" && c.to != "seg" && c.to != "yaml":
		return usagef("write --to seg or --to yaml", "--to %s is not known", c.to)
	case c.replace && c.out != "":
		return usagef("--replace writes beside the files, --out into another folder", "--replace and --out exclude each other")
	}
	defer func() {
		for _, p := range c.open {
			_ = p.Close()
		}
	}()
	var done []converted
	for _, path := range paths {
		if path == "-" {
			if err := c.standardInput(ctx, len(paths)); err != nil {
				return err
			}
			continue
		}
		files, err := c.files(path)
		if err != nil {
			return err
		}
		for _, file := range files {
			d, err := c.file(ctx, path, file)
			if err != nil {
				return err
			}
			if d.to != "" {
				done = append(done, d)
			}
		}
	}
	if err := c.app.show(c.diags); err != nil {
		return err
	}
	return c.write(done)
}

// files are the definitions below a path that are to be converted.
func (c *converter) files(path string) ([]string, error) {
	files, err := definitionFiles(path)
	if err != nil || len(files) == 1 && files[0] == path {
		return files, err
	}
	if c.to == "" {
		return nil, usagef("write --to yaml or --to seg", "%s is a folder: which form should its definitions have?", path)
	}
	files = slices.DeleteFunc(files, func(name string) bool { return isYAML(name) == (c.to == "yaml") })
	if len(files) > 1 && !c.replace && c.out == "" {
		return nil, usagef("give --replace, or --out and a folder", "%s holds %d files to convert: where should they go?", path, len(files))
	}
	return files, nil
}

func isYAML(name string) bool { return strings.HasSuffix(name, yamlSuffix) }

// file converts one file; below is the argument that led to it.
func (c *converter) file(ctx context.Context, below, path string) (d converted, err error) {
	if (c.to == "yaml") == isYAML(path) && c.to != "" {
		return d, usagef("leave out --to, or name another file", "%s is in that form already", path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return d, unreadable(path, err)
	}
	text, ok, err := c.text(ctx, path, raw)
	if err != nil || !ok {
		return d, err
	}
	d = converted{from: path, text: text}
	if isYAML(path) {
		d.to = strings.TrimSuffix(path, yamlSuffix) + segSuffix
	} else {
		d.to = strings.TrimSuffix(path, segSuffix) + yamlSuffix
	}
	if c.out != "" {
		name := filepath.Base(d.to)
		if rel, err := filepath.Rel(below, d.to); err == nil && filepath.IsLocal(rel) {
			name = rel
		}
		d.to = filepath.Join(c.out, name)
	}
	return d, nil
}

func (c *converter) standardInput(ctx context.Context, paths int) error {
	switch {
	case c.to == "":
		return usagef("write --to yaml or --to seg", "which form should standard input have?")
	case paths > 1:
		return usagef("give - alone", "standard input is converted alone")
	}
	raw, err := io.ReadAll(c.app.in)
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	name := "(standard input)" + segSuffix
	if c.to == "seg" {
		name = "(standard input)" + yamlSuffix
	}
	text, ok, err := c.text(ctx, name, raw)
	if ok {
		fmt.Fprint(c.app.out, text)
	}
	return err
}

// text is a file in its other form; not ok when it has errors.
func (c *converter) text(ctx context.Context, path string, raw []byte) (text string, ok bool, err error) {
	file, diags := syntax.Load(filepath.ToSlash(path), raw)
	if diags.HasErrors() {
		c.diags = append(c.diags, diags...)
		return "", false, nil
	}
	if isYAML(path) {
		return c.toSeg(ctx, path, file)
	}
	text, ok = c.toYAML(file)
	return text, ok, nil
}

// toYAML makes sure that what it gives can be read back as the same.
func (c *converter) toYAML(file *source.File) (string, bool) {
	canonical, diags := format.Source(file)
	if diags.HasErrors() {
		c.diags = append(c.diags, diags...)
		return "", false
	}
	tree, _ := syntax.Parse(source.New(file.Name, canonical))
	text := yamlform.FromSeg(tree)
	back, diags := yamlform.Parse(source.New(file.Name+".yaml", text))
	yamlform.Settle(back)
	// Only what the checker refuses anyway has no form in YAML, or another
	// meaning there, such as a title that is a number.
	const help = "`segql check` shows what is wrong with the definitions"
	switch {
	case diags.HasErrors():
		c.diags.Errorf(diags[0].Code, source.Span{File: file}, "%s cannot be written in YAML: %s", file.Name, diags[0].Message).Help = help
		return "", false
	case format.Format(back) != canonical:
		c.diags.Errorf(changedMeaning, source.Span{File: file}, "%s cannot be written in YAML without changing its meaning", file.Name).Help = help
		return "", false
	}
	return text, true
}

// toSeg reads the values of a YAML file by the types of the project around it.
func (c *converter) toSeg(ctx context.Context, path string, file *source.File) (string, bool, error) {
	canonical, diags := yamlform.Format(file)
	if diags.HasErrors() {
		c.diags = append(c.diags, diags...)
		return "", false, nil
	}
	tree, err := c.typedTree(ctx, path, canonical)
	if err != nil {
		return "", false, err
	}
	if tree == nil {
		tree, _ = yamlform.Parse(source.New(file.Name, canonical))
	}
	c.guessed(file, yamlform.Settle(tree))
	return format.Format(tree), true, nil
}

// guessed says which values were taken for what they look like. Their places
// are those in the canonical text, so the lines of the file are looked for.
func (c *converter) guessed(file *source.File, scalars []*ast.Scalar) {
	seen := map[string]bool{}
	for _, s := range scalars {
		if seen[s.Text] {
			continue
		}
		seen[s.Text] = true
		span := source.Span{File: file}
		if at := strings.Index(file.Text, s.Text); at >= 0 {
			span.Start, span.End = at, at+len(s.Text)
		}
		c.diags.Warnf(guessedLiteral, span, "the type of what %s is compared with is not known here: it is taken for what it looks like", s.Text).
			Help = "convert it inside its project, with its data at hand, or put the text into double quotes in the result"
	}
}

// write puts the results where they belong; none, if one of them cannot be.
func (c *converter) write(done []converted) error {
	if !c.replace && c.out == "" {
		if len(done) > 1 {
			return usagef("give --replace, or --out and a folder", "here are %d files: where should they go?", len(done))
		}
		for _, d := range done {
			fmt.Fprint(c.app.out, d.text)
		}
		return nil
	}
	for i, d := range done {
		_, err := os.Lstat(d.to)
		again := slices.ContainsFunc(done[:i], func(o converted) bool { return o.to == d.to })
		if err == nil || again {
			return duckdb.NewProblem(duckdb.Unwritable, "%s is there already", d.to).In(d.to, err).
				WithHelp("convert never overwrites a file: remove it or give it another name; nothing was written")
		}
	}
	for _, d := range done {
		if err := newFile(d.to, d.text); err != nil {
			return err
		}
		if c.replace {
			if err := os.Remove(d.from); err != nil {
				return unwritable(d.from, err)
			}
		}
		fmt.Fprintf(c.app.out, "%s → %s\n", d.from, d.to)
	}
	return nil
}

// newFile writes a file in one step, and never one that is there.
func newFile(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return unwritable(path, err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".segql-")
	if err != nil {
		return unwritable(path, err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.WriteString(text)
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err != nil {
		return unwritable(path, err)
	}
	if err := os.Link(tmp.Name(), path); err != nil { // fails where a file is
		return unwritable(path, err)
	}
	return nil
}
