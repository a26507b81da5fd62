package duckdb

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/segql/segql/compiler/kernel"
)

// readAll reads everything that a file has, and is nil where some of it is not
// what was written.
func readAll(path string) (*kept, [][]byte) {
	k := readKeep(path)
	if k == nil {
		return nil, nil
	}
	defer func() { _ = k.f.Close() }()
	var parts [][]byte
	for i := range k.Programs {
		p := &k.Programs[i]
		f, err := k.features(p)
		if err != nil {
			return nil, nil
		}
		if p.Whole {
			err = k.numbers(p.Keys, make([]int64, f.Owners))
		} else {
			_, err = k.texts(p.Keys, f.Owners)
		}
		if err != nil {
			return nil, nil
		}
		part, err := f.Parts.Part(0)
		if err != nil {
			return nil, nil
		}
		parts = append(parts, part)
	}
	return &k.kept, parts
}

// A file that is not what was written is as good as none.
func TestDamagedKeepIsNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.features")
	if readKeep(path) != nil {
		t.Error("a file that is not there was read")
	}
	k, err := newKeep(path+".new", 5)
	if err != nil {
		t.Fatal(err)
	}
	for _, whole := range []bool{true, false} {
		p := keptProgram{Entity: "customer", Fact: "orders", Whole: whole, Marks: &Marks{Rows: "SELECT", End: 9, N: 3, Sum: 4},
			Features: &kernel.Kept{Before: 7, Inputs: []string{"at"}, Texts: [][]string{{"a", "bc"}}, Owners: 2}}
		if whole {
			p.Keys, err = k.putKeys([]int64{-3, 9}, nil)
		} else {
			p.Keys, err = k.putKeys(nil, []string{"", "Hà Nội"})
		}
		if err != nil {
			t.Fatal(err)
		}
		parts := k.newParts(2)
		if err := parts.SetPart(0, []byte{1, 2, 3}); err != nil {
			t.Fatal(err)
		}
		if p.Digests, err = k.putKeys([]int64{-1, 4}, nil); err != nil {
			t.Fatal(err)
		}
		p.Parts = parts.parts
		k.Programs = append(k.Programs, p)
	}
	k.Entities = []keptEntity{{Entity: "customer", Rows: "2", Atoms: map[string][]byte{"x": {1}}}}
	if err := k.finish(path); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, parts := readAll(path)
	if got == nil || got.AsOf != 5 || got.Programs[0].Marks.Sum != 4 || got.Programs[1].Features.Texts[0][1] != "bc" || len(parts[1]) != 3 || len(got.Entities[0].Atoms["x"]) != 1 {
		t.Fatalf("read %+v", got)
	}
	write := func(raw []byte) {
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for n := range whole {
		write(whole[:n])
		if got, _ := readAll(path); got != nil {
			t.Errorf("of %d bytes the first %d were enough", len(whole), n)
		}
		flipped := append([]byte(nil), whole...)
		flipped[n] ^= 1 << (n % 8)
		write(flipped)
		if got, _ := readAll(path); got != nil {
			t.Errorf("it was not seen that byte %d is another", n)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files, %v", len(entries), err)
	}
}
