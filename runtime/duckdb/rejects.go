package duckdb

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// rejects names the temporary tables where DuckDB puts the rows of one
// read_csv that it could not read.
type rejects struct{ table, scans string }

// Broken is what could not be read of a source.
type Broken struct {
	Count int         // rows left out
	Rows  []BrokenRow // the first of them, at most ten per file
}

// Hide forgets what the rows say: it is about persons.
func (b Broken) Hide() Broken {
	b.Rows = slices.Clone(b.Rows)
	for i := range b.Rows {
		b.Rows[i].Text = "not shown, for the source holds personal data"
	}
	return b
}

// Problem is the warning for a report, or nil when every row was read.
func (b Broken) Problem(src Source) *Problem {
	if b.Count == 0 {
		return nil
	}
	rows, are := "rows", "were"
	if b.Count == 1 {
		rows, are = "row", "was"
	}
	p := NewProblem(BrokenRows, "%d %s of %s could not be read and %s left out", b.Count, rows, src, are)
	var help []string
	for _, r := range b.Rows {
		help = append(help, fmt.Sprintf("%s:%d: %s: %s", r.File, r.Line, r.Reason, r.Text))
	}
	p.Help = strings.Join(help, "\n")
	if len(b.Rows) > 0 {
		p.File, p.Line = b.Rows[0].File, b.Rows[0].Line
	}
	return p
}

// Broken counts the rows that could not be read, after the relation was read
// at least once. Reading it several times counts them once.
func (s *Session) Broken(ctx context.Context, rel *Relation) (Broken, error) {
	var all Broken
	lines := map[string]*textFile{}
	for _, t := range rel.texts {
		all.Count += t.dropped
		all.Rows = append(all.Rows, t.broken...)
		lines[t.path] = t
	}
	for _, r := range rel.rejects {
		if err := s.rejected(ctx, r, lines, &all); err != nil {
			return Broken{}, err
		}
	}
	for i, f := range rel.jsonLines {
		rows, total, err := brokenLines(f, rel.Files[i])
		if err != nil {
			return Broken{}, err
		}
		all.Count += total
		all.Rows = append(all.Rows, rows...)
	}
	return all, nil
}

// reasons are DuckDB's error types in plain words.
var reasons = map[string]string{
	"MISSING COLUMNS": "too few cells", "TOO MANY COLUMNS": "too many cells",
	"UNQUOTED VALUE": "a quote is not closed", "INVALID ENCODING": "not UTF-8; write `encoding:` beside the source",
	"LINE SIZE OVER MAXIMUM": "the row is too long", "CAST": "a value cannot be read", "INVALID STATE": "the row cannot be read",
}

// rejected reads DuckDB's reject tables. A row may be there several times: once
// per missing cell and once per scan. DuckDB counts records, not lines, so the
// line is found from the byte position.
func (s *Session) rejected(ctx context.Context, r rejects, files map[string]*textFile, all *Broken) error {
	var there int
	if err := s.QueryRow(ctx, "count broken rows", "SELECT count(*) FROM duckdb_tables() WHERE table_name = "+QuoteText(r.table), &there); err != nil || there == 0 {
		return err // not read yet
	}
	query := fmt.Sprintf(`SELECT file_path, pos, kind, coalesce(line, ''), count(*) OVER (PARTITION BY file_path) FROM (
  SELECT s.file_path, e.line_byte_position AS pos, min(e.error_type::VARCHAR) AS kind, min(left(e.csv_line, 200)) AS line
  FROM %s e JOIN %s s ON s.scan_id = e.scan_id AND s.file_id = e.file_id GROUP BY ALL)
QUALIFY row_number() OVER (PARTITION BY file_path ORDER BY pos) <= %d ORDER BY file_path, pos`,
		QuoteIdent(r.table), QuoteIdent(r.scans), maxBroken)
	positions := map[string][]int64{}
	rows := map[string][]BrokenRow{}
	var order []string
	err := s.Each(ctx, "count broken rows", query, func(scan func(...any) error) error {
		var file, kind, text string
		var pos int64
		var count int
		if err := scan(&file, &pos, &kind, &text, &count); err != nil {
			return err
		}
		if positions[file] == nil {
			order = append(order, file)
			all.Count += count
		}
		reason := reasons[kind]
		if reason == "" {
			reason = strings.ToLower(kind)
		}
		first, _, _ := strings.Cut(strings.Trim(text, "\r\n"), "\n")
		positions[file] = append(positions[file], pos)
		rows[file] = append(rows[file], BrokenRow{File: s.show(file), Reason: reason, Text: shorten(strings.TrimRight(first, "\r"))})
		return nil
	})
	if err != nil {
		return err
	}
	for _, file := range order {
		lines, err := linesAt(file, positions[file])
		if err != nil {
			return fmt.Errorf("find the lines of broken rows: %w", err)
		}
		t := files[file]
		for i := range rows[file] {
			rows[file][i].Line = lines[i]
			if t != nil {
				rows[file][i].File = t.written
			}
		}
		all.Rows = append(all.Rows, rows[file]...)
	}
	return nil
}

// linesAt gives the physical lines of byte positions, which ascend. DuckDB's
// positions are 1-based, in CRLF files they point at the line end before.
func linesAt(file string, positions []int64) ([]int, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	r := bufio.NewReaderSize(f, 1<<20)
	lines := make([]int, len(positions))
	at, lf, cr := int64(0), 0, 0
	buf := make([]byte, 1<<16)
	for i, pos := range positions {
		for at < pos {
			n, err := r.Read(buf[:min(int64(len(buf)), pos-at)])
			lf += bytes.Count(buf[:n], []byte{'\n'})
			cr += bytes.Count(buf[:n], []byte{'\r'})
			at += int64(n)
			if err == io.EOF {
				break
			}
			if err != nil {
				return nil, err
			}
		}
		lines[i] = 1 + lf
		if lf == 0 { // line ends of the old Macintosh
			lines[i] = 1 + cr
		}
	}
	return lines, nil
}
