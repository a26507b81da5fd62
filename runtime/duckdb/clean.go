package duckdb

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// DuckDB's parallel CSV reader loses rows without a word after a quote that is
// never closed: it resumes at its next buffer, eight thousand rows later, and
// which rows those are depends on threads. Mixed line ends stop it. So a file
// with quotes or carriage returns is looked through first, at about the speed
// of reading it; only when something is wrong is it copied, without the broken
// rows, and those are reported with the lines they stand on.

// BrokenRow is a row that could not be read and was left out.
type BrokenRow struct {
	File   string // as messages name it
	Line   int    // physical line where the row begins, 1-based
	Reason string // "3 cells instead of 2"
	Text   string // the row's beginning
}

// maxBroken is how many broken rows are kept as examples; all are counted.
const maxBroken = 10

// maxRecord is the longest record read, in bytes; a longer one is taken for an
// unclosed quote. It is below DuckDB's own limit of 2,000,000.
const maxRecord = 1 << 20

// clean checks the file and replaces t.path by a clean copy where needed.
func (s *Session) clean(t *textFile) error {
	sound, err := soundQuotes(t.path, t.dialect)
	if err != nil {
		return fmt.Errorf("read %s: %w", t.written, err)
	}
	if sound {
		return nil
	}
	in, err := os.Open(t.path)
	if err != nil {
		return denied(t.written, err)
	}
	defer func() { _ = in.Close() }() // only read
	dir, err := s.private()
	if err != nil {
		return err
	}
	out, err := os.CreateTemp(dir, "clean-*.csv")
	if err != nil {
		return fmt.Errorf("copy %s: %w", t.written, err)
	}
	w := bufio.NewWriterSize(out, 1<<20)
	err = t.copyClean(w, bufio.NewReaderSize(in, 4*maxRecord))
	if err = errors.Join(err, w.Flush(), out.Close()); err != nil {
		if p := classify("copy "+t.written, err); p != nil {
			return p
		}
		return fmt.Errorf("copy %s: %w", t.written, err)
	}
	t.path, t.copied = out.Name(), true
	return nil
}

// soundQuotes reports whether DuckDB can be trusted with the file: every
// quoted cell is closed and followed by a delimiter, records end in one way.
func soundQuotes(path string, d dialect) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }() // only read
	c := quoteCheck{d: d, prev: '\n'}
	buf := make([]byte, 1<<20)
	for {
		n, err := f.Read(buf)
		if !c.feed(buf[:n]) {
			return false, nil
		}
		if err == io.EOF {
			return c.end(), nil
		}
		if err != nil {
			return false, err
		}
	}
}

// quoteCheck is a small state machine that hops from quote to quote.
type quoteCheck struct {
	d        dialect
	inside   bool // a quoted cell
	closing  bool // the last byte was a quote inside a quoted cell: closed, or doubled
	blank    bool // the last byte outside quotes was a blank
	prev     byte // last byte that is no blank, outside quotes
	length   int  // of the quoted cell so far
	cr, crlf int
	lf       int
	lastCR   bool
	quoted   bool // the record has a quoted cell
	delims   int  // of the record so far
}

func (c *quoteCheck) feed(b []byte) bool {
	for len(b) > 0 {
		switch {
		case c.closing:
			c.closing = false
			switch first := b[0]; {
			case first == c.d.quote: // doubled
				b = b[1:]
				continue
			case first == c.d.delim || first == '\n' || first == '\r':
				c.inside, c.length, c.prev, c.lastCR, c.blank = false, 0, c.d.quote, false, false
			default:
				return false
			}
		case c.inside:
			i := bytes.IndexByte(b, c.d.quote)
			if i < 0 {
				c.length += len(b)
				return c.length < maxRecord
			}
			c.length += i + 1
			c.closing = true
			b = b[i+1:]
		default:
			i := -1
			if c.d.quote != 0 {
				i = bytes.IndexByte(b, c.d.quote)
			}
			if i < 0 {
				return c.outside(b)
			}
			if !c.outside(b[:i]) {
				return false
			}
			if c.prev == c.d.delim || c.prev == '\n' || c.prev == '\r' {
				if c.blank { // DuckDB takes one blank before a quote as none, and two as text
					return false
				}
				c.inside, c.quoted = true, true
			}
			b = b[i+1:]
		}
	}
	return true
}

// fits is false for a record with a quoted cell and too many cells: DuckDB
// may keep its first cells as a row and reject it besides.
func (c *quoteCheck) fits() bool { return !c.quoted || c.delims < len(c.d.names) }

// count counts delimiters, of the record under way and of the last one begun.
func (c *quoteCheck) count(b []byte) bool {
	delim := []byte{c.d.delim}
	end := '\n'
	first := bytes.IndexByte(b, '\n')
	if first < 0 {
		end = '\r'
		first = bytes.IndexByte(b, '\r')
	}
	if first < 0 {
		c.delims += bytes.Count(b, delim)
		return true
	}
	c.delims += bytes.Count(b[:first], delim)
	sound := c.fits()
	c.quoted, c.delims = false, bytes.Count(b[bytes.LastIndexByte(b, byte(end))+1:], delim)
	return sound
}

// outside looks at a stretch without quotes.
func (c *quoteCheck) outside(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	if lf := bytes.Count(b, []byte{'\n'}); lf > 0 {
		c.lf += lf
	}
	if cr := bytes.Count(b, []byte{'\r'}); cr > 0 || c.lastCR {
		c.cr += cr
		c.crlf += bytes.Count(b, []byte("\r\n"))
		if c.lastCR && b[0] == '\n' {
			c.crlf++
		}
	}
	c.lastCR = b[len(b)-1] == '\r'
	rest := bytes.TrimRight(b, " ")
	c.blank = len(rest) < len(b)
	if len(rest) > 0 {
		c.prev = rest[len(rest)-1]
	}
	if bytes.HasSuffix(b, []byte("\xEF\xBB\xBF")) && c.lf+c.cr == 0 {
		c.prev = '\n' // byte order mark before a quoted header
	}
	return c.count(b)
}

func (c *quoteCheck) end() bool {
	if c.inside && !c.closing || !c.fits() {
		return false
	}
	oneWay := c.cr == 0 || c.cr == c.crlf && c.lf == c.crlf || c.lf == 0
	return oneWay
}

// copyClean writes the records that can be read, with plain line ends.
func (t *textFile) copyClean(w *bufio.Writer, r *bufio.Reader) error {
	if mark, _ := r.Peek(3); bytes.Equal(mark, []byte("\xEF\xBB\xBF")) {
		_, _ = r.Discard(3)
	}
	line := 1
	for {
		window, err := r.Peek(2 * maxRecord)
		if len(window) == 0 {
			if err == io.EOF {
				return nil
			}
			return err
		}
		rec := cutRecord(window, t.dialect)
		if rec.reason == "" && rec.cells != len(t.dialect.names) && !rec.blank {
			rec.reason = fmt.Sprintf("%d cells instead of %d", rec.cells, len(t.dialect.names))
		}
		switch {
		case rec.blank:
		case rec.reason == "":
			if err := rec.write(w, window); err != nil {
				return err
			}
		default:
			t.drop(line, rec, window)
		}
		line += rec.lines
		if _, err := r.Discard(rec.size); err != nil {
			return err
		}
	}
}

func (t *textFile) drop(line int, rec record, window []byte) {
	t.dropped++
	if len(t.broken) < maxBroken {
		text, _, _ := bytes.Cut(window[:rec.text], []byte("\n"))
		t.broken = append(t.broken, BrokenRow{File: t.written, Line: line, Reason: rec.reason, Text: shorten(string(bytes.ToValidUTF8(text, []byte("\uFFFD"))))})
	}
}

// record is one record at the beginning of a window.
type record struct {
	text   int    // bytes without line end
	size   int    // bytes with line end
	lines  int    // physical lines
	cells  int    // cells, less empty ones after the last column
	blank  bool   // an empty line
	reason string // why it is broken, or ""
	omit   []span // blanks around quotes
}

type span struct{ from, to int }

// write writes the record with a plain line end.
func (r record) write(w *bufio.Writer, b []byte) error {
	at := 0
	for _, o := range r.omit {
		_, _ = w.Write(b[at:o.from]) // an error stays with w
		at = o.to
	}
	_, _ = w.Write(b[at:r.text])
	return w.WriteByte('\n')
}

// cutRecord measures the first record. Of one broken by a quote only the first
// physical line is taken, so that the rows it swallowed are read after all.
func cutRecord(b []byte, d dialect) record {
	cells, filled, start, i := 1, 0, true, 0
	begin := 0 // of the cell
	var omit []span
	for i < len(b) {
		switch c := b[i]; {
		case d.quote != 0 && c == d.quote && start:
			closed, end, why := closeQuote(b, i, d)
			if why != "" {
				return firstLine(b, why)
			}
			if begin < i {
				omit = append(omit, span{begin, i})
			}
			if closed < end {
				omit = append(omit, span{closed, end})
			}
			i, start, filled = end, false, cells
			continue
		case c == d.delim:
			cells++
			start, begin = true, i+1
		case c == '\n' || c == '\r':
			return ended(b, i, cellCount(cells, filled, d), omit)
		case c != ' ':
			start, filled = false, cells
		}
		i++
	}
	return ended(b, i, cellCount(cells, filled, d), omit)
}

// cellCount leaves out empty cells after the last column, as DuckDB does.
func cellCount(cells, filled int, d dialect) int {
	if n := len(d.names); cells > n && filled <= n {
		return n
	}
	return cells
}

// closeQuote gives the place after the quoted cell that begins at i, and the
// place after the blanks that follow it.
func closeQuote(b []byte, i int, d dialect) (closed, end int, why string) {
	for j := i + 1; j < len(b) && j-i < maxRecord; j++ {
		if b[j] != d.quote {
			continue
		}
		if j+1 < len(b) && b[j+1] == d.quote {
			j++
			continue
		}
		rest := bytes.TrimLeft(b[j+1:], " ")
		if len(rest) == 0 || rest[0] == d.delim || rest[0] == '\n' || rest[0] == '\r' {
			return j + 1, len(b) - len(rest), ""
		}
		if bytes.IndexByte(b[i:j], '\n') >= 0 { // it closed what another row opened
			break
		}
		return 0, 0, "text after a closing quote"
	}
	return 0, 0, "a quote is opened and not closed"
}

func firstLine(b []byte, why string) record {
	i := bytes.IndexAny(b, "\r\n")
	if i < 0 {
		i = len(b)
	}
	r := ended(b, i, 0, nil)
	r.reason = why
	return r
}

func ended(b []byte, i, cells int, omit []span) record {
	r := record{omit: omit, text: i, size: i, cells: cells, blank: i == 0, lines: 1 + newlines(b[:i])}
	switch {
	case i < len(b) && b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n':
		r.size += 2
	case i < len(b):
		r.size++
	}
	return r
}

// newlines counts line ends of every kind.
func newlines(b []byte) int {
	n := bytes.Count(b, []byte{'\n'})
	if cr := bytes.Count(b, []byte{'\r'}); cr > 0 {
		n += cr - bytes.Count(b, []byte("\r\n"))
	}
	return n
}
