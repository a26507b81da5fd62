package prove

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// sampled is the condition of being in a sample: the hash of the key, taken as
// a share of all hashes, lies in a range. Samples with one salt are ranges of
// one number, so that the groups of a holdout share nobody.
func (e *engine) sampled(s scope, x *ir.Sample) diagram {
	key := "hash of " + s.key() + ir.Key(x.By) + " " + x.Salt
	t, ok := e.terms[key]
	if !ok {
		t = &term{key: key, x: x, scope: s, typ: value.Of(value.Float), known: e.known(s, x.By), group: e.group(key)}
		e.terms[key] = t
	}
	from := func(share value.Value) diagram {
		switch {
		case share.IsMissing() || value.Compare(share, value.NewInt(0)) <= 0:
			return t.known
		case value.Compare(share, value.NewInt(1)) >= 0:
			return never
		default:
			return e.atCut(t, cut{at: share})
		}
	}
	return e.and(from(x.From), e.not(from(x.Share)))
}

// outside is the condition of having a hash at or above a share.
func outside(x *ir.Sample, share value.Value) ir.Expr {
	return &ir.Not{X: &ir.Sample{Loc: x.Loc, Share: share, Salt: x.Salt, By: x.By}}
}
