package duckdb

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// dialect is how a text file separates its cells. DuckDB's own sniffer is not
// used: one broken row makes it read a whole file as a single column.
type dialect struct {
	delim  byte
	quote  byte // 0: none
	header bool
	names  []string // of the columns, unique, in NFC
}

var delimiterNames = map[byte]string{',': "comma", ';': "semicolon", '\t': "tab", '|': "pipe", ':': "colon", ' ': "blank"}

func (d dialect) delimName() string {
	if n := delimiterNames[d.delim]; n != "" {
		return n
	}
	return fmt.Sprintf("%q", d.delim)
}

func findDialect(src Source, format Format, head []byte) (dialect, error) {
	d := dialect{quote: '"', header: src.Header == nil || *src.Header}
	switch {
	case strings.EqualFold(src.Quote, "none"):
		d.quote = 0
	case len(src.Quote) == 1:
		d.quote = src.Quote[0]
	case src.Quote != "":
		return d, NewProblem(Dialect, "%q is no quote: it must be one character or none", src.Quote).
			WithHelp("leave `quote:` out for the usual double quote")
	}
	given := delimiterOf(src.Delimiter)
	switch {
	case src.Delimiter != "" && given == 0:
		return d, NewProblem(Dialect, "%q is no delimiter: it must be one character", src.Delimiter).
			WithHelp(`usual ones are ",", ";", "\t" and "|"`)
	case given != 0:
		d.delim = given
	case format == TSV:
		d.delim = '\t'
	default:
		d.delim = bestDelimiter(head, d.quote)
	}
	records := splitRecords(head, d.delim, d.quote, 3)
	if err := oneColumn(records, d); err != nil {
		return d, err
	}
	return d, d.name(records, src.Header != nil)
}

func delimiterOf(text string) byte {
	switch {
	case strings.EqualFold(text, "tab") || text == `\t`:
		return '\t'
	case len(text) == 1 && text[0] < 0x80 && text[0] != '\n' && text[0] != '\r':
		return text[0]
	}
	return 0
}

// bestDelimiter is the one by which the most records have as many cells as
// the header; then the one that gives more cells. With none the file has one
// column and the answer does not matter.
func bestDelimiter(head []byte, quote byte) byte {
	best, bestShare, bestWidth := byte(','), 0.0, 1
	for _, c := range []byte{',', ';', '\t', '|'} {
		records := splitRecords(head, c, quote, 500)
		if len(records) == 0 || len(records[0]) < 2 {
			continue
		}
		same := 0
		for _, r := range records {
			if len(r) == len(records[0]) {
				same++
			}
		}
		share := float64(same) / float64(len(records))
		if share > bestShare || share == bestShare && len(records[0]) > bestWidth {
			best, bestShare, bestWidth = c, share, len(records[0])
		}
	}
	return best
}

// oneColumn refuses a file read as one column whose header holds another
// delimiter.
func oneColumn(records [][]string, d dialect) error {
	if len(records) == 0 || len(records[0]) != 1 {
		return nil
	}
	header := records[0][0]
	for _, other := range []byte{',', ';', '\t', '|', ':', '^', '~', 0x01, 0x1F} {
		if other == d.delim || !strings.Contains(header, string(rune(other))) {
			continue
		}
		o := dialect{delim: other}
		return NewProblem(Dialect, "read with the %s as delimiter the file has a single column, %q", d.delimName(), header).
			WithHelp("the header looks separated by the %s: write `delimiter: %q` beside the source", o.delimName(), string(rune(other)))
	}
	return nil
}

var dataLike = regexp.MustCompile(`^[+-]?[0-9][0-9.,:/-]*$`)

// name takes the columns' names from the header. Empty and repeated names
// (DuckDB does not tell capitals apart) get a number.
func (d *dialect) name(records [][]string, sure bool) error {
	if len(records) == 0 {
		return NewProblem(EmptyFile, "the file has no header").WithHelp("check how the file was exported")
	}
	first := records[0]
	data := 0
	for _, cell := range first {
		if dataLike.MatchString(strings.TrimSpace(cell)) {
			data++
		}
	}
	if d.header && !sure && data == len(first) {
		return NewProblem(Dialect, "the first line looks like data, not like a header: %s", shorten(strings.Join(first, string(rune(d.delim))))).
			WithHelp("write `header: false` beside the source when the file has no header, `header: true` when it is one")
	}
	taken := map[string]bool{}
	for i, cell := range first {
		name := norm.NFC.String(strings.TrimSpace(cell))
		if !d.header || name == "" {
			name = fmt.Sprintf("column%d", i+1)
		}
		unique := name
		for n := 2; taken[strings.ToLower(unique)]; n++ {
			unique = fmt.Sprintf("%s_%d", name, n)
		}
		taken[strings.ToLower(unique)] = true
		d.names = append(d.names, unique)
	}
	return nil
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}

// splitRecords cuts at most limit records into cells; a last record that the
// head cut short is left out unless it is the only one.
func splitRecords(head []byte, delim, quote byte, limit int) [][]string {
	var records [][]string
	var cells []string
	for len(head) > 0 && len(records) < limit {
		cell, rest, end := nextCell(head, delim, quote)
		cells = append(cells, cell)
		head = rest
		if end {
			if len(cells) > 1 || cells[0] != "" {
				records = append(records, cells)
			}
			cells = nil
		}
	}
	return records
}

// nextCell cuts one cell; end says it was the last of its record.
func nextCell(text []byte, delim, quote byte) (cell string, rest []byte, end bool) {
	lead := len(text) - len(bytes.TrimLeft(text, " "))
	if quote != 0 && lead < len(text) && text[lead] == quote {
		var b strings.Builder
		i := lead + 1
		for i < len(text) {
			if text[i] == quote {
				if i+1 == len(text) || text[i+1] != quote {
					break
				}
				i++ // the second of two that stand for one
			}
			b.WriteByte(text[i])
			i++
		}
		_, rest, end = plainCell(text[min(i+1, len(text)):], delim)
		return b.String(), rest, end
	}
	return plainCell(text, delim)
}

func plainCell(text []byte, delim byte) (cell string, rest []byte, end bool) {
	i := bytes.IndexAny(text, string([]rune{rune(delim), '\n', '\r'}))
	switch {
	case i < 0:
		return string(text), nil, true
	case text[i] == delim:
		return string(text[:i]), text[i+1:], i+1 == len(text)
	case text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n':
		return string(text[:i]), text[i+2:], true
	default:
		return string(text[:i]), text[i+1:], true
	}
}
