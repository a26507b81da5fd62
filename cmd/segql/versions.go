package main

import (
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/check"
	"github.com/segql/segql/compiler/diff"
	"github.com/segql/segql/lang/ast"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/lang/source"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/revision"
)

// projectVersion is one of the versions of a project that are compared.
type projectVersion struct {
	name   string // main, HEAD~3, a folder; "" is the project as it stands in its folder
	commit string // of a revision, else ""
	folder string // of a revision: that of the project, from the top of the repository
	files  fs.FS
	dir    string // where its files are, and its data; "" for a revision
	older  bool   // the one that is compared with
}

// workTree is the name of what is not at any revision.
const workTree = "the work tree"

func (v *projectVersion) String() string {
	switch {
	case v.name == "":
		return workTree
	case v.commit != "" && v.commit[:min(10, len(v.commit))] != v.name:
		return v.name + " (" + v.commit[:10] + ")"
	default:
		return v.name
	}
}

// version finds what an argument of diff or plan means: a folder with a
// catalog, or a git revision of the project's own folder.
func (a *app) projectVersion(ctx context.Context, name string) (*projectVersion, error) {
	isFolder := false
	if _, err := os.Stat(filepath.Join(name, compiler.CatalogName)); err == nil && name != "" {
		isFolder = true
	}
	if info, err := os.Stat(a.project); !isFolder && (err != nil || !info.IsDir()) {
		return nil, noFolder(a.project, err)
	}
	switch {
	case name == "":
		return &projectVersion{files: os.DirFS(a.project), dir: a.project}, nil
	case isFolder && filepath.Base(name) == name && revision.Known(ctx, a.project, name):
		return nil, usagef("write ./"+name+" for the folder, or refs/heads/"+name+" for the branch", "%s is a folder and a git revision", name)
	case isFolder:
		return &projectVersion{name: name, files: os.DirFS(name), dir: name}, nil
	}
	r, err := revision.Open(ctx, a.project, name)
	if err != nil {
		return nil, err
	}
	return &projectVersion{name: name, commit: r.Commit, folder: r.Folder, files: r}, nil
}

// oneOrTwo are the arguments of diff and plan.
func oneOrTwo(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef("give a branch, a tag, a commit or a folder, such as `segql "+cmd.Name()+" main`", "nothing to compare with was given")
	}
	return cobra.MaximumNArgs(2)(cmd, args)
}

// twoVersions are those of `diff REV [REV2]`; without REV2 the newer one is
// the project's folder.
func (a *app) twoVersions(ctx context.Context, args []string) (before, after *projectVersion, err error) {
	if before, err = a.projectVersion(ctx, args[0]); err != nil {
		return nil, nil, err
	}
	before.older = true
	name := ""
	if len(args) > 1 {
		name = args[1]
	}
	after, err = a.projectVersion(ctx, name)
	return before, after, err
}

// openVersion is a version that was read and checked; run is nil where nothing can be
// computed: without data, or without a catalog.
type openVersion struct {
	*projectVersion
	diff *diff.Version
	run  *runtime.Project
}

func (v *openVersion) close() {
	if v != nil && v.run != nil {
		_ = v.run.Close()
	}
}

// openVersion reads and checks a version against the data of o, or without
// data. Errors in it are shown and end the command.
func (a *app) openVersion(ctx context.Context, v *projectVersion, o runtime.Options, noData bool) (*openVersion, error) {
	var uses []check.Use
	note := func(u check.Use) { uses = append(uses, u) }
	open := &openVersion{projectVersion: v}
	if _, err := fs.Stat(v.files, compiler.CatalogName); err != nil && v.commit != "" {
		// Before the commit that began it, the project was empty.
		p, _ := compiler.Compile(noFiles{}, compiler.Options{})
		open.diff = diff.New(noFiles{}, p, nil)
		return open, nil
	}
	set := o.Set
	if v.older {
		set = v.assigned(set)
	}
	var err error
	var p *compiler.Project
	var diags diag.List
	if noData {
		p, diags = compiler.Compile(v.files, compiler.Options{Set: set, Uses: note})
	} else {
		o.Files, o.Uses, o.Set = v.files, note, set
		if open.run, diags, err = runtime.Open(ctx, o); err != nil {
			return nil, err
		}
		if open.run != nil {
			p = open.run.Project
		}
	}
	if err := a.show(onlyErrors(inVersion(diags, v))); err != nil {
		open.close()
		return nil, err
	}
	open.diff = diff.New(v.files, p, uses)
	return open, nil
}

// assigned are the params of --set that a version has: the older one may not
// have had all of them.
func (v *projectVersion) assigned(set map[string]string) map[string]string {
	if len(set) == 0 {
		return nil
	}
	p, _ := compiler.Compile(v.files, compiler.Options{})
	out := map[string]string{}
	for _, f := range p.Files {
		for _, d := range f.Decls {
			if param, ok := d.(*ast.Param); ok {
				if value, given := set[param.Name.Name]; given {
					out[param.Name.Name] = value
				}
			}
		}
	}
	return out
}

// inVersion names files so that it is seen which version they are of: as
// git does, main:segments/vip.seg.
func inVersion(diags diag.List, v *projectVersion) diag.List {
	if v.dir != "" {
		return inFolder(diags, v.dir)
	}
	for _, f := range filesOf(diags) {
		f.Name = v.name + ":" + f.Name
	}
	return diags
}

// noFiles is an empty folder.
type noFiles struct{}

func (noFiles) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// placeOf is a place as it is seen from the current folder, or in a revision.
func (v *projectVersion) placeOf(s source.Span) string {
	switch {
	case s.IsZero():
		return ""
	case v.dir == "":
		return v.name + ":" + s.File.Name
	default:
		return path.Join(filepath.ToSlash(v.dir), s.File.Name)
	}
}
