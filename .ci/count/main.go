// Count reads the events of "go test -json", prints what failed with its
// output, what was skipped with its reason, and closes with a line "N passed, N failed". It exits with 1 when
// anything failed or nothing was tested.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// event is what this program needs of a line; see "go doc test2json".
type event struct {
	Action, Package, Test, Output string
}

// report gathers events. A test is named by its package and its name, a
// package by itself with no test.
type report struct {
	passed, failed, skipped, broken int
	output                          map[[2]string]*strings.Builder
	failedTests                     map[string]bool // packages that say why they failed
	w                               io.Writer
}

func main() {
	r := report{output: map[[2]string]*strings.Builder{}, failedTests: map[string]bool{}, w: os.Stdout}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(r.w, lines.Text()) // the go command itself speaks
			continue
		}
		r.add(e)
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(r.w, "read events:", err)
		r.broken++
	}
	tail := ""
	if r.skipped > 0 {
		tail += fmt.Sprintf(", %d skipped", r.skipped)
	}
	if r.broken > 0 {
		tail += fmt.Sprintf(" (%d packages did not build or did not end)", r.broken)
	}
	fmt.Fprintf(r.w, "%d passed, %d failed%s\n", r.passed, r.failed, tail)
	if r.failed+r.broken > 0 || r.passed == 0 {
		os.Exit(1)
	}
}

func (r *report) add(e event) {
	key := [2]string{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(r.w, e.Output)
	case "output":
		if r.output[key] == nil {
			r.output[key] = &strings.Builder{}
		}
		r.output[key].WriteString(e.Output)
	case "pass":
		if e.Test != "" {
			r.passed++
		}
		delete(r.output, key)
	case "skip":
		if e.Test != "" {
			r.skipped++
			fmt.Fprintf(r.w, "skipped %s %s: %s\n", e.Package, e.Test, r.reason(key))
		}
		delete(r.output, key)
	case "fail":
		r.fail(e, key)
	}
}

// reason is what a skipped test said last, without its place in the file.
func (r *report) reason(key [2]string) string {
	out := r.output[key]
	if out == nil {
		return "no reason"
	}
	for _, line := range slices.Backward(strings.Split(out.String(), "\n")) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "---") || strings.HasPrefix(line, "===") {
			continue
		}
		if _, said, ok := strings.Cut(line, ".go:"); ok {
			_, line, _ = strings.Cut(said, ": ")
		}
		return line
	}
	return "no reason"
}

// fail prints a failure. A package fails when one of its tests did, which
// was printed by then; only another reason is news.
func (r *report) fail(e event, key [2]string) {
	if e.Test == "" && r.failedTests[e.Package] {
		return
	}
	if e.Test == "" {
		r.broken++
	} else {
		r.failed++
		r.failedTests[e.Package] = true
	}
	fmt.Fprintf(r.w, "FAIL %s %s\n", e.Package, e.Test)
	if out := r.output[key]; out != nil {
		fmt.Fprint(r.w, out.String())
		delete(r.output, key)
	}
}
