package duckdb

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	driverpkg "github.com/duckdb/duckdb-go/v2"
)

// wrap gives an engine's error the words of what was being done, and turns
// what a user can mend into a Problem. A cancelled context stays recognisable
// by errors.Is.
func (s *Session) wrap(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	if cause := ctx.Err(); cause != nil {
		return fmt.Errorf("%s: %w", doing, cause)
	}
	if p := classify(doing, err); p != nil {
		return p
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// rule recognises errors by DuckDB's text: the driver's error types are
// coarser (disk full and a missing file are both IO errors).
type rule struct {
	kind    Kind
	pattern *regexp.Regexp
	message string // follows "doing: "; "" repeats the engine's own first line
	help    string
}

var rules = []rule{
	{DiskFull, regexp.MustCompile(`(?i)no space left|disk quota|file too large|max_temp_directory_size|failed to offload`),
		"the disk is full", "free some space, or give another folder for temporary files or a higher limit for them"},
	{OutOfMemory, regexp.MustCompile(`(?i)out of memory|could not allocate|failed to allocate|memory_limit`),
		"not enough memory", "raise the memory limit, lower the number of threads, or give a folder for temporary files with more space"},
	{StoreBusy, regexp.MustCompile(`(?i)could not set lock on file|being used by another process|conflicting lock`),
		"the file is open in another process", "wait until the other process has ended"},
	{Forbidden, regexp.MustCompile(`(?i)file system operations are disabled|disabled through configuration|configuration has been locked`),
		"it reaches outside the folders of the project", "a catalog reads only the project's folder and the folders given on the command line; move the data there or allow its folder"},
	{MissingFile, regexp.MustCompile(`(?i)no files found that match|no such file`),
		"", "check the path; it is relative to the project's folder"},
	{Unreadable, regexp.MustCompile(`(?i)permission denied`),
		"permission denied", "give the user who runs segql the right to read the file"},
	{DamagedFile, regexp.MustCompile(`(?i)too small to be a parquet|no magic bytes|not a valid duckdb|corrupt|checksum|malformed json|not utf-8 encoded|invalid unicode|snappy|thrift|tprotocol|unexpected end of|deserializ|failed to read metadata|serialization error|Failed to decompress|invalid encoding`),
		"", "check the file: it is incomplete, damaged, or of another format or encoding than its name says"},
	{Overflow, regexp.MustCompile(`(?i)out of range error|overflow in `),
		"", "a number became larger than its type can hold; declare the column with more digits"},
	{MissingTable, regexp.MustCompile(`(?i)table with name .* does not exist|catalog .* does not exist|schema with name .* does not exist`),
		"", "check the name of the table, and that the right database is given"},
}

func classify(doing string, err error) *Problem {
	var own *Problem
	if errors.As(err, &own) {
		return own
	}
	text := err.Error()
	for _, r := range rules {
		if !r.pattern.MatchString(text) {
			continue
		}
		message := r.message
		if message == "" {
			message = reason(err)
		}
		return NewProblem(r.kind, "%s: %s", doing, message).In("", err).WithHelp("%s", r.help)
	}
	var engine *driverpkg.Error
	if errors.As(err, &engine) {
		return NewProblem(Refused, "%s: %s", doing, reason(err)).In("", err).
			WithHelp("if the SQL is in your catalog, correct it there; otherwise report it, with this message")
	}
	return nil
}

var prefix = regexp.MustCompile(`^[A-Z][A-Za-z /]*Error: `)

// reason is the first line of an engine's error without the error's class.
func reason(err error) string {
	var p *Problem
	if errors.As(err, &p) && p.Err != nil {
		err = p.Err
	}
	text := err.Error()
	var engine *driverpkg.Error
	if errors.As(err, &engine) {
		text = engine.Msg
	}
	if i := strings.Index(text, "Error: "); i >= 0 && prefix.FindString(text) == "" {
		// Joined errors begin with the driver's own words.
		if j := strings.LastIndexAny(text[:i], "\n:"); j >= 0 {
			text = strings.TrimSpace(text[j+1:])
		}
	}
	text = prefix.ReplaceAllString(text, "")
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimRight(line, ". ")
}
