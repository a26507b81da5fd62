package kernel

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Words with a bit for each set say what as many columns of bools say, of rows
// that follow one another or not.
func TestUnpackIsPackOfSeveral(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const rows = 200
		first := rapid.IntRange(0, rows-64).Draw(t, "first")
		numbers := make([]int64, rapid.IntRange(1, 64).Draw(t, "rows"))
		for i := range numbers {
			numbers[i] = int64(first + i)
		}
		if rapid.Bool().Draw(t, "backwards") {
			slices.Reverse(numbers)
		}
		words := make([]int64, len(numbers))
		for i := range words {
			words[i] = rapid.Int64().Draw(t, "word")
		}
		n := rapid.IntRange(1, 63).Draw(t, "sets")
		got, want := make([][]uint64, n), make([][]uint64, n)
		for i := range n {
			got[i], want[i] = make([]uint64, (rows+63)/64), make([]uint64, (rows+63)/64)
			is := make([]bool, len(words))
			for row, w := range words {
				is[row] = w&(1<<i) != 0
			}
			Pack(want[i], numbers, is)
		}
		Unpack(got, numbers, words)
		for i := range n {
			if !slices.Equal(got[i], want[i]) {
				t.Fatalf("set %d: %x, want %x", i, got[i], want[i])
			}
		}
	})
}

func BenchmarkUnpack(b *testing.B) {
	const rows = 1 << 20
	sets := make([][]uint64, 47)
	for i := range sets {
		sets[i] = make([]uint64, rows/64)
	}
	numbers, words := make([]int64, rows), make([]int64, rows)
	for i := range words {
		numbers[i], words[i] = int64(i), int64(i*7919)
	}
	for b.Loop() {
		for from := 0; from < rows; from += 64 {
			Unpack(sets, numbers[from:from+64], words[from:from+64])
		}
	}
}
