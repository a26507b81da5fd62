package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/segql/segql/compiler"
	"github.com/segql/segql/compiler/guess"
	"github.com/segql/segql/runtime"
	"github.com/segql/segql/runtime/duckdb"
)

func (a *app) initCommand() *cobra.Command {
	var zone string
	var force, dry bool
	cmd := &cobra.Command{
		Use:   "init DIR|FILE.duckdb",
		Short: "Write a catalog from a folder of data",
		Long: `Looks through the CSV, TSV, JSON, JSONL and Parquet files of a folder, or the
tables of a DuckDB file, and writes catalog.yaml there: which tables hold
customers, which hold what they did, how rows belong together, and the type of
every column. What was guessed is marked, for a person to confirm. A catalog
that exists is left alone unless --force is given.`,
		Example: `  segql init data                              every data file below data
  segql init shop.duckdb                       the tables of a DuckDB file
  segql init data --timezone Asia/Ho_Chi_Minh
  segql init data --dry-run                    only print it`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.init(cmd.Context(), args[0], initOptions{zone: zone, force: force, dry: dry})
		},
	}
	cmd.Flags().StringVar(&zone, "timezone", "", "the zone of the shop's clocks, such as Asia/Ho_Chi_Minh")
	cmd.Flags().BoolVar(&force, "force", false, "write over a catalog that exists")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "print the catalog, write nothing")
	return cmd
}

type initOptions struct {
	zone       string
	force, dry bool
}

func (a *app) init(ctx context.Context, target string, o initOptions) error {
	dir, database, err := initTarget(target)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, compiler.CatalogName)
	if _, err := os.Stat(file); err == nil && !o.force && !o.dry {
		return usagef("give --force to write over it, or --dry-run to only look", "%s exists already", file)
	}
	zone, given := o.zone, o.zone != ""
	if !given {
		zone = localZone()
	} else if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return usagef("zones have names such as Asia/Ho_Chi_Minh or Europe/Berlin", "there is no time zone %q", zone)
	}
	bar := a.startProgress()
	d, err := runtime.DraftProject(ctx, dir, database, bar.update)
	bar.stop()
	if err != nil {
		return err
	}
	a.skipped(d)
	if len(d.Catalog.Entities) == 0 {
		return duckdb.NewProblem(duckdb.MissingFile, "nothing in %s looks like customers or what they did", target).In(target, nil).
			WithHelp("segql reads .csv .tsv .json .jsonl and .parquet files, and .duckdb databases; a table of customers needs a column in which no two rows are alike, or facts a column such as customer_id")
	}
	text := d.Catalog.YAML(guess.Options{Zone: zone, ZoneGiven: given, Database: database})
	if o.dry {
		_, err := a.out.WriteString(text)
		return err
	}
	if err := writeFile(file, []byte(text)); err != nil {
		return err
	}
	return a.initDone(dir, file, d, text)
}

// initTarget is the folder of the project, and the database in it when a
// DuckDB file was named.
func initTarget(target string) (dir, database string, err error) {
	info, err := os.Stat(target)
	switch {
	case err != nil:
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return "", "", duckdb.NewProblem(duckdb.MissingFile, "%s cannot be found: %v", target, err).In(target, err).
			WithHelp("name a folder of data files, or a .duckdb file")
	case info.IsDir():
		return target, "", nil
	default:
		ext := strings.ToLower(filepath.Ext(target))
		if ext == ".duckdb" || ext == ".db" || ext == ".ddb" {
			return filepath.Dir(target), filepath.Base(target), nil
		}
		return "", "", usagef("name the folder the file is in, or a .duckdb file", "%s is a file", target)
	}
}

// localZone is the machine's zone where it has a name, else UTC.
func localZone() string {
	if tz := os.Getenv("TZ"); tz != "" {
		if _, err := time.LoadLocation(strings.TrimPrefix(tz, ":")); err == nil {
			return strings.TrimPrefix(tz, ":")
		}
	}
	if link, err := os.Readlink("/etc/localtime"); err == nil {
		if _, zone, ok := strings.Cut(filepath.ToSlash(link), "zoneinfo/"); ok {
			return zone
		}
	}
	return "UTC"
}

func (a *app) skipped(d *runtime.Draft) {
	for _, s := range d.Skipped {
		fmt.Fprintf(a.err, "left out: %v\n", s.Err)
	}
	for _, t := range d.Broken {
		fmt.Fprintf(a.err, "%v\n", t.Broken.Problem(t.Source))
	}
}

// initDone says what was written, and a first segment to try.
func (a *app) initDone(dir, file string, d *runtime.Draft, text string) error {
	fmt.Fprintf(a.out, "wrote %s: %s, %s, %s to confirm\n", file,
		plural(int64(len(d.Catalog.Entities)), "entity"), plural(int64(len(d.Catalog.Facts)), "fact"),
		plural(int64(strings.Count(text, "# guess:")), "guess"))
	for _, e := range d.Catalog.Entities {
		source := "the ids in " + strings.Join(e.Universe, ", ")
		if e.Table != nil {
			source = fmt.Sprintf("%s, %s rows", e.Table.Source, grouped(e.Table.Rows))
		}
		fmt.Fprintf(a.out, "  entity %-16s %s\n", e.Name, source)
	}
	for _, f := range d.Catalog.Facts {
		of := f.Owner()
		fmt.Fprintf(a.out, "  fact   %-16s %s, %s rows, of %s\n", f.Name, f.Table.Source, grouped(f.Table.Rows), of)
	}
	fmt.Fprintf(a.out, "\nnext: read the lines marked `guess`, then write a segment, for example\n\n%s\n\nand run it: segql run %s\n", firstSegment(d.Catalog), dir)
	return nil
}

// firstSegment is a definition that fits the catalog.
func firstSegment(c *guess.Catalog) string {
	for _, f := range c.Facts {
		if f.Of == c.Entities[0] && f.At != nil {
			return fmt.Sprintf("  # segments/first.seg\n  segment recent {\n    where any(%s in last 90 days)\n  }", f.Name)
		}
	}
	return "  # segments/first.seg\n  segment everyone_known {\n    where " + c.Entities[0].Key.Name + " is known\n  }"
}

// writeFile writes a file in one step, whether it is there already or not.
func writeFile(path string, text []byte) error {
	if _, err := os.Stat(path); err == nil {
		return replaceFile(path, string(text))
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".segql-")
	if err != nil {
		return unwritable(path, err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // after the rename there is nothing to remove
	_, err = tmp.Write(text)
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return unwritable(path, err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return unwritable(path, err)
	}
	return nil
}
