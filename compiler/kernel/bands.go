package kernel

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// bands cut time where the window of some feature begins or ends: all rows of a
// band lie in the same windows.
type bands struct {
	edges []int64 // ascending; of band i those before edges[i], and not before edges[i-1]
	shift int
	begin [1 << 12]uint16 // of each stretch of time since the first edge: its first band
}

// edges are where windows of features begin and end.
func (p *Program) edges() (out []int64) {
	for _, f := range p.features {
		out = append(out, f.lo, f.hi)
	}
	return out
}

func bandsOf(edges []int64) *bands {
	b := &bands{}
	for _, at := range edges {
		if at != Earliest && at != Latest {
			b.edges = append(b.edges, at)
		}
	}
	slices.Sort(b.edges)
	b.edges = slices.Compact(b.edges)
	n := len(b.edges)
	if n == 0 {
		return b
	}
	for uint64(b.edges[n-1]-b.edges[0])>>b.shift >= uint64(len(b.begin)) {
		b.shift++
	}
	for i := range b.begin {
		k := 0
		for k < n && uint64(b.edges[k]-b.edges[0]) <= uint64(i)<<b.shift {
			k++
		}
		b.begin[i] = uint16(k)
	}
	return b
}

// of is the band of a time.
func (b *bands) of(at int64) int {
	if len(b.edges) == 0 || at < b.edges[0] {
		return 0
	}
	stretch := uint64(at-b.edges[0]) >> b.shift
	if stretch >= uint64(len(b.begin)) {
		return len(b.edges)
	}
	i := int(b.begin[stretch])
	for i < len(b.edges) && b.edges[i] <= at {
		i++
	}
	return i
}

// within are the bands [from, to) of a window.
func (b *bands) within(lo, hi int64) (from, to int) {
	to = len(b.edges) + 1
	for i, at := range b.edges {
		if at <= lo {
			from = i + 1
		}
		if at >= hi {
			to = min(to, i+1)
		}
	}
	return from, max(from, to)
}

// family is features that differ in their window alone. Its rows are counted
// once, apart by its own bands, and what a feature makes of them is put together
// from its bands.
type family struct {
	*feature // any of them
	kind     kind
	word     int    // of the value in a kept row
	known    uint64 // its bit in the header
	few      bool   // values are numbers of texts
	tests    []test // but for those that classes of texts answer
	members  []member
	bands    []uint8 // of each band of the run: its own, or noBand
	first    int     // of the accumulators of its bands
	size     int
}

type member struct {
	number int
	bands  uint64 // a bit for each of the family's
}

const (
	mostBands = 64
	noBand    = math.MaxUint8
)

// group makes families of the features.
func (r *Run) group() {
	open := map[string][]int{} // features of which a family is to be made
	var keys []string
	for i, f := range r.features {
		tests := make([]string, len(f.tests))
		for k, t := range f.tests {
			tests[k] = t.key
		}
		slices.Sort(tests)
		key := fmt.Sprint(f.op, f.distinct, f.input, f.zero, f.order) + strings.Join(tests, "\x00")
		if open[key] == nil {
			keys = append(keys, key)
		}
		open[key] = append(open[key], i)
	}
	for _, key := range keys {
		for rest := open[key]; len(rest) > 0; {
			n := 1
			for n < len(rest) && len(r.own(rest[:n+1])) <= mostBands {
				n++
			}
			r.families = append(r.families, r.family(rest[:n]))
			rest = rest[n:]
		}
	}
}

// own are the bands of the run at which the window of some feature begins or
// has ended.
func (r *Run) own(features []int) []int {
	var at []int
	for _, i := range features {
		from, to := r.bands.within(r.features[i].lo, r.features[i].hi)
		at = append(at, from, to)
	}
	slices.Sort(at)
	return slices.Compact(at)
}

func (r *Run) family(features []int) *family {
	f := &family{feature: r.features[features[0]], first: r.accs, bands: make([]uint8, len(r.bands.edges)+1)}
	f.kind = f.feature.kind()
	if f.input >= 0 {
		f.few = r.Inputs[f.input].Numbered
		f.word, f.known = r.word[f.input], 1<<(16+f.input)
	}
	for _, t := range f.feature.tests {
		if !r.combines(t) {
			f.tests = append(f.tests, t)
		}
	}
	starts := r.own(features)
	f.size = len(starts)
	r.accs += f.size
	for i := range f.bands {
		f.bands[i] = noBand
		for k, at := range starts[:len(starts)-1] {
			if at <= i && i < starts[k+1] {
				f.bands[i] = uint8(k)
			}
		}
	}
	for _, i := range features {
		m := member{number: i}
		from, to := r.bands.within(r.features[i].lo, r.features[i].hi)
		for _, b := range f.bands[from:to] {
			m.bands |= 1 << b
		}
		f.members = append(f.members, m)
	}
	for i, b := range f.bands { // what lies between windows is wanted by none
		if b != noBand && !slices.ContainsFunc(f.members, func(m member) bool { return m.bands>>b&1 == 1 }) {
			f.bands[i] = noBand
		}
	}
	return f
}
