package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"time"
)

// Options of a measurement.
type Options struct {
	Dir      string // where data is kept
	Size     Size
	Segments []int
	// Runs of each contender; RunsOf says otherwise for some, 0 leaves one out.
	Runs    int
	RunsOf  map[string]int
	Threads int    // 0 is one per core
	Memory  string // DuckDB's limit; "" is its default
	// Command and Version are kept with the result.
	Command, Version string
	Progress         Progress
	// Child makes the command that runs Alone for a contender and a number of
	// segments, and prints what it gives as JSON; nil measures no memory.
	Child func(ctx context.Context, contender string, segments int) (*exec.Cmd, error)
}

func (o *Options) runs(c Contender) int {
	if n, ok := o.RunsOf[c.Name]; ok {
		return n
	}
	if c.prepare != nil {
		return 0 // it takes data of its own, so it is asked for
	}
	return o.Runs
}

// Check reports what cannot be measured.
func (o *Options) Check() error {
	for name := range o.RunsOf {
		c, err := contender(name)
		if err != nil {
			return err
		}
		if c.prepare != nil && o.Size.Format != DuckDB {
			return fmt.Errorf("%s takes data in the format %s", name, DuckDB)
		}
	}
	for _, n := range o.Segments {
		if n < 1 {
			return fmt.Errorf("there is nothing to measure about %d segments", n)
		}
	}
	return o.Size.check()
}

// prepare makes what the contenders are given.
func (o *Options) prepare(ctx context.Context, segments int) (*trial, error) {
	t := &trial{size: o.Size, segments: Segments(o.Size.Seed, segments), threads: o.Threads, memory: o.Memory}
	var err error
	if t.data, err = MakeData(ctx, o.Dir, o.Size, o.Progress); err != nil {
		return nil, err
	}
	t.project, err = MakeProject(t.data, o.Size, t.segments)
	return t, err
}

// Prepare makes the data and the projects and gives their folders.
func Prepare(ctx context.Context, o Options) (folders []string, err error) {
	for _, n := range o.Segments {
		t, err := o.prepare(ctx, n)
		if err != nil {
			return folders, err
		}
		if len(folders) == 0 {
			folders = append(folders, t.data)
		}
		folders = append(folders, t.project)
	}
	return folders, nil
}

// Measure lets the contenders take turns. It is an error when two of them find
// different members.
func Measure(ctx context.Context, o Options) (*Result, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	machine, err := thisMachine(ctx, o.Version)
	if err != nil {
		return nil, err
	}
	result := &Result{Version: resultVersion, Measured: time.Now().UTC().Truncate(time.Second), Machine: machine, Command: o.Command, Size: o.Size}
	for _, n := range o.Segments {
		c, err := o.measure(ctx, n)
		if err != nil {
			return nil, fmt.Errorf("%d segments: %w", n, err)
		}
		result.Cases = append(result.Cases, *c)
	}
	return result, nil
}

func (o *Options) measure(ctx context.Context, segments int) (*Case, error) {
	t, err := o.prepare(ctx, segments)
	if err != nil {
		return nil, err
	}
	defer t.forget()
	c := &Case{Shape: ShapeOf(t.segments)}
	most := 0
	for _, contender := range Contenders() {
		if n := o.runs(contender); n > 0 {
			most = max(most, n)
			c.Entries = append(c.Entries, Entry{Contender: contender})
		}
	}
	// The files are read once before, so that the first contender is not the one
	// that waits for the disk.
	o.Progress.say("%d segments: read the data", segments)
	if _, _, err := t.once(ctx, Contender{Name: "scan", Limit: true, run: scan}); err != nil {
		return nil, err
	}
	var found map[string]digest
	for round := range most {
		for i := range c.Entries {
			e := &c.Entries[i]
			if round >= o.runs(e.Contender) {
				continue
			}
			o.Progress.say("%d segments, run %d of %d: %s", segments, round+1, most, e.Name)
			sample, digests, err := t.once(ctx, e.Contender)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", e.Name, err)
			}
			e.Samples = append(e.Samples, sample)
			switch {
			case e.Limit:
			case found == nil:
				found = digests
			default:
				if err := differ(t.segments, found, digests); err != nil {
					return nil, fmt.Errorf("%s: %w", e.Name, err)
				}
			}
		}
	}
	for _, d := range found {
		c.Members += d.count
	}
	for i := range c.Entries {
		c.Entries[i].summarize()
	}
	return c, o.processes(ctx, c)
}

// once runs a contender in a folder of its own and looks at what it found,
// which is not part of the time.
func (t *trial) once(ctx context.Context, c Contender) (sample Sample, found map[string]digest, err error) {
	work, err := os.MkdirTemp("", "segql-bench-")
	if err != nil {
		return sample, nil, fmt.Errorf("make a folder for the result: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if c.prepare != nil {
		if err := c.prepare(ctx, t, work); err != nil {
			return sample, nil, err
		}
	}
	debug.FreeOSMemory() // what an earlier contender left is not this one's work
	began := time.Now()
	out, err := c.run(ctx, t, work)
	sample.Seconds = secondsSince(began)
	if out != nil && out.close != nil {
		defer func() { err = errors.Join(err, out.close()) }()
	}
	if err != nil {
		return sample, nil, err
	}
	sample.Phases = out.phases
	if !c.Limit {
		found, err = out.digests(ctx)
	}
	return sample, found, err
}

// processes runs each contender once more by itself: the peak of a process is
// that of the hungriest of all who share it.
func (o *Options) processes(ctx context.Context, c *Case) error {
	if o.Child == nil || thisProcess() == nil {
		return nil
	}
	for i := range c.Entries {
		e := &c.Entries[i]
		if e.prepare != nil {
			continue // its process would be that of the run before, too
		}
		o.Progress.say("%d segments, memory: %s", c.Segments, e.Name)
		cmd, err := o.Child(ctx, e.Name, c.Segments)
		if err != nil {
			return fmt.Errorf("%s in a process of its own: %w", e.Name, err)
		}
		cmd.Stderr = os.Stderr
		text, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("%s in a process of its own: %w", e.Name, err)
		}
		if err := json.Unmarshal(text, &e.Process); err != nil {
			return fmt.Errorf("%s in a process of its own: %w", e.Name, err)
		}
	}
	return nil
}

// Alone runs one contender, for the process that measures nothing else.
func Alone(ctx context.Context, o Options, name string) (*Process, error) {
	c, err := contender(name)
	if err != nil {
		return nil, err
	}
	if len(o.Segments) != 1 {
		return nil, fmt.Errorf("%d numbers of segments, not one", len(o.Segments))
	}
	if c.prepare != nil {
		return nil, fmt.Errorf("%s runs after another", name)
	}
	t, err := o.prepare(ctx, o.Segments[0])
	if err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp("", "segql-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the result: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	before := thisProcess()
	if before == nil {
		return nil, errors.New("the system does not tell what a process takes")
	}
	out, err := c.run(ctx, t, work)
	if out != nil && out.close != nil {
		err = errors.Join(err, out.close())
	}
	if err != nil {
		return nil, err
	}
	after := thisProcess()
	after.ReadBytes -= before.ReadBytes
	after.DiskBytes -= before.DiskBytes
	after.WrittenBytes -= before.WrittenBytes
	return after, nil
}

// Names of all contenders.
func Names() []string {
	var names []string
	for _, c := range Contenders() {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	return names
}
