package bench

import (
	"fmt"
	"os"
	"path/filepath"
)

// Versions of what is made: data and projects of another one are not reused.
const (
	dataVersion    = 1
	segmentVersion = 3
)

// Size says what data is made.
type Size struct {
	Customers int64  `json:"customers"`
	Orders    int64  `json:"orders"`
	Events    int64  `json:"events"`
	Seed      uint64 `json:"seed"`
	Format    string `json:"format"` // DuckDB or Parquet
}

// Formats of the data.
const (
	DuckDB  = "duckdb"
	Parquet = "parquet"
)

// Standard is the size that published figures are of, for a number of customers.
func Standard(customers int64) Size {
	return Size{Customers: customers, Orders: 10 * customers, Events: 30 * customers, Seed: 42, Format: DuckDB}
}

func (s Size) check() error {
	const most = 1 << 31 // the numbers of rows are multiplied within 63 bits
	for _, n := range []int64{s.Customers, s.Orders, s.Events} {
		if n < 1 || n > most {
			return fmt.Errorf("a size of %d rows is not between 1 and %d", n, most)
		}
	}
	if s.Seed > 1<<40 {
		return fmt.Errorf("the seed %d is above %d", s.Seed, 1<<40)
	}
	if s.Format != DuckDB && s.Format != Parquet {
		return fmt.Errorf("the format %q is neither %s nor %s", s.Format, DuckDB, Parquet)
	}
	return nil
}

// folder names everything the data depends on.
func (s Size) folder() string {
	return fmt.Sprintf("c%d-o%d-e%d-seed%d-%s-v%d", s.Customers, s.Orders, s.Events, s.Seed, s.Format, dataVersion)
}

// CacheDir is where data is kept when nothing else is said.
func CacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the folder for caches: %w", err)
	}
	return filepath.Join(dir, "segql-bench"), nil
}
