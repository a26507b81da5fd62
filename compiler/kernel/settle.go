package kernel

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// KeptAnswer is what a feature was asked, and was answered of every owner.
type KeptAnswer struct {
	Feature int // among Kept.Features
	Asked   string
}

// asked tells a question about a feature from others, "" where it is not kept.
func (a *answer) asked() string {
	if a.region == nil {
		return ""
	}
	return fmt.Sprint(a.region.breaks, a.region.in, a.region.missing, a.none)
}

// staying is what is told of the owners of whom a feature is as it was.
type staying struct {
	same []sameCheck // is as it was
	anew []check     // is answered
	told bool        // the feature is asked for by something
}

// sameCheck is an atom that an earlier run has answered.
type sameCheck struct {
	check
	kept int // among Kept.Answers
}

// staying sorts the atoms of each feature.
func (c *counter) staying() []staying {
	out := make([]staying, len(c.features))
	for f := range out {
		s := &out[f]
		for _, k := range c.atoms[f] {
			was := KeptAnswer{c.follow.of[f], k.asked()}
			if i := slices.Index(c.follow.kept.Answers, was); i >= 0 && was.Asked != "" {
				s.same = append(s.same, sameCheck{k, i})
			} else {
				s.anew = append(s.anew, k)
			}
		}
		s.told = len(s.anew) > 0 || len(c.ranks[f]) > 0 || c.exports[f] >= 0
	}
	return out
}

// answerAsBefore answers of the owners of a part what an earlier run has, which
// did not have the last of them if there are more now.
func (c *counter) answerAsBefore(base int) {
	for f := range c.stay {
		for _, k := range c.stay[f].same {
			raw := c.were[k.kept]
			for at := base; len(raw) > 0; at, raw = at+64, raw[wordBytes:] {
				were := uint64(math.MaxUint64)
				if n := c.follow.n - at; n < 64 {
					were = 1<<n - 1
				}
				word := &k.set[at>>6]
				*word = *word&^were | binary.LittleEndian.Uint64(raw)&were
			}
		}
	}
}

// unanswer takes back what was answered of a feature of an owner as before.
func (c *counter) unanswer(owner, f int) {
	word, bit := owner>>6, uint64(1)<<(owner&63)
	for i := range c.stay[f].same {
		k := &c.stay[f].same[i]
		if k.set[word] &^= bit; k.none {
			k.set[word] |= bit
		}
	}
}

// keepAnswers writes what was answered of the owners of a part.
func (c *counter) keepAnswers(i int) {
	from := (c.From + i*ownersEach) >> 6
	for n, j := range c.keeps {
		c.writer.bits(len(c.features)+n, c.sets[j][from:min(from+ownersEach>>6, len(c.sets[j]))])
	}
}

// changedEntry is what has become of an entry, none or empty if it is gone, and
// where it was: [begin, to) of what is kept, and the owner of the one before.
type changedEntry struct {
	entry
	begin, to int
	before    int32
}

// change notes what has become of a feature of an owner.
func (c *counter) change(f int, e entry) {
	was := changedEntry{entry: e}
	r := &c.old[f]
	there := r.seek(e.owner)
	was.begin, was.to, was.before = r.begin, r.begin, r.before
	if there {
		was.to = r.to
	}
	was.words = slices.Clone(e.words)
	c.now[f] = append(c.now[f], was)
}

// settleAll brings a feature of a part up to date: what is kept is written, and
// its atoms answered.
func (c *counter) settleAll(f, base int) {
	raw, at, before := c.old[f].raw, 0, int32(0)
	for i := range c.now[f] {
		e := &c.now[f][i]
		c.writer.copy(f, raw[at:e.begin], before, e.before)
		if at, before = e.to, e.before; e.begin < e.to {
			before = e.owner
		}
		c.unanswer(base+int(e.owner), f)
		if !e.empty() {
			c.writer.put(f, c.features[f], &e.entry)
			v, known := c.resultOf(f, &e.entry)
			c.tell(f, base, e.owner, v, known, c.atoms[f])
		}
	}
	c.writer.copy(f, raw[at:], before, ownersEach)
	if !c.stay[f].told {
		return
	}
	now := c.now[f]
	for r := entriesOf(c.features[f], raw); r.next(); {
		for len(now) > 0 && now[0].owner < r.owner {
			now = now[1:]
		}
		if len(now) == 0 || now[0].owner > r.owner {
			v, known := r.value()
			c.tell(f, base, r.owner, v, known, c.stay[f].anew)
		}
	}
}

// tell answers atoms, and gives the feature to whoever else asks for it.
func (c *counter) tell(f, base int, owner int32, v Wide, known bool, atoms []check) {
	c.answer(base+int(owner), f, v, known, atoms)
	if x := c.exports[f]; x >= 0 {
		c.values[x][owner] = export{v, known, true}
	}
}

// resultOf is what a feature is.
func (c *counter) resultOf(f int, e *entry) (v Wide, known bool) {
	switch of := c.features[f]; of.kind() {
	case countRows, countKnown:
		return narrow(e.n), true
	case collect:
		return narrow(int64(len(e.words) / 2)), true
	case pick:
		last := len(of.order) - 1
		return narrow(int64(e.words[1+last])), e.words[0]>>last&1 == 1
	default:
		return e.v, e.n > 0
	}
}

// exportPart gives back the features that are asked for.
func (c *counter) exportPart(base int) {
	if len(c.values) == 0 {
		return
	}
	for o := range ownersEach {
		if !slices.ContainsFunc(c.values, func(of []export) bool { return of[o].set }) {
			continue
		}
		c.export(base + o)
		last := len(c.found.Owners) - 1
		for x := range c.values {
			if of := &c.values[x][o]; of.set {
				c.found.Values[x][last], c.found.Known[x][last] = of.v, of.known
				*of = export{}
			}
		}
	}
}
