package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/cover"
	"github.com/segql/segql/compiler/generate"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/testform"
	"github.com/segql/segql/lang/yamlform"
	"github.com/segql/segql/runtime"
)

// checkGenerate refuses what does not go together with --generate.
func (f *testFlags) checkGenerate() error {
	if f.generate == "" {
		if f.out != "" || f.force {
			return usagef("add --generate SEGMENT", "--out and --force are about the file that --generate writes")
		}
		return nil
	}
	if f.watch || f.coverage || f.mutate || f.run != "" || f.inProcess {
		return usagef("run `segql test` once the file is there", "--generate writes tests, it runs none")
	}
	switch {
	case f.format == "junit", f.format == "json" && f.out == "-":
		return usagef("leave --format out, or write --format json without --out -", "--generate writes a file of tests, which --format %s cannot hold", f.format)
	case f.out != "" && f.out != "-" && !strings.HasSuffix(f.out, yamlform.TestSuffix):
		return usagef("write --out "+strings.TrimSuffix(f.out, filepath.Ext(f.out))+yamlform.TestSuffix, "--out %s: tests stand in files named *%s", f.out, yamlform.TestSuffix)
	}
	return nil
}

// generate writes a file of tests for a segment or split.
func (a *app) generate(ctx context.Context, o runtime.Options, f testFlags) error {
	bar := a.startProgress()
	defer bar.stop()
	bar.update("read the project", 0, 1)
	o.Tests = false // what is wrong with other tests does not matter
	p, diags, err := testProject(ctx, o, f.noData)
	if err != nil {
		return err
	}
	bar.stop()
	to := f.place(o.Dir, p) // before inFolder names the files anew
	if err := a.show(withoutNotes(inFolder(diags, o.Dir))); err != nil {
		return err
	}
	segments, err := generated(p, f.generate)
	if err != nil {
		return err
	}
	if err := f.mayWrite(to); err != nil {
		return err
	}
	bar = a.startProgress()
	defer bar.stop()
	file, err := generate.Tests(p.Project, segments, generate.Options{Set: params(f.set), Progress: bar.update, Stop: func() bool { return ctx.Err() != nil }})
	bar.stop()
	if err := errors.Join(ctx.Err(), err); err != nil {
		return err
	}
	if err := a.writeTests(to, file, f.force); err != nil {
		return err
	}
	return a.generatedFile(to, p, file, f)
}

// generated are the segments of a name: one, or the branches of a split.
func generated(p *compiler.Project, name string) ([]*ir.Segment, error) {
	if s := p.Segment(name); s != nil {
		return []*ir.Segment{s}, nil
	}
	var out []*ir.Segment
	for _, s := range p.Segments {
		if s.Split == name {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil, unknownSegment(name, segmentNames(p.Project))
	}
	return out, nil
}

// place is where the tests are written: beside the definition, unless --out
// says otherwise.
func (f *testFlags) place(dir string, p *compiler.Project) string {
	of, err := generated(p, f.generate)
	if f.out != "" || err != nil {
		return f.out
	}
	return filepath.Join(dir, filepath.FromSlash(path.Dir(of[0].At.File.Name)), fileName(f.generate)+"_generated"+yamlform.TestSuffix)
}

func (f *testFlags) mayWrite(to string) error {
	if to == "-" || f.force {
		return nil
	}
	if _, err := os.Lstat(to); err == nil {
		return usagef("give --force to write over it, or --out FILE to write another; --out - only prints", "%s exists already", to)
	}
	return nil
}

// params are those of --set, as a test sets them.
func params(set []string) (out []testform.Param) {
	for _, s := range set {
		name, text, _ := strings.Cut(s, "=")
		out = append(out, testform.Param{Name: testform.Text{Text: name}, Value: testform.Text{Text: text}})
	}
	return out
}

// writeTests writes a file in one step. Without --force it replaces none, not
// even one that has come up meanwhile.
func (a *app) writeTests(to string, file *generate.File, force bool) error {
	switch {
	case file.Customers == 0:
		return nil
	case to == "-":
		_, err := io.WriteString(a.out, file.Text)
		return err
	case force:
		return writeFile(to, []byte(file.Text))
	default:
		return newFile(to, file.Text)
	}
}

// generatedFile says what was written, and what the tests do not show.
func (a *app) generatedFile(to string, p *compiler.Project, file *generate.File, f testFlags) error {
	seen, all := 0, 0
	for _, d := range cover.Measure(p.Project, file.Tests).Definitions {
		if d.Tests > 0 {
			seen, all = d.Points()
		}
	}
	if f.format == "json" {
		if err := a.generatedJSON(to, file, seen, all); err != nil {
			return err
		}
	} else {
		out := io.Writer(a.out)
		if to == "-" {
			out = a.err
		}
		for _, u := range file.Unshown {
			fmt.Fprintf(out, "no customer for %s: %s\n", clean(u.Conditions), clean(u.Reason))
		}
		if file.More {
			fmt.Fprintf(out, "there are more than %d combinations of conditions; those left out are not listed\n", generate.MostRegions)
		}
		if file.Customers > 0 {
			where := ""
			if to != "-" {
				where = to + ": "
			}
			fmt.Fprintf(out, "%s%s for %s of conditions and the edges of %s; %d of %d sides seen\n", where, plural(int64(file.Customers), "customer"), plural(int64(file.Regions), "combination"), f.generate, seen, all)
		}
	}
	if file.Customers == 0 {
		return &failure{exitExpectation}
	}
	return nil
}

type generatedJSON struct {
	File         string        `json:"file"` // "" where nothing was written
	Customers    int           `json:"customers"`
	Combinations int           `json:"combinations"`
	Impossible   int           `json:"impossible"`
	More         bool          `json:"more"`
	Seen         int           `json:"seen"`
	All          int           `json:"all"`
	Unshown      []unshownJSON `json:"unshown"`
}

type unshownJSON struct {
	Conditions string `json:"conditions"`
	Reason     string `json:"reason"`
}

func (a *app) generatedJSON(to string, file *generate.File, seen, all int) error {
	out := generatedJSON{File: filepath.ToSlash(to), Customers: file.Customers, Combinations: file.Regions, Impossible: file.Never, More: file.More, Seen: seen, All: all, Unshown: []unshownJSON{}}
	if file.Customers == 0 {
		out.File = ""
	}
	for _, u := range file.Unshown {
		out.Unshown = append(out.Unshown, unshownJSON(u))
	}
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(out)
}
