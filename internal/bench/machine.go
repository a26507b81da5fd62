package bench

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Machine is where something was measured.
type Machine struct {
	CPU         string `json:"cpu,omitempty"`
	Cores       int    `json:"cores"`
	MemoryBytes int64  `json:"memory_bytes,omitempty"`
	System      string `json:"system"`
	Go          string `json:"go"`
	DuckDB      string `json:"duckdb"`
	Segql       string `json:"segql"`
}

// thisMachine leaves out what the system does not tell.
func thisMachine(ctx context.Context, version string) (Machine, error) {
	m := Machine{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), Segql: version}
	m.CPU = fieldOf("/proc/cpuinfo", "model name")
	m.MemoryBytes = kilobytes(fieldOf("/proc/meminfo", "MemTotal"))
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return m, fmt.Errorf("start the engine: %w", err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(ctx, "SELECT version()").Scan(&m.DuckDB); err != nil {
		return m, fmt.Errorf("ask the engine for its version: %w", err)
	}
	return m, nil
}

// thisProcess reads what Linux knows of this process; nil elsewhere.
func thisProcess() *Process {
	peak := fieldOf("/proc/self/status", "VmHWM")
	if peak == "" {
		return nil
	}
	number := func(key string) int64 {
		n, _ := strconv.ParseInt(fieldOf("/proc/self/io", key), 10, 64) // 0 where a container hides it
		return n
	}
	return &Process{PeakBytes: kilobytes(peak), ReadBytes: number("rchar"), DiskBytes: number("read_bytes"), WrittenBytes: number("wchar")}
}

// fieldOf reads "key: value" from a file of /proc; "" when there is none.
func fieldOf(path, key string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }() // only read
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// kilobytes reads "123 kB" as bytes.
func kilobytes(text string) int64 {
	n, err := strconv.ParseInt(strings.TrimSuffix(text, " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return n << 10
}
