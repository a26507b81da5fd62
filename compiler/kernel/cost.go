package kernel

import (
	"math"
	"time"

	"github.com/segql/segql/compiler/plan"
)

// Data is what is known of a fact before it is read.
type Data struct {
	Rows, Owners int64
	// First and Last are the times of its first and last row, in the number that
	// its time is kept as; equal where they are not known.
	First, Last int64
}

// Cost is what the passes of a program are estimated to take, together or one
// by one in SQL.
type Cost struct {
	Together, OneByOne time.Duration
}

// What was measured on two cores, in nanoseconds for a row: see the
// performance notes in docs/performance.md. Only their ratios matter.
const (
	perRowRead  = 60.0 // a kernel reads and keeps a row
	perHit      = 15.0 // a feature takes a row
	perRowScan  = 4.0  // SQL passes over a row that no aggregate wants
	perRowGroup = 30.0 // SQL finds the group of a row
	perAgg      = 5.0  // an aggregate takes a row
	perOwner    = 40.0 // SQL keeps and joins the group of an owner
	perPass     = 1.5e6
	perProgram  = 3e6
	oneText     = 0.15 // the share of rows that a condition on a text lets through
)

// Cost estimates by the windows of the features, as if rows were spread evenly
// over time, and by how many conditions they have.
func (p *Program) Cost(d Data) Cost {
	rows := float64(d.Rows)
	together := perProgram
	oneByOne := 0.0
	widest, hits := 0.0, 0.0
	for _, t := range p.Tables {
		share, wanted := p.shares(t, d)
		widest = max(widest, share)
		hits += share * wanted * float64(len(t.Aggs))
		oneByOne += perPass + rows*share*(perRowScan+wanted*(perRowGroup+perAgg*float64(len(t.Aggs)))) + float64(d.Owners)*perOwner
	}
	together += rows*widest*perRowRead + rows*hits*perHit
	return Cost{time.Duration(together), time.Duration(oneByOne)}
}

// shares are of the rows those that lie in the window of a pass, and of these
// those that pass its conditions.
func (p *Program) shares(t *plan.Table, d Data) (window, wanted float64) {
	for _, a := range t.Aggs {
		f := p.features[p.slots[t.Name+"\x00"+a.Col]]
		share := 1.0
		if whole := float64(d.Last - d.First); whole > 0 {
			share = (math.Min(float64(f.hi), float64(d.Last)) - math.Max(float64(f.lo), float64(d.First))) / whole
		}
		window = math.Max(window, math.Min(math.Max(share, 0), 1))
		passed := 1.0
		for _, test := range f.tests {
			if test.text != nil {
				passed *= oneText
			}
		}
		wanted = math.Max(wanted, passed)
	}
	return window, wanted
}
