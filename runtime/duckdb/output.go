package duckdb

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	driverpkg "github.com/duckdb/duckdb-go/v2"

	"github.com/segql/segql/compiler/value"
)

// WriteFile writes a query's rows to a .csv, .tsv or .parquet file, by the
// file's ending, and replaces the file in one step: whoever reads it meets the
// old rows or the new ones, never a part. The query decides the order (a
// Parquet file keeps it only with ORDER BY). It returns the number of rows.
//
// The locked session may only write its private folder, so Parquet is written
// there and then copied beside the target; CSV is written from Go.
//
// Problems: Unwritable, DiskFull, and those of the query.
func (s *Session) WriteFile(ctx context.Context, query, path string) (rows int64, err error) {
	format := FormatOf(path)
	if format != CSV && format != TSV && format != Parquet || strings.HasSuffix(path, ".gz") || strings.HasSuffix(path, ".zst") {
		return 0, NewProblem(Unwritable, "%s has an ending that says no format for output", path).In(path, nil).
			WithHelp("write to a file that ends in .csv, .tsv or .parquet")
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return 0, NewProblem(Unwritable, "%s is a folder", path).In(path, nil).WithHelp("give the path of a file")
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return 0, unwritable(path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	if format == Parquet {
		rows, err = s.writeParquet(ctx, query, path, tmp)
	} else {
		rows, err = s.writeText(ctx, query, tmp, format)
	}
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return 0, unwritable(path, err)
	}
	// CreateTemp makes files for the owner's eyes only.
	if err := os.Chmod(tmp.Name(), 0o644); err != nil {
		return 0, unwritable(path, err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return 0, unwritable(path, err)
	}
	return rows, nil
}

// unwritable keeps problems of the query and names those of the file.
func unwritable(path string, err error) error {
	var p *Problem
	if errors.As(err, &p) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if p := classify("write "+path, err); p != nil && p.Kind == DiskFull {
		return p.In(path, err)
	}
	why := err.Error()
	var sys *os.PathError
	if errors.As(err, &sys) {
		why = sys.Err.Error()
	}
	return NewProblem(Unwritable, "%s cannot be written: %s", path, why).In(path, err).
		WithHelp("check that the folder exists and may be written")
}

func (s *Session) writeText(ctx context.Context, query string, f io.Writer, format Format) (int64, error) {
	buf := bufio.NewWriterSize(f, 1<<20)
	n, err := s.WriteCSV(ctx, query, buf, format)
	return n, errors.Join(err, buf.Flush())
}

// WriteCSV writes a query's rows with a header: UTF-8, \n, a cell quoted only
// where it must be. A missing value is an empty cell, an empty text is "",
// as segql reads them.
func (s *Session) WriteCSV(ctx context.Context, query string, w io.Writer, format Format) (int64, error) {
	rows, err := s.Query(ctx, "write rows", query)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return 0, fmt.Errorf("write rows: %w", err)
	}
	comma := ','
	if format == TSV {
		comma = '\t'
	}
	line := csvLine{comma: byte(comma)}
	for _, n := range names {
		line.add(n)
	}
	if err := line.flush(w); err != nil {
		return 0, err
	}
	kinds, err := rows.ColumnTypes()
	if err != nil {
		return 0, fmt.Errorf("write rows: %w", err)
	}
	cells := make([]any, len(names))
	dest := make([]any, len(names))
	for i := range cells {
		dest[i] = &cells[i]
	}
	var count int64
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return count, fmt.Errorf("write rows: %w", err)
		}
		for i, c := range cells {
			line.cell(c, kinds[i].DatabaseTypeName())
		}
		if err := line.flush(w); err != nil {
			return count, err
		}
		count++
	}
	return count, rows.Err()
}

// csvLine is one line under way. encoding/csv cannot tell a missing cell from
// an empty text.
type csvLine struct {
	comma byte
	buf   []byte
	any   bool
}

func (l *csvLine) sep() {
	if l.any {
		l.buf = append(l.buf, l.comma)
	}
	l.any = true
}

func (l *csvLine) add(s string) {
	l.sep()
	if s != "" && !strings.ContainsAny(s, "\"\r\n"+string(rune(l.comma))) && s[0] != ' ' && s[len(s)-1] != ' ' {
		l.buf = append(l.buf, s...)
		return
	}
	l.buf = append(l.buf, '"')
	l.buf = append(l.buf, strings.ReplaceAll(s, `"`, `""`)...)
	l.buf = append(l.buf, '"')
}

// cell adds a value as value.Value.String prints it; typ is DuckDB's type.
func (l *csvLine) cell(v any, typ string) {
	switch v := v.(type) {
	case nil:
		l.sep()
	case string:
		l.add(v)
	case []byte:
		l.add(string(v))
	case float64:
		if f := value.NewFloat(v); f.IsMissing() { // NaN
			l.sep()
		} else {
			l.add(f.String())
		}
	case driverpkg.Decimal:
		l.add(value.NewDecimal(v.Value, int(v.Scale)).String())
	case time.Time:
		l.add(timeText(v.UTC(), typ))
	default: // whole numbers and booleans print themselves
		l.add(fmt.Sprint(v))
	}
}

func timeText(t time.Time, typ string) string {
	switch micros := t.UnixMicro(); typ {
	case "DATE":
		return t.Format(time.DateOnly)
	case "TIMESTAMPTZ":
		return value.NewTime(micros).String()
	default:
		return value.NewWall(micros).String()
	}
}

func (l *csvLine) flush(w io.Writer) error {
	l.buf = append(l.buf, '\n')
	_, err := w.Write(l.buf)
	l.buf, l.any = l.buf[:0], false
	return err
}

func (s *Session) writeParquet(ctx context.Context, query, path string, tmp *os.File) (int64, error) {
	dir, err := s.private()
	if err != nil {
		return 0, err
	}
	private := filepath.Join(dir, s.TempName("out")+".parquet")
	defer func() { _ = os.Remove(private) }() // the session removes its folder, too
	var n int64
	if err := s.QueryRow(ctx, "write "+path, "COPY ("+query+"\n) TO "+QuoteText(private)+" (FORMAT parquet, COMPRESSION zstd)", &n); err != nil {
		return 0, err
	}
	f, err := os.Open(private)
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { _ = f.Close() }() // only read
	_, err = io.Copy(tmp, f)
	return n, err
}
