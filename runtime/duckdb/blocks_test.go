package duckdb

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// change runs statements on a database of its own, which is then closed.
func change(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("duckdb", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func rowGroupsOf(t *testing.T, path string, columns ...string) ([]rowGroup, error) {
	t.Helper()
	s, err := Open(ctx, Options{Dir: filepath.Dir(path), Database: path})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	return (&Engine{Session: s}).rowGroups(ctx, `"segql_database"."main"."t"`, columns)
}

// Row groups are as they were exactly where what they have of the columns is.
func TestRowGroupsTellWhatHasChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.duckdb")
	change(t, path, `CREATE TABLE t AS SELECT i, (hash(i) % 4000000000)::BIGINT AS n, 7 AS same, NULL::INTEGER AS none, 'a' || hash(i) AS name,
		CASE WHEN i % 3 > 0 THEN 1.5::DOUBLE END AS part, CASE WHEN i % 20_000 = 77 THEN repeat('ê', 5000) END AS long, i AS other FROM range(130_000) r(i)`)
	columns := []string{"i", "n", "same", "none", "name", "part", "long"}
	of := func() []rowGroup {
		t.Helper()
		groups, err := rowGroupsOf(t, path, columns...)
		if err != nil {
			t.Fatal(err)
		}
		return groups
	}
	was := of()
	if len(was) != 2 || was[0].Rows != 122_880 || was[0].Rows+was[1].Rows != 130_000 {
		t.Fatalf("%d groups, the first of %d rows", len(was), was[0].Rows)
	}
	if now := of(); !slices.Equal(now, was) {
		t.Error("nothing was changed, and the groups are others")
	}
	change(t, path, "INSERT INTO t SELECT * REPLACE (i + 130_000 AS i) FROM t LIMIT 1000")
	rows := int64(0)
	for i, g := range of() {
		if rows += g.Rows; i == 0 && g != was[0] {
			t.Error("rows were added behind the first group, and it is another")
		}
	}
	if rows != 131_000 {
		t.Errorf("%d rows", rows)
	}
	for _, update := range []string{"n = n + 1", "same = 8", "none = 0", "name = 'b'", "part = NULL", "part = 2.5", "long = repeat('ê', 5001)", "long = repeat('e', 5000)"} {
		was := of()
		change(t, path, "UPDATE t SET "+update+" WHERE i = 77")
		if now := of(); now[0].Sum == was[0].Sum {
			t.Errorf("%s is not seen", update)
		}
	}
	was = of()
	change(t, path, `UPDATE t SET n = (SELECT n FROM t AS u WHERE u.i = 200 - t.i) WHERE i IN (90, 110)`)
	if now := of(); now[0].Sum == was[0].Sum {
		t.Error("two values that are exchanged are not seen")
	}
	change(t, path, "PRAGMA disable_checkpoint_on_shutdown", "INSERT INTO t SELECT * FROM t LIMIT 10")
	if _, err := os.Stat(path + ".wal"); err != nil {
		t.Fatal("all rows are in blocks, so that this tests nothing")
	}
	if _, err := rowGroupsOf(t, path, columns...); !errors.Is(err, errBlocks) {
		t.Errorf("rows are not in blocks: %v", err)
	}
	if _, err := rowGroupsOf(t, path, "absent"); err == nil {
		t.Error("a column that is not there")
	}
}

// The engine's own checksum of a block is the same when two words are exchanged.
func TestBlockSums(t *testing.T) {
	block := make([]byte, 1<<12)
	for i := range block {
		block[i] = byte(i * i >> 3)
	}
	var a, b blockSum
	if err := a.of(block); !errors.Is(err, errBlocks) {
		t.Errorf("a block with another checksum: %v", err)
	}
	seal(block)
	if err := a.of(block); err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		block[64+i], block[128+i] = block[128+i], block[64+i]
	}
	if err := b.of(block); err != nil || a == b {
		t.Errorf("words are exchanged: %x, %x, %v", a, b, err)
	}
}

// seal gives a block its checksum.
func seal(block []byte) {
	for i := range block[:checksumLen] {
		block[i] = 0
	}
	sum := engineSum(block)
	for i := range block[:checksumLen] {
		block[i] = byte(sum >> (8 * i))
	}
}
