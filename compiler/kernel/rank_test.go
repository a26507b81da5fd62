package kernel

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/plan"
	"github.com/segql/segql/compiler/value"
)

// drawPosition draws what may be asked of a rank.
func drawPosition(t *rapid.T) *plan.Position {
	p := &plan.Position{Bottom: rapid.Bool().Draw(t, "bottom")}
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 0:
		p.N = rapid.Int64Range(1, 90).Draw(t, "N")
	case 1:
		share := rapid.SampledFrom([]value.Value{value.NewInt(1), value.NewInt(3), value.NewDecimal(big.NewInt(333), 3),
			value.NewDecimal(big.NewInt(1), 30), value.NewDecimal(big.NewInt(10), 1)}).Draw(t, "share")
		p.Percent = &share
	default:
		p.Bottom, p.Buckets = false, rapid.SampledFrom([]int64{1, 2, 7, 100, 1_000}).Draw(t, "buckets")
	}
	return p
}

// placeIn is what a position says of a place, from 1, among n: 1 or 0, or the
// number of a bucket. It is the rule of compiler/sql/rank.go word for word.
func placeIn(p *plan.Position, place, n int) int64 {
	switch {
	case p.Buckets > 0:
		return (p.Buckets*int64(place) + int64(n) - 1) / int64(n)
	case p.Percent != nil:
		share, _ := new(big.Rat).SetString(p.Percent.String())
		if new(big.Rat).SetInt64(int64(place-1)).Cmp(share.Mul(share, new(big.Rat).SetInt64(int64(n)))) < 0 {
			return 1
		}
	case int64(place) <= p.N:
		return 1
	}
	return 0
}

// ranking is a rank whose values are drawn, and what they are.
type ranking struct {
	*Rank
	values []Wide
	owners []int32 // that are ranked
	keys   []int
}

func (r *ranking) before(a, b int32) bool { return r.keys[a] < r.keys[b] }

// drawRanking draws ties, missing values, numbers of 128 bits and keys that stand
// in no order, gathered in several goings.
func drawRanking(t *rapid.T) *ranking {
	none, zero := rapid.Bool().Draw(t, "none is 0"), rapid.Bool().Draw(t, "missing is 0")
	p := &Program{features: []*feature{{zero: none}}}
	r := &ranking{Rank: &Rank{Table: &plan.Table{Value: &ir.Slot{T: value.DecimalType(value.MaxPrec, 2)}}, zero: zero}}
	for range rapid.IntRange(1, 4).Draw(t, "positions") {
		pos := drawPosition(t)
		r.Table.Ranks = append(r.Table.Ranks, pos)
		for _, at := range []int64{1, 2, 7} {
			r.of = append(r.of, rankTest{pos, &region{breaks: []int64{at, at + 1}, in: []bool{false, true, false}, missing: at == 2}, at == 2})
		}
	}
	n := rapid.IntRange(0, 150).Draw(t, "owners")
	for from := 0; from < n; from += 64 {
		to := min(from+64, n)
		r.begin(p, n, from, to)
		for owner := from; owner < to; owner++ {
			v, known := drawWide(t), true
			switch rapid.IntRange(0, 4).Draw(t, "rows") {
			case 0:
				v, known = Wide{}, none || zero
			case 1:
				r.set(owner, Wide{Lo: 9, Hi: 9}, false)
				v, known = Wide{}, zero
			default:
				r.set(owner, v, true)
			}
			if r.values = append(r.values, v); known {
				r.owners = append(r.owners, int32(owner))
			}
		}
	}
	r.keys = rapid.Permutation(ascending(n)).Draw(t, "keys")
	return r
}

// placed puts all in order and looks at each place: what a position says of each
// owner, −1 where there is no value, and where it divides them.
func (r *ranking) placed(pos *plan.Position) (places []int64, cuts []Cut) {
	sorted := slices.SortedFunc(slices.Values(r.owners), func(a, b int32) int {
		d := r.values[a].big().Cmp(r.values[b].big())
		switch {
		case d == 0:
			return r.keys[a] - r.keys[b]
		case pos.Bottom || pos.Buckets > 0:
			return d
		default:
			return -d
		}
	})
	places = slices.Repeat([]int64{-1}, len(r.values))
	for i, owner := range sorted {
		place := placeIn(pos, i+1, len(sorted))
		places[owner] = place
		if place == 0 {
			continue
		}
		cut := Cut{Place: int(place), Owner: owner, Value: value.NewDecimal(r.values[owner].big(), 2),
			Open: pos.N > int64(len(sorted)) || pos.Percent != nil && value.Compare(*pos.Percent, value.NewInt(1)) >= 0}
		if last := len(cuts) - 1; last >= 0 && cuts[last].Place == cut.Place {
			cuts[last] = cut
		} else {
			cuts = append(cuts, cut)
		}
	}
	return places, cuts
}

// A rank answers and divides as one would who puts all in order and looks at
// each place.
func TestRank(t *testing.T) {
	wide := 0
	rapid.Check(t, func(t *rapid.T) {
		r := drawRanking(t)
		if r.high != nil {
			wide++
		}
		r.Order(r.before)
		sets := make([][]uint64, len(r.of))
		for i := range sets {
			sets[i] = make([]uint64, (len(r.values)+63)/64)
		}
		r.Answer(sets)
		places := map[*plan.Position][]int64{}
		for _, pos := range r.Table.Ranks {
			var cuts []Cut
			places[pos], cuts = r.placed(pos)
			got := r.Cuts(pos, r.before)
			if !slices.EqualFunc(got, cuts, func(a, b Cut) bool {
				return a.Place == b.Place && a.Owner == b.Owner && a.Open == b.Open && a.Value.String() == b.Value.String()
			}) {
				t.Fatalf("%+v divides at %v, not %v", *pos, got, cuts)
			}
		}
		for i, test := range r.of {
			for owner, place := range places[test.position] {
				if is := test.region.holds(place, place >= 0); is != isIn(sets[i], owner) {
					t.Fatalf("%+v: owner %d is in place %d, but that it is among %v is %v", *test.position, owner, place, test.region.breaks, !is)
				}
			}
		}
	})
	if wide == 0 {
		t.Error("no number took more than 64 bits")
	}
}

func ascending(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func drawWide(t *rapid.T) Wide {
	v := narrow(rapid.OneOf(rapid.Int64Range(-3, 3), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64})).Draw(t, "number"))
	if rapid.IntRange(0, 20).Draw(t, "wide") == 0 {
		v.Hi += rapid.Int64Range(-2, 2).Draw(t, "high word")
	}
	return v
}

func (w Wide) big() *big.Int {
	n := new(big.Int).Lsh(big.NewInt(w.Hi), 64)
	return n.Add(n, new(big.Int).SetUint64(w.Lo))
}
