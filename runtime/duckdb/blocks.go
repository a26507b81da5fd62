package duckdb

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// A database file is a head and then blocks of one size, each of which begins
// with a checksum of the rest. The values of a column are in segments, a few for
// each of the table's row groups, and these lie in blocks, small ones several in
// one (https://duckdb.org/docs/stable/internals/storage).
const (
	blocksHead  = 3 * 4096
	checksumLen = 8
	wordLen     = 8
)

// rowGroup is some rows of a table that stand together: how many they are, and
// what tells some of their columns from others.
type rowGroup struct {
	Rows int64
	Sum  [sha256.Size]byte
}

// errBlocks says that blocks do not tell what a table has: not all of it is in
// them, or they are not as they are thought to be.
var errBlocks = errors.New("the rows of the table are not all in blocks")

// segment is what the engine says of one, but for where it lies, which is
// nothing that two with the same values have in common.
type segment struct {
	group, rows, offset      int64
	column, path, kind, form string
	stats                    string
	blocks                   []int64
}

// rowGroups finds the row groups of a table, and what some of its columns are
// kept as in each.
func (e *Engine) rowGroups(ctx context.Context, table string, columns []string) ([]rowGroup, error) {
	segments, err := e.segments(ctx, table, columns)
	if err != nil {
		return nil, err
	}
	sums, err := e.blockSums(ctx, segments)
	if err != nil {
		return nil, err
	}
	var out []rowGroup
	var of hash.Hash
	first := "" // the path of the first column's first part, which has all rows
	for i, s := range segments {
		if i == 0 || s.group != segments[i-1].group {
			out, of, first = append(out, rowGroup{}), sha256.New(), s.path
		}
		g := &out[len(out)-1]
		if s.path == first {
			g.Rows += s.rows
		}
		fmt.Fprintf(of, "%q %q %q %q %q %d %d\n", s.column, s.path, s.kind, s.form, s.stats, s.rows, s.offset)
		for _, n := range s.blocks {
			of.Write(sums[n][:])
		}
		of.Sum(g.Sum[:0])
	}
	return out, nil
}

// segments are those of some columns of a table, in the order of its rows.
func (e *Engine) segments(ctx context.Context, table string, columns []string) (out []segment, err error) {
	query := `SELECT row_group_id, "count", coalesce(block_offset, 0), column_name, column_path, segment_type, compression, stats,
  coalesce(block_id, -1), persistent AND NOT has_updates, coalesce(array_to_string(additional_block_ids, ' '), '')
FROM pragma_storage_info(` + QuoteText(table) + `)
WHERE list_contains(` + quoteTexts(columns) + `, column_name)
ORDER BY row_group_id, column_id, column_path, segment_id`
	met := map[string]bool{}
	err = e.Each(ctx, "see what has changed", query, func(scan func(...any) error) error {
		var s segment
		var block int64
		var settled bool
		var more string
		if err := scan(&s.group, &s.rows, &s.offset, &s.column, &s.path, &s.kind, &s.form, &s.stats, &block, &settled, &more); err != nil {
			return err
		}
		if !settled {
			return errBlocks
		}
		if block >= 0 {
			s.blocks, s.stats = []int64{block}, "" // which are rounded
		} else if !oneValue(s.kind, s.stats) {
			return errBlocks
		}
		for _, f := range strings.Fields(more) {
			var n int64
			if _, err := fmt.Sscan(f, &n); err != nil {
				return err
			}
			s.blocks = append(s.blocks, n)
		}
		met[s.column] = true
		out = append(out, s)
		return nil
	})
	if err == nil && len(met) < len(columns) {
		err = errBlocks
	}
	return out, err
}

// oneValue reports whether the statistics of a segment say all that there is,
// as of one without a block they do: which values are missing, all or none, or
// the one value they have.
func oneValue(kind, stats string) bool {
	if kind == "VALIDITY" {
		return strings.Contains(stats, "Has Null: false, Has No Null: true") || strings.Contains(stats, "Has Null: true, Has No Null: false")
	}
	least, rest, ok := strings.Cut(strings.TrimPrefix(stats, "[Min: "), ", Max: ")
	most, _, closed := strings.Cut(rest, "]")
	return ok && closed && (least == most || strings.Contains(stats, "Has No Null: false"))
}

// blockSum tells a block from others.
type blockSum [checksumLen + 4]byte

// blockSums reads the blocks of segments.
func (e *Engine) blockSums(ctx context.Context, segments []segment) (map[int64]*blockSum, error) {
	sums := map[int64]*blockSum{}
	var numbers []int64
	for _, s := range segments {
		for _, n := range s.blocks {
			if sums[n] == nil {
				sums[n] = &blockSum{}
				numbers = append(numbers, n)
			}
		}
	}
	slices.Sort(numbers)
	var size int64
	err := e.QueryRow(ctx, "see what has changed", "SELECT block_size FROM pragma_database_size() WHERE database_name = "+QuoteText(e.database), &size)
	if err != nil || size <= checksumLen {
		return nil, errors.Join(err, errBlocks)
	}
	if e.file == nil {
		return nil, errBlocks
	}
	var next atomic.Int64
	errs := make([]error, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for w := range errs {
		all.Go(func() {
			block := make([]byte, size)
			for i := next.Add(1) - 1; i < int64(len(numbers)) && errs[w] == nil; i = next.Add(1) - 1 {
				if _, errs[w] = e.file.ReadAt(block, blocksHead+numbers[i]*size); errs[w] == nil {
					errs[w] = errors.Join(sums[numbers[i]].of(block), ctx.Err())
				}
			}
		})
	}
	all.Wait()
	return sums, errors.Join(errs...)
}

// of sums up a block. The engine's own checksum is the same for two blocks whose
// words are exchanged, so that it is not alone; that it is right shows that a
// block of the engine was read.
func (s *blockSum) of(block []byte) error {
	if engineSum(block) != binary.LittleEndian.Uint64(block) {
		return errBlocks
	}
	copy(s[:], block[:checksumLen])
	binary.LittleEndian.PutUint32(s[checksumLen:], crc32.Checksum(block, checksums))
	return nil
}

// engineSum is the checksum that the engine gives a block, which is as long as
// some words.
func engineSum(block []byte) uint64 {
	var sum uint64 = 5381
	for i := checksumLen; i+wordLen <= len(block); i += wordLen {
		sum ^= binary.LittleEndian.Uint64(block[i:]) * 0xbf58476d1ce4e5b9
	}
	return sum
}
