// Command cel measures evaluation in process: a hundred segments over one
// customer with fifty facts, on one core, by
//
//	closures        local.Closures, the default
//	expr            local.Expr, the programs that can be shipped
//	cel features    cel-go programs over the same features, computed alike
//	by hand         Go written for these rules
//
// All must give the same segments for every customer. They take turns, so
// that what else the machine does meets all of them; trust the ratios. It is
// a module of its own, so that whoever uses segql does not get cel-go.
//
//	cd examples/bench/cel && go run . [--runs 25]
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sort"
	"syscall"
	"text/tabwriter"
	"time"
)

// contender evaluates a customer; the answer is a bit for each segment.
type contender struct {
	name string
	eval func(customer int) [2]uint64
}

type result struct {
	perSecond     float64
	bytes, allocs float64
}

func main() {
	runs := flag.Int("runs", 25, "how often each measurement is taken; the median counts")
	flag.Parse()
	if err := bench(*runs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func bench(runs int) error {
	w := newWorld(64)
	var all []contender
	for _, make := range []func(*world) (contender, error){closures, exprs, celFeatures, byHand} {
		c, err := make(w)
		if err != nil {
			return err
		}
		all = append(all, c)
	}
	members := 0
	for i := range w.customers {
		want := all[0].eval(i)
		members += ones(want)
		for _, c := range all[1:] {
			if got := c.eval(i); got != want {
				return fmt.Errorf("customer %d: %s gives %x, %s %x: %v", i, all[0].name, want, c.name, got, w.differ(want, got))
			}
		}
	}
	fmt.Printf("%d segments, %d customers with %d facts each, %d memberships; the same by all\n\n", segments, len(w.customers), facts, members)
	results := map[string][]result{}
	for range runs {
		for _, c := range all {
			results[c.name] = append(results[c.name], measure(c, len(w.customers)))
		}
	}
	table(all, results)
	return nil
}

// cpu is the time that the process has had of the machine's cores, which other
// processes do not lengthen as they do the time on the wall.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure evaluates for about a tenth of a second on one core.
func measure(c contender, customers int) result {
	runtime.GC()
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	var from, to runtime.MemStats
	runtime.ReadMemStats(&from)
	n := 0
	began := cpu()
	for cpu()-began < 100*time.Millisecond {
		for i := range customers {
			sink = c.eval(i)
			n++
		}
	}
	took := cpu() - began
	runtime.ReadMemStats(&to)
	return result{float64(n) / took.Seconds(), float64(to.TotalAlloc-from.TotalAlloc) / float64(n), float64(to.Mallocs-from.Mallocs) / float64(n)}
}

var sink [2]uint64

func table(all []contender, results map[string][]result) {
	median := func(name string) result {
		rs := slices.Clone(results[name])
		sort.Slice(rs, func(i, j int) bool { return rs[i].perSecond < rs[j].perSecond })
		return rs[len(rs)/2]
	}
	// Neighbours slow the machine for seconds at a time: what is compared was
	// measured in one round.
	ratio := func(name string) float64 {
		var of []float64
		for i, r := range results[name] {
			of = append(of, r.perSecond/results["cel features"][i].perSecond)
		}
		slices.Sort(of)
		return of[len(of)/2]
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "customers/s\tµs/customer\tbytes\tallocs\tto cel\t\t")
	for _, c := range all {
		r := median(c.name)
		fmt.Fprintf(w, "%.0f\t%.1f\t%.0f\t%.1f\t%.2f\t  %s\t\n", r.perSecond, 1e6/r.perSecond, r.bytes, r.allocs, ratio(c.name), c.name)
	}
	if err := w.Flush(); err != nil {
		panic(err)
	}
}

func ones(b [2]uint64) int {
	n := 0
	for _, w := range b {
		for ; w != 0; w &= w - 1 {
			n++
		}
	}
	return n
}
