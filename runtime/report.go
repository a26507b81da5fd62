package runtime

import "time"

// Report is what a run did.
type Report struct {
	RunID      string        `json:"run_id"`
	AsOf       time.Time     `json:"as_of"`
	AsOfFrom   string        `json:"as_of_from"` // given, catalog, now
	Zone       string        `json:"timezone"`
	Store      string        `json:"store,omitempty"`
	Previous   *Previous     `json:"previous,omitempty"`
	Historical bool          `json:"historical,omitempty"` // older than the last run: nothing was stored
	Sources    []SourceStats `json:"sources"`
	Segments   []SegmentRow  `json:"segments"`
	Stale      []string      `json:"stale,omitempty"` // segments that took too long, with the members they had
	Reused     *Reused       `json:"reused,omitempty"`
	Phases     []Phase       `json:"phases"`
	// Notes are facts a reader should know, such as entities without history.
	Notes []string `json:"notes,omitempty"`
}

// Reused says what was taken over from an earlier run: the features from some
// facts, of owners of whom few had to be gone over from the first. One who has
// several such facts counts for each.
type Reused struct {
	Facts  int `json:"facts"`
	Owners int `json:"owners"`
	Again  int `json:"gone_over_again"`
}

// Previous is the run the changes are counted from.
type Previous struct {
	RunID string    `json:"run_id"`
	AsOf  time.Time `json:"as_of"`
}

// SourceStats is what was read of one relation, and what could not be used.
type SourceStats struct {
	Name   string  `json:"name"`
	Source string  `json:"source"`
	Rows   int64   `json:"rows"` // that count
	Issues []Issue `json:"issues,omitempty"`
}

// Issue is a kind of row or value that could not be used.
type Issue struct {
	Code     string   `json:"code,omitempty"`
	What     string   `json:"what"`
	Count    int64    `json:"count"`
	Examples []string `json:"examples,omitempty"`
	Help     string   `json:"help,omitempty"`
}

// SegmentRow is one segment of a run.
type SegmentRow struct {
	Name     string  `json:"name"`
	Title    string  `json:"title,omitempty"`
	Entity   string  `json:"entity"`
	Members  int64   `json:"members"`
	Universe int64   `json:"universe"`
	Entered  int64   `json:"entered"`
	Left     int64   `json:"exited"`
	New      bool    `json:"new,omitempty"` // first run of this segment
	Checks   []Check `json:"checks,omitempty"`
}

// Share of the entity's rows that are members, 0 to 1.
func (s SegmentRow) Share() float64 {
	if s.Universe == 0 {
		return 0
	}
	return float64(s.Members) / float64(s.Universe)
}

// Check is one expectation and how it went. One that is skipped has passed.
type Check struct {
	Text    string `json:"expect"`
	Passed  bool   `json:"passed"`
	Skipped bool   `json:"skipped,omitempty"` // there was nothing to compare with
	Got     string `json:"got"`               // "512", "78.4%", "no earlier run"
}

// Phase is a part of the run and how long it took.
type Phase struct {
	Name    string        `json:"name"`
	Elapsed time.Duration `json:"nanoseconds"`
}

// Failed counts the expectations that did not hold.
func (r *Report) Failed() int {
	n := 0
	for _, s := range r.Segments {
		for _, c := range s.Checks {
			if !c.Passed {
				n++
			}
		}
	}
	return n
}
