package check

import (
	"github.com/segql/segql/compiler/ir"
	"github.com/segql/segql/compiler/value"
)

// asVersions reads the text literals among values as versions where another of
// them is a version: a literal takes the type of what it meets.
func (c *checker) asVersions(xs []ir.Expr) ([]ir.Expr, bool) {
	some := false
	for _, x := range xs {
		some = some || x.Type().Kind == value.Version
	}
	if !some {
		return xs, true
	}
	out := make([]ir.Expr, len(xs))
	for i, x := range xs {
		out[i] = x
		k, ok := x.(*ir.Const)
		if !ok || k.V.Kind != value.Text {
			continue
		}
		v, ok := value.NewVersion(k.V.S)
		if !ok {
			c.diags.Errorf(wrongType, k.Span(), "%q is not a version", k.V.S).Help = versionHelp
			return nil, false
		}
		out[i] = &ir.Const{Loc: k.Loc, V: v, T: value.Of(value.Version)}
	}
	return out, true
}

const versionHelp = `a version is written as in "2.10", "2.10.3" or "3.0-beta.1"`
