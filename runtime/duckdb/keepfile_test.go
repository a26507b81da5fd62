package duckdb

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/segql/segql/compiler/kernel"
)

// A file that is not what was written is as good as none.
func TestDamagedKeepIsNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.features")
	if readKeep(path) != nil {
		t.Error("a file that is not there was read")
	}
	features := func() *kernel.Kept {
		return &kernel.Kept{Before: 7, Inputs: []string{"at"}, Texts: [][]string{{"a", "bc"}}, Owners: 2, Digests: []uint64{1 << 63, 4}, Parts: [][]byte{{1, 2, 3}}}
	}
	kept := keepFile{AsOf: 5, Programs: []keptProgram{
		{Entity: "customer", Fact: "orders", Whole: true, Keys: []int64{-3, 9}, Features: features(), Marks: &Marks{Rows: "SELECT", End: 9, Parts: []Mark{{3, 4}}}},
		{Entity: "shop", Fact: "visits", Texts: []string{"", "Hà Nội"}, Features: features()},
	}, Entities: []keptEntity{{Entity: "customer", Rows: "2", Atoms: map[string][]byte{"x": {1}}}}}
	if err := kept.write(path); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := readKeep(path)
	if got == nil || got.AsOf != 5 || got.Programs[0].Keys[0] != -3 || got.Programs[1].Texts[1] != "Hà Nội" || got.Programs[0].Features.Digests[0] != 1<<63 ||
		len(got.Programs[1].Features.Parts[0]) != 3 || got.Programs[0].Marks.Parts[0].Sum != 4 || len(got.Entities[0].Atoms["x"]) != 1 {
		t.Fatalf("read %+v", got)
	}
	write := func(raw []byte) {
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for n := range whole {
		if write(whole[:n]); readKeep(path) != nil {
			t.Errorf("of %d bytes the first %d were enough", len(whole), n)
		}
		flipped := append([]byte(nil), whole...)
		flipped[n] ^= 1 << (n % 8)
		if write(flipped); readKeep(path) != nil {
			t.Errorf("it was not seen that byte %d is another", n)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files, %v", len(entries), err)
	}
}
