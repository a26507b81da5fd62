package main

import (
	"os"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
)

// selectSegments finds the segments that names and patterns stand for, in the
// project's order; the name of a split stands for its branches. Without names
// it is nil, for all.
func selectSegments(p *ir.Project, names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	chosen := map[string]bool{}
	for _, name := range names {
		found := false
		for _, s := range p.Segments {
			if matches(s, name) {
				chosen[s.Name], found = true, true
			}
		}
		if !found {
			return nil, unknownSegment(name, segmentNames(p))
		}
	}
	var list []string
	for _, s := range p.Segments {
		if chosen[s.Name] {
			list = append(list, s.Name)
		}
	}
	return list, nil
}

func matches(s *ir.Segment, name string) bool {
	if s.Name == name || s.Split == name {
		return true
	}
	ok, err := path.Match(name, s.Name)
	return err == nil && ok && strings.ContainsAny(name, "*?[")
}

// segmentNames are the names that can be selected, splits among them.
func segmentNames(p *ir.Project) []string {
	var names []string
	for _, s := range p.Segments {
		if s.Split != "" && !slices.Contains(names, s.Split) {
			names = append(names, s.Split)
		}
		names = append(names, s.Name)
	}
	return names
}

// unknownSegment helps with the nearest name, or lists what there is.
func unknownSegment(name string, known []string) error {
	help := "there are no segments"
	if near := diag.Suggest(name, known); near != "" {
		help = "did you mean " + near + "?"
	} else if strings.ContainsAny(name, `/\`) {
		help = "a folder is given with --project DIR"
	} else if len(known) > 0 {
		help = "there are " + strings.Join(known[:min(len(known), 12)], ", ")
		if len(known) > 12 {
			help += " and others"
		}
	}
	if strings.ContainsAny(name, "*?[") {
		return usagef(help, "no segment matches %s", name)
	}
	return usagef(help, "there is no segment %s", name)
}

// declared is a segment as its file names it.
type declared struct{ name, title string }

// declaredSegments are the segments of a project as they are written: their
// names are known also where the data, and so the types, are not at hand.
func declaredSegments(p *compiler.Project) []declared {
	var list []declared
	for _, f := range p.Files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.Segment:
				list = append(list, declared{d.Name.Name, titleOf(d.Meta)})
			case *ast.Split:
				list = append(list, declared{d.Name.Name, titleOf(d.Meta)})
				for _, b := range d.Branches {
					branch := declared{name: d.Name.Name + "." + b.Name.Name}
					if b.Title != nil {
						branch.title = b.Title.Value
					}
					list = append(list, branch)
				}
			default: // the others have no members
			}
		}
	}
	return list
}

func titleOf(meta []ast.Meta) string {
	for _, m := range meta {
		if text, ok := m.Value.(*ast.Text); ok && m.Key.Name == "title" {
			return text.Value
		}
	}
	return ""
}

// completeSegments offers the names of the project's segments to the shell.
func (a *app) completeSegments(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	dir := a.project
	switch cmd.Name() {
	case "health", "run", "test", "watch":
		dir = a.dir(args)
	}
	p, _ := compiler.Compile(os.DirFS(dir), compiler.Options{})
	var list []string
	for _, s := range declaredSegments(p) {
		list = append(list, s.name+"\t"+clean(s.title))
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

func completeFixed(cmd *cobra.Command, flag string, values ...string) {
	must(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
}
