package runtime

import (
	"os"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/catalog"
	"github.com/segql/segql/runtime/duckdb"
)

// DataFiles are the files that the catalog of a project names at the moment:
// those of its sources, and its database with the log of what was written to it
// last. What SQL in a catalog reads is not among them.
func DataFiles(o Options) []string {
	dir := o.Dir
	if dir == "" {
		dir = "."
	}
	cat, _ := compiler.ReadCatalog(os.DirFS(dir))
	if cat == nil {
		return nil
	}
	at := duckdb.Options{Dir: dir, Data: o.Data}
	var files []string
	add := func(r *catalog.Relation) {
		if r.Source != nil && r.Source.Kind == catalog.SourceFile {
			files = append(files, at.Files(r.Source.Path.Text)...)
		}
	}
	for _, e := range cat.Entities {
		add(&e.Relation)
	}
	for _, f := range cat.Facts {
		add(&f.Relation)
	}
	if !cat.Database.IsZero() {
		for _, f := range at.Files(cat.Database.Text) {
			files = append(files, f, f+".wal")
		}
	}
	return files
}
