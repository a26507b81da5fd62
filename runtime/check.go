package runtime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/lang/diag"
	"github.com/segql/segql/runtime/duckdb"
)

// CheckProject checks a project as Open does, with its tests, and looks besides for
// columns of which no value has the declared type. What it learns of the data
// is kept in the project's .segql folder, so that a check of data that has not
// changed does not even begin the engine. The project is nil where there is no
// catalog to be read.
func CheckProject(ctx context.Context, o Options) (project *compiler.Project, diags diag.List, err error) {
	o.NoStore, o.Tests = true, true
	known := duckdb.ReadKnown(filepath.Join(o.Dir, ".segql", "sources.json"), thisBuild())
	p, diags, err := open(ctx, o, known)
	if p == nil {
		return nil, diags, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.Session.Failed(); err != nil {
		return nil, nil, err
	}
	if !diags.HasErrors() {
		wrong, err := p.Engine.WrongColumns(ctx, p.Project.Project)
		if err != nil {
			return nil, nil, err
		}
		diags = append(diags, wrong...)
		diags.Sort()
	}
	known.Write()
	return p.Project, diags, nil
}

// thisBuild tells this build of segql from every other, whose answers may differ.
func thisBuild() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprint(info.Size(), info.ModTime().UnixNano())
}
