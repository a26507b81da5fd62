// Command bench measures segql:
//
//	go run ./examples/bench [--json] [--runs 3] [--data DIR] [--only check|project|run|startup]
//
// check: reading, checking and planning of generated segments, without data.
//
// project: check, lint and test of 1,000 generated segments with a test each, as
// a build does it; each test runs in process and in DuckDB.
//
// startup: the built command as a process of its own on a small project.
//
// run: the retail rules, from opening the project to gathered members, beside
// the SQL that a person wrote for the same rules, run one by one in the same
// process through the same driver. The two take turns, so that what else the
// machine does meets both; trust the ratios, not the seconds.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sort"
	"text/tabwriter"
	"time"
)

// Result is one line of the table.
type Result struct {
	What    string             `json:"what"`
	Size    int64              `json:"size"` // segments, or rows of data
	Seconds float64            `json:"seconds"`
	Parts   map[string]float64 `json:"parts,omitempty"` // seconds of each
	// Beside is what the same takes by hand-written SQL; Ratio is Beside
	// divided by Seconds, above 1 when segql is faster.
	Beside float64 `json:"beside,omitempty"`
	Ratio  float64 `json:"ratio,omitempty"`
}

func main() {
	asJSON := flag.Bool("json", false, "print JSON")
	runs := flag.Int("runs", 3, "how often each measurement is taken; the median counts")
	data := flag.String("data", "../shared/data", "the folder of the whole data sets")
	only := flag.String("only", "", "check, project, run or startup; all when not given")
	flag.Parse()
	var results []Result
	add := func(r []Result, err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		results = append(results, r...)
	}
	if *only == "" || *only == "check" {
		add(benchCheck(*runs))
	}
	if *only == "" || *only == "project" {
		add(benchProject(context.Background(), *runs))
	}
	if *only == "" || *only == "startup" {
		add(benchStartup(context.Background(), *runs))
	}
	if *only == "" || *only == "run" {
		add(benchRun(context.Background(), *runs, *data))
	}
	if *asJSON {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		if err := e.Encode(results); err != nil {
			panic(err)
		}
		return
	}
	table(results)
}

func table(results []Result) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "what\tsize\tseconds\tby hand\tratio\tparts")
	for _, r := range results {
		beside, ratio := "-", "-"
		if r.Beside > 0 {
			beside, ratio = fmt.Sprintf("%.3f", r.Beside), fmt.Sprintf("%.2f", r.Ratio)
		}
		fmt.Fprintf(w, "%s\t%d\t%.3f\t%s\t%s\t%s\n", r.What, r.Size, r.Seconds, beside, ratio, parts(r.Parts))
	}
	if err := w.Flush(); err != nil {
		panic(err)
	}
}

func parts(m map[string]float64) string {
	var names []string
	for n := range m {
		names = append(names, n)
	}
	sort.Slice(names, func(i, j int) bool { return m[names[i]] > m[names[j]] })
	s := ""
	for _, n := range names {
		if m[n] >= 0.0005 {
			s += fmt.Sprintf("%s %.3f  ", n, m[n])
		}
	}
	return s
}

// timed gives the seconds f takes.
func timed(f func() error) (float64, error) {
	began := time.Now()
	err := f()
	return time.Since(began).Seconds(), err
}

func median(xs []float64) float64 {
	sorted := append([]float64{}, xs...)
	sort.Float64s(sorted)
	return sorted[len(sorted)/2]
}

// samples are measurements by name.
type samples map[string][]float64

func (s samples) add(name string, seconds float64) { s[name] = append(s[name], seconds) }

// medians of all but the named.
func (s samples) medians(but ...string) map[string]float64 {
	m := map[string]float64{}
	for name, xs := range s {
		m[name] = median(xs)
	}
	for _, name := range but {
		delete(m, name)
	}
	return m
}
