package bench

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

//go:embed catalog.yaml
var catalogText string

//go:embed shared.seg
var sharedText string

// catalog is the one for data of the format in the folder above the project.
func catalog(format string) string {
	database, name := "database: ../"+databaseFile, func(table string) string { return table }
	if format == Parquet {
		// A project reads files inside its own folder or that of --data.
		database, name = "", func(table string) string { return table + ".parquet" }
	}
	return strings.NewReplacer("DATABASE", database, "CUSTOMERS", name("customers"), "ORDERS", name("orders"), "EVENTS", name("events")).Replace(catalogText)
}

// MakeProject gives the folder of a project over the data, with these segments
// and, in by-hand, the SQL beside them; it is made where it is not.
func MakeProject(data string, s Size, list []Segment) (string, error) {
	path := filepath.Join(data, fmt.Sprintf("segments-%d-v%d", len(list), segmentVersion))
	return path, whole(path, func(temp string) error {
		files := map[string]string{"catalog.yaml": catalog(s.Format), "shared.seg": sharedText}
		for _, seg := range list {
			files["segments/"+seg.Name+".seg"] = seg.File
			files["by-hand/"+seg.Name+".sql"] = seg.ByHand + ";\n"
		}
		for name, text := range files {
			file := filepath.Join(temp, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				return fmt.Errorf("write the project: %w", err)
			}
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				return fmt.Errorf("write the project: %w", err)
			}
		}
		return nil
	})
}
