package runtime_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/segql/segql/runtime"
)

// TestLargeFilesAreKnownByTheirTime: a file that is too large to be compared by
// what it holds is known only when it has not changed just now, for another
// change at the same time could not be seen. Of the future is as good as of now.
func TestLargeFilesAreKnownByTheirTime(t *testing.T) {
	dir := project(t, `
-- catalog.yaml --
version: 1
timezone: UTC
entities:
  customer: {source: c.csv, key: id}
-- a.seg --
segment a { where city = "Huế" }
`)
	path := filepath.Join(dir, "c.csv")
	write := func(header string, age time.Duration) {
		text := []byte(header + "\n")
		for len(text) < 2<<20 {
			text = append(text, "1,Huế và những thành phố khác của miền Trung\n"...)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	// The engine cannot begin below a file.
	without := runtime.Options{Dir: dir, TempDir: filepath.Join(dir, "catalog.yaml", "tmp")}
	check := func(o runtime.Options) (wrong bool, err error) {
		p, diags, err := runtime.CheckProject(context.Background(), o)
		return p != nil && diags.HasErrors(), err
	}
	for _, step := range []struct {
		header      string
		age         time.Duration
		known, fine bool
	}{{"id,city", -time.Minute, false, true}, {"id,city", time.Hour, true, true}, {"id,town", time.Minute, true, false}, {"id,city", -time.Minute, false, true}} {
		write(step.header, step.age)
		wrong, err := check(runtime.Options{Dir: dir})
		if err != nil || wrong == step.fine {
			t.Errorf("%v: errors in definitions are %v: %v", step, wrong, err)
		}
		wrong, err = check(without)
		if known := err == nil; known != step.known || known && wrong == step.fine {
			t.Errorf("%v: known is %v, errors in definitions are %v: %v", step, known, wrong, err)
		}
	}
}

// BenchmarkCheck is a check of the example: the first, and one of data that
// has not changed since.
func BenchmarkCheck(b *testing.B) {
	for _, first := range []bool{true, false} {
		name := "again"
		if first {
			name = "first"
		}
		b.Run(name, func(b *testing.B) {
			dir := b.TempDir()
			if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "examples", "online-shop"))); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if first {
					if err := os.RemoveAll(filepath.Join(dir, ".segql")); err != nil {
						b.Fatal(err)
					}
				}
				_, diags, err := runtime.CheckProject(context.Background(), runtime.Options{Dir: dir})
				if err != nil || diags.HasErrors() {
					b.Fatal(err, diags)
				}
			}
		})
	}
}
