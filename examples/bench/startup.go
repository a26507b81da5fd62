package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// small is a project with a few kilobytes of data, as they are while definitions
// are written.
const small = "examples/online-shop"

// startups are what a process takes that has little to do: the start alone,
// the definitions alone, and with the data: when it must be read, and when it has
// not changed since it was.
var startups = []struct {
	what   string
	args   []string
	forget bool
}{
	{"start: version", []string{"version"}, false},
	{"start: check --no-data", []string{"check", "--no-data", small}, false},
	{"start: first check", []string{"check", small}, true},
	{"start: check", []string{"check", small}, false},
}

// benchStartup runs the built command, twenty times for each measurement.
func benchStartup(ctx context.Context, runs int) (_ []Result, err error) {
	dir, err := os.MkdirTemp("", "segql-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	binary := filepath.Join(dir, "segql")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/segql").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build segql: %w\n%s", err, out)
	}
	s, used := samples{}, samples{}
	for range 20 * runs {
		for _, start := range startups {
			if start.forget {
				if err := os.RemoveAll(filepath.Join(small, ".segql", "sources.json")); err != nil {
					return nil, fmt.Errorf("forget the data: %w", err)
				}
			}
			cmd := exec.CommandContext(ctx, binary, start.args...)
			began := time.Now()
			if out, err := cmd.CombinedOutput(); err != nil {
				return nil, fmt.Errorf("%s: %w\n%s", start.what, err, out)
			}
			s.add(start.what, time.Since(began).Seconds())
			used.add(start.what, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
		}
	}
	var results []Result
	for _, start := range startups {
		results = append(results, Result{What: start.what, Size: 1, Seconds: median(s[start.what]), Parts: map[string]float64{"processor": median(used[start.what])}})
	}
	return results, nil
}
