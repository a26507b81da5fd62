package duckdb

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/transform"
)

// textFile is a text file made ready for DuckDB: UTF-8, one kind of line end,
// no record broken by a quote. Mostly path is the user's own file; where it
// would mislead DuckDB's parser (see clean.go), path is a copy in the
// session's private folder.
type textFile struct {
	written string // for messages
	path    string // what DuckDB reads
	dialect dialect
	broken  []BrokenRow // rows left out of the copy, with lines of the user's file
	dropped int         // how many
	copied  bool
}

// headSize is how much of a file the dialect is found from.
const headSize = 1 << 20

// utf8Copy makes the file readable as plain UTF-8: decompressed, decoded, a
// byte order mark for UTF-16 obeyed. The file itself is returned when it is
// plain already.
func (s *Session) utf8Copy(file, encoding string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", denied(s.show(file), err)
	}
	defer func() { _ = f.Close() }() // only read
	var r io.Reader = f
	zipped := strings.HasSuffix(strings.ToLower(file), ".gz")
	if zipped {
		if r, err = gzip.NewReader(f); err != nil {
			return "", damaged(s.show(file), "it is not a gzip file", err)
		}
	}
	mark := make([]byte, 4)
	n, _ := io.ReadFull(r, mark)
	if encoding == "" && n >= 2 && (bytes.Equal(mark[:2], []byte{0xFF, 0xFE}) || bytes.Equal(mark[:2], []byte{0xFE, 0xFF})) {
		encoding = "utf-16"
		if mark[0] == 0xFE {
			encoding = "utf-16be"
		}
	}
	if bytes.Equal(mark[:n], []byte("PK\x03\x04")) {
		return "", damaged(s.show(file), "it is a zip archive or an Excel workbook, not a text file", nil)
	}
	r = io.MultiReader(bytes.NewReader(mark[:n]), r)
	encoding = strings.ToLower(encoding)
	if strings.HasPrefix(encoding, "latin-") {
		encoding = strings.Replace(encoding, "-", "", 1) // latin1 is the registered name
	}
	switch encoding {
	case "", "utf-8", "utf8":
		if !zipped {
			return file, nil
		}
	default:
		dec, err := htmlindex.Get(encoding)
		if err != nil {
			return "", NewProblem(DamagedFile, "the encoding %s is not known", encoding).In(s.show(file), err).
				WithHelp("usual ones are utf-8, utf-16, latin-1, windows-1252, windows-1258")
		}
		r = transform.NewReader(r, dec.NewDecoder())
	}
	return s.spool(file, r)
}

// spool writes r into the private folder.
func (s *Session) spool(file string, r io.Reader) (string, error) {
	dir, err := s.private()
	if err != nil {
		return "", err
	}
	out, err := os.CreateTemp(dir, "text-*.csv")
	if err != nil {
		return "", fmt.Errorf("copy %s: %w", s.show(file), err)
	}
	_, err = io.Copy(out, r)
	if err = errors.Join(err, out.Close()); err != nil {
		_ = os.Remove(out.Name())
		if p := classify("copy "+s.show(file), err); p != nil {
			return "", p
		}
		return "", damaged(s.show(file), "it cannot be decoded: "+err.Error(), err)
	}
	return out.Name(), nil
}

func damaged(file, why string, err error) *Problem {
	return NewProblem(DamagedFile, "%s cannot be read: %s", file, why).In(file, err).
		WithHelp("check how the file was exported, and that its ending and encoding are right")
}

// readHead gives the beginning of a UTF-8 file, cut after a whole line when
// it is longer, without byte order mark.
func readHead(path string) (head []byte, whole bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = f.Close() }() // only read
	head, err = io.ReadAll(io.LimitReader(f, headSize))
	if err != nil {
		return nil, false, err
	}
	whole = len(head) < headSize
	if !whole {
		if i := bytes.LastIndexByte(head, '\n'); i > 0 {
			head = head[:i+1]
		}
	}
	return bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), whole, nil
}

// prepare makes one CSV or TSV file ready and finds its dialect.
func (s *Session) prepare(src Source, format Format, file string) (*textFile, error) {
	written := s.show(file)
	plain, err := s.utf8Copy(file, src.Encoding)
	if err != nil {
		return nil, err
	}
	head, whole, err := readHead(plain)
	if err != nil {
		return nil, damaged(written, err.Error(), err)
	}
	if len(bytes.TrimSpace(head)) == 0 && whole {
		return nil, NewProblem(EmptyFile, "%s is empty: not even a header", written).In(written, nil).
			WithHelp("check how the file was exported, or remove it")
	}
	if first, _, _ := bytes.Cut(head, []byte("\n")); !utf8.Valid(first) {
		return nil, damaged(written, "its header is not UTF-8; write `encoding:` beside the source (latin-1, utf-16, …)", nil)
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return nil, damaged(written, "it holds NUL characters, so it is not text or is UTF-16; write `encoding: utf-16` if it is", nil)
	}
	d, err := findDialect(src, format, head)
	if err != nil {
		var p *Problem
		if errors.As(err, &p) {
			p.File, p.Line = written, 1
		}
		return nil, err
	}
	t := &textFile{written: written, path: plain, dialect: d, copied: plain != file}
	return t, s.clean(t)
}
