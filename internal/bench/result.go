package bench

import (
	"slices"
	"time"
)

// Result is what one command measured: one size of data, one or more numbers of
// segments. It is kept as JSON, and everything published is rendered from it.
type Result struct {
	Version  int       `json:"version"` // of this form
	Measured time.Time `json:"measured"`
	Machine  Machine   `json:"machine"`
	Command  string    `json:"command"`
	Size     Size      `json:"size"`
	Cases    []Case    `json:"cases"`
}

// resultVersion grows when older files cannot be read any more.
const resultVersion = 1

// Case is one number of segments.
type Case struct {
	Shape
	Members int64   `json:"members"` // of all segments together
	Entries []Entry `json:"contenders"`
}

// Entry is what one contender took. Its memory and bytes are those of a process
// of its own, one run each; absent where the system does not tell.
type Entry struct {
	Contender
	Median  float64  `json:"median_seconds"`
	Min     float64  `json:"min_seconds"`
	Max     float64  `json:"max_seconds"`
	Samples []Sample `json:"samples"`
	Process *Process `json:"process,omitempty"`
}

// Sample is one run.
type Sample struct {
	Seconds float64 `json:"seconds"`
	Phases  []Phase `json:"phases,omitempty"`
}

// Process is what the system says of a process.
type Process struct {
	PeakBytes    int64 `json:"peak_bytes"`    // of memory
	ReadBytes    int64 `json:"read_bytes"`    // asked of files, from the disk or its cache
	DiskBytes    int64 `json:"disk_bytes"`    // that came from the disk
	WrittenBytes int64 `json:"written_bytes"` // handed to files
}

func (e *Entry) summarize() {
	var seconds []float64
	for _, s := range e.Samples {
		seconds = append(seconds, s.Seconds)
	}
	slices.Sort(seconds)
	n := len(seconds)
	e.Min, e.Max, e.Median = seconds[0], seconds[n-1], (seconds[(n-1)/2]+seconds[n/2])/2
}

// Entry of a contender, nil when it took no part.
func (c *Case) Entry(name string) *Entry {
	for i := range c.Entries {
		if c.Entries[i].Name == name {
			return &c.Entries[i]
		}
	}
	return nil
}

// Ratio is a contender's time divided by that of the SQL by hand; 0 when one of
// them took no part.
func (c *Case) Ratio(name string) float64 {
	a, b := c.Entry(name), c.Entry(ByHand)
	if a == nil || b == nil || b.Median == 0 {
		return 0
	}
	return a.Median / b.Median
}

// Phases are the medians of the parts of a contender, in their order.
func (e *Entry) Phases() []Phase {
	var out []Phase
	for i, first := range e.Samples[0].Phases {
		part := Entry{}
		for _, s := range e.Samples {
			if i < len(s.Phases) && s.Phases[i].Name == first.Name {
				part.Samples = append(part.Samples, Sample{Seconds: s.Phases[i].Seconds})
			}
		}
		part.summarize()
		out = append(out, Phase{first.Name, part.Median})
	}
	return out
}
