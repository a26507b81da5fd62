package duckdb

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/segql/segql/compiler/value"
)

// describeJSON finds the columns from all rows, not a sample. Scalars are read
// as text and typed as in a CSV, because DuckDB would read 12.50 as a float
// and guesses date formats; except that text in quotes never is a number.
// Numbers pass through DuckDB's reader, which keeps 17 digits.
func (s *Session) describeJSON(ctx context.Context, rel *Relation, format Format, files []string) error {
	layout := "'auto'"
	if format == JSONL {
		layout = "'newline_delimited'"
		rel.jsonLines = files
	}
	// Broken lines become missing rows and are counted by Broken.
	options := ", format = " + layout + ", records = true, maximum_object_size = 67108864"
	if format == JSONL {
		options += ", ignore_errors = true"
	}
	list := fileList(files)
	var columns []string
	sniff := "read_json(" + list + options + ", sample_size = -1, convert_strings_to_integers = false)"
	err := s.Each(ctx, "read "+rel.Source.String(), "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "+sniff+")", func(scan func(...any) error) error {
		var name, typ string
		if err := scan(&name, &typ); err != nil {
			return err
		}
		c := jsonColumn(name, parseEngineType(typ), typ)
		rel.Columns = append(rel.Columns, c)
		columns = append(columns, QuoteText(name)+": "+QuoteText(c.EngineType))
		return nil
	})
	if err != nil && strings.Contains(err.Error(), "non-record JSON") || err == nil && len(columns) == 0 {
		return NewProblem(DamagedFile, "%s holds no JSON objects", rel.Source.Path).In(rel.Source.Path, err).
			WithHelp("a row is an object: one per line in .jsonl, a list of them in .json")
	}
	if err != nil {
		return rel.blame(err)
	}
	rel.scan = "read_json(" + list + options + ", columns = {" + strings.Join(columns, ", ") + "})"
	if format == JSONL {
		// A broken line comes as a row without any value; a row like that says nothing.
		var known []string
		for _, c := range rel.Columns {
			known = append(known, QuoteIdent(c.Name)+" IS NOT NULL")
		}
		rel.scan = "(SELECT * FROM " + rel.scan + " WHERE " + strings.Join(known, " OR ") + ")"
	}
	return nil
}

// jsonColumn decides how a column is read. Type Missing asks for inference.
func jsonColumn(name string, t engineType, text string) Column {
	c := Column{Name: name, EngineType: text, Type: t.value()}
	switch t.name {
	case "DOUBLE", "FLOAT":
		c.EngineType, c.Type = "VARCHAR", value.Type{}
	case "VARCHAR", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIME", "UUID":
		c.EngineType, c.Type, c.quotedText = "VARCHAR", value.Type{}, true
	}
	return c
}

// brokenLines finds lines of a JSONL file that are not JSON.
func brokenLines(file, written string) (rows []BrokenRow, total int, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = f.Close() }() // only read
	scanner := bufio.NewScanner(f)
	scanner.Buffer(make([]byte, 1<<20), 1<<26)
	for line := 1; scanner.Scan(); line++ {
		text := scanner.Bytes()
		if len(strings.TrimSpace(string(text))) == 0 || json.Valid(text) {
			continue
		}
		total++
		if len(rows) < maxBroken {
			rows = append(rows, BrokenRow{File: written, Line: line, Reason: "the line is not JSON", Text: shorten(string(text))})
		}
	}
	if err := scanner.Err(); err != nil {
		return rows, total, fmt.Errorf("read %s: %w", written, err)
	}
	return rows, total, nil
}

// jsonText prints a text as JSON.
func jsonText(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic("marshal text: " + err.Error()) // cannot be
	}
	return string(b)
}
